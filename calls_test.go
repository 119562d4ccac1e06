package hoster_test

import (
	"context"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// What stands in the requests of testdata/wire.
var (
	testAddress         = hoster.Address{Street: "2 Example Street", City: "Sampleton", State: "CA", PostalCode: "90002", Country: "US"}
	testPrice, _        = hoster.ParseAmount("99.00")
	testUpgradePrice, _ = hoster.ParseAmount("999.00")
)

// testSecret is what "{secret}" stands for in testdata/wire.
const testSecret = canary

// calls makes each operation's call with the arguments that its file in
// testdata/wire expects. Tests that hold for every operation walk the table
// and find the call here: an operation without one fails them.
var calls = map[hoster.Operation]func(context.Context, *hoster.Client, ...hoster.CallOption) (any, error){
	"Account.Profile": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Account.Profile(ctx, o...)
	},
	"Domains.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Domains.ListPage(ctx, &hoster.DomainListOptions{
			Status: hoster.DomainStatusActive, Search: "example", AutoRenew: hoster.Set(true),
			ExpiresBefore: hoster.Set(time.Date(2032, 1, 1, 1, 0, 0, 0, time.FixedZone("CET", 3600))), Page: 1, PerPage: 50,
		}, o...)
		return page.Items, err
	},
	"Domains.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Get(ctx, "Example.COM.", o...)
	},
	"DNS.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.DNS.ListPage(ctx, "example.com", &hoster.RecordListOptions{
			Type: dnszone.TypeSRV, Name: "_SIP._tcp.example.com.", Page: 1, PerPage: 500,
		}, o...)
		return page.Items, err
	},
	"DNS.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.DNS.Get(ctx, "example.com", "rec_01", o...)
	},
	"DNS.Create": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.DNS.Create(ctx, "example.com", hoster.RecordCreate{
			Type: dnszone.TypeSRV, Name: "_xmpp._tcp.example.com", Value: "XMPP.example.com.",
			TTL: hoster.Set(7200), Priority: hoster.Set[uint16](10), Weight: hoster.Set[uint16](20), Port: hoster.Set[uint16](5222),
		}, o...)
	},
	"DNS.Update": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.DNS.Update(ctx, "example.com", "rec_01", hoster.RecordUpdate{
			Name: hoster.Set("_sips._tcp"), Value: hoster.Set("sip2.example.com"), TTL: hoster.Set(300),
			Priority: hoster.Set[uint16](0), Weight: hoster.Set[uint16](1), Port: hoster.Set[uint16](5061),
		}, o...)
	},
	"DNS.Delete": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return nil, c.DNS.Delete(ctx, "example.com", "rec_01", o...)
	},
	"Account.UpdateProfile": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Account.UpdateProfile(ctx, hoster.ProfileUpdate{Name: hoster.Set("Sample Account 2"), Company: hoster.Set("Example Company 2"), Phone: hoster.Set("+1 555 0199"), Address: hoster.Set(testAddress), TaxID: hoster.Set("XX1111111")}, o...)
	},
	"Contacts.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Contacts.ListPage(ctx, &hoster.ContactListOptions{Page: 1, PerPage: 50}, o...)
		return page.Items, err
	},
	"Contacts.Create": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Contacts.Create(ctx, hoster.ContactCreate{Name: "New Contact", Email: "new@example.com", Phone: "+1 555 0102", Company: hoster.Set("Example Company"), Address: testAddress}, o...)
	},
	"Contacts.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Contacts.Get(ctx, "con_01", o...)
	},
	"Contacts.Update": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Contacts.Update(ctx, "con_01", hoster.ContactUpdate{Name: hoster.Set("New Contact"), Email: hoster.Set("new@example.com"), Phone: hoster.Set("+1 555 0102"), Company: hoster.Set("Example Company"), Address: hoster.Set(testAddress)}, o...)
	},
	"Contacts.Delete": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return nil, c.Contacts.Delete(ctx, "con_05", o...)
	},
	"Invoices.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Invoices.ListPage(ctx, &hoster.InvoiceListOptions{Status: hoster.InvoiceStatusPaid, Type: hoster.InvoiceTypeProforma, Page: 1, PerPage: 50}, o...)
		return page.Items, err
	},
	"Invoices.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Invoices.Get(ctx, "inv_01", o...)
	},
	"Invoices.PDF": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		document, err := c.Invoices.PDF(ctx, "inv_01", o...)
		if err != nil {
			return nil, err
		}
		defer document.Close()
		content, err := io.ReadAll(document)
		return string(content), err
	},
	"Orders.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Orders.ListPage(ctx, &hoster.OrderListOptions{Status: hoster.OrderStatusActive, Page: 1, PerPage: 50}, o...)
		return page.Items, err
	},
	"Orders.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Orders.Get(ctx, "ord_01", o...)
	},
	"Domains.Availability": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Availability(ctx, []string{"Free-Name.com.", "bücher.example"}, o...)
	},
	"Domains.Register": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Register(ctx, hoster.DomainRegistrationOrder{
			Domain: "Free-Name.com", Years: 2, Nameservers: []string{"NS1.example.net.", "ns2.example.net"},
			Contacts:  &hoster.DomainContacts{Registrant: "con_01", Admin: "con_02", Tech: "con_03", Billing: "con_04"},
			AutoRenew: hoster.Set(false), WhoisPrivacy: hoster.Set(true), MaxPrice: hoster.Set(testPrice),
		}, o...)
	},
	"Domains.Renew": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Renew(ctx, "example.com", hoster.DomainRenewalOrder{Years: 1, MaxPrice: hoster.Set(testPrice)}, o...)
	},
	"Domains.Transfer": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Transfer(ctx, hoster.DomainTransferOrder{Domain: "moving.com", AuthCode: hoster.NewSecret(testSecret), MaxPrice: hoster.Set(testPrice)}, o...)
	},
	"Domains.TransferStatus": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.TransferStatus(ctx, "moving.net", o...)
	},
	"Domains.Update": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Update(ctx, "example.com", hoster.DomainUpdate{AutoRenew: hoster.Set(false), Locked: hoster.Set(false), WhoisPrivacy: hoster.Set(false)}, o...)
	},
	"Domains.Nameservers": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Nameservers(ctx, "example.com", o...)
	},
	"Domains.SetNameservers": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.SetNameservers(ctx, "example.com", []string{"ns3.example.org", "NS4.example.org."}, o...)
	},
	"Domains.Contacts": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Contacts(ctx, "example.com", o...)
	},
	"Domains.SetContacts": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.SetContacts(ctx, "example.com", hoster.DomainContacts{Registrant: "con_04", Admin: "con_03", Tech: "con_02", Billing: "con_01"}, o...)
	},
	"Domains.AuthCode": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.AuthCode(ctx, "unlocked.com", o...)
	},
	"DNS.Batch": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{
			Delete: []hoster.RecordID{"rec_02"},
			Update: []hoster.BatchUpdate{{ID: "rec_01", RecordUpdate: hoster.RecordUpdate{TTL: hoster.Set(7200)}}},
			Create: []hoster.RecordCreate{hoster.NewRecord("_xmpp._tcp", dnszone.SRV{Priority: 10, Weight: 20, Port: 5222, Target: "xmpp.example.com"})},
		}, o...)
	},
	"Hosting.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Hosting.ListPage(ctx, &hoster.HostingListOptions{Status: hoster.HostingStatusActive, Page: 1, PerPage: 50}, o...)
		return page.Items, err
	},
	"Hosting.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.Get(ctx, "svc_01", o...)
	},
	"HostingPlans.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.HostingPlans.ListPage(ctx, &hoster.HostingPlanListOptions{Page: 1, PerPage: 50}, o...)
		return page.Items, err
	},
	"Hosting.Usage": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.Usage(ctx, "svc_01", o...)
	},
	"Hosting.Provision": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.Provision(ctx, hoster.HostingOrder{PlanID: "plan_01", Domain: hoster.Set("Example.com"), BillingCycle: hoster.BillingCycleAnnual, MaxPrice: hoster.Set(testPrice)}, o...)
	},
	"Hosting.Renew": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.Renew(ctx, "svc_01", hoster.HostingRenewalOrder{MaxPrice: hoster.Set(testPrice)}, o...)
	},
	"Hosting.Upgrade": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.Upgrade(ctx, "svc_01", hoster.HostingUpgradeOrder{PlanID: "plan_02", BillingCycle: hoster.Set(hoster.BillingCycleAnnual), MaxPrice: hoster.Set(testUpgradePrice)}, o...)
	},
	"Hosting.Cancel": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.Cancel(ctx, "svc_01", hoster.HostingCancellation{When: hoster.CancelWhenEndOfTerm, Reason: hoster.Set("moving away")}, o...)
	},
	"Hosting.SetPassword": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.SetPassword(ctx, "svc_01", hoster.HostingPassword{Password: hoster.NewSecret(testSecret)}, o...)
	},
	"Hosting.LoginLink": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Hosting.LoginLink(ctx, "svc_01", o...)
	},
	"Tokens.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Tokens.ListPage(ctx, &hoster.TokenListOptions{Page: 1, PerPage: 50}, o...)
		return page.Items, err
	},
	"Tokens.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Tokens.Get(ctx, "tok_01", o...)
	},
	"Tokens.Current": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Tokens.Current(ctx, o...)
	},
	"Tokens.Create": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Tokens.Create(ctx, hoster.TokenCreate{
			Name: "DNS updates", Scopes: []hoster.Scope{hoster.ScopeDNSRead},
			ExpiresAt:   hoster.Set(time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)),
			IPAllowlist: hoster.Set([]string{"127.0.0.1", "10.0.0.0/8"}),
		}, o...)
	},
	"Tokens.Revoke": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return nil, c.Tokens.RevokeAny(ctx, "tok_01", o...)
	},
}

// composed are the methods that make their calls through other methods.
var composed = map[string]bool{
	"DNS.AppendValues": true, "DNS.RemoveValues": true, "DNS.ReplaceSet": true, "DNS.CreateSet": true, "DNS.DeleteSet": true, "DNS.EditSets": true, "DNS.Writer": true,
	"DNS.PlanZone": true, "DNS.Apply": true, "DNS.Snapshot": true, "DNS.Find": true,
	"Orders.Wait": true, "Hosting.Wait": true, "Domains.WaitTransfer": true, "Domains.WaitNameservers": true,
	"Tokens.RevokeAny": true, "DNS.Zones": true, "DNS.ZoneOf": true,
	"Domains.EnsureRegistered": true, "Domains.EnsureRenewed": true, "Domains.EnsureTransferred": true,
	"Hosting.EnsureProvisioned": true, "Hosting.EnsureRenewed": true,
}

// services are the services of a client by the names of its fields.
func services(client *hoster.Client) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	v := reflect.ValueOf(client).Elem()
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			found[field.Name] = v.Field(i)
		}
	}
	return found
}

// operationOf is the row that a method belongs to: All and ListPage walk the same
// list as List.
func operationOf(service, method string) hoster.Operation {
	if method == "All" || method == "ListPage" {
		method = "List"
	}
	return hoster.Operation(service + "." + method)
}

func TestEveryMethodHasARowAndEveryRowAMethod(t *testing.T) {
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"))
	if err != nil {
		t.Fatal(err)
	}
	left := map[hoster.Operation]bool{}
	for _, row := range hoster.Table() {
		if left[row.Name] {
			t.Errorf("%s stands twice in the table", row.Name)
		}
		left[row.Name] = true
	}
	rows := len(left)
	for name, service := range services(client) {
		for i := range service.NumMethod() {
			method := service.Type().Method(i).Name
			if method == "Format" || composed[name+"."+method] {
				continue
			}
			op := operationOf(name, method)
			if !slices.ContainsFunc(hoster.Table(), func(r hoster.Row) bool { return r.Name == op }) {
				t.Errorf("method %s.%s has no row in the operation table", name, method)
			}
			delete(left, op)
		}
	}
	for op := range left {
		t.Errorf("row %s has no method", op)
	}
	if rows == 0 {
		t.Error("the table is empty")
	}
}

func TestListsComeInThreeForms(t *testing.T) {
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"))
	if err != nil {
		t.Fatal(err)
	}
	found := services(client)
	for _, row := range hoster.Table() {
		if !row.IsList {
			continue
		}
		service, list, _ := strings.Cut(string(row.Name), ".")
		if list != "List" {
			t.Errorf("%s is a list: its name is %s.List, of a service of its own", row.Name, service)
		}
		for _, method := range []string{"List", "All", "ListPage"} {
			if !found[service].MethodByName(method).IsValid() {
				t.Errorf("%s.%s is missing", service, method)
			}
		}
	}
}

func TestEveryWriteSaysHowToFindOut(t *testing.T) {
	for _, row := range hoster.Table() {
		if row.Replay != hoster.ReplayAlways && row.LookUp == "" {
			t.Errorf("%s: the row does not say how to find out what became of it", row.Name)
		}
		if (row.Buys || row.Mints) && row.Replay != hoster.ReplayOnEvidence {
			t.Errorf("%s: what buys or mints is repeated on evidence only", row.Name)
		}
	}
}
