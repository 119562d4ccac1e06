//go:build outside

package exporter_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
)

// promtool runs Debian's promtool, from the package prometheus.
func promtool(t *testing.T, in string, args ...string) {
	t.Helper()
	command := exec.Command("promtool", args...)
	command.Stdin = strings.NewReader(in)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %v: %v\n%s", args, err, out)
	}
}

func TestPromtool(t *testing.T) {
	_, e := start(t)
	if err := e.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	promtool(t, scrape(e), "check", "metrics")
	promtool(t, "", "check", "rules", "alerts.yml")
	promtool(t, "", "test", "rules", "alerts_test.yml")
	// A control, so that a yes means something.
	if err := exec.Command("promtool", "test", "rules", "alerts.yml").Run(); err == nil {
		t.Error("promtool takes rules for a test of rules")
	}
}
