//go:build outside

package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

// command runs a program; one that is missing is a failure.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// powerDNS serves a zone file and returns its address.
func powerDNS(t *testing.T, zone string) string {
	dir := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	listener.Close()
	database := filepath.Join(dir, "zones.sqlite3")
	config := fmt.Sprintf("launch=gsqlite3\ngsqlite3-database=%s\nlocal-address=127.0.0.1\nlocal-port=%s\nsocket-dir=%s\ndisable-axfr=no\nallow-axfr-ips=127.0.0.1\nguardian=no\ndaemon=no\nwrite-pid=no\n", database, port, dir)
	for name, content := range map[string]string{"pdns.conf": config, "zone": zone} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Debian's packages sqlite3, pdns-server and pdns-backend-sqlite3.
	command(t, "sqlite3", database, ".read /usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
	command(t, "pdnsutil", "--config-dir", dir, "load-zone", "example.com", filepath.Join(dir, "zone"))
	server := exec.Command("pdns_server", "--config-dir="+dir)
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = server.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		<-ended
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return address
		}
		select {
		case <-ended:
			t.Fatalf("pdns_server ended: %s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TestFromPowerDNS moves a zone from PowerDNS, and both nameservers answer the same.
func TestFromPowerDNS(t *testing.T) {
	old := powerDNS(t, zoneText)
	srv, new := newHome(t)
	args := []string{"-axfr", old, "-type", "PTR", "-yes", "-compare", old + "," + new}
	if out, err := move(args...); err != nil || !strings.Contains(out, "answer the same") || len(held(srv)) != 12+2 {
		t.Errorf("%s, %v\n%s", out, err, strings.Join(held(srv), "\n"))
	}
	other := powerDNS(t, strings.Replace(zoneText, "192.0.2.26", "192.0.2.66", 1))
	out, err := move("-file", write(t, zoneText), "-type", "PTR", "-yes", "-compare", other+","+new)
	if err == nil || !strings.Contains(out, "differs: mail.example.com. A") || strings.Count(out, "differs:") != 1 {
		t.Errorf("the planted difference: %s, %v", out, err)
	}
}

// TestKilled: a run that is killed between two batches is taken up by the next one,
// and no record is written twice.
func TestKilled(t *testing.T) {
	const n = 1200
	var zone strings.Builder
	zone.WriteString("$TTL 1h\n@ SOA ns1.old.example. hostmaster.old.example. 1 2 3 4 5\n@ NS ns1.old.example.\n")
	for i := range n {
		fmt.Fprintf(&zone, "host-%d A 192.0.2.%d\n", i, i%250)
	}
	old := powerDNS(t, zone.String())
	srv, new := newHome(t)
	program := filepath.Join(t.TempDir(), "zonemove")
	command(t, "go", "build", "-o", program, ".")
	args := []string{"-domain", "example.com", "-axfr", old, "-yes", "-compare", old + "," + new}
	arrived := make(chan struct{}, 1)
	var batches atomic.Int32
	remove := srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Skip: 1, Delay: time.Hour, Match: func(*http.Request) bool {
		if batches.Add(1) == 2 {
			arrived <- struct{}{}
		}
		return true
	}})
	first := exec.Command(program, args...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	_ = first.Process.Kill() // kill -9
	_ = first.Wait()
	remove()
	if written := len(held(srv)); written != 500+2 {
		t.Fatalf("%d records before the second run", written)
	}
	second := exec.Command(program, args...)
	if out, err := second.CombinedOutput(); err != nil || !strings.Contains(string(out), "answer the same") {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	times := map[string]int{}
	for _, w := range srv.Writes() {
		times[w.Object]++
	}
	for object, writes := range times {
		if strings.HasPrefix(object, "rec_") && writes > 1 {
			t.Errorf("%s was written %d times", object, writes)
		}
	}
	if len(held(srv)) != n+2 {
		t.Errorf("%d records", len(held(srv)))
	}
}

// TestZonesyncTakesAZoneFile by way of -json: the example is in a module without a
// parser of zone files.
func TestZonesyncTakesAZoneFile(t *testing.T) {
	srv, _ := newHome(t)
	records, err := move("-file", write(t, zoneText), "-json")
	if err != nil {
		t.Fatal(err)
	}
	command(t, "go", "run", "github.com/go-hoster/hoster/examples/zonesync", "-domain", "example.com", "-file", write(t, records), "-yes")
	if len(held(srv)) != 11+2 { // without the type PTR
		t.Error(strings.Join(held(srv), "\n"))
	}
}
