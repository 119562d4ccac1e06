// Package hoster is the Go SDK for hosting providers that run the white-label
// REST API v1: domains, DNS records, hosting services, the account, orders and
// API tokens, behind Bearer tokens with scopes. That API is described in
// api/openapi.yaml of this repository, an OpenAPI 3.1 document; where comments say
// "the API" without a source, they mean what stands there.
//
// A client belongs to one account of one provider:
//
//	client, err := hoster.NewClient(
//		hoster.WithBrand("acme"),                  // https://api.acme.com/v1
//		hoster.WithToken(os.Getenv("API_TOKEN")),
//	)
//
// or, with everything from the environment, [NewClientFromEnv].
//
// Each resource is a service of the client, such as client.Domains, client.DNS,
// client.Contacts or client.Invoices. Calls return a value and an error. Lists come
// complete ([DomainsService.List]), as an iterator over all pages
// ([DomainsService.All]) or a page at a time ([DomainsService.ListPage]). Range over an
// iterator with both variables: the second is the error that ended it, which a loop
// with one variable passes over. A call that this package has no method for goes
// through [Client.Call].
//
//	domain, err := client.Domains.Get(ctx, "example.com")
//	if errors.Is(err, hoster.ErrNotFound) { … }
//
// Above single records, [DNSService] changes whole record sets and zones beside
// other writers: see [DNSService.AppendValues] and [DNSService.PlanZone]. Package
// dnszone has the names and values of DNS without HTTP.
//
// # Errors
//
// What the API answered is an [*Error], and for 401, 403, 422 and 429 also an
// [*UnauthorizedError], [*ForbiddenError], [*ValidationError] or
// [*RateLimitError]; sentinels such as [ErrNotFound] match with errors.Is. A
// page from a proxy or firewall is [ErrIntermediary] and never "not found". An
// argument that cannot be right is an [*ArgumentError] before anything is sent.
// [Retryable] tells whether to try again later, [CodeOf] gives the API's own code.
//
// # What is repeated
//
// Reads are repeated after failures that may pass. Writes are repeated only
// when they provably were not processed, when repeating is harmless, or under an
// idempotency key that the provider is known to honour. A write whose answer never
// came matches [ErrOutcomeUnknown], and its error says how to find out.
//
// # Secrets
//
// Tokens and other secrets are of type [Secret], which prints as "[redacted]"
// everywhere. No error, log or hook of this package holds a header or a body.
package hoster
