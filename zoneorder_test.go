package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

const refusal = `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"value":["no"]}}`

// manyOf is records of one set: more than a half, or more than the whole, of
// what a batch holds.
func manyOf(n int, name string, rrtype hoster.RecordType, value func(i int) string) (records []hoster.RecordCreate) {
	for i := range n {
		records = append(records, record(rrtype, name, value(i)))
	}
	return records
}

func v4(i int) string   { return fmt.Sprintf("10.0.%d.%d", i/250, i%250+1) }
func v6(i int) string   { return fmt.Sprintf("2001:db8::%x", i+1) }
func word(i int) string { return fmt.Sprintf("value %04d", i) }

// TestACNAMEInsteadOfManyRecords than a batch holds: what stands there goes
// first, by batches and by single calls.
func TestACNAMEInsteadOfManyRecords(t *testing.T) {
	onZoneWith(t, allKinds, manyOf(600, "wide", "A", v4), func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		plan := planFor(t, client, []string{"wide"}, record("CNAME", "wide", "cdn.example.net"))
		result, err := client.DNS.Apply(context.Background(), plan, nil)
		if err != nil || len(result.Applied) != 2 || len(values(srv, "wide", "A")) != 0 || len(values(srv, "wide", "CNAME")) != 1 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// TestWhatComesIsThereBeforeWhatGoes: where no CNAME is concerned a failure in
// between leaves a name with both kinds of address, and never with none.
func TestWhatComesIsThereBeforeWhatGoes(t *testing.T) {
	zone := manyOf(300, "wide", "A", v4)
	onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		plan := planFor(t, client, []string{"wide"}, manyOf(300, "wide", "AAAA", v6)...)
		both := func() (v4, v6 int) { return len(values(srv, "wide", "A")), len(values(srv, "wide", "AAAA")) }
		// The one after all that comes: the first that goes.
		srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Skip: 1, Status: 422, Body: refusal})
		srv.Inject(sandbox.Fault{Operation: "DNS.Delete", Status: 422, Body: refusal})
		result, err := client.DNS.Apply(ctx, plan, nil)
		if v4, v6 := both(); !errors.Is(err, hoster.ErrValidation) || v4 != 300 || v6 != 300 || len(result.Unfinished) == 0 {
			t.Fatalf("%d and %d addresses: %+v, %v", v4, v6, result, err)
		}
		result, err = client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Resume: &result})
		if v4, v6 := both(); err != nil || v4 != 0 || v6 != 300 || len(result.Unfinished) != 0 {
			t.Errorf("%d and %d addresses: %+v, %v", v4, v6, result, err)
		}
	})
}

// TestAManyValuedSetIsNeverEmpty while other values come in the place of its
// own, more than a batch holds: there are never fewer than there will be.
func TestAManyValuedSetIsNeverEmpty(t *testing.T) {
	for what, n := range map[string]int{"as many": 600, "fewer": 520, "one": 1} {
		t.Run(what, func(t *testing.T) {
			zone := manyOf(600, "wide", "TXT", word)
			onZoneWith(t, []string{"ETags and batch", "batch", "neither"}, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
				var least atomic.Int64
				least.Store(600)
				srv.Inject(sandbox.Fault{Match: func(r *http.Request) bool {
					least.Store(min(least.Load(), int64(len(values(srv, "wide", "TXT")))))
					return false
				}})
				var texts []string
				for i := range n {
					texts = append(texts, fmt.Sprintf("other %04d", i))
				}
				if _, err := client.DNS.ReplaceSet(context.Background(), "example.com", hoster.RecordSet{Name: "wide", Values: txt(texts...)}); err != nil {
					t.Fatal(err)
				}
				if got := values(srv, "wide", "TXT"); !slices.Equal(got, texts) || least.Load() < int64(n) {
					t.Errorf("%d values, and %d in between", len(got), least.Load())
				}
			})
		})
	}
}

// TestASetOfSeveralBatches that a failure leaves half written is told, and the
// next application finishes it.
func TestASetOfSeveralBatches(t *testing.T) {
	for what, fault := range map[string]sandbox.Fault{
		"refused":         {Operation: "DNS.Batch", Skip: 1, Status: 422, Body: refusal},
		"outcome unknown": {Operation: "DNS.Batch", Skip: 1, Reset: true, After: true},
		"not done":        {Operation: "DNS.Batch", Skip: 1, Reset: true},
	} {
		t.Run(what, func(t *testing.T) {
			onZoneWith(t, []string{"ETags and batch", "batch"}, nil, func(t *testing.T, srv *hostertest.Server, _ *hoster.Client) {
				client := newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithIdempotencyKeys(false))
				ctx := context.Background()
				plan := planFor(t, client, []string{"wide"}, manyOf(1100, "wide", "TXT", word)...)
				srv.Inject(fault)
				result, err := client.DNS.Apply(ctx, plan, nil)
				if err == nil || !slices.Equal(result.Unfinished, []string{"wide TXT"}) || len(result.Applied) != 0 || !result.Batched {
					t.Fatalf("%+v, %v", result, err)
				}
				result, err = client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Resume: &result})
				if n := len(values(srv, "wide", "TXT")); err != nil || n != 1100 || !slices.Equal(result.Applied, []string{"wide TXT"}) || len(result.Unfinished) != 0 {
					t.Errorf("%d values: %+v, %v", n, result, err)
				}
			})
		})
	}
}

// TestOneBatchOfUnknownOutcome is told too, and found to be done, or not.
func TestOneBatchOfUnknownOutcome(t *testing.T) {
	for _, done := range []bool{true, false} {
		t.Run(fmt.Sprintf("done: %t", done), func(t *testing.T) {
			onZoneWith(t, []string{"ETags and batch", "batch"}, nil, func(t *testing.T, srv *hostertest.Server, _ *hoster.Client) {
				client := newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithIdempotencyKeys(false))
				ctx := context.Background()
				plan := planOf(t, client, 2)
				srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Reset: true, After: done})
				result, err := client.DNS.Apply(ctx, plan, nil)
				if !errors.Is(err, hoster.ErrOutcomeUnknown) || len(result.Unfinished) != 2 || len(result.Applied) != 0 {
					t.Fatalf("%+v, %v", result, err)
				}
				result, err = client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Resume: &result})
				if err != nil || len(result.Applied) != 2 || len(result.Unfinished)+len(result.Skipped) != 0 {
					t.Errorf("%+v, %v", result, err)
				}
			})
		})
	}
}

// TestAPlanThatWasBegunLooksFirst: its version is of the time before it, so a
// write that depends on that would be in vain.
func TestAPlanThatWasBegunLooksFirst(t *testing.T) {
	onZoneWith(t, []string{"ETags and batch", "new ids"}, nil, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		plan := planOf(t, client, 400) // three batches
		srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Skip: 1, Status: 422, Body: refusal})
		var progress hoster.ApplyResult
		resume := &hoster.ApplyOptions{Resume: &progress}
		if _, err := client.DNS.Apply(ctx, plan, resume); !errors.Is(err, hoster.ErrValidation) {
			t.Fatal(err)
		}
		for _, batches := range []int{2, 0} { // the rest, and nothing any more
			srv.ForgetRecords()
			if _, err := client.DNS.Apply(ctx, plan, resume); err != nil || srv.Count("DNS.List") == 0 || srv.Count("DNS.Batch") != batches {
				t.Errorf("%d batches are left: %d readings and %d batches, %v", batches, srv.Count("DNS.List"), srv.Count("DNS.Batch"), err)
			}
		}
	})
}
