package pager

import (
	"hash/maphash"
	"math/bits"
)

// keySet remembers which items a walk has given, by 64-bit hashes of their keys:
// some ten octets for each, where a map of strings needs a hundred, so that a
// walk over a million records stays small. Two keys of a million have the same
// hash in one of 37 million walks, and the hashes of each set are others; the
// walk notices it by the list's total.
//
// A large set consists of shards, each of which grows by itself and by little:
// there is never a second copy of the whole.
type keySet struct {
	seed   maphash.Seed
	shards []keyShard
	size   int
}

// keyShard is a table with linear probing. 0 is a free place.
type keyShard struct {
	slots []uint64
	used  int
}

const (
	shardBits = 6       // of the hash choose the shard
	splitAt   = 1 << 15 // hashes are too many for one shard

	largeTable = 1 << 12 // places
)

func newKeySet() *keySet {
	return &keySet{seed: maphash.MakeSeed(), shards: make([]keyShard, 1)}
}

// hash is what the set keeps of a key.
func (s *keySet) hash(key string) uint64 { return maphash.String(s.seed, key) }

// add reports whether the hash is new to the set.
func (s *keySet) add(hash uint64) bool {
	if s.size == splitAt && len(s.shards) == 1 {
		s.split()
	}
	hash = max(hash, 1)
	if !s.shardOf(hash).add(hash) {
		return false
	}
	s.size++
	return true
}

// reserve makes room for about n hashes, if none came yet.
func (s *keySet) reserve(n int) {
	if s.size == 0 {
		s.shards[0].slots = make([]uint64, min(n, splitAt)/2*3+8)
	}
}

func (s *keySet) shardOf(hash uint64) *keyShard {
	if len(s.shards) == 1 {
		return &s.shards[0]
	}
	return &s.shards[hash>>(64-shardBits)]
}

func (s *keySet) split() {
	old := s.shards[0]
	s.shards = make([]keyShard, 1<<shardBits)
	for _, hash := range old.slots {
		if hash != 0 {
			s.shardOf(hash).add(hash)
		}
	}
}

func (t *keyShard) add(hash uint64) bool {
	if 4*t.used >= 3*len(t.slots) {
		t.grow()
	}
	// The bits that chose the shard are the same in all of it.
	at, _ := bits.Mul64(hash<<shardBits, uint64(len(t.slots)))
	for t.slots[at] != 0 {
		if t.slots[at] == hash {
			return false
		}
		if at++; at == uint64(len(t.slots)) {
			at = 0
		}
	}
	t.slots[at] = hash
	t.used++
	return true
}

// grow doubles a small table, and adds a quarter to a large one.
func (t *keyShard) grow() {
	old := t.slots
	size := max(16, 2*len(old))
	if len(old) >= largeTable {
		size = len(old) + len(old)/4
	}
	*t = keyShard{slots: make([]uint64, size)}
	for _, hash := range old {
		if hash != 0 {
			t.add(hash)
		}
	}
}
