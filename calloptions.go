package hoster

import (
	"context"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/go-hoster/hoster/internal/exchange"
	"github.com/go-hoster/hoster/internal/zonework"
)

// CallOption changes one call.
type CallOption func(*callSettings)

type callSettings struct {
	response    *Response
	key         string
	keyGiven    bool
	ifMatch     string
	matching    bool
	noRetry     bool
	dispensable bool    // the program can do without it
	sent        *Secret // where to tell which token was sent
	adjusted    *[]Adjustment
	origin      *pageOrigin
	ahead       int // pages to read ahead; 0 unless asked for
	headers     []exchange.Field
}

// pageOrigin is what a walk learns of the answer that brought a page.
type pageOrigin struct {
	etag   string
	octets int // of its body
}

// WithResponse fills in what came beside the data, on success and on errors
// that have an answer. It is refused on All and List, which read many pages.
func WithResponse(meta *Response) CallOption {
	return func(s *callSettings) { s.response = meta }
}

// WithIdempotencyKey sets the key that all attempts of a POST carry, 1 to 255
// visible ASCII characters. Without it the client makes one up for each call.
// Only providers that honour keys act on it: for 24 h they repeat their first answer
// to the same request, refusals too, but for 401, 403, 429 and 5xx. A request that was
// refused and that is to be tried again needs another key; [Response.Replayed] tells
// an answer that was repeated.
func WithIdempotencyKey(key string) CallOption {
	return func(s *callSettings) { s.key, s.keyGiven = key, true }
}

// WithIfMatch makes a write depend on the version that was read: the ETag of
// the resource or, for DNS records, of the zone. If it changed since, the call
// fails with [ErrPreconditionFailed] and nothing was done.
func WithIfMatch(etag string) CallOption {
	return func(s *callSettings) { s.ifMatch, s.matching = etag, true }
}

// WithHeader sends a header with every attempt of one call, for what a brand adds to
// the API. It comes before one of the same name that [WithHeaders] set. What the
// package sends by itself is refused, Authorization first of all. No error shows the
// value.
func WithHeader(name, value string) CallOption {
	return func(s *callSettings) {
		s.headers = append(s.headers, exchange.Field{Name: textproto.CanonicalMIMEHeaderKey(name), Value: value})
	}
}

// checkHeader says what is wrong with a header of the caller's; nothing for "".
func checkHeader(field exchange.Field) (expected string) {
	switch field.Name {
	case "Authorization":
		return "no Authorization: the token goes into WithToken or WithTokenSource"
	case "User-Agent", "Idempotency-Key", "If-Match":
		return "no " + field.Name + ": an option of its own sets it"
	case "Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "Keep-Alive",
		"Proxy-Authorization", "Proxy-Connection", "Range", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return "no " + field.Name + ", which the connection or the package sets"
	}
	switch {
	case !httpguts.ValidHeaderFieldName(field.Name):
		return "a header's name"
	case field.Value == "" || strings.TrimSpace(field.Value) != field.Value || !httpguts.ValidHeaderFieldValue(field.Value):
		return "a value for " + field.Name + " on one line, without white space around it"
	}
	return ""
}

// WithAdjustments lists what the provider stored otherwise than [DNSService.Create] or
// [DNSService.Update] sent it, such as a TTL that it raised: nothing where all is as
// sent, or on an error.
func WithAdjustments(list *[]Adjustment) CallOption {
	return func(s *callSettings) { s.adjusted = list }
}

// WithoutRetry makes a call a single attempt.
func WithoutRetry() CallOption {
	return func(s *callSettings) { s.noRetry = true }
}

// withTokenSent tells which token the last attempt carried.
func withTokenSent(sent *Secret) CallOption {
	return func(s *callSettings) { s.sent = sent }
}

// dispensable marks a call whose failure is passed over, so that the program
// does not need its scope.
func dispensable(s *callSettings) { s.dispensable = true }

func applyCallOptions(op *operation, options []CallOption) (callSettings, error) {
	if len(options) == 0 {
		return callSettings{}, nil
	}
	var s callSettings
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	refuse := func(field, expected string) (callSettings, error) {
		return s, &ArgumentError{Operation: op.name, Field: field, Expected: expected}
	}
	switch {
	case s.keyGiven && op.method != http.MethodPost:
		return refuse("WithIdempotencyKey", "a call that is a POST")
	case s.keyGiven && (s.key == "" || len(s.key) > 255 || !isVisible(s.key)):
		return refuse("WithIdempotencyKey", "1 to 255 visible ASCII characters")
	case s.matching && !op.ifMatch:
		return refuse("WithIfMatch", "a call that changes one resource")
	case s.matching && (zonework.EntityTag(s.ifMatch) == "" || !isVisible(s.ifMatch)):
		return refuse("WithIfMatch", "an entity tag as the provider sent it, which names a version")
	case len(s.headers) > 0:
		for _, field := range s.headers {
			if expected := checkHeader(field); expected != "" {
				return refuse("WithHeader", expected)
			}
		}
	}
	if s.adjusted != nil {
		if *s.adjusted = nil; op != opDNSCreate && op != opDNSUpdate {
			return refuse("WithAdjustments", "DNS.Create or DNS.Update")
		}
	}
	switch {
	case s.ahead != 0:
		return refuse("WithReadAhead", "List or All, which read many pages")
	}
	return s, nil
}

func isVisible(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Response is what came beside the data of an answer.
type Response struct {
	Status         int
	RequestID      string
	ETag           string    // the version of the resource, or of a zone for its record list
	ZoneETag       string    // the version of the zone after a DNS write
	RateLimit      RateLimit // the account's budget, as far as this answer told
	Attempts       int
	IdempotencyKey string // the key that was sent with a POST
	Replayed       bool   // the provider gave the answer of an earlier request with this key

	// They may hold a secret, so they hide where fmt and encoders do not look.
	body   func() []byte
	header func() http.Header
}

// Body returns the raw body of the answer. It may hold secrets.
func (r *Response) Body() []byte {
	if r.body == nil {
		return nil
	}
	return r.body()
}

// Header returns the headers of the answer, nil without one. They may hold secrets.
func (r *Response) Header() http.Header {
	if r.header == nil {
		return nil
	}
	return r.header()
}

func (r *Response) fill(a *exchange.Answer) {
	h, body := a.Header, a.Body
	*r = Response{
		Status:    a.Status,
		RequestID: requestID(h),
		ETag:      zonework.EntityTag(h.Get("ETag")),
		ZoneETag:  zonework.EntityTag(h.Get("X-Zone-ETag")),
		RateLimit: readRateLimit(h),
		Replayed:  strings.EqualFold(h.Get("Idempotent-Replayed"), "true"),
		body:      func() []byte { return body },
		header:    func() http.Header { return h },
	}
}

// CallSpec describes a call that this package has no method for: something
// that a brand adds to the API.
type CallSpec struct {
	Method   string   // such as http.MethodGet
	Segments []string // of the path below the base URL, each escaped as one
	Query    any      // url.Values, or a struct with url tags
	Body     any      // written as JSON; nil sends none
	Scope    Scope    // what the token needs, for hints
	Replay   Replay   // on what grounds a write may be repeated; a GET always may be
}

// Call takes a call of the caller's own over the same path as every method:
// token, limits, replay, errors and decoding of the envelope's data into out, a
// pointer to a zero value. Data decodes as encoding/json would, and what brands
// send beside that is accepted as everywhere. A nil out expects no data. An error
// leaves out zero. [CallAll] walks pages, [Client.CallStream] takes what is no JSON.
func (c *Client) Call(ctx context.Context, spec CallSpec, out any, opts ...CallOption) error {
	op, err := spec.operation(out == nil)
	if err != nil {
		return err
	}
	return into(ctx, c, op, spec.request(), opts, out)
}

// CallAll walks all pages of a list that this package has no method for, as the
// method All of every service does. The spec is that of a GET, and its query names
// no page. Items are told from each other by their method Key() string, where they
// have one, else by all that they hold; each comes once, though it moved between two
// pages.
func CallAll[T any](ctx context.Context, c *Client, spec CallSpec, opts ...CallOption) iter.Seq2[T, error] {
	op, err := spec.operation(false)
	if err == nil && spec.Method != http.MethodGet {
		err = &ArgumentError{Operation: "Call", Field: "Method", Expected: "GET, which is how lists are read"}
	}
	if err != nil {
		return func(yield func(T, error) bool) {
			var zero T
			yield(zero, err)
		}
	}
	op.perPage = 100
	return listAll[T](ctx, c, op, spec.request(), opts)
}

// CallStream returns the body of a success as it comes, of a call whose answer is no
// JSON: mediaType is what the answer must be, such as "text/csv". The caller closes
// it. An answer of another type is an error, so that nobody takes a proxy's page for
// a document. Redirects are followed as by [InvoicesService.PDF]. Where nothing but the
// end of the connection tells the document's end, reading it ends with
// io.ErrUnexpectedEOF: it may be a part.
func (c *Client) CallStream(ctx context.Context, spec CallSpec, mediaType string, opts ...CallOption) (io.ReadCloser, error) {
	op, err := spec.operation(false)
	if err != nil {
		return nil, err
	}
	kind, parameters, err := mime.ParseMediaType(mediaType)
	if err != nil || len(parameters) > 0 || !strings.Contains(kind, "/") || kind == "application/json" {
		return nil, &ArgumentError{Operation: "Call", Field: "mediaType", Expected: "a media type without parameters that is no JSON, such as text/csv"}
	}
	return doStream(ctx, c, op, spec.request(), documentKind{mediaTypes: []string{kind}}, opts)
}

func (s CallSpec) request() request {
	return request{path: s.Segments, query: s.Query, body: s.Body}
}

// operation makes a row for one call. Its template has a parameter for each
// segment, so that segments are checked and escaped as everywhere.
func (s CallSpec) operation(noData bool) (*operation, error) {
	switch s.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return nil, &ArgumentError{Operation: "Call", Field: "Method", Expected: "GET, POST, PUT, PATCH or DELETE"}
	}
	if len(s.Segments) == 0 {
		return nil, &ArgumentError{Operation: "Call", Field: "Segments", Expected: "at least one path segment"}
	}
	if s.Replay == ReplayAlways && s.Method != http.MethodGet {
		return nil, &ArgumentError{Operation: "Call", Field: "Replay", Expected: "ReplayAlways for GET only"}
	}
	if s.Method == http.MethodGet {
		s.Replay = ReplayAlways
	}
	return &operation{
		name:    "Call",
		method:  s.Method,
		path:    strings.Repeat("/{segment}", len(s.Segments)),
		scope:   s.Scope,
		replay:  s.Replay,
		ifMatch: s.Method != http.MethodGet,
		noData:  noData,
		foreign: true,
	}, nil
}
