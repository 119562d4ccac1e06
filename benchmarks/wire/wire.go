// Package wire makes the bodies that every contender is served, each SDK's in
// the JSON of its own provider, with items of the same size. It knows no SDK
// and needs only the standard library: the server and the stub both answer
// from it.
package wire

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// The account that all contenders see: one domain, whose zone has that many
// records. An item is padded to ItemSize bytes, a domain to DomainSize. What
// only hoster's API has beside it is a Resource.
const (
	Domain     = "example.com"
	Records    = 10_000
	ItemSize   = 320
	DomainSize = 512
)

// Name is the name of record i of the zone.
func Name(i int) string { return fmt.Sprintf("host-%06d", i) }

// Mark is what the value of record i begins with. It can stand in a host name.
func Mark(i int) string { return fmt.Sprintf("mark-%06d", i) }

// target is what a request asks for. As a key of a map it costs no allocation.
type target struct{ path, query string }

// Bodies keeps the bodies that were asked for. The zero value is ready, and
// safe for concurrent use.
type Bodies struct {
	mu   sync.RWMutex
	kept map[target][]byte
}

// Answer returns the body for a path and a query, and false where there is none.
// It is made when it is first asked for.
func (b *Bodies) Answer(path, query string) ([]byte, bool) {
	asked := target{path, query}
	b.mu.RLock()
	body, ok := b.kept[asked]
	b.mu.RUnlock()
	if ok {
		return body, true
	}
	text, ok := compose(path, query)
	if !ok {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = make(map[target][]byte)
	}
	b.kept[asked] = []byte(text)
	return b.kept[asked], true
}

// compose writes a body: a resource of hoster's own, the list for a path that
// ends in the shape's word for records, the domain for any other.
func compose(path, query string) (string, bool) {
	if below, ok := strings.CutPrefix(path, hosterRoot); ok {
		if r, known := resources[Resource(below)]; known {
			return r.compose(query)
		}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	s, known := shapes[first]
	if !known {
		return "", false
	}
	if !strings.HasSuffix(path, s.records) {
		return s.domain(), true
	}
	p, ok := parsePage(query)
	if !ok {
		return "", false
	}
	return s.list(p, p.items(func(i int) string {
		return padded(ItemSize, Mark(i), func(value string) string { return s.item(i, value) })
	})), true
}

// parsePage reads which page of a list a query asks for.
func parsePage(query string) (page, bool) {
	p := page{number: 1, size: 100}
	values, err := url.ParseQuery(query)
	if err != nil {
		return p, false
	}
	for _, name := range []string{"page", "cursor"} {
		if n, err := strconv.Atoi(strings.TrimPrefix(values.Get(name), "next")); err == nil {
			p.number = n
		}
	}
	for _, name := range []string{"per_page", "page_size"} {
		if n, err := strconv.Atoi(values.Get(name)); err == nil {
			p.size = n
		}
	}
	return p, p.number >= 1 && p.size >= 1 && p.size <= Records
}

// page is the part of a list that is shown; every list has Records items.
type page struct{ number, size int }

func (p page) pages() int { return (Records + p.size - 1) / p.size }

// next is the number of the next page, or 0.
func (p page) next() int {
	if p.number < p.pages() {
		return p.number + 1
	}
	return 0
}

// items writes the page's items; behind the last page there are none.
func (p page) items(item func(i int) string) string {
	first := min((p.number-1)*p.size, Records)
	items := make([]string, 0, p.size)
	for i := first; i < min(first+p.size, Records); i++ {
		items = append(items, item(i))
	}
	return strings.Join(items, ",")
}

// padded lengthens the value until what write makes of it has that size.
func padded(size int, value string, write func(value string) string) string {
	return write(value + strings.Repeat("x", max(0, size-len(write(value)))))
}
