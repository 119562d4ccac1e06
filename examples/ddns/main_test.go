package main

import (
	"context"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func TestKeepsTheAddresses(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	ctx := context.Background()
	ddns := func(args ...string) string {
		t.Helper()
		var out strings.Builder
		if err := run(ctx, append([]string{"-name", "home"}, args...), &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	others := func() (n int) {
		srv.View(func(s *sandbox.State) {
			for _, r := range s.Records("example.com") {
				if r.Name != "home" {
					n++
				}
			}
		})
		return n
	}
	before := others()
	if got := ddns("-address", "192.0.2.7, 2001:db8::7"); got != "home.example.com A now is 192.0.2.7\nhome.example.com AAAA now is 2001:db8::7\n" {
		t.Errorf("first: %s", got)
	}
	writes := len(srv.Writes())
	if got := ddns("-address", "192.0.2.7,2001:db8:0::7"); got != "home.example.com A is 192.0.2.7\nhome.example.com AAAA is 2001:db8::7\n" || len(srv.Writes()) != writes {
		t.Errorf("nothing to do, but: %s", got)
	}
	if got := ddns("-address", "192.0.2.8"); got != "home.example.com A now is 192.0.2.8\n" {
		t.Errorf("moved: %s", got)
	}
	if others() != before {
		t.Error("it touched something else")
	}
	if err := run(ctx, []string{"-address", "nowhere"}, &strings.Builder{}); err == nil {
		t.Error("an address that is none was accepted")
	}
}

// stopAfter ends the program when it has said so many lines.
type stopAfter struct {
	strings.Builder
	lines int
	stop  func()
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if s.lines--; s.lines == 0 {
		s.stop()
	}
	return s.Builder.Write(p)
}

func TestKeepsOn(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	srv.Inject(sandbox.Fault{Operation: "DNS.List", Status: 403, Body: `{"status":"error","code":"IP_NOT_ALLOWED","message":"no"}`})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out := &stopAfter{lines: 3, stop: stop}
	if err := run(ctx, []string{"-every", "1ms", "-address", "192.0.2.7"}, out); err != nil {
		t.Error(err)
	}
	said := strings.Split(out.String(), "\n")
	if !strings.HasPrefix(said[0], "not updated: ") || said[1] != "home.example.com A now is 192.0.2.7" || said[2] != "home.example.com A is 192.0.2.7" {
		t.Errorf("%q", said)
	}
}
