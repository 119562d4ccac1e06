package hoster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// modelSeeds is how many random zones each test makes for each kind of
// provider. After a change of how zones are written, run it with some hundreds.
const modelSeeds = 12

// zoneModel is a random zone that is to become another one, which is as random.
// The model owns its own names; the rest of the zone is everybody else's.
type zoneModel struct {
	t       *testing.T
	where   string // for messages
	rand    *rand.Rand
	srv     *hostertest.Server
	client  *hoster.Client
	want    []hoster.RecordCreate
	plan    *hoster.ZonePlan
	last    *hoster.ApplyResult // of the plan, if it was applied
	outside []string
}

func modelOwns(name string) bool { return strings.HasPrefix(name, "model") }

// onModels runs a test, in a time of its own, on random zones of each kind of
// provider.
func onModels(t *testing.T, kinds []string, test func(m *zoneModel)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			for seed := range uint64(modelSeeds) {
				synctest.Test(t, func(t *testing.T) {
					test(newZoneModel(t, kind, seed))
				})
			}
		})
	}
}

var allKinds = []string{"ETags and batch", "ETags", "batch", "neither", "new ids"}

func newZoneModel(t *testing.T, kind string, seed uint64) *zoneModel {
	m := &zoneModel{t: t, where: fmt.Sprintf("%s, seed %d", kind, seed), rand: rand.New(rand.NewPCG(seed, 7))}
	m.srv = hostertest.New(t, append([]sandbox.Option{zoneWith(m.randomZone()), sandbox.WithRateLimit(0, 0)}, providers[kind]...)...)
	m.client = m.newClient(hoster.WithIdempotencyKeys(m.rand.IntN(2) == 0))
	m.want = m.randomZone()
	m.outside = m.contents(func(r *sandbox.Record) bool { return !modelOwns(r.Name) }, true)
	var err error
	m.plan, err = m.client.DNS.PlanZone(t.Context(), "example.com", m.want, &hoster.ZonePlanOptions{
		Owned: func(r hoster.Record) bool { return modelOwns(r.Name) }, AllowEmpty: true, MaxDeleteShare: 1,
	})
	if err != nil {
		t.Fatalf("%s: %v", m.where, err)
	}
	return m
}

func (m *zoneModel) newClient(options ...hoster.Option) *hoster.Client {
	m.t.Helper()
	options = append(options, hoster.WithHTTPClient(m.srv.PipeClient()), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 2, MaxRetryAfter: time.Minute}))
	return newTestClient(m.t, m.srv.PipeURL(), m.srv.RootToken(), options...)
}

// zoneWith seeds example.com with records beside its own.
func zoneWith(records []hoster.RecordCreate) sandbox.Option {
	seed := sandbox.DefaultSeed()
	for i := range seed.Domains {
		if seed.Domains[i].Name != "example.com" {
			continue
		}
		for _, r := range records {
			ttl, _ := r.TTL.Get()
			seeded := &sandbox.Record{Type: string(r.Type), Name: r.Name, Value: r.Value, TTL: ttl}
			if priority, ok := r.Priority.Get(); ok {
				n := int(priority)
				seeded.Priority = &n
			}
			seed.Domains[i].Records = append(seed.Domains[i].Records, seeded)
		}
	}
	return sandbox.WithSeed(seed)
}

// randomZone is records that can stand together, at few names, so that two
// zones have names, sets and values in common.
func (m *zoneModel) randomZone() (records []hoster.RecordCreate) {
	for i := range 12 {
		name := fmt.Sprintf("model%d", i)
		switch m.rand.IntN(5) {
		case 0: // nothing
		case 1:
			records = append(records, hoster.RecordCreate{Type: "CNAME", Name: name, Value: fmt.Sprintf("target%d.example.net", m.rand.IntN(3)), TTL: hoster.Set(300)})
		default:
			for _, rrtype := range []hoster.RecordType{"A", "TXT", "MX"} {
				if m.rand.IntN(2) == 0 {
					records = append(records, m.randomSet(name, rrtype)...)
				}
			}
		}
	}
	return records
}

func (m *zoneModel) randomSet(name string, rrtype hoster.RecordType) (records []hoster.RecordCreate) {
	ttl := hoster.Set([]int{60, 300, 3600}[m.rand.IntN(3)])
	for i := range 4 {
		if m.rand.IntN(2) == 0 {
			continue
		}
		record := hoster.RecordCreate{Type: rrtype, Name: name, TTL: ttl}
		switch rrtype {
		case "A":
			record.Value = fmt.Sprintf("192.0.2.%d", i)
		case "TXT":
			record.Value = fmt.Sprintf("text %d", i)
		case "MX": // the same hosts with other preferences
			record.Value, record.Priority = fmt.Sprintf("mx%d.example.net", i/2), hoster.Set(uint16(i%2))
		}
		records = append(records, record)
	}
	return records
}

// contents is records of the zone, one line each.
func (m *zoneModel) contents(choose func(*sandbox.Record) bool, ids bool) (lines []string) {
	m.srv.View(func(s *sandbox.State) {
		for _, r := range s.Records("example.com") {
			if !choose(r) {
				continue
			}
			priority := 0
			if r.Priority != nil {
				priority = *r.Priority
			}
			line := fmt.Sprintf("%s %s %s %d %d", r.Name, r.Type, r.Value, priority, r.TTL)
			if ids {
				line += " " + r.ID
			}
			lines = append(lines, line)
		}
	})
	slices.Sort(lines)
	return lines
}

func (m *zoneModel) owned() []string {
	return m.contents(func(r *sandbox.Record) bool { return modelOwns(r.Name) }, false)
}

// apply applies the plan, and checks that each set which changed meanwhile is
// told, as applied or as unfinished.
func (m *zoneModel) apply(ctx context.Context) (hoster.ApplyResult, error) {
	m.t.Helper()
	before := m.owned()
	result, err := m.client.DNS.Apply(ctx, m.stored(), &hoster.ApplyOptions{Concurrency: 1 + m.rand.IntN(4), Resume: m.last})
	m.last = throughJSON(m.t, &result)
	synctest.Wait() // for what the server still does with calls that were given up
	after := m.owned()
	for _, line := range append(slices.Clone(before), after...) {
		if slices.Contains(before, line) && slices.Contains(after, line) {
			continue
		}
		fields := strings.Fields(line)
		if set := fields[0] + " " + fields[1]; !slices.Contains(result.Applied, set) && !slices.Contains(result.Unfinished, set) {
			m.t.Errorf("%s: %s has changed, and is neither applied nor unfinished: %+v, %v", m.where, set, result, err)
		}
	}
	return result, err
}

// stored is the plan as another process reads it back.
func (m *zoneModel) stored() *hoster.ZonePlan {
	m.t.Helper()
	return throughJSON(m.t, m.plan)
}

// throughJSON writes a value as JSON, reads it back, and finds it the same.
func throughJSON[T any](t *testing.T, value *T) *T {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	read := new(T)
	if err := json.Unmarshal(text, read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(value, read) {
		t.Errorf("written:\n%+v\nread:\n%+v", value, read)
	}
	return read
}

// finish applies the plan until there is no error, and checks that the zone is
// what was wanted, and that nothing else is touched.
func (m *zoneModel) finish() {
	m.t.Helper()
	var failures []string
	for {
		result, err := m.apply(m.t.Context())
		if err == nil {
			break
		}
		failures = append(failures, fmt.Sprintf("%v; unfinished: %v", err, result.Unfinished))
		if len(failures) == 12 {
			m.t.Fatalf("%s: not finished:\n%s", m.where, strings.Join(failures, "\n"))
		}
	}
	var want []string
	for _, r := range m.want {
		ttl, _ := r.TTL.Get()
		priority, _ := r.Priority.Get()
		want = append(want, fmt.Sprintf("%s %s %s %d %d", r.Name, r.Type, r.Value, priority, ttl))
	}
	slices.Sort(want)
	if got := m.owned(); !slices.Equal(got, want) {
		m.t.Errorf("%s: the zone holds\n%s\nand not\n%s\nafter %v", m.where, strings.Join(got, "\n"), strings.Join(want, "\n"), failures)
	}
	if now := m.contents(func(r *sandbox.Record) bool { return !modelOwns(r.Name) }, true); !slices.Equal(now, m.outside) {
		m.t.Errorf("%s: what is not owned was touched:\n%s\nwas\n%s", m.where, strings.Join(now, "\n"), strings.Join(m.outside, "\n"))
	}
}

// randomFault is something that goes wrong with one of the next calls.
func (m *zoneModel) randomFault() sandbox.Fault {
	const internal = `{"status":"error","code":"INTERNAL_ERROR","message":"no"}`
	const invalid = `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"value":["no"]}}`
	fault := []sandbox.Fault{
		{Reset: true},
		{Reset: true, After: true},
		{Truncate: 1 + m.rand.IntN(40)},
		{Status: 500, Body: internal},
		{Status: 500, Body: internal, After: true},
		{Status: 422, Body: invalid},
		{Status: 502, Body: "<html>"},
	}[m.rand.IntN(7)]
	fault.Operation = []string{"DNS.Create", "DNS.Update", "DNS.Delete", "DNS.Batch", "DNS.List"}[m.rand.IntN(5)]
	fault.Skip = m.rand.IntN(6)
	return fault
}

// TestAnyZoneBecomesAnyOther in the end, whatever goes wrong.
func TestAnyZoneBecomesAnyOther(t *testing.T) {
	onModels(t, allKinds, func(m *zoneModel) {
		for range m.rand.IntN(4) {
			m.srv.Inject(m.randomFault())
		}
		m.finish()
	})
}

// TestAnyZoneAfterCancellations at random moments, before and after the work of
// a call.
func TestAnyZoneAfterCancellations(t *testing.T) {
	onModels(t, allKinds, func(m *zoneModel) {
		const delay = 10 * time.Millisecond
		for _, operation := range []string{"DNS.Create", "DNS.Update", "DNS.Delete", "DNS.Batch", "DNS.List"} {
			m.srv.Inject(sandbox.Fault{Operation: operation, Times: -1, Delay: delay, After: m.rand.IntN(2) == 0})
		}
		for range 3 {
			ctx, cancel := context.WithTimeout(m.t.Context(), time.Duration(m.rand.Int64N(int64(8*delay))))
			_, err := m.apply(ctx)
			if ended := ctx.Err(); ended != nil && err != nil && !errors.Is(err, ended) {
				m.t.Errorf("%s: cancelled, and ended with %v", m.where, err)
			}
			cancel()
		}
		m.finish()
	})
}

// TestAnyZoneWhileOthersWrite, at the worst moment: where there are versions
// what they wrote stays, and a set of the plan that they wrote to is a conflict.
func TestAnyZoneWhileOthersWrite(t *testing.T) {
	onModels(t, []string{"ETags and batch", "new ids"}, func(m *zoneModel) {
		other := m.newClient()
		var theirs []hoster.RecordCreate
		left := 1 + m.rand.IntN(3)
		m.srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Match: func(*http.Request) bool {
			if left == 0 {
				return false
			}
			left--
			record := hoster.RecordCreate{Type: "TXT", Name: fmt.Sprintf("model%d", m.rand.IntN(12)), Value: fmt.Sprintf("theirs %d", left)}
			if _, err := other.DNS.Create(m.t.Context(), "example.com", record); err == nil { // no CNAME is there
				theirs = append(theirs, record)
			}
			return false
		}})
		result, err := m.client.DNS.Apply(m.t.Context(), m.plan, nil)
		if err != nil && !errors.Is(err, hoster.ErrConflict) {
			m.t.Errorf("%s: %v", m.where, err)
		}
		for _, r := range theirs {
			if !slices.Contains(values(m.srv, r.Name, "TXT"), r.Value) {
				m.t.Errorf("%s: %q of %s is lost: %+v, %v", m.where, r.Value, r.Name, result, err)
			}
			set := r.Name + " TXT"
			planned := slices.ContainsFunc(m.plan.Creates, func(p hoster.RecordCreate) bool { return p.Name+" "+string(p.Type) == set })
			if planned && (err == nil || !strings.Contains(err.Error(), set)) {
				m.t.Errorf("%s: %s is planned, they wrote to it, and it is no conflict: %+v, %v", m.where, set, result, err)
			}
		}
	})
}
