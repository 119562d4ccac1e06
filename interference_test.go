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
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// onZoneWith is onZone with records beside those of the sandbox.
func onZoneWith(t *testing.T, kinds []string, records []hoster.RecordCreate, test func(t *testing.T, srv *hostertest.Server, client *hoster.Client)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			srv := hostertest.New(t, append([]sandbox.Option{zoneWith(records), sandbox.WithRateLimit(0, 0)}, providers[kind]...)...)
			test(t, srv, eagerClient(t, srv))
		})
	}
}

func record(rrtype hoster.RecordType, name, value string) hoster.RecordCreate {
	return hoster.RecordCreate{Type: rrtype, Name: name, Value: value, TTL: hoster.Set(300)}
}

// planFor plans the names to hold these records and no other.
func planFor(t *testing.T, client *hoster.Client, names []string, desired ...hoster.RecordCreate) *hoster.ZonePlan {
	t.Helper()
	plan, err := client.DNS.PlanZone(context.Background(), "example.com", desired, &hoster.ZonePlanOptions{Names: names, MaxDeleteShare: 1})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// justBefore lets somebody else do something, once, when a request of the
// operation has arrived whose path or body has the text in it.
func justBefore(srv *hostertest.Server, operation, text string, meddle func()) {
	var done atomic.Bool
	srv.Inject(sandbox.Fault{Operation: operation, Match: func(r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(append(body, r.URL.Path...), []byte(text)) && done.CompareAndSwap(false, true) {
			meddle()
		}
		return false
	}})
}

// verb calls one of the verbs, which must not fail.
func verb(t *testing.T, do func(context.Context, string, hoster.RecordSet) (hoster.SetChange, error), name string, data ...dnszone.Data) {
	t.Helper()
	if _, err := do(context.Background(), "example.com", hoster.RecordSet{Name: name, Values: data}); err != nil {
		t.Error(err)
	}
}

// TestNothingMakesRoomForACNAMEThatCannotCome: what somebody else put at its
// name since the plan stays, and so does everything else there.
func TestNothingMakesRoomForACNAMEThatCannotCome(t *testing.T) {
	zone := []hoster.RecordCreate{record("A", "shop", "192.0.2.1"), record("TXT", "shop", "ours")}
	for kind, theirs := range map[string]dnszone.Data{
		"a new set": dnszone.CAA{Tag: "issue", Value: "ca.example"}, "a set that was to go": dnszone.TXT{Text: "theirs"},
	} {
		t.Run(kind, func(t *testing.T) {
			onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
				plan := planFor(t, client, []string{"shop", "zzz"}, record("CNAME", "shop", "cdn.example.net"), record("TXT", "zzz", "independent"))
				verb(t, eagerClient(t, srv).DNS.AppendValues, "shop", theirs)
				before := zoneOf(srv, "zzz TXT")
				result, err := client.DNS.Apply(context.Background(), plan, nil)
				if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "shop CNAME") || !strings.Contains(err.Error(), "shop A") {
					t.Errorf("got %v", err)
				}
				if after := zoneOf(srv, "zzz TXT"); after != before {
					t.Errorf("the name was touched:\n%s\nwas\n%s", after, before)
				}
				if !slices.Equal(result.Applied, []string{"zzz TXT"}) || len(result.Skipped)+len(result.Unfinished) != 0 || len(values(srv, "zzz", "TXT")) != 1 {
					t.Errorf("%+v", result)
				}
			})
		})
	}
}

// TestACNAMEOfSomebodyElse holds up its own name and nothing else.
func TestACNAMEOfSomebodyElse(t *testing.T) {
	zone := []hoster.RecordCreate{record("CNAME", "shop", "a.example.net")}
	onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		plan := planFor(t, client, []string{"shop", "zzz"}, record("A", "shop", "192.0.2.1"), record("TXT", "zzz", "independent"))
		verb(t, eagerClient(t, srv).DNS.ReplaceSet, "shop", dnszone.CNAME{Target: "b.example.net"})
		result, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{Concurrency: 1})
		if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "shop A") || strings.Contains(err.Error(), "zzz") {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(result.Applied, []string{"zzz TXT"}) || len(result.Skipped)+len(result.Unfinished) != 0 {
			t.Errorf("%+v", result)
		}
		if got := values(srv, "shop", "CNAME"); !slices.Equal(got, []string{"b.example.net"}) || len(values(srv, "zzz", "TXT")) != 1 {
			t.Errorf("theirs is %v now", got)
		}
	})
}

// TestWhatChangedSinceThePlan: a set that is neither as planned nor as wanted is
// a conflict, however small the difference.
func TestWhatChangedSinceThePlan(t *testing.T) {
	zone := []hoster.RecordCreate{record("TXT", "x", "old"), record("TXT", "x", "kept")}
	type writer = hoster.DNSService
	ctx := context.Background()
	for what, test := range map[string]struct {
		meddle   func(other *writer) (hoster.SetChange, error)
		conflict bool
		skipped  int
	}{
		"the wanted values": {func(other *writer) (hoster.SetChange, error) {
			return other.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: "x", Values: txt("kept", "new")})
		}, false, 1},
		"one value beside the wanted ones": {func(other *writer) (hoster.SetChange, error) {
			return other.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: "x", Values: txt("kept", "new", "theirs")})
		}, true, 0},
		"one value beside the old ones": {func(other *writer) (hoster.SetChange, error) {
			return other.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "x", Values: txt("theirs")})
		}, true, 0},
		"the TTL": {func(other *writer) (hoster.SetChange, error) {
			return other.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: "x", TTL: hoster.Set(60), Values: txt("kept", "old")})
		}, true, 0},
		"nothing but another set": {func(other *writer) (hoster.SetChange, error) {
			return other.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "y", Values: txt("theirs")})
		}, false, 0},
	} {
		t.Run(what, func(t *testing.T) {
			onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
				plan := planFor(t, client, []string{"x"}, record("TXT", "x", "kept"), hoster.RecordCreate{Type: "TXT", Name: "x", Value: "new"})
				if _, err := test.meddle(eagerClient(t, srv).DNS); err != nil {
					t.Fatal(err)
				}
				before := zoneOf(srv, "")
				result, err := client.DNS.Apply(ctx, plan, nil)
				if errors.Is(err, hoster.ErrConflict) != test.conflict || !test.conflict && err != nil || len(result.Skipped) != test.skipped {
					t.Errorf("%+v, %v", result, err)
				}
				if after := zoneOf(srv, ""); (test.conflict || test.skipped > 0) && after != before {
					t.Errorf("it was written nevertheless:\n%s", after)
				}
			})
		})
	}
}

// TestNobodyIsOverwrittenBetweenTwoCalls that depend on the zone's version.
func TestNobodyIsOverwrittenBetweenTwoCalls(t *testing.T) {
	zone := []hoster.RecordCreate{record("TXT", "aaa", "old"), record("TXT", "zzz", "old")}
	for what, desired := range map[string][]hoster.RecordCreate{
		"update": {record("TXT", "aaa", "new"), record("TXT", "zzz", "new")},
		"delete": {record("TXT", "aaa", "new")},
	} {
		t.Run(what, func(t *testing.T) {
			onZoneWith(t, []string{"ETags"}, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
				other := eagerClient(t, srv)
				plan := planFor(t, client, []string{"aaa", "zzz"}, desired...)
				meddled := false
				result, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{Concurrency: 1, OnProgress: func(hoster.ApplyProgress) {
					if !meddled {
						meddled = true
						verb(t, other.DNS.ReplaceSet, "zzz", txt("theirs")...)
					}
				}})
				if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "zzz TXT") || !slices.Equal(result.Applied, []string{"aaa TXT"}) {
					t.Errorf("%+v, %v", result, err)
				}
				if got := values(srv, "zzz", "TXT"); !slices.Equal(got, []string{"theirs"}) {
					t.Errorf("they wrote theirs, and it is %v now", got)
				}
			})
		})
	}
}

// TestManySingleCallsLookAgain: without versions the zone is read again while
// many calls change it, so that what others did meanwhile is mostly seen.
func TestManySingleCallsLookAgain(t *testing.T) {
	var zone, desired []hoster.RecordCreate
	var names []string
	for i := range 100 {
		name := fmt.Sprintf("n%02d", i)
		names = append(names, name)
		zone, desired = append(zone, record("TXT", name, "old")), append(desired, record("TXT", name, "new"))
	}
	onZoneWith(t, []string{"neither"}, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		other := eagerClient(t, srv)
		plan := planFor(t, client, names, desired...)
		justBefore(srv, "DNS.Update", "new", func() { verb(t, other.DNS.ReplaceSet, "n99", txt("theirs")...) })
		srv.ForgetRecords()
		result, err := client.DNS.Apply(context.Background(), plan, nil)
		if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "n99 TXT") || len(result.Applied) != 99 {
			t.Errorf("%d applied, %v", len(result.Applied), err)
		}
		if got := values(srv, "n99", "TXT"); !slices.Equal(got, []string{"theirs"}) {
			t.Errorf("they wrote theirs, and it is %v now", got)
		}
		if reads := srv.Count("DNS.List") - 2; reads < 3 || reads > 6 { // two are the other's
			t.Errorf("%d readings", reads)
		}
	})
}

// TestTwoConflictsInOneAppend: others add two of the values, each just before
// the verb does.
func TestTwoConflictsInOneAppend(t *testing.T) {
	onZoneWith(t, allKinds, nil, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		other := eagerClient(t, srv)
		var mu sync.Mutex
		theirs := []string{"one", "two"}
		next := func(request string) string {
			mu.Lock()
			defer mu.Unlock()
			if len(theirs) == 0 || !strings.Contains(request, theirs[0]) {
				return ""
			}
			value := theirs[0]
			theirs = theirs[1:]
			return value
		}
		srv.Inject(sandbox.Fault{Match: func(r *http.Request) bool {
			body, _ := io.ReadAll(r.Body)
			if value := next(string(body)); value != "" {
				if _, err := other.DNS.Create(context.Background(), "example.com", record("TXT", "x", value)); err != nil {
					t.Error(err)
				}
			}
			return false
		}})
		change, err := client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "x", Values: txt("one", "two", "three")})
		if got := values(srv, "x", "TXT"); err != nil || !slices.Equal(got, []string{"one", "three", "two"}) || len(change.After) != 3 || len(theirs) != 0 {
			t.Errorf("%v, %+v, %v", got, change, err)
		}
	})
}

// TestANameWithTheZoneTwiceIsLeftAlone by plans for the name before it.
func TestANameWithTheZoneTwiceIsLeftAlone(t *testing.T) {
	for _, zone := range [][]hoster.RecordCreate{
		{record("A", "home.example.com", "192.0.2.1"), record("A", "home", "192.0.2.1")},
		{record("A", "home", "192.0.2.1"), record("A", "home.example.com", "192.0.2.1")},
		{record("A", "home.example.com", "192.0.2.1")},
	} {
		onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
			plan := planFor(t, client, []string{"home"}, record("A", "home", "192.0.2.9"))
			before := zoneOf(srv, "home A")
			_, err := client.DNS.Apply(context.Background(), plan, nil)
			if got := values(srv, "home", "A"); err != nil || !slices.Equal(got, []string{"192.0.2.9"}) || zoneOf(srv, "home A") != before {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// TestADeadlineDoesNotHideTheReason why a verb or a plan had to be tried again.
func TestADeadlineDoesNotHideTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		plan := planFor(t, client, []string{"x"}, record("TXT", "x", "one"), record("TXT", "x", "two"))
		for _, operation := range []string{"DNS.Create", "DNS.Batch"} {
			srv.Inject(sandbox.Fault{Operation: operation, Times: -1, Status: 412, Body: `{"status":"error","code":"PRECONDITION_FAILED","message":"changed"}`})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, appended := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "x", Values: txt("one")})
		ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, applied := client.DNS.Apply(ctx, plan, nil)
		for _, err := range []error{appended, applied} {
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, hoster.ErrPreconditionFailed) {
				t.Errorf("got %v", err)
			}
		}
	})
}
