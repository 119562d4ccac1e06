package dnszone

import "strings"

// Key is the natural key of a record set, or of one record in it: what a
// person can write where an id is asked for, in an import for example. Unlike
// the ids of the API it does not change when a record is written.
type Key struct {
	Name Name
	Type Type
	// Data picks one record of the set. nil means the whole set.
	Data Data
}

// ParseKey reads zone/name/type or zone/name/type/value, as in
// "example.com/www/A" or "example.com/@/MX/10 mail.example.com". Each part may
// have any spelling that [ParseDomain], [ParseName] and [FromFields] know. The
// value is all that follows, slashes too; a slash in the name is written \047.
func ParseKey(s string) (Key, error) {
	parts := strings.SplitN(s, "/", 4)
	if len(parts) < 3 {
		return Key{}, problem("name", "%s is not zone/name/type or zone/name/type/value", show(s))
	}
	name, err := ParseName(parts[1], parts[0])
	if err != nil {
		return Key{}, err
	}
	k := Key{Name: name, Type: Type(upper(parts[2]))}
	if !isType(string(k.Type)) {
		return Key{}, problem("type", "%s is not a record type", show(string(k.Type)))
	}
	if len(parts) == 4 {
		if k.Data, err = FromFields(Fields{Type: k.Type, Value: parts[3]}); err != nil {
			return Key{}, err
		}
	}
	return k, nil
}

// String is the canonical spelling of the key. [ParseKey] reads it.
func (k Key) String() string {
	s := k.Name.Zone() + "/" + strings.ReplaceAll(k.Name.spelled(), "/", `\047`) + "/" + string(k.Type.upper())
	if d := Canonical(k.Data); d != nil {
		s += "/" + d.String()
	}
	return s
}

// spelled is the name as [ParseName] reads it back.
func (n Name) spelled() string {
	if n.DoubledSuffix() {
		return n.FQDN()
	}
	return n.Relative()
}
