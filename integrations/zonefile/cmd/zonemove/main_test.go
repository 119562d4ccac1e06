package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/integrations/sandboxdns"
	"github.com/go-hoster/hoster/sandbox"
)

const zoneText = `$TTL 1h
@ SOA ns1.old.example. hostmaster.old.example. 1 2 3 4 5
@ NS ns1.old.example.
@ MX 10 mail
@ TXT "v=spf1 -all"
mail 300 A 192.0.2.25
mail 300 A 192.0.2.26
www CNAME mail
*.wild A 192.0.2.9
sub NS ns.sub
ns.sub A 192.0.2.53
_sip._tcp SRV 1 2 3 sip.example.net.
caa CAA 0 issue "ca.example"
long TXT "` + "0123456789012345678901234567890123456789" + `" "more \" of it"
odd PTR host.example.net.
`

// newHome is a sandbox, in the environment, and its nameserver.
func newHome(t *testing.T) (*hostertest.Server, string) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), sandbox.WithRecordTypes("PTR"))
	srv.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		d.Records = slices.DeleteFunc(d.Records, func(r *sandbox.Record) bool { return r.Type != "NS" || r.Name != "@" })
	})
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	nameserver, err := sandboxdns.Listen(srv.Server, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nameserver.Close() })
	return srv, nameserver.Addr()
}

func held(srv *hostertest.Server) (held []string) {
	srv.View(func(st *sandbox.State) {
		for _, r := range st.Records("example.com") {
			held = append(held, fmt.Sprintf("%s %d %s %s", r.Name, r.TTL, r.Type, r.Value))
		}
	})
	slices.Sort(held)
	return held
}

func move(args ...string) (string, error) {
	var out bytes.Buffer
	err := run(context.Background(), append([]string{"-domain", "example.com"}, args...), strings.NewReader("n\n"), &out)
	return out.String(), err
}

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// oldHome is a nameserver that transfers the records of a zone file.
func oldHome(t *testing.T) string {
	var records []dns.RR
	parser := dns.NewZoneParser(strings.NewReader(zoneText), "example.com.", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		records = append(records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, query *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(query)
		if query.Question[0].Qtype != dns.TypeAXFR || query.Question[0].Name != "example.com." {
			answer.Rcode = dns.RcodeRefused
		} else {
			answer.Answer = append(slices.Clone(records), records[0])
		}
		_ = w.WriteMsg(answer)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return listener.Addr().String()
}

// TestSources: a zone file, a transfer and another account lead to the same zone,
// and a second run writes nothing.
func TestSources(t *testing.T) {
	var first []string
	for name, args := range map[string][]string{"file": {"-file", write(t, zoneText)}, "axfr": {"-axfr", oldHome(t)}, "provider": {"-provider"}} {
		t.Run(name, func(t *testing.T) {
			if name == "provider" {
				other, _ := newHome(t)
				if out, err := move("-file", write(t, zoneText), "-type", "PTR", "-yes"); err != nil {
					t.Fatal(out, err)
				}
				t.Setenv("FROM_API_BASE_URL", other.URL())
				t.Setenv("FROM_API_TOKEN", other.RootToken())
			}
			srv, address := newHome(t)
			args := append(args, "-type", "ptr", "-yes")
			out, err := move(args...)
			if err != nil || !strings.Contains(out, "left out:") {
				t.Fatal(out, err)
			}
			if first == nil {
				first = held(srv)
			}
			if !slices.Equal(held(srv), first) || len(first) != 12+2 {
				t.Errorf("%d records\n%s", len(held(srv)), strings.Join(held(srv), "\n"))
			}
			writes := len(srv.Writes())
			out, err = move(append(args, "-compare", address+","+address)...)
			if err != nil || len(srv.Writes()) != writes || !strings.Contains(out, "answer the same") {
				t.Errorf("%d writes the second time: %s, %v", len(srv.Writes())-writes, out, err)
			}
		})
	}
}

// TestDifferences: each one that is planted is found, and is an error.
func TestDifferences(t *testing.T) {
	old, oldAddress := newHome(t)
	if out, err := move("-file", write(t, zoneText), "-yes"); err != nil {
		t.Fatal(out, err)
	}
	_, newAddress := newHome(t)
	args := []string{"-file", write(t, zoneText), "-yes", "-compare", oldAddress + "," + newAddress}
	if out, err := move(args...); err != nil {
		t.Fatal(out, err)
	}
	for name, change := range map[string]func(*sandbox.Record) bool{
		"mail.example.com. A":        func(r *sandbox.Record) bool { return r.Value == "192.0.2.26" },
		"www.example.com. CNAME":     func(r *sandbox.Record) bool { return r.Name == "www" },
		"*.wild.example.com. A":      func(r *sandbox.Record) bool { return r.Name == "*.wild" },
		"sub.example.com. NS":        func(r *sandbox.Record) bool { return r.Name == "sub" },
		"ns.sub.example.com. A":      func(r *sandbox.Record) bool { return r.Name == "ns.sub" },
		"_sip._tcp.example.com. SRV": func(r *sandbox.Record) bool { return r.Type == "SRV" },
		"long.example.com. TXT":      func(r *sandbox.Record) bool { return r.Name == "long" },
	} {
		var kept []*sandbox.Record
		old.Update(func(st *sandbox.State) {
			d := st.Domain("example.com")
			kept = d.Records
			d.Records = slices.DeleteFunc(slices.Clone(d.Records), change)
		})
		out, err := move(args...)
		if err == nil || !strings.Contains(out, "differs: "+name) {
			t.Errorf("%s: %s, %v", name, out, err)
		}
		old.Update(func(st *sandbox.State) { st.Domain("example.com").Records = kept })
	}
	if out, err := move(args...); err != nil {
		t.Error(out, err)
	}
}

// TestNothingWithoutAYes.
func TestNothingWithoutAYes(t *testing.T) {
	srv, _ := newHome(t)
	if out, err := move("-file", write(t, zoneText)); err == nil || len(srv.Writes()) > 0 || !strings.Contains(out, "apply?") {
		t.Error(out, err)
	}
	out, err := move("-file", write(t, zoneText), "-json")
	if err != nil || len(srv.Writes()) > 0 || !strings.Contains(out, `"type": "CNAME"`) {
		t.Error(out, err)
	}
}

func TestErrors(t *testing.T) {
	newHome(t)
	old, file := oldHome(t), write(t, zoneText)
	for name, args := range map[string][]string{
		"no source": nil, "two sources": {"-file", file, "-axfr", old}, "one nameserver": {"-file", file, "-compare", old}, "no such flag": {"-x"},
		"no such file": {"-file", file + "x"}, "not transferred": {"-domain", "example.net", "-axfr", old}, "nobody there": {"-axfr", "127.0.0.1:1"},
		"no other account": {"-provider"}, "a nameserver that refuses": {"-file", file, "-yes", "-compare", old + "," + old},
	} {
		if out, err := move(args...); err == nil {
			t.Errorf("%s: %s", name, out)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run(ctx, []string{"-domain", "example.com", "-axfr", old}, nil, &bytes.Buffer{}); err == nil {
		t.Error("a cancelled context")
	}
}
