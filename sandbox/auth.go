package sandbox

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// allScopes are the contract's, in its order.
var allScopes = []string{
	"domains:read", "domains:write", "dns:read", "dns:write",
	"hosting:read", "hosting:write", "account:read", "account:write",
}

// Token is an API token. Only a hash of its secret is kept; use
// [Server.MintToken] to make one that can be used.
type Token struct {
	ID          string
	Name        string
	Scopes      []string
	Revoked     bool
	CreatedAt   time.Time
	LastUsedAt  *time.Time
	ExpiresAt   *time.Time
	IPAllowlist []string // addresses and CIDR ranges; empty: any address
	Prefix      string   // the first characters of the secret

	hash [sha256.Size]byte
}

// Status returns active, expired or revoked, as it is at that time.
func (t *Token) Status(now time.Time) string {
	switch {
	case t.Revoked:
		return "revoked"
	case t.ExpiresAt != nil && !now.Before(*t.ExpiresAt):
		return "expired"
	}
	return "active"
}

func (t *Token) has(scope string) bool { return slices.Contains(t.Scopes, scope) }

// allows reports whether the token may be used from the remote address of a
// connection. What a proxy says in a header is not looked at.
func (t *Token) allows(remote string) bool {
	if len(t.IPAllowlist) == 0 {
		return true
	}
	addrPort, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	addr := addrPort.Addr().Unmap().WithZone("")
	return slices.ContainsFunc(t.IPAllowlist, func(entry string) bool {
		prefix, ok := parsePrefix(entry)
		return ok && prefix.Contains(addr)
	})
}

const allowlistProblem = "must be an IP address or a CIDR range"

// parsePrefix reads an entry of an allowlist; an address is a range of one.
func parsePrefix(entry string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		return prefix, true
	}
	addr, err := netip.ParseAddr(entry)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

// authenticate finds the token that the request carries, or the 401 that it
// gets. The caller holds the lock.
func (s *Server) authenticate(r *http.Request, now time.Time) (*Token, *answer) {
	credentials := r.Header.Values("Authorization")
	if len(credentials) == 0 {
		return nil, unauthorized("UNAUTHORIZED", "")
	}
	secret, bearer := strings.CutPrefix(credentials[0], "Bearer ")
	if len(credentials) > 1 || !bearer || !isVisible(secret) {
		return nil, unauthorized("UNAUTHORIZED", "The Authorization header is malformed")
	}
	token := s.state.secrets[sha256.Sum256([]byte(secret))]
	if token == nil {
		return nil, unauthorized("TOKEN_INVALID", "The token is not known")
	}
	switch token.Status(now) {
	case "revoked":
		return nil, unauthorized("TOKEN_REVOKED", "The token was revoked")
	case "expired":
		return nil, unauthorized("TOKEN_EXPIRED", "The token has expired")
	}
	known := *token
	return &known, nil
}

// isVisible reports whether the text is at least one visible ASCII character
// and nothing else.
func isVisible(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return text != ""
}

// unauthorized is the 401 with the challenge of RFC 6750, which names an error
// only to a client that sent credentials.
func unauthorized(code, description string) *answer {
	message, challenge := "Credentials are required.", `Bearer realm="api"`
	if description != "" {
		message = description + "."
		challenge += `, error="invalid_token", error_description="` + description + `"`
	}
	a := fail(http.StatusUnauthorized, code, message)
	a.header.Set("WWW-Authenticate", challenge)
	return a
}

func lacksScope(scope string) *answer {
	a := fail(http.StatusForbidden, "INSUFFICIENT_PERMISSIONS", "The token lacks the scope "+scope+".")
	a.header.Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+scope+`"`)
	a.err.RequiredScopes = []string{scope}
	return a
}
