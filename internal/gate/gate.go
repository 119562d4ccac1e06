// Package gate admits attempts: at the client's own rate, as many in flight as
// it allows, and within the account's budget as the provider tells it or as it
// is shared with others.
package gate

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
)

// Limits are what a gate is told.
type Limits struct {
	Rate     float64       // attempts in a second; 0: any number
	Burst    int           // of them that may pass at once; at least 1
	InFlight int           // at most at once; 0: any number
	Trust    time.Duration // the longest wait that a provider is believed
	Shared   Shared        // takes the place of what the gate knows of the account's budget; may be nil
}

// Gate lets the attempts of all calls through, in the order in which they come,
// those that were let in before first.
//
// What is left of the budget is never counted down from a guess: it is the
// lowest figure heard in this window, less the attempts of this window that have
// not been answered yet.
type Gate struct {
	own   *rate // nil: none
	most  int
	trust time.Duration

	mu       sync.Mutex
	queue    queue
	timer    *time.Timer // wakes the queue; set only while somebody waits
	wake     time.Time   // of the timer
	reason   Reason      // why the queue stands
	inFlight int         // let in and not left
	budget   pace.Budget // as last said

	window
	turns
	sharing
	narrow
	shared shared
	paused time.Time // nobody passes before: somebody was told to wait
	pace   time.Duration
	next   time.Time // of the pace, which is kept while more wait than may pass
}

// New makes a gate of which nothing is known yet.
func New(l Limits) *Gate {
	g := &Gate{most: l.InFlight, trust: l.Trust, shared: shared{budget: l.Shared}}
	if l.Rate > 0 {
		g.own = newRate(l.Rate, l.Burst)
	}
	return g
}

// Pass is the place of one attempt. It is given back by Leave.
type Pass struct {
	// Waited is how long the attempt waited, and Reason for what most of it.
	Waited time.Duration
	Reason Reason

	// Failure is how the shared budget failed in this attempt; it matches ErrShared.
	Failure error

	gate    *Gate
	ctx     context.Context // of the call
	turn    *Turn           // that the shared budget gave; nil: none, or the note is done
	epoch   uint            // in which it was let in
	begun   uint            // windows that had begun then
	before  int             // the lowest figure then
	unheard bool
}

// Enter waits for a place. again says that the call was let in before. A wait
// that cannot end before the deadline fails at once with a [Refused].
func (g *Gate) Enter(ctx context.Context, p *Pass, again bool) error {
	*p = Pass{ctx: ctx}
	if err := g.waitOwn(ctx, p); err != nil {
		return err
	}
	g.mu.Lock()
	now := g.clock()
	if g.queue.n == 0 && g.blocked(now).reason == "" {
		g.admit(p, now)
		p.gate, p.epoch, p.unheard = g, g.epoch, true
		g.mu.Unlock()
		return nil
	}
	w := &waiter{ready: make(chan struct{}), pass: p}
	if g.shared.budget != nil {
		w.ask = make(chan struct{}, 1)
	}
	w.deadline, _ = ctx.Deadline()
	if now.IsZero() {
		now = time.Now()
	}
	if reason, wait := g.estimate(g.queue.ahead(again), now); !w.deadline.IsZero() && now.Add(wait).After(w.deadline) {
		g.mu.Unlock()
		return &Refused{Reason: reason, Wait: wait}
	}
	g.queue.push(w, again)
	if g.queue.n == 1 {
		g.pump()
	}
	g.mu.Unlock()
	for {
		select {
		case <-w.ready:
			if w.err != nil {
				return w.err
			}
			p.gate, p.epoch, p.unheard = g, w.epoch, true
			p.wait(w.reason, time.Since(now))
			return nil
		case <-w.ask:
			g.question(ctx, w)
		case <-ctx.Done():
			reason := g.forsake(w)
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return &Refused{Reason: reason, Err: ctx.Err()}
			}
			return ctx.Err()
		}
	}
}

// waitOwn waits for the client's own rate.
func (g *Gate) waitOwn(ctx context.Context, p *Pass) error {
	if g.own == nil {
		return ctx.Err()
	}
	now, most := time.Now(), time.Duration(1<<63-1)
	if deadline, ok := ctx.Deadline(); ok {
		most = max(0, deadline.Sub(now))
	}
	wait, place, ok := g.own.take(now, most)
	switch {
	case !ok:
		return &Refused{Reason: OwnRate, Wait: wait}
	case wait == 0:
		return ctx.Err()
	}
	if err := pace.Wait(ctx, wait); err != nil {
		g.own.giveBack(place)
		return err
	}
	p.wait(OwnRate, wait)
	return nil
}

// wait adds a wait to what the pass tells.
func (p *Pass) wait(reason Reason, d time.Duration) {
	if p.Reason == "" || d > p.Waited {
		p.Reason = reason
	}
	p.Waited += d
}

// forsake gives up the place in the queue, or the one that was just given, and
// returns what was waited for.
func (g *Gate) forsake(w *waiter) Reason {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case w.queued:
		g.leave(w)
		g.pump()
		g.rest()
	case w.err == nil: // it was let in while it left
		g.inFlight--
		g.heard(w.pass, w.epoch)
		g.pump()
	}
	return g.reason
}

// leave takes a waiter out of the queue.
func (g *Gate) leave(w *waiter) {
	g.queue.remove(w)
	if g.shared.asker == w {
		g.shared.asker = nil
	}
}

// clock is the time, where it matters: somebody set a limit.
func (g *Gate) clock() time.Time {
	if g.shared.budget == nil && g.knowledge == unsaid && g.bound == 0 && g.paused.IsZero() && g.queue.n == 0 {
		return time.Time{}
	}
	return time.Now()
}

// block is why nobody passes now.
type block struct {
	reason Reason        // empty: somebody may pass
	wait   time.Duration // after which to look again; 0 for when another attempt is answered or leaves
	firm   bool          // nobody passes before, whatever happens
	ask    bool          // the shared budget has to be asked
}

// blocked looks whether one more attempt may pass now.
func (g *Gate) blocked(now time.Time) block {
	if g.most > 0 && g.inFlight >= g.most {
		return block{reason: InFlight}
	}
	if !g.paused.IsZero() {
		if wait := g.paused.Sub(now); wait > 0 {
			return block{reason: TooMany, wait: wait, firm: true}
		}
		g.paused = time.Time{}
	}
	if g.shared.decides(now) {
		return g.shared.blocked(now)
	}
	if g.knowledge == known && !now.Before(g.reset) {
		g.forget()
	}
	switch g.knowledge {
	case unsaid:
		if g.bound > 0 && g.unheard >= g.bound {
			return g.turn(now, Budget)
		}
	case unknown:
		if g.budget.Known && g.budget.Limit > 0 && g.unheard >= max(1, g.budget.Limit-g.others) {
			return block{reason: FirstAnswer}
		}
		return g.turn(now, FirstAnswer)
	case known:
		switch {
		case g.lowest-g.unheard-g.kept() <= 0, g.shared.fair() > 0 && g.admitted >= g.shared.fair():
			return block{reason: Budget, wait: g.reset.Sub(now), firm: true}
		case g.pace > 0 && now.Before(g.next):
			return block{reason: Budget, wait: g.next.Sub(now)}
		case g.kept() > 0:
			return g.turn(now, Budget)
		}
	}
	return block{}
}

// kept is what is kept free for others: nothing where each has its share.
func (g *Gate) kept() int {
	if g.shared.mean > 0 {
		return 0
	}
	return g.others
}

func (g *Gate) admit(p *Pass, now time.Time) {
	g.inFlight++
	g.unheard++
	g.admitted++
	p.turn, g.shared.taken = g.shared.taken, nil
	p.begun, p.before = g.begun, math.MaxInt
	if g.knowledge == known {
		p.before = g.lowest
	}
	g.take(p, now)
	if g.pace > 0 {
		g.next = now.Add(g.pace)
	}
}

// pump lets in whom it can, refuses who cannot be let in before their deadline,
// and sets the timer for the next.
func (g *Gate) pump() {
	if g.queue.n == 0 {
		return
	}
	now := time.Now()
	for g.queue.n > 0 {
		b := g.blocked(now)
		if b.reason != "" {
			g.reason = b.reason
			if b.firm {
				g.refuse(now, b)
			}
			if b.ask {
				g.appoint()
			}
			g.sleep(now, b.wait)
			break
		}
		w := g.queue.first
		g.leave(w)
		g.admit(w.pass, now)
		w.epoch, w.reason = g.epoch, g.reason
		close(w.ready)
	}
	g.rest()
}

// refuse sends away whose deadline comes before anybody can pass.
func (g *Gate) refuse(now time.Time, b block) {
	for w := g.queue.due(now.Add(b.wait)); w != nil; w = g.queue.due(now.Add(b.wait)) {
		g.leave(w)
		w.err = &Refused{Reason: b.reason, Wait: b.wait}
		close(w.ready)
	}
}

// sleep sets the timer, or stops it where a wait is 0.
func (g *Gate) sleep(now time.Time, wait time.Duration) {
	at := now.Add(wait)
	switch {
	case wait == 0:
		g.stop()
		return
	case g.timer == nil:
		g.timer = time.AfterFunc(wait, g.tick)
	case !at.Equal(g.wake):
		g.timer.Reset(wait)
	}
	g.wake = at
}

// rest stops the timer when nobody waits any more.
func (g *Gate) rest() {
	if g.queue.n == 0 {
		g.stop()
		g.shared.taken = nil
	}
}

func (g *Gate) stop() {
	if g.timer != nil {
		g.timer.Stop()
		g.timer, g.wake = nil, time.Time{}
	}
}

func (g *Gate) tick() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wake = time.Time{}
	g.pump()
}

// estimate is how long a place in the queue takes at least, and for what.
func (g *Gate) estimate(ahead int, now time.Time) (Reason, time.Duration) {
	reason, wait := TooMany, max(0, g.paused.Sub(now))
	if g.shared.decides(now) {
		if until := g.shared.until.Sub(now); until > wait {
			return SharedBudget, until
		}
		return reason, wait
	}
	if g.knowledge != known || !now.Before(g.reset) {
		return reason, wait
	}
	beyond := ahead - max(0, g.lowest-g.unheard-g.kept())
	if beyond < 0 {
		return reason, wait
	}
	windows := beyond / max(1, g.budget.Limit-g.kept())
	if until := g.reset.Sub(now) + time.Duration(windows)*g.longest; until > wait {
		return Budget, until
	}
	return reason, wait
}

// Hold takes a place without waiting, for what is under way already.
func (g *Gate) Hold(p *Pass) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight++
	*p = Pass{gate: g}
}

// Leave gives the place back.
func (p *Pass) Leave() {
	g := p.gate
	if g == nil {
		return
	}
	p.Learn(0, nil)
	p.gate = nil
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	g.pump()
}

// Budget is what the provider last said.
func (g *Gate) Budget() pace.Budget {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.budget
}

// Load is what is under way at a gate.
type Load struct {
	InFlight int // attempts that were let in and have not left
	Unheard  int // those of this window that have no answer
	Waiting  int
}

// Load tells what is under way.
func (g *Gate) Load() Load {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Load{InFlight: g.inFlight, Unheard: g.unheard, Waiting: g.queue.n}
}
