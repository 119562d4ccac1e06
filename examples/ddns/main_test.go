package main

import (
	"context"
	"net/netip"
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
		if err := run(ctx, append([]string{"-domain", "example.com", "-name", "home"}, args...), &out); err != nil {
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
	if err := run(ctx, []string{"-domain", "example.com", "-address", "nowhere"}, &strings.Builder{}); err == nil {
		t.Error("an address that is none was accepted")
	}
}

func TestWhichAddressesArePublic(t *testing.T) {
	for text, want := range map[string]bool{
		"192.0.2.1": true, "2001:db8::1": true, "100.63.255.255": true, "100.128.0.0": true,
		"100.64.0.0": false, "100.127.255.255": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.0.1": false,
		"127.0.0.1": false, "169.254.0.1": false, "fe80::1": false, "fd00::1": false, "::1": false, "ff02::1": false,
	} {
		if isPublic(netip.MustParseAddr(text)) != want {
			t.Errorf("%s: want %t", text, want)
		}
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
	if err := run(ctx, []string{"-domain", "example.com", "-every", "1ms", "-address", "192.0.2.7"}, out); err != nil {
		t.Error(err)
	}
	said := strings.Split(out.String(), "\n")
	if !strings.HasPrefix(said[0], "not updated: ") || said[1] != "home.example.com A now is 192.0.2.7" || said[2] != "home.example.com A is 192.0.2.7" {
		t.Errorf("%q", said)
	}
}
