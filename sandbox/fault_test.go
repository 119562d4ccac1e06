package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

const fine = `{"type":"A","name":"f","value":"192.0.2.1"}`

func TestFaultsHitWhatTheyName(t *testing.T) {
	a := newAPI(t)
	a.Inject(sandbox.Fault{Operation: "Domains.Get", Skip: 1, Times: 2, Status: 599})
	a.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Status: 7, Match: func(r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		a.Count("") // Match may ask the server
		return err == nil && strings.Contains(string(body), "192.0.2.1")
	}})
	remove := a.Inject(sandbox.Fault{Operation: "Domains.List", Status: 418, Times: -1})
	status := func(method, path, body string) int {
		req := httptest.NewRequest(method, "/v1"+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+a.token)
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, req)
		return w.Code
	}
	for i, want := range []int{200, 599, 599, 200} {
		if got := status("GET", "/domains/example.com", ""); got != want {
			t.Errorf("request %d: %d, want %d", i, got, want)
		}
	}
	for range 3 {
		if got := status("POST", zone, fine); got != 500 {
			t.Errorf("a status that HTTP does not have: %d", got)
		}
	}
	if got := status("POST", zone, strings.Replace(fine, ".1", ".9", 1)); got != 201 {
		t.Errorf("no match: %d", got)
	}
	if got := status("GET", "/domains", ""); got != 418 {
		t.Errorf("before remove: %d", got)
	}
	remove()
	remove()
	if got := status("GET", "/domains", ""); got != 200 {
		t.Errorf("after remove: %d", got)
	}
}

func TestFaultAnswers(t *testing.T) {
	a := newAPI(t)
	serve := func() *httptest.ResponseRecorder {
		req := httptest.NewRequest("POST", "/v1"+zone, strings.NewReader(fine))
		req.Header.Set("Authorization", "Bearer "+a.token)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, req)
		return w
	}
	a.Inject(sandbox.Fault{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<h1>no</h1>"})
	w := serve()
	if w.Code != 502 || w.Body.String() != "<h1>no</h1>" || w.Header().Get("Content-Type") != "text/html" || w.Header().Get("X-Request-Id") != "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if len(a.Writes()) != 0 {
		t.Error("work was done")
	}
	// After: the work is done and kept under its key, its answer is lost.
	a.Inject(sandbox.Fault{After: true, Status: 504, Body: `{}`})
	if w := serve(); w.Code != 504 || w.Header().Get("Content-Type") != "application/json" || len(a.Writes()) != 1 {
		t.Errorf("%d %v, %d writes", w.Code, w.Header(), len(a.Writes()))
	}
	if w := serve(); w.Code != 201 || w.Header().Get("Idempotent-Replayed") != "true" || len(a.Writes()) != 1 {
		t.Errorf("again: %d %v, %d writes", w.Code, w.Header(), len(a.Writes()))
	}
	// Stale: a read from before that write.
	a.Inject(sandbox.Fault{Stale: true})
	for want, when := range []string{"stale", "fresh"} {
		if got := len(decode[[]any](t, a.do("GET", zone+"?name=f", ""))); got != want {
			t.Errorf("%s read shows %d records", when, got)
		}
	}
}

// TestStaleAfterEveryKindOfWrite changes, deletes and updates from outside.
func TestStaleAfterEveryKindOfWrite(t *testing.T) {
	a := newAPI(t)
	rec := a.record(fine)
	value := func(stale bool) string {
		if stale {
			a.Inject(sandbox.Fault{Stale: true})
		}
		r := a.do("GET", zone+"/"+rec.ID, "")
		if r.Code != 200 {
			return r.body.Code
		}
		return decode[sandbox.Record](t, r).Value
	}
	for _, step := range []struct {
		write       func()
		stale, then string
	}{
		{func() { a.do("PATCH", zone+"/"+rec.ID, `{"value":"192.0.2.2"}`) }, "192.0.2.1", "192.0.2.2"},
		{func() { a.do("PATCH", zone+"/"+rec.ID, `{"value":"192.0.2.2"}`) }, "192.0.2.1", "192.0.2.2"}, // changed nothing
		{func() {
			a.Update(func(st *sandbox.State) { st.Domain("example.com").Record(rec.ID).Value = "192.0.2.3" })
		}, "192.0.2.2", "192.0.2.3"},
		{func() { a.do("DELETE", zone+"/"+rec.ID, "") }, "192.0.2.3", "NOT_FOUND"},
	} {
		step.write()
		if stale, then := value(true), value(false); stale != step.stale || then != step.then {
			t.Errorf("%s, then %s; want %s, then %s", stale, then, step.stale, step.then)
		}
	}
}

// TestDelays runs in fake time: while a first request is slow its key is in
// progress, and who gives up has done nothing, unless After says so.
func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t)
		serve := func(ctx context.Context, key string) (status int) {
			defer func() {
				if recover() != nil {
					status = 0 // the connection was cut
				}
			}()
			req := httptest.NewRequestWithContext(ctx, "POST", "/v1"+zone, strings.NewReader(strings.Replace(fine, "f", key, 1)))
			req.Header.Set("Authorization", "Bearer "+a.token)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", key)
			w := httptest.NewRecorder()
			a.ServeHTTP(w, req)
			return w.Code
		}
		a.Inject(sandbox.Fault{Operation: "DNS.Create", Delay: time.Minute})
		slow := make(chan int)
		go func() { slow <- serve(t.Context(), "slow") }()
		synctest.Wait()
		if got := serve(t.Context(), "slow"); got != 409 {
			t.Errorf("while the first still runs: %d", got)
		}
		if got := <-slow; got != 201 {
			t.Errorf("the first: %d", got)
		}
		for _, tt := range []struct {
			name  string
			fault sandbox.Fault
			works bool // although the client gave up
		}{
			{"wait", sandbox.Fault{Delay: time.Hour}, false},
			{"wait-status", sandbox.Fault{Delay: time.Hour, Status: 503}, false},
			{"wait-reset", sandbox.Fault{Delay: time.Hour, Reset: true}, false},
			{"wait-work-reset", sandbox.Fault{Delay: time.Hour, After: true, Reset: true}, true},
		} {
			a.ForgetRecords()
			a.Inject(tt.fault)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if got := serve(ctx, tt.name); got != 0 {
				t.Errorf("%s: an answer for who has gone: %d", tt.name, got)
			}
			cancel()
			if worked := len(a.Writes()) == 1; worked != tt.works {
				t.Errorf("%s: writes %v", tt.name, a.Writes())
			}
			if got := serve(t.Context(), tt.name); got != 201 || len(a.Writes()) != 1 {
				t.Errorf("%s: the same key again: %d, writes %v", tt.name, got, a.Writes())
			}
		}
	})
}

func TestRecordings(t *testing.T) {
	var log strings.Builder
	a := newAPI(t, sandbox.WithLog(&log))
	a.do("POST", zone+"?debug=1", fine, "Idempotency-Key", "k", "X-Test", "yes")
	a.do("GET", "/domains", "", "Authorization", "")
	a.do("GET", "/a%2Fb", "")
	reqs := a.Requests()
	if len(reqs) != 3 {
		t.Fatalf("%d requests", len(reqs))
	}
	r := reqs[0]
	if r.Operation != "DNS.Create" || r.Method != "POST" || r.Path != "/v1"+zone || r.RawQuery != "debug=1" || string(r.Body) != fine ||
		r.Status != 201 || !r.Authorized || r.TokenID == "" || !r.Time.Equal(start) ||
		r.Header.Get("X-Test") != "yes" || r.Header.Get("Authorization") != "" {
		t.Errorf("%+v", r)
	}
	if reqs[1].Authorized || reqs[1].Status != 401 || reqs[2].Operation != "" || reqs[2].Path != "/v1/a%2Fb" {
		t.Errorf("%+v", reqs[1:])
	}
	w := a.Writes()
	if len(w) != 1 || w[0].Operation != "DNS.Create" || !strings.HasPrefix(w[0].Object, "rec_") || w[0].IdempotencyKey != "k" || w[0].TokenID != r.TokenID {
		t.Errorf("%+v", w)
	}
	if a.Count("DNS.Create") != 1 || a.Count("Domains.List") != 1 || a.Count("") != 1 {
		t.Error("counts are wrong")
	}
	lines := strings.Split(log.String(), "\n")
	want := "2030-01-02T03:04:05Z POST /v1" + zone + " 201 0s " + r.RequestID + " DNS.Create"
	if len(lines) != 4 || lines[0] != want || strings.Contains(log.String(), a.token) || strings.Contains(log.String(), "debug") {
		t.Errorf("log:\n%s", &log)
	}
	a.ForgetRecords()
	if len(a.Requests())+len(a.Writes())+a.Count("DNS.Create") != 0 {
		t.Error("not forgotten")
	}
	for range 10_001 {
		a.do("GET", "/domains", "", "Authorization", "")
	}
	if reqs := a.Requests(); len(reqs) != 10_000 || a.Count("Domains.List") != 10_001 {
		t.Errorf("%d kept, %d counted", len(reqs), a.Count("Domains.List"))
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	a := newAPI(t, sandbox.WithRateLimit(0, 0), sandbox.WithLog(io.Discard))
	rec := a.record(fine)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				a.do("GET", zone, "")
				a.do("PATCH", zone+"/"+rec.ID, fmt.Sprintf(`{"value":"192.0.2.%d"}`, i*20+n%20))
				a.do("GET", "/account/tokens/current", "")
				remove := a.Inject(sandbox.Fault{Operation: "DNS.Get", Stale: true})
				a.do("GET", zone+"/"+rec.ID, "")
				remove()
				a.Update(func(st *sandbox.State) { st.Domain("example.net").Records[2].TTL = 60 + n })
				a.Requests()
			}
		})
	}
	all.Wait()
	if got := a.Count("DNS.Update"); got != 400 {
		t.Errorf("%d updates", got)
	}
}

func TestOperationsAreKnown(t *testing.T) {
	srv := sandbox.New(sandbox.Without(sandbox.Batch))
	for _, name := range sandbox.Operations() {
		srv.Inject(sandbox.Fault{Operation: name})()
		if n := srv.Count(name); n != 0 {
			t.Errorf("%s was called %d times", name, n)
		}
	}
	for _, name := range []string{"Domain.List", "DNS.list", "DNS.Create ", "dns/create"} {
		for does, do := range map[string]func(){
			"Inject": func() { srv.Inject(sandbox.Fault{Operation: name}) },
			"Count":  func() { srv.Count(name) },
		} {
			said := func() (said string) {
				defer func() { said, _ = recover().(string) }()
				do()
				return ""
			}()
			if !strings.Contains(said, strconv.Quote(name)) || !strings.Contains(said, "DNS.Create, ") {
				t.Errorf("%s(%q) says %q", does, name, said)
			}
		}
	}
}

func TestFeaturesAreKnown(t *testing.T) {
	sandbox.New(sandbox.Without(sandbox.Features()...))
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, `"etag"`) || !strings.Contains(said, `"etags"`) {
			t.Errorf("Without says %q", said)
		}
	}()
	sandbox.Without(sandbox.Batch, "etag")
}

func TestRewrite(t *testing.T) {
	a := newAPI(t)
	made := decode[sandbox.Record](t, a.do("POST", zone, fine).expect(t, 201, ""))
	whole := a.do("GET", zone, "").expect(t, 200, "")
	before := decode[[]map[string]any](t, whole)

	a.Inject(sandbox.Fault{Operation: "DNS.List", Rewrite: func(items []map[string]any) []map[string]any {
		slices.Reverse(items)
		for _, item := range items {
			item["ttl"] = max(item["ttl"].(float64), 7200)
			item["content"] = item["value"]
			delete(item, "value")
		}
		return items[1:]
	}})
	r := a.do("GET", zone, "").expect(t, 200, "")
	after := decode[[]map[string]any](t, r)
	if len(after) != len(before)-1 {
		t.Fatalf("%d items of %d", len(after), len(before))
	}
	for i, item := range after {
		was := before[len(before)-2-i]
		if item["id"] != was["id"] || item["content"] != was["value"] || item["ttl"] != max(was["ttl"].(float64), 7200) || len(item) != len(was) {
			t.Errorf("item %d is %v, was %v", i, item, was)
		}
	}
	if got := r.Header().Get("Content-Length"); got != strconv.Itoa(r.Body.Len()) || r.Header().Get("ETag") != whole.Header().Get("ETag") {
		t.Errorf("header %v", r.Header())
	}
	if again := a.do("GET", zone, ""); again.Body.String() != whole.Body.String() {
		t.Error("the rewriting goes on, or has changed the state")
	}

	drop := func(items []map[string]any) []map[string]any {
		for _, item := range items {
			delete(item, "id")
		}
		return items
	}
	none := func([]map[string]any) []map[string]any { return nil }
	for _, test := range []struct {
		method, path string
		rewrite      func([]map[string]any) []map[string]any
		want         string
	}{
		{"GET", zone + "/" + made.ID, drop, `"data":{"created_at"`},
		{"GET", zone + "/" + made.ID, none, `"data":null`},
		{"GET", zone, none, `"data":[]`},
		{"GET", zone + "/none", drop, `"code":"NOT_FOUND"`},
	} {
		a.Inject(sandbox.Fault{Rewrite: test.rewrite})
		if r := a.do(test.method, test.path, ""); !strings.Contains(r.Body.String(), test.want) {
			t.Errorf("%s %s: %s", test.method, test.path, r.Body)
		}
	}
	a.Inject(sandbox.Fault{Rewrite: func(items []map[string]any) []map[string]any {
		t.Errorf("rewrites an answer without a body: %v", items)
		return items
	}})
	a.do("DELETE", zone+"/"+made.ID, "").expect(t, 204, "")
}

// TestHook changes the world while a walk is at its third page, and revokes a
// token whose request has just arrived.
func TestHook(t *testing.T) {
	a := newAPI(t)
	a.Inject(sandbox.Fault{Operation: "DNS.List", Skip: 2, Hook: func() {
		a.Update(func(st *sandbox.State) { st.Domain("example.com").Records[2].TTL = 120 })
	}})
	var tags []string
	for page := range 4 {
		tags = append(tags, a.do("GET", zone+"?per_page=2&page="+strconv.Itoa(page+1), "").expect(t, 200, "").Header().Get("ETag"))
	}
	if tags[0] != tags[1] || tags[1] == tags[2] || tags[2] != tags[3] {
		t.Errorf("the tags of the pages are %q", tags)
	}

	id, secret := a.MintToken(sandbox.TokenSpec{Scopes: []string{"account:read"}})
	a.Inject(sandbox.Fault{Operation: "Account.Profile", Hook: func() {
		a.Update(func(st *sandbox.State) { st.Token(id).Revoked = true })
	}})
	a.as(secret).do("GET", "/account/profile", "").expect(t, 401, "TOKEN_REVOKED")
}

func TestDateFollowsTheClock(t *testing.T) {
	a := newAPI(t)
	date := func() string {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest("GET", "/v1/account/profile", nil))
		return w.Header().Get("Date")
	}
	if got := date(); got != start.Format(http.TimeFormat) {
		t.Error("the date is", got)
	}
	a.Inject(sandbox.Fault{Status: 503})
	if got := date(); got != start.Format(http.TimeFormat) {
		t.Error("the date of a fault is", got)
	}
	a.Inject(sandbox.Fault{Status: 503, Header: http.Header{"Date": {"yesterday"}}})
	if got := date(); got != "yesterday" {
		t.Error("the date that a fault sends is", got)
	}
}

// TestTruncateWithoutBody: there is nothing to break off, and a connection that
// was cut behind a whole answer would fail the request after it.
func TestTruncateWithoutBody(t *testing.T) {
	a := newAPI(t)
	made := decode[sandbox.Record](t, a.do("POST", zone, fine).expect(t, 201, ""))
	a.Inject(sandbox.Fault{Operation: "DNS.Delete", Truncate: 20})
	a.do("DELETE", zone+"/"+made.ID, "").expect(t, 204, "") // a cut is a panic here
}
