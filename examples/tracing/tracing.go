// Package tracing turns the SDK's hooks into OpenTelemetry spans: one for each
// call, with the route template as its name and the attempts as children. A
// transport of the caller's own, such as otelhttp's, sees every attempt below.
//
// The events hold no header, no body, no query and no filled-in path, so neither
// do the spans.
package tracing

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-hoster/hoster"
)

// Hooks records the calls of a client as spans of tracer, below the span of the
// context that each call is given.
func Hooks(tracer trace.Tracer) hoster.Hooks {
	r := &recorder{tracer: tracer, open: map[context.Context]trace.Span{}}
	return hoster.Hooks{OnStart: r.start, OnAttempt: r.attempt, OnRetry: r.note("retry"), OnWait: r.note("wait"), OnDone: r.done}
}

// recorder keeps the spans of the calls that are under way. All events of a
// call bring the same context, which is wrapped for each call by [Call].
type recorder struct {
	tracer trace.Tracer
	mu     sync.Mutex
	open   map[context.Context]trace.Span
}

// callKey makes the context of each call its own.
type callKey struct{}

// Call returns a context for one call. Calls that share a context at the same
// time need one each, so that their spans are told apart.
func Call(ctx context.Context) context.Context {
	return context.WithValue(ctx, callKey{}, new(byte))
}

func (r *recorder) start(ctx context.Context, e hoster.Event) {
	_, span := r.tracer.Start(ctx, e.Method+" "+e.Path, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("hoster.operation", string(e.Operation)), attribute.String("http.request.method", e.Method), attribute.String("url.template", e.Path)))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[ctx] = span
}

func (r *recorder) span(ctx context.Context) trace.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	if span, ok := r.open[ctx]; ok {
		return span
	}
	return trace.SpanFromContext(context.Background()) // records nothing
}

// attempt is a child that began when the attempt did.
func (r *recorder) attempt(ctx context.Context, e hoster.Event) {
	under := trace.ContextWithSpan(ctx, r.span(ctx))
	_, span := r.tracer.Start(under, "attempt", trace.WithTimestamp(began(e)))
	span.SetAttributes(attributes(e)...)
	finish(span, e)
}

func (r *recorder) note(what string) func(context.Context, hoster.Event) {
	return func(ctx context.Context, e hoster.Event) {
		r.span(ctx).AddEvent(what, trace.WithAttributes(attribute.String("hoster.delay", e.Delay.String()), attribute.String("hoster.reason", e.Reason)))
	}
}

func (r *recorder) done(ctx context.Context, e hoster.Event) {
	span := r.span(ctx)
	r.mu.Lock()
	delete(r.open, ctx)
	r.mu.Unlock()
	span.SetAttributes(attributes(e)...)
	finish(span, e)
}

func attributes(e hoster.Event) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.Int("http.response.status_code", e.Status),
		attribute.Int("hoster.attempt", e.Attempt),
		attribute.String("hoster.request_id", e.RequestID),
	}
}

func finish(span trace.Span, e hoster.Event) {
	if e.Err != nil {
		span.SetStatus(codes.Error, e.Reason)
	}
	span.End()
}

// began is when an event's duration started.
func began(e hoster.Event) time.Time { return time.Now().Add(-e.Duration) }
