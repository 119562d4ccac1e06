package hoster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shop is a list of domains as one brand serves it.
type shop struct {
	ids   []string
	lower int                               // the largest per_page that is applied; 0: what was asked for
	meta  func(total, page, per int) string // "" has none
	hook  func(s *shop, request, page int)  // runs before each request is answered
	etag  func(request, page int) string

	asked []url.Values
}

func nestedMeta(total, page, per int) string {
	return fmt.Sprintf(`,"meta":{"pagination":{"total":%d,"current_page":%d,"per_page":%d,"total_pages":%d}}`, total, page, per, (total+per-1)/per)
}

func flatMeta(total, page, per int) string {
	return fmt.Sprintf(`,"meta":{"total":%d,"current_page":"%d","per_page":%d}`, total, page, per)
}

func noMeta(int, int, int) string { return "" }

func domainIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("dom_%03d", i)
	}
	return ids
}

// RoundTrip serves the page that is asked for.
func (s *shop) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	s.asked = append(s.asked, query)
	page, _ := strconv.Atoi(query.Get("page"))
	per, _ := strconv.Atoi(query.Get("per_page"))
	page = max(page, 1)
	if per == 0 {
		per = 25
	}
	if s.lower > 0 {
		per = min(per, s.lower)
	}
	if s.hook != nil {
		s.hook(s, len(s.asked), page)
	}
	from := min((page-1)*per, len(s.ids))
	var headers []string
	if s.etag != nil {
		headers = append(headers, "ETag: "+s.etag(len(s.asked), page))
	}
	return reply(200, pageOf(s.ids[from:min(from+per, len(s.ids))], s.meta(len(s.ids), page, per)), headers...)(req)
}

// pageOf is a list's answer.
func pageOf(ids []string, meta string) string {
	items := []string{}
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"id":%q,"name":%q,"type":"A","value":"192.0.2.1"}`, id, id+".example"))
	}
	return `{"status":"success","data":[` + strings.Join(items, ",") + `]` + meta + `}`
}

func shopClient(t testing.TB, transport http.RoundTripper) *Client {
	t.Helper()
	client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: transport}), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// walkOf reads both forms of the whole list: List, and what All gave before it
// ended, with its error.
func collect(all iter.Seq2[Domain, error]) (ids []string, err error) {
	for d, problem := range all {
		if problem != nil {
			return ids, problem
		}
		ids = append(ids, string(d.ID))
	}
	return ids, nil
}

func listIDs(ctx context.Context, c *Client, options *DomainListOptions, opts ...CallOption) ([]string, error) {
	domains, err := c.Domains.List(ctx, options, opts...)
	if domains == nil && err == nil {
		return nil, errors.New("an empty list is not nil")
	}
	var ids []string
	for _, d := range domains {
		ids = append(ids, string(d.ID))
	}
	return ids, err
}

// everyPage is All and List over the same shop, which is made anew for each.
func everyPage(t *testing.T, name string, fresh func() *shop, check func(t *testing.T, s *shop, ids []string, err error)) {
	t.Helper()
	t.Run(name+"/List", func(t *testing.T) {
		s := fresh()
		ids, err := listIDs(t.Context(), shopClient(t, s), &DomainListOptions{PerPage: 10})
		check(t, s, ids, err)
	})
	t.Run(name+"/All", func(t *testing.T) {
		s := fresh()
		ids, err := collect(shopClient(t, s).Domains.All(t.Context(), &DomainListOptions{PerPage: 10}))
		check(t, s, ids, err)
	})
}

func TestWholeLists(t *testing.T) {
	for name, meta := range map[string]func(int, int, int) string{
		"nested meta": nestedMeta, "flat meta": flatMeta, "no meta": noMeta,
		"empty meta": func(int, int, int) string { return `,"meta":{}` },
		"null meta":  func(int, int, int) string { return `,"meta":null` },
		"meta as []": func(int, int, int) string { return `,"meta":[]` },
		"numbers as text": func(total, page, per int) string {
			return fmt.Sprintf(`,"meta":{"pagination":{"total":"%d","current_page":"%d","per_page":"%d","total_pages":"%d"}}`, total, page, per, (total+per-1)/per)
		},
		"zeros": func(_, page, per int) string {
			return fmt.Sprintf(`,"meta":{"pagination":{"total":0,"current_page":%d,"per_page":%d,"total_pages":0}}`, page, per)
		},
		"total_pages null": func(total, page, per int) string {
			return fmt.Sprintf(`,"meta":{"pagination":{"total":%d,"current_page":%d,"per_page":%d,"total_pages":null}}`, total, page, per)
		},
	} {
		for _, lower := range []int{0, 7} {
			for _, n := range []int{0, 1, 6, 7, 9, 10, 11, 14, 20, 25, 30} {
				fresh := func() *shop { return &shop{ids: domainIDs(n), meta: meta, lower: lower} }
				everyPage(t, fmt.Sprintf("%s/at most %d/%d items", name, lower, n), fresh, func(t *testing.T, s *shop, ids []string, err error) {
					if err != nil || !slices.Equal(ids, s.ids) {
						t.Errorf("%d items: %v", len(ids), err)
					}
					per := map[int]int{0: 10, 7: 7}[lower]
					most := max(1, (n+per-1)/per)
					if slices.Contains([]string{"no meta", "empty meta", "null meta", "meta as []", "zeros"}, name) {
						most = (n+per-1)/per + 1 // only an empty page is the end,
						if n > 0 && (lower > 0 || n%per > 0) {
							most++ // and two of them where a page was shorter than asked for
						}
					}
					if len(s.asked) != most {
						t.Errorf("%d requests, want %d", len(s.asked), most)
					}
				})
			}
		}
	}
}

func TestDataNull(t *testing.T) {
	for _, body := range []string{
		`{"status":"success","data":null}`,
		`{"status":"success","data":null,"meta":{"pagination":{"total":0,"current_page":1,"per_page":10,"total_pages":0}}}`,
		`{"status":"success","data":[]}`,
	} {
		wire := answering(body)
		client := wire.newClient(t)
		if ids, err := listIDs(t.Context(), client, nil); err != nil || len(ids) != 0 || wire.count() != 1 {
			t.Errorf("%s: %v, %v", body, ids, err)
		}
		if page, err := client.Domains.ListPage(t.Context(), nil); err != nil || len(page.Items) != 0 || page.TotalPages != 0 {
			t.Errorf("%s: %+v, %v", body, page, err)
		}
	}
	for _, body := range []string{`{"status":"success"}`, `{"status":"success","data":{"a":1}}`, `{"status":"success","data":"x"}`} {
		if ids, err := listIDs(t.Context(), answering(body).newClient(t), nil); !errors.Is(err, ErrDecode) {
			t.Errorf("%s: %v, %v", body, ids, err)
		}
	}
}

// scriptedPages serves pages as they stand, the last one for all further.
func scriptedPages(pages ...string) *fakeWire {
	var answers []answerFunc
	for _, page := range pages {
		answers = append(answers, reply(200, page))
	}
	return newWire(answers...)
}

func TestPagesThatDoNotAddUp(t *testing.T) {
	meta := func(total, page, pages int) string {
		return fmt.Sprintf(`,"meta":{"pagination":{"total":%d,"current_page":%d,"per_page":2,"total_pages":%d}}`, total, page, pages)
	}
	ab, cd, ef := []string{"a", "b"}, []string{"c", "d"}, []string{"e", "f"}
	tests := map[string]struct {
		pages    []string
		want     string // all items
		requests int
		is       error
	}{
		"the same page again":           {[]string{pageOf(ab, meta(6, 1, 3)), pageOf(ab, meta(6, 1, 3))}, "a b", 2, ErrPagination},
		"the same page later":           {[]string{pageOf(ab, meta(8, 1, 4)), pageOf(cd, meta(8, 2, 4)), pageOf(cd, meta(8, 2, 4))}, "a b c d", 3, ErrPagination},
		"a cycle of two":                {[]string{pageOf(ab, meta(99, 1, 50)), pageOf(cd, meta(99, 2, 50)), pageOf(ab, meta(99, 1, 50)), pageOf(cd, meta(99, 2, 50)), pageOf(ab, meta(99, 1, 50)), pageOf(cd, meta(99, 2, 50)), pageOf(ab, meta(99, 1, 50))}, "a b c d", 6, ErrPagination},
		"no meta, page is ignored":      {[]string{pageOf(ab, "")}, "a b", 3, nil},
		"no meta, more than asked":      {[]string{pageOf([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}, "")}, "a b c d e f g h i j k", 1, nil},
		"no meta, overlapping":          {[]string{pageOf(ab, ""), pageOf([]string{"b", "c"}, ""), pageOf(nil, "")}, "a b c", 4, nil},
		"an item twice":                 {[]string{pageOf(ab, meta(5, 1, 3)), pageOf([]string{"b", "c"}, meta(5, 2, 3)), pageOf([]string{"d", "e"}, meta(5, 3, 3))}, "a b c d e", 3, nil},
		"twice on one page":             {[]string{pageOf([]string{"a", "a", "b"}, meta(2, 1, 1))}, "a b", 1, nil},
		"an empty page in the middle":   {[]string{pageOf(ab, meta(4, 1, 3)), pageOf(nil, meta(4, 2, 3)), pageOf(cd, meta(4, 3, 3))}, "a b c d", 3, nil},
		"two empty pages in the middle": {[]string{pageOf(ab, meta(4, 1, 4)), pageOf(nil, meta(4, 2, 4)), pageOf(nil, meta(4, 3, 4)), pageOf(cd, meta(4, 4, 4))}, "a b c d", 4, nil},
		"a first page that is empty":    {[]string{pageOf(nil, meta(2, 1, 2)), pageOf(ab, meta(2, 2, 2))}, "a b", 2, nil},
		"total_pages far too high":      {[]string{pageOf(ab, meta(2, 1, 1000)), pageOf(nil, meta(2, 2, 1000))}, "a b", 5, ErrPagination},
		"total_pages too low":           {[]string{pageOf(ab, meta(6, 1, 1)), pageOf(cd, meta(6, 2, 1)), pageOf(ef, meta(6, 3, 1))}, "a b c d e f", 3, nil},
		"total too high, then empty":    {[]string{pageOf(ab, meta(50, 1, 1)), pageOf(nil, meta(50, 2, 1))}, "a b", 3, ErrPagination},
		"no meta, a hole":               {[]string{pageOf(ab, ""), pageOf(nil, ""), pageOf(cd, ""), pageOf(nil, "")}, "a b c d", 5, nil},
		"zeros beyond the end":          {[]string{pageOf(ab, meta(2, 1, 2)), pageOf(nil, meta(0, 2, 0))}, "a b", 2, nil},
		"a total without pages":         {[]string{pageOf(ab, `,"meta":{"total":2}`), pageOf(nil, `,"meta":{"total":2}`)}, "a b", 3, nil},
		"a total that is not reached":   {[]string{pageOf(ab, `,"meta":{"total":3}`), pageOf(nil, `,"meta":{"total":3}`)}, "a b", 4, ErrPagination},
		"it grows":                      {[]string{pageOf(ab, meta(2, 1, 2)), pageOf(cd, meta(4, 2, 2))}, "a b c d", 2, nil},
		"an error later":                {[]string{pageOf(ab, meta(4, 1, 2)), `{"status":"error","code":"FORBIDDEN_X","message":"no"}`}, "a b", 2, errAny},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wire := scriptedPages(test.pages...)
			got, err := collect(wire.newClient(t).Domains.All(t.Context(), &DomainListOptions{PerPage: 10}))
			if strings.Join(got, " ") != test.want || wire.count() != test.requests {
				t.Errorf("All: %v in %d requests, want %s in %d: %v", got, wire.count(), test.want, test.requests, err)
			}
			checkWalk(t, "All", err, test.is)
			wire = scriptedPages(test.pages...)
			got, err = listIDs(t.Context(), wire.newClient(t), &DomainListOptions{PerPage: 10})
			checkWalk(t, "List", err, test.is)
			if test.is == nil && strings.Join(got, " ") != test.want || test.is != nil && got != nil {
				t.Errorf("List: %v, %v", got, err)
			}
		})
	}
}

var errAny = errors.New("any error")

func checkWalk(t *testing.T, how string, err, is error) {
	t.Helper()
	switch {
	case is == nil && err != nil, is == errAny && err == nil, is == ErrPagination && !errors.Is(err, ErrPagination):
		t.Errorf("%s: got %v", how, err)
	}
	if e := new(Error); errors.Is(err, ErrPagination) && errors.As(err, &e) {
		t.Errorf("%s: a walk's own error is no *Error", how)
	}
}

func TestListThatShrinks(t *testing.T) {
	drop := func(s *shop, id string) {
		s.ids = slices.DeleteFunc(slices.Clone(s.ids), func(have string) bool { return have == id })
	}
	shrinkOnce := func() *shop {
		return &shop{ids: domainIDs(30), meta: nestedMeta, hook: func(s *shop, request, _ int) {
			if request == 2 {
				drop(s, "dom_003") // what stood at 10 is now on the page that was read
			}
		}}
	}
	t.Run("List gives one consistent reading", func(t *testing.T) {
		s := shrinkOnce()
		ids, err := listIDs(t.Context(), shopClient(t, s), &DomainListOptions{PerPage: 10})
		if err != nil || !slices.Equal(ids, s.ids) || slices.Contains(ids, "dom_003") || len(s.asked) != 5 {
			t.Errorf("%d items in %d requests: %v", len(ids), len(s.asked), err)
		}
	})
	t.Run("All gives each once", func(t *testing.T) {
		s := shrinkOnce()
		ids, err := collect(shopClient(t, s).Domains.All(t.Context(), &DomainListOptions{PerPage: 10}))
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, domainIDs(30)) || len(s.asked) != 5 {
			t.Errorf("%d items in %d requests: %v", len(ids), len(s.asked), err)
		}
	})
	shrinking := func() *shop {
		return &shop{ids: domainIDs(90), meta: nestedMeta, hook: func(s *shop, _, page int) {
			if page == 2 {
				s.ids = s.ids[:len(s.ids)-1]
			}
		}}
	}
	everyPage(t, "again and again", shrinking, func(t *testing.T, s *shop, ids []string, err error) {
		if !errors.Is(err, ErrPagination) || !strings.Contains(err.Error(), "changed") {
			t.Errorf("got %v", err)
		}
		if len(s.asked) != 2*(3+1) {
			t.Errorf("%d requests", len(s.asked))
		}
		for id, n := range counts(ids) {
			if n > 1 {
				t.Errorf("%s came %d times", id, n)
			}
		}
	})
	thrice := func() *shop {
		return &shop{ids: domainIDs(25), meta: flatMeta, hook: func(s *shop, request, page int) {
			if page == 2 && request <= 2*3 {
				s.ids = s.ids[:len(s.ids)-1]
			}
		}}
	}
	everyPage(t, "as often as is borne", thrice, func(t *testing.T, s *shop, ids []string, err error) {
		if err != nil || len(ids) < len(s.ids) {
			t.Errorf("%d items: %v", len(ids), err)
		}
	})
}

func counts(ids []string) map[string]int {
	n := map[string]int{}
	for _, id := range ids {
		n[id]++
	}
	return n
}

// zoneIDs lists the records of a zone, all or as a walk.
func zoneIDs(t *testing.T, s *shop, all bool) (ids []string, err error) {
	t.Helper()
	client, options := shopClient(t, s), &RecordListOptions{PerPage: 10}
	if all {
		for r, problem := range client.DNS.All(t.Context(), "example.com", options) {
			if problem != nil {
				return ids, problem
			}
			ids = append(ids, string(r.ID))
		}
		return ids, nil
	}
	records, err := client.DNS.List(t.Context(), "example.com", options)
	for _, r := range records {
		ids = append(ids, string(r.ID))
	}
	return ids, err
}

func TestZoneVersions(t *testing.T) {
	tests := map[string]struct {
		etag     func(request, page int) string
		requests int
		changed  bool
	}{
		"one version":                   {func(int, int) string { return `"v1"` }, 3, false},
		"none":                          {func(int, int) string { return "" }, 3, false},
		"changes once":                  {func(request, _ int) string { return map[bool]string{true: `"v1"`, false: `"v2"`}[request < 2] }, 5, false},
		"changes on the last page":      {func(request, _ int) string { return map[bool]string{true: `"v1"`, false: `"v2"`}[request < 3] }, 6, false},
		"always another":                {func(request, _ int) string { return fmt.Sprintf(`"v%d"`, request) }, 8, true},
		"a tag for each page":           {func(_, page int) string { return fmt.Sprintf(`"page%d"`, page) }, 5, false},
		"weak tags of a web server":     {func(request, _ int) string { return fmt.Sprintf(`W/"%d"`, request) }, 3, false},
		"only the first page has a tag": {func(_, page int) string { return map[int]string{1: `"v1"`}[page] }, 5, false},
	}
	for name, test := range tests {
		for _, all := range []bool{false, true} {
			s := &shop{ids: domainIDs(25), meta: nestedMeta, etag: test.etag}
			ids, err := zoneIDs(t, s, all)
			if len(s.asked) != test.requests || errors.Is(err, ErrPagination) != test.changed {
				t.Errorf("%s, all %v: %d requests, want %d: %v", name, all, len(s.asked), test.requests, err)
			}
			if !test.changed && !slices.Equal(ids, s.ids) {
				t.Errorf("%s, all %v: %d items: %v", name, all, len(ids), err)
			}
		}
	}
	s := &shop{ids: domainIDs(25), meta: nestedMeta, etag: func(request, _ int) string { return fmt.Sprintf(`"v%d"`, request) }}
	if ids, err := listIDs(t.Context(), shopClient(t, s), nil); err != nil || len(ids) != 25 {
		t.Errorf("a list without a version: %v", err)
	}
}

func TestBreakSendsNothingMore(t *testing.T) {
	for _, stop := range []int{1, 5, 10} {
		s := &shop{ids: domainIDs(30), meta: nestedMeta}
		n := 0
		for range shopClient(t, s).Domains.All(t.Context(), &DomainListOptions{PerPage: 10}) {
			if n++; n == stop {
				break
			}
		}
		if len(s.asked) != 1 {
			t.Errorf("%d requests after a break at %d", len(s.asked), stop)
		}
	}
	s := &shop{ids: domainIDs(30), meta: nestedMeta}
	_ = shopClient(t, s).Domains.All(t.Context(), nil)
	if len(s.asked) != 0 {
		t.Error("All itself sends")
	}
}

func TestOptionsAreCopiedAndWalksCanBeRepeated(t *testing.T) {
	s := &shop{ids: domainIDs(15), meta: nestedMeta}
	options := &DomainListOptions{Search: "first", PerPage: 10}
	before := *options
	all := shopClient(t, s).Domains.All(t.Context(), options)
	if *options != before {
		t.Error("the caller's options were changed")
	}
	options.Search, options.PerPage, options.Page = "second", 1, 7
	for range 2 {
		if ids, err := collect(all); err != nil || !slices.Equal(ids, s.ids) {
			t.Errorf("%v, %v", ids, err)
		}
	}
	if len(s.asked) != 4 {
		t.Errorf("%d requests", len(s.asked))
	}
	for _, query := range s.asked {
		if query.Get("search") != "first" || query.Get("per_page") != "10" {
			t.Errorf("asked for %v", query)
		}
	}
	options = &DomainListOptions{Search: "mine"}
	if _, err := shopClient(t, s).Domains.List(t.Context(), options); err != nil || options.Page != 0 || options.PerPage != 0 {
		t.Errorf("the caller's options were changed: %+v, %v", options, err)
	}
}

func TestContextGovernsEveryPage(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "mine"))
	defer cancel()
	pages := 0
	s := &shop{ids: domainIDs(100), meta: nestedMeta}
	transport := roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Context().Value(key{}) != "mine" {
			t.Error("not the caller's context")
		}
		if pages++; pages == 3 {
			cancel()
		}
		return s.RoundTrip(req)
	})
	ids, err := collect(shopClient(t, transport).Domains.All(ctx, &DomainListOptions{PerPage: 10}))
	if !errors.Is(err, context.Canceled) || pages > 3 || len(ids) < 20 {
		t.Errorf("%d pages, %d items: %v", pages, len(ids), err)
	}
	var none context.Context
	if _, err := collect(shopClient(t, s).Domains.All(none, nil)); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("nil context: %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestFreshMemory keeps one page's fields out of the next, and items apart.
func TestFreshMemory(t *testing.T) {
	wire := scriptedPages(
		`{"status":"success","data":[{"id":"a","name":"a.example","auto_renew":true,"nameservers":["ns1.example","ns2.example"],"expires_at":"2030-01-01T00:00:00Z"},{"id":"b","name":"b.example"}]}`,
		`{"status":"success","data":[{"id":"c","name":"c.example"},{"id":"d","name":"d.example","nameservers":["ns3.example"]}]}`,
		`{"status":"success","data":[]}`)
	domains, err := wire.newClient(t).Domains.List(t.Context(), nil)
	if err != nil || len(domains) != 4 {
		t.Fatalf("%d items: %v", len(domains), err)
	}
	for _, d := range domains[1:3] {
		if d.AutoRenew || d.Name != string(d.ID)+".example" || d.ExpiresAt != nil || len(d.Nameservers) != 0 {
			t.Errorf("%s has fields of another: %+v", d.ID, d)
		}
	}
	if domains[3].Nameservers[0] != "ns3.example" || domains[0].Nameservers[0] != "ns1.example" {
		t.Error("items share memory")
	}
}

func TestItemsWithoutID(t *testing.T) {
	wire := scriptedPages(`{"status":"success","data":[{"name":"a.example"},{"name":"b.example"}]}`, `{"status":"success","data":[{"name":"b.example"},{"name":"c.example"}]}`, `{"status":"success","data":[]}`)
	domains, err := wire.newClient(t).Domains.List(t.Context(), nil)
	if err != nil || len(domains) != 3 {
		t.Errorf("%+v, %v", domains, err)
	}
}

// TestNullItems drops them without mixing up the rest.
func TestNullItems(t *testing.T) {
	wire := scriptedPages(`{"status":"success","data":[null,{"name":"a.example"},null,{"name":"b.example"},{"name":"a.example"}],"meta":{"total":2,"per_page":10}}`)
	domains, err := wire.newClient(t).Domains.List(t.Context(), nil)
	if err != nil || len(domains) != 2 || domains[1].Name != "b.example" {
		t.Errorf("%+v, %v", domains, err)
	}
}

func TestRefusedOnWalks(t *testing.T) {
	wire := answering(listAnswer)
	client := wire.newClient(t)
	var meta Response
	both := func(options *DomainListOptions, opts ...CallOption) []error {
		_, one := client.Domains.List(t.Context(), options, opts...)
		_, other := collect(client.Domains.All(t.Context(), options, opts...))
		return []error{one, other}
	}
	for name, errs := range map[string][]error{
		"WithResponse": both(nil, WithResponse(&meta)),
		"page":         both(&DomainListOptions{Page: 2}),
		"per_page":     append(both(&DomainListOptions{PerPage: 101}), both(&DomainListOptions{PerPage: -1})...),
		"WithIfMatch":  both(nil, WithIfMatch(`"v1"`)),
	} {
		for _, err := range errs {
			if argument := new(ArgumentError); !errors.As(err, &argument) || !strings.Contains(err.Error(), name) || !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	if wire.count() != 0 {
		t.Errorf("%d requests", wire.count())
	}
	for _, err := range both(nil, nil, WithoutRetry(), WithResponse(nil)) {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestListPage(t *testing.T) {
	s := &shop{ids: domainIDs(25), meta: nestedMeta}
	client := shopClient(t, s)
	var meta Response
	page, err := client.Domains.ListPage(t.Context(), &DomainListOptions{Page: 3, PerPage: 10}, WithResponse(&meta))
	if err != nil || len(page.Items) != 5 || page.Number != 3 || page.PerPage != 10 || page.Total != 25 || page.TotalPages != 3 || meta.Status != 200 {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := client.Domains.ListPage(t.Context(), nil); err != nil || s.asked[1].Encode() != "" {
		t.Errorf("asked for %v: %v", s.asked[1], err)
	}
	page, err = shopClient(t, &shop{ids: domainIDs(3), meta: noMeta}).Domains.ListPage(t.Context(), &DomainListOptions{PerPage: 2})
	if err != nil || len(page.Items) != 2 || page.Number != 0 || page.PerPage != 0 || page.Total != 0 || page.TotalPages != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	if encoded, err := json.Marshal(page); err != nil || strings.Contains(string(encoded), "raw") {
		t.Errorf("%s, %v", encoded, err)
	}
	for _, options := range []DomainListOptions{{Page: -1}, {PerPage: -1}, {PerPage: 101}} {
		if _, err := client.Domains.ListPage(t.Context(), &options); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%+v: %v", options, err)
		}
	}
	for per, ok := range map[int]bool{1000: true, 1001: false} {
		if _, err := client.DNS.ListPage(t.Context(), "example.com", &RecordListOptions{PerPage: per}); (err == nil) != ok {
			t.Errorf("per_page %d: %v", per, err)
		}
	}
}

func TestWalksAskForTheLargestPages(t *testing.T) {
	s := &shop{ids: domainIDs(3), meta: nestedMeta}
	client := shopClient(t, s)
	_, _ = client.Domains.List(t.Context(), nil)
	_, _ = client.DNS.List(t.Context(), "example.com", nil)
	_, _ = client.Tokens.List(t.Context(), nil)
	var got []string
	for _, query := range s.asked {
		got = append(got, query.Get("per_page"))
		if slices.Sorted(maps.Keys(query))[0] != "page" {
			t.Errorf("asked for %v", query)
		}
	}
	if strings.Join(got, " ") != "100 1000 100" {
		t.Errorf("per_page %v", got)
	}
}

// TestItemsThatMoved: an item that comes twice while the total promises more may
// have hidden another. The walk is repeated, once.
func TestItemsThatMoved(t *testing.T) {
	moved := func() *shop {
		return &shop{ids: domainIDs(30), meta: func(_, page, per int) string { return nestedMeta(31, page, per) }, hook: func(s *shop, request, _ int) {
			if request == 2 { // one more in front: what stood last on page 1 is first on page 2
				s.ids = append([]string{"dom_new"}, s.ids...)
			}
		}}
	}
	everyPage(t, "one more in front", moved, func(t *testing.T, s *shop, ids []string, err error) {
		slices.Sort(ids)
		if err != nil || len(ids) != 31 || ids[30] != "dom_new" {
			t.Errorf("%d items: %v", len(ids), err)
		}
	})
	twice := func() *shop {
		return &shop{ids: append(domainIDs(30), "dom_003"), meta: nestedMeta}
	}
	everyPage(t, "always twice", twice, func(t *testing.T, s *shop, ids []string, err error) {
		if !errors.Is(err, ErrPagination) || !strings.Contains(err.Error(), "31 items") || !strings.Contains(err.Error(), "with 30") || len(s.asked) > 10 {
			t.Errorf("%d items in %d requests: %v", len(ids), len(s.asked), err)
		}
	})
	// A walk that begins anew late passes over many pages without anything new.
	for name, meta := range map[string]func(int, int, int) string{"late": nestedMeta, "late, no meta": noMeta} {
		s := &shop{ids: domainIDs(95), meta: meta, etag: func(request, _ int) string { return map[bool]string{true: `"v1"`, false: `"v2"`}[request < 9] }}
		if ids, err := zoneIDs(t, s, true); err != nil || !slices.Equal(ids, s.ids) {
			t.Errorf("%s: %d items: %v", name, len(ids), err)
		}
	}
}
