package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// aReading answers every reading of a zone with the same text, and refuses and
// counts all writes.
type aReading struct {
	body   string
	writes atomic.Int32
}

func (a *aReading) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodGet {
		_, _ = fmt.Fprint(w, a.body)
		return
	}
	a.writes.Add(1)
	w.WriteHeader(http.StatusForbidden)
	_, _ = fmt.Fprint(w, `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"no"}`)
}

// zoneBody is a list of records, of the members that each has beside its id.
func zoneBody(records ...string) string {
	var list []string
	for i, members := range records {
		list = append(list, fmt.Sprintf(`{"id":"rec_%d",%s}`, i, members))
	}
	return fmt.Sprintf(`{"status":"success","data":[%s],"meta":{"pagination":{"total":%d,"current_page":1,"per_page":1000,"total_pages":1}}}`, strings.Join(list, ","), len(list))
}

// readers are all that reads a zone, or a part of it, before it writes or plans.
func readers(plan *hoster.ZonePlan) map[string]func(context.Context, *hoster.Client) error {
	set := hoster.RecordSet{Name: "@", Values: txt("ours")}
	desired := []hoster.RecordCreate{record("TXT", "@", "ours")}
	return map[string]func(context.Context, *hoster.Client) error{
		"AppendValues": func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.AppendValues(ctx, "example.com", set))
		},
		"RemoveValues": func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.RemoveValues(ctx, "example.com", hoster.RecordSet{Name: "@", Values: txt("apex")}))
		},
		"ReplaceSet": func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.ReplaceSet(ctx, "example.com", set))
		},
		"Find": func(ctx context.Context, c *hoster.Client) error {
			key, _ := dnszone.ParseKey("example.com/@/TXT")
			return second(c.DNS.Find(ctx, key))
		},
		"PlanZone": func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.PlanZone(ctx, "example.com", desired, &hoster.ZonePlanOptions{MaxDeleteShare: 1}))
		},
		"Apply": func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.Apply(ctx, plan, nil))
		},
		"Records": func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.Snapshot("example.com").Records(ctx))
		},
		"Lookup": func(ctx context.Context, c *hoster.Client) error {
			return second(c.DNS.Snapshot("example.com").Lookup(ctx, "@", "TXT"))
		},
	}
}

const apexNS = `"type":"NS","name":"@","value":"ns1.provider.example","ttl":3600`

// unguardedPlan is a plan of a provider without versions, so that Apply reads.
func unguardedPlan(t *testing.T) *hoster.ZonePlan {
	t.Helper()
	good := &aReading{body: zoneBody(apexNS, `"type":"TXT","name":"@","value":"apex","ttl":60`)}
	server := httptest.NewServer(good)
	t.Cleanup(server.Close)
	plan, err := newTestClient(t, server.URL+"/v1", "token").DNS.PlanZone(t.Context(), "example.com", []hoster.RecordCreate{record("TXT", "@", "ours")}, &hoster.ZonePlanOptions{MaxDeleteShare: 1})
	if err != nil || plan.IsEmpty() {
		t.Fatalf("%v, %v", plan, err)
	}
	return plan
}

// TestAZoneThatCannotBeReadIsLeftAlone: where the name, type or value of one
// record is missing, nothing is taken for known, and nothing is written.
func TestAZoneThatCannotBeReadIsLeftAlone(t *testing.T) {
	plan := unguardedPlan(t)
	for what, odd := range map[string]string{
		"names in host":   `"type":"TXT","host":"www","value":"apex","ttl":60`,
		"names in source": `"type":"TXT","source":"www.example.com","value":"apex","ttl":60`,
		"names in fqdn":   `"type":"TXT","fqdn":"www.example.com.","value":"apex","ttl":60`,
		"a name of null":  `"type":"TXT","name":null,"value":"apex","ttl":60`,
		"no type":         `"rrtype":"TXT","name":"@","value":"apex","ttl":60`,
		"no value":        `"type":"TXT","name":"@","content":"apex","ttl":60`,
		"an odd ttl":      `"type":"TXT","name":"@","value":"apex","ttl":"auto"`,
	} {
		for verb, call := range readers(plan) {
			fake := &aReading{body: zoneBody(apexNS, odd)}
			server := httptest.NewServer(fake)
			err := call(t.Context(), newTestClient(t, server.URL+"/v1", "token"))
			if !errors.Is(err, hoster.ErrDecode) || fake.writes.Load() != 0 {
				t.Errorf("%s, %s: %d writes, %v", what, verb, fake.writes.Load(), err)
			}
			server.Close()
		}
	}
}

// TestAZoneWithoutNameserversIsNotWhole: whatever says so, plans and snapshots do
// not believe it. What reads a part of a zone has no nameservers to expect.
func TestAZoneWithoutNameserversIsNotWhole(t *testing.T) {
	plan := unguardedPlan(t)
	apex := `"type":"TXT","name":"@","value":"apex","ttl":60`
	for what, test := range map[string]struct {
		records []string
		whole   bool
	}{
		"empty":                     {nil, false},
		"no nameservers":            {[]string{apex}, false},
		"nameservers of a child":    {[]string{apex, `"type":"NS","name":"sub","value":"ns1.provider.example","ttl":60`}, false},
		"a target at the apex":      {[]string{apex, `"type":"MX","name":"@","value":"ns1.provider.example","priority":1,"ttl":60`}, false},
		"nameservers":               {[]string{apex, apexNS}, true},
		"nameservers, another form": {[]string{apex, `"type":"ns","name":"EXAMPLE.com.","value":"NS1.provider.example.","ttl":60`}, true},
	} {
		for verb, call := range readers(plan) {
			fake := &aReading{body: zoneBody(test.records...)}
			server := httptest.NewServer(fake)
			err := call(t.Context(), newTestClient(t, server.URL+"/v1", "token", hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1})))
			whole := slices.Contains([]string{"PlanZone", "Apply", "Records", "Lookup"}, verb)
			if doubted := errors.Is(err, hoster.ErrPagination); doubted != (whole && !test.whole) || doubted && (fake.writes.Load() != 0 || !strings.Contains(err.Error(), "nameservers of example.com")) {
				t.Errorf("%s, %s: %d writes, %v", what, verb, fake.writes.Load(), err)
			}
			server.Close()
		}
	}
}

// TestAShortListIsNotPlanned: a list that ends before its own total writes
// nothing, in verbs and plans.
func TestAShortListIsNotPlanned(t *testing.T) {
	plan := unguardedPlan(t)
	body := strings.Replace(zoneBody(apexNS, `"type":"TXT","name":"@","value":"apex","ttl":60`), `"total":2`, `"total":3`, 1)
	for verb, call := range readers(plan) {
		fake := &aReading{}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page := aReading{body: body}
			if r.URL.Query().Get("page") != "1" {
				page.body = strings.Replace(zoneBody(), `"total":0`, `"total":3`, 1)
			}
			page.ServeHTTP(w, r)
			fake.writes.Add(page.writes.Load())
		}))
		err := call(t.Context(), newTestClient(t, server.URL+"/v1", "token"))
		if !errors.Is(err, hoster.ErrPagination) || fake.writes.Load() != 0 || !strings.Contains(err.Error(), "3 items") || !strings.Contains(err.Error(), "with 2") {
			t.Errorf("%s: %d writes, %v", verb, fake.writes.Load(), err)
		}
		server.Close()
	}
}

// ended runs f, and returns the panic with which it ended, or its error.
func ended(f func() error) (panicked any, err error) {
	done := make(chan struct{})
	err = errors.New("the goroutine was ended")
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		err = f()
	}()
	<-done
	return panicked, err
}

// TestApplyOutlivesTheCallersMistakes: a panic, or an end of the goroutine, in
// the caller's own code reaches the caller of Apply. Nothing hangs or is lost
// sight of: applying the plan again finishes it.
func TestApplyOutlivesTheCallersMistakes(t *testing.T) {
	zone := []hoster.RecordCreate{record("TXT", "a", "old"), record("TXT", "b", "old"), record("TXT", "c", "old"), record("TXT", "d", "old")}
	desired := []hoster.RecordCreate{record("TXT", "a", "new"), record("TXT", "a", "newer"), record("TXT", "b", "new"), record("TXT", "c", "new"), record("TXT", "e", "new")}
	for how, end := range map[string]func(){"panic": func() { panic("a mistake") }, "Goexit": runtime.Goexit} {
		for _, where := range []string{"before a write", "after a write", "in OnProgress"} {
			t.Run(how+" "+where, func(t *testing.T) {
				onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, _ *hoster.Client) {
					var armed, reached atomic.Bool
					fail := func(here string) {
						if here == where && armed.CompareAndSwap(true, false) {
							reached.Store(true)
							end()
						}
					}
					client := clientThrough(t, srv, func(next http.RoundTripper) http.RoundTripper {
						return roundTrip(func(req *http.Request) (*http.Response, error) {
							if req.Method == http.MethodGet {
								return next.RoundTrip(req)
							}
							fail("before a write")
							resp, err := next.RoundTrip(req)
							fail("after a write")
							return resp, err
						})
					})
					verb(t, client.DNS.AppendValues, "y", txt("one", "two")...) // which tells whether there are batches
					plan, err := client.DNS.PlanZone(t.Context(), "example.com", desired, &hoster.ZonePlanOptions{
						Names: []string{"a", "b", "c", "d", "e"}, MaxDeleteShare: 1,
					})
					if err != nil {
						t.Fatal(err)
					}
					armed.Store(true)
					var progress hoster.ApplyResult
					panicked, err := ended(func() error {
						return second(client.DNS.Apply(t.Context(), plan, &hoster.ApplyOptions{Concurrency: 2, Resume: &progress, OnProgress: func(hoster.ApplyProgress) { fail("in OnProgress") }}))
					})
					if !reached.Load() || how == "panic" && panicked != "a mistake" || how == "Goexit" && err == nil {
						t.Errorf("reached is %v, recovered %v, %v", reached.Load(), panicked, err)
					}
					if result, err := client.DNS.Apply(t.Context(), plan, &hoster.ApplyOptions{Resume: &progress}); err != nil || len(values(srv, "a", "TXT")) != 2 || len(values(srv, "d", "TXT")) != 0 || len(values(srv, "e", "TXT")) != 1 {
						t.Errorf("again: %+v, %v", result, err)
					}
				})
			})
		}
	}
}

// TestApplyOutlivesAMistakeBetweenBatches of one set.
func TestApplyOutlivesAMistakeBetweenBatches(t *testing.T) {
	onZoneWith(t, []string{"ETags and batch", "batch"}, nil, func(t *testing.T, srv *hostertest.Server, _ *hoster.Client) {
		writes := 0
		client := clientThrough(t, srv, func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(req *http.Request) (*http.Response, error) {
				if req.Method != http.MethodGet {
					if writes++; writes == 2 {
						panic("a mistake")
					}
				}
				return next.RoundTrip(req)
			})
		})
		var desired []hoster.RecordCreate
		for i := range 600 {
			desired = append(desired, record("TXT", "x", fmt.Sprint(i)))
		}
		plan := planFor(t, client, []string{"x"}, desired...)
		var progress hoster.ApplyResult
		if panicked, err := ended(func() error {
			return second(client.DNS.Apply(t.Context(), plan, &hoster.ApplyOptions{Resume: &progress}))
		}); panicked != "a mistake" || len(values(srv, "x", "TXT")) != 500 {
			t.Errorf("recovered %v, %v", panicked, err)
		}
		if result, err := client.DNS.Apply(t.Context(), plan, &hoster.ApplyOptions{Resume: &progress}); err != nil || len(values(srv, "x", "TXT")) != 600 {
			t.Errorf("again: %+v, %v", result, err)
		}
	})
}

// TestSnapshotOutlivesTheCallersMistakes: each question that waits for a reading
// hears how it ended, and the next one reads again.
func TestSnapshotOutlivesTheCallersMistakes(t *testing.T) {
	for how, fail := range map[string]func(){"panic": func() { panic("a mistake") }, "Goexit": runtime.Goexit} {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		asked, release := make(chan struct{}, 9), make(chan struct{})
		var failed atomic.Bool
		client := clientThrough(t, srv, func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(req *http.Request) (*http.Response, error) {
				if failed.CompareAndSwap(false, true) {
					asked <- struct{}{}
					<-release
					fail()
				}
				return next.RoundTrip(req)
			})
		})
		snapshot := client.DNS.Snapshot("example.com")
		type end struct {
			panicked any
			err      error
		}
		ends := make(chan end, 3)
		ask := func() {
			panicked, err := ended(func() error { return second(snapshot.Records(t.Context())) })
			ends <- end{panicked, err}
		}
		go ask()
		<-asked
		for range 2 { // these join it, or ask for a reading of their own
			go ask()
		}
		close(release)
		bad := 0
		for range 3 {
			if e := <-ends; e.panicked != nil || e.err != nil {
				bad++
				if how == "panic" && e.panicked != "a mistake" || how == "Goexit" && (e.panicked != nil || !strings.Contains(e.err.Error(), "Goexit")) {
					t.Errorf("%s: recovered %v, %v", how, e.panicked, e.err)
				}
			}
		}
		if bad == 0 {
			t.Errorf("%s: nobody heard of it", how)
		}
		if records, err := snapshot.Records(t.Context()); err != nil || len(records) == 0 {
			t.Errorf("%s: %v, %v", how, records, err)
		}
	}
}
