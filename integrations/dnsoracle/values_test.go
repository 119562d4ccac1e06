package dnsoracle

import (
	"strings"

	"github.com/go-hoster/hoster/dnszone"
)

var kinds = []dnszone.Type{dnszone.TypePTR, dnszone.TypeALIAS, dnszone.TypeDNAME, dnszone.TypeHTTPS, dnszone.TypeSVCB, dnszone.TypeTLSA,
	dnszone.TypeSSHFP, dnszone.TypeDS, dnszone.TypeNAPTR, dnszone.TypeLOC, dnszone.TypeURI, dnszone.TypeA, dnszone.TypeAAAA,
	dnszone.TypeCNAME, dnszone.TypeNS, dnszone.TypeMX, dnszone.TypeSRV, dnszone.TypeCAA, dnszone.TypeTXT}

const (
	sha1   = "3a1c7d0fb2e94d6881f0aa1bc2d3e4f5061728a9"
	sha256 = "92003ba34942dc74152e2f2c408d29eca5a520e7f2e06bb944f4dca346baf63c"
	sha384 = "72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6"
)

// values are as zone files have them: from the RFCs and from zones in use.
var values = map[dnszone.Type][]string{
	dnszone.TypePTR: {"mail.example.com.", "host-192-0-2-1.example.net.", "a.example.", "_http._tcp.example.com.", `Web\032Site._http._tcp.example.com.`,
		`My\032Printer\0402nd\032floor\041._ipp._tcp.example.com.`, "0-25.2.0.192.in-addr.arpa.", "1.0.0.127.in-addr.arpa.", `a\.b.example.com.`, "xn--fuball-cta.example."},
	dnszone.TypeALIAS: {"example.net.", "lb-1.eu.example.net.", "d111111abcdef8.cloudfront.example.", "apex.example.org."},
	dnszone.TypeDNAME: {"example.net.", "frobozz-division.acme.example.", "0-127.2.0.192.in-addr.arpa.", "."},
	dnszone.TypeHTTPS: {"1 . alpn=h2", "1 . alpn=h3,h2", "1 . alpn=h2,h3", "1 . alpn=h2,http/1.1 port=8443", "2 backup.example.net. alpn=h2", "0 svc.example.net.",
		"1 . alpn=h3,h2 ipv4hint=104.16.132.229,104.16.133.229 ipv6hint=2606:4700::6810:84e5,2606:4700::6810:85e5",
		"1 . mandatory=alpn,port alpn=h2 port=443", "1 . alpn=h3 no-default-alpn", "1 . ech=AEX+DQBBpQAgACB/RU5hAC5mXe3uOZtNY58Bc8UU1cqBBxJ2X/bpCw==",
		"1 . alpn=h2 ech=AAAA", "16 foo.example.org. port=53", "1 foo.example.com. ipv4hint=192.0.2.1", "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1"},
	dnszone.TypeSVCB: {"0 foo.example.com.", "1 .", "16 foo.example.com. port=53", `1 foo.example.com. key667="hello"`, `1 foo.example.com. key667="hello\210qoo"`,
		`16 foo.example.org. alpn="f\\\\oo\\,bar,h2"`, "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
		`1 dns.example. alpn=h2 dohpath="/dns-query{?dns}"`, "1 dns.example. alpn=dot,doq port=853", "1 . ohttp alpn=h2", "1 . key65280"},
	dnszone.TypeTLSA: {"3 1 1 " + sha256, "3 0 1 " + sha256, "2 0 1 " + sha256, "2 1 1 " + sha256, "1 1 1 " + sha256, "0 0 1 " + sha256, "3 1 2 " + sha256 + sha256,
		"3 1 1 0D6FCE3A7C0A7E2B4E7FA7DDCCBB3D6E3C0F8A0D3A6A8F9F00B2B6CD3F9E1BAA", "3 1 0 308202c5308201ad", "3 0 0 3082018F30820135"},
	dnszone.TypeSSHFP: {"1 1 " + sha1, "1 2 " + sha256, "2 1 " + sha1, "3 1 " + sha1, "3 2 " + sha256, "4 1 " + sha1, "4 2 " + sha256, "6 2 " + sha256,
		"4 2 A87F1B687AC0E57D2A081A2F282672334D90ED316D2B818CA9580EA384D92401", "1 1 DD465C09CFA51FB45020CC83316FFF21B9EC74AC"},
	dnszone.TypeDS: {"60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118", "60485 5 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A",
		"20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D", "2371 13 2 " + sha256, "2371 13 4 " + sha384, "31589 15 2 " + sha256, "370 13 1 " + sha1, "2371 14 2 " + sha256},
	dnszone.TypeNAPTR: {`100 10 "" "" "!^urn:cid:.+@([^\\.]+\\.)(.*)$!\\2!i" .`, `100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.gatech.edu.`, `100 50 "s" "http+I2L+I2C+I2R" "" _http._tcp.gatech.edu.`,
		`100 10 "u" "E2U+sip" "!^.*$!sip:customer-service@example.com!" .`, `102 10 "u" "E2U+email" "!^.*$!mailto:information@example.com!" .`, `10 100 "S" "SIP+D2U" "" _sip._udp.example.com.`,
		`20 100 "S" "SIPS+D2T" "" _sips._tcp.example.com.`, `100 10 "a" "x-eduroam:radius.tls" "" radius.example.org.`, `100 10 "U" "E2U+sip" "!^\\+441632960083$!sip:a;b@example.com!" .`, `1 1 "" "" "" .`},
	dnszone.TypeLOC: {"42 21 54 N 71 06 18 W -24m 30m", "42 21 43.952 N 71 5 6.344 W -24m 1m 200m", "52 14 05 N 00 08 50 E 10m", "32 7 19 S 116 2 25 E 10m", "42 21 28.764 N 71 00 51.617 W -44m 2000m",
		"51 30 12.748 N 0 7 39.611 W 0.00m", "52 30 0 N 13 24 0 E 34m", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m", "37 23 30.900 N 121 59 19.000 W 7.00m 100m 100m 2m",
		"90 0 0 N 180 0 0 E 0m", "90 0 0 S 180 0 0 W 0m", "0 0 0 N 0 0 0 E 0m", "60 9 0 N 24 39 0 E 10m 20m 2000m 20m", "31 N 106 28 29 W 10m", "48 8 0 N 11 34 30 E 519.15m", "40 26 46.302 N 79 58 55.903 W 300m 10m 10m 0.05m",
		"27 59 17 N 86 55 31 E 8848.86m", "11 22 24 N 142 35 30 E -10994m 90000000m", "0 0 0.001 N 0 0 0.001 W -100000.00m"},
	dnszone.TypeURI: {`10 1 "ftp://ftp1.example.com/public"`, `10 1 "https://www.example.com/"`, `10 1 "HTTPS://www.example.com/"`, `100 10 "https://example.org/a?b=c;d"`, `0 0 "mailto:a@example.com"`, `1 0 "tel:+1-201-555-0123"`, `1 1 "x:\"\\"`},

	dnszone.TypeA:     {"192.0.2.1", "0.0.0.0"},
	dnszone.TypeAAAA:  {"2001:db8::1", "::", "::ffff:192.0.2.1"},
	dnszone.TypeCNAME: {"www.example.com.", "_dmarc.example.com.", "1.0/25.2.0.192.in-addr.arpa."},
	dnszone.TypeNS:    {"ns1.example.com.", "ns2.example.com."},
	dnszone.TypeMX:    {"10 mail.example.com.", "0 ."},
	dnszone.TypeSRV:   {"1 2 5060 sip.example.com.", "0 0 0 ."},
	dnszone.TypeCAA:   {`0 issue "ca.example"`, `128 issuewild ";"`, `0 iodef "mailto:\195\188@example.com"`, `0 issue "ca.example; a=b"`},
	dnszone.TypeTXT:   {`"v=spf1 -all"`, `""`, `"\195\188\000\"\\"`, `"` + strings.Repeat("x", 255) + `" "y"`},
}

// comparable leaves out what the libraries read differently on purpose: dnszone
// takes a host that is not ASCII for Unicode and makes A-labels of it, and all that
// Unicode calls space for space.
func comparable(rrtype dnszone.Type, value string) bool {
	switch rrtype {
	case dnszone.TypeCAA, dnszone.TypeTXT, dnszone.TypeURI:
		return true
	}
	return !strings.ContainsFunc(value, func(r rune) bool { return r > '~' || r == '\v' || r == '\f' })
}
