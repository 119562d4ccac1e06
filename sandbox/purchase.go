package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/object"
)

const (
	daysToPay        = 14
	firstOrderNumber = 1001
	portalURL        = "https://portal.example.com"
)

var numberPrefixes = map[string]string{"proforma": "PI-", "tax": "INV-"}

// purchase is what a purchase is answered with.
type purchase struct {
	Order    Order        `json:"order"`
	Invoice  Invoice      `json:"invoice"`
	Domain   *domainShown `json:"domain,omitempty"`
	Transfer *Transfer    `json:"transfer,omitempty"`
	Service  *Service     `json:"service,omitempty"`
}

func (p *purchase) answer() *answer {
	a := ok(p)
	a.status = http.StatusAccepted
	return a
}

// maxPrice reads the most that a purchase may cost; nil: it may cost anything.
func (f *fields) maxPrice() *Money {
	const problem = "must be a decimal string"
	text, how := input.Decode[string](f.Fields, "max_price", problem)
	if how != input.Given {
		return nil
	}
	most, isDecimal := atMost(text)
	if !isDecimal {
		f.Fail("max_price", problem)
	}
	return &most
}

// solvent refuses a purchase while an invoice is overdue.
func (c *call) solvent() *answer {
	if slices.ContainsFunc(c.st.Invoices, func(inv *Invoice) bool { return inv.Status == "overdue" && !inv.Disputed }) {
		return fail(http.StatusPaymentRequired, "PAYMENT_REQUIRED", "An invoice of the account is overdue.")
	}
	return nil
}

// affordable refuses a purchase that costs more than it may.
func affordable(total Money, most *Money, currency string) *answer {
	if most == nil || total <= *most {
		return nil
	}
	return conflict("PRICE_CHANGED", "The price is "+total.String()+" "+currency+", more than max_price.")
}

// unordered refuses a purchase while another one of the same thing is open.
func (c *call) unordered(domain, service string) *answer {
	if slices.ContainsFunc(c.st.Orders, func(o *Order) bool { return o.concerns(domain, service) }) {
		return conflict("CONFLICT", "An order for this is still open.")
	}
	return nil
}

// term is the time that is paid for.
type term struct{ start, end time.Time }

// sell places the order of one item and its proforma invoice.
func (c *call) sell(item OrderItem, currency string, t term) *purchase {
	o := &Order{
		ID:        object.RandomID("ord_"),
		Number:    c.st.nextOrderNumber(),
		Status:    "pending",
		CreatedAt: c.now,
		Items:     []OrderItem{item},
		Total:     item.Amount,
		Currency:  currency,
		PlacedBy:  c.token.ID,
	}
	inv := c.st.proforma(o, t, c.now)
	o.InvoiceIDs = []string{inv.ID}
	c.st.Orders = append(c.st.Orders, o)
	c.st.Invoices = append(c.st.Invoices, inv)
	c.wroteTo(o.ID)
	return &purchase{Order: o.shown(), Invoice: inv.shown()}
}

// proforma is the demand for the payment of an order.
func (st *State) proforma(o *Order, t term, now time.Time) *Invoice {
	inv := &Invoice{
		ID:       object.RandomID("inv_"),
		Number:   st.nextInvoiceNumber("proforma", now),
		Type:     "proforma",
		Status:   "unpaid",
		IssuedAt: now,
		DueAt:    now.AddDate(0, 0, daysToPay),
		Currency: o.Currency,
		Subtotal: o.Total,
		TaxTotal: o.Total.tax(),
		OrderID:  new(o.ID),
	}
	for _, item := range o.Items {
		inv.Items = append(inv.Items, InvoiceItem{item.Description, new(t.start), new(t.end), item.Amount})
	}
	inv.Taxes = []TaxLine{{taxName, strconv.Itoa(taxPercent), inv.TaxTotal}}
	inv.Total = inv.Subtotal + inv.TaxTotal
	inv.BalanceDue = inv.Total
	inv.PaymentURL = new(portalURL + "/invoices/" + inv.ID)
	return inv
}

func (st *State) nextOrderNumber() string {
	last := firstOrderNumber - 1
	for _, o := range st.Orders {
		if n, err := strconv.Atoi(o.Number); err == nil {
			last = max(last, n)
		}
	}
	return strconv.Itoa(last + 1)
}

// nextInvoiceNumber counts the invoices of a type within a year.
func (st *State) nextInvoiceNumber(kind string, now time.Time) string {
	prefix, last := fmt.Sprintf("%s%d-", numberPrefixes[kind], now.Year()), 0
	for _, inv := range st.Invoices {
		digits, ours := strings.CutPrefix(inv.Number, prefix)
		if n, err := strconv.Atoi(digits); ours && err == nil {
			last = max(last, n)
		}
	}
	return fmt.Sprintf("%s%04d", prefix, last+1)
}

// years says how long something is: "1 year", "2 years".
func years(n int) string {
	if n == 1 {
		return "1 year"
	}
	return strconv.Itoa(n) + " years"
}
