package hoster

import (
	"context"
	"errors"
	"fmt"
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

// ApplyResult is what an application did.
type ApplyResult struct {
	Batched  bool     // by the batch endpoint, not by single calls
	Applied  []string // the record sets that were written, as "name type"
	Skipped  []string // that were as wanted already
	Adjusted []Adjustment
}

const opApply = Operation("DNS.Apply")

// Apply does what a plan says. It needs [ScopeDNSRead] and [ScopeDNSWrite].
//
// Record sets that are as wanted already are skipped, those that are as the plan
// found them are written, and for any other nothing is written and the error
// matches [ErrConflict] and names it. Where the provider has the batch endpoint
// everything goes in as few batches as can be, each of which is done whole or
// not at all; else in single calls, several at once, in an order that never puts
// a CNAME beside another record.
//
// After an error the result says what was applied. Applying the plan again
// finishes the rest.
func (s *DNSService) Apply(ctx context.Context, plan *ZonePlan, options *ApplyOptions) (ApplyResult, error) {
	switch {
	case ctx == nil:
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "ctx", Expected: "a context that is not nil"}
	case plan == nil:
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "plan", Expected: "a plan of PlanZone"}
	case plan.IsEmpty():
		return ApplyResult{}, nil
	}
	a := &applier{service: s, plan: plan, version: plan.version}
	if options != nil {
		a.options = *options
	}
	if a.options.Concurrency <= 0 {
		a.options.Concurrency = 8
	}
	unlock, err := s.client.zones.of(plan.Domain).lock(ctx)
	if err != nil {
		return ApplyResult{}, &TransportError{Operation: opApply, Err: err}
	}
	defer unlock()
	err = a.run(ctx)
	return a.result, err
}

// applier is one run of Apply.
type applier struct {
	service *DNSService
	plan    *ZonePlan
	options ApplyOptions
	version string
	result  ApplyResult
	strays  []string // sets that are neither as planned nor as wanted
	mu      sync.Mutex
}

// run looks at the zone unless the plan's version can guard the write, writes,
// and looks once more when somebody else wrote in between.
func (a *applier) run(ctx context.Context) error {
	sets := a.plan.sets
	guarded := a.version != "" && !a.service.client.zones.noBatch.Load()
	if !guarded {
		var err error
		if sets, err = a.look(ctx); err != nil {
			return err
		}
	}
	err := a.write(ctx, sets)
	if errors.Is(err, ErrNotSupported) || errors.Is(err, ErrPreconditionFailed) || errors.Is(err, ErrNotFound) || isRecordConflict(err) {
		sets, lookErr := a.look(ctx)
		if lookErr != nil {
			return lookErr
		}
		err = a.write(ctx, sets)
	}
	switch {
	case errors.Is(err, ErrPreconditionFailed):
		return &conflictError{op: opApply, what: "the zone is being changed by somebody else", err: err}
	case err == nil && len(a.strays) > 0:
		return &conflictError{op: opApply, what: "changed since the plan, and not written: " + strings.Join(a.strays, ", ")}
	}
	return err
}

// look reads the zone and sorts the plan's sets: done, still as planned, or
// changed by somebody else.
func (a *applier) look(ctx context.Context) ([]plannedSet, error) {
	current, version, err := a.service.readZone(ctx, a.plan.Domain, nil)
	if err != nil {
		return nil, err
	}
	a.version, a.strays = version, nil
	there := map[dnszone.SetKey][]Record{}
	for _, r := range current {
		if record, err := r.zoneRecord(a.plan.Domain); err == nil {
			there[record.Key()] = append(there[record.Key()], r)
		}
	}
	var left []plannedSet
	for _, set := range a.plan.sets {
		switch now := there[set.key]; {
		case set.isDone(now, a.plan.Domain):
			if name := set.name(); !slices.Contains(a.result.Applied, name) && !slices.Contains(a.result.Skipped, name) {
				a.result.Skipped = append(a.result.Skipped, name)
			}
		case sameRecords(now, set.before):
			left = append(left, set)
		default:
			a.strays = append(a.strays, set.name())
		}
	}
	return left, nil
}

func (s *plannedSet) name() string { return s.key.Name.Relative() + " " + s.key.Type }

// isDone reports a set that holds what the plan makes of it.
func (s *plannedSet) isDone(now []Record, zone string) bool {
	var have []dnszone.Record
	for _, r := range now {
		record, err := r.zoneRecord(zone)
		if err != nil {
			return false
		}
		have = append(have, record)
	}
	want := slices.Clone(s.want)
	for _, r := range s.before { // what is not owned stays
		if slices.Contains(s.batch.Delete, r.ID) || slices.ContainsFunc(s.batch.Update, func(u BatchUpdate) bool { return u.ID == r.ID && !u.Value.IsZero() }) {
			continue
		}
		if record, err := r.zoneRecord(zone); err == nil {
			record.TTL = 0
			want = append(want, record)
		}
	}
	return len(dnszone.Diff(have, want)) == 0
}

// sameRecords compares sets by their contents; ids may have changed.
func sameRecords(a, b []Record) bool {
	if len(a) != len(b) {
		return false
	}
	for _, r := range a {
		if !slices.ContainsFunc(b, func(o Record) bool { return o.ID == r.ID && o.TTL == r.TTL && o.Value == r.Value && equalNumbers(o, r) }) {
			return false
		}
	}
	return true
}

func equalNumbers(a, b Record) bool {
	same := func(x, y *uint16) bool { return (x == nil) == (y == nil) && (x == nil || *x == *y) }
	return same(a.Priority, b.Priority) && same(a.Weight, b.Weight) && same(a.Port, b.Port)
}

// write does the sets, in batches or by single calls.
func (a *applier) write(ctx context.Context, sets []plannedSet) error {
	units := unitsOf(sets)
	if a.service.client.zones.noBatch.Load() {
		return a.singles(ctx, units)
	}
	err := a.batches(ctx, units)
	if errors.Is(err, ErrNotSupported) {
		a.service.client.zones.noBatch.Store(true)
	}
	return err
}

// unit is all sets of one name: what must be done together, in the right order.
type unit []plannedSet

func unitsOf(sets []plannedSet) []unit {
	var units []unit
	place := map[dnszone.Name]int{}
	for _, set := range sets {
		i, known := place[set.key.Name]
		if !known {
			i = len(units)
			place[set.key.Name] = i
			units = append(units, nil)
		}
		units[i] = append(units[i], set)
	}
	return units
}

// joined is the unit's changes as one batch.
func (u unit) joined() (b RecordBatch) {
	for _, set := range u {
		b = b.and(set.batch)
	}
	return b
}

func (b RecordBatch) size() int { return len(b.Delete) + len(b.Update) + len(b.Create) }

// batches fills batches with whole units. Only a unit that is larger than a batch
// is split, in the order in which a batch works.
func (a *applier) batches(ctx context.Context, units []unit) error {
	for len(units) > 0 {
		part := units[:1]
		batch := part[0].joined()
		for len(part) < len(units) && batch.size()+units[len(part)].joined().size() <= maxBatch {
			batch = batch.and(units[len(part)].joined())
			part = units[:len(part)+1]
		}
		units = units[len(part):]
		var all BatchResult
		for _, piece := range batch.pieces() {
			w := &zoneWriter{service: a.service, zone: a.plan.Domain, version: a.version}
			result, err := w.batch(ctx, piece)
			if err != nil {
				return err
			}
			a.version, a.result.Batched = w.version, true
			all.Created, all.Updated = append(all.Created, result.Created...), append(all.Updated, result.Updated...)
		}
		a.done(part, batch, all)
	}
	return nil
}

func (b RecordBatch) and(more RecordBatch) RecordBatch {
	return RecordBatch{
		Delete: append(b.Delete, more.Delete...),
		Update: append(b.Update, more.Update...),
		Create: append(b.Create, more.Create...),
	}
}

// pieces cuts a batch to the size that the API takes.
func (b RecordBatch) pieces() (pieces []RecordBatch) {
	for ids := range slices.Chunk(b.Delete, maxBatch) {
		pieces = append(pieces, RecordBatch{Delete: ids})
	}
	for updates := range slices.Chunk(b.Update, maxBatch) {
		pieces = append(pieces, RecordBatch{Update: updates})
	}
	for creates := range slices.Chunk(b.Create, maxBatch) {
		pieces = append(pieces, RecordBatch{Create: creates})
	}
	if b.size() <= maxBatch {
		return []RecordBatch{b}
	}
	return pieces
}

// singles does units side by side, each in its own order. They cannot depend on
// the zone's version, which each of them moves; what changed since the plan was
// looked for before.
func (a *applier) singles(ctx context.Context, units []unit) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var workers sync.WaitGroup
	var first error
	slots := make(chan struct{}, a.options.Concurrency)
	for _, u := range units {
		slots <- struct{}{}
		if ctx.Err() != nil {
			<-slots
			break
		}
		workers.Go(func() {
			defer func() { <-slots }()
			if err := a.unit(ctx, u); err != nil {
				a.mu.Lock()
				if first == nil {
					first = err
				}
				a.mu.Unlock()
				cancel()
			}
		})
	}
	workers.Wait()
	if first == nil {
		return ctx.Err()
	}
	return first
}

// unit writes one name by single calls. Where a CNAME comes or goes, deletions
// come first, for nothing can stand beside it; else they come last, so that a
// set is never empty in between.
func (a *applier) unit(ctx context.Context, u unit) error {
	batch := u.joined()
	w := &zoneWriter{service: a.service, zone: a.plan.Domain, loose: true}
	var deleted BatchResult
	var err error
	if slices.ContainsFunc(u, func(s plannedSet) bool { return s.key.Type == dnszone.TypeCNAME }) {
		deleted, err = w.single(ctx, RecordBatch{Delete: batch.Delete})
		batch.Delete = nil
	}
	var result BatchResult
	if err == nil {
		result, err = w.single(ctx, batch)
	}
	result.Deleted = append(result.Deleted, deleted.Deleted...)
	if err != nil {
		if n := len(result.Created) + len(result.Updated) + len(result.Deleted); n > 0 {
			err = fmt.Errorf("%s: %d of %d changes were made before: %w", u[0].key.Name.Relative(), n, u.joined().size(), err)
		}
		return err
	}
	a.done([]unit{u}, batch, result)
	return nil
}

// done notes what was written.
func (a *applier) done(units []unit, sent RecordBatch, got BatchResult) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, u := range units {
		for _, set := range u {
			a.result.Applied = append(a.result.Applied, set.name())
		}
	}
	a.result.Adjusted = append(a.result.Adjusted, adjustments(sent, got)...)
	if a.options.OnProgress != nil {
		a.options.OnProgress(ApplyProgress{Done: len(a.result.Applied) + len(a.result.Skipped), Total: len(a.plan.sets)})
	}
}
