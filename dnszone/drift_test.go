package dnszone_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

type fields = dnszone.Fields

func num(n uint16) *uint16 { return &n }

// dkim is the text of a 2048-bit DKIM key: 408 octets, two chunks.
var dkim = "v=DKIM1; k=rsa; p=" + strings.Repeat("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A/+", 11) + "IDAQABIDAQABIDAQ"

// TestDriftValues names the spellings over which the plans of infrastructure
// tools drift: all of one case are the same record, and what is sent for each
// is canonical.
func TestDriftValues(t *testing.T) {
	mx := fields{Type: "MX", Value: "mail.example.com", Priority: num(10)}
	srv := fields{Type: "SRV", Value: "sip.example.com", Priority: num(10), Weight: num(20), Port: num(5060)}
	noMX := fields{Type: "MX", Value: ".", Priority: num(0)}
	noSRV := fields{Type: "SRV", Value: ".", Priority: num(0), Weight: num(0), Port: num(0)}
	for _, tt := range []struct {
		drift     string
		canonical fields
		spellings []fields
	}{
		{"TXT with and without quotes", fields{Type: "TXT", Value: "v=spf1 -all"}, []fields{
			{Type: "TXT", Value: `"v=spf1 -all"`}, {Type: "txt", Value: `"v=spf1" " -all"`}, {Type: "TXT", Value: `"v=\115pf1\032-all"`}}},
		{"TXT in chunks, DKIM 2048", fields{Type: "TXT", Value: dkim}, []fields{
			{Type: "TXT", Value: `"` + dkim + `"`}, {Type: "TXT", Value: `"` + dkim[:255] + `" "` + dkim[255:] + `"`},
			{Type: "TXT", Value: `"` + dkim[:100] + "\"\n\t\"" + dkim[100:] + `"`}, {Type: "TXT", Value: dnszone.QuoteTXT(dkim)}}},
		{"TXT with special characters", fields{Type: "TXT", Value: `a"b\c;d é`}, []fields{
			{Type: "TXT", Value: `"a\"b\\c;d é"`}, {Type: "TXT", Value: `"a\"b\\c\;d \195\169"`}}},
		{"TXT with spaces at both ends", fields{Type: "TXT", Value: "  x  "}, []fields{{Type: "TXT", Value: `"  x  "`}}},
		{"TXT empty", fields{Type: "TXT", Value: ""}, []fields{{Type: "TXT", Value: `""`}, {Type: "TXT", Value: `"" ""`}}},
		{"TXT whose text is quoted itself", fields{Type: "TXT", Value: `"\"x\""`}, []fields{{Type: "TXT", Value: `"\034x\034"`}}},
		{"TXT that is not UTF-8", fields{Type: "TXT", Value: `"a\255"`}, []fields{{Type: "TXT", Value: "a\xff"}}},
		{"TXT keeps its case", fields{Type: "TXT", Value: "Site-Verification=AbC"}, []fields{{Type: "TXT", Value: `"Site-Verification=AbC"`}}},
		{"CNAME target: dot and case", fields{Type: "CNAME", Value: "example.org"}, []fields{
			{Type: "CNAME", Value: "example.org."}, {Type: "cname", Value: "Example.ORG"}, {Type: "CNAME", Value: " EXAMPLE.org. "}}},
		{"NS host: dot and case", fields{Type: "NS", Value: "ns1.example.org"}, []fields{{Type: "NS", Value: "NS1.Example.org."}}},
		{"CNAME target: IDN", fields{Type: "CNAME", Value: "xn--fuball-cta.example"}, []fields{
			{Type: "CNAME", Value: "fußball.example."}, {Type: "CNAME", Value: "XN--FUBALL-CTA.example"}}},
		{"MX as one string", mx, []fields{
			{Type: "MX", Value: "10 mail.example.com"}, {Type: "MX", Value: "10  Mail.Example.com."},
			{Type: "MX", Value: "10 mail.example.com", Priority: num(10)}, {Type: "mx", Value: "mail.example.com.", Priority: num(10), Weight: num(0)}}},
		{"null MX", noMX, []fields{{Type: "MX", Value: "0 ."}, {Type: "MX", Value: "0 .", Priority: num(0)}}},
		{"SRV as one string", srv, []fields{
			{Type: "SRV", Value: "10 20 5060 sip.example.com."}, {Type: "SRV", Value: "20 5060 sip.example.com", Priority: num(10)},
			{Type: "SRV", Value: "010 20 5060 SIP.example.com", Priority: num(10), Weight: num(20), Port: num(5060)}}},
		{"SRV not offered", noSRV, []fields{{Type: "SRV", Value: "0 0 0 ."}}},
		{"CAA value with and without quotes", fields{Type: "CAA", Value: `0 issue "ca.example"`}, []fields{
			{Type: "CAA", Value: "0 issue ca.example"}, {Type: "caa", Value: `0  ISSUE  "ca.example" `}, {Type: "CAA", Value: `0 issue "ca.example"`, Priority: num(0)}}},
		{"CAA flag 128", fields{Type: "CAA", Value: `128 issuewild ";"`}, []fields{
			{Type: "CAA", Value: "128 issuewild ;"}, {Type: "CAA", Value: `128 issuewild \;`}}},
		{"CAA with parameters", fields{Type: "CAA", Value: `0 issue "ca.example; account=A1"`}, []fields{{Type: "CAA", Value: "0 issue ca.example; account=A1"}}},
		{"CAA empty", fields{Type: "CAA", Value: `0 issue ""`}, []fields{{Type: "CAA", Value: "0\tissue\t\"\""}}},
		{"IPv6 spellings", fields{Type: "AAAA", Value: "2001:db8::1"}, []fields{
			{Type: "AAAA", Value: "2001:DB8:0:0:0:0:0:1"}, {Type: "AAAA", Value: "2001:0db8::0001"}, {Type: "aaaa", Value: " 2001:db8::0.0.0.1"}}},
		{"IPv4-mapped IPv6", fields{Type: "AAAA", Value: "::ffff:192.0.2.1"}, []fields{{Type: "AAAA", Value: "::FFFF:c000:201"}}},
		{"A with a priority", fields{Type: "A", Value: "192.0.2.1"}, []fields{{Type: "a", Value: "192.0.2.1", Priority: num(0)}}},
		{"an unknown type", fields{Type: "TYPE65280", Value: " . ALPN=h2", Priority: num(1)}, []fields{{Type: "type65280", Value: " . ALPN=h2", Priority: num(1)}}},
		{"HTTPS: order, keys by number, priority beside", fields{Type: "HTTPS", Value: "1 . alpn=h2,h3 port=8443"}, []fields{
			{Type: "https", Value: `1 . port=8443 ALPN="h2,h3"`}, {Type: "HTTPS", Value: `. key3="\032\251" key1="\002h2\002h3"`, Priority: num(1)},
			{Type: "HTTPS", Value: "1 . alpn=h2,h3 port=8443", Priority: num(0)}}},
		{"URI: numbers beside", fields{Type: "URI", Value: `10 1 "https://example.org/"`}, []fields{
			{Type: "URI", Value: "https://example.org/", Priority: num(10), Weight: num(1)}, {Type: "uri", Value: `10 1 https://example.org\/`}}},
		{"DS in two words", fields{Type: "DS", Value: "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118"}, []fields{
			{Type: "DS", Value: "60485 5 1 ( 2BB183AF5F22588179A53B0A\n98631FAD1A292118 )"}}},
	} {
		t.Run(tt.drift, func(t *testing.T) {
			want := mustFields(t, tt.canonical)
			for _, f := range append(tt.spellings, tt.canonical) {
				d := mustFields(t, f)
				if !dnszone.Equal(d, want) {
					t.Errorf("%+v is %#v, want %#v", f, d, want)
				}
				if got := dnszone.ToFields(d); !reflect.DeepEqual(got, tt.canonical) {
					t.Errorf("%+v is sent as %+v, want %+v", f, got, tt.canonical)
				}
				if err := dnszone.Validate(d); err != nil {
					t.Errorf("%+v: %v", f, err)
				}
			}
		})
	}
}

// TestDriftNames is the same for names: six spellings and more of the apex and
// of www.
func TestDriftNames(t *testing.T) {
	for relative, spellings := range map[string][]string{
		"@":   {"", "@", "example.com", "example.com.", "EXAMPLE.COM", "Example.Com."},
		"www": {"www", "WWW", "www.example.com", "www.example.com.", "WWW.EXAMPLE.COM", "WWW.example.com.", `\119ww`, "ｗｗｗ"},
		"*":   {"*", `\052`, "*.example.com", "*.EXAMPLE.com.", `\052.example.com.`, `\*`},
	} {
		want := mustName(t, relative)
		for _, in := range spellings {
			if n := mustName(t, in); n != want || n.Relative() != relative || n.IsApex() != (relative == "@") {
				t.Errorf("ParseName(%q) = %#v, want %#v", in, n, want)
			}
		}
	}
}

// TestNoDrift names pairs that look alike and are different records.
func TestNoDrift(t *testing.T) {
	for _, tt := range [][2]fields{
		{{Type: "TXT", Value: "abc"}, {Type: "TXT", Value: "ABC"}},
		{{Type: "TXT", Value: "abc"}, {Type: "TXT", Value: "abc "}},
		{{Type: "TXT", Value: "é"}, {Type: "TXT", Value: "e\u0301"}},
		{{Type: "TXT", Value: `a\b`}, {Type: "TXT", Value: `"a\b"`}},
		{{Type: "CAA", Value: `0 issue "ca.example"`}, {Type: "CAA", Value: `0 issue "CA.example"`}},
		{{Type: "CAA", Value: `0 issue "ca.example"`}, {Type: "CAA", Value: `128 issue "ca.example"`}},
		{{Type: "MX", Value: "10 a.example"}, {Type: "MX", Value: "20 a.example"}},
		{{Type: "A", Value: "192.0.2.1"}, {Type: "AAAA", Value: "::ffff:192.0.2.1"}},
		{{Type: "CNAME", Value: "a.example"}, {Type: "NS", Value: "a.example"}},
		{{Type: "CNAME", Value: "fussball.example"}, {Type: "CNAME", Value: "fußball.example"}},
		{{Type: "TYPE65280", Value: "A"}, {Type: "TYPE65280", Value: "a"}},
		{{Type: "TYPE65280", Value: "x", Priority: num(1)}, {Type: "TYPE65280", Value: "x"}},
		{{Type: "TYPE65280", Value: "x", Priority: num(1)}, {Type: "TYPE65280", Value: "x", Weight: num(1)}},
		{{Type: "URI", Value: "1 2 a"}, {Type: "URI", Value: "1 2 A"}},
		{{Type: "HTTPS", Value: "1 . alpn=h2,h3"}, {Type: "HTTPS", Value: "1 . alpn=h3,h2"}},
		{{Type: "HTTPS", Value: "1 . alpn=h2"}, {Type: "SVCB", Value: "1 . alpn=h2"}},
		{{Type: "PTR", Value: `a\032b.example`}, {Type: "PTR", Value: "ab.example"}},
	} {
		if a, b := mustFields(t, tt[0]), mustFields(t, tt[1]); dnszone.Equal(a, b) {
			t.Errorf("%#v and %#v are equal", a, b)
		}
	}
}

func mustFields(t testing.TB, f fields) dnszone.Data {
	t.Helper()
	d, err := dnszone.FromFields(f)
	if err != nil {
		t.Fatalf("FromFields(%+v): %v", f, err)
	}
	return d
}
