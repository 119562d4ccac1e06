package hoster

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestHeadersOfTheCaller: they are sent with every attempt, that of the call before
// that of the client, and no error shows what they hold.
func TestHeadersOfTheCaller(t *testing.T) {
	const secret, other = "s3cr3t-of-the-brand", "an0ther-s3cr3t"
	wire := newWire(reply(500, ""), reply(400, apiError("BAD_REQUEST", secret+" and "+other+" are wrong"), "X-Shop: 7", "X-Request-Id: "+secret))
	client := wire.newClient(t, quick, WithHeaders(map[string]string{"x-reseller": secret, "X-Shop": "one"}))
	var meta Response
	_, err := client.Domains.Get(t.Context(), "example.com", WithHeader("X-Shop", "two"), WithHeader("x-more", other), WithResponse(&meta))
	if !errors.Is(err, ErrBadRequest) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), other) {
		t.Errorf("got %v", err)
	}
	if meta.Header().Get("X-Shop") != "7" || strings.Contains(fmt.Sprintf("%+v", meta), "X-Shop") {
		t.Errorf("the answer's headers: %+v", meta)
	}
	sent := wire.requests()
	if len(sent) != 2 {
		t.Fatalf("%d requests", len(sent))
	}
	for _, r := range sent {
		h := r.header
		if h.Get("X-Reseller") != secret || h.Get("X-Shop") != "two" || len(h["X-Shop"]) != 1 || h.Get("X-More") != other || h.Get("Authorization") == "" {
			t.Errorf("sent %v", h)
		}
	}
	if err := getVerb.call(t.Context(), client); err == nil || wire.requests()[2].header.Get("X-Shop") != "one" || wire.requests()[2].header.Get("X-More") != "" {
		t.Errorf("the next call: %v", wire.requests()[2].header)
	}
	if new(Response).Header() != nil {
		t.Error("headers of no answer")
	}
}

// TestHeadersThatAreRefused: nothing that the package or the connection decides can
// be set from outside, and nothing can be smuggled into a request.
func TestHeadersThatAreRefused(t *testing.T) {
	wire := newWire(reply(200, domainAnswer))
	client := wire.newClient(t)
	for _, header := range [][2]string{
		{"Authorization", "Bearer x"}, {"authorization", "x"}, {"AUTHORIZATION", "x"}, {"Proxy-Authorization", "x"}, {"Host", "x"}, {"host", "x"},
		{"Content-Length", "0"}, {"content-type", "text/plain"}, {"Content-Encoding", "gzip"}, {"Transfer-Encoding", "chunked"}, {"Connection", "close"},
		{"Upgrade", "h2c"}, {"Expect", "100-continue"}, {"Trailer", "x"}, {"TE", "gzip"}, {"Accept", "text/html"}, {"Accept-Encoding", "br"}, {"Range", "bytes=0-1"},
		{"User-Agent", "x"}, {"Idempotency-Key", "k"}, {"idempotency-key", "k"}, {"If-Match", `"v1"`},
		{"", "x"}, {"X Y", "x"}, {"X:", "x"}, {"X-Ü", "x"}, {"X-A", ""}, {"X-A", "a\r\nX-B: c"}, {"X-A", "a\nb"}, {"X-A", "\x00"}, {"X-A", " a"}, {"X-A", "a "},
	} {
		var argument *ArgumentError
		err := getVerb.call(t.Context(), client, WithHeader(header[0], header[1]))
		if !errors.As(err, &argument) || argument.Field != "WithHeader" || argument.Operation == "" {
			t.Errorf("%q: %q of a call: %v", header[0], header[1], err)
		}
		_, err = NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHeaders(map[string]string{header[0]: header[1]}))
		if !errors.As(err, &argument) || argument.Field != "WithHeaders" {
			t.Errorf("%q: %q of a client: %v", header[0], header[1], err)
		}
	}
	if wire.count() != 0 {
		t.Errorf("%d requests", wire.count())
	}
	if _, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), WithHeaders(map[string]string{"X-A": "tab\tinside", "x-b": "ü"})); err != nil {
		t.Errorf("values that HTTP allows: %v", err)
	}
}
