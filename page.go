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
	"strings"
)

// maxRestarts bounds how often a walk begins anew because the list changed
// under it.
const maxRestarts = 3

// maxIdlePages bounds how many pages in a row may bring nothing new before a
// walk that the server does not end is given up.
const maxIdlePages = 3

// Page is one page of a list, with what the provider said of the whole. The
// numbers are zero where it said nothing.
type Page[T any] struct {
	Items      []T
	Page       int // from 1
	PerPage    int // as the server applied it
	Total      int
	TotalPages int

	raw []json.RawMessage // to tell items apart that have no id
}

// keyed is an item of a list that can be recognised when it comes again.
type keyed interface{ key() string }

// pagination is the contract's meta, nested or flat.
type pagination struct {
	Total       *int `json:"total"`
	CurrentPage int  `json:"current_page"`
	PerPage     int  `json:"per_page"`
	TotalPages  *int `json:"total_pages"`
}

// readPage takes items and meta of a list's answer.
func (p *Page[T]) readPage(env envelope) error {
	if !env.hasData {
		return errors.New(`the answer has no "data"`)
	}
	if err := decodeInto(env.data, &p.raw); err != nil {
		return err
	}
	if err := decodeInto(env.data, &p.Items); err != nil {
		return err
	}
	meta, err := readPagination(env.object)
	if err != nil {
		return err
	}
	if meta.Total != nil {
		p.Total = *meta.Total
	}
	p.Page, p.PerPage = meta.CurrentPage, meta.PerPage
	p.TotalPages = -1
	switch {
	case meta.TotalPages != nil:
		p.TotalPages = *meta.TotalPages
	case meta.Total != nil && meta.PerPage > 0:
		p.TotalPages = (*meta.Total + meta.PerPage - 1) / meta.PerPage
	}
	return nil
}

func readPagination(envelope jsonObject) (pagination, error) {
	var meta pagination
	outer, ok := parseObject(envelope.values["meta"])
	if !ok {
		return meta, nil
	}
	if _, nested := parseObject(outer.values["pagination"]); nested {
		return meta, decodeInto(outer.values["pagination"], &meta)
	}
	return meta, decodeInto(envelope.values["meta"], &meta)
}

func (p *Page[T]) settle(zone string) {
	for i := range p.Items {
		if s, ok := any(&p.Items[i]).(settler); ok {
			s.settle(zone)
		}
	}
}

// keyOf is what makes an item of the page recognisable.
func (p *Page[T]) keyOf(i int) string {
	if k, ok := any(p.Items[i]).(keyed); ok && k.key() != "" {
		return k.key()
	}
	return string(p.raw[i])
}

// listPage reads one page; which one, the options say.
func listPage[T any](ctx context.Context, c *Client, name Operation, req request, opts []CallOption) (Page[T], error) {
	page, err := do[Page[T]](ctx, c, name, req, opts)
	page.TotalPages = max(0, page.TotalPages)
	return page, err
}

// listAll walks all pages. It can be ranged over again, and each time starts
// anew with the options as they were given.
func listAll[T any](ctx context.Context, c *Client, name Operation, req request, opts []CallOption) iter.Seq2[T, error] {
	req.query = copyOptions(req.query)
	return func(yield func(T, error) bool) {
		walk := walker[T]{client: c, op: byName()[name], req: req, opts: opts, seen: map[string]struct{}{}}
		var zero T
		for restarts := 0; ; restarts++ {
			err := walk.run(ctx, func(item T) bool { return yield(item, nil) })
			switch {
			case err == nil:
				return
			case errors.Is(err, errRestart) && restarts < maxRestarts:
				continue // items that were given before are known and not given again
			case errors.Is(err, errRestart):
				err = walk.problem("it changed during each of %d walks", maxRestarts+1)
			}
			yield(zero, err)
			return
		}
	}
}

// list reads all pages into a slice. When the list changed under the walk, it
// is read again from the start, so that the slice is one consistent reading.
func list[T any](ctx context.Context, c *Client, name Operation, req request, opts []CallOption) ([]T, error) {
	items, _, err := gather[T](ctx, c, name, req, opts)
	return items, err
}

// gather is list with the version of the whole, where its pages carry one.
func gather[T any](ctx context.Context, c *Client, name Operation, req request, opts []CallOption) ([]T, string, error) {
	walk := walker[T]{client: c, op: byName()[name], req: req, opts: opts}
	for range maxRestarts + 1 {
		items := []T{}
		walk.seen = map[string]struct{}{}
		err := walk.run(ctx, func(item T) bool { items = append(items, item); return true })
		switch {
		case err == nil:
			if !walk.versioned {
				return items, "", nil
			}
			return items, walk.first, nil
		case !errors.Is(err, errRestart):
			return nil, "", err
		}
	}
	return nil, "", walk.problem("it changed during each of %d walks", maxRestarts+1)
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

// walker goes through the pages of a list once.
type walker[T any] struct {
	client *Client
	op     *operation
	req    request
	opts   []CallOption
	seen   map[string]struct{} // keys of the items that were given

	versioned bool   // ETags are the version of the whole list
	first     string // ETag of the first page in the walk before this one
}

// meet takes the ETag of a walk's first page. A weak tag is a web server's own;
// and where a walk began anew because tags differed, but its first page still
// has the tag it had, tags belong to pages and say nothing of the list.
func (w *walker[T]) meet(etag string) {
	w.versioned = w.op.versioned && !strings.HasPrefix(etag, "W/") && etag != w.first
	w.first = etag
}

// run walks from the first page to the server's own end and gives each item
// once. It stops early when give says so.
func (w *walker[T]) run(ctx context.Context, give func(T) bool) error {
	values, perPage, err := w.firstQuery()
	if err != nil {
		return err
	}
	var total, idle int
	var version, before string
	for number := 1; ; number++ {
		values.Set("page", strconv.Itoa(number))
		var meta Response
		page, err := do[Page[T]](ctx, w.client, w.op.name, request{path: w.req.path, query: values}, append(w.opts[:len(w.opts):len(w.opts)], WithResponse(&meta)))
		if err != nil {
			return err
		}
		if number == 1 {
			w.meet(meta.ETag)
		} else if page.Total < total || meta.ETag != version && w.versioned {
			return errRestart
		}
		total, version = page.Total, meta.ETag
		fingerprint, fresh := w.fingerprint(&page)
		hasMeta := page.TotalPages >= 0
		if hasMeta && len(page.Items) > 0 && fingerprint == before {
			return w.problem("page %d is page %d again", number, number-1)
		}
		if before, idle = fingerprint, idle+1; len(fresh) > 0 {
			idle = 0
		}
		if idle > maxIdlePages {
			return w.problem("%d pages in a row brought nothing new, and page %d is not the last", idle, number)
		}
		for _, i := range fresh {
			if !give(page.Items[i]) {
				return nil
			}
		}
		// A total_pages that is too low must not hide what the total promises.
		if hasMeta && number >= page.TotalPages && (len(fresh) == 0 || len(w.seen) >= page.Total) {
			return nil
		}
		if !hasMeta && (len(fresh) == 0 || len(page.Items) > perPage) {
			return nil
		}
	}
}

// firstQuery is the query of all pages but for the page's number.
func (w *walker[T]) firstQuery() (url.Values, int, error) {
	for _, option := range w.opts {
		var s callSettings
		if option != nil {
			option(&s)
		}
		if s.response != nil {
			return nil, 0, &ArgumentError{Operation: w.op.name, Field: "WithResponse", Expected: "ListPage, which reads one page: a walk has many answers"}
		}
	}
	encoded, err := w.encode()
	if err != nil {
		return nil, 0, err
	}
	values, err := url.ParseQuery(encoded)
	if err != nil { // cannot happen: it was encoded here
		return nil, 0, err
	}
	if values.Has("page") {
		return nil, 0, &ArgumentError{Operation: w.op.name, Field: "page", Expected: "0: All and List read every page, ListPage reads one"}
	}
	if !values.Has("per_page") {
		values.Set("per_page", strconv.Itoa(w.op.perPage))
	}
	perPage, err := strconv.Atoi(values.Get("per_page"))
	return values, perPage, err
}

// encode writes the options as the first call would.
func (w *walker[T]) encode() (string, error) {
	_, zone, err := fillPath(w.op, w.req.path)
	if err != nil {
		return "", err
	}
	return encodeQuery(w.op, zone, w.req.query)
}

// fingerprint names a page by its items, and lists those not given before.
func (w *walker[T]) fingerprint(page *Page[T]) (string, []int) {
	var print []byte
	fresh := make([]int, 0, len(page.Items))
	for i := range page.Items {
		key := page.keyOf(i)
		print = strconv.AppendQuote(print, key)
		if _, known := w.seen[key]; known {
			continue
		}
		w.seen[key] = struct{}{}
		fresh = append(fresh, i)
	}
	return string(print), fresh
}

func (w *walker[T]) problem(format string, args ...any) error {
	return &paginationError{op: w.op.name, text: fmt.Sprintf(format, args...)}
}

// paginationError is a list whose pages do not add up.
type paginationError struct {
	op   Operation
	text string
}

func (e *paginationError) Error() string {
	return "hoster: " + string(e.op) + ": the pages do not add up: " + e.text
}
func (e *paginationError) Is(target error) bool { return target == ErrPagination }

var errRestart = errors.New("hoster: the list changed while it was read")
