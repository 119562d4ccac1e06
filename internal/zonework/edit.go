package zonework

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-hoster/hoster/dnszone"
)

// maxLost bounds how often a set is written again because it did not last.
const maxLost = 4

// SetEdit is what one set is to become.
type SetEdit struct {
	Goal dnszone.Goal
	// Expect is what the set must hold before, where Expects is true.
	Expects bool
	Expect  []dnszone.Data
}

// Edited is what an edit did.
type Edited struct {
	Before, After []dnszone.Held
	Written       bool // something was, or with an error may have been
	Adjusted      []Adjusted
}

// Edit brings sets to their goals: it reads them and writes what is missing, all at
// once where the provider has batches, and begins again when another writer came in
// between. A set that does not hold what is expected is a conflict, and then nothing
// is written. The caller holds the zone's lock.
func Edit(ctx context.Context, zone Zone, state *State, edits []SetEdit) ([]Edited, error) {
	e := &editor{zone: zone, state: state, sets: make([]editing, len(edits))}
	for i, edit := range edits {
		e.sets[i].SetEdit = edit
		e.domain = edit.Goal.Key.Name.Zone()
	}
	e.mirror = state.watched(e.domain)
	err := e.run(ctx)
	changes := make([]Edited, len(edits))
	for i := range e.sets {
		changes[i] = e.sets[i].done
	}
	return changes, err
}

// editor is one run of Edit.
type editor struct {
	zone    Zone
	state   *State
	sets    []editing
	domain  string
	mirror  *Mirror // may be nil
	known   bool    // the sets were not read, but taken from the mirror
	version string
	noBatch bool // single calls, for the rest of this edit
}

// editing is a set, and what was learned of it from the tries.
type editing struct {
	SetEdit
	done    Edited
	now     []dnszone.Held
	changes dnszone.Changes
	written int                   // writes that no version guarded
	looks   int                   // since the last of them
	there   map[dnszone.Data]bool // when the API said that a record is there already
}

func (e *editor) run(ctx context.Context) error {
	var last error
	for try := range maxMerges {
		if err := pause(ctx, e.zone, try, last); err != nil {
			return err
		}
		if err := e.read(ctx, try == 0); err != nil {
			return err
		}
		changes, stale, err := e.changes()
		if e.known && (err != nil || changes.Len() == 0) {
			continue // nothing that is only remembered is the last word
		}
		if err != nil || changes.Len() == 0 {
			return err
		}
		if stale {
			continue
		}
		w := &writer{zone: e.zone, state: e.state, version: e.version, noBatch: e.noBatch, domain: e.domain, mirror: e.mirror}
		result, err := w.run(ctx, changes)
		e.noBatch = w.noBatch
		means := weigh(e.zone, err)
		e.take(result, means)
		last = err
		switch {
		case means.Exists:
			if !e.refused() {
				return e.name(err, means.Place) // and not because of another writer
			}
		case means.Moved, means.LacksBatch:
			// another writer, or another server, which does not tell what was done: read
			// again and merge
		case err != nil:
			return e.name(err, means.Place)
		case w.guarded():
			return nil
		default: // only another look tells whether the write is still there
			for i := range e.sets {
				if s := &e.sets[i]; s.changes.Len() > 0 {
					s.written++
					s.looks = 0
				}
			}
		}
	}
	return e.zone.Conflict(fmt.Sprintf("%s is being changed by somebody else; %d merges did not last", e.names(), maxMerges), nil)
}

// read looks what the sets hold. One is read by itself, several with the zone.
func (e *editor) read(ctx context.Context, first bool) error {
	held, version, err := e.held(ctx, first)
	if err != nil {
		return err
	}
	e.version = e.state.Usable(version)
	for i := range e.sets {
		s := &e.sets[i]
		s.now = held[s.Goal.Key]
		if !s.done.Written {
			s.done.Before = s.now
		}
	}
	return nil
}

func (e *editor) held(ctx context.Context, first bool) (map[dnszone.SetKey][]dnszone.Held, Version, error) {
	e.known = false
	if e.mirror != nil && first {
		// A write that depends on its version finds out whether it is still true.
		if held, version, ok := e.mirror.held(e.state, e.domain, e.sets); ok {
			e.known = true
			return held, version, nil
		}
	}
	if len(e.sets) == 1 && e.mirror == nil {
		key := e.sets[0].Goal.Key
		records, version, err := e.zone.ReadSet(ctx, key)
		return map[dnszone.SetKey][]dnszone.Held{key: records}, version, err
	}
	if e.mirror != nil {
		e.mirror.Invalidate()
		view, err := e.mirror.View(ctx, e.state, e.domain, 0, e.zone.ReadAll)
		if waited, ok := errors.AsType[*Waited](err); ok {
			err = e.zone.Interrupted(waited.Err, nil)
		}
		if err != nil {
			return nil, Version{}, err
		}
		held, version, _ := e.mirror.held(e.state, e.domain, e.sets)
		if held == nil { // somebody wrote since: what was read is true all the same
			held = map[dnszone.SetKey][]dnszone.Held{}
			for i := range e.sets {
				held[e.sets[i].Goal.Key] = view.Set(e.sets[i].Goal.Key)
			}
			version = view.image.version
		}
		return held, version, nil
	}
	held := map[dnszone.SetKey][]dnszone.Held{}
	all, version, err := e.zone.ReadAll(ctx)
	for _, r := range all {
		held[r.Key()] = append(held[r.Key()], r)
	}
	return held, version, err
}

// changes says what is missing in all sets. A reading that lacks what was just
// written is stale.
func (e *editor) changes() (all dnszone.Changes, stale bool, err error) {
	for i := range e.sets {
		s := &e.sets[i]
		if err := s.expected(e.zone); err != nil {
			return all, false, err
		}
		s.explain()
		if s.changes = s.Goal.Changes(s.now); s.changes.Len() == 0 {
			s.done.After = s.now
			continue
		}
		if s.written > 0 {
			const looks = 3
			s.looks++
			stale = stale || s.looks < looks
		}
		if s.written > maxLost {
			return all, false, e.zone.Conflict(fmt.Sprintf("%s was written %d times and did not last", s.name(), s.written), nil)
		}
		all = all.And(s.changes)
	}
	return all, stale, nil
}

// expected is the conflict of a set that holds something else than is expected,
// before it is written or, where no version guarded the write, beside it.
func (s *editing) expected(zone Zone) error {
	if !s.Expects {
		return nil
	}
	now := dnszone.ValuesOf(s.now)
	if s.done.Written {
		if others := s.Goal.Compare(s.now).Others; len(s.Goal.Changes(s.now).Delete) == 0 && len(others) > 0 {
			return zone.Conflict(s.name()+" was changed by somebody else at the same time", nil)
		}
		return nil
	}
	expect := map[dnszone.Data]bool{}
	for _, v := range s.Expect {
		expect[dnszone.Canonical(v)] = true
	}
	unreadable := slices.ContainsFunc(s.now, func(r dnszone.Held) bool { return r.Data == nil })
	switch {
	case len(s.Expect) == 0 && len(s.now) > 0:
		return zone.Conflict(s.name()+" is there already", nil)
	case unreadable || !maps.Equal(now, expect):
		return zone.Conflict(s.name()+" does not hold what is expected", nil)
	}
	return nil
}

// take gives each set its part of a result, which is in the order of what was sent.
func (e *editor) take(all Result, means Judgement) {
	for i := range e.sets {
		s := &e.sets[i]
		if s.changes.Len() == 0 {
			continue
		}
		part := all.part(s.changes)
		if part.size() > 0 {
			s.done.After = merged(s.now, s.changes, part)
			s.done.adjust(note(&s.Goal, s.now, s.changes, part))
		}
		s.done.Written = s.done.Written || part.size() > 0 || means.MayBeWritten
	}
}

// part cuts off what belongs to the next changes.
func (r *Result) part(changes dnszone.Changes) Result {
	return Result{
		Updated: cut(&r.Updated, len(changes.Update)),
		Created: cut(&r.Created, len(changes.Create)),
		Deleted: cut(&r.Deleted, len(changes.Delete)),
	}
}

func cut[T any](all *[]T, n int) []T {
	n = min(n, len(*all))
	first := (*all)[:n:n]
	*all = (*all)[n:]
	return first
}

// refused notes that a record is there already. A refusal that comes again although
// nothing has changed is final.
func (e *editor) refused() (mayPass bool) {
	for i := range e.sets {
		s := &e.sets[i]
		values := dnszone.ValuesOf(s.now)
		mayPass = mayPass || s.there == nil || !maps.Equal(s.there, values)
		s.there = values
	}
	return mayPass
}

// explain looks for values that the provider has in another case, once there is
// a reason to: it refused them, or they did not stay.
func (s *editing) explain() {
	if s.there != nil || s.written > 0 {
		s.done.adjust(explain(&s.Goal, s.now))
	}
}

// name says which of several sets an error is about.
func (e *editor) name(err error, place Place) error {
	if len(e.sets) == 1 {
		return err
	}
	index := place.Index
	for i := range e.sets {
		s := &e.sets[i]
		if index -= place.count(s.changes); index < 0 {
			return &setError{sets: s.Goal.Key.String(), err: err}
		}
	}
	return &setError{sets: e.names(), err: err}
}

// count is how many of the changes stand in the list of the place.
func (p Place) count(changes dnszone.Changes) int {
	return map[string]int{"create": len(changes.Create), "update": len(changes.Update), "delete": len(changes.Delete)}[p.List]
}

// names lists the sets that are not as they are wanted.
func (e *editor) names() string {
	if len(e.sets) == 1 {
		return e.sets[0].name()
	}
	var keys []dnszone.SetKey
	for i := range e.sets {
		if e.sets[i].changes.Len() > 0 {
			keys = append(keys, e.sets[i].Goal.Key)
		}
	}
	return listOf(keys)
}

func (s *editing) name() string { return s.Goal.Key.String() + " of " + s.Goal.Key.Name.Zone() }

// adjust notes what the provider changed, each once over all tries.
func (e *Edited) adjust(adjusted []Adjusted) {
	for _, a := range adjusted {
		if !slices.Contains(e.Adjusted, a) {
			e.Adjusted = append(e.Adjusted, a)
		}
	}
}

// merged is what the set holds after a result; a TTL that was set is that of the
// whole set.
func merged(before []dnszone.Held, sent dnszone.Changes, result Result) []dnszone.Held {
	gone := map[string]bool{}
	for _, id := range result.Deleted {
		gone[id] = true
	}
	for i := range min(len(result.Updated), len(sent.Update)) { // whose ids may have changed
		gone[sent.Update[i].ID] = true
	}
	after := slices.DeleteFunc(slices.Clone(before), func(r dnszone.Held) bool { return gone[r.ID] })
	answered := slices.Concat(result.Updated, result.Created)
	after = append(after, answered...)
	if len(answered) > 0 {
		for i := range after {
			after[i].TTL = answered[len(answered)-1].TTL
		}
	}
	return after
}
