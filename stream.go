package hoster

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/go-hoster/hoster/internal/exchange"
)

// doStream is do for a document: its body goes to the caller as it comes. The
// place at the gate is given back when the caller closes it.
func doStream(ctx context.Context, c *Client, name Operation, req request, opts []CallOption) (io.ReadCloser, error) {
	call, err := c.newCall(ctx, byName()[name], req, opts)
	if err != nil {
		return nil, err
	}
	var document io.ReadCloser
	call.Fields = append(call.Fields, exchange.Field{Name: "Accept", Value: "application/pdf, application/json"})
	call.Document = func(resp *http.Response) bool {
		if !isDocument(resp.Header) {
			return false
		}
		call.redactHeader(resp.Header, nil)
		if call.settings.response != nil {
			call.settings.response.fill(&exchange.Answer{Status: resp.StatusCode, Header: resp.Header})
		}
		document = &streamBody{body: resp.Body, call: call, untold: endsByClosing(resp)}
		return true
	}
	given := false
	defer func() { // should a hook end the goroutine, nobody gets the document
		if !given && document != nil {
			_ = document.Close()
		}
	}()
	if err := call.run(); err != nil {
		return nil, err
	}
	given = true
	call.Hold()
	return document, nil
}

// isDocument tells a document from JSON and from a proxy's page.
func isDocument(h http.Header) bool {
	if contentCoding(h) != "" {
		return false
	}
	kind := strings.ToLower(h.Get("Content-Type"))
	return strings.HasPrefix(kind, "application/pdf") || strings.HasPrefix(kind, "application/octet-stream")
}

// endsByClosing reports a body whose end is that of its connection, so that one
// that breaks off looks as if it were complete.
func endsByClosing(resp *http.Response) bool {
	return resp.Close && resp.ContentLength < 0 && len(resp.TransferEncoding) == 0 && !resp.Uncompressed
}

// streamBody types the errors of a document that breaks off.
type streamBody struct {
	body   io.ReadCloser
	call   *call
	untold bool   // only the document itself tells whether all came
	tail   []byte // of the document, where it has to tell
}

// pdfTail is how many of its last bytes a PDF has its end mark in.
const pdfTail = 1024

func (s *streamBody) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if s.untold {
		s.tail = append(s.tail, p[max(0, n-pdfTail):n]...)
		s.tail = s.tail[:copy(s.tail, s.tail[max(0, len(s.tail)-pdfTail):])]
		if err == io.EOF && !bytes.Contains(s.tail, []byte("%%EOF")) {
			err = io.ErrUnexpectedEOF
		}
	}
	if err != nil && err != io.EOF {
		err = &TransportError{Operation: s.call.op.name, Attempts: s.call.Attempts, Err: err}
	}
	return n, err
}

func (s *streamBody) Close() error {
	s.call.Leave()
	return s.body.Close()
}
