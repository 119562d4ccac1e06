package dnszone_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

// wire has each type with its canonical presentation form, and hosts in a
// spelling that is not canonical in some.
var wire = []struct {
	data         dnszone.Data
	presentation string
}{
	{dnszone.A{Addr: netip.MustParseAddr("192.0.2.1")}, "192.0.2.1"},
	{dnszone.AAAA{Addr: netip.MustParseAddr("2001:db8::1")}, "2001:db8::1"},
	{dnszone.CNAME{Target: "WWW.Example.com"}, "www.example.com."},
	{dnszone.NS{Host: "ns1.example.com."}, "ns1.example.com."},
	{dnszone.MX{Preference: 10, Host: "mail.example.com"}, "10 mail.example.com."},
	{dnszone.MX{Host: "."}, "0 ."},
	{dnszone.SRV{Priority: 1, Weight: 2, Port: 65535, Target: "sip.example.com"}, "1 2 65535 sip.example.com."},
	{dnszone.SRV{Target: "."}, "0 0 0 ."},
	{dnszone.CAA{Flags: 128, Tag: "Issue", Value: `a"b\c;é`}, `128 issue "a\"b\\c;\195\169"`},
	{dnszone.TXT{Text: ""}, `""`},
	{dnszone.TXT{Text: "a\"b\\c\x00\xff"}, `"a\"b\\c\000\255"`},
	{dnszone.TXT{Text: dkim}, `"` + dkim[:255] + `" "` + dkim[255:] + `"`},
	{dnszone.PTR{Target: "Mail.Example.com"}, "mail.example.com."},
	{dnszone.PTR{Target: `My\032Printer._ipp._tcp.example.com.`}, `my\032printer._ipp._tcp.example.com.`},
	{dnszone.SVCB{Priority: 16, Target: "Foo.example.org", Params: "port=53 alpn=dot"}, "16 foo.example.org. alpn=dot port=53"},
	{dnszone.HTTPS{Target: "svc.example.net."}, "0 svc.example.net."},
	{dnszone.HTTPS{Priority: 1, Target: ".", Params: `key667="hello\210qoo" no-default-alpn alpn="f\\\\oo\\,bar,h2" mandatory=alpn`}, `1 . mandatory=alpn alpn="f\\\\oo\\,bar,h2" no-default-alpn key667="hello\210qoo"`},
	{dnszone.TLSA{Usage: 3, Selector: 1, MatchingType: 1, Data: strings.Repeat("ABc d", 16)}, "3 1 1 " + strings.Repeat("abcd", 16)},
	{dnszone.SSHFP{Algorithm: 4, FingerprintType: 1, Fingerprint: strings.Repeat("0F", 20)}, "4 1 " + strings.Repeat("0f", 20)},
	{dnszone.DS{KeyTag: 60485, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("A1", 32)}, "60485 13 2 " + strings.Repeat("a1", 32)},
	{dnszone.Raw{RRType: "alias", Value: "Www.Example.org"}, "www.example.org."},
	{dnszone.Raw{RRType: "DNAME", Value: "."}, "."},
	{dnszone.Raw{RRType: "NAPTR", Value: `100 10 "U" E2U+sip !^.*$!sip:info@example.com! .`}, `100 10 "U" "E2U+sip" "!^.*$!sip:info@example.com!" .`},
	{dnszone.Raw{RRType: "LOC", Value: "51 30 N 0 7 39.6 w -24m 30 .5"}, "51 30 0.000 N 0 7 39.600 W -24.00m 30m 0.50m 10m"},
	{dnszone.Raw{RRType: "URI", Value: "1 2 ftp://a"}, `1 2 "ftp://a"`},
	{dnszone.Raw{RRType: "Type65280", Value: `\# 4 0A000001`}, `\# 4 0A000001`},
}

func TestPresentation(t *testing.T) {
	for _, tt := range wire {
		if got := tt.data.String(); got != tt.presentation {
			t.Errorf("%#v is %s, want %s", tt.data, got, tt.presentation)
		}
		d, err := dnszone.Parse(dnszone.Type(strings.ToLower(string(tt.data.Type()))), tt.presentation)
		if err != nil || !dnszone.Equal(d, tt.data) || d.Type() != tt.data.Type() {
			t.Errorf("Parse(%s) = %#v, %v, want %#v", tt.presentation, d, err, tt.data)
		}
	}
	if d := mustFields(t, fields{Type: "uri", Value: `"https://example.com"`, Priority: num(1), Weight: num(2)}); d.String() != `1 2 "https://example.com"` {
		t.Errorf("the numbers of an unknown type are not shown: %s", d)
	}
	if got := (dnszone.CNAME{}).String(); got != "" {
		t.Errorf("no target is %q", got)
	}
}

func TestRefusedFields(t *testing.T) {
	for _, tt := range []struct {
		in             fields
		field, problem string
	}{
		{fields{Value: "x"}, "type", "missing"},
		{fields{Type: "A", Value: "example.com"}, "value", "not an IP address"},
		{fields{Type: "A", Value: "192.0.02.1"}, "value", "not an IP address"},
		{fields{Type: "A", Value: "2001:db8::1"}, "value", "not an IPv4 address"},
		{fields{Type: "A", Value: "::ffff:192.0.2.1"}, "value", "for A write 192.0.2.1"},
		{fields{Type: "A", Value: "::ffff:192.0.2.1%eth0"}, "value", "for A write 192.0.2.1"},
		{fields{Type: "AAAA", Value: "192.0.2.1"}, "value", "not an IPv6 address"},
		{fields{Type: "AAAA", Value: "fe80::1%eth0"}, "value", "without a zone"},
		{fields{Type: "CNAME", Value: " "}, "value", "missing"},
		{fields{Type: "CNAME", Value: "a.example b.example"}, "value", "' '"},
		{fields{Type: "NS", Value: "192.0.2.1"}, "value", "IP address"},
		{fields{Type: "MX", Value: "", Priority: num(1)}, "value", "missing"},
		{fields{Type: "MX", Value: "mail.example.com"}, "priority", "missing"},
		{fields{Type: "MX", Value: "70000 mail.example.com"}, "priority", "0 to 65535"},
		{fields{Type: "MX", Value: "-1 mail.example.com"}, "priority", "0 to 65535"},
		{fields{Type: "MX", Value: "10 mail.example.com", Priority: num(20)}, "priority", "20, and 10"},
		{fields{Type: "MX", Value: "10 20 mail.example.com"}, "value", "3 words"},
		{fields{Type: "MX", Value: "10 192.0.2.1"}, "value", "IP address"},
		{fields{Type: "SRV", Value: "sip.example.com", Priority: num(1)}, "weight", "missing"},
		{fields{Type: "SRV", Value: "sip.example.com", Priority: num(1), Weight: num(1)}, "port", "missing"},
		{fields{Type: "SRV", Value: "1 2 x sip.example.com"}, "port", "0 to 65535"},
		{fields{Type: "SRV", Value: "1 2 sip.example.com"}, "value", "3 words"},
		{fields{Type: "CAA", Value: ""}, "value", "flags"},
		{fields{Type: "CAA", Value: "256 issue x"}, "value", "flags"},
		{fields{Type: "CAA", Value: "0"}, "value", "tag"},
		{fields{Type: "CAA", Value: `0 issue"x" y`}, "value", "tag"},
		{fields{Type: "CAA", Value: "0 issue"}, "value", "no value"},
		{fields{Type: "CAA", Value: `0 issue "x" y`}, "value", "behind"},
		{fields{Type: "CAA", Value: `0 issue "x`}, "value", "not closed"},
		{fields{Type: "CAA", Value: `0 issue x"y`}, "value", "quoted as a whole"},
		{fields{Type: "CAA", Value: `0 issue x\`}, "value", "backslash"},
		{fields{Type: "CAA", Value: `0 issue a b`}, "value", "quoted as a whole"},
		{fields{Type: "CAA", Value: `0 issue a b; c=d`}, "value", "quoted as a whole"},
		{fields{Type: "CAA", Value: `"0" issue a`}, "value", "flags"},
		{fields{Type: "CAA", Value: `0 "issue" a`}, "value", "tag"},
		{fields{Type: "HTTPS", Value: "x"}, "value", "the priority"},
		{fields{Type: "HTTPS", Value: "x", Priority: num(1), Weight: num(1)}, "value", "the priority"},
		{fields{Type: "TLSA", Value: "3 1 256 ab"}, "value", "the matching type"},
		{fields{Type: "SSHFP", Value: "4 2"}, "value", "the fingerprint is missing"},
		{fields{Type: "DS", Value: "65536 8 2 ab"}, "value", "the key tag"},
		{fields{Type: "DS", Value: "1 RSASHA3 2 ab"}, "value", "the algorithm"},
		{fields{Type: "DS", Value: "1 8 2 abc"}, "value", "the digest"},
		{fields{Type: "PTR", Value: `"a.example"`}, "value", "quotes"},
		{fields{Type: "PTR", Value: "@"}, "value", "in full"},
		{fields{Type: "NAPTR", Value: `1 1 "` + strings.Repeat("a", 256) + `" "" "" .`}, "value", "the flags has 256"},
		{fields{Type: "LOC", Value: "52 N 13 0 60 E 0"}, "value", "the longitude"},
		{fields{Type: "LOC", Value: "52 N 13 0 0.1234 E 0"}, "value", "the longitude"},
		{fields{Type: "LOC", Value: "52 N 180 0 0.001 E 0"}, "value", "beyond 180"},
		{fields{Type: "LOC", Value: "52 E 13 E 0"}, "value", "the latitude"},
		{fields{Type: "LOC", Value: "52 N 13 E"}, "value", "the altitude is missing"},
		{fields{Type: "LOC", Value: "52 N 13 E -100000.01m"}, "value", "the altitude"},
		{fields{Type: "LOC", Value: "52 N 13 E 0 90000001m"}, "value", "the size"},
		{fields{Type: "LOC", Value: "52 N 13 E 0 1 1 1 1"}, "value", "follows"},
		{fields{Type: "DS", Value: `\# 4 0001 0801`}, "value", "the digest"},
		{fields{Type: "DS", Value: `\# 5 0001 0801`}, "value", "5 are announced"},
		{fields{Type: "PTR", Value: `\# 3 0161c0`}, "value", "a label"},
		{fields{Type: "PTR", Value: `\# 2 0161`}, "value", "ends before"},
		{fields{Type: "PTR", Value: `\# 4 01610000`}, "value", "1 octets too many"},
		{fields{Type: "LOC", Value: `\# 16 01121613 80000000 80000000 00989680`}, "value", "version"},
		{fields{Type: "LOC", Value: `\# 16 00a21613 80000000 80000000 00989680`}, "value", "size"},
		{fields{Type: "LOC", Value: `\# 16 00121613 ffffffff 80000000 00989680`}, "value", "angle"},
		{fields{Type: "TXT", Value: `"`}, "value", "not closed"},
		{fields{Type: "TXT", Value: `"a" and "b"`}, "value", "outside the quotes"},
		{fields{Type: "TXT", Value: `"a" ; "b"`}, "value", "outside the quotes"},
		{fields{Type: "TXT", Value: `"a" ( "b" ) ; "`}, "value", "outside the quotes"},
		{fields{Type: "CAA", Value: `0 issue "ca.example"; policy=ev`}, "value", "';' has to be quoted"},
		{fields{Type: "HTTPS", Value: `1 . alpn=h2 ; port=8443`}, "value", "';' has to be quoted"},
		{fields{Type: "TXT", Value: `"a\"`}, "value", "not closed"},
		{fields{Type: "TXT", Value: `"a\999"`}, "value", "larger"},
	} {
		d, err := dnszone.FromFields(tt.in)
		wantProblem(t, "FromFields", string(tt.in.Type)+" "+tt.in.Value, "", err, tt.field, tt.problem)
		if d != nil {
			t.Errorf("FromFields(%+v) = %#v beside an error", tt.in, d)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		data           dnszone.Data
		field, problem string
	}{
		{nil, "type", "no data"},
		{(*dnszone.MX)(nil), "type", "no data"},
		{dnszone.A{}, "value", "not an IPv4 address"},
		{dnszone.AAAA{}, "value", "not an IPv6 address"},
		{dnszone.CNAME{}, "value", "missing"},
		{dnszone.CNAME{Target: "."}, "value", "not a host name"},
		{dnszone.NS{Host: "."}, "value", "not a host name"},
		{dnszone.MX{Host: "a b"}, "value", "' '"},
		{dnszone.SRV{Target: "192.0.2.1"}, "value", "IP address"},
		{dnszone.CAA{}, "value", "tag"},
		{dnszone.CAA{Tag: "is-sue"}, "value", "tag"},
		{dnszone.CAA{Tag: strings.Repeat("a", 256)}, "value", "tag"},
		{dnszone.TXT{Text: strings.Repeat("é", 2049)}, "value", "4098 octets"},
		{dnszone.PTR{}, "value", "missing"},
		{dnszone.PTR{Target: "."}, "value", "not a host name"},
		{dnszone.PTR{Target: "a b"}, "value", "' '"},
		{dnszone.PTR{Target: "a;b"}, "value", "';'"},
		{dnszone.PTR{Target: `a\032.` + strings.Repeat("a.", 127)}, "value", "longer"},
		{dnszone.PTR{Target: `a\032.` + strings.Repeat("a", 64)}, "value", "64 octets"},
		{dnszone.PTR{Target: `a\032..b`}, "value", "0 octets"},
		{dnszone.PTR{Target: "192.0.2.1"}, "value", "IP address"},
		{dnszone.SVCB{Priority: 1}, "value", "missing"},
		{dnszone.HTTPS{Target: ".", Params: "alpn=h2"}, "value", "an alias"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "alpn=h2 port"}, "value", "the parameter port"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "alpn=h2 alpn=h3"}, "value", "alpn is there twice"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "alpn=h2 key1=\"\\002h2\""}, "value", "alpn is there twice"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "mandatory=alpn,port alpn=h2"}, "value", "mandatory parameter port"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "no-default-alpn"}, "value", "needs alpn"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "key65535"}, "value", "not the key"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "key01"}, "value", "not the key"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "ipv4hint=2001:db8::1"}, "value", "ipv4hint"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: "ech=!"}, "value", "ech"},
		{dnszone.HTTPS{Priority: 1, Target: ".", Params: `alpn="h2"x`}, "value", "behind the quotes"},
		{dnszone.TLSA{Usage: 3, MatchingType: 1, Data: "ab"}, "value", "certificate data has 1 octets, one of type 1 has 32"},
		{dnszone.TLSA{Usage: 3}, "value", "the certificate data"},
		{dnszone.SSHFP{Algorithm: 4, FingerprintType: 2, Fingerprint: "xy"}, "value", "the fingerprint"},
		{dnszone.SSHFP{Algorithm: 4, FingerprintType: 2, Fingerprint: strings.Repeat("ab", 20)}, "value", "has 32"},
		{dnszone.DS{DigestType: 4, Digest: strings.Repeat("ab", 32)}, "value", "has 48"},
		{dnszone.DS{DigestType: 9, Digest: "abc"}, "value", "the digest"},
		{dnszone.Raw{RRType: "URI", Value: "10 a"}, "value", "the weight"},
		{dnszone.Raw{RRType: "LOC", Value: "91 N 0 E 0"}, "value", "the latitude"},
		{dnszone.Raw{RRType: "NAPTR", Value: `1 1 "S" "" "" . .`}, "value", "follows"},
		{dnszone.Raw{RRType: "ALIAS", Value: "."}, "value", "not a host name"},
		{dnszone.Raw{RRType: "mx", Value: "10 a"}, "type", "Go type"},
		{dnszone.Raw{}, "type", "not a record type"},
		{dnszone.Raw{RRType: "1X"}, "type", "not a record type"},
		{dnszone.Raw{RRType: "X Y"}, "type", "not a record type"},
		{dnszone.Raw{RRType: "X", Value: "\xff"}, "value", "printable ASCII"},
		{dnszone.Raw{RRType: "X", Value: "a\tb"}, "value", "printable ASCII"},
		{dnszone.Raw{RRType: "X"}, "value", "empty"},
		{dnszone.Raw{RRType: "X", Value: strings.Repeat("x", 4097)}, "value", "4097 octets"},
		{dnszone.TLSA{Usage: 3, Data: strings.Repeat("ab", 2046)}, "value", "4098 octets"},
	} {
		wantProblem(t, "Validate", reflect.TypeOf(&tt.data).String(), "", dnszone.Validate(tt.data), tt.field, tt.problem)
	}
	for _, d := range []dnszone.Data{dnszone.TXT{Text: strings.Repeat("x", 4096)}, dnszone.Raw{RRType: "X", Value: strings.Repeat("~", 4096)},
		dnszone.CAA{Tag: strings.Repeat("a", 255)},
		dnszone.TLSA{Usage: 3, Data: strings.Repeat("ab", 2045)}} {
		if err := dnszone.Validate(d); err != nil {
			t.Error(err)
		}
	}
}

func TestValidateTTL(t *testing.T) {
	for ttl, ok := range map[int]bool{-1: false, 0: false, 59: false, 60: true, dnszone.DefaultTTL: true, 604800: true, 604801: false} {
		err := dnszone.ValidateTTL(ttl)
		if ok && err != nil {
			t.Error(err)
		}
		if !ok {
			wantProblem(t, "ValidateTTL", "", "", err, "ttl", "outside 60 to 604800")
		}
	}
}

func TestTypeKnown(t *testing.T) {
	for rrtype, want := range map[string]bool{"a": true, "AAAA": true, "Cname": true, "MX": true, "TXT": true, "NS": true,
		"SRV": true, "CAA": true, "HTTPS": false, "SOA": false, "": false, "ſRV": false} {
		if dnszone.Type(rrtype).Known() != want {
			t.Errorf("Type(%q).Known() = %v", rrtype, !want)
		}
	}
}

// Pointers have the methods of Data too: they count as what they point to.
func TestPointers(t *testing.T) {
	for i, d := range everyPointer() {
		v := reflect.ValueOf(d).Elem().Interface().(dnszone.Data)
		if !dnszone.Equal(d, v) || !reflect.DeepEqual(dnszone.ToFields(d), dnszone.ToFields(v)) {
			t.Errorf("%d: %T and what it points to differ", i, d)
		}
		null := reflect.Zero(reflect.TypeOf(d)).Interface().(dnszone.Data)
		if !dnszone.Equal(null, nil) || dnszone.Equal(null, v) || dnszone.ToFields(null) != (fields{}) {
			t.Errorf("a nil %T is some data", d)
		}
	}
}

func everyPointer() []dnszone.Data {
	return []dnszone.Data{&dnszone.A{}, &dnszone.AAAA{}, &dnszone.CNAME{}, &dnszone.NS{}, &dnszone.MX{Host: "A.example."},
		&dnszone.SRV{}, &dnszone.CAA{}, &dnszone.TXT{}, &dnszone.PTR{Target: "A.example."}, &dnszone.SVCB{Params: "port=1"}, &dnszone.HTTPS{},
		&dnszone.TLSA{Data: "AB"}, &dnszone.SSHFP{}, &dnszone.DS{}, &dnszone.Raw{}}
}
