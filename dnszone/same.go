package dnszone

// SameName reports whether two names of a zone are one, however they are written:
// relative or absolute, in any case, in Unicode or as A-labels, "@" or "" for the
// apex. A name that cannot be read is the same as none.
func SameName(a, b, zone string) bool {
	x, errX := ParseName(a, zone)
	y, errY := ParseName(b, zone)
	return errX == nil && errY == nil && x == y
}

// SameHost reports whether two host names are one, however they are written: in any
// case, in Unicode or as A-labels, with or without the final dot. A host that cannot
// be read is the same as none.
func SameHost(a, b string) bool {
	x, errX := ParseHost(a)
	y, errY := ParseHost(b)
	return errX == nil && errY == nil && x == y
}

// AbsoluteHost is [ParseHost] with the final dot, as zone files have host names.
func AbsoluteHost(s string) (string, error) {
	host, err := ParseHost(s)
	if err != nil || host == "." {
		return host, err
	}
	return host + ".", nil
}

// EqualSets reports whether two record sets hold the same values, in any order and
// spelling, and however often each stands in its list. See [Equal].
func EqualSets(a, b []Data) bool {
	values := map[Data]bool{} // whether b has it too
	for _, d := range a {
		values[Canonical(d)] = false
	}
	for _, d := range b {
		if _, ok := values[Canonical(d)]; !ok {
			return false
		}
		values[Canonical(d)] = true
	}
	for _, both := range values {
		if !both {
			return false
		}
	}
	return true
}

// ParseInput reads a value as people write it in a form or a configuration: as [Parse]
// does, such as "10 mail.example.com" for MX, except that a TXT value which does not
// both begin and end with a quote is the text itself, such as "v=spf1 -all" without
// quotes.
func ParseInput(rrtype Type, text string) (Data, error) {
	if rrtype.upper() == TypeTXT {
		return FromFields(Fields{Type: TypeTXT, Value: text})
	}
	return Parse(rrtype, text)
}
