package tokens

import (
	"context"
	"sync"
	"time"

	"github.com/go-hoster/hoster/internal/relay"
)

// Secret is a token, which may be none.
type Secret[T any] interface {
	IsZero() bool
	Equal(T) bool
}

// Cache keeps the token of a source until it is too old or was refused. However many
// wait for it, the source is asked once; who gives up does not stop the asking for
// the others.
type Cache[T Secret[T]] struct {
	Ask    func(context.Context) (T, error)
	MaxAge time.Duration // 0: for ever

	mu     sync.Mutex
	token  T
	since  time.Time
	asking *asking[T]
}

// asking is one question to the source, shared by all who wait for it.
type asking[T any] struct {
	done  chan struct{}
	token T
	err   error
	end   relay.End // of the source
}

// maxAsking ends a source that never answers.
const maxAsking = 30 * time.Second

// Token is the one that is kept, or that the source gives. It is relay.ErrAborted
// where the source ended its goroutine.
func (c *Cache[T]) Token(ctx context.Context) (none T, err error) {
	c.mu.Lock()
	if !c.token.IsZero() && (c.MaxAge <= 0 || time.Since(c.since) < c.MaxAge) {
		defer c.mu.Unlock()
		return c.token, nil
	}
	a := c.asking
	if a == nil {
		a = &asking[T]{done: make(chan struct{})}
		c.asking = a
		c.ask(context.WithoutCancel(ctx), a)
	}
	c.mu.Unlock()
	select {
	case <-a.done:
		if err := a.end.Resume(); err != nil {
			return none, err
		}
		return a.token, a.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// ask asks in a goroutine of its own, whose end is that of everybody who waits.
func (c *Cache[T]) ask(ctx context.Context, a *asking[T]) {
	ctx, cancel := context.WithTimeout(ctx, maxAsking)
	relay.Go(func() { a.token, a.err = c.Ask(ctx) }, func(end relay.End) {
		cancel()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asking = nil
		if a.end = end; end.Returned() && a.err == nil {
			c.token, c.since = a.token, time.Now()
		}
		close(a.done)
	})
}

// Forget drops the token, if it is still the one that was refused.
func (c *Cache[T]) Forget(refused T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token.Equal(refused) {
		var none T
		c.token = none
	}
}
