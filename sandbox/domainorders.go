package sandbox

import (
	"slices"
	"strings"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/shop"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// available is one answer of the availability check.
type available struct {
	Domain    string        `json:"domain"`
	Available bool          `json:"available"`
	Premium   bool          `json:"premium"`
	Prices    *domainPrices `json:"prices"`
	Currency  *string       `json:"currency"`
	Reason    *string       `json:"reason"`
}

type domainPrices struct {
	Register Money `json:"register"`
	Renew    Money `json:"renew"`
	Transfer Money `json:"transfer"`
}

const maxNames = 50

func checkAvailability(c *call) *answer {
	names := slices.DeleteFunc(slices.Clone(c.query["domain"]), func(name string) bool { return name == "" })
	if len(names) < 1 || len(names) > maxNames {
		return badRequest("The query parameter domain must be there 1 to 50 times.")
	}
	found := make([]available, 0, len(names))
	for _, sent := range names {
		name, problem := zone.CanonicalHost(sent)
		if problem != "" {
			return badRequest("The query parameter domain " + problem + ".")
		}
		found = append(found, c.availability(name))
	}
	return ok(found)
}

// availability names the prices of every name that is sold, also of one that
// cannot be registered: it can be renewed or transferred.
func (c *call) availability(name string) available {
	a := available{Domain: name, Premium: shop.IsPremium(name)}
	offer := c.shop().Offer(name)
	switch {
	case offer == nil:
		a.Premium, a.Reason = false, new("not offered")
	case c.st.held(name):
		a.Reason = new("in this account")
	case c.st.elsewhere(name):
		a.Reason = new("registered")
	default:
		a.Available = true
	}
	if offer != nil {
		a.Prices, a.Currency = &domainPrices{offer.Register, offer.Renew, offer.Transfer}, new(offer.Currency)
	}
	return a
}

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
	offer := c.shop().Offer(name)
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
	by, sells := c.buyer(), c.shop()
	if refused := f.refused(); refused != nil {
		return refused
	}
	if refused := sells.Solvent(); refused != nil {
		return refuse(refused)
	}
	if c.st.held(name) || c.st.elsewhere(name) {
		return conflict("DOMAIN_UNAVAILABLE", "The domain "+name+" is not available.")
	}
	total := offer.Register * Money(n)
	if refused := by.Affords(total, offer.Currency); refused != nil {
		return refuse(refused)
	}
	c.addDomain(d)
	sale := sells.SellDomain(by, "domain_registration", name, n, total, offer.Currency, c.now)
	return c.bought(sale, func(p *purchase) { p.Domain = new(d.shown()) })
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

func renewDomain(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	n, by, sells := c.fields.years(), c.buyer(), c.shop()
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := sells.Solvent(); refused != nil {
		return refuse(refused)
	}
	if !slices.Contains([]string{"active", "expired", "redemption"}, d.Status) {
		return conflict("DOMAIN_STATE_PROHIBITS", "The domain is "+d.Status+": it cannot be renewed.")
	}
	if refused := sells.Unordered(d.Name, ""); refused != nil {
		return refuse(refused)
	}
	offer := sells.Offer(d.Name)
	if offer == nil {
		return conflict("CONFLICT", "The domain's top-level domain is no longer sold.")
	}
	total := offer.Renew * Money(n)
	if refused := by.Affords(total, offer.Currency); refused != nil {
		return refuse(refused)
	}
	from := c.now
	if d.ExpiresAt != nil {
		from = *d.ExpiresAt
	}
	sale := sells.SellDomain(by, "domain_renewal", d.Name, n, total, offer.Currency, from)
	return c.bought(sale, func(p *purchase) { p.Domain = new(d.shown()) })
}

const maxAuthCode = 255

// isWrongCode says which auth codes the other provider does not take: "wrong",
// and everything that begins with "wrong-".
func isWrongCode(code string) bool { return code == "wrong" || strings.HasPrefix(code, "wrong-") }

func transferDomain(c *call) *answer {
	f := c.fields
	name, offer := c.domainName()
	if offer != nil && !c.st.held(name) && !c.st.elsewhere(name) {
		f.Fail("domain", "is not registered, so it cannot be transferred")
	}
	code, how := f.Text("auth_code")
	switch {
	case how == input.Absent:
		f.Fail("auth_code", "is required")
	case how == input.Given && (code == "" || len(code) > maxAuthCode):
		f.Fail("auth_code", "must be 1 to 255 octets")
	}
	by, sells := c.buyer(), c.shop()
	if refused := f.refused(); refused != nil {
		return refused
	}
	if refused := sells.Solvent(); refused != nil {
		return refuse(refused)
	}
	if c.st.held(name) {
		return conflict("CONFLICT", "The domain "+name+" is in this account already.")
	}
	if sells.Transferring(name) {
		return conflict("CONFLICT", "A transfer of "+name+" runs already.")
	}
	if refused := by.Affords(offer.Transfer, offer.Currency); refused != nil {
		return refuse(refused)
	}
	c.addDomain(incomingDomain(c.st, name))
	sale, transfer := sells.BeginTransfer(by, name, offer, isWrongCode(code))
	return c.bought(sale, func(p *purchase) { p.Transfer = new(shop.ShowTransfer(transfer)) })
}

func getTransfer(c *call) *answer {
	t := c.st.Transfer(c.params["domain"])
	if t == nil {
		return notFound("transfer")
	}
	return ok(shop.ShowTransfer(t))
}
