package hoster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

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

// hold takes a place without waiting, for what is under way already.
func (g *gate) hold(p *pass) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight++
	*p = pass{gate: g}
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
