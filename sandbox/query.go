package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// filter is a query parameter of a list. valid refuses a value with a 400; nil
// takes any.
type filter struct {
	name  string
	valid func(*Server, string) bool
}

func oneOf(values []string) func(*Server, string) bool {
	return func(_ *Server, value string) bool { return slices.Contains(values, value) }
}

func isTime(_ *Server, value string) bool {
	_, err := time.Parse(time.RFC3339, value)
	return err == nil
}

// readQuery makes the checks of the query.
func (c *call) readQuery() *answer {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return badRequest("The query is malformed.")
	}
	c.query = query
	if c.route.perPage == 0 {
		return nil
	}
	for _, f := range c.route.filters {
		if value := query.Get(f.name); value != "" && f.valid != nil && !f.valid(c.srv, value) {
			return badRequest("The query parameter " + f.name + " has an unknown value.")
		}
	}
	return c.readPaging()
}

// paging is the part of a list that is asked for.
type paging struct{ number, size int }

const usualPerPage = 25

func (c *call) readPaging() *answer {
	var ok bool
	if c.page.number, ok = positive(c.query.Get("page"), 1); !ok {
		return badRequest("The query parameter page must be a number from 1.")
	}
	c.page.size, ok = positive(c.query.Get("per_page"), usualPerPage)
	if !ok || c.page.size > c.route.perPage {
		return badRequest("The query parameter per_page must be a number from 1 to " + strconv.Itoa(c.route.perPage) + ".")
	}
	return nil
}

func positive(text string, usual int) (int, bool) {
	if text == "" {
		return usual, true
	}
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0
}

type meta struct {
	Pagination pagination `json:"pagination"`
}

type pagination struct {
	Total       int `json:"total"`
	CurrentPage int `json:"current_page"`
	PerPage     int `json:"per_page"`
	TotalPages  int `json:"total_pages"`
}

// list answers with the page of items that the call asks for, each as show
// turns it. A page behind the last one is empty.
func list[T, V any](c *call, items []T, show func(T) V) *answer {
	return listOf(c, len(items), func(i int) V { return show(items[i]) })
}

// listOf is list for n items, which show makes one by one.
func listOf[V any](c *call, n int, show func(i int) V) *answer {
	number, size := c.page.number, c.page.size
	pages := (n + size - 1) / size
	shown := []V{}
	if number <= pages {
		first := (number - 1) * size
		for i := first; i < min(first+size, n); i++ {
			shown = append(shown, show(i))
		}
	}
	return &answer{
		status: http.StatusOK,
		header: make(http.Header),
		payload: envelope{Status: "success", Data: shown, Meta: &meta{pagination{
			Total: n, CurrentPage: number, PerPage: size, TotalPages: pages,
		}}},
	}
}

// location is the path of an object, below /v1.
func location(segments []string) string {
	var b strings.Builder
	b.WriteString(basePath)
	for _, segment := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(segment))
	}
	return b.String()
}
