package dialect

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/jsonread"
)

// resource says what the members of an object are called.
type resource struct {
	members []*member
	each    string // an item stands for as many as this list of it has

	heads   []head
	outers  []string // members that have members with names of their own
	nested  map[string][]*member
	others  []*member // that are neither renamed nor nested
	derived *member
}

// head is a member of the brand's that is not handed on as it is.
type head struct {
	name    string
	renamed *member // if it only has another name
	key     []byte  // that name as JSON, with its colon
}

// head finds what a table says of a member of the brand's. There are few, and
// most differ in their length already.
func (r *resource) head(name []byte) *head {
	for i := range r.heads {
		if h := &r.heads[i]; h.name == string(name) {
			return h
		}
	}
	return nil
}

// take adds a head, unless it is there.
func (r *resource) take(name string) *head {
	if h := r.head([]byte(name)); h != nil {
		return h
	}
	r.heads = append(r.heads, head{name: name})
	return &r.heads[len(r.heads)-1]
}

// compile sorts the members by what is to be done with them.
func (r *resource) compile() {
	r.nested = map[string][]*member{}
	for _, m := range r.members {
		outer, _, isNested := strings.Cut(m.name, ".")
		r.take(outer)
		for _, from := range m.from {
			r.take(from.head())
			if prefix, ok := strings.CutSuffix(from[0], "#"); ok {
				r.take(prefix + "1")
			}
		}
		switch {
		case m.derived:
			r.derived = m
		case m.hidden:
		case isNested:
			if r.nested[outer] == nil {
				r.outers = append(r.outers, outer)
			}
			r.nested[outer] = append(r.nested[outer], m)
		case m.simple() && r.take(m.from[0][0]).renamed == nil:
			h := r.take(m.from[0][0])
			h.renamed, h.key = m, append(quote(m.name), ':')
		default:
			r.others = append(r.others, m)
		}
	}
}

// answer appends an object of the brand's in the API's form. zone is the domain of
// the request, if it has one.
func (r *resource) answer(out []byte, item jsonread.Value, zone string) []byte {
	out, _ = r.answerAt(out, item, 0, zone)
	return out
}

// answerAt is answer for the value that begins at i. It returns where it ends.
func (r *resource) answerAt(out, text []byte, i int, zone string) (into []byte, end int) {
	if r == nil || i >= len(text) || text[i] != '{' {
		end = skipValue(text, i)
		return append(out, text[i:end]...), end
	}
	from := len(out)
	out = append(out, '{')
	end = walkRaw(text, i, func(name, raw []byte, value jsonread.Value) {
		switch h := r.head(name); {
		case h == nil:
			out = append(appendComma(out), raw...)
		case h.renamed != nil:
			out = append(append(appendComma(out), h.key...), h.renamed.ours(value)...)
		}
	})
	item := jsonread.Value(text[i:end])
	for _, m := range r.others {
		out = m.append(out, item, zone)
	}
	for _, outer := range r.outers {
		out = r.appendNested(out, item, outer)
	}
	out = append(out, '}')
	if r.derived != nil {
		if id := derive(out[from:], zone); id != "" {
			out = append(appendMember(out[:len(out)-1], r.derived.name, quote(id)), '}')
		}
	}
	return out, end
}

// appendNested appends a member that is an object. What it has at the brand
// already stays.
func (r *resource) appendNested(out []byte, item jsonread.Value, outer string) []byte {
	claimed := map[string]bool{}
	for _, m := range r.nested[outer] {
		claimed[m.name[len(outer)+1:]] = true
		for _, from := range m.from {
			if len(from) > 1 && from[0] == outer {
				claimed[from[1]] = true
			}
		}
	}
	object := []byte{'{'}
	walkRaw(child(item, outer), 0, func(name, raw []byte, _ jsonread.Value) {
		if !claimed[string(name)] {
			object = append(appendComma(object), raw...)
		}
	})
	for _, m := range r.nested[outer] {
		if value := m.read(item); value != nil {
			object = appendMember(object, m.name[len(outer)+1:], value)
		}
	}
	if len(object) == 1 {
		return out
	}
	return appendMember(out, outer, append(object, '}'))
}

func appendMember(out []byte, name string, value jsonread.Value) []byte {
	return append(append(append(appendComma(out), quote(name)...), ':'), value...)
}

// isPlain reports a text that is the same in JSON.
func isPlain[Text ~string | ~[]byte](text Text) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// append appends what is more than another name.
func (m *member) append(out []byte, item jsonread.Value, zone string) []byte {
	value := m.read(item)
	switch {
	case value == nil:
		return out
	case m.apex != "@" && text(value) == m.apex:
		value = quote("@")
	case m.absolute && value.Kind() == '"':
		value = quote(relative(text(value), zone))
	case m.rdata && value.Kind() == '"':
		if fields, ok := parseRData(text(child(item, "type")), text(value)); ok {
			return appendFields(out, m.name, fields)
		}
	}
	return appendMember(out, m.name, value)
}

// relative is a name within the zone without it, "@" for the zone itself.
func relative(name, zone string) string {
	whole := strings.TrimSuffix(name, ".")
	outside := len(whole) - len(zone)
	switch {
	case zone != "" && strings.EqualFold(whole, zone):
		return "@"
	case zone != "" && outside > 1 && whole[outside-1] == '.' && strings.EqualFold(whole[outside:], zone):
		return whole[:outside-1]
	}
	return name
}

// parseRData reads a record's data as a zone file has it. A text that is not in
// quotes is the text itself.
func parseRData(name, text string) (dnszone.Fields, bool) {
	rrtype := dnszone.Type(name)
	if strings.EqualFold(name, "TXT") && !strings.HasPrefix(text, `"`) {
		return dnszone.Fields{Type: rrtype, Value: text}, true
	}
	data, err := dnszone.Parse(rrtype, text)
	if err != nil {
		return dnszone.Fields{}, false
	}
	return dnszone.ToFields(data), true
}

func appendFields(out []byte, name string, fields dnszone.Fields) []byte {
	out = appendMember(out, name, quote(fields.Value))
	for _, number := range numbersOf(&fields) {
		if *number.value != nil {
			out = appendMember(out, number.name, strconv.AppendUint(nil, uint64(**number.value), 10))
		}
	}
	return out
}

// numberField is a number of a record beside its value.
type numberField struct {
	name  string
	value **uint16
}

func numbersOf(f *dnszone.Fields) [3]numberField {
	return [3]numberField{{"priority", &f.Priority}, {"weight", &f.Weight}, {"port", &f.Port}}
}

// derive makes an id of what a record says, "" where a member of it is absent. It
// stays the same however the brand spells the record, and changes with the record.
func derive(record jsonread.Value, zone string) string {
	name, fields, ok := recordOf(record, zone)
	if !ok {
		return ""
	}
	text := make([]byte, 0, 256)
	for _, part := range []string{name, string(fields.Type), fields.Value} {
		text = append(append(text, part...), 0)
	}
	for _, number := range numbersOf(&fields) {
		if *number.value != nil {
			text = strconv.AppendUint(text, uint64(**number.value), 10)
		}
		text = append(text, 0)
	}
	sum := sha256.Sum256(text)
	return "rec_" + hex.EncodeToString(sum[:16])
}

// recordOf reads what a record in the API's form says, in canonical form.
func recordOf(record jsonread.Value, zone string) (name string, fields dnszone.Fields, ok bool) {
	var named, valued bool
	walkMembers(record, 0, func(member []byte, value jsonread.Value) {
		switch string(member) {
		case "name":
			name, named = text(value), value.Kind() == '"'
		case "type":
			fields.Type = dnszone.Type(strings.ToUpper(text(value)))
		case "value":
			fields.Value, valued = text(value), value.Kind() == '"'
		case "priority":
			fields.Priority = number(value)
		case "weight":
			fields.Weight = number(value)
		case "port":
			fields.Port = number(value)
		}
	})
	if !named || !valued || fields.Type == "" {
		return "", fields, false
	}
	return canonicalName(name, zone), canonicalFields(fields), true
}

func canonicalName(name, zone string) string {
	if dnszone.IsCanonicalName(name, zone) {
		return name
	}
	if parsed, err := dnszone.ParseName(name, zone); err == nil {
		return parsed.Relative()
	}
	return strings.ToLower(name)
}

// canonicalFields is the canonical form where there is one.
func canonicalFields(fields dnszone.Fields) dnszone.Fields {
	if canonical, err := dnszone.CanonicalFields(fields); err == nil {
		return canonical
	}
	return fields
}
