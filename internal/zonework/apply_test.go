package zonework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-hoster/hoster/dnszone"
)

// jobFor plans the names from what the zone holds; each wanted record is "name
// type value".
func jobFor(t *testing.T, f *fake, names []string, wanted ...string) Job {
	t.Helper()
	var owned, others []dnszone.Held
	for _, r := range f.records {
		if slices.Contains(names, r.Name.Relative()) {
			owned = append(owned, r)
		} else {
			others = append(others, r)
		}
	}
	var desired []dnszone.Record
	for _, text := range wanted {
		parts := strings.SplitN(text, " ", 3)
		data, err := dnszone.FromFields(dnszone.Fields{Type: dnszone.Type(parts[1]), Value: parts[2]})
		if err != nil {
			t.Fatal(err)
		}
		desired = append(desired, dnszone.Record{Name: nameIn(t, parts[0]), TTL: 300, Data: data})
	}
	job := Job{Sets: dnszone.Plan(owned, others, desired), Concurrency: 2}
	if f.versions {
		job.Version = fmt.Sprint(f.version)
	}
	return job
}

func apply(t *testing.T, f *fake, job Job) (outcome Outcome, err error) {
	err = Apply(t.Context(), f, &State{}, job, &outcome)
	return outcome, err
}

func TestApply(t *testing.T) {
	onFakes(t, func(t *testing.T, f *fake) {
		f.add(t, "a", "TXT", "old")
		f.add(t, "alias", "A", "192.0.2.1")
		f.add(t, "gone", "TXT", "old")
		job := jobFor(t, f, []string{"a", "alias", "gone", "new"}, "a TXT one", "a TXT two", "alias CNAME target.example.net", "new TXT x")
		last, total := 0, 0
		job.OnProgress = func(done, all int) { last, total = done, all }
		outcome, err := apply(t, f, job)
		if err != nil || len(outcome.Applied) != 5 || last != 5 || total != 5 || outcome.Batched != f.batches || len(outcome.Unfinished) != 0 {
			t.Fatalf("%+v, %v: %v", outcome, err, f.calls)
		}
		for name, want := range map[string][]string{"a": {"one", "two"}, "alias": {"target.example.net"}, "gone": nil, "new": {"x"}} {
			if got := f.holds(name); !slices.Equal(got, want) {
				t.Errorf("%s holds %v", name, got)
			}
		}
		if f.versions && f.batches && f.count("read") != 0 {
			t.Errorf("the version of the plan is not used: %v", f.calls)
		}
		if again, err := apply(t, f, job); err != nil || len(again.Skipped) != 5 || len(again.Applied) != 0 {
			t.Errorf("again: %+v, %v", again, err)
		}
	})
}

// TestApplyLeavesWhatOthersChanged, and names it; the rest is written.
func TestApplyLeavesWhatOthersChanged(t *testing.T) {
	onFakes(t, func(t *testing.T, f *fake) {
		job := jobFor(t, f, []string{"a", "b", "alias"}, "a TXT ours", "b TXT ours", "alias CNAME target.example.net")
		f.add(t, "b", "TXT", "theirs")
		f.add(t, "alias", "A", "192.0.2.1")
		outcome, err := apply(t, f, job)
		if lost := (*conflict)(nil); !errors.As(err, &lost) || lost.what != "changed since the plan, and not written: alias CNAME, b TXT" {
			t.Errorf("got %v", err)
		}
		if len(outcome.Applied) != 1 || !slices.Equal(f.holds("b"), []string{"theirs"}) || !slices.Equal(f.holds("alias"), []string{"192.0.2.1"}) {
			t.Errorf("%+v: %v, %v", outcome, f.holds("b"), f.holds("alias"))
		}
	})
}

// TestApplyGoesOn from the outcome of an application that failed, and only then
// takes a half-written set for its own.
func TestApplyGoesOn(t *testing.T) {
	for _, failure := range []error{errRefused, errLost} {
		onFakes(t, func(t *testing.T, f *fake) {
			var wanted []string
			for i := range 600 {
				wanted = append(wanted, fmt.Sprintf("x TXT %d", i))
			}
			job := jobFor(t, f, []string{"x", "y"}, append(wanted, "y TXT 1")...)
			writes := 0
			fail := func(call string) error {
				if strings.HasPrefix(call, "batch") == f.batches && call != "read" {
					if writes++; writes == 2 {
						return failure
					}
				}
				return nil
			}
			if failure == errLost {
				f.after = fail
			} else {
				f.before = fail
			}
			job.Concurrency = 1
			first, err := apply(t, f, job)
			if !errors.Is(err, failure) || !strings.HasPrefix(err.Error(), "hoster: x TXT") || len(first.Unfinished) != 1 || first.Unfinished[0].Name.Relative() != "x" {
				t.Fatalf("%+v, %v", first, err)
			}
			left := len(f.holds("x"))
			if _, err := apply(t, f, job); left != 600 && (err == nil || len(f.holds("x")) != left) {
				t.Errorf("without the outcome: %d values, %v", len(f.holds("x")), err)
			}
			job.Again, job.Begun, job.Adjusted = true, first.Unfinished, first.Adjusted
			if outcome, err := apply(t, f, job); err != nil || len(f.holds("x")) != 600 || len(outcome.Unfinished) != 0 {
				t.Errorf("%+v, %v: %d values", outcome, err, len(f.holds("x")))
			}
		})
	}
}

// TestApplyRecallsWhatIsStored instead of what was sent.
func TestApplyRecallsWhatIsStored(t *testing.T) {
	onFakes(t, func(t *testing.T, f *fake) {
		f.lower, f.minTTL = true, 600
		job := jobFor(t, f, []string{"x"}, "x TXT ABC", "x TXT def", "x MX 10 mail.example.net")
		first, err := apply(t, f, job)
		if err != nil || len(first.Applied) != 2 || len(first.Adjusted) != 4 {
			t.Fatalf("%+v, %v", first, err)
		}
		job.Again, job.Adjusted = true, first.Adjusted
		if outcome, err := apply(t, f, job); err != nil || len(outcome.Skipped) != 2 || len(outcome.Adjusted) != 4 {
			t.Errorf("%+v, %v", outcome, err)
		}
	})
}

func TestRecall(t *testing.T) {
	key := dnszone.SetKey{Name: nameIn(t, "x"), Type: "MX"}
	sent := func(preference uint16, host string) dnszone.Data {
		return dnszone.MX{Preference: preference, Host: host}
	}
	goal := dnszone.Goal{Key: key, TTL: 60}
	recall(&goal, []Adjusted{
		{key, sent(10, "a.example"), "priority", "10", "20"},
		{key, sent(10, "b.example"), "value", "b.example", "c.example"},
		{key, nil, "ttl", "60", "600"},
		{key, nil, "ttl", "70", "700"}, // of another goal
		{key, sent(10, "a.example"), "value", "a.example", "d.example"},
		{dnszone.SetKey{Name: nameIn(t, "y"), Type: "MX"}, sent(10, "e.example"), "priority", "10", "30"},
		{key, sent(10, "f.example"), "priority", "10", "many"},
	})
	srv := func(priority, weight, port uint16) dnszone.Data {
		return dnszone.SRV{Priority: priority, Weight: weight, Port: port, Target: "a.example"}
	}
	service := dnszone.Goal{Key: dnszone.SetKey{Name: nameIn(t, "x"), Type: "SRV"}}
	for _, field := range []string{"weight", "port"} {
		recall(&service, []Adjusted{{service.Key, srv(1, 2, 3), field, "", "9"}})
		if want := map[string]dnszone.Data{"weight": srv(1, 9, 3), "port": srv(1, 2, 9)}[field]; service.Stored.Values[srv(1, 2, 3)] != want {
			t.Errorf("%s: %+v", field, service.Stored)
		}
	}
	if goal.Stored.TTL != 600 || len(goal.Stored.Values) != 2 || goal.Stored.Values[sent(10, "a.example")] != sent(20, "d.example") || goal.Stored.Values[sent(10, "b.example")] != sent(10, "c.example") {
		t.Errorf("%+v", goal.Stored)
	}
}

// TestApplyTellsWhatDidNotLast where no version guards the writes.
func TestApplyTellsWhatDidNotLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		job := jobFor(t, f, []string{"a", "b"}, "a TXT ours", "b TXT ours")
		f.after = func(call string) error {
			f.records = slices.DeleteFunc(f.records, func(r dnszone.Held) bool { return r.Name.Relative() == "a" })
			return nil
		}
		outcome, err := apply(t, f, job)
		if lost := (*conflict)(nil); !errors.As(err, &lost) || lost.what != "written, and changed by somebody else since: a TXT" || len(outcome.Applied) != 1 {
			t.Errorf("%+v, %v", outcome, err)
		}
	})
}

// TestApplyKeepsItsOutcome when a call panics.
func TestApplyKeepsItsOutcome(t *testing.T) {
	for _, batches := range []bool{true, false} {
		f := &fake{batches: batches}
		f.add(t, "a", "TXT", "old")
		job := jobFor(t, f, []string{"a"}, "a TXT one", "a TXT two")
		f.before = func(call string) error {
			if strings.HasPrefix(call, "create") || strings.HasPrefix(call, "batch") && batches {
				panic("a mistake")
			}
			return nil
		}
		var outcome Outcome
		func() {
			defer func() {
				if recover() != "a mistake" {
					t.Error("the panic is lost")
				}
			}()
			_ = Apply(t.Context(), f, &State{}, job, &outcome)
		}()
		if len(outcome.Unfinished) != 1 {
			t.Errorf("batches %t: %+v", batches, outcome)
		}
	}
}

// TestApplyNamesTheRecord that a batch was refused for, or the sets of the batch.
func TestApplyNamesTheRecord(t *testing.T) {
	for _, test := range []struct {
		sets  int
		place Place
		want  string
	}{
		{7, Place{}, "n0 TXT, n1 TXT, n2 TXT, n3 TXT, n4 TXT and 2 more"},
		{7, Place{"create", 9}, "n0 TXT, n1 TXT, n2 TXT, n3 TXT, n4 TXT and 2 more"},
		{7, Place{"update", 0}, "n0 TXT, n1 TXT, n2 TXT, n3 TXT, n4 TXT and 2 more"},
		{5, Place{}, "n0 TXT, n1 TXT, n2 TXT, n3 TXT, n4 TXT"},
		{7, Place{"create", 3}, "n3 TXT"},
		{7, Place{"create", 6}, "n6 TXT"},
	} {
		f := &placing{fake{batches: true}, test.place}
		f.before = func(string) error { return errRefused }
		var names, wanted []string
		for i := range test.sets {
			names, wanted = append(names, fmt.Sprint("n", i)), append(wanted, fmt.Sprintf("n%d TXT x", i))
		}
		job := jobFor(t, &f.fake, names, wanted...)
		job.Version = "1"
		var outcome Outcome
		err := Apply(t.Context(), f, &State{}, job, &outcome)
		if !errors.Is(err, errRefused) || !strings.HasPrefix(err.Error(), "hoster: "+test.want+": ") || (len(outcome.Failed) == 1) != !strings.Contains(test.want, ",") {
			t.Errorf("%+v: %v, %v", test.place, outcome.Failed, err)
		}
	}
}

// placing names the place of what is refused.
type placing struct {
	fake
	place Place
}

func (p *placing) Weigh(err error) Judgement {
	means := p.fake.Weigh(err)
	means.Place = p.place
	return means
}

func TestPieces(t *testing.T) {
	all := dnszone.Changes{Delete: make([]string, 600), Update: make([]dnszone.Change, 501), Create: make([]dnszone.Record, 3)}
	shape := func(deleteFirst bool) (text string) {
		for _, p := range pieces(all, deleteFirst) {
			text += fmt.Sprintf("%d/%d/%d ", len(p.Update), len(p.Create), len(p.Delete))
		}
		return text
	}
	if got := shape(false); got != "500/0/0 1/0/0 0/3/0 0/0/500 0/0/100 " {
		t.Error(got)
	}
	if got := shape(true); got != "0/0/500 0/0/100 500/0/0 1/0/0 0/3/0 " {
		t.Error(got)
	}
	all.Delete = nil
	all.Update = all.Update[:497]
	if got := shape(false); got != "497/3/0 " {
		t.Error(got)
	}
}

// TestApplyAfterBatchesFailed reads the zone: single calls depend on what is there
// now.
func TestApplyAfterBatchesFailed(t *testing.T) {
	f, state := &fake{versions: true}, &State{}
	state.Batches.Failed(Judgement{LacksBatch: true, FromAPI: true})
	var outcome Outcome
	err := Apply(t.Context(), f, state, jobFor(t, f, []string{"x"}, "x TXT one"), &outcome)
	if err != nil || len(outcome.Applied) != 1 || f.calls[0] != "read" || f.count("batch") != 0 {
		t.Errorf("%+v, %v: %v", outcome, err, f.calls)
	}
}

// TestApplyTellsConflicts: a set that cannot be read is nobody's, and all sets of
// a name wait for the one that others changed where an alias comes.
func TestApplyTellsConflicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.add(t, "alias", "A", "192.0.2.1")
		f.add(t, "alias", "TXT", "old")
		f.records = append(f.records, dnszone.Held{Record: dnszone.Record{Name: nameIn(t, "free")}, ID: "odd", Fields: dnszone.Fields{Type: "A", Value: "no address"}})
		job := jobFor(t, f, []string{"alias", "free"}, "alias CNAME target.example.net", "free CNAME target.example.net")
		for i, s := range job.Sets { // which was not planned for
			if s.Goal.Key.String() == "free A" {
				job.Sets = slices.Delete(job.Sets, i, i+1)
				break
			}
		}
		f.records = slices.DeleteFunc(f.records, func(r dnszone.Held) bool { return r.Fields.Value == "old" })
		f.add(t, "alias", "TXT", "theirs")
		outcome, err := apply(t, f, job)
		if lost := (*conflict)(nil); !errors.As(err, &lost) || fmt.Sprint(outcome.Conflicts) != "[alias A alias CNAME alias TXT]" || len(f.holds("alias")) != 2 {
			t.Errorf("%+v, %v: %v", outcome, err, f.holds("alias"))
		}
	})
}

// TestApplyStopsAtARecordThatIsThere when another look does not explain it.
func TestApplyStopsAtARecordThatIsThere(t *testing.T) {
	onFakes(t, func(t *testing.T, f *fake) {
		job := jobFor(t, f, []string{"x"}, "x TXT one")
		refused := 0
		f.before = func(call string) error {
			if call == "read" || strings.HasPrefix(call, "batch") && !f.batches {
				return nil
			}
			refused++
			return errExists
		}
		outcome, err := apply(t, f, job)
		if !errors.Is(err, errExists) || refused != 2 || len(outcome.Failed) != 1 || len(outcome.Applied) != 0 {
			t.Errorf("%d times: %+v, %v", refused, outcome, err)
		}
	})
}

// TestApplyDoesNotTakeAnOldReading for a loss.
func TestApplyDoesNotTakeAnOldReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &old{}
		var outcome Outcome
		job := jobFor(t, &f.fake, []string{"x"}, "x TXT one")
		if err := Apply(t.Context(), f, &State{}, job, &outcome); err != nil || len(outcome.Applied) != 1 || f.reads != 4 {
			t.Errorf("%d readings: %+v, %v", f.reads, outcome, err)
		}
	})
}

// old answers the first three readings from before any write.
type old struct {
	fake
	reads int
}

func (o *old) ReadAll(ctx context.Context) ([]dnszone.Held, Version, error) {
	if o.reads++; o.reads <= 3 {
		return nil, Version{}, nil
	}
	return o.fake.ReadAll(ctx)
}

// TestSingleCallsInOrder: what comes is there before what goes, but where a CNAME
// is concerned.
func TestSingleCallsInOrder(t *testing.T) {
	for wanted, first := range map[string]string{"x AAAA 2001:db8::1": "create", "x CNAME target.example.net": "delete"} {
		f := &fake{}
		f.add(t, "x", "A", "192.0.2.1")
		job := jobFor(t, f, []string{"x"}, wanted)
		f.calls = nil
		state := &State{}
		state.Batches.Failed(Judgement{LacksBatch: true, FromAPI: true})
		var outcome Outcome
		if err := Apply(t.Context(), f, state, job, &outcome); err != nil || len(f.calls) != 4 || !strings.HasPrefix(f.calls[1], first) {
			t.Errorf("%s: %v, %v", wanted, f.calls, err)
		}
	}
}

// TestSingleCallsThatChangeDependOnTheVersion, those that add do not.
func TestSingleCallsThatChangeDependOnTheVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, state := &fake{versions: true}, &State{}
		state.Batches.Failed(Judgement{LacksBatch: true, FromAPI: true})
		f.add(t, "a", "TXT", "old")
		job := jobFor(t, f, []string{"a", "b"}, "a TXT new", "b TXT new")
		meddled := false
		f.before = func(call string) error {
			if strings.HasPrefix(call, "update") && !meddled {
				meddled = true
				f.add(t, "a", "TXT", "theirs")
			}
			return nil
		}
		var outcome Outcome
		err := Apply(t.Context(), f, state, job, &outcome)
		if lost := (*conflict)(nil); !errors.As(err, &lost) || !slices.Equal(f.holds("a"), []string{"old", "theirs"}) || !slices.Equal(f.holds("b"), []string{"new"}) {
			t.Errorf("%v, %v: %+v, %v", f.holds("a"), f.holds("b"), outcome, err)
		}
	})
}

// TestBatchesAreFull, and hold names as a whole.
func TestBatchesAreFull(t *testing.T) {
	for n, want := range map[int]int{250: 1, 251: 2} {
		f := &fake{batches: true}
		var wanted []string
		for i := range n {
			wanted = append(wanted, fmt.Sprintf("a TXT %d", i), fmt.Sprintf("b TXT %d", i))
		}
		job := jobFor(t, f, []string{"a", "b"}, wanted...)
		if outcome, err := apply(t, f, job); err != nil || f.count("batch") != want || len(outcome.Applied) != 2 {
			t.Errorf("%d values: %v, %+v, %v", n, f.calls, outcome, err)
		}
	}
}
