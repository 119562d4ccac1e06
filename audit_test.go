package hoster_test

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestAudit makes a token for each finding.
func TestAudit(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	day := 24 * time.Hour
	ago := func(days int) time.Time { return now.Add(-time.Duration(days) * day) }
	later := func(days int) *time.Time { t := now.Add(time.Duration(days) * day); return &t }
	used := func(days int) *time.Time { t := ago(days); return &t }
	tokens := map[hoster.FindingKind]sandbox.SeedToken{
		"nothing":                  {CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(60)},
		hoster.FindingTooOld:       {CreatedAt: ago(91), LastUsedAt: used(1), ExpiresAt: later(60)},
		hoster.FindingNoExpiry:     {CreatedAt: ago(1), LastUsedAt: used(1)},
		hoster.FindingExpiresSoon:  {CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(3)},
		hoster.FindingExpired:      {CreatedAt: ago(30), LastUsedAt: used(9), ExpiresAt: later(-2)},
		hoster.FindingNeverUsed:    {CreatedAt: ago(1), ExpiresAt: later(60)},
		hoster.FindingUnused:       {CreatedAt: ago(60), LastUsedAt: used(31), ExpiresAt: later(60)},
		hoster.FindingAllScopes:    {CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(60)},
		hoster.FindingNoAllowlist:  {CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(60)},
		"revoked, which is nobody": {CreatedAt: ago(400), Status: "revoked"},
	}
	seed := sandbox.DefaultSeed()
	seed.Tokens = nil
	for kind, token := range tokens {
		token.Name, token.Scopes = string(kind), []string{"dns:read"}
		if kind != hoster.FindingNoAllowlist {
			token.IPAllowlist = []string{"127.0.0.1"}
		}
		if kind == hoster.FindingAllScopes {
			token.Scopes = nil
			for _, s := range hoster.AllScopes() {
				token.Scopes = append(token.Scopes, string(s))
			}
		}
		seed.Tokens = append(seed.Tokens, token)
	}
	srv := hostertest.New(t, sandbox.WithSeed(seed))
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: string(hoster.FindingUnneededScopes), Scopes: []string{"account:read", "dns:write"}, ExpiresAt: now.Add(60 * day), IPAllowlist: []string{"127.0.0.1"}})
	client := newTestClient(t, srv.URL(), secret)
	report, err := client.Tokens.Audit(context.Background(), hoster.AuditPolicy{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]hoster.FindingKind{}
	for _, f := range report.Findings {
		found[f.Token] = append(found[f.Token], f.Kind)
		if f.Severity == "" || f.Advice == "" || f.TokenID == "" {
			t.Errorf("incomplete: %+v", f)
		}
	}
	for kind := range tokens {
		want := []hoster.FindingKind{kind}
		if !strings.Contains(string(kind), " ") && kind != hoster.FindingUnused || strings.HasPrefix(string(kind), "revoked") {
			want = nil
		}
		if !slices.Equal(found[string(kind)], want) {
			t.Errorf("%s: %v", kind, found[string(kind)])
		}
	}
	if got := found[string(hoster.FindingUnneededScopes)]; !slices.Equal(got, []hoster.FindingKind{hoster.FindingUnneededScopes}) {
		t.Errorf("own token: %v", got)
	}
	if !slices.IsSortedFunc(report.Findings, func(a, b hoster.Finding) int {
		rank := map[hoster.Severity]int{hoster.SeverityHigh: 0, hoster.SeverityMedium: 1, hoster.SeverityLow: 2}
		return rank[a.Severity] - rank[b.Severity]
	}) {
		t.Error("the findings are not in the order of their severity")
	}
	text := report.String()
	if !strings.Contains(text, "SEVERITY") || strings.Count(text, "\n") != len(report.Findings)+2 {
		t.Errorf("the table:\n%s", text)
	}
	var back hoster.AuditReport
	encoded, err := json.Marshal(report)
	if err != nil || json.Unmarshal(encoded, &back) != nil || !reflect.DeepEqual(back, report) {
		t.Errorf("JSON: %s, %v", encoded, err)
	}
	relaxed, err := client.Tokens.Audit(context.Background(), hoster.AuditPolicy{RotationAge: -1, ExpiresWithin: -1, UnusedFor: -1})
	if err != nil || slices.ContainsFunc(relaxed.Findings, func(f hoster.Finding) bool {
		return f.Kind == hoster.FindingTooOld || f.Kind == hoster.FindingExpiresSoon || f.Kind == hoster.FindingUnused
	}) {
		t.Errorf("turned off, but: %v", relaxed)
	}
	if encoded, _ := json.Marshal(hoster.AuditReport{}); !strings.Contains(string(encoded), `"findings":[]`) || !strings.Contains(hoster.AuditReport{}.String(), "0 findings") {
		t.Errorf("an empty report: %s", encoded)
	}
}
