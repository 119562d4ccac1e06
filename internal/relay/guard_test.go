package relay

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestGuard: a caller waits no longer than its context, what it waited for is
// not started again while it runs on, and afterwards everything is as before.
func TestGuard(t *testing.T) {
	for _, alone := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := Guard{Alone: alone}
			var running, most atomic.Int64
			var release chan struct{}
			stuck := func() {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				<-release
				running.Add(-1)
			}
			for range 3 {
				release = make(chan struct{})
				for range 50 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					began := time.Now()
					if err := g.Do(ctx, stuck); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
						t.Errorf("alone %v: %v after %s", alone, err, time.Since(began))
					}
					cancel()
				}
				if most.Load() != 1 {
					t.Errorf("alone %v: %d ran at once", alone, most.Load())
				}
				var waiting sync.WaitGroup
				var ran atomic.Int64
				for range 20 {
					waiting.Go(func() {
						if err := g.Do(t.Context(), func() { ran.Add(1) }); err != nil {
							t.Error(err)
						}
					})
				}
				synctest.Wait()
				if ran.Load() != 0 {
					t.Errorf("alone %v: %d ran beside one that is stuck", alone, ran.Load())
				}
				close(release)
				waiting.Wait()
				if ran.Load() != 20 {
					t.Errorf("alone %v: %d of 20 ran", alone, ran.Load())
				}
			}
		})
	}
}

// TestGuardLetsManyRun at once, unless it is told not to.
func TestGuardLetsManyRun(t *testing.T) {
	for alone, want := range map[bool]time.Duration{false: time.Second, true: 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			g := Guard{Alone: alone}
			began := time.Now()
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() {
					if err := g.Do(t.Context(), func() { time.Sleep(time.Second) }); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if took := time.Since(began); took != want {
				t.Errorf("alone %v: took %s", alone, took)
			}
		})
	}
}

// TestGuardHandsOn a panic and the end of the goroutine, and drops those of a
// function whose caller has left.
func TestGuardHandsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, alone := range []bool{false, true} {
			g := Guard{Alone: alone}
			if err := g.Do(t.Context(), runtime.Goexit); err != ErrAborted {
				t.Error(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := g.Do(ctx, func() { time.Sleep(time.Minute); panic("late") }); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			func() {
				defer func() {
					if got := recover(); got != "a mistake" {
						t.Errorf("recovered %v", got)
					}
				}()
				_ = g.Do(t.Context(), func() { panic("a mistake") })
			}()
		}
	})
}
