package dnszone_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

// TestMeaning: the spellings of a value, the first of them canonical, are one value,
// in zone files and in the API; and the values of a type all differ. Module
// integrations/dnsoracle does the same with a library that is not ours.
func TestMeaning(t *testing.T) {
	digest := strings.Repeat("0123456789abcdef", 4)
	long := strings.Repeat("a", 63)
	for rrtype, list := range map[dnszone.Type][][]string{
		dnszone.TypePTR: {
			{"www.example.com.", "WWW.example.com", `\119ww.example.com.`, `\# 17 03777777 076578616D706C65 03636F6D 00`},
			{`my\032printer\046x._ipp._tcp.example.com.`, `My\ Printer\.x._ipp._TCP.example.com`, `\# 36 0C4D79205072696E7465722E78 045F697070 045F746370 076578616D706C65 03636F6D 00`},
			{`\195\182\032.example.`, `ö\032.example.`},
			{strings.Repeat(long+".", 3) + `\032` + long[:60] + ".", strings.Repeat(long+".", 3) + `\ ` + strings.ToUpper(long[:60])}, // 255 octets on the wire
		},
		dnszone.TypeALIAS: {{"example.net.", "EXAMPLE.net", `\# 13 076578616d706c65036e657400`}},
		dnszone.TypeDNAME: {{".", `\# 1 00`}, {"example.net.", "example.net"}},
		dnszone.TypeSVCB: {
			{"0 foo.example.com.", "00 FOO.example.com", `\# 19 0000 03666f6f076578616d706c6503636f6d00`},
			{"1 .", `\# 3 000100`},
			{"1 . mandatory=alpn,port alpn=h2 port=443", "1 . port=443 mandatory=port,alpn alpn=h2", "1 . key0=\"\\000\\001\\000\\003\" PORT=443 ALPN=\"h2\"",
				`\# 24 000100 0000000400010003 00010003026832 0003000201bb`},
			{`1 . alpn="f\\\\oo\\,bar,h2"`, `1 . alpn=f\\\\oo\\,bar,h2`, `1 . alpn="f\\\092oo\092,bar,h2"`, `1 . key1="\008f\\oo,bar\002h2"`},
			{"1 . alpn=f,oo"},
			{"1 . no-default-alpn ohttp", `1 . ohttp="" no-default-alpn=`, "1 . key2 key8"},
			{"1 . port=0", `1 . key3="\000\000"`},
			{"1 . ipv4hint=192.0.2.1,192.0.2.2", `1 . key4="\192\000\002\001\192\000\002\002"`},
			{"1 . ipv4hint=192.0.2.2,192.0.2.1"},
			{"1 . ech=AAE=", `1 . key5="\000\001"`, `1 . ech="AAE="`},
			{"1 . ipv6hint=2001:db8::1", "1 . ipv6hint=2001:DB8:0::1", `1 . key6=" \001\013\184\000\000\000\000\000\000\000\000\000\000\000\001"`},
			{"1 . ipv6hint=::ffff:192.0.2.1"},
			{"1 . dohpath=/q{?dns}", `1 . dohpath="/q{?dns}"`, `1 . key7=/q\{?dns}`},
			{"1 . key9=a", `1 . KEY9="a"`, `1 . key9=\097`},
			{"1 . key65534", `1 . key65534=""`},
			{`1 . key10="a b;(c)"`, `1 . key10=a\ b\;\(c\)`, `1 . key10="a b;(c)";comment`},
			{"1 . mandatory=key9,key10 key9 key10", "1 . key10 mandatory=key10,key9 key9"},
		},
		dnszone.TypeTLSA:  {{"3 1 1 " + digest, "3 1 1 " + strings.ToUpper(digest), "3 1 1 ( " + digest[:9] + "\n" + digest[9:] + " )", `\# 35 030101` + digest}, {"3 0 1 " + digest}, {"3 1 0 00"}},
		dnszone.TypeSSHFP: {{"4 2 " + digest, "04 02 " + digest[:20] + " " + digest[20:], `\# 34 0402 ` + digest}},
		dnszone.TypeDS:    {{"258 13 2 " + digest, "258 ecdsap256sha256 2 " + digest, `\# 36 01020D02 ` + digest}, {"258 13 3 " + digest}},
		dnszone.TypeNAPTR: {
			{`100 10 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .`, `100 10 u E2U+sip !^.*$!sip:a@example.com! .`, `100 10 "\117" "E2U+sip" "!^.*$!sip:\a@example.com!" .`},
			{`100 10 "U" "E2U+sip" "!^.*$!sip:a@example.com!" .`},
			{`1 2 "" "` + strings.Repeat("x", 255) + `" "\"\\" a.example.`, `1 2 "" ` + strings.Repeat("x", 255) + ` \"\\ A.example`},
			{`1 2 "s" "" "" a.example.`, `\# 19 0001 0002 0173 00 00 0161076578616d706c6500`},
		},
		dnszone.TypeURI: {{`10 1 "https://example.com/a b"`, `10 1 https://example.com/a\ b`, `10 1 "https://\101xample.com/a\032b"`}, {`10 1 "a"`, `\# 5 000a 0001 61`}, {`10 1 "A"`}},
		dnszone.TypeLOC: {
			{"51 30 12.748 N 0 7 39.611 W 0.00m 1m 10000m 10m", "51 30 12.748 n 0 7 39.611 w 0", "51 30 12.748 N 000 07 39.611 W -0.00M 1.00m 10000.00m 10.00m", `\# 16 00 12 16 13 8b0d2c8c 7ff8fc a5 00989680`},
			{"0 0 0.000 N 0 0 0.000 E 0.00m 1m 10000m 10m", "0 S 0 W 0m", "0 N 0 0 E +0 1m"},
			{"1 2 0.000 N 3 4 0.000 E 0.50m 1m 10000m 10m", "1 2 N 3 4 E .5", "1 2 0 N 3 4 0. E 0.5m"},
			{"90 0 0.000 N 180 0 0.000 E -100000.00m 0m 0m 0m", "90 N 180 E -100000m 0 0 0", `\# 16 00 00 05 00 93 4fd900 a69fb200 00000000`},
			{"90 0 0.000 S 180 0 0.000 W 42849672.95m 90000000m 0.10m 0.09m", "90 S 180 W 42849672.95 90000000.00 .1 .09", `\# 16 00 99 11 90 6cb02700 59604e00 ffffffff`},
			{"59 59 59.999 S 0 0 0.001 W 0.01m 0.90m 1m 9m", "59 59 59.999 S 0 0 0.0010 W .01 .99m 1.99 9"},
			{"0 0 4.035 N 0 0 0.001 E -0.01m 1m 10000m 10m", "0 0 4.035 N 0 0 0.001 E -.01"},
		},
		"TYPE65280": {{`\# 1 0a`}, {`\# 1 0A`}, {`\# 1  0A`}, {`\# 1 0A ; comment`}, {`\#`}},
	} {
		seen := map[dnszone.Data]string{}
		for _, spellings := range list {
			want, err := dnszone.Parse(rrtype, spellings[0])
			if err != nil || want.String() != spellings[0] {
				t.Errorf("Parse(%s, %s) = %v, %v", rrtype, spellings[0], want, err)
				continue
			}
			for _, s := range spellings {
				d, err := dnszone.Parse(rrtype, s)
				if err != nil || !dnszone.Equal(d, want) {
					t.Errorf("Parse(%s, %s) = %v, %v, want %s", rrtype, s, d, err, want)
				}
				if strings.HasSuffix(s, ";comment") {
					continue // there are none in the API
				}
				raw := dnszone.Raw{RRType: rrtype, Value: s}
				if !dnszone.Equal(raw, want) || raw.String() != want.String() || dnszone.Validate(raw) != nil && dnszone.Validate(want) == nil {
					t.Errorf("%#v is not %s, or not valid", raw, want)
				}
				if d, err := dnszone.FromFields(dnszone.Fields{Type: rrtype, Value: s}); err != nil || dnszone.ToFields(d).Value != spellings[0] {
					t.Errorf("FromFields(%s, %s) = %v, %v, want %s", rrtype, s, d, err, want)
				}
			}
			if other, ok := seen[dnszone.Canonical(want)]; ok {
				t.Errorf("%s: %s is %s", rrtype, want, other)
			}
			seen[dnszone.Canonical(want)] = spellings[0]
		}
	}
}

// TestAlgorithms: the key of a DS record has a name as well as a number.
func TestAlgorithms(t *testing.T) {
	for name, number := range map[string]int{"RSAMD5": 1, "DH": 2, "DSA": 3, "RSASHA1": 5, "DSA-NSEC3-SHA1": 6, "RSASHA1-NSEC3-SHA1": 7, "RSASHA256": 8, "RSASHA512": 10,
		"ECC-GOST": 12, "ECDSAP256SHA256": 13, "ECDSAP384SHA384": 14, "ED25519": 15, "ed448": 16, "INDIRECT": 252, "PRIVATEDNS": 253, "PrivateOID": 254} {
		d, err := dnszone.Parse(dnszone.TypeDS, "1 "+name+" 9 ab")
		if want := fmt.Sprintf("1 %d 9 ab", number); err != nil || d.String() != want {
			t.Errorf("%s: %v, %v, want %s", name, d, err, want)
		}
	}
}

// TestMalformed: what has no wire form is no value.
func TestMalformed(t *testing.T) {
	for rrtype, list := range map[dnszone.Type]map[string]string{
		dnszone.TypeSVCB: {
			"": "missing", "1": "missing", "65536 .": "priority", "-1 .": "priority", `"1" .`: "priority", "1 . x=y": "not the key", "1 . key=y": "not the key", "1 . key65536": "not the key",
			"1 . alpn": "alpn", `1 . alpn=""`: "alpn", "1 . alpn=h2,,h3": "alpn", `1 . alpn=h2\\`: "alpn", `1 . alpn=h2\\x`: "alpn", "1 . alpn=" + strings.Repeat("x", 256): "alpn",
			"1 . no-default-alpn=x": "no-default-alpn", "1 . ohttp=1": "ohttp", "1 . port=": "port", "1 . port=65536": "port", "1 . port=+1": "port", "1 . dohpath": "dohpath",
			"1 . ipv4hint=": "ipv4hint", "1 . ipv4hint=192.0.2.1,": "ipv4hint", "1 . ipv6hint=192.0.2.1": "ipv6hint", "1 . ipv6hint=fe80::1%eth0": "ipv6hint", "1 . ech=": "ech", "1 . ech=A": "ech",
			"1 . mandatory=": "not the key", "1 . mandatory=mandatory": "mandatory", "1 . mandatory=alpn,alpn": "mandatory", `1 . key0="\000\003\000\001"`: "mandatory", `1 . key0="\000"`: "mandatory",
			`1 . key0="\255\255"`: "mandatory", `1 . key1="\003h2"`: "alpn", `1 . key1="\000"`: "alpn", `1 . key3="\000"`: "port", `1 . key3="\000\000\000"`: "port", `1 . key4="\000"`: "ipv4hint", `1 . key6="aaaa"`: "ipv6hint",
			`1 . key9="a"b"`: "quoted as a whole", `1 . key9="a"b`: "behind the quotes", `1 . key9="a`: "not closed", `1 . "port=1"`: "quotes around it", "1 . port=1;x": "quoted as a whole",
			"1 . port=1 key3=\"\\000\\001\"": "twice", `\# 5 000100 0003`: "ends before", `\# 8 000100 0003 0002 01`: "ends before",
		},
		dnszone.TypeTLSA:  {"3 1 1": "missing", "3 1 1 xy": "hexadecimal", "3 1 1 a": "hexadecimal", "3 1": "matching type", `\# 3 030101`: "hexadecimal", `\# 4 03010`: "hexadecimal", `\#`: "number of octets", `\# 0 00`: "follows", `\# 0`: "ends before", `\# 1 0a0b`: "announced", `"\#" 1 0a`: "usage"},
		dnszone.TypeNAPTR: {`1 2 "" "" ""`: "host name", `1 2 "" "" "a`: "not closed", `1 2 "" "` + strings.Repeat("x", 256) + `" "" .`: "256 octets", `1 2 "" "" "" . x`: "follows", `1 2 a;b "" "" .`: "quoted as a whole", `1 2 a"b "" "" .`: "quoted as a whole"},
		dnszone.TypeURI:   {`1 2 ""`: "empty", `1 2`: "missing", `1 2 a b`: "follows", `1 2 a;b`: "quoted as a whole", `\# 4 00010002`: "empty"},
		dnszone.TypePTR:   {"": "missing", "a b": "follows", `a\300.b`: "larger", `a\ .` + strings.Repeat("a", 64): "64 octets", `a\ ..b`: "0 octets", `\# 66 40` + strings.Repeat("61", 64) + "00": "64 octets", `\# 1 00`: "not a host name", `\# 4 01610000`: "1 octets too many"},
		dnszone.TypeLOC: {"90 0 0.001 N 0 E 0": "beyond 90", "1 60 N 0 E 0": "latitude", "1 0 60 N 0 E 0": "latitude", "1 0 0.0001 N 0 E 0": "latitude", "1.5 N 0 E 0": "latitude", "1 1.5 N 0 E 0": "latitude", "-1 N 0 E 0": "latitude",
			"1 0 0 X 0 E 0": "not in N or S", "1 N 181 E 0": "longitude", "1 N 0 N 0": "longitude", "1 N 0 E x": "altitude", "1 N 0 E 0.001": "altitude", "1 N 0 E .": "altitude", "1 N 0 E m": "altitude", "1 N 0 E 42849672.96": "altitude",
			"1 N 0 E 0 90000000.01": "size", "1 N 0 E 0 -1": "size", "1 N 0 E 0 1 0.001": "size", "1 N 0 E 0 1 1 1 1": "follows", "1 N 0 E": "missing", "1": "missing",
			`\# 16 00 0a 16 13 80000000 80000000 00989680`: "size", `\# 16 00 12 16 13 934fd901 80000000 00989680`: "angle", `\# 16 00 12 16 13 6cb026ff 80000000 00989680`: "angle", `\# 16 00 12 16 13 80000000 a69fb201 00989680`: "angle",
			`\# 15 00 12 16 13 80000000 80000000 009896`: "ends before"},
		dnszone.TypeA:     {`\# 3 000000`: "ends before", `\# 5 0000000000`: "too many"},
		dnszone.TypeCAA:   {`\# 2 0000`: "tag", `\# 3 000120`: "tag"},
		dnszone.TypeCNAME: {`\# 4 02612000`: "' '", `\# 4 02612e00`: "character that a label"},
		dnszone.TypeTXT:   {`\# 0`: "ends before", `\# 2 0261`: "ends before"},
	} {
		for in, problem := range list {
			d, err := dnszone.Parse(rrtype, in)
			if err == nil {
				t.Errorf("Parse(%s, %s) = %v", rrtype, in, d)
				continue
			}
			wantProblem(t, "Parse", string(rrtype)+" "+in, "", err, "value", problem)
			if _, api := dnszone.FromFields(dnszone.Fields{Type: rrtype, Value: in}); api == nil && rrtype != dnszone.TypeTXT {
				t.Errorf("FromFields(%s, %s) is no error", rrtype, in)
			}
		}
	}
}

// TestGenericForm: the types of the contract are read from octets too.
func TestGenericForm(t *testing.T) {
	for _, tt := range []struct {
		rrtype   dnszone.Type
		in, want string
	}{
		{"A", `\# 4 C0000201`, "192.0.2.1"},
		{"AAAA", `\# 16 ( 20010db8 000000000000 ; half
			000000000001 )`, "2001:db8::1"},
		{"CNAME", `\# 5 0141 0142 00`, "a.b."},
		{"NS", `\# 5 0141 0142 00`, "a.b."},
		{"MX", `\# 3 000000`, "0 ."},
		{"MX", `\# 7 000A 0141 0142 00`, "10 a.b."},
		{"SRV", `\# 11 0001 0002 0003 0141 0142 00`, "1 2 3 a.b."},
		{"CAA", `\# 8 80 05 4953535545 3B`, `128 issue ";"`},
		{"TXT", `\# 5 0161 0262 63`, `"abc"`},
		{"TXT", `\# 1 00`, `""`},
		{"TXT", `"\# 1 00"`, `"# 1 00"`},
	} {
		if d, err := dnszone.Parse(tt.rrtype, tt.in); err != nil || d.String() != tt.want {
			t.Errorf("Parse(%s, %s) = %v, %v, want %s", tt.rrtype, tt.in, d, err, tt.want)
		}
	}
}

// TestDigestSizes: a digest of a registered type has the length of the type.
func TestDigestSizes(t *testing.T) {
	of := func(octets int) string { return strings.Repeat("0f", octets) }
	for _, tt := range []struct {
		size int // 0: any
		data func(digest string) dnszone.Data
	}{
		{0, func(s string) dnszone.Data { return dnszone.TLSA{Data: s} }},
		{32, func(s string) dnszone.Data { return dnszone.TLSA{MatchingType: 1, Data: s} }},
		{64, func(s string) dnszone.Data { return dnszone.TLSA{MatchingType: 2, Data: s} }},
		{0, func(s string) dnszone.Data { return dnszone.TLSA{MatchingType: 3, Data: s} }},
		{0, func(s string) dnszone.Data { return dnszone.SSHFP{Fingerprint: s} }},
		{20, func(s string) dnszone.Data { return dnszone.SSHFP{FingerprintType: 1, Fingerprint: s} }},
		{32, func(s string) dnszone.Data { return dnszone.SSHFP{FingerprintType: 2, Fingerprint: s} }},
		{0, func(s string) dnszone.Data { return dnszone.SSHFP{FingerprintType: 255, Fingerprint: s} }},
		{0, func(s string) dnszone.Data { return dnszone.DS{Digest: s} }},
		{20, func(s string) dnszone.Data { return dnszone.DS{DigestType: 1, Digest: s} }},
		{32, func(s string) dnszone.Data { return dnszone.DS{DigestType: 2, Digest: s} }},
		{32, func(s string) dnszone.Data { return dnszone.DS{DigestType: 3, Digest: s} }},
		{48, func(s string) dnszone.Data { return dnszone.DS{DigestType: 4, Digest: s} }},
		{0, func(s string) dnszone.Data { return dnszone.DS{DigestType: 5, Digest: s} }},
	} {
		for _, size := range []int{1, 20, 32, 48, 64, 65} {
			d := tt.data(of(size))
			if err := dnszone.Validate(d); (err == nil) != (tt.size == 0 || size == tt.size) {
				t.Errorf("%s: %v", d, err)
			}
		}
	}
}
