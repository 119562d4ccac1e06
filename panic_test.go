package hoster

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// invalidatedSource has a new token each time it is asked.
type invalidatedSource struct{ at func(string) }

func (s invalidatedSource) Token(context.Context) (Secret, error) {
	s.at("token source")
	return NewSecret("t0ken" + rand.Text()), nil
}

func (s invalidatedSource) Invalidate(Secret) { s.at("source's Invalidate") }

// watchedBody is code of the caller's transport that runs while its answer is
// read.
type watchedBody struct {
	io.Reader
	at func(string)
}

func (b watchedBody) Read(p []byte) (int, error) {
	b.at("body")
	return b.Reader.Read(p)
}

func (b watchedBody) Close() error {
	b.at("body's Close")
	return nil
}

// TestAPanicLeavesTheClientUsable: whoever recovers from the panic of a token
// source or of a transport, or ends the goroutine in one or in a hook, can go on
// with the client.
func TestAPanicLeavesTheClientUsable(t *testing.T) {
	document := func(ctx context.Context, c *Client) error {
		body, err := c.Invoices.PDF(ctx, "inv_1")
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
			{"hook at a wait", "panic", json}, {"hook at a wait", "Goexit", json}, {"hook at a wait", "Goexit", document},
			{"hook at a repetition", "panic", json}, {"hook at a repetition", "Goexit", json},
			{"redirect check", "panic", json}, {"redirect check", "Goexit", json},
			{"source's Invalidate", "panic", json}, {"source's Invalidate", "Goexit", json},
			{"body", "panic", json}, {"body", "Goexit", json},
			{"body's Close", "panic", json}, {"body's Close", "Goexit", json},
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
				source := invalidatedSource{func(where string) { at(where) }}
				first := true
				transport := roundTrip(func(req *http.Request) (*http.Response, error) {
					at("transport")
					defer func() { first = false }()
					switch {
					case !first:
					case test.where == "hook at a repetition", test.where == "hook at a wait":
						return reply(429, tooMany, "Retry-After: 0")(req)
					case test.where == "redirect check":
						return reply(302, "", "Location: "+req.URL.Path)(req)
					case test.where == "source's Invalidate":
						return reply(401, apiError("TOKEN_INVALID", "x"))(req)
					case strings.HasPrefix(test.where, "body"):
						return response(200, watchedBody{strings.NewReader(domainAnswer), at}), nil
					}
					if req.Header.Get("Accept") == "application/json" {
						return reply(200, domainAnswer)(req)
					}
					return reply(200, "%PDF", "Content-Type: application/pdf")(req)
				})
				follow := func(*http.Request, []*http.Request) error { at("redirect check"); return nil }
				client, err := NewClient(append(limit, WithBaseURL("https://api.example.com/v1"), WithTokenSource(source), WithHTTPClient(&http.Client{Transport: transport, CheckRedirect: follow}),
					WithRequestRate(1, 1), WithRetryPolicy(RetryPolicy{MaxAttempts: 2}),
					WithHooks(Hooks{OnStart: Starting(hook("hook at the start")), OnAttempt: hook("hook"), OnWait: hook("hook at a wait"), OnRetry: hook("hook at a repetition"), OnDone: hook("hook at the end")}))...)
				if err != nil {
					t.Fatal(err)
				}
				recovered := make(chan any, 1)
				go func() {
					defer func() { recovered <- recover() }()
					_ = test.call(t.Context(), client)
				}()
				// A hook's panic is not the caller's; any other one is.
				want := test.how == "panic" && !strings.HasPrefix(test.where, "hook")
				if got := <-recovered; !reached || (got != nil) != want {
					t.Errorf("%s in a %s: reached is %v, and the caller gets %v", test.how, test.where, reached, got)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := test.call(ctx, client); err != nil {
					t.Errorf("%s in a %s: the next call gets %v", test.how, test.where, err)
				}
				if g := client.exchange.Gate().Load(); g.InFlight != 0 || g.Unheard != 0 {
					t.Errorf("%s in a %s: %d in flight and %d unheard are left", test.how, test.where, g.InFlight, g.Unheard)
				}
			})
		}
	}
}
