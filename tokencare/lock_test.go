package tokencare_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
	"github.com/go-hoster/hoster/tokencare"
)

// testLock is a lock of one process that keeps count.
type testLock struct {
	mu               sync.Mutex
	refuse           error
	locked, unlocked int
	names            []string
	unlock           func(context.Context) error
}

func (l *testLock) Lock(_ context.Context, name string) error {
	if l.refuse != nil {
		return l.refuse
	}
	l.mu.Lock()
	l.locked++
	l.names = append(l.names, name)
	return nil
}

func (l *testLock) Unlock(ctx context.Context, name string) error {
	l.unlocked++
	l.names = append(l.names, name)
	defer l.mu.Unlock()
	if l.unlock != nil {
		return l.unlock(ctx)
	}
	return nil
}

func (w *worker) rotateUnder(ctx context.Context, lock tokencare.Locker) (tokencare.Rotation, error) {
	options := w.options
	options.Lock = lock
	return tokencare.Rotate(ctx, w.client, options)
}

// TestLock: of five that rotate at once one creates a token, and the others take
// it over.
func TestLock(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	first, _ := newLine(t, srv)
	workers := []*worker{first}
	for range 4 {
		workers = append(workers, newWorker(t, srv, first.store))
	}
	lock := &testLock{unlock: func(context.Context) error { return errors.New("its lease is over") }}
	var group sync.WaitGroup
	for _, w := range workers {
		group.Go(func() {
			if _, err := w.rotateUnder(t.Context(), lock); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if lock.locked != 5 || lock.unlocked != 5 {
		t.Errorf("locked %d times, unlocked %d times", lock.locked, lock.unlocked)
	}
	for _, name := range lock.names {
		if name != tokencare.LockName {
			t.Error(name)
		}
	}
	if created := srv.Count("Tokens.Create"); created != 1 {
		t.Errorf("%d tokens were created", created)
	}
	for _, w := range workers {
		if w.inUse(t).ID != first.stored(t).ID {
			t.Errorf("%s is in use", w.inUse(t).ID)
		}
	}
}

// TestNoLock: nothing happens without it, and it is freed after the context's end.
func TestNoLock(t *testing.T) {
	srv := hostertest.New(t)
	w, _ := newLine(t, srv)
	broken := errors.New("no route to host")
	_, err := w.rotateUnder(t.Context(), &testLock{refuse: broken})
	if e := checkStopped(t, srv, w, err, tokencare.StepLock); !errors.Is(e, broken) || len(srv.Writes()) > 0 {
		t.Error(e)
	}
	ctx, cancel := context.WithCancel(t.Context())
	lock := &testLock{unlock: func(ctx context.Context) error {
		if _, limited := ctx.Deadline(); !limited || ctx.Err() != nil {
			t.Errorf("limited %v, %v", limited, ctx.Err())
		}
		return nil
	}}
	cancel()
	if _, err := w.rotateUnder(ctx, lock); !errors.Is(err, context.Canceled) || lock.unlocked != lock.locked {
		t.Errorf("%d of %d unlocked: %v", lock.unlocked, lock.locked, err)
	}
}
