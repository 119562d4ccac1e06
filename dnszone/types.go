package dnszone

// Type is a record type. In results it is in upper case; arguments may be in any.
type Type string

// The record types of the API contract.
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

// Record types that some providers take beside those of the API.
const (
	TypePTR   Type = "PTR"
	TypeALIAS Type = "ALIAS"
	TypeDNAME Type = "DNAME"
	TypeHTTPS Type = "HTTPS"
	TypeSVCB  Type = "SVCB"
	TypeTLSA  Type = "TLSA"
	TypeSSHFP Type = "SSHFP"
	TypeDS    Type = "DS"
	TypeNAPTR Type = "NAPTR"
	TypeLOC   Type = "LOC"
	TypeURI   Type = "URI"
)

// Known reports whether t, in any case, is one of the types of the API contract,
// which every provider takes.
func (t Type) Known() bool { return rules[t.upper()].wire != nil }

func (t Type) upper() Type { return Type(upper(string(t))) }

// rule says what the records of a type may be.
type rule struct {
	below  bool   // not at the apex
	target target // the host that it points to
	sizes  []int  // octets of a digest, by its type; 0 is any number

	wire func(*octets) Data // reads the octets of a type of the API
	read func(source) Data  // reads any form of another type; without a Go type of its own it is a Raw in canonical form
}

// target is what the target of a record may be.
type target struct {
	more string // characters beside letters, digits and hyphens
	host bool   // hyphens stand inside its labels only
	none bool   // "." says that there is none
	any  bool   // any name, in escapes what others do not hold
}

// rules are the types that this package knows. docs/dns.md shows them.
var rules = map[Type]rule{
	TypeA:     {wire: func(o *octets) Data { return A{o.addr(4)} }},
	TypeAAAA:  {wire: func(o *octets) Data { return AAAA{o.addr(16)} }},
	TypeCNAME: {below: true, target: target{more: "_/"}, wire: func(o *octets) Data { return CNAME{o.plainHost()} }},
	TypeNS:    {target: target{host: true}, wire: func(o *octets) Data { return NS{o.plainHost()} }},
	TypeMX: {target: target{host: true, none: true}, wire: func(o *octets) Data {
		return MX{uint16(o.number("priority", 16)), o.plainHost()}
	}},
	TypeSRV: {target: target{more: "_", none: true}, wire: func(o *octets) Data {
		return SRV{uint16(o.number("priority", 16)), uint16(o.number("weight", 16)), uint16(o.number("port", 16)), o.plainHost()}
	}},
	TypeCAA: {wire: wireCAA},
	TypeTXT: {wire: wireTXT},

	TypePTR:   {target: target{any: true}, read: func(s source) Data { return PTR{Target: someHost(s)} }},
	TypeALIAS: {read: func(s source) Data { return Raw{RRType: TypeALIAS, Value: absolute(someHost(s))} }},
	TypeDNAME: {read: func(s source) Data { return Raw{RRType: TypeDNAME, Value: absolute(s.host())} }},
	TypeSVCB:  {target: target{any: true, none: true}, read: func(s source) Data { return readSVCB(s) }},
	TypeHTTPS: {read: func(s source) Data { return HTTPS(readSVCB(s)) }},
	TypeTLSA: {sizes: []int{1: 32, 2: 64}, read: func(s source) Data {
		return TLSA{octet(s, "usage"), octet(s, "selector"), octet(s, "matching type"), s.hex("certificate data")}
	}},
	TypeSSHFP: {sizes: []int{1: 20, 2: 32}, read: func(s source) Data {
		return SSHFP{octet(s, "algorithm"), octet(s, "fingerprint type"), s.hex("fingerprint")}
	}},
	TypeDS: {below: true, sizes: []int{1: 20, 2: 32, 3: 32, 4: 48}, read: func(s source) Data {
		return DS{uint16(s.number("key tag", 16)), s.algorithm(), octet(s, "digest type"), s.hex("digest")}
	}},
	TypeNAPTR: {read: readNAPTR},
	TypeURI:   {read: readURI},
	TypeLOC:   {read: func(s source) Data { return Raw{RRType: TypeLOC, Value: s.place().String()} }},
}
