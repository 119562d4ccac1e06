package zonework

import (
	"context"
	"sync"
	"time"

	"github.com/go-hoster/hoster/internal/relay"
)

// Group brings the work of many callers together: what comes within a pause, or
// while earlier work is under way, is done at once. The zero Group with Do is ready,
// and safe for concurrent use.
type Group[In, Out any] struct {
	// Do does the work of several callers and gives each its end, in their order. Its
	// context ends when none of them waits any more.
	Do    func(ctx context.Context, work []In) []Done[Out]
	Pause time.Duration // after the first of them
	Most  int           // of them at once

	mu      sync.Mutex
	waiting []*job[In, Out]
	busy    bool
	wake    chan struct{} // ends the pause: enough wait, or nobody
}

// Done is the end of one caller's work.
type Done[Out any] struct {
	Out Out
	Err error
}

type job[In, Out any] struct {
	in    In
	ctx   context.Context
	begun bool
	done  chan struct{}
	end   relay.End
	out   Done[Out]
	left  func() // of a job that is under way
}

// Run has the work done, and waits for its end. begun says whether it was begun,
// where the context ended before: then err is the context's.
func (g *Group[In, Out]) Run(ctx context.Context, in In) (out Out, begun bool, err error) {
	if err := ctx.Err(); err != nil {
		return out, false, err
	}
	j := &job[In, Out]{in: in, ctx: ctx, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, j)
	if !g.busy {
		g.busy, g.wake = true, make(chan struct{}, 1)
		go g.work()
	}
	g.look()
	g.mu.Unlock()
	select {
	case <-j.done:
	case <-ctx.Done():
		if g.leave(j) {
			return out, j.begun, ctx.Err()
		}
		<-j.done // both at once
	}
	if err := j.end.Resume(); err != nil {
		return out, true, err
	}
	return j.out.Out, true, j.out.Err
}

// look ends the pause when enough wait, or nobody.
func (g *Group[In, Out]) look() {
	if n := len(g.waiting); n >= g.Most || n == 0 {
		select {
		case g.wake <- struct{}{}:
		default:
		}
	}
}

// leave takes a job back, and reports whether it had no end yet.
func (g *Group[In, Out]) leave(j *job[In, Out]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-j.done:
		return false
	default:
	}
	if j.begun {
		j.left()
		return true
	}
	for i, other := range g.waiting {
		if other == j {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			break
		}
	}
	g.look()
	return true
}

// work does what waits until nothing does. The goroutine lasts no longer than the
// calls that it works for.
func (g *Group[In, Out]) work() {
	for {
		pause := time.NewTimer(g.Pause)
		select {
		case <-pause.C:
		case <-g.wake:
		}
		pause.Stop()
		jobs, ctx, cancel := g.take()
		if len(jobs) == 0 {
			return
		}
		var ends []Done[Out]
		relayed := make(chan struct{})
		relay.Go(func() {
			work := make([]In, len(jobs))
			for i, j := range jobs {
				work[i] = j.in
			}
			ends = g.Do(ctx, work)
		}, func(end relay.End) {
			g.mu.Lock()
			for i, j := range jobs {
				j.end = end
				if end.Returned() {
					j.out = ends[i]
				}
				close(j.done)
			}
			g.mu.Unlock()
			close(relayed)
		})
		<-relayed
		cancel()
		g.mu.Lock()
		g.look()
		g.mu.Unlock()
	}
}

// take begins the jobs that wait, up to the most, under a context that has the values
// of the first and ends when all have left. Without any it ends the work.
func (g *Group[In, Out]) take() (jobs []*job[In, Out], ctx context.Context, cancel context.CancelFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.wake: // of those that are taken now
	default:
	}
	n := min(len(g.waiting), g.Most)
	jobs, g.waiting = g.waiting[:n:n], g.waiting[n:]
	if n == 0 {
		g.busy, g.waiting = false, nil
		return nil, nil, nil
	}
	ctx, cancel = context.WithCancel(context.WithoutCancel(jobs[0].ctx))
	remain := n
	for _, j := range jobs {
		j.begun = true
		j.left = func() {
			if remain--; remain == 0 {
				cancel()
			}
		}
	}
	return jobs, ctx, cancel
}
