package hoster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
)

// ApplyOptions shape an application of a plan. Nil is the zero value.
type ApplyOptions struct {
	// Concurrency bounds the single calls under way at once, for providers
	// without a batch endpoint; 0 stands for 8.
	Concurrency int
	// OnProgress is called after each part that was written, not concurrently. It
	// must not write to the same zone with the same client: that waits for Apply.
	OnProgress func(ApplyProgress)
}

// ApplyProgress is how far an application is.
type ApplyProgress struct{ Done, Total int } // record sets

// ApplyResult is what an application did. Record sets stand as "name type".
type ApplyResult struct {
	Batched    bool     // by the batch endpoint, not by single calls
	Applied    []string // the record sets that were written
	Skipped    []string // that were as wanted already
	Unfinished []string // that a failure left half written, or in doubt
	Adjusted   []Adjustment
}

const opApply = Operation("DNS.Apply")

// Apply does what a plan says. It needs [ScopeDNSRead] and [ScopeDNSWrite].
//
// Record sets that are as wanted already are skipped, those that are as the plan
// found them are written, and for any other nothing is written and the error
// matches [ErrConflict] and names it; so it is with all of a name where a CNAME
// would come to stand beside what somebody else put there.
//
// Where the provider has the batch endpoint everything goes in as few batches as
// can be, each of which is done whole or not at all; else in single calls, in an
// order that never puts a CNAME beside another record. Where it sends ETags,
// batches, and single calls that change or delete something, depend on the
// zone's version, and single calls that do so are made one after the other.
// Where it sends none, single calls go side by side and the zone is read again
// every now and then, and after the last write: a set that somebody else changed
// meanwhile is an [ErrConflict] too, but a change within the seconds between
// reading a set and writing it cannot be seen.
//
// Every error of a write names the record sets that it was about. After the
// first failure nothing new is begun; what is under way is finished or
// fails too. The result then says what was applied and what was begun. Applying
// the same plan again finishes the rest.
func (s *DNSService) Apply(ctx context.Context, plan *ZonePlan, options *ApplyOptions) (ApplyResult, error) {
	switch {
	case ctx == nil:
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "ctx", Expected: "a context that is not nil"}
	case plan == nil:
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "plan", Expected: "a plan of PlanZone"}
	case plan.IsEmpty():
		return ApplyResult{}, nil
	}
	unlock, err := s.client.zones.of(plan.Domain).lock(ctx)
	if err != nil {
		return ApplyResult{}, &TransportError{Operation: opApply, Err: err}
	}
	defer unlock()
	if !plan.taken.TryLock() {
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "plan", Expected: "a plan that no other client is applying"}
	}
	defer plan.taken.Unlock()
	a := &applier{
		service: s, plan: plan, status: map[*plannedSet]setStatus{},
		version: s.client.zones.versions.usable(plan.version, false),
		noBatch: !s.client.zones.batches.try(),
	}
	if options != nil {
		a.options = *options
	}
	if a.options.Concurrency <= 0 {
		a.options.Concurrency = 8
	}
	err = a.run(ctx)
	return a.result(), err
}

// applier is one run of Apply.
type applier struct {
	service *DNSService
	plan    *ZonePlan
	options ApplyOptions

	mu       sync.Mutex
	version  string
	batched  bool
	noBatch  bool // no batches: the provider does not have them, or may not
	risked   bool // something was written that depended on no version
	changes  int  // single calls that may change something before the zone is read again
	status   map[*plannedSet]setStatus
	count    [5]int // sets of each status
	adjusted []Adjustment
}

// setStatus is what has become of a set.
type setStatus uint8

const (
	pending setStatus = iota
	skipped
	applied
	stray // neither as planned nor as wanted
	lost  // written, and changed by somebody else since
)

func (a *applier) mark(set *plannedSet, status setStatus) {
	a.count[a.status[set]]--
	a.status[set] = status
	a.count[status]++
}

// setTask is a set that is to be written, and what it holds.
type setTask struct {
	*plannedSet
	now []Record
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
		more, err = a.write(ctx, tasks)
		tasks = nil
		conflict := isRecordConflict(err)
		if err != nil && !hasMoved(err) && (!conflict || refused) || failures == maxMerges {
			break
		}
		refused = refused || conflict
		if more = more || err != nil; more && a.count[applied] == before { // somebody else is quicker
			failures++
			if ended := pauseBetween(ctx, opApply, failures, err); ended != nil {
				return ended
			}
		}
	}
	if err == nil && a.risked {
		err = a.verify(ctx)
	}
	if hasMoved(err) {
		err = &conflictError{op: opApply, what: "the zone is being changed by somebody else", err: err}
	}
	return errors.Join(err, a.conflict("changed since the plan, and not written", stray), a.conflict("written, and changed by somebody else since", lost))
}

// conflict is the error about the sets of a status, if there are any.
func (a *applier) conflict(what string, status setStatus) error {
	names := a.names(status)
	if len(names) == 0 {
		return nil
	}
	return &conflictError{op: opApply, what: what + ": " + strings.Join(names, ", ")}
}

// names lists the sets of a status in the plan's order.
func (a *applier) names(status setStatus) (names []string) {
	for _, set := range a.plan.sets {
		if a.status[set] == status {
			names = append(names, set.String())
		}
	}
	return names
}

// hasMoved reports that the zone, or what is known of the provider, changed
// before the write, and nothing else went wrong in any of several calls.
func hasMoved(err error) bool {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(several.Unwrap(), func(err error) bool { return !hasMoved(err) })
	}
	return lacksBatch(err) || errors.Is(err, ErrPreconditionFailed) || errors.Is(err, ErrNotFound)
}

// done notes a set that was written whole.
func (a *applier) done(set *plannedSet) {
	set.begun, set.written = false, true
	a.mark(set, applied)
}

// tell reports the progress.
func (a *applier) tell() {
	if a.options.OnProgress != nil {
		a.options.OnProgress(ApplyProgress{Done: a.count[applied] + a.count[skipped], Total: len(a.plan.sets)})
	}
}

// result is what has become of the plan's sets.
func (a *applier) result() ApplyResult {
	result := ApplyResult{Batched: a.batched, Applied: a.names(applied), Skipped: a.names(skipped), Adjusted: a.adjusted}
	for _, set := range a.plan.sets {
		if set.begun {
			result.Unfinished = append(result.Unfinished, set.String())
		}
	}
	return result
}
