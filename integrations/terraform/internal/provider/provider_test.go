package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/sandbox"
)

func TestProviderConfiguration(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	use := "data \"hoster_current_token\" \"t\" {}\n"
	for _, c := range []struct{ config, want string }{
		{`token = "x"`, `(?s)No base URL`},
		{`brand = "acme"`, `(?s)No API token`},
		{"brand = \"acme\"\nbase_url = \"https://api.example.com/v1\"\ntoken = \"x\"", `(?s)Two base URLs.*brand = "acme"|brand = "acme".*`},
		{"brand = \"acme\"\ntoken = \"x\"\ntoken_file = \"/x\"", `Two tokens`},
		{"base_url = \"http://api.example.com/v1\"\ntoken = \"x\"", `base_url = "http://api.example.com/v1"|Provider configuration`},
		{"base_url = \"https://api.example.com/v1\"\ntoken = \"two words\"", `Provider configuration`},
		{fmt.Sprintf("base_url = %q\ntoken = terraform_data.later.output", a.url), `not known yet`},
	} {
		a.run(resource.TestStep{Config: "resource \"terraform_data\" \"later\" {\n  input = \"x\"\n}\nprovider \"hoster\" {\n" + c.config + "\n}\n" + use, ExpectError: regexp.MustCompile(c.want)})
	}
	if n := len(a.Requests()); n != 0 {
		t.Errorf("the configuration made %d requests", n)
	}
	a.run(resource.TestStep{Config: a.hclWith("hst_wrong", use), ExpectError: regexp.MustCompile(`(?s)Current token not read.*TOKEN_INVALID`)})

	// By the environment and by a file; the requests say who made them.
	c := a.cli(use)
	c.apply()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(a.RootToken()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c = a.cli(use)
	c.env = append(c.env, "API_TOKEN=", "API_TOKEN_FILE="+file)
	c.apply()
	requests := a.Requests()
	if agent := requests[len(requests)-1].Header.Get("User-Agent"); !regexp.MustCompile(`terraform-provider-hoster/dev Terraform/[0-9]+\.[0-9]+`).MatchString(agent) {
		t.Errorf("the user agent is %q", agent)
	}
}

// TestScopesSuffice runs each resource with a token that has the scopes of its
// documentation and no other.
func TestScopesSuffice(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	for name, more := range map[string]string{
		"hoster_dns_record":          `domain = "example.net"` + "\n" + `name = "x"` + "\n" + `type = "A"` + "\n" + `value = "192.0.2.1"`,
		"hoster_dns_record_set":      `domain = "example.net"` + "\n" + `name = "x"` + "\n" + `type = "A"` + "\n" + `values = ["192.0.2.1"]`,
		"hoster_dns_zone":            `domain = "example.net"` + "\n" + `records = [{name = "@", type = "A", value = "192.0.2.10"}]`,
		"hoster_domain":              `domain = "example.net"` + "\n" + `auto_renew = false` + "\n" + `nameservers = ["ns1.elsewhere.example", "ns2.elsewhere.example"]`,
		"hoster_domain_registration": `domain = "new.com"` + "\n" + `max_price = "20"` + "\n" + `currency = "USD"` + "\n" + `confirm_purchase = true`,
		"hoster_contact":             `name = "n"` + "\n" + `email = "n@example.com"` + "\n" + `phone = "+1.5555550100"` + "\n" + `address = {street = "s", city = "c", country = "US", postal_code = "1"}`,
		"hoster_hosting":             `domain = "new.com"` + "\n" + `plan_id = "plan_3a51c0d2"` + "\n" + `billing_cycle = "monthly"` + "\n" + `max_price = "20"` + "\n" + `currency = "USD"` + "\n" + `confirm_purchase = true` + "\n" + `cancel_when = "immediate"`,
		"hoster_api_token":           `name = "n"` + "\n" + `scopes = ["account:read"]` + "\n" + `secret_file = ` + quoted(file),
	} {
		a := newAccount(t)
		_, token := a.MintToken(sandbox.TokenSpec{Name: "least", Scopes: texts(scopesOf(t, name))})
		a.run(resource.TestStep{Config: a.hclWith(token, "resource \""+name+"\" \"x\" {\n"+more+"\n}\n")})
	}
}

func scopesOf(t *testing.T, name string) []hoster.Scope {
	ctx := context.Background()
	for _, make := range New("test")().Resources(ctx) {
		r := make()
		var meta frameworkresource.MetadataResponse
		var s frameworkresource.SchemaResponse
		r.Metadata(ctx, frameworkresource.MetadataRequest{}, &meta)
		if r.Schema(ctx, frameworkresource.SchemaRequest{}, &s); meta.TypeName != name {
			continue
		}
		var found []hoster.Scope
		_, needs, _ := strings.Cut(s.Schema.Description, " Needs the scope")
		for _, scope := range hoster.AllScopes() {
			if strings.Contains(needs, string(scope)) {
				found = append(found, scope)
			}
		}
		return found
	}
	t.Fatalf("there is no %s", name)
	return nil
}

// TestTimeouts gives up when the time of the resource is over, and says so.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Delay: time.Hour})
	a.run(resource.TestStep{
		Config:      a.hcl(record("slow", "A", `"192.0.2.1"`, "timeouts = {\n create = \"500ms\"\n}")),
		ExpectError: regexp.MustCompile(`(?s)DNS record not created.*(timeout|deadline)`),
	})
	a.run(resource.TestStep{
		Config:      a.hcl(record("slow", "A", `"192.0.2.1"`, "timeouts = {\n create = \"soon\"\n}")),
		ExpectError: regexp.MustCompile(`(?s)soon`),
	})
}
