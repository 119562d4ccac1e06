package zonework

import (
	"context"
	"sync"
	"sync/atomic"
	"weak"
)

// State is what is kept of the zones that are worked on: a lock for each, so that
// goroutines of one client do not overwrite each other, a count of its writes, so
// that nothing read before a write is taken for fresh after it, and what is known
// of the provider. The zero value is ready, and safe for concurrent use.
type State struct {
	Batches  BatchSupport
	versions versionSupport

	mu    sync.Mutex
	known map[string]*zoneState

	anywhere atomic.Uint64 // writes that may have changed any zone
}

type zoneState struct {
	turn   chan struct{} // holds a token while nobody works on the zone
	writes atomic.Uint64
	mirror weak.Pointer[Mirror] // while somebody looks at it
}

func (s *State) of(domain string) *zoneState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]*zoneState{}
	}
	state := s.known[domain]
	if state == nil {
		state = &zoneState{turn: make(chan struct{}, 1)}
		state.turn <- struct{}{}
		s.known[domain] = state
	}
	return state
}

// Mirror is the reading that all who look at the zone share. It is forgotten when
// nobody holds it any more.
func (s *State) Mirror(domain string) *Mirror {
	state := s.of(domain)
	s.mu.Lock()
	defer s.mu.Unlock()
	m := state.mirror.Value()
	if m == nil {
		m = &Mirror{}
		state.mirror = weak.Make(m)
	}
	return m
}

// watched is the mirror of a zone that somebody looks at, or nil.
func (s *State) watched(domain string) *Mirror {
	state := s.of(domain)
	s.mu.Lock()
	defer s.mu.Unlock()
	return state.mirror.Value()
}

// Lock waits for the zone; unlock gives it back.
func (s *State) Lock(ctx context.Context, domain string) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	turn := s.of(domain).turn
	select {
	case <-turn:
		return func() { turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Note counts a call that changed the zone, or may have.
func (s *State) Note(domain string) { s.of(domain).writes.Add(1) }

// NoteAnywhere counts a call that may have changed any zone.
func (s *State) NoteAnywhere() { s.anywhere.Add(1) }

// Writes counts the calls that may have changed the zone.
func (s *State) Writes(domain string) uint64 { return s.of(domain).writes.Load() + s.anywhere.Load() }

// BatchSupport is what is known of a provider's batch endpoint. What the API says
// itself lasts until a batch succeeds. What another server says in its place is
// doubted: batches are left out a few times, more often after each further such
// answer, and then tried again.
type BatchSupport struct {
	mu      sync.Mutex
	lacking bool // the API said so
	others  int  // answers in a row that another server gave
	skips   int  // batches to leave out before the next one
}

// maxSkips bounds how many batches are left out because another server answered.
const maxSkips = 63

// Try reports whether to send a batch.
func (s *BatchSupport) Try() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lacking {
		return false
	}
	if s.skips > 0 {
		s.skips--
		return false
	}
	return true
}

// Succeeded notes a batch that was done.
func (s *BatchSupport) Succeeded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lacking, s.others, s.skips = false, 0, 0
}

// Failed notes what the error of a batch means.
func (s *BatchSupport) Failed(means Judgement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !means.LacksBatch:
	case means.FromAPI:
		s.lacking = true
	default:
		s.others++
		s.skips = min(1<<min(s.others, 6)-1, maxSkips)
	}
}

// versionSupport is what is known of a provider's zone versions. A write whose
// answer tells the new version shows that there are some; one lost header after
// that shows nothing. As long as no answer told a version, one without it shows
// that there are none.
type versionSupport struct{ state atomic.Int32 }

const (
	versionsUnknown int32 = iota
	versionsThere
	versionsLacking
)

// learn takes the version in the API's own answer to a write.
func (s *versionSupport) learn(version string) {
	if version != "" {
		s.state.Store(versionsThere)
		return
	}
	s.state.CompareAndSwap(versionsUnknown, versionsLacking)
}

// usable is the version of a reading, "" where writes cannot depend on it. A weak
// tag is a version only at a provider that is known to have versions: elsewhere
// it is a web server's own.
func (s *versionSupport) usable(v Version) string {
	if state := s.state.Load(); state == versionsLacking || v.Weak && state != versionsThere {
		return ""
	}
	return v.Tag
}

// Usable is the version of a reading, "" where writes cannot depend on it.
func (s *State) Usable(v Version) string { return s.versions.usable(v) }
