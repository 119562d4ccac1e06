package dnszone_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

// types are those that the fuzz targets choose from.
var types = []dnszone.Type{"A", "AAAA", "CNAME", "NS", "MX", "SRV", "CAA", "TXT", "TYPE65280", "PTR", "SVCB", "HTTPS", "TLSA", "SSHFP", "DS",
	"ALIAS", "DNAME", "NAPTR", "LOC", "URI"}

// values seed the targets that read values.
var values = []string{
	"", ".", "@", "192.0.2.1", "::ffff:192.0.2.1", "2001:DB8:0:0:0:0:0:1", "fe80::1%eth0", "Mail.Example.COM.",
	"fußball.example", "xn--fuball-cta.example", "a。b", "10 mail.example.com", "0 .", "1 2 3 sip.example.com.", "0 0 0 .",
	`0 issue "ca.example"`, "0 issue ca.example; a=b", "128 issuewild ;", `0 iodef "mailto:a\"b\\c"`, `0 issue ""`, "0 \x7f x",
	dkim, `"` + dkim + `"`, dnszone.QuoteTXT(dkim), `"`, `""`, `\`, ";", "é", "\xff\xfe", `"\255"`, `"a" "b"`, "  a  ",
	strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("x", 510), `\# 4 0A000001`, "a\x00b", `\052.x`,
	`My\032Printer._ipp._tcp.example.com`, `1 . alpn="h2,h3" port=443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1 ech=AAAA key667="a b"`, `. key1="\002h2" mandatory=alpn`,
	"3 1 1 ABcd ef", "4 2 (ab cd)", "60485 RSASHA256 2 abcdef", `\# 4 ABCD 0102`, `100 10 "u" E2U+sip "!^.*$!sip:a@b!" .`,
	"51 30 12.748 N 0 7 39.611 W 0.00m 1m 10000m 10m", "52 n 13 e -24.5", `10 1 "https://example.org/a b"`, `\# 16 00121613 80000000 80000000 00989680`,
}

// known fails the test unless the error is of this package's one kind.
func known(t *testing.T, err error) {
	t.Helper()
	var fe *dnszone.FieldError
	if !errors.As(err, &fe) || fe.Field == "" || fe.Problem == "" {
		t.Fatalf("the error %#v names no field", err)
	}
}

func FuzzName(f *testing.F) {
	for _, zone := range []string{"example.com", "MÜNCHEN.de.", "xn--mnchen-3ya.de", "a。b", "com", "1.1"} {
		for _, in := range []string{"", "@", "www", "WWW.Example.com.", "*", `\052`, "*.sub", "fußball", "www.münchen.de",
			"www.example.com.example.com", "notexample.com", `a\.b`, `a\046b`, "_dmarc", "0/25", "a..b", "ｗｗｗ", "\xff", "xn--a-", "a\u00ad", "ß。"} {
			f.Add(in, zone)
		}
	}
	f.Fuzz(func(t *testing.T, in, zone string) {
		_ = dnszone.DomainUnicode(in)
		if host, err := dnszone.ParseHost(in); err != nil {
			known(t, err)
		} else if again, err := dnszone.ParseHost(strings.ToUpper(host)); err != nil || again != host {
			t.Fatalf("ParseHost(%q) = %q, and of that %q, %v", in, host, again, err)
		}
		domain, err := dnszone.ParseDomain(zone)
		if err != nil {
			known(t, err)
		} else if again, err := dnszone.ParseDomain(domain + "."); err != nil || again != domain {
			t.Fatalf("ParseDomain(%q) = %q, and of that %q, %v", zone, domain, again, err)
		} else if again, err := dnszone.ParseDomain(dnszone.DomainUnicode(domain)); err != nil || again != domain {
			t.Fatalf("ParseDomain(%q) = %q, and of its Unicode %q, %v", zone, domain, again, err)
		}
		n, err := dnszone.ParseName(in, zone)
		if err != nil {
			known(t, err)
			return
		}
		if len(n.FQDN()) > 254 || n.Zone() != domain || n.IsApex() != (n.Relative() == "@") {
			t.Fatalf("ParseName(%q, %q) = %#v", in, zone, n)
		}
		spellings := []string{n.FQDN(), strings.ToUpper(n.FQDN()), strings.TrimSuffix(n.FQDN(), "."), dnszone.DomainUnicode(n.FQDN())}
		if !n.DoubledSuffix() {
			spellings = append(spellings, n.Relative(), n.Unicode())
		}
		for _, s := range spellings {
			if again, err := dnszone.ParseName(s, domain); err != nil || again != n {
				t.Fatalf("ParseName(%q, %q) = %#v, and of %q %#v, %v", in, zone, n, s, again, err)
			}
		}
		k := dnszone.Key{Name: n, Type: "A"}
		if again, err := dnszone.ParseKey(k.String()); err != nil || again != k {
			t.Fatalf("ParseKey(%q) = %#v, %v", k.String(), again, err)
		}
	})
}

// FuzzParseData proves parse(format(x)) = x for what Parse reads and for what
// Validate accepts.
func FuzzParseData(f *testing.F) {
	for i := range types {
		for _, v := range values {
			f.Add(byte(i), v)
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, text string) {
		d, err := dnszone.Parse(types[int(kind)%len(types)], text)
		if err != nil {
			known(t, err)
		} else {
			checkPresentation(t, d)
		}
		if d := build(kind, text, 10, 20, 30); dnszone.Validate(d) == nil {
			checkPresentation(t, d)
		} else {
			_ = d.String()
		}
	})
}

func checkPresentation(t *testing.T, d dnszone.Data) {
	t.Helper()
	again, err := dnszone.Parse(d.Type(), d.String())
	if err != nil || !dnszone.Equal(again, d) || again.String() != d.String() {
		t.Fatalf("Parse(%q) = %#v, %v, want %#v", d.String(), again, err, d)
	}
	if d.Type() == "TYPE65280" {
		return // kept octet by octet
	}
	if strings.ContainsFunc(d.String(), func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Fatalf("%q does not fit a line of a zone file", d.String())
	}
}

// FuzzFields proves that what is sent reads back as what was meant.
func FuzzFields(f *testing.F) {
	for i := range types {
		for j, v := range values {
			f.Add(byte(i), v, uint16(10), uint16(0), uint16(65535), byte(j))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, value string, priority, weight, port uint16, present byte) {
		in := fields{Type: types[int(kind)%len(types)], Value: value}
		for i, to := range []**uint16{&in.Priority, &in.Weight, &in.Port} {
			if present&(1<<i) != 0 {
				*to = []*uint16{&priority, &weight, &port}[i]
			}
		}
		d, err := dnszone.FromFields(in)
		if err != nil {
			known(t, err)
		} else {
			checkFields(t, d)
		}
		if d := build(kind, value, priority, weight, port); dnszone.Validate(d) == nil {
			checkFields(t, d)
		} else {
			_ = dnszone.ToFields(d)
		}
	})
}

func checkFields(t *testing.T, d dnszone.Data) {
	t.Helper()
	sent := dnszone.ToFields(d)
	again, err := dnszone.FromFields(sent)
	if err != nil || !dnszone.Equal(again, d) {
		t.Fatalf("%#v is sent as %+v and read as %#v, %v", d, sent, again, err)
	}
	if twice := dnszone.ToFields(again); twice.Value != sent.Value || twice.Type != sent.Type {
		t.Fatalf("%+v and then %+v is sent", sent, twice)
	}
}

func FuzzTXT(f *testing.F) {
	for _, v := range values {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, s string) {
		chunks := dnszone.SplitTXT(s)
		if strings.Join(chunks, "") != s {
			t.Fatalf("SplitTXT(%q) = %q", s, chunks)
		}
		for i, c := range chunks {
			if len(c) > 255 || len(c) < 255 && i < len(chunks)-1 {
				t.Fatalf("chunk %d has %d octets", i, len(c))
			}
		}
		if got, err := dnszone.UnquoteTXT(dnszone.QuoteTXT(s)); err != nil || got != s {
			t.Fatalf("UnquoteTXT(QuoteTXT(%q)) = %q, %v", s, got, err)
		}
		text, err := dnszone.UnquoteTXT(s)
		if err != nil {
			known(t, err)
			return
		}
		if got, err := dnszone.UnquoteTXT(dnszone.QuoteTXT(text)); err != nil || got != text {
			t.Fatalf("%q is %q, and quoted %q, %v", s, text, got, err)
		}
	})
}

// FuzzEqual proves that Equal is an equivalence, on data that nobody checked.
func FuzzEqual(f *testing.F) {
	for i, v := range values {
		f.Add(byte(i), v, byte(i), strings.ToUpper(v), byte(i), v+".", uint16(10))
		f.Add(byte(i), v, byte(i+len(types)), v, byte(i), dnszone.QuoteTXT(v), uint16(0))
	}
	f.Fuzz(func(t *testing.T, kindA byte, a string, kindB byte, b string, kindC byte, c string, n uint16) {
		all := []dnszone.Data{build(kindA, a, n, n, n), build(kindB, b, n, n, n), build(kindC, c, n, n, n),
			build(kindA, b, n, n, n), build(kindA, c, n, n, n), nil}
		for _, d := range all[:5] {
			if again, err := dnszone.FromFields(dnszone.ToFields(d)); err == nil {
				all = append(all, again)
			}
		}
		for _, x := range all {
			if !dnszone.Equal(x, x) {
				t.Fatalf("%#v does not equal itself", x)
			}
			for _, y := range all {
				if dnszone.Equal(x, y) != dnszone.Equal(y, x) {
					t.Fatalf("%#v and %#v: not symmetric", x, y)
				}
				if !dnszone.Equal(x, y) {
					continue
				}
				if x != nil && (x.Type() != y.Type() || x.String() != y.String()) {
					t.Fatalf("%#v and %#v are equal and look different", x, y)
				}
				for _, z := range all {
					if dnszone.Equal(y, z) && !dnszone.Equal(x, z) {
						t.Fatalf("%#v, %#v and %#v: not transitive", x, y, z)
					}
				}
			}
		}
	})
}

// build makes data of any kind without a check.
func build(kind byte, s string, a, b, c uint16) dnszone.Data {
	addr, _ := netip.ParseAddr(s)
	switch types[int(kind)%len(types)] {
	case "A":
		return dnszone.A{Addr: addr}
	case "AAAA":
		return dnszone.AAAA{Addr: addr}
	case "CNAME":
		return dnszone.CNAME{Target: s}
	case "NS":
		return &dnszone.NS{Host: s}
	case "MX":
		return dnszone.MX{Preference: a, Host: s}
	case "SRV":
		return dnszone.SRV{Priority: a, Weight: b, Port: c, Target: s}
	case "CAA":
		tag, value, _ := strings.Cut(s, " ")
		return dnszone.CAA{Flags: uint8(a), Tag: tag, Value: value}
	case "TXT":
		return dnszone.TXT{Text: s}
	case "PTR":
		return &dnszone.PTR{Target: s}
	case "SVCB", "HTTPS":
		target, params, _ := strings.Cut(s, " ")
		if kind%2 == 0 {
			return dnszone.SVCB{Priority: a, Target: target, Params: params}
		}
		return dnszone.HTTPS{Priority: a, Target: target, Params: params}
	case "TLSA":
		return dnszone.TLSA{Usage: uint8(a), Selector: uint8(b), MatchingType: uint8(c), Data: s}
	case "SSHFP":
		return dnszone.SSHFP{Algorithm: uint8(a), FingerprintType: uint8(b), Fingerprint: s}
	case "DS":
		return dnszone.DS{KeyTag: a, Algorithm: uint8(b), DigestType: uint8(c), Digest: s}
	case "ALIAS", "DNAME", "NAPTR", "LOC", "URI":
		return dnszone.Raw{RRType: types[int(kind)%len(types)], Value: s}
	}
	rrtype, value, _ := strings.Cut(s, " ")
	return dnszone.Raw{RRType: dnszone.Type(rrtype), Value: value}
}
