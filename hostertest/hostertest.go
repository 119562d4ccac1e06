// Package hostertest puts a sandbox within reach of a test: on a loopback
// socket, behind TLS with HTTP/2, or over an in-memory pipe that works inside a
// testing/synctest bubble, where a real socket stops the fake clock. What a
// test opened is closed when it ends.
//
//	srv := hostertest.New(t)
//	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
package hostertest

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

// Server is a [sandbox.Server] and the ways to reach it, each of which opens
// when it is first asked for.
type Server struct {
	*sandbox.Server
	t testing.TB

	mu   sync.Mutex
	url  string
	tls  *httptest.Server
	pipe *http.Client
}

// New returns a sandbox for the test. It opens no socket and starts no
// goroutine yet.
func New(t testing.TB, opts ...sandbox.Option) *Server {
	t.Helper()
	return &Server{Server: sandbox.New(opts...), t: t}
}

// URL returns the base URL of the sandbox on a loopback socket, such as
// "http://127.0.0.1:40123/v1".
func (s *Server) URL() string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url == "" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatalf("hostertest: no loopback socket: %v", err)
		}
		s.serve(listener)
		s.url = "http://" + listener.Addr().String() + "/v1"
	}
	return s.url
}

// TLS returns the base URL of the sandbox on a loopback socket behind TLS, and
// a client that trusts its certificate and speaks HTTP/2 to it.
func (s *Server) TLS() (url string, client *http.Client) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tls == nil {
		server := httptest.NewUnstartedServer(s.Server)
		server.EnableHTTP2 = true
		server.Config.ErrorLog = quiet()
		server.StartTLS()
		s.t.Cleanup(func() {
			server.CloseClientConnections() // Close alone waits for slow requests
			server.Close()
		})
		s.tls = server
	}
	return s.tls.URL + "/v1", s.tls.Client()
}

// PipeURL returns the base URL for [Server.PipeClient].
func (s *Server) PipeURL() string { return "http://localhost/v1" }

// PipeClient returns a client whose every connection leads to the sandbox,
// through memory. The sandbox sees it come from 127.0.0.1. Inside a synctest
// bubble, make the Server in the bubble and with the bubble's own t.
func (s *Server) PipeClient() *http.Client {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pipe == nil {
		listener := newPipeListener()
		s.serve(listener)
		transport := &http.Transport{DialContext: listener.dial}
		s.t.Cleanup(transport.CloseIdleConnections)
		s.pipe = &http.Client{Transport: transport}
	}
	return s.pipe
}

// serve answers connections of the listener until the test ends, and waits then
// for whatever is still running.
func (s *Server) serve(listener net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	server := &http.Server{
		Handler:     s.Server,
		ErrorLog:    quiet(),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	running.Go(func() { _ = server.Serve(listener) })
	s.t.Cleanup(func() {
		cancel() // ends the waits of injected delays
		_ = server.Close()
		running.Wait()
	})
}

// quiet drops what net/http says about connections that a test broke.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
