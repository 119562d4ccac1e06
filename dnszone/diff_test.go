package dnszone

import (
	"net/netip"
	"slices"
	"testing"
)

func at(t testing.TB, name string, ttl int, rrtype, value string) Record {
	t.Helper()
	n, err := ParseName(name, "example.com")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(Type(rrtype), value)
	if err != nil {
		t.Fatal(err)
	}
	return Record{Name: n, TTL: ttl, Data: d}
}

func TestDiff(t *testing.T) {
	a := func(name, value string, ttl int) Record { return at(t, name, ttl, "A", value) }
	tests := map[string]struct {
		current, desired  []Record
		add, remove, sets int
		ttl               int
	}{
		"the same, spelled otherwise": {
			current: []Record{at(t, "www", 300, "AAAA", "2001:db8::1"), at(t, "@", 300, "MX", "10 mail.example.com")},
			desired: []Record{at(t, "WWW.example.com.", 300, "AAAA", "2001:0DB8:0::1"), at(t, "example.com", 0, "MX", "10 MAIL.example.com.")},
		},
		"added":          {desired: []Record{a("www", "192.0.2.1", 60)}, add: 1, sets: 1, ttl: 60},
		"removed":        {current: []Record{a("www", "192.0.2.1", 60)}, remove: 1, sets: 1},
		"changed":        {current: []Record{a("www", "192.0.2.1", 60)}, desired: []Record{a("www", "192.0.2.2", 0)}, add: 1, remove: 1, sets: 1},
		"TTL":            {current: []Record{a("www", "192.0.2.1", 60)}, desired: []Record{a("www", "192.0.2.1", 90)}, sets: 1, ttl: 90},
		"TTL as it is":   {current: []Record{a("www", "192.0.2.1", 60)}, desired: []Record{a("www", "192.0.2.1", 0)}},
		"desired twice":  {desired: []Record{a("www", "192.0.2.1", 0), a("www.example.com", "192.0.2.1", 0)}, add: 1, sets: 1},
		"another type":   {current: []Record{a("www", "192.0.2.1", 60)}, desired: []Record{a("www", "192.0.2.1", 60), at(t, "www", 60, "TXT", `"x"`)}, add: 1, sets: 1, ttl: 60},
		"mixed TTLs":     {current: []Record{a("www", "192.0.2.1", 60), a("www", "192.0.2.2", 90)}, desired: []Record{a("www", "192.0.2.1", 60), a("www", "192.0.2.2", 60)}, sets: 1, ttl: 60},
		"nothing at all": {},
	}
	for name, test := range tests {
		diff := Diff(test.current, test.desired)
		add, remove, ttl := 0, 0, 0
		for _, d := range diff {
			add, remove, ttl = add+len(d.Add), remove+len(d.Remove), ttl+d.TTL
		}
		if add != test.add || remove != test.remove || len(diff) != test.sets || ttl != test.ttl {
			t.Errorf("%s: %+v", name, diff)
		}
	}
}

func TestDiffIsSorted(t *testing.T) {
	diff := Diff(nil, []Record{
		at(t, "b.a", 0, "A", "192.0.2.1"), at(t, "z", 0, "TXT", `"x"`), at(t, "z", 0, "A", "192.0.2.1"),
		at(t, "@", 0, "A", "192.0.2.1"), at(t, "a", 0, "A", "192.0.2.1"),
	})
	want := []string{"@ A", "a A", "b.a A", "z A", "z TXT"}
	for i, d := range diff {
		if got := d.Key.Name.Relative() + " " + string(d.Key.Type); got != want[i] {
			t.Errorf("place %d: %s, want %s", i, got, want[i])
		}
	}
	if (Record{}).Key() != (SetKey{}) {
		t.Error("a record without data has a type")
	}
}

func holds(records []Record, r Record) bool {
	return slices.ContainsFunc(records, func(other Record) bool { return other.Key() == r.Key() && Equal(other.Data, r.Data) })
}

// FuzzDiff: applying the difference gives what is desired, and the difference
// of equals is empty.
func FuzzDiff(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4}, []byte{2, 3, 9})
	f.Fuzz(func(t *testing.T, current, desired []byte) {
		records := func(seed []byte) (all []Record) {
			for _, b := range seed {
				name, _ := ParseName(string(rune('a'+b%3)), "example.com")
				r := Record{Name: name, TTL: 60, Data: A{Addr: netip.AddrFrom4([4]byte{192, 0, 2, b / 3 % 8})}}
				if !holds(all, r) {
					all = append(all, r)
				}
			}
			return all
		}
		have, want := records(current), records(desired)
		if len(Diff(have, have)) != 0 {
			t.Fatal("a zone differs from itself")
		}
		var after []Record
		diff := Diff(have, want)
		for _, r := range have {
			gone := false
			for _, d := range diff {
				gone = gone || d.Key == r.Key() && holds(d.Remove, r)
			}
			if !gone {
				after = append(after, r)
			}
		}
		for _, d := range diff {
			after = append(after, d.Add...)
		}
		if len(Diff(after, want)) != 0 || len(Diff(want, after)) != 0 {
			t.Fatalf("%v -> %v: %v", have, want, after)
		}
	})
}
