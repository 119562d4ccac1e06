package tokencare_test

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
	"github.com/go-hoster/hoster/tokencare"
)

func newClient(t testing.TB, srv *hostertest.Server, secret string) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(secret))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// TestAudit makes a token for each finding, and some for none.
func TestAudit(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	day := 24 * time.Hour
	ago := func(days int) time.Time { return now.Add(-time.Duration(days) * day) }
	later := func(days int) *time.Time { t := now.Add(time.Duration(days) * day); return &t }
	used := func(days int) *time.Time { t := ago(days); return &t }
	scopes := []string{"dns:read"}
	address := []string{"127.0.0.1"}
	var all []string
	for _, s := range hoster.AllScopes() {
		all = append(all, string(s))
	}
	tokens := []struct {
		token sandbox.SeedToken
		want  []tokencare.Kind
	}{
		{sandbox.SeedToken{Name: "good", Scopes: scopes, CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(60), IPAllowlist: address}, nil},
		{sandbox.SeedToken{Name: "old", Scopes: scopes, CreatedAt: ago(91), LastUsedAt: used(1), ExpiresAt: later(60), IPAllowlist: address}, []tokencare.Kind{tokencare.KindTooOld}},
		{sandbox.SeedToken{Name: "endless", Scopes: scopes, CreatedAt: ago(1), LastUsedAt: used(1), IPAllowlist: address}, []tokencare.Kind{tokencare.KindNoExpiry}},
		{sandbox.SeedToken{Name: "service-2abcdefgh3", Scopes: scopes, CreatedAt: ago(89), LastUsedAt: used(1), IPAllowlist: address}, nil},
		{sandbox.SeedToken{Name: "stuck-2abcdefgh3", Scopes: scopes, CreatedAt: ago(91), LastUsedAt: used(1), IPAllowlist: address}, []tokencare.Kind{tokencare.KindTooOld}},
		{sandbox.SeedToken{Name: "first", Scopes: scopes, CreatedAt: ago(1), LastUsedAt: used(1), IPAllowlist: address}, nil},
		{sandbox.SeedToken{Name: "ends-2abcdefgh3", Scopes: scopes, CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(3), IPAllowlist: address}, []tokencare.Kind{tokencare.KindExpiresSoon}},
		{sandbox.SeedToken{Name: "gone", Scopes: scopes, CreatedAt: ago(30), LastUsedAt: used(9), ExpiresAt: later(-2), IPAllowlist: address}, []tokencare.Kind{tokencare.KindExpired}},
		{sandbox.SeedToken{Name: "never", Scopes: scopes, CreatedAt: ago(1), ExpiresAt: later(60), IPAllowlist: address}, []tokencare.Kind{tokencare.KindNeverUsed}},
		{sandbox.SeedToken{Name: "forgotten", Scopes: scopes, CreatedAt: ago(60), LastUsedAt: used(31), ExpiresAt: later(60), IPAllowlist: address}, []tokencare.Kind{tokencare.KindUnused}},
		{sandbox.SeedToken{Name: "mighty", Scopes: all, CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(60), IPAllowlist: address}, []tokencare.Kind{tokencare.KindAllScopes}},
		{sandbox.SeedToken{Name: "open", Scopes: scopes, CreatedAt: ago(1), LastUsedAt: used(1), ExpiresAt: later(60)}, []tokencare.Kind{tokencare.KindNoAllowlist}},
		{sandbox.SeedToken{Name: "everything", Scopes: all, CreatedAt: ago(99)}, []tokencare.Kind{tokencare.KindTooOld, tokencare.KindAllScopes, tokencare.KindNoExpiry, tokencare.KindNeverUsed, tokencare.KindNoAllowlist}},
		{sandbox.SeedToken{Name: "revoked", Scopes: all, CreatedAt: ago(400), Status: "revoked"}, nil},
	}
	seed := sandbox.DefaultSeed()
	seed.Tokens = nil
	for _, c := range tokens {
		seed.Tokens = append(seed.Tokens, c.token)
	}
	srv := hostertest.New(t, sandbox.WithSeed(seed))
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "own", Scopes: []string{"account:read", "dns:write"}, ExpiresAt: now.Add(60 * day), IPAllowlist: address})
	client := newClient(t, srv, secret)
	report, err := tokencare.Audit(context.Background(), client, tokencare.AuditPolicy{Rotating: []string{"first"}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]tokencare.Kind{}
	for _, f := range report.Findings {
		found[f.Token.Name] = append(found[f.Token.Name], f.Kind)
		if f.Severity == "" || f.Token.ID == "" || (f.Scopes != nil) != (f.Kind == tokencare.KindUnneededScopes) {
			t.Errorf("incomplete: %+v", f)
		}
	}
	for _, c := range tokens {
		if !slices.Equal(found[c.token.Name], c.want) {
			t.Errorf("%s: %v, want %v", c.token.Name, found[c.token.Name], c.want)
		}
	}
	if got := found["own"]; !slices.Equal(got, []tokencare.Kind{tokencare.KindUnneededScopes}) {
		t.Errorf("own token: %v", got)
	}
	rank := map[tokencare.Severity]int{tokencare.SeverityHigh: 0, tokencare.SeverityMedium: 1, tokencare.SeverityLow: 2}
	if !slices.IsSortedFunc(report.Findings, func(a, b tokencare.Finding) int { return rank[a.Severity] - rank[b.Severity] }) {
		t.Error("the findings are not in the order of their severity")
	}
	var back tokencare.AuditReport
	encoded, err := json.Marshal(report)
	if err != nil || json.Unmarshal(encoded, &back) != nil || !reflect.DeepEqual(back, report) {
		t.Errorf("JSON: %s, %v", encoded, err)
	}
	relaxed, err := tokencare.Audit(context.Background(), client, tokencare.AuditPolicy{RotationAge: -1, ExpiresWithin: -1, UnusedFor: -1})
	if err != nil || slices.ContainsFunc(relaxed.Findings, func(f tokencare.Finding) bool {
		return f.Kind == tokencare.KindTooOld || f.Kind == tokencare.KindExpiresSoon || f.Kind == tokencare.KindUnused
	}) {
		t.Errorf("turned off, but: %v", relaxed)
	}
	if encoded, _ := json.Marshal(tokencare.AuditReport{}); !strings.Contains(string(encoded), `"findings":[]`) {
		t.Errorf("an empty report: %s", encoded)
	}
}

// TestAuditAgreesWithRotation: the token without an expiry that rotation needs,
// and every one that follows it, is no finding.
func TestAuditAgreesWithRotation(t *testing.T) {
	srv := hostertest.New(t)
	w, _ := newLine(t, srv)
	done, err := w.rotate()
	checkDone(t, srv, w, done, err)
	report, err := tokencare.Audit(context.Background(), w.client, tokencare.AuditPolicy{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Token.ID == done.New.ID && f.Kind != tokencare.KindUnneededScopes {
			t.Errorf("%s: %s", f.Token.Name, f.Kind)
		}
	}
}
