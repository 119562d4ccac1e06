package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
)

func TestAudit(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
	var table, encoded strings.Builder
	findings, err := run(context.Background(), nil, &table)
	if err != nil || findings == 0 || !strings.Contains(table.String(), "SEVERITY") {
		t.Errorf("%d findings, %v:\n%s", findings, err, table.String())
	}
	again, err := run(context.Background(), []string{"-json"}, &encoded)
	var report hoster.AuditReport
	if err != nil || json.Unmarshal([]byte(encoded.String()), &report) != nil || len(report.Findings) != again || again == 0 {
		t.Errorf("%d findings, %v:\n%s", again, err, encoded.String())
	}
	if _, err := run(context.Background(), []string{"-age", "0"}, &table); err == nil {
		t.Error("an age of 0 was accepted")
	}
}
