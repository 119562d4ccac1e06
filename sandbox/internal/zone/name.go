package zone

import (
	"net/netip"
	"strings"
)

const maxHostName = 253

// canonicalName checks a record's name, which is relative to the zone, and
// brings it into lower case.
func canonicalName(name, zone string) (canonical, problem string) {
	switch {
	case name == "":
		return "", "must not be empty: the apex is @"
	case name == "@":
		return name, ""
	case strings.HasSuffix(name, "."):
		return "", "is relative to the zone and has no final dot"
	case len(name)+1+len(zone) > maxHostName:
		return "", "is too long"
	}
	for i, label := range strings.Split(name, ".") {
		switch {
		case label == "*" && i == 0:
		case strings.Contains(label, "*"):
			return "", "may have * only as its left-most label"
		case !isLabel(label, "-_/"):
			return "", "must consist of labels of 1 to 63 letters, digits, hyphens, underscores and slashes"
		}
	}
	return strings.ToLower(name), ""
}

// canonicalAlias checks what a CNAME points at: any name that a record can have.
func canonicalAlias(value string) (canonical, problem string) {
	return canonicalTarget(value, "-_/")
}

// canonicalTarget checks a name in full, whose labels hold letters, digits and
// the characters of more.
func canonicalTarget(value, more string) (canonical, problem string) {
	const wrong = "must be a host name"
	name := strings.ToLower(strings.TrimSuffix(value, "."))
	if name == "" || len(name) > maxHostName || isAddress(name) {
		return "", wrong
	}
	for label := range strings.SplitSeq(name, ".") {
		if !isLabel(label, more) {
			return "", wrong
		}
	}
	return name, ""
}

// CanonicalHost checks the name of a host, letters, digits and inner hyphens, and
// returns it in lower case without the final dot, or says what is wrong with it.
func CanonicalHost(value string) (canonical, problem string) {
	name, problem := canonicalTarget(value, "-")
	if problem != "" {
		return "", "must be a host name: labels of letters, digits and inner hyphens"
	}
	for label := range strings.SplitSeq(name, ".") {
		if strings.Trim(label, "-") != label {
			return "", "must be a host name: labels of letters, digits and inner hyphens"
		}
	}
	return name, ""
}

// orNone lets a single dot pass, which says for MX and SRV that there is no such
// service (RFC 7505, RFC 2782).
func orNone(value string, otherwise func(string) (canonical, problem string)) (canonical, problem string) {
	if value == "." {
		return value, ""
	}
	return otherwise(value)
}

// isLabel reports 1 to 63 letters, digits and characters of more.
func isLabel(label, more string) bool {
	if len(label) < 1 || len(label) > 63 {
		return false
	}
	for i := range len(label) {
		c := label[i] | 0x20 // lower case; what else it maps is no letter
		if !(c >= 'a' && c <= 'z') && !(label[i] >= '0' && label[i] <= '9') && strings.IndexByte(more, label[i]) < 0 {
			return false
		}
	}
	return true
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}
