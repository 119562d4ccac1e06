package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// forkTrade makes the lists of what is sold the fork's own.
func (st *State) forkTrade() {
	st.Invoices = slices.Clone(st.Invoices)
	st.Orders = slices.Clone(st.Orders)
	st.Services = slices.Clone(st.Services)
	st.Transfers = slices.Clone(st.Transfers)
	st.Plans = slices.Clone(st.Plans)
	st.Prices = slices.Clone(st.Prices)
	st.Taken = slices.Clone(st.Taken)
}

// cloneTrade goes on from forkTrade to the objects themselves.
func (st *State) cloneTrade() {
	cloneEach(st.Invoices, (*Invoice).clone)
	cloneEach(st.Orders, (*Order).clone)
	cloneEach(st.Services, (*Service).clone)
	cloneEach(st.Transfers, (*Transfer).clone)
	cloneEach(st.Plans, (*Plan).clone)
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

// settleTrade makes up what is missing in the objects of what is sold and puts
// their lists in order.
func (st *State) settleTrade(now time.Time) {
	st.awake = true
	st.Invoices = settleEach(st.Invoices, func(i int, inv *Invoice) { inv.settle(i, now) })
	slices.SortStableFunc(st.Invoices, func(a, b *Invoice) int { return a.IssuedAt.Compare(b.IssuedAt) })
	st.Orders = settleEach(st.Orders, func(i int, o *Order) { o.settle(i, now) })
	slices.SortStableFunc(st.Orders, func(a, b *Order) int { return a.CreatedAt.Compare(b.CreatedAt) })
	st.Plans = settleEach(st.Plans, func(_ int, p *Plan) { p.settle() })
	st.Services = settleEach(st.Services, func(i int, s *Service) { s.settle(i, st, now) })
	slices.SortStableFunc(st.Services, func(a, b *Service) int { return a.CreatedAt.Compare(b.CreatedAt) })
	st.Transfers = settleEach(st.Transfers, func(_ int, t *Transfer) { t.settle(now) })
	for i := range st.Prices {
		st.Prices[i].Currency = cmp.Or(st.Prices[i].Currency, usualCurrency)
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

func (s *Service) settle(i int, st *State, now time.Time) {
	s.Status = cmp.Or(s.Status, "active")
	s.BillingCycle = cmp.Or(s.BillingCycle, "annual")
	s.Currency = cmp.Or(s.Currency, usualCurrency)
	s.CreatedAt = object.TimeOr(s.CreatedAt, now)
	s.NextDueAt, s.CancelsAt = object.UTC(s.NextDueAt), object.UTC(s.CancelsAt)
	s.ID = cmp.Or(s.ID, object.IDOf("svc_", fmt.Sprint(s.Name, "/", i)))
	plan := st.Plan(s.Plan.ID)
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

// newUsage is what a service uses that nobody has used yet.
func newUsage(plan *Plan) *Usage {
	usage := new(Usage)
	if plan != nil {
		usage.Disk.Limit, usage.Bandwidth.Limit = object.Copied(plan.DiskLimit), object.Copied(plan.BandwidthLimit)
	}
	return usage
}
