package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/go-hoster/hoster/internal/atomicfile"
	"github.com/go-hoster/hoster/internal/relay"
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

// CacheToken is a source that keeps the token of another, such as a secrets
// manager, until it is maxAge old (0: for ever) or was rejected. However many
// calls wait for a token, the other source is asked once; a call that gives up
// does not stop the asking for the others.
func CacheToken(source TokenSource, maxAge time.Duration) TokenSource {
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
	end    relay.End // of the source
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
		c.ask(context.WithoutCancel(ctx), a)
	}
	c.mu.Unlock()
	select {
	case <-a.done:
		if err := a.end.Resume(); err != nil {
			return Secret{}, errNeverReturned
		}
		return a.secret, a.err
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	}
}

// maxAsking ends a source that never answers.
const maxAsking = 30 * time.Second

// ask asks in a goroutine of its own, whose end is that of everybody who waits.
func (c *cachedToken) ask(ctx context.Context, a *asking) {
	ctx, cancel := context.WithTimeout(ctx, maxAsking)
	relay.Go(func() { a.secret, a.err = askNamed(ctx, c.source) }, func(end relay.End) {
		cancel()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asking = nil
		if a.end = end; end.Returned() && a.err == nil {
			c.secret, c.since = a.secret, time.Now()
		}
		close(a.done)
	})
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
// way. Give it to [WithTokenSource] itself, not inside a chain or a cache.
//
// It begins with the token of another source, such as [TokenFromFile], and keeps
// it. After a 401 the other source is asked again: another process may have
// rotated the token, and stored the new one there.
type RotatingToken struct {
	tokens asker
	turn   chan struct{} // held by the one rotation that is under way

	mu       sync.Mutex
	now      *tenure
	draining []*tenure // replaced, and still carried by an attempt
}

// tenure is the time of one token, and the attempts that carry it.
type tenure struct {
	secret   Secret
	rejected bool // by a 401
	users    int
	idle     chan struct{} // closed when the last attempt of a replaced token has its answer
}

// NewRotatingToken begins with the token that source gives now. If it gives
// none, the error matches [ErrCredentials].
func NewRotatingToken(ctx context.Context, source TokenSource) (*RotatingToken, error) {
	if isNil(source) {
		return nil, &ArgumentError{Field: "source", Expected: "a token source that is not nil"}
	}
	r := &RotatingToken{tokens: asker{source: source}, turn: make(chan struct{}, 1)}
	secret, err := r.tokens.token(ctx)
	if err != nil {
		return nil, err
	}
	r.now = &tenure{secret: secret}
	return r, nil
}

// Acquire waits until no other rotation of this source is under way in this
// process, or the context ends. Who rotates the token in several steps holds it
// until release.
func (r *RotatingToken) Acquire(ctx context.Context) (release func(), err error) {
	select {
	case r.turn <- struct{}{}:
		return sync.OnceFunc(func() { <-r.turn }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Token gives the present token. After that was rejected the first source is
// asked for another; if it has none, the token stays.
func (r *RotatingToken) Token(ctx context.Context) (Secret, error) {
	r.mu.Lock()
	held, rejected := r.now, r.now.rejected
	r.mu.Unlock()
	if !rejected {
		return held.secret, nil
	}
	fresh, err := r.tokens.token(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.now == held && !fresh.Equal(held.secret) {
		r.replace(fresh)
	}
	return r.now.secret, nil
}

// Invalidate notes that the token was rejected, if it is still the present one.
func (r *RotatingToken) Invalidate(rejected Secret) {
	r.mu.Lock()
	present := r.now.secret.Equal(rejected)
	r.now.rejected = r.now.rejected || present
	r.mu.Unlock()
	if i, ok := r.tokens.source.(Invalidator); ok && present {
		i.Invalidate(rejected)
	}
}

// Replace puts another token in place, atomically: every attempt carries either
// the old or the new one. It returns once no attempt that carries an old one is
// waiting for its answer, so that the old one can be revoked. If the context
// ends before, the new token is in place all the same.
func (r *RotatingToken) Replace(ctx context.Context, token Secret) error {
	fresh, err := checkToken(token.Reveal())
	if err != nil {
		return err
	}
	r.mu.Lock()
	if !r.now.secret.Equal(fresh) {
		r.replace(fresh)
	}
	draining := slices.Clone(r.draining)
	r.mu.Unlock()
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
func (r *RotatingToken) replace(fresh Secret) {
	if old := r.now; old.users > 0 {
		old.idle = make(chan struct{})
		r.draining = append(r.draining, old)
	}
	r.now = &tenure{secret: fresh}
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
			r.draining = slices.DeleteFunc(r.draining, func(t *tenure) bool { return t == held })
		}
	}
}

// String says what it is; the token is not part of it.
func (r *RotatingToken) String() string { return "hoster.RotatingToken" }

// Format prints String under every verb: another would walk through what is
// guarded by the mutex.
func (r *RotatingToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// WriteTokenFile stores a token in the file at path, where [TokenFromFile] finds
// it, readable by the file's owner alone. The file is replaced by a rename: at
// every moment, and after a crash, it holds the old token or the new one. When
// the error is nil the new token is on the disk.
//
// The directory must be writable. A symbolic link, such as the files of a
// mounted Kubernetes secret, a file of another user, and what is no regular
// file are refused. The token is checked as [WithToken] does.
func WriteTokenFile(path string, token Secret) error {
	secret, err := checkToken(token.Reveal())
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, []byte(secret.Reveal()+"\n")); err != nil {
		return fmt.Errorf("hoster: token file %s: %w", path, err)
	}
	return nil
}
