package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// errUnknown is behind the errors about an id that names nothing.
var errUnknown = errors.New("there is none with that id")

// PayInvoice does what a person does in the portal: it pays the open invoice
// with that id. A tax invoice follows a proforma, and the invoice's order turns
// active, and what was ordered with it, unless the order waits for its review
// or activation.
func (s *Server) PayInvoice(id string) error {
	return s.change(func(st *State, now time.Time) error {
		inv := st.Invoice(id)
		switch {
		case inv == nil:
			return fmt.Errorf("sandbox: invoice %q: %w", id, errUnknown)
		case !slices.Contains([]string{"unpaid", "payment_pending", "overdue"}, inv.Status):
			return fmt.Errorf("sandbox: invoice %q is %s", id, inv.Status)
		}
		s.pay(st, inv, now)
		return nil
	})
}

// ReviewOrder ends the fraud review of a paid order. An order that does not pass
// it turns to fraud, its invoices are refunded, and what was ordered is
// cancelled.
func (s *Server) ReviewOrder(id string, ok bool) error {
	return s.change(func(st *State, now time.Time) error {
		o, err := st.waiting(id)
		switch {
		case err != nil:
			return err
		case o.Reviewed:
			return fmt.Errorf("sandbox: order %q passed its review already", id)
		case !ok:
			st.refuse(o, "fraud", now)
			return nil
		}
		o = st.changeOrder(o, func(o *Order) { o.Reviewed = true })
		if !s.manual {
			st.activate(o, now)
		}
		return nil
	})
}

// ActivateOrder activates a paid order by hand.
func (s *Server) ActivateOrder(id string) error {
	return s.change(func(st *State, now time.Time) error {
		o, err := st.waiting(id)
		switch {
		case err != nil:
			return err
		case s.fraudReview && !o.Reviewed:
			return fmt.Errorf("sandbox: order %q waits for its review first", id)
		}
		st.activate(o, now)
		return nil
	})
}

// change does something to the state that is no request.
func (s *Server) change(do func(*State, time.Time) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.state.tick(now)
	before := s.state.fork()
	if err := do(s.state, now); err != nil {
		return err
	}
	s.before, s.state.awake = before, true
	return nil
}

// waiting finds an order that is paid and still pending.
func (st *State) waiting(id string) (*Order, error) {
	o := st.Order(id)
	switch {
	case o == nil:
		return nil, fmt.Errorf("sandbox: order %q: %w", id, errUnknown)
	case o.Status != "pending":
		return nil, fmt.Errorf("sandbox: order %q is %s", id, o.Status)
	case !st.isPaid(o):
		return nil, fmt.Errorf("sandbox: order %q is not paid", id)
	}
	return o, nil
}

// isPaid reports whether a proforma of the order is paid.
func (st *State) isPaid(o *Order) bool {
	return slices.ContainsFunc(o.InvoiceIDs, func(id string) bool {
		inv := st.Invoice(id)
		return inv != nil && inv.Status == "paid"
	})
}

// pay settles the invoice and lets its order go on.
func (s *Server) pay(st *State, inv *Invoice, now time.Time) {
	paid := st.changeInvoice(inv, func(inv *Invoice) {
		inv.Status, inv.PaidAt = "paid", new(now)
		inv.AmountPaid, inv.BalanceDue, inv.PaymentURL = inv.Total, 0, nil
	})
	if paid.Type == "proforma" {
		st.addTaxInvoice(paid, now)
	}
	if paid.OrderID == nil {
		return
	}
	o := st.Order(*paid.OrderID)
	if o == nil || o.Status != "pending" {
		return
	}
	st.approveTransfers(o, now)
	if !s.fraudReview && !s.manual {
		st.activate(o, now)
	}
}

// addTaxInvoice issues the tax document about a paid proforma.
func (st *State) addTaxInvoice(paid *Invoice, now time.Time) {
	tax := paid.clone()
	tax.Type, tax.Number = "tax", st.nextInvoiceNumber("tax", now)
	tax.ID, tax.IssuedAt, tax.DueAt = object.RandomID("inv_"), now, now
	tax.Disputed = false
	st.Invoices = append(st.Invoices, tax)
	if tax.OrderID == nil {
		return
	}
	if o := st.Order(*tax.OrderID); o != nil {
		st.changeOrder(o, func(o *Order) { o.InvoiceIDs = append(slices.Clone(o.InvoiceIDs), tax.ID) })
	}
}

// The changes below put a changed copy in an object's place and return it.

func (st *State) changeInvoice(inv *Invoice, change func(*Invoice)) *Invoice {
	return replaced(st.Invoices, inv, change)
}

func (st *State) changeOrder(o *Order, change func(*Order)) *Order {
	return replaced(st.Orders, o, change)
}

func (st *State) changeService(s *Service, change func(*Service)) *Service {
	return replaced(st.Services, s, change)
}

func (st *State) changeTransfer(t *Transfer, change func(*Transfer)) *Transfer {
	return replaced(st.Transfers, t, change)
}

func (st *State) changeDomain(d *Domain, now time.Time, change func(*Domain)) *Domain {
	d = st.own(d)
	change(d)
	d.UpdatedAt = now
	return d
}

func replaced[T any](items []*T, old *T, change func(*T)) *T {
	changed := *old
	change(&changed)
	if i := slices.Index(items, old); i >= 0 {
		items[i] = &changed
	}
	return &changed
}
