package hostertest_test

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func get(ctx context.Context, client *http.Client, url, token string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

func TestTheWaysToTheSandbox(t *testing.T) {
	srv := hostertest.New(t)
	secureURL, secure := srv.TLS()
	for _, way := range []struct {
		name, url string
		client    *http.Client
		major     int
	}{
		{"URL", srv.URL(), http.DefaultClient, 1},
		{"TLS", secureURL, secure, 2},
		{"PipeClient", srv.PipeURL(), srv.PipeClient(), 1},
	} {
		t.Run(way.name, func(t *testing.T) {
			res, body, err := get(t.Context(), way.client, way.url+"/domains/example.com", srv.RootToken())
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != 200 || res.ProtoMajor != way.major || !strings.Contains(body, `"name":"example.com"`) {
				t.Errorf("%s %s: %s", res.Proto, res.Status, body)
			}
			remove := srv.Inject(sandbox.Fault{Reset: true, Times: -1})
			defer remove()
			if _, _, err := get(t.Context(), way.client, way.url+"/domains", srv.RootToken()); err == nil {
				t.Error("a reset connection gave an answer")
			}
		})
	}
	url, client := srv.URL(), srv.PipeClient()
	if srv.URL() != url || srv.PipeClient() != client {
		t.Error("a way is not the same when asked for again")
	}
}

func TestTruncatedAnswers(t *testing.T) {
	srv := hostertest.New(t)
	secureURL, secure := srv.TLS()
	srv.Inject(sandbox.Fault{Truncate: 10, Times: -1})
	for url, client := range map[string]*http.Client{srv.URL(): http.DefaultClient, secureURL: secure, srv.PipeURL(): srv.PipeClient()} {
		res, body, err := get(t.Context(), client, url+"/account/profile", srv.RootToken())
		if err == nil || res == nil || res.ContentLength < 100 || len(body) != 10 {
			t.Errorf("%s: %d octets of %+v, error %v", url, len(body), res, err)
		}
	}
}

func TestPipeComesFromLoopback(t *testing.T) {
	srv := hostertest.New(t)
	_, here := srv.MintToken(sandbox.TokenSpec{Name: "here", IPAllowlist: []string{"127.0.0.1"}})
	_, there := srv.MintToken(sandbox.TokenSpec{Name: "there", IPAllowlist: []string{netip.MustParsePrefix("192.0.2.0/24").String()}})
	for token, want := range map[string]int{here: 200, there: 403} {
		res, _, err := get(t.Context(), srv.PipeClient(), srv.PipeURL()+"/account/tokens/current", token)
		if err != nil || res.StatusCode != want {
			t.Errorf("%v %v, want %d", res, err, want)
		}
	}
}

// TestPipeInFakeTime lets hours pass in no time: a slow answer, a client that
// gives up, a rate limit window and a token that expires.
func TestPipeInFakeTime(t *testing.T) {
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(4, time.Hour))
		client, url := srv.PipeClient(), srv.PipeURL()+"/account/tokens/current"
		_, token := srv.MintToken(sandbox.TokenSpec{Name: "short", ExpiresAt: time.Now().Add(24 * time.Hour)})
		status := func(ctx context.Context) int {
			t.Helper()
			res, _, err := get(ctx, client, url, token)
			if err != nil {
				return 0
			}
			return res.StatusCode
		}

		srv.Inject(sandbox.Fault{Delay: 30 * time.Minute, Times: 2})
		start := time.Now()
		if got := status(t.Context()); got != 200 || time.Since(start) != 30*time.Minute {
			t.Errorf("slow answer: %d after %v", got, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if got := status(ctx); got != 0 || time.Since(start) != 31*time.Minute {
			t.Errorf("client that gave up: %d after %v", got, time.Since(start))
		}
		for i, want := range []int{200, 200, 429} {
			if got := status(t.Context()); got != want {
				t.Errorf("request %d of the window: %d, want %d", i+3, got, want)
			}
		}
		time.Sleep(29 * time.Minute)
		if got := status(t.Context()); got != 200 {
			t.Errorf("in the next window: %d", got)
		}
		time.Sleep(23 * time.Hour)
		if got := status(t.Context()); got != 401 {
			t.Errorf("after the token's expiry: %d", got)
		}
	})
	if real := time.Since(began); real > 10*time.Second {
		t.Errorf("a day took %v", real)
	}
}
