package shop

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// Books are the account's orders, invoices and services, and what is on offer.
type Books struct {
	Invoices  []*Invoice // oldest first
	Orders    []*Order   // oldest first
	Services  []*Service // oldest first
	Plans     []*Plan
	Transfers []*Transfer // oldest first
	Prices    []TLDPrice  // of the top-level domains that are sold
	Taken     []string    // names that are registered outside the account
}

// Invoice returns the invoice with that id, or nil.
func (b *Books) Invoice(id string) *Invoice {
	return find(b.Invoices, func(inv *Invoice) bool { return inv.ID == id })
}

// Order returns the order with that id, or nil.
func (b *Books) Order(id string) *Order {
	return find(b.Orders, func(o *Order) bool { return o.ID == id })
}

// Service returns the service with that id, or nil.
func (b *Books) Service(id string) *Service {
	return find(b.Services, func(s *Service) bool { return s.ID == id })
}

// Plan returns the plan with that id, or nil.
func (b *Books) Plan(id string) *Plan {
	return find(b.Plans, func(p *Plan) bool { return p.ID == id })
}

// Transfer returns the last transfer of that domain, or nil.
func (b *Books) Transfer(domain string) *Transfer {
	for _, t := range slices.Backward(b.Transfers) {
		if t.Domain == domain {
			return t
		}
	}
	return nil
}

func find[T any](items []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(items, is); i >= 0 {
		return items[i]
	}
	return nil
}

// Fork returns books that keep what b holds now, for as long as writes replace
// objects instead of changing them.
func Fork(b *Books) Books {
	fork := *b
	fork.Invoices = slices.Clone(fork.Invoices)
	fork.Orders = slices.Clone(fork.Orders)
	fork.Services = slices.Clone(fork.Services)
	fork.Transfers = slices.Clone(fork.Transfers)
	fork.Plans = slices.Clone(fork.Plans)
	fork.Prices = slices.Clone(fork.Prices)
	fork.Taken = slices.Clone(fork.Taken)
	return fork
}

// Clone returns a deep copy, for code that does change objects in place.
func Clone(b *Books) Books {
	clone := Fork(b)
	cloneEach(clone.Invoices, (*Invoice).clone)
	cloneEach(clone.Orders, (*Order).clone)
	cloneEach(clone.Services, (*Service).clone)
	cloneEach(clone.Transfers, (*Transfer).clone)
	cloneEach(clone.Plans, (*Plan).clone)
	return clone
}

func cloneEach[T any](items []*T, clone func(*T) *T) {
	for i, item := range items {
		if item != nil {
			items[i] = clone(item)
		}
	}
}

func (inv *Invoice) clone() *Invoice {
	c := *inv
	c.PaidAt, c.OrderID, c.PaymentURL = object.Copied(inv.PaidAt), object.Copied(inv.OrderID), object.Copied(inv.PaymentURL)
	c.Taxes, c.Items = slices.Clone(inv.Taxes), slices.Clone(inv.Items)
	for i, item := range c.Items {
		c.Items[i].PeriodStart, c.Items[i].PeriodEnd = object.Copied(item.PeriodStart), object.Copied(item.PeriodEnd)
	}
	return &c
}

func (o *Order) clone() *Order {
	c := *o
	c.InvoiceIDs, c.Items = slices.Clone(o.InvoiceIDs), slices.Clone(o.Items)
	for i, item := range c.Items {
		c.Items[i].Domain, c.Items[i].ServiceID = object.Copied(item.Domain), object.Copied(item.ServiceID)
		c.Items[i].PlanID, c.Items[i].Years = object.Copied(item.PlanID), object.Copied(item.Years)
	}
	return &c
}

func (s *Service) clone() *Service {
	c := *s
	c.Domain, c.NextDueAt, c.ControlPanel, c.Username = object.Copied(s.Domain), object.Copied(s.NextDueAt), object.Copied(s.ControlPanel), object.Copied(s.Username)
	c.Server, c.SuspensionReason, c.CancelsAt = object.Copied(s.Server), object.Copied(s.SuspensionReason), object.Copied(s.CancelsAt)
	if c.Server != nil {
		c.Server.Nameservers = slices.Clone(s.Server.Nameservers)
	}
	if c.Usage = object.Copied(s.Usage); c.Usage != nil {
		c.Usage.Disk.Limit, c.Usage.Bandwidth.Limit = object.Copied(s.Usage.Disk.Limit), object.Copied(s.Usage.Bandwidth.Limit)
	}
	return &c
}

func (t *Transfer) clone() *Transfer {
	c := *t
	c.Reason = object.Copied(t.Reason)
	return &c
}

func (p *Plan) clone() *Plan {
	c := *p
	c.Description, c.DiskLimit, c.BandwidthLimit = object.Copied(p.Description), object.Copied(p.DiskLimit), object.Copied(p.BandwidthLimit)
	c.Prices = slices.Clone(p.Prices)
	return &c
}

// Settle makes up what is missing in the objects, always the same for the same
// books, and puts the lists in order.
func Settle(b *Books, now time.Time) {
	b.Invoices = settleEach(b.Invoices, func(i int, inv *Invoice) { inv.settle(i, now) })
	slices.SortStableFunc(b.Invoices, func(a, b *Invoice) int { return a.IssuedAt.Compare(b.IssuedAt) })
	b.Orders = settleEach(b.Orders, func(i int, o *Order) { o.settle(i, now) })
	slices.SortStableFunc(b.Orders, func(a, b *Order) int { return a.CreatedAt.Compare(b.CreatedAt) })
	b.Plans = settleEach(b.Plans, func(_ int, p *Plan) { p.settle() })
	b.Services = settleEach(b.Services, func(i int, s *Service) { s.settle(i, b, now) })
	slices.SortStableFunc(b.Services, func(a, b *Service) int { return a.CreatedAt.Compare(b.CreatedAt) })
	b.Transfers = settleEach(b.Transfers, func(_ int, t *Transfer) { t.settle(now) })
	for i := range b.Prices {
		b.Prices[i].Currency = cmp.Or(b.Prices[i].Currency, usualCurrency)
	}
}

func settleEach[T any](items []*T, settle func(int, *T)) []*T {
	items = slices.DeleteFunc(items, func(item *T) bool { return item == nil })
	for i, item := range items {
		settle(i, item)
	}
	return items
}

func (inv *Invoice) settle(i int, now time.Time) {
	inv.Type = cmp.Or(inv.Type, "proforma")
	inv.Status = cmp.Or(inv.Status, "unpaid")
	inv.Currency = cmp.Or(inv.Currency, usualCurrency)
	inv.IssuedAt = object.TimeOr(inv.IssuedAt, now)
	inv.DueAt = object.TimeOr(inv.DueAt, inv.IssuedAt.AddDate(0, 0, daysToPay))
	inv.PaidAt = object.UTC(inv.PaidAt)
	inv.Number = cmp.Or(inv.Number, fmt.Sprintf("%s%d-S%03d", numberPrefixes[inv.Type], inv.IssuedAt.Year(), i+1))
	inv.ID = cmp.Or(inv.ID, object.IDOf("inv_", inv.Number))
	if inv.Items == nil {
		inv.Items = []InvoiceItem{}
	}
	for k := range inv.Items {
		item := &inv.Items[k]
		item.PeriodStart, item.PeriodEnd = object.UTC(item.PeriodStart), object.UTC(item.PeriodEnd)
	}
	if inv.Taxes == nil {
		inv.Taxes = []TaxLine{}
	}
}

func (o *Order) settle(i int, now time.Time) {
	o.Status = cmp.Or(o.Status, "pending")
	o.Currency = cmp.Or(o.Currency, usualCurrency)
	o.CreatedAt = object.TimeOr(o.CreatedAt, now)
	o.Number = cmp.Or(o.Number, fmt.Sprint(firstOrderNumber+i))
	o.ID = cmp.Or(o.ID, object.IDOf("ord_", o.Number))
	if o.Items == nil {
		o.Items = []OrderItem{}
	}
	if o.InvoiceIDs == nil {
		o.InvoiceIDs = []string{}
	}
}

func (p *Plan) settle() {
	p.ID = cmp.Or(p.ID, object.IDOf("plan_", p.Name))
	if p.Prices == nil {
		p.Prices = []PlanPrice{}
	}
	for i := range p.Prices {
		p.Prices[i].Currency = cmp.Or(p.Prices[i].Currency, usualCurrency)
	}
}

func (s *Service) settle(i int, b *Books, now time.Time) {
	s.Status = cmp.Or(s.Status, "active")
	s.BillingCycle = cmp.Or(s.BillingCycle, "annual")
	s.Currency = cmp.Or(s.Currency, usualCurrency)
	s.CreatedAt = object.TimeOr(s.CreatedAt, now)
	s.NextDueAt, s.CancelsAt = object.UTC(s.NextDueAt), object.UTC(s.CancelsAt)
	s.ID = cmp.Or(s.ID, object.IDOf("svc_", fmt.Sprint(s.Name, "/", i)))
	plan := b.Plan(s.Plan.ID)
	if plan != nil {
		s.Plan.Name = cmp.Or(s.Plan.Name, plan.Name)
	}
	if s.Server != nil && s.Server.Nameservers == nil {
		s.Server.Nameservers = []string{}
	}
	if s.Usage == nil {
		s.Usage = newUsage(plan)
	}
	s.Usage.MeasuredAt = object.TimeOr(s.Usage.MeasuredAt, now)
}

func (t *Transfer) settle(now time.Time) {
	t.Status = cmp.Or(t.Status, "pending_payment")
	t.UpdatedAt = object.TimeOr(t.UpdatedAt, now)
}

// The changes below put a changed copy in an object's place and return it.

func (b *Books) changeInvoice(inv *Invoice, change func(*Invoice)) *Invoice {
	return replaced(b.Invoices, inv, change)
}

func (b *Books) changeOrder(o *Order, change func(*Order)) *Order {
	return replaced(b.Orders, o, change)
}

func (b *Books) changeService(s *Service, change func(*Service)) *Service {
	return replaced(b.Services, s, change)
}

func (b *Books) changeTransfer(t *Transfer, change func(*Transfer)) *Transfer {
	return replaced(b.Transfers, t, change)
}

func replaced[T any](items []*T, old *T, change func(*T)) *T {
	changed := *old
	change(&changed)
	if i := slices.Index(items, old); i >= 0 {
		items[i] = &changed
	}
	return &changed
}
