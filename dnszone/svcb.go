package dnszone

import (
	"cmp"
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// param is a parameter of a service (RFC 9460): its key and its value on the wire.
type param struct {
	key   uint16
	value string
}

const (
	keyMandatory = iota
	keyALPN
	keyNoDefaultALPN
	keyPort
	keyIPv4Hint
	keyECH
	keyIPv6Hint
	keyDoHPath
	keyOHTTP
)

// paramNames are the names of the keys, by their numbers.
var paramNames = []string{"mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"}

// params reads key=value, key="value" and key, in any order.
func (s *words) params() (all []param) {
	for s.err == nil && len(s.rest) > 0 {
		w := s.next("parameter")
		name, value, _ := strings.Cut(w.text, "=")
		if inner, ok := strings.CutPrefix(value, `"`); ok {
			if value, ok = strings.CutSuffix(inner, `"`); !ok {
				s.fail(problem("value", "text follows behind the quotes of the parameter %s", show(name)))
			}
			w.cut = false
		}
		if w.quoted {
			s.fail(problem("value", "the parameter %s has quotes around it, not around its value", show(w.text)))
		}
		text, err := word{text: value, cut: w.cut}.octets()
		s.fail(err)
		key, named, err := paramKey(name)
		s.fail(err)
		if s.err == nil && named {
			text, err = paramWire(key, text)
			s.fail(err)
		}
		all = append(all, param{key, text})
	}
	return s.checked(all)
}

func (o *octets) params() (all []param) {
	for o.err == nil && len(o.rest) > 0 {
		key := uint16(o.number("key", 16))
		all = append(all, param{key, o.take("value", int(o.number("length", 16)))})
	}
	return o.checked(all)
}

// checked brings parameters into their order.
func (f *failure) checked(all []param) []param {
	slices.SortFunc(all, func(a, b param) int { return cmp.Compare(a.key, b.key) })
	for i, p := range all {
		if i > 0 && p.key == all[i-1].key {
			f.fail(problem("value", "the parameter %s is there twice", paramName(p.key)))
		}
		if _, ok := paramText(p); !ok {
			f.fail(problem("value", "the value of the parameter %s is malformed", paramName(p.key)))
		}
	}
	if f.err != nil {
		return nil
	}
	return all
}

// parseParams reads parameters by themselves.
func parseParams(s string) ([]param, error) {
	w, err := splitValue(s)
	if err != nil {
		return nil, err
	}
	source := &words{rest: w}
	all := source.params()
	return all, source.end()
}

// joinParams is the presentation form of parameters that are in order.
func joinParams(all []param) string {
	var b strings.Builder
	for i, p := range all {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(paramName(p.key))
		text, _ := paramText(p)
		switch {
		case text == "":
		case isBare(text):
			b.WriteString("=" + text)
		default:
			b.WriteByte('=')
			quote(&b, text)
		}
	}
	return b.String()
}

// isBare reports whether a text needs no quotes anywhere.
func isBare(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || strings.IndexByte(`"\();`, c) >= 0 {
			return false
		}
	}
	return true
}

// paramKey is the key of a name, keyNNN among them. The value of a key that is
// written by its number is the octets of the wire form.
func paramKey(name string) (key uint16, named bool, err error) {
	name = lower(name)
	if i := slices.Index(paramNames, name); i >= 0 {
		return uint16(i), true, nil
	}
	digits, ok := strings.CutPrefix(name, "key")
	n, parseErr := strconv.ParseUint(digits, 10, 16)
	if !ok || parseErr != nil || n == 65535 || strconv.FormatUint(n, 10) != digits {
		return 0, false, problem("value", "%s is not the key of a parameter", show(name))
	}
	return uint16(n), false, nil
}

func paramName(key uint16) string {
	if int(key) < len(paramNames) {
		return paramNames[key]
	}
	return "key" + strconv.Itoa(int(key))
}

// paramWire is the value on the wire of the text of a parameter.
func paramWire(key uint16, text string) (string, error) {
	wrong := problem("value", "%s is not a value of the parameter %s", show(text), paramName(key))
	var wire []byte
	switch key {
	case keyMandatory:
		var keys []uint16
		for name := range strings.SplitSeq(text, ",") {
			k, _, err := paramKey(name)
			if err != nil {
				return "", err
			}
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			wire = append(wire, byte(k>>8), byte(k))
		}
	case keyALPN:
		items, ok := splitList(text)
		for _, item := range items {
			if len(item) > 255 {
				ok = false
			}
			wire = append(append(wire, byte(len(item))), item...)
		}
		if !ok {
			return "", wrong
		}
	case keyPort:
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return "", wrong
		}
		wire = append(wire, byte(n>>8), byte(n))
	case keyIPv4Hint, keyIPv6Hint:
		for item := range strings.SplitSeq(text, ",") {
			addr, err := netip.ParseAddr(item)
			if err != nil || addr.Zone() != "" || addr.Is4() != (key == keyIPv4Hint) {
				return "", wrong
			}
			wire = append(wire, addr.AsSlice()...)
		}
	case keyECH:
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", wrong
		}
		wire = decoded
	default:
		return text, nil
	}
	return string(wire), nil
}

// splitList cuts a list at its commas. In an item a comma and a backslash stand
// behind a backslash.
func splitList(s string) (items []string, ok bool) {
	var item []byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ',':
			items, item = append(items, string(item)), nil
		case '\\':
			if i++; i == len(s) || s[i] != ',' && s[i] != '\\' {
				return nil, false
			}
			item = append(item, s[i])
		default:
			item = append(item, c)
		}
	}
	return append(items, string(item)), true
}

// paramText is the text of a parameter, which is false if its value is not what
// the wire form of its key can be. The text of a key without a name is the value.
func paramText(p param) (text string, ok bool) {
	o := &octets{rest: p.value}
	var items []string
	switch p.key {
	case keyMandatory:
		for last := uint64(keyMandatory); o.err == nil && len(o.rest) > 0; {
			key := o.number("key", 16)
			if key <= last || key == 65535 { // itself it is not, and none is there twice
				return "", false
			}
			items, last = append(items, paramName(uint16(key))), key
		}
	case keyALPN:
		for o.err == nil && len(o.rest) > 0 {
			item := o.text("item")
			if item == "" {
				return "", false
			}
			items = append(items, strings.NewReplacer(`\`, `\\`, ",", `\,`).Replace(item))
		}
	case keyPort:
		items = []string{strconv.FormatUint(o.number("port", 16), 10)}
	case keyIPv4Hint, keyIPv6Hint:
		size := 4
		if p.key == keyIPv6Hint {
			size = 16
		}
		for o.err == nil && len(o.rest) > 0 {
			items = append(items, o.addr(size).String())
		}
	case keyECH:
		items = []string{base64.StdEncoding.EncodeToString([]byte(o.remainder("value")))}
	case keyDoHPath:
		items = []string{o.remainder("value")}
	case keyNoDefaultALPN, keyOHTTP:
		return "", p.value == ""
	default:
		return p.value, true
	}
	text = strings.Join(items, ",")
	return text, text != "" && o.end() == nil
}

// canonicalSVCB leaves what it cannot read as it is.
func canonicalSVCB(d SVCB) SVCB {
	d.Target = canonicalTarget(d.Target)
	if all, err := parseParams(d.Params); err == nil {
		d.Params = joinParams(all)
	}
	return d
}

// validateSVCB holds the parameters against each other, too.
func validateSVCB(d SVCB) error {
	if err := validateTarget(d.Target, rules[TypeSVCB].target); err != nil {
		return err
	}
	all, err := parseParams(d.Params)
	if err != nil {
		return err
	}
	if d.Priority == 0 && len(all) > 0 {
		return problem("value", "with priority 0, an alias, no parameters can stand")
	}
	values := map[string]string{}
	for _, p := range all {
		values[paramName(p.key)], _ = paramText(p)
	}
	if mandatory := values["mandatory"]; mandatory != "" {
		for name := range strings.SplitSeq(mandatory, ",") {
			if _, ok := values[name]; !ok {
				return problem("value", "the mandatory parameter %s is missing", name)
			}
		}
	}
	if _, ok := values["no-default-alpn"]; ok && values["alpn"] == "" {
		return problem("value", "no-default-alpn needs alpn beside it")
	}
	return nil
}
