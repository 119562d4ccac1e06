package hoster

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/errbody"
	"github.com/go-hoster/hoster/internal/route"

	"github.com/go-hoster/hoster/internal/envelope"
)

// FuzzPath: the server sees the argument as one segment, unchanged, or the call
// is refused before anything is sent.
func FuzzPath(f *testing.F) {
	for _, id := range []string{"rec_1", "", ".", "..", "...", "a/b", "../x", "a?b", "a#b", "%2e%2e", "%2f", "a b", "a+b", "é", "*", "@", "a;b", "\x00", "\xff", "\\", "current", "a\r\nb", "//", "%", "a:b", "~", "&=", "tok_1/../.."} {
		f.Add(id, "example.com")
	}
	for _, domain := range []string{"", "Example.COM.", "bücher.example", "a/b.example", "availability", "..", "*.example.com", "xn--bcher-kva.example", "a\x00.example", "%2e.example"} {
		f.Add("rec_1", domain)
	}
	base, _ := url.Parse("https://api.example.com/prefix%2Fodd/v1")
	f.Fuzz(func(t *testing.T, id, domain string) {
		checkSegments(t, base, "Tokens.Get", []string{id}, []string{"account", "tokens", id})
		zone, err := dnszone.ParseDomain(domain)
		if err != nil {
			if _, _, refused := fillPath(byName()["DNS.Get"], []string{domain, "rec_1"}); !errors.Is(refused, ErrInvalidArgument) {
				t.Fatalf("%q is no domain (%v), and was not refused: %v", domain, err, refused)
			}
			return
		}
		checkSegments(t, base, "DNS.Get", []string{domain, id}, []string{"domains", zone, "dns", "records", id})
	})
}

func checkSegments(t *testing.T, base *url.URL, op Operation, args, want []string) {
	t.Helper()
	escaped, _, err := fillPath(byName()[op], args)
	if err != nil {
		if !errors.Is(err, ErrInvalidArgument) {
			t.Fatalf("%q: %v", args, err)
		}
		return
	}
	target := route.Join(*base, escaped)
	// What the client writes is what a server's parser reads.
	var wire bytes.Buffer
	if err := (&http.Request{Method: http.MethodGet, URL: target, Host: target.Host, Header: http.Header{}}).Write(&wire); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	line, _, _ := strings.Cut(wire.String(), "\r\n")
	_, uri, _ := strings.Cut(strings.TrimSuffix(line, " HTTP/1.1"), " ")
	seen, err := url.ParseRequestURI(uri)
	if err != nil {
		t.Fatalf("%q: %q: %v", args, uri, err)
	}
	rest, ok := strings.CutPrefix(seen.EscapedPath(), base.EscapedPath()+"/")
	if !ok || seen.RawQuery != "" || seen.Fragment != "" || seen.ForceQuery {
		t.Fatalf("%q leaves the base URL: %q", args, uri)
	}
	segments := strings.Split(rest, "/")
	if len(segments) != len(want) {
		t.Fatalf("%q: %d segments in %q", args, len(segments), uri)
	}
	for i, segment := range segments {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain != want[i] || plain == "." || plain == ".." || plain == "" {
			t.Fatalf("%q: segment %q of %q, want %q; %v", args, segment, uri, want[i], err)
		}
	}
	// A server that cleans paths finds nothing to clean.
	reached := false
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { reached = true })
	if !strings.Contains(seen.Path, "//") && !strings.Contains(seen.Path, "/.") {
		mux.ServeHTTP(httptest.NewRecorder(), &http.Request{Method: http.MethodGet, URL: seen, Host: target.Host, RequestURI: uri})
		if !reached {
			t.Fatalf("%q: a server would redirect %q", args, uri)
		}
	}
}

// FuzzErrorBody: whatever stands in an answer that failed, its error keeps the
// status, stays within bounds, and invents nothing.
func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		`{"status":"error","code":"NOT_FOUND","message":"no","errors":{"a":["b"]},"request_id":"req_1"}`, `{"error":{"code":"X","message":"no"}}`,
		`{"error":"no"}`, `{"message":"no","errors":{"a":"b"}}`, `{"errors":[{"field":"a","message":"b"}]}`, `[{"code":"X"}]`, `{"a":{"message":"no"}}`,
		`{"required_scopes":["dns:read"],"code":"INSUFFICIENT_PERMISSIONS"}`, "<html>no</html>", "", "{", "[", `"`, "null", "\ufeff{}", "\xff",
	} {
		for _, status := range []int{200, 400, 401, 403, 404, 422, 429, 500} {
			f.Add(status, []byte(body), `Bearer realm="a, b", error="insufficient_scope"`)
		}
	}
	ops := []*operation{byName()["Domains.Get"], byName()["DNS.Create"], byName()["DNS.Delete"], byName()["Tokens.Get"], byName()["Domains.List"]}
	f.Fuzz(func(t *testing.T, status int, body []byte, challenge string) {
		status = 200 + (status%400+400)%400
		for _, op := range ops {
			a := &answer{Status: status, Body: body, Header: http.Header{}}
			if challenge != "" {
				a.Header.Set("WWW-Authenticate", challenge)
			}
			var target any
			if !op.noData {
				target = new(json.RawMessage)
			}
			err := a.success(t.Context(), new(envelope.Reader), op, "example.com", target)
			if err == nil {
				if status >= 300 {
					t.Fatalf("%d is success", status)
				}
				continue
			}
			var e *Error
			if !errors.As(err, &e) || e.Status != status {
				t.Fatalf("%d: %#v", status, err)
			}
			if len(e.Text) > maxText || len(e.Message) > maxMessage || strings.Contains(e.Text, "<") || !utf8.ValidString(e.Text) || !utf8.ValidString(e.Message) {
				t.Fatalf("%q, %q", e.Text, e.Message)
			}
			if !e.FromAPI && (e.Code != "" || e.Message != "" || len(e.Fields) > 0) {
				t.Fatalf("an intermediary said %+v", e)
			}
			if !e.FromAPI && e.class() != nil && status != http.StatusTooManyRequests && status < 500 {
				t.Fatalf("an intermediary's %d is %v", status, e.class())
			}
			var forbidden *ForbiddenError
			if errors.As(err, &forbidden) && forbidden.Reason != ForbiddenReasonScope && forbidden.MissingScopes != nil {
				t.Fatalf("%v blames %v", forbidden.Reason, forbidden.MissingScopes)
			}
			for _, field := range e.Fields {
				if len(field.Messages) == 0 {
					t.Fatalf("%q says nothing", field.Field)
				}
			}
			_ = err.Error()
		}
	})
}

// typed is what encoding/json and the reader must read alike where every member
// has its own type.
type typed struct {
	Text    string    `json:"text"`
	Open    openText  `json:"open"`
	Whole   int64     `json:"whole"`
	Small   int8      `json:"small"`
	Short   uint16    `json:"short"`
	Huge    uint64    `json:"huge"`
	Truth   bool      `json:"truth"`
	Ratio   float64   `json:"ratio"`
	When    time.Time `json:"when"`
	Number  *uint16   `json:"number"`
	Texts   []string  `json:"texts"`
	Numbers []int64   `json:"numbers"`
	Item    struct {
		Text  string `json:"text"`
		Truth bool   `json:"truth"`
	} `json:"item"`
}

// FuzzDecode: no JSON makes the decoder panic, and what is written with the
// right types is read as it was.
func FuzzDecode(f *testing.F) {
	for _, value := range []string{`17`, `"17"`, `"a"`, `true`, `1`, `null`, `""`, `[]`, `{}`, `[1,null,"2"]`, `{"id":1,"at":0}`, `"2026-01-02"`, `1e999`, `-`, `"\ud800"`, "\xff", `18446744073709551615`, `0x10`, `[[[[`} {
		f.Add([]byte(value), "text", int64(17), uint64(3), true, 1.5)
	}
	names := []string{"text", "open", "whole", "long", "small", "short", "huge", "truth", "ratio", "when", "maybe", "maybe_num", "maybe_str", "money", "maybe_amt", "hidden", "texts", "numbers", "items", "item", "maybe_obj", "raw", "inner"}
	f.Fuzz(func(t *testing.T, raw []byte, text string, whole int64, unsigned uint64, truth bool, ratio float64) {
		var anything everything
		_ = decodeInto(raw, &anything)
		for _, name := range names {
			var one everything
			body := append(append([]byte(`{"`+name+`":`), raw...), '}')
			err := decodeInto(body, &one)
			if err == nil && !json.Valid(body) {
				t.Fatalf("%s was read", body)
			}
		}
		want := typed{Text: text, Open: openText(text), Whole: whole, Small: int8(whole), Short: uint16(unsigned), Huge: unsigned, Truth: truth, Ratio: ratio,
			Texts: []string{text, ""}, Numbers: []int64{whole, int64(unsigned)}}
		want.Item.Text, want.Item.Truth = text, !truth
		want.When = time.Unix(whole%(1<<37), int64(unsigned%1e9)).UTC()
		if truth {
			want.Number = &want.Short
		}
		encoded, err := json.Marshal(want)
		if err != nil {
			return // NaN, or a year that JSON does not take
		}
		var byJSON, got typed
		if err := json.Unmarshal(encoded, &byJSON); err != nil {
			t.Fatal(err)
		}
		if err := decodeInto(encoded, &got); err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		a, _ := json.Marshal(byJSON)
		b, _ := json.Marshal(got)
		if !bytes.Equal(a, b) {
			t.Fatalf("%s\ngot  %s\nwant %s", encoded, b, a)
		}
	})
}

// FuzzToken: what is taken for a token can stand in a header, and no error
// shows what was refused.
func FuzzToken(f *testing.F) {
	for _, token := range []string{"abc-123", "", " abc ", "abc\n", "a b", "Bearer abc", "bearer", `"abc"`, "'abc'", "\ufeffabc", "abc\x00", "abc\x7f", "äbc", "\xff", "abc\r\nX: y", strings.Repeat("a", 9000), "`abc`"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		secret, err := checkToken(token)
		if err != nil {
			if !errors.Is(err, ErrInvalidArgument) || !secret.IsZero() {
				t.Fatalf("%v, %q", err, secret.Reveal())
			}
			word := strings.TrimSpace(token)
			if len(word) > 3 && strings.Contains(err.Error(), word) && !strings.Contains(refusals, word) {
				t.Fatalf("%q shows the token", err)
			}
			return
		}
		taken := secret.Reveal()
		if taken == "" || strings.Trim(taken, visible) != "" || strings.ContainsAny(taken, "\"'`") || !strings.Contains(token, taken) || strings.EqualFold(strings.TrimRight(taken, ":"), "bearer") {
			t.Fatalf("%q was taken as %q", token, taken)
		}
		again, err := checkToken(taken)
		if err != nil || again.Reveal() != taken {
			t.Fatalf("%q is not taken again: %v", taken, err)
		}
	})
}

// visible is what a header value may hold without quoting, but for quotes.
const visible = "!#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_abcdefghijklmnopqrstuvwxyz{|}~"

// refusals is every sentence of checkToken: a token that is a piece of them is
// not shown by them.
var refusals = func() string {
	var all strings.Builder
	for _, token := range []string{"", strings.Repeat("a", 9000), "bearer", `"`, "a b", "a\x00b", "é"} {
		_, err := checkToken(token)
		all.WriteString(err.Error() + "\n")
	}
	return all.String()
}()

// FuzzPlainText: what is shown of a foreign page is short, valid, on one line
// and without tags.
func FuzzPlainText(f *testing.F) {
	for _, body := range []string{"", "<p>a</p>", "<script>x", "<!--", "&lt;p&gt;", "&amp;lt;p&amp;gt;", "&#60;", "a\x00b", "\xff", "\ufeff", strings.Repeat("ä", 600), "<" + strings.Repeat("x", 600), "</style><style>a</style", "a\u2028b"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		text := errbody.PlainText(body, maxText)
		if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsAny(text, "<>\r\n\t\x00\x1b") || text != strings.TrimSpace(text) && !strings.HasSuffix(text, "…") {
			t.Fatalf("%q became %q", body, text)
		}
		if strings.Contains(text, "  ") {
			t.Fatalf("%q has runs of white space", text)
		}
	})
}
