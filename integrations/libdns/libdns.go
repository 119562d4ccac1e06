// Package libdnshoster is a libdns provider over package hoster, for Caddy,
// certmagic and other programs that write DNS records through libdns. It has all
// five interfaces: RecordGetter, RecordAppender, RecordSetter, RecordDeleter and
// ZoneLister.
//
// Records come back in the types of package libdns. Names are relative to the
// zone, "@" for the apex; zones may be given with or without the final dot.
// Records of types that package libdns has no type for are plain [libdns.RR].
//
// A record set has one TTL here. A TTL of 0 leaves it to the set, or to the
// provider where the set is new; one below [dnszone.MinTTL] seconds is raised to
// that.
//
// Writes are merged beside other writers: a value that another one wrote stays.
// Where the provider has a batch, a call of up to 500 changes is done whole or not
// at all. Elsewhere its record sets are written one by one; if one fails, what the
// zone holds by then is returned with the error. What cannot be sent at all, such
// as a CNAME beside another record of the same call, is refused before the first
// write.
package libdnshoster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/libdns/libdns"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Provider writes the zones of an account. Either Client is set, or APIToken and
// one of Brand and BaseURL. It must not be changed or copied once it is used, and
// is safe for concurrent use.
type Provider struct {
	// Client is used where it is set, and the other fields are not.
	Client *hoster.Client `json:"-"`

	Brand    string `json:"brand,omitempty"`
	BaseURL  string `json:"base_url,omitempty"`
	APIToken string `json:"api_token,omitempty"`

	once sync.Once
	made *hoster.Client
	err  error
}

var (
	_ libdns.RecordGetter   = (*Provider)(nil)
	_ libdns.RecordAppender = (*Provider)(nil)
	_ libdns.RecordSetter   = (*Provider)(nil)
	_ libdns.RecordDeleter  = (*Provider)(nil)
	_ libdns.ZoneLister     = (*Provider)(nil)
)

// GetRecords returns the records of a zone. It needs [hoster.ScopeDNSRead].
func (p *Provider) GetRecords(ctx context.Context, zone string) ([]libdns.Record, error) {
	client, err := p.client()
	if err != nil {
		return nil, err
	}
	records, err := client.DNS.List(ctx, zone, nil)
	if err != nil {
		return nil, err
	}
	found := make([]libdns.Record, len(records))
	for i, r := range records {
		found[i] = recordOf(r)
	}
	return found, nil
}

// AppendRecords adds records to a zone and returns them as the zone holds them,
// those too that it held already. No other record changes: a set that exists keeps
// its TTL. It needs [hoster.ScopeDNSRead] and [hoster.ScopeDNSWrite].
func (p *Provider) AppendRecords(ctx context.Context, zone string, records []libdns.Record) ([]libdns.Record, error) {
	return p.write(ctx, zone, records, false)
}

// SetRecords makes each record set of which there is a record in the call hold
// exactly these records, and returns them as the zone holds them. It needs
// [hoster.ScopeDNSRead] and [hoster.ScopeDNSWrite].
func (p *Provider) SetRecords(ctx context.Context, zone string, records []libdns.Record) ([]libdns.Record, error) {
	return p.write(ctx, zone, records, true)
}

// write brings the records into the zone, set by set.
func (p *Provider) write(ctx context.Context, zone string, records []libdns.Record, replace bool) (written []libdns.Record, err error) {
	client, err := p.client()
	if err != nil || len(records) == 0 {
		return nil, err
	}
	edits, err := editsOf(zone, records, replace)
	if err != nil {
		return nil, err
	}
	changes, err := client.DNS.EditSets(ctx, zone, edits)
	for i, change := range changes {
		written = append(written, valuesIn(change, edits[i], err == nil)...)
	}
	return written, err
}

// DeleteRecords removes the records that have the name, and the type, the TTL and
// the value where those are not empty, and returns what it removed; with an error
// that matches [hoster.ErrOutcomeUnknown] also what it may have removed. A TXT record
// with an empty text stands for every text. The nameservers of the apex are
// protected: a record without a type does not stand for them. It needs
// [hoster.ScopeDNSRead] and [hoster.ScopeDNSWrite].
func (p *Provider) DeleteRecords(ctx context.Context, zone string, records []libdns.Record) (deleted []libdns.Record, err error) {
	client, err := p.client()
	if err != nil {
		return nil, err
	}
	patterns := make([]pattern, len(records))
	for i, r := range records {
		if patterns[i], err = patternOf(zone, r.RR()); err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
	}
	if len(patterns) == 0 {
		return nil, nil
	}
	filter := &hoster.RecordListOptions{Name: patterns[0].name}
	if slices.ContainsFunc(patterns, func(p pattern) bool { return p.name != filter.Name }) {
		filter = nil
	}
	there, err := client.DNS.List(ctx, zone, filter)
	if err != nil {
		return nil, err
	}
	edits := matching(there, patterns)
	if len(edits) == 0 {
		return nil, nil
	}
	changes, err := client.DNS.EditSets(ctx, zone, edits)
	for i, change := range changes {
		if err != nil && !change.Written { // After says nothing of a set that was not reached
			continue
		}
		for _, r := range change.Before {
			if isOneOf(r, edits[i].Remove) && !slices.ContainsFunc(change.After, func(left hoster.Record) bool { return isSame(r, left) }) {
				deleted = append(deleted, recordOf(r))
			}
		}
	}
	return deleted, err
}

// ListZones returns the zones of [hoster.DNSService.Zones], with a final dot. Some may be
// on other nameservers than the provider's: writes to these match
// [hoster.ErrConflict]. It needs
// [hoster.ScopeDomainsRead].
func (p *Provider) ListZones(ctx context.Context) ([]libdns.Zone, error) {
	client, err := p.client()
	if err != nil {
		return nil, err
	}
	domains, err := client.DNS.Zones(ctx)
	if err != nil {
		return nil, err
	}
	var zones []libdns.Zone
	for _, d := range domains {
		zones = append(zones, libdns.Zone{Name: d.Name + "."})
	}
	return zones, nil
}

func (p *Provider) client() (*hoster.Client, error) {
	if p.Client != nil {
		return p.Client, nil
	}
	p.once.Do(func() {
		options := []hoster.Option{hoster.WithToken(p.APIToken), hoster.WithUserAgent("hoster-libdns")}
		if p.BaseURL != "" {
			options = append(options, hoster.WithBaseURL(p.BaseURL))
		}
		if p.Brand != "" {
			options = append(options, hoster.WithBrand(p.Brand))
		}
		p.made, p.err = hoster.NewClient(options...)
	})
	return p.made, p.err
}

// pattern is a record to delete; what is empty matches all.
type pattern struct {
	name   string
	rrtype dnszone.Type
	ttl    int
	data   dnszone.Data
	text   string // the same as libdns writes it
}

func patternOf(zone string, rr libdns.RR) (p pattern, err error) {
	name, err := dnszone.ParseName(rr.Name, zone)
	if err != nil {
		return p, err
	}
	if rr.Name == "" {
		return p, fmt.Errorf("a record to delete needs a name, %q for the apex", "@")
	}
	p = pattern{name: name.Relative(), rrtype: dnszone.Type(strings.ToUpper(rr.Type)), ttl: secondsOf(rr.TTL)}
	if rr.Data == "" {
		return p, nil
	}
	if rr.Type == "" {
		return p, fmt.Errorf("a record to delete that has a value needs a type")
	}
	p.text = rr.Data
	p.data, err = dataOf(rr)
	return p, err
}

// matching is the records that a pattern matches, set by set. What cannot be read
// is nobody's to delete.
func matching(records []hoster.Record, patterns []pattern) (edits []hoster.SetEdit) {
	type key struct {
		name   string
		rrtype dnszone.Type
	}
	place := map[key]int{}
	for _, r := range records {
		data, err := r.Data()
		if err != nil || !slices.ContainsFunc(patterns, func(p pattern) bool { return p.matches(r, data) }) {
			continue
		}
		k := key{r.Name, r.Type}
		if _, known := place[k]; !known {
			place[k] = len(edits)
			edits = append(edits, hoster.SetEdit{Name: r.Name, Type: r.Type})
		}
		edit := &edits[place[k]]
		edit.Remove = append(edit.Remove, data)
	}
	return edits
}

func (p pattern) matches(r hoster.Record, data dnszone.Data) bool {
	switch {
	case p.name != r.Name,
		p.rrtype != "" && p.rrtype != r.Type,
		p.rrtype == "" && r.Name == "@" && r.Type == dnszone.TypeNS,
		p.ttl != 0 && p.ttl != r.TTL:
		return false
	}
	return p.data == nil || dnszone.Equal(p.data, data) || p.text == recordOf(r).RR().Data
}

// secondsOf is a TTL as the API takes it; 0 stands for none given.
func secondsOf(ttl time.Duration) int {
	if ttl == 0 {
		return 0
	}
	return max(int(ttl/time.Second), dnszone.MinTTL)
}
