package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// cpus is what the testing package appends to a benchmark's name.
var cpus = regexp.MustCompile(`-\d+$`)

// parse reads lines of Go's benchmark format, and whether the program said that
// it runs on the v2 engine.
func parse(out string) (contest.Round, bool, error) {
	round, v2 := contest.Round{}, false
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if slices.Equal(fields, []string{"json:", "v2"}) {
			v2 = true
		}
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark/") {
			continue
		}
		parts := strings.Split(strings.TrimPrefix(fields[0], "Benchmark/"), "/")
		if len(parts) != 3 {
			return nil, false, fmt.Errorf("a benchmark named %s", fields[0])
		}
		var s contest.Sample
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, false, fmt.Errorf("%s: %w", fields[0], err)
			}
			switch fields[i+1] {
			case "ns/op":
				s.Wall = value
			case contest.CPUMetric:
				s.CPU = value
			case "B/op":
				s.Bytes = value
			case "allocs/op":
				s.Allocs = value
			case "live-heap-B":
				s.Live = value
			}
		}
		work, contender := parts[0]+"/"+parts[1], parts[2]
		if parts[0] != "memory" {
			contender = cpus.ReplaceAllString(contender, "")
		}
		if round[work] == nil {
			round[work] = map[string]contest.Sample{}
		}
		round[work][contender] = s
	}
	if len(round) == 0 {
		return nil, false, fmt.Errorf("no benchmark in\n%s", out)
	}
	return round, v2, nil
}
