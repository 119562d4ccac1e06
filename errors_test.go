package hoster_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// canned answers every request with what the function makes of it.
type canned func(*http.Request) (*http.Response, error)

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	return c(req)
}

// always answers with one status, header and body.
func always(status int, header http.Header, body io.Reader) canned {
	return func(req *http.Request) (*http.Response, error) {
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(body), ContentLength: -1, Request: req, ProtoMajor: 1, ProtoMinor: 1}, nil
	}
}

func alwaysText(status int, body string, header ...string) canned {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return func(req *http.Request) (*http.Response, error) {
		return always(status, h, strings.NewReader(body))(req)
	}
}

// cannedClient sends one attempt of each call into transport.
func cannedClient(t testing.TB, transport http.RoundTripper, options ...hoster.Option) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(append([]hoster.Option{
		hoster.WithBaseURL("https://api.example.com/v1"),
		hoster.WithToken("canned-token"),
		hoster.WithHTTPClient(&http.Client{Transport: transport}),
		hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func getDomain(client *hoster.Client) error {
	_, err := client.Domains.Get(context.Background(), "example.com")
	return err
}

func createRecord(client *hoster.Client) error {
	_, err := client.DNS.Create(context.Background(), "example.com", hoster.RecordCreate{Type: dnszone.TypeA, Name: "www", Value: "192.0.2.1"})
	return err
}

func deleteRecord(client *hoster.Client) error {
	return client.DNS.Delete(context.Background(), "example.com", "rec_1")
}

// sentinels is every sentinel of the package.
var sentinels = map[string]error{
	"ErrUnauthorized":       hoster.ErrUnauthorized,
	"ErrForbidden":          hoster.ErrForbidden,
	"ErrNotFound":           hoster.ErrNotFound,
	"ErrConflict":           hoster.ErrConflict,
	"ErrPreconditionFailed": hoster.ErrPreconditionFailed,
	"ErrPaymentRequired":    hoster.ErrPaymentRequired,
	"ErrBadRequest":         hoster.ErrBadRequest,
	"ErrValidation":         hoster.ErrValidation,
	"ErrRateLimited":        hoster.ErrRateLimited,
	"ErrServer":             hoster.ErrServer,
	"ErrNotSupported":       hoster.ErrNotSupported,
	"ErrIntermediary":       hoster.ErrIntermediary,
	"ErrRedirect":           hoster.ErrRedirect,
	"ErrDecode":             hoster.ErrDecode,
	"ErrBodyTooLarge":       hoster.ErrBodyTooLarge,
	"ErrPagination":         hoster.ErrPagination,
	"ErrOutcomeUnknown":     hoster.ErrOutcomeUnknown,
	"ErrNotSent":            hoster.ErrNotSent,
	"ErrInvalidArgument":    hoster.ErrInvalidArgument,
	"ErrCredentials":        hoster.ErrCredentials,
	"ErrLocalLimit":         hoster.ErrLocalLimit,
	"ErrSharedBudget":       hoster.ErrSharedBudget,
}

// matching lists the sentinels that err matches, by name.
func matching(err error) []string {
	var names []string
	for name, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func checkSentinels(t *testing.T, err error, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := matching(err); !slices.Equal(got, want) {
		t.Errorf("%v\nmatches %v\nwant    %v", err, got, want)
	}
	if wrapped := fmt.Errorf("outer: %w", fmt.Errorf("inner: %w", err)); !slices.Equal(matching(wrapped), matching(err)) {
		t.Errorf("wrapped twice it matches %v instead of %v", matching(wrapped), matching(err))
	}
}

// isType reports whether a T is in err's chain, wrapped or not.
func isType[T error](t *testing.T, err error) bool {
	t.Helper()
	var bare, wrapped T
	found := errors.As(err, &bare)
	if errors.As(fmt.Errorf("outer: %w", fmt.Errorf("inner: %w", err)), &wrapped) != found {
		t.Errorf("errors.As finds a %T only without wrapping, or only with it", bare)
	}
	return found
}

func errorOf(t *testing.T, err error) *hoster.Error {
	t.Helper()
	var e *hoster.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is no *Error", err, err)
	}
	return e
}

// shape is a kind of body, and what the design says of it.
type shape struct {
	name        string
	contentType string
	body        func(status int) io.Reader
	shaped      bool // a JSON error of a tolerated shape
	marked      bool // it also says that an API wrote it: enough for a 404
	code        bool // it carries the code CONFLICT
	broken      bool // the transfer ends before its end
	plainJSON   bool // at 200 it is neither error nor data
	text        string
}

func constant(body string) func(int) io.Reader {
	return func(int) io.Reader { return strings.NewReader(body) }
}

// pageWithImage is an error page of 10 KB that holds a picture.
func pageWithImage() string {
	picture := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("picture"), 1100))
	return `<!DOCTYPE html><html><head><style>body{color:red}</style><title>Blocked</title></head><body>` +
		`<script>alert("1 < 2")</script><img src="data:image/png;base64,` + picture + `"><p>Access &lt;denied&gt; &amp; logged</p></body></html>`
}

func shapes() []shape {
	brokenGzip := func(int) io.Reader {
		reader, err := gzip.NewReader(bytes.NewReader(halfGzip()))
		if err != nil {
			panic(err)
		}
		return reader
	}
	return []shape{
		{name: "contract", shaped: true, marked: true, code: true, text: "it clashes",
			body: constant(`{"status":"error","code":"CONFLICT","message":"it clashes","errors":null,"request_id":"req_body"}`)},
		{name: "nested", shaped: true, marked: true, code: true, text: "it clashes",
			body: constant(`{"error":{"code":"CONFLICT","message":"it clashes"}}`)},
		{name: "error text", shaped: true, text: "it clashes", body: constant(`{"error":"it clashes"}`)},
		{name: "message and fields", shaped: true, text: "it clashes",
			body: constant(`{"message":"it clashes","errors":{"value":"is wrong"}}`)},
		{name: "list of fields", shaped: true, text: "is wrong",
			body: constant(`{"errors":[{"field":"value","message":"is wrong"}]}`)},
		{name: "problem", contentType: "application/problem+json", shaped: true, plainJSON: true, text: "it clashes",
			body: func(status int) io.Reader {
				return strings.NewReader(`{"type":"about:blank","title":"Wrong","status":` + strconv.Itoa(status) + `,"detail":"it clashes"}`)
			}},
		{name: "bare message", shaped: true, plainJSON: true, text: "it clashes", body: constant(`{"message":"it clashes"}`)},
		{name: "array", shaped: true, plainJSON: true, text: "it clashes", body: constant(`["it clashes"]`)},
		{name: "plain text", contentType: "text/plain", text: "nothing here", body: constant("nothing here\n")},
		{name: "number and text", contentType: "text/plain", text: "502 upstream", body: constant("502 upstream")},
		{name: "empty", body: constant("")},
		{name: "blank", body: constant(" \r\n\r\n")},
		{name: "page", contentType: "text/html", text: "Access denied & logged", body: constant(pageWithImage())},
		{name: "truncated", broken: true, body: func(int) io.Reader {
			return io.MultiReader(strings.NewReader(`{"status":"error","code":"CONF`), errReader{io.ErrUnexpectedEOF})
		}},
		{name: "gzip broken", broken: true, body: brokenGzip},
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// halfGzip is a compressed answer whose second half is missing.
func halfGzip() []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = io.WriteString(w, `{"status":"error","code":"CONFLICT","message":"it clashes"}`)
	_ = w.Close()
	return buf.Bytes()[:buf.Len()/2]
}

// expected says which sentinels the design demands, from what was sent alone.
func expected(status int, s shape, challenge, requestID, write bool) (names []string, fromAPI bool) {
	class := map[int]string{
		400: "ErrBadRequest", 405: "ErrBadRequest", 413: "ErrBadRequest",
		401: "ErrUnauthorized", 402: "ErrPaymentRequired", 403: "ErrForbidden", 404: "ErrNotFound",
		409: "ErrConflict", 412: "ErrPreconditionFailed", 422: "ErrValidation",
	}[status]
	unknown := s.broken
	switch {
	case status == 200 && (s.broken || s.plainJSON):
		// Complete JSON came, so the API spoke; a broken transfer proves nothing.
		names, fromAPI = append(names, "ErrDecode"), !s.broken
	case status == 200:
		fromAPI = s.shaped
		if s.code {
			names = append(names, "ErrConflict")
		}
		unknown = !fromAPI
	default:
		fromAPI = challenge || s.shaped && (status != 404 || s.marked || requestID)
		switch {
		case status == 429:
			names = append(names, "ErrRateLimited")
		case status >= 500:
			names = append(names, "ErrServer")
			unknown = unknown || status != 501
		case fromAPI && class != "":
			names = append(names, class)
		}
		if status == 501 && fromAPI {
			names = append(names, "ErrNotSupported")
		}
		unknown = unknown || !fromAPI
	}
	if !fromAPI && !slices.Contains(names, "ErrDecode") {
		names = append(names, "ErrIntermediary")
	}
	if write && unknown {
		names = append(names, "ErrOutcomeUnknown")
	}
	return names, fromAPI
}

// TestErrorClasses is the table of the design: status by body by header, for a
// read and for a write.
func TestErrorClasses(t *testing.T) {
	statuses := []int{200, 400, 401, 402, 403, 404, 405, 409, 412, 413, 418, 422, 429, 500, 501, 502, 503, 504, 524, 530}
	headers := map[string]http.Header{
		"no header":  {},
		"request id": {"X-Request-Id": {"req_header"}},
		"challenge":  {"Www-Authenticate": {`Bearer realm="api", error="invalid_token"`}},
	}
	kinds := map[string]func(*hoster.Client) error{"read": getDomain, "write": createRecord}
	for _, status := range statuses {
		for _, s := range shapes() {
			for headerName, header := range headers {
				for kind, call := range kinds {
					t.Run(fmt.Sprintf("%d/%s/%s/%s", status, s.name, headerName, kind), func(t *testing.T) {
						h := header.Clone()
						h.Set("Content-Type", cmpOr(s.contentType, "application/json"))
						client := cannedClient(t, always(status, h, s.body(status)))
						checkAnswered(t, call(client), status, s, headerName == "challenge", headerName == "request id", kind == "write")
					})
				}
			}
		}
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func checkAnswered(t *testing.T, err error, status int, s shape, challenge, requestID, write bool) {
	t.Helper()
	want, fromAPI := expected(status, s, challenge, requestID, write)
	checkSentinels(t, err, want...)
	e := errorOf(t, err)
	if e.Status != status {
		t.Errorf("status %d", e.Status)
	}
	if e.FromAPI != fromAPI {
		t.Errorf("FromAPI is %v", e.FromAPI)
	}
	if len(e.Text) > 512 || strings.Contains(e.Text, "<") || strings.Contains(e.Text, "base64") {
		t.Errorf("Text of %d bytes: %s", len(e.Text), e.Text)
	}
	if errors.Is(err, hoster.ErrIntermediary) && (e.Hint == "" || e.Code != "" || e.Message != "" || e.Fields != nil) {
		t.Errorf("an intermediary's answer makes %+v", e)
	}
	said := e.Message + e.Text + fmt.Sprint(e.Fields)
	if s.text != "" && !errors.Is(err, hoster.ErrDecode) && !strings.Contains(said, s.text) {
		t.Errorf("the text %q is lost: %q", s.text, said)
	}
	if requestID && e.RequestID != "req_header" {
		t.Errorf("request id %q", e.RequestID)
	}
	if applied := write && errors.Is(err, hoster.ErrDecode) && !s.broken; e.Applied != applied {
		t.Errorf("Applied is %v", e.Applied)
	}
	if e.Attempts != 1 || e.Operation == "" || e.Method == "" || !strings.HasPrefix(e.Path, "/domains/{domain}") {
		t.Errorf("the call is not named: %+v", e)
	}
	for _, part := range []string{string(e.Operation), strconv.Itoa(status), e.Hint, e.RequestID} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
	types := map[string]bool{
		"ErrUnauthorized": isType[*hoster.UnauthorizedError](t, err),
		"ErrForbidden":    isType[*hoster.ForbiddenError](t, err),
		"ErrValidation":   isType[*hoster.ValidationError](t, err),
		"ErrRateLimited":  isType[*hoster.RateLimitError](t, err),
	}
	for name, is := range types {
		if is != slices.Contains(want, name) {
			t.Errorf("the type of %s is there: %v", name, is)
		}
	}
	if isType[*hoster.TransportError](t, err) || isType[*hoster.ArgumentError](t, err) {
		t.Error("an answer is a TransportError or an ArgumentError")
	}
}

// TestBrokenTransfers meets truncated and badly compressed answers over a real
// connection, where net/http itself finds them out.
func TestBrokenTransfers(t *testing.T) {
	breaks := map[string]func(w http.ResponseWriter, status int){
		"truncated": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Length", "4000")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"status":"success","data":{"id":"dom_1","name":"exam`)
		},
		"gzip truncated": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			_, _ = w.Write(halfGzip())
		},
		"gzip garbage": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "this was never compressed")
		},
	}
	for name, answer := range breaks {
		for _, status := range []int{200, 201, 400, 404, 422, 429, 503} {
			t.Run(fmt.Sprintf("%s/%d", name, status), func(t *testing.T) {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, status) }))
				defer server.Close()
				client, err := hoster.NewClient(hoster.WithBaseURL(server.URL+"/v1"), hoster.WithToken("canned-token"), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}))
				if err != nil {
					t.Fatal(err)
				}
				defer client.CloseIdleConnections()
				s := shape{broken: true}
				want, _ := expected(expectedAt(status), s, false, false, true)
				got := createRecord(client)
				checkSentinels(t, got, want...)
				if e := errorOf(t, got); e.Status != status || e.Applied || e.FromAPI {
					t.Errorf("%+v", e)
				}
				want, _ = expected(expectedAt(status), s, false, false, false)
				checkSentinels(t, getDomain(client), want...)
			})
		}
	}
}

// expectedAt takes every success for 200.
func expectedAt(status int) int {
	if status < 300 {
		return 200
	}
	return status
}

// TestTransportErrors: no answer at all is never an *Error, and a write of
// which anything may have been sent is of unknown outcome.
func TestTransportErrors(t *testing.T) {
	failing := canned(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	calls := map[string]struct {
		call func(*hoster.Client) error
		want []string
	}{
		"read":   {getDomain, nil},
		"create": {createRecord, []string{"ErrOutcomeUnknown"}},
		"delete": {deleteRecord, []string{"ErrOutcomeUnknown"}},
	}
	for name, test := range calls {
		t.Run(name, func(t *testing.T) {
			err := test.call(cannedClient(t, failing))
			checkSentinels(t, err, test.want...)
			if isType[*hoster.Error](t, err) || !isType[*hoster.TransportError](t, err) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%T: %v", err, err)
			}
			var transport *hoster.TransportError
			errors.As(err, &transport)
			if unknown := test.want != nil; transport.OutcomeUnknown != unknown || unknown != (transport.Hint != "") {
				t.Errorf("%+v", transport)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := cannedClient(t, failing).DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: dnszone.TypeA, Name: "www", Value: "192.0.2.1"})
	checkSentinels(t, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not the context's error", err)
	}
}

// TestOutcomeUnknown holds the rule for writes against single answers.
func TestOutcomeUnknown(t *testing.T) {
	const down = `{"status":"error","code":"SERVICE_UNAVAILABLE","message":"maintenance"}`
	tests := map[string]struct {
		transport canned
		want      bool
	}{
		"408":                         {alwaysText(408, `{"status":"error","code":"TIMEOUT","message":"slow"}`), true},
		"425":                         {alwaysText(425, `{"status":"error","code":"TOO_EARLY","message":"early"}`), false},
		"500":                         {alwaysText(500, `{"status":"error","code":"INTERNAL_ERROR","message":"oops"}`), true},
		"502":                         {alwaysText(502, `{"status":"error","code":"BAD_GATEWAY","message":"oops"}`), true},
		"503 without Retry-After":     {alwaysText(503, down), true},
		"503 with the evidence":       {alwaysText(503, down, "Retry-After", "5"), false},
		"503 with another code":       {alwaysText(503, `{"status":"error","code":"BUSY","message":"x"}`, "Retry-After", "5"), true},
		"503 page with Retry-After":   {alwaysText(503, "<p>Down</p>", "Retry-After", "5"), true},
		"504":                         {alwaysText(504, `{"status":"error","code":"GATEWAY_TIMEOUT","message":"oops"}`), true},
		"520 in JSON":                 {alwaysText(520, `{"title":"Error 520","detail":"unknown error"}`), true},
		"429 of the API":              {alwaysText(429, `{"status":"error","code":"TOO_MANY_REQUESTS","message":"slow down"}`), false},
		"429 of a firewall":           {alwaysText(429, "<p>Slow down</p>"), true},
		"409":                         {alwaysText(409, `{"status":"error","code":"RECORD_CONFLICT","message":"there already"}`), false},
		"422":                         {alwaysText(422, `{"status":"error","code":"VALIDATION_ERROR","message":"no"}`), false},
		"501":                         {alwaysText(501, `{"status":"error","code":"NOT_IMPLEMENTED","message":"no"}`), false},
		"page at 200":                 {alwaysText(200, "<p>Welcome</p>"), true},
		"page at 403":                 {alwaysText(403, "<p>Blocked</p>"), true},
		"text at 200":                 {alwaysText(200, "temporarily unavailable"), true},
		"nothing at 202":              {alwaysText(202, ""), true},
		"error at 200":                {alwaysText(200, `{"status":"error","code":"INTERNAL_ERROR","message":"x"}`), false},
		"301":                         {alwaysText(301, "", "Location", "https://api.example.net/v1"), true},
		"302":                         {alwaysText(302, "", "Location", "https://api.example.net/v1"), true},
		"303":                         {alwaysText(303, "", "Location", "/v1/orders/ord_1"), true},
		"304":                         {alwaysText(304, ""), true},
		"307":                         {alwaysText(307, "", "Location", "https://api.example.net/v1"), false},
		"308":                         {alwaysText(308, "", "Location", "https://api.example.net/v1"), false},
		"101":                         {alwaysText(101, "", "Upgrade", "h2c"), true},
		"success that does not parse": {alwaysText(201, `{"status":"success","data":{"ttl":"soon"}}`), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := createRecord(cannedClient(t, test.transport))
			e := errorOf(t, err)
			if got := errors.Is(err, hoster.ErrOutcomeUnknown); got != test.want || e.OutcomeUnknown != test.want {
				t.Errorf("unknown: %v, field %v; %v", got, e.OutcomeUnknown, err)
			}
			if test.want && !strings.Contains(e.Hint, "DNS.List") {
				t.Errorf("the hint does not say how to find out: %q", e.Hint)
			}
			if err := getDomain(cannedClient(t, test.transport)); errors.Is(err, hoster.ErrOutcomeUnknown) {
				t.Errorf("a read of unknown outcome: %v", err)
			}
		})
	}
}

// TestAppliedButNotDecoded: the write was done, and only its answer is strange.
func TestAppliedButNotDecoded(t *testing.T) {
	for _, body := range []string{
		`{"status":"success","data":{"id":{}}}`, `{"status":"success","data":{"updated_at":[]}}`, `{"status":"success"}`,
		`{"status":"success","data":null}`, `{"status":"success","data":{}}`, `{"status":"success","data":[]}`,
		`{"status":"success","data":"yes"}`, `{"status":"success","data":{"id":`, `[]`, `{}`, `null`, `true`, `17`,
	} {
		err := createRecord(cannedClient(t, alwaysText(201, body)))
		if err == nil {
			t.Errorf("%s: success", body)
			continue
		}
		checkSentinels(t, err, "ErrDecode")
		if e := errorOf(t, err); !e.Applied || e.OutcomeUnknown || e.Status != 201 || !strings.Contains(e.Hint, "do not repeat") {
			t.Errorf("%s: %+v", body, e)
		}
		err = getDomain(cannedClient(t, alwaysText(200, body)))
		checkSentinels(t, err, "ErrDecode")
		if e := errorOf(t, err); e.Applied {
			t.Errorf("%s: a read was applied", body)
		}
	}
}

// TestNoSuccess: what a firewall, a portal or a polite error says under a 2xx
// is success for no call.
func TestNoSuccess(t *testing.T) {
	answers := map[string]canned{
		"202 empty":   alwaysText(202, ""),
		"200 empty":   alwaysText(200, ""),
		"200 page":    alwaysText(200, "<html>Log in</html>", "Content-Type", "text/html"),
		"200 text":    alwaysText(200, "OK"),
		"200 error":   alwaysText(200, `{"status":"error","code":"NOT_FOUND","message":"gone"}`),
		"200 failed":  alwaysText(200, `{"success":false}`),
		"200 array":   alwaysText(200, `[]`),
		"200 deep":    alwaysText(200, `{"status":"success","answer":{"status":"error","errors":[{"error_text":"no"}]}}`),
		"200 failure": alwaysText(200, `{"status":"FAILURE","message":"no"}`),
	}
	for name, transport := range answers {
		t.Run(name, func(t *testing.T) {
			for call, run := range map[string]func(*hoster.Client) error{"get": getDomain, "create": createRecord, "delete": deleteRecord} {
				err := run(cannedClient(t, transport))
				if name == "200 empty" && call == "delete" { // as good as a 204
					if err != nil {
						t.Errorf("%s: %v", call, err)
					}
					continue
				}
				if err == nil {
					t.Errorf("%s: success", call)
					continue
				}
				if e := errorOf(t, err); e.Status/100 != 2 {
					t.Errorf("%s: status %d", call, e.Status)
				}
			}
			domains, err := cannedClient(t, transport).Domains.List(context.Background(), nil)
			if name != "200 array" && (err == nil || domains != nil) {
				t.Errorf("list: %v, %v", domains, err)
			}
		})
	}
	if err := deleteRecord(cannedClient(t, alwaysText(204, ""))); err != nil {
		t.Errorf("204 is success: %v", err)
	}
}

// TestErrorUnder200 classes an error under 200 by its code.
func TestErrorUnder200(t *testing.T) {
	for code, want := range map[hoster.ErrorCode][]string{
		hoster.ErrorCodeNotFound:                {"ErrNotFound"},
		hoster.ErrorCodeTokenExpired:            {"ErrUnauthorized"},
		hoster.ErrorCodeInsufficientPermissions: {"ErrForbidden"},
		hoster.ErrorCodePaymentRequired:         {"ErrPaymentRequired"},
		hoster.ErrorCodeRecordProtected:         {"ErrConflict"},
		hoster.ErrorCodePreconditionFailed:      {"ErrPreconditionFailed"},
		hoster.ErrorCodeValidationError:         {"ErrValidation"},
		hoster.ErrorCodeIdempotencyKeyReused:    {"ErrConflict"},
		hoster.ErrorCodeTooManyRequests:         {"ErrRateLimited"},
		hoster.ErrorCodeBadRequest:              {"ErrBadRequest"},
		hoster.ErrorCodeServiceUnavailable:      {"ErrServer"},
		"SOMETHING_NEW":                         nil,
	} {
		err := createRecord(cannedClient(t, alwaysText(200, `{"status":"error","code":"`+string(code)+`","message":"why"}`)))
		checkSentinels(t, err, want...)
		if e := errorOf(t, err); e.Status != 200 || e.Code != code || !e.FromAPI || e.Message != "why" || e.OutcomeUnknown {
			t.Errorf("%s: %+v", code, e)
		}
	}
}

func TestUnauthorizedReasons(t *testing.T) {
	const verify, expired, revoked, header = "Verify the token", "has expired", "has been revoked", "Authorization: Bearer YOUR_TOKEN"
	tests := []struct {
		name, body, challenge string
		want                  hoster.UnauthorizedReason
		hint                  string
	}{
		{"code expired", `{"status":"error","code":"TOKEN_EXPIRED","message":"x"}`, ``, hoster.UnauthorizedReasonExpired, expired},
		{"code revoked", `{"status":"error","code":"TOKEN_REVOKED","message":"x"}`, ``, hoster.UnauthorizedReasonRevoked, revoked},
		{"code invalid", `{"status":"error","code":"TOKEN_INVALID","message":"was expired"}`, ``, hoster.UnauthorizedReasonInvalid, verify},
		{"code missing", `{"status":"error","code":"UNAUTHORIZED","message":"x"}`, `Bearer realm="api"`, hoster.UnauthorizedReasonMissing, header},
		{"code malformed", `{"status":"error","code":"UNAUTHORIZED","message":"Malformed credentials"}`, ``, hoster.UnauthorizedReasonMalformed, header},
		{"challenge expired", ``, `Bearer realm="api", error="invalid_token", error_description="The access token expired"`, hoster.UnauthorizedReasonExpired, expired},
		{"challenge revoked", ``, `Bearer error="invalid_token", error_description="Revoked by its owner"`, hoster.UnauthorizedReasonRevoked, revoked},
		{"challenge malformed", ``, `Bearer error="invalid_request"`, hoster.UnauthorizedReasonMalformed, header},
		{"challenge invalid", ``, `Bearer error="invalid_token"`, hoster.UnauthorizedReasonInvalid, verify},
		{"challenge missing", ``, `Bearer`, hoster.UnauthorizedReasonMissing, header},
		{"the words of RFC 6750", ``, `Bearer error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons"`, hoster.UnauthorizedReasonInvalid, verify},
		{"second challenge", ``, `Basic realm="a, Bearer b", Bearer realm="api", error="invalid_token", error_description="It has expired, sorry"`, hoster.UnauthorizedReasonExpired, expired},
		{"nothing named", `{"error":"go away"}`, ``, hoster.UnauthorizedReasonInvalid, verify},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := createRecord(cannedClient(t, alwaysText(401, test.body, "WWW-Authenticate", test.challenge)))
			checkSentinels(t, err, "ErrUnauthorized")
			var unauthorized *hoster.UnauthorizedError
			if !errors.As(err, &unauthorized) || unauthorized.Reason != test.want {
				t.Fatalf("%#v", unauthorized)
			}
			if !strings.Contains(unauthorized.Err.Hint, test.hint) {
				t.Errorf("hint %q", unauthorized.Err.Hint)
			}
			if test.want == hoster.UnauthorizedReasonInvalid {
				for _, advice := range []string{"complete token", "white space or line breaks", "expired", "revoked"} {
					if !strings.Contains(unauthorized.Err.Hint, advice) {
						t.Errorf("the guide's advice %q is not in %q", advice, unauthorized.Err.Hint)
					}
				}
			}
		})
	}
}

func TestForbiddenReasons(t *testing.T) {
	body := func(code, more string) string {
		return `{"status":"error","code":"` + code + `","message":"no","errors":null` + more + `}`
	}
	tests := []struct {
		name, body, challenge string
		want                  hoster.ForbiddenReason
		scopes                []hoster.Scope
		hint                  string
	}{
		{"scope in the body", body("INSUFFICIENT_PERMISSIONS", `,"required_scopes":["dns:read","dns:write"]`), `Bearer error="insufficient_scope", scope="other:scope"`, hoster.ForbiddenReasonScope, []hoster.Scope{"dns:read", "dns:write"}, "The token lacks dns:read and dns:write"},
		{"scope in the challenge", ``, `Bearer error="insufficient_scope", scope="domains:read dns:write"`, hoster.ForbiddenReasonScope, []hoster.Scope{"domains:read", "dns:write"}, "domains:read and dns:write"},
		{"scope named by neither", body("INSUFFICIENT_PERMISSIONS", ``), ``, hoster.ForbiddenReasonScope, []hoster.Scope{hoster.ScopeDNSWrite}, "create a token with that scope"},
		{"no list of scopes", body("INSUFFICIENT_PERMISSIONS", `,"required_scopes":"dns:write"`), ``, hoster.ForbiddenReasonScope, []hoster.Scope{hoster.ScopeDNSWrite}, "A write scope does not include the read scope"},
		{"ip", body("IP_NOT_ALLOWED", ``), ``, hoster.ForbiddenReasonIP, nil, "IP allowlist"},
		{"escalation", body("SCOPE_ESCALATION", ``), ``, hoster.ForbiddenReasonEscalation, nil, "scopes it has itself"},
		{"unknown code", body("ACCOUNT_SUSPENDED", ``), ``, hoster.ForbiddenReasonUnknown, nil, "If the message does not explain it"},
		{"unknown", `{"error":"no"}`, ``, hoster.ForbiddenReasonUnknown, nil, "If the message does not explain it"},
		{"challenge without reason", ``, `Bearer realm="api"`, hoster.ForbiddenReasonUnknown, nil, "If the message does not explain it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := createRecord(cannedClient(t, alwaysText(403, test.body, "WWW-Authenticate", test.challenge)))
			checkSentinels(t, err, "ErrForbidden")
			var forbidden *hoster.ForbiddenError
			if !errors.As(err, &forbidden) || forbidden.Reason != test.want {
				t.Fatalf("%#v", forbidden)
			}
			if !slices.Equal(forbidden.MissingScopes, test.scopes) {
				t.Errorf("missing scopes %v", forbidden.MissingScopes)
			}
			if !strings.Contains(forbidden.Err.Hint, test.hint) {
				t.Errorf("hint %q", forbidden.Err.Hint)
			}
		})
	}
	// An operation without a scope of its own blames none.
	_, err := cannedClient(t, alwaysText(403, body("INSUFFICIENT_PERMISSIONS", ``))).Tokens.Current(context.Background())
	var forbidden *hoster.ForbiddenError
	if !errors.As(err, &forbidden) || forbidden.MissingScopes != nil || !strings.Contains(forbidden.Err.Hint, "generate a new token with the correct scopes") {
		t.Errorf("%v", err)
	}
}

func TestValidationErrors(t *testing.T) {
	tests := map[string]struct {
		body string
		want []hoster.FieldProblem
	}{
		"order kept": {`{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"zebra":["a","b"],"ttl":["c"],"alpha":["d"]}}`,
			[]hoster.FieldProblem{{"zebra", []string{"a", "b"}}, {"ttl", []string{"c"}}, {"alpha", []string{"d"}}}},
		"text per field":    {`{"message":"no","errors":{"b":"x","a":"y"}}`, []hoster.FieldProblem{{"b", []string{"x"}}, {"a", []string{"y"}}}},
		"list of objects":   {`{"errors":[{"field":"b","message":"x"},{"field":"a","message":"y"},{"field":"b","message":"z"}]}`, []hoster.FieldProblem{{"b", []string{"x", "z"}}, {"a", []string{"y"}}}},
		"places of a batch": {`{"status":"error","code":"VALIDATION_ERROR","message":"no","errors":{"create.3.value":["x"]}}`, []hoster.FieldProblem{{"create.3.value", []string{"x"}}}},
		"member twice":      {`{"message":"no","errors":{"a":"x","b":"y","a":"z"}}`, []hoster.FieldProblem{{"a", []string{"z"}}, {"b", []string{"y"}}}},
		"none":              {`{"message":"no","errors":null}`, nil},
		"no texts":          {`{"message":"no","errors":{"a":null,"b":[],"c":{},"d":true}}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := createRecord(cannedClient(t, alwaysText(422, test.body)))
			checkSentinels(t, err, "ErrValidation")
			var invalid *hoster.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("%T", err)
			}
			if got, want := fmt.Sprint(invalid.Fields), fmt.Sprint(test.want); got != want || fmt.Sprint(invalid.Err.Fields) != want {
				t.Errorf("fields %s, want %s", got, want)
			}
			at := 0
			for _, field := range test.want {
				next := strings.Index(err.Error()[at:], "; "+field.Field+": "+strings.Join(field.Messages, ", "))
				if next < 0 {
					t.Errorf("%q lacks %s, in its order", err, field.Field)
				}
				at += max(next, 0)
			}
		})
	}
	err := createRecord(cannedClient(t, alwaysText(422, `{"status":"error","code":"IDEMPOTENCY_KEY_REUSED","message":"no"}`)))
	checkSentinels(t, err, "ErrConflict")
	if isType[*hoster.ValidationError](t, err) || !strings.Contains(errorOf(t, err).Hint, "use a new one") {
		t.Errorf("%v", err)
	}
}

func TestRateLimitError(t *testing.T) {
	reset := time.Now().Add(time.Hour).Truncate(time.Second)
	err := getDomain(cannedClient(t, alwaysText(429, `{"status":"error","code":"TOO_MANY_REQUESTS","message":"slow down"}`,
		"Retry-After", "17", "X-RateLimit-Limit", "600", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))))
	checkSentinels(t, err, "ErrRateLimited")
	var limited *hoster.RateLimitError
	if !errors.As(err, &limited) || limited.RetryAfter != 17*time.Second || limited.Limit != 600 || !limited.Reset.Equal(reset) {
		t.Errorf("%+v", limited)
	}
	// A page of a proxy is a rate limit too, and says nothing of a budget.
	err = getDomain(cannedClient(t, alwaysText(429, "<p>Slow down</p>")))
	checkSentinels(t, err, "ErrRateLimited", "ErrIntermediary")
	if !errors.As(err, &limited) || limited.RetryAfter != 0 || limited.Limit != 0 || !limited.Reset.IsZero() {
		t.Errorf("%+v", limited)
	}
}

// TestLongRetryAfter: a wait that is longer than the policy allows is not
// begun, however many attempts are left.
func TestLongRetryAfter(t *testing.T) {
	for _, value := range []string{"518400", "9223372037", "1e300", strings.Repeat("9", 500), time.Now().Add(6 * 24 * time.Hour).UTC().Format(http.TimeFormat)} {
		attempts := 0
		client := cannedClient(t, canned(func(req *http.Request) (*http.Response, error) {
			attempts++
			return alwaysText(429, `{"status":"error","code":"TOO_MANY_REQUESTS","message":"x"}`, "Retry-After", value)(req)
		}), hoster.WithRetryPolicy(hoster.DefaultRetryPolicy()))
		var limited *hoster.RateLimitError
		if err := getDomain(client); !errors.As(err, &limited) || attempts != 1 || limited.RetryAfter < 5*24*time.Hour {
			t.Errorf("Retry-After %.20s: %d attempts, %v", value, attempts, err)
		}
	}
}

// TestNotSupported: an extension that a provider lacks says so, and says what
// to do instead.
func TestNotSupported(t *testing.T) {
	ctx := context.Background()
	calls := map[string]func(*hoster.Client) error{
		"Tokens.List":    func(c *hoster.Client) error { _, err := c.Tokens.List(ctx, nil); return err },
		"Tokens.Current": func(c *hoster.Client) error { _, err := c.Tokens.Current(ctx); return err },
		"Tokens.Create": func(c *hoster.Client) error {
			_, err := c.Tokens.Create(ctx, hoster.TokenCreate{Name: "ci", Scopes: []hoster.Scope{hoster.ScopeDNSRead}})
			return err
		},
		"Tokens.Get":    func(c *hoster.Client) error { _, err := c.Tokens.Get(ctx, "tok_1"); return err },
		"Tokens.Revoke": func(c *hoster.Client) error { return c.Tokens.Revoke(ctx, "tok_1") },
	}
	namesObject := map[string]bool{"Tokens.Get": true, "Tokens.Revoke": true}
	const notFound = `{"status":"error","code":"NOT_FOUND","message":"no"}`
	for name, call := range calls {
		for _, status := range []int{404, 405, 501} {
			for _, body := range []string{notFound, `{"message":"no route"}`, "<p>no</p>", "", `{"status":"error","code":"ROUTE_UNKNOWN","message":"no"}`} {
				t.Run(fmt.Sprintf("%s/%d/%s", name, status, body), func(t *testing.T) {
					err := call(cannedClient(t, alwaysText(status, body)))
					e := errorOf(t, err)
					if status == 404 && body == notFound && namesObject[name] {
						checkSentinels(t, err, "ErrNotFound")
						return
					}
					want := []string{"ErrNotSupported"}
					if status == 501 {
						want = append(want, "ErrServer")
					}
					if !e.FromAPI {
						want = append(want, "ErrIntermediary")
						if name == "Tokens.Create" || name == "Tokens.Revoke" { // a page says nothing of what happened behind it
							want = append(want, "ErrOutcomeUnknown")
						}
					}
					checkSentinels(t, err, want...)
					if e.Status != status || !strings.Contains(e.Hint, "does not offer "+name) || !strings.Contains(e.Hint, "Account Settings > API Access") {
						t.Errorf("%d, %q", e.Status, e.Hint)
					}
				})
			}
		}
	}
	for _, status := range []int{404, 405} { // what every provider has is never "not supported"
		if err := getDomain(cannedClient(t, alwaysText(status, notFound))); errors.Is(err, hoster.ErrNotSupported) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestUnknownPath: a 404 that the API gives about a path, and not about an
// object, is never "not found", and nothing was done.
func TestUnknownPath(t *testing.T) {
	for _, code := range []string{"ROUTE_NOT_FOUND", "unknown_endpoint", "PATH_UNKNOWN"} {
		transport := alwaysText(404, `{"status":"error","code":"`+code+`","message":"no such path"}`)
		for _, call := range []func(*hoster.Client) error{getDomain, createRecord, deleteRecord} {
			err := call(cannedClient(t, transport))
			checkSentinels(t, err, "ErrNotSupported")
			if e := errorOf(t, err); !e.FromAPI || e.Hint == "" {
				t.Errorf("%+v", e)
			}
		}
	}
}

// TestErrorHoldsNoToken: a page that echoes the request shows nothing of its
// token, wherever the text is cut.
func TestErrorHoldsNoToken(t *testing.T) {
	const token = "tok-0123456789-abcdefghij"
	for pad := 470; pad < 530; pad++ {
		for _, body := range []string{
			strings.Repeat("x", pad) + token,
			`{"status":"error","code":"BAD_REQUEST","message":"` + strings.Repeat("x", pad) + token + `"}`,
		} {
			client, err := hoster.NewClient(hoster.WithBaseURL("https://api.example.com/v1"), hoster.WithToken(token),
				hoster.WithHTTPClient(&http.Client{Transport: alwaysText(400, body)}), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}))
			if err != nil {
				t.Fatal(err)
			}
			if text := getDomain(client).Error(); strings.Contains(text, "tok-0") {
				t.Fatalf("after %d bytes: %s", pad, text)
			}
		}
	}
}

// TestRetryableAndCodeOf by what became of calls.
func TestRetryableAndCodeOf(t *testing.T) {
	get := func(ctx context.Context, c *hoster.Client) error {
		_, err := c.Domains.Get(ctx, "example.com")
		return err
	}
	create := func(ctx context.Context, c *hoster.Client) error {
		_, err := c.Contacts.Create(ctx, hoster.ContactCreate{Name: "x"})
		return err
	}
	broken := canned(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") })
	notSent := transportFunc(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("queue is full: %w", hoster.ErrNotSent)
	})
	invalid := canned(func(*http.Request) (*http.Response, error) {
		return nil, x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.example.com"}
	})
	answer := func(status int, code string) canned {
		return alwaysText(status, `{"status":"error","code":"`+code+`","message":"no"}`)
	}
	tests := map[string]struct {
		transport http.RoundTripper
		call      func(context.Context, *hoster.Client) error
		retryable bool
		code      hoster.ErrorCode
	}{
		"server error to a read":         {answer(500, "INTERNAL_ERROR"), get, true, hoster.ErrorCodeInternalError},
		"server error to a write":        {answer(500, "INTERNAL_ERROR"), create, false, hoster.ErrorCodeInternalError},
		"gateway's page":                 {alwaysText(502, "<html>bad gateway</html>", "Content-Type", "text/html"), get, true, ""},
		"rate limit":                     {answer(429, "TOO_MANY_REQUESTS"), create, true, hoster.ErrorCodeTooManyRequests},
		"not found":                      {answer(404, "NOT_FOUND"), get, false, hoster.ErrorCodeNotFound},
		"unauthorized, a type around it": {answer(401, "TOKEN_EXPIRED"), get, false, hoster.ErrorCodeTokenExpired},
		"validation":                     {answer(422, "VALIDATION_ERROR"), create, false, hoster.ErrorCodeValidationError},
		"not implemented":                {answer(501, ""), get, false, ""},
		"a read without an answer":       {broken, get, true, ""},
		"a write without an answer":      {broken, create, false, ""},
		"a write that was not sent":      {notSent, create, true, ""},
		"an invalid certificate":         {invalid, get, false, ""},
		"an argument":                    {broken, func(ctx context.Context, c *hoster.Client) error { _, err := c.Domains.Get(ctx, ""); return err }, false, ""},
		"cancelled by the caller": {canned(func(req *http.Request) (*http.Response, error) { return nil, context.Canceled }), func(ctx context.Context, c *hoster.Client) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return get(ctx, c)
		}, false, ""},
	}
	for name, test := range tests {
		err := test.call(t.Context(), cannedClient(t, test.transport, hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1})))
		wrapped := fmt.Errorf("wrapped: %w", err)
		if err == nil || hoster.Retryable(wrapped) != test.retryable || hoster.CodeOf(wrapped) != test.code {
			t.Errorf("%s: retryable %v, code %q: %v", name, hoster.Retryable(wrapped), hoster.CodeOf(wrapped), err)
		}
	}
	if hoster.Retryable(nil) || hoster.CodeOf(nil) != "" || !hoster.Retryable(hoster.ErrLocalLimit) {
		t.Error("nil, or a local limit")
	}
}
