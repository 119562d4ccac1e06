package hoster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
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
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil || remaining < 0 {
		return RateLimit{}
	}
	limit, _ := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	budget := RateLimit{Limit: limit, Remaining: remaining, Known: true}
	if reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		budget.Reset = time.Unix(reset, 0).UTC()
	}
	return budget
}

// gate is the client's own limit, shared by all of its calls: a rate, and a
// bound on the requests in flight. Both are optional.
type gate struct {
	limiter *rate.Limiter
	slots   chan struct{}

	mu     sync.Mutex
	budget RateLimit
}

// enter waits for a place and returns how to give it back. A wait that cannot
// end before the deadline fails at once with ErrLocalLimit.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	if g.slots != nil {
		select {
		case g.slots <- struct{}{}:
			leave = sync.OnceFunc(func() { <-g.slots })
		case <-ctx.Done():
			if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
				return nil, err
			}
			return nil, fmt.Errorf("%w: all places in flight were taken: %w", ErrLocalLimit, ctx.Err())
		}
	} else {
		leave = func() {}
	}
	if err := g.waitTurn(ctx); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// waitTurn waits for the rate.
func (g *gate) waitTurn(ctx context.Context) error {
	if g.limiter == nil {
		return ctx.Err()
	}
	turn := g.limiter.Reserve()
	wait := turn.Delay()
	if wait == 0 {
		return ctx.Err()
	}
	if deadline, ok := ctx.Deadline(); ok && time.Now().Add(wait).After(deadline) {
		turn.Cancel()
		return fmt.Errorf("%w: the next request may be sent in %s", ErrLocalLimit, wait.Round(time.Millisecond))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return ctx.Err()
	}
}

// learn keeps the budget that an answer tells of.
func (g *gate) learn(h http.Header) {
	if budget := readRateLimit(h); budget.Known {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.budget = budget
	}
}

func (g *gate) snapshot() RateLimit {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.budget
}
