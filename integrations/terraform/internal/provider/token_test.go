package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/sandbox"
)

const token = "hoster_api_token.t"

func (a *account) token(name, more string) string {
	return a.hcl(fmt.Sprintf("resource \"hoster_api_token\" \"t\" {\n  name = %q\n  scopes = [\"dns:read\"]\n%s\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n", name, more))
}

// tokens are the tokens of a name that are active.
func (a *account) tokens(name string) (ids []string) {
	a.View(func(s *sandbox.State) {
		for _, t := range s.Tokens {
			if t.Name == name && !t.Revoked {
				ids = append(ids, t.ID)
			}
		}
	})
	return ids
}

func TestTokenLifecycle(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	file := filepath.Join(t.TempDir(), "token")
	inFile := fmt.Sprintf("secret_file = %q\n", file)
	var first string
	a.run(
		resource.TestStep{
			Config: a.token("robot", inFile+"expires_at = \"2040-01-01T00:00:00Z\""),
			Check: func(s *terraform.State) error {
				secret, err := os.ReadFile(file)
				info, _ := os.Stat(file)
				if err != nil || info.Mode().Perm() != 0o600 {
					return fmt.Errorf("the file: %v, %v", info, err)
				}
				first = strings.TrimSpace(string(secret))
				if strings.Contains(fmt.Sprint(s), first) {
					return fmt.Errorf("the state holds the secret")
				}
				return nil
			},
		},
		resource.TestStep{Config: a.token("robot", inFile+"expires_at = \"2040-01-01T01:00:00+01:00\""), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{ // rotation
			Config: a.token("robot", inFile+"expires_at = \"2041-01-01T00:00:00Z\""), ConfigPlanChecks: action(token, plancheck.ResourceActionCreateBeforeDestroy),
			Check: func(*terraform.State) error {
				secret, _ := os.ReadFile(file)
				if got := a.tokens("robot"); len(got) != 1 || strings.TrimSpace(string(secret)) == first {
					return fmt.Errorf("after a rotation there are %q", got)
				}
				return nil
			},
		},
		resource.TestStep{ // somebody revokes it
			PreConfig: func() {
				for _, id := range a.tokens("robot") {
					a.revoke(id)
				}
			},
			Config: a.token("robot", inFile+"expires_at = \"2041-01-01T00:00:00Z\""), ConfigPlanChecks: action(token, plancheck.ResourceActionCreate),
		},
		resource.TestStep{
			Config: a.token("robot", "secret_in_state = true"), ConfigPlanChecks: action(token, plancheck.ResourceActionCreateBeforeDestroy),
			Check: resource.TestMatchResourceAttr(token, "secret", regexp.MustCompile(`.{20}`)),
		},
		resource.TestStep{ResourceName: token, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"secret", "secret_in_state", "secret_file"}},
	)
	if got := a.tokens("robot"); len(got) != 0 {
		t.Errorf("after destroy there are %q", got)
	}
	a.run(resource.TestStep{Config: a.token("robot", ""), ExpectError: regexp.MustCompile(`secret_file`)})
	a.Inject(sandbox.Fault{Operation: "Tokens.Create", After: true, Reset: true})
	a.run(
		resource.TestStep{Config: a.token("lost", inFile), ExpectError: regexp.MustCompile(`(?s)revoked.*apply\s+again`)},
		resource.TestStep{Config: a.token("lost", inFile), Check: func(*terraform.State) error {
			if got := a.tokens("lost"); len(got) != 1 {
				return fmt.Errorf("there are %q", got)
			}
			return nil
		}},
	)
	a.run(resource.TestStep{ // the file cannot be written
		Config: a.token("nowhere", "secret_file = \"/nonexistent/token\""), ExpectError: regexp.MustCompile(`(?s)token\s+was\s+revoked`),
	})
	if got := a.tokens("nowhere"); len(got) != 0 {
		t.Errorf("a token whose secret nobody has stays: %q", got)
	}
	_, weak := a.MintToken(sandbox.TokenSpec{Name: "weak", Scopes: []string{"account:read", "account:write"}})
	a.run(resource.TestStep{Config: strings.Replace(a.token("robot", inFile), a.RootToken(), weak, 1), ExpectError: regexp.MustCompile(`SCOPE_ESCALATION`)})
}

func (a *account) revoke(id string) {
	if err := a.client().Tokens.Revoke(a.t.Context(), hoster.TokenID(id)); err != nil {
		a.t.Error(err)
	}
}

// TestEphemeralToken writes a record with a token that lives as long as the run.
func TestEphemeralToken(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	c := a.cli(`
ephemeral "hoster_api_token" "run" {
  name     = "run"
  scopes   = ["dns:read", "dns:write"]
  lifetime = "10m"
}

provider "hoster" {
  alias = "limited"
  token = ephemeral.hoster_api_token.run.secret
}
` + record("short", "A", `"192.0.2.1"`, "provider = hoster.limited"))
	c.apply()
	var used, names []string
	for _, w := range a.Writes() {
		if strings.HasPrefix(w.Operation, "DNS.") {
			used = append(used, w.TokenID)
		}
	}
	a.View(func(s *sandbox.State) {
		for _, t := range s.Tokens {
			if slices.Contains(used, t.ID) {
				names = append(names, t.Name)
			}
		}
	})
	if !slices.Equal(names, []string{"run"}) {
		t.Errorf("the record was written by %q", names)
	}
	if got := a.tokens("run"); len(got) != 0 {
		t.Errorf("after the run there are %q", got)
	}
	c.unchanged()
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for call, want := range map[string]string{
		`canonical_name("WWW.Example.NET.", "example.net")`: "www",
		`canonical_name("", "example.net")`:                 "@",
		`canonical_name("bücher", "example.net")`:           "xn--bcher-kva",
		`fqdn("www", "Example.NET.")`:                       "www.example.net",
		`canonical_domain("BÜCHER.example.")`:               "xn--bcher-kva.example",
		`txt_quote("a \"b\"")`:                              `"a \"b\""`,
		`txt_unquote("\"v=spf1 \" \"-all\"")`:               "v=spf1 -all",
	} {
		a.run(resource.TestStep{Config: a.hcl("output \"o\" {\n  value = provider::hoster::" + call + "\n}\n"), Check: resource.TestCheckOutput("o", want)})
	}
	for call, want := range map[string]string{
		`canonical_name("www.example.com.", "example.net")`: `(?s)name`,
		`canonical_domain("a..b")`:                          `(?s)domain`,
		`txt_unquote("\"open")`:                             `(?s)presentation`,
	} {
		a.run(resource.TestStep{Config: a.hcl("output \"o\" {\n  value = provider::hoster::" + call + "\n}\n"), ExpectError: regexp.MustCompile(want)})
	}
}

func TestDataSources(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.run(resource.TestStep{
		Config: a.hcl(`
data "hoster_account" "a" {}
data "hoster_current_token" "a" {}
data "hoster_domains" "a" { status = "expired" }
data "hoster_domain_availability" "a" { domains = ["free.com", "taken.com"] }
data "hoster_dns_records" "a" {
  domain = "EXAMPLE.com"
  type   = "mx"
}
data "hoster_hosting_plans" "a" {}
data "hoster_orders" "a" { status = "pending" }
data "hoster_invoices" "a" { type = "proforma" }
`),
		Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr("data.hoster_account.a", "email", "account@example.com"),
			resource.TestCheckResourceAttr("data.hoster_current_token.a", "scopes.#", "8"),
			resource.TestCheckResourceAttr("data.hoster_domains.a", "domains.#", "2"),
			resource.TestCheckResourceAttr("data.hoster_domain_availability.a", "results.0.register_price", "12.99"),
			resource.TestCheckResourceAttr("data.hoster_domain_availability.a", "results.1.available", "false"),
			resource.TestCheckResourceAttr("data.hoster_dns_records.a", "records.0.type", "MX"),
			resource.TestCheckResourceAttr("data.hoster_hosting_plans.a", "plans.#", "3"),
			resource.TestMatchResourceAttr("data.hoster_orders.a", "orders.#", regexp.MustCompile(`[1-9]`)),
			resource.TestMatchResourceAttr("data.hoster_invoices.a", "invoices.#", regexp.MustCompile(`[1-9]`)),
		),
	})
}
