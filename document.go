package hoster

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/internal/exchange"
)

// doStream is do for a document: its body goes to the caller as it comes. The
// place at the gate is given back when the caller closes it.
func doStream(ctx context.Context, c *Client, op *operation, req request, kind documentKind, opts []CallOption) (io.ReadCloser, error) {
	call, err := c.newCall(ctx, op, req, opts)
	if err != nil {
		return nil, err
	}
	var document io.ReadCloser
	call.Fields = append(call.Fields, exchange.Field{Name: "Accept", Value: kind.mediaTypes[0] + ", application/json"})
	call.Document = func(resp *http.Response) bool {
		if !kind.is(resp) {
			return false
		}
		call.redactHeader(resp.Header, nil)
		if call.settings.response != nil {
			call.settings.response.fill(&exchange.Answer{Status: resp.StatusCode, Header: resp.Header})
		}
		document = &streamBody{body: resp.Body, call: call, untold: endsByClosing(resp), end: kind.end}
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

// documentKind is what a document must be.
type documentKind struct {
	mediaTypes []string // the first is what is asked for
	begin      string   // what it begins with, of whatever type it is sent; "" where types alone tell
	end        string   // a mark that stands near its end; "" where there is none
}

var pdf = documentKind{[]string{"application/pdf", "application/octet-stream"}, "%PDF", "%%EOF"}

// is tells a document from JSON and from a proxy's page. Of a body that it has to look
// at it puts back what it read.
func (k documentKind) is(resp *http.Response) bool {
	kind, _, _ := strings.Cut(strings.ToLower(resp.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	switch {
	case contentCoding(resp.Header) != "":
		return false
	case slices.Contains(k.mediaTypes, kind):
		return true
	case k.begin == "", strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "json"), strings.HasSuffix(kind, "xml"):
		return false
	}
	begin := make([]byte, len(k.begin))
	n, _ := io.ReadFull(resp.Body, begin) // a body that is broken says so again
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin[:n]), resp.Body), resp.Body}
	return string(begin[:n]) == k.begin
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
	end    string // the mark by which it tells
	tail   []byte // of the document, where it has to tell
}

// maxTail is how many of its last bytes a document has its end mark in.
const maxTail = 1024

func (s *streamBody) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if s.untold {
		s.tail = append(s.tail, p[max(0, n-maxTail):n]...)
		s.tail = s.tail[:copy(s.tail, s.tail[max(0, len(s.tail)-maxTail):])]
		if err == io.EOF && (s.end == "" || !bytes.Contains(s.tail, []byte(s.end))) {
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
