package dnszone

import (
	"fmt"
	"net/netip"
	"strings"
)

// Type is a record type. In results it is in upper case; arguments may be in any.
type Type string

// The record types that have a Go type of their own. Records of other types are
// [Raw].
const (
	TypeA     Type = "A"
	TypeAAAA  Type = "AAAA"
	TypeCNAME Type = "CNAME"
	TypeMX    Type = "MX"
	TypeTXT   Type = "TXT"
	TypeNS    Type = "NS"
	TypeSRV   Type = "SRV"
	TypeCAA   Type = "CAA"
)

// Known reports whether t, in any case, is one of the constants of this package.
func (t Type) Known() bool {
	switch t.upper() {
	case TypeA, TypeAAAA, TypeCNAME, TypeMX, TypeTXT, TypeNS, TypeSRV, TypeCAA:
		return true
	}
	return false
}

// Data is the data of one record: an [A], [AAAA], [CNAME], [NS], [MX], [SRV],
// [CAA], [TXT] or [Raw]. Compare two of them with [Equal], since == sees the
// spelling.
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
	Preference uint16 // The contract's "priority".
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

// Raw is a record of a type that this package does not know. Its value is kept
// as it is, and so are the numbers that came beside it in [Fields], which
// [ToFields] gives back.
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

func (t Type) upper() Type { return Type(upper(string(t))) }

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

// String is the value as it is, behind the numbers that came beside it, if any.
func (d Raw) String() string {
	var b strings.Builder
	for _, n := range d.numbers {
		if n.present {
			fmt.Fprintf(&b, "%d ", n.value)
		}
	}
	return b.String() + d.Value
}

func (A) sealed()     {}
func (AAAA) sealed()  {}
func (CNAME) sealed() {}
func (NS) sealed()    {}
func (MX) sealed()    {}
func (SRV) sealed()   {}
func (CAA) sealed()   {}
func (TXT) sealed()   {}
func (Raw) sealed()   {}

// absolute is a host as zone files have it, with the final dot.
func absolute(host string) string {
	host = canonicalHost(host)
	if host == "" || strings.HasSuffix(host, ".") {
		return host
	}
	return host + "."
}
