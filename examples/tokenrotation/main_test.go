package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/program"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func unset(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
}

var summary = regexp.MustCompile(`[1-9]\d* rotations, [1-9]\d* requests, 0 failed`)

func TestNoRequestFails(t *testing.T) {
	unset(t)
	before, _ := filepath.Glob(filepath.Join(os.TempDir(), "hoster-example-*"))
	var out strings.Builder
	if err := run(context.Background(), []string{"-every", "1s", "-for", "1500ms"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !summary.MatchString(out.String()) {
		t.Errorf("the summary:\n%s", out.String())
	}
	if after, _ := filepath.Glob(filepath.Join(os.TempDir(), "hoster-example-*")); len(after) > len(before) {
		t.Errorf("left behind: %v", after)
	}
}

// TestProvider: with the environment of a real provider the token stands in a
// file, which holds a new one in the end.
func TestProvider(t *testing.T) {
	unset(t)
	srv := hostertest.New(t)
	_, first := srv.MintToken(sandbox.TokenSpec{Name: "service", Scopes: []string{"domains:read", "account:read", "account:write"}})
	path := filepath.Join(t.TempDir(), "token")
	if err := hoster.WriteTokenFile(path, hoster.NewSecret(first)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", first)
	if err := run(context.Background(), nil, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "API_TOKEN_FILE") {
		t.Errorf("without a file: %v", err)
	}
	t.Setenv("API_TOKEN_FILE", path)
	var out strings.Builder
	if err := run(context.Background(), []string{"-every", "1s", "-for", "1500ms"}, &out); err != nil || !summary.MatchString(out.String()) {
		t.Fatalf("%v\n%s", err, out.String())
	}
	kept, err := hoster.TokenFromFile(path).Token(context.Background())
	if err != nil || kept.Reveal() == first || strings.Contains(out.String(), kept.Reveal()) {
		t.Errorf("the secret is not kept, or printed: %v", err)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-every", "0s"}, {"-every", "900ms"}, {"-for", "-1s"}, {"-nonsense"}, {"more"}} {
		var usage *program.UsageError
		if err := run(context.Background(), args, &strings.Builder{}); !errors.As(err, &usage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
