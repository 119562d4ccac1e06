package dialect

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// expansion fills the template of a body.
type expansion struct {
	call  *call
	body  map[string]any // of the SDK's request
	found *entry
}

// words are what a template can hold in the place of a value.
var words = []string{"$body", "$old", "$new", "$set", "$name", "$type"}

func (x expansion) expand(template any) (any, error) {
	switch template := template.(type) {
	case string:
		if strings.HasPrefix(template, "$") {
			return x.word(template)
		}
		return x.text(template)
	case []any:
		list := []any{}
		for _, item := range template {
			value, err := x.expand(item)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case map[string]any:
		if each, ok := template["$each"].(string); ok {
			return x.each(each, template["do"])
		}
		object := map[string]any{}
		for name, inner := range template {
			value, err := x.expand(inner)
			if err != nil {
				return nil, err
			}
			object[name] = value
		}
		return object, nil
	}
	return template, nil
}

// each is a list with an item for each value of a parameter of the query.
func (x expansion) each(name string, template any) (any, error) {
	list := []any{}
	for _, value := range x.call.query[name] {
		one := *x.call
		one.params = maps.Clone(one.params)
		one.params[name] = value
		item, err := expansion{&one, x.body, x.found}.expand(template)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

// text fills the parameters of a text. A text that is one lookup alone is a number
// where it looks like one.
func (x expansion) text(template string) (any, error) {
	var out strings.Builder
	for rest := template; ; {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			break
		}
		name, behind, _ := strings.Cut(after, "}")
		value, refused := x.call.param(name)
		if refused != nil {
			return nil, refused
		}
		if x.call.table.lookups[name] != nil && template == "{"+name+"}" && isDigits(value) {
			return json.Number(value), nil
		}
		out.WriteString(value)
		rest = behind
	}
	return out.String(), nil
}

func (x expansion) word(word string) (any, error) {
	zone := x.call.domain()
	r, refused := x.call.operation.writes(x.call.written)
	if refused != nil {
		return nil, refused
	}
	if word == "$body" {
		return settled(r.request(x.body, zone))
	}
	before, after := map[string]any{}, x.body
	if x.found != nil {
		before, after = x.found.changed(x.body)
	}
	switch word {
	case "$old":
		return settled(r.request(before, zone))
	case "$new":
		return settled(r.request(after, zone))
	case "$name", "$type":
		theirs, refused := r.request(map[string]any{word[1:]: before[word[1:]]}, zone)
		if refused != nil {
			return nil, refused
		}
		for _, value := range theirs { // the one member, whatever its name
			return value, nil
		}
	}
	if x.call.operation.info.Method == http.MethodDelete {
		return x.found.set(r, nil), nil
	}
	if before["name"] != after["name"] {
		return nil, &refusal{"name", "a record of a set cannot be given another name; make a new one and delete this one"}
	}
	record, refused := r.request(after, zone)
	if refused != nil {
		return nil, refused
	}
	return x.found.set(r, record), nil
}

// writes is what the members of a record are called that is to say what record says.
func (o *operation) writes(record map[string]any) (*resource, *refusal) {
	kind, _ := record["type"].(string)
	r, special := o.byType[kind]
	switch {
	case !special:
		return o.resource, nil
	case r == nil:
		return nil, &refusal{"type", "the brand has no form for records of the type " + kind}
	}
	return r, nil
}

// settled is what request returns, with an error that is nil where there is none.
func settled(object map[string]any, refused *refusal) (any, error) {
	if refused != nil {
		return nil, refused
	}
	return object, nil
}
