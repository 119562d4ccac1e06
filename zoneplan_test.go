package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// declaration is the zone as it is, as somebody would declare it.
func declaration(t *testing.T, client *hoster.Client, domain string) (records []hoster.RecordCreate) {
	t.Helper()
	all, err := client.DNS.List(context.Background(), domain, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		data, err := r.Data()
		if err != nil {
			t.Fatal(err)
		}
		record := hoster.NewRecord(r.Name, data)
		record.TTL = hoster.Set(r.TTL)
		records = append(records, record)
	}
	return records
}

func without(records []hoster.RecordCreate, name, rrtype string) []hoster.RecordCreate {
	return slices.DeleteFunc(slices.Clone(records), func(r hoster.RecordCreate) bool {
		return r.Name == name && string(r.Type) == rrtype
	})
}

func TestPlanAndApply(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		want := declaration(t, client, "example.com")
		srv.ForgetRecords()
		plan, err := client.DNS.PlanZone(ctx, "Example.com", want, nil)
		if err != nil || !plan.IsEmpty() || plan.String() != "example.com: 0 to create, 0 to change, 0 to delete\n" {
			t.Fatalf("the zone as it is: %v, %v", plan, err)
		}
		want = without(want, "www", "CNAME")
		want = append(want,
			hoster.RecordCreate{Type: "A", Name: "www.example.com.", Value: "192.0.2.77", TTL: hoster.Set(300)}, // where a CNAME was
			hoster.RecordCreate{Type: "TXT", Name: "_new", Value: "hello"},
		)
		for i := range want {
			if want[i].Type == "MX" {
				want[i].TTL = hoster.Set(4711)
			}
		}
		plan, err = client.DNS.PlanZone(ctx, "example.com", want, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Creates) != 2 || len(plan.Deletes) != 1 || len(plan.Updates) == 0 || len(srv.Writes()) != 0 {
			t.Errorf("%+v, %d writes", plan, len(srv.Writes()))
		}
		text := plan.String()
		for _, line := range []string{"- www ", "+ www 300 A 192.0.2.77", `+ _new - TXT "hello"`, "(TTL 4711)"} {
			if !strings.Contains(text, line) {
				t.Errorf("the diff lacks %q:\n%s", line, text)
			}
		}
		var progress []hoster.ApplyProgress
		result, err := client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{OnProgress: func(p hoster.ApplyProgress) { progress = append(progress, p) }})
		if err != nil || len(result.Applied) != 4 || len(result.Skipped) != 0 || len(progress) == 0 {
			t.Fatalf("%+v, %v", result, err)
		}
		if last := progress[len(progress)-1]; last.Done != last.Total {
			t.Errorf("progress ends with %+v", last)
		}
		srv.View(func(s *sandbox.State) {
			if batched := slices.ContainsFunc(srv.Routes(), func(r sandbox.Route) bool { return r.Operation == "DNS.Batch" }); batched != result.Batched {
				t.Errorf("batched: %v", result.Batched)
			}
		})
		writes := len(srv.Writes())
		again, err := client.DNS.Apply(ctx, plan, nil)
		if err != nil || len(again.Applied) != 0 || len(again.Skipped) != 4 || len(srv.Writes()) != writes {
			t.Errorf("a second time: %+v, %v", again, err)
		}
		plan, err = client.DNS.PlanZone(ctx, "example.com", want, nil)
		if err != nil || !plan.IsEmpty() {
			t.Errorf("after it: %v, %v", plan, err)
		}
	})
}

// TestApplyToAZoneThatMoved: what somebody else changed is not written, and
// named; the rest is.
func TestApplyToAZoneThatMoved(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		set := func(name string, texts ...string) hoster.RecordSet {
			return hoster.RecordSet{Name: name, Values: txt(texts...)}
		}
		for _, name := range []string{"one", "two", "three"} {
			if _, err := client.DNS.AppendValues(ctx, "example.com", set(name, "before")); err != nil {
				t.Fatal(err)
			}
		}
		want := []hoster.RecordCreate{{Type: "TXT", Name: "one", Value: "after"}, {Type: "TXT", Name: "two", Value: "after"}, {Type: "TXT", Name: "three", Value: "after"}}
		options := &hoster.ZonePlanOptions{Names: []string{"one", "two", "three.example.com"}}
		plan, err := client.DNS.PlanZone(ctx, "example.com", want, options)
		if err != nil || len(plan.Updates) != 3 {
			t.Fatalf("%v, %v", plan, err)
		}
		other := eagerClient(t, srv)
		if _, err := other.DNS.AppendValues(ctx, "example.com", set("two", "theirs")); err != nil {
			t.Fatal(err)
		}
		if _, err := other.DNS.ReplaceSet(ctx, "example.com", set("three", "after")); err != nil {
			t.Fatal(err)
		}
		result, err := client.DNS.Apply(ctx, plan, nil)
		if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "two TXT") || strings.Contains(err.Error(), "one TXT") {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(result.Applied, []string{"one TXT"}) || !slices.Equal(result.Skipped, []string{"three TXT"}) {
			t.Errorf("%+v", result)
		}
		if got := values(srv, "two", "TXT"); !slices.Equal(got, []string{"before", "theirs"}) {
			t.Errorf("theirs is lost: %v", got)
		}
	})
}

// TestApplyAfterAFailure: the result says what was applied, and applying again
// finishes the rest.
func TestApplyAfterAFailure(t *testing.T) {
	for name, options := range map[string][]sandbox.Option{"single calls": {sandbox.Without(sandbox.Batch)}, "batches": nil} {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, append(options, sandbox.WithRateLimit(0, 0))...)
			client := eagerClient(t, srv)
			ctx := context.Background()
			var want []hoster.RecordCreate
			for i := range 600 {
				want = append(want, hoster.RecordCreate{Type: "TXT", Name: fmt.Sprintf("n%03d", i), Value: "x"})
			}
			plan, err := client.DNS.PlanZone(ctx, "example.com", want, &hoster.ZonePlanOptions{Owned: func(r hoster.Record) bool { return strings.HasPrefix(r.Name, "n") }})
			if err != nil {
				t.Fatal(err)
			}
			operation := "DNS.Batch"
			if name == "single calls" {
				operation = "DNS.Create"
			}
			srv.Inject(sandbox.Fault{Operation: operation, Skip: 1, Status: 422, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"value":["no"]}}`})
			first, err := client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Concurrency: 1})
			if !errors.Is(err, hoster.ErrValidation) || len(first.Applied) == 0 || len(first.Applied) == 600 {
				t.Fatalf("%d applied: %v", len(first.Applied), err)
			}
			rest, err := client.DNS.Apply(ctx, plan, nil)
			if err != nil || len(rest.Applied)+len(rest.Skipped) != 600 || len(rest.Skipped) != len(first.Applied) {
				t.Errorf("%d applied, %d skipped: %v", len(rest.Applied), len(rest.Skipped), err)
			}
		})
	}
}

func TestPlanProtects(t *testing.T) {
	srv := hostertest.New(t)
	client := eagerClient(t, srv)
	ctx := context.Background()
	all := declaration(t, client, "example.com")
	a := hoster.RecordCreate{Type: "A", Name: "x", Value: "192.0.2.1"}
	for name, test := range map[string]struct {
		domain  string
		desired []hoster.RecordCreate
		options *hoster.ZonePlanOptions
		field   string
	}{
		"an empty zone":             {"example.com", nil, nil, "desired"},
		"only the nameservers":      {"example.com", slices.DeleteFunc(slices.Clone(all), func(r hoster.RecordCreate) bool { return r.Type != "NS" }), nil, "desired"},
		"most of the zone":          {"example.com", all[len(all)-1:], nil, "desired"},
		"a bad record":              {"example.com", []hoster.RecordCreate{a, {Type: "A", Name: "x", Value: "no"}}, nil, "desired.1.value"},
		"two TTLs":                  {"example.com", []hoster.RecordCreate{{Type: "A", Name: "x", Value: "192.0.2.1", TTL: hoster.Set(60)}, {Type: "A", Name: "x", Value: "192.0.2.2", TTL: hoster.Set(90)}}, nil, "desired.1.ttl"},
		"not owned":                 {"example.com", []hoster.RecordCreate{a}, &hoster.ZonePlanOptions{Types: []hoster.RecordType{"TXT"}}, "desired.0"},
		"a share of nothing":        {"example.com", []hoster.RecordCreate{a}, &hoster.ZonePlanOptions{MaxDeleteShare: math.NaN()}, "MaxDeleteShare"},
		"a share of two":            {"example.com", []hoster.RecordCreate{a}, &hoster.ZonePlanOptions{MaxDeleteShare: 2}, "MaxDeleteShare"},
		"a name elsewhere":          {"example.com", []hoster.RecordCreate{a}, &hoster.ZonePlanOptions{Names: []string{"x.example.net."}}, "Names.0.name"},
		"no domain":                 {"", []hoster.RecordCreate{a}, nil, "domain"},
		"beside a CNAME":            {"example.com", []hoster.RecordCreate{{Type: "CNAME", Name: "x", Value: "example.net"}, {Type: "TXT", Name: "x", Value: "x"}}, nil, "desired.1.type"},
		"beside one that stays":     {"example.com", []hoster.RecordCreate{{Type: "TXT", Name: "www", Value: "x"}}, &hoster.ZonePlanOptions{Types: []hoster.RecordType{"TXT"}}, "desired.0.type"},
		"a CNAME beside what stays": {"example.com", []hoster.RecordCreate{{Type: "CNAME", Name: "mail1", Value: "example.net"}}, &hoster.ZonePlanOptions{Types: []hoster.RecordType{"CNAME"}}, "desired.0.type"},
	} {
		plan, err := client.DNS.PlanZone(ctx, test.domain, test.desired, test.options)
		var argument *hoster.ArgumentError
		if !errors.As(err, &argument) || argument.Field != test.field || plan != nil {
			t.Errorf("%s: %v, %v", name, plan, err)
		}
	}
	plan, err := client.DNS.PlanZone(ctx, "example.com", nil, &hoster.ZonePlanOptions{AllowEmpty: true, MaxDeleteShare: 1})
	if share, err := client.DNS.PlanZone(ctx, "example.com", nil, &hoster.ZonePlanOptions{AllowEmpty: true}); err != nil || len(share.Deletes) != len(plan.Deletes) {
		t.Errorf("emptied, without a share: %v, %v", share, err)
	}
	if twice, err := client.DNS.PlanZone(ctx, "example.com", []hoster.RecordCreate{a, a}, &hoster.ZonePlanOptions{Names: []string{"x"}}); err != nil || len(twice.Creates) != 1 {
		t.Errorf("twice: %v, %v", twice, err)
	}
	if err != nil || len(plan.Deletes) == 0 || slices.ContainsFunc(plan.Deletes, func(r hoster.Record) bool { return r.Type == "NS" && r.Name == "@" }) {
		t.Errorf("emptied: %v, %v", plan, err)
	}
	if len(srv.Writes()) != 0 {
		t.Error("a plan wrote")
	}
	var none context.Context
	if _, err := client.DNS.Apply(none, plan, nil); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Error(err)
	}
	if _, err := client.DNS.Apply(ctx, nil, nil); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Error(err)
	}
}

// TestAPlanForATerminal shows nothing that a terminal would obey.
func TestAPlanForATerminal(t *testing.T) {
	evil := "a\x1b[2J\u202eb\nc"
	plan := hoster.ZonePlan{
		Domain:  "example.com",
		Creates: []hoster.RecordCreate{{Name: "x", Type: "HTTPS", Value: evil}},
		Updates: []hoster.ZonePlanUpdate{{From: hoster.Record{Name: evil, Type: "TXT", Value: evil}, To: hoster.RecordCreate{Value: evil}}},
		Deletes: []hoster.Record{{Name: "x", Type: hoster.RecordType(evil), Value: evil}},
	}
	text := plan.String()
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Count(text, "\n") != 4 || !strings.Contains(text, `+ x - HTTPS a\027[2J\226\128\174b\010c`) {
		t.Errorf("%q", text)
	}
}

// TestASetThatIsShared keeps its TTL, and the values that are not owned.
func TestASetThatIsShared(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		if _, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "shared", TTL: hoster.Set(120), Values: txt("theirs", "mine")}); err != nil {
			t.Fatal(err)
		}
		plan, err := client.DNS.PlanZone(ctx, "example.com",
			[]hoster.RecordCreate{{Type: "TXT", Name: "shared", Value: "mine too", TTL: hoster.Set(999)}},
			&hoster.ZonePlanOptions{Owned: func(r hoster.Record) bool { return strings.HasPrefix(r.Value, "mine") }})
		if err != nil || len(plan.Updates) != 1 || !plan.Updates[0].To.TTL.IsZero() {
			t.Fatalf("%v, %v", plan, err)
		}
		if _, err := client.DNS.Apply(ctx, plan, nil); err != nil {
			t.Fatal(err)
		}
		srv.View(func(s *sandbox.State) {
			for _, r := range s.Records("example.com") {
				if r.Name == "shared" && r.TTL != 120 {
					t.Errorf("the TTL is %d", r.TTL)
				}
			}
		})
		if got := values(srv, "shared", "TXT"); !slices.Equal(got, []string{"mine too", "theirs"}) {
			t.Errorf("%v", got)
		}
	})
}

// bigZone seeds a zone of n records.
func bigZone(n int) sandbox.Option {
	seed := sandbox.DefaultSeed()
	for i := range seed.Domains {
		if seed.Domains[i].Name == "example.com" {
			for j := range n {
				seed.Domains[i].Records = append(seed.Domains[i].Records, &sandbox.Record{Type: "A", Name: fmt.Sprintf("h%05d", j), Value: fmt.Sprintf("10.0.%d.%d", j/250, j%250+1), TTL: 300})
			}
		}
	}
	return sandbox.WithSeed(seed)
}

// TestABigZoneIsOneReadingAndOneWrite with the batch endpoint.
func TestABigZoneIsOneReadingAndOneWrite(t *testing.T) {
	srv := hostertest.New(t, bigZone(10_000), sandbox.WithRateLimit(0, 0))
	client := eagerClient(t, srv)
	ctx := context.Background()
	want := declaration(t, client, "example.com")
	changed := 0
	for i := range want {
		if strings.HasPrefix(want[i].Name, "h") && changed < 200 {
			want[i].Value, changed = fmt.Sprintf("192.0.2.%d", changed+1), changed+1
		}
	}
	srv.ForgetRecords()
	plan, err := client.DNS.PlanZone(ctx, "example.com", want, nil)
	if err != nil || len(plan.Updates) != 200 {
		t.Fatalf("%d updates: %v", len(plan.Updates), err)
	}
	if _, err := client.DNS.Apply(ctx, plan, nil); err != nil {
		t.Fatal(err)
	}
	pages := (10_000 + 1000 + 15) / 1000
	if reads, writes := srv.Count("DNS.List"), srv.Count("DNS.Batch"); reads != pages || writes != 1 || srv.Count("Domains.Get") != 1 || len(srv.Requests()) != pages+2 {
		t.Errorf("%d pages and %d batches, %d requests in all", reads, writes, len(srv.Requests()))
	}
}

// TestManySingleCallsUnderALimit uses at least 0.95 of the rate that the account
// allows.
func TestManySingleCallsUnderALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(600, time.Minute), sandbox.Without(sandbox.Batch, sandbox.ETags))
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		var want []hoster.RecordCreate
		for i := range 5000 {
			want = append(want, hoster.RecordCreate{Type: "TXT", Name: fmt.Sprintf("n%04d", i), Value: "x"})
		}
		plan, err := client.DNS.PlanZone(t.Context(), "example.com", want, &hoster.ZonePlanOptions{Owned: func(r hoster.Record) bool { return strings.HasPrefix(r.Name, "n") }})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := client.DNS.Apply(t.Context(), plan, nil); err != nil {
			t.Fatal(err)
		}
		windows := (5000 + 10 + 599) / 600 // the calls, and the readings
		ideal := time.Duration(windows-1) * time.Minute
		if took := time.Since(began); float64(ideal) < 0.95*float64(took) {
			t.Errorf("took %s, possible are %s", took, ideal)
		}
	})
}

// TestSnapshot: many questions are one reading; a question after a write reads
// again; who leaves does not fail the others.
func TestSnapshot(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client := newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithIdempotencyKeys(false))
	ctx := context.Background()
	snapshot := client.DNS.Snapshot("Example.com")
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if found, err := snapshot.Lookup(ctx, "@", dnszone.TypeMX); err != nil || len(found) == 0 {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
	all.Wait()
	if n := srv.Count("DNS.List"); n != 1 {
		t.Errorf("%d readings", n)
	}
	fresh := func(what string, want int) {
		t.Helper()
		found, err := snapshot.Lookup(ctx, "_fresh.example.com", dnszone.TypeTXT)
		if err != nil || len(found) != want {
			t.Errorf("%s: %v, %v", what, found, err)
		}
	}
	fresh("before", 0)
	record, err := client.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: "TXT", Name: "_fresh", Value: "1"})
	if err != nil {
		t.Fatal(err)
	}
	fresh("created", 1)
	if _, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "_fresh", Values: txt("2", "3")}); err != nil {
		t.Fatal(err)
	}
	fresh("appended", 3)
	srv.Inject(sandbox.Fault{Operation: "DNS.Create", Reset: true, After: true})
	if _, err := client.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: "TXT", Name: "_fresh", Value: "4"}); !errors.Is(err, hoster.ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	fresh("an unknown outcome", 4)
	if err := client.DNS.Delete(ctx, "example.com", record.ID); err != nil {
		t.Fatal(err)
	}
	fresh("deleted", 3)
	reads := srv.Count("DNS.List")
	fresh("nothing changed", 3)
	if srv.Count("DNS.List") != reads {
		t.Error("read again without a write")
	}
	if err := client.Call(ctx, hoster.CallSpec{Method: "POST", Segments: []string{"domains", "example.com", "dns", "records"}, Body: map[string]any{"type": "TXT", "name": "_fresh", "value": "by hand"}}, nil); err != nil {
		t.Fatal(err)
	}
	fresh("a call of the caller's own", 4)
	reads = srv.Count("DNS.List")
	mine, err := snapshot.Lookup(ctx, "@", dnszone.TypeMX)
	if err != nil {
		t.Fatal(err)
	}
	*mine[0].Priority = 4711
	if theirs, err := snapshot.Lookup(ctx, "@", dnszone.TypeMX); err != nil || *theirs[0].Priority == 4711 {
		t.Errorf("callers share numbers: %v", err)
	}
	snapshot.Invalidate()
	if records, err := snapshot.Records(ctx); err != nil || len(records) < 15 || srv.Count("DNS.List") != reads+1 {
		t.Errorf("invalidated: %d records, %v", len(records), err)
	}
}

func TestSnapshotThatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t)
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		srv.Inject(sandbox.Fault{Operation: "DNS.List", Times: -1, Delay: time.Second})
		snapshot := client.DNS.Snapshot("example.com")
		leaving, leave := context.WithCancel(t.Context())
		results := make(chan error, 2)
		go func() { results <- second(snapshot.Records(leaving)) }()
		synctest.Wait()
		go func() { results <- second(snapshot.Records(t.Context())) }()
		synctest.Wait()
		leave()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		if err := <-results; err != nil || srv.Count("DNS.List") != 1 {
			t.Errorf("who stayed: %v, %d readings", err, srv.Count("DNS.List"))
		}
		snapshot.Invalidate()
		leaving, leave = context.WithCancel(t.Context())
		go func() { results <- second(snapshot.Records(leaving)) }()
		synctest.Wait()
		leave()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("alone: %v", err)
		}
	})
	var none context.Context
	client := mocked(t, "", "", nil)
	for _, err := range []error{
		second(client.DNS.Snapshot("example.com").Records(none)),
		second(client.DNS.Snapshot("").Records(context.Background())),
		second(client.DNS.Snapshot("").Lookup(context.Background(), "@", "A")),
		second(client.DNS.Snapshot("example.com").Lookup(context.Background(), "x.example.net.", "A")),
	} {
		if !errors.Is(err, hoster.ErrInvalidArgument) {
			t.Errorf("got %v", err)
		}
	}
}
