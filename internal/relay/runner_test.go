package relay

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRunner(t *testing.T) {
	var r Runner
	ran := false
	if err := r.Run(t.Context(), func() { ran = true }); err != nil || !ran {
		t.Errorf("%v, %v", err, ran)
	}
	if err := r.Run(t.Context(), runtime.Goexit); !errors.Is(err, ErrAborted) {
		t.Errorf("Goexit: %v", err)
	}
	func() {
		defer func() {
			if p := recover(); p != "a mistake" {
				t.Errorf("the caller gets %v", p)
			}
		}()
		_ = r.Run(t.Context(), func() { panic("a mistake") })
	}()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Run(ended, func() { t.Error("it runs") }); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}

// TestRunnerLeavesFewBehind: of a hundred that come one after the other to a
// function that blocks, one starts it; when it ends, the next one starts again.
func TestRunnerLeavesFewBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r Runner
		var started atomic.Int64
		release := make(chan struct{})
		stuck := func() {
			started.Add(1)
			<-release
		}
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			if err := r.Run(ctx, stuck); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
				t.Fatalf("%v after %s", err, time.Since(began))
			}
			cancel()
		}
		if n := started.Load(); n != 1 {
			t.Errorf("%d goroutines are stuck", n)
		}
		close(release)
		if err := r.Run(t.Context(), stuck); err != nil || started.Load() != 2 {
			t.Errorf("afterwards: %v, %d", err, started.Load())
		}
	})
}
