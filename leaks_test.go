package hoster_test

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/redact"
)

// Secrets of the three origins. Each has characters that change under every
// usual escaping.
const (
	ownToken   = "tOk-9876543210+ZyX/q~=77"
	sentSecret = canary                      // what the requests of calls carry
	newSecret  = `M1nt-Zz9+/=~&<q>"8%41uX7w` // what an answer brings
)

// needles are all spellings of all pieces of eight octets of a secret.
func needles(secret string) []string {
	var all []string
	add := func(s string) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for i := 0; i+8 <= len(secret); i++ {
		piece := secret[i : i+8]
		quoted, _ := json.Marshal(piece)
		add(piece)
		add(string(quoted[1 : len(quoted)-1]))
		add(url.QueryEscape(piece))
		add(url.PathEscape(piece))
		add(html.EscapeString(piece))
		add(hex.EncodeToString([]byte(piece)))
		add(strings.ToUpper(hex.EncodeToString([]byte(piece))))
		add(fmt.Sprintf("% x", piece))
		add(spell(`\u%04x`, piece))
		add(spell("%%%02X", piece))
		add(spell("&#%d;", piece))
		add(strings.Trim(fmt.Sprint([]byte(piece)), "[]"))
	}
	for i := 0; i+12 <= len(secret); i++ { // twelve characters of base64 that begin anywhere
		add(base64.StdEncoding.EncodeToString([]byte(secret[i : i+12]))[:12])
		add(base64.URLEncoding.EncodeToString([]byte(secret[i : i+12]))[:12])
	}
	return all
}

func spell(format, s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// oddAnswer is an answer that holds a secret where it should not, or where it
// should and the rest is wrong.
type oddAnswer struct {
	name   string
	status int
	reason string
	header map[string]string
	body   string
	broken bool  // the connection breaks at the end of the body
	quoted error // with this instead of io.ErrUnexpectedEOF
	err    error // instead of an answer
}

func (a oddAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	if a.err != nil {
		return nil, a.err
	}
	h := http.Header{}
	for name, value := range a.header {
		h[http.CanonicalHeaderKey(name)] = []string{value}
	}
	body := io.Reader(strings.NewReader(a.body))
	if a.broken {
		body = io.MultiReader(body, iotest.ErrReader(cmp.Or(a.quoted, io.ErrUnexpectedEOF)))
	}
	return &http.Response{Status: fmt.Sprint(a.status, " ", a.reason), StatusCode: a.status, Header: h, Body: io.NopCloser(body), ContentLength: -1, Request: req, ProtoMajor: 1, ProtoMinor: 1}, nil
}

// silentError does not say what lies below.
type silentError struct{ below error }

func (silentError) Error() string   { return "it failed" }
func (e silentError) Unwrap() error { return e.below }

// oddAnswers are ways to get an answer wrong that holds the secret. right is
// what would be right.
func oddAnswers(secret string, right exchange) []oddAnswer {
	quoted := func(s string) string {
		b, _ := json.Marshal(s)
		return string(b)
	}
	q := quoted(secret)
	inner := q[1 : len(q)-1]
	data := strings.ReplaceAll(right.answer, "{secret}", inner)
	if data == "" || !strings.Contains(data, inner) {
		data = `{"status":"success","data":{"id":"x_1","secret":` + q + `,"auth_code":` + q + `,"password":` + q + `,"url":` + q + `}}`
	}
	failure := func(text string) string {
		return `{"status":"error","code":"VALIDATION_ERROR","message":` + quoted("it was "+text+", sorry") + `,"errors":{"name":[` + quoted("was "+text) + `],` + quoted(text) + `:["bad"]},"data":{"secret":` + quoted(text) + `},"request_id":"req_1"}`
	}
	echo := "POST /v1/x HTTP/1.1\r\nAuthorization: Bearer " + secret + "\r\n\r\n{\"password\":" + q + "}"
	half := len(secret) / 2
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.NoCompression)
	_, _ = w.Write([]byte(data))
	_ = w.Close()

	answers := []oddAnswer{
		{name: "notice before JSON", status: 201, body: "<br />\n<b>Notice</b>: Undefined index: " + secret + " in /srv/api.php on line 3<br />\n" + data},
		{name: "warning in text", status: 200, body: "Warning: " + secret + " in x\n" + data},
		{name: "JSON then HTML", status: 201, body: data + "<html><p>" + secret + "</p></html>"},
		{name: "two answers", status: 200, body: data + data},
		{name: "status created", status: 201, body: strings.Replace(data, `"success"`, `"created"`, 1)},
		{name: "status completed", status: 200, body: strings.Replace(data, `"success"`, `"completed"`, 1)},
		{name: "status error with data", status: 200, body: strings.Replace(data, `"success"`, `"error"`, 1)},
		{name: "ok false", status: 200, body: `{"ok":false,"code":"X","data":` + data + `,"message":` + q + `}`},
		{name: "no envelope", status: 201, body: `{"secret":` + q + `}`},
		{name: "another envelope", status: 201, body: `{"result":{"value":` + q + `}}`},
		{name: "another member", status: 201, body: `{"status":"success","data":{"id":"tok_1","plain":` + q + `}}`},
		{name: "a list", status: 200, body: `[` + q + `]`},
		{name: "a string", status: 200, body: q},
		{name: "data a string", status: 200, body: `{"status":"success","data":` + q + `}`},
		{name: "data a list", status: 200, body: `{"status":"success","data":[[` + q + `]]}`},
		{name: "secret an object", status: 201, body: `{"status":"success","data":{"id":"x","secret":{"value":` + q + `},"auth_code":[` + q + `],"password":{"p":` + q + `},"url":[` + q + `]}}`},
		{name: "a time", status: 201, body: `{"status":"success","data":{"id":"x_1","expires_at":` + q + `,"created_at":` + q + `,"secret":` + q + `}}`},
		{name: "XML", status: 200, header: map[string]string{"Content-Type": "application/xml"}, body: "<?xml version=\"1.0\"?><token><secret>" + html.EscapeString(secret) + "</secret></token>"},
		{name: "plain text", status: 200, body: "your new token is " + secret},
		{name: "form", status: 200, body: "secret=" + url.QueryEscape(secret) + "&ok=1"},
		{name: "nothing", status: 200, header: map[string]string{"X-Secret": secret}},
		{name: "cut in the secret", status: 201, body: data[:strings.Index(data, inner)+len(inner)/2], broken: true},
		{name: "cut with a quotation", status: 201, body: "{", broken: true, quoted: fmt.Errorf("http2: server sent GOAWAY, debug=%q", secret)},
		{name: "cut and in good order", status: 201, body: data[:strings.Index(data, inner)+len(inner)-1]},
		{name: "no content", status: 204, body: data},
		{name: "reason phrase", status: 500, reason: secret, body: failure(secret)},
		{name: "redirect with query", status: 303, header: map[string]string{"Location": "https://api.example.com/v1/x?secret=" + url.QueryEscape(secret)}},
		{name: "redirect with path", status: 303, header: map[string]string{"Location": "https://api.example.com/v1/" + url.PathEscape(secret) + "/x"}, body: data},
		{name: "redirect to a path", status: 303, header: map[string]string{"Location": "https://api.example.com/v1/" + url.PathEscape(secret) + "/x"}},
		{name: "redirect with fragment", status: 301, header: map[string]string{"Location": "/x#" + url.QueryEscape(secret)}},
		{name: "redirect with user", status: 307, header: map[string]string{"Location": "https://user:" + url.QueryEscape(secret) + "@api.example.com/"}},
		{name: "redirect that does not parse", status: 302, header: map[string]string{"Location": "https://[::1" + secret}},
		{name: "relative redirect", status: 303, header: map[string]string{"Location": "/login/" + url.PathEscape(secret)}},
		{name: "success under 500", status: 500, body: data},
		{name: "success under 400", status: 400, body: data},
		{name: "success under 401", status: 401, header: map[string]string{"WWW-Authenticate": `Bearer error="invalid_token", error_description=` + q}, body: data},
		{name: "scope in the challenge", status: 403, header: map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope=` + q}, body: failure(secret)},
		{name: "scope in the body", status: 403, body: `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"no","required_scopes":[` + q + `]}`},
		{name: "headers", status: 201, header: map[string]string{"X-Request-Id": "req_" + secret, "ETag": `"` + secret + `"`, "X-Zone-ETag": secret, "Retry-After": secret, "Server": secret, "Set-Cookie": secret}, body: data},
		{name: "headers of an error", status: 503, header: map[string]string{"X-Request-Id": base64.StdEncoding.EncodeToString([]byte(secret)), "Retry-After": secret}, body: data},
		{name: "problem", status: 422, header: map[string]string{"Content-Type": "application/problem+json"}, body: `{"type":"about:blank","title":"Bad","detail":` + quoted("bad "+secret) + `,"instance":` + q + `,"errors":[{"detail":` + quoted("bad "+secret) + `,"pointer":"#/name"}]}`},
		{name: "code", status: 409, body: `{"status":"error","code":` + q + `,"message":"no"}`},
		{name: "nested error", status: 400, body: `{"error":{"code":` + q + `,"message":` + q + `,"password":` + q + `}}`},
		{name: "list of errors", status: 422, body: `{"errors":[{"field":` + q + `,"message":` + q + `},` + q + `]}`},
		{name: "echo as text", status: 400, body: echo},
		{name: "echo as a page", status: 502, header: map[string]string{"Content-Type": "text/html"}, body: "<html><pre>" + html.EscapeString(echo) + "</pre></html>"},
		{name: "echo in a message", status: 400, body: `{"message":` + quoted("could not read: "+echo) + `}`},
		{name: "split", status: 422, body: `{"status":"error","code":"VALIDATION_ERROR","message":` + quoted(secret[:half]) + `,"errors":{"name":[` + quoted(secret[half:]) + `,` + quoted(secret[2:]) + `]}}`},
		{name: "cut by the bound", status: 500, body: strings.Repeat("x", 490) + secret},
		{name: "gzip without a word", status: 500, body: packed.String()},
		{name: "gzip without a word under 200", status: 200, body: packed.String()},
		{name: "coding", status: 201, header: map[string]string{"Content-Encoding": secret}, body: data},
		{name: "coding alone", status: 201, header: map[string]string{"Content-Encoding": secret}, body: "x"},
		{name: "coding of an error", status: 500, header: map[string]string{"Content-Encoding": secret}, body: data},
		{name: "br", status: 201, header: map[string]string{"Content-Encoding": "br", "Content-Type": "application/json"}, body: data},
	}
	for _, status := range []int{200, 400, 401, 402, 403, 404, 409, 412, 422, 429, 500, 502, 503} {
		answers = append(answers,
			oddAnswer{name: fmt.Sprint("an error ", status), status: status, body: failure(secret)},
			oddAnswer{name: fmt.Sprint("an error ", status, " in words"), status: status, body: failure(secret)[:strings.Index(failure(secret), `,"data"`)] + "}"})
	}
	if secret == ownToken { // the transport knows it
		refused := fmt.Errorf("could not send %q", "Authorization: Bearer "+secret)
		answers = append(answers,
			oddAnswer{name: "the transport's error", err: refused},
			oddAnswer{name: "inside the transport's error", err: &net.OpError{Op: "write", Net: "tcp", Err: refused}},
			oddAnswer{name: "hidden in the transport's error", err: silentError{refused}},
			oddAnswer{name: "among the transport's errors", err: errors.Join(io.ErrUnexpectedEOF, silentError{refused})})
	}
	for name, spelt := range map[string]string{
		"JSON escapes": spell(`\u%04x`, secret), "percent": spell("%%%02x", secret), "query": url.QueryEscape(secret),
		"HTML": html.EscapeString(secret), "HTML numbers": spell("&#%d;", secret),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "base64 of more": base64.URLEncoding.EncodeToString([]byte("user:" + secret)),
		"hex": hex.EncodeToString([]byte(secret)), "hex in capitals": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"small": strings.ToLower(secret), "capitals": strings.ToUpper(secret),
	} {
		answers = append(answers,
			oddAnswer{name: name + " in a message", status: 422, body: failure(spelt)},
			oddAnswer{name: name + " in a page", status: 500, body: "<p>" + spelt + "</p>"},
			oddAnswer{name: name + " under 200", status: 200, body: `{"status":"success","data":"` + spelt + `"} ` + spelt})
	}
	return answers
}

// leakCalls are the operations, and what is built on them.
func leakCalls() map[string]func(context.Context, *hoster.Client, ...hoster.CallOption) (any, error) {
	all := map[string]func(context.Context, *hoster.Client, ...hoster.CallOption) (any, error){
		"Hosting.SetPassword, made by the server": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
			return c.Hosting.SetPassword(ctx, "svc_01", hoster.HostingPassword{}, o...)
		},
		"Call": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
			return nil, c.Call(ctx, hoster.CallSpec{Method: "POST", Segments: []string{"mail", "box"}, Body: map[string]any{"users": []any{map[string]string{"password": sentSecret}}}}, nil, o...)
		},
		"DNS.ReplaceSet": func(ctx context.Context, c *hoster.Client, _ ...hoster.CallOption) (any, error) {
			return c.DNS.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: "www", Values: []dnszone.Data{dnszone.TXT{Text: "x"}}})
		},
		"DNS.PlanZone": func(ctx context.Context, c *hoster.Client, _ ...hoster.CallOption) (any, error) {
			return c.DNS.PlanZone(ctx, "example.com", nil, &hoster.ZonePlanOptions{AllowEmpty: true})
		},
		"Domains.WaitTransfer": func(ctx context.Context, c *hoster.Client, _ ...hoster.CallOption) (any, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			return c.Domains.WaitTransfer(ctx, "example.com", nil)
		},
		"Verify": func(ctx context.Context, c *hoster.Client, _ ...hoster.CallOption) (any, error) {
			return nil, c.Verify(ctx)
		},
	}
	for op, call := range calls {
		all[string(op)] = call
	}
	return all
}

// secretCalls are those that make a secret, or send one beside the token.
func secretCalls(t *testing.T) map[string]bool {
	found := map[string]bool{"Call": true, "Hosting.SetPassword, made by the server": true}
	for _, row := range hoster.Table() {
		if row.Mints || strings.Contains(readExchange(t, row.Name).sent, "{secret}") {
			found[string(row.Name)] = true
		}
	}
	return found
}

// TestNoSecretLeaves gives odd answers to every operation that makes or sends a
// secret, with that secret in them, and to every other with the token in them,
// and looks for pieces of it in everything that comes out.
func TestNoSecretLeaves(t *testing.T) {
	special := secretCalls(t)
	if len(special) < 7 {
		t.Fatalf("%v", special)
	}
	for name, call := range leakCalls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			right := exchange{}
			if _, ok := calls[hoster.Operation(name)]; ok {
				right = readExchange(t, hoster.Operation(name))
			}
			secrets := []string{ownToken}
			if special[name] {
				secrets = append(secrets, sentSecret, newSecret)
			}
			for _, secret := range secrets {
				if secret == newSecret && (name == "Call" || name == "Domains.Transfer") || secret == sentSecret && !sends(name) {
					continue
				}
				hay := needles(secret)
				synctest.Test(t, func(t *testing.T) {
					for _, answer := range oddAnswers(secret, right) {
						if text, where := leak(t, call, answer, hay); where != "" {
							t.Errorf("%s, %.8s…: %s shows %q", answer.name, secret, where, text)
						}
					}
				})
			}
		})
	}
}

// sends reports that the call carries sentSecret in its body.
func sends(name string) bool {
	return name == "Call" || name == "Domains.Transfer" || name == "Hosting.SetPassword"
}

// leak makes one call, and returns where a needle was found, with what is
// around it.
func leak(t *testing.T, call func(context.Context, *hoster.Client, ...hoster.CallOption) (any, error), transport http.RoundTripper, needles []string) (text, where string) {
	t.Helper()
	seen := map[string]string{}
	var log strings.Builder
	note := func(_ context.Context, e hoster.Event) { fmt.Fprintf(&log, "%+v %#v\n", e, e) }
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	client := newTestClient(t, "https://api.example.com/v1", ownToken,
		hoster.WithHTTPClient(&http.Client{Transport: transport}),
		hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 2}),
		hoster.WithLogger(slog.New(slog.NewTextHandler(&log, options))),
		hoster.WithLogger(slog.New(slog.NewJSONHandler(&log, options))),
		hoster.WithHooks(hoster.Hooks{OnStart: hoster.Starting(note), OnAttempt: note, OnRetry: note, OnWait: note, OnDone: note}),
	)
	var meta hoster.Response
	result, err := call(t.Context(), client, hoster.WithResponse(&meta))
	seen["the log or a hook"] = log.String()
	seen["the response"] = prints(meta) + prints(&meta)
	seen["the result"] = prints(result)
	for _, e := range chain(err) {
		seen[fmt.Sprintf("error %T", e)] += e.Error() + prints(e)
	}
	for where, text := range seen {
		for _, needle := range needles {
			if at := strings.Index(text, needle); at >= 0 {
				return text[max(0, at-100):min(len(text), at+100)], where
			}
		}
	}
	return "", ""
}

// TestResponseHoldsNoSecret: nobody watches the call, and only its caller asks.
func TestResponseHoldsNoSecret(t *testing.T) {
	right := readExchange(t, "Tokens.Create")
	answer := oddAnswer{status: right.status, body: strings.ReplaceAll(right.answer, "{secret}", "new-token-0123456789"), header: map[string]string{
		"X-Request-Id": ownToken + "." + url.QueryEscape(ownToken), "ETag": `"new-token-0123456789"`}}
	client := newTestClient(t, "https://api.example.com/v1", ownToken, hoster.WithHTTPClient(&http.Client{Transport: answer}))
	var meta hoster.Response
	created, err := calls["Tokens.Create"](t.Context(), client, hoster.WithResponse(&meta))
	if err != nil || created.(hoster.CreatedToken).Secret.Reveal() != "new-token-0123456789" {
		t.Fatalf("%v, %v", created, err)
	}
	if meta.RequestID != "[redacted]" || meta.ETag != `"[redacted]"` || !bytes.Contains(meta.Body(), []byte("new-token-0123456789")) {
		t.Errorf("%+v", meta)
	}
}

// TestRefusalsOfSecretCallsAreExplained: where the API says why it made no
// secret, its words are shown, and none that could be one.
func TestRefusalsOfSecretCallsAreExplained(t *testing.T) {
	tests := []struct {
		status     int
		body, want string
	}{
		{422, `{"status":"error","code":"VALIDATION_ERROR","message":"Some fields are not valid.","errors":{"password":["must have a digit.","is too short"],"ip_allowlist.0":["expected an address"]}}`,
			"422 Unprocessable Entity, VALIDATION_ERROR: Some fields are not valid; password: must have a digit, is too short; ip_allowlist.0: expected an address"},
		{409, `{"status":"error","code":"DOMAIN_STATE_PROHIBITS","message":"The domain \"example.com\" is locked."}`,
			`409 Conflict, DOMAIN_STATE_PROHIBITS: The domain "example.com" is locked`},
		{409, `{"status":"error","code":"EPP_LIMIT","message":"There is one already: X7-k9Qz2mLp."}`,
			"409 Conflict, EPP_LIMIT: There is one already: [redacted]"},
		{409, `{"status":"error","code":"X7K9Q2MLP","message":"hunter2-hunter2 (dns:write)"}`,
			"409 Conflict: [redacted] (dns:write)"},
		{200, `{"status":"error","code":"CONFLICT","message":"There is one already: X7-k9Qz2mLp."}`,
			"200 OK, CONFLICT: There is one already: [redacted]"},
		{200, `{"status":"error","code":"INTERNAL_ERROR","message":"It was made, and the mail not sent."}`,
			"200 OK, INTERNAL_ERROR: what the answer says is not shown, as it can hold a secret"},
		{500, `{"status":"error","code":"INTERNAL_ERROR","message":"The mail was not sent."}`,
			"500 Internal Server Error, INTERNAL_ERROR: what the answer says is not shown, as it can hold a secret"},
		{502, `<p>Bad gateway</p>`, "502 Bad Gateway: what the answer says is not shown, as it can hold a secret"},
		{502, ``, "502 Bad Gateway. "},
	}
	for _, test := range tests {
		for name := range secretCalls(t) {
			row := hoster.Operation(name)
			if i := slices.IndexFunc(hoster.Table(), func(r hoster.Row) bool { return r.Name == row && r.Mints }); i < 0 {
				continue
			}
			_, err := leakCalls()[name](t.Context(), cannedClient(t, alwaysText(test.status, test.body)))
			if !strings.Contains(err.Error(), ": "+test.want) || strings.Count(err.Error(), "not shown") > 1 || strings.Contains(err.Error(), "not shown") != strings.Contains(test.want, "not shown") {
				t.Errorf("%s\ngot  %v\nwant %s", name, err, test.want)
			}
		}
	}
}

// hostileText is what a terminal would obey or hide, and more of it than anybody
// reads.
const hostileText = "a\x1b[31mb\u009b1mc\rd\ne\u202ef\u2066g\u200bh\ufeffi\u2028j\x7fk\x00l\u061cm\u00adn"

// TestTextFromOutsideIsPrintable: nothing of it reaches an error's text, its
// fields, an event or a log as it came.
func TestTextFromOutsideIsPrintable(t *testing.T) {
	quoted, _ := json.Marshal(hostileText)
	q := string(quoted)
	long := strings.Repeat(hostileText, 200)
	quotedLong, _ := json.Marshal(long)
	fields := strings.Repeat(`,"f`+"\u202e"+`":[`+string(quotedLong)+`,`+q+`]`, 1)
	for i := range 60 {
		fields += fmt.Sprintf(`,"%d%s":[%s]`, i, q[1:len(q)-1], quotedLong)
	}
	failure := `{"status":"error","code":` + q + `,"message":` + string(quotedLong) + `,"errors":{"x":[]` + fields + `},"request_id":` + q + `,"required_scopes":[` + q + `]}`
	var answers []oddAnswer
	for _, status := range []int{200, 400, 401, 403, 404, 409, 412, 422, 429, 500, 503} {
		answers = append(answers, oddAnswer{name: fmt.Sprint(status), status: status, reason: hostileText, body: failure, header: map[string]string{"X-Request-Id": hostileText}})
	}
	answers = append(answers,
		oddAnswer{name: "insufficient scope", status: 403, body: strings.Replace(failure, q, `"INSUFFICIENT_PERMISSIONS"`, 1)},
		oddAnswer{name: "challenge", status: 403, header: map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope="` + hostileText + `", error_description="` + hostileText + `"`}},
		oddAnswer{name: "page", status: 502, body: long},
		oddAnswer{name: "redirect", status: 302, header: map[string]string{"Location": "https://api.example.com/" + url.PathEscape(hostileText)}},
		oddAnswer{name: "coding", status: 200, body: "x", header: map[string]string{"Content-Encoding": hostileText}},
		oddAnswer{name: "data", status: 200, body: `{"status":"success","data":{"` + q[1:len(q)-1] + `":1,"ttl":` + q + `}}`},
	)
	for name, call := range leakCalls() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, answer := range answers {
					var log strings.Builder
					note := func(_ context.Context, e hoster.Event) { fmt.Fprintln(&log, e.Reason, e.RequestID) }
					client := cannedClient(t, answer, hoster.WithHooks(hoster.Hooks{OnAttempt: note, OnDone: note}), hoster.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
					_, err := call(t.Context(), client)
					for _, e := range chain(err) {
						if strings.Contains(fmt.Sprintf("%T", e), "hoster.") {
							checkPrintable(t, answer.name, e.Error())
						}
					}
					var e *hoster.Error
					if errors.As(err, &e) {
						pieces := []string{e.Message, e.Text, string(e.Code), e.RequestID, e.Location, e.Target}
						for _, f := range e.Fields {
							pieces = append(append(pieces, f.Field), f.Messages...)
						}
						var forbidden *hoster.ForbiddenError
						if errors.As(err, &forbidden) {
							for _, scope := range forbidden.MissingScopes {
								pieces = append(pieces, string(scope))
							}
						}
						for _, piece := range pieces {
							checkPrintable(t, answer.name, piece)
							if len(piece) > 512 {
								t.Errorf("%s: %d bytes: %.40s…", answer.name, len(piece), piece)
							}
						}
					}
					for line := range strings.Lines(log.String()) {
						checkPrintable(t, answer.name+", log", strings.TrimSuffix(line, "\n"))
					}
				}
			})
		})
	}
}

// checkPrintable finds what must not be printed, by its Unicode category.
func checkPrintable(t *testing.T, where, text string) {
	t.Helper()
	if len(text) > 12<<10 || !utf8.ValidString(text) {
		t.Errorf("%s: %d bytes, UTF-8: %v: %.100q", where, len(text), utf8.ValidString(text), text)
	}
	for _, r := range text {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Errorf("%s: %U in %.200q", where, r, text)
			return
		}
	}
}

// TestErrorsOfOurOwnArePrintable: arguments and states are text from outside
// too.
func TestErrorsOfOurOwnArePrintable(t *testing.T) {
	client := cannedClient(t, alwaysText(200, `{"status":"success","data":{"id":"o","status":"x"}}`))
	ctx := t.Context()
	long := strings.Repeat(hostileText, 2000)
	_, lookup := dnszone.ParseName(hostileText, "example.com")
	_, err1 := client.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: hoster.RecordType(hostileText), Name: "www", Value: "x"})
	_, err2 := client.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: "A", Name: "www", Value: hostileText})
	_, err3 := client.Domains.Get(ctx, hostileText)
	_, err4 := client.DNS.ReplaceSet(ctx, "example.com", hoster.RecordSet{Name: hostileText, Values: []dnszone.Data{dnszone.TXT{Text: "x"}}})
	_, err5 := hoster.ScopesFor(hoster.Operation(long))
	_, err6 := hoster.NewClient(hoster.WithBaseURL("https://" + hostileText))
	for i, err := range []error{
		lookup, err1, err2, err3, err4, err5, err6,
		&hoster.WaitError{What: "order " + long, State: long},
		&hoster.WaitError{What: "order", State: long, Err: errors.New(long)},
		&hoster.PriceError{Item: long, Currency: hostileText, Price: new(hoster.Amount)},
		&hoster.PriceError{Item: hostileText},
		&hoster.TransportError{Operation: "Domains.Get", Target: long, Err: errors.New(long), Hint: long},
		&hoster.ArgumentError{Field: long, Expected: hostileText},
		&hoster.Error{Message: long, Hint: long},
		&dnszone.FieldError{Field: hostileText, Problem: long},
	} {
		if err == nil {
			t.Errorf("%d: no error", i)
			continue
		}
		checkPrintable(t, fmt.Sprintf("%d, %T", i, err), strings.ReplaceAll(err.Error(), "\n", "; ")) // errors.Join of the options
		if len(err.Error()) > 8<<10 {
			t.Errorf("%d, %T: %d bytes", i, err, len(err.Error()))
		}
	}
	plan := &hoster.ZonePlan{Domain: "example.com", Creates: []hoster.RecordCreate{{Name: "www", Type: "TXT", Value: hostileText}}}
	checkPrintable(t, "plan", strings.ReplaceAll(plan.String(), "\n", ""))
	if plan.Creates[0].Value != hostileText {
		t.Error("a value was changed")
	}
}

// TestNothingOfAnAnswerInTransportErrors sends what net/http cannot read, and
// quotes, to calls that make a secret.
func TestNothingOfAnAnswerInTransportErrors(t *testing.T) {
	hay := needles(newSecret)
	for _, answer := range []string{
		newSecret + "\r\n\r\n",
		"HTTP/1.1 " + newSecret + " OK\r\n\r\n",
		"HTTP/" + newSecret + " 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\n" + newSecret + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX-Secret " + newSecret + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: " + newSecret + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + newSecret + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + newSecret + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: " + newSecret + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n" + newSecret,
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.Copy(io.Discard, req.Body)
					_, _ = io.WriteString(conn, answer)
				}
				_ = conn.Close()
			}
		}()
		client := newTestClient(t, "http://"+listener.Addr().String()+"/v1", ownToken, hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}))
		for name := range secretCalls(t) {
			if !strings.HasPrefix(name, "Tokens.") && !strings.HasSuffix(name, "Link") {
				continue
			}
			_, err := leakCalls()[name](t.Context(), client)
			if err == nil {
				t.Errorf("%s, %.40q: no error", name, answer)
			}
			for _, e := range chain(err) {
				for _, needle := range hay {
					if text := e.Error() + prints(e); strings.Contains(text, needle) {
						t.Errorf("%s, %.40q: %T shows %.300s", name, answer, e, text)
						break
					}
				}
			}
		}
		_ = listener.Close()
	}
}

// TestSecretsHaveTheNamesOfSecrets: what is redacted is found by its member's
// name, so every Secret of a request or an answer has such a name.
func TestSecretsHaveTheNamesOfSecrets(t *testing.T) {
	secret := reflect.TypeFor[hoster.Secret]()
	seen := map[reflect.Type]bool{}
	found := 0
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		if seen[of] || of == secret {
			return
		}
		seen[of] = true
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			walk(of.Elem())
		case reflect.Func:
			for i := range of.NumIn() {
				walk(of.In(i))
			}
			for i := range of.NumOut() {
				walk(of.Out(i))
			}
		case reflect.Struct:
			for i := range of.NumField() {
				field := of.Field(i)
				tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if field.Type == secret && tag != "" {
					found++
					if !redact.IsMember(tag) {
						t.Errorf("%s.%s: %q is no name of a secret", of, field.Name, tag)
					}
				}
				walk(field.Type)
			}
		}
	}
	for _, service := range services(&hoster.Client{Account: &hoster.AccountService{}, Contacts: &hoster.ContactsService{}, Invoices: &hoster.InvoicesService{}, Orders: &hoster.OrdersService{}, Domains: &hoster.DomainsService{}, DNS: &hoster.DNSService{}, Hosting: &hoster.HostingService{}, HostingPlans: &hoster.HostingPlansService{}, Tokens: &hoster.TokensService{}}) {
		for i := range service.Type().NumMethod() {
			walk(service.Type().Method(i).Type)
		}
	}
	if found < 5 {
		t.Errorf("only %d secrets were found", found)
	}
}
