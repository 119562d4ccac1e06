package dnszone

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CanonicalFields brings the API form of a record's data to its canonical
// spelling: it is [ToFields] of what [FromFields] reads, and fails where that
// does. Fields that are canonical already cost nothing, and a quoted TXT its text.
func CanonicalFields(f Fields) (Fields, error) {
	if quick, ok := canonicalFields(f); ok {
		return quick, nil
	}
	d, err := FromFields(f)
	if err != nil {
		return Fields{}, err
	}
	return ToFields(d), nil
}

// canonicalFields is CanonicalFields for the forms that zones are full of, such as
// those that are canonical already: false says nothing.
func canonicalFields(f Fields) (Fields, bool) {
	bare := Fields{Type: f.Type, Value: f.Value}
	switch f.Type {
	case TypeA:
		addr, err := netip.ParseAddr(f.Value) // dotted quads have one spelling
		return bare, err == nil && addr.Is4()
	case TypeAAAA:
		addr, err := netip.ParseAddr(f.Value)
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return bare, false
		}
		var buf [64]byte
		return bare, string(addr.AppendTo(buf[:0])) == f.Value
	case TypeCAA:
		return bare, isPlainCAA(f.Value)
	case TypeTXT:
		if isQuoted(f.Value) {
			text, err := UnquoteTXT(f.Value)
			bare.Value = text
			return bare, err == nil && !isQuoted(text) && utf8.ValidString(text)
		}
		return bare, utf8.ValidString(f.Value)
	case TypeCNAME, TypeNS:
		return bare, isPlain(f.Value, true)
	case TypeMX:
		bare.Priority = f.Priority
		return bare, f.Priority != nil && isPlain(f.Value, true)
	case TypeSRV:
		return f, f.Priority != nil && f.Weight != nil && f.Port != nil && isPlain(f.Value, true)
	}
	return bare, false
}

// isPlainCAA recognises flags, a lower-case tag and a quoted value without
// escapes, a space between each.
func isPlainCAA(value string) bool {
	flags, rest, _ := strings.Cut(value, " ")
	tag, text, _ := strings.Cut(rest, " ")
	if _, err := strconv.ParseUint(flags, 10, 8); err != nil || len(flags) > 1 && flags[0] == '0' {
		return false
	}
	if !isWord(tag, "-_.") || lower(tag) != tag || len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return false
	}
	for i := 1; i < len(text)-1; i++ {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// isPlain recognises a name that is in canonical form beyond doubt: lower-case
// labels of letters, digits, hyphens and underscores, none too long, no final
// dot, and as a host nothing that could be an address.
func isPlain(name string, host bool) bool {
	start, letters := 0, false
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z' || c == '-' || c == '_':
			letters = true
		case '0' <= c && c <= '9':
		case c == '.' && i > start && i-start <= maxLabel:
			start, letters = i+1, false
		default:
			return false
		}
	}
	last := len(name) - start
	return last > 0 && last <= maxLabel && len(name) <= maxName && (letters || !host)
}

// isPlainDomain is isPlain for the name of a domain.
func isPlainDomain(domain string) bool {
	dots := 0
	for i := range len(domain) {
		if c := domain[i]; c == '.' {
			dots++
		} else if c == '-' && (i == 0 || i == len(domain)-1 || domain[i-1] == '.' || domain[i+1] == '.') {
			return false
		}
	}
	return dots > 0 && isPlain(domain, true)
}

// IsCanonicalName recognises a name that is canonical already and relative to the
// zone, which [ParseDomain] returned: [ParseName] would leave it as it is. It is
// quick, and false says nothing.
func IsCanonicalName(name, zone string) bool {
	return name == "@" || isPlainName(name, zone)
}

// isPlainName is isPlain for the name of a record relative to a plain domain. A
// name that ends with the zone needs a closer look.
func isPlainName(name, zone string) bool {
	labels := name
	if len(name) > 2 && name[:2] == "*." {
		labels = name[2:]
	}
	if outside := len(name) - len(zone); outside >= 0 && name[outside:] == zone {
		return false
	}
	return isPlain(labels, false) && len(name)+1+len(zone) <= maxName
}
