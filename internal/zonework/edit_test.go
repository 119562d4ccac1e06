package zonework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/dnszone"
)

// onFakes runs a test in a time of its own on each kind of provider.
func onFakes(t *testing.T, test func(t *testing.T, f *fake)) {
	for _, versions := range []bool{true, false} {
		for _, batches := range []bool{true, false} {
			t.Run(fmt.Sprintf("versions %t, batches %t", versions, batches), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { test(t, &fake{versions: versions, batches: batches}) })
			})
		}
	}
}

func txtGoal(t *testing.T, values ...string) dnszone.Goal {
	return dnszone.Goal{Key: dnszone.SetKey{Name: nameIn(t, "x"), Type: "TXT"}, Want: texts(values...), TTL: 300}
}

func TestEdit(t *testing.T) {
	onFakes(t, func(t *testing.T, f *fake) {
		state := &State{}
		f.add(t, "x", "TXT", "there")
		change, err := editOne(t.Context(), f, state, txtGoal(t, "there", "one", "two"))
		if err != nil || !change.Written || len(change.Before) != 1 || len(change.After) != 3 || !slices.Equal(f.holds("x"), []string{"one", "there", "two"}) {
			t.Errorf("%+v, %v: %v", change, err, f.holds("x"))
		}
		for _, r := range change.After {
			if r.TTL != 300 {
				t.Errorf("the TTL of %v is %d", r.Data, r.TTL)
			}
		}
		f.calls = nil
		change, err = editOne(t.Context(), f, state, txtGoal(t, "there", "one", "two"))
		if err != nil || change.Written || len(f.calls) != 1 {
			t.Errorf("again: %+v, %v: %v", change, err, f.calls)
		}
	})
}

// TestEditMerges what another writer does between reading and writing, as long as
// it takes, and not for ever.
func TestEditMerges(t *testing.T) {
	for times, ok := range map[int]bool{3: true, maxMerges: false} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{versions: true}
			n := 0
			f.before = func(call string) error {
				if strings.HasPrefix(call, "create") && n < times {
					n++
					f.add(t, "x", "TXT", fmt.Sprint("theirs ", n))
				}
				return nil
			}
			_, err := editOne(t.Context(), f, &State{}, txtGoal(t, "ours"))
			if ok && (err != nil || len(f.holds("x")) != times+1) {
				t.Errorf("%d times: %v, %v", times, f.holds("x"), err)
			}
			if lost := (*conflict)(nil); !ok && (!errors.As(err, &lost) || !strings.Contains(err.Error(), "x TXT of example.com") || slices.Contains(f.holds("x"), "ours")) {
				t.Errorf("%d times: %v, %v", times, f.holds("x"), err)
			}
		})
	}
}

// TestEditLooksAgain where no version guards the write.
func TestEditLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		overwritten := 0
		f.after = func(call string) error {
			if strings.HasPrefix(call, "create") && overwritten < 2 {
				overwritten++
				f.records = nil
			}
			return nil
		}
		if change, err := editOne(t.Context(), f, &State{}, txtGoal(t, "ours")); err != nil || len(f.holds("x")) != 1 || overwritten != 2 || !change.Written {
			t.Errorf("%+v, %v: %v", change, err, f.holds("x"))
		}
		overwritten = -100
		f.records = nil
		_, err := editOne(t.Context(), f, &State{}, txtGoal(t, "ours"))
		if lost := (*conflict)(nil); !errors.As(err, &lost) || overwritten != -100+maxLost+1 {
			t.Errorf("never lasting: written %d times, %v", overwritten+100, err)
		}
	})
}

// TestEditLearnsWhatIsStored instead of what was sent, also where a refusal is all
// that tells.
func TestEditLearnsWhatIsStored(t *testing.T) {
	onFakes(t, func(t *testing.T, f *fake) {
		f.lower, f.minTTL = true, 600
		want := []Adjusted{
			{txtGoal(t).Key, nil, "ttl", "300", "600"},
			{txtGoal(t).Key, dnszone.TXT{Text: "ABC"}, "value", "ABC", "abc"},
		}
		change, err := editOne(t.Context(), f, &State{}, txtGoal(t, "ABC"))
		if err != nil || !slices.Equal(change.Adjusted, want) || f.count("create") != 1 {
			t.Errorf("%+v, %v: %v", change.Adjusted, err, f.calls)
		}
		goal := txtGoal(t, "ABC")
		goal.TTL = 0
		change, err = editOne(t.Context(), f, &State{}, goal)
		if err != nil || change.Written || !slices.Equal(change.Adjusted, want[1:]) || len(f.holds("x")) != 1 {
			t.Errorf("there already: %+v, %v: %v", change, err, f.calls)
		}
	})
}

// TestEditStopsAtAConflict that is not another writer's.
func TestEditStopsAtAConflict(t *testing.T) {
	onFakes(t, func(t *testing.T, f *fake) {
		f.add(t, "x", "CNAME", "target.example.net")
		if _, err := editOne(t.Context(), f, &State{}, txtGoal(t, "ours")); !errors.Is(err, errExists) || f.count("create") != 2 {
			t.Errorf("%v: %v", err, f.calls)
		}
	})
}

// TestEditWithoutBatches goes on with single calls, and remembers: for good where
// the API says so.
func TestEditWithoutBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, state := &fake{}, &State{}
		f.before = func(call string) error {
			if strings.HasPrefix(call, "batch") {
				state.Batches.Failed(f.Weigh(errLacking)) // which the caller of the endpoint tells
			}
			return nil
		}
		for i := range 3 {
			if _, err := editOne(t.Context(), f, state, txtGoal(t, fmt.Sprint("one ", i), fmt.Sprint("two ", i))); err != nil {
				t.Error(err)
			}
		}
		if len(f.holds("x")) != 6 || f.count("batch") != 1 {
			t.Errorf("%v", f.calls)
		}
	})
}

func TestEditEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{versions: true}
		f.before = func(call string) error {
			if call != "read" {
				return errMoved
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := editOne(ctx, f, &State{}, txtGoal(t, "ours")); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errMoved) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBatchSupport(t *testing.T) {
	tries := func(s *BatchSupport) (skipped int) {
		for !s.Try() {
			if skipped++; skipped > 100 {
				break
			}
		}
		return skipped
	}
	var s BatchSupport
	for i, want := range []int{1, 3, 7, 15, 31, 63, 63} {
		s.Failed(Judgement{LacksBatch: true})
		if got := tries(&s); got != want {
			t.Errorf("after %d pages %d batches are left out, not %d", i+1, got, want)
		}
	}
	s.Failed(Judgement{Moved: true, FromAPI: true})
	if tries(&s) != 0 {
		t.Error("another failure counts")
	}
	s.Failed(Judgement{LacksBatch: true, FromAPI: true})
	if tries(&s) != 101 {
		t.Error("what the API says is doubted")
	}
	if s.Succeeded(); tries(&s) != 0 {
		t.Error("a batch that was done is doubted")
	}
}

func TestVersions(t *testing.T) {
	var s State
	strong, weak := Version{Tag: "a"}, Version{Tag: "b", Weak: true}
	if s.Usable(strong) != "a" || s.Usable(weak) != "" {
		t.Error("unknown")
	}
	if s.versions.learn(""); s.Usable(strong) != "" {
		t.Error("a provider without versions")
	}
	s.versions.learn("c")
	s.versions.learn("") // a header that was lost
	if s.Usable(strong) != "a" || s.Usable(weak) != "b" {
		t.Error("a provider with versions")
	}
	for header, want := range map[string]Version{
		`"a"`: {`"a"`, false}, `W/"a"`: {`"a"`, true}, `W/"a-gzip"`: {`"a"`, true}, `"a;br"`: {`"a"`, false}, ` "a" `: {`"a"`, false},
		"*": {}, `""`: {}, `W/""`: {}, "": {},
	} {
		if got := VersionOf(header); got != want {
			t.Errorf("%s: %+v", header, got)
		}
	}
}

func TestLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s State
		unlock, err := s.Lock(t.Context(), "example.com")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Lock(ctx, "example.com"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("taken twice: %v", err)
		}
		if free, err := s.Lock(t.Context(), "example.net"); err != nil {
			t.Error(err)
		} else {
			free()
		}
		unlock()
		if _, err := s.Lock(ctx, "example.com"); err == nil {
			t.Error("taken with a context that has ended")
		}
		if _, err := s.Lock(t.Context(), "example.com"); err != nil {
			t.Error(err)
		}
		s.Note("example.com")
		s.NoteAnywhere()
		if s.Writes("example.com") != 2 || s.Writes("example.net") != 1 {
			t.Errorf("%d and %d writes", s.Writes("example.com"), s.Writes("example.net"))
		}
	})
}

// TestShared is one reading for all who ask while it is good.
func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Shared[int]
		readings := 0
		read := func(ctx context.Context) (int, error) {
			readings++
			n := readings
			select {
			case <-time.After(time.Second):
				return n, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		for range 3 {
			go func() {
				if n, err := s.Get(t.Context(), 1, always, read); n != 1 || err != nil {
					t.Errorf("%d, %v", n, err)
				}
			}()
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var waited *Waited
		if _, err := s.Get(ctx, 1, always, read); !errors.As(err, &waited) || !errors.Is(err, context.Canceled) {
			t.Errorf("who leaves: %v", err)
		}
		time.Sleep(2 * time.Second)
		if n, _ := s.Get(t.Context(), 2, always, read); n != 2 {
			t.Errorf("after a write: reading %d", n)
		}
		if n, _ := s.Get(t.Context(), 1, always, read); n != 2 {
			t.Errorf("who counted before it: reading %d", n)
		}
		if s.Invalidate(); readings != 2 {
			t.Error("read without a question")
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := s.Get(ctx, 2, always, read); !errors.As(err, &waited) {
			t.Errorf("alone: %v", err)
		}
		failure := errors.New("failure")
		if _, err := s.Get(t.Context(), 2, always, func(context.Context) (int, error) { return 0, failure }); err != failure {
			t.Errorf("got %v", err)
		}
		if n, err := s.Get(t.Context(), 2, always, read); n != 4 || err != nil {
			t.Errorf("after a failure: %d, %v", n, err)
		}
	})
}

// TestExplain finds a value in another case, of the same numbers only.
func TestExplain(t *testing.T) {
	held := func(preference uint16, host string) dnszone.Held {
		return dnszone.Held{Fields: dnszone.Fields{Type: "MX", Value: host, Priority: &preference}, Record: dnszone.Record{Data: dnszone.MX{Preference: preference, Host: host}}}
	}
	goal := dnszone.Goal{Want: []dnszone.Data{dnszone.MX{Preference: 10, Host: "a.example"}, dnszone.MX{Preference: 10, Host: "c.example"}}}
	now := []dnszone.Held{held(20, "A.example"), held(10, "B.example"), held(10, "A.EXAMPLE")}
	told := explain(&goal, now)
	if len(told) != 1 || told[0].Got != "A.EXAMPLE" || goal.Stored.Values[goal.Want[0]] != now[2].Data {
		t.Errorf("%+v", told)
	}
}

// TestNote tells each number that was changed, and a TTL only where one was sent
// or should have stayed.
func TestNote(t *testing.T) {
	three, nine := uint16(3), uint16(9)
	sent := dnszone.SRV{Priority: 1, Weight: 2, Port: 3, Target: "a.example"}
	got := dnszone.Held{Fields: dnszone.ToFields(sent), Record: dnszone.Record{TTL: 70}}
	got.Fields.Weight, got.Fields.Port, got.Fields.Priority = &nine, &three, nil
	goal := dnszone.Goal{Key: dnszone.SetKey{Name: nameIn(t, "x"), Type: "SRV"}}
	fields := func(all []Adjusted) (fields []string) {
		for _, a := range all {
			fields = append(fields, a.Field+" "+a.Want+" "+a.Got)
		}
		return fields
	}
	create := func(ttl int) dnszone.Changes {
		return dnszone.Changes{Create: []dnszone.Record{{TTL: ttl, Data: sent}}}
	}
	result := Result{Created: []dnszone.Held{got}}
	for what, test := range map[string]struct {
		before []dnszone.Held
		ttl    int
		want   []string
	}{
		"a new set":      {nil, 0, []string{"weight 2 9"}},
		"the TTL sent":   {nil, 60, []string{"ttl 60 70", "weight 2 9"}},
		"the same TTL":   {[]dnszone.Held{{Record: dnszone.Record{TTL: 60}}}, 70, []string{"weight 2 9"}},
		"the set's own":  {[]dnszone.Held{{Record: dnszone.Record{TTL: 60}}}, 0, []string{"ttl 60 70", "weight 2 9"}},
		"the set's kept": {[]dnszone.Held{{Record: dnszone.Record{TTL: 70}}}, 0, []string{"weight 2 9"}},
	} {
		goal.Stored = dnszone.Stored{}
		told := fields(note(&goal, test.before, create(test.ttl), result))
		if !slices.Equal(told, test.want) || goal.Stored.Values != nil || (goal.Stored.TTL == 70) != (test.ttl == 60) {
			t.Errorf("%s: %v, %+v", what, told, goal.Stored)
		}
	}
	if told := note(&goal, nil, dnszone.Changes{Update: []dnszone.Change{{TTL: 60}}}, Result{Updated: []dnszone.Held{got}}); !slices.Equal(fields(told), []string{"ttl 60 70"}) {
		t.Errorf("the TTL alone: %+v", told)
	}
	if told := note(&goal, nil, dnszone.Changes{}, result); told != nil {
		t.Errorf("an answer to nothing: %+v", told)
	}
}

func TestPlaceOf(t *testing.T) {
	for text, want := range map[string]struct {
		place  Place
		absent bool
	}{
		"":                          {Place{}, false},
		"value":                     {Place{}, false},
		"create.12.value":           {Place{"create", 12}, false},
		"delete.3":                  {Place{"delete", 3}, true},
		"update.0.id delete.1":      {Place{"update", 0}, true},
		"update.0.ttl delete.1":     {Place{"update", 0}, false},
		"x create.1 update.2.value": {Place{"create", 1}, false},
		"create.0":                  {Place{"create", 0}, false},
	} {
		if place, absent := PlaceOf(strings.Fields(text)); place != want.place || absent != want.absent {
			t.Errorf("%s: %+v, %v", text, place, absent)
		}
	}
}

func editOne(ctx context.Context, f *fake, state *State, goal dnszone.Goal) (Edited, error) {
	done, err := Edit(ctx, f, state, []SetEdit{{Goal: goal}})
	return done[0], err
}

func always(int) bool { return true }
