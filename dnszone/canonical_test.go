package dnszone

import (
	"reflect"
	"strings"
	"testing"
)

// FuzzCanonical: what is recognised as canonical at a glance, the full reading
// leaves as it is too.
func FuzzCanonical(f *testing.F) {
	for _, value := range []string{"", ".", "@", "*", "*.a", "*.", "www", "a.b", "www.example.com", "example.com", "notexample.com", "192.0.2.1", "192.0.2.01", "1.2.3", "4.5", "a.4", "a.4x",
		"::1", "2001:db8::1", "2001:DB8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "mail.example.net", "Mail.example.net.", "10 mail.example.net", "_dmarc", "-", "-a.b", "a-.b", "a..b", ".a", "a.",
		`"a"`, `"`, "a b", `0 issue "ca.example"`, `00 issue ""`, `0 Issue "a"`, `1  issue "a"`, `256 a "b"`, `0 a "b\\"`, `0 a "`, `+1 a "b"`, `0 a "b" `, "\xff", "é", "a/b", `\052`, `\052.a`, "xn--a-", strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a.", 126) + "a", strings.Repeat("a.", 127)} {
		for kind := range byte(9) {
			f.Add(kind, value, "example.com", uint16(10), kind%2 == 0)
		}
		f.Add(byte(0), "www", value, uint16(0), true)
		f.Add(byte(0), value, value+".example", uint16(0), true)
	}
	f.Fuzz(func(t *testing.T, kind byte, value, zone string, number uint16, numbered bool) {
		checkDomain(t, value, zone)
		fields := Fields{Type: []Type{TypeA, TypeAAAA, TypeCNAME, TypeNS, TypeMX, TypeSRV, TypeCAA, TypeTXT, "mx"}[kind%9], Value: value}
		if numbered {
			fields.Priority, fields.Weight, fields.Port = &number, &number, &number
		} else if kind > 100 {
			fields.Priority = &number
		}
		quick, ok := canonicalFields(fields)
		if !ok {
			return
		}
		d, err := FromFields(fields)
		if err != nil {
			t.Fatalf("%+v is canonical, and %v", fields, err)
		}
		if full := ToFields(d); !reflect.DeepEqual(quick, full) {
			t.Fatalf("%+v became %+v and %+v", fields, quick, full)
		}
	})
}

func checkDomain(t *testing.T, value, zone string) {
	t.Helper()
	if isPlainDomain(value) {
		if full, err := parseDomain(value); err != nil || full != value {
			t.Fatalf("the domain %q is plain, and %q, %v", value, full, err)
		}
	}
	if isPlain(value, true) {
		if full, err := parseHost(value); err != nil || full != value {
			t.Fatalf("the host %q is plain, and %q, %v", value, full, err)
		}
	}
	if canonical, err := parseDomain(zone); err == nil && isPlainName(value, canonical) {
		if full, err := parseName(value, canonical); err != nil || full != (Name{relative: value, zone: canonical}) {
			t.Fatalf("the name %q in %q is plain, and %+v, %v", value, canonical, full, err)
		}
	}
}

// TestCanonicalCostsNothing: what zones are full of is recognised without memory.
func TestCanonicalCostsNothing(t *testing.T) {
	number := uint16(10)
	for _, fields := range []Fields{
		{Type: "A", Value: "192.0.2.1", Priority: &number}, {Type: "AAAA", Value: "2001:db8::1"}, {Type: "CNAME", Value: "edge.example.net"},
		{Type: "NS", Value: "ns1.example.net"}, {Type: "MX", Value: "mail.example.net", Priority: &number}, {Type: "TXT", Value: "v=spf1 -all"}, {Type: "CAA", Value: `0 issue "ca.example"`},
		{Type: "SRV", Value: "sip.example.net", Priority: &number, Weight: &number, Port: &number},
	} {
		if n := testing.AllocsPerRun(10, func() {
			if got, err := CanonicalFields(fields); err != nil || got.Value != fields.Value {
				t.Errorf("%+v: %+v, %v", fields, got, err)
			}
		}); n != 0 {
			t.Errorf("%+v costs %v allocations", fields, n)
		}
	}
	for _, name := range []string{"www", "*.sub", "_dmarc.mail", "0"} {
		if n := testing.AllocsPerRun(10, func() {
			if got, err := ParseName(name, "example.com"); err != nil || got.Relative() != name {
				t.Errorf("%q: %q, %v", name, got, err)
			}
		}); n != 0 {
			t.Errorf("%q costs %v allocations", name, n)
		}
	}
}
