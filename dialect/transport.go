package dialect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/go-hoster/hoster"
)

// Transport turns requests of the SDK into those of a brand, and answers back. It
// is safe for concurrent use. A call that the table does not name passes unchanged.
//
// A request is handed on once. Where the brand needs to be asked something before
// or after it, such as the number of a domain, the transport sends reads of its own
// with the same token. An error before the request itself wraps [hoster.ErrNotSent].
// What the brand cannot be asked for is answered by the transport, with the code
// NOT_SUPPORTED or VALIDATION_ERROR, and nothing is sent. So is every request when
// the client's base URL has another path than the table is for.
type Transport struct {
	Table *Table
	// Next sends the requests, such as one of [hoster.NewTransport]. Without it every
	// request is an error, and nothing is sent.
	Next http.RoundTripper

	cursors cursors
}

// Client returns a client for [hoster.WithHTTPClient] that speaks as the table
// says, over [hoster.NewTransport].
func Client(table *Table) *http.Client {
	return &http.Client{Transport: &Transport{Table: table, Next: hoster.NewTransport()}}
}

// CloseIdleConnections closes those of Next.
func (t *Transport) CloseIdleConnections() {
	if next, ok := t.Next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// RoundTrip sends one request of the SDK's in the brand's form.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	first := original(req)
	if location, ok := strings.CutPrefix(first.URL.EscapedPath(), t.Table.base); !ok || !strings.HasPrefix(location, "/") {
		c := &call{table: t.Table, req: req}
		return c.local(http.StatusNotImplemented, "NOT_SUPPORTED",
			fmt.Sprintf("%v is for a base URL with the path %q, and %q does not begin so; nothing was sent", t.Table, t.Table.base, first.URL.Path), nil)
	}
	o, params := t.Table.match(first)
	if o == nil {
		return t.send(req)
	}
	c := &call{transport: t, table: t.Table, operation: o, params: params, req: req, query: first.URL.Query()}
	if first != req {
		return c.redirected()
	}
	return c.do()
}

func (t *Transport) send(req *http.Request) (*http.Response, error) {
	if t.Next == nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("dialect: Transport.Next: expected a transport that sends: %w", hoster.ErrNotSent)
	}
	return t.Next.RoundTrip(req)
}

// original is the request that redirects led away from.
func original(req *http.Request) *http.Request {
	for range 10 {
		if req.Response == nil || req.Response.Request == nil {
			return req
		}
		req = req.Response.Request
	}
	return req
}

// match finds what the table says of the request's call, nil if it says nothing.
func (t *Table) match(req *http.Request) (*operation, map[string]string) {
	location, ok := strings.CutPrefix(req.URL.EscapedPath(), t.base)
	if !ok {
		return nil, nil
	}
	steps := strings.Split(location, "/")
	var best *operation
	for _, o := range t.routes {
		if o.info.Method == req.Method && o.fits(steps) && (best == nil || o.fixed() > best.fixed()) {
			best = o
		}
	}
	if best == nil {
		return nil, nil
	}
	params := map[string]string{}
	for i, step := range best.steps {
		if strings.HasPrefix(step, "{") {
			value, err := url.PathUnescape(steps[i])
			if err != nil {
				return nil, nil
			}
			params[strings.Trim(step, "{}")] = value
		}
	}
	return best, params
}

func (o *operation) fits(steps []string) bool {
	if len(steps) != len(o.steps) {
		return false
	}
	for i, step := range o.steps {
		if step != steps[i] && (!strings.HasPrefix(step, "{") || steps[i] == "") {
			return false
		}
	}
	return true
}

// fixed counts the steps that are no parameters: /domains/availability is no
// domain of that name.
func (o *operation) fixed() (n int) {
	for _, step := range o.steps {
		if !strings.HasPrefix(step, "{") {
			n++
		}
	}
	return n
}

// call is one request on its way.
type call struct {
	transport *Transport
	table     *Table
	operation *operation
	params    map[string]string // of the path, and of lookups
	query     url.Values
	req       *http.Request
	page      page
	written   map[string]any // what a record says after the write, in the API's form
}

// domain is that of the request's path, "" without one.
func (c *call) domain() string { return c.params["domain"] }

// do sends the request, and what it needs before and after it.
func (c *call) do() (*http.Response, error) {
	o := c.operation
	if o.unsupported {
		return c.lacking()
	}
	query, refused := c.planQuery()
	switch {
	case refused != nil:
		return c.refuse(refused)
	case c.page.beyond:
		return c.ok([]byte("[]"), nil)
	case c.page.gathered:
		return c.gather()
	}
	if resp, err := c.findParams(); resp != nil || err != nil {
		return resp, err
	}
	var found *entry
	if o.editsRecord {
		var resp *http.Response
		var err error
		if found, resp, err = c.findRecord(); resp != nil || err != nil {
			return resp, err
		}
		if o.info.Method == http.MethodGet {
			return c.ok(found.ours, nil)
		}
	}
	out, err := c.request(query, found)
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		return c.refuse(refused)
	}
	if err != nil {
		return nil, err
	}
	resp, err := c.transport.send(out)
	if err != nil {
		return nil, err
	}
	return c.answered(resp, out)
}

// redirected sends a request again to where an answer led, whose URL is the
// brand's already.
func (c *call) redirected() (*http.Response, error) {
	if o := c.operation; o.send != nil && (o.send.method != c.req.Method || o.body != nil) {
		return nil, fmt.Errorf("%v: a redirect of %s cannot be followed: %w", c.table, o.info.Name, hoster.ErrNotSent)
	}
	if _, refused := c.planQuery(); refused != nil {
		return c.refuse(refused)
	}
	resp, err := c.transport.send(c.req)
	if err != nil {
		return nil, err
	}
	return c.answered(resp, c.req)
}

// refusal is why a request cannot be put into the brand's form.
type refusal struct{ field, problem string }

func (r *refusal) Error() string { return r.field + ": " + r.problem }

// lacking is the answer to a call that the brand does not have.
func (c *call) lacking() (*http.Response, error) {
	return c.local(http.StatusNotImplemented, "NOT_SUPPORTED", fmt.Sprintf("%v has no %s; nothing was sent", c.table, c.operation.info.Name), nil)
}

// refuse is the answer to a request that the brand has no form for.
func (c *call) refuse(r *refusal) (*http.Response, error) {
	return c.local(http.StatusUnprocessableEntity, "VALIDATION_ERROR", fmt.Sprintf("%v has no form for %s; nothing was sent", c.table, r.field),
		map[string][]string{r.field: {r.problem}})
}

// notFound is the answer about an object that the brand does not list.
func (c *call) notFound(what string) (*http.Response, error) {
	return c.local(http.StatusNotFound, "NOT_FOUND", fmt.Sprintf("%v: the brand lists no %s; nothing else was sent", c.table, what), nil)
}

// local is an answer of the transport's own.
func (c *call) local(status int, code, message string, fields map[string][]string) (*http.Response, error) {
	body, err := encode(map[string]any{"status": "error", "code": code, "message": message, "errors": fields})
	return c.response(status, body), err
}

// ok is a success of the transport's own. meta may be nil.
func (c *call) ok(data, meta []byte) (*http.Response, error) {
	body := append([]byte(`{"status":"success","data":`), data...)
	if meta != nil {
		body = append(append(body, `,"meta":`...), meta...)
	}
	return c.response(http.StatusOK, append(body, '}')), nil
}

// response is an answer that did not come over the network as it stands.
func (c *call) response(status int, body []byte) *http.Response {
	if c.req.Body != nil {
		_ = c.req.Body.Close()
	}
	return &http.Response{
		Status: fmt.Sprint(status, " ", http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		Request: c.req,
	}
}

// beside is the context of requests beside the one that the SDK sends: whoever
// watches the connection of that one is not told of them.
type beside struct{ context.Context }

// Value hides what net/http/httptrace keeps in a context.
func (b beside) Value(key any) any {
	if t := reflect.TypeOf(key); t != nil && t.PkgPath() == "net/http/httptrace" {
		return nil
	}
	return b.Context.Value(key)
}

// besides is a call of the same table's beside this one: a read with the same token.
func (c *call) besides(o *operation, params map[string]string, query url.Values) *call {
	req := c.req.WithContext(beside{c.req.Context()})
	req.Method, req.Body, req.GetBody, req.ContentLength = o.info.Method, nil, nil, 0
	req.Header = maps.Clone(c.req.Header)
	for name := range req.Header {
		switch http.CanonicalHeaderKey(name) {
		case "Idempotency-Key", "If-Match", "Content-Type":
			delete(req.Header, name)
		}
	}
	return &call{transport: c.transport, table: c.table, operation: o, params: params, query: query, req: req}
}

// read sends the call and reads its answer whole. An answer that is no success
// comes as a response for the SDK; one that says nothing of the SDK's request
// itself, as an error.
func (c *call) read() (body []byte, header http.Header, refused *http.Response, err error) {
	query, cannot := c.planQuery()
	if cannot != nil {
		refused, err = c.refuse(cannot)
		return nil, nil, refused, err
	}
	out, err := c.request(query, nil)
	if err != nil {
		return nil, nil, nil, c.unsent(err)
	}
	resp, err := c.transport.send(out)
	if err != nil {
		return nil, nil, nil, c.unsent(err)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody)); err != nil {
		return nil, nil, nil, c.unsent(err)
	}
	switch {
	case resp.StatusCode >= 500:
		return nil, nil, nil, c.unsent(fmt.Errorf("status %d", resp.StatusCode))
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		c.translateHeader(resp.Header, out.URL)
		resp.Header.Del("Content-Length")
		answer := c.response(resp.StatusCode, c.translate(resp.StatusCode, resp.Header, body, new([]byte)))
		answer.Header = resp.Header
		return nil, nil, answer, nil
	}
	return body, resp.Header, nil, nil
}

// unsent is an error of what is asked before the SDK's request.
func (c *call) unsent(err error) error {
	return fmt.Errorf("%v: %s, which is asked first: %w: %w", c.table, c.operation.info.Name, hoster.ErrNotSent, err)
}

// maxBody is how much of an answer is read.
const maxBody = 32 << 20
