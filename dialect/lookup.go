package dialect

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/internal/jsonread"
)

// findParams asks the brand for what it has instead of the domain's name in the
// paths of this call. resp is the answer to the SDK where it cannot be had.
func (c *call) findParams() (resp *http.Response, err error) {
	for _, name := range c.operation.needs {
		found, resp, err := c.lookUp(c.table.lookups[name])
		if resp != nil || err != nil {
			return resp, err
		}
		c.params = maps.Clone(c.params)
		c.params[name] = found
	}
	return nil, nil
}

// lookUp finds the item whose name is the domain of the request.
func (c *call) lookUp(l *lookup) (string, *http.Response, error) {
	o := &operation{info: hoster.OperationInfo{Name: "a lookup of " + c.operation.info.Name, Method: http.MethodGet}, send: l.send, data: l.data, resource: l.resource}
	body, _, resp, err := c.besides(o, c.params, url.Values{}).read()
	if resp != nil || err != nil {
		if resp != nil {
			resp.Request = c.req
		}
		return "", resp, err
	}
	root, _ := jsonread.Parse(body, limits)
	found := []string{}
	for item := range items(l.data.find(root)) {
		name := text(child((&mapper{resource: l.resource}).append(nil, item), "name"))
		if id := l.take.find(item).Text(maxText); id != "" && strings.EqualFold(strings.TrimSuffix(name, "."), c.domain()) && !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil, nil
	case 0:
		resp, err = c.notFound("domain " + c.domain())
	default:
		resp, err = c.local(http.StatusConflict, "CONFLICT", fmt.Sprintf("%v: the brand lists %d domains %s; nothing was sent", c.table, len(found), c.domain()), nil)
	}
	return "", resp, err
}

// maxPages bounds the walk through a list.
const maxPages = 10_000

// walk reads all pages of a list and gives the items as the brand has them.
func (c *call) walk(o *operation, query url.Values, use func(item jsonread.Value)) (resp *http.Response, err error) {
	query = maps.Clone(query)
	size := o.paging.most
	if size == 0 {
		size = 100
	}
	query.Set("per_page", strconv.Itoa(size))
	for number, had := 1, 0; number <= maxPages; number++ {
		query.Set("page", strconv.Itoa(number))
		page := c.besides(o, c.params, query)
		for name, f := range o.query { // which are for the caller of the walk
			if f.local {
				query.Del(name)
			}
		}
		body, header, resp, err := page.read()
		if resp != nil || err != nil {
			return resp, err
		}
		root, _ := jsonread.Parse(body, limits)
		list := o.data.find(root)
		if list.Kind() != '[' && list.Kind() != 'n' {
			return nil, c.unsent(fmt.Errorf("the answer to %s has no list at %q", o.info.Name, strings.Join(o.data, ".")))
		}
		page.learnCursor(root)
		before := had
		for item := range items(list) {
			had++
			use(item)
		}
		if had == before || page.ends(root, header, had) {
			return nil, nil
		}
	}
	return nil, c.unsent(fmt.Errorf("%s has more than %d pages", o.info.Name, maxPages))
}

// ends reports that no page follows, as far as the answer says.
func (c *call) ends(root jsonread.Value, header http.Header, had int) bool {
	p := c.operation.paging
	switch {
	case p.whole:
		return true
	case p.cursor != "":
		return p.next.find(root).Text(maxText) == ""
	case p.total != nil:
		total := positive(p.total.find(root).Text(20), -1)
		return total >= 0 && had >= total
	case p.totalHeader != "":
		total := positive(header.Get(p.totalHeader), -1)
		return total >= 0 && had >= total
	}
	return false
}

// gather reads a list whole, and leaves out what does not fit the filters that the
// brand does not have.
func (c *call) gather() (*http.Response, error) {
	if resp, err := c.findParams(); resp != nil || err != nil {
		return resp, err
	}
	data, count := []byte{'['}, 0
	m := c.mapper()
	resp, err := c.walk(c.operation, c.query, func(item jsonread.Value) {
		var n int
		data, n, _ = c.appendItem(m, data, item, 0)
		count += n
	})
	if resp != nil || err != nil {
		return resp, err
	}
	return c.ok(append(data, ']'), metaOf(count, 1, max(count, 1)))
}
