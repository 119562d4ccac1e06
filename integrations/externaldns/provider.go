// Package externaldnshoster is a webhook provider of external-dns over package
// hoster: external-dns reads Kubernetes, and this writes the DNS records. The
// program external-dns-hoster serves it beside external-dns. It speaks version 1
// of the webhook protocol and needs no module of external-dns.
package externaldnshoster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Endpoint is a record set as external-dns has it. What this package does not use
// it gives back as it came.
type Endpoint struct {
	DNSName          string            `json:"dnsName,omitempty"` // in full, without the final dot
	Targets          []string          `json:"targets,omitempty"`
	RecordType       string            `json:"recordType,omitempty"`
	SetIdentifier    string            `json:"setIdentifier,omitempty"`
	RecordTTL        int64             `json:"recordTTL,omitempty"` // seconds; 0: none given
	Labels           map[string]string `json:"labels,omitempty"`
	ProviderSpecific []Property        `json:"providerSpecific,omitempty"`
}

// Property is a setting of an endpoint for one provider.
type Property struct {
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

// Changes are what external-dns wants done.
type Changes struct {
	Create    []*Endpoint `json:"create,omitempty"`
	UpdateOld []*Endpoint `json:"updateOld,omitempty"`
	UpdateNew []*Endpoint `json:"updateNew,omitempty"`
	Delete    []*Endpoint `json:"delete,omitempty"`
}

// Provider reads and writes the zones of an account. It needs
// [hoster.ScopeDNSRead] and [hoster.ScopeDNSWrite], and without Domains
// [hoster.ScopeDomainsRead] too. It must not be changed once it is used, and is safe
// for concurrent use.
type Provider struct {
	Client  *hoster.Client
	Domains []string     // the zones; empty: those of DNSService.Zones
	Log     *slog.Logger // nil: none
}

// Records returns the record sets of all zones. Values that are none of their type
// are left out.
func (p *Provider) Records(ctx context.Context) ([]*Endpoint, error) {
	zones, err := p.zones(ctx)
	if err != nil {
		return nil, err
	}
	endpoints := []*Endpoint{}
	for _, zone := range zones {
		records, err := p.Client.DNS.List(ctx, zone, nil)
		if err != nil {
			return nil, err
		}
		sets := map[dnszone.SetKey]*Endpoint{}
		for _, r := range records {
			name, err := dnszone.ParseName(r.Name, zone)
			if err != nil {
				continue
			}
			data, err := r.Data()
			if err != nil {
				continue
			}
			key := dnszone.SetKey{Name: name, Type: r.Type}
			if sets[key] == nil {
				sets[key] = &Endpoint{DNSName: strings.TrimSuffix(name.FQDN(), "."), RecordType: string(r.Type), RecordTTL: int64(r.TTL)}
				endpoints = append(endpoints, sets[key])
			}
			sets[key].Targets = append(sets[key].Targets, targetOf(data))
		}
	}
	return endpoints, nil
}

// AdjustEndpoints brings what is desired to the form in which Records returns it, so
// that external-dns sees no difference where there is none: targets in canonical
// form, TTLs within the API's limits, no property of other providers. An endpoint
// that cannot be stored, because of its targets or its set identifier, is left out
// and logged, so that it does not stop the others.
func (p *Provider) AdjustEndpoints(endpoints []*Endpoint) []*Endpoint {
	adjusted := make([]*Endpoint, 0, len(endpoints))
	for _, e := range endpoints {
		values, err := valuesOf(e)
		if err == nil && e.SetIdentifier != "" {
			err = errors.New("the API knows no set identifiers")
		}
		if err != nil {
			p.warn("an endpoint cannot be stored", "name", e.DNSName, "type", e.RecordType, "reason", err.Error())
			continue
		}
		own := *e
		own.Targets = make([]string, len(values))
		for i, v := range values {
			own.Targets[i] = targetOf(v)
		}
		own.RecordTTL = int64(ttlOf(e))
		own.ProviderSpecific = nil
		adjusted = append(adjusted, &own)
	}
	return adjusted
}

// ApplyChanges does what external-dns wants, zone by zone, in as few requests as
// the provider allows: one batch for up to 500 changes of a zone. What others
// added to a record set stays when it is created or deleted; an update makes it
// hold exactly its targets. Endpoints in none of the zones are left out and
// logged. One zone's error does not stop the others.
func (p *Provider) ApplyChanges(ctx context.Context, changes *Changes) error {
	zones, err := p.zones(ctx)
	if err != nil {
		return err
	}
	byZone := map[string]*change{}
	var order []string
	for _, part := range []struct {
		endpoints []*Endpoint
		add       func(*change, wanted)
	}{{changes.Create, (*change).create}, {changes.UpdateNew, (*change).update}, {changes.Delete, (*change).remove}} {
		for _, e := range part.endpoints {
			zone := zoneOf(e.DNSName, zones)
			if zone == "" {
				p.warn("an endpoint lies in no zone", "name", e.DNSName)
				continue
			}
			if byZone[zone] == nil {
				byZone[zone] = &change{owned: map[dnszone.SetKey][]dnszone.Data{}, whole: map[dnszone.SetKey]bool{}}
				order = append(order, zone)
			}
			want, err := wantedOf(e, zone)
			if err != nil {
				return err
			}
			part.add(byZone[zone], want)
		}
	}
	var failed error
	for _, zone := range order {
		if err := p.apply(ctx, zone, byZone[zone]); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", zone, err))
		}
	}
	return failed
}

func (p *Provider) apply(ctx context.Context, zone string, c *change) error {
	plan, err := p.Client.DNS.PlanZone(ctx, zone, c.desired, &hoster.ZonePlanOptions{
		AllTypes: true, AllowEmpty: true, MaxDeleteShare: 1,
		Owned: func(r hoster.Record) bool { return c.owns(r, zone) },
	})
	if err != nil {
		return err
	}
	if _, err := p.Client.DNS.Apply(ctx, plan, nil); err != nil {
		return err
	}
	for _, left := range plan.LeftOut {
		if left.Differs {
			err = errors.Join(err, fmt.Errorf("%s %s cannot be changed (%s): %w", left.Name, left.Type, left.Reason, hoster.ErrConflict))
		}
	}
	return err
}

// zones are the names of the zones, the longest first.
func (p *Provider) zones(ctx context.Context) (zones []string, err error) {
	for _, d := range p.Domains {
		zone, err := dnszone.ParseDomain(d)
		if err != nil {
			return nil, fmt.Errorf("%w: the domain %q: %w", hoster.ErrInvalidArgument, d, err)
		}
		zones = append(zones, zone)
	}
	if len(zones) == 0 {
		domains, err := p.Client.DNS.Zones(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range domains {
			zones = append(zones, d.Name)
		}
	}
	slices.SortStableFunc(zones, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return zones, nil
}

func (p *Provider) warn(message string, args ...any) {
	if p.Log != nil {
		p.Log.Warn(message, args...)
	}
}

// zoneOf is the longest of the zones that a name lies in.
func zoneOf(name string, zones []string) string {
	for _, zone := range zones {
		if n, err := dnszone.ParseName(strings.TrimSuffix(name, ".")+".", zone); err == nil && !n.DoubledSuffix() {
			return zone
		}
	}
	return ""
}

// change is what is wanted of the record sets of one zone.
type change struct {
	desired []hoster.RecordCreate
	owned   map[dnszone.SetKey][]dnszone.Data // the values that are ours
	whole   map[dnszone.SetKey]bool           // all values are
}

// wanted is an endpoint in the terms of the API.
type wanted struct {
	key    dnszone.SetKey
	ttl    int
	values []dnszone.Data
}

func wantedOf(e *Endpoint, zone string) (want wanted, err error) {
	if want.values, err = valuesOf(e); err != nil {
		return want, fmt.Errorf("%w: %s %s: %w", hoster.ErrInvalidArgument, e.DNSName, e.RecordType, err)
	}
	want.ttl = ttlOf(e)
	want.key.Type = dnszone.Type(strings.ToUpper(e.RecordType))
	want.key.Name, err = dnszone.ParseName(strings.TrimSuffix(e.DNSName, ".")+".", zone)
	return want, err
}

func (c *change) create(want wanted) {
	c.remove(want)
	for _, v := range want.values {
		record := hoster.NewRecord(want.key.Name.Relative(), v)
		if want.ttl != 0 {
			record.TTL = hoster.Set(want.ttl)
		}
		c.desired = append(c.desired, record)
	}
}

func (c *change) update(want wanted) {
	c.whole[want.key] = true
	c.create(want)
}

func (c *change) remove(want wanted) {
	c.owned[want.key] = append(c.owned[want.key], want.values...)
}

func (c *change) owns(r hoster.Record, zone string) bool {
	name, err := dnszone.ParseName(r.Name, zone)
	if err != nil {
		return false
	}
	key := dnszone.SetKey{Name: name, Type: r.Type}
	if c.whole[key] {
		return true
	}
	data, err := r.Data()
	return err == nil && slices.ContainsFunc(c.owned[key], func(v dnszone.Data) bool { return dnszone.Equal(v, data) })
}
