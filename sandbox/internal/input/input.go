// Package input reads the members of a request's JSON body and collects what is
// wrong with each of them.
package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
)

// Fields are the members of a JSON object. A member of the wrong JSON type is
// reported as a problem of that member.
type Fields struct {
	raw   map[string]json.RawMessage
	patch bool // null clears, instead of meaning absent
	wrong map[string][]string

	within *Fields // what a member of these reports to, and under which name
	at     string
}

// Presence says in which way a member was sent.
type Presence int

// The ways in which a member can be sent. Of a member that is Invalid the
// problem is reported already.
const (
	Absent  Presence = iota
	Cleared          // null, in a PATCH
	Given
	Invalid
)

// New returns the fields of an empty object. In a patch null clears a member;
// otherwise it means that the member is absent.
func New(patch bool) *Fields { return &Fields{patch: patch} }

// Parse reads the object, and reports whether the body is one JSON object in
// UTF-8.
func (f *Fields) Parse(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 || body[0] != '{' || !utf8.Valid(body) {
		return false
	}
	return json.Unmarshal(body, &f.raw) == nil
}

// Element returns the fields of an element of a list, which report their
// problems to f under that place. It reports whether the element is an object.
// In an element null means that the member is absent.
func (f *Fields) Element(at string, element json.RawMessage) (*Fields, bool) {
	e := &Fields{within: f, at: at}
	return e, json.Unmarshal(element, &e.raw) == nil && e.raw != nil
}

// Fail reports what is wrong with a member.
func (f *Fields) Fail(name, problem string) {
	if f.within != nil {
		f.within.Fail(f.at+"."+name, problem)
		return
	}
	if f.wrong == nil {
		f.wrong = make(map[string][]string)
	}
	f.wrong[name] = append(f.wrong[name], problem)
}

// Wrong returns the problems by the names of the members; nil: there are none.
func (f *Fields) Wrong() map[string][]string { return f.wrong }

// Patch reports whether null clears a member.
func (f *Fields) Patch() bool { return f.patch }

// find returns the raw member, and whether there is anything to decode.
func (f *Fields) find(name string) (json.RawMessage, Presence) {
	raw, sent := f.raw[name]
	switch {
	case !sent, string(raw) == "null" && !f.patch:
		return nil, Absent
	case string(raw) == "null":
		return nil, Cleared
	}
	return raw, Given
}

// Decode reads a member into a T, which must fit exactly.
func Decode[T any](f *Fields, name, problem string) (T, Presence) {
	var value T
	raw, how := f.find(name)
	if how != Given {
		return value, how
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		f.Fail(name, problem)
		return value, Invalid
	}
	return value, Given
}

// Text reads a string.
func (f *Fields) Text(name string) (string, Presence) {
	return Decode[string](f, name, "must be a string")
}

// Texts reads a list of strings. A null in it is no string.
func (f *Fields) Texts(name string) ([]string, Presence) {
	const problem = "must be a list of strings"
	sent, how := Decode[[]*string](f, name, problem)
	values := make([]string, 0, len(sent))
	for _, value := range sent {
		if value == nil {
			f.Fail(name, problem)
			return nil, Invalid
		}
		values = append(values, *value)
	}
	return values, how
}

// Boolean reads true or false.
func (f *Fields) Boolean(name string) (bool, Presence) {
	return Decode[bool](f, name, "must be true or false")
}

// Integer reads a number that is written as an integer, whatever its size:
// ranges are for the caller, to whom one that fits no int is the largest.
func (f *Fields) Integer(name string) (int, Presence) {
	raw, how := f.find(name)
	if how != Given {
		return 0, how
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		f.Fail(name, "must be an integer")
		return 0, Invalid
	}
	return n, Given
}

// Object reads a member that has members of its own. They report what is wrong
// as "name.member".
func (f *Fields) Object(name string) (*Fields, Presence) {
	raw, how := Decode[map[string]json.RawMessage](f, name, "must be an object")
	return &Fields{raw: raw, patch: f.patch, within: f, at: name}, how
}

// Timestamp reads an RFC 3339 time.
func (f *Fields) Timestamp(name string) (time.Time, Presence) {
	const problem = "must be an RFC 3339 time"
	text, how := Decode[string](f, name, problem)
	if how != Given {
		return time.Time{}, how
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		f.Fail(name, problem)
		return time.Time{}, Invalid
	}
	return t.UTC(), Given
}
