package hoster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fakeBudget is a SharedBudget that answers what it was told to.
type fakeBudget struct {
	turn  BudgetTurn
	err   error
	notes []BudgetNote
}

func (b *fakeBudget) Take(context.Context) (BudgetTurn, error) { return b.turn, b.err }

func (b *fakeBudget) Note(_ context.Context, note BudgetNote) error {
	b.notes = append(b.notes, note)
	return b.err
}

// TestSharedBudgetWaits: a wait for it that is too long is the client's own limit,
// of no unknown outcome, for every verb.
func TestSharedBudgetWaits(t *testing.T) {
	for _, verb := range allVerbs {
		synctest.Test(t, func(t *testing.T) {
			wire := newWire(verb.success())
			budget := &fakeBudget{turn: BudgetTurn{Wait: 10 * time.Second}}
			client := wire.newClient(t, WithSharedBudget(budget))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			began := time.Now()
			err := verb.call(ctx, client)
			if !errors.Is(err, ErrLocalLimit) || !strings.Contains(err.Error(), "shared") || time.Since(began) != 0 || wire.count() != 0 {
				t.Errorf("%s: %d requests after %s: %v", verb.name, wire.count(), time.Since(began), err)
			}
			if errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, ErrRateLimited) {
				t.Errorf("%s: %v", verb.name, err)
			}
		})
	}
}

// TestSharedBudgetFails: calls go on without it, and a hook is told.
func TestSharedBudgetFails(t *testing.T) {
	for _, verb := range allVerbs {
		synctest.Test(t, func(t *testing.T) {
			var events []Event
			wire := newWire(verb.success())
			budget := &fakeBudget{err: errors.New("connection refused")}
			client := wire.newClient(t, WithSharedBudget(budget), WithHooks(Hooks{OnWait: func(_ context.Context, e Event) { events = append(events, e) }}))
			for range 3 {
				if err := verb.call(t.Context(), client); err != nil {
					t.Errorf("%s: %v", verb.name, err)
				}
			}
			if len(events) != 1 || !errors.Is(events[0].Err, ErrSharedBudget) || !errors.Is(events[0].Err, budget.err) || !strings.Contains(events[0].Reason, "refused") {
				t.Errorf("%s: %+v", verb.name, events)
			}
			if len(budget.notes) > 0 {
				t.Errorf("%s: it was told %+v", verb.name, budget.notes)
			}
		})
	}
}

// TestSharedBudgetNotes: it is told what the answer says, and what its turn said.
func TestSharedBudgetNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget := &fakeBudget{turn: BudgetTurn{Window: 7}}
		answer := func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Body: http.NoBody, Header: http.Header{
				"X-Ratelimit-Limit": {"60"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"9"}, "Retry-After": {"8"},
				"Ratelimit-Policy": {`"default";q=60;w=30`}, "Ratelimit": {`"default";r=0;t=9`},
			}}, nil
		}
		client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithSharedBudget(budget),
			WithHTTPClient(newWire(answer).client()), WithRetryPolicy(RetryPolicy{MaxAttempts: 1, MaxRetryAfter: time.Minute}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Domains.Get(t.Context(), "example.com"); !errors.Is(err, ErrRateLimited) {
			t.Error(err)
		}
		want := BudgetNote{
			Window: 7, Status: 429, ResetIn: 9 * time.Second, Length: 30 * time.Second, RetryAfter: 8 * time.Second,
			RateLimit: RateLimit{Limit: 60, Reset: time.Now().Add(9 * time.Second).UTC(), Known: true},
		}
		if len(budget.notes) != 1 || budget.notes[0] != want {
			t.Errorf("%+v", budget.notes)
		}
	})
}

func TestSharedBudgetOption(t *testing.T) {
	for _, budget := range []SharedBudget{nil, (*fakeBudget)(nil)} {
		if _, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithSharedBudget(budget)); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	}
}
