package sandbox

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// recordTypes are the contract's, in its order.
var recordTypes = []string{"A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA"}

const (
	ttlProblem    = "must be from 60 to 604800"
	numberProblem = "must be from 0 to 65535"
)

func validTTL(ttl int) bool { return ttl >= 60 && ttl <= 604800 }

func valid16(n int) bool { return n >= 0 && n <= 65535 }

// recordNumbers are the members that only some types have.
var recordNumbers = []recordNumber{
	{"priority", func(r *Record) **int { return &r.Priority }, []string{"MX", "SRV"}},
	{"weight", func(r *Record) **int { return &r.Weight }, []string{"SRV"}},
	{"port", func(r *Record) **int { return &r.Port }, []string{"SRV"}},
}

type recordNumber struct {
	name  string
	of    func(*Record) **int
	types []string
}

func (n recordNumber) needed(recordType string) bool { return oneOf(n.types)(recordType) }

// canonicalValue checks a value and returns it as the API shows it, or says
// what is wrong with it.
func canonicalValue(recordType, value string) (canonical, problem string) {
	if value == "" {
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
		return canonicalTarget(value)
	case "MX", "SRV":
		return canonicalHostOrNone(value)
	case "NS":
		return canonicalHost(value)
	case "TXT":
		return canonicalText(value)
	case "CAA":
		return canonicalCAA(value)
	}
	return "", "has no form for this type"
}

// canonicalText takes the logical text. One in quotes would be the presentation
// form, or could not be told from it.
func canonicalText(value string) (canonical, problem string) {
	switch {
	case strings.HasPrefix(value, `"`) && strings.HasSuffix(value, `"`):
		return "", `must be the logical text: it may not both begin and end with "`
	case len(value) > 4096:
		return "", "must be at most 4096 octets"
	case !utf8.ValidString(value):
		return "", "must be UTF-8"
	}
	return value, ""
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
	text, ok := characterString(strings.TrimLeft(rest, " "))
	if !ok {
		return "", wrong
	}
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	return strconv.FormatUint(number, 10) + " " + strings.ToLower(tag) + ` "` + escaped + `"`, ""
}

func isTag(tag string) bool {
	return isLabel(tag) && !strings.ContainsAny(tag, "-_")
}

// characterString reads one character-string of a zone file, in printable
// ASCII: a word, or text in quotes, where a backslash takes the next character
// as it is.
func characterString(text string) (plain string, ok bool) {
	quoted := strings.HasPrefix(text, `"`)
	if quoted {
		if len(text) < 2 || !strings.HasSuffix(text, `"`) {
			return "", false
		}
		text = text[1 : len(text)-1]
	} else if text == "" {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c < ' ' || c > '~', c == '"', c == ' ' && !quoted:
			return "", false
		case c == '\\':
			i++
			if i == len(text) || text[i] < ' ' || text[i] > '~' {
				return "", false
			}
			c = text[i]
		}
		b.WriteByte(c)
	}
	return b.String(), true
}
