package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/program"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
	"github.com/go-hoster/hoster/tokencare"
)

func unset(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
}

var summary = regexp.MustCompile(`[1-9]\d* rotations, [1-9]\d* requests, 0 failed`)

func TestNoRequestFails(t *testing.T) {
	unset(t)
	before, _ := filepath.Glob(filepath.Join(os.TempDir(), "hoster-example-*"))
	var out strings.Builder
	if err := run(context.Background(), []string{"-every", "1s", "-for", "1500ms"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !summary.MatchString(out.String()) {
		t.Errorf("the summary:\n%s", out.String())
	}
	if after, _ := filepath.Glob(filepath.Join(os.TempDir(), "hoster-example-*")); len(after) > len(before) {
		t.Errorf("left behind: %v", after)
	}
}

// TestProvider: with the environment of a real provider the token stands in a
// file, which holds a new one in the end.
func TestProvider(t *testing.T) {
	unset(t)
	srv := hostertest.New(t)
	_, first := srv.MintToken(sandbox.TokenSpec{Name: "service", Scopes: []string{"domains:read", "account:read", "account:write"}})
	path := filepath.Join(t.TempDir(), "token")
	if err := hoster.WriteTokenFile(path, hoster.NewSecret(first)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", first)
	if err := run(context.Background(), nil, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "API_TOKEN_FILE") {
		t.Errorf("without a file: %v", err)
	}
	t.Setenv("API_TOKEN_FILE", path)
	var out strings.Builder
	if err := run(context.Background(), []string{"-every", "1s", "-for", "1500ms"}, &out); err != nil || !summary.MatchString(out.String()) {
		t.Fatalf("%v\n%s", err, out.String())
	}
	kept, err := hoster.TokenFromFile(path).Token(context.Background())
	if err != nil || kept.Reveal() == first || strings.Contains(out.String(), kept.Reveal()) {
		t.Errorf("the secret is not kept, or printed: %v", err)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-every", "0s"}, {"-every", "900ms"}, {"-for", "-1s"}, {"-nonsense"}, {"more"}} {
		var usage *program.UsageError
		if err := run(context.Background(), args, &strings.Builder{}); !errors.As(err, &usage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// open makes a service of a minted token, on the fake clock.
func open(t *testing.T, srv *hostertest.Server, hooks hoster.Hooks, transport http.RoundTripper) (*hoster.Client, tokencare.RotateOptions) {
	t.Helper()
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "service", Scopes: []string{"domains:read", "account:read", "account:write"}})
	store := tokencare.FileStore(filepath.Join(t.TempDir(), "token"))
	if err := hoster.WriteTokenFile(string(store), hoster.NewSecret(secret)); err != nil {
		t.Fatal(err)
	}
	source, err := hoster.NewRotatingToken(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithTokenSource(source), hoster.WithHooks(hooks),
		hoster.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client, tokencare.RotateOptions{Source: source, Store: store}
}

// TestStaysWithinTheRateLimit of 600 requests a minute at the shortest interval:
// no request is held back or refused in two minutes.
func TestStaysWithinTheRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t)
		var waits atomic.Int64
		client, rotation := open(t, srv, hoster.Hooks{OnWait: func(_ context.Context, e hoster.Event) {
			if e.Delay > time.Second {
				waits.Add(1)
			}
		}}, srv.PipeClient().Transport)
		var out strings.Builder
		if err := serve(t.Context(), &out, client, shortest, 2*time.Minute, rotation); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if requests := len(srv.Requests()); waits.Load() > 0 || requests > 2*600 || requests < 400 {
			t.Errorf("%d requests, %d waits", requests, waits.Load())
		}
	})
}

// TestEndsWithinASecondOfCtrlC although the provider stops answering amid a
// rotation.
func TestEndsWithinASecondOfCtrlC(t *testing.T) {
	for _, at := range []string{"GET /v1/account/tokens/current", "GET /v1/account/tokens", "DELETE /v1/account/tokens"} {
		synctest.Test(t, func(t *testing.T) {
			srv := hostertest.New(t)
			real, hung := srv.PipeClient().Transport, make(chan struct{}, 10)
			client, rotation := open(t, srv, hoster.Hooks{}, roundTripper(func(r *http.Request) (*http.Response, error) {
				if strings.HasPrefix(r.Method+" "+r.URL.Path, at) {
					hung <- struct{}{}
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return real.RoundTrip(r)
			}))
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			done := make(chan error)
			go func() { done <- serve(ctx, io.Discard, client, shortest, 0, rotation) }()
			<-hung
			began := time.Now()
			interrupt()
			err := <-done
			if took := time.Since(began); took >= time.Second || err == nil {
				t.Errorf("%s: %v after %s", at, err, took)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
