package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-hoster/hoster/sandbox/internal/object"
	"github.com/go-hoster/hoster/sandbox/internal/shop"
)

// WithFraudReview makes paid orders wait, pending, for [Server.ReviewOrder].
func WithFraudReview() Option {
	return func(c *config) { c.fraudReview = true }
}

// WithManualActivation makes paid orders wait, pending, for
// [Server.ActivateOrder]: after the review where there is one.
func WithManualActivation() Option {
	return func(c *config) { c.manual = true }
}

// WithPDFSize fills invoices as PDF up to that size, so that there is something
// to stream. The filling is made while it is sent, and the PDF stays valid.
func WithPDFSize(bytes int64) Option {
	return func(c *config) { c.pdfSize = bytes }
}

// PayInvoice does what a person does in the portal: it pays the open invoice
// with that id. A tax invoice follows a proforma, and the invoice's order turns
// active, and what was ordered with it, unless the order waits for its review
// or activation.
func (s *Server) PayInvoice(id string) error {
	return s.change(func(sells *shop.Shop) error { return sells.Pay(id) })
}

// ReviewOrder ends the fraud review of a paid order. An order that does not pass
// it turns to fraud, its invoices are refunded, and what was ordered is
// cancelled.
func (s *Server) ReviewOrder(id string, ok bool) error {
	return s.change(func(sells *shop.Shop) error { return sells.EndReview(id, ok) })
}

// ActivateOrder activates a paid order by hand.
func (s *Server) ActivateOrder(id string) error {
	return s.change(func(sells *shop.Shop) error { return sells.Activate(id) })
}

// change does something to the state that is no request.
func (s *Server) change(do func(*shop.Shop) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.state.tick(now)
	before := s.state.fork()
	if err := do(s.shop(s.state, now)); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.before, s.state.awake = before, true
	return nil
}

const (
	invoicesPath = "/_sandbox/invoices/"
	payPath      = "/pay"
)

// paidInvoice returns the invoice's id when the path is the one that pays it:
// /_sandbox/invoices/{id}/pay, which is no part of the API.
func paidInvoice(escapedPath string) (id string, ok bool) {
	rest, ours := strings.CutPrefix(escapedPath, invoicesPath)
	id, pays := strings.CutSuffix(rest, payPath)
	id, err := url.PathUnescape(id)
	return id, ours && pays && id != "" && err == nil
}

// servePayment pays an invoice, as the portal would. It asks for no token, and
// is neither a request of [Server.Requests] nor subject to faults.
func (s *Server) servePayment(w http.ResponseWriter, r *http.Request, id string) {
	a := s.payment(r, id)
	s.deliver(w, a.seal(object.RandomID("req_")))
}

func (s *Server) payment(r *http.Request, id string) *answer {
	if r.Method != http.MethodPost {
		a := fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "This path has no such method.")
		a.header.Set("Allow", http.MethodPost)
		return a
	}
	switch err := s.PayInvoice(id); {
	case errors.Is(err, shop.ErrUnknown):
		return notFound("invoice")
	case err != nil:
		return conflict("CONFLICT", err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok(shop.ShowInvoice(s.state.Invoice(id)))
}
