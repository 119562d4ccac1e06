package hoster

import (
	"context"
	"io"
	"iter"
	"mime"
	"net/http"
	"strings"
)

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
// a document. Where nothing but the end of the connection tells the document's end,
// reading it ends with io.ErrUnexpectedEOF: it may be a part.
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
