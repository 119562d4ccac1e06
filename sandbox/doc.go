// Package sandbox is the hosting API as a stateful server that runs inside a
// process: an [http.Handler] that keeps an account in memory and is exactly as
// strict as the API's contract. It serves paths below /v1.
//
// A [Server] starts no goroutine, opens no socket and reads no environment.
// Put it behind net/http/httptest, an http.Server or any listener; in tests the
// package hostertest does that. Its clock is a function ([WithClock]), so that
// it also works where time is fake.
//
//	srv := sandbox.New()
//	web := httptest.NewServer(srv)
//	defer web.Close()
//	// web.URL + "/v1" is the base URL, srv.RootToken() a token with all scopes.
//
// What clients find hard can be ordered: [Server.Inject] makes chosen requests
// slow, fail, succeed and then lose their answer, break off, read old state or
// get another answer than the API gave, and calls a hook when one arrives.
// [Without] and [WithRecordTypes] make it the API of another brand. What clients
// did can be read: [Server.Requests] and [Server.Writes].
//
// It sells: a purchase makes a pending order and an unpaid proforma invoice,
// [Server.PayInvoice] is the portal's part, and by the clock transfers, services
// and domains walk through their states. [WithFraudReview] and
// [WithManualActivation] add the steps that some providers have.
//
// # How it is built
//
// One table of routes ([Server.Routes]) says which operation answers which
// method and path, under which scope, with which filters. Every request takes
// the same way through the checks in the contract's order; the handler of an
// operation starts after admission, under the server's lock, and only looks up,
// validates and writes. Handlers never change an object of the state in place,
// they replace it, so that the state before the last write can be kept.
//
// The rules for DNS records stand in internal/zone: one edit collects the changes
// of a single call or of a batch and applies them at once. What is sold stands in
// internal/shop. Both know nothing of HTTP. internal/input reads the members of a
// body, internal/object makes ids.
package sandbox
