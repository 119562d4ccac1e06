package hoster

import (
	"net/http"
	"strconv"
	"time"
)

// RateLimit is what the provider last said of the account's budget of requests.
type RateLimit struct {
	Limit     int       // requests in a window
	Remaining int       // left in this window
	Reset     time.Time // when the next window begins
	Known     bool      // false until a provider said anything
}

// readRateLimit takes the X-RateLimit headers of an answer.
func readRateLimit(h http.Header) RateLimit {
	said := first(h, "X-Ratelimit-Remaining")
	if said == "" {
		return RateLimit{} // before an error is made of it
	}
	remaining, err := strconv.Atoi(said)
	if err != nil || remaining < 0 {
		return RateLimit{}
	}
	limit, _ := strconv.Atoi(first(h, "X-Ratelimit-Limit"))
	budget := RateLimit{Limit: limit, Remaining: remaining, Known: true}
	if reset, err := strconv.ParseInt(first(h, "X-Ratelimit-Reset"), 10, 64); err == nil {
		budget.Reset = time.Unix(reset, 0).UTC()
	}
	return budget
}

// first is h.Get for a name in the spelling of net/http, which spares bringing
// it into that.
func first(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// learn takes what an answer says of the budget. A nil header is an attempt
// that got none.
func (p *pass) learn(status int, h http.Header) {
	if p.gate == nil || !p.unheard {
		return
	}
	p.unheard = false
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	g.unheard--
	budget := readRateLimit(h)
	switch {
	case status == http.StatusTooManyRequests:
		g.pause(h, time.Now())
	case budget.Known:
		now := time.Now()
		g.note(budget, budget.Reset.Add(-clockSkew(h, now)), now)
	case g.knowledge == unknown && status != http.StatusUnauthorized && h != nil:
		g.knowledge = unsaid
	}
	g.pump()
}

// pause holds everybody back after a 429.
func (g *gate) pause(h http.Header, now time.Time) {
	wait, _ := retryAfter(h, now) // without one the refused call waits by its own backoff
	if until := now.Add(min(wait, g.trust)); until.After(g.paused) {
		g.paused = until
	}
	g.forget()
	g.refuse(now)
}

// note takes the figures of an answer.
func (g *gate) note(budget RateLimit, reset, now time.Time) {
	if !reset.After(now) { // the answer is from a window that has passed, or tells no reset
		if budget.Reset.IsZero() {
			g.budget, g.knowledge = budget, unsaid
		}
		return
	}
	const rounding = time.Second // the reset is told in whole seconds
	if far := now.Add(g.trust + rounding); reset.After(far) {
		reset = far // ask again then
	}
	fresh := g.knowledge != known || reset.After(g.reset)
	g.budget, g.knowledge = budget, known
	if fresh {
		g.reset, g.lowest = reset, budget.Remaining
		g.window = max(g.window, reset.Sub(now))
		g.first, g.heard, g.taken = budget.Remaining, 0, 0
		g.refuse(now)
		g.spread(now)
		return
	}
	g.lowest = min(g.lowest, budget.Remaining)
	g.heard++
	g.taken = max(g.taken, g.first-g.lowest-g.heard-g.unheard)
	if g.taken > 0 {
		g.others = max(g.others, min((g.taken+g.heard-1)/g.heard, max(1, budget.Limit/2)))
	}
}

// spread sets the pace for a queue that is longer than what may pass: it is let
// in over half of the window, and not all at once.
func (g *gate) spread(now time.Time) {
	g.pace = 0
	if left := g.lowest - g.unheard; left > 0 && len(g.queue) > left {
		g.pace = g.reset.Sub(now) / time.Duration(2*left)
		g.next = now
	}
}

// clockSkew is how far the server's clock is ahead of ours. The Date header is
// in whole seconds, so what could be its rounding is none.
func clockSkew(h http.Header, now time.Time) time.Duration {
	skew := serverTime(h, now).Sub(now)
	if skew.Abs() <= 2*time.Second {
		return 0
	}
	return skew
}

// snapshot is what the provider last said.
func (g *gate) snapshot() RateLimit {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.budget
}
