package sandbox

import "time"

// activate turns a paid order active, and what was ordered with it. What can no
// longer be delivered is refunded, and the order cancelled.
func (st *State) activate(o *Order, now time.Time) {
	for _, item := range o.Items {
		if !st.deliver(item, now) {
			st.refuse(o, "cancelled", now)
			return
		}
	}
	st.changeOrder(st.Order(o.ID), func(o *Order) { o.Status = "active" })
}

// deliver does what an item of an order is about, and reports whether it could.
func (st *State) deliver(item OrderItem, now time.Time) bool {
	switch item.Type {
	case "domain_registration", "domain_renewal":
		return st.deliverDomain(item, now)
	case "domain_transfer":
		return true // the transfer goes its own way
	}
	if item.ServiceID == nil {
		return false
	}
	s := st.Service(*item.ServiceID)
	if s == nil || s.Status == "cancelled" {
		return false
	}
	st.changeService(s, func(s *Service) {
		if item.Type == "hosting_upgrade" {
			s.upgrade(st, item)
		}
		s.extend(item.Type == "hosting_renewal", now)
	})
	return true
}

func (st *State) deliverDomain(item OrderItem, now time.Time) bool {
	if item.Domain == nil || item.Years == nil {
		return false
	}
	d := st.Domain(*item.Domain)
	if d == nil || d.Status == "cancelled" || d.Status == "transferred_away" {
		return false
	}
	st.changeDomain(d, now, func(d *Domain) {
		from := now
		if item.Type == "domain_registration" {
			d.RegisteredAt, d.Locked = new(now), true
		} else if d.ExpiresAt != nil {
			from = *d.ExpiresAt
		}
		d.ExpiresAt, d.Status = new(addMonths(from, 12**item.Years)), "active"
	})
	return true
}

// extend activates the service for one more term: behind the current one when
// that goes on, otherwise from now.
func (s *Service) extend(goesOn bool, now time.Time) {
	months := cycleMonths[s.BillingCycle]
	next := addMonths(now, months)
	if goesOn && s.NextDueAt != nil {
		if further := addMonths(*s.NextDueAt, months); further.After(now) {
			next = further
		}
	}
	s.Status, s.NextDueAt = "active", &next
	s.SuspensionReason, s.CancelsAt, s.CancelReason = nil, nil, ""
}

// upgrade gives the service another plan, and its limits.
func (s *Service) upgrade(st *State, item OrderItem) {
	if item.BillingCycle != "" {
		s.BillingCycle = item.BillingCycle
	}
	s.Amount = item.Amount
	if item.PlanID == nil {
		return
	}
	plan := st.Plan(*item.PlanID)
	if plan == nil {
		return
	}
	s.Plan = PlanRef{plan.ID, plan.Name}
	usage := newUsage(plan)
	usage.Disk.Used, usage.Bandwidth.Used, usage.MeasuredAt = s.Usage.Disk.Used, s.Usage.Bandwidth.Used, s.Usage.MeasuredAt
	s.Usage = usage
}

// approveTransfers lets the order's transfers wait for their approval.
func (st *State) approveTransfers(o *Order, now time.Time) {
	for _, t := range st.transfersOf(o) {
		st.moveTransfer(t, "pending_approval", "waiting for approval", now)
	}
}

func (st *State) transfersOf(o *Order) []*Transfer {
	var found []*Transfer
	for _, t := range st.Transfers {
		if t.OrderID == o.ID && t.open() {
			found = append(found, t)
		}
	}
	return found
}

func (st *State) moveTransfer(t *Transfer, status, reason string, now time.Time) *Transfer {
	return st.changeTransfer(t, func(t *Transfer) {
		t.Status, t.Reason, t.UpdatedAt = status, nil, now
		if reason != "" {
			t.Reason = &reason
		}
	})
}

// refuse ends an order in that status: what was paid is refunded, what was not
// is cancelled, and what it would have brought is given up.
func (st *State) refuse(o *Order, status string, now time.Time) {
	o = st.changeOrder(st.Order(o.ID), func(o *Order) { o.Status = status })
	for _, id := range o.InvoiceIDs {
		if inv := st.Invoice(id); inv != nil {
			st.changeInvoice(inv, (*Invoice).giveUp)
		}
	}
	for _, t := range st.transfersOf(o) {
		st.moveTransfer(t, "cancelled", "the order was cancelled", now)
	}
	for _, item := range o.Items {
		st.giveUp(item, now)
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
func (st *State) giveUp(item OrderItem, now time.Time) {
	switch item.Type {
	case "domain_registration", "domain_transfer":
		if item.Domain == nil {
			return
		}
		if d := st.Domain(*item.Domain); d != nil && (d.Status == "pending" || d.Status == "pending_transfer") {
			st.changeDomain(d, now, func(d *Domain) { d.Status = "cancelled" })
		}
	case "hosting":
		if item.ServiceID == nil {
			return
		}
		if s := st.Service(*item.ServiceID); s != nil && s.Status == "pending" {
			st.changeService(s, func(s *Service) { s.end(now) })
		}
	}
}
