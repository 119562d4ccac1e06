package contest

import (
	"math"

	"github.com/go-hoster/hoster/benchmarks/wire"
)

// Sample is what one contender needed for one operation.
type Sample struct {
	CPU    float64 // nanoseconds of the client's process
	Wall   float64 // nanoseconds
	Bytes  float64 // allocated
	Allocs float64
	Live   float64 // bytes that a collection found alive, at most; of the walk alone
}

// Round holds the samples of one run through all works and contenders: figures
// are formed within a round, so that a machine that was slower in one counts for
// both sides.
type Round map[string]map[string]Sample // by the work's name, then the contender's

// The works outside Works that only the memory program does.
const (
	WalkWork = "memory/walk"
	PDFWork  = "memory/pdf"
)

// Target is what must be true of hoster.
type Target struct {
	What    string
	Unit    string
	Limit   float64 // with encoding/json's first engine
	LimitV2 float64 // with its second
	AtLeast bool    // the figure must not be below; otherwise not above
	Guarded bool    // held up with each change, at 1.25 times the limit
	// Figure reads a round; NaN says that the round lacks what it needs.
	Figure func(Round) float64
}

// Bound is the limit for the engine.
func (t Target) Bound(v2 bool) float64 {
	if v2 {
		return t.LimitV2
	}
	return t.Limit
}

// Met reports whether the figure is within the limit for the engine.
func (t Target) Met(figure float64, v2 bool) bool {
	if t.AtLeast {
		return figure >= t.Bound(v2)
	}
	return figure <= t.Bound(v2)
}

// Targets are all of them: the one place that names their limits.
var Targets = []Target{
	{What: "GET of one domain, CPU", Unit: "of raw", Limit: 0.50, LimitV2: 0.65, Guarded: true, Figure: cpuTo("raw", Work{Stub, Get})},
	{What: "GET of one domain, allocations", Unit: "per call", Limit: 24, LimitV2: 24, Figure: allocs(Work{Stub, Get}, 1)},
	{What: "GET of one domain, overhead over the floor", Unit: "times less than the best peer's", Limit: 4, LimitV2: 3, AtLeast: true, Figure: overhead(Work{Stub, Get})},
	recordPage("page of 100, CPU", Page1),
	{What: "page of 100, overhead over the floor", Unit: "times less than the best peer's", Limit: 5, LimitV2: 3, AtLeast: true, Figure: overhead(Work{Stub, Page1})},
	recordPage("page of 1,000, CPU", Page2),
	{What: "page of 1,000, overhead over the floor", Unit: "times less than the best peer's", Limit: 5, LimitV2: 3, AtLeast: true, Figure: overhead(Work{Stub, Page2})},
	recordPage("page of 100 of mixed types, CPU", Mixed1),
	recordPage("page of 1,000 of mixed types, CPU", Mixed2),
	recordPage("page of 100 in an unusual envelope, CPU", Odd1),
	recordPage("page of 1,000 in an unusual envelope, CPU", Odd2),
	resourcePage("page of 100 domains, CPU", Domains),
	resourcePage("page of 100 contacts, CPU", Contacts),
	resourcePage("page of 100 invoices, CPU", Invoices),
	resourcePage("page of 100 orders, CPU", Orders),
	resourcePage("page of 100 services, CPU", Services),
	resourcePage("page of 100 plans, CPU", Plans),
	resourcePage("page of 100 tokens, CPU", Tokens),
	{What: "zone of 10,000, allocations", Unit: "per record", Limit: 1.1, LimitV2: 1.1, Figure: allocs(Work{Stub, Zone}, wire.Records)},
	{What: "zone of 10,000, allocated", Unit: "MB", Limit: 5, LimitV2: 5, Figure: megabytes(Work{Stub, Zone})},
	{What: "GET over loopback, CPU", Unit: "of the floor", Limit: 1.10, LimitV2: 1.10, Figure: cpuTo("floor", Work{Loopback, Get})},
	{What: "zone at 30 ms per answer, four pages ahead, time", Unit: "of the best peer", Limit: 0.30, LimitV2: 0.30, Figure: ahead},
	{What: "walk over 1,000,000 records, peak heap", Unit: "MiB", Limit: 32, LimitV2: 32, Figure: mebibytes(WalkWork)},
	{What: "streamed PDF of 100 MiB, allocated", Unit: "MiB", Limit: 1, LimitV2: 1, Figure: mebibytes(PDFWork)},
}

// recordPage holds for pages of records of every kind and in every envelope.
func recordPage(what string, o Operation) Target {
	return Target{What: what, Unit: "of raw", Limit: 0.22, LimitV2: 0.33, Guarded: true, Figure: cpuTo("raw", Work{Stub, o})}
}

// resourcePage holds for pages of every other type.
func resourcePage(what string, o Operation) Target {
	return Target{What: what, Unit: "of raw", Limit: 0.75, LimitV2: 0.75, Guarded: true, Figure: cpuTo("raw", Work{Stub, o})}
}

// PeerNames are the contenders that count as peers.
var PeerNames = []string{"godo", "govultr", "hcloud-go", "linodego", "cloudflare-go"}

// sample is NaN all over where the round lacks it.
func (r Round) sample(work, contender string) Sample {
	s, ok := r[work][contender]
	if !ok {
		nan := math.NaN()
		return Sample{CPU: nan, Wall: nan, Bytes: nan, Allocs: nan, Live: nan}
	}
	return s
}

// bestPeer is the least that a peer needs; NaN without peers.
func (r Round) bestPeer(work string, of func(Sample) float64) float64 {
	best := math.NaN()
	for _, name := range PeerNames {
		if v := of(r.sample(work, name)); math.IsNaN(best) || v < best {
			best = v
		}
	}
	return best
}

func cpu(s Sample) float64  { return s.CPU }
func wall(s Sample) float64 { return s.Wall }

func cpuTo(base string, w Work) func(Round) float64 {
	return func(r Round) float64 {
		return r.sample(w.String(), "hoster").CPU / r.sample(w.String(), base).CPU
	}
}

func allocs(w Work, items float64) func(Round) float64 {
	return func(r Round) float64 { return r.sample(w.String(), "hoster").Allocs / items }
}

func megabytes(w Work) func(Round) float64 {
	return func(r Round) float64 { return r.sample(w.String(), "hoster").Bytes / 1e6 }
}

func mebibytes(work string) func(Round) float64 {
	return func(r Round) float64 { return r.sample(work, "hoster").Bytes / (1 << 20) }
}

// overhead is how many times what the best peer spends over the floor is what
// hoster spends over it.
func overhead(w Work) func(Round) float64 {
	return func(r Round) float64 {
		floor := r.sample(w.String(), "floor").CPU
		return (r.bestPeer(w.String(), cpu) - floor) / (r.sample(w.String(), "hoster").CPU - floor)
	}
}

func ahead(r Round) float64 {
	w := Work{Slow, Zone}.String()
	return r.sample(w, AheadName).Wall / r.bestPeer(w, wall)
}
