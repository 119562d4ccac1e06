package zonework

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/go-hoster/hoster/dnszone"
)

// maxLost bounds how often a set is written again because it did not last.
const maxLost = 4

// Edited is what an edit did.
type Edited struct {
	Before, After []dnszone.Held
	Written       bool // something was, or with an error may have been
	Adjusted      []Adjusted
}

// Edit brings a set to its goal: it reads the set and writes what is missing, and
// begins again when another writer came in between. The caller holds the zone's
// lock.
func Edit(ctx context.Context, zone Zone, state *State, goal dnszone.Goal) (change Edited, err error) {
	m := merging{goal: &goal}
	name := goal.Key.Name.Relative() + " " + string(goal.Key.Type) + " of " + goal.Key.Name.Zone()
	var last error
	for try := range maxMerges {
		if err := pause(ctx, zone, try, last); err != nil {
			return change, err
		}
		records, version, err := zone.ReadSet(ctx, goal.Key)
		if err != nil {
			return change, err
		}
		if try == 0 {
			change.Before = records
		}
		change.adjust(m.explain(records))
		changes := goal.Changes(records)
		switch {
		case changes.Len() == 0:
			change.After = records
			return change, nil
		case m.mayBeStale():
			continue
		case m.written > maxLost:
			return change, zone.Conflict(fmt.Sprintf("%s was written %d times and did not last", name, m.written), nil)
		}
		w := &writer{zone: zone, state: state, version: state.Usable(version), noBatch: m.noBatch}
		result, err := w.run(ctx, changes)
		m.noBatch = w.noBatch
		if result.size() > 0 {
			change.After = merged(records, changes, result)
			change.adjust(note(&goal, records, changes, result))
		}
		means := weigh(zone, err)
		change.Written = change.Written || result.size() > 0 || means.MayBeWritten
		last = err
		switch {
		case means.Exists:
			if !m.refused(records) {
				return change, err // and not because of another writer
			}
		case means.Moved, means.LacksBatch:
			// another writer, or another server, which does not tell what was done: read
			// again and merge
		case err != nil:
			return change, err
		case w.guarded():
			return change, nil
		default: // only another look tells whether the write is still there
			m.written++
			m.looks = 0
		}
	}
	return change, zone.Conflict(fmt.Sprintf("%s is being changed by somebody else; %d merges did not last", name, maxMerges), nil)
}

// merging is what an edit has learned from its tries.
type merging struct {
	goal    *dnszone.Goal
	written int                   // writes that no version guarded
	looks   int                   // since the last of them
	there   map[dnszone.Data]bool // when the API said that a record is there already
	noBatch bool                  // single calls, for the rest of this edit
}

// refused notes a record that is there already. A refusal that comes again
// although nothing has changed is final.
func (m *merging) refused(now []dnszone.Held) bool {
	values := dnszone.ValuesOf(now)
	again := m.there != nil && maps.Equal(m.there, values)
	m.there = values
	return !again
}

// explain looks for values that the provider has in another case, once there is
// a reason to: it refused them, or they did not stay.
func (m *merging) explain(now []dnszone.Held) []Adjusted {
	if m.there == nil && m.written == 0 {
		return nil
	}
	return explain(m.goal, now)
}

// mayBeStale lets a reading that lacks what was just written be read again,
// before it is written again: some providers answer from a copy.
func (m *merging) mayBeStale() bool {
	const looks = 3
	m.looks++
	return m.written > 0 && m.looks < looks
}

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
