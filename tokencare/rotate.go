// Package tokencare rotates API tokens and audits them, over the public API of
// package hoster.
package tokencare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster"
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

	Overlap    time.Duration // how long both tokens are valid
	WarnWithin time.Duration // sets [Rotation.EndsSoon]; 30 days without it
}

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
	return b.String()
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

// rotation is one run of Rotate.
//
// Two rules keep the store's token valid, whatever other runs do meanwhile.
// A secret is saved at most once, by the run that created it, so a token that
// was replaced in the store never comes back. And a token is revoked only if it
// was never saved, or after the store was seen to hold a later one that works.
type rotation struct {
	client   *hoster.Client
	options  RotateOptions
	old      holder // its token is zero where the API refuses it
	fresh    holder
	adopted  bool
	leftover []hoster.Token
}

// holder is a token with a view of the client that sends it, whatever the
// source gives meanwhile.
type holder struct {
	secret hoster.Secret
	token  hoster.Token
	client *hoster.Client
}

func (r *rotation) holder(secret hoster.Secret) (holder, error) {
	view, err := r.client.WithToken(secret)
	return holder{secret: secret, client: view}, err
}

// errStoreMoved says that another process saved a token.
var errStoreMoved = errors.New("the store holds another token by now")

// errOtherToken says that the client does not send the token that it was given.
var errOtherToken = errors.New("the client does not send the new token: it was made with another source")

var errOldAgain = errors.New("the store holds the old token again")

func (r *rotation) run(ctx context.Context) error {
	secret, err := r.options.Source.Token(ctx)
	if err != nil {
		return r.stopped(StepRead, "", err)
	}
	if r.old, err = r.holder(secret); err != nil {
		return r.stopped(StepRead, "", err)
	}
	if err := r.obtain(ctx); err != nil {
		return err
	}
	return r.finish(ctx)
}

// obtain gets the new token. It begins again each time that another process
// was faster: the store shows it, or the API, which refuses a token that was
// revoked.
func (r *rotation) obtain(ctx context.Context) (err error) {
	var last hoster.Secret
	for {
		stored, loadErr := r.options.Store.Token(ctx)
		switch {
		case loadErr != nil && err == nil:
			return r.stopped(StepRead, "", loadErr)
		case loadErr != nil, err != nil && stored.Equal(last):
			return err
		}
		last = stored
		err = r.obtainFrom(ctx, stored)
		if !errors.Is(err, hoster.ErrUnauthorized) && !errors.Is(err, errStoreMoved) {
			return err
		}
	}
}

// obtainFrom adopts the stored token, or creates another.
func (r *rotation) obtainFrom(ctx context.Context, stored hoster.Secret) error {
	own, ownErr := r.old.client.Tokens.Current(ctx)
	r.old.token = own
	refused := errors.Is(ownErr, hoster.ErrUnauthorized)
	same := stored.Equal(r.old.secret)
	if ownErr != nil && (same || !refused) {
		return r.stopped(StepRead, "", ownErr)
	}
	if same {
		return r.create(ctx, stored)
	}
	other, err := r.holder(stored)
	if err == nil {
		other.token, err = other.client.Tokens.Current(ctx)
	}
	switch {
	case err == nil && other.token.ID == own.ID: // the same secret, spelt otherwise
		return r.create(ctx, stored)
	case err == nil:
		return r.adopt(other)
	case errors.Is(err, hoster.ErrUnauthorized) && !refused:
		return r.create(ctx, stored) // what the store holds is of no use to anybody
	}
	return r.stopped(StepRead, "", err)
}

// adopt takes over the token that the store holds. Where the own one still
// works it is choosy: the store may be the wrong one.
func (r *rotation) adopt(other holder) error {
	if own := r.old.token; own.ID != "" {
		if line(other.token.Name) != line(own.Name) && other.token.CreatedAt.Before(own.CreatedAt) {
			return r.stopped(StepRead, "", fmt.Errorf("the store holds token %.100q (%.100q), which is older than the one in use and has another name", other.token.ID, other.token.Name))
		}
		if missing := without(r.scopes(), other.token.Scopes); len(missing) > 0 {
			return r.stopped(StepVerify, "", fmt.Errorf("the store holds token %.100q (%.100q), which lacks %s", other.token.ID, other.token.Name, list(missing)))
		}
	}
	r.fresh, r.adopted = other, true
	return nil
}

// create makes a new token, proves that it works, and saves it.
func (r *rotation) create(ctx context.Context, stored hoster.Secret) error {
	needed := []hoster.Scope{hoster.ScopeAccountRead, hoster.ScopeAccountWrite}
	if missing := without(needed, r.old.token.Scopes); len(missing) > 0 {
		return r.stopped(StepRead, "", fmt.Errorf("the token in use lacks %s", list(missing)))
	}
	created, err := r.createToken(ctx)
	if err != nil {
		return r.stopped(StepCreate, "", err)
	}
	if err := r.verify(ctx, created.ID); err != nil {
		r.discard(ctx, created.Token)
		return r.stopped(StepVerify, "", err)
	}
	held, err := r.options.Store.Token(ctx)
	if err == nil && !held.Equal(stored) {
		err = errStoreMoved
	}
	if err != nil {
		r.discard(ctx, created.Token)
		return r.stopped(StepStore, "", err)
	}
	if err := r.options.Store.Save(ctx, created); err != nil {
		if errors.Is(err, ErrNotSaved) {
			r.discard(ctx, created.Token)
		} else {
			r.leftover = append(r.leftover, created.Token)
		}
		return r.stopped(StepStore, "", err)
	}
	return nil
}

// createToken makes the new token. If its answer is lost or lacks the secret,
// the token is found by its name and revoked.
func (r *rotation) createToken(ctx context.Context) (created hoster.CreatedToken, err error) {
	want := r.wanted()
	r.fresh = holder{}
	created, err = r.old.client.Tokens.Create(ctx, want)
	if err == nil && created.ID == "" {
		err = fmt.Errorf("%w: the new token came without an id", hoster.ErrDecode)
	}
	if err == nil {
		if r.fresh, err = r.holder(created.Secret); err != nil {
			err = fmt.Errorf("%w: the new token's secret: %w", hoster.ErrDecode, err)
		}
	}
	if errors.Is(err, hoster.ErrOutcomeUnknown) || errors.Is(err, hoster.ErrDecode) || errors.Is(err, hoster.ErrBodyTooLarge) {
		r.discardNamed(ctx, want.Name)
	}
	return created, err
}

// wanted is the new token that the options ask for.
func (r *rotation) wanted() hoster.TokenCreate {
	old := r.old.token
	want := hoster.TokenCreate{Name: nextName(old.Name), Scopes: r.scopes(), IPAllowlist: r.options.IPAllowlist}
	switch end := r.options.ExpiresAt; {
	case old.ExpiresAt != nil && (end.IsZero() || end.After(*old.ExpiresAt)):
		want.ExpiresAt = hoster.Set(*old.ExpiresAt)
	case !end.IsZero():
		want.ExpiresAt = hoster.Set(end)
	}
	switch {
	case want.IPAllowlist.IsNull():
		want.IPAllowlist = hoster.Opt[[]string]{}
	case want.IPAllowlist.IsZero() && len(old.IPAllowlist) > 0:
		want.IPAllowlist = hoster.Set(old.IPAllowlist)
	}
	return want
}

func (r *rotation) scopes() []hoster.Scope {
	if r.options.Scopes != nil {
		return r.options.Scopes
	}
	return r.old.token.Scopes
}

// verify proves that the new secret is that of the new token, and that it may
// do what it was asked to.
func (r *rotation) verify(ctx context.Context, id hoster.TokenID) (err error) {
	if r.fresh.token, err = r.fresh.client.Tokens.Current(ctx); err != nil {
		return err
	}
	if r.fresh.token.ID != id {
		return fmt.Errorf("the secret of the new token %.100q belongs to token %.100q", id, r.fresh.token.ID)
	}
	if missing := without(r.scopes(), r.fresh.token.Scopes); len(missing) > 0 {
		return errors.New("the new token did not get " + list(missing))
	}
	return nil
}

// discard revokes a new token that was never saved.
func (r *rotation) discard(ctx context.Context, token hoster.Token) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	err := r.old.client.Tokens.RevokeAny(ctx, token.ID)
	if errors.Is(err, hoster.ErrUnauthorized) && r.fresh.client != nil { // another process revoked the old one
		err = r.fresh.client.Tokens.RevokeAny(ctx, token.ID)
	}
	if err != nil {
		r.leftover = append(r.leftover, token)
	}
}

// discardNamed looks for tokens of the name and revokes them. One that is not
// there may still appear: the request that made it may be under way.
func (r *rotation) discardNamed(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	tokens, err := r.old.client.Tokens.List(ctx, nil)
	found := false
	for _, token := range tokens {
		if token.Name != name {
			continue
		}
		found = true
		if isValid(token) {
			r.discard(ctx, token)
		}
	}
	if err != nil || !found {
		r.leftover = append(r.leftover, hoster.Token{Name: name})
	}
}

// finish switches the client to the new token and revokes the old one. If the
// new one is refused, another process may have rotated on from it.
func (r *rotation) finish(ctx context.Context) error {
	for first := true; ; first = false {
		err := r.switchClient(ctx)
		if err == nil && first {
			if err = pause(ctx, r.options.Overlap); err != nil {
				return r.stopped(StepRevoke, r.fresh.token.ID, err, r.old.token)
			}
		}
		if err == nil {
			err = r.end(ctx)
		}
		if !errors.Is(err, hoster.ErrUnauthorized) && !errors.Is(err, errOtherToken) || !r.follow(ctx) {
			return err
		}
	}
}

// follow takes the stored token for the new one, if it is another and works.
func (r *rotation) follow(ctx context.Context) bool {
	stored, err := r.options.Store.Token(ctx)
	if err != nil || stored.Equal(r.fresh.secret) {
		return false
	}
	other, err := r.holder(stored)
	if err != nil {
		return false
	}
	other.token, err = other.client.Tokens.Current(ctx)
	if err != nil || other.token.ID == r.old.token.ID {
		return false
	}
	r.fresh, r.adopted = other, true
	return true
}

// end revokes the old token, when the store says that nobody needs it.
func (r *rotation) end(ctx context.Context) error {
	inStore, err := r.lookAtStore(ctx)
	listErr := r.findLeftover(ctx, inStore)
	if err == nil {
		err = r.revoke(ctx)
	}
	if err != nil {
		return r.stopped(StepRevoke, r.fresh.token.ID, err, r.old.token)
	}
	if listErr != nil {
		return r.stopped(StepList, r.fresh.token.ID, listErr)
	}
	return nil
}

// switchClient proves that the client sends the new token: it may have been
// made with another source.
func (r *rotation) switchClient(ctx context.Context) error {
	inUse := r.fresh.token.ID
	err := r.options.Source.Replace(ctx, r.fresh.secret)
	if err == nil {
		var own hoster.Token
		own, err = r.client.Tokens.Current(ctx)
		if err == nil && own.ID != inUse {
			inUse, err = own.ID, errOtherToken
		}
	}
	switch {
	case err == nil:
		return nil
	case inUse == r.old.token.ID:
		return r.stopped(StepSwitch, inUse, err)
	}
	return r.stopped(StepSwitch, inUse, err, r.old.token)
}

// lookAtStore returns an error unless the store holds a token that works and is
// not the old one. It is not the new one either where another process has saved
// one since: a later run adopts that.
func (r *rotation) lookAtStore(ctx context.Context) (hoster.TokenID, error) {
	stored, err := r.options.Store.Token(ctx)
	switch {
	case err != nil:
		return "", err
	case stored.Equal(r.fresh.secret):
		return r.fresh.token.ID, nil
	case stored.Equal(r.old.secret):
		return "", errOldAgain
	}
	other, err := r.holder(stored)
	if err != nil {
		return "", err
	}
	own, err := other.client.Tokens.Current(ctx)
	if err == nil && own.ID == r.old.token.ID {
		err = errOldAgain
	}
	return own.ID, err
}

// findLeftover lists the valid tokens of the line beside the new one, the old
// one and the one in the store.
func (r *rotation) findLeftover(ctx context.Context, inStore hoster.TokenID) error {
	tokens, err := r.old.client.Tokens.List(ctx, nil)
	if errors.Is(err, hoster.ErrUnauthorized) { // revoked by another process
		tokens, err = r.fresh.client.Tokens.List(ctx, nil)
	}
	if err != nil {
		return err
	}
	known := []hoster.TokenID{r.old.token.ID, r.fresh.token.ID, inStore}
	for _, token := range r.leftover {
		known = append(known, token.ID)
	}
	lines := []string{line(r.fresh.token.Name)}
	if r.old.token.ID != "" {
		lines = append(lines, line(r.old.token.Name))
	}
	for _, token := range tokens {
		if isValid(token) && !slices.Contains(known, token.ID) && slices.Contains(lines, line(token.Name)) {
			r.leftover = append(r.leftover, token)
		}
	}
	return nil
}

// revoke ends the old token: with the new one where that may, else by itself.
// Then an old token that is refused has been revoked before, or has expired.
func (r *rotation) revoke(ctx context.Context) error {
	if r.old.token.ID == "" {
		return nil
	}
	err := r.fresh.client.Tokens.RevokeAny(ctx, r.old.token.ID)
	if !errors.Is(err, hoster.ErrForbidden) {
		return err
	}
	err = r.old.client.Tokens.RevokeAny(ctx, r.old.token.ID)
	if errors.Is(err, hoster.ErrUnauthorized) {
		return nil
	}
	return err
}

// stopped makes the error, with what this run knows to be left over.
func (r *rotation) stopped(step Step, inUse hoster.TokenID, err error, more ...hoster.Token) error {
	left := slices.Clone(r.leftover)
	for _, token := range more {
		if token.ID != "" {
			left = append(left, token)
		}
	}
	return &RotationError{Step: step, InUse: inUse, Leftover: left, Err: err}
}

// isValid reports whether the token works.
func isValid(t hoster.Token) bool {
	return t.Status != hoster.TokenRevoked && !isExpired(t, time.Now())
}

func isExpired(t hoster.Token, now time.Time) bool {
	return t.Status == hoster.TokenExpired || t.ExpiresAt != nil && !t.ExpiresAt.After(now)
}

// without returns the scopes of want that are not in have.
func without(want, have []hoster.Scope) []hoster.Scope {
	return slices.DeleteFunc(slices.Clone(want), func(s hoster.Scope) bool { return slices.Contains(have, s) })
}

func list(scopes []hoster.Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// pause does not begin a wait that cannot end in time.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("the overlap of %s would outlast the deadline: %w", d, context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
