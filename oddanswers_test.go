package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// speak takes over a connection, says something, and waits until the client
// leaves, which it tells.
func speak(w http.ResponseWriter, r *http.Request, say string, left *atomic.Bool) {
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, say)
	_, _ = io.Copy(io.Discard, conn)
	left.Store(true)
	_ = conn.Close()
}

// TestSwitchingProtocols: an answer that promises another protocol ends the
// attempt at once, whatever follows, and its connection is closed.
func TestSwitchingProtocols(t *testing.T) {
	const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
	pdf := verb{name: "GET of a document", call: func(ctx context.Context, c *Client, o ...CallOption) error {
		_, err := c.Invoices.PDF(ctx, "inv_1", o...)
		return err
	}}
	for what, say := range map[string]string{"silence": head, "JSON": head + domainAnswer, "another answer": head + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"} {
		for _, verb := range append(allVerbs, pdf) {
			synctest.Test(t, func(t *testing.T) {
				var hits atomic.Int64
				var left atomic.Bool
				client := newMemoryNet().serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					hits.Add(1)
					speak(w, r, say, &left)
				}), WithMaxInFlight(1))
				began := time.Now()
				err := verb.call(t.Context(), client)
				synctest.Wait()
				if took := time.Since(began); took != 0 || hits.Load() != 1 || !left.Load() {
					t.Errorf("%s, %s: %s, %d requests, connection closed: %v", what, verb.name, took, hits.Load(), left.Load())
				}
				if e := new(Error); !errors.As(err, &e) || e.Status != 101 || !errors.Is(err, ErrIntermediary) {
					t.Errorf("%s, %s: %v", what, verb.name, err)
				}
				if write := !strings.HasPrefix(verb.name, "GET"); errors.Is(err, ErrOutcomeUnknown) != write {
					t.Errorf("%s, %s: %v", what, verb.name, err)
				}
				if client.exchange.Gate().Load().InFlight != 0 {
					t.Errorf("%s, %s: %d in flight are left", what, verb.name, client.exchange.Gate().Load().InFlight)
				}
			})
		}
	}
}

// TestInformationalAnswers: what comes before an answer is not the answer, and
// without one the attempt ends with its time.
func TestInformationalAnswers(t *testing.T) {
	for _, status := range []int{100, 102, 103, 104, 199} {
		for _, verb := range []verb{getVerb, postVerb, patchVerb} {
			for _, answered := range []bool{true, false} {
				synctest.Test(t, func(t *testing.T) {
					var hits atomic.Int64
					var left atomic.Bool
					say := strings.Repeat(fmt.Sprintf("HTTP/1.1 %d Wait\r\nLink: </v1>\r\n\r\n", status), 3)
					if answered {
						say += fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(verb.answer), verb.answer)
					}
					client := newMemoryNet().serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						hits.Add(1)
						speak(w, r, say, &left)
					}))
					began := time.Now()
					err := verb.call(t.Context(), client, WithoutRetry())
					took := time.Since(began)
					if (err == nil) != answered || hits.Load() != 1 || (took == 30*time.Second) == answered {
						t.Errorf("%d, %s: %d requests in %s: %v", status, verb.name, hits.Load(), took, err)
					}
					if unknown := !answered && verb.name != "GET"; errors.Is(err, ErrOutcomeUnknown) != unknown {
						t.Errorf("%d, %s: %v", status, verb.name, err)
					}
				})
			}
		}
	}
}

// TestHopsShareOneLimit: a read that is led on and on has the time of one
// attempt, not of one for each hop.
func TestHopsShareOneLimit(t *testing.T) {
	for _, pdf := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			wire := newWire(func(req *http.Request) (*http.Response, error) {
				pause(req.Context(), 8*time.Second)
				if err := req.Context().Err(); err != nil {
					return nil, err
				}
				return reply(302, "", "Location: "+req.URL.Path+"x")(req)
			})
			client := wire.newClient(t, quick, WithAttemptTimeout(20*time.Second))
			began := time.Now()
			var err error
			if pdf {
				_, err = client.Invoices.PDF(t.Context(), "inv_1")
			} else {
				err = getVerb.call(t.Context(), client)
			}
			if took := time.Since(began); took != 4*20*time.Second || wire.count() != 4*3 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%d requests in %s: %v", wire.count(), took, err)
			}
		})
	}
}

// TestHooksCallTheClient: no hook holds the place that its own call needs.
func TestHooksCallTheClient(t *testing.T) {
	for _, kind := range []string{"start", "attempt", "retry", "wait", "done"} {
		synctest.Test(t, func(t *testing.T) {
			var client *Client
			calls, inside := 0, false
			hook := func(name string) func(context.Context, Event) {
				return func(ctx context.Context, _ Event) {
					if inside || name != kind {
						return
					}
					inside = true
					defer func() { inside = false }()
					calls++
					if err := getVerb.call(ctx, client); err != nil {
						t.Errorf("%s: %v", kind, err)
					}
				}
			}
			wire := newWire(
				reply(429, tooMany, "Retry-After: 1"),
				func(req *http.Request) (*http.Response, error) {
					if strings.HasSuffix(req.URL.Path, "/pdf") {
						return reply(200, "%PDF %%EOF", "Content-Type: application/pdf")(req)
					}
					return reply(200, domainAnswer)(req)
				})
			client = wire.newClient(t, WithMaxInFlight(1), WithRequestRate(1, 1), WithRetryPolicy(RetryPolicy{MaxAttempts: 9, MaxRetryAfter: time.Minute}),
				WithHooks(Hooks{OnStart: Starting(hook("start")), OnAttempt: hook("attempt"), OnRetry: hook("retry"), OnWait: hook("wait"), OnDone: hook("done")}))
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if err := getVerb.call(ctx, client); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			document, err := client.Invoices.PDF(ctx, "inv_1")
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if client.exchange.Gate().Load().InFlight != 1 {
				t.Errorf("%s: %d in flight while a document is open", kind, client.exchange.Gate().Load().InFlight)
			}
			_ = document.Close()
			if calls == 0 || client.exchange.Gate().Load().InFlight != 0 || client.exchange.Gate().Load().Unheard != 0 {
				t.Errorf("%s: %d calls, %d in flight, %d unheard", kind, calls, client.exchange.Gate().Load().InFlight, client.exchange.Gate().Load().Unheard)
			}
		})
	}
}
