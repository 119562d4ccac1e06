package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
	"github.com/go-hoster/hoster/sandbox/internal/shop"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

const (
	// daysToRedemption and daysToDelete count from the end of a registration.
	daysToRedemption = 30
	daysToDelete     = 60
)

// tick lets the time pass until now: what is sold goes its way, and domains
// expire. It runs before every request, under the lock, and looks at the state
// only after a change of it or when something is due.
func (st *State) tick(now time.Time) {
	if !st.awake && (st.alarm.IsZero() || now.Before(st.alarm)) {
		return
	}
	clock := &shop.Clock{Now: now}
	sells := &shop.Shop{Books: &st.Books, Domains: domainTrade{st}, Now: now}
	sells.Tick(clock)
	for _, d := range slices.Clone(st.Domains) {
		st.age(d, clock)
	}
	st.awake, st.alarm = false, clock.Next
}

// age takes the domain from active over expired and redemption to
// pending_delete.
func (st *State) age(d *Domain, clock *shop.Clock) {
	if d.ExpiresAt == nil {
		return
	}
	steps := []struct {
		from, to string
		days     int
	}{
		{"active", "expired", 0},
		{"expired", "redemption", daysToRedemption},
		{"redemption", "pending_delete", daysToDelete},
	}
	for _, step := range steps {
		at := d.ExpiresAt.AddDate(0, 0, step.days)
		if d.Status == step.from && clock.Due(at) {
			d = st.changeDomain(d, at, func(d *Domain) { d.Status = step.to })
		}
	}
}

// domainTrade does with the domains what the shop has sold.
type domainTrade struct{ st *State }

// Register begins the registration of a domain that the account has ordered.
func (t domainTrade) Register(name string, years int, at time.Time) bool {
	return t.extend(name, at, func(d *Domain) {
		d.RegisteredAt, d.Locked = &at, true
		d.ExpiresAt = new(shop.AddMonths(at, 12*years))
	})
}

// Renew extends the registration from its end.
func (t domainTrade) Renew(name string, years int, at time.Time) bool {
	return t.extend(name, at, func(d *Domain) {
		from := at
		if d.ExpiresAt != nil {
			from = *d.ExpiresAt
		}
		d.ExpiresAt = new(shop.AddMonths(from, 12*years))
	})
}

func (t domainTrade) extend(name string, at time.Time, change func(*Domain)) bool {
	d := t.st.Domain(name)
	if d == nil || d.Status == "cancelled" || d.Status == "transferred_away" {
		return false
	}
	t.st.changeDomain(d, at, func(d *Domain) {
		change(d)
		d.Status = "active"
	})
	return true
}

// GiveUp cancels a domain that is not the account's yet.
func (t domainTrade) GiveUp(name string, at time.Time) {
	if d := t.st.Domain(name); d != nil && (d.Status == "pending" || d.Status == "pending_transfer") {
		t.st.changeDomain(d, at, func(d *Domain) { d.Status = "cancelled" })
	}
}

// Arrive makes the domain the account's. Its registration is taken to have begun
// a year ago elsewhere, and goes on for a year.
func (t domainTrade) Arrive(name string, at time.Time) {
	d := t.st.Domain(name)
	if d == nil {
		d = incomingDomain(t.st, name)
		t.st.addDomain(d, at)
	}
	if d.Status != "pending_transfer" {
		return
	}
	t.st.changeDomain(d, at, func(d *Domain) {
		d.Status, d.Locked, d.TransferredAt = "active", true, &at
		d.ExpiresAt = new(shop.AddMonths(at, 12*shop.TransferYears))
		if d.RegisteredAt == nil {
			d.RegisteredAt = new(shop.AddMonths(at, -12))
		}
	})
}

// incomingDomain is a domain while it is transferred: its nameservers are not
// the provider's.
func incomingDomain(st *State, name string) *Domain {
	d := &Domain{Name: name, Status: "pending_transfer", AutoRenew: true, Nameservers: foreignNameservers}
	if len(st.Contacts) > 0 {
		d.Contacts.Registrant = st.Contacts[0].ID
	}
	return d
}

// addDomain puts a new domain into the account, in the place of one of its name
// that was given up.
func (c *call) addDomain(d *Domain) {
	if d.Nameservers == nil {
		d.Nameservers = zone.ProviderNameservers()
	}
	d.UsesProviderDNS = ofProvider(d.Nameservers)
	d.ID = object.RandomID("dom_")
	c.st.addDomain(d, c.now)
}

func (st *State) addDomain(d *Domain, now time.Time) {
	st.Domains = slices.DeleteFunc(st.Domains, func(other *Domain) bool { return other.Name == d.Name })
	d.Records = newZone(now)
	d.settle(st.Profile.ID, now)
	st.moveVersion(d)
	i, _ := slices.BinarySearchFunc(st.Domains, d.Name, compareName)
	st.Domains = slices.Insert(st.Domains, i, d)
}

// changeDomain puts a changed copy in the domain's place and returns it.
func (st *State) changeDomain(d *Domain, now time.Time, change func(*Domain)) *Domain {
	d = st.own(d)
	change(d)
	d.UpdatedAt = now
	return d
}

// elsewhere reports whether the name is registered outside the account: it is
// one of the state's taken names, left the account by a transfer, or its first
// label begins with "taken" or "moving".
func (st *State) elsewhere(name string) bool {
	if d := st.Domain(name); d != nil && d.Status == "transferred_away" {
		return true
	}
	return strings.HasPrefix(name, "taken") || strings.HasPrefix(name, "moving") || slices.Contains(st.Taken, name)
}

// held reports whether the name is in the account's hands, or on its way there.
func (st *State) held(name string) bool {
	d := st.Domain(name)
	return d != nil && d.Status != "cancelled" && d.Status != "transferred_away"
}
