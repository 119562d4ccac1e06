package dnszone

import (
	"slices"
	"time"
)

// Held is a record as a provider holds it. Data is in canonical form, and nil
// where Fields cannot be read.
type Held struct {
	Record
	Owner                string // the name as the provider gives it, where Name is the zero Name
	ID                   string
	Fields               Fields
	CreatedAt, UpdatedAt time.Time
}

// Key is the set that the record belongs to, be its value readable or not.
func (h Held) Key() SetKey { return SetKey{Name: h.Name, Type: h.Fields.Type} }

// Goal is what one record set is to hold. It is plain data. [Goal.Changes] says
// what leads there from whatever the set holds now, so that a goal can be reached
// in steps, beside other writers, and after failures.
type Goal struct {
	Key     SetKey
	Want    []Data // values that have to be there
	Remove  []Data // values that have to go, unless they are wanted
	Replace bool   // all values go that are not wanted, those that cannot be read too
	TTL     int    // of the whole set; 0: as it is
	KeepTTL bool   // of a set that exists, whatever TTL says
	Stored  Stored // what the provider makes of what it is sent
}

// Stored is what a provider stores instead of what it was sent.
type Stored struct {
	Values map[Data]Data // by the canonical form of what was sent
	TTL    int           // instead of the goal's; 0 where it is the same
}

// Changes are what makes record sets as they are wanted.
type Changes struct {
	Update []Change
	Create []Record // a TTL of 0 is left to the provider
	Delete []string // ids
}

// Change makes a record hold another value, or gives its set another TTL.
type Change struct {
	ID   string
	Data Data // nil: as it is
	TTL  int  // 0: as it is
}

// Len is the number of single changes.
func (c Changes) Len() int { return len(c.Update) + len(c.Create) + len(c.Delete) }

// And joins changes.
func (c Changes) And(more Changes) Changes {
	return Changes{
		Update: slices.Concat(c.Update, more.Update),
		Create: slices.Concat(c.Create, more.Create),
		Delete: slices.Concat(c.Delete, more.Delete),
	}
}

// Changes says what makes a set that holds these records as it is wanted. A value
// that takes the place of another is an update, so that the set is never empty in
// between.
func (g Goal) Changes(now []Held) (changes Changes) {
	is := g.Compare(now)
	ttl := g.TTL
	if len(now) > 0 && g.KeepTTL {
		ttl = 0
	}
	gone, kept := g.leaving(is.Others)
	replaced := min(len(is.Missing), len(gone))
	for i, v := range is.Missing[:replaced] {
		changes.Update = append(changes.Update, Change{ID: gone[i].ID, Data: v, TTL: ttl})
	}
	for _, v := range is.Missing[replaced:] {
		changes.Create = append(changes.Create, Record{Name: g.Key.Name, TTL: ttl, Data: v})
	}
	for _, r := range gone[replaced:] {
		changes.Delete = append(changes.Delete, r.ID)
	}
	if len(is.Missing) == 0 && ttl != 0 {
		changes.Update = g.retime(append(kept, is.Wanted...), ttl)
	}
	return changes
}

// Comparison is what a set holds, measured by what is wanted.
type Comparison struct {
	Missing []Data // wanted and not there, each once, in canonical form
	Wanted  []Held // there and wanted
	Others  []Held // there and not wanted
}

// Compare sorts what a set holds. What the provider stores instead of a wanted
// value counts as that.
func (g Goal) Compare(now []Held) (is Comparison) {
	there, wanted := ValuesOf(now), map[Data]bool{}
	for _, v := range g.Want {
		v = Canonical(v)
		if wanted[v] {
			continue
		}
		wanted[v] = true
		instead, changed := g.Stored.Values[v]
		if changed {
			wanted[instead] = true
		}
		if !there[v] && !(changed && there[instead]) {
			is.Missing = append(is.Missing, v)
		}
	}
	for _, r := range now {
		if r.Data != nil && wanted[r.Data] {
			is.Wanted = append(is.Wanted, r)
		} else {
			is.Others = append(is.Others, r)
		}
	}
	return is
}

// ValuesOf is the set of the values that can be read.
func ValuesOf(records []Held) map[Data]bool {
	values := map[Data]bool{}
	for _, r := range records {
		if r.Data != nil {
			values[r.Data] = true
		}
	}
	return values
}

// leaving tells the records that have to go from those that stay, among those
// that are not wanted.
func (g Goal) leaving(others []Held) (gone, kept []Held) {
	remove := map[Data]bool{}
	for _, v := range g.Remove {
		remove[Canonical(v)] = true
	}
	for _, r := range others {
		if g.Replace || r.Data != nil && remove[r.Data] {
			gone = append(gone, r)
		} else {
			kept = append(kept, r)
		}
	}
	return gone, kept
}

// retime sets the TTL of a set that gets no value: one record does it for all,
// but where their TTLs differ the provider has not kept to that.
func (g Goal) retime(kept []Held, ttl int) (updates []Change) {
	mixed := slices.ContainsFunc(kept, func(r Held) bool { return r.TTL != kept[0].TTL })
	for _, r := range kept {
		if g.hasTTL(r.TTL, ttl) || len(updates) > 0 && !mixed {
			continue
		}
		updates = append(updates, Change{ID: r.ID, TTL: ttl})
	}
	return updates
}

// hasTTL reports the wanted TTL, or what the provider stores instead.
func (g Goal) hasTTL(is, want int) bool { return want == 0 || is == want || is == g.Stored.TTL }
