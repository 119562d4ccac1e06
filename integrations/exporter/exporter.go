// Package exporter serves what an account knows about itself to Prometheus: when
// domains expire, whether they renew themselves, which renewals are ordered and not
// paid, how near services are to their quota, how old tokens are, and what is left
// of the request budget. Alert rules stand beside it in alerts.yml.
//
// That a renewal is unpaid is known to the account alone: a look at WHOIS shows a
// domain that has not expired yet.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-hoster/hoster"
)

// Exporter holds the last reading of an account. Refresh reads it anew; ServeHTTP
// writes it and sends nothing. It must not be changed once it is used, and is safe
// for concurrent use.
//
// Each part is read by itself: domains need [hoster.ScopeDomainsRead], renewals and
// tokens [hoster.ScopeAccountRead], services [hoster.ScopeHostingRead]. A part that
// fails keeps its last values, and hoster_exporter_up says 0.
type Exporter struct {
	Client *hoster.Client
	Now    func() time.Time // nil: time.Now

	mu    sync.Mutex
	parts [len(parts)]reading
}

// reading is what a part read last.
type reading struct {
	tried     bool
	up        bool
	succeeded time.Time
	samples   []sample
}

var parts = [...]struct {
	name string
	read func(context.Context, *hoster.Client) ([]sample, error)
}{{"domains", domains}, {"renewals", renewals}, {"services", services}, {"tokens", tokens}}

// Refresh reads every part. Parts that fail do not stop the others; their errors are
// joined. A provider without token endpoints has no tokens, which is no error.
func (e *Exporter) Refresh(ctx context.Context) (failed error) {
	for i, part := range parts {
		samples, err := part.read(ctx, e.Client)
		if errors.Is(err, hoster.ErrNotSupported) {
			continue
		}
		e.mu.Lock()
		e.parts[i].tried, e.parts[i].up = true, err == nil
		if err == nil {
			e.parts[i].succeeded, e.parts[i].samples = e.now(), samples
		}
		e.mu.Unlock()
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", part.name, err))
		}
	}
	return failed
}

func (e *Exporter) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

// ServeHTTP writes the metrics in the text format of Prometheus.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	var all []sample
	e.mu.Lock()
	for i, r := range e.parts {
		if r.tried {
			all = append(all, r.samples...)
			all = append(all, gauge(&exporterUp, number(r.up), "part", parts[i].name))
		}
		if !r.succeeded.IsZero() {
			all = append(all, gauge(&exporterSuccess, seconds(r.succeeded), "part", parts[i].name))
		}
	}
	e.mu.Unlock()
	if limit := e.Client.RateLimit(); limit.Known {
		all = append(all, gauge(&rateLimit, float64(limit.Limit)), gauge(&rateRemaining, float64(limit.Remaining)))
		if !limit.Reset.IsZero() {
			all = append(all, gauge(&rateReset, seconds(limit.Reset)))
		}
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	write(w, all)
}

func domains(ctx context.Context, client *hoster.Client) (samples []sample, err error) {
	for d, err := range client.Domains.All(ctx, nil) {
		if err != nil {
			return nil, err
		}
		switch d.Status {
		case hoster.DomainStatusCancelled, hoster.DomainStatusTransferredAway:
			continue
		}
		samples = append(samples, gauge(&domainAutoRenew, number(d.AutoRenew), "domain", d.Name, "status", string(d.Status)))
		if d.ExpiresAt != nil {
			samples = append(samples, gauge(&domainExpires, seconds(*d.ExpiresAt), "domain", d.Name, "status", string(d.Status)))
		}
	}
	return samples, nil
}

// renewals are the invoices that are open and belong to an order of a renewal.
func renewals(ctx context.Context, client *hoster.Client) (samples []sample, err error) {
	open := map[hoster.InvoiceID]hoster.Invoice{}
	for _, status := range []hoster.InvoiceStatus{hoster.InvoiceStatusUnpaid, hoster.InvoiceStatusPaymentPending, hoster.InvoiceStatusOverdue} {
		for invoice, err := range client.Invoices.All(ctx, &hoster.InvoiceListOptions{Status: status}) {
			if err != nil {
				return nil, err
			}
			open[invoice.ID] = invoice
		}
	}
	if len(open) == 0 {
		return nil, nil
	}
	for order, err := range client.Orders.All(ctx, &hoster.OrderListOptions{Status: hoster.OrderStatusPending}) {
		if err != nil {
			return nil, err
		}
		for _, item := range order.Items {
			if item.Type != hoster.OrderItemTypeDomainRenewal && item.Type != hoster.OrderItemTypeHostingRenewal {
				continue
			}
			for _, id := range order.InvoiceIDs {
				if invoice, isOpen := open[id]; isOpen {
					samples = append(samples, gauge(&renewalDue, seconds(invoice.DueAt),
						"domain", item.Domain, "service", string(item.ServiceID), "invoice", string(id), "status", string(invoice.Status)))
				}
			}
		}
	}
	return samples, nil
}

func services(ctx context.Context, client *hoster.Client) (samples []sample, err error) {
	for s, err := range client.Hosting.All(ctx, &hoster.HostingListOptions{Status: hoster.HostingStatusActive}) {
		if err != nil {
			return nil, err
		}
		labels := []string{"service", string(s.ID), "name", s.Name}
		if s.NextDueAt != nil {
			samples = append(samples, gauge(&serviceDue, seconds(*s.NextDueAt), labels...))
		}
		usage, err := client.Hosting.Usage(ctx, s.ID)
		if errors.Is(err, hoster.ErrNotFound) || errors.Is(err, hoster.ErrConflict) {
			continue // cancelled in between
		}
		if err != nil {
			return nil, err
		}
		for resource, quota := range map[string]hoster.HostingQuota{"disk": usage.Disk, "bandwidth": usage.Bandwidth} {
			of := append(slices.Clone(labels), "resource", resource)
			samples = append(samples, gauge(&serviceUsed, float64(quota.Used), of...))
			if quota.Limit != nil {
				samples = append(samples, gauge(&serviceLimit, float64(*quota.Limit), of...))
			}
		}
	}
	return samples, nil
}

func tokens(ctx context.Context, client *hoster.Client) (samples []sample, err error) {
	for token, err := range client.Tokens.All(ctx, nil) {
		if err != nil {
			return nil, err
		}
		if token.Status != hoster.TokenStatusActive {
			continue
		}
		labels := []string{"token", string(token.ID), "name", token.Name}
		samples = append(samples, gauge(&tokenCreated, seconds(token.CreatedAt), labels...))
		if token.ExpiresAt != nil {
			samples = append(samples, gauge(&tokenExpires, seconds(*token.ExpiresAt), labels...))
		}
	}
	return samples, nil
}

func seconds(t time.Time) float64 { return float64(t.Unix()) }

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
