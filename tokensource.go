package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-hoster/hoster/internal/atomicfile"
	"github.com/go-hoster/hoster/internal/relay"
	"github.com/go-hoster/hoster/internal/tokens"
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
	c := &cachedToken{source: source}
	c.cache.MaxAge = maxAge
	c.cache.Ask = func(ctx context.Context) (Secret, error) { return askNamed(ctx, source) }
	return c
}

type cachedToken struct {
	source TokenSource
	cache  tokens.Cache[Secret]
}

func (c *cachedToken) Token(ctx context.Context) (Secret, error) {
	secret, err := c.cache.Token(ctx)
	if err == relay.ErrAborted {
		err = errNeverReturned
	}
	return secret, err
}

// Invalidate forgets the token, if it is still the one that was rejected.
func (c *cachedToken) Invalidate(rejected Secret) {
	c.cache.Forget(rejected)
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
	source *asker
	turn   chan struct{} // held by the one rotation that is under way
	line   *tokens.Line[Secret]
}

// NewRotatingToken begins with the token that source gives now. If it gives
// none, the error matches [ErrCredentials].
func NewRotatingToken(ctx context.Context, source TokenSource) (*RotatingToken, error) {
	if isNil(source) {
		return nil, &ArgumentError{Field: "source", Expected: "a token source that is not nil"}
	}
	r := &RotatingToken{source: &asker{source: source}, turn: make(chan struct{}, 1)}
	secret, err := r.source.token(ctx)
	if err != nil {
		return nil, err
	}
	r.line = tokens.NewLine(secret)
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
	held, rejected := r.line.Now()
	if !rejected {
		return held, nil
	}
	fresh, err := r.source.token(ctx)
	if err != nil {
		fresh = held
	}
	return r.line.Renew(held, fresh), nil
}

// Invalidate notes that the token was rejected, if it is still the present one.
func (r *RotatingToken) Invalidate(rejected Secret) {
	if i, ok := r.source.source.(Invalidator); r.line.Refuse(rejected) && ok {
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
	return r.line.Replace(ctx, fresh)
}

// Format prints the type's name under every verb: fmt would walk through what is
// guarded by the mutex.
func (r *RotatingToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.RotatingToken") }

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
