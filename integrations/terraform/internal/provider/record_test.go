package provider

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/go-hoster/hoster/sandbox"
)

const www = "hoster_dns_record.www"

func record(name, rrtype, value, more string) string {
	return fmt.Sprintf("resource \"hoster_dns_record\" \"www\" {\n  domain = \"example.net\"\n  name = %q\n  type = %q\n  value = %s\n%s\n}\n", name, rrtype, value, more)
}

func checkValues(a *account, domain, name, rrtype string, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := a.records(domain, name, rrtype); !slices.Equal(got, want) {
			return fmt.Errorf("%s %s %s holds %q, want %q", domain, name, rrtype, got, want)
		}
		return nil
	}
}

func TestRecordLifecycle(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.run(
		resource.TestStep{
			Config: a.hcl(record("new", "A", `"192.0.2.1"`, "")),
			Check: resource.ComposeTestCheckFunc(
				checkValues(a, "example.net", "new", "A", "192.0.2.1"),
				resource.TestCheckResourceAttr(www, "ttl", "3600"),
				resource.TestCheckResourceAttr(www, "fqdn", "new.example.net"),
			),
		},
		resource.TestStep{ // in place
			Config:           a.hcl(record("new", "A", `"192.0.2.2"`, "ttl = 300")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(www, plancheck.ResourceActionUpdate)}},
			Check:            checkValues(a, "example.net", "new", "A", "192.0.2.2"),
		},
		resource.TestStep{ // another name
			Config:           a.hcl(record("newer", "A", `"192.0.2.2"`, "ttl = 300")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(www, plancheck.ResourceActionUpdate)}},
			Check:            resource.ComposeTestCheckFunc(checkValues(a, "example.net", "new", "A"), checkValues(a, "example.net", "newer", "A", "192.0.2.2")),
		},
		resource.TestStep{ // another type
			Config:           a.hcl(record("newer", "AAAA", `"2001:db8::1"`, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(www, plancheck.ResourceActionReplace)}},
			Check:            resource.ComposeTestCheckFunc(checkValues(a, "example.net", "newer", "A"), checkValues(a, "example.net", "newer", "AAAA", "2001:db8::1")),
		},
		resource.TestStep{ // somebody deletes it
			PreConfig: func() {
				a.changeZone("example.net", func(records []*sandbox.Record) []*sandbox.Record {
					return slices.DeleteFunc(records, func(r *sandbox.Record) bool { return r.Name == "newer" })
				})
			},
			Config:           a.hcl(record("newer", "AAAA", `"2001:db8::1"`, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(www, plancheck.ResourceActionCreate)}},
			Check:            checkValues(a, "example.net", "newer", "AAAA", "2001:db8::1"),
		},
		resource.TestStep{ // somebody changes it
			PreConfig: func() {
				a.changeZone("example.net", func(records []*sandbox.Record) []*sandbox.Record {
					for _, r := range records {
						if r.Name == "newer" {
							r.Value = "2001:db8::bad"
						}
					}
					return records
				})
			},
			Config:           a.hcl(record("newer", "AAAA", `"2001:db8::1"`, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(www, plancheck.ResourceActionUpdate)}},
			Check:            checkValues(a, "example.net", "newer", "AAAA", "2001:db8::1"),
		},
		resource.TestStep{
			ResourceName: www, ImportState: true, ImportStateVerify: true,
			ImportStateId: "example.net/newer/AAAA/2001:db8::1",
		},
	)
	if got := a.records("example.net", "newer", "AAAA"); len(got) != 0 {
		t.Errorf("after destroy there is %q", got)
	}
}

func TestRecordIsRefused(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, c := range []struct{ config, want string }{
		{record("x", "A", `"192.0.2.300"`, ""), `value = "192.0.2.300"`},
		{record("x", "A", `"192.0.2.1"`, "ttl = 59"), `ttl = 59`},
		{record("x", "MX", `"mail.example.com"`, ""), `priority`},
		{record("x", "SRV", `"sip.example.com"`, "priority = 70000\nweight = 1\nport = 1"), `priority = 70000`},
		{record("www.example.net.example.net.", "A", `"192.0.2.1"`, ""), `name = "www`},
	} {
		a.run(resource.TestStep{Config: a.hcl(c.config), ExpectError: regexp.MustCompile(c.want)})
	}
	a.run(resource.TestStep{ // by the API, at the attribute
		Config: a.hcl(record("@", "CNAME", `"www.example.com"`, "")), ExpectError: regexp.MustCompile(`name = "@"|DNS record not created`),
	})
}

func TestRecordSetLifecycle(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	const set = "hoster_dns_record_set.set"
	config := func(values, more string) string {
		return a.hcl(fmt.Sprintf("resource \"hoster_dns_record_set\" \"set\" {\n  domain = \"example.net\"\n  name = \"mx\"\n  type = \"MX\"\n  values = %s\n%s\n}\n", values, more))
	}
	a.run(
		resource.TestStep{
			Config: config(`["10 a.example.com", "20 b.example.com"]`, "ttl = 600"),
			Check:  checkValues(a, "example.net", "mx", "MX", "a.example.com", "b.example.com"),
		},
		resource.TestStep{
			Config:           config(`["20 B.example.com.", "10   a.example.com"]`, "ttl = 600"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			Config: config(`["20 b.example.com", "30 c.example.com"]`, "ttl = 900"),
			Check:  checkValues(a, "example.net", "mx", "MX", "c.example.com", "b.example.com"),
		},
		resource.TestStep{ResourceName: set, ImportState: true, ImportStateVerify: true, ImportStateId: "example.net/mx/MX"},
	)
	a.run(resource.TestStep{
		Config:      a.hcl("resource \"hoster_dns_record_set\" \"apex\" {\n  domain = \"example.net\"\n  name = \"@\"\n  type = \"A\"\n  values = [\"192.0.2.99\"]\n}\n"),
		ExpectError: regexp.MustCompile(`import\s+the\s+set\s+as\s+example\.net/@/A`),
	})
	if got := a.records("example.net", "@", "A"); !slices.Equal(got, []string{"192.0.2.10"}) {
		t.Errorf("the set that was there holds %q", got)
	}
}
