package dnszone

import "testing"

func TestSameName(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"www", "WWW.Example.com.", true},
		{"", "@", true},
		{"@", "example.com.", true},
		{"bücher", "xn--bcher-kva", true},
		{"www", "www2", false},
		{"www", "@", false},
		{"a..b", "a..b", false},
		{"www.example.net.", "www.example.net.", false},
	} {
		if got := SameName(test.a, test.b, "example.com"); got != test.want || got != SameName(test.b, test.a, "example.com") {
			t.Errorf("%q and %q: %v", test.a, test.b, got)
		}
	}
}

func TestSameHost(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"ns1.example.net", "NS1.example.NET.", true},
		{"münchen.de", "xn--mnchen-3ya.de.", true},
		{".", ".", true},
		{"ns1.example.net", "ns2.example.net", false},
		{"bad host", "bad host", false},
	} {
		if got := SameHost(test.a, test.b); got != test.want || got != SameHost(test.b, test.a) {
			t.Errorf("%q and %q: %v", test.a, test.b, got)
		}
	}
	for host, want := range map[string]string{"Mail.Example.com": "mail.example.com.", "mail.example.com.": "mail.example.com.", ".": ".", "bad host": ""} {
		if got, err := AbsoluteHost(host); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", host, got, err)
		}
	}
}

func TestEqualSets(t *testing.T) {
	set := func(values ...string) (all []Data) {
		for _, v := range values {
			d, err := Parse("MX", v)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, d)
		}
		return all
	}
	for _, test := range []struct {
		a, b []Data
		want bool
	}{
		{set(), nil, true},
		{set("10 a.example", "20 b.example"), set("20 B.example.", "10 a.example."), true},
		{set("10 a.example", "10 A.example"), set("10 a.example"), true},
		{set("10 a.example"), set("10 a.example", "20 b.example"), false},
		{set("10 a.example"), set("20 a.example"), false},
		{set("10 a.example"), nil, false},
	} {
		if got := EqualSets(test.a, test.b); got != test.want || got != EqualSets(test.b, test.a) {
			t.Errorf("%v and %v: %v", test.a, test.b, got)
		}
	}
}

func TestParseInput(t *testing.T) {
	for _, test := range []struct {
		rrtype     Type
		text, want string
	}{
		{"mx", "10 Mail.Example.com", "10 mail.example.com."},
		{"SRV", "1 2 443 a.example.net.", "1 2 443 a.example.net."},
		{"txt", "v=spf1 include:a.example -all", `"v=spf1 include:a.example -all"`},
		{"TXT", "v=DKIM1; k=rsa; p=abc", `"v=DKIM1; k=rsa; p=abc"`},
		{"TXT", `"in" "two"`, `"intwo"`},
		{"TXT", `say "hi`, `"say \"hi"`},
		{"TXT", "", `""`},
		{"CAA", "0 issue ca.example", `0 issue "ca.example"`},
		{"A", "192.0.2.1", "192.0.2.1"},
		{"A", "no address", ""},
		{"MX", "mail.example.com", ""},
	} {
		got, err := ParseInput(test.rrtype, test.text)
		switch {
		case test.want == "" && err == nil:
			t.Errorf("%s %q: %v", test.rrtype, test.text, got)
		case test.want != "" && (err != nil || Canonical(got).String() != test.want):
			t.Errorf("%s %q: %v, %v", test.rrtype, test.text, got, err)
		}
	}
}
