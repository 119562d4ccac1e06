package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/replay"
)

// NewTransport is the default way out: proxies from the environment, TLS 1.2 or
// better with session resumption, HTTP/2 with a ping that finds dead connections,
// and idle connections that are closed before servers do so.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: refusedByProxy,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(0)},
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        30 * time.Second,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}

// attempt is the context of an attempt's request. It takes down to the transport
// what is to be sent, and holds what became of it.
type attempt struct {
	context.Context // the caller's
	fields          []Field
	body            []byte
	write           bool
	stream          bool      // the caller reads the body: time counts between bytes, and a redirect may lead to another host
	abroad          bool      // the last request went to another host
	began           time.Time // its limit runs from here, over all hops of a redirect
	token           Token     // the one that was sent
	unsent          bool      // provably nobody processed it
}

type attemptKey struct{}

// Value finds the attempt, and what the caller's context holds.
func (a *attempt) Value(key any) any {
	if key == (attemptKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// Format keeps fmt from walking through what is sent.
func (a *attempt) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.Context") }

func attemptFrom(ctx context.Context) *attempt {
	try, _ := ctx.Value(attemptKey{}).(*attempt)
	return try
}

// origin is what a credential belongs to: scheme, host and port.
type origin struct{ scheme, host, port string }

func originOf(u *url.URL) origin {
	o := origin{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Hostname()), port: u.Port()}
	if o.port == "" {
		o.port = usualPort(o.scheme)
	}
	return o
}

func usualPort(scheme string) string {
	switch scheme {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

// holds reports whether u lies within the origin. The usual URL, spelt as the
// origin is and without a port, is recognised without taking it apart.
func (o origin) holds(u *url.URL) bool {
	if u.Scheme == o.scheme && u.Host == o.host && o.port == usualPort(o.scheme) {
		return true
	}
	return originOf(u) == o
}

// checkRedirect follows redirects of reads within the origin, and those of a document
// to any https URL, such as a signed one of a file store, but not back from there. Any
// other is handed back as the answer.
func checkRedirect(home origin, callers func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if via[0].Method != http.MethodGet || len(via) >= 10 {
			return http.ErrUseLastResponse
		}
		try := attemptFrom(req.Context())
		switch inside := home.holds(req.URL); {
		case inside && (try == nil || !try.abroad):
		case !inside && try != nil && try.stream && req.URL.Scheme == "https" && req.URL.User == nil:
		default:
			return http.ErrUseLastResponse
		}
		if callers != nil {
			return callers(req, via)
		}
		return nil
	}
}

// bearer adds the token and the headers of the call to a copy of each request, and to
// none that leaves the configured origin. It has no CloseIdleConnections method, so that nothing above
// it can empty the connection pool of the transport below.
type bearer struct {
	home   origin
	tokens Tokens
	next   http.RoundTripper
	own    bool // next is net/http's: what it reports of connections is proof
	limit  time.Duration
}

// RoundTrip asks for the token of this attempt, limits the attempt in time, sends
// the request at most once, and hands back a response that does not show the token.
func (t *bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	try := attemptFrom(req.Context())
	abroad := !t.home.holds(req.URL)
	if abroad && (try == nil || !try.stream) {
		return t.next.RoundTrip(req)
	}
	if try == nil { // not one of ours: nothing to send beside the token
		try = &attempt{Context: req.Context()}
	}
	if !abroad {
		token, done, err := t.tokens.Lease(req.Context())
		if err != nil {
			if req.Body != nil {
				_ = req.Body.Close()
			}
			return nil, err
		}
		defer done()
		try.token = token
	}
	try.abroad, try.unsent = abroad, false
	trip := new(trip)
	trip.clock.start(t.limit, req.Context(), try)
	if abroad {
		trip.request = *req.WithContext(&trip.clock)
		trip.request.Header = http.Header{} // not even the Referer and cookies that net/http adds
	} else {
		trip.sign(req, try)
	}
	answered := false
	defer func() {
		if !answered { // or the transport panicked
			trip.clock.stop()
		}
	}()
	resp, err := t.next.RoundTrip(&trip.request)
	if err != nil {
		try.unsent = trip.clock.sent.Unsent(err, t.own, trip.clock.cause() != nil)
		return nil, trip.clock.explain(err)
	}
	answered = true
	resp.Request = req
	if location := resp.Header["Location"]; len(location) > 0 {
		if _, err := url.Parse(location[0]); err != nil {
			resp.Header.Del("Location") // net/http would quote it whole in an error
		}
	}
	if resp.StatusCode < 200 { // 101: what follows is another protocol, and may never end
		_ = resp.Body.Close()
		resp.Body, resp.ContentLength = http.NoBody, 0
	}
	resp.Body = trip.body.watch(resp, &trip.clock)
	return resp, nil
}

// trip is a request's way through the transport below and back. All that it needs
// is in one piece of memory.
type trip struct {
	clock   clock
	request http.Request // what is sent: a copy, as a RoundTripper has to make
	url     url.URL
	values  [3]string // of the headers of a read, which the map below slices
	body    timedBody
}

// sign makes the copy of req that carries the headers of every attempt, the token,
// and the body of a write.
func (t *trip) sign(req *http.Request, try *attempt) {
	t.request = *req.WithContext(&t.clock)
	t.url = *req.URL
	t.request.URL = &t.url
	if t.request.Host == "" {
		t.request.Host = t.url.Host
	}
	header := req.Header.Clone() // what a cookie jar and redirects brought
	values := t.values[:0]
	set := func(name, value string) {
		n := len(values)
		values = append(values, value)
		header[name] = values[n : n+1 : n+1]
	}
	for _, field := range try.fields {
		if _, given := req.Header[field.Name]; !given { // by the caller's redirect check
			set(field.Name, field.Value)
		}
	}
	if try.write {
		t.request.Body = t.clock.sent.Body(try.body)
		t.request.ContentLength = replay.Length(try.body)
	}
	set("Authorization", "Bearer "+try.token.Reveal())
	t.request.Header = header
}

// ProxyError is a proxy of the caller's own that does not let a connection through.
// The server knows nothing of it.
type ProxyError struct {
	Status int
	proxy  string // host and port, where they are known
	said   string // its status line
}

// Error names the proxy and what it said.
func (e *ProxyError) Error() string {
	text := "the proxy "
	if e.proxy != "" {
		text += e.proxy + " "
	}
	text += "refused the connection: " + e.said
	if e.Status == http.StatusProxyAuthRequired {
		text += "; it asks for credentials, which belong into the proxy's URL, such as HTTPS_PROXY"
	}
	return text
}

// refusedByProxy is what our own transport does with a proxy's answer.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{proxy: proxy.Host, Status: resp.StatusCode, said: printable.Piece(resp.Status)}
}

// nameProxy recognises a proxy's answer where the transport is a net/http one of
// the caller's: of that it leaves nothing but the words of the status line.
func (c *Call) nameProxy(err error) error {
	if !c.exchange.traceable || errors.Unwrap(err) != nil {
		return err
	}
	for status := 400; status < 600; status++ {
		if words := http.StatusText(status); words != "" && words == err.Error() {
			return &ProxyError{Status: status, said: fmt.Sprint(status, " ", words)}
		}
	}
	return err
}
