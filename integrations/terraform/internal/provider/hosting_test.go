package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/go-hoster/hoster/sandbox"
)

const hosting = "hoster_hosting.h"

func (a *account) hosting(domain, plan, cycle, most string) string {
	return a.hcl(fmt.Sprintf("resource \"hoster_hosting\" \"h\" {\n  domain = %q\n  plan_id = %q\n  billing_cycle = %q\n  max_price = %q\n  currency = \"USD\"\n  confirm_purchase = true\n  cancel_when = \"immediate\"\n}\n", domain, plan, cycle, most))
}

func TestHostingLifecycle(t *testing.T) {
	t.Parallel()
	const starter, business = "plan_3a51c0d2", "plan_7be29f14"
	for _, fault := range append([]sandbox.Fault{{Operation: "Account.Profile"}}, purchaseFaults...)[:hostingFaults] {
		a := newAccount(t)
		if fault.Operation == "" {
			fault.Operation = "Hosting.Provision"
			a.Inject(fault)
			fault.Operation = "Hosting.Upgrade"
			a.Inject(fault)
		}
		a.run(
			resource.TestStep{Config: a.hosting("site.com", starter, "monthly", "6"), Check: resource.ComposeTestCheckFunc(a.checkOrders("hosting", 1), resource.TestCheckResourceAttr(hosting, "status", "pending"))},
			resource.TestStep{PreConfig: a.payAll, Config: a.hosting("Site.com.", starter, "monthly", "6"), ConfigPlanChecks: emptyPlan()},
			resource.TestStep{Config: a.hosting("site.com", business, "monthly", "13"), ConfigPlanChecks: action(hosting, plancheck.ResourceActionUpdate), Check: a.checkOrders("hosting_upgrade", 1)},
			resource.TestStep{PreConfig: a.payAll, Config: a.hosting("site.com", business, "monthly", "13"), ConfigPlanChecks: emptyPlan(), Check: a.checkOrders("hosting_upgrade", 1)},
			resource.TestStep{
				ResourceName: hosting, ImportState: true, ImportStateId: "site.com", ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"confirm_purchase", "max_price", "currency", "cancel_when"},
			},
		)
		if got := a.orders("hosting"); got != 1 {
			t.Errorf("%+v: %d orders", fault, got)
		}
		a.View(func(s *sandbox.State) {
			for _, service := range s.Services {
				if service.Domain != nil && *service.Domain == "site.com" && service.Status != "cancelled" {
					t.Errorf("after destroy the account is %q", service.Status)
				}
			}
		})
	}
	a := newAccount(t)
	for _, c := range []struct{ config, want string }{
		{a.hosting("site.com", starter, "monthly", "5.98"), `max_price = "5\.98"`},
		{a.hosting("site.com", "plan_none", "monthly", "6"), `plan_id = "plan_none"`},
	} {
		a.run(resource.TestStep{Config: c.config, ExpectError: regexp.MustCompile(c.want)})
	}
	if got := a.orders("hosting"); got != 0 {
		t.Errorf("%d orders were placed", got)
	}
}
