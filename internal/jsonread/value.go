package jsonread

import (
	"context"
	"iter"
	"strings"
	"unicode/utf8"
)

// Value is the text of one JSON value that was checked.
type Value []byte

// Parse returns the value that text begins with, and whether there is one.
func Parse(text []byte, limits Limits) (Value, bool) {
	var r Reader
	r.Reset(context.Background(), text, limits)
	v, err := r.Value()
	return v, err == nil
}

// Kind returns the first octet of the value, 0 of the empty one.
func (v Value) Kind() byte {
	if len(v) == 0 {
		return 0
	}
	return v[0]
}

// Members returns the members of an object, and nothing of another value. The
// name is valid until the next one.
func (v Value) Members() iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		if v.Kind() != '{' {
			return
		}
		var r Reader
		r.resetTo(v)
		_ = r.Object(func(name []byte) error {
			value, err := r.Value()
			if err == nil && !yield(name, value) {
				err = errStop
			}
			return err
		})
	}
}

// Items returns the items of a list, and nothing of another value.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != '[' {
			return
		}
		var r Reader
		r.resetTo(v)
		_ = r.enter()
		for more := r.peek() != ']'; more; more, _ = r.more(']') {
			item, err := r.Value()
			if err != nil || !yield(item) {
				return
			}
		}
	}
}

// Text returns what a string says without white space around it, or the digits
// of a number; "" of other values. The text is cut at most octets.
func (v Value) Text(most int) string {
	switch c := v.Kind(); {
	case c == '"':
		r := Reader{data: v[:min(len(v), maxEscape*most)]}
		text, _ := r.appendString(nil) // an error is where it was cut
		for len(text) > most {
			_, size := utf8.DecodeLastRune(text[:most+1])
			text = text[:most+1-size]
		}
		return strings.TrimSpace(string(text))
	case isNumber(c):
		return string(v[:min(len(v), most)])
	}
	return ""
}

// maxEscape is how many octets say one at most, such as \u0041.
const maxEscape = 6

var errStop error = &Error{Problem: "stopped", fatal: true}

// resetTo begins with a value, whose depth was checked.
func (r *Reader) resetTo(v Value) {
	r.Reset(context.Background(), v, Limits{Depth: len(v)})
}
