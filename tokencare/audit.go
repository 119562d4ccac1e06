package tokencare

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster"
)

// AuditPolicy is what an audit holds tokens against. A zero field is its
// default; a negative duration turns its finding off.
type AuditPolicy struct {
	RotationAge   time.Duration // older is a finding; 90 days
	ExpiresWithin time.Duration // sooner is a finding; 14 days
	UnusedFor     time.Duration // longer is a finding; 30 days

	// Rotating holds names of tokens that rotate themselves, for which an expiry
	// would be the end: having none is no finding for them. Those that [Rotate]
	// created are known by their names.
	Rotating []string
}

const day = 24 * time.Hour

func (p AuditPolicy) withDefaults() AuditPolicy {
	for _, d := range []struct {
		field *time.Duration
		usual time.Duration
	}{{&p.RotationAge, 90 * day}, {&p.ExpiresWithin, 14 * day}, {&p.UnusedFor, 30 * day}} {
		if *d.field == 0 {
			*d.field = d.usual
		}
	}
	return p
}

// rotates reports whether the token is one of a line that rotates itself.
func (p AuditPolicy) rotates(t hoster.Token) bool {
	return isRotated(t.Name) || slices.ContainsFunc(p.Rotating, func(name string) bool { return line(name) == line(t.Name) })
}

// Severity is how urgent a finding is.
type Severity string

// The severities, most urgent first.
const (
	SeverityHigh   Severity = "high"
	SeverityMedium Severity = "medium"
	SeverityLow    Severity = "low"
)

var severities = []Severity{SeverityHigh, SeverityMedium, SeverityLow}

// Kind is what was found.
type Kind string

// What an audit finds.
const (
	KindTooOld         Kind = "too_old"         // than RotationAge
	KindNoExpiry       Kind = "no_expiry"       // and it does not rotate
	KindExpiresSoon    Kind = "expires_soon"    // within ExpiresWithin
	KindExpired        Kind = "expired"         // and not revoked
	KindNeverUsed      Kind = "never_used"      // since it was created
	KindUnused         Kind = "unused"          // for UnusedFor
	KindAllScopes      Kind = "all_scopes"      // more than any program needs
	KindUnneededScopes Kind = "unneeded_scopes" // write scopes of the client's own token that it did not use
	KindNoAllowlist    Kind = "no_allowlist"    // it works from every address
)

// Finding is something about a token that the provider's customer guide advises
// against.
type Finding struct {
	Kind     Kind           `json:"kind"`
	Severity Severity       `json:"severity"`
	Token    hoster.Token   `json:"token"`
	Scopes   []hoster.Scope `json:"scopes,omitempty"` // of KindUnneededScopes
}

// AuditReport is what an audit found, most urgent first.
type AuditReport struct {
	CheckedAt time.Time `json:"checked_at"`
	Tokens    int       `json:"tokens"` // that were looked at: all but the revoked
	Findings  []Finding `json:"findings"`
}

// MarshalJSON writes an empty list for no findings, not null.
func (r AuditReport) MarshalJSON() ([]byte, error) {
	type plain AuditReport
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	return json.Marshal(plain(r))
}

// Audit holds every token that is not revoked against the advice of the
// provider's customer guide. It needs [hoster.ScopeAccountRead]. What the
// client's own token could do without is judged by [hoster.Client.UsedScopes],
// so audit at the end of a program's work.
func Audit(ctx context.Context, client *hoster.Client, policy AuditPolicy) (AuditReport, error) {
	if client == nil {
		return AuditReport{}, &hoster.ArgumentError{Operation: "tokencare.Audit", Field: "client", Expected: "a client that is not nil"}
	}
	tokens, err := client.Tokens.List(ctx, nil)
	if err != nil {
		return AuditReport{}, err
	}
	own, err := client.Tokens.Current(ctx)
	if err != nil && !errors.Is(err, hoster.ErrNotSupported) {
		return AuditReport{}, err
	}
	a := auditor{policy: policy.withDefaults(), own: own.ID, used: client.UsedScopes(), report: AuditReport{CheckedAt: time.Now().UTC()}}
	for _, token := range tokens {
		if token.Status != hoster.TokenStatusRevoked {
			a.report.Tokens++
			a.look(token)
		}
	}
	slices.SortStableFunc(a.report.Findings, func(x, y Finding) int {
		return slices.Index(severities, x.Severity) - slices.Index(severities, y.Severity)
	})
	return a.report, nil
}

type auditor struct {
	policy AuditPolicy
	own    hoster.TokenID
	used   []hoster.Scope
	report AuditReport
}

// look goes through the guide's advice for one token.
func (a *auditor) look(t hoster.Token) {
	now := a.report.CheckedAt
	find := func(kind Kind, severity Severity, scopes ...hoster.Scope) {
		a.report.Findings = append(a.report.Findings, Finding{Kind: kind, Severity: severity, Token: t, Scopes: scopes})
	}
	if isExpired(t, now) {
		find(KindExpired, SeverityLow)
		return
	}
	if a.policy.RotationAge > 0 && !t.CreatedAt.IsZero() && now.Sub(t.CreatedAt) > a.policy.RotationAge {
		find(KindTooOld, SeverityHigh)
	}
	switch {
	case t.ExpiresAt == nil && !a.policy.rotates(t):
		find(KindNoExpiry, SeverityMedium)
	case t.ExpiresAt != nil && a.policy.ExpiresWithin > 0 && t.ExpiresAt.Sub(now) < a.policy.ExpiresWithin:
		find(KindExpiresSoon, SeverityHigh)
	}
	switch {
	case t.LastUsedAt == nil && t.ID != a.own:
		find(KindNeverUsed, SeverityMedium)
	case t.LastUsedAt != nil && a.policy.UnusedFor > 0 && now.Sub(*t.LastUsedAt) > a.policy.UnusedFor:
		find(KindUnused, SeverityMedium)
	}
	if len(without(hoster.AllScopes(), t.Scopes)) == 0 {
		find(KindAllScopes, SeverityHigh)
	}
	if spare := a.spare(t); len(spare) > 0 {
		find(KindUnneededScopes, SeverityMedium, spare...)
	}
	if len(t.IPAllowlist) == 0 {
		find(KindNoAllowlist, SeverityLow)
	}
}

// spare is which write scopes of the client's own token it did not use.
func (a *auditor) spare(t hoster.Token) []hoster.Scope {
	if t.ID != a.own || a.own == "" {
		return nil
	}
	return slices.DeleteFunc(without(t.Scopes, a.used), func(s hoster.Scope) bool { return !strings.HasSuffix(string(s), ":write") })
}
