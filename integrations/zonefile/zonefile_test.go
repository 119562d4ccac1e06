package zonefile_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/integrations/zonefile"
	"github.com/go-hoster/hoster/sandbox"
)

const domain = "example.com"

func read(t *testing.T, text string, options *zonefile.ReadOptions) *zonefile.Zone {
	t.Helper()
	zone, err := zonefile.Read(strings.NewReader(text), domain, options)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return zone
}

// list is the records in the form of a zone file.
func list(t *testing.T, records []hoster.RecordCreate) (lines []string) {
	t.Helper()
	for _, r := range records {
		ttl, _ := r.TTL.Get()
		lines = append(lines, fmt.Sprintf("%s %d %s %s", r.Name, ttl, r.Type, dataOf(t, r)))
	}
	return lines
}

func dataOf(t *testing.T, r hoster.RecordCreate) dnszone.Data {
	t.Helper()
	fields := dnszone.Fields{Type: r.Type, Value: r.Value}
	for to, from := range map[**uint16]hoster.Opt[uint16]{&fields.Priority: r.Priority, &fields.Weight: r.Weight, &fields.Port: r.Port} {
		if n, ok := from.Get(); ok {
			*to = &n
		}
	}
	data, err := dnszone.FromFields(fields)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func example(t *testing.T) string {
	content, err := os.ReadFile("testdata/example.com.zone")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestRead reads what people write: units, origins, owners left out, parentheses,
// comments, quoted and bare texts.
func TestRead(t *testing.T) {
	zone := read(t, example(t), nil)
	long := strings.Repeat("0123456789", 30)
	want := []string{
		`9 @ 300 MX 10 mail.example.com.`, `10 @ 300 MX 20 mail.example.net.`, `11 @ 86400 TXT "v=spf1 -all"`, `12 @ 86400 CAA 0 issue "ca.example"`,
		`13 mail 86400 A 192.0.2.25`, `14 mail 86400 AAAA 2001:db8::25`, `16 www 5400 CNAME example.com.`,
		`17 bare 86400 TXT "plain"`, `18 two 86400 TXT "one text"`, `19 odd 86400 TXT "semicolon ; and (parenthesis)"`,
		`21 esc 86400 TXT "quote \" backslash \\ octet \255"`, `22 * 60 A 192.0.2.99`, `23 _sip._tcp 86400 SRV 10 60 5060 sip.example.com.`,
		`25 sub 86400 A 192.0.2.40`, `26 deep.sub 86400 A 192.0.2.41`, `27 deep.sub 86400 A 192.0.2.41`,
		`29 long 86400 TXT "` + long[:255] + `" "` + long[255:] + `"`,
	}
	got := list(t, zone.Records)
	for i := range got {
		got[i] = fmt.Sprintf("%d %s", zone.Lines[i], got[i])
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	left := []int{}
	for _, n := range zone.LeftOut {
		left = append(left, n.Line)
	}
	if !slices.Equal(left, []int{4, 7, 8}) || len(zone.Adjusted) > 0 {
		t.Errorf("left out %v, adjusted %v", zone.LeftOut, zone.Adjusted)
	}
}

// TestLeftOut: each with its line and a reason, and nothing is lost in silence.
func TestLeftOut(t *testing.T) {
	for text, reason := range map[string]string{
		"@ SOA a. b. 1 2 3 4 5":            "the provider's own",
		"@ NS ns1.example.net.":            "the provider's own",
		"@ DNSKEY 256 3 13 AAAA":           "the provider's own",
		"www NSEC x.example.com. A":        "the provider's own",
		"www CH A 192.0.2.1":               "class",
		"www.example.net. A 192.0.2.1":     "name",
		"notexample.com. A 192.0.2.1":      "name",
		"www.example.com A 192.0.2.1":      "final dot",
		"a\\ b A 192.0.2.1":                "name",
		"www HTTPS 1 . alpn=h2":            "type",
		"www TYPE65280 \\# 2 0102":         "type",
		"@ MX 10 mail_server.example.net.": "",
		"sub NS a\\.b.example.net.":        "",
		"www TXT \"" + strings.Repeat("x", 255) + strings.Repeat("\" \""+strings.Repeat("x", 255), 16) + "\"": "4096",
	} {
		zone := read(t, "$TTL 1h\n\n; a comment\nok A 192.0.2.1\n"+text+" ; why\nok TXT x\n", nil)
		if len(zone.Records) != 2 || len(zone.LeftOut) != 1 || zone.LeftOut[0].Line != 5 || !strings.Contains(zone.LeftOut[0].String(), reason) {
			t.Errorf("%s: %v, %v", text, list(t, zone.Records), zone.LeftOut)
		}
	}
}

func TestTypes(t *testing.T) {
	const text = "www HTTPS 1 . alpn=h2,h3\nwww PTR a.example.com.\nwww TYPE65280 \\# 2 0102\n@ RRSIG A 13 2 60 20260101000000 20260101000000 1 example.com. AAAA\n"
	for want, options := range map[string]*zonefile.ReadOptions{
		"":                    nil,
		"HTTPS":               {Types: []hoster.RecordType{"HTTPS"}},
		"HTTPS PTR TYPE65280": {AllTypes: true},
	} {
		var got []string
		for _, r := range read(t, text, options).Records {
			got = append(got, string(r.Type))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v instead of %s", got, want)
		}
	}
}

// TestTTLs: one for a set, within the limits of the API, and each change is listed.
func TestTTLs(t *testing.T) {
	for text, want := range map[string]struct {
		ttls     []int
		adjusted []int
	}{
		"www A 192.0.2.1":                        {[]int{3600}, nil},
		"www 5m A 192.0.2.1\nwww A 192.0.2.2":    {[]int{300, 300}, nil},
		"www 5m A 192.0.2.1\nwww 1m A 192.0.2.2": {[]int{60, 60}, []int{1}},
		"www 1m A 192.0.2.1\nwww 5m A 192.0.2.2": {[]int{60, 60}, []int{2}},
		"www 5m A 192.0.2.1\nwww 1m TXT x":       {[]int{300, 60}, nil},
		"www 1 A 192.0.2.1":                      {[]int{60}, []int{1}},
		"\n$TTL 0\nwww A 192.0.2.1":              {[]int{60}, []int{3}},
		"www 5w A 192.0.2.1":                     {[]int{604800}, []int{1}},
		"www 1w A 192.0.2.1":                     {[]int{604800}, nil},
	} {
		zone := read(t, text, nil)
		var ttls, adjusted []int
		for _, r := range zone.Records {
			ttl, _ := r.TTL.Get()
			ttls = append(ttls, ttl)
		}
		for _, n := range zone.Adjusted {
			adjusted = append(adjusted, n.Line)
		}
		if !slices.Equal(ttls, want.ttls) || !slices.Equal(adjusted, want.adjusted) {
			t.Errorf("%q: %v, %v", text, ttls, zone.Adjusted)
		}
	}
}

// TestErrors: what is no zone file fails as a whole, with the line.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"ok A 192.0.2.1\nwww A 192.0.2.256\n": "2",
		"ok A 192.0.2.1\n\nwww TXT \"open\n":  "",
		"www MX mail":                         "1",
		"$INCLUDE /etc/passwd":                "INCLUDE",
		"www TXT ( a":                         "",
		"www":                                 "1",
		"ok A 192.0.2.1\n$generate 1-3 x$ A 192.0.2.$": "line 2: $GENERATE",
	} {
		if zone, err := zonefile.Read(strings.NewReader(text), domain, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v", text, zone, err)
		}
	}
	if _, err := zonefile.Read(strings.NewReader(""), "no domain", nil); err == nil {
		t.Error("no domain is one")
	}
	if _, err := zonefile.Read(failing{}, domain, nil); err == nil {
		t.Error("an error of the reader is lost")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// records are of every type, with odd values.
func oddRecords(t *testing.T) (records []hoster.Record) {
	add := func(name string, data dnszone.Data) {
		f := dnszone.ToFields(data)
		records = append(records, hoster.Record{Name: name, Type: f.Type, Value: f.Value, TTL: 300, Priority: f.Priority, Weight: f.Weight, Port: f.Port, UpdatedAt: time.Unix(1_800_000_000, 0)})
	}
	for _, text := range []string{"", "plain", `"quoted"`, `\`, `a"b\c`, ";", "( )", "tab\tline\n", "\x00\xff", "é", strings.Repeat("x", 300), strings.Repeat("\\\"\xff", 1365)} {
		add("txt", dnszone.TXT{Text: text})
		add("caa", dnszone.CAA{Flags: 128, Tag: "issue", Value: text[:min(len(text), 200)]})
	}
	add("www.sub", dnszone.A{Addr: netip.MustParseAddr("192.0.2.1")})
	add("*.sub", dnszone.AAAA{Addr: netip.MustParseAddr("2001:db8::1")})
	add("alias", dnszone.CNAME{Target: "_target.example.net"})
	add("0/26.x", dnszone.CNAME{Target: "1.0/26.example.net"})
	add("@", dnszone.MX{Preference: 10, Host: "mail.example.net"})
	add("nomail", dnszone.MX{Host: "."})
	add("@", dnszone.NS{Host: "ns2.example.net"})
	add("@", dnszone.NS{Host: "ns1.example.net"})
	add("lab", dnszone.NS{Host: "ns1.example.net"})
	add("_sip._tcp", dnszone.SRV{Priority: 1, Weight: 2, Port: 3, Target: "sip.example.net"})
	add("_none._tcp", dnszone.SRV{Target: "."})
	return records
}

// creates is the records as a reading has them, without those that it leaves out.
func creates(records []hoster.Record) (all []hoster.RecordCreate) {
	for _, r := range records {
		if r.Name == "@" && r.Type == dnszone.TypeNS {
			continue
		}
		data, err := r.Data()
		if err != nil {
			continue
		}
		create := hoster.NewRecord(r.Name, data)
		create.TTL = hoster.Set(r.TTL)
		all = append(all, create)
	}
	return all
}

// TestWhatIsWrittenIsRead.
func TestWhatIsWrittenIsRead(t *testing.T) {
	records := oddRecords(t)
	var file bytes.Buffer
	if err := zonefile.Write(&file, "Example.COM.", records, nil); err != nil {
		t.Fatal(err)
	}
	got, want := list(t, read(t, file.String(), nil).Records), list(t, creates(records))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	head, _, _ := strings.Cut(file.String(), "\n@ 300 IN NS ns1.example.net.\n")
	if want := "$ORIGIN example.com.\n$TTL 3600\n@ 3600 IN SOA ns2.example.net. hostmaster.example.com. 1800000000 7200 3600 1209600 3600"; !strings.HasPrefix(head, want) {
		t.Errorf("the file begins with\n%s", head)
	}
}

func TestWriteOptions(t *testing.T) {
	ns := hoster.Record{Name: "@", Type: dnszone.TypeNS, Value: "ns1.example.net", TTL: 60}
	for want, options := range map[string]*zonefile.WriteOptions{
		"SOA ns1.example.net. hostmaster.example.com. 0 ":       nil,
		`SOA primary.example.net. first\.last.example.org. 42 `: {Primary: "primary.example.net", Mailbox: "first.last@Example.org", Serial: 42},
	} {
		var file strings.Builder
		if err := zonefile.Write(&file, domain, []hoster.Record{ns}, options); err != nil || !strings.Contains(file.String(), want) {
			t.Errorf("%s, %v", file.String(), err)
		}
	}
	for name, write := range map[string]func() error{
		"no nameserver": func() error { return zonefile.Write(&bytes.Buffer{}, domain, nil, nil) },
		"no mailbox": func() error {
			return zonefile.Write(&bytes.Buffer{}, domain, []hoster.Record{ns}, &zonefile.WriteOptions{Mailbox: "nobody"})
		},
		"two lines": func() error {
			return zonefile.Write(&bytes.Buffer{}, domain, []hoster.Record{ns}, &zonefile.WriteOptions{Mailbox: "a\nb@example.org"})
		},
		"no domain": func() error { return zonefile.Write(&bytes.Buffer{}, "", []hoster.Record{ns}, nil) },
		"outside": func() error {
			return zonefile.Write(&bytes.Buffer{}, domain, []hoster.Record{{Name: "x.example.net.", Type: "A"}}, nil)
		},
	} {
		if write() == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// TestUnreadableValues stand in the file as comments, and break no line.
func TestUnreadableValues(t *testing.T) {
	records := []hoster.Record{
		{Name: "@", Type: dnszone.TypeNS, Value: "ns1.example.net", TTL: 60},
		{Name: "www", Type: dnszone.TypeA, Value: "none\n@ A 192.0.2.66", TTL: 60},
		{Name: "www", Type: "X", Value: "a\n@ A 192.0.2.66", TTL: 60},
		{Name: "www.example.com.example.com.", Type: dnszone.TypeA, Value: "192.0.2.1", TTL: 60},
	}
	var file strings.Builder
	if err := zonefile.Write(&file, domain, records, nil); err != nil {
		t.Fatal(err)
	}
	zone := read(t, file.String(), &zonefile.ReadOptions{AllTypes: true})
	if len(zone.Records) != 0 || strings.Count(file.String(), "\n; www 60 IN ") != 2 || !strings.Contains(file.String(), "\nwww.example.com.example.com. 60 IN A") {
		t.Errorf("%v in\n%s", list(t, zone.Records), file.String())
	}
}

// TestImportOfALargeZone: 20,000 records through a plan, in few requests, and the
// second plan is empty.
func TestImportOfALargeZone(t *testing.T) {
	const n = 20_000
	var file strings.Builder
	file.WriteString("$TTL 1h\n")
	for i := range n {
		fmt.Fprintf(&file, "host-%d A 192.0.%d.%d\n", i, i/250%250, i%250)
	}
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	zone := read(t, file.String(), nil)
	options := &hoster.ZonePlanOptions{Owned: func(r hoster.Record) bool { return strings.HasPrefix(r.Name, "host-") }}
	plan, err := client.DNS.PlanZone(ctx, domain, zone.Records, options)
	if err != nil || len(plan.Creates) != n {
		t.Fatal(err)
	}
	if _, err := client.DNS.Apply(ctx, plan, nil); err != nil {
		t.Fatal(err)
	}
	if requests := len(srv.Requests()); requests > 90 {
		t.Errorf("%d requests", requests)
	} else {
		t.Logf("%d requests", requests)
	}
	if again, err := client.DNS.PlanZone(ctx, domain, zone.Records, options); err != nil || !again.IsEmpty() {
		t.Errorf("%v, %v", again, err)
	}
	records, err := client.DNS.List(ctx, domain, nil)
	if err != nil {
		t.Fatal(err)
	}
	var export bytes.Buffer
	if err := zonefile.Write(&export, domain, records, nil); err != nil {
		t.Fatal(err)
	}
	if again, err := client.DNS.PlanZone(ctx, domain, read(t, export.String(), nil).Records, nil); err != nil || !again.IsEmpty() {
		t.Errorf("what was exported differs: %v, %v", again, err)
	}
}
