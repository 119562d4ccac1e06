package hoster

import (
	"context"
	"io"
	"iter"
	"time"
)

// InvoicesService reads the invoices of the account. No call pays one: that is
// done by hand in the provider's portal.
type InvoicesService struct{ service }

// List returns all invoices that match, over all pages, oldest first. It needs
// [ScopeAccountRead]. Errors of the walk itself match [ErrPagination].
func (s *InvoicesService) List(ctx context.Context, options *InvoiceListOptions, opts ...CallOption) ([]Invoice, error) {
	return list[Invoice](ctx, s.client, opInvoicesList, request{query: options}, opts)
}

// All walks the invoices that match, page by page. It needs [ScopeAccountRead].
// An error ends the walk and comes as the second variable; what came before it is
// good.
func (s *InvoicesService) All(ctx context.Context, options *InvoiceListOptions, opts ...CallOption) iter.Seq2[Invoice, error] {
	return listAll[Invoice](ctx, s.client, opInvoicesList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeAccountRead].
func (s *InvoicesService) ListPage(ctx context.Context, options *InvoiceListOptions, opts ...CallOption) (Page[Invoice], error) {
	return listPage[Invoice](ctx, s.client, opInvoicesList, request{query: options}, opts)
}

// Get returns one invoice. It needs [ScopeAccountRead]. An invoice that is not in
// the account matches [ErrNotFound].
func (s *InvoicesService) Get(ctx context.Context, id InvoiceID, opts ...CallOption) (Invoice, error) {
	return do[Invoice](ctx, s.client, opInvoicesGet, request{path: []string{string(id)}}, opts)
}

// PDF streams an invoice as a PDF document, which the caller closes. It needs
// [ScopeAccountRead]. The attempt timeout applies to the headers, and then to
// each pause between bytes. A document that breaks off ends in an error of Read,
// never in a quiet end. Its media type is application/pdf or application/octet-stream,
// or any other that is neither text, JSON nor XML where the body begins with "%PDF". A
// redirect to an https URL of another host, such as a signed one of a file store, is
// followed without the token and without any header of the call.
func (s *InvoicesService) PDF(ctx context.Context, id InvoiceID, opts ...CallOption) (io.ReadCloser, error) {
	return doStream(ctx, s.client, opInvoicesPDF, request{path: []string{string(id)}}, pdf, opts)
}

// InvoiceID names an invoice.
type InvoiceID string

// InvoiceType tells a demand from a tax document.
type InvoiceType string

// Known values; new ones can appear.
const (
	InvoiceTypeProforma InvoiceType = "proforma" // numbered PI-…: to be paid
	InvoiceTypeTax      InvoiceType = "tax"      // numbered INV-…: made when a proforma is paid
)

// InvoiceStatus is the state of an invoice.
type InvoiceStatus string

// Known values; new ones can appear.
const (
	InvoiceStatusUnpaid         InvoiceStatus = "unpaid"
	InvoiceStatusPaymentPending InvoiceStatus = "payment_pending"
	InvoiceStatusPaid           InvoiceStatus = "paid"
	InvoiceStatusOverdue        InvoiceStatus = "overdue"
	InvoiceStatusCancelled      InvoiceStatus = "cancelled"
	InvoiceStatusRefunded       InvoiceStatus = "refunded"
)

// Invoice is a demand for payment, or the tax document about one that was paid.
// All amounts are in Currency.
type Invoice struct {
	ID         InvoiceID        `json:"id" read:"required"`
	Number     string           `json:"number"`
	Type       InvoiceType      `json:"type"`
	Status     InvoiceStatus    `json:"status"`
	IssuedAt   time.Time        `json:"issued_at"`
	DueAt      time.Time        `json:"due_at"`
	PaidAt     *time.Time       `json:"paid_at"`
	Currency   string           `json:"currency" canon:"currency"` // ISO 4217
	Items      []InvoiceItem    `json:"items"`
	Subtotal   Amount           `json:"subtotal"`
	Taxes      []InvoiceTaxLine `json:"taxes"`
	TaxTotal   Amount           `json:"tax_total"`
	Total      Amount           `json:"total"`
	AmountPaid Amount           `json:"amount_paid"`
	BalanceDue Amount           `json:"balance_due"`
	OrderID    OrderID          `json:"order_id"`    // empty for invoices without an order
	PaymentURL string           `json:"payment_url"` // where it is paid by hand; empty when there is nothing to pay
}

func (i Invoice) key() string { return string(i.ID) }

// InvoiceItem is a line of an invoice.
type InvoiceItem struct {
	Description string     `json:"description"`
	PeriodStart *time.Time `json:"period_start"`
	PeriodEnd   *time.Time `json:"period_end"`
	Amount      Amount     `json:"amount"`
}

// InvoiceTaxLine is a tax on an invoice. Rate is a percentage.
type InvoiceTaxLine struct {
	Name   string `json:"name"`
	Rate   Amount `json:"rate"`
	Amount Amount `json:"amount"`
}

// InvoiceListOptions filter a list of invoices. The zero value lists all.
type InvoiceListOptions struct {
	Status InvoiceStatus `url:"status,omitempty"`
	Type   InvoiceType   `url:"type,omitempty"`

	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}
