package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Invalidator is a [TokenSource] that caches: after a 401 it is told which token
// was rejected, and then asked once more. The call is repeated, once, only if
// it gives another.
type Invalidator interface {
	Invalidate(rejected Secret)
}

// ChainTokens is a source that asks others in their order and gives the first
// token that there is. If none has one, its error holds all of theirs.
func ChainTokens(sources ...TokenSource) TokenSource { return tokenChain(sources) }

type tokenChain []TokenSource

func (c tokenChain) Token(ctx context.Context) (Secret, error) {
	problems := []error{errors.New("no source of the chain has a token")}
	for _, source := range c {
		if isNil(source) {
			continue
		}
		secret, err := askNamed(ctx, source)
		if err == nil {
			return secret, nil
		}
		problems = append(problems, err)
	}
	return Secret{}, errors.Join(problems...)
}

// Invalidate passes the word on.
func (c tokenChain) Invalidate(rejected Secret) {
	for _, source := range c {
		if i, ok := source.(Invalidator); ok {
			i.Invalidate(rejected)
		}
	}
}

// CachedToken is a source that keeps the token of another, such as a secrets
// manager, until it is maxAge old (0: for ever) or was rejected. However many
// calls wait for a token, the other source is asked once; a call that gives up
// does not stop the asking for the others.
func CachedToken(source TokenSource, maxAge time.Duration) TokenSource {
	return &cachedToken{source: source, maxAge: maxAge}
}

type cachedToken struct {
	source TokenSource
	maxAge time.Duration

	mu     sync.Mutex
	secret Secret
	since  time.Time
	asking *asking
}

// asking is one question to the source, shared by all who wait for it.
type asking struct {
	done   chan struct{}
	secret Secret
	err    error
}

func (c *cachedToken) Token(ctx context.Context) (Secret, error) {
	c.mu.Lock()
	if !c.secret.IsZero() && (c.maxAge <= 0 || time.Since(c.since) < c.maxAge) {
		defer c.mu.Unlock()
		return c.secret, nil
	}
	a := c.asking
	if a == nil {
		a = &asking{done: make(chan struct{})}
		c.asking = a
		go c.ask(context.WithoutCancel(ctx), a)
	}
	c.mu.Unlock()
	select {
	case <-a.done:
		return a.secret, a.err
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	}
}

// maxAsking ends a source that never answers.
const maxAsking = 30 * time.Second

func (c *cachedToken) ask(ctx context.Context, a *asking) {
	ctx, cancel := context.WithTimeout(ctx, maxAsking)
	defer cancel()
	a.err = errors.New("the token source never returned") // unless it does
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asking = nil
		if a.err == nil {
			c.secret, c.since = a.secret, time.Now()
		}
		close(a.done)
	}()
	a.secret, a.err = askNamed(ctx, c.source)
}

// Invalidate forgets the token, if it is still the one that was rejected.
func (c *cachedToken) Invalidate(rejected Secret) {
	c.mu.Lock()
	if c.secret.Equal(rejected) {
		c.secret = Secret{}
	}
	c.mu.Unlock()
	if i, ok := c.source.(Invalidator); ok {
		i.Invalidate(rejected)
	}
}

// Format keeps fmt from walking through what is guarded by the mutex.
func (c *cachedToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.CachedToken") }

// RotatingToken is a source whose token can be replaced while calls are under
// way. [TokensService.Rotate] needs it, given to [WithTokenSource] itself and
// not inside a chain or a cache.
type RotatingToken struct {
	turn chan struct{} // held by the one rotation that is under way

	mu  sync.Mutex
	now *tenure
}

// tenure is the time of one token, and the attempts that carry it.
type tenure struct {
	secret Secret
	users  int
	idle   chan struct{} // closed when the last attempt of a replaced token has its answer
}

// NewRotatingToken begins with token, which is checked as [WithToken] does.
func NewRotatingToken(token string) (*RotatingToken, error) {
	secret, err := checkToken(token)
	if err != nil {
		return nil, err
	}
	return &RotatingToken{turn: make(chan struct{}, 1), now: &tenure{secret: secret}}, nil
}

// Token gives the present token.
func (r *RotatingToken) Token(context.Context) (Secret, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now.secret, nil
}

// Replace puts another token in place, atomically: every attempt carries either
// the old or the new one. It returns once no attempt that carries the old one
// is waiting for its answer, so that the old one can be revoked. If the context
// ends before, the new token is in place all the same.
func (r *RotatingToken) Replace(ctx context.Context, token Secret) error {
	fresh, err := checkToken(token.Reveal())
	if err != nil {
		return err
	}
	r.mu.Lock()
	old := r.now
	if old.secret.Equal(fresh) {
		r.mu.Unlock()
		return nil
	}
	r.now = &tenure{secret: fresh}
	if old.users == 0 {
		r.mu.Unlock()
		return nil
	}
	old.idle = make(chan struct{})
	r.mu.Unlock()
	select {
	case <-old.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lease gives the token for one attempt; done says that it has its answer.
func (r *RotatingToken) lease() (token Secret, done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	held := r.now
	held.users++
	return held.secret, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if held.users--; held.users == 0 && held.idle != nil {
			close(held.idle)
		}
	}
}

// String says what it is; the token is not part of it.
func (r *RotatingToken) String() string { return "hoster.RotatingToken" }

// Format prints String under every verb: another would walk through what is
// guarded by the mutex.
func (r *RotatingToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }
