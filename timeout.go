package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// errAttemptTimeout is the cause of a context that ended because one attempt
// took too long, not because the caller gave up.
var errAttemptTimeout error = attemptTimeoutError{}

// attemptTimeoutError matches context.DeadlineExceeded, wherever in a chain of
// errors it stands.
type attemptTimeoutError struct{}

func (attemptTimeoutError) Error() string        { return "hoster: the attempt timed out" }
func (attemptTimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// attempt is what call and transport tell each other about the try that is
// under way. It is the context of the request as well, so that the transport
// finds it.
type attempt struct {
	context.Context // the caller's
	call            *call
	token           Secret // the one that was sent
	stream          bool   // the caller reads the body: time counts between bytes
	traced          bool   // the transport's connections can be watched
	gotConn         bool   // a connection was there, so bytes may have left
}

// headerField is a header in the form in which the request's map holds it.
type headerField struct{ name, value string }

type attemptKey struct{}

// Value finds the attempt, and what the caller's context holds.
func (a *attempt) Value(key any) any {
	if key == (attemptKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// Format keeps fmt from walking through the call.
func (a *attempt) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.attempt") }

func attemptFrom(ctx context.Context) *attempt {
	try, _ := ctx.Value(attemptKey{}).(*attempt)
	return try
}

// trace watches whether the attempt ever had a connection. Only writes over a
// transport of net/http are traced: for them "never sent" is worth its price.
func (a *attempt) trace(ctx context.Context) context.Context {
	if a == nil || !a.traced {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { a.gotConn = true },
	})
}

// attemptTimeout limits one attempt: the headers and the body of a JSON call
// together; of a stream the headers, and then each pause between bytes.
type attemptTimeout time.Duration

// attemptTimer is the clock of one attempt, and the context that ends with it.
// Timer and context are made when somebody looks at them for the first time: a
// transport over sockets does so at once, one that is in process need not.
type attemptTimer struct {
	parent context.Context
	limit  time.Duration
	stream bool
	began  time.Time

	mu     sync.Mutex
	ctx    context.Context // nil until it is asked for
	cancel context.CancelCauseFunc
	timer  *time.Timer
	ended  bool
}

func (d attemptTimeout) start(t *attemptTimer, parent context.Context, try *attempt) {
	t.parent, t.limit, t.began = parent, time.Duration(d), time.Now()
	t.stream = try != nil && try.stream
}

// running is the context that ends with the attempt. Everything that depends on
// it finds it through Value and Done, so that it needs no goroutine.
func (t *attemptTimer) running() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx == nil {
		t.ctx, t.cancel = context.WithCancelCause(t.parent)
		switch left := t.limit - time.Since(t.began); {
		case t.ended:
			t.cancel(nil)
		case left <= 0:
			t.cancel(errAttemptTimeout)
		}
		t.timer = time.AfterFunc(t.limit-time.Since(t.began), func() { t.cancel(errAttemptTimeout) })
	}
	return t.ctx
}

// Deadline is the earlier of the caller's and the attempt's; a stream has none
// of its own.
func (t *attemptTimer) Deadline() (time.Time, bool) {
	deadline, ok := t.parent.Deadline()
	if own := t.began.Add(t.limit); !t.stream && (!ok || own.Before(deadline)) {
		return own, true
	}
	return deadline, ok
}

func (t *attemptTimer) Done() <-chan struct{} { return t.running().Done() }
func (t *attemptTimer) Err() error            { return t.running().Err() }
func (t *attemptTimer) Value(key any) any     { return t.running().Value(key) }

// Format keeps fmt from walking through what is guarded by the mutex.
func (t *attemptTimer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.attemptTimer") }

// stop ends the clock and frees the context.
func (t *attemptTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	if t.timer != nil {
		t.timer.Stop()
		t.cancel(nil)
	}
}

// expired reports whether the clock has ended the attempt.
func (t *attemptTimer) expired() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ctx != nil && errors.Is(context.Cause(t.ctx), errAttemptTimeout)
}

// explain names our own timeout where a transport only says "canceled".
func (t *attemptTimer) explain(err error) error {
	defer t.stop()
	if t.expired() {
		return errAttemptTimeout
	}
	return err
}

// timedBody is the body of an attempt's answer.
type timedBody struct {
	body    io.ReadCloser
	timer   *attemptTimer
	unsized bool // nothing but the end itself tells whether all came
}

// watch keeps the clock running while the body is read. That of a stream runs
// only while a read waits for bytes: how slowly the caller takes them is not
// the server's fault.
func (b *timedBody) watch(resp *http.Response, timer *attemptTimer) io.ReadCloser {
	b.body, b.timer, b.unsized = resp.Body, timer, resp.ContentLength < 0
	if timer.stream {
		timer.running()
		timer.timer.Stop()
	}
	return b
}

func (b *timedBody) Read(p []byte) (int, error) {
	if b.timer.stream {
		b.timer.timer.Reset(b.timer.limit)
		defer b.timer.timer.Stop()
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
	case b.timer.expired():
		return errAttemptTimeout
	case err == io.EOF && b.timer.parent.Err() != nil:
		return b.timer.parent.Err()
	}
	return err
}

func (b *timedBody) Close() error {
	err := b.body.Close()
	b.timer.stop()
	return err
}
