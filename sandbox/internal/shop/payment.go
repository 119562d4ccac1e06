package shop

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// ErrUnknown is behind the errors about an id that names nothing.
var ErrUnknown = errors.New("there is none with that id")

// Pay settles the open invoice and lets its order go on: a tax invoice follows a
// proforma, transfers wait for their approval, and the order is activated unless
// it waits for its review or its activation by hand.
func (s *Shop) Pay(id string) error {
	inv := s.Invoice(id)
	switch {
	case inv == nil:
		return fmt.Errorf("invoice %q: %w", id, ErrUnknown)
	case !slices.Contains([]string{"unpaid", "payment_pending", "overdue"}, inv.Status):
		return fmt.Errorf("invoice %q is %s", id, inv.Status)
	}
	paid := s.changeInvoice(inv, func(inv *Invoice) {
		inv.Status, inv.PaidAt = "paid", new(s.Now)
		inv.AmountPaid, inv.BalanceDue, inv.PaymentURL = inv.Total, 0, nil
	})
	if paid.Type == "proforma" {
		s.addTaxInvoice(paid)
	}
	if paid.OrderID == nil {
		return nil
	}
	o := s.Order(*paid.OrderID)
	if o == nil || o.Status != "pending" {
		return nil
	}
	for _, t := range s.transfersOf(o) {
		s.moveTransfer(t, "pending_approval", "waiting for approval", s.Now)
	}
	if !s.Review && !s.Manual {
		s.activate(o)
	}
	return nil
}

// EndReview ends the fraud review of a paid order. One that does not pass it
// turns to fraud, and is refused.
func (s *Shop) EndReview(id string, passed bool) error {
	o, err := s.waiting(id)
	switch {
	case err != nil:
		return err
	case o.Reviewed:
		return fmt.Errorf("order %q passed its review already", id)
	case !passed:
		s.refuse(o, "fraud", s.Now)
		return nil
	}
	o = s.changeOrder(o, func(o *Order) { o.Reviewed = true })
	if !s.Manual {
		s.activate(o)
	}
	return nil
}

// Activate activates a paid order by hand.
func (s *Shop) Activate(id string) error {
	o, err := s.waiting(id)
	switch {
	case err != nil:
		return err
	case s.Review && !o.Reviewed:
		return fmt.Errorf("order %q waits for its review first", id)
	}
	s.activate(o)
	return nil
}

// waiting finds an order that is paid and still pending.
func (s *Shop) waiting(id string) (*Order, error) {
	o := s.Order(id)
	switch {
	case o == nil:
		return nil, fmt.Errorf("order %q: %w", id, ErrUnknown)
	case o.Status != "pending":
		return nil, fmt.Errorf("order %q is %s", id, o.Status)
	case !s.isPaid(o):
		return nil, fmt.Errorf("order %q is not paid", id)
	}
	return o, nil
}

// isPaid reports whether an invoice of the order is paid.
func (s *Shop) isPaid(o *Order) bool {
	return slices.ContainsFunc(o.InvoiceIDs, func(id string) bool {
		inv := s.Invoice(id)
		return inv != nil && inv.Status == "paid"
	})
}

// addTaxInvoice issues the tax document about a paid proforma.
func (s *Shop) addTaxInvoice(paid *Invoice) {
	tax := paid.clone()
	tax.Type, tax.Number = "tax", s.nextInvoiceNumber("tax")
	tax.ID, tax.IssuedAt, tax.DueAt = object.RandomID("inv_"), s.Now, s.Now
	tax.Disputed = false
	s.Invoices = append(s.Invoices, tax)
	if tax.OrderID == nil {
		return
	}
	if o := s.Order(*tax.OrderID); o != nil {
		s.changeOrder(o, func(o *Order) { o.InvoiceIDs = append(slices.Clone(o.InvoiceIDs), tax.ID) })
	}
}

// activate turns a paid order active, and what was ordered with it. What can no
// longer be delivered is refunded, and the order cancelled.
func (s *Shop) activate(o *Order) {
	for _, item := range o.Items {
		if !s.deliver(item) {
			s.refuse(o, "cancelled", s.Now)
			return
		}
	}
	s.changeOrder(s.Order(o.ID), func(o *Order) { o.Status = "active" })
}

// deliver does what an item of an order is about, and reports whether it could.
func (s *Shop) deliver(item OrderItem) bool {
	switch item.Type {
	case "domain_registration":
		return item.Domain != nil && item.Years != nil && s.Domains.Register(*item.Domain, *item.Years, s.Now)
	case "domain_renewal":
		return item.Domain != nil && item.Years != nil && s.Domains.Renew(*item.Domain, *item.Years, s.Now)
	case "domain_transfer":
		return true // the transfer goes its own way
	}
	if item.ServiceID == nil {
		return false
	}
	service := s.Service(*item.ServiceID)
	if service == nil || service.Status == "cancelled" {
		return false
	}
	s.changeService(service, func(service *Service) {
		if item.Type == "hosting_upgrade" {
			s.upgrade(service, item)
		}
		service.extend(item.Type == "hosting_renewal", s.Now)
	})
	return true
}

// extend activates the service for one more term: behind the current one when
// that goes on, otherwise from now.
func (s *Service) extend(goesOn bool, now time.Time) {
	months := cycleMonths[s.BillingCycle]
	next := AddMonths(now, months)
	if goesOn && s.NextDueAt != nil {
		if further := AddMonths(*s.NextDueAt, months); further.After(now) {
			next = further
		}
	}
	s.Status, s.NextDueAt = "active", &next
	s.SuspensionReason, s.CancelsAt, s.CancelReason = nil, nil, ""
}

// upgrade gives the service another plan, and its limits.
func (s *Shop) upgrade(service *Service, item OrderItem) {
	if item.BillingCycle != "" {
		service.BillingCycle = item.BillingCycle
	}
	service.Amount = item.Amount
	if item.PlanID == nil {
		return
	}
	plan := s.Plan(*item.PlanID)
	if plan == nil {
		return
	}
	service.Plan = PlanRef{plan.ID, plan.Name}
	old, usage := service.Usage, newUsage(plan)
	usage.Disk.Used, usage.Bandwidth.Used, usage.MeasuredAt = old.Disk.Used, old.Bandwidth.Used, old.MeasuredAt
	service.Usage = usage
}

// refuse ends an order in that status: what was paid is refunded, what was not
// is cancelled, and what it would have brought is given up.
func (s *Shop) refuse(o *Order, status string, at time.Time) {
	o = s.changeOrder(s.Order(o.ID), func(o *Order) { o.Status = status })
	for _, id := range o.InvoiceIDs {
		if inv := s.Invoice(id); inv != nil {
			s.changeInvoice(inv, (*Invoice).giveUp)
		}
	}
	for _, t := range s.transfersOf(o) {
		s.moveTransfer(t, "cancelled", "the order was cancelled", at)
	}
	for _, item := range o.Items {
		s.giveUp(item, at)
	}
}

func (inv *Invoice) giveUp() {
	switch inv.Status {
	case "paid":
		inv.Status = "refunded"
	case "unpaid", "overdue", "payment_pending":
		inv.Status, inv.BalanceDue, inv.PaymentURL = "cancelled", 0, nil
	}
}

// giveUp cancels what only the item's order would have brought.
func (s *Shop) giveUp(item OrderItem, at time.Time) {
	switch item.Type {
	case "domain_registration", "domain_transfer":
		if item.Domain != nil {
			s.Domains.GiveUp(*item.Domain, at)
		}
	case "hosting":
		if item.ServiceID == nil {
			return
		}
		if service := s.Service(*item.ServiceID); service != nil && service.Status == "pending" {
			s.changeService(service, func(service *Service) { service.end(at) })
		}
	}
}
