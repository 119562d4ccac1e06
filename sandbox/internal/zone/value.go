package zone

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// canonicalValue checks a value and returns it as the API shows it, or says
// what is wrong with it. A value of a further type stays as it is.
func canonicalValue(recordType, value string) (canonical, problem string) {
	if value == "" && recordType != "TXT" {
		return "", "must not be empty"
	}
	switch recordType {
	case "A":
		if addr, err := netip.ParseAddr(value); err == nil && addr.Is4() {
			return addr.String(), ""
		}
		return "", "must be an IPv4 address"
	case "AAAA":
		if addr, err := netip.ParseAddr(value); err == nil && addr.Is6() && addr.Zone() == "" {
			return addr.String(), "" // the form of RFC 5952
		}
		return "", "must be an IPv6 address"
	case "CNAME":
		return canonicalAlias(value)
	case "MX":
		return orNone(value, CanonicalHost)
	case "SRV":
		return orNone(value, func(value string) (string, string) { return canonicalTarget(value, "-_") })
	case "NS":
		return CanonicalHost(value)
	case "TXT":
		return canonicalText(value)
	case "CAA":
		return canonicalCAA(value)
	}
	return value, presentationProblem(value)
}

// presentationProblem says what is wrong with the value of a type whose
// presentation form this package does not know, or "".
func presentationProblem(value string) string {
	if len(value) > maxText {
		return "must be at most 4096 octets"
	}
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return "must be printable ASCII: the presentation form of the type"
		}
	}
	return ""
}

const maxText = 4096

// canonicalText takes a text as it is, or in presentation form where it both begins
// and ends with a quote, and shows it so where it has to be: see [shownText].
func canonicalText(value string) (canonical, problem string) {
	text := value
	if isQuoted(value) {
		var ok bool
		if text, ok = characterStrings(value); !ok {
			return "", `must be quoted strings where it begins and ends with ", with \", \\ and \DDD inside`
		}
	}
	if len(text) > maxText {
		return "", "must be at most 4096 octets"
	}
	return shownText(text), ""
}

func isQuoted(value string) bool {
	return strings.HasPrefix(value, `"`) && strings.HasSuffix(value, `"`)
}

// shownText is the text as the API answers it: as it is, or in presentation form,
// a string for each 255 octets, where it would be read as that or is not UTF-8.
func shownText(text string) string {
	if !isQuoted(text) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for chunk := range slices.Chunk([]byte(text), 255) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(string(chunk)))
	}
	return b.String()
}

// characterStrings reads quoted strings with white space between them, and joins
// them.
func characterStrings(value string) (text string, ok bool) {
	for value != "" {
		one, rest, ok := characterString(value)
		if !ok || value[0] != '"' {
			return "", false
		}
		text += one
		value = strings.TrimLeft(rest, " \t")
	}
	return text, true
}

// canonicalCAA takes the presentation form: flags, tag and value, the last with
// quotes or without.
func canonicalCAA(value string) (canonical, problem string) {
	const wrong = `must be of the form 0 issue "ca.example"`
	flags, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	tag, rest, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	number, err := strconv.ParseUint(flags, 10, 8)
	if err != nil || flags[0] == '+' || !isTag(tag) {
		return "", wrong
	}
	text, rest, ok := characterString(strings.TrimLeft(rest, " "))
	if !ok || strings.TrimLeft(rest, " ") != "" {
		return "", wrong
	}
	return strconv.FormatUint(number, 10) + " " + strings.ToLower(tag) + " " + quote(text), ""
}

// isTag reports 1 to 255 letters and digits (RFC 8659).
func isTag(tag string) bool {
	return len(tag) >= 1 && len(tag) <= 255 && strings.Trim(strings.ToLower(tag), "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// characterString reads the character-string of a zone file that text begins with,
// a word or a text in quotes, in which \DDD is an octet and a backslash takes any
// other character as it is. What is not ASCII stands for itself.
func characterString(text string) (plain, rest string, ok bool) {
	quoted := strings.HasPrefix(text, `"`)
	if quoted {
		text = text[1:]
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && quoted:
			return b.String(), text[i+1:], true
		case c == ' ' && !quoted:
			return b.String(), text[i:], b.Len() > 0
		case c == '\\':
			octet, n := unescape(text[i+1:])
			if n == 0 {
				return "", "", false
			}
			b.WriteByte(octet)
			i += n
		case c < ' ', c == 0x7f, c == '"':
			return "", "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", !quoted && b.Len() > 0
}

// unescape reads what follows a backslash, and its length: 0 if it is none.
func unescape(text string) (octet byte, n int) {
	switch {
	case text == "":
		return 0, 0
	case text[0] < '0' || text[0] > '9':
		return text[0], 1
	case len(text) < 3:
		return 0, 0
	}
	value, err := strconv.ParseUint(text[:3], 10, 8)
	if err != nil {
		return 0, 0
	}
	return byte(value), 3
}

// quote writes a character-string in quotes.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"', c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ', c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
