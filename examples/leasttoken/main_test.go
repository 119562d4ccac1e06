package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func TestLeastToken(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	var out strings.Builder
	if err := run(context.Background(), []string{"-name", "the least"}, &out); err == nil || len(srv.Writes()) != 0 {
		t.Errorf("a secret with no place to go: %v", err)
	}
	path := filepath.Join(t.TempDir(), "token")
	if err := run(context.Background(), []string{"-name", "the least", "-file", path}, &out); err != nil {
		t.Fatal(err)
	}
	if secret, err := hoster.TokenFromFile(path).Token(context.Background()); err != nil || strings.Contains(out.String(), secret.Reveal()) {
		t.Errorf("the secret: %v\n%s", err, out.String())
	}
	var scopes string
	srv.View(func(s *sandbox.State) {
		for _, token := range s.Tokens {
			if token.Name == "the least" {
				scopes = strings.Join(token.Scopes, " ")
			}
		}
	})
	if scopes != "domains:read dns:read" {
		t.Errorf("the new token has %q:\n%s", scopes, out.String())
	}
	if err := run(context.Background(), []string{"-days", "0"}, &out); err == nil {
		t.Error("no days were accepted")
	}
}
