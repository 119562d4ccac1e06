package zonework

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/internal/relay"
)

// TestGroup: what comes together is done together, each gets its own end, and who
// leaves before the work begins is left out. The bubble of synctest fails if a
// goroutine is left.
func TestGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var batches [][]int
		g := &Group[int, string]{Pause: 50 * time.Millisecond, Most: 5, Do: func(ctx context.Context, work []int) []Done[string] {
			batches = append(batches, slices.Sorted(slices.Values(work)))
			time.Sleep(time.Second)
			ends := make([]Done[string], len(work))
			for i, n := range work {
				ends[i] = Done[string]{Out: fmt.Sprint(n), Err: ctx.Err()}
			}
			return ends
		}}
		run := func(ctx context.Context, n int) {
			if out, begun, err := g.Run(ctx, n); err != nil || !begun || out != fmt.Sprint(n) {
				t.Errorf("%d: %q, begun %v, %v", n, out, begun, err)
			}
		}
		began := time.Now()
		for n := range 3 {
			go run(t.Context(), n)
		}
		synctest.Wait()
		hasty, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, begun, err := g.Run(hasty, 99); begun || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who leaves: begun %v, %v", begun, err)
		}
		time.Sleep(100 * time.Millisecond)
		for n := range 6 { // while the first are under way
			go run(t.Context(), 10+n)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := fmt.Sprint(batches[0], len(batches[1]), len(batches[2])); got != "[0 1 2] 5 1" || len(batches) != 3 {
			t.Errorf("%v", batches)
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("it took %s", took)
		}
		// All leave: the work's context ends.
		ended := make(chan error, 1)
		g.Do = func(ctx context.Context, work []int) []Done[string] {
			<-ctx.Done()
			ended <- ctx.Err()
			return make([]Done[string], len(work))
		}
		for n := range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n+1)*time.Second)
			defer cancel()
			go func() {
				if _, begun, err := g.Run(ctx, n); !begun || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%d: begun %v, %v", n, begun, err)
				}
			}()
		}
		if err := <-ended; err != context.Canceled {
			t.Errorf("the work ends with %v", err)
		}
		if _, begun, err := g.Run(hasty, 1); begun || err == nil {
			t.Errorf("after its end: %v", err)
		}
	})
}

// TestGroupOutlivesMistakes: a panic is everybody's who waited, and the next work is
// done all the same.
func TestGroupOutlivesMistakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Group[func(), int]{Most: 9, Do: func(_ context.Context, work []func()) []Done[int] {
			work[0]()
			return make([]Done[int], len(work))
		}}
		for range 2 {
			func() {
				defer func() {
					if recover() != "a mistake" {
						t.Error("the panic does not arrive")
					}
				}()
				_, _, _ = g.Run(t.Context(), func() { panic("a mistake") })
			}()
		}
		if _, _, err := g.Run(t.Context(), runtime.Goexit); err != relay.ErrAborted {
			t.Errorf("Goexit: %v", err)
		}
		if _, begun, err := g.Run(t.Context(), func() {}); err != nil || !begun {
			t.Errorf("after that: %v", err)
		}
	})
}
