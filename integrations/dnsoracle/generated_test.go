package dnsoracle

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/miekg/dns"
)

// TestGenerated: of random records of any octets, the generic form, what the other
// library prints, and what dnszone writes are one value; and a record whose wire
// form differs in a bit is another one, or none.
func TestGenerated(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		for rrtype, record := range generate(random) {
			octets, err := pack(record)
			if err != nil {
				t.Fatal(err)
			}
			form := func(rdata string) string { return fmt.Sprintf(`\# %d %s`, len(rdata)/2, rdata) }
			want, err := dnszone.Parse(rrtype, form(octets))
			if err != nil {
				t.Errorf("%s %s: %v", rrtype, octets, err)
				continue
			}
			for _, spelling := range []string{rdata(record), want.String()} {
				if d, err := dnszone.Parse(rrtype, spelling); err != nil || !dnszone.Equal(d, want) {
					t.Errorf("%s %s is %v, %v, want %s", rrtype, spelling, d, err, want)
				}
			}
			if rrtype == dnszone.TypeLOC {
				continue // the other library reads 4.035 seconds as 4.034
			}
			if _, again, err := wire(rrtype, want.String()); err != nil || again != folded(t, rrtype, octets) {
				t.Errorf("%s %s is written as %s, whose octets are %s, %v", rrtype, octets, want, again, err)
			}
			changed, _ := hex.DecodeString(octets)
			changed[random.IntN(len(changed))] ^= 1 // no letter changes its case only
			if d, err := dnszone.Parse(rrtype, form(hex.EncodeToString(changed))); err == nil && dnszone.Equal(d, want) {
				t.Errorf("%s: %x and %s are both %s", rrtype, changed, octets, want)
			}
		}
	}
}

// folded brings octets to the form in which wire compares them. The other library
// takes the backslashes in the octets of URI and CAA for escapes.
func folded(t *testing.T, rrtype dnszone.Type, rdata string) string {
	if rrtype == dnszone.TypeURI || rrtype == dnszone.TypeCAA {
		return rdata
	}
	_, octets, err := wire(rrtype, fmt.Sprintf(`\# %d %s`, len(rdata)/2, rdata))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func generate(random *rand.Rand) map[dnszone.Type]dns.RR {
	number := func(most int) int { return random.IntN(most + 1) }
	octets := func(size int) []byte {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(number(255))
		}
		return b
	}
	escaped := func(size int) (s string) {
		for _, c := range octets(size) {
			s += fmt.Sprintf(`\%03d`, c)
		}
		return s
	}
	host := func() (name string) {
		for range 1 + number(3) {
			if number(3) == 0 {
				name += escaped(1+number(5)) + "."
			} else {
				name += fmt.Sprintf("%c-%x.", 'A'+number(25), number(1<<20))
			}
		}
		return name
	}
	header := func(rrtype uint16) dns.RR_Header {
		return dns.RR_Header{Name: "x.", Rrtype: rrtype, Class: dns.ClassINET, Ttl: 60}
	}
	size := func() uint8 { return uint8((1+number(8))<<4 + number(9)) }
	var params []dns.SVCBKeyValue
	for _, p := range []dns.SVCBKeyValue{
		&dns.SVCBAlpn{Alpn: []string{string(octets(1 + number(4))), "h2", string(octets(1 + number(4)))}},
		&dns.SVCBPort{Port: uint16(number(65535))},
		&dns.SVCBIPv4Hint{Hint: []net.IP{octets(4), octets(4)}},
		&dns.SVCBECHConfig{ECH: octets(1 + number(40))},
		&dns.SVCBIPv6Hint{Hint: []net.IP{append([]byte{32}, octets(15)...)}},
		&dns.SVCBDoHPath{Template: "/" + hex.EncodeToString(octets(4)) + "{?dns}"},
		&dns.SVCBLocal{KeyCode: dns.SVCBKey(9 + number(60000)), Data: octets(1 + number(20))},
	} {
		if number(1) == 0 {
			params = append(params, p)
		}
	}
	service := dns.SVCB{Hdr: header(dns.TypeSVCB), Priority: uint16(1 + number(65534)), Target: host(), Value: params}
	https := dns.HTTPS{SVCB: service}
	https.Hdr = header(dns.TypeHTTPS)
	return map[dnszone.Type]dns.RR{
		dnszone.TypePTR:   &dns.PTR{Hdr: header(dns.TypePTR), Ptr: host()},
		dnszone.TypeDNAME: &dns.DNAME{Hdr: header(dns.TypeDNAME), Target: host()},
		dnszone.TypeSVCB:  &service,
		dnszone.TypeHTTPS: &https,
		dnszone.TypeTLSA: &dns.TLSA{Hdr: header(dns.TypeTLSA), Usage: uint8(number(255)), Selector: uint8(number(255)),
			MatchingType: uint8(number(255)), Certificate: hex.EncodeToString(octets(1 + number(80)))},
		dnszone.TypeSSHFP: &dns.SSHFP{Hdr: header(dns.TypeSSHFP), Algorithm: uint8(number(255)), Type: uint8(number(255)),
			FingerPrint: hex.EncodeToString(octets(1 + number(40)))},
		dnszone.TypeDS: &dns.DS{Hdr: header(dns.TypeDS), KeyTag: uint16(number(65535)), Algorithm: uint8(number(255)),
			DigestType: uint8(number(255)), Digest: hex.EncodeToString(octets(1 + number(60)))},
		dnszone.TypeNAPTR: &dns.NAPTR{Hdr: header(dns.TypeNAPTR), Order: uint16(number(65535)), Preference: uint16(number(65535)),
			Flags: escaped(number(2)), Service: escaped(number(20)), Regexp: escaped(number(60)), Replacement: host()},
		dnszone.TypeURI: &dns.URI{Hdr: header(dns.TypeURI), Priority: uint16(number(65535)), Weight: uint16(number(65535)), Target: escaped(1 + number(200))},
		dnszone.TypeLOC: &dns.LOC{Hdr: header(dns.TypeLOC), Size: size(), HorizPre: size(), VertPre: size(), Altitude: random.Uint32(),
			Latitude: uint32(1<<31 - 90*3600000 + number(2*90*3600000)), Longitude: uint32(1<<31 - 180*3600000 + number(2*180*3600000))},
		dnszone.TypeCAA: &dns.CAA{Hdr: header(dns.TypeCAA), Flag: uint8(number(255)), Tag: "issue", Value: escaped(number(60))},
		dnszone.TypeTXT: &dns.TXT{Hdr: header(dns.TypeTXT), Txt: []string{escaped(255), escaped(1 + number(254))}},
	}
}
