package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
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
	sent, how := f.texts(name)
	switch {
	case how == absent && required:
		f.fail(name, "is required")
	case how == given && (len(sent) < 2 || len(sent) > 13):
		f.fail(name, "must be 2 to 13 host names")
	}
	if how != given {
		return nil
	}
	hosts := make([]string, 0, len(sent))
	for i, text := range sent {
		at := fmt.Sprintf("%s.%d", name, i)
		host, problem := canonicalHost(text)
		switch {
		case problem != "":
			f.fail(at, problem)
		case !strings.Contains(host, "."):
			f.fail(at, "must be a host name with a domain, such as ns1.example.net")
		case slices.Contains(hosts, host):
			f.fail(at, "is there twice")
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// ofProvider reports whether all of the nameservers are the provider's own: only
// then do its records answer for the domain.
func ofProvider(hosts []string) bool {
	foreign := func(host string) bool { return !slices.Contains(providerNameservers, host) }
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
	missing := slices.Clone(d.Nameservers)
	var extra []*Record
	for _, r := range d.set("NS", "@", nil) {
		if slices.Contains(missing, r.Value) {
			missing = slices.DeleteFunc(missing, func(host string) bool { return host == r.Value })
		} else {
			extra = append(extra, r)
		}
	}
	if len(missing)+len(extra) == 0 {
		return
	}
	for _, r := range extra {
		d.remove(r)
	}
	for _, host := range missing {
		ns := &wantedRecord{Record: Record{Type: "NS", Name: "@", Value: host, TTL: apexTTL}}
		ns.ttlSent = len(d.set("NS", "@", nil)) == 0 // the first of its set
		c.put(d, ns)
	}
	c.st.moveVersion(d)
}
