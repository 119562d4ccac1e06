package pager

import (
	"math/rand/v2"
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
