// Package wellformed finds text that is not UTF-8 in values that are to be sent
// as JSON.
package wellformed

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// replaced are the spellings that encoding/json has for the character in whose
// place something was that is not UTF-8.
var replaced = [][]byte{[]byte(`\ufffd`), []byte("\uFFFD")}

// Find returns the place of a text in v that is not UTF-8, such as
// "create.3.value", "" where it is v itself. encoded is v as encoding/json wrote
// it, which tells most values that are good without a look at them. inner returns
// what a value of the caller's own stands for, where its type encodes itself.
func Find(v any, encoded []byte, inner func(any) (any, bool)) (place string, found bool) {
	if !utf8.Valid(encoded) {
		return "", true // written by a json.Marshaler
	}
	for _, spelling := range replaced {
		if bytes.Contains(encoded, spelling) {
			w := walk{inner: inner}
			found = w.value(reflect.ValueOf(v))
			return strings.Join(w.place, "."), found
		}
	}
	return "", false
}

// walk looks through one value, of which encoding/json has found that it ends.
type walk struct {
	inner func(any) (any, bool)
	place []string // on the way to the value that is looked at
}

// value reports text that is not UTF-8, and leaves its place.
func (w *walk) value(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return false
		}
	}
	if v.CanInterface() {
		switch own := v.Interface().(type) {
		case json.Marshaler:
			value, ok := w.inner(own)
			return ok && w.value(reflect.ValueOf(value))
		case encoding.TextMarshaler:
			return w.marshaler(own)
		}
	}
	switch v.Kind() {
	case reflect.String:
		return !utf8.ValidString(v.String())
	case reflect.Pointer, reflect.Interface:
		return w.value(v.Elem())
	case reflect.Slice, reflect.Array:
		return v.Type().Elem().Kind() != reflect.Uint8 && w.elements(v)
	case reflect.Map:
		return w.entries(v)
	case reflect.Struct:
		return w.fields(v)
	}
	return false
}

func (w *walk) marshaler(own encoding.TextMarshaler) bool {
	text, err := own.MarshalText()
	return err == nil && !utf8.Valid(text)
}

// at looks at what stands at a place inside.
func (w *walk) at(place string, v reflect.Value) bool {
	w.place = append(w.place, strings.ToValidUTF8(place, "\uFFFD"))
	if w.value(v) {
		return true
	}
	w.place = w.place[:len(w.place)-1]
	return false
}

func (w *walk) elements(v reflect.Value) bool {
	for i := range v.Len() {
		if w.at(strconv.Itoa(i), v.Index(i)) {
			return true
		}
	}
	return false
}

func (w *walk) entries(v reflect.Value) bool {
	for each := v.MapRange(); each.Next(); {
		if w.at(fmt.Sprint(each.Key()), each.Key()) || w.at(fmt.Sprint(each.Key()), each.Value()) {
			return true
		}
	}
	return false
}

func (w *walk) fields(v reflect.Value) bool {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-", !field.IsExported() && !field.Anonymous:
		case field.Anonymous && name == "":
			if w.value(v.Field(i)) {
				return true
			}
		case w.at(nameOr(name, field.Name), v.Field(i)):
			return true
		}
	}
	return false
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
