package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// engine is a shared budget that knows the provider's windows, on the fake clock.
type engine struct {
	limit  int
	window time.Duration
	delay  time.Duration // of each question

	take func(context.Context) // before it answers
	err  error

	mu    sync.Mutex
	end   time.Time
	left  int
	asked int
	most  int // questions at once
	now   int
	notes []Note
}

func (e *engine) Take(ctx context.Context) (Turn, error) {
	e.mu.Lock()
	e.asked++
	e.now++
	e.most = max(e.most, e.now)
	take, err := e.take, e.err
	e.mu.Unlock()
	time.Sleep(e.delay)
	if take != nil {
		take(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now--
	now := time.Now()
	switch {
	case ctx.Err() != nil:
		return Turn{}, ctx.Err()
	case err != nil:
		return Turn{}, err
	case !now.Before(e.end):
		e.end, e.left = now.Add(e.window), e.limit
	case e.left == 0:
		return Turn{Wait: e.end.Sub(now), Window: e.end.UnixNano()}, nil
	}
	e.left--
	return Turn{Window: e.end.UnixNano()}, nil
}

func (e *engine) Note(_ context.Context, note Note) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.notes = append(e.notes, note)
	return e.err
}

func (e *engine) set(take func(context.Context), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.take, e.err = take, err
}

func (e *engine) count() (asked, notes int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked, len(e.notes)
}

// enter is an attempt that stays under way.
func enter(t *testing.T, ctx context.Context, g *Gate) *Pass {
	t.Helper()
	pass := &Pass{}
	if err := g.Enter(ctx, pass, false); err != nil {
		t.Fatal(err)
	}
	return pass
}

// TestSharedBudget lets many gates use a budget up, and no more.
func TestSharedBudget(t *testing.T) {
	for _, delay := range []time.Duration{0, 3 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			const gates, each, windows = 30, 8, 4
			p := &provider{limit: gates * each / windows, window: 4 * time.Second, delay: 10 * time.Millisecond, spell: spellings["rounded up"]}
			e := &engine{limit: p.limit, window: p.window + 10*time.Millisecond, delay: delay}
			began := time.Now()
			many(gates, func(int) {
				g := New(Limits{Trust: time.Minute, Shared: e})
				many(each, func(int) { p.call(t, g) })
				if g.Load() != (Load{}) || g.timer != nil || g.shared.asker != nil {
					t.Errorf("%+v is left", g.Load())
				}
			})
			if took := time.Since(began); p.refused > 0 || took > (windows-1)*p.window+time.Second {
				t.Errorf("took %s, %d refused", took, p.refused)
			}
			asked, notes := e.count()
			if notes != gates*each || asked > notes+2*gates*windows {
				t.Errorf("%d questions and %d notes for %d attempts", asked, notes, gates*each)
			}
			if e.most > gates {
				t.Errorf("%d questions at once from %d gates", e.most, gates)
			}
			for _, note := range e.notes {
				if note.Window == 0 || note.Status != http.StatusOK || note.Budget.Limit != p.limit || note.ResetIn <= 0 || note.ResetIn > p.window+time.Second {
					t.Fatalf("%+v", note)
				}
			}
		})
	}
}

// TestSharedBudgetInOrder: who waits longest passes first, and who was let in
// before is the first of all.
func TestSharedBudgetInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{limit: 1, window: time.Second}
		g := New(Limits{Trust: time.Minute, Shared: e})
		enter(t, t.Context(), g).Leave()
		var mu sync.Mutex
		var order []int
		var group sync.WaitGroup
		for i := range 5 {
			group.Go(func() {
				var pass Pass
				if err := g.Enter(t.Context(), &pass, i == 4); err != nil {
					t.Error(err)
				}
				if pass.Reason != SharedBudget || pass.Waited < time.Second || pass.Failure != nil {
					t.Errorf("%s for %s, %v", pass.Waited, pass.Reason, pass.Failure)
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				pass.Leave()
			})
			synctest.Wait()
		}
		group.Wait()
		if want := []int{4, 0, 1, 2, 3}; !slices.Equal(order, want) {
			t.Error(order)
		}
	})
}

// TestSharedBudgetDeadline: a wait that outlasts the deadline is not begun.
func TestSharedBudgetDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{limit: 1, window: 10 * time.Second}
		g := New(Limits{Trust: time.Minute, Shared: e})
		enter(t, t.Context(), g).Leave()
		began := time.Now()
		for range 2 { // the first asks, the second knows
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			var refused *Refused
			if err := g.Enter(ctx, &Pass{}, false); !errors.As(err, &refused) || refused.Reason != SharedBudget || refused.Wait != 10*time.Second || !errors.Is(err, ErrLimit) {
				t.Error(err)
			}
			cancel()
		}
		if asked, _ := e.count(); asked != 2 || time.Since(began) != 0 {
			t.Errorf("asked %d times in %s", asked, time.Since(began))
		}
		patient, stop := context.WithCancel(t.Context())
		go func() { _ = g.Enter(patient, &Pass{}, false) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.Enter(ctx, &Pass{}, false); !errors.Is(err, ErrLimit) || time.Since(began) != 0 {
			t.Errorf("behind one that waits: after %s %v", time.Since(began), err)
		}
		stop()
		synctest.Wait()
		if g.Load() != (Load{}) || g.timer != nil {
			t.Errorf("%+v is left", g.Load())
		}
	})
}

// TestSharedBudgetGivenUp: a call that ends while it asks, or before, leaves the
// question to the next, and the budget is none the worse for it.
func TestSharedBudgetGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{limit: 10, window: time.Hour, take: func(ctx context.Context) { <-ctx.Done() }}
		g := New(Limits{Trust: time.Minute, Shared: e})
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				if err := g.Enter(ctx, &Pass{}, false); !errors.Is(err, context.Canceled) || errors.Is(err, ErrLimit) {
					t.Error(err)
				}
			})
		}
		last := &Pass{}
		synctest.Wait()
		group.Go(func() {
			if err := g.Enter(t.Context(), last, false); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		e.set(nil, nil)
		cancel()
		group.Wait()
		if last.Failure != nil || last.turn == nil || g.shared.taken != nil {
			t.Errorf("%+v", last)
		}
		last.Leave()
		if e.notes[0].Status != 0 {
			t.Errorf("%+v", e.notes)
		}
	})
}

// TestSharedBudgetFails: this gate decides then, and not nobody, and asks again
// after a while.
func TestSharedBudgetFails(t *testing.T) {
	broken := errors.New("connection refused")
	stuck := make(chan struct{})
	for name, take := range map[string]func(context.Context){
		"with an error":       nil,
		"slow":                func(ctx context.Context) { <-ctx.Done() },
		"stuck":               func(context.Context) { <-stuck },
		"ends its goroutine":  func(context.Context) { runtime.Goexit() },
		"slow, then answered": func(context.Context) { time.Sleep(2 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stuck = make(chan struct{})
				p := &provider{limit: 20, window: 4 * time.Second, spell: spellings["rounded up"]}
				e := &engine{limit: 20, window: p.window, take: take, err: broken}
				g := New(Limits{Trust: time.Minute, Shared: e})
				began := time.Now()
				var failures atomic.Int64
				many(3*p.limit, func(int) {
					for again := false; ; again = true {
						ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
						pass := Pass{}
						if err := g.Enter(ctx, &pass, again); err != nil {
							t.Error(err)
						}
						cancel()
						status, header := p.answer()
						pass.Learn(status, header)
						if errors.Is(pass.Failure, ErrShared) {
							failures.Add(1)
						}
						pass.Leave()
						if status == http.StatusOK {
							return
						}
					}
				})
				if took := time.Since(began); p.refused > 2 || took > 16*time.Second {
					t.Errorf("%d refused, took %s", p.refused, took)
				}
				asked, _ := e.count()
				if n := failures.Load(); n < 2 || n > 6 || asked > 6 {
					t.Errorf("%d failures told, %d questions", n, asked)
				}
				e.set(nil, nil)
				close(stuck)
				time.Sleep(longestAway)
				pass := enter(t, t.Context(), g)
				if pass.Failure != nil || pass.turn == nil {
					t.Errorf("afterwards: %+v", pass)
				}
				pass.Leave()
			})
		})
	}
}

// TestSharedBudgetNearDeadline: a budget that does not answer costs a call at most
// half of its time.
func TestSharedBudgetNearDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{limit: 1, window: time.Second, take: func(ctx context.Context) { <-ctx.Done() }}
		g := New(Limits{Trust: time.Minute, Shared: e})
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			pass := enter(t, ctx, g)
			if pass.Waited > 50*time.Millisecond {
				t.Error(pass.Waited)
			}
			pass.Leave()
			cancel()
			time.Sleep(time.Second)
		}
	})
}

// TestSharedBudgetPanics: the panic is that of the call which asks, and the others go on.
func TestSharedBudgetPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{limit: 1, window: time.Second, take: func(context.Context) { panic("no map") }}
		g := New(Limits{Trust: time.Minute, Shared: e})
		var panics atomic.Int64
		many(5, func(int) {
			defer func() {
				if recover() != nil {
					panics.Add(1)
				}
			}()
			var pass Pass
			if err := g.Enter(t.Context(), &pass, false); err != nil {
				t.Error(err)
			}
			pass.Leave()
		})
		if panics.Load() != 1 || g.Load() != (Load{}) || g.shared.asker != nil {
			t.Errorf("%d panics, %+v", panics.Load(), g.Load())
		}
	})
}

// TestSharedBudgetBacksOff: one that keeps failing is asked at most every eight
// seconds, and one that is back for each attempt.
func TestSharedBudgetBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{limit: 1000, window: time.Hour, err: errors.New("connection refused")}
		g := New(Limits{Trust: time.Minute, Shared: e})
		for range 600 {
			enter(t, t.Context(), g).Leave()
			time.Sleep(100 * time.Millisecond)
		}
		if asked, _ := e.count(); asked != 10 { // after 0, 1, 3, 7, 15, 23, 31, 39, 47 and 55 s
			t.Errorf("asked %d times in a minute", asked)
		}
		e.set(nil, nil)
		time.Sleep(longestAway)
		for range 10 {
			enter(t, t.Context(), g).Leave()
		}
		if asked, _ := e.count(); asked != 20 {
			t.Errorf("asked %d times", asked)
		}
		e.set(nil, errors.New("gone again"))
		enter(t, t.Context(), g).Leave()
		if g.shared.pause != shortestAway {
			t.Error(g.shared.pause)
		}
	})
}

// TestSharedBudgetNotes: a note that fails leaves the budget alone too. Whoever
// asks meanwhile is let in, and what the budget answers then is not kept.
func TestSharedBudgetNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{limit: 10, window: time.Hour}
		g := New(Limits{Trust: time.Minute, Shared: e})
		first, second := enter(t, t.Context(), g), enter(t, t.Context(), g)
		e.set(func(context.Context) { time.Sleep(100 * time.Millisecond) }, nil)
		go func() { _ = g.Enter(t.Context(), &Pass{}, false) }()
		synctest.Wait()
		e.set(nil, errors.New("read only"))
		answer := http.Header{"Retry-After": {"3"}}
		first.Learn(http.StatusServiceUnavailable, answer)
		synctest.Wait()
		if load := g.Load(); !errors.Is(first.Failure, ErrShared) || load.InFlight != 3 || load.Waiting != 0 {
			t.Errorf("%v, %+v", first.Failure, load)
		}
		time.Sleep(time.Second / 2)
		g.mu.Lock()
		if g.shared.taken != nil {
			t.Error("a turn was kept for nobody")
		}
		g.mu.Unlock()
		second.Learn(http.StatusOK, http.Header{})
		if asked, notes := e.count(); asked != 3 || notes != 1 || e.notes[0] != (Note{Window: e.end.UnixNano(), Status: http.StatusServiceUnavailable}) {
			t.Errorf("%d questions, notes %+v", asked, e.notes)
		}
		time.Sleep(shortestAway)
		e.set(nil, nil)
		refused := enter(t, t.Context(), g)
		believed := enter(t, t.Context(), g)
		refused.Learn(http.StatusTooManyRequests, answer)
		if refused.Failure != nil || e.notes[1].RetryAfter != 3*time.Second {
			t.Errorf("%v, %+v", refused.Failure, e.notes)
		}
		day := fmt.Sprint(24 * 60 * 60) // no longer than a provider is believed
		believed.Learn(http.StatusTooManyRequests, http.Header{"Retry-After": {day}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {day}})
		if note := e.notes[2]; note.RetryAfter != time.Minute || note.ResetIn != time.Minute+rounding {
			t.Errorf("%+v", note)
		}
	})
}

// TestSharedBudgetFailsForMany: when it fails, each of many gates keeps to the share
// that it had, so that few attempts are refused, and no time is lost either.
func TestSharedBudgetFailsForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const gates, each, windows = 60, 4, 20
		p := &provider{limit: 2 * gates, window: 4 * time.Second, delay: 20 * time.Millisecond, spell: spellings["rounded up"]}
		e := &engine{limit: p.limit, window: p.window + 10*time.Millisecond, delay: time.Millisecond}
		began := time.Now()
		go func() {
			time.Sleep(4 * p.window)
			e.set(nil, errors.New("connection refused"))
			time.Sleep(10 * p.window)
			p.mu.Lock()
			end := p.end
			p.mu.Unlock()
			e.set(nil, nil)
			e.mu.Lock()
			e.end, e.left = end.Add(10*time.Millisecond), 0
			e.mu.Unlock()
		}()
		many(gates, func(int) {
			g := New(Limits{Trust: time.Minute, Shared: e})
			many(each, func(int) {
				for range p.limit * windows / gates / each {
					p.call(t, g)
				}
			})
		})
		total, took := p.limit*windows, time.Since(began)
		if p.refused > total/25 || took > (windows-1)*p.window*105/100 {
			t.Errorf("%d of %d refused, took %s", p.refused, total, took)
		}
		t.Logf("%d of %d refused, took %s of %s", p.refused, total, took, (windows-1)*p.window)
	})
}

// TestSharedBudgetNotUsedUp: who never had to wait has no share to keep to.
func TestSharedBudgetNotUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &provider{limit: 100, window: 4 * time.Second, spell: spellings["rounded up"]}
		e := &engine{limit: 100, window: 4 * time.Second}
		g := New(Limits{Trust: time.Minute, Shared: e})
		for range 90 {
			_, _ = e.Take(t.Context())
		}
		many(11, func(int) { p.call(t, g) }) // the window is used up
		if g.shared.fair() != 10 {
			t.Error(g.shared.fair())
		}
		for range 2 { // two windows are not
			time.Sleep(p.window)
			many(5, func(int) { p.call(t, g) })
		}
		time.Sleep(p.window)
		e.set(nil, errors.New("connection refused"))
		began := time.Now()
		many(100, func(int) { p.call(t, g) })
		if took := time.Since(began); took > time.Second || p.refused > 0 {
			t.Errorf("took %s, %d refused", took, p.refused)
		}
	})
}

// TestShare is the mean of the windows that were used up, the last ones counting
// most, and never none.
func TestShare(t *testing.T) {
	var s share
	for i, step := range []struct{ mine, want int }{{8, 8}, {4, 6}, {0, 3}, {0, 2}, {0, 1}, {0, 1}, {0, 1}} {
		for range step.mine {
			s.count(Turn{Window: int64(i + 1)})
		}
		for range 2 { // told twice
			s.count(Turn{Window: int64(i + 1), Wait: time.Second})
		}
		if s.fair() != step.want {
			t.Errorf("%d: %d, want %d", i, s.fair(), step.want)
		}
	}
	before := s
	if s.count(Turn{Wait: time.Second}); s != before { // for something else
		t.Errorf("%+v", s)
	}
}
