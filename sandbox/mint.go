package sandbox

import (
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// TokenSpec describes a token for [Server.MintToken].
type TokenSpec struct {
	Name        string
	Scopes      []string
	ExpiresAt   time.Time // zero: never
	IPAllowlist []string  // addresses and CIDR ranges; empty: any address
}

// MintToken makes a token without a request and returns its id and its secret.
// The spec is taken as it stands; in particular it may lie in the past.
func (s *Server) MintToken(spec TokenSpec) (id, secret string) {
	t := &Token{
		Name:        spec.Name,
		Scopes:      append([]string{}, spec.Scopes...),
		IPAllowlist: append([]string{}, spec.IPAllowlist...),
	}
	if !spec.ExpiresAt.IsZero() {
		t.ExpiresAt = new(spec.ExpiresAt.UTC())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	secret = t.mint(s.clock().UTC())
	s.state.addToken(t)
	return t.ID, secret
}

// RootToken returns the secret of the root token, which has all eight scopes,
// no expiry and no allowlist. It is random, and kept in clear only here.
func (s *Server) RootToken() string { return s.rootToken }

// seedRootToken adds the root token as the oldest one.
func (s *Server) seedRootToken(now time.Time) (secret string) {
	t := &Token{Name: "root", Scopes: slices.Clone(allScopes), IPAllowlist: []string{}}
	secret = t.mint(now)
	if tokens := s.state.Tokens; len(tokens) > 0 && tokens[0].CreatedAt.Before(t.CreatedAt) {
		t.CreatedAt = tokens[0].CreatedAt
	}
	s.state.addToken(t)
	last := len(s.state.Tokens) - 1
	s.state.Tokens = append([]*Token{t}, s.state.Tokens[:last]...)
	return secret
}

// token makes the token that a seed describes.
func (t SeedToken) token(now time.Time) *Token {
	made := &Token{
		ID: t.ID, Name: t.Name, Scopes: slices.Clone(t.Scopes),
		Revoked:   t.Status == "revoked",
		CreatedAt: t.CreatedAt, LastUsedAt: object.Copied(t.LastUsedAt), ExpiresAt: object.Copied(t.ExpiresAt),
		IPAllowlist: slices.Clone(t.IPAllowlist),
	}
	if t.Status == "expired" && made.ExpiresAt == nil {
		made.ExpiresAt = new(now.Add(-24 * time.Hour))
	}
	secret := t.Secret
	if secret == "" {
		secret = newSecret()
	}
	made.setSecret(secret)
	return made
}
