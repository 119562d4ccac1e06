package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/go-hoster/hoster/sandbox"
)

func TestZoneLifecycle(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	const zone = "hoster_dns_zone.zone"
	config := func(records, more string) string {
		return a.hcl(fmt.Sprintf("resource \"hoster_dns_zone\" \"zone\" {\n  domain = \"example.net\"\n  records = [%s]\n%s\n}\n", records, more))
	}
	two := `{name="@", type="A", value="192.0.2.10"}, {name="www", type="CNAME", value="example.net", ttl=300}`
	spelled := `{name="example.net", type="a", value="192.0.2.10"}, {name="WWW", type="CNAME", value="Example.NET.", ttl=300}`
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	a.run(
		resource.TestStep{
			Config: config(two, ""),
			Check: resource.ComposeTestCheckFunc(
				checkValues(a, "example.net", "www", "CNAME", "example.net"), checkValues(a, "example.net", "@", "A", "192.0.2.10"),
				resource.TestCheckResourceAttr(zone, "deletions.#", "0"),
			),
		},
		resource.TestStep{Config: config(spelled, ""), ConfigPlanChecks: empty},
		resource.TestStep{ // somebody adds a record
			PreConfig: func() {
				a.changeZone("example.net", func(records []*sandbox.Record) []*sandbox.Record {
					return append(records, &sandbox.Record{Type: "TXT", Name: "other", Value: "x", TTL: 300})
				})
			},
			Config:           config(two, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(zone, plancheck.ResourceActionUpdate)}},
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(zone, "deletions.#", "1"), resource.TestCheckResourceAttr(zone, "deletions.0", `other TXT "x"`),
				checkValues(a, "example.net", "other", "TXT"),
			),
		},
		resource.TestStep{ // an MX beside it, and another address
			Config: config(`{name="@", type="A", value="192.0.2.11"}, {name="@", type="MX", value="10 mail.example.com"}`, "max_delete_share = 1"),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(zone, "deletions.#", "2"),
				checkValues(a, "example.net", "@", "A", "192.0.2.11"), checkValues(a, "example.net", "www", "CNAME"),
			),
		},
		resource.TestStep{
			ResourceName: zone, ImportState: true, ImportStateId: "example.net", ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"deletions", "max_delete_share", "records"},
		},
	)
	if got := a.records("example.net", "@", "A"); len(got) != 0 {
		t.Errorf("after destroy there is %q", got)
	}
	if got := a.records("example.net", "@", "NS"); len(got) != 2 {
		t.Errorf("after destroy there are the nameservers %q", got)
	}
}

func TestZoneIsRefused(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, c := range []struct{ records, want string }{
		{``, `at\s+least\s+one`},
		{`{name="@", type="NS", value="ns1.example.com"}`, `hoster_domain`},
		{`{name="@", type="A", value="192.0.2.300"}`, `records`},
		{`{name="x", type="A", value="192.0.2.1"}, {name="x", type="CNAME", value="example.com"}`, `CNAME`},
		{`{name="x", type="A", value="192.0.2.1", ttl=5}`, `ttl`},
	} {
		a.run(resource.TestStep{
			Config:      a.hcl("resource \"hoster_dns_zone\" \"zone\" {\n  domain = \"example.com\"\n  records = [" + c.records + "]\n}\n"),
			ExpectError: regexp.MustCompile(c.want),
		})
	}
	a.run(resource.TestStep{ // most of what is there
		Config:      a.hcl("resource \"hoster_dns_zone\" \"zone\" {\n  domain = \"example.com\"\n  records = [{name=\"only\", type=\"A\", value=\"192.0.2.1\"}]\n}\n"),
		ExpectError: regexp.MustCompile(`(?s)DNS zone not valid.*50%`),
	})
}

// TestZoneChangedAfterThePlan applies a plan to a zone that somebody changed since: what
// the plan did not show is not deleted.
func TestZoneChangedAfterThePlan(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	c := a.cli("resource \"hoster_dns_zone\" \"zone\" {\n  domain = \"example.net\"\n  records = [{name=\"@\", type=\"A\", value=\"192.0.2.10\"}, {name=\"www\", type=\"A\", value=\"192.0.2.1\"}]\n}\n")
	c.must("plan", "-out=plan.bin")
	a.changeZone("example.net", func(records []*sandbox.Record) []*sandbox.Record {
		return append(records, &sandbox.Record{Type: "TXT", Name: "other", Value: "x", TTL: 300})
	})
	if out, err := c.run("apply", "plan.bin"); err == nil || !regexp.MustCompile(`did\s+not\s+show|inconsistent final plan`).MatchString(out) {
		t.Errorf("the plan was applied: %v\n%s", err, out)
	}
	if other, www := a.records("example.net", "other", "TXT"), a.records("example.net", "www", "A"); len(other) != 1 || len(www) != 0 {
		t.Errorf("after the refusal there are %q and %q", other, www)
	}
}
