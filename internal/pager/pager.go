// Package pager walks the pages of a list: each item once, ahead, anew, and
// complete.
package pager

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

const (
	// maxRestarts is how often a walk begins anew because the list changed while
	// it was read.
	maxRestarts = 3
	// maxIdle is how many pages in a row can bring nothing new before a walk that
	// the server does not end is given up.
	maxIdle = 3
)

// Page is one page of a list as it was read. Unknown numbers are -1.
type Page[T any] struct {
	Items []T
	Total int // items of the whole list
	Pages int // of the whole list

	Version string // of the whole list, "" for none
	Weak    bool   // the version is a guess: it counts only where it is the same on all pages

	Octets int // that the server sent
}

// Limits bound a walk, so that pages without end come to an end.
type Limits struct {
	Pages  int
	Items  int
	Octets int // of all pages of a list that is collected
}

// List is a list that can be walked.
type List[T any] struct {
	// Fetch reads the page with a number from 1. It can use the memory of
	// page.Items. It is called in several goroutines at once where Ahead is not 0.
	Fetch func(ctx context.Context, number int, page *Page[T]) error
	// Key tells an item from all others.
	Key func(*T) string
	// PerPage is the number of items that is asked for on each page.
	PerPage int
	// Ahead is how many pages are read at once, ahead of the one that is used,
	// where the first page tells how many there are.
	Ahead int
	// Versioned says that versions are those of the whole list, and not of a page.
	Versioned bool
	Limits    Limits
}

// Error is a list whose pages do not add up.
type Error struct{ text string }

func (e *Error) Error() string { return e.text }

func problem(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// All gives each item of the list once. It can be ranged over again, and then
// reads again. When the list changes while it is read, it is read again from the
// start, and what is new is given. An error is given last. It is an [*Error] where
// the list kept changing, did not end, or ended with fewer items than its own
// total in two walks.
func (l List[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := &walk[T]{list: l, seen: newKeySet()}
		err := w.complete(ctx, func(item *T) bool { return yield(*item, nil) }, func() {
			// Items that were given before are known and not given again.
		})
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// Collect reads the list into a slice, which is not nil, and returns the version
// that all of its pages had, or "". When the list changes while it is read, it is
// read again from the start, so that the slice is one consistent reading. Errors
// are those of [List.All].
func (l List[T]) Collect(ctx context.Context) (items []T, version Version, err error) {
	w := &walk[T]{list: l, seen: newKeySet(), collects: true}
	items = []T{}
	err = w.complete(ctx, func(item *T) bool {
		if cap(items) == 0 {
			items = make([]T, 0, w.expected)
		}
		items = append(items, *item)
		return true
	}, func() {
		items, w.seen, w.deepest, w.octets = []T{}, newKeySet(), 0, 0
	})
	if err != nil {
		return nil, Version{}, err
	}
	if !w.versioned {
		return items, Version{}, nil
	}
	return items, w.version, nil
}

// Version is the version of a list.
type Version struct {
	Tag  string
	Weak bool // all that is known of it is a guess
}

// differs reports that a page belongs to another version of the list.
func (v Version) differs(page Version) bool {
	return v.Tag != page.Tag && !(v.Weak && page.Weak)
}

var (
	errChanged = errors.New("the list changed while it was read")
	errShort   = errors.New("the list is shorter than it says")
)

// walk goes through the pages of a list, more than once where it changes.
type walk[T any] struct {
	list     List[T]
	seen     *keySet // keys of the items that were given
	collects bool    // all items are kept
	octets   int     // of the pages so far
	expected int     // items, as far as the first page is to be believed

	versioned bool    // versions are those of the whole list
	version   Version // of this walk
	different string  // the first page's tag in a walk that began anew because tags differed

	deepest int     // page that a walk has read
	again   *keySet // keys of the items of this walk, where the one before was short
}

// complete walks until a walk was consistent. anew is called before each
// repetition.
func (w *walk[T]) complete(ctx context.Context, give func(*T) bool, anew func()) error {
	for restarts := 0; ; {
		err := w.run(ctx, give)
		switch {
		case errors.Is(err, errShort): // once: see check
		case !errors.Is(err, errChanged):
			return err
		case restarts == maxRestarts:
			return problem("it changed during each of %d walks", maxRestarts+1)
		default:
			restarts++
		}
		anew()
	}
}

// run walks from the first page to the server's own end and gives each item
// once. It stops early when give says so.
func (w *walk[T]) run(ctx context.Context, give func(*T) bool) error {
	if w.again != nil {
		w.again = newKeySet()
	}
	ahead := newAhead(ctx, w.list)
	defer ahead.stop()
	total, pages := -1, -1 // as far as the pages before this one tell
	var idle int
	var short bool    // a page before this one holds fewer items than asked for
	var before uint64 // a fingerprint of the page before this one
	known := w.deepest
	for number := 1; ; number++ {
		if number > w.list.Limits.Pages {
			return problem("it has more than %d pages", w.list.Limits.Pages)
		}
		read, err := ahead.read(number)
		if err != nil {
			return err
		}
		page := &read.page
		if number > 1 && len(page.Items) == 0 && page.Total == 0 {
			page.Total, page.Pages = -1, -1 // beyond the end some servers count nothing
		}
		if number == 1 {
			w.begin(page)
		} else if page.Total >= 0 && page.Total < total || !w.sameVersion(page) {
			return errChanged
		}
		if page.Total >= 0 {
			total = page.Total
		}
		if page.Pages >= 0 {
			pages = page.Pages
		}
		ahead.fly(number, pages)
		fresh, print := 0, uint64(len(page.Items))
		for i := range page.Items {
			item := &page.Items[i]
			key := w.list.Key(item)
			hash := w.seen.hash(key)
			print = print*31 + hash
			if w.again != nil {
				w.again.add(w.again.hash(key))
			}
			if !w.seen.add(hash) {
				continue
			}
			if fresh++; !give(item) {
				return nil
			}
		}
		if err := w.checkSize(page); err != nil {
			return err
		}
		// Nothing is new on a page that came before, so nothing of it was given.
		if pages >= 0 && len(page.Items) > 0 && print == before {
			return problem("page %d is page %d again", number, number-1)
		}
		w.deepest = max(w.deepest, number)
		// What an earlier walk read has nothing new, and is not the end.
		progress := fresh > 0 || number <= known && len(page.Items) > 0
		if before, idle = print, idle+1; progress {
			idle = 0
		}
		var end bool
		switch {
		case pages >= 0:
			// A number of pages that is too low must not hide what the total promises.
			end = number >= pages && (!progress || w.seen.size >= total)
		case len(page.Items) > w.list.PerPage:
			end = true // the server does not page
		default:
			// The server may have lowered the length of its pages, or filter them.
			end = idle > 1 || idle == 1 && !short
		}
		if end {
			return w.check(total)
		}
		if idle > maxIdle {
			return problem("%d pages in a row brought nothing new, and page %d is not the last", idle, number)
		}
		short = short || len(page.Items) < w.list.PerPage
		ahead.done(read)
	}
}

// begin takes the version of a walk's first page, and sizes what the walk
// collects by the total, as far as one page of it can vouch for that. Where an
// earlier walk began anew because tags differed, but its first page has the tag
// that it had, tags belong to pages and say nothing of the list.
func (w *walk[T]) begin(first *Page[T]) {
	w.version = Version{first.Version, first.Weak}
	w.versioned = w.list.Versioned && (w.different == "" || w.different != first.Version)
	w.expected = max(len(first.Items), min(first.Total, 64*len(first.Items)))
	w.seen.reserve(w.expected)
}

// sameVersion reports that a page belongs to the version of the walk.
func (w *walk[T]) sameVersion(page *Page[T]) bool {
	version := Version{page.Version, page.Weak}
	switch {
	case !w.versioned:
	case w.version.differs(version):
		w.different = w.version.Tag
		return false
	case w.version.Tag != version.Tag: // both weak: they belong to pages
		w.versioned = false
	case !version.Weak:
		w.version.Weak = false
	}
	return true
}

// checkSize ends a walk that is larger than any list.
func (w *walk[T]) checkSize(page *Page[T]) error {
	w.octets += page.Octets
	switch limits := w.list.Limits; {
	case w.seen.size > limits.Items:
		return problem("it has more than %d items", limits.Items)
	case w.collects && w.octets > limits.Octets:
		return problem("its pages have more than %d octets in all", limits.Octets)
	}
	return nil
}

// check looks at a walk that came to its end. Where the total promises more, an
// item may have moved from page to page and hidden another, or two keys may have
// one hash: the walk is repeated once.
func (w *walk[T]) check(total int) error {
	size := w.seen.size
	if w.again != nil { // seen may hold items that are not in the list any more
		size = w.again.size
	}
	switch {
	case size < total && w.again == nil:
		w.again = newKeySet()
		return errShort
	case size < total:
		return problem("it has %d items by its own total, and ended with %d", total, size)
	case size > w.seen.size:
		return problem("%d items came, and %d could be told apart", size, w.seen.size)
	}
	return nil
}
