package hoster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/internal/exchange"
)

var (
	errReset    = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errRefused  = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	unavailable = apiError("SERVICE_UNAVAILABLE", "maintenance")
	tooMany     = apiError("TOO_MANY_REQUESTS", "slow down")
)

// success is the answer that lets a verb's call succeed.
func (v verb) success(headers ...string) answerFunc {
	if v.answer == "" {
		return reply(204, "", headers...)
	}
	return reply(200, v.answer, headers...)
}

// trouble is what can go wrong with an attempt, and what that tells.
var trouble = []struct {
	name     string
	answer   answerFunc
	reads    bool // a read is repeated
	writes   bool // any write is repeated
	unknown  bool // of a write that was not repeated nobody knows what became
	sentinel error
}{
	{"never sent", fails(errRefused), true, true, false, errRefused},
	{"proxy refused", fails(&net.OpError{Op: "proxyconnect", Err: errRefused}), true, true, false, errRefused},
	{"no such name", fails(&net.DNSError{Err: "no such host", Name: "api.example.com", IsNotFound: true}), false, false, false, nil},
	{"name server is silent", fails(&net.DNSError{Err: "i/o timeout", Name: "api.example.com", IsTimeout: true}), true, true, false, nil},
	{"reset", fails(errReset), true, false, true, errReset},
	{"end of file", fails(io.ErrUnexpectedEOF), true, false, true, io.ErrUnexpectedEOF},
	{"who knows", fails(errors.New("stream error")), true, false, true, nil},
	{"truncated success", breaks(200, `{"status":"succ`, io.ErrUnexpectedEOF), true, false, true, io.ErrUnexpectedEOF},
	{"broken gzip", breaks(200, "", errors.New("gzip: invalid header")), true, false, true, ErrDecode},
	{"truncated error", breaks(422, `{"status":"err`, io.ErrUnexpectedEOF), true, false, true, io.ErrUnexpectedEOF},
	{"408", reply(408, apiError("TIMEOUT", "late")), true, false, true, nil},
	{"425", reply(425, ""), true, false, true, nil},
	{"429 of the API", reply(429, tooMany), true, true, false, ErrRateLimited},
	{"429 of a proxy", reply(429, "<html>", "Content-Type: text/html"), true, false, true, ErrRateLimited},
	{"500", reply(500, apiError("INTERNAL_ERROR", "oops")), true, false, true, ErrServer},
	{"502", reply(502, "<html>", "Content-Type: text/html"), true, false, true, ErrServer},
	{"503 and how long", reply(503, unavailable, "Retry-After: 0"), true, true, false, ErrServer},
	{"503 without how long", reply(503, unavailable), true, false, true, ErrServer},
	{"503 of another code", reply(503, apiError("OVERLOADED", "x"), "Retry-After: 0"), true, false, true, ErrServer},
	{"503 of a proxy", reply(503, "<html>", "Retry-After: 0"), true, false, true, ErrServer},
	{"504", reply(504, apiError("GATEWAY_TIMEOUT", "late")), true, false, true, ErrServer},
	{"524", reply(524, ""), true, false, true, ErrServer},
	{"400", reply(400, apiError("BAD_REQUEST", "x")), false, false, false, ErrBadRequest},
	{"401", reply(401, apiError("TOKEN_INVALID", "x")), false, false, false, ErrUnauthorized},
	{"403", reply(403, apiError("IP_NOT_ALLOWED", "x")), false, false, false, ErrForbidden},
	{"403 of a firewall", reply(403, "<html>"), false, false, true, ErrIntermediary},
	{"404", reply(404, apiError("NOT_FOUND", "x")), false, false, false, nil},
	{"409", reply(409, apiError("CONFLICT", "x")), false, false, false, ErrConflict},
	{"412", reply(412, apiError("PRECONDITION_FAILED", "x")), false, false, false, ErrPreconditionFailed},
	{"422", reply(422, apiError("VALIDATION_ERROR", "x")), false, false, false, ErrValidation},
	{"error under 200", reply(200, apiError("VALIDATION_ERROR", "x")), false, false, false, ErrValidation},
	{"strange data", reply(200, `{"status":"success","data":[[1]]}`), false, false, false, ErrDecode},
	{"a page under 200", reply(200, "<html>hello"), false, false, true, ErrIntermediary},
}

// TestWhatIsRepeated holds each trouble against each kind of call.
func TestWhatIsRepeated(t *testing.T) {
	const attempts = 3
	for _, trouble := range trouble {
		for _, verb := range allVerbs {
			t.Run(trouble.name+"/"+verb.name, func(t *testing.T) {
				wire := newWire(trouble.answer)
				err := verb.call(t.Context(), wire.newClient(t, WithRetryPolicy(RetryPolicy{MaxAttempts: attempts})))
				if verb.name == "DELETE" && strings.HasPrefix(trouble.name, "strange") {
					return // its data is not looked at
				}
				repeated := trouble.writes || trouble.reads && (verb.name == "GET" || verb.name == "DELETE")
				if want := map[bool]int{true: attempts, false: 1}[repeated]; wire.count() != want {
					t.Errorf("%d requests, want %d: %v", wire.count(), want, err)
				}
				if err == nil {
					t.Fatal("no error")
				}
				if trouble.sentinel != nil && !errors.Is(err, trouble.sentinel) {
					t.Errorf("%v does not match %v", err, trouble.sentinel)
				}
				unknown := trouble.unknown && verb.name != "GET"
				if got := errors.Is(err, ErrOutcomeUnknown); got != unknown {
					t.Errorf("outcome unknown: %v, want %v: %v", got, unknown, err)
				}
				if unknown && !strings.Contains(err.Error(), "find out by Settle with") {
					t.Errorf("the error does not say how to find out: %v", err)
				}
				for _, r := range wire.requests() {
					if first := wire.requests()[0]; r.body != first.body || r.method != first.method || r.url != first.url || fmt.Sprint(r.header) != fmt.Sprint(first.header) {
						t.Errorf("an attempt differs: %v, first %v", r, first)
					}
				}
			})
			t.Run(trouble.name+", then success/"+verb.name, func(t *testing.T) {
				wire := newWire(trouble.answer, verb.success())
				repeated := trouble.writes || trouble.reads && (verb.name == "GET" || verb.name == "DELETE")
				err := verb.call(t.Context(), wire.newClient(t, quick))
				if repeated && (err != nil || wire.count() != 2) {
					t.Errorf("%d requests: %v", wire.count(), err)
				}
			})
			t.Run(trouble.name+", without retry/"+verb.name, func(t *testing.T) {
				wire := newWire(trouble.answer)
				_ = verb.call(t.Context(), wire.newClient(t, quick), WithoutRetry())
				_ = verb.call(t.Context(), wire.newClient(t, WithRetryPolicy(RetryPolicy{MaxAttempts: 1})))
				if wire.count() != 2 {
					t.Errorf("%d requests", wire.count())
				}
			})
		}
	}
}

func TestRepeatedDelete(t *testing.T) {
	gone := reply(404, apiError("NOT_FOUND", "no such record"))
	tests := map[string]struct {
		answers []answerFunc
		is      error // nil is success
		unknown bool
	}{
		"gone at first":               {[]answerFunc{gone}, ErrNotFound, false},
		"gone after a reset":          {[]answerFunc{fails(errReset), gone}, nil, false},
		"gone after a 502":            {[]answerFunc{reply(502, ""), gone}, nil, false},
		"gone after a 429":            {[]answerFunc{reply(429, tooMany), gone}, ErrNotFound, false},
		"gone after never sent":       {[]answerFunc{fails(errRefused), gone}, ErrNotFound, false},
		"gone after 502 and 429":      {[]answerFunc{reply(502, ""), reply(429, tooMany), gone}, nil, false},
		"a proxy's 404 after a 502":   {[]answerFunc{reply(502, ""), reply(404, "<html>")}, ErrIntermediary, true},
		"a refusal after a reset":     {[]answerFunc{fails(errReset), reply(409, apiError("RECORD_PROTECTED", "x"))}, ErrConflict, true},
		"done after a reset":          {[]answerFunc{fails(errReset), reply(204, "")}, nil, false},
		"never an answer, four times": {[]answerFunc{fails(errReset)}, errReset, true},
	}
	revoke := func(ctx context.Context, c *Client, o ...CallOption) error {
		return c.Tokens.RevokeAny(ctx, "tok_1", o...)
	}
	for name, test := range tests {
		for kind, call := range map[string]func(context.Context, *Client, ...CallOption) error{"record": deleteVerb.call, "token": revoke} {
			err := call(t.Context(), newWire(test.answers...).newClient(t, quick))
			if test.is == nil && err != nil || test.is != nil && !errors.Is(err, test.is) && kind == "record" {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
			if errors.Is(err, ErrOutcomeUnknown) != test.unknown && kind == "record" {
				t.Errorf("%s, %s: outcome unknown is wrong: %v", name, kind, err)
			}
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	first := postVerb.success("Idempotent-Replayed: false")
	learn := func(t *testing.T, wire *fakeWire, opts ...Option) *Client {
		t.Helper()
		client := wire.newClient(t, append([]Option{quick}, opts...)...)
		if err := postVerb.call(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		return client
	}
	t.Run("honoured", func(t *testing.T) {
		for _, trouble := range trouble {
			wire := newWire(first, trouble.answer, trouble.answer, mintVerb.success("Idempotent-Replayed: true"))
			client := learn(t, wire)
			var meta Response
			err := mintVerb.call(t.Context(), client, WithResponse(&meta))
			got := wire.requests()[1:]
			if want := map[bool]int{true: 3, false: 1}[trouble.reads]; len(got) != want {
				t.Errorf("%s: %d attempts, want %d: %v", trouble.name, len(got), want, err)
			}
			if trouble.reads && (err != nil || !meta.Replayed || meta.Attempts != 3 || meta.IdempotencyKey != got[0].key()) {
				t.Errorf("%s: %v, %+v", trouble.name, err, meta)
			}
			for _, r := range got {
				if r.body != got[len(got)-1].body && r.body != "" || r.key() != got[0].key() { // no body where nothing was sent
					t.Errorf("%s: an attempt differs", trouble.name)
				}
			}
		}
	})
	t.Run("learned from the answer to a call that itself failed", func(t *testing.T) {
		wire := newWire(reply(500, apiError("INTERNAL_ERROR", "x"), "Idempotent-Replayed: false"), first)
		if err := postVerb.call(t.Context(), wire.newClient(t, quick)); err != nil || wire.count() != 2 {
			t.Errorf("%d requests: %v", wire.count(), err)
		}
	})
	t.Run("only a POST has a key", func(t *testing.T) {
		wire := newWire(first, fails(errReset))
		client := learn(t, wire)
		err := patchVerb.call(t.Context(), client)
		if !errors.Is(err, ErrOutcomeUnknown) || wire.count() != 2 {
			t.Errorf("%d requests: %v", wire.count(), err)
		}
		_ = getVerb.call(t.Context(), client)
		for _, r := range wire.requests()[1:] {
			if r.key() != "" || r.header.Get("Idempotency-Key") != "" {
				t.Errorf("%s has a key", r.method)
			}
		}
	})
	t.Run("the caller's, and one for each call", func(t *testing.T) {
		wire := newWire(first)
		client := learn(t, wire)
		_ = postVerb.call(t.Context(), client)
		_ = postVerb.call(t.Context(), client, WithIdempotencyKey("mine"))
		got := wire.requests()
		if a, b := got[0].key(), got[1].key(); a == b || len(a) < 20 || got[2].key() != "mine" {
			t.Errorf("keys %q, %q", a, b)
		}
		if got[0].header.Values("Idempotency-Key") != nil {
			t.Error("the canonical name lets net/http repeat by itself")
		}
	})
	t.Run("what the answers after a lost one say", func(t *testing.T) {
		inProgress := apiError("IDEMPOTENCY_IN_PROGRESS", "still running")
		for name, test := range map[string]struct {
			answer   answerFunc
			attempts int
			unknown  bool
		}{
			"refused under the key":      {reply(422, apiError("VALIDATION_ERROR", "x"), "Idempotent-Replayed: false"), 2, false},
			"the first answer again":     {reply(409, apiError("CONFLICT", "x"), "Idempotent-Replayed: true"), 2, false},
			"refused, another word":      {reply(422, apiError("VALIDATION_ERROR", "x"), "Idempotent-Replayed: maybe"), 2, true},
			"refused by a page":          {reply(422, "<p>No</p>", "Idempotent-Replayed: false"), 2, true},
			"refused, but not by key":    {reply(422, apiError("VALIDATION_ERROR", "x")), 2, true},
			"still running":              {reply(409, inProgress), 4, true},
			"still running, with header": {reply(409, inProgress, "Idempotent-Replayed: false"), 4, true},
			"rate limited":               {reply(429, tooMany, "Idempotent-Replayed: false"), 4, true},
			"no longer allowed":          {reply(403, apiError("IP_NOT_ALLOWED", "x"), "Idempotent-Replayed: false"), 2, true},
		} {
			wire := newWire(first, fails(errReset), test.answer)
			err := postVerb.call(t.Context(), learn(t, wire))
			if errors.Is(err, ErrOutcomeUnknown) != test.unknown || wire.count()-1 != test.attempts {
				t.Errorf("%s: %d attempts: %v", name, wire.count()-1, err)
			}
		}
	})
	t.Run("bad keys", func(t *testing.T) {
		wire := newWire(first)
		client := wire.newClient(t)
		for _, key := range []string{"", "a b", "a\nb", "é", strings.Repeat("k", 256)} {
			if err := postVerb.call(t.Context(), client, WithIdempotencyKey(key)); !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("%q: %v", key, err)
			}
		}
		if err := getVerb.call(t.Context(), client, WithIdempotencyKey("k")); !errors.Is(err, ErrInvalidArgument) || wire.count() != 0 {
			t.Errorf("%v", err)
		}
	})
}

// TestWhoSaysThatKeysAreHonoured: only the API's own answer to a POST does, in
// the two words that it has for it, and a success without one takes it back.
func TestWhoSaysThatKeysAreHonoured(t *testing.T) {
	const told, again = "Idempotent-Replayed: false", "Idempotent-Replayed: true"
	post := func(answers ...answerFunc) []answerFunc { return answers }
	for name, test := range map[string]struct {
		answers []answerFunc // to calls of first, one after the other
		first   verb
		options []CallOption
		honours bool
	}{
		"a success":                         {post(postVerb.success(told)), postVerb, nil, true},
		"a success, in capitals":            {post(postVerb.success("Idempotent-Replayed: FALSE")), postVerb, nil, true},
		"a success that mints":              {post(mintVerb.success(told)), mintVerb, nil, true},
		"a refusal of the API":              {post(reply(422, apiError("VALIDATION_ERROR", "x"), told)), postVerb, nil, true},
		"a conflict under 200":              {post(reply(200, apiError("CONFLICT", "x"), told)), postVerb, nil, true},
		"a kept answer to the caller's key": {post(postVerb.success(again)), postVerb, []CallOption{WithIdempotencyKey("mine")}, true},
		"a replay of a fresh key":           {post(postVerb.success(again)), postVerb, nil, false},
		"a refusal by replay":               {post(reply(409, apiError("CONFLICT", "x"), again)), postVerb, nil, false},
		"another word":                      {post(postVerb.success("Idempotent-Replayed: maybe")), postVerb, nil, false},
		"a number":                          {post(postVerb.success("Idempotent-Replayed: 1")), postVerb, nil, false},
		"an empty header":                   {post(postVerb.success("Idempotent-Replayed: ")), postVerb, nil, false},
		"nothing":                           {post(postVerb.success()), postVerb, nil, false},
		"a read":                            {post(getVerb.success(told)), getVerb, nil, false},
		"a PATCH":                           {post(patchVerb.success(told)), patchVerb, nil, false},
		"a DELETE":                          {post(deleteVerb.success(told)), deleteVerb, nil, false},
		"a proxy's page":                    {post(reply(403, "<p>Blocked</p>", told)), postVerb, nil, false},
		"a proxy's page under 200":          {post(reply(200, "<p>Welcome</p>", told)), postVerb, nil, false},
		"a redirect":                        {post(reply(303, "", "Location: /v1/orders", told)), postVerb, nil, false},
		"101":                               {post(reply(101, "", told)), postVerb, nil, false},
		"an answer that cannot be read":     {post(reply(200, `{"status":"success","data":[1]}`, told)), postVerb, nil, false},
		"an answer that breaks off":         {post(breaks(200, `{"status":"succ`, io.ErrUnexpectedEOF)), postVerb, nil, false},
		"taken back by a success":           {post(postVerb.success(told), postVerb.success()), postVerb, nil, false},
		"taken back by another word":        {post(postVerb.success(told), postVerb.success("Idempotent-Replayed: maybe")), postVerb, nil, false},
		"not taken back by a page":          {post(postVerb.success(told), reply(502, "<p>Bad gateway</p>")), postVerb, nil, true},
		"not taken back by a refusal":       {post(postVerb.success(told), reply(400, apiError("BAD_REQUEST", "x"))), postVerb, nil, true},
		"told again":                        {post(postVerb.success(told), postVerb.success(), postVerb.success(told)), postVerb, nil, true},
	} {
		wire := newWire(append(slices.Clone(test.answers), fails(errReset), mintVerb.success(again))...)
		client := wire.newClient(t, quick)
		for range test.answers {
			_ = test.first.call(t.Context(), client, append(test.options, WithoutRetry())...)
		}
		err := mintVerb.call(t.Context(), client)
		repeated := wire.count() == len(test.answers)+2
		if repeated != test.honours || (err == nil) != test.honours || errors.Is(err, ErrOutcomeUnknown) == test.honours {
			t.Errorf("%s: a lost POST is repeated: %v: %v", name, repeated, err)
		}
	}
	for _, honours := range []bool{false, true} { // what an option says stands
		first := postVerb.success(told)
		if honours {
			first = postVerb.success()
		}
		wire := newWire(first, fails(errReset), mintVerb.success(again))
		client := wire.newClient(t, quick, WithIdempotencyKeys(honours))
		if err := postVerb.call(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if err := mintVerb.call(t.Context(), client); (err == nil) != honours {
			t.Errorf("WithIdempotencyKeys(%v): %v", honours, err)
		}
	}
}

// TestDiedWithTheWork kills a warm connection after the server took a request:
// on a broken keep-alive connection net/http would repeat by itself what it
// takes for harmless.
func TestDiedWithTheWork(t *testing.T) {
	type connKey struct{}
	var hits, protocol atomic.Int64
	var mode atomic.Value
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Match") == "" && r.Method == http.MethodGet && !strings.HasSuffix(r.URL.Path, "/hit") {
			writeJSON(w, 200, domainAnswer) // warms the connection
			return
		}
		hits.Add(1)
		protocol.Store(int64(r.ProtoMajor))
		_, _ = io.Copy(io.Discard, r.Body)
		if mode.Load() == "abort" {
			panic(http.ErrAbortHandler)
		}
		conn := r.Context().Value(connKey{}).(interface{ NetConn() net.Conn }).NetConn()
		if tcp, ok := conn.(*net.TCPConn); ok && mode.Load() == "reset" {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	})
	bare := func(method string, replay Replay) verb {
		return verb{name: method + " without body", call: func(ctx context.Context, c *Client, o ...CallOption) error {
			return c.Call(ctx, CallSpec{Method: method, Segments: []string{"extra", "hit"}, Replay: replay}, nil, o...)
		}}
	}
	verbs := append(slices.Clone(writeVerbs), bare(http.MethodPost, ReplayOnEvidence), bare(http.MethodPut, ReplayOnEvidence), bare(http.MethodDelete, ReplayOnEvidence))
	for _, h2 := range []bool{false, true} {
		server := httptest.NewUnstartedServer(handler)
		server.EnableHTTP2 = h2
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
		server.StartTLS()
		own, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), quick)
		if err != nil {
			t.Fatal(err)
		}
		own.exchange.Transport().TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		callers, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), quick, WithHTTPClient(server.Client()))
		if err != nil {
			t.Fatal(err)
		}
		for whose, client := range map[string]*Client{"own": own, "caller's": callers} {
			for _, how := range []string{"close", "reset", "abort"} {
				mode.Store(how)
				client.exchange.Budget().Calls.Store(1e6) // many failures in one client, on purpose
				for _, verb := range verbs {
					t.Run(fmt.Sprintf("HTTP2=%v/%s/%s/%s", h2, whose, how, verb.name), func(t *testing.T) {
						for range 2 {
							if err := getVerb.call(t.Context(), client); err != nil {
								t.Fatal(err)
							}
						}
						hits.Store(0)
						err := verb.call(t.Context(), client)
						if hits.Load() != 1 || protocol.Load() != map[bool]int64{false: 1, true: 2}[h2] {
							t.Errorf("%d hits over HTTP/%d", hits.Load(), protocol.Load())
						}
						if !errors.Is(err, ErrOutcomeUnknown) {
							t.Errorf("got %v", err)
						}
					})
				}
				for _, verb := range []verb{bare(http.MethodGet, ReplayAlways), bare(http.MethodPut, ReplayHarmless), bare(http.MethodDelete, ReplayHarmless)} {
					for want, options := range map[int64][]CallOption{4: nil, 1: {WithoutRetry()}} {
						if err := getVerb.call(t.Context(), client); err != nil {
							t.Fatal(err)
						}
						hits.Store(0)
						if err := verb.call(t.Context(), client, options...); err == nil || hits.Load() != want {
							t.Errorf("HTTP2=%v/%s/%s/%s: %d hits, want %d: %v", h2, whose, how, verb.name, hits.Load(), want, err)
						}
					}
				}
			}
		}
		own.CloseIdleConnections()
		server.Close()
	}
}

// TestPhases breaks a write at each phase of its way: only what provably did
// not leave has a known outcome.
func TestPhases(t *testing.T) {
	hijack := func(w http.ResponseWriter, say string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, say)
			_ = conn.Close()
		}
	}
	for _, verb := range []verb{postVerb, mintVerb, patchVerb, deleteVerb} {
		for name, phase := range map[string]struct {
			handler http.HandlerFunc
			cancel  bool
		}{
			"after the request's headers": {handler: func(w http.ResponseWriter, r *http.Request) { hijack(w, "") }},
			"after the request's body": {handler: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				hijack(w, "")
			}},
			"in the status line": {handler: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				hijack(w, "HTTP/1.1 2")
			}},
			"in the middle of the answer": {handler: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				hijack(w, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"status\":\"succ")
			}},
			"time is up": {handler: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			}},
			"cancelled in flight": {cancel: true, handler: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			}},
		} {
			t.Run(verb.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var hits atomic.Int64
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					client := newMemoryNet().serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						hits.Add(1)
						if phase.cancel {
							cancel()
						}
						phase.handler(w, r)
					}), WithRetryPolicy(RetryPolicy{MaxAttempts: 2}))
					err := verb.call(ctx, client)
					if !errors.Is(err, ErrOutcomeUnknown) {
						t.Errorf("got %v", err)
					}
					if errors.Is(err, context.Canceled) != phase.cancel {
						t.Errorf("cancelled: %v", err)
					}
					want := int64(1)
					if verb.name == "DELETE" && !phase.cancel {
						want = 2
					}
					if hits.Load() != want {
						t.Errorf("%d hits, want %d", hits.Load(), want)
					}
				})
			})
		}
		for _, own := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/before the wire/own transport=%v", verb.name, own), func(t *testing.T) { beforeTheWire(t, verb, own) })
		}
	}
}

// beforeTheWire has no request leave, so every outcome is known.
func beforeTheWire(t *testing.T, verb verb, own bool) {
	listener, err := net.Listen("tcp", "127.0.0.9:0") // no other test takes its port
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + listener.Addr().String()
	_ = listener.Close()
	untrusted := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request left") }))
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request left") }))
	defer plain.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		base string
		ctx  context.Context
	}{
		"nobody listens":             {refused, t.Context()},
		"certificate not trusted":    {untrusted.URL, t.Context()},
		"no TLS there":               {strings.Replace(plain.URL, "http:", "https:", 1), t.Context()},
		"the context is done before": {refused, cancelled},
	} {
		options := []Option{WithBaseURL(test.base + "/v1"), WithToken("t0ken"), quick}
		if !own {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			options = append(options, WithHTTPClient(&http.Client{Transport: transport}))
		}
		client, err := NewClient(options...)
		if err != nil {
			t.Fatal(err)
		}
		err = verb.call(test.ctx, client)
		if err == nil || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		if e := new(Error); errors.As(err, &e) {
			t.Errorf("%s: no answer came, but: %v", name, err)
		}
	}
}

// TestCancelledWhileDialling is known not to have left, over our own transport.
func TestCancelledWhileDialling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := NewClient(WithBaseURL("http://localhost/v1"), WithToken("t0ken"))
		if err != nil {
			t.Fatal(err)
		}
		client.exchange.Transport().DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			pause(ctx, 40*time.Second) // net/http lets a dial go on for others
			return nil, errRefused
		}
		defer time.Sleep(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = postVerb.call(ctx, client)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
		began := time.Now()
		err = postVerb.call(t.Context(), client) // nothing left, so it is tried again
		if errors.Is(err, ErrOutcomeUnknown) || time.Since(began) < 4*30*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// exact has no backoff of its own, so that waits are those of the server.
var exact = WithRetryPolicy(RetryPolicy{MaxAttempts: 2, MaxRetryAfter: time.Minute})

func TestRetryAfter(t *testing.T) {
	// The fake clock starts at midnight UTC 2000-01-01.
	const now, tenLater = "Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:10 GMT"
	tests := map[string]struct {
		headers []string
		wait    time.Duration // or, where it is not waited, what the error says
		stops   bool
	}{
		"none":                     {nil, 0, false},
		"seconds":                  {[]string{"Retry-After: 5"}, 5 * time.Second, false},
		"spaces":                   {[]string{"Retry-After:  7 "}, 7 * time.Second, false},
		"zero":                     {[]string{"Retry-After: 0"}, 0, false},
		"negative":                 {[]string{"Retry-After: -1"}, 0, false},
		"a fraction":               {[]string{"Retry-After: 1.5"}, 1500 * time.Millisecond, false},
		"just allowed":             {[]string{"Retry-After: 60"}, time.Minute, false},
		"just too long":            {[]string{"Retry-After: 61"}, 61 * time.Second, true},
		"an hour":                  {[]string{"Retry-After: 3600"}, time.Hour, true},
		"1e10":                     {[]string{"Retry-After: 1e10"}, math.MaxInt64, true},
		"overflows int64 of ns":    {[]string{"Retry-After: 9223372037"}, math.MaxInt64, true},
		"MaxInt64":                 {[]string{"Retry-After: 9223372036854775807"}, math.MaxInt64, true},
		"overflows float64":        {[]string{"Retry-After: 1" + strings.Repeat("0", 400)}, math.MaxInt64, true},
		"infinite":                 {[]string{"Retry-After: Inf"}, math.MaxInt64, true},
		"not a number":             {[]string{"Retry-After: NaN"}, 0, false},
		"garbage":                  {[]string{"Retry-After: soon"}, 0, false},
		"empty":                    {[]string{"Retry-After: "}, 0, false},
		"a date":                   {[]string{"Retry-After: " + tenLater}, 10 * time.Second, false},
		"a past date":              {[]string{"Retry-After: Fri, 31 Dec 1999 23:59:00 GMT"}, 0, false},
		"a far date":               {[]string{"Retry-After: Sat, 01 Jan 2000 02:00:00 GMT"}, 2 * time.Hour, true},
		"the server's clock":       {[]string{"Date: Tue, 01 Jan 2030 00:00:00 GMT", "Retry-After: Tue, 01 Jan 2030 00:00:04 GMT"}, 4 * time.Second, false},
		"the server's clock, late": {[]string{"Date: Tue, 01 Jan 1980 00:00:00 GMT", "Retry-After: Tue, 01 Jan 1980 00:00:04 GMT"}, 4 * time.Second, false},
		"a bad Date":               {[]string{"Date: yesterday", "Retry-After: " + tenLater}, 10 * time.Second, false},
		"two":                      {[]string{"Retry-After: 3", "Retry-After: 8"}, 8 * time.Second, false},
		"two, one garbage":         {[]string{"Retry-After: soon", "Retry-After: 2"}, 2 * time.Second, false},
		"the budget's reset":       {[]string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 946684812"}, 12 * time.Second, false},
		"the budget, by its clock": {[]string{"Date: " + now, "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 946684803"}, 3 * time.Second, false},
		"a budget that is left":    {[]string{"X-RateLimit-Remaining: 1", "X-RateLimit-Reset: 946684812"}, 0, false},
		"Retry-After goes first":   {[]string{"Retry-After: 2", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 946684812"}, 2 * time.Second, false},
	}
	for name, test := range tests {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprintf("%s/%d", name, status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					body := map[int]string{429: tooMany, 503: unavailable}[status]
					wire := newWire(reply(status, body, test.headers...), getVerb.success())
					began := time.Now()
					err := getVerb.call(t.Context(), wire.newClient(t, exact))
					want := test.wait
					if name == "Retry-After goes first" && status == 503 {
						want = 12 * time.Second // but the budget is gone until then, so the gate holds the attempt
					}
					if !test.stops {
						if took := time.Since(began); err != nil || took != want {
							t.Errorf("waited %s, want %s: %v", took, want, err)
						}
						return
					}
					if time.Since(began) != 0 || wire.count() != 1 {
						t.Errorf("%d requests in %s", wire.count(), time.Since(began))
					}
					if limited := new(RateLimitError); status == 429 && (!errors.As(err, &limited) || limited.RetryAfter != test.wait) {
						t.Errorf("the error has a wait of %s, want %s", limited.RetryAfter, test.wait)
					}
					if !strings.Contains(err.Error(), test.wait.Round(time.Second).String()) {
						t.Errorf("the error does not say how long: %v", err)
					}
				})
			})
		}
	}
}

func TestWaitsDoNotOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(reply(429, tooMany, "Retry-After: 1e30"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		policy := RetryPolicy{MaxAttempts: 50, MinWait: time.Second, MaxWait: math.MaxInt64, MaxRetryAfter: math.MaxInt64}
		err := getVerb.call(ctx, wire.newClient(t, WithRetryPolicy(policy)))
		if wire.count() != 1 || !errors.Is(err, ErrRateLimited) {
			t.Errorf("%d requests: %v", wire.count(), err)
		}
	})
}

func TestWaitThatCannotEndIsNotBegun(t *testing.T) {
	for _, verb := range allVerbs {
		synctest.Test(t, func(t *testing.T) {
			wire := newWire(reply(429, tooMany, "Retry-After: 10"))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			began := time.Now()
			err := verb.call(ctx, wire.newClient(t))
			if time.Since(began) != 0 || wire.count() != 1 || ctx.Err() != nil {
				t.Errorf("%s: %d requests in %s", verb.name, wire.count(), time.Since(began))
			}
			limited := new(RateLimitError)
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrRateLimited) || !errors.As(err, &limited) || limited.RetryAfter != 10*time.Second {
				t.Errorf("%s: %v", verb.name, err)
			}
			if errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), "slow down") {
				t.Errorf("%s: %v", verb.name, err)
			}
		})
	}
}

func TestCancelInTheWait(t *testing.T) {
	for _, answer := range []answerFunc{reply(429, tooMany, "Retry-After: 30"), reply(503, unavailable, "Retry-After: 30")} {
		for _, verb := range allVerbs {
			synctest.Test(t, func(t *testing.T) {
				wire := newWire(answer)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(2*time.Second, cancel)
				began := time.Now()
				err := verb.call(ctx, wire.newClient(t))
				if time.Since(began) != 2*time.Second || wire.count() != 1 {
					t.Errorf("%s: %d requests in %s", verb.name, wire.count(), time.Since(began))
				}
				e := new(Error)
				if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.RequestID != "req_body" || e.Attempts != 1 {
					t.Errorf("%s: %v", verb.name, err)
				}
				if errors.Is(err, ErrOutcomeUnknown) {
					t.Errorf("%s: %v", verb.name, err)
				}
			})
		}
	}
	t.Run("of a delete that may have been done", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			err := deleteVerb.call(ctx, newWire(reply(502, "", "Retry-After: 5")).newClient(t))
			if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrServer) || !errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("got %v", err)
			}
		})
	})
}

func TestDoneContextSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, verb := range allVerbs {
		wire := newWire(verb.success())
		err := verb.call(ctx, wire.newClient(t))
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) || wire.count() != 0 {
			t.Errorf("%s: %d requests: %v", verb.name, wire.count(), err)
		}
	}
	var none context.Context
	if err := getVerb.call(none, answering(domainAnswer).newClient(t)); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("nil context: %v", err)
	}
}

func TestTheLastErrorIsKept(t *testing.T) {
	wire := newWire(
		reply(503, apiError("ONE", "first"), "X-Request-Id: req_1"),
		fails(errReset),
		reply(502, "<html>second</html>", "Content-Type: text/html"),
		reply(503, apiError("THREE", "third"), "X-Request-Id: req_3"))
	err := getVerb.call(t.Context(), wire.newClient(t, quick))
	e := new(Error)
	if !errors.As(err, &e) || e.Attempts != 4 || e.Message != "third" || e.Code != "THREE" || e.RequestID != "req_3" || e.Status != 503 {
		t.Fatalf("got %+v", e)
	}
	for _, want := range []string{"Domains.Get", "third", "THREE", "req_3", "4 attempts"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is missing: %v", want, err)
		}
	}
	lost := new(TransportError)
	if err := getVerb.call(t.Context(), newWire(reply(500, ""), fails(errReset)).newClient(t, quick)); !errors.As(err, &lost) || lost.Attempts != 4 || !errors.Is(err, errReset) {
		t.Errorf("got %v", err)
	}
}

func TestBackoffOnTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(reply(500, ""))
		_ = getVerb.call(t.Context(), wire.newClient(t))
		got := wire.requests()
		if len(got) != 4 {
			t.Fatalf("%d attempts", len(got))
		}
		for i, bound := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
			if wait := got[i+1].at.Sub(got[i].at); wait > bound {
				t.Errorf("wait %d took %s, more than %s", i, wait, bound)
			}
		}
	})
}

// TestSilence looks at everything that a library could write to unasked.
func TestSilence(t *testing.T) {
	files := map[string]**os.File{"stdout": &os.Stdout, "stderr": &os.Stderr}
	captured := map[string]*os.File{}
	for name, place := range files {
		file, err := os.CreateTemp(t.TempDir(), name)
		if err != nil {
			t.Fatal(err)
		}
		before := *place
		captured[name], *place = file, file
		defer func() { *place = before; _ = file.Close() }()
	}
	var logged bytes.Buffer
	before := log.Writer()
	log.SetOutput(&logged)
	defer log.SetOutput(before)
	for _, trouble := range trouble {
		for _, verb := range allVerbs {
			_ = verb.call(t.Context(), newWire(trouble.answer).newClient(t, quick))
		}
	}
	if logged.Len() > 0 {
		t.Errorf("logged: %s", logged.String())
	}
	for name, file := range captured {
		if info, err := file.Stat(); err != nil || info.Size() > 0 {
			t.Errorf("%s was written to: %v, %v", name, info.Size(), err)
		}
	}
}

func TestAttemptTimeout(t *testing.T) {
	for _, verb := range allVerbs {
		synctest.Test(t, func(t *testing.T) {
			wire := newWire(silent)
			began := time.Now()
			err := verb.call(t.Context(), wire.newClient(t, quick, WithAttemptTimeout(20*time.Second)))
			want := 1
			if verb.name == "GET" || verb.name == "DELETE" {
				want = 4
			}
			if wire.count() != want || time.Since(began) != time.Duration(want)*20*time.Second {
				t.Errorf("%s: %d attempts in %s", verb.name, wire.count(), time.Since(began))
			}
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) != (verb.name != "GET") {
				t.Errorf("%s: %v", verb.name, err)
			}
		})
		synctest.Test(t, func(t *testing.T) { // the caller's deadline wins
			wire := newWire(silent)
			ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
			defer cancel()
			began := time.Now()
			err := verb.call(ctx, wire.newClient(t, quick))
			if wire.count() != 1 || time.Since(began) != 7*time.Second {
				t.Errorf("%s: %d attempts in %s", verb.name, wire.count(), time.Since(began))
			}
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, exchange.ErrAttemptTimeout) || errors.Is(err, ErrOutcomeUnknown) != (verb.name != "GET") {
				t.Errorf("%s: %v", verb.name, err)
			}
		})
		synctest.Test(t, func(t *testing.T) { // a time-out of the caller's client counts for each attempt
			wire := newWire(silent)
			client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), quick, WithHTTPClient(&http.Client{Transport: wire, Timeout: 3 * time.Second}))
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			err = verb.call(t.Context(), client)
			if took := time.Since(began); took != time.Duration(wire.count())*3*time.Second || (wire.count() == 4) != (verb.name == "GET" || verb.name == "DELETE") {
				t.Errorf("%s: %d attempts in %s", verb.name, wire.count(), took)
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", verb.name, err)
			}
		})
	}
}

// dripping gives one byte after each pause.
type dripping struct {
	ctx    context.Context
	pauses []time.Duration
}

func (d *dripping) Read(p []byte) (int, error) {
	if len(d.pauses) == 0 {
		return 0, io.EOF
	}
	pause(d.ctx, d.pauses[0])
	if d.ctx.Err() != nil {
		return 0, d.ctx.Err()
	}
	d.pauses = d.pauses[1:]
	p[0] = 'x'
	return 1, nil
}

func (*dripping) Close() error { return nil }

func TestStreamTimeout(t *testing.T) {
	const second = time.Second
	tests := map[string]struct {
		headers time.Duration
		pauses  []time.Duration
		slow    time.Duration // how long the reader takes between reads
		bytes   int
		ok      bool
	}{
		"quick":             {0, []time.Duration{0, 0, 0}, 0, 3, true},
		"long, but moving":  {25 * second, []time.Duration{25 * second, 25 * second, 25 * second, 25 * second}, 0, 4, true},
		"a pause too long":  {0, []time.Duration{second, 31 * second, second}, 0, 1, false},
		"never a byte":      {29 * second, []time.Duration{time.Hour}, 0, 0, false},
		"the reader's time": {0, []time.Duration{second, second, second}, time.Hour, 3, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wire := newWire(func(req *http.Request) (*http.Response, error) {
					pause(req.Context(), test.headers)
					return response(200, &dripping{req.Context(), test.pauses}, "Content-Type: application/pdf"), nil
				})
				client := wire.newClient(t, quick)
				call, err := client.newCall(t.Context(), byName()["Account.Profile"], request{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				var body io.ReadCloser
				call.Document = func(resp *http.Response) bool { body = resp.Body; return true }
				if err := call.run(); err != nil {
					t.Fatal(err)
				}
				defer body.Close()
				var got int
				for buf := make([]byte, 8); err == nil; {
					var n int
					n, err = body.Read(buf)
					got += n
					pause(t.Context(), test.slow)
				}
				if got != test.bytes || errors.Is(err, io.EOF) != test.ok || errors.Is(err, context.DeadlineExceeded) == test.ok {
					t.Errorf("%d bytes, %v", got, err)
				}
				if wire.count() != 1 {
					t.Errorf("%d requests", wire.count())
				}
			})
		})
	}
	t.Run("headers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			wire := newWire(silent)
			client := wire.newClient(t, quick)
			call, err := client.newCall(t.Context(), byName()["Account.Profile"], request{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			call.Document = func(*http.Response) bool { t.Error("a body"); return false }
			began := time.Now()
			if err := call.run(); !errors.Is(err, context.DeadlineExceeded) || wire.count() != 4 || time.Since(began) != 2*time.Minute {
				t.Errorf("%d requests in %s: %v", wire.count(), time.Since(began), err)
			}
		})
	})
}
