package hoster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// watching is a transport that writes down what is written and what it depends
// on, and changes answers.
type watching struct {
	next   http.RoundTripper
	change func(req *http.Request, resp *http.Response)
	writes []string // "DNS.Batch" or the method, and " guarded" with If-Match
	tags   []string // of If-Match
}

func (w *watching) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		what := req.Method
		if strings.HasSuffix(req.URL.Path, "/batch") {
			what = "batch"
		}
		if tag := req.Header.Get("If-Match"); tag != "" {
			what += " guarded"
			w.tags = append(w.tags, tag)
		}
		w.writes = append(w.writes, what)
	}
	resp, err := w.next.RoundTrip(req)
	if err == nil && w.change != nil {
		w.change(req, resp)
	}
	return resp, err
}

func watched(t *testing.T, srv *hostertest.Server, change func(*http.Request, *http.Response)) (*watching, *hoster.Client) {
	w := &watching{change: change}
	return w, clientThrough(t, srv, func(next http.RoundTripper) http.RoundTripper {
		w.next = next
		return w
	})
}

// instead puts another answer in the place of one.
func instead(resp *http.Response, status int, body string) {
	resp.StatusCode, resp.Header = status, http.Header{"Content-Type": {"text/html"}}
	if strings.HasPrefix(body, "{") {
		resp.Header.Set("Content-Type", "application/json")
	}
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
}

const page = "<html><body>Blocked</body></html>"

// TestOneAnswerOfAnotherTeachesNothing for good: whatever came once in the place
// of the API's answer to a batch, later verbs send batches that depend on the
// zone's version, as before.
func TestOneAnswerOfAnotherTeachesNothing(t *testing.T) {
	for what, odd := range map[string]struct {
		status int
		body   string
	}{
		"a firewall's page":     {200, page},
		"an empty 202":          {202, ""},
		"an error under 200":    {200, `{"status":"error","code":"INTERNAL_ERROR","message":"no"}`},
		"an error without code": {200, `{"ok":false}`},
		"a page of 404":         {404, page},
		"a page of 405":         {405, page},
		"a page of 501":         {501, page},
		"a router's 404":        {404, `{"message":"Not Found"}`},
		"an empty 405":          {405, ""},
		"a 403 of a firewall":   {403, page},
		"a bad gateway":         {502, page},
	} {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		once := true
		wire, client := watched(t, srv, func(req *http.Request, resp *http.Response) {
			if once && strings.HasSuffix(req.URL.Path, "/batch") {
				once = false
				instead(resp, odd.status, odd.body)
			}
		})
		_, err := client.DNS.AppendValues(t.Context(), "example.com", hoster.RecordSet{Name: "x", Values: txt("a", "b")})
		if isDone := slices.Equal(values(srv, "x", "TXT"), []string{"a", "b"}); once || err == nil && !isDone {
			t.Fatalf("%s: %v, %v", what, values(srv, "x", "TXT"), err)
		}
		for i := range 3 {
			verb(t, client.DNS.AppendValues, "x", txt(fmt.Sprint("c", i), fmt.Sprint("d", i))...)
		}
		if last := wire.writes[len(wire.writes)-1]; last != "batch guarded" {
			t.Errorf("%s: the last write is a %s, after %v", what, last, wire.writes)
		}
		if got := values(srv, "x", "TXT"); len(got) != 6 && len(got) != 8 {
			t.Errorf("%s: the set holds %v", what, got)
		}
	}
}

// TestPagesInThePlaceOfBatches are asked for less and less often, and a verb that
// meets one is done by single calls.
func TestPagesInThePlaceOfBatches(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	wire, client := watched(t, srv, func(req *http.Request, resp *http.Response) {
		if strings.HasSuffix(req.URL.Path, "/batch") {
			instead(resp, 404, page)
		}
	})
	srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Times: -1, Status: 404, Body: page})
	for i := range 40 {
		verb(t, client.DNS.ReplaceSet, "x", txt(fmt.Sprint(i), fmt.Sprint("and ", i))...)
	}
	batches := 0
	for _, write := range wire.writes {
		if strings.HasPrefix(write, "batch") {
			batches++
		}
	}
	if got := values(srv, "x", "TXT"); batches < 4 || batches > 6 || !slices.Equal(got, []string{"39", "and 39"}) {
		t.Errorf("%d batches, %v", batches, got)
	}
}

// TestWhatTheAPISaysOfBatches lasts, until a batch succeeds.
func TestWhatTheAPISaysOfBatches(t *testing.T) {
	for what, odd := range map[string]sandbox.Fault{
		"405":               {Status: 405, Body: `{"status":"error","code":"METHOD_NOT_ALLOWED","message":"no"}`},
		"501":               {Status: 501, Body: `{"status":"error","code":"NOT_IMPLEMENTED","message":"no"}`},
		"404 of a route":    {Status: 404, Body: `{"status":"error","code":"ROUTE_NOT_FOUND","message":"no"}`},
		"404 of an object":  {Status: 404, Body: `{"status":"error","code":"NOT_FOUND","message":"no"}`},
		"not supported":     {Status: 400, Body: `{"status":"error","code":"not_supported","message":"no"}`},
		"not allowed, 200":  {Status: 200, Body: `{"status":"error","code":"METHOD_NOT_ALLOWED","message":"no"}`},
		"not found, in 200": {Status: 200, Body: `{"status":"error","code":"NOT_FOUND","message":"no"}`},
	} {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		odd.Operation, odd.Times = "DNS.Batch", -1
		remove := srv.Inject(odd)
		wire, client := watched(t, srv, nil)
		for i := range 5 {
			verb(t, client.DNS.AppendValues, "x", txt(fmt.Sprint("a", i), fmt.Sprint("b", i))...)
		}
		batches := func() (n int) {
			for _, write := range wire.writes {
				if strings.HasPrefix(write, "batch") {
					n++
				}
			}
			return n
		}
		if got := values(srv, "x", "TXT"); batches() != 1 || len(wire.writes) != 11 || len(got) != 10 {
			t.Errorf("%s: %d batches in %v, %v", what, batches(), wire.writes, got)
		}
		plan := planFor(t, client, []string{"y"}, record("TXT", "y", "one"), record("TXT", "y", "two"))
		if result, err := client.DNS.Apply(t.Context(), plan, nil); err != nil || result.Batched || batches() != 1 {
			t.Errorf("%s: applied: %+v, %v, after %v", what, result, err, wire.writes)
		}
		batch := hoster.RecordBatch{Create: []hoster.RecordCreate{record("TXT", "z", "one")}}
		if _, err := client.DNS.Batch(t.Context(), "example.com", batch); !errors.Is(err, hoster.ErrNotSupported) || errors.Is(err, hoster.ErrNotFound) || !strings.Contains(err.Error(), "does not offer") {
			t.Errorf("%s: a batch of the caller's own: %v", what, err)
		}
		remove()
		if _, err := client.DNS.Batch(t.Context(), "example.com", batch); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		verb(t, client.DNS.AppendValues, "x", txt("c", "d")...)
		if batches() != 4 {
			t.Errorf("%s: a success was not learned from: %v", what, wire.writes)
		}
	}
}

// TestABatchForADomainThatDoesNotExist is not found, and teaches nothing.
func TestABatchForADomainThatDoesNotExist(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	wire, client := watched(t, srv, nil)
	_, err := client.DNS.Batch(t.Context(), "nowhere.example", hoster.RecordBatch{Create: []hoster.RecordCreate{record("TXT", "z", "one")}})
	if !errors.Is(err, hoster.ErrNotFound) || errors.Is(err, hoster.ErrNotSupported) {
		t.Error(err)
	}
	verb(t, client.DNS.AppendValues, "x", txt("c", "d")...)
	if last := wire.writes[len(wire.writes)-1]; last != "batch guarded" {
		t.Errorf("wrote %v", wire.writes)
	}
}

// TestACallThatIsNotSupported is told, and not taken for the lack of batches.
func TestACallThatIsNotSupported(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Status: 400, Body: `{"status":"error","code":"NOT_SUPPORTED","message":"no"}`})
		change, err := client.DNS.AppendValues(t.Context(), "example.com", hoster.RecordSet{Name: "x", Values: txt("a")})
		if !errors.Is(err, hoster.ErrNotSupported) || errors.Is(err, hoster.ErrConflict) || change.Written {
			t.Errorf("%+v, %v", change, err)
		}
		if n := len(srv.Writes()); n != 0 {
			t.Errorf("%d writes", n)
		}
	})
}

// retagged changes the tags of the readings, and not those of the writes, as a web
// server does that compresses long answers.
func retagged(write func(string) string) func(*http.Request, *http.Response) {
	return func(req *http.Request, resp *http.Response) {
		if tag := resp.Header.Get("ETag"); tag != "" && req.Method == http.MethodGet {
			resp.Header.Set("ETag", write(tag))
		}
	}
}

func inside(mark string) func(string) string {
	return func(tag string) string { return strings.TrimSuffix(tag, `"`) + mark + `"` }
}

// TestTagsOfCompressedAnswers are the versions that they stand for: nothing is
// taken for a change of somebody else's, and a change of theirs is seen.
func TestTagsOfCompressedAnswers(t *testing.T) {
	for what, write := range map[string]func(string) string{
		"as they are": func(tag string) string { return tag },
		"Apache":      inside("-gzip"), "Jetty": inside("--gzip"), "a semicolon": inside(";gzip"), "brotli": inside("-br"),
		"nginx":                  func(tag string) string { return "W/" + tag },
		"Apache, and one weaker": func(tag string) string { return "W/" + inside("-gzip")(tag) },
	} {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		wire, client := watched(t, srv, retagged(write))
		verb(t, client.DNS.AppendValues, "x", txt("first")...) // which shows that there are versions
		wire.writes, wire.tags = nil, nil
		verb(t, client.DNS.AppendValues, "x", txt("one", "two")...)
		if !slices.Equal(wire.writes, []string{"batch guarded"}) || strings.Contains(wire.tags[0], "gzip") || strings.HasPrefix(wire.tags[0], "W/") {
			t.Errorf("%s: wrote %v with %v", what, wire.writes, wire.tags)
		}
		plan := planFor(t, client, []string{"x"}, record("TXT", "x", "ours"))
		verb(t, pipeClient(t, srv).DNS.AppendValues, "x", txt("theirs")...)
		if result, err := client.DNS.Apply(t.Context(), plan, nil); !errors.Is(err, hoster.ErrConflict) || !slices.Contains(values(srv, "x", "TXT"), "theirs") {
			t.Errorf("%s: a plan that no longer holds: %+v, %v", what, result, err)
		}
		other := pipeClient(t, srv)
		justBefore(srv, "DNS.Batch", "ours", func() { verb(t, other.DNS.AppendValues, "y", txt("theirs")...) })
		if change, err := client.DNS.AppendValues(t.Context(), "example.com", hoster.RecordSet{Name: "y", Values: txt("ours", "ours too")}); err != nil || !slices.Equal(values(srv, "y", "TXT"), []string{"ours", "ours too", "theirs"}) {
			t.Errorf("%s: beside another writer: %+v, %v", what, change, err)
		}
		if what == "nginx" || strings.HasSuffix(what, "weaker") {
			continue
		}
		var meta hoster.Response
		if _, err := client.Domains.Get(t.Context(), "example.com", hoster.WithResponse(&meta)); err != nil || meta.ETag == "" {
			t.Fatalf("%s: %v", what, err)
		}
		if _, err := client.Domains.Update(t.Context(), "example.com", hoster.DomainUpdate{AutoRenew: hoster.Set(false)}, hoster.WithIfMatch(meta.ETag)); err != nil {
			t.Errorf("%s: the tag of a resource: %v", what, err)
		}
	}
}

// TestTagsThatNameNoVersion are none: nothing is written on the strength of them.
func TestTagsThatNameNoVersion(t *testing.T) {
	for _, tag := range []string{"*", `""`, `W/""`, ""} {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		wire, client := watched(t, srv, func(_ *http.Request, resp *http.Response) {
			resp.Header.Set("ETag", tag)
			resp.Header.Set("X-Zone-ETag", tag)
		})
		plan := planFor(t, client, []string{"x"}, record("TXT", "x", "ours"))
		verb(t, pipeClient(t, srv).DNS.AppendValues, "x", txt("theirs")...)
		if result, err := client.DNS.Apply(t.Context(), plan, nil); !errors.Is(err, hoster.ErrConflict) || !slices.Equal(values(srv, "x", "TXT"), []string{"theirs"}) {
			t.Errorf("%q: a plan that no longer holds: %+v, %v", tag, result, err)
		}
		verb(t, client.DNS.AppendValues, "y", txt("ours", "too")...)
		if len(wire.tags) != 0 {
			t.Errorf("%q: wrote %v with %v", tag, wire.writes, wire.tags)
		}
		var meta hoster.Response
		if _, err := client.DNS.ListPage(t.Context(), "example.com", nil, hoster.WithResponse(&meta)); err != nil || meta.ETag != "" {
			t.Errorf("%q: it is told as %q, %v", tag, meta.ETag, err)
		}
		err := client.DNS.Delete(t.Context(), "example.com", "rec_1", hoster.WithIfMatch(tag))
		if argument, ok := errors.AsType[*hoster.ArgumentError](err); !ok || argument.Field != "WithIfMatch" {
			t.Errorf("%q: %v", tag, err)
		}
	}
}

// TestOneLostHeaderIsNoLackOfVersions, be it that of the first write.
func TestOneLostHeaderIsNoLackOfVersions(t *testing.T) {
	for lost := range 3 {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.Batch))
		answers := 0
		wire, client := watched(t, srv, func(_ *http.Request, resp *http.Response) {
			if resp.Header.Get("X-Zone-ETag") != "" {
				if answers == lost {
					resp.Header.Del("X-Zone-ETag")
				}
				answers++
			}
		})
		for i := range 6 {
			verb(t, client.DNS.AppendValues, "x", txt(fmt.Sprint(i))...)
		}
		unguarded := 0
		for _, write := range wire.writes {
			if write == http.MethodPost {
				unguarded++
			}
		}
		if want := map[bool]int{true: 1}[lost == 0]; unguarded != want || len(values(srv, "x", "TXT")) != 6 {
			t.Errorf("the %d. is lost: %d writes of %v depended on no version", lost, unguarded, wire.writes)
		}
	}
}

// TestWeakTagsOfAWebServer that refuses all writes which depend on one do not keep
// anybody from writing.
func TestWeakTagsOfAWebServer(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.ETags))
	client := clientThrough(t, srv, func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("If-Match") != "" {
				resp := &http.Response{Request: req}
				instead(resp, 412, `{"status":"error","code":"PRECONDITION_FAILED","message":"no"}`)
				return resp, nil
			}
			resp, err := next.RoundTrip(req)
			if err == nil && req.Method == http.MethodGet {
				resp.Header.Set("ETag", `W/"1f-abc"`)
			}
			return resp, err
		})
	})
	verb(t, client.DNS.AppendValues, "x", txt("one", "two")...)
	verb(t, client.DNS.ReplaceSet, "x", txt("three")...)
	if got := values(srv, "x", "TXT"); !slices.Equal(got, []string{"three"}) {
		t.Errorf("the set holds %v", got)
	}
}

// TestEachWriteDependsOnTheOneBefore, in batches and in single calls, also where
// the tags of writes are weakened on their way.
func TestEachWriteDependsOnTheOneBefore(t *testing.T) {
	var many []dnszone.Data
	for i := range 600 {
		many = append(many, txt(fmt.Sprint(i))...)
	}
	for _, without := range [][]sandbox.Option{nil, {sandbox.Without(sandbox.Batch)}} {
		for _, weak := range []bool{false, true} {
			srv := hostertest.New(t, append(without, sandbox.WithRateLimit(0, 0))...)
			wire, client := watched(t, srv, func(_ *http.Request, resp *http.Response) {
				if tag := resp.Header.Get("X-Zone-ETag"); tag != "" && weak {
					resp.Header.Set("X-Zone-ETag", "W/"+tag)
				}
			})
			set, want := many, []string{"batch guarded", "batch guarded"}
			if without != nil {
				set, want = many[:3], []string{"batch guarded", "POST guarded", "POST guarded", "POST guarded"}
			}
			verb(t, client.DNS.AppendValues, "x", set...)
			if !slices.Equal(wire.writes, want) || slices.ContainsFunc(wire.tags, func(tag string) bool { return strings.HasPrefix(tag, "W/") }) {
				t.Errorf("weak %v: wrote %v with %v", weak, wire.writes, wire.tags)
			}
		}
	}
}

// TestErrorsUnder200 are what they are to verbs and plans: another writer is
// noticed as at a provider with statuses.
func TestErrorsUnder200(t *testing.T) {
	all := func(_ *http.Request, resp *http.Response) {
		if resp.StatusCode >= 400 {
			resp.StatusCode = 200
		}
	}
	zone := []hoster.RecordCreate{record("TXT", "x", "one"), record("TXT", "x", "two"), record("TXT", "y", "old")}
	onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, other *hoster.Client) {
		_, client := watched(t, srv, all)
		adds, removes := "DNS.Batch", "DNS.Batch"
		if strings.HasSuffix(t.Name(), "/ETags") || strings.HasSuffix(t.Name(), "/neither") {
			adds, removes = "DNS.Create", "DNS.Delete"
		}
		justBefore(srv, adds, "ours", func() { verb(t, other.DNS.AppendValues, "x", txt("theirs", "ours too")...) })
		verb(t, client.DNS.AppendValues, "x", txt("ours", "ours too")...)
		if got := values(srv, "x", "TXT"); !slices.Equal(got, []string{"one", "ours", "ours too", "theirs", "two"}) {
			t.Errorf("appended beside another writer: %v", got)
		}
		justBefore(srv, removes, idOf(srv, "one"), func() { verb(t, eagerClient(t, srv).DNS.RemoveValues, "x", txt("one")...) })
		verb(t, client.DNS.RemoveValues, "x", txt("one", "two")...)
		if got := values(srv, "x", "TXT"); !slices.Equal(got, []string{"ours", "ours too", "theirs"}) {
			t.Errorf("removed beside another writer: %v", got)
		}
		plan := planFor(t, client, []string{"x", "y"}, record("TXT", "x", "mine"), record("TXT", "y", "new"))
		verb(t, other.DNS.AppendValues, "x", txt("theirs too")...)
		result, err := client.DNS.Apply(t.Context(), plan, nil)
		if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "x TXT") || !slices.Equal(result.Applied, []string{"y TXT"}) || len(values(srv, "x", "TXT")) != 4 {
			t.Errorf("a plan that no longer holds: %+v, %v", result, err)
		}
		if change, err := client.DNS.ReplaceSet(context.Background(), "nowhere.example", hoster.RecordSet{Name: "x", Values: txt("a")}); !errors.Is(err, hoster.ErrNotFound) {
			t.Errorf("a domain that does not exist: %+v, %v", change, err)
		}
	})
}

// TestABatchThatAnswersForOthers, with more records than were sent, or fewer, is
// looked after.
func TestABatchThatAnswersForOthers(t *testing.T) {
	one := `{"id":"rec_x","type":"TXT","name":"x","value":"other","ttl":300}`
	for what, body := range map[string]string{
		"nothing":     `{}`,
		"fewer":       `{"created":[` + one + `],"updated":[],"deleted":[]}`,
		"more":        `{"created":[` + one + `,` + one + `,` + one + `],"updated":[` + one + `,` + one + `,` + one + `],"deleted":["rec_1","rec_2","rec_3"]}`,
		"the reverse": `{"created":[],"updated":[` + one + `,` + one + `],"deleted":[]}`,
	} {
		t.Run(what, func(t *testing.T) {
			onZoneWith(t, []string{"ETags and batch", "batch"}, []hoster.RecordCreate{record("TXT", "x", "old")}, func(t *testing.T, srv *hostertest.Server, _ *hoster.Client) {
				_, client := watched(t, srv, func(req *http.Request, resp *http.Response) {
					if !strings.HasSuffix(req.URL.Path, "/batch") || resp.StatusCode != 200 {
						return
					}
					text := `{"status":"success","data":` + body + `}`
					resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader([]byte(text))), int64(len(text))
				})
				change, err := client.DNS.ReplaceSet(t.Context(), "example.com", hoster.RecordSet{Name: "x", Values: []dnszone.Data{dnszone.TXT{Text: "a"}, dnszone.TXT{Text: "b"}, dnszone.TXT{Text: "c"}}})
				if errors.Is(err, hoster.ErrDecode) && what == "nothing" {
					return
				}
				if got := values(srv, "x", "TXT"); err != nil || !change.Written || !slices.Equal(got, []string{"a", "b", "c"}) || len(change.After) != 3 {
					t.Errorf("%v, %+v, %v", got, change, err)
				}
			})
		})
	}
}
