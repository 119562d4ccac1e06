package hoster

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/go-hoster/hoster/dnszone"
)

// ApplyOptions shape an application of a plan. Nil is the zero value.
type ApplyOptions struct {
	// Concurrency bounds the single calls under way at once, for providers
	// without a batch endpoint; 0 stands for 8.
	Concurrency int
	// OnProgress is called after each part that was written, not concurrently.
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
// matches [ErrConflict] and names it. Where the provider has the batch endpoint
// everything goes in as few batches as can be, each of which is done whole or
// not at all; else in single calls, several at once, in an order that never puts
// a CNAME beside another record. Writes depend on the zone's version where the
// provider sends ETags and takes batches; elsewhere the zone is read again after
// them, and a set that somebody else changed meanwhile is an [ErrConflict] too.
//
// At the first failure no further call is made; those under way are waited for.
// The result then says what was applied and what was begun. Applying the same
// plan again finishes the rest.
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
	a := &applier{service: s, plan: plan, version: plan.version, skipped: map[*plannedSet]bool{}, applied: map[*plannedSet]bool{}}
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
	risked   bool // something was written that depended on no version
	applied  map[*plannedSet]bool
	skipped  map[*plannedSet]bool
	adjusted []Adjustment
	strays   []string // sets that are neither as planned nor as wanted
}

// setTask is a set that is to be written, and what it holds.
type setTask struct {
	*plannedSet
	now []Record
}

// run looks at the zone unless the plan's version can guard the first write,
// and writes; again when somebody else wrote in between. What was written
// without a version is looked for afterwards.
func (a *applier) run(ctx context.Context) error {
	var err error
	tasks := a.fromPlan()
	refused := false // by a record that is there already
	for try := range maxMerges {
		if tasks == nil {
			if tasks, err = a.look(ctx); err != nil {
				return err
			}
		}
		err = a.write(ctx, tasks)
		conflict := isRecordConflict(err)
		if !hasMoved(err) && (!conflict || refused) {
			break
		}
		tasks, refused = nil, refused || conflict
		if ended := pauseBetween(ctx, opApply, try); ended != nil {
			return errors.Join(ended, err)
		}
	}
	var lost []string
	if err == nil && a.risked && len(a.applied) > 0 {
		lost, err = a.verify(ctx)
	}
	if hasMoved(err) {
		err = &conflictError{op: opApply, what: "the zone is being changed by somebody else", err: err}
	}
	return errors.Join(err, namedConflict("changed since the plan, and not written", a.strays), namedConflict("written, and changed by somebody else since", lost))
}

func namedConflict(what string, sets []string) error {
	if len(sets) == 0 {
		return nil
	}
	return &conflictError{op: opApply, what: what + ": " + strings.Join(sets, ", ")}
}

// hasMoved reports that the zone, or what is known of the provider, changed
// before the write, and nothing else went wrong in any of several calls.
func hasMoved(err error) bool {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(several.Unwrap(), func(err error) bool { return !hasMoved(err) })
	}
	return errors.Is(err, ErrNotSupported) || errors.Is(err, ErrPreconditionFailed) || errors.Is(err, ErrNotFound)
}

// fromPlan is all sets as the plan found them, where its version makes sure that
// nothing is written if that no longer holds. Else it is nil.
func (a *applier) fromPlan() (tasks []setTask) {
	if a.version == "" || a.service.client.zones.noBatch.Load() || a.plan.begun() {
		return nil
	}
	for _, set := range a.plan.sets {
		tasks = append(tasks, setTask{set, set.before})
	}
	return tasks
}

// begun reports a plan that an Apply has worked on.
func (p *ZonePlan) begun() bool {
	return slices.ContainsFunc(p.sets, func(s *plannedSet) bool { return s.begun || s.written })
}

// read is the plan's sets as they are now.
func (a *applier) read(ctx context.Context) (map[dnszone.SetKey][]Record, error) {
	current, version, err := a.service.readZone(ctx, a.plan.Domain, nil)
	if err != nil {
		return nil, err
	}
	a.version = version
	there := map[dnszone.SetKey][]Record{}
	for _, r := range current {
		if record, err := r.zoneRecord(a.plan.Domain); err == nil {
			there[record.Key()] = append(there[record.Key()], r)
		}
	}
	return there, nil
}

// look reads the zone and sorts the plan's sets: done, still to be written, or
// changed by somebody else.
func (a *applier) look(ctx context.Context) ([]setTask, error) {
	there, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	a.strays = nil
	tasks := []setTask{}
	for _, set := range a.plan.sets {
		switch now := there[set.key]; {
		case set.isDone(now, a.plan.owns):
			set.begun, set.written = false, true
			if !a.applied[set] {
				a.skipped[set] = true
			}
		case set.isAsPlanned(now), set.begun && set.isOnTheWay(now):
			delete(a.applied, set)
			tasks = append(tasks, setTask{set, now})
		default:
			delete(a.applied, set)
			a.strays = append(a.strays, set.String())
		}
	}
	return tasks, nil
}

// verify looks whether what was written is still there, and names what is not.
func (a *applier) verify(ctx context.Context) (lost []string, err error) {
	there, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, set := range a.plan.sets {
		if a.applied[set] && set.goal.edit(there[set.key]).size() > 0 {
			delete(a.applied, set)
			lost = append(lost, set.String())
		}
	}
	return lost, nil
}

// String is the set as the result and errors name it.
func (s *plannedSet) String() string { return s.key.Name.Relative() + " " + s.key.Type }

// isDone reports a set that holds what the plan makes of it. A value that
// somebody added meanwhile counts against it if it is owned.
func (s *plannedSet) isDone(now []Record, owns func(Record) bool) bool {
	if s.goal.edit(now).size() > 0 {
		return false
	}
	before := valuesOf(s.before)
	_, rest := s.goal.missing(now)
	return !slices.ContainsFunc(rest.others, func(r Record) bool {
		v, ok := r.canonical()
		return ok && !before[v] && owns(r)
	})
}

// isAsPlanned reports a set that holds what the plan found, under whatever ids.
func (s *plannedSet) isAsPlanned(now []Record) bool {
	type value struct {
		data dnszone.Data
		ttl  int
	}
	contents := func(records []Record) map[value]int {
		count := map[value]int{}
		for _, r := range records {
			v, _ := r.canonical()
			count[value{v, r.TTL}]++
		}
		return count
	}
	return maps.Equal(contents(now), contents(s.before))
}

// isOnTheWay reports a set that lies between what the plan found and what it
// makes of it: what a failure of ours can leave behind.
func (s *plannedSet) isOnTheWay(now []Record) bool {
	before, there := valuesOf(s.before), valuesOf(now)
	_, rest := s.goal.missing(now)
	for _, r := range rest.others {
		if v, ok := r.canonical(); !ok || !before[v] {
			return false // somebody else's
		}
	}
	_, were := s.goal.missing(s.before)
	for _, r := range slices.Concat(were.wanted, slices.DeleteFunc(were.others, s.goal.drop)) {
		if v, _ := r.canonical(); !there[v] {
			return false // removed by somebody else
		}
	}
	return !slices.ContainsFunc(now, func(r Record) bool {
		return !s.goal.hasTTL(r, s.goal.ttl) && !slices.ContainsFunc(s.before, func(b Record) bool { return b.TTL == r.TTL })
	})
}

func valuesOf(records []Record) map[dnszone.Data]bool {
	values := map[dnszone.Data]bool{}
	for _, r := range records {
		if v, ok := r.canonical(); ok {
			values[v] = true
		}
	}
	return values
}

// done notes a set that was written whole.
func (a *applier) done(set *plannedSet) {
	set.begun, set.written = false, true
	a.applied[set] = true
}

// tell reports the progress.
func (a *applier) tell() {
	if a.options.OnProgress != nil {
		a.options.OnProgress(ApplyProgress{Done: len(a.applied) + len(a.skipped), Total: len(a.plan.sets)})
	}
}

// result lists the sets in the plan's order.
func (a *applier) result() ApplyResult {
	result := ApplyResult{Batched: a.batched, Adjusted: a.adjusted}
	for _, set := range a.plan.sets {
		switch {
		case a.applied[set]:
			result.Applied = append(result.Applied, set.String())
		case a.skipped[set]:
			result.Skipped = append(result.Skipped, set.String())
		case set.begun:
			result.Unfinished = append(result.Unfinished, set.String())
		}
	}
	return result
}
