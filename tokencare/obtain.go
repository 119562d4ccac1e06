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
	return t.Status != hoster.TokenStatusRevoked && !isExpired(t, time.Now())
}

func isExpired(t hoster.Token, now time.Time) bool {
	return t.Status == hoster.TokenStatusExpired || t.ExpiresAt != nil && !t.ExpiresAt.After(now)
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
