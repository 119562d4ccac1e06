package hoster

import (
	"context"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// TestAPanicLeavesTheClientUsable: whoever recovers from the panic of a token
// source or of a transport, or ends the goroutine in one or in a hook, can go on
// with the client.
func TestAPanicLeavesTheClientUsable(t *testing.T) {
	document := func(ctx context.Context, c *Client) error {
		body, err := c.Account.InvoicePDF(ctx, "inv_1")
		if err != nil {
			return err
		}
		return body.Close()
	}
	json := func(ctx context.Context, c *Client) error { return getVerb.call(ctx, c) }
	for _, limit := range [][]Option{nil, {WithMaxInFlight(1)}} {
		for _, test := range []struct {
			where, how string
			call       func(context.Context, *Client) error
		}{
			{"token source", "panic", json}, {"token source", "Goexit", json}, {"token source", "panic", document}, {"token source", "Goexit", document},
			{"transport", "panic", json}, {"transport", "Goexit", json}, {"transport", "panic", document}, {"transport", "Goexit", document},
			{"hook at the start", "panic", json}, {"hook at the start", "Goexit", json},
			{"hook", "panic", json}, {"hook", "Goexit", json}, {"hook", "panic", document}, {"hook", "Goexit", document},
			{"hook at the end", "panic", json}, {"hook at the end", "Goexit", json}, {"hook at the end", "Goexit", document},
		} {
			synctest.Test(t, func(t *testing.T) {
				reached := false
				at := func(where string) {
					if reached || where != test.where {
						return
					}
					if reached = true; test.how == "panic" {
						panic("a mistake in the " + where)
					}
					runtime.Goexit()
				}
				hook := func(where string) func(context.Context, Event) { return func(context.Context, Event) { at(where) } }
				source := TokenFunc(func(context.Context) (Secret, error) {
					at("token source")
					return NewSecret("t0ken"), nil
				})
				transport := roundTrip(func(req *http.Request) (*http.Response, error) {
					at("transport")
					if req.Header.Get("Accept") == "application/json" {
						return reply(200, domainAnswer)(req)
					}
					return reply(200, "%PDF", "Content-Type: application/pdf")(req)
				})
				client, err := NewClient(append(limit, WithBaseURL("https://api.example.com/v1"), WithTokenSource(source), WithHTTPClient(&http.Client{Transport: transport}),
					WithHooks(Hooks{OnStart: hook("hook at the start"), OnAttempt: hook("hook"), OnDone: hook("hook at the end")}))...)
				if err != nil {
					t.Fatal(err)
				}
				recovered := make(chan any, 1)
				go func() {
					defer func() { recovered <- recover() }()
					_ = test.call(t.Context(), client)
				}()
				// A hook's panic is not the caller's; any other one is.
				want := test.how == "panic" && (test.where == "token source" || test.where == "transport")
				if got := <-recovered; !reached || (got != nil) != want {
					t.Errorf("%s in a %s: reached is %v, and the caller gets %v", test.how, test.where, reached, got)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := test.call(ctx, client); err != nil {
					t.Errorf("%s in a %s: the next call gets %v", test.how, test.where, err)
				}
				if g := client.gate; g.inFlight != 0 || g.unheard != 0 {
					t.Errorf("%s in a %s: %d in flight and %d unheard are left", test.how, test.where, g.inFlight, g.unheard)
				}
			})
		}
	}
}
