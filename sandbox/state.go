package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/shop"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// State is all that the account holds. See [Server.View] and [Server.Update].
type State struct {
	Profile  Profile
	Contacts []*Contact // oldest first
	Domains  []*Domain  // by name
	Tokens   []*Token   // oldest first

	// Books are Invoices, Orders, Services and Transfers, each oldest first, and
	// Plans, Prices and Taken names. The methods Invoice, Order, Service and Plan
	// find one by its id, Transfer the last one of a domain; nil: there is none.
	shop.Books

	awake    bool      // something may be due before alarm
	alarm    time.Time // when the clock next changes something; zero: never
	secrets  map[[32]byte]*Token
	versions uint64 // the last zone version given out
	salt     string // makes the zone versions of two servers differ
}

// Profile is the account's own data.
type Profile struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	Company *string  `json:"company"`
	Phone   *string  `json:"phone"`
	Address *Address `json:"address"`
	TaxID   *string  `json:"tax_id"`
}

// Address is a postal address.
type Address struct {
	Street     string `json:"street"`
	City       string `json:"city"`
	State      string `json:"state"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// Domain is a domain name and, in Records, its zone.
type Domain struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	Status          string         `json:"status"`
	RegisteredAt    *time.Time     `json:"registered_at"`
	ExpiresAt       *time.Time     `json:"expires_at"`
	AutoRenew       bool           `json:"auto_renew"`
	Locked          bool           `json:"locked"`
	Nameservers     []string       `json:"nameservers"`
	WhoisPrivacy    bool           `json:"whois_privacy"`
	UsesProviderDNS bool           `json:"uses_provider_dns"`
	Contacts        DomainContacts `json:"contacts"`
	CreatedAt       time.Time      `json:"created_at"`
	UpdatedAt       time.Time      `json:"updated_at"`
	Records         []*Record      `json:"records,omitempty"` // oldest first

	// TransferredAt is when the domain came from another provider; nil: never.
	TransferredAt *time.Time `json:"transferred_at,omitempty"`
	// NameserversMovedAt is when the nameservers last joined or left the
	// provider's DNS. For an hour from then the change is pending.
	NameserversMovedAt *time.Time `json:"nameservers_moved_at,omitempty"`
	// AuthCodeByEmail sends codes by email instead of showing them.
	AuthCodeByEmail bool `json:"auth_code_by_email,omitempty"`
	// AuthCode is the last code given out, or nil.
	AuthCode *AuthCode `json:"-"`

	version uint64      // of the zone
	zone    *zone.Index // nil: made when it is needed
}

// DomainContacts are the ids of a domain's contacts.
type DomainContacts struct {
	Registrant string `json:"registrant"`
	Admin      string `json:"admin"`
	Tech       string `json:"tech"`
	Billing    string `json:"billing"`
}

// Record is a DNS record. Its name is relative to the zone, "@" at the apex.
type Record = zone.Record

// Domain returns the domain with that name, or nil.
func (st *State) Domain(name string) *Domain {
	i, found := slices.BinarySearchFunc(st.Domains, name, compareName)
	if found {
		return st.Domains[i]
	}
	// Inside Update the list may be out of order.
	if i := slices.IndexFunc(st.Domains, func(d *Domain) bool { return d.Name == name }); i >= 0 {
		return st.Domains[i]
	}
	return nil
}

func compareName(d *Domain, name string) int { return strings.Compare(d.Name, name) }

// Records returns the records of the domain with that name, oldest first.
func (st *State) Records(domain string) []*Record {
	if d := st.Domain(domain); d != nil {
		return d.Records
	}
	return nil
}

// Token returns the token with that id, or nil.
func (st *State) Token(id string) *Token {
	if i := slices.IndexFunc(st.Tokens, func(t *Token) bool { return t.ID == id }); i >= 0 {
		return st.Tokens[i]
	}
	return nil
}

// fork returns a state that keeps what st holds now, for as long as writes
// replace objects instead of changing them.
func (st *State) fork() *State {
	old := *st
	old.Contacts = slices.Clone(st.Contacts)
	old.Domains = slices.Clone(st.Domains)
	old.Tokens = slices.Clone(st.Tokens)
	old.Books = shop.Fork(&st.Books)
	old.secrets = nil
	return &old
}

// clone returns a deep copy, for code that does change objects in place.
func (st *State) clone() *State {
	old := st.fork()
	old.Books = shop.Clone(&st.Books)
	old.Profile = st.Profile.clone()
	for i, contact := range old.Contacts {
		old.Contacts[i] = contact.clone()
	}
	for i, d := range old.Domains {
		domain := *d
		domain.Nameservers = slices.Clone(d.Nameservers)
		domain.Records = slices.Clone(d.Records)
		domain.zone = nil
		for k, rec := range domain.Records {
			domain.Records[k] = zone.Clone(rec)
		}
		old.Domains[i] = &domain
	}
	for i, t := range old.Tokens {
		token := *t
		token.Scopes, token.IPAllowlist = slices.Clone(t.Scopes), slices.Clone(t.IPAllowlist)
		old.Tokens[i] = &token
	}
	return old
}

// own puts a copy of the domain in its place and returns it, ready for changes
// of its fields. The list of records that it shares with the old one is replaced
// as a whole; see [zone.Edit.Apply].
func (st *State) own(d *Domain) *Domain {
	domain := *d
	d.zone = nil // it goes with the copy, which keeps it up to date
	if i := slices.Index(st.Domains, d); i >= 0 {
		st.Domains[i] = &domain
	}
	return &domain
}

// zoneTag is the entity tag of the domain's zone.
func (st *State) zoneTag(d *Domain) string {
	return fmt.Sprintf(`"zone-%s-%d"`, st.salt, d.version)
}

// moveVersion gives the domain's zone a version that no zone had before.
func (st *State) moveVersion(d *Domain) {
	st.versions++
	d.version = st.versions
}

// moveVersions moves the version of each zone that is not what it was in old.
func (st *State) moveVersions(old *State) {
	for _, d := range st.Domains {
		was := old.Domain(d.Name)
		if was == nil || was.version != d.version || !slices.EqualFunc(was.Records, d.Records, zone.Equal) {
			st.moveVersion(d)
		}
	}
}

// index is made anew where a write took it away to the domain's successor.
func (d *Domain) index() *zone.Index {
	if d.zone == nil {
		d.zone = zone.NewIndex(d.Records)
	}
	return d.zone
}

// Record returns the domain's record with that id, or nil.
func (d *Domain) Record(id string) *Record {
	if i := slices.IndexFunc(d.Records, func(r *Record) bool { return r.ID == id }); i >= 0 {
		return d.Records[i]
	}
	return nil
}
