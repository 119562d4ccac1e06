package gate

import (
	"net/http"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
)

// rounding is how much a reset can be off, as it is told in whole seconds.
const rounding = time.Second

// knowledge is what the gate knows of the budget.
type knowledge uint8

const (
	unknown knowledge = iota // ask with one attempt at a time
	unsaid                   // the provider says nothing of it: no bound
	known
)

// window is what is known of the provider's present window of time.
type window struct {
	knowledge knowledge
	epoch     uint          // counts what was forgotten
	unheard   int           // let in since then and not answered
	admitted  int           // let in since then, or in this window
	begun     uint          // windows so far
	lowest    int           // figure of the window; it only falls
	end       time.Time     // as told, by our clock
	reset     time.Time     // when to ask again
	longest   time.Duration // window seen
	lengths
}

// Learn takes what an answer says of the budget. A nil header is an attempt that
// got none.
func (p *Pass) Learn(status int, h http.Header) {
	if p.gate == nil || !p.unheard {
		return
	}
	p.unheard = false
	said := p.learn(status, h)
	p.tell(status, h, said)
}

// learn takes it into what the gate itself knows.
func (p *Pass) learn(status int, h http.Header) pace.Said {
	g := p.gate
	var now time.Time
	var said pace.Said
	if status == http.StatusTooManyRequests || pace.Tells(h) {
		now = time.Now()
		said = pace.Read(h, now)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heard(p, p.epoch)
	current := p.epoch == g.epoch
	switch {
	case h == nil:
	case status == http.StatusTooManyRequests:
		g.pause(h, now, current)
	case !current: // it tells of a window that has passed
	case said.Timed:
		g.note(p, said, now)
	case status != http.StatusUnauthorized:
		g.noteNothing(said.Budget)
	}
	g.pump()
	return said
}

// heard counts an attempt as answered.
func (g *Gate) heard(p *Pass, epoch uint) {
	if epoch == g.epoch {
		g.unheard--
	}
	g.done(p)
}

// forget begins a window of which nothing is known yet. Attempts of the one
// before are charged there.
func (g *Gate) forget() {
	g.epoch++
	g.knowledge, g.pace, g.unheard, g.admitted = unknown, 0, 0, 0
	g.turns = turns{}
	g.sharing = g.sharing.next(g.budget.Limit)
}

// pause holds everybody back after a 429.
func (g *Gate) pause(h http.Header, now time.Time, current bool) {
	wait, _ := pace.RetryAfter(h, now) // without one the refused call waits by its own backoff
	if until := now.Add(min(wait, g.trust)); wait > 0 && until.After(g.paused) {
		g.paused = until
	}
	if !current {
		return
	}
	if g.knowledge == unknown && g.others == 0 && now.Before(g.reset.Add(rounding)) {
		g.tooEarly()
	}
	if g.budget.Reset.IsZero() {
		g.shrink()
	}
	g.forget()
}

// noteNothing takes an answer that says nothing of the reset.
func (g *Gate) noteNothing(said pace.Budget) {
	if said.Known {
		g.budget = said
	}
	switch g.knowledge {
	case unknown:
		g.knowledge = unsaid
	case unsaid:
		g.grow()
	}
}

// note takes the figures of an answer. Answers come in any order: a figure that is
// higher than the lowest is that of another window only if it is no lower than
// what was heard in this one before the attempt was let in.
func (g *Gate) note(p *Pass, said pace.Said, now time.Time) {
	g.budget = said.Budget
	end := now.Add(said.Left)
	if g.knowledge == known && !end.After(g.end.Add(rounding)) && (said.Remaining < p.before || p.begun != g.begun) {
		g.lowest = min(g.lowest, said.Remaining)
		g.sharing.hear(g.lowest, g.unheard, said.Limit)
		return
	}
	if g.knowledge == known { // another window than was known
		g.admitted = 1 + g.unheard
	}
	left := said.Left
	switch begins := said.Limit > 0 && said.Remaining+1+g.unheard >= said.Limit; {
	case begins:
		left = min(g.guess(said), left+rounding)
	case left <= 0: // it is over within a second
		left += rounding
	}
	g.knowledge, g.end, g.lowest = known, end, said.Remaining
	g.begun++
	g.reset = now.Add(min(left, g.trust+rounding)) // ask again then
	g.longest = max(g.longest, left)
	g.sharing.begin(said.Remaining)
	g.spread(now)
}

// spread sets the pace for a queue that is longer than what may pass: it is let
// in over half of the window, and not all at once.
func (g *Gate) spread(now time.Time) {
	g.pace = 0
	if left := g.lowest - g.unheard; left > 0 && g.queue.n > left {
		g.pace = g.reset.Sub(now) / time.Duration(2*left)
		g.next = now
	}
}

// lengths is what was learned of the length of windows. A reset that is told in
// whole seconds is up to a second early or late, and a window can be as short as
// that. So the end of a window is taken from its beginning, which is the first
// answer, and from its length.
type lengths struct {
	guessed  time.Duration // of the last window; 0: none
	tooShort time.Duration // a guess after which the window had not ended
	believed int           // windows since then
}

// believe is how many windows a guess counts as too short. Somebody else may
// have used the next one up.
const believe = 50

// guess is the length of the window that begins: the smallest number of whole
// seconds that fits what the answer says.
func (l *lengths) guess(said pace.Said) time.Duration {
	if said.Window > 0 {
		l.guessed = 0
		return said.Window
	}
	if l.believed++; l.believed > believe {
		l.tooShort = 0
	}
	l.guessed = (max(said.Left-rounding, l.tooShort)/time.Second + 1) * time.Second
	if l.guessed > said.Left+rounding { // the window is another than the one that was guessed
		l.tooShort = 0
		l.guessed = (max(said.Left-rounding, 0)/time.Second + 1) * time.Second
	}
	return l.guessed
}

// tooEarly says that the window had not ended as guessed.
func (l *lengths) tooEarly() {
	l.tooShort, l.believed = max(l.tooShort, l.guessed), 0
}

// sharing estimates how many attempts of others may be under way: what they
// took in this window for each answer of ours.
type sharing struct {
	others   int // kept free for them
	first    int // figure of the window's first answer
	answered int // ours since then
	taken    int // by others since then, at least
}

func (s *sharing) begin(remaining int) {
	s.first, s.answered, s.taken = remaining, 0, 0
}

// hear takes one more answer in the window.
func (s *sharing) hear(lowest, unheard, limit int) {
	s.answered++
	s.taken = max(s.taken, s.first-lowest-s.answered-unheard)
	if s.taken > 0 {
		s.others = max(s.others, min(s.each(), max(1, limit/2)))
	}
}

func (s *sharing) each() int { return (s.taken + s.answered - 1) / s.answered }

// next is what to expect of the next window.
func (s sharing) next(limit int) sharing {
	if s.answered == 0 || s.taken == 0 {
		return sharing{}
	}
	return sharing{others: min(s.each(), max(1, max(limit, s.first)/2))}
}

// patience is how long one attempt without an answer holds the next one back,
// where they pass one by one. For each further one without an answer it is half
// as long, so that nobody is held for longer than twice that.
const patience = 250 * time.Millisecond

// turns lets attempts pass one by one, each when the one before has its answer
// or is late.
type turns struct {
	latest   *Pass     // let in last; nil when it has its answer
	at       time.Time // when it was let in
	unspoken uint      // let in one after the other without an answer
}

// turn looks whether the next may pass.
func (t *turns) turn(now time.Time, reason Reason) block {
	if t.latest == nil {
		return block{}
	}
	if wait := t.at.Add(patience >> (t.unspoken - 1)).Sub(now); wait > 0 {
		return block{reason: reason, wait: wait}
	}
	return block{}
}

func (t *turns) take(p *Pass, now time.Time) {
	t.latest, t.at = p, now
	t.unspoken++
}

func (t *turns) done(p *Pass) {
	t.unspoken = min(t.unspoken, 1)
	if t.latest == p {
		t.latest, t.unspoken = nil, 0
	}
}

// narrow bounds the attempts without an answer at a provider that refuses some
// and tells nothing of its budget. It opens slowly, as long as none is refused.
type narrow struct {
	bound int // 0: none
	good  int // answers since the last refusal
}

const (
	widest  = 16
	perStep = 10 // answers until one more may be under way
)

func (n *narrow) shrink() { *n = narrow{bound: 1} }

func (n *narrow) grow() {
	if n.bound == 0 {
		return
	}
	n.good++
	n.bound = min(1+n.good/perStep, widest)
}
