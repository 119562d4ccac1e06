package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// tokenShown is a token as the API shows it; with its secret only once.
type tokenShown struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Scopes      []string   `json:"scopes"`
	Status      string     `json:"status"`
	CreatedAt   time.Time  `json:"created_at"`
	LastUsedAt  *time.Time `json:"last_used_at"`
	ExpiresAt   *time.Time `json:"expires_at"`
	IPAllowlist []string   `json:"ip_allowlist"`
	Prefix      string     `json:"prefix"`
	Secret      string     `json:"secret,omitempty"`
}

func (t *Token) shown(now time.Time) tokenShown {
	return tokenShown{t.ID, t.Name, t.Scopes, t.Status(now), t.CreatedAt, t.LastUsedAt, t.ExpiresAt, t.IPAllowlist, t.Prefix, ""}
}

// tag leaves the last use out: being used does not change a token.
func (t *Token) tag(now time.Time) string {
	shown := t.shown(now)
	shown.LastUsedAt = nil
	return tagOf(shown)
}

// tokenNamed finds the token with that id.
func (c *call) tokenNamed(id string) (*Token, *answer) {
	if t := c.st.Token(id); t != nil {
		return t, nil
	}
	return nil, notFound("token")
}

func listTokens(c *call) *answer {
	return list(c, c.st.Tokens, func(t *Token) tokenShown { return t.shown(c.now) })
}

func getToken(c *call) *answer { return c.showToken(c.params["id"]) }

func currentToken(c *call) *answer { return c.showToken(c.token.ID) }

func (c *call) showToken(id string) *answer {
	t, missing := c.tokenNamed(id)
	if missing != nil {
		return missing
	}
	return c.tagged(ok(t.shown(c.now)), t.tag(c.now))
}

func createToken(c *call) *answer {
	want := c.readToken()
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if beyond := beyondOwn(c.token, want); beyond != "" {
		return fail(http.StatusForbidden, "SCOPE_ESCALATION", beyond)
	}
	secret := want.mint(c.now)
	c.st.addToken(want)
	c.wroteTo(want.ID)
	shown := want.shown(c.now)
	shown.Secret = secret
	return c.tagged(created(shown, "account", "tokens", want.ID), want.tag(c.now))
}

func revokeToken(c *call) *answer {
	t, missing := c.tokenNamed(c.params["id"])
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(t.tag(c.now)); changed != nil {
		return changed
	}
	if !t.Revoked {
		revoked := *t
		revoked.Revoked = true
		c.st.replaceToken(t, &revoked)
		c.wroteTo(t.ID)
	}
	return noContent()
}

// readToken reads and checks what a token is to be.
func (c *call) readToken() *Token {
	f := c.fields
	t := &Token{}
	var how input.Presence
	if t.Name, how = f.Text("name"); how == input.Absent {
		f.Fail("name", "is required")
	} else if n := utf8.RuneCountInString(t.Name); how == input.Given && (n < 1 || n > 100) {
		f.Fail("name", "must be 1 to 100 characters")
	}
	if t.Scopes, how = f.Texts("scopes"); how == input.Absent || how == input.Given && len(t.Scopes) == 0 {
		f.Fail("scopes", "must name at least one scope")
	}
	for i, scope := range t.Scopes {
		switch {
		case !slices.Contains(allScopes, scope):
			f.Fail("scopes", fmt.Sprintf("has the unknown scope %q", scope))
		case slices.Contains(t.Scopes[:i], scope):
			f.Fail("scopes", fmt.Sprintf("has the scope %q twice", scope))
		}
	}
	if expires, how := f.Timestamp("expires_at"); how == input.Given {
		if !expires.After(c.start) {
			f.Fail("expires_at", "must be in the future")
		}
		t.ExpiresAt = &expires
	}
	t.IPAllowlist, _ = f.Texts("ip_allowlist")
	for _, entry := range t.IPAllowlist {
		if _, ok := parsePrefix(entry); !ok {
			f.Fail("ip_allowlist", allowlistProblem)
			break
		}
	}
	return t
}

// beyondOwn says in what a new token would be allowed more than the token that
// creates it, or "".
func beyondOwn(own, want *Token) string {
	for _, scope := range want.Scopes {
		if !own.has(scope) {
			return "The new token may not have the scope " + scope + ": the token in use does not have it."
		}
	}
	if own.ExpiresAt != nil && (want.ExpiresAt == nil || want.ExpiresAt.After(*own.ExpiresAt)) {
		return "The new token may not outlive the token in use."
	}
	if len(own.IPAllowlist) == 0 {
		return ""
	}
	outside := func(entry string) bool { return !own.covers(entry) }
	if len(want.IPAllowlist) == 0 || slices.ContainsFunc(want.IPAllowlist, outside) {
		return "The new token's allowlist must lie within that of the token in use."
	}
	return ""
}

// covers reports whether the whole entry lies in one range of the allowlist.
func (t *Token) covers(entry string) bool {
	want, ok := parsePrefix(entry)
	return ok && slices.ContainsFunc(t.IPAllowlist, func(own string) bool {
		have, ok := parsePrefix(own)
		return ok && within(have, want)
	})
}

func within(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// mint completes the token and returns its secret, of which only a hash stays.
func (t *Token) mint(now time.Time) (secret string) {
	t.ID = object.RandomID("tok_")
	t.CreatedAt = now.Truncate(time.Second)
	secret = newSecret()
	t.setSecret(secret)
	return secret
}

func (t *Token) setSecret(secret string) {
	t.hash = sha256.Sum256([]byte(secret))
	t.Prefix = secret[:min(8, len(secret))]
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const secretPrefix = "hst_"

// newSecret returns the prefix and 40 random characters.
func newSecret() string {
	secret := []byte(secretPrefix)
	for len(secret) < 44 {
		var raw [64]byte
		_, _ = rand.Read(raw[:]) // it never returns an error
		for _, b := range raw {
			// Bytes from 248 on would make some characters likelier.
			if b < 248 && len(secret) < 44 {
				secret = append(secret, base62[b%62])
			}
		}
	}
	return string(secret)
}

func (st *State) addToken(t *Token) {
	st.Tokens = append(st.Tokens, t)
	st.secrets[t.hash] = t
}

// replaceToken leaves the old token as it is, for a state that still shows it.
func (st *State) replaceToken(old, changed *Token) {
	if i := slices.Index(st.Tokens, old); i >= 0 {
		st.Tokens[i] = changed
	}
	st.secrets[changed.hash] = changed
}

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
