// Package dialect lets the SDK talk to a brand whose API says the same things in
// other words. A [Table] is data: which path and method each operation has there,
// what members are called, where a list stands, how its pages are asked for, and
// what an error looks like. A [Transport] stands between a client and the network,
// turns each request into the brand's form, and the answer back.
//
//	table, err := dialect.ParseFile("brand.json")
//	…
//	client, err := hoster.NewClient(
//		hoster.WithBaseURL("https://api.brand.example/v2"),
//		hoster.WithToken(token),
//		hoster.WithHTTPClient(dialect.Client(table)),
//	)
//
// What a table does not name passes unchanged. Nothing is invented: an answer
// without the member that a table names is one without it for the client too, which
// refuses it where the member gives a thing its identity. docs/dialects.md leads
// from an API's documentation to a working table.
package dialect
