package dnszone_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

func TestParseDomain(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tt := range []struct{ in, want string }{
		{"example.com", "example.com"},
		{"EXAMPLE.com.", "example.com"},
		{"fußball.example", "xn--fuball-cta.example"},
		{"xn--fuball-cta.example", "xn--fuball-cta.example"},
		{"XN--Fuball-CTA.example", "xn--fuball-cta.example"},
		{"MÜNCHEN.de", "xn--mnchen-3ya.de"},
		{"例え。テスト", "xn--r8jz45g.xn--zckzah"},
		{"_dmarc.example.com", "_dmarc.example.com"},
		{long + "." + long + "." + long + "." + long[:61], long + "." + long + "." + long + "." + long[:61]},
	} {
		if got, err := dnszone.ParseDomain(tt.in); err != nil || got != tt.want {
			t.Errorf("ParseDomain(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ in, problem string }{
		{"", "empty"},
		{".", "empty"},
		{"com", "one label"},
		{"a..com", "an empty label"},
		{".example.com", "an empty label"},
		{"example.com..", "an empty label"},
		{"-a.com", "hyphen"},
		{"a-.com", "hyphen"},
		{"a b.com", "' '"},
		{"a/b.com", "'/'"},
		{"*.example.com", "'*'"},
		{`a\.b.com`, "backslash"},
		{"192.0.2.1", "IP address"},
		{"\xff.com", "UTF-8"},
		{"ü b.com", "' '"},
		{"a\u200d.com", "IDNA"},
		{"\u00ad.com", "an empty label"},
		{long + "a.com", "64 octets"},
		{long + "." + long + "." + long + "." + long[:62], "254 octets"},
		{strings.Repeat("a.", 600), "1200 octets"},
	} {
		got, err := dnszone.ParseDomain(tt.in)
		wantProblem(t, "ParseDomain", tt.in, got, err, "domain", tt.problem)
	}
}

func TestDomainUnicode(t *testing.T) {
	for in, want := range map[string]string{
		"xn--fuball-cta.example":         "fußball.example",
		"_acme.XN--MNCHEN-3YA.de.":       "_acme.münchen.de.",
		"example.com":                    "example.com",
		"xn--zzzzzz99999.com":            "xn--zzzzzz99999.com", // no Punycode
		"xn--abc-.com":                   "xn--abc-.com",        // Punycode of ASCII
		"xn-- b-wka.com":                 "xn-- b-wka.com",      // hides a space
		"xn--" + strings.Repeat("a", 80): "xn--" + strings.Repeat("a", 80),
		"":                               "",
	} {
		if got := dnszone.DomainUnicode(in); got != want {
			t.Errorf("DomainUnicode(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParseName(t *testing.T) {
	for _, tt := range []struct{ zone, in, relative, fqdn string }{
		{"example.com", "sub.www", "sub.www", "sub.www.example.com."},
		{"example.com", "notexample.com", "notexample.com", "notexample.com.example.com."},
		{"example.com", "com", "com", "com.example.com."},
		{"example.com", "other.org", "other.org", "other.org.example.com."},
		{"example.com", "_acme-challenge", "_acme-challenge", "_acme-challenge.example.com."},
		{"example.com", "-odd-", "-odd-", "-odd-.example.com."},
		{"example.com", "0/25.example.com.", "0/25", "0/25.example.com."},
		{"example.com", `W\087\119`, "www", "www.example.com."},
		{"example.com", "fußball", "xn--fuball-cta", "xn--fuball-cta.example.com."},
		{"example.com", "XN--FUBALL-CTA", "xn--fuball-cta", "xn--fuball-cta.example.com."},
		{"münchen.de", "www.MÜNCHEN.de", "www", "www.xn--mnchen-3ya.de."},
		{"münchen.de", "www.xn--mnchen-3ya.de.", "www", "www.xn--mnchen-3ya.de."},
		{"example.com", "*", "*", "*.example.com."},
		{"example.com", "*.example.com", "*", "*.example.com."},
		{"example.com", "*.sub", "*.sub", "*.sub.example.com."},
		{"example.com", `\052`, "*", "*.example.com."},
		{"example.com", `\042`, "*", "*.example.com."},
		{"example.com", `\0522`, "42", "42.example.com."},
		{"example.com", `a.\052`, "a.4", "a.4.example.com."},
		{"example.com", `\*.sub.example.com.`, "*.sub", "*.sub.example.com."},
	} {
		n, err := dnszone.ParseName(tt.in, tt.zone)
		if err != nil || n.Relative() != tt.relative || n.FQDN() != tt.fqdn || n.String() != tt.relative {
			t.Errorf("ParseName(%q, %q) = %q, %q, %v, want %q, %q", tt.in, tt.zone, n.Relative(), n.FQDN(), err, tt.relative, tt.fqdn)
		}
		if n.IsWildcard() != strings.HasPrefix(tt.relative, "*") {
			t.Errorf("ParseName(%q).IsWildcard() = %v", tt.in, n.IsWildcard())
		}
	}
	label := strings.Repeat("a", 63)
	for _, tt := range []struct{ in, problem string }{
		{".", "root"},
		{"www.", "outside the zone"},
		{"notexample.com.", "outside the zone"},
		{"*.", "outside the zone"},
		{"www..", "an empty label"},
		{"www..example.com", "an empty label"},
		{".www", "an empty label"},
		{" www", "' '"},
		{"a@b", "'@'"},
		{"@.example.com", "'@'"},
		{`a"b`, `'"'`},
		{"www.*", "left-most"},
		{"a*", "left-most"},
		{"*.*", "left-most"},
		{`a\.b`, "escape"},
		{`a\046b`, "escape"},
		{`a\195\188`, "escape"},
		{`a\032b`, "' '"},
		{`a\`, "backslash"},
		{`a\0`, "backslash"},
		{`a\01x`, "backslash"},
		{`a\256`, "larger"},
		{"\xc3", "UTF-8"},
		{"ü/a", "'/'"},
		{"\uff0a", "'*'"},
		{label + "a", "64 octets"},
		{label + "." + label + "." + label + "." + label, "267 octets"},
	} {
		n, err := dnszone.ParseName(tt.in, "example.com")
		wantProblem(t, "ParseName", tt.in, n.Zone(), err, "name", tt.problem)
	}
	_, err := dnszone.ParseName("www", "com")
	wantProblem(t, "ParseName", "www in com", "", err, "domain", "one label")
}

func TestNameUnicodeAndDoubledSuffix(t *testing.T) {
	for _, tt := range []struct {
		in, unicode string
		doubled     bool
	}{
		{"", "@", false},
		{"*.fußball", "*.fußball", false},
		{"www.example.com", "www", false},
		{"www.notexample.com", "www.notexample.com", false},
		{"www.example.com.example.com", "www.example.com", true},
		{"example.com.example.com.", "example.com", true},
	} {
		n := mustName(t, tt.in)
		if n.Unicode() != tt.unicode || n.DoubledSuffix() != tt.doubled {
			t.Errorf("%q: Unicode() = %q, DoubledSuffix() = %v", tt.in, n.Unicode(), n.DoubledSuffix())
		}
	}
	var zero dnszone.Name
	if zero.Zone() != "" || zero.FQDN() != "." || zero.DoubledSuffix() || zero.IsWildcard() {
		t.Errorf("the zero Name is %#v", zero)
	}
}

func TestParseHost(t *testing.T) {
	for in, want := range map[string]string{
		"Mail.Example.COM.":              "mail.example.com",
		"mail.example.com":               "mail.example.com",
		"mail.fußball.example":           "mail.xn--fuball-cta.example",
		"_sip._tcp.example.com":          "_sip._tcp.example.com",
		"1.0/25.2.0.192.in-addr.arpa.":   "1.0/25.2.0.192.in-addr.arpa",
		".":                              ".",
		"localhost":                      "localhost",
		"4.3.2.1.in-addr.arpa":           "4.3.2.1.in-addr.arpa",
		strings.Repeat("a.", 126) + "a.": strings.Repeat("a.", 126) + "a",
	} {
		if got, err := dnszone.ParseHost(in); err != nil || got != want {
			t.Errorf("ParseHost(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, tt := range []struct{ in, problem string }{
		{"", "missing"},
		{"@", "in full"},
		{"192.0.2.1", "IP address"},
		{"192.0.2.1.", "IP address"},
		{"2001:db8::1", "IP address"},
		{"https://example.com", "':'"},
		{"*.example.com", "'*'"},
		{"a..b", "an empty label"},
		{"..", "an empty label"},
		{`a\.b`, "escape"},
		{strings.Repeat("a.", 127) + "a", "255 octets"},
	} {
		got, err := dnszone.ParseHost(tt.in)
		wantProblem(t, "ParseHost", tt.in, got, err, "value", tt.problem)
	}
}

func mustName(t testing.TB, in string) dnszone.Name {
	t.Helper()
	n, err := dnszone.ParseName(in, "example.com")
	if err != nil {
		t.Fatalf("ParseName(%q): %v", in, err)
	}
	return n
}

// wantProblem checks that a call failed with a FieldError and gave nothing.
func wantProblem(t *testing.T, call, in, got string, err error, field, problem string) {
	t.Helper()
	var fe *dnszone.FieldError
	if !errors.As(err, &fe) || fe.Field != field || !strings.Contains(fe.Problem, problem) || err.Error() != fe.Field+": "+fe.Problem {
		t.Errorf("%s(%q): error %v, want %s: …%s…", call, in, err, field, problem)
	}
	if got != "" {
		t.Errorf("%s(%q) = %q beside an error", call, in, got)
	}
}

// TestIsCanonicalName: what it recognises ParseName leaves as it is.
func TestIsCanonicalName(t *testing.T) {
	for name, want := range map[string]bool{
		"@": true, "www": true, "*": false, "*.a": true, "_dmarc.a": true, "WWW": false, "": false, "www.": false, "example.com": false,
		"a.example.com": false, "notexample.com": false, "a..b": false, "0/25": false, "a b": false, "bücher": false,
	} {
		if got := dnszone.IsCanonicalName(name, "example.com"); got != want {
			t.Errorf("%q: %v", name, got)
		}
		if parsed, err := dnszone.ParseName(name, "example.com"); want && (err != nil || parsed.Relative() != name || parsed.DoubledSuffix()) {
			t.Errorf("%q is read as %q, %v", name, parsed.Relative(), err)
		}
	}
}
