package zonework

import (
	"context"
	"sync"

	"github.com/go-hoster/hoster/internal/relay"
)

// Shared is one reading for all who ask for it. A reading is good until writes are
// counted that it cannot have seen. The zero value is ready, and safe for
// concurrent use.
type Shared[T any] struct {
	mu     sync.Mutex
	flight *flight[T]
}

// flight is one reading, under way or done.
type flight[T any] struct {
	writes  uint64 // when it began
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	value   T
	err     error
	good    bool
	end     relay.End
}

// Waited is the error of a caller who did not get the end of a reading.
type Waited struct{ Err error }

func (e *Waited) Error() string { return e.Err.Error() }
func (e *Waited) Unwrap() error { return e.Err }

// Get joins the reading that is good, or begins one by read, and waits for its
// end. One that is over is good only if fresh says so of its value. The reading goes on as long as anybody waits for it. A panic of read is one
// of each call that waited. An error of the wait is a [*Waited].
func (s *Shared[T]) Get(ctx context.Context, writes uint64, fresh func(T) bool, read func(context.Context) (T, error)) (T, error) {
	s.mu.Lock()
	f := s.flight
	if f == nil || f.writes < writes || f.over() && !(f.good && fresh(f.value)) {
		f = s.begin(ctx, writes, read)
	}
	f.waiting++
	s.mu.Unlock()
	defer s.leave(f)
	var none T
	select {
	case <-f.done:
		if err := f.end.Resume(); err != nil {
			return none, &Waited{err}
		}
		return f.value, f.err
	case <-ctx.Done():
		return none, &Waited{ctx.Err()}
	}
}

// Invalidate makes the next call read again.
func (s *Shared[T]) Invalidate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight = nil
}

// good is the value of a reading that is over, and has seen so many writes.
func (s *Shared[T]) good(writes uint64) (value T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.flight; f != nil && f.writes >= writes && f.over() && f.good {
		return f.value, true
	}
	return value, false
}

// follow has a write taken over by a reading that is over and saw all before it.
func (s *Shared[T]) follow(writes uint64, take func(T) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.flight; f != nil && f.writes+1 == writes && f.over() && f.good && take(f.value) {
		f.writes = writes
	}
}

func (f *flight[T]) over() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// begin reads in a goroutine of its own, which ends when nobody waits for it.
func (s *Shared[T]) begin(ctx context.Context, writes uint64, read func(context.Context) (T, error)) *flight[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{writes: writes, done: make(chan struct{}), cancel: cancel}
	s.flight = f
	relay.Go(func() {
		f.value, f.err = read(ctx)
		f.good = f.err == nil
	}, func(end relay.End) {
		f.end = end
		close(f.done)
	})
	return f
}

// leave ends a reading that nobody waits for any more.
func (s *Shared[T]) leave(f *flight[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	select {
	case <-f.done:
	default:
		if s.flight == f {
			s.flight = nil
		}
	}
	f.cancel()
}
