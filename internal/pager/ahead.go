package pager

import (
	"context"
	"sync"

	"github.com/go-hoster/hoster/internal/relay"
)

// fetched is a page, or why there is none.
type fetched[T any] struct {
	page Page[T]
	err  error
	end  relay.End
}

// ahead reads the pages of one walk, in order. Those that are read ahead each
// have a goroutine, which ends with its answer.
type ahead[T any] struct {
	list   List[T]
	ctx    context.Context
	cancel context.CancelFunc

	flying  []chan *fetched[T] // read ahead, in order
	last    int                // the number of the last of them, or of the page before
	spare   []*fetched[T]      // whose memory the next pages can have
	running sync.WaitGroup
}

func newAhead[T any](ctx context.Context, list List[T]) *ahead[T] {
	a := &ahead[T]{list: list, ctx: ctx, cancel: func() {}}
	if list.Ahead > 0 {
		a.ctx, a.cancel = context.WithCancel(ctx)
	}
	return a
}

// stop ends what is under way, and waits for its end.
func (a *ahead[T]) stop() {
	a.cancel()
	a.running.Wait()
}

// read returns the next page, which has this number.
func (a *ahead[T]) read(number int) (*fetched[T], error) {
	if len(a.flying) > 0 {
		f := <-a.flying[0]
		a.flying = a.flying[1:]
		if err := f.end.Resume(); err != nil {
			return nil, err
		}
		return f, f.err
	}
	a.last = number
	f := a.fresh()
	return f, a.list.Fetch(a.ctx, number, &f.page)
}

// fly sends for the pages behind the one with this number, as far as there are
// any.
func (a *ahead[T]) fly(number, pages int) {
	for a.last < min(number+a.list.Ahead, pages) {
		a.last++
		next, f, landed := a.last, a.fresh(), make(chan *fetched[T], 1)
		a.flying = append(a.flying, landed)
		a.running.Add(1)
		relay.Go(func() {
			f.err = a.list.Fetch(a.ctx, next, &f.page)
		}, func(end relay.End) {
			defer a.running.Done()
			f.end = end
			landed <- f
		})
	}
}

// fresh is a place for a page.
func (a *ahead[T]) fresh() *fetched[T] {
	var f *fetched[T]
	if n := len(a.spare); n > 0 {
		f, a.spare = a.spare[n-1], a.spare[:n-1]
	} else {
		f = new(fetched[T])
	}
	f.page.Total, f.page.Pages = -1, -1
	return f
}

// done gives back a page whose items were taken. Their strings are their own;
// only the array is used again.
func (a *ahead[T]) done(f *fetched[T]) {
	clear(f.page.Items)
	f.page = Page[T]{Items: f.page.Items[:0]}
	a.spare = append(a.spare, f)
}
