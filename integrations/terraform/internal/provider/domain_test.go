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

func emptyPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

func action(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// domain is a copy of a domain of the sandbox.
func (a *account) domain(name string) (copied sandbox.Domain) {
	a.View(func(s *sandbox.State) {
		for _, d := range s.Domains {
			if d.Name == name {
				copied = *d
				copied.Nameservers = slices.Clone(d.Nameservers)
			}
		}
	})
	return copied
}

func TestDomainLifecycle(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	const address = "hoster_domain.d"
	config := func(domain, more string) string {
		return a.hcl(fmt.Sprintf("resource \"hoster_domain\" \"d\" {\n  domain = %q\n%s\n}\n", domain, more))
	}
	a.run(
		resource.TestStep{
			Config: config("example.net", "auto_renew = false\nlocked = false"),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(address, "status", "active"), resource.TestCheckResourceAttrSet(address, "registrant"),
				func(*terraform.State) error {
					if d := a.domain("example.net"); d.AutoRenew || d.Locked {
						return fmt.Errorf("auto_renew %v, locked %v", d.AutoRenew, d.Locked)
					}
					return nil
				},
			),
		},
		resource.TestStep{Config: config("EXAMPLE.net.", "auto_renew = false\nlocked = false"), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			Config: config("example.net", "locked = true\nnameservers = [\"NS1.elsewhere.example.\", \"ns2.elsewhere.example\"]"),
			Check: func(*terraform.State) error {
				if d := a.domain("example.net"); !d.Locked || !sameHosts(d.Nameservers, []string{"ns1.elsewhere.example", "ns2.elsewhere.example"}) {
					return fmt.Errorf("locked %v, nameservers %q", d.Locked, d.Nameservers)
				}
				return nil
			},
		},
		resource.TestStep{Config: config("example.net", "locked = true\nnameservers = [\"ns2.elsewhere.example\", \"ns1.elsewhere.example\"]"), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			PreConfig: func() {
				a.Update(func(s *sandbox.State) {
					for _, d := range s.Domains {
						if d.Name == "example.net" {
							d.Locked = false
						}
					}
				})
			},
			Config: config("example.net", "locked = true"), ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "Example.NET", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "domain", ImportStateVerifyIgnore: []string{"nameservers"}},
	)
	before := len(a.Writes())
	a.run(resource.TestStep{Config: config("not-ours.example", ""), ExpectError: regexp.MustCompile(`(?s)Domain not created.*NOT_FOUND`)})
	if got := len(a.Writes()); got != before {
		t.Errorf("a domain that is not in the account caused %d writes", got-before)
	}
}

func TestContactLifecycle(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	const address = "hoster_contact.c"
	config := func(name, more string) string {
		return a.hcl(fmt.Sprintf("resource \"hoster_contact\" \"c\" {\n  name = %q\n  email = \"c@example.com\"\n  phone = \"+1.5555550199\"\n%s\n  address = {\n street = \"1 Road\"\n city = \"Town\"\n postal_code = \"1\"\n country = \"DE\"\n}\n}\n", name, more))
	}
	a.run(
		resource.TestStep{Config: config("Ada", "company = \"Analytical\""), Check: resource.TestCheckResourceAttrSet(address, "id")},
		resource.TestStep{Config: config("Ada L.", ""), ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate), Check: resource.TestCheckNoResourceAttr(address, "company")},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: "C@example.com"},
		resource.TestStep{
			Config:      a.hcl("resource \"hoster_contact\" \"c\" {\n  name = \"Ada L.\"\n  email = \"c@example.com\"\n  phone = \"+1.5555550199\"\n  address = {\n street = \"1 Road\"\n city = \"Town\"\n country = \"Germany\"\n}\n}\n"),
			ExpectError: regexp.MustCompile(`(?s)Contact not updated.*address = \{`),
		},
	)
	a.Inject(sandbox.Fault{Operation: "Contacts.Create", After: true, Reset: true})
	a.run(resource.TestStep{Config: config("Once", ""), Check: func(*terraform.State) error {
		made := 0
		a.View(func(s *sandbox.State) {
			for _, c := range s.Contacts {
				if c.Name == "Once" {
					made++
				}
			}
		})
		if made != 1 {
			return fmt.Errorf("%d contacts were made", made)
		}
		return nil
	}})
}
