package dnszone_test

import (
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

// TestZoneFileSyntax: Parse reads what RFC 1035, section 5.1, lets stand around
// and inside the words of any type.
func TestZoneFileSyntax(t *testing.T) {
	for _, tt := range []struct {
		rrtype        dnszone.Type
		in, canonical string
	}{
		{"A", "( 192.0.2.1 ) ; the front door", "192.0.2.1"},
		{"AAAA", "(\n\t2001:DB8::1 ; six\n)", "2001:db8::1"},
		{"CNAME", "www.example.com.;x", "www.example.com."},
		{"CNAME", `w\119\W.example.com.`, "www.example.com."},
		{"NS", "(ns1.example.com.)", "ns1.example.com."},
		{"MX", "10 ( ; first\n mail.example.com. ; second\n)", "10 mail.example.com."},
		{"SRV", "1(2)3 sip.example.com.", "1 2 3 sip.example.com."},
		{"SRV", "( 0 0 0\r\n . )\r\n", "0 0 0 ."},
		{"CAA", "0 issue ca.example ; ours", `0 issue "ca.example"`},
		{"CAA", "( 0 ; flags\n issue ; tag\n \"ca.example; a=(b)\" )", `0 issue "ca.example; a=(b)"`},
		{"CAA", `0 issue "\195\188"`, `0 issue "\195\188"`},
		{"CAA", "0 issue ü", `0 issue "\195\188"`},
		{"CAA", `128 iodef \;a\032b`, `128 iodef ";a b"`},
		{"TXT", "( \"v=DKIM1; \"\n \"p=\\065\" )", `"v=DKIM1; p=A"`},
	} {
		d, err := dnszone.Parse(tt.rrtype, tt.in)
		if err != nil || d.String() != tt.canonical {
			t.Errorf("Parse(%s, %q) = %#v, %v, want %s", tt.rrtype, tt.in, d, err, tt.canonical)
		}
	}
	for _, tt := range []struct {
		rrtype      dnszone.Type
		in, problem string
	}{
		{"A", `"192.0.2.1"`, "not an IP address"},
		{"A", "(192.0.2.1", "opened and not closed"},
		{"AAAA", "2001:db8::1)", "closed and not opened"},
		{"MX", `10 "mail.example.com."`, `'"'`},
		{"MX", "10 ; mail.example.com.", "missing"},
		{"NS", "; nothing", "missing"},
		{"CAA", "0 issue ca.example;a=b", "';' has to be quoted"},
		{"CAA", "0 issue ;", "no value"},
		{"CAA", "0 issue a b", "' ' has to be quoted"},
		{"CAA", `0 issue "a" b`, "behind the quoted value"},
		{"CAA", `0 issue ("a"`, "opened and not closed"},
		{"TXT", "a;b", "';' has to be quoted"},
		{"TXT", "; comment", "missing"},
	} {
		d, err := dnszone.Parse(tt.rrtype, tt.in)
		field := "value"
		if tt.in == "10 ; mail.example.com." {
			field = "priority"
		}
		wantProblem(t, "Parse", tt.in, "", err, field, tt.problem)
		if d != nil {
			t.Errorf("Parse(%s, %q) = %#v beside an error", tt.rrtype, tt.in, d)
		}
	}
}
