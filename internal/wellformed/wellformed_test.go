package wellformed

import (
	"encoding/json"
	"testing"
	"time"
)

const bad = "M\xfcller"

type opt struct{ value any }

func (o opt) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

func innerOf(v any) (any, bool) {
	o, ok := v.(opt)
	return o.value, ok
}

type text string

func (t text) MarshalText() ([]byte, error) { return []byte(t), nil }

type raw string

func (r raw) MarshalJSON() ([]byte, error) { return []byte(r), nil }

type base struct{ Company string }

type person struct {
	base
	Name    string            `json:"name,omitempty"`
	Phone   *string           `json:"phone,omitempty"`
	Hidden  string            `json:"-"`
	Note    opt               `json:"note"`
	Any     any               `json:"any"`
	Tags    []string          `json:"tags"`
	Labels  map[string]string `json:"labels"`
	Key     text              `json:"key"`
	Content []byte            `json:"content"`
	Since   time.Time         `json:"since"`
	Friends []person          `json:"friends"`
	private string
}

func TestFind(t *testing.T) {
	phone := bad
	for what, test := range map[string]struct {
		value any
		place string
		found bool
	}{
		"all good":               {person{Name: "Müller", Tags: []string{"a"}, Content: []byte(bad), Hidden: bad, private: bad}, "", false},
		"the character itself":   {person{Name: "a \uFFFD", Hidden: bad, Labels: map[string]string{"\uFFFD": "\uFFFD"}}, "", false},
		"as escaped by a caller": {`\ufffd`, "", false},
		"nothing":                {nil, "", false},
		"a string":               {bad, "", true},
		"a member":               {person{Name: bad}, "name", true},
		"a pointer":              {&person{Phone: &phone}, "phone", true},
		"an embedded one":        {person{base: base{bad}}, "Company", true},
		"an option":              {person{Note: opt{bad}}, "note", true},
		"an option of structs":   {person{Note: opt{[]person{{}, {Name: bad}}}}, "note.1.name", true},
		"an interface":           {person{Any: map[string]any{"x": []any{1, bad}}}, "any.x.1", true},
		"an item":                {person{Tags: []string{"a", bad}}, "tags.1", true},
		"a value of a map":       {person{Labels: map[string]string{"a": "b", "c": bad}}, "labels.c", true},
		"a key of a map":         {person{Labels: map[string]string{"a": "b", bad: "d"}}, "labels.M\uFFFDller", true},
		"a text":                 {person{Key: bad}, "key", true},
		"deep":                   {map[string]any{"create": []person{{}, {Friends: []person{{Name: bad}}}}}, "create.1.friends.0.name", true},
		"raw JSON":               {map[string]any{"a": json.RawMessage(`"` + bad + `"`)}, "", true},
		"a marshaler":            {map[string]any{"a": raw(`"` + bad + `"`)}, "", true},
		"a good marshaler":       {map[string]any{"a": raw(`"\ufffd"`)}, "", false},
	} {
		encoded, err := json.Marshal(test.value)
		if err != nil {
			t.Fatal(err)
		}
		if place, found := Find(test.value, encoded, innerOf); place != test.place || found != test.found {
			t.Errorf("%s: %q, %v", what, place, found)
		}
	}
}
