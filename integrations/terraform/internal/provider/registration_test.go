package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/go-hoster/hoster/sandbox"
)

const registration = "hoster_domain_registration.d"

func (a *account) registration(domain, more string) string {
	if !strings.Contains(more, "max_price") {
		more += "\nmax_price = \"30\""
	}
	if !strings.Contains(more, "currency") {
		more += "\ncurrency = \"USD\""
	}
	return a.hcl(fmt.Sprintf("resource \"hoster_domain_registration\" \"d\" {\n  domain = %q\n  confirm_purchase = true\n%s\n}\n", domain, more))
}

// orders counts the orders of a type of item.
func (a *account) orders(kind string) (n int) {
	a.View(func(s *sandbox.State) {
		for _, o := range s.Orders {
			for _, item := range o.Items {
				if item.Type == kind && o.CreatedAt.After(time.Now().Add(-time.Hour)) {
					n++
				}
			}
		}
	})
	return n
}

func (a *account) checkOrders(kind string, want int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := a.orders(kind); got != want {
			return fmt.Errorf("%d orders of %s, want %d", got, kind, want)
		}
		return nil
	}
}

// payAll pays the unpaid invoices of pending orders, as in the portal.
func (a *account) payAll() {
	var unpaid []string
	a.View(func(s *sandbox.State) {
		for _, i := range s.Invoices {
			if i.Status == "unpaid" {
				unpaid = append(unpaid, i.ID)
			}
		}
	})
	for _, id := range unpaid {
		if err := a.PayInvoice(id); err != nil {
			a.t.Fatal(err)
		}
	}
}

func TestRegistrationLifecycle(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.run(
		resource.TestStep{
			Config: a.registration("fresh.com", ""),
			Check: resource.ComposeTestCheckFunc(a.checkOrders("domain_registration", 1),
				resource.TestCheckResourceAttr(registration, "status", "pending"), resource.TestCheckResourceAttrSet(registration, "order_id")),
		},
		resource.TestStep{Config: a.registration("FRESH.com.", ""), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{PreConfig: a.payAll, Config: a.registration("fresh.com", ""), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			Config: a.registration("fresh.com", "years = 2"), ConfigPlanChecks: action(registration, plancheck.ResourceActionUpdate),
			Check: resource.ComposeTestCheckFunc(a.checkOrders("domain_renewal", 1), resource.TestCheckResourceAttr(registration, "status", "active")),
		},
		resource.TestStep{PreConfig: a.payAll, Config: a.registration("fresh.com", "years = 2"), ConfigPlanChecks: emptyPlan(), Check: a.checkOrders("domain_renewal", 1)},
		resource.TestStep{Config: a.registration("fresh.com", "years = 1"), ExpectError: regexp.MustCompile(`years = 1`)},
		resource.TestStep{
			ResourceName: registration, ImportState: true, ImportStateId: "fresh.com", ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"confirm_purchase", "max_price", "currency", "order_id"},
		},
	)
	if d := a.domain("fresh.com"); d.Status != "active" {
		t.Errorf("after destroy the domain is %q", d.Status)
	}
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	const code = "auth-code-of-moving"
	a.run(
		resource.TestStep{
			Config: a.registration("moving.com", "auth_code = \""+code+"\""),
			Check: resource.ComposeTestCheckFunc(a.checkOrders("domain_transfer", 1), a.checkOrders("domain_registration", 0), resource.TestCheckNoResourceAttr(registration, "auth_code"),
				resource.TestCheckResourceAttr(registration, "status", "pending_transfer")),
		},
		resource.TestStep{Config: a.registration("moving.com", "auth_code = \""+code+"\""), ConfigPlanChecks: emptyPlan()},
	)
}

func TestPurchaseIsRefused(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, c := range []struct{ config, want string }{
		{a.registration("dear.com", "max_price = \"12.98\""), `(?s)Domain registration not created.*12\.99`},
		{a.registration("dear.com", "currency = \"EUR\""), `currency = "EUR"`},
		{a.registration("dear.com", "max_price = \"cheap\""), `max_price = "cheap"`},
		{strings.Replace(a.registration("dear.com", ""), "confirm_purchase = true", "confirm_purchase = false", 1), `confirm_purchase = false`},
		{a.registration("taken.com", ""), `DOMAIN_UNAVAILABLE`},
	} {
		a.run(resource.TestStep{Config: c.config, ExpectError: regexp.MustCompile(c.want)})
	}
	if got := a.orders("domain_registration"); got != 0 {
		t.Errorf("%d orders were placed", got)
	}
}

// purchaseFaults are the ways in which the answer to an order gets lost after the
// order was placed.
var purchaseFaults = []sandbox.Fault{
	{After: true, Reset: true},
	{After: true, Truncate: 30},
	{After: true, Status: 500},
	{After: true, Status: 502, Body: "<html>Bad gateway</html>"},
	{After: true, Status: 200, Body: "<html>Log in</html>"},
}

// TestNothingIsBoughtTwice loses the answers to orders, then plans and applies again.
func TestNothingIsBoughtTwice(t *testing.T) {
	t.Parallel()
	for i, fault := range purchaseFaults {
		for _, idempotent := range []bool{true, false} {
			if !everything && idempotent == (i%2 == 0) {
				continue
			}
			var opts []sandbox.Option
			if !idempotent {
				opts = append(opts, sandbox.Without(sandbox.Idempotency))
			}
			a := newAccount(t, opts...)
			fault.Operation = "Domains.Register"
			a.Inject(fault)
			fault.Operation = "Domains.Renew"
			a.Inject(fault)
			name := fmt.Sprintf("fault-%d.com", i)
			a.run(
				resource.TestStep{Config: a.registration(name, ""), Check: a.checkOrders("domain_registration", 1)},
				resource.TestStep{PreConfig: a.payAll, Config: a.registration(name, "years = 3\nmax_price = \"50\""), Check: a.checkOrders("domain_renewal", 1)},
				resource.TestStep{Config: a.registration(name, "years = 3\nmax_price = \"50\""), ConfigPlanChecks: emptyPlan()},
			)
			// The state is lost, as after a crash.
			a.run(resource.TestStep{Config: a.registration(name, ""), Check: a.checkOrders("domain_registration", 1)})
		}
	}
}

// TestKilledPurchase ends Terraform and the provider after an order was placed and before
// its answer came. The next apply takes the domain over.
func TestKilledPurchase(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.behind(func(api http.Handler) http.Handler { // takes orders, and does not answer
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				api.ServeHTTP(w, r)
				return
			}
			api.ServeHTTP(httptest.NewRecorder(), r)
			<-r.Context().Done()
		})
	})
	c := a.cli("resource \"hoster_domain_registration\" \"d\" {\n  domain = \"killed.com\"\n  confirm_purchase = true\n  max_price = \"20\"\n  currency = \"USD\"\n}\n")
	cmd := c.command("apply", "-auto-approve")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for a.orders("domain_registration") == 0 {
		time.Sleep(5 * time.Millisecond)
		if cmd.Process.Signal(syscall.Signal(0)) != nil {
			t.Fatal("terraform ended before it ordered")
		}
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait()
	c.must("apply", "-auto-approve", "-lock=false")
	if got := a.orders("domain_registration"); got != 1 {
		t.Errorf("%d orders were placed", got)
	}
	c.unchanged()
}
