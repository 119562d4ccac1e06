package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// fields reads the members of a request's body and collects what is wrong with
// them. A member of the wrong JSON type is a validation error of that member.
type fields struct {
	raw   map[string]json.RawMessage
	patch bool // null clears, instead of meaning absent
	wrong map[string][]string

	within *fields // what a member of these reports to, and under which name
	at     string
}

// presence says in which way a member was sent.
type presence int

const (
	absent  presence = iota
	cleared          // null, in a PATCH
	given
	invalid // already reported
)

// fail reports what is wrong with a member.
func (f *fields) fail(name, problem string) {
	if f.within != nil {
		f.within.fail(f.at+"."+name, problem)
		return
	}
	if f.wrong == nil {
		f.wrong = make(map[string][]string)
	}
	f.wrong[name] = append(f.wrong[name], problem)
}

// refused returns the validation error, or nil when nothing is wrong.
func (f *fields) refused() *answer {
	if len(f.wrong) == 0 {
		return nil
	}
	a := fail(http.StatusUnprocessableEntity, "VALIDATION_ERROR", "Some fields are not valid.")
	a.err.Errors = f.wrong
	return a
}

// find returns the raw member, and whether there is anything to decode.
func (f *fields) find(name string) (json.RawMessage, presence) {
	raw, sent := f.raw[name]
	switch {
	case !sent, string(raw) == "null" && !f.patch:
		return nil, absent
	case string(raw) == "null":
		return nil, cleared
	}
	return raw, given
}

// decode reads a member into a T, which must fit exactly.
func decode[T any](f *fields, name, problem string) (T, presence) {
	var value T
	raw, how := f.find(name)
	if how != given {
		return value, how
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		f.fail(name, problem)
		return value, invalid
	}
	return value, given
}

func (f *fields) text(name string) (string, presence) {
	return decode[string](f, name, "must be a string")
}

// texts reads a list of strings. A null in it is no string.
func (f *fields) texts(name string) ([]string, presence) {
	const problem = "must be a list of strings"
	sent, how := decode[[]*string](f, name, problem)
	values := make([]string, 0, len(sent))
	for _, value := range sent {
		if value == nil {
			f.fail(name, problem)
			return nil, invalid
		}
		values = append(values, *value)
	}
	return values, how
}

func (f *fields) boolean(name string) (bool, presence) {
	return decode[bool](f, name, "must be true or false")
}

// integer reads a number that is written as an integer, whatever its size:
// ranges are for the caller, to whom one that fits no int is the largest.
func (f *fields) integer(name string) (int, presence) {
	raw, how := f.find(name)
	if how != given {
		return 0, how
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil && !outOfRange(err) {
		f.fail(name, "must be an integer")
		return 0, invalid
	}
	return n, given
}

// object reads a member that has members of its own. They report what is wrong
// as "name.member".
func (f *fields) object(name string) (*fields, presence) {
	raw, how := decode[map[string]json.RawMessage](f, name, "must be an object")
	return &fields{raw: raw, patch: f.patch, within: f, at: name}, how
}

// timestamp reads an RFC 3339 time.
func (f *fields) timestamp(name string) (time.Time, presence) {
	const problem = "must be an RFC 3339 time"
	text, how := decode[string](f, name, problem)
	if how != given {
		return time.Time{}, how
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		f.fail(name, problem)
		return time.Time{}, invalid
	}
	return t.UTC(), given
}
