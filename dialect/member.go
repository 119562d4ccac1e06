package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// path is where a member stands in a brand's object: names that lead to it. A name
// that ends with "[]" is a list, of which each item is meant; one that ends with
// "#" stands for name1, name2 and so on.
type path []string

func parsePath(text string) path {
	if text == "" {
		return nil
	}
	return strings.Split(text, ".")
}

// find returns the value at the path, nil if it is not there.
func (p path) find(value jsonread.Value) jsonread.Value {
	for i, name := range p {
		if list, ok := strings.CutSuffix(name, "[]"); ok {
			return collect(p[i+1:], items(child(value, list)), child(value, list) != nil)
		}
		if numbered, ok := strings.CutSuffix(name, "#"); ok {
			return collect(p[i+1:], func(yield func(jsonread.Value) bool) {
				for n := 1; ; n++ {
					item := child(value, numbered+strconv.Itoa(n))
					if item == nil || !yield(item) {
						return
					}
				}
			}, child(value, numbered+"1") != nil)
		}
		if value = child(value, name); value == nil {
			return nil
		}
	}
	return value
}

// collect is the list of what rest finds in each of the items, without nulls and
// empty texts.
func collect(rest path, items func(func(jsonread.Value) bool), there bool) jsonread.Value {
	if !there {
		return nil
	}
	list := []byte{'['}
	for item := range items {
		if found := rest.find(item); found != nil && found.Kind() != 'n' && string(found) != `""` {
			list = append(appendComma(list), found...)
		}
	}
	return append(list, ']')
}

func appendComma(out []byte) []byte {
	if last := out[len(out)-1]; last != '[' && last != '{' {
		return append(out, ',')
	}
	return out
}

// put sets the member at the path.
func (p path) put(object map[string]any, value any) error {
	name, rest := p[0], p[1:]
	list, isList := strings.CutSuffix(name, "[]")
	numbered, isNumbered := strings.CutSuffix(name, "#")
	if !isList && !isNumbered {
		if len(rest) == 0 {
			object[name] = value
			return nil
		}
		inner, ok := object[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[name] = inner
		}
		return rest.put(inner, value)
	}
	values, ok := value.([]any)
	if !ok {
		return fmt.Errorf("it is not a list, as %s is", name)
	}
	items := make([]any, len(values))
	for i, value := range values {
		if items[i] = value; len(rest) > 0 {
			item := map[string]any{}
			if err := rest.put(item, value); err != nil {
				return err
			}
			items[i] = item
		}
	}
	if isList {
		object[list] = items
		return nil
	}
	for i, item := range items {
		object[numbered+strconv.Itoa(i+1)] = item
	}
	return nil
}

// heads are the members of the outermost object that the path reads.
func (p path) head() string { return strings.TrimSuffix(p[0], "[]") }

// member says what a member of the API's is at a brand.
type member struct {
	name     string // with a dot where it is a member of a member
	from     []path // more than one are texts that are joined
	with     string // between them
	hidden   bool   // the brand has none
	derived  bool   // a record's id, made of what the record says
	rdata    bool   // a record's value in presentation form, with its numbers in it
	absolute bool   // a record's name, in full
	dot      string // behind it
	apex     string // the name of the zone itself, in requests
	values   []pair
}

// pair is a word of the brand's, and the API's for it as JSON.
type pair struct{ theirs, ours string }

// json is the brand's word as it is sent: a number or a truth where it looks like
// one.
func (p pair) json() json.RawMessage {
	if p.theirs == "true" || p.theirs == "false" || isDigits(p.theirs) {
		return json.RawMessage(p.theirs)
	}
	return json.RawMessage(quote(p.theirs))
}

// simple reports that a member only has another name.
func (m *member) simple() bool {
	return len(m.from) == 1 && len(m.from[0]) == 1 && !strings.HasSuffix(m.from[0][0], "[]") && !strings.HasSuffix(m.from[0][0], "#") &&
		!m.rdata && !m.absolute && m.apex == "@" && !m.derived && !strings.Contains(m.name, ".")
}

// read is the member's value in the API's form, nil if the brand's object has none.
func (m *member) read(item object) jsonread.Value {
	if len(m.from) == 1 {
		return m.ours(item.find(m.from[0]))
	}
	var text strings.Builder
	for i, from := range m.from {
		part := item.find(from)
		if part.Kind() != '"' {
			return nil
		}
		if i > 0 {
			text.WriteString(m.with)
		}
		text.WriteString(part.Text(maxText))
	}
	return quote(text.String())
}

// maxText is longer than every text that is looked at.
const maxText = 64 << 10

// ours is the API's word for the brand's. A word that the table does not name
// stays, and so does what is no word.
func (m *member) ours(value jsonread.Value) jsonread.Value {
	for _, pair := range m.values {
		if pair.theirs == string(value) || value.Kind() == '"' && pair.theirs == string(value[1:len(value)-1]) {
			return jsonread.Value(pair.ours)
		}
	}
	return value
}

// theirs is the brand's word for the API's. It is an error where the table names
// words and not this one.
func (m *member) theirs(value any) (any, error) {
	if len(m.values) == 0 || value == nil {
		return value, nil
	}
	text, err := encode(value)
	if err != nil {
		return nil, err
	}
	for _, pair := range m.values {
		if pair.ours == string(text) {
			return pair.json(), nil
		}
	}
	return nil, fmt.Errorf("the brand has no word for %s", text)
}

// write sets the member in a brand's object. A word that the table does not name is
// kept, or an error.
func (m *member) write(object map[string]any, value any, keepsWords bool) error {
	if m.hidden || m.derived {
		return fmt.Errorf("the brand has no such member")
	}
	word, err := m.theirs(value)
	switch {
	case err == nil:
		value = word
	case !keepsWords:
		return err
	}
	if len(m.from) == 1 {
		return m.from[0].put(object, value)
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("it is not a text")
	}
	for i, from := range m.from {
		part := text
		if i < len(m.from)-1 {
			var found bool
			if part, text, found = strings.Cut(text, m.with); !found {
				return fmt.Errorf("it has no %q", m.with)
			}
		}
		if err := from.put(object, part); err != nil {
			return err
		}
	}
	return nil
}

// quote is a text as JSON.
func quote(text string) jsonread.Value {
	return appendQuoted(make([]byte, 0, len(text)+8), text)
}

// appendQuoted appends a text as JSON.
func appendQuoted(out []byte, text string) []byte {
	from := len(out)
	out = append(out, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c > '~':
			whole, _ := encode(text) // a string can be encoded
			return append(out[:from], whole...)
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// encode is value as JSON on one line, with its text as it is.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// decode is an object as encoding/json has it, with numbers as they are written.
func decode(text []byte) (object map[string]any, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(&object)
	return object, err == nil && object != nil
}
