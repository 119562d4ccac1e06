package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestNoRequestFails(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
	file := filepath.Join(t.TempDir(), "token")
	var out strings.Builder
	if err := run(context.Background(), []string{"-every", "200ms", "-for", "1500ms", "-store", file}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !regexp.MustCompile(`[1-9]\d* rotations, [1-9]\d* requests, 0 failed`).MatchString(out.String()) {
		t.Errorf("the summary:\n%s", out.String())
	}
	kept, err := os.ReadFile(file)
	if err != nil || len(kept) == 0 || strings.Contains(out.String(), string(kept)) {
		t.Errorf("the secret is not kept, or printed: %v", err)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-every", "0s"}, {"-for", "-1s"}, {"-nonsense"}} {
		if err := run(context.Background(), args, &strings.Builder{}); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
