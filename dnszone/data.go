package dnszone

import (
	"fmt"
	"net/netip"
	"strings"
)

// Data is the data of one record: an [A], [AAAA], [CNAME], [NS], [MX], [SRV],
// [CAA], [TXT], [PTR], [SVCB], [HTTPS], [TLSA], [SSHFP], [DS] or [Raw]. Compare
// two of them with [Equal], since == sees the spelling.
type Data interface {
	// Type is the record type in upper case, "MX".
	Type() Type
	// String is the canonical presentation form, as in the RDATA of a zone
	// file: hosts with their final dot, TXT in quoted chunks. [Parse] reads it.
	String() string
	sealed()
}

// A is an IPv4 address.
type A struct{ Addr netip.Addr }

// AAAA is an IPv6 address.
type AAAA struct{ Addr netip.Addr }

// CNAME makes a name an alias of its target.
type CNAME struct{ Target string }

// NS names a name server.
type NS struct{ Host string }

// MX names a mail server. Host "." says that there is none (RFC 7505).
type MX struct {
	Preference uint16 // "priority" in the API.
	Host       string
}

// SRV says where a service is found. Target "." says that it is not offered.
type SRV struct {
	Priority, Weight, Port uint16
	Target                 string
}

// CAA says who may issue certificates. Value is the text without quotes.
type CAA struct {
	Flags      uint8
	Tag, Value string
}

// TXT is a text of any octets, without quotes, escapes or chunks.
type TXT struct{ Text string }

// PTR says what an address or a service is called. A character that no host name
// holds is written in Target as \DDD.
type PTR struct{ Target string }

// SVCB says how a service is reached (RFC 9460). Priority 0 makes the name an alias
// of Target; Target "." is the name itself.
type SVCB struct {
	Priority uint16
	Target   string
	// Params are the parameters in presentation form, in any order:
	// "alpn=h2,h3 port=8443".
	Params string
}

// HTTPS is the [SVCB] of a web server.
type HTTPS SVCB

// TLSA says which certificate a server shows (RFC 6698). Data is hexadecimal.
type TLSA struct {
	Usage, Selector, MatchingType uint8
	Data                          string
}

// SSHFP is the fingerprint of an SSH server's key (RFC 4255), in hexadecimal.
type SSHFP struct {
	Algorithm, FingerprintType uint8
	Fingerprint                string
}

// DS vouches for the key of a child zone (RFC 4034). Digest is hexadecimal.
type DS struct {
	KeyTag                uint16
	Algorithm, DigestType uint8
	Digest                string
}

// Raw is a record of a type without a Go type of its own. The values of ALIAS,
// DNAME, NAPTR, LOC and URI are presentation forms, which are compared by their
// meaning. That of a type that this package does not know is kept as it is, and so
// are the numbers that came beside it in [Fields], which [ToFields] gives back.
type Raw struct {
	RRType Type
	Value  string

	numbers [3]optional // priority, weight, port
}

// optional is a number that may be absent; other than a pointer it compares by
// its value.
type optional struct {
	value   uint16
	present bool
}

func (A) Type() Type     { return TypeA }
func (AAAA) Type() Type  { return TypeAAAA }
func (CNAME) Type() Type { return TypeCNAME }
func (NS) Type() Type    { return TypeNS }
func (MX) Type() Type    { return TypeMX }
func (SRV) Type() Type   { return TypeSRV }
func (CAA) Type() Type   { return TypeCAA }
func (TXT) Type() Type   { return TypeTXT }
func (PTR) Type() Type   { return TypePTR }
func (SVCB) Type() Type  { return TypeSVCB }
func (HTTPS) Type() Type { return TypeHTTPS }
func (TLSA) Type() Type  { return TypeTLSA }
func (SSHFP) Type() Type { return TypeSSHFP }
func (DS) Type() Type    { return TypeDS }

// Type is RRType in upper case.
func (d Raw) Type() Type { return d.RRType.upper() }

func (d A) String() string     { return d.Addr.String() }
func (d AAAA) String() string  { return d.Addr.String() }
func (d CNAME) String() string { return absolute(d.Target) }
func (d NS) String() string    { return absolute(d.Host) }
func (d MX) String() string    { return fmt.Sprintf("%d %s", d.Preference, absolute(d.Host)) }

func (d SRV) String() string {
	return fmt.Sprintf("%d %d %d %s", d.Priority, d.Weight, d.Port, absolute(d.Target))
}

// String is flags, tag and the quoted value: 0 issue "ca.example".
func (d CAA) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s ", d.Flags, lower(d.Tag))
	quote(&b, d.Value)
	return b.String()
}

// String is [QuoteTXT] of the text.
func (d TXT) String() string { return QuoteTXT(d.Text) }

func (d PTR) String() string { return absolute(d.Target) }

// String has the parameters in the order of their keys: 1 . alpn=h2,h3 port=8443
func (d SVCB) String() string {
	d = canonicalSVCB(d)
	return strings.TrimRight(fmt.Sprintf("%d %s %s", d.Priority, absolute(d.Target), d.Params), " ")
}

// String is that of [SVCB.String].
func (d HTTPS) String() string { return SVCB(d).String() }

func (d TLSA) String() string {
	return fmt.Sprintf("%d %d %d %s", d.Usage, d.Selector, d.MatchingType, canonicalHex(d.Data))
}

func (d SSHFP) String() string {
	return fmt.Sprintf("%d %d %s", d.Algorithm, d.FingerprintType, canonicalHex(d.Fingerprint))
}

func (d DS) String() string {
	return fmt.Sprintf("%d %d %d %s", d.KeyTag, d.Algorithm, d.DigestType, canonicalHex(d.Digest))
}

// String is the value, for a type that is not known as it is and behind the
// numbers that came beside it, if any.
func (d Raw) String() string {
	if known := d.canonical(); known != Data(d) {
		return known.String()
	}
	var b strings.Builder
	for _, n := range d.numbers {
		if n.present {
			fmt.Fprintf(&b, "%d ", n.value)
		}
	}
	return b.String() + d.Value
}

// canonical is what a known type's value means. What cannot be read, or is
// canonical, stays as it is.
func (d Raw) canonical() Data {
	d.RRType = d.RRType.upper()
	if rules[d.RRType].read != nil {
		if known, err := readValue(d.RRType, d.Value); err == nil {
			return known
		}
	}
	return d
}

func (A) sealed()     {}
func (AAAA) sealed()  {}
func (CNAME) sealed() {}
func (NS) sealed()    {}
func (MX) sealed()    {}
func (SRV) sealed()   {}
func (CAA) sealed()   {}
func (TXT) sealed()   {}
func (PTR) sealed()   {}
func (SVCB) sealed()  {}
func (HTTPS) sealed() {}
func (TLSA) sealed()  {}
func (SSHFP) sealed() {}
func (DS) sealed()    {}
func (Raw) sealed()   {}

// absolute is a host as zone files have it, with the final dot.
func absolute(host string) string {
	host = canonicalTarget(host)
	if host == "" || strings.HasSuffix(host, ".") {
		return host
	}
	return host + "."
}
