package hoster

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
)

// TestDocumentsFromAbroad: a document is fetched from where the API points, over
// https, and nothing of the call goes with the request.
func TestDocumentsFromAbroad(t *testing.T) {
	const document = "%PDF-1.7 ... %%EOF"
	for name, test := range map[string]struct {
		location string
		foreign  int // requests of the other host
		follows  bool
	}{
		"a signed URL":       {"https://files.example/inv.pdf?signature=s3cret", 1, true},
		"two of them":        {"https://files.example/again", 2, true},
		"another port":       {"https://api.example.com:8443/inv.pdf", 1, true},
		"plain http":         {"http://files.example/inv.pdf?signature=s3cret", 0, false},
		"with a user":        {"https://me:s3cret@files.example/inv.pdf", 0, false},
		"and back home":      {"https://files.example/home", 1, false},
		"and to plain http":  {"https://files.example/plain", 1, false},
		"round and round":    {"https://files.example/round", 9, false},
		"another kind":       {"ftp://files.example/inv.pdf", 0, false},
		"a refusal as JSON":  {"https://files.example/refused", 1, false},
		"and one of a token": {"https://files.example/expired", 1, false},
	} {
		s := newStage(t)
		s.redirect = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", test.location)
			w.WriteHeader(http.StatusFound)
		}
		s.abroad = func(w http.ResponseWriter, r *http.Request) {
			next := map[string]string{"/again": "/inv.pdf", "/home": "https://api.example.com/v1/there", "/plain": "http://files.example/inv.pdf", "/round": "/round"}[r.URL.Path]
			switch {
			case next != "":
				http.Redirect(w, r, next, http.StatusFound)
			case r.URL.Path == "/refused":
				writeJSON(w, 404, `{"status":"error","code":"NOT_FOUND","message":"no such key","request_id":"req_1"}`)
			case r.URL.Path == "/expired":
				w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
				w.Header().Set("X-RateLimit-Remaining", "0")
				writeJSON(w, 401, `{"status":"error","code":"TOKEN_EXPIRED","message":"expired"}`)
			default:
				w.Header().Set("Content-Type", "application/pdf")
				_, _ = io.WriteString(w, document)
			}
		}
		clients := s.clients(t)
		clients["with cookies"] = s.clientWithCookies(t)
		for whose, client := range clients {
			body, err := client.Invoices.PDF(t.Context(), "inv_1", WithHeader("X-Brand", "acme"), WithoutRetry())
			var got []byte
			if err == nil {
				got, err = io.ReadAll(body)
				_ = body.Close()
			}
			if (err == nil) != test.follows || test.follows && string(got) != document {
				t.Errorf("%s, %s: %q, %v", name, whose, got, err)
			}
			if err != nil && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnauthorized) || strings.Contains(err.Error(), "s3cret")) {
				t.Errorf("%s, %s: %v", name, whose, err)
			}
			sent := s.foreign.take()
			if len(sent) != test.foreign {
				t.Errorf("%s, %s: %d requests abroad", name, whose, len(sent))
			}
			for _, r := range sent {
				for header := range r.header {
					if header != "User-Agent" && header != "Accept-Encoding" || strings.Contains(r.header.Get(header), "hoster") {
						t.Errorf("%s, %s: the other host got %s: %s", name, whose, header, r.header.Get(header))
					}
				}
				if r.method != http.MethodGet || r.body != "" {
					t.Errorf("%s, %s: the other host got %s %q", name, whose, r.method, r.body)
				}
			}
			if home := s.home.take(); len(home) != 1 {
				t.Errorf("%s, %s: %d requests at home", name, whose, len(home))
			}
		}
	}
}

// TestDocumentTypes: what begins as a PDF is one under any binary type; a page is
// none, and neither is JSON.
func TestDocumentTypes(t *testing.T) {
	for kind, want := range map[string]map[string]bool{
		"application/pdf":                {"%PDF-1.4 %%EOF": true},
		"Application/PDF; x=y":           {"%PDF-1.4 %%EOF": true},
		"application/octet-stream":       {"%PDF-1.4 %%EOF": true},
		"binary/octet-stream":            {"%PDF-1.4 %%EOF": true, "%PD": false, "": false, "PK\x03\x04": false},
		"application/x-download":         {"%PDF": true, "<html>": false},
		"":                               {"%PDF-1.4 %%EOF": true, "<html>": false},
		"text/html":                      {"%PDF-1.4 %%EOF": false, "<html>": false},
		"text/plain; charset=utf-8":      {"%PDF-1.4 %%EOF": false},
		"application/json":               {"%PDF-1.4 %%EOF": false, `{"status":"success","data":null}`: false},
		"application/problem+json":       {"%PDF-1.4 %%EOF": false},
		"application/xml; charset=utf-8": {"%PDF-1.4 %%EOF": false},
	} {
		for body, is := range want {
			client := newWire(reply(200, body, "Content-Type: "+kind)).newClient(t)
			document, err := client.Invoices.PDF(t.Context(), "inv_1", WithoutRetry())
			if (err == nil) != is {
				t.Errorf("%q of type %q: %v", body, kind, err)
			}
			if err != nil {
				continue
			}
			got, err := io.ReadAll(document)
			_ = document.Close()
			if err != nil || string(got) != body {
				t.Errorf("%q of type %q: read %q, %v", body, kind, got, err)
			}
		}
	}
}

// clientWithCookies has one for every host.
func (s *stage) clientWithCookies(t *testing.T) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(mustURL(t, "https://files.example/"), []*http.Cookie{{Name: "session", Value: "s3cret"}})
	transport := &http.Transport{DialContext: s.dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // servers of this test
	t.Cleanup(transport.CloseIdleConnections)
	client, err := NewClient(WithBaseURL("https://api.example.com/v1"), WithToken("t0ken"), quick, WithHTTPClient(&http.Client{Transport: transport, Jar: jar}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}
