package hoster

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// countingSource gives t1, t2 and so on, or fails where an error stands.
type countingSource struct {
	mu     sync.Mutex
	asked  int
	tokens []any // strings, or errors
}

func (s *countingSource) Token(context.Context) (Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := s.tokens[min(s.asked, len(s.tokens)-1)]
	s.asked++
	if err, ok := token.(error); ok {
		return Secret{}, err
	}
	return NewSecret(token.(string)), nil
}

func sourceOf(tokens ...any) *countingSource { return &countingSource{tokens: tokens} }

func (w *fakeWire) newSourceClient(t testing.TB, source TokenSource, options ...Option) *Client {
	t.Helper()
	client, err := NewClient(append([]Option{WithBaseURL("https://api.example.com/v1"), WithTokenSource(source), WithHTTPClient(w.client())}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// tokensOf lists the tokens that the wire saw.
func (w *fakeWire) tokensOf() string {
	var tokens []string
	for _, r := range w.requests() {
		tokens = append(tokens, strings.TrimPrefix(r.header.Get("Authorization"), "Bearer "))
	}
	return strings.Join(tokens, " ")
}

// quick has no waits, so that a real clock does not matter.
var quick = WithRetryPolicy(RetryPolicy{MaxAttempts: 4})

func TestSourceIsAskedForEachAttempt(t *testing.T) {
	wire := newWire(reply(500, ""), fails(errors.New("reset")), reply(200, domainAnswer))
	client := wire.newSourceClient(t, sourceOf("t1", "t2", "t3"), quick)
	if err := getVerb.call(t.Context(), client); err != nil || wire.tokensOf() != "t1 t2 t3" {
		t.Errorf("tokens %s: %v", wire.tokensOf(), err)
	}
}

func TestSourceThatFails(t *testing.T) {
	vault := errors.New("vault is sealed")
	for _, verb := range allVerbs {
		t.Run(verb.name, func(t *testing.T) {
			wire := answering(verb.answer)
			source := sourceOf(vault)
			err := verb.call(t.Context(), wire.newSourceClient(t, source, quick))
			if !errors.Is(err, ErrCredentials) || !errors.Is(err, vault) || !strings.Contains(err.Error(), "vault is sealed") {
				t.Errorf("got %v", err)
			}
			if e := new(Error); errors.As(err, &e) || errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("nothing was sent: %v", err)
			}
			if wire.count() != 0 || source.asked != 1 {
				t.Errorf("asked %d times, %d requests", source.asked, wire.count())
			}
		})
	}
	t.Run("later", func(t *testing.T) {
		wire := newWire(reply(503, ""))
		err := getVerb.call(t.Context(), wire.newSourceClient(t, sourceOf("t1", vault), quick))
		if !errors.Is(err, ErrCredentials) || wire.count() != 1 {
			t.Errorf("%d requests: %v", wire.count(), err)
		}
	})
	t.Run("later, after a write that may have been done", func(t *testing.T) {
		wire := newWire(reply(503, ""))
		err := deleteVerb.call(t.Context(), wire.newSourceClient(t, sourceOf("t1", vault), quick))
		if !errors.Is(err, ErrCredentials) || !errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		wire := answering(domainAnswer)
		source := TokenFunc(func(context.Context) (Secret, error) { return Secret{}, nil })
		if err := getVerb.call(t.Context(), wire.newSourceClient(t, source)); !errors.Is(err, ErrCredentials) || wire.count() != 0 {
			t.Errorf("got %v", err)
		}
	})
}

func TestSourceGetsTheContext(t *testing.T) {
	type key struct{}
	wire := answering(domainAnswer)
	client := wire.newSourceClient(t, TokenFunc(func(ctx context.Context) (Secret, error) {
		if name, ok := ctx.Value(key{}).(string); ok {
			return NewSecret(name), nil
		}
		<-ctx.Done()
		return Secret{}, ctx.Err()
	}))
	if err := getVerb.call(context.WithValue(t.Context(), key{}, "mine"), client); err != nil || wire.tokensOf() != "mine" {
		t.Errorf("tokens %s: %v", wire.tokensOf(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if err := getVerb.call(ctx, client); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestUnauthorizedAsksForAnotherToken(t *testing.T) {
	denied := reply(401, apiError("TOKEN_REVOKED", "no"))
	tests := map[string]struct {
		source  *countingSource
		options []Option
		opts    []CallOption
		tokens  string // on the wire
		ok      bool
	}{
		"another token":             {source: sourceOf("old", "new"), tokens: "old new", ok: true},
		"the same token":            {source: sourceOf("old"), tokens: "old"},
		"another, once only":        {source: sourceOf("old", "old2", "old3", "old4"), tokens: "old old3"},
		"the source fails":          {source: sourceOf("old", errors.New("sealed")), tokens: "old"},
		"the source gives nonsense": {source: sourceOf("old", "no token"), tokens: "old"},
		"no repetition allowed":     {source: sourceOf("old", "new"), opts: []CallOption{WithoutRetry()}, tokens: "old"},
		"one attempt":               {source: sourceOf("old", "new"), options: []Option{WithRetryPolicy(RetryPolicy{MaxAttempts: 1})}, tokens: "old"},
	}
	for name, test := range tests {
		for _, verb := range allVerbs {
			t.Run(name+"/"+verb.name, func(t *testing.T) {
				source := sourceOf(test.source.tokens...)
				wire := newWire(func(req *http.Request) (*http.Response, error) {
					if req.Header.Get("Authorization") != "Bearer new" {
						return denied(req)
					}
					if verb.answer == "" {
						return reply(204, "")(req)
					}
					return reply(200, verb.answer)(req)
				})
				err := verb.call(t.Context(), wire.newSourceClient(t, source, append([]Option{quick}, test.options...)...), test.opts...)
				if wire.tokensOf() != test.tokens {
					t.Errorf("sent %q, want %q", wire.tokensOf(), test.tokens)
				}
				if test.ok != (err == nil) {
					t.Fatalf("got %v", err)
				}
				if err != nil && (!errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrOutcomeUnknown)) {
					t.Errorf("got %v", err)
				}
				sent := wire.requests()
				if last := sent[len(sent)-1]; last.body != sent[0].body || last.key() != sent[0].key() {
					t.Error("the repetition differs")
				}
			})
		}
	}
}

// TestNobodySeesTheHeader looks at all requests that the caller's code meets.
func TestNobodySeesTheHeader(t *testing.T) {
	var met atomic.Int64
	look := func(where string, req *http.Request) {
		met.Add(1)
		for ; req != nil; req = req.Response.Request {
			if req.Header.Get("Authorization") != "" {
				t.Errorf("%s shows the header", where)
			}
			if req.Response == nil {
				break
			}
		}
	}
	wire := newWire(reply(302, "", "Location: /v1/there"), reply(200, domainAnswer))
	callers := wire.client()
	callers.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		look("CheckRedirect", req)
		for _, earlier := range via {
			look("via", earlier)
		}
		return nil
	}
	client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(callers))
	if err != nil {
		t.Fatal(err)
	}
	if err := getVerb.call(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if met.Load() != 2 || wire.tokensOf() != "t0ken t0ken" {
		t.Errorf("met %d requests, tokens %q", met.Load(), wire.tokensOf())
	}
}

func TestFileAndEnvironmentAreReadAgain(t *testing.T) {
	const name = "HOSTER_TEST_TOKEN"
	file := filepath.Join(t.TempDir(), "token")
	set := func(token string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, token)
	}
	for kind, source := range map[string]TokenSource{file: TokenFromFile(file), name: TokenFromEnv(name)} {
		wire := newWire(
			func(req *http.Request) (*http.Response, error) { set("second"); return reply(500, "")(req) },
			func(req *http.Request) (*http.Response, error) {
				set("third")
				return reply(401, apiError("TOKEN_EXPIRED", "old"))(req)
			},
			reply(200, domainAnswer))
		set("first")
		client := wire.newSourceClient(t, source, quick)
		if err := getVerb.call(t.Context(), client); err != nil || wire.tokensOf() != "first second third" {
			t.Errorf("%s: tokens %s: %v", kind, wire.tokensOf(), err)
		}
		set("pa55 pa55")
		err := getVerb.call(t.Context(), client)
		if !errors.Is(err, ErrCredentials) || !strings.Contains(err.Error(), kind) || strings.Contains(err.Error(), "pa55") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	_ = os.Remove(file)
	wire := answering(domainAnswer)
	if err := getVerb.call(t.Context(), wire.newSourceClient(t, TokenFromFile(file))); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
}

// TestTokenSwap replaces the token under many goroutines: each request carries
// one token or the other, whole.
func TestTokenSwap(t *testing.T) {
	var current atomic.Pointer[Secret]
	swap := func(token string) { s := NewSecret(token); current.Store(&s) }
	swap("even")
	wire := answering(domainAnswer)
	client := wire.newSourceClient(t, TokenFunc(func(context.Context) (Secret, error) { return *current.Load(), nil }))
	var running sync.WaitGroup
	for i := range 100 {
		running.Go(func() {
			swap([]string{"even", "odd"}[i%2])
			if err := getVerb.call(t.Context(), client); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	for token := range strings.FieldsSeq(wire.tokensOf()) {
		if token != "even" && token != "odd" {
			t.Errorf("sent %q", token)
		}
	}
}
