package hoster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestWritesWhoseAnswersCannotBeRead are told as applied or unfinished, and a
// second application finishes them.
func TestWritesWhoseAnswersCannotBeRead(t *testing.T) {
	faults := map[string]sandbox.Fault{
		"no data":   {Status: 201, Body: `{"status":"success"}`},
		"truncated": {Truncate: 20},
		"empty":     {Status: 202},
		"HTML":      {Status: 200, Body: "<html>"},
	}
	zone := []hoster.RecordCreate{record("TXT", "y", "old"), record("TXT", "z", "old")}
	for operation, kinds := range map[string][]string{
		"DNS.Create": {"ETags", "neither"}, "DNS.Update": {"ETags", "neither"}, "DNS.Delete": {"ETags", "neither"}, "DNS.Batch": {"ETags and batch", "batch"},
	} {
		for what, fault := range faults {
			t.Run(operation+", "+what, func(t *testing.T) {
				onZoneWith(t, kinds, zone, func(t *testing.T, srv *hostertest.Server, _ *hoster.Client) {
					client := newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithIdempotencyKeys(false))
					ctx := context.Background()
					plan := planFor(t, client, []string{"x", "y", "z"}, record("TXT", "x", "new"), record("TXT", "x", "newer"), record("TXT", "y", "new"))
					before := zoneOf(srv, "")
					fault.Operation, fault.After = operation, true
					srv.Inject(fault)
					result, err := client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Concurrency: 1})
					if zoneOf(srv, "") == before || err != nil && len(result.Unfinished) == 0 {
						t.Errorf("%+v, %v", result, err)
					}
					if told := len(result.Applied) + len(result.Unfinished); told == 0 || operation == "DNS.Batch" && told != 3 {
						t.Errorf("written, and not told: %+v, %v", result, err)
					}
					result, err = client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Resume: &result})
					if err != nil || len(result.Unfinished) != 0 || len(values(srv, "x", "TXT")) != 2 || !slices.Equal(values(srv, "y", "TXT"), []string{"new"}) || len(values(srv, "z", "TXT")) != 0 {
						t.Errorf("again: %+v, %v", result, err)
					}
				})
			})
		}
	}
}

// pretending is a provider that sends ETags and keeps to none.
type pretending struct{ next http.RoundTripper }

func (p pretending) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Del("If-Match")
	resp, err := p.next.RoundTrip(req)
	if err == nil {
		resp.Header.Del("X-Zone-ETag")
	}
	return resp, err
}

func clientThrough(t *testing.T, srv *hostertest.Server, wrap func(http.RoundTripper) http.RoundTripper) *hoster.Client {
	return newTestClient(t, srv.PipeURL(), srv.RootToken(), hoster.WithHTTPClient(&http.Client{Transport: wrap(srv.PipeClient().Transport)}))
}

// TestAProviderThatOnlyPretendsToHaveVersions is found out by its first answer
// to a write: from then on what was written is looked for.
func TestAProviderThatOnlyPretendsToHaveVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		pretend := func(next http.RoundTripper) http.RoundTripper { return pretending{next} }
		client := clientThrough(t, srv, pretend)
		plan := planFor(t, client, []string{"x"}, record("TXT", "x", "ours"))
		verb(t, client.DNS.AppendValues, "first", txt("ours")...)
		verb(t, pipeClient(t, srv).DNS.AppendValues, "x", txt("theirs")...)
		if result, err := client.DNS.Apply(t.Context(), plan, nil); !errors.Is(err, hoster.ErrConflict) || !slices.Equal(values(srv, "x", "TXT"), []string{"theirs"}) {
			t.Errorf("a plan that no longer holds: %+v, %v", result, err)
		}
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Status: 201, Body: `{"status":"success","data":{"id":"rec_lost","type":"TXT","name":"y","value":"ours","ttl":3600}}`})
		for what, client := range map[string]*hoster.Client{"a write": client, "the first write of a client": clientThrough(t, srv, pretend)} {
			change, err := client.DNS.AppendValues(t.Context(), "example.com", hoster.RecordSet{Name: "y", Values: txt("ours")})
			if !errors.Is(err, hoster.ErrConflict) {
				t.Errorf("%s that is lost: %+v, %v", what, change, err)
			}
		}
	})
}

// TestAWriteThatDoesNotLast, where no version tells, is no application.
func TestAWriteThatDoesNotLast(t *testing.T) {
	const stored = `{"id":"rec_lost","type":"TXT","name":"x","value":"ours","ttl":3600}`
	onZoneWith(t, []string{"batch", "neither"}, nil, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		plan := planFor(t, client, []string{"x"}, record("TXT", "x", "ours"))
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Status: 201, Body: `{"status":"success","data":` + stored + `}`})
		srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Status: 200, Body: `{"status":"success","data":{"created":[` + stored + `],"updated":[],"deleted":[]}}`})
		result, err := client.DNS.Apply(context.Background(), plan, nil)
		if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "x TXT") || len(result.Applied) != 0 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// TestReadingsThatAreOld by one or two: nothing is written twice, and nothing is
// said to be lost.
func TestReadingsThatAreOld(t *testing.T) {
	for _, old := range []int{1, 2} {
		fault := sandbox.Fault{Operation: "DNS.List", Skip: 1, Times: old, Stale: true}
		t.Run(fmt.Sprint(old), func(t *testing.T) {
			onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
				remove := srv.Inject(fault)
				change, err := client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "x", Values: txt("one", "two")})
				if err != nil || !change.Written || len(change.After) != 2 || len(values(srv, "x", "TXT")) != 2 {
					t.Errorf("appended: %+v, %v", change, err)
				}
				remove()
				plan := planOf(t, client, 2)
				remove = srv.Inject(fault)
				result, err := client.DNS.Apply(context.Background(), plan, nil)
				if err != nil || len(result.Applied) != 2 || len(values(srv, "_set00", "TXT")) != 3 {
					t.Errorf("applied: %+v, %v", result, err)
				}
				remove()
			})
		})
	}
}

// plain is a provider without versions and batches that keeps records as they
// come: a TTL for each, and twins, which the sandbox refuses.
type plain struct {
	mu       sync.Mutex
	records  []map[string]any
	before   []map[string]any // the last write
	old      int              // readings to come that show the zone before the last write
	oldAfter int              // how many they are after each creation
	fold     bool             // store values in lower case, and answer them as they were sent
	ids      int
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := strings.Trim(strings.TrimPrefix(r.URL.Path, "/v1/domains/example.com/dns/records"), "/")
	at := slices.IndexFunc(p.records, func(record map[string]any) bool { return record["id"] == id })
	if r.Method == http.MethodGet {
		records := p.records
		if p.old > 0 {
			p.old--
			records = p.before
		}
		if r.URL.Query().Get("page") != "1" {
			records = nil
		}
		answer(w, 200, records)
		return
	}
	p.before = nil
	for _, record := range p.records {
		p.before = append(p.before, maps.Clone(record))
	}
	var sent map[string]any
	_ = json.NewDecoder(r.Body).Decode(&sent) // a DELETE has no body
	switch {
	case id == "batch":
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.Method == http.MethodPost:
		p.ids++
		p.old = p.oldAfter
		stored := map[string]any{"id": fmt.Sprint("rec_", p.ids), "ttl": 3600}
		maps.Copy(stored, sent)
		shown := maps.Clone(stored)
		if p.fold {
			stored["value"] = strings.ToLower(sent["value"].(string))
		}
		p.records = append(p.records, stored)
		answer(w, 201, shown)
	case at < 0:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"status":"error","code":"NOT_FOUND","message":"no"}`)
	case r.Method == http.MethodPatch:
		maps.Copy(p.records[at], sent)
		answer(w, 200, p.records[at])
	default:
		p.records = slices.Delete(p.records, at, at+1)
		w.WriteHeader(http.StatusNoContent)
	}
}

func answer(w http.ResponseWriter, status int, data any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
}

// holds lists the values that are stored.
func (p *plain) holds() (values []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, record := range p.records {
		values = append(values, fmt.Sprint(record["value"], " ", record["ttl"]))
	}
	slices.Sort(values)
	return values
}

func plainClient(t *testing.T, p *plain) *hoster.Client {
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return newTestClient(t, server.URL+"/v1", "token")
}

// TestAProviderThatAllowsTwins gets none by one append, whatever it answers and
// shows after it.
func TestAProviderThatAllowsTwins(t *testing.T) {
	for what, p := range map[string]*plain{"folding": {fold: true}, "folding, old readings": {fold: true, oldAfter: 1}, "old readings": {oldAfter: 2}} {
		t.Run(what, func(t *testing.T) {
			client := plainClient(t, p)
			for _, value := range []string{"ABC", "Def"} {
				stored := value
				if p.fold {
					stored = strings.ToLower(value)
				}
				before := p.holds()
				change, err := client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "x", Values: txt(value)})
				if got := p.holds(); err != nil || len(got) != len(before)+1 || !slices.Contains(got, stored+" 3600") || p.fold != (len(change.Adjusted) == 1) {
					t.Errorf("%v, %+v, %v", got, change, err)
				}
			}
		})
	}
}

// TestAProviderWithATTLForEachRecord comes to one TTL for the set.
func TestAProviderWithATTLForEachRecord(t *testing.T) {
	p := &plain{}
	client := plainClient(t, p)
	set := hoster.RecordSet{Name: "x", TTL: hoster.Set(300), Values: txt("a", "b")}
	for _, step := range []struct {
		ttl    int
		values []string
	}{{300, []string{"a", "b"}}, {600, []string{"a", "c"}}, {60, []string{"a", "c"}}} {
		set.TTL, set.Values = hoster.Set(step.ttl), txt(step.values...)
		_, err := client.DNS.ReplaceSet(context.Background(), "example.com", set)
		var want []string
		for _, value := range step.values {
			want = append(want, fmt.Sprint(value, " ", step.ttl))
		}
		if got := p.holds(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v", got, err)
		}
	}
}

// rewriting changes each object that is sent.
type rewriting struct {
	next   http.RoundTripper
	change func(sent map[string]any)
}

func (o rewriting) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		return o.next.RoundTrip(req)
	}
	var sent any
	if err := json.NewDecoder(req.Body).Decode(&sent); err != nil {
		return nil, err
	}
	o.walk(sent)
	body, err := json.Marshal(sent)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body, req.ContentLength, req.GetBody = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	return o.next.RoundTrip(req)
}

func (o rewriting) walk(sent any) {
	switch sent := sent.(type) {
	case []any:
		for _, s := range sent {
			o.walk(s)
		}
	case map[string]any:
		o.change(sent)
		for _, s := range sent {
			o.walk(s)
		}
	}
}

// TestATTLThatIsNotKept, because the provider gives the set of a new value its
// usual one, is reported.
func TestATTLThatIsNotKept(t *testing.T) {
	onZoneWith(t, allKinds, []hoster.RecordCreate{record("TXT", "x", "one"), record("TXT", "y", "one")}, func(t *testing.T, srv *hostertest.Server, _ *hoster.Client) {
		client := clientThrough(t, srv, func(next http.RoundTripper) http.RoundTripper {
			return rewriting{next, func(sent map[string]any) {
				if _, given := sent["ttl"]; !given && sent["type"] != nil {
					sent["ttl"] = 3600
				}
			}}
		})
		ctx := context.Background()
		adjusted := func(name string) []hoster.Adjustment {
			return []hoster.Adjustment{{Name: name, Type: "TXT", Field: "ttl", Want: "300", Got: "3600"}}
		}
		change, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "x", Values: txt("two")})
		if err != nil || !slices.Equal(change.Adjusted, adjusted("x")) {
			t.Errorf("appended: %+v, %v", change, err)
		}
		plan := planFor(t, client, []string{"y"}, hoster.RecordCreate{Type: "TXT", Name: "y", Value: "one"}, hoster.RecordCreate{Type: "TXT", Name: "y", Value: "two"})
		result, err := client.DNS.Apply(ctx, plan, nil)
		if err != nil || !slices.Equal(result.Adjusted, adjusted("y")) {
			t.Errorf("applied: %+v, %v", result, err)
		}
	})
}
