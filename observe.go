package hoster

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/gate"
)

// Hooks are called, in the goroutine of the call, at the steps of its way. Any
// of them may be nil. A hook that panics does not harm the call, and none holds
// a place at the client's limits, so that it can call the client again. An
// [Event] holds no header, no body and no query. Which object a call is about is
// told by Err alone.
type Hooks struct {
	OnStart   func(context.Context, Event) // a call begins
	OnAttempt func(context.Context, Event) // an attempt ended
	OnRetry   func(context.Context, Event) // another attempt follows after Delay
	OnWait    func(context.Context, Event) // a limit held the attempt back for Delay, and Reason says which; told when the attempt ended
	OnDone    func(context.Context, Event) // the call ended
}

// Event is what a hook is told.
type Event struct {
	Operation Operation
	Method    string
	Path      string // the path template, such as /domains/{domain}
	Attempt   int    // from 1; 0 before the first
	Status    int    // 0 without an answer
	Duration  time.Duration
	Delay     time.Duration
	Reason    string // of a wait or an error, without the object's name
	RequestID string
	RateLimit RateLimit // of the account, as the attempt's answer tells it
	Err       error
}

type hookKind uint8

const (
	hookStart hookKind = iota
	hookAttempt
	hookRetry
	hookWait
	hookDone
)

func (h *Hooks) of(kind hookKind) func(context.Context, Event) {
	switch kind {
	case hookStart:
		return h.OnStart
	case hookAttempt:
		return h.OnAttempt
	case hookRetry:
		return h.OnRetry
	case hookWait:
		return h.OnWait
	default:
		return h.OnDone
	}
}

// Waited, Attempted and Repeats tell the hooks of the steps of the exchange.
func (c *call) Waited(reason gate.Reason, d time.Duration) {
	c.observe(hookWait, Event{Delay: d, Reason: string(reason)})
}

func (c *call) Attempted(status int, h http.Header, took time.Duration, err error) {
	c.observe(hookAttempt, Event{Status: status, Duration: took, Err: err, RequestID: requestID(h), RateLimit: readRateLimit(h)})
}

func (c *call) Repeats(status int, h http.Header, after time.Duration, err error) {
	c.observe(hookRetry, Event{Status: status, Delay: after, Err: err, RequestID: requestID(h)})
}

// observe tells the client's hooks and its log of a step.
func (c *call) observe(kind hookKind, e Event) {
	e.Operation, e.Method, e.Path, e.Attempt = c.op.name, c.op.method, c.op.path, c.Attempts
	if kind == hookWait { // which was before the attempt
		e.Attempt--
	}
	if e.Reason == "" && e.Err != nil {
		e.Reason = strings.ReplaceAll(e.Err.Error(), addressed(c.op.name, c.addressed()), addressed(c.op.name, ""))
	}
	for i := range c.client.hooks {
		if hook := c.client.hooks[i].of(kind); hook != nil {
			callHook(c.Context, hook, e)
		}
	}
}

func callHook(ctx context.Context, hook func(context.Context, Event), e Event) {
	defer func() { _ = recover() }()
	hook(ctx, e)
}

// logHooks writes the steps to a logger by an allow-list: operation, template,
// status, duration, attempt, request id, and the reason of a failure.
func logHooks(log *slog.Logger) Hooks {
	write := func(level slog.Level, message string) func(context.Context, Event) {
		return func(ctx context.Context, e Event) {
			if !log.Enabled(ctx, level) {
				return
			}
			attrs := []slog.Attr{
				slog.String("operation", string(e.Operation)),
				slog.String("method", e.Method),
				slog.String("path", e.Path),
				slog.Int("attempt", e.Attempt),
			}
			if e.Status != 0 {
				attrs = append(attrs, slog.Int("status", e.Status))
			}
			if e.Duration != 0 {
				attrs = append(attrs, slog.Duration("duration", e.Duration))
			}
			if e.Delay != 0 {
				attrs = append(attrs, slog.Duration("delay", e.Delay))
			}
			if e.RequestID != "" {
				attrs = append(attrs, slog.String("request_id", e.RequestID))
			}
			if e.Reason != "" {
				attrs = append(attrs, slog.String("reason", e.Reason))
			}
			log.LogAttrs(ctx, level, message, attrs...)
		}
	}
	return Hooks{
		OnAttempt: write(slog.LevelDebug, "hoster: attempt"),
		OnRetry:   write(slog.LevelInfo, "hoster: retry"),
		OnWait:    write(slog.LevelInfo, "hoster: wait"),
	}
}
