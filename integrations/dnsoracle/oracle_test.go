// Package dnsoracle holds package dnszone against a DNS library that is not ours:
// two values are equal exactly if their wire forms are.
package dnsoracle

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/miekg/dns"
)

// wire is the wire form of a value, with its host names in lower case, for DNS
// compares them so. ALIAS has none: it is read as a PTR, which is a host as well.
func wire(rrtype dnszone.Type, value string) (rr dns.RR, octets string, err error) {
	if rrtype == dnszone.TypeALIAS {
		rrtype = dnszone.TypePTR
	}
	rr, err = dns.NewRR(fmt.Sprintf("x. 60 IN %s %s\n", rrtype, value))
	if err == nil && rr == nil {
		err = fmt.Errorf("no record in %q", value)
	}
	if err != nil {
		return nil, "", err
	}
	switch r := rr.(type) {
	case *dns.PTR:
		r.Ptr = lower(r.Ptr)
	case *dns.CNAME:
		r.Target = lower(r.Target)
	case *dns.NS:
		r.Ns = lower(r.Ns)
	case *dns.DNAME:
		r.Target = lower(r.Target)
	case *dns.MX:
		r.Mx = lower(r.Mx)
	case *dns.SRV:
		r.Target = lower(r.Target)
	case *dns.NAPTR:
		r.Replacement = lower(r.Replacement)
	case *dns.SVCB:
		r.Target = lower(r.Target)
	case *dns.HTTPS:
		r.Target = lower(r.Target)
	case *dns.CAA:
		r.Tag = lower(r.Tag)
	}
	octets, err = pack(rr)
	return rr, octets, err
}

// pack is the data of a record on the wire, in hexadecimal.
func pack(rr dns.RR) (string, error) {
	msg := make([]byte, 1<<17)
	end, err := dns.PackRR(rr, msg, 0, nil, false)
	if err != nil {
		return "", err
	}
	header := len(rr.Header().Name) + 1 + 2 + 2 + 4 + 2
	return hex.EncodeToString(msg[header:end]), nil
}

// lower leaves octets that are no ASCII letters as they are.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// joined is the text of a TXT record, whose chunks make no difference.
func joined(rdata string) (text string) {
	for len(rdata) > 0 {
		size, _ := strconv.ParseUint(rdata[:2], 16, 8)
		text += rdata[2 : 2+2*size]
		rdata = rdata[2+2*size:]
	}
	return text
}

// rdata is what a record prints behind its header.
func rdata(rr dns.RR) string { return strings.TrimPrefix(rr.String(), rr.Header().String()) }

// spellings are other forms of a value, as servers and tools print them.
func spellings(t *testing.T, rrtype dnszone.Type, value string) []string {
	rr, octets, err := wire(rrtype, value)
	if err != nil {
		t.Fatalf("%s %s: %v", rrtype, value, err)
	}
	generic := fmt.Sprintf(`\# %d %s`, len(octets)/2, octets)
	half := len(octets) / 2
	all := []string{value, rdata(rr), generic, strings.ToUpper(generic),
		fmt.Sprintf("\\# ( %d ; octets\n\t%s\n\t%s )", len(octets)/2, octets[:half], octets[half:]),
		"  ( " + value + " ; comment\n )\n", strings.ReplaceAll(value, " ", " (\n) ")}
	if strings.ContainsAny(value, `"`) {
		all = all[:len(all)-1] // the spaces may be in quotes
	}
	switch rr := rr.(type) {
	case *dns.TLSA, *dns.SSHFP, *dns.DS:
		digits := value[strings.LastIndexByte(value, ' ')+1:]
		front := strings.TrimSuffix(value, digits)
		all = append(all, front+strings.ToUpper(digits), front+strings.ToLower(digits),
			front+digits[:7]+" "+digits[7:], fmt.Sprintf("%s( %s\n%s )", front, digits[:8], strings.ToUpper(digits[8:])))
	case *dns.PTR, *dns.DNAME, *dns.CNAME, *dns.NS:
		if all = append(all, strings.ToUpper(value)); value != "." {
			all = append(all, strings.TrimSuffix(value, "."))
		}
	case *dns.SVCB:
		all = append(all, services(rr)...)
	case *dns.HTTPS:
		all = append(all, services(&rr.SVCB)...)
	case *dns.LOC:
		all = append(all, locations(rr)...)
	}
	return all
}

// services writes the parameters in the opposite order, and by their numbers.
func services(rr *dns.SVCB) []string {
	front := fmt.Sprintf("%d %s", rr.Priority, rr.Target)
	quoted, numbered := front, front
	for i := len(rr.Value) - 1; i >= 0; i-- {
		p := rr.Value[i]
		quoted += fmt.Sprintf(" %s=%q", strings.ToUpper(p.Key().String()), p.String())
		numbered += fmt.Sprintf(" key%d=\"", p.Key())
		alone := &dns.SVCB{Hdr: dns.RR_Header{Name: "x.", Rrtype: dns.TypeSVCB, Class: dns.ClassINET}, Target: ".", Value: []dns.SVCBKeyValue{p}}
		if rr.Priority == 0 {
			continue
		}
		octets, err := pack(alone)
		if err != nil {
			panic(err)
		}
		for octets = octets[2*(2+1+4):]; octets != ""; octets = octets[2:] { // behind priority, target, key and length
			c, _ := strconv.ParseUint(octets[:2], 16, 8)
			numbered += fmt.Sprintf(`\%03d`, c)
		}
		numbered += `"`
	}
	if strings.Contains(quoted, `\`) { // %q escapes in Go's way
		return []string{numbered}
	}
	return []string{quoted, numbered}
}

// locations are the forms of BIND, of PowerDNS, and the shortest.
func locations(rr *dns.LOC) []string {
	angle := func(value uint32, sides string) (d, m, s int64, side string) {
		from := int64(value) - 1<<31
		side = sides[:1]
		if from < 0 {
			from, side = -from, sides[1:]
		}
		return from / 3600000, from / 60000 % 60, from % 60000, side
	}
	size := func(v uint8) float64 {
		m := float64(v >> 4)
		for range v & 15 {
			m *= 10
		}
		return m / 100
	}
	d, m, s, ns := angle(rr.Latitude, "NS")
	d2, m2, s2, ew := angle(rr.Longitude, "EW")
	altitude := (float64(rr.Altitude) - 10000000) / 100
	place := fmt.Sprintf("%d %d %d.%03d %s %d %d %d.%03d %s", d, m, s/1000, s%1000, ns, d2, m2, s2/1000, s2%1000, ew)
	plain := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	small, wide, high := size(rr.Size), size(rr.HorizPre), size(rr.VertPre)
	forms := []string{
		fmt.Sprintf("%s %.2fm %.2fm %.2fm %.2fm", place, altitude, small, wide, high),
		fmt.Sprintf("%s %sM %s %s %s", strings.ToLower(place), plain(altitude), plain(small), plain(wide), plain(high)),
		fmt.Sprintf("%02d %02d %02d.%03d %s %03d %02d %02d.%03d %s %.2f %sm %sm %sm", d, m, s/1000, s%1000, ns, d2, m2, s2/1000, s2%1000, ew,
			altitude, plain(small), plain(wide), plain(high)),
	}
	if rr.Size == 0x12 && rr.HorizPre == 0x16 && rr.VertPre == 0x13 {
		forms = append(forms, fmt.Sprintf("%s %sm", place, plain(altitude)), fmt.Sprintf("%s %.2f 1", place, altitude))
		if s == 0 && s2 == 0 {
			forms = append(forms, fmt.Sprintf("%d %d %s %d %d %s %sm", d, m, ns, d2, m2, ew, plain(altitude)))
		}
	}
	return forms
}

// TestSpellings: every spelling of a value is equal to the value, valid, and read
// back from its canonical form by the other library as the same octets; values of
// different octets differ.
func TestSpellings(t *testing.T) {
	pairs, count := 0, 0
	for rrtype, list := range values {
		octetsOf := map[string]string{}
		for _, value := range list {
			count++
			want, err := dnszone.Parse(rrtype, value)
			if err != nil {
				t.Errorf("Parse(%s, %s): %v", rrtype, value, err)
				continue
			}
			if err := dnszone.Validate(want); err != nil {
				t.Errorf("%s %s: %v", rrtype, value, err)
			}
			_, octets, _ := wire(rrtype, value)
			if _, again, err := wire(rrtype, want.String()); err != nil || again != octets {
				t.Errorf("%s %s becomes %s, whose octets are %s, %v, want %s", rrtype, value, want, again, err, octets)
			}
			for _, spelling := range spellings(t, rrtype, value) {
				pairs++
				if d, err := dnszone.Parse(rrtype, spelling); err != nil || !dnszone.Equal(d, want) || d.String() != want.String() {
					t.Errorf("%s %s is %v, %v, want %s", rrtype, spelling, d, err, want)
				}
				if rrtype.Known() || strings.Contains(spelling, "; ") {
					continue // the API has values of these in fields, and no comments
				}
				if d, err := dnszone.FromFields(dnszone.Fields{Type: rrtype, Value: spelling}); err != nil || !dnszone.Equal(d, want) {
					t.Errorf("%s %s of the API is %v, %v, want %s", rrtype, spelling, d, err, want)
				}
			}
			if other, ok := octetsOf[octets]; ok {
				t.Errorf("%s: %s and %s are the same", rrtype, value, other)
			}
			octetsOf[octets] = value
			for _, other := range list {
				if d, err := dnszone.Parse(rrtype, other); err == nil && other != value && dnszone.Equal(d, want) {
					t.Errorf("%s: %s equals %s", rrtype, value, other)
				}
			}
		}
	}
	if count < 99 {
		t.Errorf("%d values, want at least 99", count)
	}
	t.Logf("%d values in %d spellings", count, pairs)
}

// FuzzEqual: of two values that both libraries read, dnszone calls equal those
// that have one wire form, and what it writes has the wire form of what it read.
func FuzzEqual(f *testing.F) {
	for kind, rrtype := range kinds {
		for i, value := range values[rrtype] {
			f.Add(byte(kind), value, values[rrtype][(i+1)%len(values[rrtype])])
			f.Add(byte(kind), value, strings.ToUpper(value))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, a, b string) {
		rrtype := kinds[int(kind)%len(kinds)]
		wireA, ok := readBoth(t, rrtype, a)
		wireB, okB := readBoth(t, rrtype, b)
		if !ok || !okB {
			return
		}
		dataA, _ := dnszone.Parse(rrtype, a)
		dataB, _ := dnszone.Parse(rrtype, b)
		if (wireA == wireB) != dnszone.Equal(dataA, dataB) {
			t.Errorf("%s: %q is %s, octets %s; %q is %s, octets %s", rrtype, a, dataA, wireA, b, dataB, wireB)
		}
	})
}

// readBoth returns the octets of what is written of a value that both can read.
func readBoth(t *testing.T, rrtype dnszone.Type, value string) (octets string, ok bool) {
	data, err := dnszone.Parse(rrtype, value)
	if err != nil {
		return "", false
	}
	_, octets, err = wire(rrtype, value)
	if err != nil || !comparable(rrtype, value) {
		return "", false
	}
	_, again, err := wire(rrtype, data.String())
	if rrtype == dnszone.TypeTXT {
		octets, again = joined(octets), joined(again)
	}
	if err != nil || again != octets {
		t.Errorf("%s: %q, octets %s, becomes %s, octets %s, %v", rrtype, value, octets, data, again, err)
	}
	return octets, true
}

// TestServers: what BIND and PowerDNS print of a value that they loaded is the value.
// testdata/servers.tsv has the type, the value, the server and what it printed.
func TestServers(t *testing.T) {
	text, err := os.ReadFile("testdata/servers.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		rrtype, value, server, printed := dnszone.Type(columns[0]), columns[1], columns[2], columns[3]
		want, err := dnszone.Parse(rrtype, value)
		if err != nil {
			t.Error(err)
		}
		if d, err := dnszone.Parse(rrtype, printed); err != nil || !dnszone.Equal(d, want) {
			t.Errorf("%s prints %s %s as %s, which is %v, %v, want %v", server, rrtype, value, printed, d, err, want)
		}
	}
}
