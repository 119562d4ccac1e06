// Package tokencare rotates API tokens and audits them, over the public API of
// package hoster.
package tokencare

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/internal/printable"
)

// RotateOptions shape a rotation. Source and Store are required.
type RotateOptions struct {
	// Source is what the client was made with. Make it with the store, by
	// [hoster.NewRotatingToken]: then a token that another process rotated is
	// found there after a 401.
	Source *hoster.RotatingToken

	// Store keeps the token where the program finds it when it starts again.
	Store Store

	Scopes      []hoster.Scope       // of the new token; without it the old token's
	IPAllowlist hoster.Opt[[]string] // without it the old token's; null none

	// ExpiresAt is when the new token expires, at the latest when the old one
	// does: a token cannot create one that outlives it. The zero time is when
	// the old one does, which may be never. A time ends the line: no later token
	// can live longer, so leave it zero where rotation goes on for ever.
	ExpiresAt time.Time

	// Lock, if there is one, is held under the name [LockName] while the rotation
	// runs: of several processes that rotate at once one creates a token, and the
	// others take it over. Safety does not depend on it: without a lock, or with one
	// that two hold at once, there may be tokens that a run revokes again.
	Lock Locker

	Overlap    time.Duration // how long both tokens are valid
	WarnWithin time.Duration // sets [Rotation.EndsSoon]; 30 days without it
}

// Locker holds names, each for one process at a time. The storages of certmagic are
// Lockers, and so is the Lock of this repository's module integrations/redis.
type Locker interface {
	Lock(ctx context.Context, name string) error
	Unlock(ctx context.Context, name string) error
}

// LockName is what [Rotate] locks.
const LockName = "rotate-token"

// Rotation is a rotation that is complete.
type Rotation struct {
	// Old has been revoked. It is zero where another process did so before, and
	// the client had to take over the new token.
	Old hoster.Token

	// New is in use. Its ExpiresAt is also the end of every token that follows
	// it; nil is never.
	New hoster.Token

	// Adopted says that another process made New: the store held it.
	Adopted bool

	// EndsSoon says that New expires within WarnWithin, and that rotation ends
	// there. Create its successor in the portal, without an expiry or with a
	// later one, and put it into the store: the next rotation takes it over.
	EndsSoon bool

	Leftover []hoster.Token // see [RotationError]
}

// Step is a step of a rotation.
type Step string

// The steps, in their order.
const (
	StepLock   Step = "lock"   // the lock of [RotateOptions]
	StepRead   Step = "read"   // the present token and the stored one
	StepCreate Step = "create" // the new token
	StepVerify Step = "verify" // that the new token works
	StepStore  Step = "store"  // the new token
	StepSwitch Step = "switch" // the client to the new token
	StepRevoke Step = "revoke" // the old token
	StepList   Step = "list"   // the tokens that earlier runs have left; all else is done
)

// RotationError is a rotation that stopped. The client has a token that works,
// unless the error says that the API refuses it, and so has the store.
//
// Leftover holds the valid tokens with names of the same line that this run
// knows of and that are neither in use by this client nor, as far as is known,
// in the store: after an error the old or the new one, and those that earlier
// runs left, if they were killed. A token without an id is one whose creation
// had no answer: it may appear under this name. Before you revoke one make sure
// that the store does not hold it, and that no other process has just created
// it or uses it: give each program names of its own.
type RotationError struct {
	Step     Step
	InUse    hoster.TokenID // empty: the one that it had
	Leftover []hoster.Token
	Err      error
}

// Error says at which step it stopped, what is in use and what is left over.
func (e *RotationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tokencare: rotation stopped at step %s: %v", e.Step, e.Err)
	if e.InUse == "" {
		b.WriteString("; the token in use is what it was")
	} else {
		fmt.Fprintf(&b, "; in use is token %.100q", e.InUse)
	}
	for _, token := range e.Leftover {
		if token.ID == "" {
			fmt.Fprintf(&b, "; a token named %.100q may appear", token.Name)
		} else {
			fmt.Fprintf(&b, "; left over is token %.100q (%.100q)", token.ID, token.Name)
		}
	}
	return printable.Whole(b.String())
}

// Unwrap returns why it stopped.
func (e *RotationError) Unwrap() error { return e.Err }

// cleanUpTime bounds what is still done after the caller's context has ended.
const cleanUpTime = 15 * time.Second

// defaultWarnWithin is the default of [RotateOptions].
const defaultWarnWithin = 30 * 24 * time.Hour

// Rotate replaces the client's own token: it creates a token with the same
// scopes, allowlist and expiry, proves that it works, saves it in the store,
// switches the client's [hoster.RotatingToken], and only then revokes the old
// one. It needs [hoster.ScopeAccountRead] and [hoster.ScopeAccountWrite].
//
// Calls go on meanwhile and none fails for it: the old token is revoked after
// every attempt of this client that carries it has its answer. When anything
// fails, or the context ends, the error is a [RotationError] and says what
// exists now. Of several rotations of one source in a process one runs at a
// time.
//
// Several processes may rotate with one store, and a process may be killed at
// any moment: the store always holds a token that works, and a later run names
// what was left over. A run that finds a working token in the store, other than
// the one in use, does not create another: it takes that one over. That token
// must belong to the same line or be newer.
func Rotate(ctx context.Context, client *hoster.Client, options RotateOptions) (Rotation, error) {
	refuse := func(field, expected string) (Rotation, error) {
		return Rotation{}, &hoster.ArgumentError{Operation: "tokencare.Rotate", Field: field, Expected: expected}
	}
	switch {
	case ctx == nil:
		return refuse("ctx", "a context that is not nil")
	case client == nil:
		return refuse("client", "a client that is not nil")
	case options.Source == nil:
		return refuse("Source", "the RotatingToken that the client was made with")
	case options.Store == nil:
		return refuse("Store", "where the new token is kept")
	}
	r := &rotation{client: client, options: options}
	release, err := options.Source.Acquire(ctx)
	if err != nil {
		return Rotation{}, r.stopped(StepRead, "", err)
	}
	defer release()
	if lock := options.Lock; lock != nil {
		if err := lock.Lock(ctx, LockName); err != nil {
			return Rotation{}, r.stopped(StepLock, "", err)
		}
		defer func() {
			later, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
			defer cancel()
			_ = lock.Unlock(later, LockName) // the rotation is what it is; the lock ends by itself
		}()
	}
	if err := r.run(ctx); err != nil {
		return Rotation{}, err
	}
	done := Rotation{Old: r.old.token, New: r.fresh.token, Adopted: r.adopted, Leftover: r.leftover}
	warn := options.WarnWithin
	if warn == 0 {
		warn = defaultWarnWithin
	}
	done.EndsSoon = done.New.ExpiresAt != nil && time.Until(*done.New.ExpiresAt) < warn
	return done, nil
}
