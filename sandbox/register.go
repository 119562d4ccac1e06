package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/object"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// maxYears is the longest time that a domain can be paid for at once.
const maxYears = 10

// years reads for how many years a domain is paid.
func (f *fields) years() int {
	n, how := f.Integer("years")
	switch {
	case how == input.Absent:
		f.Fail("years", "is required")
	case how == input.Given && (n < 1 || n > maxYears):
		f.Fail("years", "must be 1 to 10")
	}
	return n
}

// domainName reads the name of a domain that is to be bought, and its prices.
func (c *call) domainName() (string, *TLDPrice) {
	f := c.fields
	sent, how := f.Text("domain")
	if how == input.Absent {
		f.Fail("domain", "is required")
	}
	if how != input.Given {
		return "", nil
	}
	name, problem := zone.CanonicalHost(sent)
	if problem != "" || !strings.Contains(name, ".") {
		f.Fail("domain", "must be a domain name in A-labels")
		return "", nil
	}
	offer := c.st.offer(name)
	if offer == nil {
		f.Fail("domain", "is not directly below a top-level domain that is sold")
	}
	return name, offer
}

func registerDomain(c *call) *answer {
	f := c.fields
	name, offer := c.domainName()
	n := f.years()
	d := &Domain{
		Name: name, Status: "pending", AutoRenew: true,
		Nameservers: f.nameservers(false), Contacts: c.domainContacts(),
	}
	f.flag("auto_renew", &d.AutoRenew)
	f.flag("whois_privacy", &d.WhoisPrivacy)
	most := f.maxPrice()
	if refused := f.refused(); refused != nil {
		return refused
	}
	if refused := c.solvent(); refused != nil {
		return refused
	}
	if c.st.held(name) || c.st.elsewhere(name) {
		return conflict("DOMAIN_UNAVAILABLE", "The domain "+name+" is not available.")
	}
	total := offer.Register * Money(n)
	if refused := affordable(total, most, offer.Currency); refused != nil {
		return refused
	}
	c.addDomain(d)
	p := c.sell(OrderItem{
		Type: "domain_registration", Description: name + ", registration for " + years(n),
		Domain: new(name), Years: new(n), Amount: total,
	}, offer.Currency, term{c.now, addMonths(c.now, 12*n)})
	p.Domain = new(d.shown())
	return p.answer()
}

// domainContacts reads who has the roles; those left out follow the registrant,
// and it the account's oldest contact.
func (c *call) domainContacts() DomainContacts {
	var contacts DomainContacts
	in, how := c.fields.Object("contacts")
	if how == input.Given {
		for _, role := range roles {
			id, how := in.Text(role.name)
			if how == input.Given && c.st.Contact(id) == nil {
				in.Fail(role.name, "names no contact of the account")
			}
			*role.of(&contacts) = id
		}
	}
	if contacts.Registrant == "" && len(c.st.Contacts) > 0 {
		contacts.Registrant = c.st.Contacts[0].ID
	}
	return contacts
}

// addDomain puts a new domain into the account, in the place of one of its name
// that was given up.
func (c *call) addDomain(d *Domain) {
	if d.Nameservers == nil {
		d.Nameservers = slices.Clone(providerNameservers)
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

func renewDomain(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	n, most := c.fields.years(), c.fields.maxPrice()
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := c.solvent(); refused != nil {
		return refused
	}
	if !slices.Contains([]string{"active", "expired", "redemption"}, d.Status) {
		return conflict("DOMAIN_STATE_PROHIBITS", "The domain is "+d.Status+": it cannot be renewed.")
	}
	if refused := c.unordered(d.Name, ""); refused != nil {
		return refused
	}
	offer := c.st.offer(d.Name)
	if offer == nil {
		return conflict("CONFLICT", "The domain's top-level domain is no longer sold.")
	}
	total := offer.Renew * Money(n)
	if refused := affordable(total, most, offer.Currency); refused != nil {
		return refused
	}
	from := c.now
	if d.ExpiresAt != nil {
		from = *d.ExpiresAt
	}
	p := c.sell(OrderItem{
		Type: "domain_renewal", Description: d.Name + ", renewal for " + years(n),
		Domain: new(d.Name), Years: new(n), Amount: total,
	}, offer.Currency, term{from, addMonths(from, 12*n)})
	p.Domain = new(d.shown())
	return p.answer()
}
