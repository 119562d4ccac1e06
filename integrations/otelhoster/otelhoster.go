// Package otelhoster turns the hooks of package hoster into OpenTelemetry spans: one
// for each call, named after its method and path template, with a child for each
// attempt. What a transport traces of its own, such as otelhttp's, are children of
// the call's span too.
//
// The events of hoster hold no header, no body, no query and no filled-in path, so
// neither do the spans. The status of a span that failed is the error without the
// name of the object that it is about.
package otelhoster

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-hoster/hoster"
)

// Hooks records the calls of a client as spans of provider, below the span of the
// context that a call is given. Use it with [hoster.WithHooks].
func Hooks(provider trace.TracerProvider) hoster.Hooks {
	r := recorder{provider.Tracer("github.com/go-hoster/hoster/integrations/otelhoster", trace.WithInstrumentationVersion(hoster.Version))}
	return hoster.Hooks{OnStart: r.start, OnAttempt: r.attempt, OnRetry: note("retry"), OnWait: note("wait"), OnDone: done}
}

type recorder struct{ tracer trace.Tracer }

// start gives the call a context that holds its span.
func (r recorder) start(ctx context.Context, e hoster.Event) context.Context {
	ctx, _ = r.tracer.Start(ctx, e.Method+" "+e.Path, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("hoster.operation", string(e.Operation)),
		attribute.String("http.request.method", e.Method),
		attribute.String("url.template", e.Path),
	))
	return ctx
}

// attempt is a child that began when the attempt did.
func (r recorder) attempt(ctx context.Context, e hoster.Event) {
	_, span := r.tracer.Start(ctx, "attempt", trace.WithTimestamp(time.Now().Add(-e.Duration)))
	end(span, e)
}

func note(what string) func(context.Context, hoster.Event) {
	return func(ctx context.Context, e hoster.Event) {
		trace.SpanFromContext(ctx).AddEvent(what, trace.WithAttributes(
			attribute.String("hoster.delay", e.Delay.String()),
			attribute.String("hoster.reason", e.Reason),
		))
	}
}

func done(ctx context.Context, e hoster.Event) { end(trace.SpanFromContext(ctx), e) }

// end says how a call or an attempt ended. What is not known is left out.
func end(span trace.Span, e hoster.Event) {
	span.SetAttributes(attribute.Int("hoster.attempt", e.Attempt))
	if e.Status != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", e.Status))
	}
	if e.RequestID != "" {
		span.SetAttributes(attribute.String("hoster.request_id", e.RequestID))
	}
	if e.Err != nil {
		span.SetStatus(codes.Error, e.Reason)
	}
	span.End()
}
