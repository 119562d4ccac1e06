package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func pipeClient(t *testing.T, srv *hostertest.Server) *hoster.Client {
	t.Helper()
	return newTestClient(t, srv.PipeURL(), srv.RootToken(), hoster.WithHTTPClient(srv.PipeClient()))
}

// TestWritersOfOneClientTakeTurns for each zone: nobody replaces what another
// one has put in between, though no version would tell.
func TestWritersOfOneClientTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := []hoster.RecordCreate{record("TXT", "x", "first")}
		srv := hostertest.New(t, zoneWith(zone), sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.ETags, sandbox.Batch))
		client := pipeClient(t, srv)
		srv.Inject(sandbox.Fault{Times: -1, Delay: time.Second})
		const writers = 5
		changes := make(chan hoster.SetChange, writers)
		for i := range writers {
			go func() {
				change, err := client.DNS.ReplaceSet(t.Context(), "example.com", hoster.RecordSet{Name: "x", Values: txt(fmt.Sprint("writer ", i))})
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
				changes <- change
			}()
		}
		follows := map[string]string{} // value by the one that it replaced
		for range writers {
			if change := <-changes; len(change.Before) == 1 && len(change.After) == 1 {
				follows[change.Before[0].Value] = change.After[0].Value
			}
		}
		last, length := "first", 0
		for ; follows[last] != ""; length++ {
			last = follows[last]
		}
		if got := values(srv, "x", "TXT"); length != writers || !slices.Equal(got, []string{last}) {
			t.Errorf("%v is there, after %v", got, follows)
		}
	})
}

// TestATurnIsWaitedFor as long as the context lasts, and only for the same zone.
func TestATurnIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		client := pipeClient(t, srv)
		plan := planOf(t, client, 1)
		srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Delay: time.Minute / 4})
		applied := make(chan error, 1)
		go func() { applied <- second(client.DNS.Apply(t.Context(), plan, nil)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		set := hoster.RecordSet{Name: "x", Values: txt("x")}
		began := time.Now()
		if _, err := client.DNS.AppendValues(ctx, "example.net", set); err != nil || time.Since(began) > time.Second/2 {
			t.Errorf("another zone: %v", err)
		}
		if _, err := client.DNS.AppendValues(ctx, "Example.COM.", set); !errors.Is(err, context.DeadlineExceeded) || len(values(srv, "x", "TXT")) != 0 {
			t.Errorf("the same zone: %v", err)
		}
		if err := <-applied; err != nil {
			t.Error(err)
		}
		if _, err := client.DNS.AppendValues(t.Context(), "example.com", set); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}

// TestASnapshotReadDuringAWrite does not answer what is asked after it.
func TestASnapshotReadDuringAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		client := pipeClient(t, srv)
		snapshot := client.DNS.Snapshot("example.com")
		there := func() int {
			t.Helper()
			found, err := snapshot.Lookup(t.Context(), "x", dnszone.TypeTXT)
			if err != nil {
				t.Error(err)
			}
			return len(found)
		}
		if n := there(); n != 0 {
			t.Errorf("before: %d", n)
		}
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Delay: time.Second})
		written := make(chan error, 1)
		go func() {
			written <- second(client.DNS.Create(t.Context(), "example.com", record("TXT", "x", "x")))
		}()
		synctest.Wait() // the write is under way
		snapshot.Invalidate()
		if n := there(); n != 0 {
			t.Errorf("meanwhile: %d", n)
		}
		if err := <-written; err != nil {
			t.Fatal(err)
		}
		if n := there(); n != 1 {
			t.Errorf("after it: %d", n)
		}
	})
}

// TestManyLookups of a big zone cost no walk through it each, and see what a
// walk would.
func TestManyLookups(t *testing.T) {
	srv := hostertest.New(t, bigZone(10_000), sandbox.WithRateLimit(0, 0))
	client := eagerClient(t, srv)
	ctx := context.Background()
	snapshot := client.DNS.Snapshot("example.com")
	all, err := snapshot.Records(ctx)
	if err != nil || len(all) < 10_000 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	began := time.Now()
	found := 0
	for i := range 10_000 {
		records, err := snapshot.Lookup(ctx, fmt.Sprintf("h%05d", i), dnszone.TypeA)
		if err != nil {
			t.Fatal(err)
		}
		found += len(records)
	}
	if took := time.Since(began); found != 10_000 || took > time.Second/2 {
		t.Errorf("%d found in %s", found, took)
	}
	for _, r := range all[:20] {
		var want []hoster.RecordID
		for _, other := range all {
			if other.Name == r.Name && other.Type == r.Type {
				want = append(want, other.ID)
			}
		}
		records, err := snapshot.Lookup(ctx, r.Name, r.Type)
		var got []hoster.RecordID
		for i := range records {
			got = append(got, records[i].ID)
			records[i] = hoster.Record{} // which is the caller's own
		}
		if again, _ := snapshot.Lookup(ctx, r.Name, r.Type); err != nil || !slices.Equal(got, want) || len(again) != len(want) || again[0].ID != want[0] {
			t.Errorf("%s %s: %v, want %v, %v", r.Name, r.Type, got, want, err)
		}
	}
	if none, err := snapshot.Lookup(ctx, "h00000", dnszone.TypeTXT); none != nil || err != nil {
		t.Errorf("none: %v, %v", none, err)
	}
	if n := srv.Count("DNS.List"); n > 11 {
		t.Errorf("%d pages for one reading", n)
	}
}
