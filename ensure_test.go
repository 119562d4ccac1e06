package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// ensureKind is one thing that is bought once.
type ensureKind struct {
	operation string // that orders it
	item      string // of its order
	reads     []string
	ensure    func(context.Context, *hoster.Client) (hoster.Outcome, *hoster.Order, error)
}

var farFuture = time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)

var ensureKinds = map[string]ensureKind{
	"register": {"Domains.Register", "domain_registration", []string{"Domains.Get", "Orders.List"}, func(ctx context.Context, c *hoster.Client) (hoster.Outcome, *hoster.Order, error) {
		e, err := c.Domains.EnsureRegistered(ctx, hoster.DomainRegistrationOrder{Domain: "Bought-Once.com.", Years: 2, AutoRenew: hoster.Set(false)})
		return e.Outcome, e.Order, err
	}},
	"transfer": {"Domains.Transfer", "domain_transfer", []string{"Domains.Get", "Orders.List"}, func(ctx context.Context, c *hoster.Client) (hoster.Outcome, *hoster.Order, error) {
		e, err := c.Domains.EnsureTransferred(ctx, hoster.DomainTransferOrder{Domain: "moving-once.com", AuthCode: hoster.NewSecret("K7#x9Qp2-Zt4")})
		return e.Outcome, e.Order, err
	}},
	"renew": {"Domains.Renew", "domain_renewal", []string{"Domains.Get", "Orders.List"}, func(ctx context.Context, c *hoster.Client) (hoster.Outcome, *hoster.Order, error) {
		e, err := c.Domains.EnsureRenewed(ctx, "example.com", farFuture, hoster.DomainRenewalOrder{Years: 3})
		return e.Outcome, e.Order, err
	}},
	"provision": {"Hosting.Provision", "hosting", []string{"Hosting.List", "Orders.List"}, func(ctx context.Context, c *hoster.Client) (hoster.Outcome, *hoster.Order, error) {
		plans, err := c.HostingPlans.List(ctx, nil)
		if err != nil {
			return "", nil, err
		}
		e, err := c.Hosting.EnsureProvisioned(ctx, hoster.HostingOrder{PlanID: plans[0].ID, Domain: hoster.Set("Served-Once.com"), BillingCycle: plans[0].Prices[0].BillingCycle})
		return e.Outcome, e.Order, err
	}},
	"renew hosting": {"Hosting.Renew", "hosting_renewal", []string{"Hosting.Get", "Orders.List"}, func(ctx context.Context, c *hoster.Client) (hoster.Outcome, *hoster.Order, error) {
		active, err := hoster.First(c.Hosting.All(ctx, nil), func(a hoster.HostingAccount) bool { return a.Status == hoster.HostingStatusActive })
		if err != nil {
			return "", nil, err
		}
		e, err := c.Hosting.EnsureRenewed(ctx, active.ID, farFuture, hoster.HostingRenewalOrder{})
		return e.Outcome, e.Order, err
	}},
}

// ordersOf are the ids of the orders of that kind, without those of the seed.
func ordersOf(srv *hostertest.Server, kind string) (ids []string) {
	srv.View(func(st *sandbox.State) {
		for _, o := range st.Orders {
			if o.PlacedBy != "" && slices.ContainsFunc(o.Items, func(item sandbox.OrderItem) bool { return item.Type == kind }) {
				ids = append(ids, o.ID)
			}
		}
	})
	return ids
}

// payAll pays what was ordered.
func payAll(t *testing.T, srv *hostertest.Server, client *hoster.Client, orders []string) {
	t.Helper()
	for _, id := range orders {
		order, err := client.Orders.Get(t.Context(), hoster.OrderID(id))
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.PayInvoice(string(order.InvoiceIDs[0])); err != nil {
			t.Fatal(err)
		}
	}
}

// ensureFaults are what can happen to an order on the way.
var ensureFaults = map[string]struct {
	fault sandbox.Fault
	done  bool // the order was placed all the same
}{
	"the answer is lost":       {sandbox.Fault{After: true, Reset: true}, true},
	"500 after the work":       {sandbox.Fault{After: true, Status: 500, Body: `{"status":"error","code":"INTERNAL_ERROR","message":"oops"}`}, true},
	"it takes too long":        {sandbox.Fault{After: true, Delay: 45 * time.Second}, true},
	"an answer without an id":  {sandbox.Fault{After: true, Status: 202, Body: `{"status":"success","data":{"order":{"status":"pending"},"invoice":{"id":"inv_1"}}}`}, true},
	"reset before the work":    {sandbox.Fault{Reset: true}, false},
	"502 page before the work": {sandbox.Fault{Status: 502, Body: "<html>Bad Gateway</html>", Header: http.Header{"Content-Type": {"text/html"}}}, false},
	"502 page after the work":  {sandbox.Fault{After: true, Status: 502, Body: "<html>Bad Gateway</html>", Header: http.Header{"Content-Type": {"text/html"}}}, true},
}

// ensureProviders honour idempotency keys, or not.
var ensureProviders = map[string][]sandbox.Option{
	"with keys":    {sandbox.WithRateLimit(0, 0)},
	"without keys": {sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.Idempotency)},
}

func newEnsureClient(t *testing.T, srv *hostertest.Server, transport http.RoundTripper) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// eachEnsure runs a test for every kind at every provider, on a fake clock.
func eachEnsure(t *testing.T, test func(t *testing.T, kind ensureKind, srv *hostertest.Server, client *hoster.Client)) {
	for provider, options := range ensureProviders {
		for name, kind := range ensureKinds {
			t.Run(name+" "+provider, func(t *testing.T) {
				onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) { test(t, kind, srv, client) }, options...)
			})
		}
	}
}

// TestEnsureTells: what is bought, ordered and owned.
func TestEnsureTells(t *testing.T) {
	eachEnsure(t, func(t *testing.T, kind ensureKind, srv *hostertest.Server, client *hoster.Client) {
		outcome, order, err := kind.ensure(t.Context(), client)
		placed := ordersOf(srv, kind.item)
		if err != nil || outcome != hoster.OutcomeBought || len(placed) != 1 || order == nil || string(order.ID) != placed[0] {
			t.Fatalf("first: %s, %v, %v; placed %v", outcome, order, err, placed)
		}
		outcome, order, err = kind.ensure(t.Context(), newEnsureClient(t, srv, srv.PipeClient().Transport))
		if err != nil || outcome != hoster.OutcomeOrdered || order == nil || string(order.ID) != placed[0] {
			t.Errorf("second: %s, %v, %v", outcome, order, err)
		}
		if kind.item == "domain_renewal" || kind.item == "hosting_renewal" {
			return // what is paid does not reach the far future
		}
		payAll(t, srv, client, placed)
		time.Sleep(10 * 24 * time.Hour) // a transfer takes its time
		outcome, _, err = kind.ensure(t.Context(), client)
		if err != nil || outcome != hoster.OutcomeOwned || len(ordersOf(srv, kind.item)) != 1 {
			t.Errorf("third: %s, %v", outcome, err)
		}
	})
}

// TestEnsureUnderFaults: whatever happens to the order, it is placed once; also where
// what is read next is stale.
func TestEnsureUnderFaults(t *testing.T) {
	for name, f := range ensureFaults {
		for _, stale := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stale %v", name, stale), func(t *testing.T) {
				eachEnsure(t, func(t *testing.T, kind ensureKind, srv *hostertest.Server, client *hoster.Client) {
					fault := f.fault
					fault.Operation = kind.operation
					if stale {
						fault.Hook = func() {
							for _, read := range kind.reads {
								srv.Inject(sandbox.Fault{Operation: read, Stale: true})
							}
						}
					}
					srv.Inject(fault)
					outcome, _, err := kind.ensure(t.Context(), client)
					if placed := ordersOf(srv, kind.item); len(placed) > 1 || (err == nil) != (len(placed) == 1) {
						t.Fatalf("%s, %v; placed %v", outcome, err, placed)
					}
					if err == nil && outcome != hoster.OutcomeBought || err != nil && (f.done || !errors.Is(err, hoster.ErrOutcomeUnknown)) {
						t.Errorf("%s, %v", outcome, err)
					}
					outcome, _, err = kind.ensure(t.Context(), newEnsureClient(t, srv, srv.PipeClient().Transport))
					if placed := ordersOf(srv, kind.item); err != nil || len(placed) != 1 {
						t.Errorf("again: %s, %v; placed %v", outcome, err, placed)
					}
				})
			})
		}
	}
}

// deadly ends the program at its request of that number: before it is sent, or when
// its answer has come.
type deadly struct {
	next  http.RoundTripper
	at    int
	after bool
	die   context.CancelFunc
	seen  int
}

func (d *deadly) RoundTrip(r *http.Request) (*http.Response, error) {
	d.seen++
	if d.seen < d.at {
		return d.next.RoundTrip(r)
	}
	defer d.die()
	if d.after && d.seen == d.at {
		resp, err := d.next.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close()
		}
	}
	return nil, errors.New("killed")
}

// TestEnsureKilled between any two steps, and run again.
func TestEnsureKilled(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, stale := range []bool{false, true} {
			t.Run(fmt.Sprintf("after %v, stale %v", after, stale), func(t *testing.T) {
				eachEnsure(t, func(t *testing.T, kind ensureKind, _ *hostertest.Server, _ *hoster.Client) {
					provider, lag := ensureProviders["without keys"], 1
					if strings.HasSuffix(t.Name(), "with_keys") {
						provider, lag = ensureProviders["with keys"], 2 // both looks find nothing, and the key alone tells
					}
					for at := 1; ; at++ {
						srv := hostertest.New(t, provider...)
						ctx, cancel := context.WithCancel(t.Context())
						killer := &deadly{next: srv.PipeClient().Transport, at: at, after: after, die: cancel}
						_, _, err := kind.ensure(ctx, newEnsureClient(t, srv, killer))
						cancel()
						if killer.seen < at {
							if err != nil || at < 4 {
								t.Errorf("not killed at %d: %v", at, err)
							}
							return
						}
						if stale {
							for _, read := range kind.reads {
								srv.Inject(sandbox.Fault{Operation: read, Stale: true, Times: lag})
							}
						}
						outcome, _, err := kind.ensure(t.Context(), newEnsureClient(t, srv, srv.PipeClient().Transport))
						if placed := ordersOf(srv, kind.item); err != nil || len(placed) != 1 {
							t.Fatalf("killed at %d, and again: %s, %v; placed %v", at, outcome, err, placed)
						}
					}
				})
			})
		}
	}
}

// TestEnsureAsksAgain under another key, where the answer under the first one is that
// of a refusal or of an order that is no longer.
func TestEnsureAsksAgain(t *testing.T) {
	overdue := func(srv *hostertest.Server, disputed bool) {
		srv.Update(func(st *sandbox.State) {
			for _, inv := range st.Invoices {
				if inv.Status == "overdue" {
					inv.Disputed = disputed
				}
			}
		})
	}
	eachEnsure(t, func(t *testing.T, kind ensureKind, srv *hostertest.Server, client *hoster.Client) {
		overdue(srv, false)
		for range 3 { // each refusal is kept under a key of its own
			if outcome, _, err := kind.ensure(t.Context(), client); !errors.Is(err, hoster.ErrPaymentRequired) {
				t.Fatalf("overdue: %s, %v", outcome, err)
			}
		}
		overdue(srv, true)
		outcome, order, err := kind.ensure(t.Context(), client)
		if err != nil || outcome != hoster.OutcomeBought {
			t.Fatalf("no longer overdue: %s, %v", outcome, err)
		}
		srv.Update(func(st *sandbox.State) { // the order lapses, and the thing with it
			for _, o := range st.Orders {
				if o.ID == string(order.ID) {
					o.Status = "cancelled"
				}
			}
			for _, d := range st.Domains {
				if d.Status == "pending" || d.Status == "pending_transfer" {
					d.Status = "cancelled"
				}
			}
			for _, s := range st.Services {
				if s.Domain != nil && *s.Domain == "served-once.com" {
					s.Status = "cancelled"
				}
			}
			st.Transfers = nil
		})
		outcome, again, err := kind.ensure(t.Context(), client)
		if err != nil || outcome != hoster.OutcomeBought || again.ID == order.ID {
			t.Errorf("after the order lapsed: %s, %v, %v", outcome, again, err)
		}
	})
}

// TestEnsureAfterAWrongCode: the key does not follow from the auth code, and a
// transfer with another one is another request.
func TestEnsureAfterAWrongCode(t *testing.T) {
	onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		srv.Inject(sandbox.Fault{Operation: "Domains.Transfer", After: true, Status: 502})
		order := hoster.DomainTransferOrder{Domain: "never-registered.com", AuthCode: hoster.NewSecret("K7#x9Qp2-Zt4")}
		if _, err := client.Domains.EnsureTransferred(t.Context(), order); err == nil {
			t.Fatal("transferred what is not registered")
		}
		order.AuthCode = hoster.NewSecret("W3!k5Lm8-Rv1")
		if _, err := client.Domains.EnsureTransferred(t.Context(), order); !errors.Is(err, hoster.ErrValidation) || hoster.CodeOf(err) == hoster.ErrorCodeIdempotencyKeyReused {
			t.Errorf("got %v", err)
		}
	})
}

// TestEnsureInParallel: goroutines of one client take turns.
func TestEnsureInParallel(t *testing.T) {
	eachEnsure(t, func(t *testing.T, kind ensureKind, srv *hostertest.Server, client *hoster.Client) {
		var mu sync.Mutex
		outcomes := map[hoster.Outcome]int{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				outcome, _, err := kind.ensure(t.Context(), client)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				outcomes[outcome]++
			})
		}
		all.Wait()
		if placed := ordersOf(srv, kind.item); len(placed) != 1 || outcomes[hoster.OutcomeBought] != 1 || outcomes[hoster.OutcomeOrdered] != 7 {
			t.Errorf("placed %v, %v", placed, outcomes)
		}
	})
}

// TestEnsureChecksFirst: what is wrong with the arguments is said before any request.
func TestEnsureChecksFirst(t *testing.T) {
	transport := roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("asked")
		return nil, errors.New("asked")
	})
	client, ctx := cannedClient(t, transport), t.Context()
	for field, call := range map[string]func() error{
		"domain": func() error {
			return second(client.Domains.EnsureRegistered(ctx, hoster.DomainRegistrationOrder{Domain: "no domain", Years: 1}))
		},
		"years": func() error {
			return second(client.Domains.EnsureRegistered(ctx, hoster.DomainRegistrationOrder{Domain: "a.com", Years: 11}))
		},
		"auth_code": func() error {
			return second(client.Domains.EnsureTransferred(ctx, hoster.DomainTransferOrder{Domain: "a.com"}))
		},
		"years of a renewal": func() error {
			return second(client.Domains.EnsureRenewed(ctx, "a.com", farFuture, hoster.DomainRenewalOrder{}))
		},
		"domain of a service": func() error {
			return second(client.Hosting.EnsureProvisioned(ctx, hoster.HostingOrder{PlanID: "plan_1", BillingCycle: "annual"}))
		},
		"id": func() error {
			return second(client.Hosting.EnsureRenewed(ctx, "..", farFuture, hoster.HostingRenewalOrder{}))
		},
	} {
		refused, ok := errors.AsType[*hoster.ArgumentError](call())
		if want, _, _ := strings.Cut(field, " "); !ok || refused.Field != want {
			t.Errorf("%s: %v", field, refused)
		}
	}
}
