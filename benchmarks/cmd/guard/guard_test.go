package main

import (
	"testing"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// reached is a round in which hoster allocates that part of what is recorded and
// needs that part of raw's CPU time.
func reached(allocs, cpu float64) contest.Round {
	round := contest.Round{}
	for _, w := range works() {
		known := recorded[w.Name]
		round[w.String()] = map[string]contest.Sample{
			"raw":    {CPU: 1000},
			"hoster": {CPU: 1000 * cpu, Allocs: allocs * known.allocs, Bytes: known.bytes},
		}
	}
	return round
}

// The guard fails for more allocations, for a record that lags behind, and for a
// ratio above its bound; the best of the rounds counts.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		what   string
		rounds []contest.Round
		want   bool
	}{
		{"as recorded", []contest.Round{reached(1, 0.1)}, true},
		{"some fewer allocations", []contest.Round{reached(0.9, 0.1)}, true},
		{"more allocations", []contest.Round{reached(1.05, 0.1)}, false},
		{"a record that lags behind", []contest.Round{reached(0.5, 0.1)}, false},
		{"slow", []contest.Round{reached(1, 0.9)}, false},
		{"slow once", []contest.Round{reached(1, 0.9), reached(1, 0.1)}, true},
		{"nothing measured", []contest.Round{{}}, false},
	} {
		if got := judge(c.rounds); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// Every stubbed work has a record, and every record a work.
func TestRecorded(t *testing.T) {
	known := map[string]bool{}
	for _, w := range works() {
		known[w.Name] = true
		if recorded[w.Name].allocs == 0 {
			t.Errorf("%s is not recorded", w.Name)
		}
	}
	for name := range recorded {
		if !known[name] {
			t.Errorf("%s is recorded and does not exist", name)
		}
	}
}
