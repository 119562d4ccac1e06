package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// shown is the order of contenders in tables and plot.
func shown() []string {
	return slices.Concat([]string{"floor", "hoster"}, contest.PeerNames)
}

// titles are what the reader sees of an operation, by its name.
var titles = map[string]string{
	"get": "GET of one domain", "page100": "page of 100 records", "page1000": "page of 1,000 records", "zone10000": "zone of 10,000 records",
	"domains100": "page of 100 domains", "contacts100": "page of 100 contacts", "invoices100": "page of 100 invoices", "orders100": "page of 100 orders",
	"services100": "page of 100 hosting services", "plans100": "page of 100 hosting plans", "tokens100": "page of 100 tokens",
	"mixed100": "page of 100 records of mixed types", "mixed1000": "page of 1,000 records of mixed types",
	"odd100": "page of 100 records in an unusual envelope", "odd1000": "page of 1,000 records in an unusual envelope",
	"profile": "GET of the profile", "contact": "GET of one contact", "invoice": "GET of one invoice", "order": "GET of one order",
	"service": "GET of one hosting service", "usage": "GET of a service's usage", "token": "GET of one token", "transfer": "GET of a domain's transfer",
	"nameservers": "GET of a domain's nameservers", "domaincontacts": "GET of a domain's contacts", "availability50": "availability of 50 names",
}

var places = map[contest.Place]string{
	contest.Stub: "stubbed", contest.Loopback: "loopback", contest.Parallel: "parallel goroutines", contest.Gzip: "gzip",
	contest.TLS1: "TLS, HTTP/1.1", contest.TLS2: "TLS, HTTP/2", contest.Slow: "30 ms per answer",
}

func title(w contest.Work) string { return titles[w.Name] + ", " + places[w.Place] }

// median of the rounds in which the figure is there; NaN if there is none.
func median(rounds []contest.Round, figure func(contest.Round) float64) float64 {
	var values []float64
	for _, r := range rounds {
		if v := figure(r); !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	if n := len(values); n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}

// of reads one value of one contender at one work.
func of(w contest.Work, contender string, value func(contest.Sample) float64) func(contest.Round) float64 {
	return func(r contest.Round) float64 {
		s, ok := r[w.String()][contender]
		if !ok {
			return math.NaN()
		}
		return value(s)
	}
}

func cpuOf(s contest.Sample) float64    { return s.CPU }
func wallOf(s contest.Sample) float64   { return s.Wall }
func allocsOf(s contest.Sample) float64 { return s.Allocs }
func bytesOf(s contest.Sample) float64  { return s.Bytes }

// toRaw is a contender's CPU time as a part of raw's in the same round.
func toRaw(w contest.Work, contender string) func(contest.Round) float64 {
	return func(r contest.Round) float64 { return of(w, contender, cpuOf)(r) / of(w, "raw", cpuOf)(r) }
}

// markdown is the whole page.
func markdown(engines []*engine, s settings) string {
	var b strings.Builder
	b.WriteString(introduction)
	fmt.Fprintf(&b, "- The others are %s.\n", strings.Join(engines[0].peers, ", "))
	fmt.Fprintf(&b, "\nThe figures below: %d %s of %s for each contender at each work, on %d CPUs (%s/%s), with %s and %s.\n",
		s.rounds, plural(s.rounds, "round"), s.benchtime, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, engines[0].version, engines[1].version)
	for _, e := range engines {
		fmt.Fprintf(&b, "\n## On %s (%s)\n", e.title, e.version)
		relative(&b, e)
		resources(&b, e)
		absolute(&b, e, "Time by the clock", "per operation", duration, wallOf, func(w contest.Work) bool {
			return w.Place == contest.Parallel || w.Place == contest.Slow || w.Place == contest.Loopback
		})
		stubbed := func(w contest.Work) bool { return w.Place == contest.Stub && w.ByAll() }
		absolute(&b, e, "Allocations", "per operation, stubbed", whole, allocsOf, stubbed)
		absolute(&b, e, "Bytes allocated", "per operation, stubbed", size, bytesOf, stubbed)
	}
	memory(&b, engines)
	verdict(&b, engines)
	return b.String()
}

func relative(b *strings.Builder, e *engine) {
	fmt.Fprintf(b, "\n### CPU time of the client, relative to raw\n\n| work | raw | %s |\n|---|%s\n", strings.Join(shown(), " | "), strings.Repeat("---:|", len(shown())+1))
	for _, w := range contest.Works() {
		raw := median(e.rounds, of(w, "raw", cpuOf))
		if math.IsNaN(raw) || !w.ByAll() {
			continue
		}
		fmt.Fprintf(b, "| %s | %s |", title(w), duration(raw))
		for _, c := range shown() {
			fmt.Fprintf(b, " %s |", ratio(median(e.rounds, toRaw(w, c))))
		}
		b.WriteByte('\n')
	}
}

// resources shows every type of the API, without the other SDKs: what they
// have there is of another shape.
func resources(b *strings.Builder, e *engine) {
	b.WriteString("\n### Every type of resource, stubbed\n\nThe CPU time of floor and hoster is relative to raw.\n\n" +
		"| work | raw | floor | hoster | raw, allocations | hoster, allocations | raw, bytes | hoster, bytes |\n|---|" + strings.Repeat("---:|", 7) + "\n")
	for _, w := range contest.Works() {
		raw := median(e.rounds, of(w, "raw", cpuOf))
		if math.IsNaN(raw) || w.Place != contest.Stub {
			continue
		}
		figure := func(contender string, value func(contest.Sample) float64) float64 {
			return median(e.rounds, of(w, contender, value))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", titles[w.Name], duration(raw),
			ratio(median(e.rounds, toRaw(w, "floor"))), ratio(median(e.rounds, toRaw(w, "hoster"))),
			whole(figure("raw", allocsOf)), whole(figure("hoster", allocsOf)), size(figure("raw", bytesOf)), size(figure("hoster", bytesOf)))
	}
}

func absolute(b *strings.Builder, e *engine, heading, unit string, format func(float64) string, value func(contest.Sample) float64, wanted func(contest.Work) bool) {
	columns := slices.Concat([]string{"raw"}, shown())
	if slices.ContainsFunc(e.rounds, func(r contest.Round) bool { _, ok := r["slow/zone10000"][contest.AheadName]; return ok }) {
		columns = append(columns, contest.AheadName)
	}
	fmt.Fprintf(b, "\n### %s, %s\n\n| work | %s |\n|---|%s\n", heading, unit, strings.Join(columns, " | "), strings.Repeat("---:|", len(columns)))
	for _, w := range contest.Works() {
		if !wanted(w) || math.IsNaN(median(e.rounds, of(w, "raw", value))) {
			continue
		}
		fmt.Fprintf(b, "| %s |", title(w))
		for _, c := range columns {
			fmt.Fprintf(b, " %s |", format(median(e.rounds, of(w, c, value))))
		}
		b.WriteByte('\n')
	}
}

func memory(b *strings.Builder, engines []*engine) {
	b.WriteString("\n## Memory\n\n| work | " + engines[0].title + " | " + engines[1].title + " |\n|---|---:|---:|\n")
	rows := []struct {
		what  string
		value func(contest.Round) string
	}{
		{"walk over a zone of 1,000,000 records, peak heap", func(r contest.Round) string { return size(r[contest.WalkWork]["hoster"].Bytes) }},
		{"the same, what of it a collection found alive", func(r contest.Round) string { return size(r[contest.WalkWork]["hoster"].Live) }},
		{"the same, time by the clock", func(r contest.Round) string { return duration(r[contest.WalkWork]["hoster"].Wall) }},
		{"stream of a PDF of 100 MiB, all that was allocated", func(r contest.Round) string { return size(r[contest.PDFWork]["hoster"].Bytes) }},
	}
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |", row.what)
		for _, e := range engines {
			fmt.Fprintf(b, " %s |", row.value(e.memory))
		}
		b.WriteByte('\n')
	}
}

// verdict holds the figures against the targets.
func verdict(b *strings.Builder, engines []*engine) {
	b.WriteString("\n## Targets\n\nStubbed unless it says otherwise; a ratio is the median of the ratios within each round.\n\n| target | engine | bound | measured | |\n|---|---|---:|---:|---|\n")
	for _, t := range contest.Targets {
		for _, e := range engines {
			figure := median(append(slices.Clone(e.rounds), e.memory), t.Figure)
			bound := "at most "
			if t.AtLeast {
				bound = "at least "
			}
			met := "**not met**"
			switch {
			case math.IsNaN(figure):
				met = "not measured"
			case t.Met(figure, e.v2):
				met = "met"
			}
			fmt.Fprintf(b, "| %s | %s | %s%g %s | %s | %s |\n", t.What, strings.TrimSuffix(strings.TrimPrefix(e.title, "the "), " engine"), bound, t.Bound(e.v2), t.Unit, ratio(figure), met)
		}
	}
}
