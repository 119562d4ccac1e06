package zonework

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/go-hoster/hoster/dnszone"
)

// Mirror is a reading of a zone that follows this client's own writes. It is shared
// by all who look at the zone, and safe for concurrent use.
type Mirror struct {
	readings Shared[*image]
}

// image is what one reading brought, and what became of it since.
type image struct {
	at time.Time

	mu      sync.RWMutex
	version Version
	ids     []string // in the zone's order, which only grows; of some there is no record any more
	records map[string]dnszone.Held
	sets    map[dnszone.SetKey][]dnszone.Held // each slice is never changed
}

func newImage(records []dnszone.Held, version Version) *image {
	m := &image{at: time.Now(), version: version, records: make(map[string]dnszone.Held, len(records)), sets: map[dnszone.SetKey][]dnszone.Held{}}
	for _, r := range records {
		m.ids = append(m.ids, r.ID)
		m.records[r.ID] = r
		m.sets[r.Key()] = append(m.sets[r.Key()], r)
	}
	return m
}

// View is the zone as it is known.
type View struct{ image *image }

// Set holds the records of one set. It must not be changed.
func (v View) Set(key dnszone.SetKey) []dnszone.Held {
	v.image.mu.RLock()
	defer v.image.mu.RUnlock()
	return v.image.sets[key]
}

// Record is the record with an id.
func (v View) Record(id string) (dnszone.Held, bool) {
	v.image.mu.RLock()
	defer v.image.mu.RUnlock()
	r, ok := v.image.records[id]
	return r, ok
}

// Records goes through the zone. What is written meanwhile may be seen or not.
func (v View) Records() iter.Seq[dnszone.Held] {
	v.image.mu.RLock()
	ids := v.image.ids
	v.image.mu.RUnlock()
	return func(yield func(dnszone.Held) bool) {
		for _, id := range ids {
			if r, ok := v.Record(id); ok && !yield(r) {
				return
			}
		}
	}
}

// View reads the zone, or joins a reading that is good: one that no write of this
// client has outdated, and that is no older than maxAge, where that is not 0.
func (m *Mirror) View(ctx context.Context, state *State, domain string, maxAge time.Duration, read func(context.Context) ([]dnszone.Held, Version, error)) (View, error) {
	fresh := func(i *image) bool { return maxAge == 0 || time.Since(i.at) < maxAge }
	i, err := m.readings.Get(ctx, state.Writes(domain), fresh, func(ctx context.Context) (*image, error) {
		records, version, err := read(ctx)
		if err != nil {
			return nil, err
		}
		return newImage(records, version), nil
	})
	return View{i}, err
}

// Invalidate makes the next question read the zone again.
func (m *Mirror) Invalidate() { m.readings.Invalidate() }

// held are the sets as they are known, and their version; nothing where there is no
// reading that a write can depend on.
func (m *Mirror) held(state *State, domain string, edits []editing) (map[dnszone.SetKey][]dnszone.Held, Version, bool) {
	i, ok := m.readings.good(state.Writes(domain))
	if !ok {
		return nil, Version{}, false
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	held := map[dnszone.SetKey][]dnszone.Held{}
	for n := range edits {
		held[edits[n].Goal.Key] = i.sets[edits[n].Goal.Key]
	}
	return held, i.version, state.Usable(i.version) != ""
}

// follow takes over a write that depended on the version of the reading, if that is
// still the last one.
func (m *Mirror) follow(writes uint64, from, to string, sent dnszone.Changes, result Result) {
	if from == "" || to == "" || len(result.Created) != len(sent.Create) || len(result.Updated) != len(sent.Update) {
		return // the next question reads again
	}
	m.readings.follow(writes, func(i *image) bool {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.version.Tag != from {
			return false
		}
		i.version.Tag = to
		for n, r := range result.Updated {
			i.replace(sent.Update[n].ID, r)
		}
		for _, r := range result.Created {
			i.replace("", r)
		}
		for _, id := range sent.Delete {
			i.drop(id)
		}
		return true
	})
}

// replace puts a record into its set in place of one that it was, whose id may be
// another. The TTL of the set is that of the record that was written last.
func (m *image) replace(old string, r dnszone.Held) {
	if old != r.ID {
		m.drop(old)
		m.ids = append(m.ids, r.ID)
	}
	set := slices.DeleteFunc(slices.Clone(m.sets[r.Key()]), func(other dnszone.Held) bool { return other.ID == r.ID })
	set = append(set, r)
	for n := range set {
		set[n].TTL = r.TTL
		m.records[set[n].ID] = set[n]
	}
	m.sets[r.Key()] = set
}

func (m *image) drop(id string) {
	if r, ok := m.records[id]; ok {
		delete(m.records, id)
		m.sets[r.Key()] = slices.DeleteFunc(slices.Clone(m.sets[r.Key()]), func(other dnszone.Held) bool { return other.ID == id })
	}
}
