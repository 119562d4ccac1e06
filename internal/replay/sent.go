package replay

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync/atomic"
)

// Sent watches one request on its way down, and keeps net/http from sending it
// a second time by itself: the body of a write cannot be had twice, and a
// connection that is taken after an unanswered request was written ends the
// attempt before anything is written to it.
type Sent struct {
	body body
	stop func()

	sought  atomic.Bool // net/http looked for a connection
	got     atomic.Bool // and had one
	wrote   atomic.Bool // at least a part of a header may have left
	failed  atomic.Bool // writing failed
	pending atomic.Bool // written, and not answered
	http2   atomic.Bool // the request went over HTTP/2
}

// Body is content as the body of a write. It has no GetBody beside it, and it
// is there where the content is empty as well: net/http repeats by itself what
// has no body. The request's ContentLength is [Length].
func (s *Sent) Body(content []byte) io.ReadCloser {
	s.body.content = content
	return &s.body
}

// Length is the ContentLength of a request with the content. Of an empty one it
// is unknown, as 0 beside a body means in net/http.
func Length(content []byte) int64 {
	if len(content) == 0 {
		return -1
	}
	return int64(len(content))
}

// body can be read once, and tells whether anybody tried.
type body struct {
	content []byte
	read    atomic.Bool
	closed  atomic.Int32 // how often
}

func (b *body) Read(p []byte) (int, error) {
	b.read.Store(true)
	switch {
	case b.closed.Load() > 0:
		return 0, http.ErrBodyReadAfterClose
	case len(b.content) == 0:
		return 0, io.EOF
	}
	n := copy(p, b.content)
	b.content = b.content[n:]
	return n, nil
}

// Content is what is to be sent, for a transport that sends it in another form. It
// counts as read only when that transport reads it.
func (b *body) Content() []byte { return b.content }

func (b *body) Close() error {
	b.closed.Add(1)
	return nil
}

// Watch returns ctx with a trace of the request in it. stop has to end that
// context at once.
func (s *Sent) Watch(ctx context.Context, stop func()) context.Context {
	s.stop = stop
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:              s.getConn,
		GotConn:              s.gotConn,
		WroteHeaderField:     s.wroteField,
		WroteRequest:         s.wroteRequest,
		GotFirstResponseByte: s.answered,
		Got1xxResponse:       s.informed,
	})
}

func (s *Sent) getConn(string) {
	s.sought.Store(true)
	if s.pending.Load() {
		s.stop()
	}
}

// gotConn refuses the connection where an earlier one may have carried the
// request. HTTP/2 looks at the context before it writes; HTTP/1 does not, so its
// connection is closed.
func (s *Sent) gotConn(info httptrace.GotConnInfo) {
	s.got.Store(true)
	if !s.pending.Load() {
		return
	}
	s.stop()
	if info.Conn != nil && !s.speaksHTTP2(info.Conn) {
		_ = info.Conn.Close()
	}
}

func (s *Sent) speaksHTTP2(conn net.Conn) bool {
	if secure, ok := conn.(interface{ ConnectionState() tls.ConnectionState }); ok {
		return secure.ConnectionState().NegotiatedProtocol == "h2"
	}
	return s.http2.Load()
}

// wroteField is called before the field can leave. Pseudo header fields are
// those of HTTP/2.
func (s *Sent) wroteField(name string, _ []string) {
	if s.pending.Load() {
		return
	}
	if strings.HasPrefix(name, ":") {
		s.http2.Store(true)
	}
	s.wrote.Store(true)
	s.pending.Store(true)
}

func (s *Sent) wroteRequest(info httptrace.WroteRequestInfo) {
	if info.Err != nil {
		s.failed.Store(true)
	}
}

// answered ends the watch over this try: a transport that sends the request
// again after an answer does so on purpose.
func (s *Sent) answered() { s.pending.Store(false) }

// informed is the 1xx before an answer, which may still fail to come.
func (s *Sent) informed(int, textproto.MIMEHeader) error {
	s.pending.Store(true)
	return nil
}

// Unsent reports whether the write that ended with err provably was not
// processed. own says that the transport is net/http's and nothing is wrapped
// around it; over, that the attempt's context has ended, so that net/http may
// still be at work.
func (s *Sent) Unsent(err error, own, over bool) bool {
	untouched := !s.body.read.Load()
	switch {
	case !own: // each try of a transport that repeats by itself closes the body
		return untouched && s.body.closed.Load() <= 1 && !s.got.Load() && beforeTheRequest(err)
	case refused(err):
		return true
	case !s.got.Load():
		return untouched && (s.sought.Load() || beforeTheRequest(err))
	case over:
		return false
	case !s.wrote.Load():
		return true
	}
	// HTTP/1 sends the headers off before it reads the body, and reports a
	// failure to do so. A header that is not whole is no request.
	return untouched && s.failed.Load() && !s.http2.Load()
}

// ErrNotSent is what a transport says of a request of which it sent nothing.
var ErrNotSent = errors.New("hoster: the request was not sent")

// beforeTheRequest recognises the errors that come before the first byte of a
// request: a name that did not resolve, a connection that was refused, a TLS
// handshake that failed, a transport that says so.
func beforeTheRequest(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var unverified *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.Is(err, ErrNotSent) || errors.As(err, &dns) || errors.As(err, &unverified) || errors.As(err, &record) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// refused recognises what RFC 9113 calls not processed: a stream that was reset
// with REFUSED_STREAM, and one beyond the last stream of a GOAWAY. For a body
// that cannot be had twice net/http keeps only their text.
func refused(err error) bool {
	const cannot, goAway = "http2: Transport: cannot retry err [", "http2: Transport received Server's graceful shutdown GOAWAY"
	for ; err != nil; err = errors.Unwrap(err) {
		text := err.Error()
		inner, ok := strings.CutPrefix(text, cannot)
		switch {
		case ok && strings.HasPrefix(inner, goAway+"]"),
			ok && strings.HasPrefix(inner, "stream error: stream ID ") && strings.Contains(inner, "; REFUSED_STREAM; received from peer]"),
			strings.HasPrefix(text, goAway),
			strings.HasPrefix(text, "http2: Transport received GOAWAY from server ErrCode:"): // the first stream of a connection
			return true
		}
	}
	return false
}
