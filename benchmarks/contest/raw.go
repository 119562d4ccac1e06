package contest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-hoster/hoster/benchmarks/wire"
)

// raw is what a programmer writes without an SDK: net/http, io.ReadAll and
// encoding/json into structs of the same shape as the SDK's.
type raw struct {
	client *http.Client
	origin string
	domain string
	list   string
}

func newRaw(origin string, client *http.Client) (Client, error) {
	domain := origin + "/hoster/v1/domains/" + wire.Domain
	return &raw{client, origin, domain, domain + "/dns/records"}, nil
}

func (r *raw) Domain(ctx context.Context) (Found, error) {
	var answer rawAnswer[rawDomain]
	if err := r.read(ctx, r.domain, &answer); err != nil {
		return Found{}, err
	}
	return Found{1, answer.Data.Name, answer.Data.Name}, nil
}

func (r *raw) Page(ctx context.Context, size int) (Found, error) {
	var answer rawAnswer[[]rawRecord]
	if err := r.read(ctx, r.list+"?per_page="+strconv.Itoa(size), &answer); err != nil {
		return Found{}, err
	}
	return foundIn(answer.Data, rawRecordEnds), nil
}

func (r *raw) Zone(ctx context.Context) (Found, error) {
	var all []rawRecord
	for page, pages := 1, 1; page <= pages; page++ {
		var answer rawAnswer[[]rawRecord]
		if err := r.read(ctx, fmt.Sprintf("%s?page=%d&per_page=%d", r.list, page, ZonePage), &answer); err != nil {
			return Found{}, err
		}
		all = append(all, answer.Data...)
		pages = answer.Meta.Pagination.TotalPages
	}
	return foundIn(all, rawRecordEnds), nil
}

func (r *raw) Resource(ctx context.Context, resource wire.Resource, size int) (Found, error) {
	read, known := rawReaders[resource]
	if !known {
		return Found{}, fmt.Errorf("raw does not read %s", resource)
	}
	return read(ctx, r, resource.URL(r.origin, size))
}

// rawReader reads what is under a URL.
type rawReader func(ctx context.Context, r *raw, url string) (Found, error)

// rawReaders read the resources of wire.
var rawReaders = map[wire.Resource]rawReader{
	wire.Domains:      rawList(func(d *rawDomain) (string, string) { return d.Name, d.Nameservers[1] }),
	wire.Contacts:     rawList(rawContactEnds),
	wire.Invoices:     rawList(rawInvoiceEnds),
	wire.Orders:       rawList(rawOrderEnds),
	wire.Services:     rawList(rawServiceEnds),
	wire.Plans:        rawList(func(p *rawPlan) (string, string) { return p.Name, p.Description }),
	wire.Tokens:       rawList(rawTokenEnds),
	wire.MixedRecords: rawList(rawRecordEnds),
	wire.OddRecords:   rawOddRecords,
	wire.Profile:      rawOne(func(p *rawProfile) (string, string) { return p.Name, p.Address.Street }),
	wire.Contact:      rawOne(rawContactEnds),
	wire.Invoice:      rawOne(rawInvoiceEnds),
	wire.Order:        rawOne(rawOrderEnds),
	wire.Service:      rawOne(rawServiceEnds),
	wire.Usage: rawOne(func(u *rawUsage) (string, string) {
		return strconv.FormatInt(u.Disk.Used, 10), u.MeasuredAt.Format(time.RFC3339)
	}),
	wire.Token:          rawOne(rawTokenEnds),
	wire.Transfer:       rawOne(func(t *rawTransfer) (string, string) { return t.Domain, t.Reason }),
	wire.Nameservers:    rawOne(func(n *rawNameservers) (string, string) { return n.Nameservers[0], n.Nameservers[1] }),
	wire.DomainContacts: rawOne(func(c *rawContacts) (string, string) { return c.Registrant, c.Billing }),
	wire.Availability:   rawList(func(a *rawAvailability) (string, string) { return a.Domain, a.Reason }),
}

func rawRecordEnds(r *rawRecord) (string, string)   { return r.Name, r.Value }
func rawContactEnds(c *rawContact) (string, string) { return c.Name, c.Address.Street }
func rawInvoiceEnds(i *rawInvoice) (string, string) {
	return i.Items[0].Description, i.Items[2].Description
}
func rawOrderEnds(o *rawOrder) (string, string) {
	return o.Items[0].Description, o.Items[1].Description
}
func rawServiceEnds(s *rawService) (string, string) { return s.Name, s.Plan.Name }
func rawTokenEnds(t *rawToken) (string, string)     { return t.Name, t.Prefix }

func rawList[T any](e ends[T]) rawReader {
	return func(ctx context.Context, r *raw, url string) (Found, error) {
		var answer rawAnswer[[]T]
		err := r.read(ctx, url, &answer)
		return foundIn(answer.Data, e), err
	}
}

func rawOne[T any](e ends[T]) rawReader {
	return func(ctx context.Context, r *raw, url string) (Found, error) {
		var answer rawAnswer[T]
		if err := r.read(ctx, url, &answer); err != nil {
			return Found{}, err
		}
		return foundOne(&answer.Data, e), nil
	}
}

func rawOddRecords(ctx context.Context, r *raw, url string) (Found, error) {
	var answer rawOddAnswer
	err := r.read(ctx, url, &answer)
	return foundIn(answer.Data, func(r *rawOddRecord) (string, string) { return r.Name, r.Value }), err
}

func (r *raw) read(ctx context.Context, url string, into any) error {
	req, err := newRequest(ctx, url)
	if err != nil {
		return err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return json.Unmarshal(body, into)
}
