package hoster

import (
	"context"

	"github.com/go-hoster/hoster/internal/envelope"
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
