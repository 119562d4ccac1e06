package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
	"github.com/go-hoster/hoster/sandbox/internal/shop"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// newState builds the state that a seed describes.
func newState(seed Seed, now time.Time) *State {
	st := &State{Profile: seed.Profile.clone(), salt: object.RandomID("")}
	for i := range seed.Contacts {
		st.Contacts = append(st.Contacts, seed.Contacts[i].clone())
	}
	for _, d := range seed.Domains {
		domain := d
		domain.Records = nil
		for _, rec := range d.Records {
			if rec != nil {
				domain.Records = append(domain.Records, zone.Clone(rec))
			}
		}
		domain.Nameservers = slices.Clone(d.Nameservers)
		domain.zone = nil
		domain.seedApex()
		st.Domains = append(st.Domains, &domain)
	}
	for _, t := range seed.Tokens {
		st.Tokens = append(st.Tokens, t.token(now))
	}
	st.Books = seed.shop().Books()
	st.settle(now)
	for _, d := range st.Domains {
		st.moveVersion(d)
	}
	return st
}

// settle makes up what is missing, always the same for the same state, puts the
// lists in order and renews the indexes.
func (st *State) settle(now time.Time) {
	now = now.UTC().Truncate(time.Second)
	if st.Profile.ID == "" {
		st.Profile.ID = object.IDOf("cust_", st.Profile.Email)
	}
	st.Domains = slices.DeleteFunc(st.Domains, func(d *Domain) bool { return d == nil })
	st.settleContacts(now)
	for _, d := range st.Domains {
		d.settle(st.Profile.ID, now)
	}
	shop.Settle(&st.Books, now)
	st.awake = true
	slices.SortStableFunc(st.Domains, func(a, b *Domain) int { return cmp.Compare(a.Name, b.Name) })

	st.Tokens = slices.DeleteFunc(st.Tokens, func(t *Token) bool { return t == nil })
	for i, t := range st.Tokens {
		t.settle(i, now)
	}
	slices.SortStableFunc(st.Tokens, func(a, b *Token) int { return a.CreatedAt.Compare(b.CreatedAt) })
	st.secrets = make(map[[32]byte]*Token, len(st.Tokens))
	for _, t := range st.Tokens {
		st.secrets[t.hash] = t
	}
}

// seedApex lists the seed's nameservers of a domain on the provider's DNS as NS
// records at the apex, unless the seed says itself what stands there.
func (d *Domain) seedApex() {
	isNS := func(r *Record) bool { return r.Type == "NS" && r.Name == "@" }
	if !d.UsesProviderDNS || slices.ContainsFunc(d.Records, isNS) {
		return
	}
	for _, host := range d.Nameservers {
		d.Records = append(d.Records, &Record{Type: "NS", Name: "@", Value: host, TTL: apexTTL})
	}
}

func (d *Domain) settle(account string, now time.Time) {
	if d.ID == "" {
		d.ID = object.IDOf("dom_", d.Name)
	}
	if d.Status == "" {
		d.Status = "active"
	}
	if d.Nameservers == nil {
		d.Nameservers = []string{}
	}
	if d.CreatedAt.IsZero() {
		d.CreatedAt = now
	}
	if d.UpdatedAt.IsZero() {
		d.UpdatedAt = d.CreatedAt
	}
	d.CreatedAt, d.UpdatedAt = d.CreatedAt.UTC(), d.UpdatedAt.UTC()
	d.RegisteredAt, d.ExpiresAt = object.UTC(d.RegisteredAt), object.UTC(d.ExpiresAt)
	d.TransferredAt, d.NameserversMovedAt = object.UTC(d.TransferredAt), object.UTC(d.NameserversMovedAt)
	d.Contacts.settle(account)
	d.Records = slices.DeleteFunc(d.Records, func(r *Record) bool { return r == nil })
	for i, r := range d.Records {
		zone.Complete(r, fmt.Sprint(d.Name, "/", i), now)
	}
	slices.SortStableFunc(d.Records, func(a, b *Record) int { return a.CreatedAt.Compare(b.CreatedAt) })
	d.zone = zone.NewIndex(d.Records)
}

// settle gives roles left out the registrant, as a registration does.
func (c *DomainContacts) settle(account string) {
	c.Registrant = cmp.Or(c.Registrant, object.IDOf("con_", account))
	c.Admin = cmp.Or(c.Admin, c.Registrant)
	c.Tech = cmp.Or(c.Tech, c.Registrant)
	c.Billing = cmp.Or(c.Billing, c.Registrant)
}

func (t *Token) settle(i int, now time.Time) {
	if t.ID == "" {
		t.ID = object.IDOf("tok_", fmt.Sprint(t.Name, "/", i))
	}
	if t.Scopes == nil {
		t.Scopes = []string{}
	}
	if t.IPAllowlist == nil {
		t.IPAllowlist = []string{}
	}
	if t.CreatedAt.IsZero() {
		t.CreatedAt = now
	}
	t.CreatedAt = t.CreatedAt.UTC()
	t.LastUsedAt, t.ExpiresAt = object.UTC(t.LastUsedAt), object.UTC(t.ExpiresAt)
}
