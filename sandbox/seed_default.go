package sandbox

import (
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/shop"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// DefaultSeed returns the account that a server holds when it is not told
// otherwise, with its dates around the present; see [DefaultSeedAt].
func DefaultSeed() Seed { return DefaultSeedAt(time.Now()) }

// DefaultSeedAt returns an account with a full profile, contacts, thirty domains
// in every status, records of every type in the zone example.com, tokens that
// are active, expired and revoked, and orders, invoices and hosting services in
// every status. All dates are relative to now. Its overdue invoices are
// disputed, so that they stop no purchase.
func DefaultSeedAt(now time.Time) Seed {
	now = now.UTC().Truncate(time.Second)
	seed := Seed{
		Profile: Profile{
			ID:      "cust_5f0c2a91",
			Name:    "Sample Account",
			Email:   "account@example.com",
			Company: new("Example Company"),
			Phone:   new("+1.5555550100"),
			Address: &Address{Street: "1 Example Street", City: "Sampletown", State: "EX", PostalCode: "00000", Country: "US"},
			TaxID:   new("EX000000000"),
		},
		Contacts: defaultContacts(now),
		Domains:  defaultDomains(now),
		Tokens:   defaultTokens(now),
	}
	bought := shop.DefaultSeed(now)
	seed.Invoices, seed.Orders, seed.Services, seed.Transfers = bought.Invoices, bought.Orders, bought.Services, bought.Transfers
	seed.Plans, seed.Prices, seed.Taken = bought.Plans, bought.Prices, bought.Taken
	return seed
}

var foreignNameservers = []string{"ns1.elsewhere.example", "ns2.elsewhere.example"}

// defaultPlan lists the domains: name, status, days since registration, days to
// expiry, and whether the zone is on other nameservers.
var defaultPlan = []struct {
	name, status   string
	age, remaining int
	foreign        bool
}{
	{"example.com", "active", 1600, 225, false},
	{"example.net", "active", 1590, 235, false},
	{"example.org", "active", 1580, 245, true},
	{"alpha.example", "active", 700, 30, false},
	{"anchor.example", "active", 690, 40, false},
	{"autumn.example", "expired", 375, -10, false},
	{"beacon.example", "active", 680, 50, false},
	{"bridge.example", "active", 670, 60, true},
	{"candle.example", "redemption", 415, -50, false},
	{"canvas.example", "active", 660, 70, false},
	{"copper.example", "pending", 0, 0, false},
	{"cypress.example", "active", 650, 80, false},
	{"delta.example", "pending_transfer", 0, 0, true},
	{"ember.example", "active", 640, 90, false},
	{"feather.example", "pending_delete", 445, -80, false},
	{"garden.example", "active", 630, 100, false},
	{"harbor.example", "active", 620, 110, true},
	{"island.example", "transferred_away", 900, 195, true},
	{"juniper.example", "active", 610, 120, false},
	{"kettle.example", "cancelled", 500, -135, false},
	{"lantern.example", "active", 600, 130, false},
	{"meadow.example", "active", 30, 335, false},
	{"north.example", "active", 580, 150, false},
	{"orchard.example", "expired", 368, -3, true},
	{"pebble.example", "active", 560, 170, false},
	{"quartz.example", "active", 550, 180, false},
	{"river.example", "active", 540, 190, false},
	{"summit.example", "active", 530, 200, true},
	{"timber.example", "active", 520, 210, false},
	{"xn--bcher-kva.example", "active", 510, 220, false},
}

func defaultDomains(now time.Time) []Domain {
	domains := make([]Domain, 0, len(defaultPlan))
	for i, plan := range defaultPlan {
		d := Domain{
			Name:            plan.name,
			Status:          plan.status,
			AutoRenew:       i%3 != 2,
			Locked:          plan.status == "active" && i%4 != 3,
			Nameservers:     zone.ProviderNameservers(),
			WhoisPrivacy:    i%2 == 0,
			UsesProviderDNS: !plan.foreign,
			Contacts:        defaultRoles(plan.name),
			CreatedAt:       daysFrom(now, -plan.age-1),
			UpdatedAt:       daysFrom(now, -plan.age/2),
		}
		if plan.foreign {
			d.Nameservers = slices.Clone(foreignNameservers)
		}
		if plan.age > 0 {
			d.RegisteredAt = new(daysFrom(now, -plan.age))
			d.ExpiresAt = new(daysFrom(now, plan.remaining))
		}
		d.Records = defaultRecords(plan.name, now)
		domains = append(domains, d)
	}
	return domains
}

func daysFrom(now time.Time, days int) time.Time { return now.AddDate(0, 0, days) }

// defaultRecords fills the zone of example.com; the others hold what a new zone
// does.
func defaultRecords(zone string, now time.Time) []*Record {
	records := []*Record{
		{Type: "NS", Name: "@", Value: "ns1.provider.example", TTL: 86400},
		{Type: "NS", Name: "@", Value: "ns2.provider.example", TTL: 86400},
		{Type: "A", Name: "@", Value: "192.0.2.10", TTL: 3600},
	}
	if zone == "example.com" {
		records = append(records,
			&Record{Type: "AAAA", Name: "@", Value: "2001:db8::10", TTL: 3600},
			&Record{Type: "MX", Name: "@", Value: "mail1.example.com", TTL: 3600, Priority: new(10)},
			&Record{Type: "MX", Name: "@", Value: "mail2.example.com", TTL: 3600, Priority: new(20)},
			&Record{Type: "TXT", Name: "@", Value: "v=spf1 ip4:192.0.2.0/24 -all", TTL: 3600},
			&Record{Type: "CAA", Name: "@", Value: `0 issue "ca.example"`, TTL: 3600},
			&Record{Type: "CNAME", Name: "www", Value: "example.com", TTL: 3600},
			&Record{Type: "A", Name: "mail1", Value: "192.0.2.25", TTL: 3600},
			&Record{Type: "A", Name: "mail2", Value: "192.0.2.26", TTL: 3600},
			&Record{Type: "A", Name: "*.apps", Value: "198.51.100.7", TTL: 300},
			&Record{Type: "SRV", Name: "_sip._tcp", Value: "sip.example.com", TTL: 3600, Priority: new(10), Weight: new(60), Port: new(5060)},
			&Record{Type: "TXT", Name: "_dmarc", Value: "v=DMARC1; p=none", TTL: 3600},
			&Record{Type: "NS", Name: "lab", Value: "ns1.lab.example", TTL: 3600},
		)
	}
	for i, r := range records {
		r.CreatedAt = daysFrom(now, -400).Add(time.Duration(i) * time.Minute)
	}
	return records
}

func defaultTokens(now time.Time) []SeedToken {
	return []SeedToken{
		{ID: "tok_a1d2f3c4", Name: "DNS automation", Scopes: []string{"dns:read", "dns:write"}, CreatedAt: daysFrom(now, -80), LastUsedAt: new(daysFrom(now, -1)), ExpiresAt: new(daysFrom(now, 10))},
		{ID: "tok_b5e6a7d8", Name: "Monitoring", Scopes: []string{"domains:read", "hosting:read"}, CreatedAt: daysFrom(now, -60), IPAllowlist: []string{"192.0.2.0/24", "2001:db8::/32"}},
		{ID: "tok_c9f0b1e2", Name: "Old deployment", Scopes: []string{"hosting:write"}, Status: "expired", CreatedAt: daysFrom(now, -300), LastUsedAt: new(daysFrom(now, -120)), ExpiresAt: new(daysFrom(now, -100))},
		{ID: "tok_d3a4c5f6", Name: "Lost laptop", Scopes: []string{"account:read", "account:write"}, Status: "revoked", CreatedAt: daysFrom(now, -200), LastUsedAt: new(daysFrom(now, -90))},
	}
}

// defaultContacts are a contact for each role and one that no domain refers to.
func defaultContacts(now time.Time) []Contact {
	contacts := []Contact{
		{ID: "con_7d31e0b4", Name: "Domain Administration", Email: "domains@example.com", Company: new("Example Company")},
		{ID: "con_2c86f9a3", Name: "Network Operations", Email: "noc@example.com", Company: new("Example Company")},
		{ID: "con_91b4d5e7", Name: "Accounts Payable", Email: "billing@example.com", Company: new("Example Company")},
		{ID: "con_e06a3f18", Name: "Sample Contact", Email: "contact@example.net"},
	}
	for i := range contacts {
		contacts[i].Phone = "+1.5555550101"
		contacts[i].Address = &Address{Street: "1 Example Street", City: "Sampletown", State: "EX", PostalCode: "00000", Country: "US"}
		contacts[i].CreatedAt = daysFrom(now, -1650).Add(time.Duration(i) * time.Minute)
	}
	return contacts
}

// defaultRoles gives example.com a contact of its own in some roles; the other
// domains have one in all.
func defaultRoles(domain string) DomainContacts {
	if domain == "example.com" {
		return DomainContacts{Registrant: "con_7d31e0b4", Tech: "con_2c86f9a3", Billing: "con_91b4d5e7"}
	}
	return DomainContacts{Registrant: "con_7d31e0b4"}
}
