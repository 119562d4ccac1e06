package exchange

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// oneToken gives itself.
type oneToken string

func (t oneToken) Reveal() string { return string(t) }

func (t oneToken) Lease(context.Context) (Token, func(), error) { return t, func() {}, nil }

func (t oneToken) Renew(context.Context, Token) bool { return false }

func TestTokenStaysAtHome(t *testing.T) {
	base, err := url.Parse("https://api.example.com/v1")
	if err != nil {
		t.Fatal(err)
	}
	for address, mine := range map[string]bool{
		"https://api.example.com/":         true,
		"https://API.example.com:443/x":    true,
		"https://api.example.com./x":       false,
		"https://api.example.com:8443/":    false,
		"http://api.example.com/":          false,
		"http://api.example.com:443/":      false,
		"https://example.com/":             false,
		"https://evil.api.example.com/":    false,
		"https://api.example.com.evil.tld": false,
		"https://192.0.2.1/":               false,
	} {
		sent := ""
		transport := &bearer{home: originOf(base), tokens: oneToken("t0ken"), limit: time.Hour, next: roundTrip(func(req *http.Request) (*http.Response, error) {
			sent = req.Header.Get("Authorization")
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: req}, nil
		})}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := sent == "Bearer t0ken"; got != mine {
			t.Errorf("%s: token sent: %v", address, got)
		}
		if req.Header.Get("Authorization") != "" || resp.Request != req {
			t.Errorf("%s: the request was changed", address)
		}
	}
}
