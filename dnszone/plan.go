package dnszone

import (
	"fmt"
	"slices"
)

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

// Actions is a plan of many sets, told record by record. It is plain data, and
// complete: [Actions.Sets] is the opposite of [ActionsOf].
type Actions struct {
	Creates []Record
	Updates []Replacement
	Deletes []Held
	Keeps   []Held   // values of these sets that are there and desired
	Others  []Held   // values of these sets that are there, not desired, and not owned
	Shared  []SetKey // the sets that hold values that are not owned
}

// Replacement is a record that gets another value, or whose set gets another TTL.
// A TTL of 0 is left as it is.
type Replacement struct {
	From Held
	To   Record
}

// ActionsOf says what the plans do.
func ActionsOf(plans []SetPlan) (a Actions) {
	for _, p := range plans {
		changes := p.Goal.Changes(p.Before)
		rest := map[string]Held{} // what is not changed, by its id
		for _, r := range p.Before {
			rest[r.ID] = r
		}
		for _, u := range changes.Update {
			from := rest[u.ID]
			to := Record{Name: from.Name, TTL: u.TTL, Data: u.Data}
			if u.Data == nil {
				to.Data = from.Data
			}
			a.Updates = append(a.Updates, Replacement{from, to})
			delete(rest, u.ID)
		}
		a.Creates = append(a.Creates, changes.Create...)
		for _, id := range changes.Delete {
			a.Deletes = append(a.Deletes, rest[id])
			delete(rest, id)
		}
		is := p.Goal.Compare(p.Before)
		changed := func(r Held) bool { _, stays := rest[r.ID]; return !stays }
		a.Keeps = append(a.Keeps, slices.DeleteFunc(is.Wanted, changed)...)
		a.Others = append(a.Others, slices.DeleteFunc(is.Others, changed)...)
		if p.Shared {
			a.Shared = append(a.Shared, p.Goal.Key)
		}
	}
	return a
}

// Sets are the plans, in the order of [Diff]. The error is a [*FieldError] whose
// field names the place, such as "updates.3".
func (a Actions) Sets() (plans []SetPlan, err error) {
	places := map[SetKey]*SetPlan{}
	var keys []SetKey
	set := func(key SetKey) *SetPlan {
		if places[key] == nil {
			places[key] = &SetPlan{Goal: Goal{Key: key}}
			keys = append(keys, key)
		}
		return places[key]
	}
	want := func(place string, i int, r Record) {
		goal := &set(r.Key()).Goal
		if goal.Want = append(goal.Want, r.Data); r.TTL != 0 && goal.TTL != 0 && r.TTL != goal.TTL && err == nil {
			err = problem(fmt.Sprintf("%s.%d.ttl", place, i), "one TTL holds for all of %s %s, here %d and %d", r.Name, r.Key().Type, goal.TTL, r.TTL)
		}
		goal.TTL = max(goal.TTL, r.TTL)
	}
	there := func(r Held) *SetPlan {
		p := set(r.Key())
		p.Before = append(p.Before, r)
		return p
	}
	for i, u := range a.Updates {
		if u.From.Key() != u.To.Key() && err == nil {
			err = problem(fmt.Sprintf("updates.%d", i), "it changes the name or the type")
		}
		goal := &there(u.From).Goal
		if !Equal(u.From.Data, u.To.Data) {
			goal.Remove = append(goal.Remove, u.From.Data)
		}
		want("updates", i, u.To)
	}
	for _, r := range a.Deletes {
		goal := &there(r).Goal
		goal.Remove = append(goal.Remove, r.Data)
	}
	for _, r := range a.Keeps {
		goal := &there(r).Goal
		goal.Want = append(goal.Want, r.Data)
	}
	for _, r := range a.Others {
		there(r)
	}
	for i, r := range a.Creates {
		want("creates", i, r)
	}
	for i, key := range a.Shared {
		if places[key] == nil && err == nil {
			err = problem(fmt.Sprintf("shared.%d", i), "%s %s is no set of the plan", key.Name, key.Type)
		}
		set(key).Shared = true
	}
	slices.SortFunc(keys, CompareKeys)
	for _, key := range keys {
		plans = append(plans, *places[key])
	}
	return plans, err
}

// Deletions counts the records that go without another coming for them: what is
// created at the same name makes up for what is deleted there.
func (a Actions) Deletions() (n int) {
	created := map[Name]int{}
	for _, r := range a.Creates {
		created[r.Name]++
	}
	for _, r := range a.Deletes {
		if created[r.Name] > 0 {
			created[r.Name]--
		} else {
			n++
		}
	}
	return n
}
