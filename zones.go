package hoster

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/zonework"
)

// Zones returns the domains of the account whose records can be changed by their
// state: active or expired ones, and those in a state that this package does not know.
// It reads one list of domains, which does not say whose nameservers a domain is on:
// where they are not the provider's own, records have no effect, and changing them
// matches [ErrConflict] with [ErrorCodeNameserversNotLocal]. It needs
// [ScopeDomainsRead].
func (s *DNSService) Zones(ctx context.Context) ([]Domain, error) {
	domains, err := s.client.Domains.List(ctx, nil)
	return slices.DeleteFunc(domains, func(d Domain) bool {
		switch d.Status {
		case DomainStatusPending, DomainStatusPendingTransfer, DomainStatusRedemption,
			DomainStatusPendingDelete, DomainStatusTransferredAway, DomainStatusCancelled:
			return true
		}
		return false
	}), err
}

// ZoneOf finds the zone of the account that a name lies in: the longest of [DNSService.Zones]
// that the name is or ends with. The answer has the zone and the name relative to
// it. Where there is none the error matches [ErrNotFound]. It reads one list of
// domains; a program with many names calls [DNSService.Zones] once and asks
// dnszone.ParseName, which refuses a name outside of a zone. It needs
// [ScopeDomainsRead].
func (s *DNSService) ZoneOf(ctx context.Context, name string) (dnszone.Name, error) {
	if !utf8.ValidString(name) {
		return dnszone.Name{}, &ArgumentError{Operation: "DNS.ZoneOf", Field: "name", Expected: "text in UTF-8"}
	}
	zones, err := s.Zones(ctx)
	if err != nil {
		return dnszone.Name{}, err
	}
	slices.SortFunc(zones, func(a, b Domain) int { return len(b.Name) - len(a.Name) })
	absolute := strings.TrimSuffix(name, ".") + "."
	for _, d := range zones {
		if found, err := dnszone.ParseName(absolute, d.Name); err == nil {
			return found, nil
		}
	}
	return dnszone.Name{}, &absentError{op: "DNS.ZoneOf", what: "zone of this account that " + name + " lies in"}
}

// SetsOf groups the records of a zone into record sets, in the order of
// dnszone.CompareKeys, each with its TTL and its values in their order in the list. An
// error is that of a record whose name or value cannot be read, with its id.
func SetsOf(zone string, records []Record) ([]RecordSet, error) {
	byKey, keys := map[dnszone.SetKey]*RecordSet{}, []dnszone.SetKey(nil)
	for _, r := range records {
		name, err := dnszone.ParseName(r.Name, zone)
		var data dnszone.Data
		if err == nil {
			data, err = r.Data()
		}
		if err != nil {
			return nil, &ArgumentError{Operation: "SetsOf", Field: "records", Expected: "a record that can be read, not " + string(r.ID), err: err}
		}
		key := dnszone.SetKey{Name: name, Type: r.Type}
		set := byKey[key]
		if set == nil {
			set = &RecordSet{Name: name.Relative(), Type: r.Type}
			byKey[key], keys = set, append(keys, key)
			if r.TTL > 0 {
				set.TTL = Set(r.TTL)
			}
		}
		set.Values = append(set.Values, data)
	}
	slices.SortFunc(keys, dnszone.CompareKeys)
	sets := make([]RecordSet, len(keys))
	for i, key := range keys {
		sets[i] = *byKey[key]
	}
	return sets, nil
}

// tellAdjustments fills in what WithAdjustments asks for: where the answer is not what
// was sent.
func tellAdjustments(domain string, sent RecordUpdate, got Record, opts []CallOption) {
	var settings callSettings
	for _, option := range opts {
		if option != nil {
			option(&settings)
		}
	}
	zone, err := dnszone.ParseDomain(domain)
	if settings.adjusted == nil || err != nil {
		return
	}
	want := got // a field that was not sent is as the provider has it
	if value, ok := sent.Value.Get(); ok {
		want.Value = value
	}
	for _, n := range []struct {
		sent Opt[uint16]
		want **uint16
	}{{sent.Priority, &want.Priority}, {sent.Weight, &want.Weight}, {sent.Port, &want.Port}} {
		if _, ok := n.sent.Get(); ok {
			*n.want = n.sent.Ptr()
		}
	}
	data, err := want.Data()
	if err != nil {
		data = nil
	}
	ttl, _ := sent.TTL.Get()
	*settings.adjusted = adjustmentsOf(zonework.Adjustments(got.held(zone), data, ttl))
}
