package hoster_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// validData is data that dnszone accepts, of each type and with everything that a
// value of it can hold.
func validData() (all []dnszone.Data) {
	for _, addr := range []string{"0.0.0.0", "192.0.2.1", "255.255.255.255"} {
		all = append(all, dnszone.A{Addr: netip.MustParseAddr(addr)})
	}
	for _, addr := range []string{"::", "::1", "2001:db8::10", "2001:db8:0:0:1:0:0:1", "::ffff:192.0.2.1", "fe80::1"} {
		all = append(all, dnszone.AAAA{Addr: netip.MustParseAddr(addr)})
	}
	hosts := []string{"a.example", "A-b.Example.", "xn--bcher-kva.example", "bücher.example", "1.example", "localhost", strings.Repeat("a", 63) + ".example",
		strings.Repeat("a.", 126) + "b"}
	for i, host := range hosts {
		all = append(all, dnszone.NS{Host: host}, dnszone.MX{Preference: uint16(i * 9000), Host: host}, dnszone.CNAME{Target: host},
			dnszone.SRV{Priority: uint16(i), Weight: 65535, Port: uint16(i * 9000), Target: host})
	}
	all = append(all, dnszone.MX{Host: "."}, dnszone.SRV{Target: "."}, dnszone.SRV{Target: "_a.example"}, dnszone.SRV{Target: "-a-.example"},
		dnszone.CNAME{Target: "_acme.example"}, dnszone.CNAME{Target: "1.0/25.2.0.192.in-addr.arpa"}, dnszone.CNAME{Target: "-a.example"})
	texts := []string{"", " ", "a", "v=spf1 include:_spf.example ~all", "v=DMARC1; p=none; rua=mailto:a@example.com", `"`, `""`, `"a"`, `a"b`, `"a`, `a"`, `"a" "b"`, `\`, `\"`, `\065`, `"\"`,
		"ü", "日本語", "a\x00b", "tab\tline\nend", "\xff\xfe", "\xc3", `"` + "\xff" + `"`, "  spaces  ", "; comment", "( x )", strings.Repeat("x", 255), strings.Repeat("x", 256),
		"v=DKIM1; k=rsa; p=" + strings.Repeat("MIIB", 100), strings.Repeat("ü", 2048), strings.Repeat("\xff", 4096), `"` + strings.Repeat("y", 4094) + `"`}
	for c := range 256 { // every octet, alone and within
		texts = append(texts, string([]byte{byte(c)}), string([]byte{'a', byte(c), 'z'}))
	}
	for _, text := range texts {
		all = append(all, dnszone.TXT{Text: text})
	}
	for _, caa := range []struct {
		flags      uint8
		tag, value string
	}{
		{0, "issue", "ca.example"}, {128, "issuewild", ";"}, {0, "iodef", "mailto:ca@example.com"}, {255, "x1", ""}, {0, "issue", "ca.example; account=A1 b"},
		{0, "issue", `"`}, {0, "issue", `\`}, {0, "issue", "ü"}, {0, "issue", "\xff\x00"}, {0, "issue", " a "}, {1, strings.Repeat("t", 255), "v"},
	} {
		all = append(all, dnszone.CAA{Flags: caa.flags, Tag: caa.tag, Value: caa.value})
	}
	digest := strings.Repeat("0f", 32)
	all = append(all, dnszone.PTR{Target: "Mail.example.com"}, dnszone.PTR{Target: `My\032Printer._ipp._tcp.example.com`},
		dnszone.HTTPS{Priority: 1, Target: ".", Params: `port=8443 alpn="h2,h3" ech=AAAA ipv6hint=2001:DB8::1`}, dnszone.SVCB{Target: "svc.example"},
		dnszone.SVCB{Priority: 1, Target: "a.example", Params: `key667="a b\255"`}, dnszone.TLSA{Usage: 3, Selector: 1, MatchingType: 1, Data: digest},
		dnszone.SSHFP{Algorithm: 4, FingerprintType: 2, Fingerprint: strings.ToUpper(digest)}, dnszone.DS{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: digest},
		dnszone.Raw{RRType: "ALIAS", Value: "example.net."}, dnszone.Raw{RRType: "DNAME", Value: "example.net"}, dnszone.Raw{RRType: "URI", Value: "1 2 https://a"},
		dnszone.Raw{RRType: "NAPTR", Value: `1 2 u E2U+sip "!^.*$!sip:a@b!" .`}, dnszone.Raw{RRType: "LOC", Value: "52 31 N 13 24 E 34m"},
		dnszone.Raw{RRType: "TYPE65280", Value: `\# 1 0A`})
	return all
}

// withFurtherTypes are the types that the sandbox takes beside the contract's.
func withFurtherTypes() sandbox.Option {
	return sandbox.WithRecordTypes("PTR", "ALIAS", "DNAME", "HTTPS", "SVCB", "TLSA", "SSHFP", "DS", "NAPTR", "LOC", "URI", "TYPE65280")
}

// TestWhatIsValidIsStored sends everything that dnszone accepts to the sandbox, which
// has rules of its own, and finds it stored equal.
func TestWhatIsValidIsStored(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), withFurtherTypes())
	client := newTestClient(t, srv.URL(), srv.RootToken())
	all := validData()
	for i, data := range all {
		if err := dnszone.Validate(data); err != nil {
			t.Errorf("%#v: %v", data, err)
			continue
		}
		name := fmt.Sprintf("n%d", i)
		created, err := client.DNS.Create(t.Context(), "example.com", hoster.NewRecord(name, data))
		if err != nil {
			t.Errorf("%#v: %v", data, err)
			continue
		}
		got, err := created.Data()
		if err != nil || !dnszone.Equal(got, data) {
			t.Errorf("%#v: stored is %#v, %v", data, got, err)
		}
		srv.View(func(s *sandbox.State) {
			if stored := s.Domain("example.com").Record(string(created.ID)).Value; stored != dnszone.ToFields(data).Value {
				t.Errorf("%#v: stored is %q, and the canonical form is %q", data, stored, dnszone.ToFields(data).Value)
			}
		})
		again, err := client.DNS.AppendValues(t.Context(), "example.com", hoster.RecordSet{Name: name, Values: []dnszone.Data{data}})
		if err != nil || again.Written {
			t.Errorf("%#v: it is written again: %v", data, err)
		}
	}
	for _, name := range []string{"a", "_dmarc", "-a", "a-", "0/25", "*", "*.a", "a.b.c", strings.Repeat("a", 63), "WWW3", "bücher", "_a._b", "1"} {
		if _, err := client.DNS.Create(t.Context(), "example.com", hoster.NewRecord(name, dnszone.TXT{Text: "t"})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Logf("%d values", len(all))
}

// TestWhatIsRefusedIsNotSent: what the sandbox refuses of a record, for a field, the
// client refuses before it is sent, for the same field.
func TestWhatIsRefusedIsNotSent(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), withFurtherTypes())
	client := newTestClient(t, srv.URL(), srv.RootToken())
	n := func(n uint16) *uint16 { return &n }
	type record struct {
		Type     string  `json:"type"`
		Name     string  `json:"name"`
		Value    string  `json:"value"`
		TTL      *int    `json:"ttl,omitempty"`
		Priority *uint16 `json:"priority,omitempty"`
		Weight   *uint16 `json:"weight,omitempty"`
		Port     *uint16 `json:"port,omitempty"`
	}
	refused := map[string][]record{}
	add := func(field string, records ...record) { refused[field] = append(refused[field], records...) }
	for _, value := range []string{"", "x", "192.0.2", "192.0.2.256", "2001:db8::1", "192.0.2.1/32"} {
		add("value", record{Type: "A", Name: "x", Value: value})
	}
	for _, value := range []string{"", "x", "192.0.2.1", "fe80::1%eth0", "2001:db8::g"} {
		add("value", record{Type: "AAAA", Name: "x", Value: value})
	}
	for _, host := range []string{"", "192.0.2.1", "a..b", ".a", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 127) + "b", "a!.example", "@"} {
		add("value", record{Type: "CNAME", Name: "x", Value: host}, record{Type: "NS", Name: "x", Value: host},
			record{Type: "MX", Name: "x", Value: host, Priority: n(1)}, record{Type: "SRV", Name: "x", Value: host, Priority: n(1), Weight: n(1), Port: n(1)})
	}
	for _, host := range []string{"_a.example", "-a.example", "a-.example", "0/25.example"} {
		add("value", record{Type: "NS", Name: "x", Value: host}, record{Type: "MX", Name: "x", Value: host, Priority: n(1)})
	}
	add("value", record{Type: "NS", Name: "x", Value: "."}, record{Type: "CNAME", Name: "x", Value: "."},
		record{Type: "SRV", Name: "x", Value: "0/25.example", Priority: n(1), Weight: n(1), Port: n(1)})
	for _, text := range []string{`"`, `"a"b"`, `"a" b "c"`, `"\256"`, `"\25"`, `"a\"`, strings.Repeat("x", 4097), `"` + strings.Repeat(`\120`, 4097) + `"`} {
		add("value", record{Type: "TXT", Name: "x", Value: text})
	}
	for _, caa := range []string{"", "0", "0 issue", `256 issue "a"`, `-1 issue "a"`, `0 is-sue "a"`, `0 issue "a`, `0 issue "a" b`, `0 issue "\256"`} {
		add("value", record{Type: "CAA", Name: "x", Value: caa})
	}
	for _, name := range []string{"a+b", "a b", " ", "a..b", ".a", "a.*", "*a", strings.Repeat("a", 64), strings.Repeat("a.", 125) + "b", "a!", "a:b", "a=b", "a,b", "a~b", "a@b"} {
		add("name", record{Type: "A", Name: name, Value: "192.0.2.1"})
	}
	for _, ttl := range []int{-1, 0, 1, 59, 604801} {
		add("ttl", record{Type: "A", Name: "x", Value: "192.0.2.1", TTL: &ttl})
	}
	add("priority", record{Type: "MX", Name: "x", Value: "a.example"}, record{Type: "SRV", Name: "x", Value: "a.example", Weight: n(1), Port: n(1)})
	add("weight", record{Type: "SRV", Name: "x", Value: "a.example", Priority: n(1), Port: n(1)})
	add("port", record{Type: "SRV", Name: "x", Value: "a.example", Priority: n(1), Weight: n(1)})
	add("name", record{Type: "CNAME", Name: "@", Value: "a.example"})
	for _, rrtype := range []string{"PTR", "HTTPS", "LOC", "URI", "TYPE65280"} {
		add("value", record{Type: rrtype, Name: "x"}, record{Type: rrtype, Name: "x", Value: "a\x00"}, record{Type: rrtype, Name: "x", Value: strings.Repeat("x", 4097)})
	}
	for field, records := range refused {
		for _, r := range records {
			body, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+"/domains/example.com/dns/records", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+srv.RootToken())
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			said, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusUnprocessableEntity || !bytes.Contains(said, []byte(`"`+field+`":["`)) {
				t.Errorf("%s: the sandbox answers %d %s", body, resp.StatusCode, said)
			}
			given := hoster.RecordCreate{Type: hoster.RecordType(r.Type), Name: r.Name, Value: r.Value}
			for to, from := range map[*hoster.Opt[uint16]]*uint16{&given.Priority: r.Priority, &given.Weight: r.Weight, &given.Port: r.Port} {
				if from != nil {
					*to = hoster.Set(*from)
				}
			}
			if r.TTL != nil {
				given.TTL = hoster.Set(*r.TTL)
			}
			_, err = client.DNS.Create(t.Context(), "example.com", given)
			var argument *hoster.ArgumentError
			if !errors.As(err, &argument) || argument.Field != field {
				t.Errorf("%s: the client says %v, expected a problem of %s", body, err, field)
			}
		}
	}
}

// TestNothingIsSentThatCannotStandAtTheApex: neither as one record nor as a set. To
// take it away is no mistake.
func TestNothingIsSentThatCannotStandAtTheApex(t *testing.T) {
	srv := hostertest.New(t, withFurtherTypes())
	client := newTestClient(t, srv.URL(), srv.RootToken())
	for _, data := range []dnszone.Data{dnszone.CNAME{Target: "a.example"}, dnszone.DS{KeyTag: 1, Algorithm: 13, Digest: "ab"}} {
		set := hoster.RecordSet{Name: "@", Values: []dnszone.Data{data}}
		_, one := client.DNS.Create(t.Context(), "example.com", hoster.NewRecord("example.com.", data))
		_, values := client.DNS.AppendValues(t.Context(), "example.com", set)
		_, whole := client.DNS.ReplaceSet(t.Context(), "example.com", set)
		for _, err := range []error{one, values, whole} {
			var argument *hoster.ArgumentError
			if !errors.As(err, &argument) || argument.Field != "name" {
				t.Errorf("%s: %v", data.Type(), err)
			}
		}
		if n := srv.Count("DNS.Create") + srv.Count("DNS.List") + srv.Count("DNS.Batch"); n != 0 {
			t.Errorf("%s: %d calls", data.Type(), n)
		}
	}
	if _, err := client.DNS.RemoveValues(t.Context(), "example.com", hoster.RecordSet{Name: "@", Values: []dnszone.Data{dnszone.CNAME{Target: "a.example"}}}); err != nil {
		t.Error(err)
	}
}
