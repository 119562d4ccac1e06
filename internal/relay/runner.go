package relay

import (
	"context"
	"sync"
)

// Runner runs functions that may block for ever, and waits for each no longer
// than a context. While one that nobody waits for any more still blocks, no other
// is begun: a function that is stuck leaves no more goroutines behind than waited
// for it at the same time. The zero Runner is ready.
type Runner struct {
	mu   sync.Mutex
	left <-chan struct{} // closed when the function that was left last has ended
}

// Run runs f and waits for its end: it returns nil, panics with what f panicked
// with, or returns [ErrAborted] where f ended its goroutine. If the context ends
// before, Run returns its error, and f must not touch what the caller still uses.
func (r *Runner) Run(ctx context.Context, f func()) error {
	if err := r.turn(ctx); err != nil {
		return err
	}
	var end End
	done := make(chan struct{})
	Go(f, func(e End) {
		end = e
		close(done)
	})
	select {
	case <-done:
		return end.Resume()
	case <-ctx.Done():
	}
	select {
	case <-done: // both at once
		return end.Resume()
	default:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = done
	return ctx.Err()
}

// turn waits for the function that was left last.
func (r *Runner) turn(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.mu.Lock()
		left := r.left
		r.mu.Unlock()
		if left == nil {
			return nil
		}
		select {
		case <-left:
			r.mu.Lock()
			if r.left == left {
				r.left = nil
			}
			r.mu.Unlock()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
