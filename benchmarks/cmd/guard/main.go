// Command guard holds up what hoster's speed has reached: a short form of the
// stubbed benchmarks of hoster, raw and floor, without the other SDKs. It fails
// when, in the best of three runs, a guarded ratio exceeds its target by more
// than a quarter, or allocations grow beyond those that are recorded here.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

const (
	runs  = 3
	slack = 1.25
	turn  = "200ms" // for each contender at each work, in each run
)

// recorded is what an operation of hoster allocates, on either engine of
// encoding/json. Whoever lowers it records the lower number. What the pools lose
// to a collection now and then is within stray.
var recorded = map[contest.Operation]struct{ allocs, bytes float64 }{
	contest.Get:   {20, 2_800},
	contest.Page1: {131, 35_500},
	contest.Page2: {1_032, 312_000},
	contest.Zone:  {10_338, 3_320_000},
}

const (
	stray      = 1.01
	strayBytes = 1.10
)

func main() {
	testing.Init()
	if err := flag.Set("test.benchtime", turn); err != nil {
		panic(err) // the testing package knows the flag
	}
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
	if !judge(rounds) {
		fmt.Fprintln(os.Stderr, "guard: FAILED")
		os.Exit(1)
	}
}

// measure lets the contenders take turns at the stubbed works.
func measure() (contest.Round, error) {
	round := contest.Round{}
	for _, w := range contest.Works() {
		if w.Place != contest.Stub {
			continue
		}
		round[w.String()] = map[string]contest.Sample{}
		for _, c := range contest.Own() {
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
		fmt.Printf("%-36s %12.2f, at most %12.2f: %s\n", what, figure, bound, verdict)
	}
	for _, t := range contest.Targets {
		if t.Guarded {
			show(t.What+", "+t.Unit, best(rounds, t.Figure), slack*t.Bound(contest.EngineV2))
		}
	}
	for _, w := range contest.Works() {
		most, known := recorded[w.Operation]
		if w.Place != contest.Stub || !known {
			continue
		}
		ours := func(of func(contest.Sample) float64) float64 {
			return best(rounds, func(r contest.Round) float64 { return of(r[w.String()]["hoster"]) })
		}
		show(w.Name+", allocations", ours(func(s contest.Sample) float64 { return s.Allocs }), stray*most.allocs)
		show(w.Name+", bytes", ours(func(s contest.Sample) float64 { return s.Bytes }), strayBytes*most.bytes)
	}
	return good
}

// best is the least figure of the rounds.
func best(rounds []contest.Round, figure func(contest.Round) float64) float64 {
	least := math.Inf(1)
	for _, r := range rounds {
		least = min(least, figure(r))
	}
	return least
}
