package hoster_test

import (
	"context"
	"errors"
	"net/http"
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

// blocked is a source that never looks at its context.
type blocked struct {
	asked   atomic.Int64
	release chan struct{}
}

func (b *blocked) Token(context.Context) (hoster.Secret, error) {
	b.asked.Add(1)
	<-b.release
	return hoster.NewSecret("t0ken"), nil
}

// askedClient is a client whose calls all get a domain, once they have a token.
func askedClient(t *testing.T, source hoster.TokenSource) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(hoster.WithBaseURL("https://api.example.com/v1"), hoster.WithTokenSource(source),
		hoster.WithHTTPClient(&http.Client{Transport: alwaysText(200, `{"status":"success","data":{"id":"dom_1","name":"example.com"}}`)}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestSourcesEndWithTheContext: a source that blocks holds no call longer than its
// context, and leaves one goroutine behind, not one for each call.
func TestSourcesEndWithTheContext(t *testing.T) {
	for name, wrap := range map[string]func(hoster.TokenSource) hoster.TokenSource{
		"a source":   func(s hoster.TokenSource) hoster.TokenSource { return s },
		"a function": func(s hoster.TokenSource) hoster.TokenSource { return hoster.TokenFunc(s.Token) },
		"a chain": func(s hoster.TokenSource) hoster.TokenSource {
			return hoster.ChainTokens(hoster.TokenFromEnv("NOT_SET"), s)
		},
		"a cache": func(s hoster.TokenSource) hoster.TokenSource { return hoster.CacheToken(s, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := &blocked{release: make(chan struct{})}
				client := askedClient(t, wrap(source))
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					began := time.Now()
					_, err := client.Domains.Get(ctx, "example.com")
					if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
						t.Fatalf("%v after %s", err, time.Since(began))
					}
					cancel()
				}
				if n := source.asked.Load(); n != 1 {
					t.Errorf("it was asked %d times", n)
				}
				close(source.release)
				if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil {
					t.Errorf("once it answers: %v", err)
				}
			})
		})
	}
}

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
					client := askedClient(t, source)
					var all sync.WaitGroup
					for range 3 {
						all.Go(func() {
							defer func() {
								if p := recover(); (p != nil) != (how == "panic") {
									t.Errorf("the caller gets %v", p)
								}
							}()
							if _, err := client.Domains.Get(t.Context(), "example.com"); !errors.Is(err, hoster.ErrCredentials) {
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
