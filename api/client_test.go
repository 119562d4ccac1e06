package api_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/api/client"
)

// generatedCalls make every call with a client that a program wrote from the
// document: it shares nothing with the SDK but the contract.
var generatedCalls = map[string]func(context.Context, *client.ClientWithResponses) (any, error){
	"Account.Profile": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.AccountProfileWithResponse(ctx)
	},
	"Account.UpdateProfile": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.AccountUpdateProfileWithResponse(ctx, nil, client.ProfileUpdate{Company: new("Example Company 2"), Address: &generatedAddress})
	},
	"Contacts.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.ContactsListWithResponse(ctx, &client.ContactsListParams{Page: new(1), PerPage: new(50)})
	},
	"Contacts.Create": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.ContactsCreateWithResponse(ctx, &client.ContactsCreateParams{IdempotencyKey: new("sample-key")},
			client.ContactCreate{Name: "New Contact", Email: "new@example.com", Phone: "+1 555 0102", Address: generatedAddress})
	},
	"Contacts.Get": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.ContactsGetWithResponse(ctx, "con_01")
	},
	"Contacts.Update": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.ContactsUpdateWithResponse(ctx, "con_01", nil, client.ContactUpdate{Phone: new("+1 555 0103")})
	},
	"Contacts.Delete": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.ContactsDeleteWithResponse(ctx, "con_05", nil)
	},
	"Invoices.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.InvoicesListWithResponse(ctx, &client.InvoicesListParams{Status: new(client.InvoicesListParamsStatus("paid"))})
	},
	"Invoices.Get": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.InvoicesGetWithResponse(ctx, "inv_01")
	},
	"Invoices.PDF": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.InvoicesPDFWithResponse(ctx, "inv_01")
	},
	"Orders.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.OrdersListWithResponse(ctx, &client.OrdersListParams{PerPage: new(100)})
	},
	"Orders.Get": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.OrdersGetWithResponse(ctx, "ord_01")
	},
	"Domains.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsListWithResponse(ctx, &client.DomainsListParams{
			Search: new("example"), AutoRenew: new(true), ExpiresBefore: new(time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)),
		})
	},
	"Domains.Register": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsRegisterWithResponse(ctx, nil, client.DomainRegistration{
			Domain: "free-name.com", Years: 1, Contacts: &client.DomainContactsChoice{Registrant: "con_01"}, MaxPrice: new("99.00"),
		})
	},
	"Domains.Availability": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsAvailabilityWithResponse(ctx, &client.DomainsAvailabilityParams{Domain: []string{"free-name.com", "example.com"}})
	},
	"Domains.Transfer": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsTransferWithResponse(ctx, nil, client.DomainTransferOrder{Domain: "moving.com", AuthCode: new("sample-auth-code")})
	},
	"Domains.Get": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsGetWithResponse(ctx, "example.com")
	},
	"Domains.Update": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsUpdateWithResponse(ctx, "example.com", nil, client.DomainUpdate{AutoRenew: new(false)})
	},
	"Domains.Renew": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsRenewWithResponse(ctx, "example.com", nil, client.DomainRenewal{Years: 1})
	},
	"Domains.TransferStatus": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsTransferStatusWithResponse(ctx, "moving.net")
	},
	"Domains.Nameservers": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsNameserversWithResponse(ctx, "example.com")
	},
	"Domains.SetNameservers": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsSetNameserversWithResponse(ctx, "example.com", nil, client.NameserversUpdate{Nameservers: []string{"ns3.example.org", "ns4.example.org"}})
	},
	"Domains.Contacts": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsContactsWithResponse(ctx, "example.com")
	},
	"Domains.SetContacts": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsSetContactsWithResponse(ctx, "example.com", nil, client.DomainContacts{Registrant: "con_04", Admin: "con_03", Tech: "con_02", Billing: "con_01"})
	},
	"Domains.AuthCode": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DomainsAuthCodeWithResponse(ctx, "unlocked.com", nil)
	},
	"DNS.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DNSListWithResponse(ctx, "example.com", &client.DNSListParams{Type: new(client.DNSListParamsType("SRV")), PerPage: new(1000)})
	},
	"DNS.Create": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DNSCreateWithResponse(ctx, "example.com", nil, client.RecordCreate{Type: "MX", Name: "@", Value: "mail.example.com", Priority: new(10)})
	},
	"DNS.Batch": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DNSBatchWithResponse(ctx, "example.com", nil, client.RecordBatch{
			Delete: &[]client.RecordId{"rec_02"},
			Update: &[]client.RecordBatchUpdate{{Id: "rec_01", Ttl: new(7200)}},
			Create: &[]client.RecordCreate{{Type: "A", Name: "www", Value: "192.0.2.10"}},
		})
	},
	"DNS.Get": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DNSGetWithResponse(ctx, "example.com", "rec_01")
	},
	"DNS.Update": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DNSUpdateWithResponse(ctx, "example.com", "rec_01", nil, client.RecordUpdate{Value: new("sip2.example.com")})
	},
	"DNS.Delete": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.DNSDeleteWithResponse(ctx, "example.com", "rec_01", nil)
	},
	"Hosting.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingListWithResponse(ctx, nil)
	},
	"Hosting.Provision": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingProvisionWithResponse(ctx, nil, client.ServiceOrder{PlanId: "plan_01", BillingCycle: "annual"})
	},
	"HostingPlans.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingPlansListWithResponse(ctx, nil)
	},
	"Hosting.Get": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingGetWithResponse(ctx, "svc_01")
	},
	"Hosting.Usage": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingUsageWithResponse(ctx, "svc_01")
	},
	"Hosting.Renew": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingRenewWithResponse(ctx, "svc_01", nil, client.ServiceRenewal{})
	},
	"Hosting.Upgrade": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingUpgradeWithResponse(ctx, "svc_01", nil, client.ServiceUpgrade{PlanId: "plan_02"})
	},
	"Hosting.Cancel": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingCancelWithResponse(ctx, "svc_01", nil, client.ServiceCancellation{When: "end_of_term"})
	},
	"Hosting.SetPassword": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingSetPasswordWithResponse(ctx, "svc_01", nil, client.ServicePasswordChange{})
	},
	"Hosting.LoginLink": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.HostingLoginLinkWithResponse(ctx, "svc_01", nil)
	},
	"Tokens.List": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.TokensListWithResponse(ctx, nil)
	},
	"Tokens.Create": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.TokensCreateWithResponse(ctx, nil, client.TokenCreate{Name: "Reader", Scopes: []client.TokenCreateScopes{"dns:read"}})
	},
	"Tokens.Current": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.TokensCurrentWithResponse(ctx)
	},
	"Tokens.Get": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.TokensGetWithResponse(ctx, "tok_01")
	},
	"Tokens.Revoke": func(ctx context.Context, c *client.ClientWithResponses) (any, error) {
		return c.TokensRevokeWithResponse(ctx, "tok_01", nil)
	},
}

var generatedAddress = client.Address{Street: "2 Example Street", City: "Sampleton", State: "CA", PostalCode: "90002", Country: "US"}

// TestGeneratedClient makes every call of the document with the client that was
// generated from it.
func TestGeneratedClient(t *testing.T) {
	j := newJudge(t)
	for name, op := range j.operations {
		t.Run(name, func(t *testing.T) {
			if generatedCalls[name] == nil {
				t.Fatal("no call")
			}
			s := newSetup(t, j)
			c, err := client.NewClientWithResponses(s.url,
				client.WithHTTPClient(&http.Client{Transport: s.recorder}),
				client.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
					req.Header.Set("Authorization", "Bearer "+s.srv.RootToken())
					return nil
				}))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := generatedCalls[name](context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			if s.last.status >= 300 || op.Responses.Status(s.last.status) == nil {
				t.Fatalf("status %d: %s", s.last.status, s.last.gotBody)
			}
			if isJSON(s.last.got) && !decoded(answer) {
				t.Errorf("the client could not read %s", s.last.gotBody)
			}
		})
	}
}

// decoded reports whether the client read the answer of a success.
func decoded(answer any) bool {
	v := reflect.Indirect(reflect.ValueOf(answer))
	for i := range v.NumField() {
		if strings.HasPrefix(v.Type().Field(i).Name, "JSON2") && !v.Field(i).IsNil() {
			return true
		}
	}
	return false
}

// TestClientIsCurrent generates the client again and compares.
func TestClientIsCurrent(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "client.gen.go")
	generate := exec.Command("go", "tool", "oapi-codegen", "-config", "config.yaml", "-o", fresh, "../openapi.yaml")
	generate.Dir = "client"
	if said, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join("client", "client.gen.go"))
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("client/client.gen.go is not what the document says now: run go generate ./client (%v)", err)
	}
}
