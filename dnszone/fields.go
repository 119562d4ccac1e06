package dnszone

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Fields is the data of a record as the API has it: a type, a value, and the
// numbers that MX (priority) and SRV (all three) have beside it.
type Fields struct {
	Type                   Type
	Value                  string
	Priority, Weight, Port *uint16
}

// Parse reads the presentation form of a record's data, as in the RDATA of a
// zone file (RFC 1035, section 5.1): parentheses, comments, quotes and the escapes
// \DDD and \X may be in it, and any type can be written as \# with the number of
// octets and the octets in hexadecimal (RFC 3597). It is the inverse of String. A
// host without a final dot is absolute all the same, for there is no origin to
// complete it with. The type may have any case; of an unknown one comes a [Raw]
// with the value as it is.
func Parse(rrtype Type, presentation string) (Data, error) {
	t := rrtype.upper()
	generic := strings.Contains(presentation, `\#`) // perhaps
	if rules[t].read == nil && (!t.Known() || t != TypeTXT && t != TypeCAA && !generic && !strings.ContainsAny(presentation, `();"`)) {
		return FromFields(Fields{Type: t, Value: presentation})
	}
	if t == TypeTXT && !generic {
		text, err := UnquoteTXT(presentation)
		return orError(TXT{Text: text}, err)
	}
	words, err := splitWords(presentation)
	switch {
	case err != nil:
		return nil, err
	case rules[t].read != nil:
		return read(t, words)
	case isGeneric(words):
		return readGeneric(t, words)
	case t == TypeTXT:
		text, err := joinText(words)
		return orError(TXT{Text: text}, err)
	case t == TypeCAA:
		return readCAA(words)
	}
	return FromFields(Fields{Type: t, Value: spaced(words)})
}

// spaced has the words with one space between. A quoted one keeps its quotes,
// which no number, address or host name has.
func spaced(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		if w.quoted {
			b.WriteString(`"` + w.text + `"`)
		} else {
			b.WriteString(w.text)
		}
	}
	return b.String()
}

// FromFields reads the API form of a record's data, in any spelling of one
// clear meaning:
//
//   - the type, and the hosts, in any case, hosts with or without final dot;
//   - the numbers of MX and SRV beside the value or in front of it, as in
//     "10 mail.example.com", or both if they agree;
//   - the value of a CAA record quoted or not; without quotes it is one word, or
//     a word with parameters behind it, as in "0 issue ca.example; policy=ev";
//   - a TXT value that begins and ends with a quote is presentation form, any
//     other is the logical text and taken as it is;
//   - of the types beside the API's own, the presentation form as [Parse] reads
//     it, or its last words behind the numbers beside it.
//
// A value has no comments. Where a zone file would have one, behind a ";" outside
// of quotes, more than a comment would be lost: it is refused, but for the ";" of
// a CAA value without quotes.
//
// Numbers that a type has no use for are ignored, since some brands send a
// priority with every record; an unknown type keeps them. FromFields does not
// hold the data against the limits of the API, [Validate] does.
func FromFields(f Fields) (Data, error) {
	switch t := f.Type.upper(); t {
	case "":
		return nil, problem("type", "it is missing")
	case TypeA, TypeAAAA:
		return parseAddress(t, strings.TrimSpace(f.Value))
	case TypeCNAME:
		target, err := ParseHost(strings.TrimSpace(f.Value))
		return orError(CNAME{Target: target}, err)
	case TypeNS:
		host, err := ParseHost(strings.TrimSpace(f.Value))
		return orError(NS{Host: host}, err)
	case TypeMX:
		var d MX
		host, err := numbered(f.Value, number{"priority", f.Priority, &d.Preference})
		d.Host = host
		return orError(d, err)
	case TypeSRV:
		var d SRV
		target, err := numbered(f.Value, number{"priority", f.Priority, &d.Priority},
			number{"weight", f.Weight, &d.Weight}, number{"port", f.Port, &d.Port})
		d.Target = target
		return orError(d, err)
	case TypeCAA:
		return parseCAA(f.Value)
	case TypeTXT:
		if isQuoted(f.Value) {
			text, rest, err := quotedStrings(f.Value)
			if err == nil && rest != "" {
				err = errOutside
			}
			return orError(TXT{Text: text}, err)
		}
		return TXT{Text: f.Value}, nil
	default:
		if rules[t].read != nil {
			return fromWords(t, f)
		}
		d := Raw{RRType: t, Value: f.Value}
		for i, n := range []*uint16{f.Priority, f.Weight, f.Port} {
			if n != nil {
				d.numbers[i] = optional{*n, true}
			}
		}
		return d, nil
	}
}

// fromWords reads the types beside those of the API. Their value is all of
// the presentation form; some send its first numbers beside it.
func fromWords(rrtype Type, f Fields) (Data, error) {
	d, err := readValue(rrtype, f.Value)
	if err == nil {
		return d, nil
	}
	value := ""
	for _, n := range []*uint16{f.Priority, f.Weight, f.Port} {
		if n != nil {
			value += strconv.Itoa(int(*n)) + " "
		}
	}
	if d, again := readValue(rrtype, value+f.Value); again == nil {
		return d, nil
	}
	return nil, err
}

// ToFields is the API form of a record's data in its canonical spelling, the
// one that is sent and that the API answers: IPv6 as RFC 5952, hosts absolute,
// lower case and without final dot, CAA with its value quoted, TXT as the
// logical text. The one exception is a text that cannot be sent as such,
// because it begins and ends with a quote or is not UTF-8: it goes in
// presentation form. For what [Validate] accepts, [FromFields] is the inverse.
// No data gives no fields.
func ToFields(d Data) Fields {
	switch d := Canonical(d).(type) {
	case nil:
		return Fields{}
	case CNAME:
		return Fields{Type: TypeCNAME, Value: d.Target}
	case NS:
		return Fields{Type: TypeNS, Value: d.Host}
	case MX:
		return Fields{Type: TypeMX, Value: d.Host, Priority: &d.Preference}
	case SRV:
		return Fields{Type: TypeSRV, Value: d.Target, Priority: &d.Priority, Weight: &d.Weight, Port: &d.Port}
	case TXT:
		if isQuoted(d.Text) || !utf8.ValidString(d.Text) {
			return Fields{Type: TypeTXT, Value: d.String()}
		}
		return Fields{Type: TypeTXT, Value: d.Text}
	case Raw:
		f := Fields{Type: d.RRType, Value: d.Value}
		for i, to := range []**uint16{&f.Priority, &f.Weight, &f.Port} {
			if d.numbers[i].present {
				*to = &d.numbers[i].value
			}
		}
		return f
	default:
		return Fields{Type: d.Type(), Value: d.String()}
	}
}

func orError(d Data, err error) (Data, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

func parseAddress(rrtype Type, s string) (Data, error) {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return nil, problem("value", "%s is not an IP address", show(s))
	}
	var d Data = A{Addr: addr}
	if rrtype == TypeAAAA {
		d = AAAA{Addr: addr}
	}
	return orError(d, Validate(d))
}

// number is one number of a record: its field, what the API sent beside the
// value, and where it goes.
type number struct {
	field string
	given *uint16
	to    *uint16
}

// numbered reads a value of numbers and a host. In front of the host stand
// either all numbers, or just those that are not given beside it.
func numbered(value string, numbers ...number) (host string, err error) {
	words := strings.Fields(value)
	if len(words) == 0 {
		return ParseHost("")
	}
	front, host := words[:len(words)-1], words[len(words)-1]
	var absent []number
	for _, n := range numbers {
		if n.given != nil {
			*n.to = *n.given
		} else {
			absent = append(absent, n)
		}
	}
	switch len(front) {
	case len(numbers):
		absent = numbers
	case len(absent):
	case 0:
		return "", problem(absent[0].field, "it is missing")
	default:
		return "", problem("value", "%s has %d words, not a host name and the numbers before it", show(value), len(words))
	}
	for i, word := range front {
		v, err := strconv.ParseUint(word, 10, 16)
		n := absent[i]
		switch {
		case err != nil:
			return "", problem(n.field, "%s is not a number of 0 to 65535", show(word))
		case n.given != nil && uint64(*n.given) != v:
			return "", problem(n.field, "it is %d, and %d in the value", *n.given, v)
		}
		*n.to = uint16(v)
	}
	return ParseHost(host)
}

// parseCAA reads the value of a CAA record as the API has it. It is presentation
// form, but no comment follows an unquoted value: a ";" belongs to it.
func parseCAA(s string) (Data, error) {
	flags, rest := cutWord(s)
	tag, rest := cutWord(rest)
	if rest == "" || strings.ContainsAny(s, `"()`) {
		words, err := splitValue(s)
		if err != nil {
			return nil, err
		}
		return readCAA(words)
	}
	issuer, _, _ := strings.Cut(rest, ";")
	if strings.ContainsAny(strings.TrimRight(issuer, whitespace), whitespace) {
		return nil, mustQuote(' ')
	}
	return readCAA([]word{{text: flags}, {text: tag}, {text: rest}})
}

// readCAA reads flags, tag and value. It lets tags pass that are no good but
// leave no doubt where they end; [Validate] is strict.
func readCAA(words []word) (Data, error) {
	var flags, tag, value word
	for i, to := range []*word{&flags, &tag, &value} {
		if i < len(words) {
			*to = words[i]
		}
	}
	number, err := strconv.ParseUint(flags.text, 10, 8)
	switch {
	case err != nil || flags.quoted:
		return nil, problem("value", "the flags %s are not a number of 0 to 255", show(flags.text))
	case tag.quoted || !isWord(tag.text, "-_."):
		return nil, problem("value", "the tag %s is not a word like issue", show(tag.text))
	case len(words) < 3:
		return nil, problem("value", `behind the tag no value follows; an empty one is written ""`)
	case len(words) > 3 && !value.quoted:
		return nil, mustQuote(' ')
	case len(words) > 3:
		return nil, problem("value", "text follows behind the quoted value")
	}
	text, err := value.octets()
	return orError(CAA{Flags: uint8(number), Tag: lower(tag.text), Value: text}, err)
}

// cutWord takes the first word off s, and the space around both parts.
func cutWord(s string) (word, rest string) {
	s = strings.Trim(s, whitespace)
	if i := strings.IndexAny(s, whitespace); i >= 0 {
		return s[:i], strings.Trim(s[i:], whitespace)
	}
	return s, ""
}
