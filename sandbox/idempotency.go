package sandbox

import (
	"crypto/sha256"
	"net/http"
	"time"
)

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
	keyLifetime    = 24 * time.Hour
)

// keyStore holds the answers given under idempotency keys.
type keyStore struct {
	claims map[string]*claim
	aging  []*claim // answered ones, oldest first
}

// claim is an idempotency key in use.
type claim struct {
	key     string
	request [sha256.Size]byte // what the key stands for
	kept    *answer           // nil while the first request runs
	made    time.Time
}

// fingerprint covers what a key is bound to. The parts cannot run into one
// another: none but the last holds a newline.
func (x *exchange) fingerprint() [sha256.Size]byte {
	head := x.r.Method + "\n" + x.path + "\n" + x.r.URL.RawQuery + "\n"
	return sha256.Sum256(append([]byte(head), x.body...))
}

// claimKey makes the request's idempotency key its own, or returns the answer
// that the key leads to. A request without a key passes.
func (s *Server) claimKey(x *exchange) *answer {
	sent := x.r.Header.Values(keyHeader)
	if x.r.Method != http.MethodPost || len(sent) == 0 || s.lacking[Idempotency] {
		return nil
	}
	key := sent[0]
	if len(sent) > 1 || len(key) > 255 || !isVisible(key) {
		return badRequest("The Idempotency-Key must be 1 to 255 visible ASCII characters.")
	}
	request := x.fingerprint()

	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys.expire(s.clock())
	old := s.keys.claims[key]
	switch {
	case old == nil:
		s.keys.add(&claim{key: key, request: request})
		x.key = key
		return nil
	case old.request != request:
		return fail(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key was used for another request.")
	case old.kept == nil:
		return conflict("IDEMPOTENCY_IN_PROGRESS", "The first request with this Idempotency-Key still runs.")
	}
	again := *old.kept
	again.header = old.kept.header.Clone()
	again.header.Set(replayedHeader, "true")
	return &again
}

// keepAnswer keeps a sealed answer under the request's key, unless it is of a
// kind that a repetition must not get. The caller holds the lock.
func (s *Server) keepAnswer(x *exchange, a *answer, now time.Time) {
	claimed := s.keys.claims[x.key]
	if x.key == "" || claimed == nil {
		return
	}
	switch {
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden,
		a.status == http.StatusTooManyRequests, a.status >= 500:
		delete(s.keys.claims, x.key)
		return
	}
	a.header.Set(replayedHeader, "false")
	kept := *a
	kept.header = a.header.Clone()
	claimed.kept, claimed.made = &kept, now
	s.keys.aging = append(s.keys.aging, claimed)
}

// releaseKey gives the request's key up, as if it had not been sent.
func (s *Server) releaseKey(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.key != "" {
		delete(s.keys.claims, x.key)
	}
}

func (k *keyStore) add(c *claim) {
	if k.claims == nil {
		k.claims = make(map[string]*claim)
	}
	k.claims[c.key] = c
}

// expire forgets the answers that are older than a day.
func (k *keyStore) expire(now time.Time) {
	for len(k.aging) > 0 && now.Sub(k.aging[0].made) >= keyLifetime {
		delete(k.claims, k.aging[0].key)
		k.aging = k.aging[1:]
	}
}
