package dnszone

import (
	"cmp"
	"slices"
	"strings"
)

// Record is a record of a zone: one value of the set of its name and type.
// TTL is that of the set, in seconds; 0 stands for "as it is" in what is
// desired.
type Record struct {
	Name Name
	TTL  int
	Data Data
}

// SetKey names a record set.
type SetKey struct {
	Name Name
	Type Type
}

// String is the name and the type, as in "www A". [ParseSetKey] reads it.
func (k SetKey) String() string { return k.Name.spelled() + " " + string(k.Type) }

// ParseSetKey reads a name and a type, as in "www A", in a zone.
func ParseSetKey(text, zone string) (k SetKey, err error) {
	name, rrtype, _ := strings.Cut(text, " ")
	if k.Type = Type(upper(rrtype)); !isType(string(k.Type)) {
		return SetKey{}, problem("type", "%s is not a record type", show(string(k.Type)))
	}
	k.Name, err = ParseName(name, zone)
	return k, err
}

// Key is the set that the record belongs to.
func (r Record) Key() SetKey {
	if r.Data == nil {
		return SetKey{Name: r.Name}
	}
	return SetKey{Name: r.Name, Type: r.Data.Type()}
}

// SetDiff is what makes one record set another.
type SetDiff struct {
	Key    SetKey
	Add    []Record // desired, and not there
	Remove []Record // there, and not desired
	Keep   []Record // there and desired, as they are there
	TTL    int      // that the set should get; 0 where it stays as it is
}

// IsEmpty reports a set that is as desired.
func (d SetDiff) IsEmpty() bool { return len(d.Add) == 0 && len(d.Remove) == 0 && d.TTL == 0 }

// Diff compares the records of a zone with what is desired, set by set, by
// [Equal]: spellings make no difference. It returns the sets that differ,
// sorted by name and type, their records in the order in which they came. A
// value that is desired twice counts once. A desired TTL of 0 keeps the set's
// own; of several that differ the first counts.
func Diff(current, desired []Record) []SetDiff {
	sets := map[SetKey]*setPair{}
	pair := func(key SetKey) *setPair {
		if sets[key] == nil {
			sets[key] = &setPair{have: map[Data]bool{}, want: map[Data]bool{}}
		}
		return sets[key]
	}
	for _, r := range current {
		pair(r.Key()).have[Canonical(r.Data)] = true
	}
	for _, r := range desired {
		p, value := pair(r.Key()), Canonical(r.Data)
		if !p.have[value] && !p.want[value] {
			p.diff.Add = append(p.diff.Add, r)
		}
		p.want[value] = true
		if p.ttl == 0 {
			p.ttl = r.TTL
		}
	}
	for _, r := range current {
		p := pair(r.Key())
		if p.want[Canonical(r.Data)] {
			p.diff.Keep = append(p.diff.Keep, r)
		} else {
			p.diff.Remove = append(p.diff.Remove, r)
		}
		if r.TTL != p.ttl {
			p.diff.TTL = p.ttl
		}
	}
	var differ []SetDiff
	for key, p := range sets {
		if p.diff.Key = key; len(p.have) == 0 {
			p.diff.TTL = p.ttl
		}
		if !p.diff.IsEmpty() {
			differ = append(differ, p.diff)
		}
	}
	slices.SortFunc(differ, func(a, b SetDiff) int { return CompareKeys(a.Key, b.Key) })
	return differ
}

// setPair is one set as it is and as it is desired.
type setPair struct {
	have, want map[Data]bool // by canonical value
	ttl        int           // that is desired
	diff       SetDiff
}

// CompareKeys orders record sets: it puts the apex first, then names by their labels from the right.
func CompareKeys(a, b SetKey) int {
	if a.Name != b.Name {
		if c := cmp.Compare(reversed(a.Name), reversed(b.Name)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Type, b.Type)
}

func reversed(n Name) string {
	if n.IsApex() {
		return ""
	}
	labels := strings.Split(n.Relative(), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}
