package hoster

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The shop of the test below: ten pages of ten domains.
const keptPages, keptPerPage = 10, 10

func keptJSON(n int) string {
	return fmt.Sprintf(`{"id":"dom_%d","name":"d%d.example","status":"active","expires_at":"2030-01-02T03:04:%02dZ","nameservers":["a%d.example","b%d.example"],"contacts":{"registrant":"con_%d"}}`, n, n, n%60, n, n, n)
}

func keptDomain(n int) Domain {
	expires := time.Date(2030, 1, 2, 3, 4, n%60, 0, time.UTC)
	return Domain{ID: fmt.Sprintf("dom_%d", n), Name: fmt.Sprintf("d%d.example", n), Status: DomainStatusActive, ExpiresAt: &expires,
		Nameservers: []string{fmt.Sprintf("a%d.example", n), fmt.Sprintf("b%d.example", n)}, Contacts: &DomainContacts{Registrant: ContactID(fmt.Sprintf("con_%d", n))}}
}

func keptPage(page int) string {
	var items []string
	for n := (page - 1) * keptPerPage; n < page*keptPerPage; n++ {
		items = append(items, keptJSON(n))
	}
	list := strings.Join(items, ",")
	if page == 3 {
		list = strings.Replace(list, `"status"`, `"st\u0061tus"`, 1) // this one goes the tolerant way
	}
	return `{"status":"success","data":[` + list + `]` + nestedMeta(keptPages*keptPerPage, page, keptPerPage) + `}`
}

type stopKey struct{} // of a context: what the shop calls amid its answer to page 5

func keptShop(req *http.Request) (*http.Response, error) {
	switch name := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]; name[0] {
	case 'e':
		return reply(422, `{"status":"error","code":"VALIDATION_ERROR","message":"not `+name+`","errors":{"name":["`+name+` is wrong"]}}`)(req)
	case 'h':
		return reply(403, "<p>No way to "+name+"</p>", "Content-Type: text/html")(req)
	default:
		n, _ := strconv.Atoi(strings.TrimSuffix(name[1:], ".example"))
		if name != "domains" {
			return reply(200, `{"status":"success","data":`+keptJSON(n)+`}`)(req)
		}
	}
	page, _ := strconv.Atoi(req.URL.Query().Get("page"))
	body := keptPage(page)
	if stop, ok := req.Context().Value(stopKey{}).(context.CancelFunc); ok && page == 5 {
		stop()
		return response(200, io.NopCloser(io.MultiReader(strings.NewReader(body[:len(body)/2]), failingReader{req.Context().Err()}))), nil
	}
	return reply(200, body)(req)
}

// kept is what one goroutine got.
type kept struct {
	domains map[*Domain]int // and which one it is
	errs    map[error]string
	bodies  map[*Response]string
}

// TestWhatWasGivenStays: the memory of answers is used again, and nothing that a
// caller got shows it, whatever else the client reads at the same time and
// however it ends.
func TestWhatWasGivenStays(t *testing.T) {
	const goroutines, rounds = 8, 10
	client := shopClient(t, roundTrip(keptShop))
	pages := &DomainListOptions{PerPage: keptPerPage}
	read := []func(k *kept, i int) error{
		func(k *kept, i int) error {
			d, err := client.Domains.Get(t.Context(), fmt.Sprintf("d%d.example", i))
			k.domains[&d] = i
			return err
		},
		func(k *kept, i int) error {
			all, err := client.Domains.List(t.Context(), pages, [][]CallOption{nil, {WithReadAhead(4)}}[i%2]...)
			for n := range all {
				k.domains[&all[n]] = n
			}
			return err
		},
		func(k *kept, i int) error { // an early break
			n := 0
			for d, err := range client.Domains.All(t.Context(), pages, WithReadAhead(1+i%5)) {
				if err != nil || n == i%(keptPages*keptPerPage) {
					return err
				}
				k.domains[&d] = n
				n++
			}
			return nil
		},
		func(k *kept, i int) error { // the caller gives up
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			for d, err := range client.Domains.All(context.WithValue(ctx, stopKey{}, cancel), pages, WithReadAhead(1+i%4)) {
				if err != nil {
					break
				}
				k.domains[&d] = n
				n++
			}
			if n == keptPages*keptPerPage {
				return fmt.Errorf("a walk that was given up has all %d items", n)
			}
			return nil
		},
		func(k *kept, i int) error {
			for _, kind := range []string{"e", "h"} {
				name := fmt.Sprintf("%s%d.example", kind, i)
				_, err := client.Domains.Get(t.Context(), name)
				if err == nil || !strings.Contains(err.Error(), name) {
					return fmt.Errorf("%s: %v", name, err)
				}
				k.errs[err] = strings.Clone(err.Error())
			}
			return nil
		},
		func(k *kept, i int) error {
			response, number := new(Response), 1+i%keptPages
			page, err := client.Domains.ListPage(t.Context(), &DomainListOptions{PerPage: keptPerPage, Page: number}, WithResponse(response))
			for n := range page.Items {
				k.domains[&page.Items[n]] = (number-1)*keptPerPage + n
			}
			k.bodies[response] = keptPage(number)
			return err
		},
	}
	all := make([]kept, goroutines)
	var running sync.WaitGroup
	for g := range all {
		k := &all[g]
		*k = kept{map[*Domain]int{}, map[error]string{}, map[*Response]string{}}
		running.Go(func() {
			for i := range rounds * len(read) {
				if err := read[(g+i)%len(read)](k, 100*g+i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	for _, k := range all {
		for got, n := range k.domains {
			if want := keptDomain(n); !reflect.DeepEqual(*got, want) {
				t.Fatalf("domain %d is %+v", n, *got)
			}
		}
		for err, text := range k.errs {
			if err.Error() != text {
				t.Errorf("%q became %q", text, err)
			}
		}
		for response, body := range k.bodies {
			if string(response.Body()) != body {
				t.Errorf("a body became %s", response.Body())
			}
		}
	}
}
