package hoster

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestKeySet holds the set against a map, through its growth and its split.
func TestKeySet(t *testing.T) {
	for _, n := range []int{0, 1, 16, 17, 1000, splitAt, 3 * splitAt} {
		for _, reserved := range []int{0, n} {
			set, known := newKeySet(), map[uint64]bool{}
			set.reserve(reserved)
			random := rand.New(rand.NewPCG(1, uint64(n)))
			last := uint64(1)
			for range n {
				hash := max(1, random.Uint64())
				switch random.IntN(8) {
				case 0:
					hash = last
				case 1:
					hash = last + 1
				}
				last = hash
				if set.add(hash) == known[hash] {
					t.Fatalf("%d of %d: %#x is new: %v", set.size, n, hash, !known[hash])
				}
				known[hash] = true
			}
			if set.size != len(known) {
				t.Errorf("%d keys, want %d", set.size, len(known))
			}
			for hash := range known {
				if set.add(hash) {
					t.Fatalf("%#x is lost", hash)
				}
			}
		}
	}
	set := newKeySet()
	if !set.add(0) || set.add(0) || set.add(1) {
		t.Error("the hash 0 has the place of 1")
	}
}

// TestItemsThatMoved: an item that comes twice while the total promises more may
// have hidden another. The walk is repeated, once.
func TestItemsThatMoved(t *testing.T) {
	moved := func() *shop {
		return &shop{ids: domainIDs(30), meta: func(_, page, per int) string { return nestedMeta(31, page, per) }, hook: func(s *shop, request, _ int) {
			if request == 2 { // one more in front: what stood last on page 1 is first on page 2
				s.ids = append([]string{"dom_new"}, s.ids...)
			}
		}}
	}
	everyPage(t, "one more in front", moved, func(t *testing.T, s *shop, ids []string, err error) {
		slices.Sort(ids)
		if err != nil || len(ids) != 31 || ids[30] != "dom_new" {
			t.Errorf("%d items: %v", len(ids), err)
		}
	})
	twice := func() *shop {
		return &shop{ids: append(domainIDs(30), "dom_003"), meta: nestedMeta}
	}
	everyPage(t, "always twice", twice, func(t *testing.T, s *shop, ids []string, err error) {
		if err != nil || !slices.Equal(ids, domainIDs(30)) || len(s.asked) > 9 {
			t.Errorf("%d items in %d requests: %v", len(ids), len(s.asked), err)
		}
	})
	// A walk that begins anew late passes over many pages without anything new.
	for name, meta := range map[string]func(int, int, int) string{"late": nestedMeta, "late, no meta": noMeta} {
		s := &shop{ids: domainIDs(95), meta: meta, etag: func(request, _ int) string { return map[bool]string{true: `"v1"`, false: `"v2"`}[request < 9] }}
		if ids, err := zoneIDs(t, s, true); err != nil || !slices.Equal(ids, s.ids) {
			t.Errorf("%s: %d items: %v", name, len(ids), err)
		}
	}
	// Two keys with one hash: the second walk, which hashes otherwise, tells.
	w := walker[Domain]{op: byName()["Domains.List"], seen: &keySet{size: 30}, again: &keySet{size: 31}}
	checkWalk(t, "a collision", w.check(31, 1), ErrPagination)
}
