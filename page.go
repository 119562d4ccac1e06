package hoster

import "context"

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

// pagination is what a list says of itself; -1 is what it does not say.
type pagination struct {
	Total       int `json:"total"`
	CurrentPage int `json:"current_page"`
	PerPage     int `json:"per_page"`
	TotalPages  int `json:"total_pages"`
}

// pageMeta is the contract's meta, nested or flat.
type pageMeta struct {
	pagination
	Nested pagination `json:"pagination"`
}

var noPagination = pagination{-1, -1, -1, -1}

func (p *Page[T]) items() any { return &p.Items }

// count takes over what the list says of itself. Total and TotalPages are -1
// where nothing tells them.
func (p *Page[T]) count(meta pageMeta) {
	m := meta.pagination
	if meta.Nested != noPagination {
		m = meta.Nested
	}
	if m.Total == 0 && len(p.Items) > 0 {
		m.Total, m.TotalPages = -1, -1 // zeros beside items count nothing
	}
	p.Number, p.PerPage = max(0, m.CurrentPage), max(0, m.PerPage)
	p.Total, p.TotalPages = max(-1, m.Total), max(-1, m.TotalPages)
	if p.TotalPages < 0 && m.Total >= 0 && m.PerPage > 0 {
		p.TotalPages = (m.Total + m.PerPage - 1) / m.PerPage
	}
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
