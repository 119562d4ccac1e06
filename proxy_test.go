package hoster_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-hoster/hoster"
)

// TestProxyIsNamed: what the caller's own proxy answers is no answer of the API.
// It is asked once, unless it says that it may go better, and nothing was sent.
func TestProxyIsNamed(t *testing.T) {
	tests := []struct {
		line    string
		asked   int32
		want    []string
		wantNot []string
	}{
		{"403 Forbidden", 1, []string{"the proxy", "refused the connection: 403 Forbidden"}, []string{"attempts", "scope", "token"}},
		{"407 Proxy Authentication Required", 1, []string{"the proxy", "407 Proxy Authentication Required", "credentials"}, []string{"attempts", "scope"}},
		{"403 Blocked \x1b[31mby policy", 1, []string{`403 Blocked \027[31mby policy`}, []string{"\x1b"}},
		{"502 Bad Gateway", 3, []string{"the proxy", "502 Bad Gateway", "(after 3 attempts)"}, nil},
	}
	for _, test := range tests {
		var asked atomic.Int32
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		proxy := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 "+test.line+"\r\nContent-Length: 0\r\n\r\n")
				_ = conn.Close()
			}
		})}
		go func() { _ = proxy.Serve(listener) }()
		at := &url.URL{Scheme: "http", User: url.UserPassword("me", "pa55word"), Host: listener.Addr().String()}
		own := hoster.ProxyTransport(http.ProxyURL(at))
		for name, transport := range map[string]*http.Transport{"our own": own, "the caller's": {Proxy: http.ProxyURL(at)}} {
			if strings.Contains(test.line, "policy") && transport != own {
				continue // net/http leaves nothing of it but words of its own
			}
			asked.Store(0)
			client, err := hoster.NewClient(hoster.WithBaseURL("https://api.example.com/v1"), hoster.WithToken("t0ken-t0ken"),
				hoster.WithHTTPClient(&http.Client{Transport: transport}), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 3}))
			if err != nil {
				t.Fatal(err)
			}
			for call, err := range map[string]error{"read": getDomain(client), "write": createRecord(client)} {
				var lost *hoster.TransportError
				if !errors.As(err, &lost) || errors.Is(err, hoster.ErrOutcomeUnknown) || errors.Is(err, hoster.ErrForbidden) {
					t.Errorf("%s, %s, %s: %v", test.line, name, call, err)
					continue
				}
				for _, want := range test.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%s, %s, %s: no %q in %v", test.line, name, call, want, err)
					}
				}
				for _, unwanted := range append(test.wantNot, "pa55word") {
					if strings.Contains(err.Error(), unwanted) {
						t.Errorf("%s, %s, %s: %q in %v", test.line, name, call, unwanted, err)
					}
				}
				if transport == own && !strings.Contains(err.Error(), at.Host) {
					t.Errorf("which proxy? %v", err)
				}
			}
			if got := asked.Load(); got != 2*test.asked {
				t.Errorf("%s, %s: two calls asked %d times", test.line, name, got)
			}
		}
		_ = proxy.Close()
	}
}

// TestProxyIsNotGuessed: a transport that is not net/http's can say "Forbidden"
// of anything, and of a write that was sent.
func TestProxyIsNotGuessed(t *testing.T) {
	transport := canned(func(*http.Request) (*http.Response, error) { return nil, errors.New("Forbidden") })
	if err := createRecord(cannedClient(t, transport)); !errors.Is(err, hoster.ErrOutcomeUnknown) || strings.Contains(err.Error(), "proxy") {
		t.Errorf("got %v", err)
	}
}

// TestProxyOverPlainHTTP: there the proxy's answer stands where the API's would.
func TestProxyOverPlainHTTP(t *testing.T) {
	for _, body := range []string{"", "<p>Log in</p>", `{"message":"log in"}`} {
		err := getDomain(cannedClient(t, alwaysText(407, body, "Proxy-Authenticate", "Basic")))
		if !errors.Is(err, hoster.ErrIntermediary) || !strings.Contains(err.Error(), "proxy on the way asks for credentials") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// TestContentCoding: a body in a coding that nobody asked for is named, and
// nothing of it is shown. The status keeps its class.
func TestContentCoding(t *testing.T) {
	rubbish := string([]byte{0x8b, 0x02, 0x80, 0xff, 0x1b, 0x00, 0xc1, 0x90, 0xe2, 0x28}) + strings.Repeat("\x9d\x01q", 200)
	for _, coding := range []string{"br", "zstd", "GZIP", "deflate, br", "x\x1b[31m"} {
		for status, want := range map[int]error{200: hoster.ErrDecode, 201: hoster.ErrDecode, 404: hoster.ErrIntermediary, 500: hoster.ErrServer, 429: hoster.ErrRateLimited} {
			transport := alwaysText(status, rubbish, "Content-Encoding", coding, "Content-Type", "application/json")
			for _, call := range []func(*hoster.Client) error{getDomain, createRecord, deleteRecord} {
				err := call(cannedClient(t, transport))
				if !errors.Is(err, want) || !strings.Contains(err.Error(), "content coding ") || strings.ContainsAny(err.Error(), "\ufffd\x1b\x01") {
					t.Errorf("%s, %d: %v", coding, status, err)
				}
				if e := errorOf(t, err); e.Text != "" || e.FromAPI || e.Status != status {
					t.Errorf("%s, %d: %+v", coding, status, e)
				}
			}
		}
	}
	if err := getDomain(cannedClient(t, alwaysText(401, rubbish, "Content-Encoding", "br", "WWW-Authenticate", `Bearer error="invalid_token"`))); !errors.Is(err, hoster.ErrUnauthorized) {
		t.Errorf("401: %v", err)
	}
	if err := deleteRecord(cannedClient(t, alwaysText(204, "", "Content-Encoding", "br"))); err != nil {
		t.Errorf("nothing is in no coding: %v", err)
	}
	if _, err := cannedClient(t, alwaysText(200, rubbish, "Content-Encoding", "br", "Content-Type", "application/pdf")).Invoices.PDF(t.Context(), "inv_1"); !errors.Is(err, hoster.ErrDecode) {
		t.Errorf("document: %v", err)
	}
}

// TestBodyThatIsNoText: rubbish without a word about its coding.
func TestBodyThatIsNoText(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, strings.Repeat("what a page says, and more of it ", 9)+"0123456789")
	_ = w.Close()
	for status, want := range map[int]error{200: hoster.ErrIntermediary, 502: hoster.ErrServer} {
		err := getDomain(cannedClient(t, alwaysText(status, packed.String())))
		if !errors.Is(err, want) || !strings.Contains(err.Error(), ": the body is not text") || strings.Contains(err.Error(), "\ufffd") {
			t.Errorf("%d: %v", status, err)
		}
	}
	if err := getDomain(cannedClient(t, alwaysText(502, "Zugriff verweigert, bitte pr\xfcfen"))); !strings.Contains(err.Error(), "Zugriff verweigert") {
		t.Errorf("Latin-1: %v", err)
	}
}

// TestCodingsThatAreAskedFor: gzip is net/http's own, and identity is none.
func TestCodingsThatAreAskedFor(t *testing.T) {
	const body = `{"status":"success","data":{"id":"dom_1","name":"example.com","status":"active","auto_renew":true,"locked":true,"nameservers":[]}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/domains/plain.example" {
			w.Header().Set("Content-Encoding", "identity")
			_, _ = io.WriteString(w, body)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		packer := gzip.NewWriter(w)
		_, _ = io.WriteString(packer, body)
		_ = packer.Close()
	}))
	defer server.Close()
	client := newTestClient(t, server.URL+"/v1", testToken)
	for _, name := range []string{"plain.example", "packed.example"} {
		if _, err := client.Domains.Get(context.Background(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
