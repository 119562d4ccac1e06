package hoster

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// doStream is do for a document: its body goes to the caller as it comes. The
// place at the gate is given back when the caller closes it.
func doStream(ctx context.Context, c *Client, name Operation, req request, opts []CallOption) (io.ReadCloser, error) {
	call, err := c.newCall(ctx, byName()[name], req, opts)
	if err != nil {
		return nil, err
	}
	var document io.ReadCloser
	call.stream = func(resp *http.Response) { document = &streamBody{body: resp.Body, call: call} }
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

// streamBody types the errors of a document that breaks off.
type streamBody struct {
	body io.ReadCloser
	call *call
}

func (s *streamBody) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if err != nil && err != io.EOF {
		err = &TransportError{Operation: s.call.op.name, Attempts: s.call.attempts, Err: err}
	}
	return n, err
}

func (s *streamBody) Close() error {
	s.call.leave()
	return s.body.Close()
}
