package hoster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultTokenLife is the guide's rotation age: 90 days.
const DefaultTokenLife = 90 * 24 * time.Hour

// RotateOptions shape a rotation. Store is required.
type RotateOptions struct {
	// Store keeps the secret where the program finds it when it starts again. If
	// it fails, or the new token turns out not to work, nothing is switched and
	// Store is called once more, with the old token, so that it never keeps one
	// that is going to be revoked.
	Store func(ctx context.Context, token CreatedToken) error

	Name        string        // without it the old token's; a random ending is added
	Scopes      []Scope       // without them the old token's
	IPAllowlist Opt[[]string] // without it the old token's; null none

	// ExpiresAt is in 90 days without it, but not later than the old token
	// expires: a token cannot create one that outlives it. So a line of tokens
	// ends where its first one expires, and only one that began without an
	// expiry can go on for ever, with null here.
	ExpiresAt Opt[time.Time]

	Overlap time.Duration // how long both tokens are valid
}

// Rotation is a rotation that is complete.
type Rotation struct {
	Old Token // revoked
	New Token // in use
}

// RotationStep is a step of a rotation.
type RotationStep string

// The steps, in their order.
const (
	RotateRead   RotationStep = "read the present token"
	RotateCreate RotationStep = "create the new token"
	RotateStore  RotationStep = "store the new secret"
	RotateVerify RotationStep = "verify the new token"
	RotateSwitch RotationStep = "switch to the new token"
	RotateRevoke RotationStep = "revoke the old token"
)

// RotationError is a rotation that stopped. The client always keeps a token
// that works: InUse, or the one that it had where that is empty. CleanUp lists
// what else exists, or may exist, and is not needed.
type RotationError struct {
	Step    RotationStep
	InUse   TokenID
	CleanUp []string // each in words, with the token's id or name
	Err     error
}

// Error says at which step it stopped, what is in use and what to clean up.
func (e *RotationError) Error() string {
	text := fmt.Sprintf("hoster: rotation stopped at %q: %v", e.Step, e.Err)
	if e.InUse == "" {
		text += "; the token in use is what it was"
	} else {
		text += "; in use is token " + string(e.InUse)
	}
	for _, item := range e.CleanUp {
		text += "; to clean up: " + item
	}
	return text
}

// Unwrap returns why it stopped.
func (e *RotationError) Unwrap() error { return e.Err }

// cleanUpTime bounds what is still done after the caller's context has ended.
const cleanUpTime = 15 * time.Second

// Rotate replaces the client's own token: it creates a token with the same
// scopes and allowlist and a fresh expiry, hands its secret to Store, proves
// that it works, switches the client's [RotatingToken], which the client must
// have been made with, and only then revokes the old one. It needs
// [ScopeAccountWrite].
//
// Calls go on meanwhile and none fails for it: the old token is revoked after
// every attempt that carries it has its answer. When anything fails, or the
// context ends, the error is a [RotationError] and says what exists now. One
// rotation runs at a time for each source, others wait for it.
func (s *TokensService) Rotate(ctx context.Context, options RotateOptions) (Rotation, error) {
	source, ok := s.client.source.(*RotatingToken)
	switch {
	case ctx == nil:
		return Rotation{}, &ArgumentError{Operation: "Tokens.Rotate", Field: "ctx", Expected: "a context that is not nil"}
	case !ok:
		return Rotation{}, &ArgumentError{Operation: "Tokens.Rotate", Field: "WithTokenSource", Expected: "a client that was made with a RotatingToken"}
	case options.Store == nil:
		return Rotation{}, &ArgumentError{Operation: "Tokens.Rotate", Field: "Store", Expected: "a function that keeps the new secret"}
	}
	r := &rotation{client: s.client, source: source, options: options}
	select {
	case source.turn <- struct{}{}:
		defer func() { <-source.turn }()
	case <-ctx.Done():
		return Rotation{}, r.stopped(RotateRead, "", ctx.Err())
	}
	if err := r.run(ctx); err != nil {
		return Rotation{}, err
	}
	return Rotation{Old: r.old, New: r.fresh.Token}, nil
}

// rotation is one run of Rotate. It speaks with each token through a client of
// its own, whatever the source gives meanwhile.
type rotation struct {
	client  *Client
	source  *RotatingToken
	options RotateOptions
	secret  Secret // the old one
	old     Token
	before  *Client // sends the old token
	fresh   CreatedToken
	after   *Client // sends the new token
}

func (r *rotation) run(ctx context.Context) (err error) {
	r.secret, _ = r.source.Token(ctx) // it never fails
	if r.before, err = r.client.WithToken(r.secret); err != nil {
		return r.stopped(RotateRead, "", err)
	}
	if r.old, err = r.before.Tokens.Current(ctx); err != nil {
		return r.stopped(RotateRead, "", err)
	}
	if err := r.create(ctx); err != nil {
		return err
	}
	if err := r.options.Store(ctx, r.fresh); err != nil {
		return r.rollBack(ctx, RotateStore, err)
	}
	if r.after, err = r.client.WithToken(r.fresh.Secret); err != nil {
		return r.rollBack(ctx, RotateVerify, err)
	}
	if err := r.verify(ctx); err != nil {
		return r.rollBack(ctx, RotateVerify, err)
	}
	if err := r.source.Replace(ctx, r.fresh.Secret); err != nil {
		return r.stopped(RotateSwitch, r.fresh.ID, err, r.oldRemains())
	}
	if err := pauseUntil(ctx, r.options.Overlap); err != nil {
		return r.stopped(RotateRevoke, r.fresh.ID, err, r.oldRemains())
	}
	if err := r.revoke(ctx); err != nil {
		return r.stopped(RotateRevoke, r.fresh.ID, err, r.oldRemains())
	}
	return nil
}

func (r *rotation) stopped(step RotationStep, inUse TokenID, err error, cleanUp ...string) error {
	return &RotationError{Step: step, InUse: inUse, CleanUp: cleanUp, Err: err}
}

func (r *rotation) oldRemains() string {
	return fmt.Sprintf("revoke the old token %s (%q)", r.old.ID, r.old.Name)
}

// verify proves that the new secret is that of the new token, and that it may
// do what it was asked to.
func (r *rotation) verify(ctx context.Context) error {
	own, err := r.after.Tokens.Current(ctx)
	if err != nil {
		return err
	}
	if own.ID != r.fresh.ID {
		return fmt.Errorf("the secret of the new token %s belongs to token %s", r.fresh.ID, own.ID)
	}
	if missing := beyond(r.wantedScopes(), own.Scopes); len(missing) > 0 {
		return errors.New("the new token did not get " + joinScopes(missing))
	}
	return nil
}

// revoke ends the old token: with the new one where that may, else by itself.
// An old token that is refused by then has been revoked, or has expired.
func (r *rotation) revoke(ctx context.Context) error {
	if slices.Contains(r.wantedScopes(), ScopeAccountWrite) {
		return r.after.Tokens.RevokeAny(ctx, r.old.ID)
	}
	err := r.before.Tokens.RevokeAny(ctx, r.old.ID)
	if errors.Is(err, ErrUnauthorized) {
		return nil
	}
	return err
}

func (r *rotation) wantedScopes() []Scope {
	if r.options.Scopes != nil {
		return r.options.Scopes
	}
	return r.old.Scopes
}

// wanted is the new token that the options ask for.
func (r *rotation) wanted() TokenCreate {
	want := TokenCreate{Name: r.newName(), Scopes: r.wantedScopes(), ExpiresAt: r.options.ExpiresAt, IPAllowlist: r.options.IPAllowlist}
	switch {
	case want.ExpiresAt.IsNull():
		want.ExpiresAt = Opt[time.Time]{}
	case want.ExpiresAt.IsZero():
		end := time.Now().Add(DefaultTokenLife).UTC().Truncate(time.Second)
		if r.old.ExpiresAt != nil && r.old.ExpiresAt.Before(end) {
			end = *r.old.ExpiresAt
		}
		want.ExpiresAt = Set(end)
	}
	switch {
	case want.IPAllowlist.IsNull():
		want.IPAllowlist = Opt[[]string]{}
	case want.IPAllowlist.IsZero() && len(r.old.IPAllowlist) > 0:
		want.IPAllowlist = Set(r.old.IPAllowlist)
	}
	return want
}

// create makes the new token. Its name is found again if the answer is lost;
// then the token is revoked, for its secret is lost too.
func (r *rotation) create(ctx context.Context) error {
	want := r.wanted()
	created, err := r.before.Tokens.Create(ctx, want)
	if err == nil && created.ID != "" {
		if _, err = checkToken(created.Secret.Reveal()); err == nil {
			r.fresh = created
			return nil
		}
		err = errors.Join(ErrDecode, errors.New("the new token came without a secret that can be used"))
	} else if err == nil {
		err = errors.Join(ErrDecode, errors.New("the new token came without an id"))
	}
	if errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, ErrDecode) || errors.Is(err, ErrBodyTooLarge) {
		return r.stopped(RotateCreate, r.old.ID, err, r.revokeLost(ctx, want.Name)...)
	}
	return r.stopped(RotateCreate, r.old.ID, err)
}

// revokeLost looks for tokens of the name and revokes them; it returns what
// remains to be done by hand. One that is not there may still appear: the
// request that made it may be under way.
func (r *rotation) revokeLost(ctx context.Context, name string) (remains []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	tokens, err := r.before.Tokens.List(ctx, nil)
	if err != nil {
		return []string{fmt.Sprintf("a token named %q may exist: revoke it", name)}
	}
	found := false
	for _, token := range tokens {
		if token.Name != name {
			continue
		}
		found = true
		if token.Status == TokenRevoked {
			continue
		}
		if err := r.before.Tokens.RevokeAny(ctx, token.ID); err != nil {
			remains = append(remains, fmt.Sprintf("revoke token %s (%q)", token.ID, name))
		}
	}
	if !found {
		remains = append(remains, fmt.Sprintf("no token named %q exists yet: if one appears, revoke it", name))
	}
	return remains
}

// rollBack stores the old secret again and then revokes the new token. If the
// store cannot be set right the new token stays valid: it may be what the store
// holds, and a program that starts again must not be locked out.
func (r *rotation) rollBack(ctx context.Context, step RotationStep, cause error) error {
	ctx = context.WithoutCancel(ctx)
	if err := r.storeOld(ctx); err != nil {
		return r.stopped(step, r.old.ID, cause, fmt.Sprintf(
			"the store may hold the secret of the new token %s (%q): put that of %s back, then revoke %s", r.fresh.ID, r.fresh.Name, r.old.ID, r.fresh.ID))
	}
	ctx, cancel := context.WithTimeout(ctx, cleanUpTime)
	defer cancel()
	if err := r.before.Tokens.RevokeAny(ctx, r.fresh.ID); err != nil {
		return r.stopped(step, r.old.ID, cause, fmt.Sprintf("revoke the new token %s (%q)", r.fresh.ID, r.fresh.Name))
	}
	return r.stopped(step, r.old.ID, cause)
}

func (r *rotation) storeOld(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cleanUpTime)
	defer cancel()
	return r.options.Store(ctx, CreatedToken{Token: r.old, Secret: r.secret})
}

// randomEnding is what an earlier rotation added to the name. It begins with a
// digit, so that a name's own last word is not taken for one.
var randomEnding = regexp.MustCompile(`-[2-7][a-z2-7]{9}$`)

// newName is the old name with another random ending.
func (r *rotation) newName() string {
	base := r.options.Name
	if base == "" {
		base = r.old.Name
	}
	base = randomEnding.ReplaceAllString(base, "")
	text := strings.ToLower(rand.Text())
	ending := "-" + string('2'+text[0]%6) + text[1:10]
	for utf8.RuneCountInString(base)+len(ending) > 100 {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	return base + ending
}

func pauseUntil(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	return pauseFor(ctx, d)
}
