package dnszone

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// heldAs are records of one set as a provider holds them.
func heldAs(t testing.TB, name string, rrtype Type, ttl int, values ...string) (held []Held) {
	t.Helper()
	for i, value := range values {
		h := Held{ID: fmt.Sprintf("%s-%d", value, i), Fields: Fields{Type: rrtype, Value: value}}
		h.TTL = ttl
		var err error
		if h.Name, err = ParseName(name, "example.com"); err != nil {
			t.Fatal(err)
		}
		if data, err := FromFields(h.Fields); err == nil {
			h.Data = Canonical(data)
		}
		held = append(held, h)
	}
	return held
}

func texts(values ...string) (data []Data) {
	for _, value := range values {
		data = append(data, TXT{Text: value})
	}
	return data
}

// after is what the set holds when the changes are made.
func after(now []Held, g Goal, changes Changes) (then []Held) {
	for _, r := range now {
		if slices.Contains(changes.Delete, r.ID) {
			continue
		}
		for _, u := range changes.Update {
			if u.ID == r.ID && u.Data != nil {
				r.Data, r.Fields = u.Data, ToFields(u.Data)
			}
		}
		then = append(then, r)
	}
	for _, c := range changes.Create {
		then = append(then, Held{ID: fmt.Sprint("new ", c.Data), Record: c, Fields: ToFields(c.Data)})
	}
	ttl := 3600
	if len(now) > 0 {
		ttl = now[0].TTL
	}
	for _, u := range changes.Update {
		if u.TTL != 0 {
			ttl = u.TTL
		}
	}
	for _, c := range changes.Create {
		if c.TTL != 0 {
			ttl = c.TTL
		}
	}
	for i := range then {
		then[i].TTL = ttl
	}
	return then
}

func TestGoalChanges(t *testing.T) {
	key := heldAs(t, "x", "TXT", 60, "x")[0].Key()
	for what, test := range map[string]struct {
		goal Goal
		now  []Held
		want string // updates, creates, deletes
	}{
		"a value more":                  {Goal{Want: texts("b"), KeepTTL: true, TTL: 90}, heldAs(t, "x", "TXT", 60, "a"), `[] [{x 0 "b"}] []`},
		"the first value":               {Goal{Want: texts("b"), KeepTTL: true, TTL: 90}, nil, `[] [{x 90 "b"}] []`},
		"missing, and wanted twice":     {Goal{Want: texts("b", "b"), KeepTTL: true}, nil, `[] [{x 0 "b"}] []`},
		"there already":                 {Goal{Want: texts("a", "a"), KeepTTL: true, TTL: 90}, heldAs(t, "x", "TXT", 60, "a"), `[] [] []`},
		"a value less":                  {Goal{Remove: texts("a", "c")}, heldAs(t, "x", "TXT", 60, "a", "b"), `[] [] [a-0]`},
		"another value is an update":    {Goal{Want: texts("b"), Replace: true}, heldAs(t, "x", "TXT", 60, "a"), `[{a-0 "b" 0}] [] []`},
		"fewer values":                  {Goal{Want: texts("c"), Replace: true, TTL: 90}, heldAs(t, "x", "TXT", 60, "a", "b"), `[{a-0 "c" 90}] [] [b-1]`},
		"more values":                   {Goal{Want: texts("c", "d"), Replace: true}, heldAs(t, "x", "TXT", 60, "a"), `[{a-0 "c" 0}] [{x 0 "d"}] []`},
		"the TTL alone":                 {Goal{Want: texts("a", "b"), Replace: true, TTL: 90}, heldAs(t, "x", "TXT", 60, "a", "b"), `[{a-0 <nil> 90}] [] []`},
		"TTLs that differ":              {Goal{Want: texts("a", "b", "c"), TTL: 90}, append(heldAs(t, "x", "TXT", 60, "a", "b"), heldAs(t, "x", "TXT", 90, "c")...), `[{a-0 <nil> 90} {b-1 <nil> 90}] [] []`},
		"the TTL of values that stay":   {Goal{Want: texts("a"), Remove: texts("b"), TTL: 90}, heldAs(t, "x", "TXT", 60, "a", "b", "c"), `[{c-2 <nil> 90}] [] [b-1]`},
		"wanted and unwanted":           {Goal{Want: texts("a"), Remove: texts("a")}, heldAs(t, "x", "TXT", 60, "a"), `[] [] []`},
		"stored as another value":       {Goal{Want: texts("A"), Replace: true, Stored: Stored{Values: map[Data]Data{TXT{"A"}: TXT{"a"}}}}, heldAs(t, "x", "TXT", 60, "a"), `[] [] []`},
		"stored under another TTL":      {Goal{Want: texts("a"), TTL: 60, Stored: Stored{TTL: 600}}, heldAs(t, "x", "TXT", 600, "a"), `[] [] []`},
		"what cannot be read stays":     {Goal{Want: []Data{}, Remove: texts("a")}, heldAs(t, "x", "A", 60, "no address"), `[] [] []`},
		"what cannot be read is no set": {Goal{Replace: true}, heldAs(t, "x", "A", 60, "no address"), `[] [] [no address-0]`},
	} {
		test.goal.Key = key
		changes := test.goal.Changes(test.now)
		if got := fmt.Sprint(changes.Update, changes.Create, changes.Delete); got != test.want {
			t.Errorf("%s: %s, not %s", what, got, test.want)
		}
		if then := after(test.now, test.goal, changes); test.goal.Changes(then).Len() != 0 {
			t.Errorf("%s: not there in one step: %+v", what, then)
		}
	}
}

// TestPlan: only what is owned changes, and each set is as desired in one step.
func TestPlan(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		var owned, others []Held
		var desired []Record
		for _, value := range []string{"a", "b", "c", "d", "e"} {
			for _, name := range []string{"x", "y"} {
				h := heldAs(t, name, "TXT", 60, value)[0]
				switch random.IntN(4) {
				case 0:
					owned = append(owned, h)
				case 1:
					others = append(others, h)
				}
				if random.IntN(2) == 0 {
					desired = append(desired, Record{Name: h.Name, TTL: 90, Data: h.Data})
				}
			}
		}
		plans := Plan(owned, others, desired)
		for _, p := range plans {
			then := after(p.Before, p.Goal, p.Goal.Changes(p.Before))
			values := ValuesOf(then)
			for _, r := range others {
				if r.Key() == p.Goal.Key && (!values[r.Data] || !p.Shared || then[0].TTL != 60) {
					t.Errorf("seed %d: %v is not owned, and gone: %+v", seed, r.Data, p)
				}
			}
			for _, r := range desired {
				if r.Key() == p.Goal.Key && !values[r.Data] {
					t.Errorf("seed %d: %v is missing", seed, r.Data)
				}
			}
			if !p.IsUntouched(p.Before) || p.IsDone(p.Before) || !p.IsDone(then) || !p.IsHalfDone(then) {
				t.Errorf("seed %d: %+v, then %+v", seed, p, then)
			}
		}
		again, err := ActionsOf(plans).Sets()
		if err != nil || len(again) != len(plans) {
			t.Fatalf("seed %d: %+v, %v", seed, again, err)
		}
		for i, p := range again {
			is, was := p.Goal.Changes(p.Before), plans[i].Goal.Changes(plans[i].Before)
			if !reflect.DeepEqual(is, was) || p.Shared != plans[i].Shared || !p.IsUntouched(plans[i].Before) {
				t.Errorf("seed %d: told as actions %+v, planned %+v", seed, p, plans[i])
			}
		}
		if !slices.IsSortedFunc(plans, func(a, b SetPlan) int { return CompareKeys(a.Goal.Key, b.Goal.Key) }) {
			t.Errorf("seed %d: not sorted", seed)
		}
	}
}

func TestWhatHasBecomeOfASet(t *testing.T) {
	before := heldAs(t, "x", "TXT", 60, "a", "kept")
	plan := Plan(before, nil, []Record{{before[0].Name, 90, TXT{"kept"}}, {before[0].Name, 90, TXT{"b"}}, {before[0].Name, 90, TXT{"c"}}})[0]
	for what, test := range map[string]struct {
		now                       []Held
		done, untouched, halfDone bool
	}{
		"as it was":           {heldAs(t, "x", "TXT", 60, "kept", "a"), false, true, true},
		"as it will be":       {heldAs(t, "x", "TXT", 90, "kept", "b", "c"), true, false, true},
		"one value written":   {heldAs(t, "x", "TXT", 90, "kept", "b"), false, false, true},
		"a value beside it":   {heldAs(t, "x", "TXT", 90, "kept", "b", "c", "theirs"), false, false, false},
		"a value that stays":  {heldAs(t, "x", "TXT", 90, "a", "b"), false, false, false},
		"another TTL":         {heldAs(t, "x", "TXT", 70, "kept", "a"), false, false, false},
		"the values, old TTL": {heldAs(t, "x", "TXT", 60, "kept", "b", "c"), false, false, true},
		"twice the same":      {heldAs(t, "x", "TXT", 60, "kept", "a", "a"), false, false, true},
		"as many, one twice":  {heldAs(t, "x", "TXT", 60, "a", "a"), false, false, false},
		"unreadable beside":   {append(heldAs(t, "x", "TXT", 90, "kept", "b", "c"), Held{ID: "odd", Record: Record{Name: before[0].Name, TTL: 90}}), true, false, false},
		"nothing":             {nil, false, false, false},
	} {
		if done, untouched, halfDone := plan.IsDone(test.now), plan.IsUntouched(test.now), plan.IsHalfDone(test.now); done != test.done || untouched != test.untouched || halfDone != test.halfDone {
			t.Errorf("%s: done %v, untouched %v, half done %v", what, done, untouched, halfDone)
		}
	}
}

func TestDeletions(t *testing.T) {
	x, y := heldAs(t, "x", "A", 60, "192.0.2.1", "192.0.2.2", "192.0.2.3"), heldAs(t, "y", "TXT", 60, "a")
	alias := Record{Name: x[0].Name, Data: CNAME{"example.net"}}
	for what, test := range map[string]struct {
		actions Actions
		want    int
	}{
		"another type":    {Actions{Deletes: x[:1], Creates: []Record{alias}}, 0},
		"fewer values":    {Actions{Deletes: x, Creates: []Record{alias}}, 2},
		"at another name": {Actions{Deletes: y, Creates: []Record{alias}}, 1},
		"more values":     {Actions{Deletes: x[:1], Creates: []Record{alias, alias}}, 0},
	} {
		if got := test.actions.Deletions(); got != test.want {
			t.Errorf("%s: %d", what, got)
		}
	}
}

// TestActionsThatDoNotFit together name the place.
func TestActionsThatDoNotFit(t *testing.T) {
	x, y := heldAs(t, "x", "TXT", 60, "a", "b"), heldAs(t, "y", "TXT", 60, "a")
	to := func(r Held, ttl int) Record { return Record{Name: r.Name, TTL: ttl, Data: TXT{"new"}} }
	for field, actions := range map[string]Actions{
		"updates.1":     {Updates: []Replacement{{x[0], to(x[0], 60)}, {x[1], to(y[0], 60)}, {y[0], to(x[1], 70)}}},
		"updates.1.ttl": {Updates: []Replacement{{x[0], to(x[0], 60)}, {x[1], to(x[1], 70)}}, Creates: []Record{to(x[0], 80)}},
		"creates.1.ttl": {Deletes: x[:1], Creates: []Record{to(y[0], 80), to(y[0], 90)}, Shared: []SetKey{{x[0].Name, "A"}}},
		"shared.1":      {Deletes: x, Shared: []SetKey{x[0].Key(), y[0].Key()}},
		"":              {Updates: []Replacement{{x[0], to(x[0], 0)}}, Creates: []Record{to(x[0], 80), to(y[0], 90)}, Keeps: x[1:]},
	} {
		_, err := actions.Sets()
		var wrong *FieldError
		if errors.As(err, &wrong) != (field != "") || field != "" && wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestParseSetKey(t *testing.T) {
	for text, want := range map[string]string{"WWW.example.com. a": "www A", "@ TXT": "@ TXT", "www.example.com.example.com. MX": "www.example.com.example.com. MX"} {
		key, err := ParseSetKey(text, "example.com")
		if err != nil || key.String() != want {
			t.Errorf("%s: %v, %v", text, key, err)
		}
	}
	for _, text := range []string{"", "www", "www A B", "a..b A", "www.example.net. A"} {
		if key, err := ParseSetKey(text, "example.com"); err == nil {
			t.Errorf("%q: %v", text, key)
		}
	}
}
