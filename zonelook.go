package hoster

import (
	"context"
	"maps"
	"slices"

	"github.com/go-hoster/hoster/dnszone"
)

// fromPlan is all sets as the plan found them, where its version makes sure that
// nothing is written if that no longer holds. Else it is nil.
func (a *applier) fromPlan() (tasks []setTask) {
	if a.version == "" || a.noBatch || a.plan.begun() {
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

// read is the zone as it is now, set by set.
func (a *applier) read(ctx context.Context) (map[dnszone.SetKey][]Record, error) {
	current, version, err := a.service.readWhole(ctx, a.plan.Domain)
	if err != nil {
		return nil, err
	}
	const share = 30 // calls for each page of a reading: it costs little beside them
	a.version, a.changes = version, share*(1+len(current)/opDNSList.perPage)
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
	for _, set := range a.plan.sets {
		a.mark(set, a.sort(set, there[set.key]))
	}
	a.sortAliases(there)
	tasks := []setTask{}
	for _, set := range a.plan.sets {
		if a.status[set] == pending {
			tasks = append(tasks, setTask{set, there[set.key]})
		}
	}
	return tasks, nil
}

func (a *applier) sort(set *plannedSet, now []Record) setStatus {
	switch was := a.status[set]; {
	case was == lost:
		return lost
	case set.isDone(now, a.plan.owns):
		if set.begun || was == applied {
			set.begun, set.written = false, true
			return applied
		}
		set.written = true
		return skipped
	case was == applied:
		return lost
	case set.isAsPlanned(now), set.begun && set.isOnTheWay(now):
		return pending
	}
	return stray
}

// sortAliases makes strays of all sets of a name where a CNAME comes or goes,
// and something stands, or stays, that the plan does not know: deleting what is
// there would only make room for a CNAME that cannot come.
func (a *applier) sortAliases(there map[dnszone.SetKey][]Record) {
	planned, aliases := map[dnszone.SetKey]bool{}, map[dnszone.Name]bool{}
	for _, set := range a.plan.sets {
		planned[set.key] = true
		if set.key.Type == dnszone.TypeCNAME {
			aliases[set.key.Name] = true
		}
	}
	blocked := map[dnszone.Name]bool{}
	for key := range there {
		if aliases[key.Name] && !planned[key] {
			blocked[key.Name] = true
		}
	}
	for _, set := range a.plan.sets {
		if aliases[set.key.Name] && (a.status[set] == stray || a.status[set] == lost) {
			blocked[set.key.Name] = true
		}
	}
	for _, set := range a.plan.sets {
		if blocked[set.key.Name] && a.status[set] == pending {
			a.mark(set, stray)
		}
	}
}

// verify looks whether what was written is still there; a reading that lacks it
// may be older than the write, so it is looked for more than once.
func (a *applier) verify(ctx context.Context) error {
	const looks = 3
	for look := range looks {
		if err := pauseBetween(ctx, opApply, look, nil); err != nil {
			return err
		}
		there, err := a.read(ctx)
		if err != nil {
			return err
		}
		var missed []*plannedSet
		for set, status := range a.status {
			if status == applied && set.goal.edit(there[set.key]).size() > 0 {
				missed = append(missed, set)
			}
		}
		if len(missed) == 0 {
			return nil
		}
		if look == looks-1 {
			for _, set := range missed {
				a.mark(set, lost)
			}
		}
	}
	return nil
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
