package hoster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/dnszone"
)

// diary writes down what hooks are told.
type diary struct {
	lines  []string
	events []Event
}

func (d *diary) hooks() Hooks {
	note := func(kind string) func(context.Context, Event) {
		return func(_ context.Context, e Event) {
			d.lines = append(d.lines, fmt.Sprintf("%s %d/%d", kind, e.Attempt, e.Status))
			d.events = append(d.events, e)
		}
	}
	return Hooks{OnStart: Starting(note("start")), OnAttempt: note("attempt"), OnRetry: note("retry"), OnWait: note("wait"), OnDone: note("done")}
}

// TestContextOfAHook: what the start of a call puts into the context reaches the
// hooks after it, and the transport with each attempt. The call ends with the
// caller's context, whatever a hook returns.
func TestContextOfAHook(t *testing.T) {
	type key string
	began := func(name key, ctx context.Context) Hooks {
		return Hooks{OnStart: func(given context.Context, _ Event) context.Context {
			if ctx == nil {
				return context.WithValue(given, name, true)
			}
			return context.WithValue(ctx, name, true)
		}}
	}
	var seen []string
	look := func(where string, ctx context.Context) {
		for _, name := range []key{"caller", "first", "second"} {
			if ctx.Value(name) == nil {
				where += " without " + string(name)
			}
		}
		seen = append(seen, where)
	}
	later := Hooks{
		OnStart:   func(ctx context.Context, _ Event) context.Context { look("start", ctx); return nil },
		OnAttempt: func(ctx context.Context, _ Event) { look("attempt", ctx) },
		OnRetry:   func(ctx context.Context, _ Event) { look("retry", ctx) },
		OnDone:    func(ctx context.Context, _ Event) { look("done", ctx) },
	}
	answers := newWire(reply(500, ""), reply(200, domainAnswer))
	wire := newWire(func(req *http.Request) (*http.Response, error) {
		look("transport", req.Context())
		return answers.RoundTrip(req)
	})
	client := wire.newClient(t, quick, WithHooks(began("first", nil)), WithHooks(began("second", nil)), WithHooks(later))
	ctx := context.WithValue(t.Context(), key("caller"), true)
	if err := getVerb.call(ctx, client); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, ", "); got != "start, transport, attempt, retry, transport, attempt, done" {
		t.Errorf("seen: %s", got)
	}

	ctx, cancel := context.WithCancel(t.Context())
	wire = newWire(func(req *http.Request) (*http.Response, error) {
		cancel()
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	client = wire.newClient(t, quick, WithHooks(began("first", context.Background())))
	if err := getVerb.call(ctx, client); !errors.Is(err, context.Canceled) || wire.count() != 1 {
		t.Errorf("a hook with another context: %v after %d requests", err, wire.count())
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := getVerb.call(t.Context(), newWire(reply(200, domainAnswer)).newClient(t, WithHooks(began("first", ended)))); err != nil {
		t.Errorf("a hook with a context that has ended: %v", err)
	}
}

func TestHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		wire := newWire(
			reply(429, tooMany, "Retry-After: 3", "X-Request-Id: req_1"),
			fails(errReset),
			reply(200, domainAnswer, "X-Request-Id: req_3"))
		client := wire.newClient(t, exact, WithRetryPolicy(RetryPolicy{MaxAttempts: 4, MaxRetryAfter: time.Minute}), WithRequestRate(0.2, 1), WithHooks(d.hooks()))
		if err := getVerb.call(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		want := "start 0/0, attempt 1/429, retry 1/429, wait 1/0, attempt 2/0, retry 2/0, wait 2/0, attempt 3/200, done 3/200"
		if got := strings.Join(d.lines, ", "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for _, e := range d.events {
			if e.Operation != "Domains.Get" || e.Method != "GET" || e.Path != "/domains/{domain}" {
				t.Errorf("%+v", e)
			}
		}
		limited, retry, wait, lost, done := d.events[1], d.events[2], d.events[3], d.events[4], d.events[8]
		if !errors.Is(limited.Err, ErrRateLimited) || limited.RequestID != "req_1" || limited.Reason == "" {
			t.Errorf("attempt: %+v", limited)
		}
		if retry.Delay != 3*time.Second || !errors.Is(retry.Err, ErrRateLimited) {
			t.Errorf("retry: %+v", retry)
		}
		if wait.Delay.Round(time.Millisecond) != 2*time.Second || wait.Reason != "the client's own rate limit" {
			t.Errorf("wait: %+v", wait)
		}
		if !errors.Is(lost.Err, errReset) || lost.RequestID != "" || lost.Status != 0 {
			t.Errorf("lost attempt: %+v", lost)
		}
		if done.Duration.Round(time.Millisecond) != 10*time.Second || done.Err != nil || done.RequestID != "req_3" {
			t.Errorf("done: %+v", done)
		}
	})
}

func TestHooksOfCallsThatFail(t *testing.T) {
	for _, verb := range allVerbs {
		var d diary
		err := verb.call(t.Context(), newWire(reply(422, apiError("VALIDATION_ERROR", "no"), "X-Request-Id: req_9")).newClient(t, WithHooks(d.hooks())))
		if got := strings.Join(d.lines, ", "); got != "start 0/0, attempt 1/422, done 1/422" {
			t.Errorf("%s: %s", verb.name, got)
		}
		if done := d.events[2]; !errors.Is(done.Err, ErrValidation) || done.Err != err || done.RequestID != "req_9" {
			t.Errorf("%s: %+v", verb.name, done)
		}
	}
	var d diary
	client := answering(domainAnswer).newClient(t, WithHooks(d.hooks()))
	if _, err := client.Domains.Get(t.Context(), ""); err == nil || len(d.lines) != 0 {
		t.Errorf("a refused argument is no call: %v", d.lines)
	}
}

func TestHooksOfEveryKindAndNone(t *testing.T) {
	var first, second diary
	client := answering(domainAnswer).newClient(t, WithHooks(Hooks{}), WithHooks(first.hooks()), WithHooks(Hooks{OnDone: second.hooks().OnDone}))
	if err := getVerb.call(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if len(first.lines) != 3 || len(second.lines) != 1 {
		t.Errorf("%v, %v", first.lines, second.lines)
	}
}

func TestHooksGetTheContext(t *testing.T) {
	type key struct{}
	var got any
	client := answering(domainAnswer).newClient(t, WithHooks(Hooks{OnAttempt: func(ctx context.Context, _ Event) { got = ctx.Value(key{}) }}))
	if err := getVerb.call(context.WithValue(t.Context(), key{}, "mine"), client); err != nil || got != "mine" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestHooksMayPanic(t *testing.T) {
	bad := func(context.Context, Event) { panic("a hook's own mistake") }
	var d diary
	wire := newWire(reply(500, ""), reply(200, domainAnswer))
	client := wire.newClient(t, quick, WithHooks(Hooks{OnStart: Starting(bad), OnAttempt: bad, OnRetry: bad, OnWait: bad, OnDone: bad}), WithHooks(d.hooks()))
	if err := getVerb.call(t.Context(), client); err != nil || len(d.lines) != 5 {
		t.Errorf("%v: %v", d.lines, err)
	}
	if client.exchange.Gate().Load().InFlight+client.exchange.Gate().Load().Unheard != 0 {
		t.Error("a place is lost")
	}
}

// TestEventsHoldNoPathAndNoQuery gives calls names that must not be seen, but in
// the error itself.
func TestEventsHoldNoPathAndNoQuery(t *testing.T) {
	for _, trouble := range trouble {
		var d diary
		var log bytes.Buffer
		options := []Option{quick, WithHooks(d.hooks()), WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))}
		client := newWire(func(req *http.Request) (*http.Response, error) {
			resp, err := trouble.answer(req)
			if err != nil {
				err = &url.Error{Op: "Get", URL: req.URL.String(), Err: err}
			}
			return resp, err
		}).newClient(t, options...)
		_, _ = client.Domains.Get(t.Context(), "canary.example")
		_, _ = client.Domains.ListPage(t.Context(), &DomainListOptions{Search: "canary"})
		_, _ = client.DNS.Create(t.Context(), "canary.example", RecordCreate{Type: dnszone.TypeTXT, Name: "canary", Value: "canary"})
		_ = client.Tokens.Revoke(t.Context(), "canary")
		for _, e := range d.events {
			e.Err = nil
			if strings.Contains(fmt.Sprintf("%+v", e), "canary") {
				t.Errorf("%s: %+v", trouble.name, e)
			}
		}
		if len(d.events) < 12 || log.Len() == 0 || strings.Contains(log.String(), "canary") {
			t.Errorf("%s: %d events, log %s", trouble.name, len(d.events), log.String())
		}
	}
}

func TestLoggerAllowList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		wire := newWire(reply(503, unavailable, "Retry-After: 2", "X-Request-Id: req_1", "X-Other: canary"), reply(200, domainAnswer, "X-Request-Id: req_2"))
		client := wire.newClient(t, WithRequestRate(0.1, 1), WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		if err := getVerb.call(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		allowed := []string{"time", "level", "msg", "operation", "method", "path", "attempt", "status", "duration", "delay", "request_id", "reason"}
		var messages []string
		for line := range strings.Lines(log.String()) {
			entry := map[string]any{}
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			for name := range maps.Keys(entry) {
				if !slices.Contains(allowed, name) {
					t.Errorf("%s is logged: %s", name, line)
				}
			}
			if entry["operation"] != "Domains.Get" || entry["path"] != "/domains/{domain}" || entry["method"] != "GET" {
				t.Errorf("%s", line)
			}
			messages = append(messages, fmt.Sprint(entry["level"], " ", entry["msg"]))
		}
		want := "DEBUG hoster: attempt, INFO hoster: retry, INFO hoster: wait, DEBUG hoster: attempt"
		if got := strings.Join(messages, ", "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for _, unwanted := range []string{"canary", "t0ken", "example.com", "Bearer"} {
			if strings.Contains(log.String(), unwanted) {
				t.Errorf("%s is logged: %s", unwanted, log.String())
			}
		}
	})
}

func TestLoggerLevels(t *testing.T) {
	var log bytes.Buffer
	wire := newWire(reply(500, ""), reply(200, domainAnswer))
	client := wire.newClient(t, quick, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err := getVerb.call(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "retry") {
		t.Errorf("at info level: %s", log.String())
	}
}
