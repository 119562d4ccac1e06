package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// engine is one way to build, and what its rounds brought.
type engine struct {
	title   string
	v2      bool
	env     []string // what is set beside the environment
	version string   // of Go
	peers   []string // the other SDKs with their versions
	rounds  []contest.Round
	memory  contest.Round
}

// newEngines are the two that are compared. Go 1.27 runs encoding/json on its
// v2 engine without being asked.
func newEngines() []*engine {
	return []*engine{
		{title: "Go's default engine", env: nil},
		{title: "the v2 engine", v2: true, env: []string{"GOTOOLCHAIN=go1.27.0"}},
	}
}

// measure builds the benchmarks for both engines and runs their rounds by turns.
func measure(s settings) ([]*engine, error) {
	dir, err := os.MkdirTemp("", "benchmarks-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	engines := newEngines()
	binaries := make([]string, len(engines))
	for i, e := range engines {
		binaries[i] = filepath.Join(dir, fmt.Sprintf("engine%d.test", i+1))
		version, err := e.run(s.root, "go", "env", "GOVERSION")
		if err != nil {
			return nil, err
		}
		e.version = strings.TrimSpace(version)
		if e.peers, err = e.modules(s.root); err != nil {
			return nil, err
		}
		if _, err := e.run(s.root, "go", "test", "-c", "-o", binaries[i], "."); err != nil {
			return nil, err
		}
	}
	for round := range s.rounds {
		for i, e := range engines {
			progress("round %d of %d on %s", round+1, s.rounds, e.title)
			out, err := e.run(s.root, binaries[i], "-test.run=^$", "-test.bench="+s.bench, "-test.benchtime="+s.benchtime.String(), "-test.benchmem", "-test.timeout=20m")
			if err != nil {
				return nil, err
			}
			r, v2, err := parse(out)
			switch {
			case err != nil:
				return nil, err
			case v2 != e.v2:
				return nil, fmt.Errorf("%s: built with the other engine", e.title)
			}
			e.rounds = append(e.rounds, r)
		}
	}
	for _, e := range engines {
		progress("memory on %s", e.title)
		out, err := e.run(s.root, "go", "run", "./cmd/memory")
		if err != nil {
			return nil, err
		}
		if e.memory, _, err = parse(out); err != nil {
			return nil, err
		}
	}
	return engines, nil
}

// modules lists the other SDKs as "godo v1.0.0".
func (e *engine) modules(root string) ([]string, error) {
	out, err := e.run(root, "go", "list", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}",
		"github.com/digitalocean/godo", "github.com/vultr/govultr/v3", "github.com/hetznercloud/hcloud-go/v2/hcloud",
		"github.com/linode/linodego", "github.com/cloudflare/cloudflare-go/v6/option")
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(out) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		major, _, _ := strings.Cut(version, ".")
		names = append(names, filepath.Base(strings.TrimSuffix(path, "/"+major))+" "+version)
	}
	return names, nil
}

// run returns what a command prints, which it runs with the engine's settings.
func (e *engine) run(dir, name string, args ...string) (string, error) {
	command := exec.Command(name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), e.env...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(name), args[0], err, out, stderr.Bytes())
	}
	return string(out), nil
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
