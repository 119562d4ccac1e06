package hoster

import (
	"context"
	"errors"
	"io"
	"net/http/httptrace"
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

// attempt is what the transport tells the call about the try that is under way.
type attempt struct {
	token   Secret // the one that was sent
	stream  bool   // the caller reads the body: time counts between bytes
	traced  bool   // the transport's connections can be watched
	gotConn bool   // a connection was there, so bytes may have left
}

type attemptKey struct{}

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

// attemptTimer is the clock of one attempt.
type attemptTimer struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	limit  time.Duration
	stream bool
}

func (d attemptTimeout) start(parent context.Context, try *attempt) (context.Context, *attemptTimer) {
	ctx, cancel := context.WithCancelCause(parent)
	t := &attemptTimer{ctx: ctx, cancel: cancel, limit: time.Duration(d), stream: try != nil && try.stream}
	t.timer = time.AfterFunc(t.limit, func() { cancel(errAttemptTimeout) })
	return ctx, t
}

// stop ends the clock and frees the context.
func (t *attemptTimer) stop() {
	t.timer.Stop()
	t.cancel(nil)
}

// explain names our own timeout where a transport only says "canceled".
func (t *attemptTimer) explain(err error) error {
	cause := context.Cause(t.ctx)
	t.stop()
	if errors.Is(cause, errAttemptTimeout) {
		return errAttemptTimeout
	}
	return err
}

// watch keeps the clock running while the body is read. That of a stream runs
// only while a read waits for bytes: how slowly the caller takes them is not
// the server's fault.
func (t *attemptTimer) watch(body io.ReadCloser) io.ReadCloser {
	if t.stream {
		t.timer.Stop()
	}
	return &timedBody{body: body, timer: t}
}

type timedBody struct {
	body  io.ReadCloser
	timer *attemptTimer
}

func (b *timedBody) Read(p []byte) (int, error) {
	if b.timer.stream {
		b.timer.timer.Reset(b.timer.limit)
		defer b.timer.timer.Stop()
	}
	n, err := b.body.Read(p)
	if err != nil && err != io.EOF && errors.Is(context.Cause(b.timer.ctx), errAttemptTimeout) {
		err = errAttemptTimeout
	}
	return n, err
}

func (b *timedBody) Close() error {
	err := b.body.Close()
	b.timer.stop()
	return err
}
