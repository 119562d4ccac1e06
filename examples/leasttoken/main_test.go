package main

import (
	"context"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func TestLeastToken(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	var out strings.Builder
	if err := run(context.Background(), []string{"-name", "the least"}, &out); err != nil {
		t.Fatal(err)
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
