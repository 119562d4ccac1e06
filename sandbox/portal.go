package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

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
	deliver(w, a.seal(object.RandomID("req_")))
}

func (s *Server) payment(r *http.Request, id string) *answer {
	if r.Method != http.MethodPost {
		a := fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "This path has no such method.")
		a.header.Set("Allow", http.MethodPost)
		return a
	}
	switch err := s.PayInvoice(id); {
	case errors.Is(err, errUnknown):
		return notFound("invoice")
	case err != nil:
		return conflict("CONFLICT", err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.state.Invoice(id).shown()
	return ok(shown)
}
