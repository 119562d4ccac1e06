package pager

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/internal/relay"
)

// script is a list whose requests are answered in turn, the last answer for all
// further ones.
type script struct {
	mu      sync.Mutex
	answers []Page[string]
	asked   []int
}

func (s *script) list() List[string] {
	return List[string]{
		Fetch: func(_ context.Context, number int, page *Page[string]) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			answer := s.answers[min(len(s.asked), len(s.answers)-1)]
			s.asked = append(s.asked, number)
			items := append(page.Items[:0], answer.Items...)
			*page = answer
			page.Items = items
			return nil
		},
		Key:       func(s *string) string { return *s },
		PerPage:   2,
		Versioned: true,
		Limits:    Limits{Pages: 20, Items: 100, Octets: 500},
	}
}

// page is one with items, a total and a number of pages, -1 for none.
func page(items string, total, pages int, version ...string) Page[string] {
	p := Page[string]{Items: strings.Fields(items), Total: total, Pages: pages, Octets: 100}
	for _, tag := range version {
		p.Version, p.Weak = strings.CutPrefix(tag, "W/")
	}
	return p
}

// read walks the list as All and Collect do.
func read(answers ...Page[string]) (all, collected []string, version Version, asked []int, errs [2]error) {
	s := &script{answers: answers}
	for item, err := range s.list().All(context.Background()) {
		if errs[0] = err; err == nil {
			all = append(all, item)
		}
	}
	asked = s.asked
	s = &script{answers: answers}
	collected, version, errs[1] = s.list().Collect(context.Background())
	return all, collected, version, asked, errs
}

func TestWalks(t *testing.T) {
	for name, test := range map[string]struct {
		answers []Page[string]
		want    string // of Collect
		asked   string
		problem string // "" for a good list
	}{
		"one page":                        {[]Page[string]{page("a", 1, 1)}, "a", "1", ""},
		"empty":                           {[]Page[string]{page("", 0, 0)}, "", "1", ""},
		"two pages":                       {[]Page[string]{page("a b", 3, 2), page("c", 3, 2)}, "a b c", "1 2", ""},
		"grows":                           {[]Page[string]{page("a b", 2, 2), page("c", 3, 2)}, "a b c", "1 2", ""},
		"shrinks":                         {[]Page[string]{page("a b", 4, 2), page("d", 3, 2), page("b c", 3, 2), page("d", 3, 2)}, "b c d", "1 2 1 2", ""},
		"shrinks for ever":                {[]Page[string]{page("a b", 9, 3), page("c d", 8, 3), page("a b", 7, 3), page("c d", 6, 3), page("a b", 5, 3), page("c d", 4, 3), page("a b", 3, 3), page("c d", 2, 3)}, "", "1 2 1 2 1 2 1 2", "changed during each of 4 walks"},
		"pages say less than total":       {[]Page[string]{page("a b", 3, 1), page("c", 3, 1)}, "a b c", "1 2", ""},
		"shorter than its total":          {[]Page[string]{page("a b", 3, 1), page("", 3, 1), page("a b", 3, 1), page("", 3, 1)}, "", "1 2 1 2", "3 items by its own total, and ended with 2"},
		"short once":                      {[]Page[string]{page("a b", 4, 2), page("b d", 4, 2), page("", 4, 2), page("a b", 4, 2), page("c d", 4, 2)}, "a b c d", "1 2 3 1 2", ""},
		"zeros beyond the end":            {[]Page[string]{page("a b", 2, 2), page("", 0, 0)}, "a b", "1 2", ""},
		"zeros, and short":                {[]Page[string]{page("a b", 3, 2), page("", 0, 0), page("a b", 3, 2), page("c", 3, 2)}, "a b c", "1 2 1 2", ""},
		"all is gone":                     {[]Page[string]{page("a b", 4, 2), page("", 0, 0), page("", 0, 0)}, "", "1 2 1", ""},
		"an item twice":                   {[]Page[string]{page("a b", 3, 2), page("b c", 3, 2)}, "a b c", "1 2", ""},
		"the same page again":             {[]Page[string]{page("a b", 6, 3), page("a b", 6, 3)}, "", "1 2", "page 2 is page 1 again"},
		"a hole":                          {[]Page[string]{page("a b", 4, 3), page("", 4, 3), page("c d", 4, 3)}, "a b c d", "1 2 3", ""},
		"holes":                           {[]Page[string]{page("a b", 4, 9), page("", 4, 9)}, "", "1 2 3 4 5", "4 pages in a row brought nothing new"},
		"no numbers":                      {[]Page[string]{page("a b", -1, -1), page("", -1, -1)}, "a b", "1 2", ""},
		"no numbers, a short page":        {[]Page[string]{page("a", -1, -1), page("", -1, -1)}, "a", "1 2 3", ""},
		"no numbers, a hole":              {[]Page[string]{page("a", -1, -1), page("", -1, -1), page("b c", -1, -1), page("", -1, -1)}, "a b c", "1 2 3 4 5", ""},
		"no numbers, not paged":           {[]Page[string]{page("a b c", -1, -1)}, "a b c", "1", ""},
		"no numbers, page is ignored":     {[]Page[string]{page("a b", -1, -1)}, "a b", "1 2", ""},
		"a total alone":                   {[]Page[string]{page("a b", 3, -1), page("c", 3, -1), page("", 3, -1)}, "a b c", "1 2 3 4", ""},
		"a total alone, not reached":      {[]Page[string]{page("a b", 3, -1), page("", 3, -1), page("a b", 3, -1), page("", 3, -1)}, "", "1 2 1 2", "3 items by its own total, and ended with 2"},
		"numbers on the first page alone": {[]Page[string]{page("a b", 3, 2), page("c", -1, -1)}, "a b c", "1 2", ""},
		"another version":                 {[]Page[string]{page("a b", 3, 2, "1"), page("c", 3, 2, "2"), page("a b", 3, 2, "2"), page("d", 3, 2, "2")}, "a b d", "1 2 1 2", ""},
	} {
		all, collected, _, asked, errs := read(test.answers...)
		if got := strings.Trim(fmt.Sprint(asked), "[]"); got != test.asked {
			t.Errorf("%s: asked for %s, want %s", name, got, test.asked)
		}
		for _, err := range errs {
			_, typed := errors.AsType[*Error](err)
			if (err == nil) != (test.problem == "") || err != nil && (!typed || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := strings.Join(collected, " "); got != test.want || (collected == nil) != (test.problem != "") {
			t.Errorf("%s: collected %q, want %q", name, got, test.want)
		}
		for _, item := range collected {
			if !slices.Contains(all, item) {
				t.Errorf("%s: All gave %v, which lacks %s", name, all, item)
			}
		}
		if slices.Sort(all); len(slices.Compact(all)) != len(all) {
			t.Errorf("%s: All gave %v", name, all)
		}
	}
}

func TestVersions(t *testing.T) {
	for name, test := range map[string]struct {
		tags  string // of the two pages of each walk, in turn
		want  Version
		walks int
	}{
		"one":                   {"1 1", Version{Tag: "1"}, 1},
		"none":                  {"- -", Version{}, 1},
		"one for each page":     {"1 2 1 2", Version{}, 2},
		"it changes":            {"1 2 2 2", Version{Tag: "2"}, 2},
		"weak":                  {"W/1 W/1", Version{Tag: "1", Weak: true}, 1},
		"weak, for each page":   {"W/1 W/2", Version{}, 1},
		"compressed in part":    {"W/1 1", Version{Tag: "1"}, 1},
		"the other part":        {"1 W/1", Version{Tag: "1"}, 1},
		"weak, and it changes":  {"W/1 2 W/2 2", Version{Tag: "2"}, 2},
		"the last page without": {"1 - 1 -", Version{}, 2},
	} {
		var answers []Page[string]
		for i, tag := range strings.Fields(test.tags) {
			answers = append(answers, page([]string{"a b", "c"}[i%2], 3, 2, strings.TrimPrefix(tag, "-")))
		}
		_, collected, version, asked, errs := read(answers...)
		if version != test.want || len(asked) != 2*test.walks || len(collected) != 3 || errs != [2]error{} {
			t.Errorf("%s: version %+v, asked for %v, %v", name, version, asked, errs)
		}
	}
	s := &script{answers: []Page[string]{page("a b", 3, 2, "1"), page("c", 3, 2, "2")}}
	list := s.list()
	list.Versioned = false
	if _, version, err := list.Collect(t.Context()); version != (Version{}) || err != nil || len(s.asked) != 2 {
		t.Errorf("tags of pages: %v, %v", version, err)
	}
}

// TestTwoKeysWithOneHash are told by the second walk, which hashes otherwise.
func TestTwoKeysWithOneHash(t *testing.T) {
	w := walk[string]{seen: &keySet{size: 30}, again: &keySet{size: 31}}
	if err := w.check(31); err == nil || !strings.Contains(err.Error(), "31 items came, and 30") {
		t.Error(err)
	}
}

// TestListsWithoutEnd come to one.
func TestListsWithoutEnd(t *testing.T) {
	for what, test := range map[string]struct {
		limits Limits
		octets int
		want   string
	}{
		"pages":  {Limits{Pages: 7, Items: 1000, Octets: 1000}, 1, "more than 7 pages"},
		"items":  {Limits{Pages: 1000, Items: 7, Octets: 1000}, 1, "more than 7 items"},
		"octets": {Limits{Pages: 1000, Items: 1000, Octets: 700}, 100, "more than 700 octets"},
	} {
		for _, numbered := range []bool{false, true} {
			asked := 0
			list := List[int]{PerPage: 1, Limits: test.limits, Key: func(i *int) string { return fmt.Sprint(*i) }, Fetch: func(_ context.Context, number int, p *Page[int]) error {
				asked++
				p.Items, p.Octets = append(p.Items[:0], number), test.octets
				if numbered {
					p.Total, p.Pages = number+1, number+1
				}
				return nil
			}}
			if items, _, err := list.Collect(t.Context()); items != nil || err == nil || !strings.Contains(err.Error(), test.want) || asked > 8 {
				t.Errorf("%s: %d items of %d pages, %v", what, len(items), asked, err)
			}
			n := 0
			for _, err := range list.All(t.Context()) {
				if n++; err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: %v", what, err)
				}
				if n == 20 { // what All read is no longer held
					break
				}
			}
			if (n == 20) != (what == "octets") {
				t.Errorf("%s: %d items", what, n)
			}
		}
	}
}

// TestAWalkThatBeginsAnew has as much room as the first one.
func TestAWalkThatBeginsAnew(t *testing.T) {
	s := &script{answers: []Page[string]{page("a b", 4, 2), page("b d", 4, 2), page("", 4, 2), page("a b", 4, 2), page("c d", 4, 2)}}
	list := s.list()
	list.Limits.Octets = 300
	if items, _, err := list.Collect(t.Context()); err != nil || len(items) != 4 {
		t.Errorf("%v, %v", items, err)
	}
}

// TestAheadEnds: a panic or an end of the goroutine that reads a page reaches the
// walk, and no goroutine is left, which the bubble would tell.
func TestAheadEnds(t *testing.T) {
	for what, fail := range map[string]func(){"panic": func() { panic("a mistake") }, "Goexit": runtime.Goexit, "break": func() {}} {
		synctest.Test(t, func(t *testing.T) {
			list := List[int]{PerPage: 1, Ahead: 3, Limits: Limits{Pages: 99, Items: 99}, Key: func(i *int) string { return fmt.Sprint(*i) }, Fetch: func(ctx context.Context, number int, p *Page[int]) error {
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
					return ctx.Err()
				}
				if number == 3 {
					fail()
				}
				p.Items, p.Total, p.Pages = append(p.Items[:0], number), 10, 10
				return nil
			}}
			defer func() {
				if got := recover(); (got == "a mistake") != (what == "panic") {
					t.Errorf("%s: recovered %v", what, got)
				}
			}()
			for i, err := range list.All(t.Context()) {
				if err != nil && !(what == "Goexit" && err == relay.ErrAborted) {
					t.Errorf("%s: %v", what, err)
				}
				if i == 3 {
					break
				}
			}
		})
	}
}
