package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/cli.md")

func TestManual(t *testing.T) {
	const path = "../../docs/cli.md"
	var want bytes.Buffer
	writeManual(&want, (&app{}).root())
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/cli.md is stale (%v): go test -run TestManual -update writes it", err)
	}
}

func TestManualPagesAndCompletion(t *testing.T) {
	s := open(t)
	dir := filepath.Join(t.TempDir(), "man")
	s.want(exitOK, "man", dir)
	for _, page := range []string{"hoster.1", "hoster-dns-apply.1", "hoster-domains-nameservers-set.1"} {
		if text, err := os.ReadFile(filepath.Join(dir, page)); err != nil || !strings.Contains(string(text), ".TH") {
			t.Errorf("%s: %v", page, err)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if got := s.want(exitOK, "completion", shell).out; !strings.Contains(got, "hoster") {
			t.Errorf("%s: %s", shell, got)
		}
	}
	if got := s.want(exitOK, "__complete", "dns", "ap").out; !strings.Contains(got, "apply\t") {
		t.Error(got)
	}
}
