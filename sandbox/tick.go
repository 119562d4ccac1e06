package sandbox

import (
	"slices"
	"time"
)

const (
	// daysToRedemption and daysToDelete count from the end of a registration.
	daysToRedemption = 30
	daysToDelete     = 60
)

// tick lets the time pass until now: unpaid invoices and their orders lapse,
// transfers go on, domains expire and services are suspended or end. It runs
// before every request, under the lock, and looks at the state only after a
// change of it or when something is due.
func (st *State) tick(now time.Time) {
	if !st.awake && (st.alarm.IsZero() || now.Before(st.alarm)) {
		return
	}
	t := &ticker{st: st, now: now}
	for _, inv := range slices.Clone(st.Invoices) {
		t.invoice(inv)
	}
	for _, transfer := range slices.Clone(st.Transfers) {
		t.transfer(transfer)
	}
	for _, d := range slices.Clone(st.Domains) {
		t.domain(d)
	}
	for _, s := range slices.Clone(st.Services) {
		t.service(s)
	}
	st.awake, st.alarm = false, t.next
}

// ticker finds out what is due by now, and when the next thing will be.
type ticker struct {
	st   *State
	now  time.Time
	next time.Time
}

// due reports whether the time has come; if not, it will be looked at again.
func (t *ticker) due(at time.Time) bool {
	if !t.now.Before(at) {
		return true
	}
	if t.next.IsZero() || at.Before(t.next) {
		t.next = at
	}
	return false
}

// invoice lets an unpaid invoice lapse with its pending order; one without such
// an order becomes overdue.
func (t *ticker) invoice(inv *Invoice) {
	if inv.Status != "unpaid" || !t.due(inv.DueAt) {
		return
	}
	if inv.OrderID != nil {
		if o := t.st.Order(*inv.OrderID); o != nil && o.Status == "pending" && !t.st.isPaid(o) {
			t.st.refuse(o, "cancelled", inv.DueAt)
			if slices.Contains(o.InvoiceIDs, inv.ID) {
				return
			}
		}
	}
	t.st.changeInvoice(inv, func(inv *Invoice) { inv.Status = "overdue" })
}

// transfer goes on once its order is through.
func (t *ticker) transfer(tr *Transfer) {
	o := t.st.Order(tr.OrderID)
	if o != nil && o.Status == "pending" {
		return
	}
	if tr.Status == "pending_approval" {
		at := tr.UpdatedAt.Add(approvalTime)
		switch {
		case !t.due(at):
			return
		case tr.WrongCode:
			t.failTransfer(tr, o, at)
			return
		}
		tr = t.st.moveTransfer(tr, "in_progress", "", at)
	}
	if tr.Status == "in_progress" && t.due(tr.UpdatedAt.Add(transferTime)) {
		t.completeTransfer(tr, tr.UpdatedAt.Add(transferTime))
	}
}

func (t *ticker) failTransfer(tr *Transfer, o *Order, at time.Time) {
	t.st.moveTransfer(tr, "failed", "the auth code is wrong", at)
	if o != nil {
		t.st.refuse(o, "cancelled", at)
	} else if d := t.st.Domain(tr.Domain); d != nil && d.Status == "pending_transfer" {
		t.st.changeDomain(d, at, func(d *Domain) { d.Status = "cancelled" })
	}
}

// completeTransfer makes the domain the account's. Its registration is taken to
// have begun a year ago elsewhere, and goes on for a year.
func (t *ticker) completeTransfer(tr *Transfer, at time.Time) {
	t.st.moveTransfer(tr, "completed", "", at)
	d := t.st.Domain(tr.Domain)
	if d == nil {
		d = incomingDomain(t.st, tr.Domain)
		t.st.addDomain(d, at)
	}
	if d.Status != "pending_transfer" {
		return
	}
	t.st.changeDomain(d, at, func(d *Domain) {
		d.Status, d.Locked, d.TransferredAt = "active", true, &at
		d.ExpiresAt = new(addMonths(at, 12*transferYears))
		if d.RegisteredAt == nil {
			d.RegisteredAt = new(addMonths(at, -12))
		}
	})
}

// domain goes from active over expired and redemption to pending_delete.
func (t *ticker) domain(d *Domain) {
	if d.ExpiresAt == nil {
		return
	}
	steps := []struct {
		from, to string
		days     int
	}{
		{"active", "expired", 0},
		{"expired", "redemption", daysToRedemption},
		{"redemption", "pending_delete", daysToDelete},
	}
	for _, step := range steps {
		at := d.ExpiresAt.AddDate(0, 0, step.days)
		if d.Status == step.from && t.due(at) {
			d = t.st.changeDomain(d, at, func(d *Domain) { d.Status = step.to })
		}
	}
}

// service ends when it was cancelled for that time, and is suspended when its
// next term is not paid.
func (t *ticker) service(s *Service) {
	if s.Status != "active" && s.Status != "suspended" {
		return
	}
	if s.CancelsAt != nil && t.due(*s.CancelsAt) {
		t.st.changeService(s, func(changed *Service) { changed.end(*s.CancelsAt) })
		return
	}
	if s.Status == "active" && s.NextDueAt != nil && t.due(*s.NextDueAt) {
		t.st.changeService(s, func(s *Service) {
			s.Status, s.SuspensionReason = "suspended", new("payment overdue")
		})
	}
}
