package hoster_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// mocked is a client of the brand acme that talks to a mock of one exchange.
func mocked(t *testing.T, method, path string, answer httpmock.Responder) *hoster.Client {
	t.Helper()
	mock := httpmock.NewMockTransport()
	if answer != nil {
		mock.RegisterResponder(method, "https://api.acme.com/v1"+path, answer)
	}
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: mock}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestSpellingsSendTheSameBytes: however a name or a host is written, what goes
// on the wire is canonical.
func TestSpellingsSendTheSameBytes(t *testing.T) {
	const want = `{"type":"MX","name":"@","value":"mail.example.com","priority":0}`
	for _, record := range []hoster.RecordCreate{
		{Type: "MX", Name: "@", Value: "mail.example.com", Priority: hoster.Set[uint16](0)},
		{Type: "mx", Name: "", Value: "MAIL.example.com.", Priority: hoster.Set[uint16](0)},
		{Type: "MX", Name: "example.com", Value: "0 mail.example.com."},
		{Type: "MX", Name: "EXAMPLE.com.", Value: "0 mail.example.com", Priority: hoster.Set[uint16](0)},
		hoster.NewRecord("@", dnszone.MX{Host: "Mail.Example.com."}),
	} {
		var sent string
		client := mocked(t, "POST", "/domains/example.com/dns/records", func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			sent = string(body)
			return httpmock.NewStringResponse(201, `{"status":"success","data":{"id":"rec_1","type":"MX","name":"@","value":"mail.example.com"}}`), err
		})
		if _, err := client.DNS.Create(context.Background(), "Example.com.", record); err != nil {
			t.Errorf("%+v: %v", record, err)
		}
		if sent != want {
			t.Errorf("sent %s\nwant %s", sent, want)
		}
	}
}

// TestAnswersAreCanonical: however a brand writes a record, the caller sees one
// form; what cannot be read stays as it came.
func TestAnswersAreCanonical(t *testing.T) {
	for answer, want := range map[string]hoster.Record{
		`{"id":7,"type":"A","name":"www.example.com.","value":"192.0.2.1","ttl":"300"}`:                   {ID: "7", Type: "A", Name: "www", Value: "192.0.2.1", TTL: 300},
		`{"id":"r","type":"TXT","name":"","value":"\"a b\" \"c\"","ttl":60}`:                              {ID: "r", Type: "TXT", Name: "@", Value: "a bc", TTL: 60},
		`{"id":"r","type":"AAAA","name":"example.com","value":"2001:0DB8::0001","ttl":60}`:                {ID: "r", Type: "AAAA", Name: "@", Value: "2001:db8::1", TTL: 60},
		`{"id":"r","type":"CNAME","name":"*.WWW","value":"Target.Example.NET.","ttl":60}`:                 {ID: "r", Type: "CNAME", Name: "*.www", Value: "target.example.net", TTL: 60},
		`{"id":"r","type":"TLSA","name":"_443._tcp","value":"3 1 1 ABC","ttl":60}`:                        {ID: "r", Type: "TLSA", Name: "_443._tcp", Value: "3 1 1 ABC", TTL: 60},
		`{"id":"r","type":"A","name":"elsewhere.example.net.","value":"not an address","ttl":60,"new":1}`: {ID: "r", Type: "A", Name: "elsewhere.example.net.", Value: "not an address", TTL: 60},
	} {
		client := mocked(t, "GET", "/domains/example.com/dns/records/r", httpmock.NewStringResponder(200, `{"status":"success","data":`+answer+`}`))
		got, err := client.DNS.Get(context.Background(), "example.com", "r")
		if err != nil || got != want {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", answer, got, err, want)
		}
	}
}

// TestArgumentsAreRefusedBeforeAnyRequest: the mock answers nothing, so a
// request that is sent fails the test with another error.
func TestArgumentsAreRefusedBeforeAnyRequest(t *testing.T) {
	create := func(r hoster.RecordCreate) func(context.Context, *hoster.Client) error {
		return func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Create(ctx, "example.com", r)
			return err
		}
	}
	token := func(r hoster.TokenCreate) func(context.Context, *hoster.Client) error {
		return func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Tokens.Create(ctx, r)
			return err
		}
	}
	type test struct {
		field string
		call  func(context.Context, *hoster.Client) error
	}
	for _, test := range []test{
		{"type", create(hoster.RecordCreate{Name: "www", Value: "192.0.2.1"})},
		{"value", create(hoster.RecordCreate{Type: "A", Name: "www", Value: "no address"})},
		{"value", create(hoster.RecordCreate{Type: "TXT", Name: "www", Value: strings.Repeat("x", 4097)})},
		{"name", create(hoster.RecordCreate{Type: "A", Name: "www.example.net.", Value: "192.0.2.1"})},
		{"name", create(hoster.RecordCreate{Type: "A", Name: "www.example.com.example.com", Value: "192.0.2.1"})},
		{"name", create(hoster.RecordCreate{Type: "A", Name: "a.*", Value: "192.0.2.1"})},
		{"ttl", create(hoster.RecordCreate{Type: "A", Name: "www", Value: "192.0.2.1", TTL: hoster.Set(0)})},
		{"priority", create(hoster.RecordCreate{Type: "MX", Name: "@", Value: "mail.example.com"})},
		{"weight", create(hoster.RecordCreate{Type: "SRV", Name: "_sip._tcp", Value: "sip.example.com", Priority: hoster.Set[uint16](1)})},
		{"name", token(hoster.TokenCreate{Scopes: hoster.AllScopes()})},
		{"name", token(hoster.TokenCreate{Name: strings.Repeat("é", 101), Scopes: hoster.AllScopes()})},
		{"scopes", token(hoster.TokenCreate{Name: "x"})},
		{"scopes.0", token(hoster.TokenCreate{Name: "x", Scopes: []hoster.Scope{""}})},
		{"ip_allowlist.1", token(hoster.TokenCreate{Name: "x", Scopes: hoster.AllScopes(), IPAllowlist: hoster.Set([]string{"192.0.2.0/24", "nowhere"})})},
		{"domain", func(ctx context.Context, c *hoster.Client) error { _, err := c.Domains.Get(ctx, ""); return err }},
		{"domain", func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Get(ctx, "availability")
			return err
		}},
		{"domain", func(ctx context.Context, c *hoster.Client) error { _, err := c.Domains.Get(ctx, "../x"); return err }},
		{"id", func(ctx context.Context, c *hoster.Client) error { return c.DNS.Delete(ctx, "example.com", "") }},
		{"id", func(ctx context.Context, c *hoster.Client) error { return c.DNS.Delete(ctx, "example.com", "..") }},
		{"id", func(ctx context.Context, c *hoster.Client) error { return c.Tokens.Revoke(ctx, "current") }},
		{"name", func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Update(ctx, "example.com", "rec_1", hoster.RecordUpdate{Name: hoster.Set("x.example.net.")})
			return err
		}},
		{"name", func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.List(ctx, "example.com", &hoster.RecordListOptions{Name: "x.example.net."})
			return err
		}},
		{"Method", func(ctx context.Context, c *hoster.Client) error {
			return c.Call(ctx, hoster.CallSpec{Method: "TRACE", Segments: []string{"x"}}, nil)
		}},
		{"Segments", func(ctx context.Context, c *hoster.Client) error {
			return c.Call(ctx, hoster.CallSpec{Method: "GET"}, nil)
		}},
		{"segment", func(ctx context.Context, c *hoster.Client) error {
			return c.Call(ctx, hoster.CallSpec{Method: "GET", Segments: []string{"a", ".."}}, nil)
		}},
		{"Replay", func(ctx context.Context, c *hoster.Client) error {
			return c.Call(ctx, hoster.CallSpec{Method: "POST", Segments: []string{"a"}, Replay: hoster.ReplayAlways}, nil)
		}},
		{"body", func(ctx context.Context, c *hoster.Client) error {
			return c.Call(ctx, hoster.CallSpec{Method: "POST", Segments: []string{"a"}, Body: func() {}}, nil)
		}},
		{"options", func(ctx context.Context, c *hoster.Client) error {
			return c.Call(ctx, hoster.CallSpec{Method: "GET", Segments: []string{"a"}, Query: 7}, nil)
		}},
		{"ctx", func(_ context.Context, c *hoster.Client) error {
			var none context.Context
			return c.Tokens.Revoke(none, "tok_1")
		}},
	} {
		err := test.call(context.Background(), mocked(t, "", "", nil))
		var argument *hoster.ArgumentError
		if !errors.As(err, &argument) || argument.Field != test.field || argument.Expected == "" || !errors.Is(err, hoster.ErrInvalidArgument) {
			t.Errorf("got %v, want an ArgumentError about %s", err, test.field)
		}
	}
}

func TestVerifyFallsBackToTheProfile(t *testing.T) {
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("GET", "https://api.acme.com/v1/account/tokens/current", httpmock.NewStringResponder(404, ""))
	mock.RegisterResponder("GET", "https://api.acme.com/v1/account/profile", httpmock.NewStringResponder(200, `{"status":"success","data":{"id":"cust_1"}}`))
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: mock}))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	if got := mock.GetCallCountInfo(); got["GET https://api.acme.com/v1/account/profile"] != 1 {
		t.Errorf("calls: %v", got)
	}
}
