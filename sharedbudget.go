package hoster

import (
	"context"
	"time"

	"github.com/go-hoster/hoster/internal/gate"
)

// SharedBudget is an account's budget of requests, kept where several processes
// take from it. Module integrations/redis of this repository has one. It must be
// safe for concurrent use, and shared by nobody but users of the same account.
//
// A client asks it once for each attempt, one question at a time, and each
// question by the call that waits longest: deadlines, order, hooks and
// [ErrLocalLimit] are the client's own business. While it fails, or does not
// answer within 0.5 s or half of the time that the call has left, the client goes
// by what it knows itself of the account's budget, tells [Hooks].OnWait, and asks
// it again after a second, then after up to 8 s.
type SharedBudget interface {
	// Take takes one request from the budget, or tells how long to wait before
	// asking again. A request that is taken may be one that is never sent.
	Take(ctx context.Context) (BudgetTurn, error)

	// Note is told what became of a request that was taken. It is not told of
	// each: a process may end before, and so may the call's context.
	Note(ctx context.Context, note BudgetNote) error
}

// BudgetTurn is what [SharedBudget] answers to a request.
type BudgetTurn struct {
	Wait   time.Duration // before asking again; 0: the request is taken, and may be sent at once
	Window int64         // number of the window of time that the request counts in; with a wait, of the one that is used up; 0 if there is none
}

// BudgetNote is what the answer to a request tells of the account's budget.
type BudgetNote struct {
	Window     int64         // of the [BudgetTurn]
	Status     int           // of the answer; 0 if there was none
	RateLimit  RateLimit     // as the answer tells it, if it does
	ResetIn    time.Duration // until the next window begins; told in whole seconds, it can be off by one; 0 if it is not told
	Length     time.Duration // of a window; 0 if it is not told
	RetryAfter time.Duration // that a 429 asks for; 0 if it does not
}

// WithSharedBudget has the client take each attempt from a budget that it shares
// with other processes. It pays where so many processes use one account that they
// hinder each other, which is beyond about ten: see docs/fleet.md.
func WithSharedBudget(budget SharedBudget) Option {
	return func(c *config) error {
		if isNil(budget) {
			return optionError("WithSharedBudget", "a budget that is not nil")
		}
		c.limits.Shared = sharedBudget{budget}
		return nil
	}
}

// sharedBudget is a SharedBudget as the gate knows it.
type sharedBudget struct{ budget SharedBudget }

func (s sharedBudget) Take(ctx context.Context) (gate.Turn, error) {
	turn, err := s.budget.Take(ctx)
	return gate.Turn(turn), err
}

func (s sharedBudget) Note(ctx context.Context, note gate.Note) error {
	return s.budget.Note(ctx, BudgetNote{
		Window:     note.Window,
		Status:     note.Status,
		RateLimit:  RateLimit(note.Budget),
		ResetIn:    note.ResetIn,
		Length:     note.Length,
		RetryAfter: note.RetryAfter,
	})
}
