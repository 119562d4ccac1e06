package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// zoneRequests counts what arrived for the zone.
func zoneRequests(srv *hostertest.Server) (n int) {
	for _, op := range hoster.Operations() {
		if strings.HasPrefix(string(op.Name), "DNS.") {
			n += srv.Count(string(op.Name))
		}
	}
	return n
}

// TestAWriterUnderALimit: 200 creates of 10 goroutines under 20 requests a second
// take at most 25 requests, and none is refused.
func TestAWriterUnderALimit(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(20, time.Second))
	writer := eagerClient(t, srv).DNS.Writer("example.com")
	var wg sync.WaitGroup
	for g := range 10 {
		wg.Go(func() {
			for i := range 20 {
				if _, err := writer.Create(t.Context(), hoster.NewRecord(fmt.Sprintf("w%d-%d", g, i), textsOf("x")[0])); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := zoneRequests(srv); n > 25 || n < 20 {
		t.Errorf("%d requests", n)
	}
}

// TestAWriterSharesBatches: creates, updates and deletes of many goroutines.
func TestAWriterSharesBatches(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		const each = 4
		writer := client.DNS.Writer("example.com")
		var wg sync.WaitGroup
		ids := make([][]hoster.Record, 10)
		for g := range 10 {
			wg.Go(func() {
				for i := range each {
					r, err := writer.Create(t.Context(), hoster.NewRecord(fmt.Sprintf("w%d-%d", g, i), textsOf("x")[0]))
					if err != nil || r.ID == "" || r.Name != fmt.Sprintf("w%d-%d", g, i) {
						t.Errorf("%+v, %v", r, err)
					}
					ids[g] = append(ids[g], r)
				}
			})
		}
		wg.Wait()
		if n := srv.Count("DNS.Batch"); n > 0 && zoneRequests(srv) > each+2 {
			t.Errorf("%d requests", zoneRequests(srv))
		}
		for g := range 10 {
			wg.Go(func() {
				for i, r := range ids[g] {
					if i%2 == 0 {
						if err := writer.Delete(t.Context(), r.ID); err != nil {
							t.Error(err)
						}
						continue
					}
					if changed, err := writer.Update(t.Context(), r.ID, hoster.RecordUpdate{Value: hoster.Set("y")}); err != nil || changed.Value != "y" || changed.Name != r.Name {
						t.Errorf("%+v, %v", changed, err)
					}
				}
			})
		}
		wg.Wait()
		for g := range 10 {
			for i := range each {
				want := []string{"y"}
				if i%2 == 0 {
					want = nil
				}
				if got := values(srv, fmt.Sprintf("w%d-%d", g, i), "TXT"); !slices.Equal(got, want) {
					t.Errorf("w%d-%d holds %v", g, i, got)
				}
			}
		}
	})
}

// TestOneBadRecordFailsAlone: its neighbours in the batch are written.
func TestOneBadRecordFailsAlone(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		writer := client.DNS.Writer("example.com")
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				record := hoster.NewRecord(fmt.Sprint("n", i), textsOf("x")[0])
				if i%4 == 0 { // beside which nothing can stand
					record = hoster.RecordCreate{Type: "CNAME", Name: "www", Value: fmt.Sprintf("c%d.example.net", i)}
				}
				_, err := writer.Create(t.Context(), record)
				if i%4 == 0 {
					if !errors.Is(err, hoster.ErrConflict) || strings.Contains(err.Error(), "create.") {
						t.Errorf("a CNAME beside an address: %v", err)
					}
				} else if err != nil {
					t.Errorf("a neighbour: %v", err)
				}
			})
		}
		wg.Wait()
		for i := range 12 {
			if got := values(srv, fmt.Sprint("n", i), "TXT"); (len(got) == 1) != (i%4 != 0) {
				t.Errorf("n%d holds %v", i, got)
			}
		}
		// So it is with sets.
		for i := range 6 {
			wg.Go(func() {
				edit := hoster.SetEdit{Name: fmt.Sprint("m", i), Append: textsOf("x"), Expect: hoster.Set(textsOf())}
				if i == 3 {
					edit.Name = "n1"
				}
				change, err := writer.Edit(t.Context(), edit)
				switch {
				case i == 3 && (!errors.Is(err, hoster.ErrConflict) || len(change.Before) != 1):
					t.Errorf("a set that is there: %+v, %v", change, err)
				case i != 3 && (err != nil || len(change.After) != 1):
					t.Errorf("a neighbour: %+v, %v", change, err)
				}
			})
		}
		wg.Wait()
	})
}

// TestEditsOfOneSetAreMadeInTurn, though they come together.
func TestEditsOfOneSetAreMadeInTurn(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		writer := client.DNS.Writer("example.com")
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				if _, err := writer.Edit(t.Context(), hoster.SetEdit{Name: "one", Append: textsOf(fmt.Sprint(i))}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := values(srv, "one", "TXT"); len(got) != 6 {
			t.Errorf("%v", got)
		}
	})
}

func TestAWriterThatIsLeft(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	writer := eagerClient(t, srv).DNS.Writer("example.com")
	hasty, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := writer.Create(hasty, hoster.NewRecord("a", textsOf("x")[0])); !errors.Is(err, context.Canceled) || errors.Is(err, hoster.ErrOutcomeUnknown) {
		t.Errorf("before the write: %v", err)
	}
	arrived, release := make(chan struct{}), make(chan struct{})
	srv.Inject(sandbox.Fault{Operation: "DNS.Create", Hook: func() { close(arrived); <-release }})
	hasty, cancel = context.WithTimeout(t.Context(), time.Minute)
	go func() { <-arrived; cancel() }()
	if _, err := writer.Create(hasty, hoster.NewRecord("b", textsOf("x")[0])); !errors.Is(err, context.Canceled) || !errors.Is(err, hoster.ErrOutcomeUnknown) {
		t.Errorf("while it is under way: %v", err)
	}
	close(release)
	for field, call := range map[string]func(w *hoster.ZoneWriter) error{
		"type": func(w *hoster.ZoneWriter) error {
			_, err := w.Create(t.Context(), hoster.RecordCreate{Name: "a"})
			return err
		},
		"id": func(w *hoster.ZoneWriter) error { return w.Delete(t.Context(), "") },
		"ttl": func(w *hoster.ZoneWriter) error {
			_, err := w.Update(t.Context(), "rec_1", hoster.RecordUpdate{TTL: hoster.Set(1)})
			return err
		},
	} {
		var argument *hoster.ArgumentError
		if err := call(writer); !errors.As(err, &argument) || argument.Field != field {
			t.Errorf("%s: %v", field, err)
		}
		if err := call(eagerClient(t, srv).DNS.Writer("no domain")); !errors.As(err, &argument) || argument.Field != "domain" {
			t.Errorf("no domain: %v", err)
		}
	}
}

// TestABatchThatNamesNoRecordOfOurs: an answer that names a place which the batch does
// not have says nothing of any record. Each is then written by itself.
func TestABatchThatNamesNoRecordOfOurs(t *testing.T) {
	for _, field := range []string{"update.0.value", "delete.3", "create.99.value", "create.18446744073709551616", "records"} {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Status: 422, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"` + field + `":["no"]}}`})
		writer := eagerClient(t, srv).DNS.Writer("example.com")
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				if _, err := writer.Create(t.Context(), hoster.NewRecord(fmt.Sprint("n", i), textsOf("x")[0])); err != nil {
					t.Errorf("%s: %v", field, err)
				}
			})
		}
		wg.Wait()
		if n := srv.Count("DNS.Create"); n != 3 {
			t.Errorf("%s: %d single calls", field, n)
		}
	}
}

// TestASetThatWasMadeBeforeARefusal: without batches the sets are made call by call.
// One that is refused does not make a conflict of those that were made before it.
func TestASetThatWasMadeBeforeARefusal(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		writer := client.DNS.Writer("example.com")
		if got := fmt.Sprintf("%v %+v %#v", writer, writer, writer); strings.Contains(got, "{") || !strings.Contains(got, "example.com") {
			t.Errorf("printed as %s", got)
		}
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				edit := hoster.SetEdit{Name: fmt.Sprint("e", i), Append: textsOf("x", "y"), Expect: hoster.Set(textsOf())}
				if i == 5 { // beside which nothing can stand
					edit = hoster.SetEdit{Name: "www", Append: []dnszone.Data{dnszone.CNAME{Target: "c.example.net"}}}
				}
				change, err := writer.Edit(t.Context(), edit)
				switch {
				case i == 5 && !errors.Is(err, hoster.ErrConflict):
					t.Errorf("a CNAME beside an address: %v", err)
				case i < 5 && (err != nil || !change.Written || len(change.Before) != 0 || len(change.After) != 2):
					t.Errorf("set %d: %+v, %v", i, change, err)
				}
			})
		}
		wg.Wait()
	})
}
