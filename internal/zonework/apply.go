package zonework

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/go-hoster/hoster/dnszone"
)

// Job is an application of a plan.
type Job struct {
	Sets    []dnszone.SetPlan
	Version string // of the zone that was planned from

	// Again says that the plan was applied before: its version is older than that.
	// Begun are the sets that were left half written, or in doubt, and Adjusted what
	// the provider changed.
	Again    bool
	Begun    []dnszone.SetKey
	Adjusted []Adjusted

	Concurrency int                   // single calls under way at once
	OnProgress  func(done, total int) // sets; may be nil
}

// Outcome is what an application did.
type Outcome struct {
	Batched    bool // by the batch endpoint
	Applied    []dnszone.SetKey
	Skipped    []dnszone.SetKey // as wanted already
	Unfinished []dnszone.SetKey // half written, or in doubt
	Failed     []dnszone.SetKey // that the failed writes were about
	Conflicts  []dnszone.SetKey // changed by somebody else
	Adjusted   []Adjusted
}

// Apply brings all sets of a job to their goals. A set that holds neither what it
// was planned from nor what is wanted is a conflict. The outcome is there however
// Apply ends, by a panic in a call of the zone too. The caller holds the zone's
// lock.
func Apply(ctx context.Context, zone Zone, state *State, job Job, outcome *Outcome) error {
	a := &applier{
		zone: zone, state: state, job: job,
		version: state.Usable(Version{Tag: job.Version}), noBatch: !state.Batches.Try(),
		adjusted: job.Adjusted,
	}
	begun := map[dnszone.SetKey]bool{}
	for _, key := range job.Begun {
		begun[key] = true
	}
	for _, plan := range job.Sets {
		recall(&plan.Goal, job.Adjusted)
		a.sets = append(a.sets, &set{SetPlan: plan, begun: begun[plan.Goal.Key]})
	}
	defer func() { *outcome = a.outcome() }()
	return a.run(ctx)
}

// applier is one run of Apply.
type applier struct {
	zone  Zone
	state *State
	job   Job
	sets  []*set

	mu       sync.Mutex
	version  string
	batched  bool
	noBatch  bool // no batches: the provider does not have them, or may not
	risked   bool // something was written that depended on no version
	changes  int  // single calls that may change something before the zone is read again
	count    [5]int
	failed   []dnszone.SetKey // that the failed writes of the last round were about
	adjusted []Adjusted
}

// set is a set of the plan, and what has become of it.
type set struct {
	dnszone.SetPlan
	status status
	begun  bool // a part of it may have been written
}

type status uint8

const (
	pending status = iota
	skipped
	applied
	stray // neither as planned nor as wanted
	lost  // written, and changed by somebody else since
)

// task is a set that is to be written, and what it holds.
type task struct {
	*set
	now []dnszone.Held
}

// run looks at the zone unless the plan's version can guard the first write,
// and writes; again when somebody else wrote in between, or when it is time for
// another look. What was written without a version is looked for afterwards.
func (a *applier) run(ctx context.Context) error {
	var err error
	tasks, failures := a.fromPlan(), 0
	refused := false // by a record that is there already
	for more := true; more; {
		if tasks == nil {
			if tasks, err = a.look(ctx); err != nil {
				return err
			}
		}
		before := a.count[applied]
		a.failed = nil
		more, err = a.write(ctx, tasks)
		tasks = nil
		conflict := weigh(a.zone, err).Exists
		if err != nil && !hasMoved(a.zone, err) && (!conflict || refused) || failures == maxMerges {
			break
		}
		refused = refused || conflict
		if more = more || err != nil; more && a.count[applied] == before { // somebody else is quicker
			failures++
			if ended := pause(ctx, a.zone, failures, err); ended != nil {
				return ended
			}
		}
	}
	if err == nil && a.risked {
		err = a.verify(ctx)
	}
	if err != nil && hasMoved(a.zone, err) {
		err = a.zone.Conflict("the zone is being changed by somebody else", err)
	}
	return errors.Join(err, a.conflict("changed since the plan, and not written", stray), a.conflict("written, and changed by somebody else since", lost))
}

// hasMoved reports that the zone, or what is known of the provider, changed
// before the write, and nothing else went wrong in any of several calls.
func hasMoved(zone Zone, err error) bool {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range several.Unwrap() {
			if !hasMoved(zone, one) {
				return false
			}
		}
		return true
	}
	means := zone.Weigh(err)
	return means.Moved || means.LacksBatch
}

// conflict is the error about the sets of a status, if there are any.
func (a *applier) conflict(what string, is status) error {
	var names []string
	for _, key := range a.keys(is) {
		names = append(names, key.String())
	}
	if len(names) == 0 {
		return nil
	}
	return a.zone.Conflict(what+": "+strings.Join(names, ", "), nil)
}

// keys lists the sets of a status in the plan's order.
func (a *applier) keys(is status) (keys []dnszone.SetKey) {
	for _, s := range a.sets {
		if s.status == is {
			keys = append(keys, s.Goal.Key)
		}
	}
	return keys
}

func (a *applier) mark(s *set, is status) {
	a.count[s.status]--
	s.status = is
	a.count[is]++
}

// done notes a set that was written whole.
func (a *applier) done(s *set) {
	s.begun = false
	a.mark(s, applied)
}

// tell reports the progress.
func (a *applier) tell() {
	if a.job.OnProgress != nil {
		a.job.OnProgress(a.count[applied]+a.count[skipped], len(a.sets))
	}
}

func (a *applier) outcome() Outcome {
	o := Outcome{Batched: a.batched, Applied: a.keys(applied), Skipped: a.keys(skipped), Failed: a.failed, Adjusted: a.adjusted}
	for _, s := range a.sets {
		if s.begun {
			o.Unfinished = append(o.Unfinished, s.Goal.Key)
		}
		if s.status == stray || s.status == lost {
			o.Conflicts = append(o.Conflicts, s.Goal.Key)
		}
	}
	return o
}
