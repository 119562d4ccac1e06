package hoster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"reflect"
	"strconv"

	"github.com/go-hoster/hoster/internal/envelope"
	"github.com/go-hoster/hoster/internal/pager"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/relay"
	"github.com/go-hoster/hoster/internal/zonework"
)

// Page is one page of a list, with what the provider said of the whole. The
// numbers are zero where it said nothing.
type Page[T any] struct {
	Items      []T
	Number     int // from 1
	PerPage    int // as the server applied it
	Total      int
	TotalPages int
}

// keyed is an item of a list that can be recognised when it comes again.
type keyed interface{ key() string }

func (p *Page[T]) items() any { return &p.Items }

// count takes over what the list says of itself. Total and TotalPages are -1
// where nothing tells them.
func (p *Page[T]) count(f *envelope.Reader) {
	c := f.Count(len(p.Items))
	p.Number, p.PerPage, p.Total, p.TotalPages = c.Page, c.PerPage, c.Total, c.TotalPages
}

func (p *Page[T]) settle(zone string) {
	if records, ok := any(p.Items).([]Record); ok {
		settleRecords(records, zone)
		return
	}
	for i := range p.Items {
		if s, ok := any(&p.Items[i]).(settler); ok {
			s.settle(zone)
		}
	}
}

// listPage reads one page; which one, the options say.
func listPage[T any](ctx context.Context, c *Client, op *operation, req request, opts []CallOption) (Page[T], error) {
	page, err := do[Page[T]](ctx, c, op, req, opts)
	page.Total, page.TotalPages = max(0, page.Total), max(0, page.TotalPages)
	return page, err
}

// maxAhead bounds what WithReadAhead asks for: more requests at once help nobody.
const maxAhead = 16

// WithReadAhead makes List and All ask for up to n pages at once, 1 to 16, ahead
// of the one that is being read, where the first page tells how many there are.
// Items come in the same order and under the same checks as without it; at most
// n pages wait in memory. When the walk ends early, by a break or an error, what
// is under way is cancelled, and no goroutine is left. It is refused on calls
// that read one page or none.
func WithReadAhead(n int) CallOption {
	return func(s *callSettings) {
		if s.ahead = n; n == 0 {
			s.ahead = -1 // given, and wrong
		}
	}
}

// listAll walks all pages. It can be ranged over again, and each time starts
// anew with the options as they were given.
func listAll[T any](ctx context.Context, c *Client, op *operation, req request, opts []CallOption) iter.Seq2[T, error] {
	req.query = copyOptions(req.query)
	return func(yield func(T, error) bool) {
		var zero T
		pages, err := pagesOf[T](ctx, c, op, req, opts)
		if err != nil {
			yield(zero, err)
			return
		}
		for item, err := range pages.All(ctx) {
			if !yield(item, walkError(op.name, err)) {
				return
			}
		}
	}
}

// list reads all pages into a slice. When the list changed under the walk, it
// is read again from the start, so that the slice is one consistent reading.
func list[T any](ctx context.Context, c *Client, op *operation, req request, opts []CallOption) ([]T, error) {
	items, _, err := gather[T](ctx, c, op, req, opts)
	return items, err
}

// gather is list with the version of the whole, where its pages carry one.
func gather[T any](ctx context.Context, c *Client, op *operation, req request, opts []CallOption) ([]T, pager.Version, error) {
	pages, err := pagesOf[T](ctx, c, op, req, opts)
	if err != nil {
		return nil, pager.Version{}, err
	}
	items, version, err := pages.Collect(ctx)
	return items, version, walkError(op.name, err)
}

// copyOptions keeps what the caller passed as it was, whatever happens to it
// before the iterator runs.
func copyOptions(options any) any {
	if isNil(options) {
		return nil
	}
	if v := reflect.ValueOf(options); v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		return fresh.Interface()
	}
	return options
}

// pagesOf checks the arguments of a walk, and says how its pages are read.
func pagesOf[T any](ctx context.Context, c *Client, op *operation, req request, opts []CallOption) (pages pager.List[T], err error) {
	if ctx == nil {
		return pages, &ArgumentError{Operation: op.name, Field: "ctx", Expected: "a context that is not nil"}
	}
	var s callSettings
	for _, option := range opts {
		if option != nil {
			option(&s)
		}
		if s.response != nil {
			return pages, &ArgumentError{Operation: op.name, Field: "WithResponse", Expected: "ListPage, which reads one page: a walk has many answers"}
		}
	}
	if s.ahead < 0 || s.ahead > maxAhead {
		return pages, &ArgumentError{Operation: op.name, Field: "WithReadAhead", Expected: "1 to " + strconv.Itoa(maxAhead) + " pages"}
	}
	query, perPage, err := walkQuery(op, req)
	if err != nil {
		return pages, err
	}
	return pager.List[T]{
		Fetch: func(ctx context.Context, number int, p *pager.Page[T]) error {
			return fetchPage(ctx, c, op, req.path, writtenQuery(query+strconv.Itoa(number)), opts, p)
		},
		Key:       keyOf[T],
		PerPage:   perPage,
		Ahead:     s.ahead,
		Versioned: op.versioned,
		Limits:    walkLimits,
	}, nil
}

// walkQuery writes the query of all pages, but for the number at its end.
func walkQuery(op *operation, req request) (query string, perPage int, err error) {
	_, zone, err := fillPath(op, req.path)
	if err != nil {
		return "", 0, err
	}
	encoded, err := encodeQuery(op, zone, req.query)
	if err != nil {
		return "", 0, err
	}
	values, err := url.ParseQuery(encoded)
	if err != nil { // cannot happen: it was encoded here
		return "", 0, err
	}
	if values.Has("page") {
		return "", 0, &ArgumentError{Operation: op.name, Field: "page", Expected: "0: All and List read every page, ListPage reads one"}
	}
	if !values.Has("per_page") {
		values.Set("per_page", strconv.Itoa(op.perPage))
	}
	perPage, err = strconv.Atoi(values.Get("per_page"))
	return values.Encode() + "&page=", perPage, err
}

// fetchPage reads one page of a walk.
func fetchPage[T any](ctx context.Context, c *Client, op *operation, path []string, query writtenQuery, opts []CallOption, p *pager.Page[T]) error {
	read := struct { // in one piece of memory
		query  writtenQuery
		page   Page[T]
		origin pageOrigin
	}{query: query, page: Page[T]{Items: p.Items}}
	own := func(s *callSettings) { s.origin, s.ahead = &read.origin, 0 }
	if err := into(ctx, c, op, request{path: path, query: &read.query}, append(opts[:len(opts):len(opts)], own), &read.page); err != nil {
		return err
	}
	p.Items, p.Total, p.Pages = read.page.Items, read.page.Total, read.page.TotalPages
	version := zonework.VersionOf(read.origin.etag)
	p.Version, p.Weak = version.Tag, version.Weak
	p.Octets = read.origin.octets
	return nil
}

// keyOf tells an item from the others of its list.
func keyOf[T any](item *T) string {
	switch k := any(item).(type) {
	case keyed:
		return k.key()
	case interface{ Key() string }: // the caller's own type
		return k.Key()
	}
	if encoded, err := json.Marshal(item); err == nil {
		return string(encoded)
	}
	return fmt.Sprintf("%#v", item)
}

// walkError names the call in an error of the walk itself.
func walkError(op Operation, err error) error {
	if problem, ok := errors.AsType[*pager.Error](err); ok {
		return &paginationError{op: op, text: problem.Error()}
	}
	if err == relay.ErrAborted {
		return &TransportError{Operation: op, Err: err}
	}
	return err
}

// paginationError is a list whose pages do not add up.
type paginationError struct {
	op   Operation
	text string
}

func (e *paginationError) Error() string {
	return printable.Whole("hoster: " + string(e.op) + ": the pages do not add up: " + e.text)
}
func (e *paginationError) Is(target error) bool { return target == ErrPagination }
