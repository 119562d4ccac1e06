// Portfolio shows what in an account needs attention: domains that expire soon,
// with their renewal prices, invoices that wait to be paid, and hosting services
// near their limits. It only reads.
//
//	go run ./examples/portfolio [-days 60] [-limit 80] [-json]
//
// It talks to the provider of the environment (API_TOKEN, API_BASE_URL or
// API_BRAND), or to an embedded sandbox where nothing is set.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/program"
)

const about = `Usage: portfolio [flags]

Portfolio shows what in an account needs attention: domains that expire soon, with
their renewal prices, invoices that wait to be paid, and hosting services near
their limits. It only reads.`

func main() {
	program.Main("portfolio", func(ctx context.Context, args []string) error {
		return run(ctx, args, os.Stdout, os.Stderr)
	})
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("portfolio", flag.ContinueOnError)
	days := flags.Int("days", 60, "show domains that expire within this many `days`")
	limit := flags.Int("limit", 80, "show services that use at least this `percentage` of a limit")
	asJSON := flags.Bool("json", false, "print JSON")
	if err := program.Parse(flags, about, args, 0, stdout); err != nil {
		return err
	}
	if *days < 0 || *limit < 0 {
		return program.Usage("-days and -limit must not be negative")
	}
	p, err := program.Open(hoster.WithUserAgent("hoster-portfolio"))
	if err != nil {
		return err
	}
	defer p.Close()
	progress := newProgress(stderr)
	found, err := collect(ctx, p.Client, time.Now().AddDate(0, 0, *days), *limit, progress.show)
	progress.clear()
	if err != nil {
		return err
	}
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(found)
	}
	return found.print(stdout, *days, *limit)
}

// report is what needs attention.
type report struct {
	Expiring []expiring `json:"expiring_domains"`
	Unpaid   []unpaid   `json:"unpaid_invoices"`
	Full     []full     `json:"services_near_limits"`
}

type expiring struct {
	Domain    string         `json:"domain"`
	ExpiresAt time.Time      `json:"expires_at"`
	AutoRenew bool           `json:"auto_renew"`
	Renewal   *hoster.Amount `json:"renewal_price"` // for one year; null where the provider names none
	Currency  string         `json:"currency"`
}

type unpaid struct {
	Number   string               `json:"number"`
	Status   hoster.InvoiceStatus `json:"status"`
	DueAt    time.Time            `json:"due_at"`
	Balance  hoster.Amount        `json:"balance_due"`
	Currency string               `json:"currency"`
	PayAt    string               `json:"payment_url"`
}

type full struct {
	Service string `json:"service"`
	What    string `json:"what"`
	Used    int64  `json:"used_bytes"`
	Limit   int64  `json:"limit_bytes"`
}

// collect reads the account.
func collect(ctx context.Context, client *hoster.Client, until time.Time, percent int, show func(string)) (*report, error) {
	found := &report{Expiring: []expiring{}, Unpaid: []unpaid{}, Full: []full{}}
	for _, step := range []struct {
		what string
		run  func() error
	}{
		{"domains", func() error { return found.domains(ctx, client, until) }},
		{"renewal prices", func() error { return found.prices(ctx, client) }},
		{"invoices", func() error { return found.invoices(ctx, client) }},
		{"hosting services", func() error { return found.services(ctx, client, percent, show) }},
	} {
		show(step.what)
		if err := step.run(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (r *report) domains(ctx context.Context, client *hoster.Client, until time.Time) error {
	options := &hoster.DomainListOptions{ExpiresBefore: hoster.Set(until)}
	for d, err := range client.Domains.All(ctx, options) {
		switch {
		case err != nil:
			return err
		case d.ExpiresAt == nil || !d.ExpiresAt.Before(until): // a provider may not know the filter
			continue
		case d.Status != hoster.DomainStatusActive && d.Status != hoster.DomainStatusExpired && d.Status != hoster.DomainStatusRedemption:
			continue // nothing to renew
		}
		r.Expiring = append(r.Expiring, expiring{Domain: d.Name, ExpiresAt: *d.ExpiresAt, AutoRenew: d.AutoRenew})
	}
	return nil
}

// prices asks for 50 names at a time, which is the most that one call takes.
func (r *report) prices(ctx context.Context, client *hoster.Client) error {
	for start := 0; start < len(r.Expiring); start += 50 {
		part := r.Expiring[start:min(start+50, len(r.Expiring))]
		names := make([]string, len(part))
		for i := range part {
			names[i] = part[i].Domain
		}
		answers, err := client.Domains.Availability(ctx, names)
		if err != nil {
			return err
		}
		for _, a := range answers {
			for i := range part {
				if part[i].Domain == a.Domain && a.Prices != nil {
					part[i].Renewal, part[i].Currency = a.Prices.Renew, a.Currency
				}
			}
		}
	}
	return nil
}

func (r *report) invoices(ctx context.Context, client *hoster.Client) error {
	for _, status := range []hoster.InvoiceStatus{hoster.InvoiceStatusOverdue, hoster.InvoiceStatusUnpaid} {
		for i, err := range client.Invoices.All(ctx, &hoster.InvoiceListOptions{Status: status}) {
			if err != nil {
				return err
			}
			r.Unpaid = append(r.Unpaid, unpaid{i.Number, i.Status, i.DueAt, i.BalanceDue, i.Currency, i.PaymentURL})
		}
	}
	return nil
}

func (r *report) services(ctx context.Context, client *hoster.Client, percent int, show func(string)) error {
	services, err := client.Hosting.List(ctx, &hoster.HostingListOptions{Status: hoster.HostingStatusActive})
	if err != nil {
		return err
	}
	for n, s := range services {
		show(fmt.Sprintf("hosting services: %d of %d", n+1, len(services)))
		usage, err := client.Hosting.Usage(ctx, s.ID)
		if err != nil {
			return err
		}
		r.near(s.Name, "disk", usage.Disk, percent)
		r.near(s.Name, "bandwidth", usage.Bandwidth, percent)
	}
	return nil
}

func (r *report) near(service, what string, q hoster.HostingQuota, percent int) {
	if q.Limit != nil && *q.Limit > 0 && float64(q.Used) >= float64(*q.Limit)*float64(percent)/100 {
		r.Full = append(r.Full, full{service, what, q.Used, *q.Limit})
	}
}

// print writes the report for a person.
func (r *report) print(out io.Writer, days, percent int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nDomains that expire within %d days: %d\n", days, len(r.Expiring))
	for _, d := range r.Expiring {
		price := "no price named"
		if d.Renewal != nil {
			price = fmt.Sprintf("%s %s a year", d.Renewal, d.Currency)
		}
		renews := "by hand"
		if d.AutoRenew {
			renews = "renews by itself"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", d.Domain, d.ExpiresAt.Format(time.DateOnly), price, renews)
	}
	fmt.Fprintf(w, "\nInvoices to pay: %d\n", len(r.Unpaid))
	for _, i := range r.Unpaid {
		fmt.Fprintf(w, "  %s\t%s\tdue %s\t%s %s\t%s\n", i.Number, i.Status, i.DueAt.Format(time.DateOnly), i.Balance, i.Currency, i.PayAt)
	}
	fmt.Fprintf(w, "\nServices above %d%% of a limit: %d\n", percent, len(r.Full))
	for _, f := range r.Full {
		fmt.Fprintf(w, "  %s\t%s\t%.1f of %.1f GiB\n", f.Service, f.What, gib(f.Used), gib(f.Limit))
	}
	return w.Flush()
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }

// progress is one line that is written over, on a terminal only.
type progress struct{ out io.Writer }

func newProgress(out io.Writer) progress {
	if !program.IsTerminal(out) {
		return progress{}
	}
	return progress{out}
}

func (p progress) show(what string) {
	if p.out != nil {
		fmt.Fprintf(p.out, "\r\x1b[Kreading %s …", what)
	}
}

func (p progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
