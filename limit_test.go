package hoster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRateLimitOnTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := answering(domainAnswer)
		client := wire.newClient(t, WithRequestRate(10, 5))
		began := time.Now()
		var running sync.WaitGroup
		for range 50 {
			running.Go(func() {
				for range 2 {
					if err := getVerb.call(t.Context(), client); err != nil {
						t.Error(err)
					}
				}
			})
		}
		running.Wait()
		if took := time.Since(began); took.Round(time.Millisecond) != 9500*time.Millisecond { // 100 requests, 5 of them at once
			t.Errorf("took %s", took)
		}
		var burst int
		for _, r := range wire.requests() {
			if r.at.Equal(began) {
				burst++
			}
		}
		if burst != 5 || wire.count() != 100 {
			t.Errorf("%d at once, %d in all", burst, wire.count())
		}
	})
}

// TestRepetitionsPassTheGate holds each attempt to the rate, not each call.
func TestRepetitionsPassTheGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(reply(500, ""), reply(500, ""), reply(200, domainAnswer))
		began := time.Now()
		if err := getVerb.call(t.Context(), wire.newClient(t, quick, WithRequestRate(1, 1))); err != nil {
			t.Error(err)
		}
		if took := time.Since(began).Round(time.Millisecond); took != 2*time.Second {
			t.Errorf("three attempts took %s", took)
		}
	})
}

func TestLocalLimitAtOnce(t *testing.T) {
	for _, verb := range allVerbs {
		synctest.Test(t, func(t *testing.T) {
			wire := newWire(verb.success())
			client := wire.newClient(t, WithRequestRate(0.1, 1))
			if err := verb.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			began := time.Now()
			err := verb.call(ctx, client)
			if !errors.Is(err, ErrLocalLimit) || time.Since(began) != 0 || wire.count() != 1 {
				t.Errorf("%s: %d requests after %s: %v", verb.name, wire.count(), time.Since(began), err)
			}
			if e := new(Error); errors.As(err, &e) || errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, ErrRateLimited) || errors.Is(err, ErrServer) {
				t.Errorf("%s: worded as the provider's: %v", verb.name, err)
			}
			// The refused call took nothing away from the next one.
			if err := verb.call(t.Context(), client); err != nil || time.Since(began).Round(time.Millisecond) != 10*time.Second {
				t.Errorf("%s: after %s: %v", verb.name, time.Since(began), err)
			}
		})
	}
	t.Run("between attempts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err := getVerb.call(ctx, newWire(reply(500, apiError("INTERNAL_ERROR", "x"))).newClient(t, quick, WithRequestRate(0.1, 1)))
			if !errors.Is(err, ErrLocalLimit) || !errors.Is(err, ErrServer) {
				t.Errorf("got %v", err)
			}
		})
	})
}

func TestCancelledAtTheGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := answering(recordAnswer)
		client := wire.newClient(t, WithRequestRate(0.1, 1))
		if err := postVerb.call(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		err := postVerb.call(ctx, client)
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) || time.Since(began) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		// Its place is free: the next one waits for 10 s from the start, not 20.
		if err := postVerb.call(t.Context(), client); err != nil || time.Since(began).Round(time.Millisecond) != 10*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if wire.count() != 2 {
			t.Errorf("%d requests", wire.count())
		}
	})
}

// busy holds each request, for a second unless takes says how long, and counts
// those under way.
type busy struct {
	now, most, all atomic.Int64
	takes          time.Duration
	answer         answerFunc
}

func (b *busy) RoundTrip(req *http.Request) (*http.Response, error) {
	b.all.Add(1)
	if n := b.now.Add(1); n > b.most.Load() {
		b.most.Store(n)
	}
	pause(req.Context(), cmp.Or(b.takes, time.Second))
	b.now.Add(-1)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return b.answer(req)
}

func TestMaxInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{answer: reply(200, domainAnswer)}
		client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithMaxInFlight(3), WithHTTPClient(&http.Client{Transport: b}))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var running sync.WaitGroup
		for range 30 {
			running.Go(func() {
				if err := getVerb.call(t.Context(), client); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if took := time.Since(began); b.most.Load() != 3 || took != 10*time.Second+375*time.Millisecond { // the first asks alone, but not for long
			t.Errorf("%d at once, in %s", b.most.Load(), took)
		}
	})
}

// TestPlacesAreGivenBack after every kind of end, so that none is ever lost.
func TestPlacesAreGivenBack(t *testing.T) {
	for _, trouble := range trouble {
		for _, verb := range allVerbs {
			client := newWire(trouble.answer).newClient(t, quick, WithMaxInFlight(1))
			_ = verb.call(t.Context(), client)
			if n := client.exchange.Gate().Load().InFlight + client.exchange.Gate().Load().Unheard; n != 0 {
				t.Errorf("%s, %s: %d places are still taken", trouble.name, verb.name, n)
			}
		}
	}
	source := newWire(reply(200, domainAnswer)).newSourceClient(t, sourceOf(errors.New("sealed")), WithMaxInFlight(1))
	_ = getVerb.call(t.Context(), source)
	if source.exchange.Gate().Load().InFlight != 0 {
		t.Error("a source that failed keeps a place")
	}
}

// TestNoPlaceIsTakenWhileWaiting lets others through during a backoff.
func TestNoPlaceIsTakenWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(reply(503, unavailable, "Retry-After: 30"), reply(200, domainAnswer))
		client := wire.newClient(t, WithMaxInFlight(1))
		began := time.Now()
		done := make(chan error)
		go func() { done <- getVerb.call(t.Context(), client) }()
		synctest.Wait()
		if err := getVerb.call(t.Context(), client); err != nil || time.Since(began) != 0 {
			t.Errorf("held back for %s: %v", time.Since(began), err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWaitingForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{answer: reply(200, recordAnswer)}
		client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithMaxInFlight(1), WithHTTPClient(&http.Client{Transport: b}))
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- postVerb.call(t.Context(), client) }()
		synctest.Wait()
		cancelled, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := postVerb.call(cancelled, client); !errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
		late, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer stop()
		err = postVerb.call(late, client)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrLocalLimit) || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
		if e := new(Error); errors.As(err, &e) {
			t.Errorf("got %v", err)
		}
		if err := <-done; err != nil || b.all.Load() != 1 {
			t.Errorf("%d requests: %v", b.all.Load(), err)
		}
		if err := postVerb.call(t.Context(), client); err != nil { // both left no trace
			t.Error(err)
		}
	})
}

// TestRateLimitWhereManyGiveUp: the places of those who gave up are not given to
// others beside the places that were taken behind them.
func TestRateLimitWhereManyGiveUp(t *testing.T) {
	const rate, each = 10, 50
	synctest.Test(t, func(t *testing.T) {
		wire := answering(domainAnswer)
		client := wire.newClient(t, WithRequestRate(rate, 1))
		began := time.Now()
		giving, giveUp := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		wait := func(ctx context.Context, patient bool) {
			for range each {
				waiting.Go(func() {
					if err := getVerb.call(ctx, client); patient && err != nil || err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
		}
		wait(giving, false) // the first of them passes at once
		wait(t.Context(), true)
		giveUp()
		synctest.Wait()
		wait(t.Context(), true)
		waiting.Wait()
		passed := wire.requests()
		if took := time.Since(began); len(passed) != 1+2*each || took > 3*each*time.Second/rate {
			t.Errorf("%d requests in %s", len(passed), took)
		}
		for i := range passed[rate+1:] {
			if span := passed[i+rate+1].at.Sub(passed[i].at); span <= time.Second {
				t.Errorf("%d requests from %d on within %s", rate+2, i+1, span)
			}
		}
	})
}

func TestRateLimitSnapshot(t *testing.T) {
	budget := func(status int, headers ...string) answerFunc { return reply(status, domainAnswer, headers...) }
	reset := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	until := fmt.Sprint("X-RateLimit-Reset: ", reset.Unix())
	wire := newWire(
		reply(200, domainAnswer),
		budget(200, "X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 599", until),
		budget(404, "X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 598", until),
		reply(401, apiError("TOKEN_INVALID", "x")),
		budget(200, "X-RateLimit-Remaining: many"),
		budget(200, "X-RateLimit-Remaining: -3"),
		budget(200, "X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 597", "X-RateLimit-Reset: 1000000000"),
		budget(200, "X-RateLimit-Remaining: 7"),
	)
	client := wire.newClient(t)
	if got := client.RateLimit(); got.Known || got != (RateLimit{}) {
		t.Errorf("before any call: %+v", got)
	}
	for i, want := range []RateLimit{
		{},
		{600, 599, reset, true},
		{600, 598, reset, true},
		{600, 598, reset, true},
		{600, 598, reset, true},
		{600, 598, reset, true},
		{600, 597, time.Time{}, true}, // what cannot be right is not believed
		{0, 7, time.Time{}, true},
	} {
		_ = getVerb.call(t.Context(), client)
		if got := client.RateLimit(); got != want {
			t.Errorf("after call %d: %+v, want %+v", i+1, got, want)
		}
	}
	var meta Response
	wire = newWire(budget(200, "X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 0"))
	_ = getVerb.call(t.Context(), wire.newClient(t), WithResponse(&meta))
	if meta.RateLimit != (RateLimit{Limit: 600, Known: true}) {
		t.Errorf("%+v", meta.RateLimit)
	}
}

// TestLimiterOfATransport: a write that a transport of the caller's held back is
// not of unknown outcome, if the transport says so, and is repeated.
func TestLimiterOfATransport(t *testing.T) {
	for _, verb := range allVerbs {
		for _, says := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				tries, passes := 0, 2
				answer := verb.success()
				transport := roundTrip(func(req *http.Request) (*http.Response, error) {
					if tries++; tries >= passes {
						return answer(req)
					}
					<-req.Context().Done() // the limiter has no place in time
					if !says {
						return nil, req.Context().Err()
					}
					return nil, fmt.Errorf("limiter: %w: %w", ErrNotSent, req.Context().Err())
				})
				client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: transport}), WithAttemptTimeout(time.Second), quick)
				if err != nil {
					t.Fatal(err)
				}
				if err := verb.call(t.Context(), client); says && err != nil {
					t.Errorf("%s: %v", verb.name, err)
				}
				if says && tries != 2 {
					t.Errorf("%s: %d tries", verb.name, tries)
				}
				tries, passes = 0, 100
				if err := verb.call(t.Context(), client); err == nil || says && errors.Is(err, ErrOutcomeUnknown) {
					t.Errorf("%s: %v", verb.name, err)
				} else if isWrite := !strings.HasPrefix(verb.name, "GET"); !says && isWrite != errors.Is(err, ErrOutcomeUnknown) {
					t.Errorf("%s, not told: %v", verb.name, err)
				}
			})
		}
	}
}

// TestWaitsAreNamed: a wait's event and the error of a refused call say what was
// waited for, and the error names the operation.
func TestWaitsAreNamed(t *testing.T) {
	first := func(answers ...answerFunc) func(time.Duration) http.RoundTripper {
		return func(takes time.Duration) http.RoundTripper {
			wire := newWire(answers...)
			return roundTrip(func(req *http.Request) (*http.Response, error) {
				pause(req.Context(), takes)
				return wire.RoundTrip(req)
			})
		}
	}
	success := reply(200, domainAnswer)
	for name, test := range map[string]struct {
		transport func(time.Duration) http.RoundTripper
		takes     time.Duration
		options   []Option
		beside    bool // the call comes while another is under way
		reason    string
	}{
		"own rate":  {first(success), 0, []Option{WithRequestRate(0.1, 1)}, false, "the client's own rate limit"},
		"in flight": {first(success), 10 * time.Second, []Option{WithMaxInFlight(1)}, true, "the client's own bound on requests in flight"},
		"budget":    {first(reply(200, domainAnswer, "RateLimit-Remaining: 0", "RateLimit-Reset: 10"), success), 0, nil, false, "the provider's rate limit"},
		"429":       {first(reply(429, tooMany, "Retry-After: 10"), success), 0, []Option{WithRetryPolicy(RetryPolicy{MaxAttempts: 1, MaxRetryAfter: time.Minute})}, false, "asked for with a 429"},
		"unknown":   {first(success), 200 * time.Millisecond, nil, true, "the answer that tells what is left"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var waits []Event
			hooks := Hooks{OnWait: func(_ context.Context, e Event) {
				mu.Lock()
				defer mu.Unlock()
				waits = append(waits, e)
			}}
			options := append(test.options, WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHooks(hooks), WithHTTPClient(&http.Client{Transport: test.transport(test.takes)}))
			client, err := NewClient(options...)
			if err != nil {
				t.Fatal(err)
			}
			before := make(chan struct{})
			go func() {
				defer close(before)
				_ = getVerb.call(t.Context(), client)
			}()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			err = getVerb.call(ctx, client)
			if !errors.Is(err, ErrLocalLimit) || !strings.Contains(err.Error(), "Domains.Get example.com") || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("%s: %v", name, err)
			}
			if err := getVerb.call(t.Context(), client); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			<-before
			if len(waits) != 1 || !strings.Contains(waits[0].Reason, test.reason) || waits[0].Delay <= 0 || waits[0].Operation != "Domains.Get" {
				t.Errorf("%s: %+v", name, waits)
			}
		})
	}
}
