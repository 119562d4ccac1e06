package dialect

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// watch is a transport of a test's below a dialect.
type watch func(*http.Request) (*http.Response, error)

func (w watch) RoundTrip(req *http.Request) (*http.Response, error) { return w(req) }

func over(table *Table, next http.RoundTripper) hoster.Option {
	return hoster.WithHTTPClient(&http.Client{Transport: &Transport{Table: table, Next: next}})
}

var renames = `{"dialect": 1, "name": "test", "base": "/v1",
	"resources": {"record": {"value": "content"}, "domain": {"name": "domain_name"}},
	"operations": {"DNS.Create": {"send": "POST /zones/{domain}/records", "resource": "record"}, "Domains.Get": {"send": "GET /d/{domain}", "resource": "domain"}}}`

// TestAWriteIsHandedOnOnce: with the body in the brand's form, which cannot be had
// twice, its length, and the idempotency key as the SDK sends it.
func TestAWriteIsHandedOnOnce(t *testing.T) {
	var sent atomic.Int32
	next := watch(func(req *http.Request) (*http.Response, error) {
		sent.Add(1)
		if req.GetBody != nil {
			t.Error("the body can be had twice")
		}
		asSent := strings.ToLower("Idempotency-Key") // net/http would repeat a request that has the canonical name
		if len(req.Header[asSent]) != 1 || req.Header.Get("Idempotency-Key") != "" {
			t.Errorf("%v", req.Header)
		}
		body, _ := io.ReadAll(req.Body)
		if want := `{"content":"192.0.2.1","name":"www","type":"A"}`; string(body) != want || req.ContentLength != int64(len(want)) {
			t.Errorf("%d octets: %s", req.ContentLength, body)
		}
		return nil, errors.New("reset")
	})
	client := clientOf(t, parse(t, renames), "http://127.0.0.1/v1", over(parse(t, renames), next))
	_, err := client.DNS.Create(t.Context(), "a.example", hoster.NewRecord("www", dnszone.A{Addr: addr("192.0.2.1")}), hoster.WithIdempotencyKey("key-1"))
	if !errors.Is(err, hoster.ErrOutcomeUnknown) || sent.Load() != 1 {
		t.Errorf("%d times: %v", sent.Load(), err)
	}
}

// TestNothingWasSent: a write is sent again when there was no connection, though its
// body was put into another form.
func TestNothingWasSent(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for name, failure := range map[string]error{"a dial": refused, "a limiter": fmt.Errorf("limiter: %w", hoster.ErrNotSent)} {
		var sent int
		next := watch(func(req *http.Request) (*http.Response, error) {
			if sent++; sent == 1 {
				_ = req.Body.Close()
				return nil, failure
			}
			_, _ = io.Copy(io.Discard, req.Body)
			_ = req.Body.Close()
			return &http.Response{StatusCode: 201, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(
				`{"status":"success","data":{"id":1,"name":"www","type":"A","content":"192.0.2.1","ttl":60}}`)), ContentLength: -1, Request: req}, nil
		})
		client := clientOf(t, parse(t, renames), "http://127.0.0.1/v1", over(parse(t, renames), next), hoster.WithRetryPolicy(fast))
		record, err := client.DNS.Create(t.Context(), "a.example", hoster.NewRecord("www", dnszone.A{Addr: addr("192.0.2.1")}))
		if err != nil || record.Value != "192.0.2.1" || sent != 2 {
			t.Errorf("%s: %d times, %+v, %v", name, sent, record, err)
		}
	}
}

// TestLookupsThatFail: a write whose number could not be had was not sent, and is
// tried again; an answer of the API's about it is the answer to the write.
func TestLookupsThatFail(t *testing.T) {
	for _, test := range []struct {
		status int
		want   error
		asked  int
	}{
		{500, hoster.ErrServer, 2}, {404, nil, 1}, {401, hoster.ErrUnauthorized, 1}, {422, hoster.ErrValidation, 1},
	} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
			w.WriteHeader(test.status)
			fmt.Fprint(w, `{"status":"error","code":"SOME_CODE","message":"no"}`)
		})
		client := clientOf(t, tableOf(t, "openprovider"), b.url+"/v1beta", hoster.WithRetryPolicy(fast))
		_, err := client.Domains.Update(t.Context(), "a.example", hoster.DomainUpdate{AutoRenew: hoster.Set(true)})
		asked := b.took()
		if err == nil || errors.Is(err, hoster.ErrOutcomeUnknown) || test.want != nil && test.status != 500 && !errors.Is(err, test.want) || len(asked) < test.asked {
			t.Errorf("%d: %v after %q", test.status, err, asked)
		}
		for _, line := range asked {
			if !strings.HasPrefix(line, "GET /v1beta/domains?full_name=a.example") {
				t.Errorf("%d: asked %s", test.status, line)
			}
		}
	}
}

// TestNumbers: the number of a domain is asked for under its name, and no other.
func TestNumbers(t *testing.T) {
	const one, two = `{"id":7,"domain":{"name":"a","extension":"example"}}`, `{"id":8,"domain":{"name":"xa","extension":"example"}}`
	for _, test := range []struct {
		list string
		want error
		id   string
	}{
		{`[` + two + `,` + one + `]`, nil, "7"},
		{`[` + one + `,` + one + `]`, nil, "7"},
		{`[` + two + `]`, hoster.ErrNotFound, ""},
		{`null`, hoster.ErrNotFound, ""},
		{`[` + one + `,` + strings.Replace(one, "7", "9", 1) + `]`, hoster.ErrConflict, ""},
	} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
			if r.URL.Path == "/v1beta/domains" {
				fmt.Fprintf(w, `{"code":0,"desc":"","data":{"results":%s}}`, test.list)
				return
			}
			fmt.Fprintf(w, `{"code":0,"desc":"","data":%s}`, one)
		})
		d, err := clientOf(t, tableOf(t, "openprovider"), b.url+"/v1beta").Domains.Get(t.Context(), "a.example")
		asked := b.took()
		if !errors.Is(err, test.want) || test.id != "" && (d.Name != "a.example" || string(d.ID) != test.id || asked[1] != "GET /v1beta/domains/7") || test.id == "" && len(asked) != 1 {
			t.Errorf("%s: %+v, %v after %q", test.list, d, err, asked)
		}
	}
}

// TestRedirects: a redirect within the brand is followed to where it leads, and the
// answer there is the brand's.
func TestRedirects(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		if r.URL.Path == "/v1/d/a.example" {
			w.Header().Set("Location", "b/c?x=1")
			w.WriteHeader(302)
			return
		}
		fmt.Fprint(w, `{"data":{"domain_name":"a.example"}}`)
	})
	d, err := clientOf(t, parse(t, renames), b.url+"/v1").Domains.Get(t.Context(), "a.example")
	if err != nil || d.Name != "a.example" {
		t.Errorf("%+v, %v", d, err)
	}
	b.wants(t, "GET /v1/d/a.example", "GET /v1/d/b/c?x=1")
}

// TestWhatIsNotNamedPasses: other calls, and answers that are no JSON.
func TestWhatIsNotNamedPasses(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		if strings.HasSuffix(r.URL.Path, "/pdf") {
			w.Header().Set("Content-Type", "application/pdf")
			fmt.Fprint(w, "%PDF-1.7")
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"id":"cust_1","name":"n","email":"e@example.com"}}`)
	})
	table := parse(t, `{"dialect": 1, "name": "test", "base": "/v1", "operations": {"Invoices.PDF": {"send": "GET /bills/{id}/pdf"}}}`)
	client := clientOf(t, table, b.url+"/v1")
	if p, err := client.Account.Profile(t.Context()); err != nil || p.ID != "cust_1" {
		t.Errorf("%+v, %v", p, err)
	}
	var pdf strings.Builder
	if body, err := client.Invoices.PDF(t.Context(), "inv_1"); err != nil {
		t.Error(err)
	} else {
		_, _ = io.Copy(&pdf, body)
		_ = body.Close()
	}
	if pdf.String() != "%PDF-1.7" {
		t.Errorf("%q", pdf.String())
	}
	b.wants(t, "GET /v1/account/profile", "GET /v1/bills/inv_1/pdf")
}

// TestBrokenAnswers: an answer that ends before its end is broken for the SDK as
// well, and one that is too long too.
func TestBrokenAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"data":{"domain_name":"a.example"`)
	}))
	t.Cleanup(server.Close)
	client := clientOf(t, parse(t, renames), server.URL+"/v1", hoster.WithRetryPolicy(fast))
	if d, err := client.Domains.Get(t.Context(), "a.example"); err == nil || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestAnotherBase: a client whose base URL has another path than the table is for
// sends nothing.
func TestAnotherBase(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {})
	for _, base := range []string{"/v2", "/v10", ""} {
		_, err := clientOf(t, parse(t, renames), b.url+base).Domains.Get(t.Context(), "a.example")
		if !errors.Is(err, hoster.ErrNotSupported) || !strings.Contains(err.Error(), `with the path "/v1"`) {
			t.Errorf("%q: %v", base, err)
		}
	}
	b.wants(t)
}

// TestWhatFollows: more JSON behind an answer is an error with a table too.
func TestWhatFollows(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		fmt.Fprint(w, `{"data":{"domain_name":"a.example"}} {"data":{"domain_name":"b.example"}}`)
	})
	if d, err := clientOf(t, parse(t, renames), b.url+"/v1").Domains.Get(t.Context(), "a.example"); !errors.Is(err, hoster.ErrDecode) {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestAReadWithABody: a read that is a POST at the brand says what its body is.
func TestAReadWithABody(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		if media := r.Header.Get("Content-Type"); media != "application/json" {
			t.Errorf("%q", media)
		}
		fmt.Fprint(w, `[{"domain":"one.example","is_available":true}]`)
	})
	client := clientOf(t, tableOf(t, "hostinger"), b.url+"/api")
	if free, err := client.Domains.Availability(t.Context(), []string{"one.example"}); err != nil || len(free) != 1 || !free[0].Available {
		t.Errorf("%+v, %v", free, err)
	}
	b.wants(t, `POST /api/domains/v1/availability {"domain":"one","tlds":["example"]}`)
	if _, err := client.Domains.Availability(t.Context(), []string{"one.example", "two.example"}); !errors.Is(err, hoster.ErrValidation) {
		t.Error(err)
	}
	b.wants(t)
}

// TestAnswersDoNotMix: answers that are read at once, and bodies that are closed amid
// their reading, do not touch each other's memory.
func TestAnswersDoNotMix(t *testing.T) {
	table := parse(t, renames)
	name := func(i int) string { return fmt.Sprintf("name-%d-%sx.example", i, strings.Repeat("x", i%40)) }
	next := watch(func(req *http.Request) (*http.Response, error) {
		domain := strings.TrimPrefix(req.URL.Path, "/v1/d/")
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Request: req,
			Body: io.NopCloser(strings.NewReader(`{"data":{"domain_name":"` + domain + `"}}`))}, nil
	})
	client := clientOf(t, table, "http://127.0.0.1/v1", over(table, next))
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 100 {
				want := name(g*100 + i)
				if d, err := client.Domains.Get(t.Context(), want); err != nil || d.Name != want {
					t.Errorf("%s, want %s: %v", d.Name, want, err)
				}
			}
		})
	}
	all.Wait()

	pipe, writer := io.Pipe()
	body := &answerBody{call: &call{table: table, operation: table.operations["Domains.Get"]}, status: 200, header: http.Header{}, length: -1, under: pipe}
	began := make(chan bool)
	var err error
	all.Go(func() {
		began <- true
		_, err = io.ReadAll(body)
	})
	<-began
	if _, wrong := writer.Write([]byte(`{"data"`)); wrong != nil {
		t.Fatal(wrong)
	}
	_ = body.Close()
	all.Wait()
	if !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Error(err)
	}
	if kept := memories.Get().(*memory); kept == body.memory {
		t.Error("the memory of a body that was being read is used again")
	}
	if _, err := body.Read(make([]byte, 9)); !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Error(err)
	}
}

// TestHostilePaths: what a parameter holds stays in its segment.
func TestHostilePaths(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		fmt.Fprint(w, `{"data":{"id":"x","number":"1","items":[]}}`)
	})
	table := parse(t, `{"dialect": 1, "name": "test", "base": "/v1", "operations": {"Orders.Get": {"send": "GET /o/{id}?again={id}"}}}`)
	client := clientOf(t, table, b.url+"/v1")
	for id, want := range map[hoster.OrderID]string{
		"a/../b": "GET /v1/o/a%2F..%2Fb?again=a%2F..%2Fb", "a?b=c&d#e": "GET /v1/o/a%3Fb=c&d%23e?again=a%3Fb%3Dc%26d%23e", "a%2fb": "GET /v1/o/a%252fb?again=a%252fb",
	} {
		if _, err := client.Orders.Get(t.Context(), id); err != nil {
			t.Error(err)
		}
		b.wants(t, want)
	}
}

// fast repeats without waits that a test would notice.
var fast = hoster.RetryPolicy{MaxAttempts: 3, MinWait: time.Nanosecond, MaxWait: time.Microsecond, MaxRetryAfter: time.Second}

// TestATransportWithoutNext sends nothing, and says so.
func TestATransportWithoutNext(t *testing.T) {
	table := parse(t, `{"dialect": 1, "name": "test", "base": "/v1"}`)
	client, err := hoster.NewClient(hoster.WithBaseURL("http://127.0.0.1:1/v1"), hoster.WithToken("t0ken"), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}), over(table, nil))
	if err != nil {
		t.Fatal(err)
	}
	err = client.DNS.Delete(t.Context(), "example.com", "rec_1")
	if !errors.Is(err, hoster.ErrNotSent) || errors.Is(err, hoster.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}
