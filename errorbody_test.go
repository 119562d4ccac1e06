package hoster

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestReadErrorBody: every shape that brands send, and nothing invented.
func TestReadErrorBody(t *testing.T) {
	tests := []struct {
		name, body string
		want       errorBody
	}{
		{"contract", `{"status":"error","code":"NOT_FOUND","message":"no","errors":null,"request_id":"req_1"}`, errorBody{code: "NOT_FOUND", message: "no", requestID: "req_1", shaped: true, marked: true}},
		{"byte order mark", "\ufeff" + `{"error":"no"}`, errorBody{message: "no", shaped: true}},
		{"nested", `{"error":{"code":"X","message":"no"}}`, errorBody{code: "X", message: "no", shaped: true, marked: true}},
		{"error text", `{"error":"no"}`, errorBody{message: "no", shaped: true}},
		{"OAuth", `{"error":"invalid_request","error_description":"no state"}`, errorBody{message: "no state", shaped: true}},
		{"message and nested", `{"code":403,"message":"Forbidden","error":{"description":"no main dns"}}`, errorBody{code: "403", message: "Forbidden; no main dns", shaped: true}},
		{"number as code", `{"code":404,"message":"no"}`, errorBody{code: "404", message: "no", shaped: true}},
		{"status as code", `{"code":"401 Unauthorized","message":"no"}`, errorBody{code: "401 Unauthorized", message: "no", shaped: true}},
		{"fields with lists", `{"message":"no","errors":{"b":["x","y"],"a":["z"]}}`, errorBody{message: "no", shaped: true, fields: []FieldError{{"b", []string{"x", "y"}}, {"a", []string{"z"}}}}},
		{"fields with texts", `{"message":"no","errors":{"b":"x"}}`, errorBody{message: "no", shaped: true, fields: []FieldError{{"b", []string{"x"}}}}},
		{"list of objects", `{"errors":[{"field":"b","message":"x"}]}`, errorBody{shaped: true, fields: []FieldError{{"b", []string{"x"}}}}},
		{"list of texts", `{"errors":["x","y"]}`, errorBody{message: "x; y", shaped: true}},
		{"errors as one object", `{"errors":{"code":"X","message":"no"}}`, errorBody{code: "X", message: "no", shaped: true, marked: true}},
		{"errors with a message alone", `{"errors":{"message":"no"}}`, errorBody{message: "no", shaped: true}},
		{"a field called message", `{"errors":{"message":"too long","name":"too short"}}`, errorBody{shaped: true, fields: []FieldError{{"message", []string{"too long"}}, {"name", []string{"too short"}}}}},
		{"problem details", `{"type":"about:blank","title":"Bad","status":400,"detail":"no"}`, errorBody{message: "no", shaped: true}},
		{"array", `[{"code":"X","message":"no"},{"message":"never"}]`, errorBody{code: "X", message: "no; never", shaped: true, marked: true}},
		{"wrapper", `{"unauthorized":{"message":"no"}}`, errorBody{message: "no", shaped: true}},
		{"scopes", `{"code":"X","required_scopes":["a:read",7,null,"b:write"]}`, errorBody{code: "X", shaped: true, marked: true, scopes: []Scope{"a:read", "7", "b:write"}}},
		{"member twice", `{"code":"X","code":"Y","message":"a","message":"b"}`, errorBody{code: "Y", message: "b", shaped: true, marked: true}},
		{"broken UTF-8", "{\"message\":\"a\xffb\"}", errorBody{message: "a\ufffdb", shaped: true}},
		{"a resource", `{"data":{"message":"hello","code":"X"}}`, errorBody{}},
		{"empty object", `{}`, errorBody{}},
		{"nulls", `{"code":null,"message":null,"errors":null,"error":null}`, errorBody{}},
		{"wrong types", `{"code":{},"message":[],"errors":true,"error":false}`, errorBody{}},
		{"truncated", `{"code":"X","message":"n`, errorBody{}},
		{"text after", `{"message":"no"} <p>more</p>`, errorBody{message: "no", shaped: true}},
		{"text", `Not Found`, errorBody{}},
		{"empty", ``, errorBody{}},
		{"page", `<html>{"message":"no"}</html>`, errorBody{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := readErrorBody([]byte(test.body)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s\ngot  %+v\nwant %+v", test.body, got, test.want)
			}
		})
	}
}

func TestReadErrorBodyDeep(t *testing.T) {
	deep := strings.Repeat(`{"error":`, 5000) + `"no"` + strings.Repeat(`}`, 5000)
	readErrorBody([]byte(deep))
	readErrorBody([]byte(strings.Repeat("[", 60000)))
	readErrorBody([]byte(`{"errors":` + strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000) + `}`))
}

func TestSpokenByAPI(t *testing.T) {
	challenge := http.Header{"Www-Authenticate": {`Bearer realm="api"`}}
	basic := http.Header{"Www-Authenticate": {`Basic realm="api"`}}
	requestID := http.Header{"X-Request-Id": {"req_1"}}
	tests := []struct {
		status int
		body   string
		header http.Header
		want   bool
	}{
		{400, `{"message":"no"}`, nil, true},
		{400, `<p>no</p>`, nil, false},
		{400, `<p>no</p>`, challenge, true},
		{400, `<p>no</p>`, basic, false},
		{400, `<p>no</p>`, requestID, false},
		{200, `<p>Welcome</p>`, challenge, false},
		{404, `{"message":"no route"}`, nil, false},
		{404, `{"code":404,"message":"no route"}`, nil, false},
		{404, `{"message":"no"}`, requestID, true},
		{404, `{"message":"no"}`, challenge, true},
		{404, `{"status":"error","message":"no"}`, nil, true},
		{404, `{"code":"NOT_FOUND","message":"no"}`, nil, true},
		{404, `{"errors":[{"code":"not_found"}]}`, nil, true},
		{404, `<p>no</p>`, requestID, false},
		{404, ``, requestID, false},
	}
	for _, test := range tests {
		if got := spokenByAPI(test.status, readErrorBody([]byte(test.body)), test.header); got != test.want {
			t.Errorf("%d %s %v: %v", test.status, test.body, test.header, got)
		}
	}
}

func TestBearerChallenge(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  map[string]string // nil: no Bearer challenge
	}{
		{"none", nil, nil},
		{"scheme alone", []string{`Bearer`}, map[string]string{}},
		{"lower case", []string{`bearer realm=api`}, map[string]string{"realm": "api"}},
		{"contract", []string{`Bearer realm="api", error="invalid_token", error_description="It expired"`}, map[string]string{"realm": "api", "error": "invalid_token", "error_description": "It expired"}},
		{"quoted comma", []string{`Bearer realm="a, b", error="insufficient_scope",scope="dns:read dns:write"`}, map[string]string{"realm": "a, b", "error": "insufficient_scope", "scope": "dns:read dns:write"}},
		{"quoted pair", []string{`Bearer error_description="the \"old\" \\ one\""`}, map[string]string{"error_description": `the "old" \ one"`}},
		{"after another", []string{`Basic realm="x", Bearer error="invalid_token"`}, map[string]string{"error": "invalid_token"}},
		{"before another", []string{`Bearer error="invalid_token", Basic realm="x", charset="UTF-8"`}, map[string]string{"error": "invalid_token"}},
		{"alone before another", []string{`Bearer, Basic realm="x"`}, map[string]string{}},
		{"on another line", []string{`Basic realm="x"`, `Digest nonce="Bearer"`, `Bearer scope="a:b"`}, map[string]string{"scope": "a:b"}},
		{"inside a quoted string", []string{`Basic realm="a, Bearer error=b"`}, nil},
		{"inside and then real", []string{`Basic realm="a, Bearer b", Bearer error="c"`}, map[string]string{"error": "c"}},
		{"part of a word", []string{`BearerToken realm="x"`}, nil},
		{"spaces", []string{`  Bearer   realm = "x" ,, error = "y" `}, map[string]string{"realm": "x", "error": "y"}},
		{"upper case names", []string{`Bearer Error="y"`}, map[string]string{"error": "y"}},
		{"quote that never ends", []string{`Bearer error="y`}, map[string]string{}},
		{"empty value", []string{`Bearer error=""`}, map[string]string{"error": ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := bearerChallenge(http.Header{"Www-Authenticate": test.lines})
			if ok != (test.want != nil) || ok && !reflect.DeepEqual(got, test.want) {
				t.Errorf("%q: %v, %q", test.lines, ok, got)
			}
		})
	}
}

func TestPlainText(t *testing.T) {
	tests := map[string]string{
		"":                                   "",
		" \r\n\t ":                           "",
		"plain\n text":                       "plain text",
		"<p>a</p><p>b</p>":                   "a b",
		"<script>if (1 < 2) x()</script>a":   "a",
		"<style>p{}</style >a<!-- <b>c -->d": "a d",
		"<script>never ends":                 "",
		"a <never ends":                      "a",
		"1 &lt; 2 &amp;&nbsp;3":              "1 2 & 3",
		"&lt;script&gt;x":                    "scriptx",
		"bell\x07 and\x1b[31m":               "bell and[31m",
		"bad \xff byte":                      "bad \ufffd byte",
		"\ufeffmark":                         "mark",
		"<HTML><TITLE>502 Bad Gateway</TITLE><IMG SRC=\"data:image/png;base64,AAAA\"></HTML>": "502 Bad Gateway",
	}
	for body, want := range tests {
		if got := plainText([]byte(body)); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
	for _, unit := range []string{"a", "ä", "€", "\U0001f600"} {
		for shift := range 4 {
			got := plainText([]byte(strings.Repeat("x", shift) + strings.Repeat(unit, 600)))
			if len(got) > maxText || len(got) < maxText-8 || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
				t.Errorf("%d bytes of %s: %q", len(got), unit, got)
			}
		}
	}
}

// TestForeignTextHasNoTags: the text of a proxy is plain, wherever it stood.
func TestForeignTextHasNoTags(t *testing.T) {
	body := `{"message":"<b>no</b> \u0007route` + strings.Repeat(" x", 400) + `"}`
	a := &answer{status: http.StatusNotFound, header: http.Header{}, body: []byte(body)}
	err := a.fail(byName()["Domains.Get"])
	e, ok := err.(*Error)
	if !ok || e.FromAPI || e.Message != "" || !strings.HasPrefix(e.Text, "no route x") || strings.ContainsAny(e.Text, "<\a") || len(e.Text) > maxText {
		t.Errorf("%+v", err)
	}
}

// TestStatusOfCode: each code of the contract has the status of its class.
func TestStatusOfCode(t *testing.T) {
	codes := map[int][]ErrorCode{
		400: {CodeBadRequest},
		401: {CodeUnauthorized, CodeTokenInvalid, CodeTokenExpired, CodeTokenRevoked},
		402: {CodePaymentRequired},
		403: {CodeInsufficientPermissions, CodeIPNotAllowed, CodeScopeEscalation},
		404: {CodeNotFound}, 405: {CodeMethodNotAllowed}, 413: {CodePayloadTooLarge}, 415: {CodeUnsupportedMediaType},
		409: {CodeConflict, CodePriceChanged, CodeRecordConflict, CodeRecordProtected, CodeDomainUnavailable, CodeDomainStateProhibits, CodeNameserversNotLocal, CodeContactInUse, CodeIdempotencyInProgress},
		412: {CodePreconditionFailed},
		422: {CodeValidationError, CodeIdempotencyKeyReused},
		429: {CodeTooManyRequests},
		500: {CodeInternalError}, 502: {CodeBadGateway}, 503: {CodeServiceUnavailable}, 504: {CodeGatewayTimeout},
		0: {"", "SOMETHING_NEW"},
	}
	for status, list := range codes {
		for _, code := range list {
			if got := statusOfCode(code); got != status {
				t.Errorf("%s: %d, want %d", code, got, status)
			}
		}
	}
}

// TestRetryAfterTable: never negative, never early, and saturated.
func TestRetryAfterTable(t *testing.T) {
	now := mustTime("2026-01-02T03:04:05Z")
	date := func(s string) http.Header { return http.Header{"Retry-After": {s}} }
	tests := []struct {
		header http.Header
		want   string
		said   bool
	}{
		{date("0"), "0s", true},
		{date("-1"), "0s", true},
		{date("1.5"), "1.5s", true},
		{date(" 17 "), "17s", true},
		{date("1e10"), "2562047h47m16.854775807s", true},
		{date("9223372036854775807"), "2562047h47m16.854775807s", true},
		{date(strings.Repeat("9", 400)), "2562047h47m16.854775807s", true},
		{date("-" + strings.Repeat("9", 400)), "0s", true},
		{date("Fri, 02 Jan 2026 03:05:05 GMT"), "1m0s", true},
		{date("Fri, 02 Jan 2026 03:00:00 GMT"), "0s", true},
		{date("NaN"), "0s", false},
		{date("soon"), "0s", false},
		{date(""), "0s", false},
		{http.Header{}, "0s", false},
		{http.Header{"Retry-After": {"3", "9", "soon"}}, "9s", true},
		{http.Header{"Retry-After": {"Fri, 02 Jan 2026 05:00:30 GMT"}, "Date": {"Fri, 02 Jan 2026 05:00:00 GMT"}}, "30s", true},
		{http.Header{"X-Ratelimit-Limit": {"600"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {fmt.Sprint(now.Unix() + 12)}}, "12s", true},
		{http.Header{"X-Ratelimit-Limit": {"600"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {fmt.Sprint(now.Unix() - 12)}}, "0s", true},
		{http.Header{"X-Ratelimit-Limit": {"600"}, "X-Ratelimit-Remaining": {"5"}, "X-Ratelimit-Reset": {fmt.Sprint(now.Unix() + 12)}}, "0s", false},
	}
	for _, test := range tests {
		if got, said := retryAfter(test.header, now); got.String() != test.want || said != test.said {
			t.Errorf("%.60v: %s, %v; want %s", test.header, got, said, test.want)
		}
	}
}
