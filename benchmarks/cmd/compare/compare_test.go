package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// output is what a run prints, where hoster needs that many nanoseconds of CPU.
func output(hoster int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: linux\njson: v2\n")
	for name, cpu := range map[string]int{"floor": 1000, "raw": 10_000, "hoster": hoster} {
		fmt.Fprintf(&b, "Benchmark/stub/invoices100/%s-2 \t 100\t 5000 ns/op\t %d cpu-ns/op\t 2048 B/op\t 40 allocs/op\n", name, cpu)
	}
	for name, cpu := range map[string]int{"floor": 1000, "raw": 10_000, "hoster": hoster, "godo": 9_000, "cloudflare-go": 70_000} {
		fmt.Fprintf(&b, "Benchmark/stub/get/%s-2 \t 100\t 5000 ns/op\t %d cpu-ns/op\t 512 B/op\t 30 allocs/op\n", name, cpu)
	}
	return b.String() + "PASS\n"
}

// Figures are formed within a round, and their median is what counts.
func TestCompare(t *testing.T) {
	e := &engine{title: "the v2 engine", version: "go1.0", v2: true}
	for _, cpu := range []int{3000, 5000, 90_000} {
		r, v2, err := parse(output(cpu))
		if err != nil || !v2 {
			t.Fatal(v2, err)
		}
		e.rounds = append(e.rounds, r)
	}
	var err error
	if e.memory, _, err = parse("Benchmark/memory/walk/hoster 1 5 ns/op 40000000 B/op 7 live-heap-B\n"); err != nil {
		t.Fatal(err)
	}
	page := markdown([]*engine{e, e}, settings{rounds: 3, benchtime: time.Second})
	for _, want := range []string{
		"| GET of one domain, stubbed | 10.0 µs | 0.10 | 0.50 | 0.90 | – | – | – | 7.00 |",
		"| page of 100 invoices | 10.0 µs | 0.10 | 0.50 | 40 | 40 | 2.0 KiB | 2.0 KiB |",
		"| page of 100 invoices, CPU | v2 | at most 0.75 of raw | 0.50 | met |",
		"| GET of one domain, CPU | v2 | at most 0.65 of raw | 0.50 | met |",
		"| GET of one domain, overhead over the floor | v2 | at least 3 times less than the best peer's | 2.00 | **not met** |",
		"| GET of one domain, allocations | v2 | at most 24 per call | 30.0 | **not met** |",
		"| page of 100, CPU | v2 | at most 0.33 of raw | – | not measured |",
		"| walk over 1,000,000 records, peak heap | v2 | at most 32 MiB | 38.1 | **not met** |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "| page of 100 invoices, stubbed |") {
		t.Error("the tables with the other SDKs have what those do not do")
	}
	picture := plot([]*engine{e, e})
	if !strings.Contains(picture, ">invoices</text>") {
		t.Errorf("no invoices in\n%s", picture)
	}
	drawing := xml.NewDecoder(strings.NewReader(picture))
	for {
		if _, err := drawing.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if len(contest.Targets) == 0 {
		t.Error("no targets")
	}
}

// Every work has a title, and every bar of the plot a label.
func TestTitles(t *testing.T) {
	for _, w := range contest.Works() {
		if titles[w.Name] == "" || places[w.Place] == "" {
			t.Errorf("%s has no title", w)
		}
	}
	for _, one := range blocks() {
		for _, bar := range one.bars {
			if bar.label == "" {
				t.Errorf("%s has no label", bar.work)
			}
		}
	}
}
