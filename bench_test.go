package hoster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-hoster/hoster"
)

// benchDomain is an answer of usual size: about 320 bytes of data.
const benchDomain = `{"status":"success","data":{"id":"dom_01HZX3K8Q2","name":"example.com","status":"active",` +
	`"registered_at":"2021-03-14T09:26:53Z","expires_at":"2027-03-14T09:26:53Z","auto_renew":true,"locked":true,` +
	`"nameservers":["ns1.example.net","ns2.example.net"],"whois_privacy":true,"uses_provider_dns":false,` +
	`"created_at":"2021-03-14T09:26:53Z","updated_at":"2025-11-02T17:04:11Z"}}`

const benchToken = "hst_4f9c2a7be1d84c0f9a3b5d6e7f801234"

// stub is a transport that answers at once, in process, with as little work of
// its own as can be: what is measured over it is the client's.
type stub struct {
	status int
	header http.Header // of all answers; nobody may change it
	body   string
}

func newStub(status int, body string) *http.Client {
	header := http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"req_01HZX3K8Q2"}}
	return &http.Client{Transport: stub{status, header, body}}
}

func (s stub) RoundTrip(req *http.Request) (*http.Response, error) {
	if sent := req.Header["Authorization"]; len(sent) != 1 || sent[0] != "Bearer "+benchToken {
		return nil, errors.New("the token is missing")
	}
	body := new(stubBody)
	body.Reset(s.body)
	return &http.Response{
		StatusCode: s.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: s.header, ContentLength: int64(len(s.body)), Body: body, Request: req,
	}, nil
}

// stubBody is a strings.Reader that can be closed.
type stubBody struct{ strings.Reader }

func (*stubBody) Close() error { return nil }

// contender makes one GET of a domain and checks what it got.
type contender struct {
	name string
	get  func(context.Context) error
}

// contenders are the SDK beside the same call written by hand over net/http,
// and the floor: the body in a pooled buffer, and nothing decoded.
func contenders(b testing.TB, plain *http.Client, baseURL string) []contender {
	client := newTestClient(b, baseURL, benchToken, hoster.WithHTTPClient(plain))
	send := func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/domains/example.com", nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+benchToken)
		resp, err := plain.Do(req)
		if err == nil && resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d", resp.StatusCode)
		}
		return resp, err
	}
	buffers := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	return []contender{
		{"hoster", func(ctx context.Context) error {
			domain, err := client.Domains.Get(ctx, "example.com")
			return checkDomain(domain, err)
		}},
		{"raw", func(ctx context.Context) error {
			resp, err := send(ctx)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return err
			}
			var envelope struct {
				Status string        `json:"status"`
				Data   hoster.Domain `json:"data"`
			}
			err = json.Unmarshal(body, &envelope)
			return checkDomain(envelope.Data, err)
		}},
		{"floor", func(ctx context.Context) error {
			resp, err := send(ctx)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			buffer := buffers.Get().(*bytes.Buffer)
			defer buffers.Put(buffer)
			buffer.Reset()
			if _, err = buffer.ReadFrom(resp.Body); err == nil && buffer.Len() != len(benchDomain) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}},
	}
}

func checkDomain(domain hoster.Domain, err error) error {
	if err == nil && (domain.Name != "example.com" || domain.ExpiresAt == nil || len(domain.Nameservers) != 2) {
		err = errors.New("the domain is not what was sent")
	}
	return err
}

// BenchmarkGet is the client's CPU for one small call, without a network.
func BenchmarkGet(b *testing.B) {
	for _, contender := range contenders(b, newStub(200, benchDomain), "https://api.example.com/v1") {
		b.Run(contender.name, func(b *testing.B) { repeat(b, contender.get) })
	}
}

// BenchmarkGetLoopback is the same over a socket, where net/http costs most.
func BenchmarkGetLoopback(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, benchDomain)
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for _, contender := range contenders(b, &http.Client{Transport: transport}, server.URL+"/v1") {
		b.Run(contender.name, func(b *testing.B) { repeat(b, contender.get) })
	}
}

// BenchmarkNothing is a call whose answer has nothing to decode: the path alone.
func BenchmarkNothing(b *testing.B) { repeat(b, nothing(b)) }

func nothing(t testing.TB) func(context.Context) error {
	client := newTestClient(t, "https://api.example.com/v1", benchToken, hoster.WithHTTPClient(newStub(204, "")))
	return func(ctx context.Context) error { return client.DNS.Delete(ctx, "example.com", "rec_1") }
}

// What a call may allocate. The first is the path without decoding; the stub's
// answer counts in both.
const (
	mostForNothing = 15
	mostForGet     = 20
)

func TestGetAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	get := contenders(t, newStub(200, benchDomain), "https://api.example.com/v1")[0].get
	for _, test := range []struct {
		name string
		most float64
		call func(context.Context) error
	}{
		{"nothing to decode", mostForNothing, nothing(t)},
		{"a domain", mostForGet, get},
	} {
		if n := testing.AllocsPerRun(200, func() {
			if err := test.call(t.Context()); err != nil {
				t.Fatal(err)
			}
		}); n > test.most {
			t.Errorf("%s: %v allocations, at most %v were allowed", test.name, n, test.most)
		}
	}
}

func repeat(b *testing.B, call func(context.Context) error) {
	b.ReportAllocs()
	for b.Loop() {
		if err := call(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
