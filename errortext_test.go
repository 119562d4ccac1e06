package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestErrorsNameWhatWasAddressed: every call whose path names something has that
// in its errors, whoever answers, and the error of the transport too.
func TestErrorsNameWhatWasAddressed(t *testing.T) {
	notFound := alwaysText(404, `{"status":"error","code":"NOT_FOUND","message":"There is no such thing."}`)
	for _, row := range hoster.Table() {
		segments := strings.Split(strings.TrimPrefix(readExchange(t, row.Name).request.URL.Path, "/v1/"), "/")
		var want []string
		for i, part := range strings.Split(strings.TrimPrefix(row.Path, "/"), "/") {
			if strings.HasPrefix(part, "{") {
				want = append(want, segments[i])
			}
		}
		target := strings.Join(want, "/")
		begin := "hoster: " + string(row.Name)
		if target != "" {
			begin += " " + target
		}
		_, err := calls[row.Name](t.Context(), cannedClient(t, notFound))
		if e := errorOf(t, err); e.Target != target || !strings.HasPrefix(err.Error(), begin+": 404 Not Found") {
			t.Errorf("%s: %q in %v", row.Name, e.Target, err)
		}
		_, err = calls[row.Name](t.Context(), cannedClient(t, oddAnswer{err: errors.New("no route")}))
		var lost *hoster.TransportError
		if !errors.As(err, &lost) || lost.Target != target || !strings.HasPrefix(err.Error(), begin+": no route") {
			t.Errorf("%s: %v", row.Name, err)
		}
	}
	err := cannedClient(t, notFound).Call(t.Context(), hoster.CallSpec{Method: "GET", Segments: []string{"reset", "one-time-key"}}, new(any))
	if strings.Contains(err.Error(), "one-time-key") {
		t.Errorf("the caller's own path can hold anything: %v", err)
	}
}

func TestErrorTexts(t *testing.T) {
	tests := []struct {
		status     int
		body, want string
	}{
		{404, `{"status":"error","code":"NOT_FOUND","message":"There is no such domain."}`,
			"hoster: Domains.Get example.com: 404 Not Found, NOT_FOUND: There is no such domain"},
		{422, `{"status":"error","code":"VALIDATION_ERROR","message":"Some fields are not valid.","errors":{"ttl":["Too low.","Not a number."],"name":["bad;"]},"request_id":"req_1"}`,
			"hoster: Domains.Get example.com: 422 Unprocessable Entity, VALIDATION_ERROR: Some fields are not valid; ttl: Too low, Not a number; name: bad (request req_1)"},
		{422, `{"status":"error","code":"VALIDATION_ERROR","message":"What?","errors":{"ttl":["Too low!"]}}`,
			"hoster: Domains.Get example.com: 422 Unprocessable Entity, VALIDATION_ERROR: What?; ttl: Too low!"},
		{403, `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"The token lacks the scope domains:read.","required_scopes":["domains:read"]}`,
			"hoster: Domains.Get example.com: 403 Forbidden, INSUFFICIENT_PERMISSIONS: The token lacks the scope domains:read. Create a token with that scope in the portal under Account Settings > API Access. A write scope does not include the read scope."},
		{403, `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"No."}`,
			"hoster: Domains.Get example.com: 403 Forbidden, INSUFFICIENT_PERMISSIONS: No. The token lacks domains:read: create a token with that scope in the portal under Account Settings > API Access. A write scope does not include the read scope."},
		{403, `{"status":"error","code":"IP_NOT_ALLOWED","message":"198.51.100.1 is not on the token's allowlist."}`,
			"hoster: Domains.Get example.com: 403 Forbidden, IP_NOT_ALLOWED: 198.51.100.1 is not on the token's allowlist. Add it to the allowlist in the portal under Account Settings > API Access, or call from an address that is on it."},
		{401, `{"status":"error","code":"TOKEN_EXPIRED","message":"The token has expired."}`,
			"hoster: Domains.Get example.com: 401 Unauthorized, TOKEN_EXPIRED: The token has expired. Create a new one in the portal under Account Settings > API Access, and give it an expiry that your rotation meets."},
		{402, `{"status":"error","code":"PAYMENT_REQUIRED","message":"An invoice is overdue."}`,
			"hoster: Domains.Get example.com: 402 Payment Required, PAYMENT_REQUIRED: An invoice is overdue. It is paid by hand in the provider's portal."},
		{412, `{"status":"error","code":"PRECONDITION_FAILED","message":"The domain was changed."}`,
			"hoster: Domains.Get example.com: 412 Precondition Failed, PRECONDITION_FAILED: The domain was changed. Read it again and decide anew."},
		{500, `...`, "hoster: Domains.Get example.com: 500 Internal Server Error"},
	}
	for _, test := range tests {
		if got := getDomain(cannedClient(t, alwaysText(test.status, test.body))).Error(); got != test.want && !strings.HasPrefix(got, test.want+". The answer came") {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestArgumentTexts(t *testing.T) {
	client := cannedClient(t, alwaysText(500, ""))
	ten := hoster.Set[uint16](10)
	for want, record := range map[string]hoster.RecordCreate{
		"hoster: DNS.Create: priority: expected a number from 0 to 65535 (it is missing)":           {Type: "MX", Name: "@", Value: "mx.example.com"},
		"hoster: DNS.Create: weight: expected a number from 0 to 65535 (it is missing)":             {Type: "SRV", Name: "_sip._tcp", Value: "sip.example.com", Priority: ten},
		"hoster: DNS.Create: port: expected a number from 0 to 65535 (it is missing)":               {Type: "SRV", Name: "_sip._tcp", Value: "sip.example.com", Priority: ten, Weight: ten},
		"hoster: DNS.Create: type: expected a record type such as A or TXT":                         {Name: "www", Value: "x"},
		`hoster: DNS.Create: value: expected a value that can be stored ("x" is not an IP address)`: {Type: "A", Name: "www", Value: "x"},
	} {
		if _, err := client.DNS.Create(t.Context(), "example.com", record); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestOneErrorForEachMissingVariable: and none for what an option says, rightly
// or not.
func TestOneErrorForEachMissingVariable(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, "")
	}
	_, err := hoster.NewClientFromEnv()
	want := "hoster: environment variable API_BASE_URL: expected the provider's base URL in it, or a brand in API_BRAND\n" +
		"hoster: environment variable API_TOKEN: expected the token in it, or a file's path in API_TOKEN_FILE"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := hoster.NewClientFromEnv(hoster.WithBrand("NOT A LABEL"), hoster.WithToken("a b")); err == nil || strings.Count(err.Error(), "\n") != 1 || strings.Contains(err.Error(), "API_") {
		t.Errorf("got %v", err)
	}
}

// TestErrorsOfApplyNameTheSets: whether a batch or a single call failed, and
// whether the answer names a place or not.
func TestErrorsOfApplyNameTheSets(t *testing.T) {
	const refused = `{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{%s}}`
	for name, test := range map[string]struct {
		provider, operation, body string
		status                    int
		want                      string
	}{
		"batch with a place":  {"ETags and batch", "DNS.Batch", fmt.Sprintf(refused, `"create.4.value":["no"]`), 422, "hoster: _set01 TXT: DNS.Batch example.com: 422"},
		"batch without one":   {"ETags and batch", "DNS.Batch", `{"status":"error","code":"CONFLICT","message":"no"}`, 409, "hoster: _set00 TXT, _set01 TXT, _set02 TXT, _set03 TXT, _set04 TXT and 2 more: DNS.Batch example.com: 409"},
		"single call":         {"neither", "DNS.Create", fmt.Sprintf(refused, `"value":["no"]`), 422, "hoster: _set00 TXT: DNS.Create example.com: 422"},
		"single call, a page": {"neither", "DNS.Create", "<p>down</p>", 500, "hoster: _set00 TXT: DNS.Create example.com: 500"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0)}, providers[test.provider]...)...)
			client := newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithIdempotencyKeys(false))
			plan := planOf(t, client, 7)
			srv.Inject(sandbox.Fault{Operation: test.operation, Status: test.status, Body: test.body})
			_, err := client.DNS.Apply(context.Background(), plan, &hoster.ApplyOptions{Concurrency: 1})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if e := errorOf(t, err); e.Status != test.status {
				t.Errorf("%+v", e)
			}
		})
	}
}
