package dnszone

import (
	"net/netip"
	"slices"
	"strings"
)

// ParseDomain brings the name of a domain to the form that the API uses:
// lower-case A-labels without a final dot. The input may be Unicode or
// A-labels, of any case, with or without one final dot. It has at least two
// labels of letters, digits, hyphens and underscores, each of 1 to 63 octets
// without a hyphen at either end, and at most 253 octets in all.
//
// Unicode follows IDNA2008: "fußball.example" keeps its ß, and a capital ẞ becomes
// one. Punctuation and signs that IDNA2008 disallows, as a dash or a curly quote,
// are refused; other symbols stay, because registries sell emoji. A-labels are not
// decoded: what they stand for is the caller's choice.
func ParseDomain(s string) (string, error) {
	if isPlainDomain(s) {
		return s, nil
	}
	return parseDomain(s)
}

// parseDomain is ParseDomain for any spelling.
func parseDomain(s string) (string, error) {
	const field = "domain"
	switch {
	case s == "" || s == ".":
		return "", problem(field, "the name is empty")
	case strings.ContainsRune(s, '\\'):
		return "", problem(field, "%s holds a backslash", show(s))
	case isAddress(s):
		return "", problem(field, "%s is an IP address", show(s))
	}
	labels, _, err := splitLabels(field, s)
	if err != nil {
		return "", err
	}
	if err := aLabels(field, labels, domainChars); err != nil {
		return "", err
	}
	for _, label := range labels {
		if label[0] == '-' || label[len(label)-1] == '-' {
			return "", problem(field, "the label %s begins or ends with a hyphen", show(label))
		}
	}
	domain := strings.Join(labels, ".")
	if len(labels) < 2 {
		return "", problem(field, "%s has one label, a domain has at least two", show(domain))
	}
	return checkLength(field, domain)
}

// DomainUnicode is a domain, a host or a record name as people read it:
// A-labels are decoded, anything else is left as it is. It is for showing;
// compare and send the A-labels.
func DomainUnicode(aLabels string) string {
	labels := strings.Split(aLabels, ".")
	for i, label := range labels {
		labels[i] = unicodeLabel(label)
	}
	return strings.Join(labels, ".")
}

// Name is the name of a record inside a zone, in canonical form: two names are
// the same name exactly if they are equal with ==. It is made by [ParseName];
// the zero Name is the name of nothing.
type Name struct {
	relative string // "" at the apex
	zone     string
}

// octalStar is how Route 53, for one, writes the label "*".
const octalStar = `\052`

// ParseName reads the name of a record in any of its spellings: relative to
// the zone ("www"), in full ("www.example.com"), in full with the final dot,
// in any case, in Unicode or in A-labels; "", "@" and the zone's own name for
// the apex. zone is read by [ParseDomain].
//
// A name without a final dot that ends with all labels of the zone is taken as
// written in full; any other is relative, "notexample.com" in the zone
// "example.com" too. A name with a final dot has to lie in the zone.
//
// Record names are not host names: beside letters, digits and hyphens, at either
// end of a label too, they may hold underscores, and slashes for the reverse zones
// of RFC 2317. The escapes \X and \DDD of zone files are decoded, and refused when
// they hide something else. A "*" stands only as the whole left-most label.
// There "\052" is a "*" too: some services escape it so, in octal, while
// \DDD is decimal and nobody escapes the "4" that it would be.
func ParseName(input, zone string) (Name, error) {
	zone, err := ParseDomain(zone)
	if err != nil {
		return Name{}, err
	}
	if isPlainName(input, zone) {
		return Name{relative: input, zone: zone}, nil
	}
	return parseName(input, zone)
}

// parseName is ParseName for any spelling of the name, in a zone that is
// canonical.
func parseName(input, zone string) (Name, error) {
	const field = "name"
	apex := Name{zone: zone}
	switch input {
	case "", "@":
		return apex, nil
	case ".":
		return Name{}, problem(field, `"." is the root, not a name in the zone %q`, zone)
	}
	if rest, ok := strings.CutPrefix(input, octalStar); ok && (rest == "" || rest[0] == '.') {
		input = "*" + rest
	}
	labels, absolute, err := splitLabels(field, input)
	if err != nil {
		return Name{}, err
	}
	wildcard := labels[0] == "*"
	if wildcard {
		labels = labels[1:]
	}
	for _, label := range labels {
		if strings.ContainsRune(label, '*') {
			return Name{}, problem(field, `in %s the "*" is not the whole left-most label`, show(input))
		}
	}
	if err := aLabels(field, labels, nameChars); err != nil {
		return Name{}, err
	}
	if suffix := strings.Split(zone, "."); hasSuffix(labels, suffix) {
		labels = labels[:len(labels)-len(suffix)]
	} else if absolute {
		return Name{}, problem(field, "%s ends with a dot and lies outside the zone %q", show(input), zone)
	}
	if wildcard {
		labels = slices.Insert(labels, 0, "*")
	}
	if len(labels) == 0 {
		return apex, nil
	}
	relative := strings.Join(labels, ".")
	if _, err := checkLength(field, relative+"."+zone); err != nil {
		return Name{}, err
	}
	return Name{relative: relative, zone: zone}, nil
}

// Relative is the name as the API takes it and answers it: "@" or "www".
func (n Name) Relative() string {
	if n.relative == "" {
		return "@"
	}
	return n.relative
}

// FQDN is the name in full, with the final dot: "www.example.com.".
func (n Name) FQDN() string {
	if n.relative == "" {
		return n.zone + "."
	}
	return n.relative + "." + n.zone + "."
}

// Zone is the domain that the name lies in, as [ParseDomain] returns it.
func (n Name) Zone() string { return n.zone }

// IsApex reports whether this is the zone's own name.
func (n Name) IsApex() bool { return n.relative == "" }

// IsWildcard reports whether the left-most label is "*".
func (n Name) IsWildcard() bool {
	return n.relative == "*" || strings.HasPrefix(n.relative, "*.")
}

// Unicode is Relative for people to read.
func (n Name) Unicode() string { return DomainUnicode(n.Relative()) }

// String is Relative.
func (n Name) String() string { return n.Relative() }

// DoubledSuffix reports whether the relative part ends with the zone again, as
// in "www.example.com.example.com.": almost surely a name in full to which the
// zone was added once more. Relative of such a name reads like another name in
// full, so [ParseName] brings only its FQDN back to it: refuse it, or ask.
func (n Name) DoubledSuffix() bool {
	before := len(n.relative) - len(n.zone)
	return n.relative != "" && before >= 0 && n.relative[before:] == n.zone && (before == 0 || n.relative[before-1] == '.')
}

// ParseHost brings the target of a CNAME, MX, NS or SRV record to the form in
// which the API answers it: absolute, lower case, A-labels, no final dot. The
// input may be Unicode or A-labels, with or without the final dot; it is never
// relative to a zone. "." stays "." (null MX, and an SRV service that is not
// offered). Underscores are fine, and the slash of RFC 2317.
func ParseHost(s string) (string, error) {
	if isPlain(s, true) {
		return s, nil
	}
	return parseHost(s)
}

// parseHost is ParseHost for any spelling.
func parseHost(s string) (string, error) {
	const field = "value"
	switch {
	case s == ".":
		return s, nil
	case s == "":
		return "", problem(field, "the host name is missing")
	case s == "@":
		return "", problem(field, `"@" is no host name: a target is written in full`)
	case isAddress(s):
		return "", problem(field, "%s is an IP address, a host name is needed", show(s))
	}
	labels, _, err := splitLabels(field, s)
	if err != nil {
		return "", err
	}
	if err := aLabels(field, labels, nameChars); err != nil {
		return "", err
	}
	return checkLength(field, strings.Join(labels, "."))
}

// canonicalHost is ParseHost for values that nobody checked: what it cannot
// read it leaves as it is.
func canonicalHost(s string) string {
	if host, err := ParseHost(s); err == nil {
		return host
	}
	return s
}

func hasSuffix(labels, suffix []string) bool {
	return len(labels) >= len(suffix) && slices.Equal(labels[len(labels)-len(suffix):], suffix)
}

func checkLength(field, name string) (string, error) {
	if len(name) > maxName {
		return "", problem(field, "%s has %d octets, at most %d are possible", show(name), len(name), maxName)
	}
	return name, nil
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(strings.TrimSuffix(s, "."))
	return err == nil
}
