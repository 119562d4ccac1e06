package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

var secrets = []string{
	"hst_0123456789abcdef",
	"cAnAry+secret/0123456789=~x",
	`pass "word" <&> \ %41 &amp; end`,
	"lowercaselettersonly",
	"Größe und 大きな秘密",
	"12345678",
}

// spellings is how servers echo what they were sent.
var spellings = map[string]func(string) string{
	"as it is":      func(s string) string { return s },
	"JSON":          func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"JSON escapes":  jsonEscapes,
	"query":         url.QueryEscape,
	"path":          url.PathEscape,
	"percent":       func(s string) string { return each(s, "%%%02X") },
	"percent lower": func(s string) string { return each(s, "%%%02x") },
	"HTML":          html.EscapeString,
	"HTML numbers":  func(s string) string { return eachRune(s, "&#%d;") },
	"HTML hex":      func(s string) string { return eachRune(s, "&#x%x;") },
	"base64":        func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 URL":    func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 inside": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s + " and more")) },
	"hex":           func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hex upper":     func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"lower case":    strings.ToLower,
	"upper case":    strings.ToUpper,
	"twice": func(s string) string {
		b, _ := json.Marshal(html.EscapeString(s))
		return url.QueryEscape(string(b))
	},
	"base64 of JSON": func(s string) string {
		b, _ := json.Marshal(map[string]string{"password": s})
		return base64.StdEncoding.EncodeToString(b)
	},
}

func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func eachRune(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func jsonEscapes(s string) string { return eachRune(s, `\u%04x`) }

func TestCleanEverySpelling(t *testing.T) {
	for _, secret := range secrets {
		var s Secrets
		s.Add(secret)
		for name, spell := range spellings {
			for _, piece := range []string{secret, secret[:Window], secret[len(secret)-Window:], secret[len(secret)/2-Window/2:][:Window]} {
				if strings.ToValidUTF8(piece, "") != piece {
					continue // a piece of a character is spelt differently everywhere
				}
				if name == "twice" && strings.Contains(piece, "%4") {
					continue
				}
				echo := spell(piece)
				got := s.Clean("refused: " + echo + ", sorry")
				if strings.Contains(got, echo) || !strings.Contains(got, Mark) {
					t.Errorf("%s: %q in %q: %q", name, piece, secret, got)
				}
			}
		}
	}
}

func TestCleanKeepsTheRest(t *testing.T) {
	var s Secrets
	s.Add("hst_0123456789abcdef")
	s.Add("")
	for in, want := range map[string]string{
		"":                                       "",
		"nothing here":                           "nothing here",
		"token hst_0123456789abcdef refused":     "token [redacted] refused",
		"hst_0123456789abcdef":                   "[redacted]",
		"twice hst_0123456789abcdef hst_0123456": "twice [redacted] [redacted]",
		"cut hst_01234…":                         "cut [redacted]…",
		"cut hst_…":                              "cut …",
		"a prefix of seven, hst_012, is shown":   "a prefix of seven, hst_012, is shown",
		"100% \\ \\u12 &amp; %zz +":              "100% \\ \\u12 &amp; %zz +",
		"base64 aGVsbG8gd29ybGQsIGhlbGxv":        "base64 aGVsbG8gd29ybGQsIGhlbGxv",
	} {
		if got := s.Clean(in); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
	var none Secrets
	if got := none.Clean("hst_0123456789abcdef"); got != "hst_0123456789abcdef" {
		t.Error(got)
	}
	var short Secrets
	short.Add("abc")
	if got := short.Clean("xabcx abd"); got != "x[redacted]x abd" {
		t.Error(got)
	}
}

func TestHarvest(t *testing.T) {
	const secret = "Hst0123456789/x"
	for _, body := range []string{
		`{"status":"success","data":{"id":"tok_1","secret":"` + secret + `"}}`,
		`Notice: x {"secret" : "` + secret + `"}`,
		`{"data":{"auth_code":"` + secret,
		`{"Password":"` + secret + `"`,
		`{"authCode":"` + secret + `"}`,
		`{"new_token":"` + secret + `"}`,
		`[{"url":"` + secret + `"}]`,
		`{"api-key":"` + jsonEscapes(secret) + `"}`,
		`{"secret":"` + strings.ReplaceAll(secret, "/", `\/`) + `"}`,
	} {
		var s Secrets
		s.Harvest([]byte(body))
		if got := s.Clean("the new one is " + secret); got != "the new one is "+Mark {
			t.Errorf("%s: %s", body, got)
		}
	}
	for _, body := range []string{
		`{"errors":{"password":"must have a digit"}}`,
		`{"errors":{"password":["must have a digit"]}}`,
		`{"token":"invalid"}`,
		`{"message":"must have a digit"}`,
		`{"errors":{"password":"required","token":"too_short","url":"not-a-valid.url"}}`,
	} {
		var s Secrets
		s.Harvest([]byte(body))
		if got := s.Clean(body); got != body {
			t.Errorf("%s: %s", body, got)
		}
	}
}

func TestAddMembers(t *testing.T) {
	var s Secrets
	s.AddMembers([]byte(`{"domain":"example.com","auth_code":"two words","nested":[{"token":["a-short-word"]}],"password":"abc","name":"not a secret"}`))
	s.AddMembers([]byte(`{"secret":"never read"`))
	const text = "example.com two words a-short-word abc not a secret, never read"
	if got, want := s.Clean(text), "example.com [redacted] [redacted] [redacted] not a secret, never read"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestIsMember(t *testing.T) {
	for name, want := range map[string]bool{
		"secret": true, "password": true, "auth_code": true, "url": true, "token": true, "client_secret": true,
		"name": false, "message": false, "code": false, "id": false, "payment_urls": false, "prefix": false, "domain": false, "value": false,
	} {
		if IsMember(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

// FuzzClean: no piece of the secret is left, and nothing breaks.
func FuzzClean(f *testing.F) {
	f.Add("hst_0123456789abcdef", `token hst_0123456789abcdef %68\u0073`)
	f.Add("%25%41&amp;\\u0041", "x%25%41&amp;\\u0041y")
	f.Fuzz(func(t *testing.T, secret, text string) {
		var s Secrets
		s.Add(secret)
		s.Harvest([]byte(text))
		got := s.Clean(text + secret)
		for i := 0; i+Window <= len(secret); i++ {
			if piece := secret[i : i+Window]; strings.Contains(got, piece) && !strings.Contains(Mark, piece) {
				t.Errorf("%q shows %q", got, piece)
			}
		}
	})
}

// BenchmarkHeader is what one header of a usual answer costs.
func BenchmarkHeader(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var s Secrets
		s.Add("hst_0123456789abcdef0123456789abcdef")
		s.AddMembers(nil)
		s.Harvest(nil)
		s.Clean("req_0123456789abcdef")
	}
}

// BenchmarkCleanWorst is a text that is made to be expensive.
func BenchmarkCleanWorst(b *testing.B) {
	var s Secrets
	s.Add(strings.Repeat("hst_0123456789abcdef", 4))
	for name, unit := range map[string]string{"plain": "no such domain ", "base64": "JTI1MjUyNTI1", "hex": "2532353235323532", "escapes": "%25252525&amp;amp;\\u0025u0041"} {
		text := strings.Repeat(unit, 1024/len(unit))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Clean(text)
			}
		})
	}
}
