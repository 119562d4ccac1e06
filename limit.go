package hoster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
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

// gate lets the attempts of all calls of a client through, in the order in
// which they come: no more than its static rate and bound allow, and no more
// than is left of the account's budget, as far as the provider tells.
//
// What is left is never counted down from a guess: it is the lowest figure
// heard in this window, less the attempts that have not been answered yet.
type gate struct {
	static *bucket       // nil: none
	most   int           // in flight; 0: any number
	trust  time.Duration // the longest wait that a provider is believed

	mu       sync.Mutex
	queue    []*waiter
	timer    *time.Timer // wakes the queue; set only while somebody waits
	inFlight int         // let in and not left
	unheard  int         // let in and not answered
	budget   RateLimit   // as last said

	knowledge knowledge
	lowest    int           // figure of the window; it only falls
	reset     time.Time     // end of the window, by our clock
	window    time.Duration // length of a window, as far as seen
	paused    time.Time     // nobody passes before: somebody was told to wait
	pace      time.Duration // between two passes while more wait than may pass
	next      time.Time     // of the pace
	sharing                 // whether others use the same budget
}

// knowledge is what the gate knows of the budget.
type knowledge uint8

const (
	unknown knowledge = iota // ask with one attempt at a time
	unsaid                   // the provider says nothing of it: no bound
	known
)

// sharing estimates how many attempts of others may be under way: what they
// took in this window for each answer of ours.
type sharing struct {
	others int // kept free for them
	first  int // figure of the window's first answer
	heard  int // our answers since then
	taken  int // by others since then, at least
}

// pass is the place of one attempt. It is given back by leave.
type pass struct {
	gate    *gate
	unheard bool
}

// waiter stands in the queue.
type waiter struct {
	ready    chan struct{}
	deadline time.Time // of its context; zero without one
	err      error     // set before ready is closed
}

// enter waits for a place. A wait that cannot end before the deadline fails at
// once with ErrLocalLimit.
func (g *gate) enter(ctx context.Context, p *pass) error {
	if err := g.waitStatic(ctx); err != nil {
		return err
	}
	g.mu.Lock()
	if len(g.queue) == 0 {
		var now time.Time // which matters only where somebody set a limit
		if g.knowledge == known || !g.paused.IsZero() {
			now = time.Now()
		}
		if ok, _ := g.open(now); ok {
			g.admit(now)
			g.mu.Unlock()
			*p = pass{gate: g, unheard: true}
			return nil
		}
	}
	w := &waiter{ready: make(chan struct{})}
	w.deadline, _ = ctx.Deadline()
	g.queue = append(g.queue, w)
	g.refuse(time.Now())
	g.pump()
	g.mu.Unlock()
	select {
	case <-w.ready:
		if w.err == nil {
			*p = pass{gate: g, unheard: true}
		}
		return w.err
	case <-ctx.Done():
		g.forsake(w)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("%w: %w", ErrLocalLimit, ctx.Err())
		}
		return ctx.Err()
	}
}

// waitStatic waits for the client's own rate.
func (g *gate) waitStatic(ctx context.Context) error {
	if g.static == nil {
		return ctx.Err()
	}
	now, most := time.Now(), time.Duration(math.MaxInt64)
	if deadline, ok := ctx.Deadline(); ok {
		most = max(0, deadline.Sub(now))
	}
	wait, place, ok := g.static.take(now, most)
	if !ok {
		return tooLate(wait)
	}
	if wait == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		g.static.giveBack(place)
		return ctx.Err()
	}
}

func tooLate(wait time.Duration) error {
	return fmt.Errorf("%w: the next place is free in %s", ErrLocalLimit, wait.Round(time.Millisecond))
}

// forsake gives up the place in the queue, or the one that was just given.
func (g *gate) forsake(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.queue {
		if other == w {
			g.queue = append(g.queue[:i:i], g.queue[i+1:]...)
			g.pump()
			return
		}
	}
	if w.err == nil { // it was let in while it left
		g.inFlight--
		g.unheard--
		g.pump()
	}
}

// open says whether one more attempt may pass now; if not, after which wait to
// look again, 0 for when another attempt is answered or leaves.
func (g *gate) open(now time.Time) (bool, time.Duration) {
	if g.most > 0 && g.inFlight >= g.most {
		return false, 0
	}
	if wait := g.paused.Sub(now); wait > 0 {
		return false, wait
	}
	if g.knowledge == known && !now.Before(g.reset) {
		g.forget()
	}
	switch g.knowledge {
	case unsaid:
		return true, 0
	case unknown:
		return g.unheard == 0, 0
	}
	switch {
	case g.others > 0 && g.unheard > 0:
		return false, 0 // what is shared is taken one by one
	case g.lowest-g.unheard-g.others <= 0:
		return false, g.reset.Sub(now)
	case g.pace > 0 && now.Before(g.next):
		return false, g.next.Sub(now)
	}
	return true, 0
}

// forget begins a window of which nothing is known yet.
func (g *gate) forget() {
	g.knowledge, g.pace = unknown, 0
	g.others = 0
	if g.heard > 0 && g.taken > 0 {
		g.others = min((g.taken+g.heard-1)/g.heard, max(1, max(g.budget.Limit, g.first)/2))
	}
	g.heard, g.taken = 0, 0
}

func (g *gate) admit(now time.Time) {
	g.inFlight++
	g.unheard++
	if g.pace > 0 {
		g.next = now.Add(g.pace)
	}
}

// pump lets in whom it can, and sets the timer for the next.
func (g *gate) pump() {
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
	if len(g.queue) == 0 {
		return
	}
	now := time.Now()
	for len(g.queue) > 0 {
		ok, wait := g.open(now)
		if !ok {
			if wait > 0 {
				g.timer = time.AfterFunc(wait, g.tick)
			}
			return
		}
		g.admit(now)
		close(g.queue[0].ready)
		g.queue = g.queue[1:]
	}
}

func (g *gate) tick() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pump()
}

// refuse sends away who cannot be let in before their deadline.
func (g *gate) refuse(now time.Time) {
	kept := g.queue[:0:0]
	for _, w := range g.queue {
		wait := g.estimate(len(kept), now)
		if !w.deadline.IsZero() && now.Add(wait).After(w.deadline) {
			w.err = tooLate(wait)
			close(w.ready)
			continue
		}
		kept = append(kept, w)
	}
	g.queue = kept
}

// estimate is how long the place in the queue takes at least.
func (g *gate) estimate(place int, now time.Time) time.Duration {
	wait := max(0, g.paused.Sub(now))
	if g.knowledge != known || !now.Before(g.reset) {
		return wait
	}
	ahead := place - max(0, g.lowest-g.unheard-g.others)
	if ahead < 0 {
		return wait
	}
	windows := ahead / max(1, g.budget.Limit-g.others)
	return max(wait, g.reset.Sub(now)+time.Duration(windows)*g.window)
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

// leave gives the place back.
func (p *pass) leave() {
	g := p.gate
	if g == nil {
		return
	}
	p.learn(0, nil)
	p.gate = nil
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	g.pump()
}

func (g *gate) snapshot() RateLimit {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.budget
}
