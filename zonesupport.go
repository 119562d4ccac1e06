package hoster

import (
	"errors"
	"sync"
	"sync/atomic"
)

// batchSupport is what a client knows of a provider's batch endpoint. What the
// API says itself lasts until a batch succeeds. What a page in its place says is
// doubted: batches are left out a few times, more often after each further page,
// and then tried again.
type batchSupport struct {
	mu      sync.Mutex
	lacking bool // the API said so
	pages   int  // in a row, that somebody else answered
	skips   int  // batches to leave out before the next one
}

// maxSkips bounds how many batches are left out because of pages.
const maxSkips = 63

// try reports whether to send a batch.
func (s *batchSupport) try() bool {
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

// learn takes what became of a batch.
func (s *batchSupport) learn(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch answered, _ := errors.AsType[*Error](err); {
	case err == nil:
		s.lacking, s.pages, s.skips = false, 0, 0
	case answered == nil || !errors.Is(err, ErrNotSupported):
	case answered.FromAPI:
		s.lacking = true
	default:
		s.pages++
		s.skips = min(1<<min(s.pages, 6)-1, maxSkips)
	}
}

// versionSupport is what a client knows of a provider's zone versions. A write
// whose answer tells the new version shows that there are some; one lost header
// after that shows nothing. As long as no answer told a version, one without it
// shows that there are none.
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
func (s *versionSupport) usable(tag string, weak bool) string {
	if state := s.state.Load(); state == versionsLacking || weak && state != versionsThere {
		return ""
	}
	return tag
}
