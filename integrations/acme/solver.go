// Package acmehoster solves the DNS-01 challenge of ACME over package hoster: it puts
// the TXT records in place and takes them away again, each exactly by its value, so
// that the apex and the wildcard of a domain can be validated at once, by several
// clients at a time. Package legohoster beside it makes a provider for lego of it,
// and the module certmanager a webhook for cert-manager.
package acmehoster

import (
	"context"
	"strings"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Solver writes challenges. It needs [hoster.ScopeDNSRead] and
// [hoster.ScopeDNSWrite], and without Zone [hoster.ScopeDomainsRead] too. It is safe
// for concurrent use.
type Solver struct {
	Client *hoster.Client
	Zone   string // the domain whose zone is written; empty: the longest domain of the account that a name lies in
}

// Present adds the value to the TXT records of a name, such as
// "_acme-challenge.example.com.". A value that is there already is success.
func (s *Solver) Present(ctx context.Context, name, value string) error {
	return s.change(ctx, name, value, (*hoster.DNSService).AppendValues)
}

// CleanUp removes exactly that value. One that is not there is success.
func (s *Solver) CleanUp(ctx context.Context, name, value string) error {
	return s.change(ctx, name, value, (*hoster.DNSService).RemoveValues)
}

type verb func(*hoster.DNSService, context.Context, string, hoster.RecordSet) (hoster.SetChange, error)

func (s *Solver) change(ctx context.Context, name, value string, verb verb) error {
	name = strings.TrimSuffix(name, ".") + "."
	zone := s.Zone
	if zone == "" {
		found, err := s.Client.DNS.ZoneOf(ctx, name)
		if err != nil {
			return err
		}
		zone = found.Zone()
	}
	_, err := verb(s.Client.DNS, ctx, zone, hoster.RecordSet{
		Name: name, TTL: hoster.Set(dnszone.MinTTL), Values: []dnszone.Data{dnszone.TXT{Text: value}},
	})
	return err
}
