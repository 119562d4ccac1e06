package hoster

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/internal/printable"
)

// maxRestarts bounds how often a walk begins anew because the list changed
// under it.
const maxRestarts = 3

// maxIdlePages bounds how many pages in a row may bring nothing new before a
// walk that the server does not end is given up.
const maxIdlePages = 3

// listAll walks all pages. It can be ranged over again, and each time starts
// anew with the options as they were given.
func listAll[T any](ctx context.Context, c *Client, name Operation, req request, opts []CallOption) iter.Seq2[T, error] {
	req.query = copyOptions(req.query)
	return func(yield func(T, error) bool) {
		walk := walker[T]{client: c, op: byName()[name], req: req, opts: opts, seen: newKeySet()}
		err := walk.complete(ctx, func(item *T) bool { return yield(*item, nil) }, func() {
			// Items that were given before are known and not given again.
		})
		if err != nil {
			var zero T
			yield(zero, err)
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
	walk := walker[T]{client: c, op: byName()[name], req: req, opts: opts, seen: newKeySet()}
	items := []T{}
	err := walk.complete(ctx, func(item *T) bool {
		if cap(items) == 0 {
			items = make([]T, 0, walk.expected)
		}
		items = append(items, *item)
		return true
	}, func() {
		items, walk.seen, walk.deepest = []T{}, newKeySet(), 0
	})
	switch {
	case err != nil:
		return nil, "", err
	case !walk.versioned:
		return items, "", nil
	}
	return items, walk.first, nil
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

// walker goes through the pages of a list, more than once where it changes.
type walker[T any] struct {
	client *Client
	op     *operation
	req    request
	opts   []CallOption
	seen   *keySet // keys of the items that were given

	query    string // of all pages, but for the number at its end
	perPage  int
	ahead    int // pages to read ahead
	expected int // items, as far as the first page is to be believed

	versioned bool   // ETags are the version of the whole list
	first     string // ETag of the first page in the walk before this one

	deepest int     // page that a walk has read
	again   *keySet // keys of the items of this walk, where it checks the one before
}

// complete walks until a walk was consistent. anew is called before each
// repetition.
func (w *walker[T]) complete(ctx context.Context, give func(*T) bool, anew func()) error {
	if err := w.prepare(); err != nil {
		return err
	}
	for restarts := 0; ; {
		err := w.run(ctx, give)
		switch {
		case errors.Is(err, errIncomplete): // once: see check
		case !errors.Is(err, errRestart):
			return err
		case restarts == maxRestarts:
			return w.problem("it changed during each of %d walks", maxRestarts+1)
		default:
			restarts++
		}
		anew()
	}
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
func (w *walker[T]) run(ctx context.Context, give func(*T) bool) error {
	if w.again != nil {
		w.again = newKeySet()
	}
	pages := newPages(ctx, w)
	defer pages.stop()
	var total, idle, repeated int
	var version string
	var before uint64
	known := w.deepest
	for number := 1; ; number++ {
		read := pages.read(number)
		if read.err != nil {
			return read.err
		}
		page := &read.page
		if number == 1 {
			w.meet(read.etag)
			w.expect(page)
		} else if page.Total < total || read.etag != version && w.versioned {
			return errRestart
		}
		total, version = page.Total, read.etag
		pages.fly(number, page.TotalPages)
		fresh, print := 0, uint64(len(page.Items))
		for i := range page.Items {
			key := w.keyOf(page, i)
			print = print*31 + key
			if !w.seen.add(key) {
				repeated++
				continue
			}
			if fresh++; !give(&page.Items[i]) {
				return nil
			}
		}
		hasMeta := page.TotalPages >= 0
		// Nothing is new on a page that came before, so nothing of it was given.
		if hasMeta && len(page.Items) > 0 && print == before {
			return w.problem("page %d is page %d again", number, number-1)
		}
		w.deepest = max(w.deepest, number)
		// What the walk before this one read has nothing new, and is not the end.
		progress := fresh > 0 || number <= known && len(page.Items) > 0
		if before, idle = print, idle+1; progress {
			idle = 0
		}
		if idle > maxIdlePages {
			return w.problem("%d pages in a row brought nothing new, and page %d is not the last", idle, number)
		}
		// A total_pages that is too low must not hide what the total promises.
		if hasMeta && number >= page.TotalPages && (!progress || w.seen.size >= total) {
			return w.check(total, repeated)
		}
		if !hasMeta && (!progress || len(page.Items) > w.perPage) {
			return nil
		}
		pages.done(read)
	}
}

// check looks at a walk that came to its end. Where the total promises more and
// items came twice, one may have moved from page to page and hidden another, or
// two keys may have one hash: the walk is repeated once. What is missing then as
// well, the list does not have, unless that walk saw more items than were given.
func (w *walker[T]) check(total, repeated int) error {
	switch {
	case w.seen.size >= total || repeated == 0:
		return nil
	case w.again == nil:
		w.again = newKeySet()
		return errIncomplete
	case w.again.size > w.seen.size:
		return w.problem("%d items came, and %d could be told apart", w.again.size, w.seen.size)
	}
	return nil
}

// expect sizes what the walk collects by the total, as far as one page of it
// can vouch for that.
func (w *walker[T]) expect(first *Page[T]) {
	w.expected = max(len(first.Items), min(first.Total, 64*len(first.Items)))
	w.seen.reserve(w.expected)
}

// keyOf is the hash of what makes an item recognisable.
func (w *walker[T]) keyOf(page *Page[T], i int) uint64 {
	hash := func(seed maphash.Seed) uint64 {
		return maphash.String(seed, page.idOf(i))
	}
	if w.again != nil {
		w.again.add(hash(w.again.seed))
	}
	return hash(w.seen.seed)
}

// prepare checks the options and writes the query of all pages.
func (w *walker[T]) prepare() error {
	var s callSettings
	for _, option := range w.opts {
		if option != nil {
			option(&s)
		}
		if s.response != nil {
			return &ArgumentError{Operation: w.op.name, Field: "WithResponse", Expected: "ListPage, which reads one page: a walk has many answers"}
		}
	}
	if s.ahead < 0 || s.ahead > maxAhead {
		return &ArgumentError{Operation: w.op.name, Field: "WithReadAhead", Expected: "1 to " + strconv.Itoa(maxAhead) + " pages"}
	}
	_, zone, err := fillPath(w.op, w.req.path)
	if err != nil {
		return err
	}
	encoded, err := encodeQuery(w.op, zone, w.req.query)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(encoded)
	if err != nil { // cannot happen: it was encoded here
		return err
	}
	if values.Has("page") {
		return &ArgumentError{Operation: w.op.name, Field: "page", Expected: "0: All and List read every page, ListPage reads one"}
	}
	if !values.Has("per_page") {
		values.Set("per_page", strconv.Itoa(w.op.perPage))
	}
	w.query, w.ahead = values.Encode()+"&page=", s.ahead
	w.perPage, err = strconv.Atoi(values.Get("per_page"))
	return err
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
	return printable.Whole("hoster: " + string(e.op) + ": the pages do not add up: " + e.text)
}
func (e *paginationError) Is(target error) bool { return target == ErrPagination }

var errRestart = errors.New("hoster: the list changed while it was read")
var errIncomplete = errors.New("hoster: the list may have hidden an item")
