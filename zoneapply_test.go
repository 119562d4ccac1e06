package hoster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// opinionatedClient talks to a provider that stores TTLs of at least 600 and TXT
// in lower case, whatever was sent.
func opinionatedClient(t *testing.T, srv *hostertest.Server) *hoster.Client {
	return clientThrough(t, srv, func(next http.RoundTripper) http.RoundTripper {
		return rewriting{next, func(sent map[string]any) {
			if ttl, ok := sent["ttl"].(float64); ok {
				sent["ttl"] = max(ttl, 600)
			}
			if value, ok := sent["value"].(string); ok {
				sent["value"] = strings.ToLower(value)
			}
		}}
	})
}

// TestAProviderWithItsOwnMind stores something else than was sent: that is
// reported, and never taken for another writer.
func TestAProviderWithItsOwnMind(t *testing.T) {
	for name, options := range providers {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0)}, options...)...)
			client := opinionatedClient(t, srv)
			ctx := context.Background()
			set := hoster.RecordSet{Name: "_case", TTL: hoster.Set(60), Values: txt("ToKeN", "other")}
			want := []hoster.Adjustment{
				{Name: "_case", Type: "TXT", Field: "ttl", Want: "60", Got: "600"},
				{Name: "_case", Type: "TXT", Value: `"ToKeN"`, Field: "value", Want: "ToKeN", Got: "token"},
			}
			change, err := client.DNS.AppendValues(ctx, "example.com", set)
			if err != nil || len(change.After) != 2 || !slices.Equal(change.Adjusted, want) {
				t.Fatalf("appended: %+v, %v", change, err)
			}
			change, err = client.DNS.AppendValues(ctx, "example.com", set)
			if err != nil || change.Written || len(change.After) != 2 || !slices.Equal(change.Adjusted, want[1:]) {
				t.Errorf("a second time: %+v, %v", change, err)
			}
			set.Values = txt("ToKeN", "Third")
			srv.ForgetRecords()
			change, err = client.DNS.ReplaceSet(ctx, "example.com", set)
			if got := values(srv, "_case", "TXT"); err != nil || !slices.Equal(got, []string{"third", "token"}) || !slices.Contains(change.Adjusted, want[0]) {
				t.Errorf("replaced: %v, %+v, %v", got, change, err)
			}
			if n := len(srv.Requests()); n > 6 {
				t.Errorf("%d requests", n)
			}

			desired := []hoster.RecordCreate{{Type: "TXT", Name: "_plan", Value: "ABC", TTL: hoster.Set(60)}, {Type: "A", Name: "_plan", Value: "192.0.2.1", TTL: hoster.Set(60)}}
			plan, err := client.DNS.PlanZone(ctx, "example.com", desired, &hoster.ZonePlanOptions{Names: []string{"_plan"}})
			if err != nil {
				t.Fatal(err)
			}
			result, err := client.DNS.Apply(ctx, plan, nil)
			if err != nil || len(result.Applied) != 2 || len(result.Adjusted) != 3 {
				t.Errorf("applied: %+v, %v", result, err)
			}
			again, err := client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Resume: throughJSON(t, &result)})
			if err != nil || len(again.Skipped) != 2 {
				t.Errorf("applied again: %+v, %v", again, err)
			}
		})
	}
}

// planOf plans TXT sets of one to three values under names of their own, which
// are all that the plan owns.
func planOf(t *testing.T, client *hoster.Client, sets int) *hoster.ZonePlan {
	t.Helper()
	var desired []hoster.RecordCreate
	for i := range sets {
		for j := range 3 {
			desired = append(desired, hoster.RecordCreate{Type: "TXT", Name: fmt.Sprintf("_set%02d", i), Value: fmt.Sprintf("value %d", j)})
		}
	}
	plan, err := client.DNS.PlanZone(context.Background(), "example.com", desired, &hoster.ZonePlanOptions{Owned: func(r hoster.Record) bool { return strings.HasPrefix(r.Name, "_set") }})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestApplyFinishesWhatItBegan: a set that a failure left half written is told,
// and finished by the next application; what somebody else did to it is not
// taken for that.
func TestApplyFinishesWhatItBegan(t *testing.T) {
	refused := sandbox.Fault{Operation: "DNS.Create", Skip: 1, Status: 422, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"value":["no"]}}`}
	lost := sandbox.Fault{Operation: "DNS.Create", Skip: 1, Reset: true, After: true}
	for name, test := range map[string]struct {
		fault sandbox.Fault
		kind  error
	}{"refused": {refused, hoster.ErrValidation}, "outcome unknown": {lost, hoster.ErrOutcomeUnknown}} {
		for _, provider := range []string{"ETags", "neither"} {
			t.Run(name+", "+provider, func(t *testing.T) {
				srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0)}, providers[provider]...)...)
				client := newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithIdempotencyKeys(false))
				ctx := context.Background()
				plan := planOf(t, client, 3)
				srv.Inject(test.fault)
				result, err := client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Concurrency: 1})
				if !errors.Is(err, test.kind) || !slices.Equal(result.Unfinished, []string{"_set00 TXT"}) || len(result.Applied) != 0 {
					t.Fatalf("%+v, %v", result, err)
				}
				result, err = client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{Resume: throughJSON(t, &result)})
				if err != nil || len(result.Applied) != 3 || len(result.Unfinished) != 0 {
					t.Errorf("applied again: %+v, %v", result, err)
				}
				for i := range 3 {
					if got := values(srv, fmt.Sprintf("_set%02d", i), "TXT"); len(got) != 3 {
						t.Errorf("set %d holds %v", i, got)
					}
				}
			})
		}
	}
	t.Run("and somebody else", func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.Batch))
		client := eagerClient(t, srv)
		plan := planOf(t, client, 1)
		srv.Inject(refused)
		var progress hoster.ApplyResult
		if _, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{Resume: &progress}); !errors.Is(err, hoster.ErrValidation) {
			t.Fatal(err)
		}
		if _, err := eagerClient(t, srv).DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "_set00", Values: txt("theirs")}); err != nil {
			t.Fatal(err)
		}
		_, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{Resume: &progress})
		if got := values(srv, "_set00", "TXT"); !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "_set00 TXT") || len(got) != 2 {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// TestAFailureLetsTheOthersEnd: calls that are under way when another one fails
// are waited for, and what they wrote is told.
func TestAFailureLetsTheOthersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.Batch, sandbox.ETags))
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		plan := planOf(t, client, 40)
		mentions := func(text string) func(*http.Request) bool {
			return func(r *http.Request) bool {
				body, _ := io.ReadAll(r.Body)
				return bytes.Contains(body, []byte(text))
			}
		}
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Match: mentions("_set05"), Status: 422, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"no"}`})
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Delay: time.Second})
		result, err := client.DNS.Apply(t.Context(), plan, nil)
		if !errors.Is(err, hoster.ErrValidation) || errors.Is(err, hoster.ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
		there := 0
		for i := range 40 {
			there += len(values(srv, fmt.Sprintf("_set%02d", i), "TXT"))
		}
		if len(result.Applied) != 7 || len(result.Unfinished) != 0 || there != 3*len(result.Applied) {
			t.Errorf("%d values are there: %+v", there, result)
		}
	})
}

// TestWhatIsChangedAfterTheWriteIsNamed, where no version tells.
func TestWhatIsChangedAfterTheWriteIsNamed(t *testing.T) {
	for _, name := range []string{"ETags", "batch", "neither"} {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0)}, providers[name]...)...)
			client, other := eagerClient(t, srv), eagerClient(t, srv)
			plan := planOf(t, client, 3)
			meddled := false
			result, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{Concurrency: 1, OnProgress: func(p hoster.ApplyProgress) {
				if meddled {
					return
				}
				meddled = true
				if _, err := other.DNS.RemoveValues(context.Background(), "example.com", hoster.RecordSet{Name: "_set00", Values: txt("value 1")}); err != nil {
					t.Error(err)
				}
			}})
			if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "_set00 TXT") || slices.Contains(result.Applied, "_set00 TXT") || len(result.Applied) != 2 {
				t.Errorf("%+v, %v", result, err)
			}
			writes := len(srv.Writes())
			if _, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{Resume: &result}); !errors.Is(err, hoster.ErrConflict) || len(srv.Writes()) != writes {
				t.Errorf("again: %v, %d more writes", err, len(srv.Writes())-writes)
			}
		})
	}
}

// TestApplyWhileOthersWrite: between two batches too.
func TestApplyWhileOthersWrite(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client, other := eagerClient(t, srv), eagerClient(t, srv)
	plan := planOf(t, client, 400) // three batches
	n := 0
	result, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{OnProgress: func(hoster.ApplyProgress) {
		n++
		if _, err := other.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "theirs", Values: txt(fmt.Sprint(n))}); err != nil {
			t.Error(err)
		}
	}})
	if err != nil || len(result.Applied) != 400 || len(values(srv, "theirs", "TXT")) != n || n < 3 {
		t.Errorf("%d applied, %d others: %v", len(result.Applied), n, err)
	}
	if plan, err = client.DNS.PlanZone(context.Background(), "example.com", declaration(t, client, "example.com"), nil); err != nil || !plan.IsEmpty() {
		t.Errorf("%v, %v", plan, err)
	}
	srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Times: -1, Status: 412, Body: `{"status":"error","code":"PRECONDITION_FAILED","message":"changed"}`})
	if _, err := client.DNS.Apply(context.Background(), planOf(t, client, 401), nil); !errors.Is(err, hoster.ErrConflict) {
		t.Errorf("for ever: %v", err)
	}
}

// TestAPlanIsAppliedByTwo: an application does not change the plan, and the
// second finds that all is done.
func TestAPlanIsAppliedByTwo(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client, other := eagerClient(t, srv), eagerClient(t, srv)
	plan := planOf(t, client, 1)
	before := throughJSON(t, plan)
	_, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{OnProgress: func(hoster.ApplyProgress) {
		if result, err := other.DNS.Apply(context.Background(), plan, nil); err != nil || len(result.Skipped) != 1 {
			t.Errorf("the second: %+v, %v", result, err)
		}
	}})
	if err != nil || !reflect.DeepEqual(plan, before) {
		t.Errorf("%+v, %v", plan, err)
	}
}

// TestABatchNamesTheRecord that the API refuses, not only its place; without a
// place that means one, all sets of the batch.
func TestABatchNamesTheRecord(t *testing.T) {
	for field, name := range map[string]string{"create.4.value": "_set01 TXT: DNS.Batch", "create.x": "_set00 TXT, _set01 TXT, _set02 TXT: DNS.Batch", "create.99.value": "_set00 TXT, _set01 TXT, _set02 TXT: DNS.Batch"} {
		srv := hostertest.New(t)
		client := eagerClient(t, srv)
		plan := planOf(t, client, 3)
		srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Status: 422, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"` + field + `":["no"]}}`})
		_, err := client.DNS.Apply(context.Background(), plan, nil)
		if !errors.Is(err, hoster.ErrValidation) || !strings.HasPrefix(err.Error(), "hoster: "+name) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestManyValues of one set are more than a batch holds.
func TestManyValues(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		var texts []string
		for i := range 1100 {
			texts = append(texts, fmt.Sprintf("value %04d", i))
		}
		set := hoster.RecordSet{Name: "many", Values: txt(texts...)}
		ctx := context.Background()
		if change, err := client.DNS.AppendValues(ctx, "example.com", set); err != nil || len(change.After) != 1100 {
			t.Fatalf("%d: %v", len(change.After), err)
		}
		set.Values = append(txt(texts[:300]...), txt("new")...)
		if change, err := client.DNS.ReplaceSet(ctx, "example.com", set); err != nil || len(change.After) != 301 {
			t.Fatalf("%d: %v", len(change.After), err)
		}
		if change, err := client.DNS.RemoveValues(ctx, "example.com", set); err != nil || len(change.After) != 0 {
			t.Fatalf("%d: %v", len(change.After), err)
		}
	})
}

// TestATypeThatNobodyKnows is read without a filter for it.
func TestATypeThatNobodyKnows(t *testing.T) {
	srv := hostertest.New(t)
	change, err := eagerClient(t, srv).DNS.RemoveValues(context.Background(), "example.com", hoster.RecordSet{
		Name: "www", Values: []dnszone.Data{dnszone.Raw{RRType: "HTTPS", Value: "1 . alpn=h2"}},
	})
	if err != nil || change.Written {
		t.Errorf("%+v, %v", change, err)
	}
}
