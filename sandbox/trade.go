package sandbox

import (
	"net/http"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/shop"
)

// What is sold, and what was.
type (
	// Money is an amount in hundredths of its currency. In JSON it is a decimal
	// string with two decimals.
	Money = shop.Money
	// Invoice is a demand for payment (proforma), or the tax document that
	// follows its payment.
	Invoice = shop.Invoice
	// InvoiceItem is a line of an invoice.
	InvoiceItem = shop.InvoiceItem
	// TaxLine is a tax on an invoice.
	TaxLine = shop.TaxLine
	// Order is what a purchase makes.
	Order = shop.Order
	// OrderItem is one thing that is ordered.
	OrderItem = shop.OrderItem
	// Service is a hosting service.
	Service = shop.Service
	// PlanRef names the plan of a service.
	PlanRef = shop.PlanRef
	// HostingServer is where a service runs.
	HostingServer = shop.HostingServer
	// Usage is what a service uses of its limits.
	Usage = shop.Usage
	// Quota is a use and its limit, in bytes. A nil limit is none.
	Quota = shop.Quota
	// Plan is what can be provisioned.
	Plan = shop.Plan
	// PlanPrice is the price of a plan for one billing cycle.
	PlanPrice = shop.PlanPrice
	// Transfer is a domain's move into the account.
	Transfer = shop.Transfer
	// TLDPrice is what names below a top-level domain cost for one year.
	TLDPrice = shop.TLDPrice
)

// shop returns the account's shop, at that time.
func (s *Server) shop(st *State, now time.Time) *shop.Shop {
	return &shop.Shop{Books: &st.Books, Domains: domainTrade{st}, Now: now, Review: s.fraudReview, Manual: s.manual}
}

func (c *call) shop() *shop.Shop { return c.srv.shop(c.st, c.now) }

// refuse answers a request that the shop refuses.
func refuse(r *shop.Refusal) *answer {
	status := http.StatusConflict
	if r.Code == "PAYMENT_REQUIRED" {
		status = http.StatusPaymentRequired
	}
	return fail(status, r.Code, r.Message)
}

// purchase is what a purchase is answered with.
type purchase struct {
	Order    Order        `json:"order"`
	Invoice  Invoice      `json:"invoice"`
	Domain   *domainShown `json:"domain,omitempty"`
	Transfer *Transfer    `json:"transfer,omitempty"`
	Service  *Service     `json:"service,omitempty"`
}

// bought answers a purchase. What else it names is for more to add.
func (c *call) bought(sale *shop.Sale, more func(*purchase)) *answer {
	c.wroteTo(sale.Order.ID)
	p := &purchase{Order: shop.ShowOrder(sale.Order), Invoice: shop.ShowInvoice(sale.Invoice)}
	if sale.Service != nil {
		p.Service = new(shop.ShowService(sale.Service))
	}
	if more != nil {
		more(p)
	}
	a := ok(p)
	a.status = http.StatusAccepted
	return a
}

// buyer reads the most that a purchase may cost.
func (c *call) buyer() shop.Buyer {
	const problem = "must be a decimal string"
	by := shop.Buyer{TokenID: c.token.ID}
	text, how := input.Decode[string](c.fields.Fields, "max_price", problem)
	if how != input.Given {
		return by
	}
	most, isDecimal := shop.AtMost(text)
	if !isDecimal {
		c.fields.Fail("max_price", problem)
	}
	by.Most = &most
	return by
}
