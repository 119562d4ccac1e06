package zonework

import (
	"context"

	"github.com/go-hoster/hoster/dnszone"
)

// fromPlan is all sets as the plan found them, where its version makes sure that
// nothing is written if that no longer holds. Else it is nil.
func (a *applier) fromPlan() (tasks []task) {
	if a.version == "" || a.noBatch || a.job.Again {
		return nil
	}
	for _, s := range a.sets {
		tasks = append(tasks, task{s, s.Before})
	}
	return tasks
}

// reading is the zone as it is, set by set.
type reading struct {
	sets map[dnszone.SetKey][]dnszone.Held
	keys []dnszone.SetKey // in the order of the zone
}

func (a *applier) read(ctx context.Context) (there reading, err error) {
	current, version, err := a.zone.ReadAll(ctx)
	if err != nil {
		return there, err
	}
	const page, share = 1000, 30 // calls for each page of a reading: it costs little beside them
	a.version, a.changes = a.state.Usable(version), share*(1+len(current)/page)
	there.sets = map[dnszone.SetKey][]dnszone.Held{}
	for _, r := range current {
		if r.Data == nil {
			continue
		}
		key := r.Key()
		if there.sets[key] == nil {
			there.keys = append(there.keys, key)
		}
		there.sets[key] = append(there.sets[key], r)
	}
	return there, nil
}

// look reads the zone and sorts the plan's sets: done, still to be written, or
// changed by somebody else.
func (a *applier) look(ctx context.Context) ([]task, error) {
	there, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range a.sets {
		a.sort(s, there.sets[s.Goal.Key])
	}
	a.sortAliases(there)
	tasks := []task{}
	for _, s := range a.sets {
		if s.status == pending {
			tasks = append(tasks, task{s, there.sets[s.Goal.Key]})
		}
	}
	return tasks, nil
}

func (a *applier) sort(s *set, now []dnszone.Held) {
	switch {
	case s.status == lost:
	case s.IsDone(now) && (s.begun || s.status == applied):
		a.done(s)
	case s.IsDone(now):
		a.mark(s, skipped)
	case s.status == applied:
		a.mark(s, lost)
	case s.IsUntouched(now), s.begun && s.IsHalfDone(now):
		a.mark(s, pending)
	default:
		a.mark(s, stray)
	}
}

// sortAliases makes strays of all sets of a name where a CNAME comes or goes,
// and something stands, or stays, that the plan does not know: deleting what is
// there would only make room for a CNAME that cannot come.
func (a *applier) sortAliases(there reading) {
	planned, aliases, blocked := map[dnszone.SetKey]bool{}, map[dnszone.Name]bool{}, map[dnszone.Name]bool{}
	for _, s := range a.sets {
		key := s.Goal.Key
		planned[key] = true
		aliases[key.Name] = aliases[key.Name] || key.Type == dnszone.TypeCNAME
		blocked[key.Name] = blocked[key.Name] || s.status == stray || s.status == lost
	}
	for _, key := range there.keys {
		blocked[key.Name] = blocked[key.Name] || !planned[key]
	}
	for _, s := range a.sets {
		if name := s.Goal.Key.Name; aliases[name] && blocked[name] && s.status == pending {
			a.mark(s, stray)
		}
	}
}

// verify looks whether what was written is still there; a reading that lacks it
// may be older than the write, so it is looked for more than once.
func (a *applier) verify(ctx context.Context) error {
	const looks = 3
	for look := range looks {
		if err := pause(ctx, a.zone, look, nil); err != nil {
			return err
		}
		there, err := a.read(ctx)
		if err != nil {
			return err
		}
		var missed []*set
		for _, s := range a.sets {
			if s.status == applied && s.Goal.Changes(there.sets[s.Goal.Key]).Len() > 0 {
				missed = append(missed, s)
			}
		}
		if len(missed) == 0 {
			return nil
		}
		if look == looks-1 {
			for _, s := range missed {
				a.mark(s, lost)
			}
		}
	}
	return nil
}
