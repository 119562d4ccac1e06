package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/relay"
)

// Shared is the account's budget, kept where other processes take from it too.
type Shared interface {
	// Take asks for one attempt.
	Take(context.Context) (Turn, error)
	// Note tells what became of an attempt that was taken.
	Note(context.Context, Note) error
}

// Turn is the answer to Take.
type Turn struct {
	Wait   time.Duration // after which to ask again; 0: the attempt is taken
	Window int64         // that the attempt counts in, by the budget's own numbers; with a wait, the one that is used up; 0: none
}

// Note is what the answer to one attempt says of the budget.
type Note struct {
	Window     int64         // of the Turn
	Status     int           // 0: there was no answer
	Budget     pace.Budget   // as told
	ResetIn    time.Duration // until its reset, which may be told in whole seconds; 0 if it is not told
	Length     time.Duration // of the window; 0 if it is not told
	RetryAfter time.Duration // of a 429; 0 if it is not told
}

const (
	// patienceShared bounds one question to the shared budget.
	patienceShared = 500 * time.Millisecond
	// A budget that failed is asked again after shortestAway, and after twice as
	// long with each further failure.
	shortestAway, longestAway = time.Second, 8 * time.Second
)

// ErrShared matches a failure of the shared budget.
var ErrShared = errors.New("hoster: the shared budget failed")

// errPanicked stands for a question that ended with a panic.
var errPanicked = errors.New("it panicked")

// shared is the gate's side of a budget that is shared. While that answers, it
// decides, and not what this gate knows. When it fails, this gate decides by
// itself until it is asked again.
type shared struct {
	budget Shared        // nil: none
	runner relay.Runner  // of the budget's methods
	asker  *waiter       // asks; nil: nobody
	taken  *Turn         // nobody has used it yet
	until  time.Time     // nobody is let in before
	away   time.Time     // it failed: it is not asked before
	pause  time.Duration // of the last failure
	share
}

// share is what this gate had of the budget, to go on with where the budget fails:
// its users keep to their shares, and so within the budget.
type share struct {
	window int64   // of the attempts that are counted
	mine   int     // attempts of this gate in it
	used   bool    // it is used up
	mean   float64 // attempts of this gate in a window that is used up, the last ones counting most; 0: the last was not used up
}

// count takes a turn.
func (s *share) count(turn Turn) {
	if turn.Window == 0 {
		return
	}
	if turn.Window != s.window {
		if !s.used {
			s.mean = 0
		}
		s.window, s.mine, s.used = turn.Window, 0, false
	}
	switch {
	case turn.Wait == 0:
		s.mine++
	case s.used: // it is told again
	case s.mean == 0:
		s.used, s.mean = true, max(0.5, float64(s.mine))
	default:
		s.used, s.mean = true, (s.mean+float64(s.mine))/2
	}
}

// fair is how many attempts there may be in a window; 0: any number.
func (s *share) fair() int {
	if s.mean == 0 {
		return 0
	}
	return max(1, int(math.Round(s.mean)))
}

// decides reports whether the shared budget is asked for each attempt now.
func (s *shared) decides(now time.Time) bool {
	return s.budget != nil && !now.Before(s.away)
}

func (s *shared) blocked(now time.Time) block {
	switch {
	case s.taken != nil:
		return block{}
	case now.Before(s.until):
		return block{reason: SharedBudget, wait: s.until.Sub(now), firm: true}
	}
	return block{reason: SharedBudget, ask: true}
}

// failed leaves the budget alone for a while.
func (s *shared) failed(now time.Time) {
	if now.Before(s.away) {
		return
	}
	s.pause = min(max(shortestAway, 2*s.pause), longestAway)
	s.away = now.Add(s.pause)
}

// appoint has the first in the queue ask, unless somebody does.
func (g *Gate) appoint() {
	if g.shared.asker == nil {
		g.shared.asker = g.queue.first
		g.shared.asker.ask <- struct{}{}
	}
}

// question asks the shared budget for one attempt, in the goroutine of the call
// that is first in the queue.
func (g *Gate) question(ctx context.Context, w *waiter) {
	g.mu.Lock()
	mine := g.shared.asker == w
	g.mu.Unlock()
	if !mine { // it was let in or sent away meanwhile
		return
	}
	var turn Turn
	err := errPanicked
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.shared.asker == w {
			g.shared.asker = nil
		}
		g.answered(ctx, w, turn, err)
		if err == errPanicked && w.queued { // the panic goes on in the call
			g.leave(w)
		}
		g.pump()
		g.rest()
	}()
	var told Turn
	var failure error
	if err = g.consult(ctx, func(ctx context.Context) { told, failure = g.shared.budget.Take(ctx) }); err == nil {
		turn, err = told, failure
	}
}

// consult runs a method of the shared budget, for no longer than patienceShared
// and half of the time that the call has left: what failed is then done without it.
func (g *Gate) consult(ctx context.Context, f func(context.Context)) error {
	limit := patienceShared
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return g.shared.runner.Run(limited, func() { f(limited) })
}

// answered takes what the shared budget said. That the call gave up says nothing
// of it.
func (g *Gate) answered(ctx context.Context, w *waiter, turn Turn, err error) {
	now := time.Now()
	switch {
	case err != nil && ctx.Err() != nil:
		return
	case err != nil:
		g.shared.failed(now)
		w.pass.Failure = fmt.Errorf("%w: %w", ErrShared, err)
		return
	case turn.Wait > 0:
		g.shared.count(turn)
		g.shared.until = now.Add(min(turn.Wait, g.trust+rounding))
	default:
		g.shared.count(turn)
		g.shared.taken = &turn
	}
	g.shared.pause = 0
}

// tell notes in the shared budget what became of the attempt.
func (p *Pass) tell(status int, h http.Header, said pace.Said) {
	if p.turn == nil || p.ctx.Err() != nil {
		return
	}
	note := Note{Window: p.turn.Window, Status: status, Budget: said.Budget, Length: said.Window}
	p.turn = nil
	now := time.Now()
	if said.Timed {
		note.ResetIn = min(max(said.Left, 1), p.gate.trust+rounding)
	}
	if status == http.StatusTooManyRequests {
		asked, _ := pace.RetryAfter(h, now)
		note.RetryAfter = min(asked, p.gate.trust)
	}
	g := p.gate
	g.mu.Lock()
	decides := g.shared.decides(now)
	g.mu.Unlock()
	if !decides {
		return
	}
	var failure error
	err := g.consult(p.ctx, func(ctx context.Context) { failure = g.shared.budget.Note(ctx, note) })
	if err == nil {
		err = failure
	}
	if err != nil && p.ctx.Err() == nil {
		p.Failure = fmt.Errorf("%w: %w", ErrShared, err)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.shared.failed(time.Now())
		g.pump()
	}
}
