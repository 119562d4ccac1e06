package hoster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/internal/relay"
)

// slowShop is a shop that takes time to answer and can be asked by many at once.
type slowShop struct {
	shop
	delay time.Duration

	mu               sync.Mutex
	under, most, cut int // requests under way, the most of them, and those cancelled
}

func (s *slowShop) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.under++
	s.most = max(s.most, s.under)
	s.mu.Unlock()
	wait := time.NewTimer(s.delay)
	defer wait.Stop()
	var err error
	select {
	case <-wait.C:
	case <-req.Context().Done():
		err = req.Context().Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under--
	if err != nil {
		s.cut++
		return nil, err
	}
	return s.shop.RoundTrip(req)
}

// inBubble runs check on a fake clock with a shop of n domains, 30 ms away. The
// bubble fails where a goroutine is left.
func inBubble(t *testing.T, name string, n int, check func(t *testing.T, s *slowShop, client *Client)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &slowShop{shop: shop{ids: domainIDs(n), meta: nestedMeta}, delay: 30 * time.Millisecond}
			check(t, s, shopClient(t, s))
			if s.under != 0 {
				t.Errorf("%d requests are still under way", s.under)
			}
		})
	})
}

func TestReadAhead(t *testing.T) {
	pages := &DomainListOptions{PerPage: 10}
	for ahead, most := range map[int]time.Duration{1: 600, 2: 330, 4: 180, 8: 120, 16: 90} {
		inBubble(t, fmt.Sprintf("%d ahead", ahead), 200, func(t *testing.T, s *slowShop, client *Client) {
			for how, read := range map[string]func() ([]string, error){
				"List": func() ([]string, error) { return listIDs(t.Context(), client, pages, WithReadAhead(ahead)) },
				"All": func() ([]string, error) {
					return collect(client.Domains.All(t.Context(), pages, WithReadAhead(ahead)))
				},
			} {
				s.asked, s.most = nil, 0
				began := time.Now()
				ids, err := read()
				if took := time.Since(began); err != nil || !slices.Equal(ids, s.ids) || took > most*time.Millisecond {
					t.Errorf("%s: %d items after %v: %v", how, len(ids), took, err)
				}
				if len(s.asked) != 20 || s.most > ahead {
					t.Errorf("%s: %d requests, %d at once", how, len(s.asked), s.most)
				}
			}
		})
	}
	inBubble(t, "an early break", 200, func(t *testing.T, s *slowShop, client *Client) {
		n := 0
		for _, err := range client.Domains.All(t.Context(), pages, WithReadAhead(4)) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 15 {
				break
			}
		}
		answered := len(s.asked)
		if s.under != 0 || answered+s.cut > 6 {
			t.Errorf("%d requests under way after the break, %d answered, %d cancelled", s.under, answered, s.cut)
		}
		time.Sleep(time.Minute)
		if len(s.asked) != answered {
			t.Errorf("%d requests after the break", len(s.asked)-answered)
		}
	})
	inBubble(t, "a slow reader", 400, func(t *testing.T, s *slowShop, client *Client) {
		n := 0
		for _, err := range client.Domains.All(t.Context(), pages, WithReadAhead(3)) {
			if n%10 == 0 { // a page is read slowly: what is ahead of it waits
				time.Sleep(time.Second)
			}
			s.mu.Lock()
			asked := len(s.asked)
			s.mu.Unlock()
			if err != nil || asked > n/10+1+3 {
				t.Fatalf("item %d: %d pages: %v", n, asked, err)
			}
			n++
		}
	})
	inBubble(t, "a caller who gives up", 200, func(t *testing.T, _ *slowShop, client *Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		ids, err := collect(client.Domains.All(ctx, pages, WithReadAhead(2)))
		if !errors.Is(err, context.DeadlineExceeded) || len(ids) != 50 {
			t.Errorf("%d items: %v", len(ids), err)
		}
	})
	inBubble(t, "a panic of the reader", 200, func(t *testing.T, s *slowShop, client *Client) {
		defer func() {
			if recover() == nil || s.under != 0 {
				t.Errorf("%d requests under way", s.under)
			}
		}()
		for range client.Domains.All(t.Context(), pages, WithReadAhead(4)) {
			panic("mine")
		}
	})
}

// TestReadAheadBearsTheCallersMistakes: the panic of a transport in a page that
// is read ahead is the caller's of List, and a goroutine that the transport ends
// is an error.
func TestReadAheadBearsTheCallersMistakes(t *testing.T) {
	pages := &DomainListOptions{PerPage: 10}
	failing := func(t *testing.T, s *slowShop, fail func()) *Client {
		return shopClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Query().Get("page") == "3" {
				fail()
			}
			return s.RoundTrip(req)
		}))
	}
	inBubble(t, "a panic", 200, func(t *testing.T, s *slowShop, _ *Client) {
		client := failing(t, s, func() { panic("a mistake") })
		defer func() {
			if got := recover(); got != "a mistake" {
				t.Errorf("recovered %v", got)
			}
			if g := client.exchange.Gate().Load(); s.under != 0 || g.InFlight != 0 || g.Unheard != 0 {
				t.Errorf("%d requests are under way, %d in flight and %d unheard at the gate", s.under, g.InFlight, g.Unheard)
			}
		}()
		ids, err := listIDs(t.Context(), client, pages, WithReadAhead(4))
		t.Errorf("%d items: %v", len(ids), err)
	})
	inBubble(t, "a goroutine that ends", 200, func(t *testing.T, s *slowShop, _ *Client) {
		client := failing(t, s, runtime.Goexit) // as t.Fatal in a fake does
		if ids, err := listIDs(t.Context(), client, pages, WithReadAhead(4)); !errors.Is(err, relay.ErrAborted) || ids != nil {
			t.Errorf("%d items: %v", len(ids), err)
		}
	})
}

// TestReadAheadKeepsTheRules: errors, changes and lists that do not say their
// length are as they are without it.
func TestReadAheadKeepsTheRules(t *testing.T) {
	pages := &DomainListOptions{PerPage: 10}
	inBubble(t, "an error in the middle", 200, func(t *testing.T, s *slowShop, _ *Client) {
		client := shopClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Query().Get("page") == "7" {
				return reply(403, `{"status":"error","code":"IP_NOT_ALLOWED","message":"no"}`)(req)
			}
			return s.RoundTrip(req)
		}))
		ids, err := collect(client.Domains.All(t.Context(), pages, WithReadAhead(4)))
		if !errors.Is(err, ErrForbidden) || !slices.Equal(ids, domainIDs(60)) {
			t.Errorf("%d items: %v", len(ids), err)
		}
		if all, err := client.Domains.List(t.Context(), pages, WithReadAhead(4)); !errors.Is(err, ErrForbidden) || all != nil {
			t.Errorf("%d items: %v", len(all), err)
		}
	})
	inBubble(t, "a zone that changes", 200, func(t *testing.T, s *slowShop, client *Client) {
		s.etag = func(request, _ int) string { return map[bool]string{true: `"v1"`, false: `"v2"`}[request < 9] }
		s.hook = func(shop *shop, request, _ int) {
			if request == 9 {
				shop.ids = domainIDs(250)[50:] // what was read before is the old version
			}
		}
		records, err := client.DNS.List(t.Context(), "example.com", &RecordListOptions{PerPage: 10}, WithReadAhead(4))
		if same := slices.EqualFunc(records, s.ids, func(r Record, id string) bool { return string(r.ID) == id }); err != nil || !same {
			t.Errorf("%d items: %v", len(records), err)
		}
		s.hook = nil
		s.asked, s.etag = nil, func(request, _ int) string { return fmt.Sprintf(`"v%d"`, request) }
		if _, err := client.DNS.List(t.Context(), "example.com", &RecordListOptions{PerPage: 10}, WithReadAhead(4)); !errors.Is(err, ErrPagination) {
			t.Error(err)
		}
	})
	inBubble(t, "a list that shrinks", 200, func(t *testing.T, s *slowShop, client *Client) {
		s.hook = func(shop *shop, request, _ int) {
			if request == 9 {
				shop.ids = shop.ids[1:]
			}
		}
		if ids, err := listIDs(t.Context(), client, pages, WithReadAhead(4)); err != nil || !slices.Equal(ids, s.ids) {
			t.Errorf("%d items: %v", len(ids), err)
		}
	})
	inBubble(t, "no meta", 95, func(t *testing.T, s *slowShop, client *Client) {
		s.meta = noMeta
		if ids, err := listIDs(t.Context(), client, pages, WithReadAhead(8)); err != nil || len(ids) != 95 || len(s.asked) != 12 || s.most > 1 {
			t.Errorf("%d items in %d requests, %d at once: %v", len(ids), len(s.asked), s.most, err)
		}
	})
	inBubble(t, "the same page again", 0, func(t *testing.T, _ *slowShop, _ *Client) {
		meta := `,"meta":{"pagination":{"total":60,"current_page":1,"per_page":2,"total_pages":30}}`
		wire := scriptedPages(pageOf([]string{"a", "b"}, meta))
		_, err := wire.newClient(t).Domains.List(t.Context(), pages, WithReadAhead(4))
		if !errors.Is(err, ErrPagination) || wire.count() > 6 {
			t.Errorf("%d requests: %v", wire.count(), err)
		}
	})
	inBubble(t, "at the gate", 200, func(t *testing.T, s *slowShop, _ *Client) {
		client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: s}), WithMaxInFlight(2))
		if err != nil {
			t.Fatal(err)
		}
		if ids, err := listIDs(t.Context(), client, pages, WithReadAhead(8)); err != nil || len(ids) != 200 || s.most > 2 {
			t.Errorf("%d items, %d at once: %v", len(ids), s.most, err)
		}
	})
}

func TestReadAheadIsRefused(t *testing.T) {
	wire := answering(listAnswer)
	client := wire.newClient(t)
	_, page := client.Domains.ListPage(t.Context(), nil, WithReadAhead(4))
	_, get := client.Domains.Get(t.Context(), "example.com", WithReadAhead(4))
	_, zero := client.Domains.List(t.Context(), nil, WithReadAhead(0))
	_, negative := client.Domains.List(t.Context(), nil, WithReadAhead(-1))
	_, much := collect(client.Domains.All(t.Context(), nil, WithReadAhead(17)))
	_, both := client.Domains.List(t.Context(), nil, WithReadAhead(4), WithResponse(new(Response)))
	for name, err := range map[string]error{"ListPage": page, "Get": get, "0": zero, "-1": negative, "17": much, "WithResponse": both} {
		argument := new(ArgumentError)
		if !errors.As(err, &argument) || !strings.HasPrefix(argument.Field, "With") || name != "WithResponse" && argument.Field != "WithReadAhead" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if wire.count() != 0 {
		t.Errorf("%d requests", wire.count())
	}
}
