// Command compare runs all contenders in turn, in several rounds, on both
// engines of encoding/json, and prints what came out as Markdown, ending with
// the targets. It writes the same to docs/performance.md, with a plot.
//
//	go run ./cmd/compare
//
// It must run in the module's root, or with -root naming it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// settings are the command line.
type settings struct {
	rounds    int
	benchtime time.Duration
	bench     string
	root      string
	write     bool
}

func main() {
	var s settings
	flag.IntVar(&s.rounds, "rounds", 5, "rounds for each engine")
	flag.DurationVar(&s.benchtime, "benchtime", 250*time.Millisecond, "time for each contender at each work, in each round")
	flag.StringVar(&s.bench, "bench", ".", "which benchmarks, as a regular expression; with less than all there are gaps")
	flag.StringVar(&s.root, "root", ".", "directory of the module")
	flag.BoolVar(&s.write, "write", true, "write docs/performance.md and docs/performance.svg")
	flag.Parse()
	if err := compare(s); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func compare(s settings) error {
	engines, err := measure(s)
	if err != nil {
		return err
	}
	page := markdown(engines, s)
	fmt.Print(page)
	if !s.write {
		return nil
	}
	docs := filepath.Join(s.root, "..", "docs")
	if err := os.WriteFile(filepath.Join(docs, "performance.md"), []byte(page), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(docs, "performance.svg"), []byte(plot(engines)), 0o644)
}
