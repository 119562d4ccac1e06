package hoster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// frameFault is what a server does to a stream instead of answering it.
type frameFault struct {
	name     string
	early    bool   // as soon as the headers arrived, and not when the request is whole
	goAway   []last // these frames, in order; none: the stream is reset
	code     http2.ErrCode
	answers  bool // the stream is answered all the same
	closes   bool // the connection is closed behind the frames
	unworked bool // RFC 9113 says that the stream was not processed
}

// last is the last stream of a GOAWAY, beside the one that arrived.
type last int

const (
	below    last = -2
	at       last = 0
	above    last = 2
	farAbove last = 1<<31 - 1
)

// frameFaults are resets with every code, and every kind of GOAWAY.
func frameFaults() (faults []frameFault) {
	for _, early := range []bool{false, true} {
		when := map[bool]string{true: "amid the request", false: "behind the request"}[early]
		for code := range http2.ErrCode(15) {
			if code == 14 {
				code = 0x1234 // unknown
			}
			faults = append(faults, frameFault{name: fmt.Sprintf("reset with %s %s", code, when), early: early, code: code, unworked: code == http2.ErrCodeRefusedStream})
		}
		for _, code := range []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeEnhanceYourCalm} {
			add := func(what string, fault frameFault) {
				fault.name = fmt.Sprintf("GOAWAY with %s %s, %s", code, when, what)
				fault.early, fault.code = early, code
				faults = append(faults, fault)
			}
			add("below", frameFault{goAway: []last{below}, unworked: true})
			add("below, closed", frameFault{goAway: []last{below}, closes: true, unworked: true})
			add("at, closed", frameFault{goAway: []last{at}, closes: true})
			add("at, answered", frameFault{goAway: []last{at}, answers: true})
			add("above, closed", frameFault{goAway: []last{above}, closes: true})
			add("far above, answered", frameFault{goAway: []last{farAbove}, answers: true})
			add("two steps, below", frameFault{goAway: []last{farAbove, below}, closes: true, unworked: true})
			add("two steps, at, closed", frameFault{goAway: []last{farAbove, at}, closes: true})
			add("two steps, at, answered", frameFault{goAway: []last{farAbove, at}, answers: true, closes: true})
		}
		faults = append(faults, frameFault{name: "closed " + when, early: early, closes: true})
	}
	return faults
}

// frameServer speaks HTTP/2 by frames and counts the requests that arrive: a
// HEADERS frame is one. Paths with "warm" in them are answered and not counted.
type frameServer struct {
	url      string
	trusting *tls.Config // for clients
	mu       sync.Mutex
	fault    *frameFault
	times    int // that the fault happens
	arrivals int
	conns    []net.Conn
}

func newFrameServer(t *testing.T) *frameServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader) // quicker than the one of httptest
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	s := &frameServer{trusting: &tls.Config{RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(0), CurvePreferences: []tls.CurveID{tls.X25519}}}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	s.url = "https://" + listener.Addr().String() + "/v1"
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			serving.Go(func() { s.serve(conn.(*tls.Conn)) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.mu.Lock()
		for _, conn := range s.conns { // a client may keep one until it has been idle for long
			_ = conn.Close()
		}
		s.mu.Unlock()
		serving.Wait()
	})
	return s
}

// expect has the fault happen to the next requests, and counts from 0.
func (s *frameServer) expect(fault *frameFault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.times, s.arrivals = fault, times, 0
}

func (s *frameServer) arrived() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrivals
}

// arrive counts a request and returns what happens to it.
func (s *frameServer) arrive() *frameFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals++
	if s.arrivals > s.times {
		return nil
	}
	return s.fault
}

// frameStream is a request of which not all has come.
type frameStream struct {
	method string
	fault  *frameFault
}

func (s *frameServer) serve(conn *tls.Conn) {
	defer conn.Close()
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = framer.WriteSettings()
	streams := map[uint32]*frameStream{}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		id, whole := frame.Header().StreamID, false
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !frame.IsAck() {
				_ = framer.WritePing(true, frame.Data)
			}
		case *http2.MetaHeadersFrame:
			stream := &frameStream{method: frame.PseudoValue("method")}
			if !strings.Contains(frame.PseudoValue("path"), "warm") {
				stream.fault = s.arrive()
			}
			if streams[id] = stream; stream.fault != nil && stream.fault.early {
				stream.fault.happen(conn, framer, id, stream)
				delete(streams, id)
			}
			whole = frame.StreamEnded()
		case *http2.DataFrame:
			whole = frame.StreamEnded()
		}
		stream := streams[id]
		if !whole || stream == nil {
			continue
		}
		delete(streams, id)
		if stream.fault == nil {
			answerFrames(framer, id, stream.method)
		} else {
			stream.fault.happen(conn, framer, id, stream)
		}
	}
}

// happen does to the stream what the fault says. The connection is closed for
// writing only: a reset could overtake the frames.
func (f *frameFault) happen(conn *tls.Conn, framer *http2.Framer, id uint32, stream *frameStream) {
	for _, last := range f.goAway {
		n := max(0, min(int(id)+int(last), int(farAbove)))
		_ = framer.WriteGoAway(uint32(n), f.code, []byte("goodbye"))
	}
	if f.goAway == nil && !f.closes {
		_ = framer.WriteRSTStream(id, f.code)
	}
	if f.answers {
		answerFrames(framer, id, stream.method)
	}
	if f.closes {
		_ = conn.CloseWrite()
	}
}

func answerFrames(framer *http2.Framer, id uint32, method string) {
	var block strings.Builder
	encoder := hpack.NewEncoder(&block)
	field := func(name, value string) { _ = encoder.WriteField(hpack.HeaderField{Name: name, Value: value}) }
	body := map[string]string{http.MethodGet: domainAnswer, http.MethodPost: recordAnswer, http.MethodPatch: recordAnswer, http.MethodPut: domainAnswer}[method]
	field(":status", map[bool]string{true: "200", false: "204"}[body != ""])
	field("content-type", "application/json")
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: []byte(block.String()), EndHeaders: true, EndStream: body == ""})
	if body != "" {
		_ = framer.WriteData(id, true, []byte(body))
	}
}

// frameVerb is a call of each method, with a body and without.
type frameVerb struct {
	name     string
	call     func(context.Context, *Client, ...CallOption) error
	read     bool
	harmless bool
}

func frameVerbs() []frameVerb {
	bare := func(method string, body any, replay Replay) func(context.Context, *Client, ...CallOption) error {
		return func(ctx context.Context, c *Client, o ...CallOption) error {
			return c.Call(ctx, CallSpec{Method: method, Segments: []string{"extra"}, Body: body, Replay: replay}, nil, o...)
		}
	}
	body := map[string]string{"name": "example.com"}
	return []frameVerb{
		{name: "GET", call: getVerb.call, read: true},
		{name: "POST", call: bare("POST", body, ReplayOnEvidence)},
		{name: "POST without a body", call: bare("POST", nil, ReplayOnEvidence)},
		{name: "PATCH", call: bare("PATCH", body, ReplayOnEvidence)},
		{name: "PUT", call: bare("PUT", body, ReplayOnEvidence)},
		{name: "harmless PUT", call: bare("PUT", body, ReplayHarmless), harmless: true},
		{name: "DELETE", call: bare("DELETE", nil, ReplayOnEvidence)},
		{name: "harmless DELETE", call: deleteVerb.call, harmless: true},
	}
}

// TestFrames holds every reset and every GOAWAY against every method, on cold
// and warm connections, and counts the requests at the server: a write arrives
// once unless it provably was not processed, and anything at most as often as
// the policy allows, each time as an attempt of its own. Below a transport of the
// caller's nothing is proved, and the counts hold as well.
func TestFrames(t *testing.T) {
	s := newFrameServer(t)
	for _, fault := range frameFaults() {
		for _, verb := range frameVerbs() {
			if fault.early && verb.read {
				continue // a read is whole with its headers
			}
			for _, warm := range []bool{false, true} {
				for times, retry := range map[int]bool{1: true, 1000: true, 999: false} {
					s.endure(t, fault, verb, warm, times, retry, false)
				}
			}
			s.endure(t, fault, verb, true, 1000, true, true)
		}
	}
}

// endure makes one call whose first attempts meet the fault.
func (s *frameServer) endure(t *testing.T, fault frameFault, verb frameVerb, warm bool, times int, retry, wrapped bool) {
	const most = 3
	attempts := 0
	// Without the timers of newTransport, which keep closed connections in memory.
	transport := &http.Transport{TLSClientConfig: s.trusting.Clone(), ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	var down http.RoundTripper = transport
	if wrapped {
		down, fault.unworked = roundTrip(transport.RoundTrip), false
	}
	client, err := NewClient(WithBaseURL(s.url), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: down}),
		WithRetryPolicy(RetryPolicy{MaxAttempts: most}), WithHooks(Hooks{OnAttempt: func(context.Context, Event) { attempts++ }}))
	if err != nil {
		t.Fatal(err)
	}
	if warm {
		if _, err := client.Domains.Get(t.Context(), "warm.example"); err != nil {
			t.Fatal(err)
		}
		attempts = 0
	}
	var options []CallOption
	if !retry {
		options = append(options, WithoutRetry())
	}
	s.expect(&fault, times)
	err = verb.call(t.Context(), client, options...)

	name := fmt.Sprintf("%s/%s/warm=%v/%d times/retry=%v/wrapped=%v", fault.name, verb.name, warm, times, retry, wrapped)
	want := 1
	repeated := retry && !fault.answers && (fault.unworked || verb.read || verb.harmless)
	if repeated {
		want = min(times+1, most)
	}
	if got := s.arrived(); got != want || attempts != want {
		t.Errorf("%s: %d arrivals in %d attempts, want %d: %v", name, got, attempts, want, err)
	}
	if ok := fault.answers || repeated && times < most; (err == nil) != ok {
		t.Errorf("%s: %v", name, err)
	}
	unknown := err != nil && !verb.read && !fault.unworked
	if errors.Is(err, ErrOutcomeUnknown) != unknown {
		t.Errorf("%s: outcome unknown is wrong: %v", name, err)
	}
	if errors.Is(err, context.Canceled) {
		t.Errorf("%s: nobody cancelled it: %v", name, err)
	}
}
