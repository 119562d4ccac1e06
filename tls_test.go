package hoster

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// tlsServer counts the connections that it took and lost. Its client has the
// default transport, which trusts it.
type tlsServer struct {
	*Client
	taken, lost atomic.Int64
}

func newTLSServer(t *testing.T, h2 bool, handler http.HandlerFunc) *tlsServer {
	t.Helper()
	s := &tlsServer{}
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = h2
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.taken.Add(1)
		case http.StateClosed, http.StateHijacked:
			s.lost.Add(1)
		}
	}
	server.StartTLS()
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"))
	if err != nil {
		t.Fatal(err)
	}
	client.exchange.Transport().TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	s.Client = client
	t.Cleanup(func() {
		client.CloseIdleConnections()
		server.Close()
	})
	return s
}

// rendezvous lets nobody on before everybody is there.
type rendezvous struct {
	mu      sync.Mutex
	missing int
	met     chan struct{}
}

func (r *rendezvous) expect(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missing, r.met = n, make(chan struct{})
}

func (r *rendezvous) meet(gaveUp <-chan struct{}) {
	r.mu.Lock()
	if r.missing--; r.missing == 0 {
		close(r.met)
	}
	met := r.met
	r.mu.Unlock()
	select {
	case <-met:
	case <-gaveUp:
	}
}

// TestParallelCallsKeepTheirConnections has 64 requests under way at once, again
// and again: they need 64 connections over HTTP/1.1 and one over HTTP/2, and
// none is closed for want of a place to wait in.
func TestParallelCallsKeepTheirConnections(t *testing.T) {
	const parallel = 64
	for proto, most := range map[int]int64{1: parallel, 2: 1} {
		var all rendezvous
		s := newTLSServer(t, proto == 2, func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != proto {
				t.Errorf("%s instead of HTTP/%d", r.Proto, proto)
			}
			all.meet(r.Context().Done())
			writeJSON(w, 200, domainAnswer)
		})
		all.expect(1) // the first call finds out that the provider has no limit
		if err := getVerb.call(t.Context(), s.Client); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			all.expect(parallel)
			var running sync.WaitGroup
			for range parallel {
				running.Go(func() {
					if err := getVerb.call(t.Context(), s.Client); err != nil {
						t.Error(err)
					}
				})
			}
			running.Wait()
		}
		if s.taken.Load() > most || s.lost.Load() != 0 {
			t.Errorf("HTTP/%d: %d connections, of which %d were closed", proto, s.taken.Load(), s.lost.Load())
		}
	}
}

// TestTLSSessionsAreResumed.
func TestTLSSessionsAreResumed(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		resumed := make(chan bool, 2)
		s := newTLSServer(t, h2, func(w http.ResponseWriter, r *http.Request) {
			resumed <- r.TLS.DidResume
			_, _ = io.WriteString(w, domainAnswer)
		})
		for range 2 {
			if err := getVerb.call(t.Context(), s.Client); err != nil {
				t.Fatal(err)
			}
			s.CloseIdleConnections()
		}
		if first, second := <-resumed, <-resumed; first || !second || s.taken.Load() != 2 {
			t.Errorf("HTTP/2=%v: %d connections, resumed: %v, %v", h2, s.taken.Load(), first, second)
		}
		if s.exchange.Transport().HTTP2.SendPingTimeout <= 0 || s.exchange.Transport().HTTP2.PingTimeout <= 0 {
			t.Error("a dead connection would not be found")
		}
	}
}
