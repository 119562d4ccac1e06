// Command guard holds up what hoster's speed has reached: a short form of the
// stubbed benchmarks of hoster and raw, without the other SDKs. It fails when, in
// the best of three runs, a guarded ratio exceeds its target by more than a
// quarter, when allocations exceed those that are recorded, and when they are so
// much fewer that the lower number must be recorded.
//
//	go run ./cmd/guard
//	go run ./cmd/guard -record   prints what there is to record, and judges nothing
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

const (
	runs  = 3
	slack = 1.25
	turn  = "200ms" // for each contender at each work, in each run
)

const (
	stray      = 1.01
	strayBytes = 1.10
	behind     = 0.80 // of the recorded allocations: fewer must be recorded
)

func main() {
	testing.Init()
	if err := flag.Set("test.benchtime", turn); err != nil {
		panic(err) // the testing package knows the flag
	}
	record := flag.Bool("record", false, "print the allocations as recorded.go has them")
	flag.Parse()
	var rounds []contest.Round
	for range runs {
		round, err := measure()
		if err != nil {
			fmt.Fprintln(os.Stderr, "guard:", err)
			os.Exit(1)
		}
		rounds = append(rounds, round)
	}
	if *record {
		for _, w := range works() {
			fmt.Printf("\t%q: {%.0f, %.0f},\n", w.Name, least(rounds, w, allocs), least(rounds, w, bytes))
		}
		return
	}
	if !judge(rounds) {
		fmt.Fprintln(os.Stderr, "guard: FAILED")
		os.Exit(1)
	}
}

// works are the stubbed ones.
func works() []contest.Work {
	return slices.DeleteFunc(contest.Works(), func(w contest.Work) bool { return w.Place != contest.Stub })
}

// measure lets the contenders take turns at the works.
func measure() (contest.Round, error) {
	round := contest.Round{}
	for _, w := range works() {
		round[w.String()] = map[string]contest.Sample{}
		for _, c := range contest.Own() {
			if c.Undecoded {
				continue // no guarded figure needs it
			}
			client, origin := contest.NewStub()
			result := testing.Benchmark(func(b *testing.B) { contest.Measure(b, w, c, origin, client) })
			if result.N == 0 {
				return nil, fmt.Errorf("%s at %s failed", c.Name, w)
			}
			round[w.String()][c.Name] = contest.Sample{
				CPU:    result.Extra[contest.CPUMetric],
				Wall:   float64(result.NsPerOp()),
				Bytes:  float64(result.AllocedBytesPerOp()),
				Allocs: float64(result.AllocsPerOp()),
			}
		}
	}
	return round, nil
}

// judge prints each figure with its bound and says whether all are within.
func judge(rounds []contest.Round) bool {
	good := true
	show := func(what string, figure, bound float64) {
		verdict := "ok"
		if !(figure <= bound) {
			verdict, good = "FAILED", false
		}
		fmt.Printf("%-52s %12.2f, at most %12.2f: %s\n", what, figure, bound, verdict)
	}
	for _, t := range contest.Targets {
		if t.Guarded {
			show(t.What+", "+t.Unit, best(rounds, t.Figure), slack*t.Bound(contest.EngineV2))
		}
	}
	for _, w := range works() {
		most := recorded[w.Name] // none is allowed to an operation that is missing there
		count := least(rounds, w, allocs)
		show(w.Name+", allocations", count, stray*most.allocs)
		show(w.Name+", bytes", least(rounds, w, bytes), strayBytes*most.bytes)
		if count < behind*most.allocs {
			fmt.Printf("%-52s FAILED: record the %.0f allocations that have been reached: -record\n", w.Name, count)
			good = false
		}
	}
	return good
}

func allocs(s contest.Sample) float64 { return s.Allocs }
func bytes(s contest.Sample) float64  { return s.Bytes }

// least is the least that hoster needed for a work.
func least(rounds []contest.Round, w contest.Work, of func(contest.Sample) float64) float64 {
	return best(rounds, func(r contest.Round) float64 { return of(r[w.String()]["hoster"]) })
}

// best is the least figure of the rounds.
func best(rounds []contest.Round, figure func(contest.Round) float64) float64 {
	least := math.Inf(1)
	for _, r := range rounds {
		least = min(least, figure(r))
	}
	return least
}
