package hoster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/internal/gate"
)

// limited is a provider with a fixed window, on the wire of the fake clock. It
// keeps the times of what it let through.
type limited struct {
	mu     sync.Mutex
	limit  int
	window time.Duration
	end    time.Time
	used   int
	passed []time.Time
	refuse int // 429s given
}

func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !now.Before(l.end) {
		l.end, l.used = now.Add(l.window), 0
	}
	if l.used >= l.limit {
		l.refuse++
		return reply(429, tooMany, fmt.Sprintf("Retry-After: %d", int(l.end.Sub(now).Seconds())+1))(req)
	}
	l.used++
	l.passed = append(l.passed, now)
	return reply(200, domainAnswer, fmt.Sprintf("X-RateLimit-Limit: %d", l.limit),
		fmt.Sprintf("X-RateLimit-Remaining: %d", l.limit-l.used), fmt.Sprintf("X-RateLimit-Reset: %d", l.end.Unix()))(req)
}

func (l *limited) client(t testing.TB, options ...Option) *Client {
	t.Helper()
	client, err := NewClient(append([]Option{WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: l})}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// many makes calls side by side and waits for all.
func many(n int, call func() error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = call() })
	}
	all.Wait()
	return errs
}

// TestUnknownBudgetIsAskedAlone: until the first answer one attempt is under way;
// then all that may, and after a provider without headers everybody. The others
// wait for that answer no longer than half a second.
func TestUnknownBudgetIsAskedAlone(t *testing.T) {
	for name, headers := range map[string][]string{
		"no headers": nil,
		"a budget":   {"X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 99", "X-RateLimit-Reset: 946684860"},
	} {
		for takes, want := range map[time.Duration]struct {
			took time.Duration
			most int64
		}{
			100 * time.Millisecond: {200 * time.Millisecond, 19}, // one alone, then nineteen at once
			time.Second:            {1500 * time.Millisecond, 20},
		} {
			synctest.Test(t, func(t *testing.T) {
				b := &busy{takes: takes, answer: reply(200, domainAnswer, headers...)}
				client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: b}))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				for _, err := range many(20, func() error { return getVerb.call(t.Context(), client) }) {
					if err != nil {
						t.Error(err)
					}
				}
				if took := time.Since(began).Round(time.Millisecond); took != want.took || b.most.Load() != want.most {
					t.Errorf("%s: %s, %d at once", name, took, b.most.Load())
				}
			})
		}
	}
}

// TestReleaseIsSpread: after the reset the queue is let in over half of the
// window, not in one herd.
func TestReleaseIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limited{limit: 10, window: 10 * time.Second}
		client := l.client(t)
		for _, err := range many(40, func() error { return getVerb.call(t.Context(), client) }) {
			if err != nil {
				t.Error(err)
			}
		}
		if l.refuse != 0 || len(l.passed) != 40 {
			t.Errorf("%d passed, %d refused", len(l.passed), l.refuse)
		}
		for _, window := range []int{1, 2} { // before, nobody waits yet; after, all who wait fit
			first, last := l.passed[10*window], l.passed[10*window+9]
			if spread := last.Sub(first); spread < 3*time.Second || spread > 6*time.Second {
				t.Errorf("window %d: ten requests within %s", window, spread)
			}
		}
	})
}

// TestPlaceInALaterWindow fails at once where the deadline comes before it.
func TestPlaceInALaterWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limited{limit: 2, window: 10 * time.Second}
		client := l.client(t)
		began := time.Now()
		var done sync.WaitGroup
		for range 6 { // windows 0, 1 and 2
			done.Go(func() {
				if err := getVerb.call(t.Context(), client); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		err := getVerb.call(ctx, client)
		if !errors.Is(err, ErrLocalLimit) || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		var answered *Error
		if errors.As(err, &answered) {
			t.Errorf("a local limit is an answer: %v", err)
		}
		done.Wait()
	})
}

// TestOneRefusalHoldsEverybody: a 429 in one call is everybody's.
func TestOneRefusalHoldsEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(reply(429, tooMany, "Retry-After: 7"), reply(200, domainAnswer))
		client := wire.newClient(t)
		began := time.Now()
		first := make(chan error, 1)
		go func() { first <- getVerb.call(t.Context(), client) }()
		synctest.Wait()
		if err := getVerb.call(t.Context(), client); err != nil || time.Since(began) != 7*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}

// TestWaitersAreRefusedWhenTheWaitGrows: who waits already fails as soon as a
// 429 makes the wait longer than the deadline.
func TestWaitersAreRefusedWhenTheWaitGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{answer: reply(429, tooMany, "Retry-After: 50")}
		client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithMaxInFlight(1), WithHTTPClient(&http.Client{Transport: b}))
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = getVerb.call(t.Context(), client, WithoutRetry()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		err = getVerb.call(ctx, client)
		if !errors.Is(err, ErrLocalLimit) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// TestNobodyIsBelievedForever: a reset hours ahead holds a call no longer than
// MaxRetryAfter and the rounding.
func TestNobodyIsBelievedForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(reply(200, domainAnswer, "X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 946764800"), reply(200, domainAnswer))
		client := wire.newClient(t)
		began := time.Now()
		for range 2 {
			if err := getVerb.call(t.Context(), client); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took != 61*time.Second {
			t.Errorf("held back for %s", took)
		}
	})
}

// TestCancelledWaiterFreesItsPlace in the middle of the queue.
func TestCancelledWaiterFreesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{answer: reply(200, domainAnswer)}
		client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithMaxInFlight(1), WithHTTPClient(&http.Client{Transport: b}))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		results := make(chan error, 3)
		for i := range 3 {
			who := t.Context()
			if i == 1 {
				who = ctx
			}
			go func() { results <- getVerb.call(who, client) }()
			synctest.Wait()
		}
		cancel()
		if err := <-results; !errors.Is(err, context.Canceled) || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		for range 2 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("two calls of a second took %s", took)
		}
		if client.exchange.Gate().Load() != (gate.Load{}) {
			t.Errorf("something is left at the gate: %+v", client.exchange.Gate().Load())
		}
	})
}

// TestBudgetsInEverySpelling: however a provider tells its budget, rightly or not,
// the client has as many requests in flight as that allows, and waits no longer
// than until the reset where it is used up.
func TestBudgetsInEverySpelling(t *testing.T) {
	const limit, window, burst = 100, 30 * time.Second, 16
	unix := func(end time.Time) string { return fmt.Sprint(end.Unix()) }
	since := func(end time.Time) string { return fmt.Sprint(int(time.Until(end).Seconds())) }
	date := func(layout string, zone *time.Location) func(time.Time) string {
		return func(end time.Time) string { return end.In(zone).Format(layout) }
	}
	always := func(text string) func(time.Time) string { return func(time.Time) string { return text } }
	old := func(reset func(time.Time) string) func(left int, end time.Time) []string {
		return func(left int, end time.Time) []string {
			return []string{fmt.Sprintf("X-RateLimit-Limit: %d", limit), fmt.Sprintf("X-RateLimit-Remaining: %d", left), "X-RateLimit-Reset: " + reset(end)}
		}
	}
	for name, tell := range map[string]func(left int, end time.Time) []string{
		"unix seconds":      old(unix),
		"unix milliseconds": old(func(end time.Time) string { return fmt.Sprint(end.UnixMilli()) }),
		"seconds from now":  old(since),
		"a fraction":        old(func(end time.Time) string { return fmt.Sprintf("%.3f", time.Until(end).Seconds()) }),
		"HTTP date":         old(date(http.TimeFormat, time.UTC)),
		"PHP date":          old(date(time.RFC1123Z, time.UTC)),
		"date, offset":      old(date(time.RFC1123Z, time.FixedZone("", -7*3600))),
		"RFC 850":           old(date("Monday, 02-Jan-06 15:04:05 GMT", time.UTC)),
		"asctime":           old(date(time.ANSIC, time.UTC)),
		"RFC 3339":          old(date(time.RFC3339, time.UTC)),
		"in the past":       old(always("946684000")),
		"far away":          old(always("4102444800")),
		"absurd":            old(always("9223372036854775807")),
		"negative":          old(always("-5")),
		"a word":            old(always("soon")),
		"none":              func(int, time.Time) []string { return nil },
		"standard": func(left int, end time.Time) []string {
			return []string{fmt.Sprintf("RateLimit-Limit: %d, %d;w=30, 5000;w=3600", limit, limit), fmt.Sprintf("RateLimit-Remaining: %d", left), "RateLimit-Reset: " + since(end)}
		},
		"structured": func(left int, end time.Time) []string {
			return []string{fmt.Sprintf(`RateLimit: "default";r=%d;t=%s`, left, since(end)), fmt.Sprintf(`RateLimit-Policy: "default";q=%d;w=30`, limit)}
		},
		"two policies": func(left int, end time.Time) []string {
			return []string{fmt.Sprintf(`RateLimit: "day";r=4000;t=80000, "default";r=%d;t=%s`, left, since(end)), fmt.Sprintf(`RateLimit-Policy: "day";q=5000;w=86400, "default";q=%d;w=30`, limit)}
		},
		"several lines": func(left int, end time.Time) []string {
			return append(old(unix)(left, end), "X-RateLimit-Limit: 5000", fmt.Sprintf("X-RateLimit-Remaining: %d", left+4000), "X-RateLimit-Reset: "+unix(end.Add(time.Hour)))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var end time.Time
			used, refused := 0, 0
			b := &busy{takes: 100 * time.Millisecond, answer: func(req *http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				if !time.Now().Before(end) {
					end, used = time.Now().Add(window), 0
				}
				if used >= limit {
					refused++
					return reply(429, tooMany, "Retry-After: "+fmt.Sprint(int(time.Until(end).Seconds())+1))(req)
				}
				used++
				return reply(200, domainAnswer, tell(limit-used, end)...)(req)
			}}
			client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: b}))
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			calls := func(n int) {
				for _, err := range many(n, func() error { return getVerb.call(t.Context(), client) }) {
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
			calls(1)
			calls(burst)
			if most := b.most.Load(); most < burst-2 || time.Since(began) > time.Second {
				t.Errorf("%s: %d in flight, %s for %d calls", name, most, time.Since(began), 1+burst)
			}
			calls(2*limit - 20 - burst)
			believable := !slices.Contains([]string{"in the past", "far away", "absurd", "negative", "a word", "none"}, name)
			if believable && refused > 1 { // the end of a window is told in whole seconds
				t.Errorf("%s: %d refused", name, refused)
			}
			if took := time.Since(began); took < window || took > 2*window {
				t.Errorf("%s: two windows of calls took %s", name, took)
			}
		})
	}
}

// TestWaitingOutA429IsNoRepetition: it does not use up the retry budget, so that
// no call fails at a provider that says nothing but 429.
func TestWaitingOutA429IsNoRepetition(t *testing.T) {
	for _, told := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var end time.Time
			used := 0
			b := &busy{takes: 30 * time.Millisecond, answer: func(req *http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				if !time.Now().Before(end) {
					end, used = time.Now().Add(2*time.Second), 0
				}
				switch {
				case used < 20:
					used++
					return reply(200, domainAnswer)(req)
				case told:
					return reply(429, tooMany, "Retry-After: 2")(req)
				}
				return reply(429, tooMany)(req)
			}}
			policy := DefaultRetryPolicy()
			if !told {
				policy.MaxAttempts = 10 // each waits by its own backoff
			}
			client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: b}), WithRetryPolicy(policy))
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range many(80, func() error { return getVerb.call(t.Context(), client) }) {
				if err != nil {
					t.Errorf("told %v: %v", told, err)
				}
			}
			if client.exchange.Budget().Retries.Load() != 0 {
				t.Errorf("told %v: %d repetitions", told, client.exchange.Budget().Retries.Load())
			}
		})
	}
}

// TestRetryBudget: when everything fails, a fifth of the calls is repeated, and
// ten in any case.
func TestRetryBudget(t *testing.T) {
	for calls, most := range map[int]int{5: 10, 30: 10, 100: 20, 500: 100} {
		wire := newWire(reply(503, ""))
		client := wire.newClient(t, WithRetryPolicy(RetryPolicy{MaxAttempts: 3}))
		exhausted := 0
		for range calls {
			err := getVerb.call(t.Context(), client)
			var answered *Error
			if !errors.As(err, &answered) || answered.Status != 503 || !errors.Is(err, ErrServer) {
				t.Fatalf("the last answer is lost: %v", err)
			}
			if errors.Is(err, ErrRetryBudget) {
				exhausted++
			}
		}
		if got := int(client.exchange.Budget().Retries.Load()); got > most || (calls >= 30 && got < most) {
			t.Errorf("%d calls: %d repeated, want %d", calls, got, most)
		}
		if calls >= 30 && exhausted == 0 {
			t.Errorf("%d calls: no error names the budget", calls)
		}
	}
}

// TestGateHammer for the race detector.
func TestGateHammer(t *testing.T) {
	client := (&limited{limit: 1 << 30, window: time.Hour}).client(t, WithMaxInFlight(7), WithRequestRate(1e8, 1000))
	for _, err := range many(100, func() error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for i := range 20 {
			if i == 10 {
				cancel()
			}
			if err := getVerb.call(ctx, client); err != nil && i < 10 {
				return err
			}
			_ = client.RateLimit()
		}
		return nil
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if client.exchange.Gate().Load().InFlight != 0 || client.exchange.Gate().Load().Unheard != 0 {
		t.Errorf("%d in flight, %d unheard", client.exchange.Gate().Load().InFlight, client.exchange.Gate().Load().Unheard)
	}
}
