package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// idOf is the id of the record with a value.
func idOf(srv *hostertest.Server, value string) (id string) {
	srv.View(func(s *sandbox.State) {
		for _, r := range s.Records("example.com") {
			if r.Value == value {
				id = r.ID
			}
		}
	})
	return id
}

// TestARecordThatABatchNamesIsGone: somebody else deleted it after it was read.
// A verb reads again, and so does Apply, which names the set.
func TestARecordThatABatchNamesIsGone(t *testing.T) {
	zone := []hoster.RecordCreate{record("TXT", "x", "one"), record("TXT", "x", "two"), record("TXT", "x", "three"), record("TXT", "y", "old")}
	kinds := []string{"batch", "ETags and batch"}
	ctx := context.Background()
	for what, do := range map[string]func(*hoster.Client) error{
		"removed": func(client *hoster.Client) error {
			return second(client.DNS.RemoveValues(ctx, "example.com", hoster.RecordSet{Name: "x", Values: txt("one", "two")}))
		},
		"replaced": func(client *hoster.Client) error {
			return second(client.DNS.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: "x", Values: txt("three")}))
		},
		"updated": func(client *hoster.Client) error {
			return second(client.DNS.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: "x", TTL: hoster.Set(60), Values: txt("three", "four")}))
		},
	} {
		t.Run(what, func(t *testing.T) {
			onZoneWith(t, kinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
				other := eagerClient(t, srv)
				justBefore(srv, "DNS.Batch", idOf(srv, "one"), func() { verb(t, other.DNS.RemoveValues, "x", txt("one")...) })
				want := []string{"three"}
				if what == "updated" {
					want = []string{"four", "three"}
				}
				if err := do(client); err != nil || !slices.Equal(values(srv, "x", "TXT"), want) {
					t.Errorf("%v, %v", values(srv, "x", "TXT"), err)
				}
			})
		})
	}
	t.Run("applied", func(t *testing.T) {
		onZoneWith(t, kinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
			other := eagerClient(t, srv)
			plan := planFor(t, client, []string{"x", "y"}, record("TXT", "x", "three"), record("TXT", "y", "new"))
			justBefore(srv, "DNS.Batch", idOf(srv, "one"), func() { verb(t, other.DNS.RemoveValues, "x", txt("one")...) })
			result, err := client.DNS.Apply(ctx, plan, nil)
			if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "x TXT") || !slices.Equal(result.Applied, []string{"y TXT"}) {
				t.Errorf("%+v, %v", result, err)
			}
		})
	})
}

// TestOneFailureOfSeveralIsEnough: where one of the calls under way finds its
// record gone, and another one fails for good, the failure is told.
func TestOneFailureOfSeveralIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := []hoster.RecordCreate{record("TXT", "x", "old x"), record("TXT", "y", "old y")}
		srv := hostertest.New(t, zoneWith(zone), sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.ETags, sandbox.Batch))
		client := newTestClient(t, srv.PipeURL(), srv.RootToken(), hoster.WithHTTPClient(srv.PipeClient()))
		plan := planFor(t, client, []string{"x", "y"}, record("TXT", "x", "new x"), record("TXT", "y", "new y"))
		for _, answer := range []struct {
			status int
			code   string
		}{{404, "NOT_FOUND"}, {422, "VALIDATION_ERROR"}} {
			srv.Inject(sandbox.Fault{Operation: "DNS.Update", Delay: time.Second, Status: answer.status, Body: fmt.Sprintf(`{"status":"error","code":%q,"message":"no"}`, answer.code)})
		}
		result, err := client.DNS.Apply(t.Context(), plan, nil)
		if !errors.Is(err, hoster.ErrValidation) || len(result.Applied) != 0 || len(srv.Writes()) != 0 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// TestOthersChangeASetThatIsHalfWritten: its TTL too is a difference.
func TestOthersChangeASetThatIsHalfWritten(t *testing.T) {
	zone := []hoster.RecordCreate{record("TXT", "x", "one"), record("TXT", "x", "kept")}
	ctx := context.Background()
	for what, meddle := range map[string]func(*testing.T, *hoster.Client){
		"nothing": func(*testing.T, *hoster.Client) {},
		"the TTL": func(t *testing.T, other *hoster.Client) {
			if _, err := other.DNS.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: "x", TTL: hoster.Set(60), Values: txt("two", "kept")}); err != nil {
				t.Error(err)
			}
		},
		"a value more": func(t *testing.T, other *hoster.Client) { verb(t, other.DNS.AppendValues, "x", txt("theirs")...) },
		"a value less": func(t *testing.T, other *hoster.Client) { verb(t, other.DNS.RemoveValues, "x", txt("kept")...) },
	} {
		t.Run(what, func(t *testing.T) {
			onZoneWith(t, []string{"ETags", "neither"}, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
				var desired []hoster.RecordCreate
				for _, value := range []string{"kept", "two", "three"} {
					desired = append(desired, hoster.RecordCreate{Type: "TXT", Name: "x", Value: value, TTL: hoster.Set(600)})
				}
				plan := planFor(t, client, []string{"x"}, desired...)
				srv.Inject(sandbox.Fault{Operation: "DNS.Create", Status: 422, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"no"}`})
				first, err := client.DNS.Apply(ctx, plan, nil)
				if !errors.Is(err, hoster.ErrValidation) || !slices.Equal(first.Unfinished, []string{"x TXT"}) || len(values(srv, "x", "TXT")) != 2 {
					t.Fatalf("%+v, %v", first, err)
				}
				meddle(t, eagerClient(t, srv))
				before := zoneOf(srv, "")
				result, err := client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Resume: &first})
				if what == "nothing" {
					if err != nil || len(result.Applied) != 1 || len(values(srv, "x", "TXT")) != 3 {
						t.Errorf("%+v, %v", result, err)
					}
				} else if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "x TXT") || zoneOf(srv, "") != before {
					t.Errorf("%+v, %v:\n%s", result, err, zoneOf(srv, ""))
				}
			})
		})
	}
}
