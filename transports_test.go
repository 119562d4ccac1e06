package hoster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// lostServer takes requests, does the work and loses the connection.
func lostServer(t *testing.T) (url string, arrivals *atomic.Int64) {
	t.Helper()
	arrivals = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "warm") {
			writeJSON(w, 200, domainAnswer)
			return
		}
		arrivals.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1", arrivals
}

// TestTransportThatRepeats: what a caller's transport sent before it gave up
// counts as sent, whatever its last error is.
func TestTransportThatRepeats(t *testing.T) {
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	// again sends a request up to three times, and ends as if it had never had a
	// connection.
	again := func(prepare func(*http.Request) *http.Request) roundTrip {
		return func(req *http.Request) (*http.Response, error) {
			for range 3 {
				if resp, err := base.RoundTrip(prepare(req)); err == nil {
					return resp, nil
				}
			}
			return nil, errRefused
		}
	}
	transports := map[string]http.RoundTripper{
		"the same request": again(func(req *http.Request) *http.Request { return req }),
		"a copy":           again(func(req *http.Request) *http.Request { return req.Clone(req.Context()) }),
		"of its own context": again(func(req *http.Request) *http.Request {
			return req.WithContext(context.WithoutCancel(context.Background()))
		}),
		"a body that is not closed": again(func(req *http.Request) *http.Request {
			req = req.WithContext(context.Background())
			if req.Body != nil {
				req.Body = io.NopCloser(req.Body)
			}
			return req
		}),
		"a body that is kept": roundTrip(func(req *http.Request) (*http.Response, error) {
			var content []byte
			if req.Body != nil {
				content, _ = io.ReadAll(req.Body)
			}
			return again(func(req *http.Request) *http.Request {
				req = req.Clone(context.Background())
				req.Body = io.NopCloser(bytes.NewReader(content))
				req.ContentLength = int64(len(content))
				return req
			})(req)
		}),
		"nobody listens at last": roundTrip(func(req *http.Request) (*http.Response, error) {
			if resp, err := base.RoundTrip(req); err == nil {
				return resp, nil
			}
			req = req.Clone(context.Background())
			req.URL.Host = "127.0.0.9:9"
			return base.RoundTrip(req)
		}),
	}
	bare := func(method string) verb {
		return verb{name: method + " without a body", call: func(ctx context.Context, c *Client, o ...CallOption) error {
			return c.Call(ctx, CallSpec{Method: method, Segments: []string{"extra"}}, nil, o...)
		}}
	}
	for name, transport := range transports {
		for _, verb := range append(writeVerbs, bare("POST"), bare("DELETE"), bare("PUT")) {
			url, arrivals := lostServer(t)
			attempts := 0
			client, err := NewClient(WithBaseURL(url), WithToken("t0ken"), quick, WithHTTPClient(&http.Client{Transport: transport}),
				WithHooks(Hooks{OnAttempt: func(context.Context, Event) { attempts++ }}))
			if err != nil {
				t.Fatal(err)
			}
			err = verb.call(t.Context(), client)
			if attempts != 1 || arrivals.Load() < 1 || !errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("%s, %s: %d attempts, %d arrivals: %v", name, verb.name, attempts, arrivals.Load(), err)
			}
		}
	}
}

// TestTransportThatSendsTwice: one that meets a challenge and sends the request
// again, with the answer to it, works as before.
func TestTransportThatSendsTwice(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if r.Header.Get("Proof") == "" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			writeJSON(w, 200, map[string]string{"GET": domainAnswer, "POST": recordAnswer}[r.Method])
		}))
		server.EnableHTTP2 = h2
		server.StartTLS()
		defer server.Close()
		base := server.Client().Transport
		proving := roundTrip(func(req *http.Request) (*http.Response, error) {
			var content []byte
			if req.Body != nil {
				content, _ = io.ReadAll(req.Body)
			}
			for _, proof := range []string{"", "yes"} {
				try := req.Clone(req.Context())
				if try.Header.Set("Proof", proof); content != nil {
					try.Body = io.NopCloser(bytes.NewReader(content))
				}
				resp, err := base.RoundTrip(try)
				if err != nil || resp.StatusCode != http.StatusUnauthorized {
					return resp, err
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			return nil, errors.New("not proved")
		})
		client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: proving}))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, verb := range []verb{getVerb, postVerb} {
				if err := verb.call(t.Context(), client); err != nil {
					t.Errorf("HTTP2=%v, %s: %v", h2, verb.name, err)
				}
			}
		}
	}
}

// severed is a connection that nothing can be written to any more, though its
// reader has not noticed.
type severed struct {
	net.Conn
	cut *atomic.Bool
}

func (c severed) Write(p []byte) (int, error) {
	if c.cut.Load() {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	}
	return c.Conn.Write(p)
}

// TestStaleConnection: a write that meets a connection of HTTP/1 to which
// nothing can be written was not sent, and goes over another.
func TestStaleConnection(t *testing.T) {
	bare := verb{name: "POST without a body", call: func(ctx context.Context, c *Client, o ...CallOption) error {
		return c.Call(ctx, CallSpec{Method: "POST", Segments: []string{"extra"}}, nil, o...)
	}}
	for _, secure := range []bool{false, true} {
		var arrivals atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			arrivals.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			if r.Method == http.MethodDelete {
				w.WriteHeader(204)
				return
			}
			writeJSON(w, 200, map[string]string{"GET": domainAnswer, "POST": recordAnswer, "PATCH": recordAnswer}[r.Method])
		}))
		if secure {
			server.StartTLS()
		} else {
			server.Start()
		}
		defer server.Close()
		for _, verb := range []verb{getVerb, postVerb, patchVerb, deleteVerb, bare} {
			for _, options := range [][]CallOption{nil, {WithoutRetry()}} {
				name := fmt.Sprintf("TLS=%v, %s, options=%d", secure, verb.name, len(options))
				var cut *atomic.Bool
				transport := server.Client().Transport.(*http.Transport).Clone()
				transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, address)
					cut = new(atomic.Bool)
					return severed{conn, cut}, err
				}
				attempts := 0
				client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), quick, WithHTTPClient(&http.Client{Transport: transport}),
					WithHooks(Hooks{OnAttempt: func(context.Context, Event) { attempts++ }}))
				if err != nil {
					t.Fatal(err)
				}
				if err := getVerb.call(t.Context(), client); err != nil {
					t.Fatal(err)
				}
				cut.Store(true)
				arrivals.Store(0)
				attempts = 0
				err = verb.call(t.Context(), client, options...)
				transport.CloseIdleConnections()
				want := 2
				if options != nil {
					want = 1
				}
				if arrived := int64(want - 1); (err == nil) != (want == 2) || attempts != want || arrivals.Load() != arrived {
					t.Errorf("%s: %d attempts, %d arrivals: %v", name, attempts, arrivals.Load(), err)
				}
				if errors.Is(err, ErrOutcomeUnknown) && verb.name != "DELETE" { // its body is read before it is sent
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}
