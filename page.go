package hoster

import (
	"context"
	"encoding/json"
	"errors"
)

// Page is one page of a list, with what the provider said of the whole. The
// numbers are zero where it said nothing.
type Page[T any] struct {
	Items      []T
	Page       int // from 1
	PerPage    int // as the server applied it
	Total      int
	TotalPages int

	raw []json.RawMessage // to tell items apart, where one of them has no id
}

// keyed is an item of a list that can be recognised when it comes again.
type keyed interface{ key() string }

// pagination is the contract's meta, nested or flat.
type pagination struct {
	Total       *int `json:"total"`
	CurrentPage int  `json:"current_page"`
	PerPage     int  `json:"per_page"`
	TotalPages  *int `json:"total_pages"`

	numbers [2]int // what the pointers point to, if they were read quickly
}

// readPage takes items and meta of a list's answer.
func (p *Page[T]) readPage(env envelope) error {
	if !env.hasData {
		return errors.New(`the answer has no "data"`)
	}
	if err := decodeInto(env.data, &p.Items); err != nil {
		return err
	}
	if !p.haveKeys() {
		if err := decodeInto(env.data, &p.raw); err != nil {
			return err
		}
	}
	meta, err := readPagination(env.object.values["meta"])
	if err != nil {
		return err
	}
	p.count(meta)
	return nil
}

// count takes over what the list says of itself. TotalPages is -1 where nothing
// tells it.
func (p *Page[T]) count(meta pagination) {
	if meta.Total != nil && *meta.Total == 0 && len(p.Items) > 0 {
		meta.Total, meta.TotalPages = nil, nil // zeros beside items count nothing
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
}

func readPagination(raw json.RawMessage) (pagination, error) {
	var meta pagination
	outer, ok := parseObject(raw)
	if !ok {
		return meta, nil
	}
	if _, nested := parseObject(outer.values["pagination"]); nested {
		return meta, decodeInto(outer.values["pagination"], &meta)
	}
	return meta, decodeInto(raw, &meta)
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

// idOf is what an item calls itself, "" if it does not.
func (p *Page[T]) idOf(i int) string {
	if k, ok := any(&p.Items[i]).(keyed); ok {
		return k.key()
	}
	return ""
}

// haveKeys reports whether all items have an id.
func (p *Page[T]) haveKeys() bool {
	for i := range p.Items {
		if p.idOf(i) == "" {
			return false
		}
	}
	return true
}

// listPage reads one page; which one, the options say.
func listPage[T any](ctx context.Context, c *Client, name Operation, req request, opts []CallOption) (Page[T], error) {
	page, err := do[Page[T]](ctx, c, name, req, opts)
	page.TotalPages = max(0, page.TotalPages)
	return page, err
}
