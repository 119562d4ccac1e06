package relay

import (
	"context"
	"sync"
)

// Guard runs functions that may block and do not know the context of their
// caller. The caller waits no longer than its context; the function goes on in a
// goroutine of its own. While one runs on like that no other is started, so that
// they do not pile up. The zero Guard can be used.
type Guard struct {
	// Alone lets one function run at a time.
	Alone bool

	once  sync.Once
	alone chan struct{} // holds one token while a function runs

	mu   sync.Mutex
	left int           // functions that run on without their caller
	free chan struct{} // closed when none of them does; nil while nobody waits
}

// Do runs f. It returns the context's error if that ends first: f may still be
// running then, or was not started. If f panics so does Do, and if f ends its
// goroutine the error is [ErrAborted].
func (g *Guard) Do(ctx context.Context, f func()) error {
	if err := g.enter(ctx); err != nil {
		return err
	}
	r := run{done: make(chan struct{})}
	Go(f, func(end End) { g.finish(&r, end) })
	select {
	case <-r.done:
	case <-ctx.Done():
		if g.leave(&r) {
			return ctx.Err()
		}
	}
	return r.end.Resume()
}

// run is one function that runs.
type run struct {
	done  chan struct{}
	end   End  // when it is done
	ended bool // with the lock
	left  bool // by its caller
}

// enter waits until a function may be started.
func (g *Guard) enter(ctx context.Context) error {
	if g.Alone {
		g.once.Do(func() { g.alone = make(chan struct{}, 1) })
		select {
		case g.alone <- struct{}{}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		g.mu.Lock()
		if g.left == 0 {
			g.mu.Unlock()
			return nil
		}
		if g.free == nil {
			g.free = make(chan struct{})
		}
		free := g.free
		g.mu.Unlock()
		select {
		case <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *Guard) finish(r *run, end End) {
	g.mu.Lock()
	r.end, r.ended = end, true
	if r.left {
		if g.left--; g.left == 0 && g.free != nil {
			close(g.free)
			g.free = nil
		}
	}
	g.mu.Unlock()
	if g.Alone {
		<-g.alone
	}
	close(r.done)
}

// leave notes that nobody waits for r any more, unless it has ended.
func (g *Guard) leave(r *run) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.ended {
		return false
	}
	r.left = true
	g.left++
	return true
}
