package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/examples/program"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func TestSync(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	sync := func(answer string, args ...string) (string, error) {
		var out strings.Builder
		err := run(context.Background(), append([]string{"-domain", "example.com"}, args...), strings.NewReader(answer), &out)
		return out.String(), err
	}
	file := filepath.Join(t.TempDir(), "zone.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(sample)
	if out, err := sync("n\n", "-file", file); err != nil || !strings.Contains(out, "+ sample 300 A 192.0.2.10") || !strings.Contains(out, "nothing was changed") || len(srv.Writes()) != 0 {
		t.Errorf("refused, but: %v\n%s", err, out)
	}
	if out, err := sync("y\n", "-file", file); err != nil || !strings.Contains(out, "applied: 2") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := sync("", "-file", file); err != nil || !strings.Contains(out, "0 to create, 0 to change, 0 to delete") {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	write(`[{"type":"A","name":"sample","value":"192.0.2.10"}]`)
	if out, err := sync("", "-file", file, "-yes"); err != nil || !strings.Contains(out, "- sample 300 A 192.0.2.11") {
		t.Errorf("a value less: %v\n%s", err, out)
	}
	if _, err := sync("", "-file", file, "-all", "-yes"); err == nil {
		t.Error("most of the zone was deleted")
	}
	write(`[{"type":"a","name":"sample.example.com.","value":"192.0.2.10"},{"type":"TXT","name":"_other","value":"x"}]`)
	if out, err := sync("", "-file", file, "-yes"); err != nil || !strings.Contains(out, "1 to create, 0 to change, 0 to delete") {
		t.Errorf("other names and types: %v\n%s", err, out)
	}
	write(`[{"type":"TXT","name":"sample","value":"y"},{"type":"A","name":"_other","value":"192.0.2.1"}]`)
	if out, err := sync("", "-file", file, "-yes"); err != nil || !strings.Contains(out, "2 to create, 0 to change, 0 to delete") {
		t.Errorf("the same names, the types exchanged: %v\n%s", err, out)
	}
	srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Times: -1, Status: 404})
	srv.Inject(sandbox.Fault{Operation: "DNS.Create", Skip: 1, Status: 422, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"no"}`})
	write(`[{"type":"TXT","name":"half","value":"1"},{"type":"TXT","name":"half","value":"2"}]`)
	if out, err := sync("", "-file", file, "-yes"); err == nil || !strings.Contains(out, "begun, and to be finished by another run: half TXT") {
		t.Errorf("half done: %v\n%s", err, out)
	}
	write(`[{"type":"A","nmae":"sample"}]`)
	if _, err := sync("", "-file", file); err == nil {
		t.Error("a misspelled member was accepted")
	}
	for _, behind := range []string{`[]`, `]`, `x`, `,{"type":"A","name":"b","value":"192.0.2.2"}]`} {
		write(`[{"type":"A","name":"a","value":"192.0.2.1"}] ` + behind)
		if _, err := sync("n\n", "-file", file); err == nil || !strings.Contains(err.Error(), "behind the list") {
			t.Errorf("%s behind the list: %v", behind, err)
		}
	}
	write("[{\"type\":\"A\",\"name\":\"a\",\"value\":\"192.0.2.1\"}]\n\n")
	if out, err := sync("n\n", "-file", file); err != nil || !strings.Contains(out, "+ a ") {
		t.Errorf("empty lines behind the list: %v\n%s", err, out)
	}
}

// interruptAt ends the context when the text is printed.
type interruptAt struct {
	text      string
	interrupt func()
	strings.Builder
}

func (i *interruptAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), i.text) {
		i.interrupt()
	}
	return i.Builder.Write(p)
}

// TestCtrlCAtTheQuestion: nobody answers, and nothing is changed.
func TestCtrlCAtTheQuestion(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := &interruptAt{text: "apply?", interrupt: cancel}
	if err := run(ctx, nil, in, out); !errors.Is(err, context.Canceled) || !strings.HasSuffix(out.String(), "apply? [y/N] \nnothing was changed\n") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// TestARealProviderIsNamedWhole: no domain and no zone is made up for it.
func TestARealProviderIsNamedWhole(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	for _, args := range [][]string{nil, {"-domain", "example.com"}, {"-file", "zone.json"}, {"example.com"}} {
		var usage *program.UsageError
		if err := run(context.Background(), args, strings.NewReader("y\n"), io.Discard); !errors.As(err, &usage) || len(srv.Requests()) > 0 {
			t.Errorf("%v: %v", args, err)
		}
	}
}
