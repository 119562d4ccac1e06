package shop

import (
	"slices"
	"strings"
	"time"
)

// The contract's values, in its order.
var (
	InvoiceTypes    = []string{"proforma", "tax"}
	InvoiceStatuses = []string{"unpaid", "payment_pending", "paid", "overdue", "cancelled", "refunded"}
	OrderStatuses   = []string{"pending", "active", "fraud", "cancelled"}
	orderItemTypes  = []string{
		"domain_registration", "domain_renewal", "domain_transfer",
		"hosting", "hosting_renewal", "hosting_upgrade",
	}
)

// Invoice is a demand for payment (proforma), or the tax document that follows
// its payment.
type Invoice struct {
	ID         string        `json:"id"`
	Number     string        `json:"number"`
	Type       string        `json:"type"`
	Status     string        `json:"status"`
	IssuedAt   time.Time     `json:"issued_at"`
	DueAt      time.Time     `json:"due_at"`
	PaidAt     *time.Time    `json:"paid_at"`
	Currency   string        `json:"currency"`
	Items      []InvoiceItem `json:"items"`
	Subtotal   Money         `json:"subtotal"`
	Taxes      []TaxLine     `json:"taxes"`
	TaxTotal   Money         `json:"tax_total"`
	Total      Money         `json:"total"`
	AmountPaid Money         `json:"amount_paid"`
	BalanceDue Money         `json:"balance_due"`
	OrderID    *string       `json:"order_id"`
	PaymentURL *string       `json:"payment_url"`

	// Disputed says that the account contests the invoice: while it is overdue
	// it stops no purchase. The API does not show it.
	Disputed bool `json:"disputed,omitempty"`
}

// InvoiceItem is a line of an invoice.
type InvoiceItem struct {
	Description string     `json:"description"`
	PeriodStart *time.Time `json:"period_start"`
	PeriodEnd   *time.Time `json:"period_end"`
	Amount      Money      `json:"amount"`
}

// TaxLine is a tax on an invoice. The rate is a percentage.
type TaxLine struct {
	Name   string `json:"name"`
	Rate   string `json:"rate"`
	Amount Money  `json:"amount"`
}

// Order is what a purchase makes.
type Order struct {
	ID         string      `json:"id"`
	Number     string      `json:"number"`
	Status     string      `json:"status"`
	CreatedAt  time.Time   `json:"created_at"`
	Items      []OrderItem `json:"items"`
	Total      Money       `json:"total"` // before tax
	Currency   string      `json:"currency"`
	InvoiceIDs []string    `json:"invoice_ids"`

	// PlacedBy is the id of the token that placed the order. Reviewed says that
	// it passed the fraud review. The API shows neither.
	PlacedBy string `json:"placed_by,omitempty"`
	Reviewed bool   `json:"reviewed,omitempty"`
}

// OrderItem is one thing that is ordered.
type OrderItem struct {
	Type        string  `json:"type"`
	Description string  `json:"description"`
	Domain      *string `json:"domain"`
	ServiceID   *string `json:"service_id"`
	PlanID      *string `json:"plan_id"`
	Years       *int    `json:"years"`
	Amount      Money   `json:"amount"`

	// BillingCycle is what an upgrade leads to; "" keeps the service's own. The
	// API does not show it.
	BillingCycle string `json:"billing_cycle,omitempty"`
}

// ShowInvoice returns the invoice as the API shows it.
func ShowInvoice(inv *Invoice) Invoice {
	shown := *inv
	shown.Disputed = false
	return shown
}

// ShowOrder returns the order as the API shows it.
func ShowOrder(o *Order) Order {
	shown := *o
	shown.PlacedBy, shown.Reviewed = "", false
	shown.Items = slices.Clone(o.Items)
	for i := range shown.Items {
		shown.Items[i].BillingCycle = ""
	}
	return shown
}

// concerns reports whether the order is open and about the domain or service.
func (o *Order) concerns(domain, service string) bool {
	return o.Status == "pending" && slices.ContainsFunc(o.Items, func(item OrderItem) bool {
		if strings.HasPrefix(item.Type, "domain_") {
			return domain != "" && item.Domain != nil && *item.Domain == domain
		}
		return service != "" && item.ServiceID != nil && *item.ServiceID == service
	})
}
