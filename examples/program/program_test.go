package program

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
)

func TestExitCodes(t *testing.T) {
	open, stop := context.WithCancel(context.Background())
	ended, end := context.WithCancel(context.Background())
	defer stop()
	end()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		code int
		said bool
	}{
		{open, nil, ExitOK, false},
		{ended, nil, ExitOK, false},
		{open, fmt.Errorf("usage: %w", flag.ErrHelp), ExitOK, false},
		{open, errors.New("boom"), ExitFailed, true},
		{open, context.DeadlineExceeded, ExitFailed, true},
		{open, fmt.Errorf("in: %w", Usage("boom")), ExitUsage, true},
		{open, &hoster.ArgumentError{Field: "domain", Expected: "a domain"}, ExitUsage, true},
		{open, ErrFindings, ExitFindings, false},
		{ended, ErrFindings, ExitFindings, false},
		{ended, context.Canceled, ExitInterrupted, true},
		{ended, errors.New("boom"), ExitInterrupted, true},
	} {
		var stderr strings.Builder
		code := wait(c.ctx, "name", &stderr, func() error { return c.err })
		if code != c.code || strings.HasPrefix(stderr.String(), "name: ") != c.said || !c.said && stderr.Len() > 0 {
			t.Errorf("%v: code %d, want %d; it said %q", c.err, code, c.code, stderr.String())
		}
	}
}

// TestEndsWithinASecond although the example does not.
func TestEndsWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		for _, takes := range []time.Duration{0, 500 * time.Millisecond, time.Hour} {
			var stderr strings.Builder
			start := time.Now()
			interrupt()
			code := wait(ctx, "name", &stderr, func() error { time.Sleep(takes); return context.Cause(ctx) })
			if took := time.Since(start); took > time.Second || takes < patience && took != takes {
				t.Errorf("%v became %v", takes, took)
			}
			if code != ExitInterrupted || strings.Contains(stderr.String(), "in the middle") != (takes > patience) {
				t.Errorf("%v: code %d, %q", takes, code, stderr.String())
			}
		}
		time.Sleep(time.Hour) // the last one ends in the bubble
	})
}

func TestParse(t *testing.T) {
	parse := func(operands int, args ...string) (string, *flag.FlagSet, error) {
		flags := flag.NewFlagSet("name", flag.ContinueOnError)
		flags.Int("days", 7, "how many `days`")
		var out strings.Builder
		err := Parse(flags, "Usage: name", args, operands, &out)
		return out.String(), flags, err
	}
	for _, help := range []string{"-h", "--help"} {
		out, _, err := parse(0, help)
		if !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(out, "Usage: name\n") || !strings.Contains(out, "-days days") || !strings.Contains(out, "Exit codes") {
			t.Errorf("%s: %v\n%s", help, err, out)
		}
	}
	for _, args := range [][]string{{"-x"}, {"-days", "many"}, {"-days"}, {"a", "b"}, {"a", "-days", "1"}} {
		var usage *UsageError
		if out, _, err := parse(1, args...); !errors.As(err, &usage) || out != "" {
			t.Errorf("%v: %v, it said %q", args, err, out)
		}
	}
	if out, flags, err := parse(1, "-days", "3", "a"); err != nil || out != "" || flags.Arg(0) != "a" {
		t.Errorf("%v, %q", err, out)
	}
}

func TestColour(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device too
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if !UsesColour(terminal) || UsesColour(file) || UsesColour(io.Discard) {
		t.Error("colour is for terminals")
	}
	t.Setenv("NO_COLOR", "1")
	if UsesColour(terminal) || !IsTerminal(terminal) {
		t.Error("NO_COLOR is not heard")
	}
}

// TestOpen: the sandbox is only for those who name no provider.
func TestOpen(t *testing.T) {
	names := []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"}
	for _, name := range names {
		t.Setenv(name, "")
	}
	p, err := Open()
	if err != nil || p.Sandbox == nil {
		t.Fatalf("no sandbox: %v", err)
	}
	defer p.Close()
	value := ""
	if err := p.SetDefault(&value, "-domain", "example.com"); err != nil || value != "example.com" {
		t.Errorf("%q, %v", value, err)
	}
	for _, name := range names {
		t.Setenv(name, "x")
		if p, err := Open(); !errors.Is(err, hoster.ErrInvalidArgument) {
			t.Errorf("%s alone: %+v, %v", name, p, err)
		}
		t.Setenv(name, "")
	}
	t.Setenv("API_TOKEN", "x")
	t.Setenv("API_BRAND", "acme")
	real, err := Open()
	if err != nil || real.Sandbox != nil {
		t.Fatalf("a sandbox beside a provider: %v", err)
	}
	defer real.Close()
	var usage *UsageError
	value = ""
	if err := real.SetDefault(&value, "-domain", "example.com"); !errors.As(err, &usage) || value != "" {
		t.Errorf("%q, %v", value, err)
	}
}

// TestExamplesCanBeCopied: they import nothing that another module cannot.
func TestExamplesCanBeCopied(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Imports "\n"}}`, "../...").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "hoster/sandbox\n") {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for path := range strings.Lines(string(out)) {
		if strings.Contains(path, "/internal/") {
			t.Errorf("an example imports %s", path)
		}
	}
}

// silent is a provider that takes connections and never answers.
func silent(t *testing.T, asked chan<- struct{}) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				requests := bufio.NewReader(conn)
				if _, err := requests.ReadString('\n'); err == nil {
					asked <- struct{}{}
				}
				_, _ = io.Copy(io.Discard, requests)
			}()
		}
	}()
	return "http://" + listener.Addr().String() + "/v1"
}

// TestEveryExample as a process: -h, what it does not know, and Ctrl-C while the
// provider keeps it waiting.
func TestEveryExample(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process is interrupted there")
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "../...").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	secret := filepath.Join(dir, "secret")
	if err := hoster.WriteTokenFile(secret, hoster.NewSecret("sample-token")); err != nil {
		t.Fatal(err)
	}
	zone := filepath.Join(dir, "zone.json")
	if err := os.WriteFile(zone, []byte(`[{"type":"A","name":"www","value":"192.0.2.1"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 100)
	base := silent(t, asked)
	usual := map[string][]string{
		"acmehook":      {"present", "_acme-challenge.example.com", "x"},
		"ddns":          {"-domain", "example.com", "-address", "192.0.2.1", "-every", "1h"},
		"leasttoken":    {"-file", filepath.Join(dir, "new")},
		"portfolio":     nil,
		"quickstart":    nil,
		"tokenaudit":    nil,
		"tokenrotation": nil,
		"zonesync":      {"-domain", "example.com", "-file", zone},
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if _, err := os.Stat(filepath.Join("..", name, "go.mod")); name == "program" || err == nil {
			continue // a module of its own has tests of its own
		}
		args, known := usual[name]
		if !known {
			t.Errorf("%s: add it to the test", name)
			continue
		}
		command := func(args ...string) (*exec.Cmd, *strings.Builder, *strings.Builder) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for one that hangs
			t.Cleanup(cancel)
			c := exec.CommandContext(ctx, filepath.Join(dir, name), args...)
			var stdout, stderr strings.Builder
			c.Env = append(os.Environ(), "API_BASE_URL="+base, "API_TOKEN=", "API_TOKEN_FILE="+secret)
			c.Stdout, c.Stderr = &stdout, &stderr
			return c, &stdout, &stderr
		}
		c, stdout, stderr := command("-h")
		if err := c.Run(); err != nil || stderr.Len() > 0 || !strings.HasPrefix(stdout.String(), "Usage: "+name) {
			t.Errorf("%s -h: %v, stdout %q, stderr %q", name, err, stdout, stderr)
		}
		for _, wrong := range [][]string{{"-nonsense"}, append(args, "more")} {
			c, stdout, stderr := command(wrong...)
			if _ = c.Run(); c.ProcessState.ExitCode() != ExitUsage || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), name+": ") {
				t.Errorf("%s %v: %v, stdout %q, stderr %q", name, wrong, c.ProcessState, stdout, stderr)
			}
		}
		c, _, stderr = command(args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		<-asked
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		_ = c.Wait()
		want := ExitInterrupted
		if name == "ddns" || name == "tokenrotation" { // a service: to be stopped is its end
			want = ExitOK
		}
		if c.ProcessState.ExitCode() != want {
			t.Errorf("%s: %v after Ctrl-C, want code %d: %s", name, c.ProcessState, want, stderr)
		}
	}
}
