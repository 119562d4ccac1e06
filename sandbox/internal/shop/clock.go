package shop

import (
	"slices"
	"time"
)

// Clock finds out what is due by now, and when the next thing will be.
type Clock struct {
	Now  time.Time
	Next time.Time // zero: never
}

// Due reports whether the time has come; if not, it will be looked at again.
func (c *Clock) Due(at time.Time) bool {
	if !c.Now.Before(at) {
		return true
	}
	if c.Next.IsZero() || at.Before(c.Next) {
		c.Next = at
	}
	return false
}

// Tick lets the time pass until the clock's now: unpaid invoices and their
// orders lapse, transfers go on, and services are suspended or end.
func (s *Shop) Tick(clock *Clock) {
	t := &ticker{s, clock}
	for _, inv := range slices.Clone(s.Invoices) {
		t.invoice(inv)
	}
	for _, transfer := range slices.Clone(s.Transfers) {
		t.transfer(transfer)
	}
	for _, service := range slices.Clone(s.Services) {
		t.service(service)
	}
}

type ticker struct {
	*Shop
	*Clock
}

// invoice lets an unpaid invoice lapse with its pending order; one without such
// an order becomes overdue.
func (t *ticker) invoice(inv *Invoice) {
	if inv.Status != "unpaid" || !t.Due(inv.DueAt) {
		return
	}
	if inv.OrderID != nil {
		if o := t.Order(*inv.OrderID); o != nil && o.Status == "pending" && !t.isPaid(o) {
			t.refuse(o, "cancelled", inv.DueAt)
			if slices.Contains(o.InvoiceIDs, inv.ID) {
				return
			}
		}
	}
	t.changeInvoice(inv, func(inv *Invoice) { inv.Status = "overdue" })
}

// transfer goes on once its order is through.
func (t *ticker) transfer(tr *Transfer) {
	o := t.Order(tr.OrderID)
	if o != nil && o.Status == "pending" {
		return
	}
	if tr.Status == "pending_approval" {
		at := tr.UpdatedAt.Add(approvalTime)
		switch {
		case !t.Due(at):
			return
		case tr.WrongCode:
			t.failTransfer(tr, o, at)
			return
		}
		tr = t.moveTransfer(tr, "in_progress", "", at)
	}
	if tr.Status == "in_progress" && t.Due(tr.UpdatedAt.Add(transferTime)) {
		at := tr.UpdatedAt.Add(transferTime)
		t.moveTransfer(tr, "completed", "", at)
		t.Domains.Arrive(tr.Domain, at)
	}
}

func (t *ticker) failTransfer(tr *Transfer, o *Order, at time.Time) {
	t.moveTransfer(tr, "failed", "the auth code is wrong", at)
	if o != nil {
		t.refuse(o, "cancelled", at)
	} else {
		t.Domains.GiveUp(tr.Domain, at)
	}
}

// service ends when it was cancelled for that time, and is suspended when its
// next term is not paid.
func (t *ticker) service(s *Service) {
	if s.Status != "active" && s.Status != "suspended" {
		return
	}
	if s.CancelsAt != nil && t.Due(*s.CancelsAt) {
		t.changeService(s, func(changed *Service) { changed.end(*s.CancelsAt) })
		return
	}
	if s.Status == "active" && s.NextDueAt != nil && t.Due(*s.NextDueAt) {
		t.changeService(s, func(s *Service) {
			s.Status, s.SuspensionReason = "suspended", new("payment overdue")
		})
	}
}
