package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// output runs the program on the sandbox and returns what it prints.
func output(t *testing.T, args ...string) string {
	t.Helper()
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
	open := func(name string) *os.File {
		file, err := os.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return file
	}
	stdout, stderr := open("stdout"), open("stderr")
	if err := run(context.Background(), args, stdout, stderr); err != nil {
		t.Fatal(err)
	}
	if noise, err := os.ReadFile(stderr.Name()); err != nil || len(noise) > 0 {
		t.Errorf("progress is for terminals only, but: %q %v", noise, err)
	}
	text, err := os.ReadFile(stdout.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReportForAPerson(t *testing.T) {
	text := output(t, "-days", "60", "-limit", "80")
	for _, want := range []string{"Domains that expire within 60 days", "a year", "Invoices to pay", "PI-", "Services above 80% of a limit", "GiB"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}

func TestReportForAProgram(t *testing.T) {
	var found report
	if err := json.Unmarshal([]byte(output(t, "-json", "-days", "400", "-limit", "0")), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Expiring) == 0 || len(found.Unpaid) == 0 || len(found.Full) == 0 {
		t.Errorf("something is missing: %+v", found)
	}
	priced := 0
	for _, d := range found.Expiring {
		if d.Renewal != nil && d.Currency != "" {
			priced++
		}
	}
	if priced == 0 {
		t.Error("no domain has a renewal price")
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-days", "-1"}, {"-days", "x"}, {"-nonsense"}} {
		if err := run(context.Background(), args, os.Stdout, os.Stderr); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
