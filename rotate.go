package hoster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultTokenLife is the guide's rotation age: 90 days.
const DefaultTokenLife = 90 * 24 * time.Hour

// RotateOptions shape a rotation. Store is required.
type RotateOptions struct {
	// Store keeps the new secret where the program finds it when it starts
	// again. If it fails, nothing is switched. Should the new token turn out not
	// to work, Store is called again with the old one.
	Store func(ctx context.Context, token CreatedToken) error

	Name        string         // without it the old token's, with a new random ending
	Scopes      []Scope        // without them the old token's
	IPAllowlist Opt[[]string]  // without it the old token's
	ExpiresAt   Opt[time.Time] // without it in 90 days, or when the old one does; null never
	Overlap     time.Duration  // how long both tokens are valid
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
// that works: InUse. CleanUp lists what else exists, or may exist, and is not
// needed.
type RotationError struct {
	Step    RotationStep
	InUse   TokenID
	CleanUp []string // each in words, with the token's id or name
	Err     error
}

// Error says at which step it stopped, what is in use and what to clean up.
func (e *RotationError) Error() string {
	text := fmt.Sprintf("hoster: rotation stopped at %q: %v", e.Step, e.Err)
	if e.InUse != "" {
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
// A token cannot create one that outlives it: that of a token with an expiry
// expires with it at the latest. Rotating changes the secret then, and a later
// expiry needs a token from the portal.
//
// Calls go on meanwhile and none fails for it: the old token is revoked after
// every attempt that carries it has its answer. When anything fails, or the
// context ends, the error is a [RotationError] and says what exists now.
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
	r := &rotation{service: s, source: source, options: options}
	r.secret, _ = source.Token(ctx)
	if err := r.run(ctx); err != nil {
		return Rotation{}, err
	}
	return Rotation{Old: r.old, New: r.fresh.Token}, nil
}

// rotation is one run of Rotate.
type rotation struct {
	service *TokensService
	source  *RotatingToken
	options RotateOptions
	secret  Secret // the old one
	old     Token
	fresh   CreatedToken
}

func (r *rotation) run(ctx context.Context) error {
	var err error
	if r.old, err = r.service.Current(ctx); err != nil {
		return r.stopped(RotateRead, "", err)
	}
	if err := r.create(ctx); err != nil {
		return err
	}
	if err := r.options.Store(ctx, r.fresh); err != nil {
		return r.rollBack(ctx, RotateStore, err)
	}
	next, err := r.service.client.withToken(r.fresh.Secret)
	if err == nil {
		err = next.Verify(ctx)
	}
	if err != nil {
		return r.rollBack(ctx, RotateVerify, err)
	}
	if err := r.source.Replace(ctx, r.fresh.Secret); err != nil {
		return r.stopped(RotateSwitch, r.fresh.ID, err, r.oldRemains())
	}
	if err := pauseUntil(ctx, r.options.Overlap); err != nil {
		return r.stopped(RotateRevoke, r.fresh.ID, err, r.oldRemains())
	}
	if err := r.service.Revoke(ctx, r.old.ID, WithSelfRevoke()); err != nil {
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

// create makes the new token. Its name is found again if the answer is lost;
// then the token is revoked, for its secret is lost too.
func (r *rotation) create(ctx context.Context) error {
	want := TokenCreate{Name: r.newName(), Scopes: r.options.Scopes, ExpiresAt: r.options.ExpiresAt, IPAllowlist: r.options.IPAllowlist}
	if want.Scopes == nil {
		want.Scopes = r.old.Scopes
	}
	if want.ExpiresAt.IsZero() {
		expiry := time.Now().Add(DefaultTokenLife).Truncate(time.Second)
		if own := r.old.ExpiresAt; own != nil && own.Before(expiry) {
			expiry = *own // no token may create one that outlives it
		}
		want.ExpiresAt = Set(expiry)
	}
	if want.IPAllowlist.IsZero() && len(r.old.IPAllowlist) > 0 {
		want.IPAllowlist = Set(r.old.IPAllowlist)
	}
	if want.ExpiresAt.IsNull() {
		want.ExpiresAt = Opt[time.Time]{}
	}
	created, err := r.service.Create(ctx, want)
	if err == nil && (created.Secret.IsZero() || created.ID == "") {
		err = errors.Join(ErrDecode, errors.New("the new token came without id or secret"))
	}
	if err == nil {
		r.fresh = created
		return nil
	}
	var answered *Error
	if errors.Is(err, ErrOutcomeUnknown) || errors.As(err, &answered) && answered.Applied || errors.Is(err, ErrDecode) {
		return r.stopped(RotateCreate, r.old.ID, err, r.revokeLost(ctx, want.Name)...)
	}
	return r.stopped(RotateCreate, r.old.ID, err)
}

// revokeLost looks for tokens of the name and revokes them; it returns what
// remains to be done by hand.
func (r *rotation) revokeLost(ctx context.Context, name string) (remains []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	tokens, err := r.service.List(ctx, nil)
	if err != nil {
		return []string{fmt.Sprintf("a token named %q may exist: revoke it", name)}
	}
	for _, token := range tokens {
		if token.Name != name || token.Status == TokenRevoked {
			continue
		}
		if err := r.service.Revoke(ctx, token.ID, WithSelfRevoke()); err != nil {
			remains = append(remains, fmt.Sprintf("revoke token %s (%q)", token.ID, name))
		}
	}
	return remains
}

// rollBack revokes the new token and, if its secret was stored, stores the old
// one again.
func (r *rotation) rollBack(ctx context.Context, step RotationStep, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	var cleanUp []string
	if step != RotateStore {
		if err := r.options.Store(ctx, CreatedToken{Token: r.old, Secret: r.secret}); err != nil {
			cleanUp = append(cleanUp, "the store holds the secret of the new token, put that of the old one back")
		}
	}
	if err := r.service.Revoke(ctx, r.fresh.ID, WithSelfRevoke()); err != nil {
		cleanUp = append(cleanUp, fmt.Sprintf("revoke the new token %s (%q)", r.fresh.ID, r.fresh.Name))
	}
	return r.stopped(step, r.old.ID, cause, cleanUp...)
}

var randomEnding = regexp.MustCompile(`-[a-z0-9]{10}$`)

// newName is the old name with another random ending.
func (r *rotation) newName() string {
	base := r.options.Name
	if base == "" {
		base = randomEnding.ReplaceAllString(r.old.Name, "")
	}
	ending := "-" + strings.ToLower(rand.Text()[:10])
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

// withToken is a view of the client that sends another token: same transport,
// same limits.
func (c *Client) withToken(token Secret) (*Client, error) {
	source, err := StaticToken(token.Reveal())
	if err != nil {
		return nil, err
	}
	bearer := *c.http.Transport.(*bearerTransport)
	bearer.source = source
	client := *c.http
	client.Transport = &bearer
	view := &Client{
		base: c.base, http: &client, source: source, transport: c.transport, traceable: c.traceable,
		userAgent: c.userAgent, retry: c.retry, gate: c.gate, hooks: c.hooks, zones: c.zones, budget: c.budget, usage: c.usage,
	}
	view.assemble()
	return view, nil
}
