package hoster

import (
	"context"
	"errors"
	"strconv"
	"sync"
)

// maxAhead bounds what WithReadAhead asks for: more requests at once help nobody.
const maxAhead = 16

// WithReadAhead makes List and All ask for up to n pages at once, 1 to 16, ahead
// of the one that is being read, where the first page tells how many there are.
// Items come in the same order and under the same checks as without it; at most
// n pages wait in memory. When the walk ends early, by a break or an error, what
// is under way is cancelled, and no goroutine is left. It is refused on calls
// that read one page or none.
func WithReadAhead(n int) CallOption {
	return func(s *callSettings) {
		if s.ahead = n; n == 0 {
			s.ahead = -1 // given, and wrong
		}
	}
}

// fetched is a page, or why there is none.
type fetched[T any] struct {
	query writtenQuery
	opts  []CallOption // of the call, which fill etag
	page  Page[T]
	etag  string
	err   error

	panicked any // of a hook, a token source or a transport
}

// errAborted is a page whose goroutine was ended from within.
var errAborted = errors.New("hoster: the reading of a page was aborted")

// pages reads the pages of one walk, in order. Those that are read ahead each
// have a goroutine, which ends with its answer.
type pages[T any] struct {
	walk   *walker[T]
	ctx    context.Context
	cancel context.CancelFunc

	flying  []chan *fetched[T] // read ahead, in order
	last    int                // the number of the last of them, or of the page before
	spare   []*fetched[T]      // whose memory the next pages can have
	running sync.WaitGroup
}

func newPages[T any](ctx context.Context, walk *walker[T]) *pages[T] {
	p := &pages[T]{walk: walk, ctx: ctx, cancel: func() {}}
	if walk.ahead > 0 && ctx != nil {
		p.ctx, p.cancel = context.WithCancel(ctx)
	}
	return p
}

// stop ends what is under way, and waits for its end.
func (p *pages[T]) stop() {
	p.cancel()
	p.running.Wait()
}

// read returns the next page, which has this number.
func (p *pages[T]) read(number int) *fetched[T] {
	if len(p.flying) > 0 {
		next := p.flying[0]
		p.flying = p.flying[1:]
		f := <-next
		if f.panicked != nil {
			panic(f.panicked)
		}
		return f
	}
	p.last = number
	f := p.fresh()
	p.walk.fetch(p.ctx, number, f)
	return f
}

// fly sends for the pages behind the one with this number, as far as there are
// any.
func (p *pages[T]) fly(number, totalPages int) {
	for p.last < min(number+p.walk.ahead, totalPages) {
		p.last++
		ahead, f, landed := p.last, p.fresh(), make(chan *fetched[T], 1)
		p.flying = append(p.flying, landed)
		p.running.Go(func() {
			f.err = errAborted
			defer func() {
				f.panicked = recover() // the caller of the walk has it to bear
				landed <- f
			}()
			p.walk.fetch(p.ctx, ahead, f)
		})
	}
}

// fresh is a place for a page.
func (p *pages[T]) fresh() *fetched[T] {
	if n := len(p.spare); n > 0 {
		f := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return f
	}
	f := new(fetched[T])
	own := func(s *callSettings) { s.etag, s.ahead = &f.etag, 0 }
	f.opts = append(p.walk.opts[:len(p.walk.opts):len(p.walk.opts)], own)
	return f
}

// done gives back a page whose items were taken. Their strings are their own;
// only the array is used again.
func (p *pages[T]) done(f *fetched[T]) {
	clear(f.page.Items)
	f.page = Page[T]{Items: f.page.Items[:0]}
	p.spare = append(p.spare, f)
}

// fetch reads one page.
func (w *walker[T]) fetch(ctx context.Context, number int, f *fetched[T]) {
	f.query = writtenQuery(w.query + strconv.Itoa(number))
	f.err = into(ctx, w.client, w.op, request{path: w.req.path, query: &f.query}, f.opts, &f.page)
}
