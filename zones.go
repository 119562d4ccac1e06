package hoster

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
)

// zones is what a client keeps of the zones it works on: a lock for each, so
// that its own goroutines do not overwrite each other, and a count of its
// writes, so that nothing read before a write is taken for fresh after it.
type zones struct {
	mu    sync.Mutex
	known map[string]*zoneState

	batches  batchSupport
	versions versionSupport

	anywhere atomic.Uint64 // writes that may have changed any zone
}

type zoneState struct {
	turn   chan struct{} // holds a token while nobody works on the zone
	writes atomic.Uint64
}

func (z *zones) of(zone string) *zoneState {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.known == nil {
		z.known = map[string]*zoneState{}
	}
	state := z.known[zone]
	if state == nil {
		state = &zoneState{turn: make(chan struct{}, 1)}
		state.turn <- struct{}{}
		z.known[zone] = state
	}
	return state
}

// lock waits for the zone; unlock gives it back.
func (s *zoneState) lock(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.turn:
		return func() { s.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// note counts a call that changed the records of a zone, or may have: of a call
// of the caller's own nobody knows what it changes.
func (z *zones) note(op *operation, zone string) {
	switch {
	case !op.isWrite():
	case op.foreign:
		z.anywhere.Add(1)
	case zone != "" && strings.HasPrefix(op.path, "/domains/{domain}"):
		z.of(zone).writes.Add(1)
	}
}

// writes counts those that may have changed the zone.
func (z *zones) writes(zone string) uint64 { return z.of(zone).writes.Load() + z.anywhere.Load() }
