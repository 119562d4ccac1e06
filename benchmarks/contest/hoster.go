package contest

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/benchmarks/wire"
)

// readAhead are the options of the contender that reads the zone ahead, which
// takes part where answers are slow. It stays away while there are none.
var readAhead = []hoster.CallOption{hoster.WithReadAhead(4)}

// Ahead is hoster with four pages ahead, or nobody.
func Ahead() []Contender {
	if len(readAhead) == 0 {
		return nil
	}
	return []Contender{{Name: AheadName, New: func(origin string, client *http.Client) (Client, error) {
		sdk, err := newSDK(origin, client)
		return &ours{sdk, readAhead}, err
	}}}
}

// AheadName is what the contender of Ahead is called.
const AheadName = "hoster-ahead4"

// ours is the SDK as a program uses it: logger, hooks and limiter off.
type ours struct {
	sdk  *hoster.Client
	zone []hoster.CallOption
}

func newHoster(origin string, client *http.Client) (Client, error) {
	sdk, err := newSDK(origin, client)
	return &ours{sdk: sdk}, err
}

func newSDK(origin string, client *http.Client) (*hoster.Client, error) {
	return hoster.NewClient(
		hoster.WithBaseURL(origin+"/hoster/v1"),
		hoster.WithToken(Token),
		hoster.WithHTTPClient(client),
	)
}

func (o *ours) Domain(ctx context.Context) (Found, error) {
	d, err := o.sdk.Domains.Get(ctx, wire.Domain)
	return Found{1, d.Name, d.Name}, err
}

func (o *ours) Page(ctx context.Context, size int) (Found, error) {
	page, err := o.sdk.DNS.ListPage(ctx, wire.Domain, &hoster.RecordListOptions{PerPage: size})
	if err != nil {
		return Found{}, err
	}
	return foundIn(page.Items, oursRecordEnds), nil
}

func (o *ours) Zone(ctx context.Context) (Found, error) {
	records, err := o.sdk.DNS.List(ctx, wire.Domain, &hoster.RecordListOptions{PerPage: ZonePage}, o.zone...)
	if err != nil {
		return Found{}, err
	}
	return foundIn(records, oursRecordEnds), nil
}

func (o *ours) Resource(ctx context.Context, resource wire.Resource, size int) (Found, error) {
	read, known := oursReaders[resource]
	if !known {
		return Found{}, fmt.Errorf("hoster does not read %s", resource)
	}
	return read(ctx, o.sdk, size)
}

// oursReader calls the method that reads a resource.
type oursReader func(ctx context.Context, c *hoster.Client, size int) (Found, error)

// oursReaders read the resources of wire.
var oursReaders = map[wire.Resource]oursReader{
	wire.Domains: oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.Domain], error) {
		return c.Domains.ListPage(ctx, &hoster.DomainListOptions{PerPage: size})
	}, func(d *hoster.Domain) (string, string) { return d.Name, d.Nameservers[1] }),
	wire.Contacts: oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.Contact], error) {
		return c.Contacts.ListPage(ctx, &hoster.ContactListOptions{PerPage: size})
	}, oursContactEnds),
	wire.Invoices: oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.Invoice], error) {
		return c.Invoices.ListPage(ctx, &hoster.InvoiceListOptions{PerPage: size})
	}, oursInvoiceEnds),
	wire.Orders: oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.Order], error) {
		return c.Orders.ListPage(ctx, &hoster.OrderListOptions{PerPage: size})
	}, oursOrderEnds),
	wire.Services: oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.HostingAccount], error) {
		return c.Hosting.ListPage(ctx, &hoster.HostingListOptions{PerPage: size})
	}, oursServiceEnds),
	wire.Plans: oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.HostingPlan], error) {
		return c.HostingPlans.ListPage(ctx, &hoster.HostingPlanListOptions{PerPage: size})
	}, func(p *hoster.HostingPlan) (string, string) { return p.Name, p.Description }),
	wire.Tokens: oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.Token], error) {
		return c.Tokens.ListPage(ctx, &hoster.TokenListOptions{PerPage: size})
	}, oursTokenEnds),
	wire.MixedRecords: oursRecords(wire.MixedZone),
	wire.OddRecords:   oursRecords(wire.OddZone),

	wire.Profile: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.Profile, error) {
		return c.Account.Profile(ctx)
	}, func(p *hoster.Profile) (string, string) { return p.Name, p.Address.Street }),
	wire.Contact: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.Contact, error) {
		return c.Contacts.Get(ctx, wire.ContactID)
	}, oursContactEnds),
	wire.Invoice: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.Invoice, error) {
		return c.Invoices.Get(ctx, wire.InvoiceID)
	}, oursInvoiceEnds),
	wire.Order: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.Order, error) {
		return c.Orders.Get(ctx, wire.OrderID)
	}, oursOrderEnds),
	wire.Service: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.HostingAccount, error) {
		return c.Hosting.Get(ctx, wire.ServiceID)
	}, oursServiceEnds),
	wire.Usage: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.HostingUsage, error) {
		return c.Hosting.Usage(ctx, wire.ServiceID)
	}, func(u *hoster.HostingUsage) (string, string) {
		return strconv.FormatInt(u.Disk.Used, 10), u.MeasuredAt.Format(time.RFC3339)
	}),
	wire.Token: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.Token, error) {
		return c.Tokens.Get(ctx, wire.TokenID)
	}, oursTokenEnds),
	wire.Transfer: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.Transfer, error) {
		return c.Domains.TransferStatus(ctx, wire.Domain)
	}, func(t *hoster.Transfer) (string, string) { return t.Domain, t.Reason }),
	wire.Nameservers: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.Nameservers, error) {
		return c.Domains.Nameservers(ctx, wire.Domain)
	}, func(n *hoster.Nameservers) (string, string) { return n.Nameservers[0], n.Nameservers[1] }),
	wire.DomainContacts: oursOne(func(ctx context.Context, c *hoster.Client) (hoster.DomainContacts, error) {
		return c.Domains.Contacts(ctx, wire.Domain)
	}, func(d *hoster.DomainContacts) (string, string) { return string(d.Registrant), string(d.Billing) }),
	wire.Availability: func(ctx context.Context, c *hoster.Client, _ int) (Found, error) {
		answers, err := c.Domains.Availability(ctx, wire.Candidates)
		return foundIn(answers, func(a *hoster.Availability) (string, string) { return a.Domain, a.Reason }), err
	},
}

func oursRecordEnds(r *hoster.Record) (string, string)   { return r.Name, r.Value }
func oursContactEnds(c *hoster.Contact) (string, string) { return c.Name, c.Address.Street }
func oursInvoiceEnds(i *hoster.Invoice) (string, string) {
	return i.Items[0].Description, i.Items[2].Description
}
func oursOrderEnds(o *hoster.Order) (string, string) {
	return o.Items[0].Description, o.Items[1].Description
}
func oursServiceEnds(s *hoster.HostingAccount) (string, string) { return s.Name, s.Plan.Name }
func oursTokenEnds(t *hoster.Token) (string, string)            { return t.Name, t.Prefix }

func oursPage[T any](list func(context.Context, *hoster.Client, int) (hoster.Page[T], error), e ends[T]) oursReader {
	return func(ctx context.Context, c *hoster.Client, size int) (Found, error) {
		page, err := list(ctx, c, size)
		return foundIn(page.Items, e), err
	}
}

func oursRecords(zone string) oursReader {
	return oursPage(func(ctx context.Context, c *hoster.Client, size int) (hoster.Page[hoster.Record], error) {
		return c.DNS.ListPage(ctx, zone, &hoster.RecordListOptions{PerPage: size})
	}, oursRecordEnds)
}

func oursOne[T any](get func(context.Context, *hoster.Client) (T, error), e ends[T]) oursReader {
	return func(ctx context.Context, c *hoster.Client, _ int) (Found, error) {
		item, err := get(ctx, c)
		if err != nil {
			return Found{}, err
		}
		return foundOne(&item, e), nil
	}
}
