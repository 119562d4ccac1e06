package gate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestShortWindows reach nine tenths of their rate, however their end is told,
// and whenever they begin.
func TestShortWindows(t *testing.T) {
	for name, spell := range spellings {
		for _, window := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second} {
			for _, aligned := range []bool{false, true} {
				for _, delay := range []time.Duration{0, 40 * time.Millisecond} {
					for _, phase := range []time.Duration{0, 70 * time.Millisecond, 500 * time.Millisecond, 930 * time.Millisecond} {
						synctest.Test(t, func(t *testing.T) {
							time.Sleep(phase)
							const windows = 20
							p := &provider{limit: 10, window: window, aligned: aligned, delay: delay, spell: spell}
							g := New(Limits{Trust: time.Minute})
							began := time.Now()
							many(windows*p.limit, func(int) { p.call(t, g) })
							ideal := (windows - 1) * window
							if took := time.Since(began); took > ideal*10/9+window+2*time.Second || p.refused > 8 {
								t.Errorf("%s of %s, aligned %v, delay %s, phase %s: took %s for an ideal of %s, %d refused", name, window, aligned, delay, phase, took, ideal, p.refused)
							}
							if g.Load() != (Load{}) || g.timer != nil {
								t.Errorf("%+v is left", g.Load())
							}
						})
					}
				}
			}
		}
	}
}

// TestWithoutFigures: at a provider that tells nothing of its budget but refuses
// with a 429, few attempts are refused, and no call more than twice.
func TestWithoutFigures(t *testing.T) {
	for _, delay := range []time.Duration{0, 30 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			p := &provider{limit: 20, window: 10 * time.Second, delay: delay, spell: quiet}
			g := New(Limits{Trust: time.Minute})
			many(p.limit, func(int) { p.call(t, g) }) // until the first refusal any number is under way
			if delay > 0 && p.most != p.limit-1 {
				t.Errorf("%d in flight before any refusal", p.most)
			}
			var most atomic.Int64
			many(200, func(int) {
				for n := int64(0); ; n++ {
					status, err := p.attempt(t.Context(), g, n > 0)
					if err != nil {
						t.Error(err)
					}
					if status == http.StatusOK {
						for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
						}
						return
					}
				}
			})
			if most.Load() > 2 {
				t.Errorf("a call was refused %d times", most.Load())
			}
			if p.refused > 200+20 { // all of them once, and one for ten that pass
				t.Errorf("%d refused", p.refused)
			}
			t.Logf("delay %s: %d passed, %d refused", delay, p.passed, p.refused)
		})
	}
}

// TestOneSlowAttempt holds the others only briefly, where they wait for what it
// brings: at the start, in a new window, and where the budget is shared.
func TestOneSlowAttempt(t *testing.T) {
	for _, state := range []string{"start", "new window", "shared", "refused before"} {
		synctest.Test(t, func(t *testing.T) {
			g := New(Limits{Trust: time.Minute})
			header := func(remaining int) http.Header {
				return old(&provider{limit: 100}, remaining, time.Now().Unix()+30)
			}
			ask := func(answer http.Header) {
				var pass Pass
				if err := g.Enter(t.Context(), &pass, false); err != nil {
					t.Fatal(err)
				}
				pass.Learn(http.StatusOK, answer)
				pass.Leave()
			}
			switch state {
			case "new window":
				ask(header(99))
				time.Sleep(31 * time.Second)
			case "shared":
				ask(header(99))
				ask(header(90)) // others took eight
			case "refused before":
				ask(http.Header{})
				var pass Pass
				if err := g.Enter(t.Context(), &pass, false); err != nil {
					t.Fatal(err)
				}
				pass.Learn(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}})
				pass.Leave()
				ask(http.Header{})
			}
			var dead Pass
			if err := g.Enter(t.Context(), &dead, false); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			var remaining atomic.Int64
			remaining.Store(90)
			many(20, func(int) {
				var pass Pass
				if err := g.Enter(t.Context(), &pass, false); err != nil {
					t.Error(err)
				}
				time.Sleep(10 * time.Millisecond)
				pass.Learn(http.StatusOK, header(int(remaining.Add(-1))))
				pass.Leave()
				if pass.Waited == 0 || pass.Reason != FirstAnswer && pass.Reason != Budget {
					t.Errorf("%s: waited %s for %q", state, pass.Waited, pass.Reason)
				}
			})
			if took := time.Since(began); took < patience || took > 2*patience {
				t.Errorf("%s: one slow attempt held twenty for %s", state, took)
			}
			dead.Leave()
		})
	}
}

// TestEverythingIsSlow: where no attempt is answered, all pass soon, or as many
// as the last limit allows.
func TestEverythingIsSlow(t *testing.T) {
	for _, limit := range []int{0, 7} {
		synctest.Test(t, func(t *testing.T) {
			g := New(Limits{Trust: time.Minute})
			if limit > 0 {
				var pass Pass
				if err := g.Enter(t.Context(), &pass, false); err != nil {
					t.Fatal(err)
				}
				pass.Learn(http.StatusOK, old(&provider{limit: limit}, limit-1, time.Now().Unix()+30))
				pass.Leave()
				time.Sleep(31 * time.Second)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for range 1000 {
				go func() {
					var pass Pass
					if g.Enter(ctx, &pass, false) == nil {
						<-ctx.Done()
						pass.Leave()
					}
				}()
			}
			time.Sleep(2 * patience)
			want := 1000
			if limit > 0 {
				want = limit
			}
			if load := g.Load(); load.InFlight != want {
				t.Errorf("limit %d: %+v", limit, load)
			}
			cancel()
			synctest.Wait()
			if load := g.Load(); load != (Load{}) || g.timer != nil {
				t.Errorf("%+v is left", load)
			}
		})
	}
}

// TestAnswersInAnyOrder: a figure that comes late is not taken for that of a new
// window, in which more may pass.
func TestAnswersInAnyOrder(t *testing.T) {
	const limit = 50
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			g := New(Limits{Trust: time.Minute})
			reset := time.Now().Unix() + 30
			enter := func() *Pass {
				pass := new(Pass)
				if err := g.Enter(t.Context(), pass, false); err != nil {
					t.Fatal(err)
				}
				return pass
			}
			answer := func(pass *Pass, remaining int) {
				pass.Learn(http.StatusOK, old(&provider{limit: limit}, remaining, reset))
				pass.Leave()
			}
			answer(enter(), limit-1)
			var passes []*Pass
			for range limit - 1 {
				passes = append(passes, enter())
			}
			passed := make(chan struct{})
			began := time.Now()
			go func() {
				enter().Leave()
				close(passed)
			}()
			for _, remaining := range rand.New(rand.NewPCG(seed, 0)).Perm(limit - 1) {
				answer(passes[remaining], remaining)
				synctest.Wait()
			}
			<-passed
			if waited := time.Since(began); waited < 29*time.Second {
				t.Errorf("seed %d: one too many passed after %s", seed, waited)
			}
		})
	}
}

// TestAWindowBeginsEarly: the first figure that shows it counts anew, later ones
// of attempts that were let in before only lower it.
func TestAWindowBeginsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limits{Trust: time.Minute})
		reset := time.Now().Unix() + 30
		passes := make([]Pass, 6)
		for i, remaining := range []int{10, 95, 97, 96, 94, 93} {
			if i == 0 {
				if err := g.Enter(t.Context(), &passes[0], false); err != nil {
					t.Fatal(err)
				}
			}
			passes[i].Learn(http.StatusOK, old(&provider{limit: 100}, remaining, reset))
			passes[i].Leave()
			if i == 0 {
				for j := range passes[1:] {
					if err := g.Enter(t.Context(), &passes[1+j], false); err != nil {
						t.Fatal(err)
					}
				}
			}
			if want := []int{10, 95, 95, 95, 94, 93}[i]; g.lowest != want {
				t.Errorf("after %d: %d are left, want %d", remaining, g.lowest, want)
			}
		}
	})
}

// TestADeadWindowIsOver: attempts that have no answer take nothing from the next
// window.
func TestADeadWindowIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limits{Trust: time.Minute})
		p := &provider{limit: 5, window: 20 * time.Second, spell: spellings["rounded up"]}
		p.call(t, g)
		dead := make([]Pass, 4)
		for i := range dead {
			if err := g.Enter(t.Context(), &dead[i], false); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		many(5, func(int) { p.call(t, g) })
		if took := time.Since(began); took > 25*time.Second {
			t.Errorf("took %s", took)
		}
		for i := range dead {
			dead[i].Leave()
		}
		if load := g.Load(); load != (Load{}) {
			t.Errorf("%+v is left", load)
		}
	})
}

// TestRefused says what a wait was for that was not begun, or did not end in
// time.
func TestRefused(t *testing.T) {
	answered := func(status int, lines http.Header) func(*testing.T, *Gate) {
		return func(t *testing.T, g *Gate) {
			var pass Pass
			if err := g.Enter(t.Context(), &pass, false); err != nil {
				t.Fatal(err)
			}
			pass.Learn(status, lines)
			pass.Leave()
		}
	}
	var held Pass
	hold := func(t *testing.T, g *Gate) {
		if err := g.Enter(t.Context(), &held, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		limits Limits
		before func(*testing.T, *Gate)
		reason Reason
		wait   time.Duration
		begun  bool
		limit  time.Duration // of the context
	}{
		{Limits{Rate: 0.1, Burst: 1}, hold, OwnRate, 10 * time.Second, false, 5 * time.Second},
		{Limits{InFlight: 1}, hold, InFlight, 0, true, 5 * time.Second},
		{Limits{}, answered(200, http.Header{"Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {"20"}}), Budget, 20 * time.Second, false, 5 * time.Second},
		{Limits{}, answered(429, http.Header{"Retry-After": {"30"}}), TooMany, 30 * time.Second, false, 5 * time.Second},
		{Limits{}, hold, FirstAnswer, 0, true, 100 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			test.limits.Trust = time.Minute
			g := New(test.limits)
			test.before(t, g)
			ctx, cancel := context.WithTimeout(t.Context(), test.limit)
			defer cancel()
			began := time.Now()
			var pass Pass
			err := g.Enter(ctx, &pass, false)
			var refused *Refused
			if !errors.As(err, &refused) || !errors.Is(err, ErrLimit) || refused.Reason != test.reason || refused.Wait != test.wait {
				t.Errorf("%s: %v", test.reason, err)
			}
			if ended := time.Since(began) == test.limit; ended != test.begun || errors.Is(err, context.DeadlineExceeded) != test.begun {
				t.Errorf("%s: after %s: %v", test.reason, time.Since(began), err)
			}
			pass.Leave()
			held.Leave()
			if load := g.Load(); load != (Load{}) {
				t.Errorf("%s: %+v is left", test.reason, load)
			}
		})
	}
}

// TestAgainGoesFirst: a call that was let in before does not stand behind those
// that were not.
func TestAgainGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limits{InFlight: 1, Trust: time.Minute})
		var held Pass
		if err := g.Enter(t.Context(), &held, false); err != nil {
			t.Fatal(err)
		}
		var order []string
		done := make(chan struct{})
		for i := range 6 {
			go func() {
				var pass Pass
				if err := g.Enter(t.Context(), &pass, i%2 == 1); err != nil {
					t.Error(err)
				}
				order = append(order, fmt.Sprint(i))
				pass.Leave()
				done <- struct{}{}
			}()
			synctest.Wait()
		}
		held.Leave()
		for range 6 {
			<-done
		}
		if got := fmt.Sprint(order); got != "[5 3 1 0 2 4]" {
			t.Error(got)
		}
	})
}

// TestCrowd: sixteen thousand wait; some have a deadline, some give up, and each
// costs no more than where there are few.
func TestCrowd(t *testing.T) {
	cost := func(n int) (perWaiter uint64) {
		synctest.Test(t, func(t *testing.T) {
			g := New(Limits{InFlight: 8, Trust: time.Minute})
			p := &provider{limit: 1000, window: 10 * time.Second, delay: 20 * time.Millisecond, spell: spellings["rounded up"]}
			leaving, leave := context.WithCancel(t.Context())
			defer leave()
			time.AfterFunc(3*time.Second, leave)
			var passed, refused, left atomic.Int64
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			many(n, func(i int) {
				ctx := t.Context()
				switch i % 4 {
				case 0:
					ctx = leaving
				case 1:
					limited, cancel := context.WithTimeout(ctx, time.Duration(1+i%60)*time.Second)
					defer cancel()
					ctx = limited
				}
				switch status, err := p.attempt(ctx, g, i%16 == 5); {
				case err == nil && status == http.StatusOK:
					passed.Add(1)
				case errors.Is(err, context.Canceled):
					left.Add(1)
				case errors.Is(err, ErrLimit):
					refused.Add(1)
				default:
					t.Errorf("%d, %v", status, err)
				}
			})
			runtime.ReadMemStats(&after)
			if g.Load() != (Load{}) || g.timer != nil || g.queue.first != nil || g.queue.last != nil || len(g.queue.deadlines) != 0 {
				t.Errorf("%+v is left: %+v", g.Load(), g.queue)
			}
			if passed.Load() < int64(n/2) || n > 1000 && (left.Load() == 0 || refused.Load() == 0) {
				t.Errorf("%d passed, %d were refused, %d left", passed.Load(), refused.Load(), left.Load())
			}
			perWaiter = (after.TotalAlloc - before.TotalAlloc) / uint64(n)
		})
		return perWaiter
	}
	few, crowd := cost(400), cost(16_000)
	if crowd > 8<<10 || crowd > 2*few+1024 {
		t.Errorf("a waiter among 16,000 costs %d bytes, and %d among 400", crowd, few)
	}
	t.Logf("%d bytes among 16,000, %d among 400", crowd, few)
}

// TestEnteringCostsNothing where nobody has to wait.
func TestEnteringCostsNothing(t *testing.T) {
	for name, header := range map[string]http.Header{
		"quiet": {}, "a budget": old(&provider{limit: 1 << 30}, 1<<30-1, time.Now().Unix()+3600),
	} {
		g := New(Limits{InFlight: 100, Rate: 1e9, Burst: 1 << 30, Trust: 2 * time.Hour})
		var pass Pass
		if n := testing.AllocsPerRun(100, func() {
			if err := g.Enter(t.Context(), &pass, false); err != nil {
				t.Fatal(err)
			}
			pass.Learn(http.StatusOK, header)
			pass.Leave()
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkEnter(b *testing.B) {
	for name, header := range map[string]http.Header{
		"quiet": {}, "a budget": old(&provider{limit: 1 << 30}, 1<<30-1, time.Now().Unix()+3600),
	} {
		b.Run(name, func(b *testing.B) {
			g := New(Limits{Trust: 2 * time.Hour})
			var pass Pass
			b.ReportAllocs()
			for b.Loop() {
				if err := g.Enter(b.Context(), &pass, false); err != nil {
					b.Fatal(err)
				}
				pass.Learn(http.StatusOK, header)
				pass.Leave()
			}
		})
	}
}

// BenchmarkCrowd is what a waiter costs among many.
func BenchmarkCrowd(b *testing.B) {
	for _, n := range []int{1000, 16_000, 64_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g := New(Limits{InFlight: 1, Trust: time.Minute})
				ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
				var held Pass
				if err := g.Enter(ctx, &held, false); err != nil {
					b.Fatal(err)
				}
				leaving, leave := context.WithCancel(ctx)
				go func() {
					for g.Load().Waiting < n {
						time.Sleep(time.Millisecond)
					}
					leave()
					held.Leave()
				}()
				many(n, func(i int) {
					who := ctx
					if i%2 == 0 {
						who = leaving
					}
					var pass Pass
					if g.Enter(who, &pass, false) == nil {
						pass.Leave()
					}
				})
				cancel()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/waiter")
		})
	}
}
