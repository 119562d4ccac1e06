package api_test

import (
	"context"
	"io"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// call makes one call of the SDK.
type call func(context.Context, *hoster.Client, ...hoster.CallOption) error

// one makes a call whose value nobody looks at.
func one[T any](f func(context.Context, *hoster.Client, ...hoster.CallOption) (T, error)) call {
	return func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
		_, err := f(ctx, c, o...)
		return err
	}
}

// byID makes a call that takes an id or a name, and nothing else.
func byID[ID ~string, T any](id ID, f func(*hoster.Client) func(context.Context, ID, ...hoster.CallOption) (T, error)) call {
	return func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
		_, err := f(c)(ctx, id, o...)
		return err
	}
}

var (
	address = hoster.Address{Street: "2 Example Street", City: "Sampleton", State: "CA", PostalCode: "90002", Country: "US"}
	most    = hoster.Set(amount("999.00"))
	future  = hoster.Set(time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC))
)

func amount(s string) hoster.Amount {
	a, err := hoster.ParseAmount(s)
	if err != nil {
		panic(err)
	}
	return a
}

// calls makes a call of each operation that succeeds on the objects of
// ../testdata/wire/seed.json, with every parameter and every member there is.
var calls = map[hoster.Operation]call{
	"Account.Profile": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Profile, error) {
		return c.Account.Profile(ctx, o...)
	}),
	"Account.UpdateProfile": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Profile, error) {
		return c.Account.UpdateProfile(ctx, hoster.ProfileUpdate{
			Name: hoster.Set("Sample Account 2"), Company: hoster.Set("Example Company 2"), Phone: hoster.Set("+1 555 0199"),
			Address: hoster.Set(address), TaxID: hoster.Set("XX1111111"),
		}, o...)
	}),
	"Contacts.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.Contact], error) {
		return c.Contacts.ListPage(ctx, &hoster.ContactListOptions{Page: 1, PerPage: 50}, o...)
	}),
	"Contacts.Create": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Contact, error) {
		return c.Contacts.Create(ctx, hoster.ContactCreate{Name: "New Contact", Email: "new@example.com", Phone: "+1 555 0102", Company: hoster.Set("Example Company"), Address: address}, o...)
	}),
	"Contacts.Get": byID("con_01", func(c *hoster.Client) func(context.Context, hoster.ContactID, ...hoster.CallOption) (hoster.Contact, error) {
		return c.Contacts.Get
	}),
	"Contacts.Update": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Contact, error) {
		return c.Contacts.Update(ctx, "con_01", hoster.ContactUpdate{
			Name: hoster.Set("New Contact"), Email: hoster.Set("new@example.com"), Phone: hoster.Set("+1 555 0102"),
			Company: hoster.Set("Example Company"), Address: hoster.Set(address),
		}, o...)
	}),
	"Contacts.Delete": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
		return c.Contacts.Delete(ctx, "con_05", o...)
	},
	"Invoices.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.Invoice], error) {
		return c.Invoices.ListPage(ctx, &hoster.InvoiceListOptions{Status: hoster.InvoiceStatusPaid, Type: hoster.InvoiceTypeProforma, Page: 1, PerPage: 50}, o...)
	}),
	"Invoices.Get": byID("inv_01", func(c *hoster.Client) func(context.Context, hoster.InvoiceID, ...hoster.CallOption) (hoster.Invoice, error) {
		return c.Invoices.Get
	}),
	"Invoices.PDF": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
		document, err := c.Invoices.PDF(ctx, "inv_01", o...)
		if err != nil {
			return err
		}
		defer document.Close()
		_, err = io.Copy(io.Discard, document)
		return err
	},
	"Orders.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.Order], error) {
		return c.Orders.ListPage(ctx, &hoster.OrderListOptions{Status: hoster.OrderStatusActive, Page: 1, PerPage: 50}, o...)
	}),
	"Orders.Get": byID("ord_01", func(c *hoster.Client) func(context.Context, hoster.OrderID, ...hoster.CallOption) (hoster.Order, error) {
		return c.Orders.Get
	}),
	"Domains.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.Domain], error) {
		return c.Domains.ListPage(ctx, &hoster.DomainListOptions{
			Status: hoster.DomainStatusActive, Search: "example", AutoRenew: hoster.Set(true),
			ExpiresBefore: hoster.Set(time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)), Page: 1, PerPage: 50,
		}, o...)
	}),
	"Domains.Get": byID("example.com", func(c *hoster.Client) func(context.Context, string, ...hoster.CallOption) (hoster.Domain, error) {
		return c.Domains.Get
	}),
	"Domains.Availability": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) ([]hoster.Availability, error) {
		return c.Domains.Availability(ctx, []string{"free-name.com", "bücher.example", "example.com"}, o...)
	}),
	"Domains.Register": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.DomainPurchase, error) {
		return c.Domains.Register(ctx, hoster.DomainRegistrationOrder{
			Domain: "free-name.com", Years: 2, Nameservers: []string{"ns1.example.net", "ns2.example.net"},
			Contacts:  &hoster.DomainContacts{Registrant: "con_01", Admin: "con_02", Tech: "con_03", Billing: "con_04"},
			AutoRenew: hoster.Set(false), WhoisPrivacy: hoster.Set(true), MaxPrice: most,
		}, o...)
	}),
	"Domains.Renew": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.DomainPurchase, error) {
		return c.Domains.Renew(ctx, "example.com", hoster.DomainRenewalOrder{Years: 1, MaxPrice: most}, o...)
	}),
	"Domains.Transfer": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.TransferPurchase, error) {
		return c.Domains.Transfer(ctx, hoster.DomainTransferOrder{Domain: "moving.com", AuthCode: hoster.NewSecret("sample-auth-code"), MaxPrice: most}, o...)
	}),
	"Domains.TransferStatus": byID("moving.net", func(c *hoster.Client) func(context.Context, string, ...hoster.CallOption) (hoster.Transfer, error) {
		return c.Domains.TransferStatus
	}),
	"Domains.Update": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Domain, error) {
		return c.Domains.Update(ctx, "example.com", hoster.DomainUpdate{AutoRenew: hoster.Set(false), Locked: hoster.Set(false), WhoisPrivacy: hoster.Set(false)}, o...)
	}),
	"Domains.Nameservers": byID("example.com", func(c *hoster.Client) func(context.Context, string, ...hoster.CallOption) (hoster.Nameservers, error) {
		return c.Domains.Nameservers
	}),
	"Domains.SetNameservers": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Nameservers, error) {
		return c.Domains.SetNameservers(ctx, "example.com", []string{"ns3.example.org", "ns4.example.org"}, o...)
	}),
	"Domains.Contacts": byID("example.com", func(c *hoster.Client) func(context.Context, string, ...hoster.CallOption) (hoster.DomainContacts, error) {
		return c.Domains.Contacts
	}),
	"Domains.SetContacts": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.DomainContacts, error) {
		return c.Domains.SetContacts(ctx, "example.com", hoster.DomainContacts{Registrant: "con_04", Admin: "con_03", Tech: "con_02", Billing: "con_01"}, o...)
	}),
	"Domains.AuthCode": byID("unlocked.com", func(c *hoster.Client) func(context.Context, string, ...hoster.CallOption) (hoster.AuthCode, error) {
		return c.Domains.AuthCode
	}),
	"DNS.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.Record], error) {
		return c.DNS.ListPage(ctx, "example.com", &hoster.RecordListOptions{Type: dnszone.TypeSRV, Name: "_sip._tcp", Page: 1, PerPage: 500}, o...)
	}),
	"DNS.Get": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Record, error) {
		return c.DNS.Get(ctx, "example.com", "rec_01", o...)
	}),
	"DNS.Create": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Record, error) {
		return c.DNS.Create(ctx, "example.com", hoster.RecordCreate{
			Type: dnszone.TypeSRV, Name: "_xmpp._tcp", Value: "xmpp.example.com",
			TTL: hoster.Set(7200), Priority: hoster.Set[uint16](10), Weight: hoster.Set[uint16](20), Port: hoster.Set[uint16](5222),
		}, o...)
	}),
	"DNS.Update": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Record, error) {
		return c.DNS.Update(ctx, "example.com", "rec_01", hoster.RecordUpdate{
			Name: hoster.Set("_sips._tcp"), Value: hoster.Set("sip2.example.com"), TTL: hoster.Set(300),
			Priority: hoster.Set[uint16](0), Weight: hoster.Set[uint16](1), Port: hoster.Set[uint16](5061),
		}, o...)
	}),
	"DNS.Delete": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
		return c.DNS.Delete(ctx, "example.com", "rec_01", o...)
	},
	"DNS.Batch": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.BatchResult, error) {
		return c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{
			Delete: []hoster.RecordID{"rec_02"},
			Update: []hoster.BatchUpdate{{ID: "rec_01", RecordUpdate: hoster.RecordUpdate{TTL: hoster.Set(7200)}}},
			Create: []hoster.RecordCreate{hoster.NewRecord("_xmpp._tcp", dnszone.SRV{Priority: 10, Weight: 20, Port: 5222, Target: "xmpp.example.com"})},
		}, o...)
	}),
	"Hosting.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.HostingAccount], error) {
		return c.Hosting.ListPage(ctx, &hoster.HostingListOptions{Status: hoster.HostingStatusActive, Page: 1, PerPage: 50}, o...)
	}),
	"Hosting.Get": byID("svc_01", func(c *hoster.Client) func(context.Context, hoster.HostingID, ...hoster.CallOption) (hoster.HostingAccount, error) {
		return c.Hosting.Get
	}),
	"HostingPlans.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.HostingPlan], error) {
		return c.HostingPlans.ListPage(ctx, &hoster.HostingPlanListOptions{Page: 1, PerPage: 50}, o...)
	}),
	"Hosting.Usage": byID("svc_01", func(c *hoster.Client) func(context.Context, hoster.HostingID, ...hoster.CallOption) (hoster.HostingUsage, error) {
		return c.Hosting.Usage
	}),
	"Hosting.Provision": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPurchase, error) {
		return c.Hosting.Provision(ctx, hoster.HostingOrder{PlanID: "plan_01", Domain: hoster.Set("example.com"), BillingCycle: hoster.BillingCycleAnnual, MaxPrice: most}, o...)
	}),
	"Hosting.Renew": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPurchase, error) {
		return c.Hosting.Renew(ctx, "svc_01", hoster.HostingRenewalOrder{MaxPrice: most}, o...)
	}),
	"Hosting.Upgrade": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPurchase, error) {
		return c.Hosting.Upgrade(ctx, "svc_01", hoster.HostingUpgradeOrder{PlanID: "plan_02", BillingCycle: hoster.Set(hoster.BillingCycleAnnual), MaxPrice: most}, o...)
	}),
	"Hosting.Cancel": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingAccount, error) {
		return c.Hosting.Cancel(ctx, "svc_01", hoster.HostingCancellation{When: hoster.CancelWhenEndOfTerm, Reason: hoster.Set("moving away")}, o...)
	}),
	"Hosting.SetPassword": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPassword, error) {
		return c.Hosting.SetPassword(ctx, "svc_01", hoster.HostingPassword{Password: hoster.NewSecret("sample-password-1")}, o...)
	}),
	"Hosting.LoginLink": byID("svc_01", func(c *hoster.Client) func(context.Context, hoster.HostingID, ...hoster.CallOption) (hoster.HostingLoginLink, error) {
		return c.Hosting.LoginLink
	}),
	"Tokens.List": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Page[hoster.Token], error) {
		return c.Tokens.ListPage(ctx, &hoster.TokenListOptions{Page: 1, PerPage: 50}, o...)
	}),
	"Tokens.Get": byID("tok_01", func(c *hoster.Client) func(context.Context, hoster.TokenID, ...hoster.CallOption) (hoster.Token, error) {
		return c.Tokens.Get
	}),
	"Tokens.Current": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Token, error) {
		return c.Tokens.Current(ctx, o...)
	}),
	"Tokens.Create": one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.CreatedToken, error) {
		return c.Tokens.Create(ctx, hoster.TokenCreate{
			Name: "DNS updates", Scopes: []hoster.Scope{hoster.ScopeDNSRead},
			ExpiresAt: future, IPAllowlist: hoster.Set([]string{"127.0.0.1", "10.0.0.0/8"}),
		}, o...)
	}),
	"Tokens.Revoke": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
		return c.Tokens.RevokeAny(ctx, "tok_01", o...)
	},
}

// more are calls that show what the usual ones do not: smaller requests, and
// members that only some objects have.
var more = map[hoster.Operation][]call{
	"Account.UpdateProfile": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Profile, error) {
		return c.Account.UpdateProfile(ctx, hoster.ProfileUpdate{Company: hoster.Null[string](), Phone: hoster.Null[string](), Address: hoster.Null[hoster.Address](), TaxID: hoster.Null[string]()}, o...)
	})},
	"Contacts.Update": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Contact, error) {
		return c.Contacts.Update(ctx, "con_01", hoster.ContactUpdate{Company: hoster.Null[string]()}, o...)
	})},
	"Contacts.Create": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Contact, error) {
		return c.Contacts.Create(ctx, hoster.ContactCreate{Name: "New Contact", Email: "new@example.com", Phone: "+1 555 0102", Address: address}, o...)
	})},
	"Invoices.List": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) ([]hoster.Invoice, error) {
		return c.Invoices.List(ctx, nil)
	})},
	"Orders.List": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) ([]hoster.Order, error) {
		return c.Orders.List(ctx, nil)
	})},
	"Domains.List": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) ([]hoster.Domain, error) {
		return c.Domains.List(ctx, nil)
	})},
	"DNS.List": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) ([]hoster.Record, error) {
		return c.DNS.List(ctx, "example.com", nil)
	})},
	"DNS.Create": {
		one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Record, error) {
			return c.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: dnszone.TypeTXT, Name: "@", Value: "v=spf1 -all"}, o...)
		}),
		one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.Record, error) {
			return c.DNS.Create(ctx, "example.com", hoster.NewRecord("mail", dnszone.MX{Preference: 10, Host: "mail.example.com"}), o...)
		}),
	},
	"DNS.Batch": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.BatchResult, error) {
		return c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{Create: []hoster.RecordCreate{{Type: dnszone.TypeA, Name: "www", Value: "192.0.2.10"}}}, o...)
	})},
	"Domains.Register": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.DomainPurchase, error) {
		return c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "free-name.com", Years: 1}, o...)
	})},
	"Hosting.List": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) ([]hoster.HostingAccount, error) {
		return c.Hosting.List(ctx, nil)
	})},
	"Hosting.Provision": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPurchase, error) {
		return c.Hosting.Provision(ctx, hoster.HostingOrder{PlanID: "plan_01", BillingCycle: hoster.BillingCycleAnnual}, o...)
	})},
	"Hosting.Renew": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPurchase, error) {
		return c.Hosting.Renew(ctx, "svc_01", hoster.HostingRenewalOrder{}, o...)
	})},
	"Hosting.Upgrade": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPurchase, error) {
		return c.Hosting.Upgrade(ctx, "svc_01", hoster.HostingUpgradeOrder{PlanID: "plan_02"}, o...)
	})},
	"Hosting.Cancel": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingAccount, error) {
		return c.Hosting.Cancel(ctx, "svc_01", hoster.HostingCancellation{When: hoster.CancelWhenImmediate}, o...)
	})},
	"Hosting.SetPassword": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.HostingPassword, error) {
		return c.Hosting.SetPassword(ctx, "svc_01", hoster.HostingPassword{}, o...)
	})},
	"Tokens.Create": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (hoster.CreatedToken, error) {
		return c.Tokens.Create(ctx, hoster.TokenCreate{Name: "Reader", Scopes: []hoster.Scope{hoster.ScopeDNSRead}}, o...)
	})},
	"Tokens.List": {one(func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) ([]hoster.Token, error) {
		return c.Tokens.List(ctx, nil)
	})},
}
