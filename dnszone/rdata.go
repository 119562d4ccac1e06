package dnszone

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// source gives the parts of a record's data one after the other. It is read from
// the words of a presentation form or from the octets of the wire form. After its
// first error, which it keeps, it gives nothing.
type source interface {
	number(what string, bits int) uint64
	algorithm() uint8             // of a DNSSEC key, which has a name too
	host() string                 // a host name in canonical form
	text(what string) string      // a character-string
	remainder(what string) string // a text that takes all that is left
	hex(what string) string       // octets that take all that is left, in lower-case hexadecimal
	params() []param
	place() place
	fail(err error)
	end() error // the error, or what is left over
}

func readSVCB(s source) SVCB {
	return SVCB{uint16(s.number("priority", 16)), s.host(), joinParams(s.params())}
}

func readNAPTR(s source) Data {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d ", s.number("order", 16), s.number("preference", 16))
	for _, what := range []string{"flags", "services", "regular expression"} {
		quote(&b, s.text(what))
		b.WriteByte(' ')
	}
	return Raw{RRType: TypeNAPTR, Value: b.String() + absolute(s.host())}
}

func readURI(s source) Data {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d ", s.number("priority", 16), s.number("weight", 16))
	uri := s.remainder("URI")
	if uri == "" {
		s.fail(problem("value", "the URI is empty"))
	}
	quote(&b, uri)
	return Raw{RRType: TypeURI, Value: b.String()}
}

func octet(s source, what string) uint8 { return uint8(s.number(what, 8)) }

// someHost is a host that is not the root.
func someHost(s source) string {
	host := s.host()
	if host == "." {
		s.fail(validateTarget(host, target{}))
	}
	return host
}

func wireCAA(o *octets) Data {
	d := CAA{Flags: octet(o, "flags"), Tag: lower(o.text("tag")), Value: o.remainder("value")}
	if !isWord(d.Tag, "-_.") {
		o.fail(problem("value", "the tag %s is not a word like issue", show(d.Tag)))
	}
	return d
}

func wireTXT(o *octets) Data {
	text := o.text("text")
	for o.err == nil && len(o.rest) > 0 {
		text += o.text("text")
	}
	return TXT{text}
}

// readValue reads a value of the API whose type is beside those of the API.
func readValue(rrtype Type, value string) (Data, error) {
	w, err := splitValue(value)
	if err != nil {
		return nil, err
	}
	return read(rrtype, w)
}

// read reads the data of such a type.
func read(rrtype Type, w []word) (Data, error) {
	if isGeneric(w) {
		return readGeneric(rrtype, w)
	}
	s := &words{rest: w}
	d := rules[rrtype].read(s)
	return orError(d, s.end())
}

// isGeneric recognises the form of RFC 3597, which any type can be written in.
func isGeneric(w []word) bool { return len(w) > 0 && w[0].text == `\#` && !w[0].quoted }

// readGeneric reads \#, the number of octets, and these in hexadecimal.
func readGeneric(rrtype Type, w []word) (Data, error) {
	s := &words{rest: w[1:]}
	size, digits := s.number("number of octets", 16), ""
	if size > 0 {
		digits = s.hex("data")
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	if uint64(len(digits)) != 2*size {
		return nil, problem("value", "the data has %d octets, and %d are announced", len(digits)/2, size)
	}
	data, _ := hex.DecodeString(digits) // a source gives nothing else
	o := &octets{rest: string(data)}
	rule, d := rules[rrtype], Data(nil)
	if rule.wire != nil {
		d = rule.wire(o)
	} else {
		d = rule.read(o)
	}
	return orError(d, o.end())
}

// failure keeps the first error.
type failure struct{ err error }

func (f *failure) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// words is the source of a presentation form.
type words struct {
	rest []word
	failure
}

func (s *words) next(what string) (w word) {
	switch {
	case s.err != nil:
	case len(s.rest) == 0:
		s.fail(problem("value", "the %s is missing", what))
	default:
		w, s.rest = s.rest[0], s.rest[1:]
	}
	return w
}

func (s *words) number(what string, bits int) uint64 {
	w := s.next(what)
	n, err := strconv.ParseUint(w.text, 10, bits)
	if err != nil || w.quoted {
		s.fail(problem("value", "the %s %s is not a number of 0 to %d", what, show(w.text), 1<<bits-1))
	}
	return n
}

// algorithms are the mnemonics of RFC 4034, appendix A.1, and what followed it.
var algorithms = map[string]uint8{"RSAMD5": 1, "DH": 2, "DSA": 3, "RSASHA1": 5, "DSA-NSEC3-SHA1": 6, "RSASHA1-NSEC3-SHA1": 7,
	"RSASHA256": 8, "RSASHA512": 10, "ECC-GOST": 12, "ECDSAP256SHA256": 13, "ECDSAP384SHA384": 14, "ED25519": 15, "ED448": 16,
	"INDIRECT": 252, "PRIVATEDNS": 253, "PRIVATEOID": 254}

func (s *words) algorithm() uint8 {
	if len(s.rest) > 0 {
		if n, ok := algorithms[upper(s.rest[0].text)]; ok {
			s.next("algorithm")
			return n
		}
	}
	return octet(s, "algorithm")
}

func (s *words) host() string {
	w := s.next("host name")
	if s.err != nil {
		return ""
	}
	if w.quoted {
		s.fail(problem("value", "a host name has no quotes around it"))
	}
	host, err := parseTarget(w.text)
	s.fail(err)
	return host
}

func (s *words) text(what string) string {
	text := s.remainder(what)
	if len(text) > maxChunk {
		s.fail(problem("value", "the %s has %d octets, at most %d are possible", what, len(text), maxChunk))
	}
	return text
}

func (s *words) remainder(what string) string {
	text, err := s.next(what).octets()
	s.fail(err)
	return text
}

func (s *words) hex(what string) string {
	var b strings.Builder
	for b.WriteString(s.next(what).text); s.err == nil && len(s.rest) > 0; {
		b.WriteString(s.next(what).text)
	}
	digits := lower(b.String())
	s.fail(checkHex(what, digits))
	return digits
}

// checkHex holds digits against what octets are written in.
func checkHex(what, digits string) error {
	if _, err := hex.DecodeString(digits); err != nil || digits == "" {
		return problem("value", "the %s %s is not octets in hexadecimal", what, show(digits))
	}
	return nil
}

func (s *words) end() error {
	if len(s.rest) > 0 {
		s.fail(problem("value", "%s follows, where nothing should", show(s.rest[0].text)))
	}
	return s.err
}

// octets is the source of a wire form.
type octets struct {
	rest string
	failure
}

// take cuts n octets off.
func (o *octets) take(what string, n int) (taken string) {
	if n > len(o.rest) {
		o.fail(problem("value", "the data ends before the end of its %s", what))
	}
	if o.err == nil {
		taken, o.rest = o.rest[:n], o.rest[n:]
	}
	return taken
}

func (o *octets) number(what string, bits int) (n uint64) {
	for _, c := range []byte(o.take(what, bits/8)) {
		n = n<<8 | uint64(c)
	}
	return n
}

func (o *octets) algorithm() uint8 { return octet(o, "algorithm") }

func (o *octets) host() string { return o.hostBy(parseTarget) }

// plainHost is a host for the types of the API.
func (o *octets) plainHost() string { return o.hostBy(ParseHost) }

func (o *octets) hostBy(parse func(string) (string, error)) string {
	var b strings.Builder
	for {
		size := o.number("host name", 8)
		if size > maxLabel {
			o.fail(problem("value", "a label of the host name has %d octets, at most %d are possible", size, maxLabel))
		}
		label := o.take("host name", int(size))
		if o.err != nil {
			return ""
		}
		if label == "" {
			break
		}
		writeLabel(&b, label)
		b.WriteByte('.')
	}
	if b.Len() == 0 {
		return "."
	}
	host, err := parse(b.String())
	o.fail(err)
	return host
}

func (o *octets) text(what string) string { return o.take(what, int(o.number(what, 8))) }

func (o *octets) remainder(what string) string { return o.take(what, len(o.rest)) }

func (o *octets) hex(what string) string {
	digits := hex.EncodeToString([]byte(o.remainder(what)))
	o.fail(checkHex(what, digits))
	return digits
}

func (o *octets) addr(size int) netip.Addr {
	addr, _ := netip.AddrFromSlice([]byte(o.take("address", size)))
	return addr
}

func (o *octets) end() error {
	if len(o.rest) > 0 {
		o.fail(problem("value", "the data has %d octets too many", len(o.rest)))
	}
	return o.err
}

// parseTarget is [ParseHost] for the types beside those of the API: their
// hosts may be any names, as those of services are in "My\032Printer._ipp._tcp".
// What no other host name holds stands in an escape, in the input as in the result.
func parseTarget(s string) (string, error) {
	host, err := ParseHost(s)
	if err == nil || !strings.Contains(s, `\`) {
		return host, err
	}
	var name, label strings.Builder
	size := 1 // of the wire form
	flush := func() error {
		if label.Len() == 0 || label.Len() > maxLabel {
			return problem("value", "a label of %s has %d octets, possible are 1 to %d", show(s), label.Len(), maxLabel)
		}
		if size += label.Len() + 1; size > maxName+2 {
			return problem("value", "%s is longer than a name can be", show(s))
		}
		if name.Len() > 0 {
			name.WriteByte('.')
		}
		writeLabel(&name, label.String())
		label.Reset()
		return nil
	}
	for i := 0; i < len(s); {
		c, n := s[i], 1
		if c == '.' {
			if err := flush(); err != nil {
				return "", err
			}
			i++
			continue
		}
		if c == '\\' {
			if c, n, err = unescape("value", s[i:]); err != nil {
				return "", err
			}
		}
		label.WriteByte(c)
		i += n
	}
	if label.Len() > 0 {
		err = flush()
	} else {
		err = nil // a final dot
	}
	return name.String(), err
}

// canonicalTarget is parseTarget for values that nobody checked.
func canonicalTarget(s string) string {
	if host, err := parseTarget(s); err == nil {
		return host
	}
	return s
}

// canonicalHex drops the space that may stand between digits.
func canonicalHex(digits string) string { return lower(strings.Join(strings.Fields(digits), "")) }

// writeLabel writes a label in lower case, and in escapes what no host name holds.
func writeLabel(b *strings.Builder, label string) {
	for _, c := range []byte(lower(label)) {
		if isLDH(c) || c == '_' || nameChars(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(b, `\%03d`, c)
		}
	}
}
