// Package server starts the benchmark's server in a process of its own and
// makes clients that reach it, so that what a benchmark measures of its own
// process is the client alone.
package server

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// What the server's sandbox holds that does not fit into a client: the zone of
// LargeDomain, and the invoices as PDF.
const (
	LargeDomain = "example.com"
	LargeZone   = 1_000_000
	LargePDF    = 100 << 20
)

// Addresses are what the server writes as its first line: the origin of each
// place, and how to meet it.
type Addresses struct {
	Origins     map[contest.Place]string `json:"origins"`
	Certificate []byte                   `json:"certificate"` // of the TLS places, as PEM
	Sandbox     string                   `json:"sandbox"`     // the base URL of the large zone and the large PDF
	Token       string                   `json:"token"`       // the sandbox's
}

// Process is a server that runs.
type Process struct {
	Addresses
	command *exec.Cmd
	stdin   io.Closer
	dir     string
}

// Start builds cmd/server and starts it. It must be called below the module's
// root. The server ends with Close, or when this process does.
func Start() (*Process, error) {
	dir, err := os.MkdirTemp("", "benchmarks-server-")
	if err != nil {
		return nil, err
	}
	p := &Process{dir: dir}
	if err := p.start(); err != nil {
		p.Close()
		return nil, fmt.Errorf("the server: %w", err)
	}
	return p, nil
}

func (p *Process) start() error {
	binary := filepath.Join(p.dir, "server")
	build := exec.Command("go", "build", "-o", binary, "github.com/go-hoster/hoster/benchmarks/cmd/server")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	command := exec.Command(binary)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	p.command, p.stdin = command, stdin
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, &p.Addresses)
}

// Close ends the server and waits for its end.
func (p *Process) Close() {
	if p.command != nil {
		_ = p.stdin.Close() // the server ends with its standard input
		timer := time.AfterFunc(5*time.Second, func() { _ = p.command.Process.Kill() })
		_ = p.command.Wait()
		timer.Stop()
	}
	_ = os.RemoveAll(p.dir)
}

// Client returns a fresh client for a place, with connections of its own that
// are the same for every contender, and the origin to reach.
func (a Addresses) Client(place contest.Place) (*http.Client, string, error) {
	if place == contest.Stub {
		client, origin := contest.NewStub()
		return client, origin, nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(a.Certificate) {
		return nil, "", errors.New("the server's certificate is unreadable")
	}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   place == contest.TLS2,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     30 * time.Second,
	}
	from := place
	if place == contest.Parallel {
		from = contest.Loopback
	}
	return &http.Client{Transport: transport}, a.Origins[from], nil
}
