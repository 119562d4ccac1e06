package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
)

// TestSecretMount: a token file follows the symlink swap with which a mounted
// secret is replaced.
func TestSecretMount(t *testing.T) {
	dir := t.TempDir()
	write := func(version, token string) {
		if err := os.MkdirAll(filepath.Join(dir, version), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, version, "token"), []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(dir, "..next")
		if err := os.Symlink(version, link); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(link, filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	write("v1", "first-token")
	if err := os.Symlink(filepath.Join("..data", "token"), filepath.Join(dir, "token")); err != nil {
		t.Fatal(err)
	}
	source := hoster.TokenFromFile(filepath.Join(dir, "token"))
	for _, want := range []string{"first-token", "second-token"} {
		if want == "second-token" {
			write("v2", want)
		}
		secret, err := source.Token(context.Background())
		if err != nil || secret.Reveal() != want {
			t.Errorf("want %s: %v", want, err)
		}
	}
}

func TestChain(t *testing.T) {
	good, err := hoster.StaticToken("good-token")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOSTER_TEST_TOKEN", "")
	chain := hoster.ChainTokens(hoster.TokenFromEnv("HOSTER_TEST_TOKEN"), nil, hoster.TokenFromFile(filepath.Join(t.TempDir(), "none")), good)
	if secret, err := chain.Token(context.Background()); err != nil || secret.Reveal() != "good-token" {
		t.Errorf("%v", err)
	}
	t.Setenv("HOSTER_TEST_TOKEN", "first-token")
	if secret, err := chain.Token(context.Background()); err != nil || secret.Reveal() != "first-token" {
		t.Errorf("%v", err)
	}
	t.Setenv("HOSTER_TEST_TOKEN", "two words")
	empty := hoster.ChainTokens(hoster.TokenFromEnv("HOSTER_TEST_TOKEN"), hoster.TokenFromFile("/nowhere/token"))
	_, err = empty.Token(context.Background())
	if err == nil || !strings.Contains(err.Error(), "HOSTER_TEST_TOKEN") || !strings.Contains(err.Error(), "/nowhere/token") || strings.Contains(err.Error(), "two words") {
		t.Errorf("the sources are not named, or their content is: %v", err)
	}
	invalidated := &caching{}
	hoster.ChainTokens(good, invalidated).(hoster.Invalidator).Invalidate(hoster.NewSecret("token-0"))
	if invalidated.rejected.Load() != 1 {
		t.Error("the word is not passed on")
	}
}

// caching is a source that gives old-1 until it is told that it was rejected.
type caching struct{ asked, rejected atomic.Int64 }

func (c *caching) Token(context.Context) (hoster.Secret, error) {
	c.asked.Add(1)
	return hoster.NewSecret(fmt.Sprintf("token-%d", c.rejected.Load())), nil
}

func (c *caching) Invalidate(rejected hoster.Secret) {
	if rejected.Reveal() == fmt.Sprintf("token-%d", c.rejected.Load()) {
		c.rejected.Add(1)
	}
}

// TestRejectedTokenIsRenewedOnce: a source that caches is told which token was
// rejected, and the call is repeated once.
func TestRejectedTokenIsRenewedOnce(t *testing.T) {
	for good, want := range map[string]int{"token-1": 2, "token-7": 2} {
		hits := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hits++
			w.Header().Set("Content-Type", "application/json")
			if r.Header.Get("Authorization") != "Bearer "+good {
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `{"status":"error","code":"TOKEN_EXPIRED","message":"expired"}`)
				return
			}
			fmt.Fprint(w, `{"status":"success","data":{"id":"cust_1"}}`)
		}))
		source := &caching{}
		client, err := hoster.NewClient(hoster.WithBaseURL(server.URL), hoster.WithTokenSource(source))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Account.Profile(context.Background())
		if (good == "token-1") != (err == nil) || hits != want || source.rejected.Load() != 1 {
			t.Errorf("%s: %d requests, %d rejections, %v", good, hits, source.rejected.Load(), err)
		}
		server.Close()
	}
}

// TestCachedToken asks the other source once for all who wait, again when the
// token is old or was rejected, and does not let one who leaves spoil it.
func TestCachedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		slow := hoster.TokenFunc(func(ctx context.Context) (hoster.Secret, error) {
			n := asked.Add(1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return hoster.Secret{}, ctx.Err()
			}
			return hoster.NewSecret(fmt.Sprintf("token-%d", n)), nil
		})
		source := hoster.CacheToken(slow, time.Minute)
		leaving, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range 100 {
			ctx := t.Context()
			if i == 0 {
				ctx = leaving
			}
			all.Go(func() {
				secret, err := source.Token(ctx)
				if ctx == leaving {
					if !errors.Is(err, context.Canceled) {
						t.Errorf("left, but: %v", err)
					}
				} else if err != nil || secret.Reveal() != "token-1" {
					t.Errorf("%v", err)
				}
			})
			if i == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		leave()
		all.Wait()
		if asked.Load() != 1 {
			t.Errorf("asked %d times", asked.Load())
		}
		want := func(text string, what string) {
			t.Helper()
			if secret, err := source.Token(t.Context()); err != nil || secret.Reveal() != text {
				t.Errorf("%s: %v", what, err)
			}
		}
		want("token-1", "kept")
		source.(hoster.Invalidator).Invalidate(hoster.NewSecret("another"))
		want("token-1", "another was rejected")
		source.(hoster.Invalidator).Invalidate(hoster.NewSecret("token-1"))
		want("token-2", "rejected")
		time.Sleep(time.Minute)
		want("token-3", "old")
	})
}

// TestReplaceUnderLoad: while a hundred goroutines call, the token is replaced
// again and again: each request carries one whole token, and none that arrives
// after Replace returned carries one from before.
func TestReplaceUnderLoad(t *testing.T) {
	var least atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		floor := least.Load()
		var n int64
		if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer token-%d", &n); err != nil || n < floor {
			t.Errorf("%q arrived after token-%d was in place", r.Header.Get("Authorization"), floor)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"status":"success","data":{"id":"cust_1"}}`)
	}))
	defer server.Close()
	source, err := hoster.NewRotatingToken(context.Background(), fixed("token-0"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := hoster.NewClient(hoster.WithBaseURL(server.URL), hoster.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for range 100 {
		workers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := client.Account.Profile(context.Background()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := int64(1); n <= 20; n++ {
		if err := source.Replace(context.Background(), hoster.NewSecret(fmt.Sprintf("token-%d", n))); err != nil {
			t.Error(err)
		}
		least.Store(n)
	}
	close(stop)
	workers.Wait()
}

func TestReplaceArguments(t *testing.T) {
	if _, err := hoster.NewRotatingToken(context.Background(), fixed(" ")); !errors.Is(err, hoster.ErrCredentials) {
		t.Errorf("an empty token: %v", err)
	}
	if _, err := hoster.NewRotatingToken(context.Background(), nil); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Errorf("no source: %v", err)
	}
	source, err := hoster.NewRotatingToken(context.Background(), fixed("token-0"))
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Replace(context.Background(), hoster.Secret{}); err == nil {
		t.Error("no token")
	}
	if err := source.Replace(context.Background(), hoster.NewSecret("token-0")); err != nil {
		t.Error(err)
	}
	if text := fmt.Sprintf("%v %+v %#v", source, source, source); strings.Contains(text, "token-0") {
		t.Error(text)
	}
}

// fixed is a source that gives the token, unchecked.
func fixed(token string) hoster.TokenSource {
	return hoster.TokenFunc(func(context.Context) (hoster.Secret, error) { return hoster.NewSecret(token), nil })
}

// TestRotatingTokenAsksAgain: after a 401 the source may have a token that
// another process stored. The call is repeated with it, once, and later calls
// carry it.
func TestRotatingTokenAsksAgain(t *testing.T) {
	var valid atomic.Value
	arrivals := make(chan string, 10)
	valid.Store("token-0")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		arrivals <- token
		w.Header().Set("Content-Type", "application/json")
		if token != valid.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"status":"error","code":"TOKEN_REVOKED","message":"no"}`)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"id":"cust_1"}}`)
	}))
	defer server.Close()
	stored, broken := "token-0", error(nil)
	ctx := context.Background()
	source, err := hoster.NewRotatingToken(ctx, hoster.TokenFunc(func(context.Context) (hoster.Secret, error) { return hoster.NewSecret(stored), broken }))
	if err != nil {
		t.Fatal(err)
	}
	client := sourceClient(t, server.URL, source)
	call := func(step string, works bool, want ...string) {
		t.Helper()
		_, err := client.Account.Profile(ctx)
		var arrived []string
		for len(arrivals) > 0 {
			arrived = append(arrived, <-arrivals)
		}
		if (err == nil) != works || !works && !errors.Is(err, hoster.ErrUnauthorized) || !slices.Equal(arrived, want) {
			t.Errorf("%s: %v, %v", step, arrived, err)
		}
	}
	call("at first", true, "token-0")
	stored = "token-1"
	call("not rejected", true, "token-0")
	valid.Store("token-1")
	call("rotated elsewhere", true, "token-0", "token-1")
	call("afterwards", true, "token-1")
	valid.Store("token-2")
	call("nothing stored", false, "token-1")
	broken = errors.New("the store is down")
	call("no store", false, "token-1")
	stored, broken = "token-2", nil
	call("stored late", true, "token-1", "token-2")
}

// TestReplaceWaitsForAllOlderTokens: a token that is put in place again and
// again still waits for whatever carries an older one.
func TestReplaceWaitsForAllOlderTokens(t *testing.T) {
	hold, arrived := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-hold
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"status":"success","data":{"id":"cust_1"}}`)
	}))
	defer server.Close()
	ctx := context.Background()
	source, err := hoster.NewRotatingToken(ctx, fixed("token-0"))
	if err != nil {
		t.Fatal(err)
	}
	client := sourceClient(t, server.URL, source)
	done := make(chan error)
	go func() { done <- second(client.Account.Profile(ctx)) }()
	<-arrived
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for _, token := range []string{"token-1", "token-1", "token-2"} {
		if err := source.Replace(gone, hoster.NewSecret(token)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s did not wait: %v", token, err)
		}
	}
	replaced := make(chan error)
	go func() { replaced <- source.Replace(ctx, hoster.NewSecret("token-2")) }()
	close(hold)
	if err := <-replaced; err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := source.Replace(gone, hoster.NewSecret("token-3")); err != nil {
		t.Errorf("nothing to wait for: %v", err)
	}
}

func sourceClient(t *testing.T, baseURL string, source hoster.TokenSource) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(hoster.WithBaseURL(baseURL), hoster.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}
