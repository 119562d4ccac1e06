package dnszone_test

import (
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"example.com/www/a":                          "example.com/www/A",
		"Example.com./www.example.com/A/192.0.2.1":   "example.com/www/A/192.0.2.1",
		"example.com//MX/10 Mail.example.com":        "example.com/@/MX/10 mail.example.com.",
		"example.com/@/TXT/v=spf1 -all":              `example.com/@/TXT/"v=spf1 -all"`,
		`example.com/@/TXT/"a/b" "c"`:                `example.com/@/TXT/"a/bc"`,
		`example.com/0\04725/NS/a.example.`:          `example.com/0\04725/NS/a.example.`,
		"example.com/a.example.com.example.com/AAAA": "example.com/a.example.com.example.com./AAAA",
		"example.com/*/https/1 . alpn=h2":            "example.com/*/HTTPS/1 . alpn=h2",
	} {
		k, err := dnszone.ParseKey(in)
		if err != nil || k.String() != want {
			t.Errorf("ParseKey(%q) = %q, %v, want %q", in, k, err, want)
			continue
		}
		again, err := dnszone.ParseKey(want)
		if err != nil || again != k {
			t.Errorf("ParseKey(%q) = %#v, %v, want %#v", want, again, err, k)
		}
	}
	for _, tt := range []struct{ in, field, problem string }{
		{"", "name", "zone/name/type"},
		{"example.com/www", "name", "zone/name/type"},
		{"com/www/A", "domain", "one label"},
		{"example.com/a b/A", "name", "' '"},
		{"example.com/0/25/NS", "type", "not a record type"},
		{"example.com/www/A/x", "value", "not an IP address"},
	} {
		k, err := dnszone.ParseKey(tt.in)
		wantProblem(t, "ParseKey", tt.in, string(k.Type), err, tt.field, tt.problem)
	}
}
