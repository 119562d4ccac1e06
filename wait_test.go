package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// onFakeClock gives a test a sandbox and a client whose time is fake.
func onFakeClock(t *testing.T, test func(t *testing.T, srv *hostertest.Server, client *hoster.Client), options ...sandbox.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, options...)
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		test(t, srv, client)
	})
}

func TestWaitForAnOrder(t *testing.T) {
	onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		purchase, err := client.Domains.Register(t.Context(), hoster.DomainRegistrationOrder{Domain: "waiting-for-it.com", Years: 1})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(10 * time.Minute) // fake: somebody pays
			if err := srv.PayInvoice(string(purchase.Invoice.ID)); err != nil {
				t.Error(err)
			}
		}()
		var seen []hoster.WaitProgress
		began := time.Now()
		order, err := client.Orders.Wait(t.Context(), purchase.Order.ID, &hoster.WaitOptions{OnProgress: func(p hoster.WaitProgress) { seen = append(seen, p) }})
		if err != nil || order.Status != hoster.OrderStatusActive {
			t.Fatalf("%s, %v", order.Status, err)
		}
		if took := time.Since(began); took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("noticed after %s", took)
		}
		if n := len(seen); n < 15 || n > 60 || seen[0].State != "pending" || seen[n-1].State != "active" || seen[n-1].Polls != n {
			t.Errorf("%d polls: %+v", n, seen)
		}
	})
}

func TestWaitForAnOrderThatLapses(t *testing.T) {
	onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		purchase, err := client.Domains.Register(t.Context(), hoster.DomainRegistrationOrder{Domain: "nobody-pays.com", Years: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Orders.Wait(t.Context(), purchase.Order.ID, &hoster.WaitOptions{Interval: time.Hour, MaxInterval: 12 * time.Hour})
		var ended *hoster.WaitError
		if !errors.Is(err, hoster.ErrWaitFailed) || !errors.As(err, &ended) || ended.State != "cancelled" {
			t.Errorf("got %v", err)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		purchase, err := client.Domains.Register(t.Context(), hoster.DomainRegistrationOrder{Domain: "no-patience.com", Years: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = client.Orders.Wait(ctx, purchase.Order.ID, nil)
		var ended *hoster.WaitError
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, hoster.ErrWaitFailed) || !errors.As(err, &ended) || ended.State != "pending" || !strings.Contains(err.Error(), "pending") {
			t.Errorf("the last state is lost: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		began := time.Now()
		_, err = client.Orders.Wait(ctx, purchase.Order.ID, &hoster.WaitOptions{OnProgress: func(hoster.WaitProgress) { cancel() }})
		if !errors.Is(err, context.Canceled) || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if _, err := client.Orders.Wait(t.Context(), "ord_none", nil); !errors.Is(err, hoster.ErrNotFound) {
			t.Errorf("an order that is not there: %v", err)
		}
		if _, err := client.Orders.Wait(t.Context(), "", nil); !errors.Is(err, hoster.ErrInvalidArgument) {
			t.Errorf("no id: %v", err)
		}
	})
}

func TestWaitGoesOnOverFailuresThatPass(t *testing.T) {
	onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		purchase, err := client.Hosting.Provision(t.Context(), hoster.HostingOrder{PlanID: firstPlan(t, client), BillingCycle: hoster.BillingCycleAnnual})
		if err != nil {
			t.Fatal(err)
		}
		srv.Inject(sandbox.Fault{Operation: "Hosting.Get", Times: 6, Status: http.StatusBadGateway, Body: "<html>bad gateway</html>"})
		failed := 0
		go func() {
			time.Sleep(3 * time.Minute)
			if err := srv.PayInvoice(string(purchase.Invoice.ID)); err != nil {
				t.Error(err)
			}
		}()
		service, err := client.Hosting.Wait(t.Context(), purchase.Service.ID, &hoster.WaitOptions{OnProgress: func(p hoster.WaitProgress) {
			if p.Err != nil {
				failed++
			}
		}})
		if err != nil || service.Status != hoster.HostingStatusActive || failed == 0 {
			t.Errorf("%s, %d polls failed, %v", service.Status, failed, err)
		}
	}, sandbox.WithRateLimit(0, 0))
}

func firstPlan(t *testing.T, client *hoster.Client) hoster.HostingPlanID {
	t.Helper()
	for plan, err := range client.HostingPlans.All(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range plan.Prices {
			if p.BillingCycle == hoster.BillingCycleAnnual {
				return plan.ID
			}
		}
	}
	t.Fatal("no plan has an annual price")
	return ""
}

func TestWaitForATransfer(t *testing.T) {
	for code, want := range map[string]hoster.TransferStatus{"right-code": hoster.TransferStatusCompleted, "wrong": hoster.TransferStatusFailed} {
		onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
			purchase, err := client.Domains.Transfer(t.Context(), hoster.DomainTransferOrder{Domain: "moving-here.com", AuthCode: hoster.NewSecret(code)})
			if err != nil {
				t.Fatal(err)
			}
			if err := srv.PayInvoice(string(purchase.Invoice.ID)); err != nil {
				t.Fatal(err)
			}
			states := map[string]bool{}
			transfer, err := client.Domains.WaitTransfer(t.Context(), "Moving-Here.com", &hoster.WaitOptions{
				Interval: 10 * time.Minute, MaxInterval: time.Hour, OnProgress: func(p hoster.WaitProgress) { states[p.State] = true },
			})
			if transfer.Status != want || (err != nil) != (want == hoster.TransferStatusFailed) || err != nil && !errors.Is(err, hoster.ErrWaitFailed) {
				t.Errorf("%s: %s, %v", code, transfer.Status, err)
			}
			if want == hoster.TransferStatusCompleted && (!states["pending_approval"] || !states["in_progress"]) {
				t.Errorf("states seen: %v", states)
			}
		})
	}
}

func TestWaitForNameservers(t *testing.T) {
	onFakeClock(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		change, err := client.Domains.SetNameservers(t.Context(), "example.com", []string{"ns1.elsewhere.example", "ns2.elsewhere.example"})
		if err != nil || change.ChangeStatus != hoster.ChangeStatusPending {
			t.Fatalf("%+v, %v", change, err)
		}
		began := time.Now()
		change, err = client.Domains.WaitNameservers(t.Context(), "example.com", nil)
		if err != nil || change.ChangeStatus != hoster.ChangeStatusCompleted || time.Since(began) < 30*time.Minute {
			t.Errorf("%+v after %s: %v", change, time.Since(began), err)
		}
	})
}

// TestWaitAnUnknownStateGoesOn until one that is known.
func TestWaitAnUnknownStateGoesOn(t *testing.T) {
	states := []string{"brewing", "steeping", "active"}
	synctest.Test(t, func(t *testing.T) {
		transport := roundTripper(func(*http.Request) string {
			state := states[0]
			if len(states) > 1 {
				states = states[1:]
			}
			return fmt.Sprintf(`{"status":"success","data":{"id":"ord_1","status":%q}}`, state)
		})
		client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		order, err := client.Orders.Wait(t.Context(), "ord_1", &hoster.WaitOptions{OnProgress: func(p hoster.WaitProgress) { seen = append(seen, p.State) }})
		if err != nil || order.Status != hoster.OrderStatusActive || strings.Join(seen, " ") != "brewing steeping active" {
			t.Errorf("%v, %v", seen, err)
		}
	})
}

// pending is a provider where nothing ever happens: every answer takes a while.
func pending(takes time.Duration, polls *[]time.Time) roundTripper {
	return func(*http.Request) string {
		time.Sleep(takes)
		*polls = append(*polls, time.Now())
		return `{"status":"success","data":{"id":"x_1","domain":"example.com","status":"pending","nameservers":["ns1.example.com","ns2.example.com"],"change_status":"pending"}}`
	}
}

// TestLastLook: a wait under a deadline looks once more shortly before it.
func TestLastLook(t *testing.T) {
	for name, wait := range map[string]func(context.Context, *hoster.Client) error{
		"order":   func(ctx context.Context, c *hoster.Client) error { return second(c.Orders.Wait(ctx, "ord_1", nil)) },
		"service": func(ctx context.Context, c *hoster.Client) error { return second(c.Hosting.Wait(ctx, "srv_1", nil)) },
		"transfer": func(ctx context.Context, c *hoster.Client) error {
			return second(c.Domains.WaitTransfer(ctx, "example.com", nil))
		},
		"nameservers": func(ctx context.Context, c *hoster.Client) error {
			return second(c.Domains.WaitNameservers(ctx, "example.com", nil))
		},
	} {
		for _, limit := range []time.Duration{900 * time.Millisecond, 5 * time.Second, time.Minute, time.Hour} {
			for _, takes := range []time.Duration{0, 40 * time.Millisecond, 200 * time.Millisecond} {
				synctest.Test(t, func(t *testing.T) {
					var polls []time.Time
					client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: pending(takes, &polls)}))
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					defer cancel()
					deadline := time.Now().Add(limit)
					err = wait(ctx, client)
					var ended *hoster.WaitError
					if !errors.As(err, &ended) || !errors.Is(err, context.DeadlineExceeded) || ended.State != "pending" || ended.Polls != len(polls) {
						t.Errorf("%s, %s, %s: %v", name, limit, takes, err)
					}
					unused := deadline.Sub(polls[len(polls)-1])
					if unused < 0 || unused > 100*time.Millisecond+takes || len(polls) < 2 {
						t.Errorf("%s, %s, %s: the last of %d polls was answered %s before the deadline", name, limit, takes, len(polls), unused)
					}
				})
			}
		}
	}
}

// TestLastLookLeavesTimeForItsAnswer, however much is left when it is planned.
func TestLastLookLeavesTimeForItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, takes := range []time.Duration{0, time.Millisecond, 40 * time.Millisecond, 200 * time.Millisecond, 30 * time.Second} {
			for left := takes + time.Millisecond; left < 5*takes+time.Second; left += max(takes/50, 10*time.Millisecond) {
				ctx, cancel := context.WithTimeout(t.Context(), left)
				began := time.Now()
				if err := hoster.WaitForPoll(ctx, takes, time.Hour); err != nil {
					t.Errorf("%s left, polls of %s: %v", left, takes, err)
				}
				if unused := left - time.Since(began) - takes; unused <= 0 || unused > takes+100*time.Millisecond {
					t.Errorf("%s left, polls of %s: the last one is answered %s before the deadline", left, takes, unused)
				}
				cancel()
			}
			ctx, cancel := context.WithTimeout(t.Context(), takes)
			if err := hoster.WaitForPoll(ctx, takes, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s left, polls of as much: %v", takes, err)
			}
			cancel()
		}
	})
}

// TestWaitForNameserversWithoutStatus ends when the provider lists the same ones
// twice.
func TestWaitForNameserversWithoutStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lists := []string{`["ns1.old.example","ns2.old.example"]`, `[]`, `["ns1.new.example","ns2.new.example"]`, `["NS2.new.example.","ns1.new.example"]`}
		polls := 0
		transport := roundTripper(func(*http.Request) string {
			polls++
			return `{"status":"success","data":{"domain":"example.com","nameservers":` + lists[min(polls, len(lists))-1] + `}}`
		})
		client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.Domains.WaitNameservers(t.Context(), "example.com", nil)
		if err != nil || polls != 4 || len(got.Nameservers) != 2 {
			t.Errorf("%d polls: %+v, %v", polls, got, err)
		}
	})
}

// TestProgressMayPanic: the panic is the caller's own.
func TestProgressMayPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var polls []time.Time
		client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: pending(0, &polls)}))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if got := recover(); got != "a mistake" {
				t.Errorf("recovered %v", got)
			}
		}()
		_, err = client.Orders.Wait(t.Context(), "ord_1", &hoster.WaitOptions{OnProgress: func(hoster.WaitProgress) { panic("a mistake") }})
		t.Errorf("returned %v", err)
	})
}

// roundTripper answers every request with a JSON body.
type roundTripper func(*http.Request) string

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(f(req))),
	}, nil
}
