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
		case m.name == "type": // which the value is read by
			r.others = append([]*member{m}, r.others...)
		default:
			r.others = append(r.others, m)
		}
	}
}

// mapper turns objects of one answer into the API's form.
type mapper struct {
	resource *resource
	zone     string // the domain of the request, if it has one

	rdata  dnszone.Fields // of the record that is turned, as far as they were read
	parsed bool
	sum    [16]byte // that its id is made of
	summed bool
	seen   map[[16]byte]bool // of the answer
}

// object is one of the brand's. Where it is a set of records, element is the one
// that is meant of the list named each.
type object struct {
	text    jsonread.Value
	each    string
	element jsonread.Value
}

func (o object) find(p path) jsonread.Value {
	if o.element != nil && p[0] == o.each {
		return p[1:].find(o.element)
	}
	return p.find(o.text)
}

// append appends a value of the brand's in the API's form.
func (m *mapper) append(out []byte, value jsonread.Value) []byte {
	out, _ = m.appendAt(out, value, 0, nil)
	return out
}

// appendAt is append for the value that begins at i, with the element that is meant
// of a set. It returns where the value ends.
func (m *mapper) appendAt(out, text []byte, i int, element jsonread.Value) (into []byte, end int) {
	r := m.resource
	if m.parsed, m.summed = false, false; r == nil || i >= len(text) || text[i] != '{' {
		end = skipValue(text, i)
		return append(out, text[i:end]...), end
	}
	from := len(out)
	out = append(out, '{')
	end = walkRaw(text, i, func(name, raw []byte, value jsonread.Value) {
		single := element != nil && string(name) == r.each
		if single {
			value = element
		}
		switch h := r.head(name); {
		case h == nil && single:
			out = appendMember(out, r.each, value)
		case h == nil:
			out = append(appendComma(out), raw...)
		case h.renamed != nil:
			out = append(append(appendComma(out), h.key...), h.renamed.ours(value)...)
		}
	})
	item := object{text: text[i:end], each: r.each, element: element}
	for _, other := range r.others {
		out = m.member(out, from, other, item)
	}
	for _, outer := range r.outers {
		out = r.appendNested(out, item, outer)
	}
	if r.derived != nil {
		out = m.derived(out, from)
	}
	return append(out, '}'), end
}

// member appends a member that has more than another name. The object that is made
// begins at from.
func (m *mapper) member(out []byte, from int, other *member, item object) []byte {
	value := other.read(item)
	switch {
	case value == nil:
		return out
	case other.apex != "@" && text(value) == other.apex:
		value = quote("@")
	case other.absolute && value.Kind() == '"':
		value = quote(relative(text(value), m.zone))
	case other.rdata && value.Kind() == '"':
		if m.rdata, m.parsed = parseRData(dnszone.Type(text(child(out[from:], "type"))), text(value)); m.parsed {
			return appendFields(out, other.name, m.rdata)
		}
	}
	return appendMember(out, other.name, value)
}

// derived appends the id that is made of what the record says.
func (m *mapper) derived(out []byte, from int) []byte {
	var known *dnszone.Fields
	if m.parsed {
		known = &m.rdata
	}
	if m.sum, m.summed = sumOf(out[from:], m.zone, known); !m.summed {
		return out
	}
	return append(appendID(append(appendName(out, m.resource.derived.name), '"'), m.sum), '"')
}

// repeated reports a record that the answer had already.
func (m *mapper) repeated() bool {
	if !m.summed {
		return false
	}
	if m.seen == nil {
		m.seen = map[[16]byte]bool{}
	}
	before := m.seen[m.sum]
	m.seen[m.sum] = true
	return before
}

// appendNested appends a member that is an object. What it has at the brand
// already stays.
func (r *resource) appendNested(out []byte, item object, outer string) []byte {
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
	walkRaw(child(item.text, outer), 0, func(name, raw []byte, _ jsonread.Value) {
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
	return append(appendName(out, name), value...)
}

// appendName appends the name of a member, and its colon.
func appendName(out []byte, name string) []byte {
	return append(appendQuoted(appendComma(out), name), ':')
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
func parseRData(rrtype dnszone.Type, text string) (dnszone.Fields, bool) {
	if strings.EqualFold(string(rrtype), "TXT") && !strings.HasPrefix(text, `"`) {
		return canonicalFields(dnszone.Fields{Type: dnszone.TypeTXT, Value: text}), true
	}
	data, err := dnszone.Parse(rrtype, text)
	if err != nil {
		return dnszone.Fields{}, false
	}
	return dnszone.ToFields(data), true
}

func appendFields(out []byte, name string, fields dnszone.Fields) []byte {
	out = appendQuoted(appendName(out, name), fields.Value)
	for _, number := range numbersOf(&fields) {
		if *number.value != nil {
			out = strconv.AppendUint(appendName(out, number.name), uint64(**number.value), 10)
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
	sum, ok := sumOf(record, zone, nil)
	if !ok {
		return ""
	}
	return string(appendID(nil, sum))
}

func appendID(out []byte, sum [16]byte) []byte {
	return hex.AppendEncode(append(out, "rec_"...), sum[:])
}

// sumOf is what an id is made of. known are the record's data in canonical form, if
// they were read before.
func sumOf(record jsonread.Value, zone string, known *dnszone.Fields) (sum [16]byte, ok bool) {
	name, fields, ok := recordOf(record, zone, known)
	if !ok {
		return sum, false
	}
	var memory [512]byte
	text := memory[:0]
	for _, part := range [...]string{name, string(fields.Type), fields.Value} {
		text = append(append(text, part...), 0)
	}
	for _, number := range numbersOf(&fields) {
		if *number.value != nil {
			text = strconv.AppendUint(text, uint64(**number.value), 10)
		}
		text = append(text, 0)
	}
	whole := sha256.Sum256(text)
	return [16]byte(whole[:16]), true
}

// recordOf reads what a record in the API's form says, in canonical form. known are
// its data, if they were read before.
func recordOf(record jsonread.Value, zone string, known *dnszone.Fields) (name string, fields dnszone.Fields, ok bool) {
	var named, valued bool
	walkMembers(record, 0, func(member []byte, value jsonread.Value) {
		switch string(member) {
		case "name":
			name, named = text(value), value.Kind() == '"'
			return
		}
		if known != nil {
			return
		}
		switch string(member) {
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
	if known != nil {
		return canonicalName(name, zone), *known, named && known.Type != ""
	}
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
