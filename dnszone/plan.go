package dnszone

import "slices"

// SetPlan is what is to become of one record set, and what it was planned from.
// It is plain data.
type SetPlan struct {
	Goal   Goal
	Before []Held // all of the set
	Shared bool   // it also holds values that are not owned, and more of them may come
}

// Plan compares the records of a zone with what is desired, and returns a plan for
// each set that differs, in the order of [Diff]. Only the owned records can be
// changed or removed. Others stay as they are, and where a set holds some its TTL
// stays too.
func Plan(owned, others []Held, desired []Record) (plans []SetPlan) {
	sets := map[SetKey][]Held{}
	shared := map[SetKey]bool{}
	var current []Record
	for _, r := range owned {
		sets[r.Key()] = append(sets[r.Key()], r)
		current = append(current, r.Record)
	}
	for _, r := range others {
		sets[r.Key()] = append(sets[r.Key()], r)
		shared[r.Key()] = true
	}
	for _, diff := range Diff(current, desired) {
		p := SetPlan{Goal: goalOf(diff), Before: sets[diff.Key], Shared: shared[diff.Key]}
		if p.Shared {
			p.Goal.TTL = 0
		}
		// A difference may be one that cannot be written, such as a TTL that the
		// provider does not tell.
		if p.Goal.Changes(p.Before).Len() > 0 {
			plans = append(plans, p)
		}
	}
	return plans
}

// goalOf is the difference as a goal: nothing goes that the difference does not
// name.
func goalOf(diff SetDiff) Goal {
	goal := Goal{Key: diff.Key, TTL: diff.TTL}
	for _, r := range slices.Concat(diff.Keep, diff.Add) {
		goal.Want = append(goal.Want, r.Data)
	}
	for _, r := range diff.Remove {
		goal.Remove = append(goal.Remove, r.Data)
	}
	return goal
}

// IsDone reports a set that holds what the plan makes of it. A value that came
// since the plan counts against it, unless the set is shared.
func (p SetPlan) IsDone(now []Held) bool {
	if p.Goal.Changes(now).Len() > 0 {
		return false
	}
	before := ValuesOf(p.Before)
	return p.Shared || !slices.ContainsFunc(p.Goal.Compare(now).Others, func(r Held) bool { return r.Data != nil && !before[r.Data] })
}

// IsUntouched reports a set that holds what it was planned from, under whatever
// ids.
func (p SetPlan) IsUntouched(now []Held) bool {
	type value struct {
		data Data
		ttl  int
	}
	count := map[value]int{}
	for _, r := range p.Before {
		count[value{r.Data, r.TTL}]++
	}
	for _, r := range now {
		v := value{r.Data, r.TTL}
		if count[v] == 0 {
			return false
		}
		count[v]--
	}
	return len(now) == len(p.Before)
}

// IsHalfDone reports a set that lies between what it was planned from and what is
// to become of it: what a failed application can leave behind.
func (p SetPlan) IsHalfDone(now []Held) bool {
	before, there := ValuesOf(p.Before), ValuesOf(now)
	for _, r := range p.Goal.Compare(now).Others {
		if r.Data == nil || !before[r.Data] {
			return false // somebody else's
		}
	}
	was := p.Goal.Compare(p.Before)
	_, kept := p.Goal.leaving(was.Others)
	for _, r := range slices.Concat(was.Wanted, kept) {
		if !there[r.Data] {
			return false // removed by somebody else
		}
	}
	return !slices.ContainsFunc(now, func(r Held) bool {
		return !p.Goal.hasTTL(r.TTL, p.Goal.TTL) && !slices.ContainsFunc(p.Before, func(b Held) bool { return b.TTL == r.TTL })
	})
}
