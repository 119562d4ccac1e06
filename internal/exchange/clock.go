package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/go-hoster/hoster/internal/replay"
)

// ErrAttemptTimeout is the cause of a context that ended because one attempt
// took too long, not because the caller gave up.
var ErrAttemptTimeout error = attemptTimeoutError{}

// attemptTimeoutError matches context.DeadlineExceeded, wherever in a chain of
// errors it stands.
type attemptTimeoutError struct{}

func (attemptTimeoutError) Error() string        { return "hoster: the attempt timed out" }
func (attemptTimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// errNotTwice is the cause of a context that ended because the transport was
// about to send an unanswered request once more.
var errNotTwice = errors.New("the connection failed before the answer came")

// clock limits one attempt: the headers and the body of a JSON call together; of a
// stream the headers, and then each pause between bytes. It is the context that ends
// with the attempt. Timer and context are made when somebody looks at them for the
// first time: a transport over sockets does so at once, one that is in process need
// not.
type clock struct {
	parent context.Context
	limit  time.Duration
	stream bool
	began  time.Time
	sent   replay.Sent // what became of the request

	mu     sync.Mutex
	traced context.Context // holds the trace of the request; nil until it is asked for
	ctx    context.Context // nil until it is asked for
	cancel context.CancelCauseFunc
	timer  *time.Timer
	ended  bool
}

// start begins to count, or goes on where an earlier hop of the attempt began.
func (t *clock) start(limit time.Duration, parent context.Context, try *attempt) {
	if try.began.IsZero() {
		try.began = time.Now()
	}
	t.parent, t.limit, t.stream, t.began = parent, limit, try.stream, try.began
}

// running is the context that ends with the attempt. Everything that depends on
// it finds it through Value and Done, so that it needs no goroutine.
func (t *clock) running() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx == nil {
		t.ctx, t.cancel = context.WithCancelCause(t.parent)
		switch left := t.limit - time.Since(t.began); {
		case t.ended:
			t.cancel(nil)
		case left <= 0:
			t.cancel(ErrAttemptTimeout)
		}
		t.timer = time.AfterFunc(t.limit-time.Since(t.began), func() { t.cancel(ErrAttemptTimeout) })
	}
	return t.ctx
}

// Deadline is the earlier of the caller's and the attempt's; a stream has none
// of its own.
func (t *clock) Deadline() (time.Time, bool) {
	deadline, ok := t.parent.Deadline()
	if own := t.began.Add(t.limit); !t.stream && (!ok || own.Before(deadline)) {
		return own, true
	}
	return deadline, ok
}

func (t *clock) Done() <-chan struct{} { return t.running().Done() }
func (t *clock) Err() error            { return t.running().Err() }

// Value finds the trace of the request as well. It is made when somebody looks
// for it, which net/http does and a transport in process does not.
func (t *clock) Value(key any) any {
	if key == traceKey {
		return t.watched().Value(key)
	}
	return t.running().Value(key)
}

func (t *clock) watched() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.traced == nil {
		t.traced = t.sent.Watch(t.parent, func() {
			t.running()
			t.cancel(errNotTwice)
		})
	}
	return t.traced
}

// traceKey is the key under which net/http looks for a trace. It is not
// exported, but a context that is asked learns it.
var traceKey = func() (key any) {
	httptrace.ContextClientTrace(keyFinder{context.Background(), &key})
	return key
}()

type keyFinder struct {
	context.Context
	key *any
}

func (f keyFinder) Value(key any) any {
	*f.key = key
	return nil
}

// Format keeps fmt from walking through what is guarded by the mutex.
func (t *clock) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.Context") }

// stop ends the clock and frees the context.
func (t *clock) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	if t.timer != nil {
		t.timer.Stop()
		t.cancel(nil)
	}
}

// expired reports whether the clock has ended the attempt.
func (t *clock) expired() bool { return t.cause() == ErrAttemptTimeout }

// cause is why the attempt's context ended; nil while it lasts, or when nobody
// looked at it.
func (t *clock) cause() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx == nil {
		return nil
	}
	return context.Cause(t.ctx)
}

// explain names our own reasons where a transport only says "canceled".
func (t *clock) explain(err error) error {
	if cause := t.cause(); cause == ErrAttemptTimeout || cause == errNotTwice {
		return cause
	}
	return err
}

// timedBody is the body of an attempt's answer.
type timedBody struct {
	body    io.ReadCloser
	clock   *clock
	unsized bool // nothing but the end itself tells whether all came
}

// watch keeps the clock running while the body is read. That of a stream runs
// only while a read waits for bytes: how slowly the caller takes them is not
// the server's fault.
func (b *timedBody) watch(resp *http.Response, clock *clock) io.ReadCloser {
	b.body, b.clock, b.unsized = resp.Body, clock, resp.ContentLength < 0
	if clock.stream {
		clock.running()
		clock.timer.Stop()
	}
	return b
}

func (b *timedBody) Read(p []byte) (int, error) {
	if b.clock.stream {
		b.clock.timer.Reset(b.clock.limit)
		defer b.clock.timer.Stop()
	}
	n, err := b.body.Read(p)
	return n, b.judge(err)
}

// judge names what ended the body. When an attempt ends the connection is
// closed, and a server that notices may end its answer in good order, half of it
// sent.
func (b *timedBody) judge(err error) error {
	switch {
	case err == nil || err == io.EOF && !b.unsized:
		return err
	case b.clock.expired():
		return ErrAttemptTimeout
	case err == io.EOF && b.clock.parent.Err() != nil:
		return b.clock.parent.Err()
	}
	return err
}

func (b *timedBody) Close() error {
	err := b.body.Close()
	b.clock.stop()
	return err
}
