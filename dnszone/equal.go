package dnszone

import (
	"strings"
)

// maxText is the most octets that the API allows in the logical text of TXT,
// and in the presentation form of a type beside its own.
const maxText = 4096

// Equal reports whether a and b are the same record data, whatever their
// spelling: the package comment says what counts. It is an equivalence, so its
// answers can be chained and grouped. Data of different types is never equal,
// and no data equals only no data.
//
// Being the same is not being valid: see [Validate].
func Equal(a, b Data) bool { return Canonical(a) == Canonical(b) }

// Validate holds data against the rules of the API before it is sent. It
// returns nil or a [*FieldError].
//
//   - A has an IPv4 and AAAA an IPv6 address, without a zone. An A with an
//     IPv4-mapped IPv6 address is refused: nobody can tell which was meant.
//   - The targets of NS and MX are host names of letters, digits and inner
//     hyphens; that of an SRV record may have underscores too, and that of a CNAME
//     underscores and slashes, as record names do. "." is one only for MX and SRV.
//   - The tag of a CAA record consists of letters and digits, at most 255.
//   - A TXT record has at most 4096 octets of logical text.
//   - The target of a PTR record is a name. So is that of SVCB and HTTPS, or "."; an
//     alias has no parameters, and the mandatory ones are there.
//   - The data of TLSA, SSHFP and DS is hexadecimal, and as long as its type says
//     where that is one of the registered.
//   - The type of a [Raw] is a word, and none of the API's own; its value can be
//     read if this package knows the type, and is printable ASCII.
//   - The presentation form of a type beside the API's own has at most 4096 octets.
func Validate(d Data) error {
	d = Canonical(d)
	if d != nil && !d.Type().Known() {
		return validateFurther(d)
	}
	switch d := d.(type) {
	case nil:
		return problem("type", "there is no data")
	case A:
		if d.Addr.Is4In6() {
			return problem("value", "%s is an IPv4 address mapped into IPv6; for A write %s", d.Addr, d.Addr.Unmap().WithZone(""))
		}
		if !d.Addr.Is4() {
			return problem("value", "%s is not an IPv4 address", show(d.String()))
		}
	case AAAA:
		if !d.Addr.Is6() || d.Addr.Zone() != "" {
			return problem("value", "%s is not an IPv6 address without a zone", show(d.String()))
		}
	case CNAME:
		return validateTarget(d.Target, rules[TypeCNAME].target)
	case NS:
		return validateTarget(d.Host, rules[TypeNS].target)
	case MX:
		return validateTarget(d.Host, rules[TypeMX].target)
	case SRV:
		return validateTarget(d.Target, rules[TypeSRV].target)
	case CAA:
		if !isWord(d.Tag, "") || len(d.Tag) > 255 {
			return problem("value", "the tag %s is not a word of letters and digits, at most 255", show(d.Tag))
		}
	case TXT:
		if len(d.Text) > maxText {
			return problem("value", "the text has %d octets, at most %d are possible", len(d.Text), maxText)
		}
	case Raw:
		return problem("type", "%s has a Go type of its own", d.RRType)
	}
	return nil
}

// validateFurther is [Validate] for the types beside those of the API, whose
// data is in canonical form.
func validateFurther(d Data) error {
	if n := len(d.String()); n > maxText {
		return problem("value", "it has %d octets, at most %d are possible", n, maxText)
	}
	switch d := d.(type) {
	case PTR:
		return validateTarget(d.Target, rules[TypePTR].target)
	case SVCB:
		return validateSVCB(d)
	case HTTPS:
		return validateSVCB(SVCB(d))
	case TLSA:
		return validateHex("certificate data", d.Data, rules[TypeTLSA].sizes, d.MatchingType)
	case SSHFP:
		return validateHex("fingerprint", d.Fingerprint, rules[TypeSSHFP].sizes, d.FingerprintType)
	case DS:
		return validateHex("digest", d.Digest, rules[TypeDS].sizes, d.DigestType)
	case Raw:
		switch {
		case rules[d.RRType].read != nil:
			_, err := readValue(d.RRType, d.Value)
			return err
		case !isType(string(d.RRType)):
			return problem("type", "%s is not a record type", show(string(d.RRType)))
		case d.Value == "":
			return problem("value", "it is empty")
		case strings.ContainsFunc(d.Value, func(r rune) bool { return r < ' ' || r > '~' }):
			return problem("value", "it is not printable ASCII, as a presentation form is")
		}
	}
	return nil
}

// validateHex holds a digest against the number of octets that one of its kind
// has; a kind that sizes does not list has any.
func validateHex(what, digits string, sizes []int, kind uint8) error {
	if err := checkHex(what, digits); err != nil {
		return err
	}
	if int(kind) < len(sizes) && sizes[kind] > 0 && len(digits) != 2*sizes[kind] {
		return problem("value", "the %s has %d octets, one of type %d has %d", what, len(digits)/2, kind, sizes[kind])
	}
	return nil
}

func validateTarget(name string, may target) error {
	if name == "." {
		if may.none {
			return nil
		}
		return problem("value", `"." is not a host name here`)
	}
	if may.any {
		_, err := parseTarget(name)
		return err
	}
	name, err := ParseHost(name)
	if err != nil {
		return err
	}
	for label := range strings.SplitSeq(name, ".") {
		for _, c := range []byte(label) {
			if !isLDH(c) && strings.IndexByte(may.more, c) < 0 {
				return problem("value", "the label %s holds %q, which no host name here does", show(label), rune(c))
			}
		}
		if may.host && strings.Trim(label, "-") != label {
			return problem("value", "the label %s begins or ends with a hyphen", show(label))
		}
	}
	return nil
}

// Canonical is data in its canonical spelling, and what a pointer points to: of
// data that is [Equal] it returns values that are equal with ==, so it serves as
// the key of a map. It is nil for no data. What cannot be read stays as it is. Of a
// [Raw] whose type has a Go type of its own comes that.
func Canonical(d Data) Data {
	switch d := value(d).(type) {
	case CNAME:
		return CNAME{Target: canonicalHost(d.Target)}
	case NS:
		return NS{Host: canonicalHost(d.Host)}
	case MX:
		d.Host = canonicalHost(d.Host)
		return d
	case SRV:
		d.Target = canonicalHost(d.Target)
		return d
	case CAA:
		d.Tag = lower(d.Tag)
		return d
	case PTR:
		return PTR{Target: canonicalTarget(d.Target)}
	case SVCB:
		return canonicalSVCB(d)
	case HTTPS:
		return HTTPS(canonicalSVCB(SVCB(d)))
	case TLSA:
		d.Data = canonicalHex(d.Data)
		return d
	case SSHFP:
		d.Fingerprint = canonicalHex(d.Fingerprint)
		return d
	case DS:
		d.Digest = canonicalHex(d.Digest)
		return d
	case Raw:
		return d.canonical()
	default:
		return d
	}
}

// value follows a pointer: the methods of the types are those of pointers to
// them too, so a *MX can come as Data, and even a nil one.
func value(d Data) Data {
	switch d := d.(type) {
	case A, AAAA, CNAME, NS, MX, SRV, CAA, TXT, PTR, SVCB, HTTPS, TLSA, SSHFP, DS, Raw:
		return d
	case *A:
		return pointee(d)
	case *AAAA:
		return pointee(d)
	case *CNAME:
		return pointee(d)
	case *NS:
		return pointee(d)
	case *MX:
		return pointee(d)
	case *SRV:
		return pointee(d)
	case *CAA:
		return pointee(d)
	case *TXT:
		return pointee(d)
	case *PTR:
		return pointee(d)
	case *SVCB:
		return pointee(d)
	case *HTTPS:
		return pointee(d)
	case *TLSA:
		return pointee(d)
	case *SSHFP:
		return pointee(d)
	case *DS:
		return pointee(d)
	case *Raw:
		return pointee(d)
	default:
		return nil
	}
}

func pointee[T Data](p *T) Data {
	if p == nil {
		return nil
	}
	return *p
}

// isType reports whether s can be the name of a record type.
func isType(s string) bool { return isWord(s, "-") && !isDigit(s[0]) }

// isWord reports whether s consists of ASCII letters, digits and the
// characters of extra, and is not empty.
func isWord(s, extra string) bool {
	for i := range len(s) {
		c := lower(s[i : i+1])[0]
		if !('a' <= c && c <= 'z' || isDigit(c) || strings.IndexByte(extra, c) >= 0) {
			return false
		}
	}
	return s != ""
}
