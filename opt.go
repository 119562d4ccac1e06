package hoster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"time"
)

// Opt is a field of a request that may be absent, null or a value. The zero
// Opt is absent and not sent at all; [Null] clears what is stored; [Set] sends
// the value, be it false, 0 or "".
type Opt[T any] struct {
	value T
	state optState
}

type optState uint8

const (
	optAbsent optState = iota
	optNull
	optValue
)

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: optValue} }

// Null returns an Opt that sends null, which clears the field.
func Null[T any]() Opt[T] { return Opt[T]{state: optNull} }

// Get returns the value, and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == optValue }

// IsZero reports whether o is absent; encoding/json's omitzero asks it.
func (o Opt[T]) IsZero() bool { return o.state == optAbsent }

// IsNull reports whether o clears its field.
func (o Opt[T]) IsNull() bool { return o.state == optNull }

// content is the value, nil if there is none.
func (o Opt[T]) content() any {
	if o.state != optValue {
		return nil
	}
	return o.value
}

// place is where the value stands.
func (o *Opt[T]) place() any { return &o.value }

// String shows the value, "null" or "absent".
func (o Opt[T]) String() string {
	switch o.state {
	case optValue:
		return fmt.Sprint(o.value)
	case optNull:
		return "null"
	default:
		return "absent"
	}
}

// MarshalJSON writes the value or null. Times go out in UTC, a list that is set
// but nil as an empty one.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != optValue {
		return []byte("null"), nil
	}
	if t, ok := any(o.value).(time.Time); ok {
		return json.Marshal(t.UTC())
	}
	if v := reflect.ValueOf(o.value); v.Kind() == reflect.Slice && v.IsNil() {
		return []byte("[]"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Set(v)
	return nil
}

// EncodeValues writes the value into a query; a null has no meaning there.
func (o Opt[T]) EncodeValues(key string, values *url.Values) error {
	switch o.state {
	case optNull:
		return &ArgumentError{Field: key, Expected: "a value, or absent: null means nothing in a filter"}
	case optValue:
		if t, ok := any(o.value).(time.Time); ok {
			values.Set(key, t.UTC().Format(time.RFC3339))
			return nil
		}
		values.Set(key, fmt.Sprint(o.value))
	}
	return nil
}

var errNotAmount = errors.New("hoster: not an amount: expected a decimal number such as 12.99")
