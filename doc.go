// Package hoster is the Go SDK for hosting providers that run the white-label
// REST API v1: domains, DNS records, hosting services, the account, orders and
// API tokens, behind Bearer tokens with scopes.
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
// Calls return a value and an error. Lists come complete ([DomainsService.List]),
// as an iterator over all pages ([DomainsService.All]) or a page at a time
// ([DomainsService.ListPage]).
//
// # Errors
//
// What the API answered is an [*Error], and for 401, 403, 422 and 429 also an
// [*UnauthorizedError], [*ForbiddenError], [*ValidationError] or
// [*RateLimitError]; sentinels such as [ErrNotFound] match with errors.Is. A
// page from a proxy or firewall is [ErrIntermediary] and never "not found". An
// argument that cannot be right is an [*ArgumentError] before anything is sent.
//
// # What is repeated
//
// Reads are repeated after failures that may pass. Writes are repeated only
// when they provably were not processed, or when repeating is harmless. A write
// whose answer never came matches [ErrOutcomeUnknown], and its error says how to
// find out.
//
// # Secrets
//
// Tokens and other secrets are of type [Secret], which prints as "[redacted]"
// everywhere. No error, log or hook of this package holds a header or a body.
package hoster
