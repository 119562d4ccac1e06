package hoster

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/gate"
	"github.com/go-hoster/hoster/internal/pace"
)

// Hooks are called, in the goroutine of the call, at the steps of its way. Any
// of them may be nil. A hook that panics does not harm the call, and none holds
// a place at the client's limits, so that it can call the client again. An
// [Event] holds no header, no body and no query. Which object a call is about is
// told by Err alone.
type Hooks struct {
	// OnStart is told that a call begins. The values of the context that it returns,
	// such as a span, are found by the later hooks of the call and by a transport of
	// the caller's; nil stands for the context that it was given. When the call ends
	// is up to the caller's context alone.
	OnStart   func(context.Context, Event) context.Context
	OnAttempt func(context.Context, Event) // an attempt ended
	OnRetry   func(context.Context, Event) // another attempt follows after Delay
	OnWait    func(context.Context, Event) // a limit held the attempt back for Delay, and Reason says which; told when the attempt ended. With Err, the [SharedBudget] failed
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
	hookAttempt hookKind = iota
	hookRetry
	hookWait
	hookDone
)

func (h *Hooks) of(kind hookKind) func(context.Context, Event) {
	switch kind {
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

// Waited, Alone, Attempted and Repeats tell the hooks of the steps of the exchange.
func (c *call) Waited(reason gate.Reason, d time.Duration) {
	c.observe(hookWait, Event{Delay: d, Reason: string(reason)})
}

// Alone tells that the shared budget failed.
func (c *call) Alone(err error) {
	c.observe(hookWait, Event{Err: err})
}

func (c *call) Attempted(status int, h http.Header, took time.Duration, err error) {
	c.observe(hookAttempt, Event{Status: status, Duration: took, Err: err, RequestID: requestID(h), RateLimit: readRateLimit(h)})
}

func (c *call) Repeats(status int, h http.Header, after time.Duration, err error) {
	c.observe(hookRetry, Event{Status: status, Delay: after, Err: err, RequestID: requestID(h)})
}

// start tells that the call begins, and takes the context that hooks give it.
func (c *call) start() {
	e := c.about(Event{})
	for i := range c.client.hooks {
		if hook := c.client.hooks[i].OnStart; hook != nil {
			guard(func() {
				if ctx := hook(c.Context, e); ctx != nil && ctx != c.Context {
					c.Context = startedContext{c.Context, ctx}
				}
			})
		}
	}
}

// startedContext has the end of the caller's context and the values of a hook's.
type startedContext struct {
	context.Context
	values context.Context
}

func (c startedContext) Value(key any) any { return c.values.Value(key) }

// observe tells the client's hooks and its log of a step.
func (c *call) observe(kind hookKind, e Event) {
	e = c.about(e)
	if kind == hookWait { // which was before the attempt
		e.Attempt--
	}
	for i := range c.client.hooks {
		if hook := c.client.hooks[i].of(kind); hook != nil {
			guard(func() { hook(c.Context, e) })
		}
	}
}

// about completes an event.
func (c *call) about(e Event) Event {
	e.Operation, e.Method, e.Path, e.Attempt = c.op.name, c.op.method, c.op.path, c.Attempts
	if e.Reason == "" && e.Err != nil {
		e.Reason = strings.ReplaceAll(e.Err.Error(), addressed(c.op.name, c.addressed()), addressed(c.op.name, ""))
	}
	return e
}

// guard runs a hook, whose panic is nobody else's.
func guard(hook func()) {
	defer func() { _ = recover() }()
	hook()
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

// RateLimit is what the provider last said of the account's budget of requests.
type RateLimit struct {
	Limit     int       // requests in a window; 0 if it did not say
	Remaining int       // left in this window
	Reset     time.Time // when the next window begins, by the provider's clock; zero if it did not say
	Known     bool      // false until a provider said anything
}

// readRateLimit takes what an answer says of the budget.
func readRateLimit(h http.Header) RateLimit {
	return RateLimit(pace.Read(h, time.Now()).Budget)
}
