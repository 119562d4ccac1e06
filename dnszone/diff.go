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
	Type string
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
// sorted by name and type. A value that is desired twice counts once. A desired
// TTL of 0 keeps the set's own; of several that differ the first counts.
func Diff(current, desired []Record) []SetDiff {
	sets := map[SetKey]*SetDiff{}
	set := func(key SetKey) *SetDiff {
		if sets[key] == nil {
			sets[key] = &SetDiff{Key: key}
		}
		return sets[key]
	}
	have, want := grouped(current), grouped(desired)
	for key, records := range have {
		for _, r := range records {
			d := set(key)
			if holds(want[key], r) {
				d.Keep = append(d.Keep, r)
			} else {
				d.Remove = append(d.Remove, r)
			}
		}
	}
	for key, records := range want {
		for _, r := range records {
			if d := set(key); !holds(have[key], r) && !holds(d.Add, r) {
				d.Add = append(d.Add, r)
			}
		}
		if ttl := firstTTL(records); ttl != 0 && (len(have[key]) == 0 || ttl != have[key][0].TTL) {
			set(key).TTL = ttl
		}
	}
	var differ []SetDiff
	for _, d := range sets {
		if !d.IsEmpty() {
			differ = append(differ, *d)
		}
	}
	slices.SortFunc(differ, func(a, b SetDiff) int { return compareKeys(a.Key, b.Key) })
	return differ
}

func grouped(records []Record) map[SetKey][]Record {
	sets := map[SetKey][]Record{}
	for _, r := range records {
		sets[r.Key()] = append(sets[r.Key()], r)
	}
	return sets
}

func holds(records []Record, r Record) bool {
	return slices.ContainsFunc(records, func(other Record) bool { return Equal(other.Data, r.Data) })
}

func firstTTL(records []Record) int {
	for _, r := range records {
		if r.TTL != 0 {
			return r.TTL
		}
	}
	return 0
}

// compareKeys puts the apex first, then names by their labels from the right.
func compareKeys(a, b SetKey) int {
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
