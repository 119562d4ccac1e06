package hoster_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
)

// TestASnapshotFollowsItsClient: where the provider tells versions, the zone is read
// once, whatever the verbs of this client write; elsewhere nothing old is believed.
func TestASnapshotFollowsItsClient(t *testing.T) {
	for name, options := range providers {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, options...)
			client := eagerClient(t, srv)
			snapshot := client.DNS.Snapshot("Example.COM.")
			for i := range 30 {
				set := hoster.RecordSet{Name: fmt.Sprint("s", i%10), Values: textsOf(fmt.Sprint("value ", i)), TTL: hoster.Set(300 + 60*(i/10))}
				verb := []func() (hoster.SetChange, error){
					func() (hoster.SetChange, error) { return client.DNS.CreateSet(t.Context(), "example.com", set) },
					func() (hoster.SetChange, error) { return client.DNS.ReplaceSet(t.Context(), "example.com", set) },
					func() (hoster.SetChange, error) { return client.DNS.AppendValues(t.Context(), "example.com", set) },
				}[i/10]
				if _, err := verb(); err != nil {
					t.Fatal(err)
				}
				if i == 25 {
					if _, err := client.DNS.DeleteSet(t.Context(), "example.com", "s1", "TXT"); err != nil {
						t.Fatal(err)
					}
				}
				found, err := snapshot.Lookup(t.Context(), set.Name, "txt")
				if err != nil || !slices.ContainsFunc(found, func(r hoster.Record) bool { return r.Value == fmt.Sprint("value ", i) }) {
					t.Fatalf("after %d writes: %+v, %v", i+1, found, err)
				}
			}
			snapped, err := snapshot.Records(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n := srv.Count("DNS.List"); (name == "ETags and batch" || name == "ETags" || name == "new ids") && n > 2 {
				t.Errorf("the zone was read %d times", n)
			}
			listed, err := client.DNS.List(t.Context(), "example.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			print := func(records []hoster.Record) (lines []string) {
				for _, r := range records {
					lines = append(lines, fmt.Sprint(r.ID, r.Type, r.Name, r.Value, r.TTL))
				}
				slices.Sort(lines)
				return lines
			}
			if !slices.Equal(print(snapped), print(listed)) {
				t.Errorf("the snapshot holds\n%v, the zone\n%v", print(snapped), print(listed))
			}
			for _, r := range listed {
				if got, err := snapshot.Get(t.Context(), r.ID); err != nil || got.Value != r.Value {
					t.Errorf("%s: %+v, %v", r.ID, got, err)
				}
			}
			if _, err := snapshot.Get(t.Context(), "nowhere"); !errors.Is(err, hoster.ErrNotFound) {
				t.Errorf("a record that is not there: %v", err)
			}
		})
	}
}

// TestWhatIsRememberedIsNotTheLastWord: a verb that finds nothing to do in a snapshot
// looks at the zone, and one that writes depends on the version.
func TestWhatIsRememberedIsNotTheLastWord(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		other := eagerClient(t, srv)
		snapshot := client.DNS.Snapshot("example.com")
		set := hoster.RecordSet{Name: "mine", Values: textsOf("a")}
		if _, err := client.DNS.AppendValues(t.Context(), "example.com", set); err != nil {
			t.Fatal(err)
		}
		if found, err := snapshot.Lookup(t.Context(), "mine", "TXT"); err != nil || len(found) != 1 {
			t.Fatalf("%v, %v", found, err)
		}
		if _, err := other.DNS.DeleteSet(t.Context(), "example.com", "mine", "TXT"); err != nil {
			t.Fatal(err)
		}
		change, err := client.DNS.AppendValues(t.Context(), "example.com", set)
		if err != nil || !change.Written || !slices.Equal(values(srv, "mine", "TXT"), []string{"a"}) {
			t.Errorf("what somebody else removed: %+v, %v", change, err)
		}
		if _, err := other.DNS.AppendValues(t.Context(), "example.com", hoster.RecordSet{Name: "mine", Values: textsOf("theirs")}); err != nil {
			t.Fatal(err)
		}
		set.Values = textsOf("b")
		if _, err := client.DNS.AppendValues(t.Context(), "example.com", set); err != nil || !slices.Equal(values(srv, "mine", "TXT"), []string{"a", "b", "theirs"}) {
			t.Errorf("beside somebody else: %v, %v", values(srv, "mine", "TXT"), err)
		}
		if found, err := snapshot.Lookup(t.Context(), "mine", "TXT"); err != nil || len(found) != 3 {
			t.Errorf("the snapshot after that: %v, %v", found, err)
		}
		if _, err := other.DNS.CreateSet(t.Context(), "example.com", hoster.RecordSet{Name: "theirs", Values: textsOf("x")}); err != nil {
			t.Fatal(err)
		}
		if change, err := client.DNS.CreateSet(t.Context(), "example.com", hoster.RecordSet{Name: "theirs", Values: textsOf("y")}); !errors.Is(err, hoster.ErrConflict) || change.Written || len(change.Before) != 1 {
			t.Errorf("a set of somebody else: %+v, %v", change, err)
		}
	})
}

// TestAnOldSnapshot: with a maximal age what others wrote is seen after it.
func TestAnOldSnapshot(t *testing.T) {
	srv := hostertest.New(t)
	client, other := eagerClient(t, srv), eagerClient(t, srv)
	snapshot := client.DNS.Snapshot("example.com")
	if _, err := snapshot.Records(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := other.DNS.CreateSet(t.Context(), "example.com", hoster.RecordSet{Name: "theirs", Values: textsOf("x")}); err != nil {
		t.Fatal(err)
	}
	for age, want := range map[time.Duration]int{0: 0, time.Hour: 0} {
		if found, err := snapshot.WithMaxAge(age).Lookup(t.Context(), "theirs", "TXT"); err != nil || len(found) != want {
			t.Errorf("at most %s old: %v, %v", age, found, err)
		}
	}
	if found, err := snapshot.WithMaxAge(1).Lookup(t.Context(), "theirs", "TXT"); err != nil || len(found) != 1 {
		t.Errorf("read anew: %v, %v", found, err)
	}
	if found, err := snapshot.Lookup(t.Context(), "theirs", "TXT"); err != nil || len(found) != 1 || srv.Count("DNS.List") != 3 {
		t.Errorf("shared: %v after %d readings, %v", found, srv.Count("DNS.List"), err)
	}
}

// TestGoingThroughASnapshotCostsNothing.
func TestGoingThroughASnapshotCostsNothing(t *testing.T) {
	if hoster.RaceEnabled {
		t.Skip("the race detector allocates too")
	}
	client := eagerClient(t, hostertest.New(t))
	snapshot := client.DNS.Snapshot("example.com")
	records, err := snapshot.Records(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cost := testing.AllocsPerRun(100, func() {
		for _, err := range snapshot.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if cost > 20 || len(records) < 10 {
		t.Errorf("%v allocations for %d records", cost, len(records))
	}
}
