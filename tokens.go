package hoster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// TokensService lists, creates and revokes API tokens. Not every provider
// offers that over the API: then its calls match [ErrNotSupported], and tokens
// are managed in the portal under Account Settings > API Access.
type TokensService struct{ service }

// TokenID names a token. It is not the secret.
type TokenID string

// TokenStatus is the state of a token.
type TokenStatus string

// Known values; new ones can appear.
const (
	TokenStatusActive  TokenStatus = "active"
	TokenStatusExpired TokenStatus = "expired"
	TokenStatusRevoked TokenStatus = "revoked"
)

// Token describes a token. It never holds the secret, which exists only in
// [CreatedToken].
type Token struct {
	ID          TokenID     `json:"id" read:"required"`
	Name        string      `json:"name"`
	Scopes      []Scope     `json:"scopes"`
	Status      TokenStatus `json:"status"`
	CreatedAt   time.Time   `json:"created_at"`
	LastUsedAt  *time.Time  `json:"last_used_at"` // nil: never used
	ExpiresAt   *time.Time  `json:"expires_at"`   // nil: never expires
	IPAllowlist []string    `json:"ip_allowlist"` // addresses and CIDR ranges; empty: from everywhere
	Prefix      string      `json:"prefix"`       // the secret's first characters, to recognise it by
}

func (t Token) key() string { return string(t.ID) }

// CreatedToken is a new token with its secret, which is shown this one time.
type CreatedToken struct {
	Token
	Secret Secret `json:"secret" read:"required"`
}

// TokenCreate describes a new token: give it the least that its program needs.
type TokenCreate struct {
	Name        string         `json:"name"`                  // 1 to 100 characters
	Scopes      []Scope        `json:"scopes"`                // at least one
	ExpiresAt   Opt[time.Time] `json:"expires_at,omitzero"`   // in the future
	IPAllowlist Opt[[]string]  `json:"ip_allowlist,omitzero"` // addresses or CIDR ranges
}

// TokenListOptions page through tokens.
type TokenListOptions struct {
	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}

// List returns all tokens, revoked ones too, oldest first. It needs
// [ScopeAccountRead].
func (s *TokensService) List(ctx context.Context, options *TokenListOptions, opts ...CallOption) ([]Token, error) {
	return list[Token](ctx, s.client, opTokensList, request{query: options}, opts)
}

// All walks the tokens page by page. It needs [ScopeAccountRead].
// An error ends the walk and comes as the second variable; what came before it is
// good.
func (s *TokensService) All(ctx context.Context, options *TokenListOptions, opts ...CallOption) iter.Seq2[Token, error] {
	return listAll[Token](ctx, s.client, opTokensList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeAccountRead].
func (s *TokensService) ListPage(ctx context.Context, options *TokenListOptions, opts ...CallOption) (Page[Token], error) {
	return listPage[Token](ctx, s.client, opTokensList, request{query: options}, opts)
}

// Get returns one token. It needs [ScopeAccountRead].
func (s *TokensService) Get(ctx context.Context, id TokenID, opts ...CallOption) (Token, error) {
	return do[Token](ctx, s.client, opTokensGet, request{path: []string{string(id)}}, opts)
}

// Current returns the token that makes the call. It needs no scope, so it is
// the cheapest check that a token works.
func (s *TokensService) Current(ctx context.Context, opts ...CallOption) (Token, error) {
	var sent Secret
	token, err := do[Token](ctx, s.client, opTokensCurrent, request{}, append(opts[:len(opts):len(opts)], withTokenSent(&sent)))
	if err == nil {
		s.client.usage.remember(sent, token)
	}
	return token, err
}

// Create makes a token and returns its secret, which cannot be had again: store
// it at once. It needs [ScopeAccountWrite]. A token can only create tokens whose
// scopes it has itself, that expire no later, and whose allowlist lies within
// its own; else the error is a [ForbiddenError] with reason escalation.
//
// After an error that matches [ErrOutcomeUnknown] look by [Settle] for the name in
// List and revoke what was made: its secret is lost.
func (s *TokensService) Create(ctx context.Context, token TokenCreate, opts ...CallOption) (CreatedToken, error) {
	if err := s.guardScopes(ctx, token); err != nil {
		return CreatedToken{}, err
	}
	return do[CreatedToken](ctx, s.client, opTokensCreate, request{body: token}, opts)
}

// ErrSelfRevoke refuses to revoke the token that makes the call. Nothing has
// been revoked. [TokensService.RevokeAny] is the method for that.
var ErrSelfRevoke = errors.New("hoster: the token to revoke is the one in use")

// Revoke ends a token at once and for good. It needs [ScopeAccountWrite].
// Revoking it again is success. The token in use is refused with
// [ErrSelfRevoke]: to know it, the client first asks for its own token.
func (s *TokensService) Revoke(ctx context.Context, id TokenID, opts ...CallOption) error {
	if _, _, err := fillPath(opTokensRevoke, []string{string(id)}); err != nil {
		return err
	}
	own, err := s.Current(ctx)
	switch {
	case errors.Is(err, ErrNotSupported): // then nothing is guarded, and anything may be revoked
	case err != nil:
		return err
	case own.ID == id:
		return ErrSelfRevoke
	}
	return s.RevokeAny(ctx, id, opts...)
}

// RevokeAny is Revoke without the question which token is in use: it revokes
// that one too, after which every call with it is refused with 401.
func (s *TokensService) RevokeAny(ctx context.Context, id TokenID, opts ...CallOption) error {
	return discard(do[noData](ctx, s.client, opTokensRevoke, request{path: []string{string(id)}}, opts))
}

// guardScopes refuses scopes that the token in use does not have itself, as far
// as the client knows them from an earlier Current.
func (s *TokensService) guardScopes(ctx context.Context, token TokenCreate) error {
	if !s.client.usage.knowsSelf() {
		return nil
	}
	secret, err := s.client.source.token(ctx)
	if err != nil {
		return err
	}
	own, known := s.client.usage.own(secret)
	if more := beyond(token.Scopes, own.Scopes); known && len(more) > 0 {
		return &ArgumentError{Operation: opTokensCreate.name, Field: "scopes", Expected: "scopes that the token in use has itself, which lacks " + joinScopes(more)}
	}
	return nil
}

// prepare checks the request before it is sent.
func (t TokenCreate) prepare(op Operation, _ string) (any, error) {
	refuse := func(field, expected string) (any, error) {
		return nil, &ArgumentError{Operation: op, Field: field, Expected: expected}
	}
	if n := utf8.RuneCountInString(t.Name); n < 1 || n > 100 {
		return refuse("name", "1 to 100 characters")
	}
	if len(t.Scopes) == 0 {
		return refuse("scopes", "at least one scope")
	}
	for i, s := range t.Scopes {
		if s == "" {
			return refuse(fmt.Sprintf("scopes.%d", i), "a scope that is not empty")
		}
	}
	allowlist, _ := t.IPAllowlist.Get()
	for i, entry := range allowlist {
		_, addrErr := netip.ParseAddr(entry)
		_, rangeErr := netip.ParsePrefix(entry)
		if addrErr != nil && rangeErr != nil {
			return refuse(fmt.Sprintf("ip_allowlist.%d", i), "an IP address or a CIDR range")
		}
	}
	return t, nil
}

// usage records what a client was used for, and what it knows of its token.
type usage struct {
	mu         sync.Mutex
	operations map[Operation]Scope
	self       Token  // of the token in use, as far as it was read
	selfOf     Secret // which token that was
}

func (u *usage) record(op *operation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.operations == nil {
		u.operations = map[Operation]Scope{}
	}
	name := op.name
	if op.foreign { // calls of the caller's own differ by their scope alone
		name += Operation(" " + string(op.scope))
	}
	u.operations[name] = op.scope
}

// remember keeps what the API said of a token.
func (u *usage) remember(secret Secret, token Token) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.self, u.selfOf = token, secret
}

func (u *usage) knowsSelf() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.selfOf.IsZero()
}

// own returns what is known of the token with this secret. A provider that does
// not say its scopes leaves it unknown.
func (u *usage) own(secret Secret) (Token, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.self, len(u.self.Scopes) > 0 && !u.selfOf.IsZero() && u.selfOf.Equal(secret)
}

// UsedOperations returns the operations that were called through this client
// so far, by name.
func (c *Client) UsedOperations() []Operation {
	c.usage.mu.Lock()
	defer c.usage.mu.Unlock()
	var used []Operation
	for name := range c.usage.operations {
		if byName()[name] == nil {
			name = "Call"
		}
		used = append(used, name)
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// UsedScopes returns the smallest set of scopes that the calls made through
// this client so far need: what a token for this program should have, and no
// more.
func (c *Client) UsedScopes() []Scope {
	c.usage.mu.Lock()
	defer c.usage.mu.Unlock()
	needed := map[Scope]bool{}
	for _, scope := range c.usage.operations {
		needed[scope] = true
	}
	return orderedScopes(needed)
}

// ScopesFor returns the smallest set of scopes that calls of these methods need,
// such as ScopesFor("DNS.List", "DNS.AppendValues"). A method that makes several
// calls counts with all of them. A purchase whose price is looked up first has a
// name of its own, such as "Domains.Register with CheckPrice". A name that is no
// method of a service is an [ArgumentError].
func ScopesFor(operations ...Operation) ([]Scope, error) {
	needed := map[Scope]bool{}
	for _, name := range operations {
		calls := callsOf(name)
		if calls == nil {
			return nil, &ArgumentError{Field: "operation", Expected: "a name such as DNS.List, not " + strconv.Quote(string(name))}
		}
		for _, op := range calls {
			needed[op.scope] = true
		}
	}
	return orderedScopes(needed), nil
}

// orderedScopes is the set in the order of AllScopes, unknown scopes last.
func orderedScopes(set map[Scope]bool) []Scope {
	delete(set, "")
	scopes := []Scope{}
	for _, s := range AllScopes() {
		if set[s] {
			scopes = append(scopes, s)
			delete(set, s)
		}
	}
	var others []Scope
	for s := range set {
		others = append(others, s)
	}
	slices.Sort(others)
	return append(scopes, others...)
}

// beyond returns the scopes of want that are not in have.
func beyond(want, have []Scope) []Scope {
	var more []Scope
	for _, s := range want {
		if !slices.Contains(have, s) {
			more = append(more, s)
		}
	}
	return more
}
