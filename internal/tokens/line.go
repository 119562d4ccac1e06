package tokens

import (
	"context"
	"slices"
	"sync"
)

// Line is a token that is replaced by the next while it is in use.
type Line[T Secret[T]] struct {
	mu       sync.Mutex
	now      *tenure[T]
	draining []*tenure[T] // replaced, and still in use
}

// tenure is the time of one token, and the users that it has.
type tenure[T any] struct {
	token   T
	refused bool
	users   int
	idle    chan struct{} // closed when the last user of a replaced token is done
}

// NewLine begins with a token.
func NewLine[T Secret[T]](first T) *Line[T] { return &Line[T]{now: &tenure[T]{token: first}} }

// Now is the present token, and whether it was refused.
func (l *Line[T]) Now() (token T, refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.token, l.now.refused
}

// Refuse notes that a token was refused, and reports whether it is the present one.
func (l *Line[T]) Refuse(token T) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	present := l.now.token.Equal(token)
	l.now.refused = l.now.refused || present
	return present
}

// Renew puts another token in place of one that is still the present one, and
// returns the present one.
func (l *Line[T]) Renew(held, fresh T) T {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.token.Equal(held) && !fresh.Equal(held) {
		l.replace(fresh)
	}
	return l.now.token
}

// Replace puts another token in place, and waits until nobody uses an earlier one.
// If the context ends before, the new token is in place all the same.
func (l *Line[T]) Replace(ctx context.Context, fresh T) error {
	l.mu.Lock()
	if !l.now.token.Equal(fresh) {
		l.replace(fresh)
	}
	draining := slices.Clone(l.draining)
	l.mu.Unlock()
	for _, old := range draining {
		select {
		case <-old.idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// replace needs the lock.
func (l *Line[T]) replace(fresh T) {
	if old := l.now; old.users > 0 {
		old.idle = make(chan struct{})
		l.draining = append(l.draining, old)
	}
	l.now = &tenure[T]{token: fresh}
}

// Lease gives the token to a user, who calls done in the end.
func (l *Line[T]) Lease() (token T, done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.now
	held.users++
	return held.token, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if held.users--; held.users == 0 && held.idle != nil {
			close(held.idle)
			l.draining = slices.DeleteFunc(l.draining, func(t *tenure[T]) bool { return t == held })
		}
	}
}
