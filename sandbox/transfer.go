package sandbox

import (
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
)

const (
	// approvalTime is how long a paid transfer waits for its approval, and
	// transferTime how long it then takes.
	approvalTime = time.Hour
	transferTime = 5 * 24 * time.Hour
	// transferYears is by how much a transfer extends a registration.
	transferYears = 1
	maxAuthCode   = 255
)

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
	most := f.maxPrice()
	if refused := f.refused(); refused != nil {
		return refused
	}
	if refused := c.solvent(); refused != nil {
		return refused
	}
	if c.st.held(name) {
		return conflict("CONFLICT", "The domain "+name+" is in this account already.")
	}
	if t := c.st.Transfer(name); t != nil && t.open() {
		return conflict("CONFLICT", "A transfer of "+name+" runs already.")
	}
	if refused := affordable(offer.Transfer, most, offer.Currency); refused != nil {
		return refused
	}
	c.addDomain(incomingDomain(c.st, name))
	p := c.sell(OrderItem{
		Type: "domain_transfer", Description: name + ", transfer with " + years(transferYears),
		Domain: new(name), Years: new(transferYears), Amount: offer.Transfer,
	}, offer.Currency, term{c.now, addMonths(c.now, 12*transferYears)})
	t := &Transfer{
		Domain: name, Status: "pending_payment", Reason: new("waiting for payment"), UpdatedAt: c.now,
		OrderID: p.Order.ID, WrongCode: isWrongCode(code),
	}
	c.st.Transfers = append(c.st.Transfers, t)
	p.Transfer = new(t.shown())
	return p.answer()
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

func getTransfer(c *call) *answer {
	t := c.st.Transfer(c.params["domain"])
	if t == nil {
		return notFound("transfer")
	}
	return ok(t.shown())
}
