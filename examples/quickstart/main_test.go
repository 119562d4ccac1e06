package main

import (
	"context"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/hostertest"
)

func TestOnTheSandbox(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
	var out strings.Builder
	if err := run(context.Background(), nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Signed in as", "30 domains", "added ", "changed ", "deleted ", "missing scope dns:write", `reason "revoked"`, "[redacted]"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
}

func TestReadsOnlyAgainstAProvider(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	var out strings.Builder
	if err := run(context.Background(), nil, &out); err != nil {
		t.Fatal(err)
	}
	if len(srv.Writes()) != 0 {
		t.Errorf("it wrote: %v", srv.Writes())
	}
	if !strings.Contains(out.String(), "Signed in as") {
		t.Errorf("it shows nothing:\n%s", out.String())
	}
}
