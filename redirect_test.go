package hoster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// recorder keeps what reached a server.
type recorder struct {
	mu  sync.Mutex
	got []sent
}

func (r *recorder) add(req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, sent{method: req.Method, url: req.URL.RequestURI(), header: req.Header.Clone(), body: string(body)})
}

func (r *recorder) take() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

// stage is the API at https://api.example.com, which redirects, and whoever
// listens at any other address, over TLS and without.
type stage struct {
	home, foreign recorder
	redirect      func(http.ResponseWriter, *http.Request)
	abroad        func(http.ResponseWriter, *http.Request) // nil answers with a domain
	dial          func(context.Context, string, string) (net.Conn, error)
}

func newStage(t *testing.T) *stage {
	s := &stage{}
	home := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.home.add(r)
		if strings.HasPrefix(r.URL.Path, "/v1/there") {
			writeJSON(w, 200, domainAnswer)
			return
		}
		s.redirect(w, r)
	}))
	away := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.foreign.add(r)
		if s.abroad != nil {
			s.abroad(w, r)
			return
		}
		writeJSON(w, 200, domainAnswer)
	})
	secure, plain := httptest.NewTLSServer(away), httptest.NewServer(away)
	t.Cleanup(func() { home.Close(); secure.Close(); plain.Close() })
	s.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		target := secure
		switch {
		case strings.ToLower(address) == "api.example.com:443":
			target = home
		case strings.HasSuffix(address, ":80"):
			target = plain
		}
		return (&net.Dialer{}).DialContext(ctx, network, target.Listener.Addr().String())
	}
	return s
}

// clients are a client with its own transport, and one with a caller's client
// that would follow anything.
func (s *stage) clients(t *testing.T) map[string]*Client {
	t.Helper()
	trusting := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // servers of this test
	base := []Option{WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), quick}
	own, err := NewClient(base...)
	if err != nil {
		t.Fatal(err)
	}
	own.exchange.Transport().DialContext, own.exchange.Transport().TLSClientConfig = s.dial, trusting
	transport := &http.Transport{DialContext: s.dial, TLSClientConfig: trusting}
	callers, err := NewClient(append(base, WithHTTPClient(&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return nil },
	}))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.CloseIdleConnections(); transport.CloseIdleConnections() })
	return map[string]*Client{"default client": own, "caller's client": callers}
}

func TestRedirects(t *testing.T) {
	targets := map[string]struct {
		location, shown string
		home            bool
	}{
		"other host":      {"https://other.example/v1/there?s3cret=1", "https://other.example/v1/there", false},
		"other port":      {"https://api.example.com:8443/v1/there?s3cret=1", "https://api.example.com:8443/v1/there", false},
		"subdomain":       {"https://evil.api.example.com/v1/there?s3cret=1", "https://evil.api.example.com/v1/there", false},
		"parent domain":   {"https://example.com/v1/there?s3cret=1", "https://example.com/v1/there", false},
		"downgrade":       {"http://api.example.com/v1/there?s3cret=1", "http://api.example.com/v1/there", false},
		"without scheme":  {"//other.example/v1/there?s3cret=1", "//other.example/v1/there", false},
		"home as user":    {"https://api.example.com:s3cret@other.example/v1/there", "https://other.example/v1/there", false},
		"same origin":     {"https://API.example.com:443/v1/there?s3cret=1#s3cret", "https://API.example.com:443/v1/there", true},
		"same origin, //": {"//api.example.com/v1/there?s3cret=1", "//api.example.com/v1/there", true},
		"a path":          {"/v1/there?s3cret=1", "/v1/there", true},
	}
	s := newStage(t)
	clients := s.clients(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for where, target := range targets {
			s.redirect = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", target.location)
				w.WriteHeader(status)
			}
			for whose, client := range clients {
				for _, verb := range []verb{getVerb, postVerb, patchVerb, deleteVerb} {
					t.Run(fmt.Sprintf("%d/%s/%s/%s", status, where, whose, verb.name), func(t *testing.T) {
						err := verb.call(t.Context(), client)
						home, foreign := s.home.take(), s.foreign.take()
						for _, r := range foreign {
							t.Errorf("%s %s left for elsewhere, with token %q and body %q", r.method, r.url, r.header.Get("Authorization"), r.body)
						}
						if verb.name == "GET" && target.home {
							if err != nil || len(home) != 2 || home[1].header.Get("Authorization") != "Bearer t0ken" {
								t.Errorf("not followed at home: %d requests, %v", len(home), err)
							}
							return
						}
						if len(home) != 1 {
							t.Errorf("%d requests at home", len(home))
						}
						e := new(Error)
						if !errors.Is(err, ErrRedirect) || !errors.As(err, &e) {
							t.Fatalf("got %v", err)
						}
						if e.Status != status || e.Location != target.shown || !strings.Contains(err.Error(), target.shown) {
							t.Errorf("%d to %q, want %q: %v", e.Status, e.Location, target.shown, err)
						}
						// 307 and 308 say that the request belongs elsewhere; the others may answer work that was done.
						if unknown := verb.name != "GET" && status < 307; errors.Is(err, ErrOutcomeUnknown) != unknown {
							t.Errorf("outcome unknown is wrong: %v", err)
						}
						if strings.Contains(err.Error(), "s3cret") || errors.Is(err, ErrIntermediary) || errors.Is(err, ErrNotFound) {
							t.Errorf("got %v", err)
						}
					})
				}
			}
		}
	}
}

func TestRedirectLoopsEnd(t *testing.T) {
	s := newStage(t)
	for name, redirect := range map[string]http.HandlerFunc{
		"to itself": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"ever deeper": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"/x", http.StatusTemporaryRedirect)
		},
	} {
		s.redirect = redirect
		for whose, client := range s.clients(t) {
			err := getVerb.call(t.Context(), client)
			if hops := len(s.home.take()); !errors.Is(err, ErrRedirect) || hops != 10 {
				t.Errorf("%s, %s: %d hops: %v", name, whose, hops, err)
			}
		}
	}
}

func TestRedirectsThatPointNowhere(t *testing.T) {
	for name, headers := range map[string][]string{
		"no location":      nil,
		"empty":            {"Location: "},
		"cannot be parsed": {"Location: https://[s3cret"},
		"bad escape":       {"Location: https://other.example/%zz?s3cret"},
	} {
		for _, verb := range []verb{getVerb, postVerb} {
			wire := newWire(reply(302, "<html>moved</html>", headers...))
			err := verb.call(t.Context(), wire.newClient(t, quick))
			if !errors.Is(err, ErrRedirect) || wire.count() != 1 || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s, %s: %d requests: %v", name, verb.name, wire.count(), err)
			}
		}
	}
}

// TestCallersRefusalStands keeps a caller's own check that forbids more.
func TestCallersRefusalStands(t *testing.T) {
	own := errors.New("no redirects here")
	for _, answer := range []error{own, http.ErrUseLastResponse} {
		wire := newWire(reply(302, "", "Location: /v1/there"), reply(200, domainAnswer))
		callers := wire.client()
		callers.CheckRedirect = func(*http.Request, []*http.Request) error { return answer }
		client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(callers), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
		if err != nil {
			t.Fatal(err)
		}
		err = getVerb.call(t.Context(), client)
		if wire.count() != 1 || !errors.Is(err, own) && !errors.Is(err, ErrRedirect) {
			t.Errorf("%d requests: %v", wire.count(), err)
		}
	}
}

// TestRedirectsKeepHeaders: a hop carries what every request does, except where
// the caller's own check says otherwise.
func TestRedirectsKeepHeaders(t *testing.T) {
	wire := newWire(reply(302, "", "Location: /v1/elsewhere"), reply(200, domainAnswer))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(mustURL(t, "https://api.example.com/v1"), []*http.Cookie{{Name: "a", Value: "b", Path: "/"}})
	caller := wire.client()
	caller.Jar = jar
	caller.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		req.Header.Set("User-Agent", "changed")
		return nil
	}
	if err := getVerb.call(t.Context(), wire.newClient(t, WithHTTPClient(caller))); err != nil {
		t.Fatal(err)
	}
	for i, agent := range []string{"hoster/" + Version, "changed"} {
		got := wire.requests()[i].header
		if got.Get("Accept") != "application/json" || got.Get("Authorization") != "Bearer t0ken" || got.Get("Cookie") != "a=b" {
			t.Errorf("request %d: %v", i+1, got)
		}
		if !strings.Contains(got.Get("User-Agent"), agent) {
			t.Errorf("request %d comes from %q", i+1, got.Get("User-Agent"))
		}
	}
}

// TestCookiesDoNotAddUp: each attempt carries the cookies of the caller's jar
// once.
func TestCookiesDoNotAddUp(t *testing.T) {
	wire := newWire(reply(503, "", "Retry-After: 0"), reply(503, "", "Retry-After: 0"), reply(200, domainAnswer))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(mustURL(t, "https://api.example.com/v1"), []*http.Cookie{{Name: "a", Value: "b", Path: "/"}})
	caller := wire.client()
	caller.Jar = jar
	if err := getVerb.call(t.Context(), wire.newClient(t, quick, WithHTTPClient(caller))); err != nil || wire.count() != 3 {
		t.Errorf("%d attempts: %v", wire.count(), err)
	}
	for i, request := range wire.requests() {
		if got := request.header["Cookie"]; !slices.Equal(got, []string{"a=b"}) {
			t.Errorf("attempt %d: %q", i+1, got)
		}
	}
}
