package zonework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

// two are changes of two records.
func two(t *testing.T) dnszone.Changes {
	return dnszone.Changes{Create: []dnszone.Record{
		{Name: nameIn(t, "x"), Data: dnszone.TXT{Text: "one"}}, {Name: nameIn(t, "x"), Data: dnszone.TXT{Text: "two"}},
	}}
}

// TestWriterWithoutBatches: single calls follow where the API says that it has no
// batches, and another look where another server says so.
func TestWriterWithoutBatches(t *testing.T) {
	for failure, want := range map[error]int{errLacking: 2, errPage: 0, errRefused: 0} {
		f := &fake{batches: true}
		f.before = func(call string) error {
			if strings.HasPrefix(call, "batch") {
				return failure
			}
			return nil
		}
		w := &writer{zone: f, state: &State{}}
		result, err := w.run(t.Context(), two(t))
		if (err == nil) != (failure == errLacking) || len(result.Created) != want || f.count("create") != want || w.noBatch == (failure == errRefused) {
			t.Errorf("%v: %+v, %v: %v", failure, result, err, f.calls)
		}
	}
	f, state := &fake{batches: true}, &State{}
	state.Batches.Failed(Judgement{LacksBatch: true}) // leaves one batch out
	w := &writer{zone: f, state: state}
	if _, err := w.run(t.Context(), dnszone.Changes{Create: two(t).Create[:1]}); err != nil || w.noBatch || f.count("batch") != 0 {
		t.Errorf("a single change is taken for a batch that was left out: %v", f.calls)
	}
	if _, err := w.run(t.Context(), dnszone.Changes{Create: []dnszone.Record{{Name: nameIn(t, "y"), Data: dnszone.TXT{Text: "one"}}, {Name: nameIn(t, "y"), Data: dnszone.TXT{Text: "two"}}}}); err != nil || !w.noBatch {
		t.Errorf("the batch was not left out: %v", f.calls)
	}
}

// TestWriterAfterTheFirstPiece does not go on with single calls: what was done
// would be done again.
func TestWriterAfterTheFirstPiece(t *testing.T) {
	f := &fake{batches: true}
	f.before = func(call string) error {
		if f.count("batch") == 1 {
			return errLacking
		}
		return nil
	}
	var changes dnszone.Changes
	for i := range 600 {
		changes.Create = append(changes.Create, dnszone.Record{Name: nameIn(t, "x"), Data: dnszone.TXT{Text: fmt.Sprint(i)}})
	}
	w := &writer{zone: f, state: &State{}}
	if result, err := w.run(t.Context(), changes); !errors.Is(err, errLacking) || len(result.Created) != 500 || f.count("create") != 0 {
		t.Errorf("%d created: %v", len(result.Created), err)
	}
}

// TestWriterDependsOnVersions, and knows when it did not.
func TestWriterDependsOnVersions(t *testing.T) {
	for what, test := range map[string]struct {
		version string
		loose   bool
		lost    bool // the answer tells no version
		short   bool // the answer lacks a record
		guarded bool
	}{
		"a version":        {"0", false, false, false, true},
		"none":             {"", false, false, false, false},
		"side by side":     {"0", true, false, false, false},
		"no version after": {"0", false, true, false, false},
		"a short answer":   {"0", false, false, true, false},
	} {
		f := &answering{fake{batches: true, versions: true}, test.lost, test.short, nil}
		w := &writer{zone: f, state: &State{}, version: test.version, loose: test.loose}
		if _, err := w.batches(t.Context(), two(t), false); err != nil || w.guarded() != test.guarded || !w.batched {
			t.Errorf("%s: guarded is %t, %v", what, w.guarded(), err)
		}
		if want := map[bool]string{true: "0", false: ""}[test.version != "" && !test.loose]; !slices.Equal(f.sent, []string{want}) {
			t.Errorf("%s: depends on %q", what, f.sent)
		}
	}
}

// answering changes what a batch is answered.
type answering struct {
	fake
	lost, short bool
	sent        []string // the versions
}

func (a *answering) Batch(ctx context.Context, changes dnszone.Changes, version string) (Result, string, error) {
	a.sent = append(a.sent, version)
	result, now, err := a.fake.Batch(ctx, changes, version)
	if a.lost {
		now = ""
	}
	if a.short {
		result.Created = result.Created[1:]
	}
	return result, now, err
}

// TestWriterDeletesWhatIsGone is no failure.
func TestWriterDeletesWhatIsGone(t *testing.T) {
	f := &gone{}
	w := &writer{zone: f, state: &State{}}
	if result, err := w.single(t.Context(), dnszone.Changes{Delete: []string{"none"}}); err != nil || !slices.Equal(result.Deleted, []string{"none"}) {
		t.Errorf("%+v, %v", result, err)
	}
	f.before = func(string) error { return errRefused }
	if _, err := w.single(t.Context(), dnszone.Changes{Delete: []string{"none"}}); !errors.Is(err, errRefused) {
		t.Error(err)
	}
}

// gone says of what has moved that it is absent.
type gone struct{ fake }

func (g *gone) Weigh(err error) Judgement {
	return Judgement{Absent: errors.Is(err, errMoved)}
}
