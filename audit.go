package hoster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-hoster/hoster/internal/printable"
)

// AuditPolicy is what an audit holds tokens against. A zero field is its
// default; a negative duration turns its finding off.
type AuditPolicy struct {
	RotationAge   time.Duration // older is a finding; 90 days
	ExpiresWithin time.Duration // sooner is a finding; 14 days
	UnusedFor     time.Duration // longer is a finding; 30 days
}

func (p AuditPolicy) withDefaults() AuditPolicy {
	day := 24 * time.Hour
	for _, d := range []struct {
		field *time.Duration
		usual time.Duration
	}{{&p.RotationAge, DefaultTokenLife}, {&p.ExpiresWithin, 14 * day}, {&p.UnusedFor, 30 * day}} {
		if *d.field == 0 {
			*d.field = d.usual
		}
	}
	return p
}

// Severity is how urgent a finding is.
type Severity string

// The severities, most urgent first.
const (
	SeverityHigh   Severity = "high"
	SeverityMedium Severity = "medium"
	SeverityLow    Severity = "low"
)

// FindingKind is what was found.
type FindingKind string

// What an audit finds.
const (
	FindingTooOld         FindingKind = "older than the rotation age"
	FindingNoExpiry       FindingKind = "no expiry"
	FindingExpiresSoon    FindingKind = "expires soon"
	FindingExpired        FindingKind = "expired but present"
	FindingNeverUsed      FindingKind = "never used"
	FindingUnused         FindingKind = "unused"
	FindingAllScopes      FindingKind = "all scopes"
	FindingUnneededScopes FindingKind = "write scopes that the program did not use"
	FindingNoAllowlist    FindingKind = "no IP allowlist"
)

// Finding is something about a token that the customer guide advises against.
type Finding struct {
	TokenID  TokenID     `json:"token_id"`
	Token    string      `json:"token"` // its name
	Kind     FindingKind `json:"finding"`
	Severity Severity    `json:"severity"`
	Detail   string      `json:"detail"`
	Advice   string      `json:"advice"`
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

// String is the report as a table.
func (r AuditReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d tokens, %d findings\n", r.Tokens, len(r.Findings))
	if len(r.Findings) == 0 {
		return b.String()
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SEVERITY\tTOKEN\tFINDING\tDETAIL\tADVICE")
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Severity, printable.Piece(f.Token), f.Kind, printable.Piece(f.Detail), f.Advice)
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

// Audit holds every token that is not revoked against the customer guide's
// advice. It needs [ScopeAccountRead]. What the client's own token could do
// without is judged by [Client.UsedScopes], so audit at the end of a program's
// work.
func (s *TokensService) Audit(ctx context.Context, policy AuditPolicy, opts ...CallOption) (AuditReport, error) {
	tokens, err := s.List(ctx, nil, opts...)
	if err != nil {
		return AuditReport{}, err
	}
	auditor := auditor{policy: policy.withDefaults(), report: AuditReport{CheckedAt: time.Now().UTC()}}
	own, err := s.Current(ctx, opts...)
	if err != nil && !errors.Is(err, ErrNotSupported) {
		return AuditReport{}, err
	}
	auditor.own, auditor.used = own.ID, s.client.UsedScopes()
	for _, token := range tokens {
		if token.Status != TokenRevoked {
			auditor.report.Tokens++
			auditor.look(token)
		}
	}
	slices.SortStableFunc(auditor.report.Findings, func(a, b Finding) int {
		return slices.Index(severities, a.Severity) - slices.Index(severities, b.Severity)
	})
	return auditor.report, nil
}

var severities = []Severity{SeverityHigh, SeverityMedium, SeverityLow}

type auditor struct {
	policy AuditPolicy
	own    TokenID
	used   []Scope
	report AuditReport
}

// look goes through the guide's advice for one token.
func (a *auditor) look(t Token) {
	now := a.report.CheckedAt
	find := func(kind FindingKind, severity Severity, detail, advice string) {
		a.report.Findings = append(a.report.Findings, Finding{t.ID, t.Name, kind, severity, detail, advice})
	}
	expired := t.Status == TokenExpired || t.ExpiresAt != nil && !t.ExpiresAt.After(now)
	if expired {
		find(FindingExpired, SeverityLow, when(t.ExpiresAt), "Revoke it: it is of no use any more.")
		return
	}
	age := now.Sub(t.CreatedAt)
	if a.policy.RotationAge > 0 && !t.CreatedAt.IsZero() && age > a.policy.RotationAge {
		find(FindingTooOld, SeverityHigh, days(age)+" old", "Generate a new token every "+days(a.policy.RotationAge)+", and revoke the old one after the new one works.")
	}
	switch {
	case t.ExpiresAt == nil:
		find(FindingNoExpiry, SeverityMedium, "", "Use an expiration date when creating tokens.")
	case a.policy.ExpiresWithin > 0 && t.ExpiresAt.Sub(now) < a.policy.ExpiresWithin:
		find(FindingExpiresSoon, SeverityHigh, when(t.ExpiresAt), "Create its successor in the portal, or with a token that outlives it: a token cannot create one that expires later than itself.")
	}
	switch {
	case t.LastUsedAt == nil && t.ID != a.own:
		find(FindingNeverUsed, SeverityMedium, "created "+when(&t.CreatedAt), "Revoke it if nothing needs it.")
	case t.LastUsedAt != nil && a.policy.UnusedFor > 0 && now.Sub(*t.LastUsedAt) > a.policy.UnusedFor:
		find(FindingUnused, SeverityMedium, "last used "+when(t.LastUsedAt), "Investigate, and revoke it if nothing needs it.")
	}
	if len(beyond(AllScopes(), t.Scopes)) == 0 {
		find(FindingAllScopes, SeverityHigh, "", "Create tokens with only the permissions they need.")
	}
	if spare := a.spare(t); len(spare) > 0 {
		find(FindingUnneededScopes, SeverityMedium, joinScopes(spare), "Create tokens with only the permissions they need.")
	}
	if len(t.IPAllowlist) == 0 {
		find(FindingNoAllowlist, SeverityLow, "", "Restrict tokens of production systems to specific IP addresses.")
	}
}

// spare is which write scopes of the client's own token it did not use.
func (a *auditor) spare(t Token) []Scope {
	if t.ID != a.own || a.own == "" {
		return nil
	}
	var writes []Scope
	for _, s := range t.Scopes {
		if strings.HasSuffix(string(s), ":write") {
			writes = append(writes, s)
		}
	}
	return beyond(writes, a.used)
}

func when(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func days(d time.Duration) string {
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
