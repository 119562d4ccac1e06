package replay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	errDial  = fmt.Errorf("around: %w", &net.OpError{Op: "dial", Err: errors.New("refused")})
	errReset = &net.OpError{Op: "read", Err: errors.New("reset")}
)

// TestUnsent holds what was seen of a write against its error.
func TestUnsent(t *testing.T) {
	const (
		refusedText = "http2: Transport: cannot retry err [stream error: stream ID 5; REFUSED_STREAM; received from peer] after Request.Body was written; define Request.GetBody to avoid this error"
		goAwayText  = "http2: Transport: cannot retry err [http2: Transport received Server's graceful shutdown GOAWAY] after Request.Body was written; define Request.GetBody to avoid this error"
		firstText   = "http2: Transport received GOAWAY from server ErrCode:ENHANCE_YOUR_CALM"
		closedText  = "http2: server sent GOAWAY and closed the connection; LastStreamID=5, ErrCode=NO_ERROR, debug=\"http2: Transport received Server's graceful shutdown GOAWAY\""
		resetText   = "http2: Transport: cannot retry err [stream error: stream ID 5; PROTOCOL_ERROR; received from peer] after Request.Body was written; define Request.GetBody to avoid this error"
	)
	looked := func(s *Sent) { s.getConn("") }
	had := func(s *Sent) { s.gotConn(httptrace.GotConnInfo{}) }
	wrote := func(s *Sent) { s.wroteField("Host", nil) }
	wrote2 := func(s *Sent) { s.wroteField(":authority", nil) }
	failed := func(s *Sent) { s.wroteRequest(httptrace.WroteRequestInfo{Err: errReset}) }
	finished := func(s *Sent) { s.wroteRequest(httptrace.WroteRequestInfo{}) }
	read := func(s *Sent) { _, _ = s.body.Read(make([]byte, 9)) }
	closed := func(s *Sent) { _ = s.body.Close() }
	type steps []func(*Sent)
	for _, test := range []struct {
		name               string
		seen               steps
		err                error
		own, over, wrapped bool // unsent: over net/http, there after the attempt's end, over a caller's transport
	}{
		{"nothing", nil, errReset, false, false, false},
		{"no connection", steps{looked, closed}, errReset, true, true, false},
		{"a failed dial", steps{looked, closed}, errDial, true, true, true},
		{"a failed dial that nobody watched", steps{closed}, errDial, true, true, true},
		{"a failed dial, nothing closed", nil, errDial, true, true, true},
		{"a name that is not there", steps{closed}, &net.DNSError{}, true, true, true},
		{"a bad certificate", steps{closed}, &tls.CertificateVerificationError{Err: errors.New("x")}, true, true, true},
		{"no TLS", steps{closed}, tls.RecordHeaderError{}, true, true, true},
		{"a transport says so", steps{closed}, fmt.Errorf("limiter: %w", ErrNotSent), true, true, true},
		{"a transport says so after two tries", steps{closed, closed}, ErrNotSent, true, true, false},
		{"a transport says so after reading", steps{read, closed}, ErrNotSent, false, false, false},
		{"a transport says so after a connection", steps{looked, had, closed}, ErrNotSent, true, false, false},
		{"a failed dial after two tries", steps{closed, closed}, errDial, true, true, false},
		{"a failed dial after reading", steps{looked, read, closed}, errDial, false, false, false},
		{"a failed dial after a connection", steps{looked, had, closed}, errDial, true, false, false},
		{"a failed dial after writing", steps{looked, had, wrote, closed}, errDial, false, false, false},
		{"no TLS amid the answer", steps{looked, had, wrote, read, closed}, tls.RecordHeaderError{}, false, false, false},
		{"nothing written", steps{looked, had, closed}, errReset, true, false, false},
		{"headers may have left", steps{looked, had, wrote, closed}, errReset, false, false, false},
		{"headers did not leave", steps{looked, had, wrote, failed, closed}, errReset, true, false, false},
		{"headers were written", steps{looked, had, wrote, finished, closed}, errReset, false, false, false},
		{"a body did not leave", steps{looked, had, wrote, read, failed, closed}, errReset, false, false, false},
		{"over HTTP/2", steps{looked, had, wrote2, failed, closed}, errReset, false, false, false},
		{"refused", steps{looked, had, wrote2, read, closed}, errors.New(refusedText), true, true, false},
		{"refused, wrapped", steps{looked, had, wrote2, read, closed}, fmt.Errorf("around: %w", errors.New(refusedText)), true, true, false},
		{"beyond the last stream", steps{looked, had, wrote2, read, closed}, errors.New(goAwayText), true, true, false},
		{"the first stream is beyond it", steps{looked, had, wrote2, read, closed}, errors.New(firstText), true, true, false},
		{"within the last stream", steps{looked, had, wrote2, read, closed}, errors.New(closedText), false, false, false},
		{"another reset", steps{looked, had, wrote2, read, closed}, errors.New(resetText), false, false, false},
	} {
		for what, want := range map[[2]bool]bool{{true, false}: test.own, {true, true}: test.over, {false, false}: test.wrapped} {
			s := new(Sent)
			s.Body([]byte("content"))
			for _, step := range test.seen {
				step(s)
			}
			if got := s.Unsent(test.err, what[0], what[1]); got != want {
				t.Errorf("%s, own=%v, over=%v: %v", test.name, what[0], what[1], got)
			}
		}
	}
}

func TestBody(t *testing.T) {
	for _, content := range []string{"", "content"} {
		s := new(Sent)
		body := s.Body([]byte(content))
		got, err := io.ReadAll(body)
		if string(got) != content || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if want := map[bool]int64{true: -1, false: int64(len(content))}[content == ""]; Length([]byte(content)) != want {
			t.Errorf("length %d", Length([]byte(content)))
		}
		_ = body.Close()
		if n, err := body.Read(make([]byte, 1)); n != 0 || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("after Close: %d, %v", n, err)
		}
	}
}

// fakeConn tells whether it was closed, and which protocol was agreed on.
type fakeConn struct {
	net.Conn
	protocol string
	closed   bool
}

func (c *fakeConn) Close() error { c.closed = true; return nil }
func (c *fakeConn) ConnectionState() tls.ConnectionState {
	return tls.ConnectionState{NegotiatedProtocol: c.protocol}
}

// plainConn has no TLS.
type plainConn struct {
	net.Conn
	conn *fakeConn
}

func (c plainConn) Close() error { return c.conn.Close() }

// TestSecondConnection: after an unanswered request was written, a connection of
// HTTP/1 is closed and one of HTTP/2 left to others, and the attempt ends.
func TestSecondConnection(t *testing.T) {
	writes := func(name string) func(*Sent) { return func(s *Sent) { s.wroteField(name, nil) } }
	for _, test := range []struct {
		name     string
		first    []func(*Sent)
		protocol string
		plain    bool
		stops    bool
		closes   bool
	}{
		{"nothing was written", nil, "", false, false, false},
		{"HTTP/1", []func(*Sent){writes("Host")}, "", false, true, true},
		{"HTTP/1 by ALPN", []func(*Sent){writes("Host")}, "http/1.1", false, true, true},
		{"HTTP/2", []func(*Sent){writes(":authority"), writes("accept")}, "h2", false, true, false},
		{"HTTP/2, then HTTP/1", []func(*Sent){writes(":authority")}, "http/1.1", false, true, true},
		{"HTTP/1 without TLS", []func(*Sent){writes("Host")}, "", true, true, true},
		{"HTTP/2 without TLS", []func(*Sent){writes(":authority")}, "", true, true, false},
		{"an answer came", []func(*Sent){writes("Host"), (*Sent).answered}, "", false, false, false},
		{"only a 1xx came", []func(*Sent){writes("Host"), (*Sent).answered, func(s *Sent) { _ = s.informed(103, nil) }}, "", false, true, true},
		{"the second of two", []func(*Sent){writes("Host"), (*Sent).answered, writes("Host")}, "", false, true, true},
	} {
		stopped := 0
		s := new(Sent)
		trace := httptrace.ContextClientTrace(s.Watch(t.Context(), func() { stopped++ }))
		for _, step := range test.first {
			step(s)
		}
		conn := &fakeConn{protocol: test.protocol}
		info := httptrace.GotConnInfo{Conn: conn}
		if test.plain {
			info.Conn = plainConn{conn: conn}
		}
		trace.GetConn("")
		if (stopped > 0) != test.stops {
			t.Errorf("%s: stopped %d times before there was a connection", test.name, stopped)
		}
		trace.GotConn(info)
		if (stopped > 1) != test.stops || conn.closed != test.closes {
			t.Errorf("%s: stopped %d times, closed: %v", test.name, stopped, conn.closed)
		}
	}
}

// TestIdleConnectionsAreNoSecondTry: net/http repeats a read by itself when the
// connection that it waited on was an old one, and another is at hand.
func TestIdleConnectionsAreNoSecondTry(t *testing.T) {
	const idle, times = 4, 50
	var hits atomic.Int64
	var together sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/warm") {
			together.Done()
			together.Wait()
			return
		}
		hits.Add(1)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: idle}
	defer transport.CloseIdleConnections()
	send := func(path string) error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req, err := http.NewRequestWithContext(new(Sent).Watch(ctx, cancel), http.MethodGet, server.URL+path, nil)
		if err != nil {
			return err
		}
		resp, err := transport.RoundTrip(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			err = resp.Body.Close()
		}
		return err
	}
	for range times {
		together.Add(idle)
		var warming sync.WaitGroup
		for range idle {
			warming.Go(func() {
				if err := send("/warm"); err != nil {
					t.Error(err)
				}
			})
		}
		warming.Wait()
		if err := send("/hit"); err == nil {
			t.Error("no error")
		}
	}
	server.Close() // after the last request
	if hits.Load() != times {
		t.Errorf("%d requests arrived %d times", times, hits.Load())
	}
}
