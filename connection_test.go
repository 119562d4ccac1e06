package hoster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/dnszone"
)

const (
	domainAnswer = `{"status":"success","data":{"id":"dom_1","name":"example.com","status":"active"}}`
	recordAnswer = `{"status":"success","data":{"id":"rec_1","type":"A","name":"www","value":"192.0.2.1","ttl":3600}}`
	tokenAnswer  = `{"status":"success","data":{"id":"tok_1","name":"t","scopes":["dns:read"],"secret":"s3cret"}}`
	listAnswer   = `{"status":"success","data":[],"meta":{"pagination":{"total":0,"current_page":1,"per_page":100,"total_pages":0}}}`
)

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// apiError is an error as the API itself sends it.
func apiError(code, message string) string {
	return fmt.Sprintf(`{"status":"error","code":%q,"message":%q,"errors":null,"request_id":"req_body"}`, code, message)
}

// sent is a request as the wire saw it.
type sent struct {
	method, url string
	header      http.Header
	body        string
	at          time.Time
}

// key is the idempotency key under the name that net/http does not know.
func (s sent) key() string { return strings.Join(s.header[strings.ToLower("Idempotency-Key")], ", ") }

// answerFunc is what a fakeWire does with one request.
type answerFunc func(*http.Request) (*http.Response, error)

// fakeWire is a transport without a network, which also runs on a fake clock:
// the nth request gets the nth answer, and further ones the last.
type fakeWire struct {
	mu      sync.Mutex
	answers []answerFunc
	got     []sent
}

func newWire(answers ...answerFunc) *fakeWire { return &fakeWire{answers: answers} }

// answering gives the same success to every request.
func answering(body string) *fakeWire { return newWire(reply(200, body)) }

func (w *fakeWire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	n := len(w.got)
	answer := w.answers[min(n, len(w.answers)-1)]
	w.got = append(w.got, sent{method: req.Method, url: req.URL.String(), header: req.Header.Clone(), at: time.Now()})
	w.mu.Unlock()
	resp, err := answer(req)
	if resp != nil {
		resp.Request = req
	}
	if req.Body != nil && !isNoConnection(err) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		w.got[n].body = string(body)
		w.mu.Unlock()
	}
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return resp, err
}

// isNoConnection reports an error after which a transport has not looked at the
// request's body.
func isNoConnection(err error) bool {
	var name *net.DNSError
	var op *net.OpError
	return errors.As(err, &name) || errors.As(err, &op) && op.Op != "read"
}

func (w *fakeWire) client() *http.Client { return &http.Client{Transport: w} }

func (w *fakeWire) requests() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.got)
}

func (w *fakeWire) count() int { return len(w.requests()) }

// newClient is a client over the fake wire.
func (w *fakeWire) newClient(t testing.TB, options ...Option) *Client {
	t.Helper()
	client, err := NewClient(append([]Option{WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHTTPClient(w.client())}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// reply answers with a status, headers as "Name: value", and a body.
func reply(status int, body string, headers ...string) answerFunc {
	return func(*http.Request) (*http.Response, error) {
		return response(status, io.NopCloser(strings.NewReader(body)), headers...), nil
	}
}

func response(status int, body io.ReadCloser, headers ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Content-Type" {
			h.Set(name, value)
		} else {
			h.Add(name, value)
		}
	}
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: body, ContentLength: -1}
}

// fails answers with an error of the transport.
func fails(err error) answerFunc {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// silent is a black hole: it answers when the request's context ends.
func silent(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// breaks answers with a body that ends before its end.
func breaks(status int, body string, err error) answerFunc {
	return func(*http.Request) (*http.Response, error) {
		return response(status, io.NopCloser(io.MultiReader(strings.NewReader(body), failingReader{err}))), nil
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// verb is one call of each kind that is replayed by its own rules.
type verb struct {
	name   string
	answer string
	call   func(context.Context, *Client, ...CallOption) error
}

var (
	getVerb = verb{"GET", domainAnswer, func(ctx context.Context, c *Client, o ...CallOption) error {
		_, err := c.Domains.Get(ctx, "example.com", o...)
		return err
	}}
	postVerb = verb{"POST", recordAnswer, func(ctx context.Context, c *Client, o ...CallOption) error {
		_, err := c.DNS.Create(ctx, "example.com", RecordCreate{Type: dnszone.TypeA, Name: "www", Value: "192.0.2.1"}, o...)
		return err
	}}
	mintVerb = verb{"POST that mints", tokenAnswer, func(ctx context.Context, c *Client, o ...CallOption) error {
		_, err := c.Tokens.Create(ctx, TokenCreate{Name: "t", Scopes: []Scope{ScopeDNSRead}}, o...)
		return err
	}}
	patchVerb = verb{"PATCH", recordAnswer, func(ctx context.Context, c *Client, o ...CallOption) error {
		_, err := c.DNS.Update(ctx, "example.com", "rec_1", RecordUpdate{TTL: Set(300)}, o...)
		return err
	}}
	deleteVerb = verb{"DELETE", "", func(ctx context.Context, c *Client, o ...CallOption) error {
		return c.DNS.Delete(ctx, "example.com", "rec_1", o...)
	}}
	writeVerbs = []verb{postVerb, mintVerb, patchVerb}
	allVerbs   = []verb{getVerb, postVerb, mintVerb, patchVerb, deleteVerb}
)

// memoryNet is a listener and its dialer over net.Pipe, which block on channels
// only and so let a fake clock run.
type memoryNet struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	dials  atomic.Int64
}

func newMemoryNet() *memoryNet {
	return &memoryNet{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *memoryNet) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *memoryNet) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *memoryNet) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (n *memoryNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	n.dials.Add(1)
	here, there := net.Pipe()
	select {
	case n.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-n.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	}
}

// serve answers connections with handler until the test ends, and returns a
// client whose own transport leads there.
func (n *memoryNet) serve(t testing.TB, handler http.Handler, options ...Option) *Client {
	t.Helper()
	var running sync.WaitGroup
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		handler.ServeHTTP(w, r)
	})
	server := &http.Server{Handler: counted, ErrorLog: log.New(io.Discard, "", 0)}
	running.Go(func() { _ = server.Serve(n) })
	client, err := NewClient(append([]Option{WithBaseURL("http://localhost/v1"), WithToken("t0ken")}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	client.exchange.Transport().DialContext = n.dial
	t.Cleanup(func() {
		client.CloseIdleConnections()
		_ = server.Close()
		_ = n.Close()
		running.Wait()
	})
	return client
}

// pause waits on the fake clock, and no longer than the context.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func TestThousandCallsUseOneConnection(t *testing.T) {
	var accepted, n atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch n.Add(1) % 8 {
		case 0:
			writeJSON(w, 404, apiError("NOT_FOUND", "gone"))
		case 1:
			w.WriteHeader(204)
		case 2:
			writeJSON(w, 500, apiError("INTERNAL_ERROR", strings.Repeat("x", 4000)))
		case 3:
			w.WriteHeader(502)
		case 4:
			w.Header().Set("Location", "https://other.example/")
			w.WriteHeader(302)
		case 5:
			writeJSON(w, 422, `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"name":["no"]}}`)
		case 6:
			writeJSON(w, 200, `{"status":"success","data":"strange"}`)
		default:
			writeJSON(w, 200, domainAnswer)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			accepted.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), WithRetryPolicy(RetryPolicy{MaxAttempts: 2}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for i := range 1000 {
		_ = allVerbs[i%len(allVerbs)].call(t.Context(), client)
	}
	if n.Load() < 1000 || accepted.Load() != 1 {
		t.Errorf("%d requests over %d connections", n.Load(), accepted.Load())
	}
}

// endless is a body without end that counts what was taken of it.
type endless struct {
	taken  atomic.Int64
	closed atomic.Bool
}

func (e *endless) Read(p []byte) (int, error) {
	if e.closed.Load() {
		return 0, errors.New("read after close")
	}
	e.taken.Add(int64(len(p)))
	return len(p), nil
}

func (e *endless) Close() error {
	e.closed.Store(true)
	return nil
}

func TestEndlessBodies(t *testing.T) {
	for status, most := range map[int]int64{200: maxSuccessBody + 2*maxErrorBody, 404: 4 * maxErrorBody, 500: 4 * maxErrorBody} {
		for _, verb := range []verb{getVerb, postVerb} {
			t.Run(fmt.Sprint(status, verb.name), func(t *testing.T) {
				body := &endless{}
				wire := newWire(func(*http.Request) (*http.Response, error) { return response(status, body), nil })
				client := wire.newClient(t, WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
				err := verb.call(t.Context(), client)
				if got := errors.Is(err, ErrBodyTooLarge); got != (status == 200) {
					t.Errorf("got %v", err)
				}
				if e := new(Error); !errors.As(err, &e) || e.Status != status {
					t.Errorf("the status is lost: %v", err)
				}
				if body.taken.Load() > most || !body.closed.Load() {
					t.Errorf("%d bytes were read, closed: %v", body.taken.Load(), body.closed.Load())
				}
				if unknown := errors.Is(err, ErrOutcomeUnknown); unknown != (verb.name == "POST") {
					t.Errorf("outcome unknown: %v", unknown)
				}
			})
		}
	}
	t.Run("is not asked for again", func(t *testing.T) {
		wire := newWire(func(*http.Request) (*http.Response, error) { return response(200, &endless{}), nil })
		if err := getVerb.call(t.Context(), wire.newClient(t)); !errors.Is(err, ErrBodyTooLarge) || wire.count() != 1 {
			t.Errorf("%d requests: %v", wire.count(), err)
		}
	})
}

func TestEndlessBodiesOverASocket(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		for block := bytes.Repeat([]byte("x"), 32<<10); r.Context().Err() == nil; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	if err := getVerb.call(t.Context(), client); !errors.Is(err, ErrServer) {
		t.Errorf("got %v", err)
	}
}

// TestSlowDrip sends a byte each second for ever: the attempt's time is up all
// the same, for successes and errors.
func TestSlowDrip(t *testing.T) {
	for _, status := range []int{200, 500} {
		synctest.Test(t, func(t *testing.T) {
			var hits atomic.Int64
			client := newMemoryNet().serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hits.Add(1)
				w.WriteHeader(status)
				for r.Context().Err() == nil {
					if _, err := io.WriteString(w, " "); err != nil {
						return
					}
					w.(http.Flusher).Flush()
					pause(r.Context(), time.Second)
				}
			}), WithRetryPolicy(RetryPolicy{MaxAttempts: 2}))
			began := time.Now()
			err := getVerb.call(t.Context(), client)
			if took := time.Since(began); took != 60*time.Second || hits.Load() != 2 {
				t.Errorf("%d: %d attempts in %s", status, hits.Load(), took)
			}
			if !errors.Is(err, context.DeadlineExceeded) && status == 200 {
				t.Errorf("%d: not a matter of time: %v", status, err)
			}
			if e := new(Error); !errors.As(err, &e) || e.Status != status {
				t.Errorf("%d: the status is lost: %v", status, err)
			}
		})
	}
}

// TestHammer uses one client from many goroutines; the race detector looks on.
func TestHammer(t *testing.T) {
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-RateLimit-Limit", "600")
		w.Header().Set("X-RateLimit-Remaining", "599")
		w.Header().Set("Idempotent-Replayed", "false")
		switch {
		case n.Add(1)%5 == 0:
			w.Header().Set("Retry-After", "0")
			writeJSON(w, 503, apiError("SERVICE_UNAVAILABLE", "soon"))
		case r.Method == http.MethodDelete:
			w.WriteHeader(204)
		case strings.HasSuffix(r.URL.Path, "/tokens") && r.Method == http.MethodPost:
			writeJSON(w, 201, tokenAnswer)
		case r.Method != http.MethodGet:
			writeJSON(w, 200, recordAnswer)
		case strings.HasSuffix(r.URL.Path, "/domains"), strings.HasSuffix(r.URL.Path, "/records"), strings.HasSuffix(r.URL.Path, "/tokens"):
			writeJSON(w, 200, listAnswer)
		default:
			writeJSON(w, 200, `{"status":"success","data":{"id":"x_1","name":"www","type":"A","value":"192.0.2.1"}}`)
		}
	}))
	defer server.Close()
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), WithMaxInFlight(20), WithRequestRate(1e6, 1000),
		WithRetryPolicy(RetryPolicy{MaxAttempts: 20}), WithHooks(Hooks{OnDone: func(context.Context, Event) {}}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	calls := []func(context.Context) error{
		func(ctx context.Context) error { return getVerb.call(ctx, client) },
		func(ctx context.Context) error { return postVerb.call(ctx, client) },
		func(ctx context.Context) error { return mintVerb.call(ctx, client) },
		func(ctx context.Context) error { return patchVerb.call(ctx, client) },
		func(ctx context.Context) error { return deleteVerb.call(ctx, client) },
		func(ctx context.Context) error { return client.Verify(ctx) },
		func(ctx context.Context) error { _, err := client.Account.Profile(ctx); return err },
		func(ctx context.Context) error { _, err := client.Domains.List(ctx, nil); return err },
		func(ctx context.Context) error { _, err := client.DNS.List(ctx, "example.com", nil); return err },
		func(ctx context.Context) error { _, err := client.Tokens.ListPage(ctx, nil); return err },
		func(ctx context.Context) error { client.CloseIdleConnections(); return nil },
		func(ctx context.Context) error {
			_, _ = client.RateLimit(), client.String()
			return nil
		},
	}
	var running sync.WaitGroup
	for i := range 100 {
		running.Go(func() {
			for j := range 10 {
				if err := calls[(i+j)%len(calls)](t.Context()); err != nil && !errors.Is(err, ErrRetryBudget) {
					t.Errorf("call %d: %v", (i+j)%len(calls), err)
				}
			}
		})
	}
	running.Wait()
	if budget := client.RateLimit(); !budget.Known || budget.Limit != 600 {
		t.Errorf("learned %+v", budget)
	}
}

func TestCloseIdleConnectionsIsOursAlone(t *testing.T) {
	var accepted atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { writeJSON(w, 200, domainAnswer) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			accepted.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for want, options := range map[int64][]Option{
		2: {},
		1: {WithHTTPClient(&http.Client{Transport: transport})},
	} {
		accepted.Store(0)
		client, err := NewClient(append(options, WithBaseURL(server.URL+"/v1"), WithToken("t0ken"))...)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := getVerb.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			client.CloseIdleConnections()
		}
		if accepted.Load() != want {
			t.Errorf("%d connections, want %d", accepted.Load(), want)
		}
	}
}
