package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
)

// stubborn is a source that does not look at its context: it blocks until it is
// released.
type stubborn struct {
	release       chan struct{}
	running, most atomic.Int64
	inToken       bool // or in Invalidate
}

func (s *stubborn) block(here bool) {
	if !here {
		return
	}
	if n := s.running.Add(1); n > s.most.Load() {
		s.most.Store(n)
	}
	<-s.release
	s.running.Add(-1)
}

func (s *stubborn) Token(context.Context) (hoster.Secret, error) {
	s.block(s.inToken)
	return hoster.NewSecret("token-0"), nil
}

func (s *stubborn) Invalidate(hoster.Secret) { s.block(!s.inToken) }

// sourcesOver are the ways in which a client can be given a source.
var sourcesOver = map[string]func(hoster.TokenSource) hoster.TokenSource{
	"itself":            func(s hoster.TokenSource) hoster.TokenSource { return s },
	"function":          func(s hoster.TokenSource) hoster.TokenSource { return hoster.TokenFunc(s.Token) },
	"chain":             func(s hoster.TokenSource) hoster.TokenSource { return hoster.ChainTokens(s, s) },
	"cache":             func(s hoster.TokenSource) hoster.TokenSource { return hoster.CacheToken(s, time.Second) },
	"cache of a chain":  func(s hoster.TokenSource) hoster.TokenSource { return hoster.CacheToken(hoster.ChainTokens(s), 0) },
	"chain of a cache":  func(s hoster.TokenSource) hoster.TokenSource { return hoster.ChainTokens(hoster.CacheToken(s, 0)) },
	"cache of a cache":  func(s hoster.TokenSource) hoster.TokenSource { return hoster.CacheToken(hoster.CacheToken(s, 0), 0) },
	"chain of function": func(s hoster.TokenSource) hoster.TokenSource { return hoster.ChainTokens(hoster.TokenFunc(s.Token)) },
}

// TestStubbornSources: a call ends with its context or its attempt limit,
// whatever its token source does, and one that is stuck is not asked again.
func TestStubbornSources(t *testing.T) {
	const limit = 10 * time.Second
	for name, over := range sourcesOver {
		for _, inToken := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := &stubborn{release: make(chan struct{}), inToken: inToken}
				status := http.StatusOK
				if !inToken {
					status = http.StatusUnauthorized
				}
				client := clientOver(t, over(s), &status, hoster.WithAttemptTimeout(limit))
				call := func(ctx context.Context, most time.Duration) {
					t.Helper()
					began := time.Now()
					_, err := client.Account.Profile(ctx)
					want := hoster.ErrUnauthorized
					if inToken {
						want = hoster.ErrCredentials
					}
					if !errors.Is(err, want) || inToken && !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("%s, token %v: %v", name, inToken, err)
					}
					if took := time.Since(began); took > most {
						t.Errorf("%s, token %v: took %s", name, inToken, took)
					}
				}
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					call(ctx, time.Second)
					cancel()
				}
				call(t.Context(), limit)
				if most := s.most.Load(); most > 1 {
					t.Errorf("%s, token %v: %d goroutines are stuck", name, inToken, most)
				}
				close(s.release)
				synctest.Wait()
				if s.running.Load() != 0 {
					t.Error("a goroutine is left")
				}
				status = http.StatusOK
				if _, err := client.Account.Profile(t.Context()); err != nil {
					t.Errorf("%s, token %v: afterwards: %v", name, inToken, err)
				}
			})
		}
	}
}

// clientOver is a client of a provider that answers every request with *status.
func clientOver(t *testing.T, source hoster.TokenSource, status *int, options ...hoster.Option) *hoster.Client {
	t.Helper()
	transport := answering(func(*http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(*status)
		if *status == http.StatusOK {
			fmt.Fprint(w, `{"status":"success","data":{"id":"cust_1"}}`)
		} else {
			fmt.Fprint(w, `{"status":"error","code":"TOKEN_INVALID","message":"no"}`)
		}
		return w.Result(), nil
	})
	client, err := hoster.NewClient(append(options, hoster.WithBaseURL("https://api.example.com/v1"), hoster.WithTokenSource(source), hoster.WithHTTPClient(&http.Client{Transport: transport}))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answering is a transport as a function.
type answering func(*http.Request) (*http.Response, error)

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) { return a(req) }

// TestTokenFileIsARegularFile: what would block, or is no token, is an error that
// says so and shows nothing of it.
func TestTokenFileIsARegularFile(t *testing.T) {
	dir := t.TempDir()
	pipe, large, good := filepath.Join(dir, "pipe"), filepath.Join(dir, "large"), filepath.Join(dir, "good")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(large, strings.Repeat("secret", 20_000))
	write(good, "t0ken\n")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		pipe: "regular file", dir: "regular file", "/dev/zero": "regular file", large: "longer than", filepath.Join(dir, "none"): "no such file", link: "",
	} {
		token, err := hoster.TokenFromFile(path).Token(t.Context())
		switch {
		case want == "":
			if err != nil || token.Reveal() != "t0ken" {
				t.Errorf("%s: %v", path, err)
			}
		case err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSourcesThatPanic: the panic is that of everybody who waits, and of nobody
// else; a goroutine that the source ends is an error of theirs.
func TestSourcesThatPanic(t *testing.T) {
	for how, end := range map[string]func(){"panic": func() { panic("a mistake") }, "Goexit": runtime.Goexit} {
		for name, wrap := range map[string]func(hoster.TokenFunc) hoster.TokenSource{
			"a function": func(f hoster.TokenFunc) hoster.TokenSource { return f },
			"a chain":    func(f hoster.TokenFunc) hoster.TokenSource { return hoster.ChainTokens(f) },
			"a cache":    func(f hoster.TokenFunc) hoster.TokenSource { return hoster.CacheToken(f, 0) },
		} {
			t.Run(how+" of "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					wait := make(chan struct{})
					source := wrap(func(context.Context) (hoster.Secret, error) {
						<-wait
						end()
						return hoster.Secret{}, nil
					})
					status := http.StatusOK
					client := clientOver(t, source, &status)
					var all sync.WaitGroup
					for range 3 {
						all.Go(func() {
							defer func() {
								if p := recover(); (p != nil) != (how == "panic") {
									t.Errorf("the caller gets %v", p)
								}
							}()
							if _, err := client.Account.Profile(t.Context()); !errors.Is(err, hoster.ErrCredentials) {
								t.Error(err)
							}
						})
					}
					synctest.Wait()
					close(wait)
					all.Wait()
				})
			})
		}
	}
}
