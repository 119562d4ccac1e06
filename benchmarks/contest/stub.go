package contest

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/go-hoster/hoster/benchmarks/wire"
)

// stub answers in this process, with as little work of its own as can be: what
// is measured over it is the contender's. All answers share their headers, which
// nobody may change.
type stub struct {
	bodies wire.Bodies
	header http.Header
}

// NewStub returns a client that reaches no network, and the origin to give to
// contenders.
func NewStub() (*http.Client, string) {
	s := &stub{header: http.Header{
		"Content-Type": {"application/json"},
		"X-Request-Id": {"req_0123456789abcdef"},
	}}
	return &http.Client{Transport: s}, "https://api.example.com"
}

func (s *stub) RoundTrip(req *http.Request) (*http.Response, error) {
	body, ok := s.bodies.Answer(req.URL.Path, req.URL.RawQuery)
	if !ok {
		return nil, fmt.Errorf("no body for %s", req.URL)
	}
	b := new(stubBody)
	b.Reset(body)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: s.header, Body: b, ContentLength: int64(len(body)), Request: req,
	}, nil
}

// stubBody is a bytes.Reader that can be closed.
type stubBody struct{ bytes.Reader }

func (*stubBody) Close() error { return nil }
