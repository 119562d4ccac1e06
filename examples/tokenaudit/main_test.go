package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/program"
	"github.com/go-hoster/hoster/tokencare"
)

func TestAudit(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
	var table, encoded strings.Builder
	err := run(context.Background(), nil, &table)
	if !errors.Is(err, program.ErrFindings) || !strings.Contains(table.String(), "SEVERITY") {
		t.Errorf("%v:\n%s", err, table.String())
	}
	err = run(context.Background(), []string{"-json"}, &encoded)
	var report tokencare.AuditReport
	if !errors.Is(err, program.ErrFindings) || json.Unmarshal([]byte(encoded.String()), &report) != nil || len(report.Findings) == 0 {
		t.Errorf("%v:\n%s", err, encoded.String())
	}
	if err := run(context.Background(), []string{"-age", "0"}, &table); err == nil {
		t.Error("an age of 0 was accepted")
	}
}

// TestTable: every kind has its advice, and nothing from outside breaks a line.
func TestTable(t *testing.T) {
	now := time.Date(2031, 5, 20, 0, 0, 0, 0, time.UTC)
	token := hoster.Token{Name: "evil\n\x1b[2J\u202e", CreatedAt: now.Add(-100 * day), LastUsedAt: &now, ExpiresAt: &now}
	report := tokencare.AuditReport{CheckedAt: now, Tokens: 1}
	for kind := range advice {
		report.Findings = append(report.Findings, tokencare.Finding{Kind: kind, Severity: tokencare.SeverityLow, Token: token, Scopes: []hoster.Scope{"x:write", "y:\twrite"}})
	}
	var out strings.Builder
	if err := table(&out, report); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e\t") || strings.Count(out.String(), "\n") != 2+len(advice) {
		t.Errorf("the table:\n%q", out.String())
	}
	for _, want := range []string{"100 days old", "expires 2031-05-20", "created 2031-02-09", "last used 2031-05-20", "[x:write y: write]", "no_allowlist"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := table(&out, tokencare.AuditReport{Tokens: 2}); err != nil || out.String() != "2 tokens, 0 findings\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
