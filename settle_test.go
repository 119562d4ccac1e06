package hoster_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// lateWrites is a network that loses the answer to every POST, and brings the POST
// to the provider only after a delay; a negative one never.
type lateWrites struct {
	next    http.RoundTripper
	delay   time.Duration
	pending sync.WaitGroup
}

func (l *lateWrites) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return l.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	late := r.Clone(context.WithoutCancel(r.Context()))
	late.Body = io.NopCloser(bytes.NewReader(body))
	if l.delay >= 0 {
		l.pending.Go(func() {
			time.Sleep(l.delay)
			if resp, err := l.next.RoundTrip(late); err == nil {
				_ = resp.Body.Close()
			}
		})
	}
	return nil, syscall.ECONNRESET
}

// settleKinds makes and finds one thing of each kind.
var settleKinds = map[string]struct {
	write func(context.Context, *hoster.Client) error
	look  func(context.Context, *hoster.Client) (string, error)
}{
	"record": {
		func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.Create(ctx, "example.com", hoster.NewRecord("late", dnszone.TXT{Text: "here"})))
		},
		func(ctx context.Context, c *hoster.Client) (string, error) {
			key, err := dnszone.ParseKey("example.com/late/TXT/here")
			if err != nil {
				return "", err
			}
			found, err := c.DNS.Find(ctx, key)
			if err != nil {
				return "", err
			}
			return string(found[0].ID), nil
		},
	},
	"domain": {
		registerLate,
		func(ctx context.Context, c *hoster.Client) (string, error) {
			d, err := c.Domains.Get(ctx, "late.com")
			return string(d.ID), err
		},
	},
	"order": {
		registerLate,
		func(ctx context.Context, c *hoster.Client) (string, error) {
			o, err := hoster.First(c.Orders.All(ctx, nil), func(o hoster.Order) bool { return len(o.Items) > 0 && o.Items[0].Domain == "late.com" })
			return string(o.ID), err
		},
	},
	"service": {
		func(ctx context.Context, c *hoster.Client) error {
			plans, err := c.HostingPlans.List(ctx, nil)
			if err != nil {
				return err
			}
			return second(c.Hosting.Provision(ctx, hoster.HostingOrder{PlanID: plans[0].ID, Domain: hoster.Set("late.com"), BillingCycle: plans[0].Prices[0].BillingCycle}))
		},
		func(ctx context.Context, c *hoster.Client) (string, error) {
			s, err := hoster.First(c.Hosting.All(ctx, nil), func(s hoster.HostingAccount) bool { return s.Domain == "late.com" })
			return string(s.ID), err
		},
	},
	"contact": {
		func(ctx context.Context, c *hoster.Client) error {
			return second(c.Contacts.Create(ctx, hoster.ContactCreate{Name: "Late", Email: "late@example.com", Phone: "+1.5550100",
				Address: hoster.Address{Street: "1 Main St", City: "Springfield", State: "IL", PostalCode: "62701", Country: "US"}}))
		},
		func(ctx context.Context, c *hoster.Client) (string, error) {
			found, err := hoster.First(c.Contacts.All(ctx, nil), func(c hoster.Contact) bool { return c.Email == "late@example.com" })
			return string(found.ID), err
		},
	},
	"token": {
		func(ctx context.Context, c *hoster.Client) error {
			return second(c.Tokens.Create(ctx, hoster.TokenCreate{Name: "late", Scopes: []hoster.Scope{hoster.ScopeDNSRead}}))
		},
		func(ctx context.Context, c *hoster.Client) (string, error) {
			found, err := hoster.First(c.Tokens.All(ctx, nil), func(t hoster.Token) bool { return t.Name == "late" })
			return string(found.ID), err
		},
	},
}

func registerLate(ctx context.Context, c *hoster.Client) error {
	return second(c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "late.com", Years: 1}))
}

// onLateWrites gives a test a sandbox behind lateWrites, on a fake clock.
func onLateWrites(t *testing.T, delay time.Duration, test func(t *testing.T, client *hoster.Client)) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		late := &lateWrites{next: srv.PipeClient().Transport, delay: delay}
		defer late.pending.Wait()
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(&http.Client{Transport: late}))
		if err != nil {
			t.Fatal(err)
		}
		test(t, client)
	})
}

// TestSettle: a write that appears after the first look is found, whatever it wrote,
// and one that was lost is not there.
func TestSettle(t *testing.T) {
	for kind, k := range settleKinds {
		for _, delay := range []time.Duration{0, 300 * time.Millisecond, 7 * time.Second, 29 * time.Second, -1} {
			t.Run(kind+" after "+delay.String(), func(t *testing.T) {
				onLateWrites(t, delay, func(t *testing.T, client *hoster.Client) {
					err := k.write(t.Context(), client)
					if !errors.Is(err, hoster.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "find out by Settle") {
						t.Fatalf("the write: %v", err)
					}
					began, looks := time.Now(), 0
					id, err := hoster.Settle(t.Context(), 0, func(ctx context.Context) (string, error) {
						looks++
						return k.look(ctx, client)
					})
					ended, isWait := errors.AsType[*hoster.WaitError](err)
					switch {
					case delay >= 0 && (err != nil || id == ""):
						t.Errorf("%q, %v after %v", id, err, time.Since(began))
					case delay < 0 && (!errors.Is(err, hoster.ErrNotFound) || errors.Is(err, hoster.ErrOutcomeUnknown) || !isWait || ended.Polls != looks || time.Since(began) < 30*time.Second):
						t.Errorf("%q, %v after %v", id, err, time.Since(began))
					}
					if looks > 20 {
						t.Errorf("%d looks", looks)
					}
				})
			})
		}
	}
}

// TestSettleKnowsNothing where its looks fail or its context ends: the outcome stays
// unknown, and is never "not found".
func TestSettleKnowsNothing(t *testing.T) {
	unreachable := &hoster.TransportError{Operation: "DNS.Find", Err: syscall.ECONNREFUSED}
	for name, test := range map[string]struct {
		look     error
		deadline time.Duration
		want     error
	}{
		"never reached":    {unreachable, time.Hour, unreachable},
		"refused":          {&hoster.ArgumentError{Field: "key"}, time.Hour, hoster.ErrInvalidArgument},
		"the context ends": {hoster.ErrNotFound, 4 * time.Second, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				began := time.Now()
				_, err := hoster.Settle(ctx, 10*time.Second, func(context.Context) (int, error) { return 1, test.look })
				if !errors.Is(err, hoster.ErrOutcomeUnknown) || !errors.Is(err, test.want) || errors.Is(err, hoster.ErrNotFound) || hoster.Retryable(err) {
					t.Errorf("got %v", err)
				}
				if time.Since(began) > 10*time.Second {
					t.Errorf("after %v", time.Since(began))
				}
			})
		})
	}
}

func TestSettleArguments(t *testing.T) {
	look := func(context.Context) (int, error) { t.Error("looked"); return 0, nil }
	if _, err := hoster.Settle(t.Context(), -1, look); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	var none context.Context
	if _, err := hoster.Settle(none, 0, look); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
}
