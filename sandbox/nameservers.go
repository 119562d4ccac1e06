package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

const (
	// moveTime is how long a change from or to the provider's DNS is pending.
	moveTime = time.Hour
	apexTTL  = 86400
)

type nameserversShown struct {
	Nameservers  []string `json:"nameservers"`
	ChangeStatus string   `json:"change_status"`
}

// changeStatus is no part of the entity tag: time alone changes it.
func (d *Domain) changeStatus(now time.Time) string {
	if d.NameserversMovedAt != nil && now.Before(d.NameserversMovedAt.Add(moveTime)) {
		return "pending"
	}
	return "completed"
}

func (c *call) showNameservers(d *Domain) *answer {
	shown := nameserversShown{d.Nameservers, d.changeStatus(c.now)}
	return c.tagged(ok(shown), tagOf(d.Nameservers))
}

func getNameservers(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	return c.showNameservers(d)
}

func setNameservers(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(tagOf(d.Nameservers)); changed != nil {
		return changed
	}
	hosts := c.fields.nameservers(true)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := d.changeable(); refused != nil {
		return refused
	}
	if !slices.Equal(hosts, d.Nameservers) {
		d = c.moveTo(d, hosts)
	}
	return c.showNameservers(d)
}

// nameservers reads the list of that name; without one it returns nil. What is
// wrong with one of the hosts is reported in its place.
func (f *fields) nameservers(required bool) []string {
	const name = "nameservers"
	sent, how := f.Texts(name)
	switch {
	case how == input.Absent && required:
		f.Fail(name, "is required")
	case how == input.Given && (len(sent) < 2 || len(sent) > 13):
		f.Fail(name, "must be 2 to 13 host names")
	}
	if how != input.Given {
		return nil
	}
	hosts := make([]string, 0, len(sent))
	for i, text := range sent {
		at := fmt.Sprintf("%s.%d", name, i)
		host, problem := zone.CanonicalHost(text)
		switch {
		case problem != "":
			f.Fail(at, problem)
		case !strings.Contains(host, "."):
			f.Fail(at, "must be a host name with a domain, such as ns1.example.net")
		case slices.Contains(hosts, host):
			f.Fail(at, "is there twice")
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// ofProvider reports whether all of the nameservers are the provider's own: only
// then do its records answer for the domain.
func ofProvider(hosts []string) bool {
	foreign := func(host string) bool { return !slices.Contains(zone.ProviderNameservers(), host) }
	return len(hosts) > 0 && !slices.ContainsFunc(hosts, foreign)
}

// moveTo gives the domain other nameservers. The records at the apex follow when
// it joins the provider's DNS; when it leaves, the zone stays as it is.
func (c *call) moveTo(old *Domain, hosts []string) *Domain {
	want := *old
	want.Nameservers = hosts
	want.UsesProviderDNS = ofProvider(hosts)
	if want.UsesProviderDNS != old.UsesProviderDNS {
		want.NameserversMovedAt = new(c.now)
	}
	d := c.replaceDomain(old, want)
	if d.UsesProviderDNS && !old.UsesProviderDNS {
		c.joinZone(d)
	}
	return d
}

// joinZone makes the NS records at the apex name the nameservers of the domain,
// which the call owns.
func (c *call) joinZone(d *Domain) {
	edit := c.edit(d)
	edit.SetApexNS(d.Nameservers, apexTTL)
	if records, changed := edit.Apply(); changed {
		d.Records = records
		c.st.moveVersion(d)
	}
}

// newZone returns the records of a new domain.
func newZone(now time.Time) []*Record {
	edit := zone.NewEdit(zone.NewIndex(nil), now)
	edit.SetApexNS(zone.ProviderNameservers(), apexTTL)
	records, _ := edit.Apply()
	return records
}
