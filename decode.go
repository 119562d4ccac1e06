package hoster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// decodeInto reads JSON into v with the contract's tolerance and leaves v's
// type plain: ids and numbers may be strings or numbers, booleans 0 or 1, times
// in any of the usual layouts; null and missing members leave the zero value;
// unknown members are passed over. Everything else that does not fit is an
// error that names the member. v must be fresh: nothing in it is cleared.
func decodeInto(data []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("hoster: the target of an answer must be a pointer that is not nil")
	}
	return decodeValue(data, target.Elem(), "data")
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	rawType         = reflect.TypeFor[json.RawMessage]()
)

func decodeValue(data []byte, v reflect.Value, where string) error {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	switch {
	case v.Type() == timeType:
		return decodeTime(data, v, where)
	case v.Type() == rawType:
		v.SetBytes(bytes.Clone(data))
		return nil
	case reflect.PointerTo(v.Type()).Implements(unmarshalerType):
		if err := v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(data); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Struct:
		return decodeStruct(data, v, where)
	case reflect.Pointer:
		return decodePointer(data, v, where)
	case reflect.Slice:
		return decodeSlice(data, v, where)
	case reflect.String:
		s, err := decodeText(data, where)
		v.SetString(s)
		return err
	case reflect.Bool:
		return decodeBool(data, v, where)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return decodeInteger(data, v, where)
	}
	if err := json.Unmarshal(data, v.Addr().Interface()); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

func decodeStruct(data []byte, v reflect.Value, where string) error {
	if isEmptyText(data) || string(data) == "[]" { // PHP writes an empty object so
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return fmt.Errorf("%s: expected an object", where)
	}
	return decodeMembers(members, v, where)
}

func decodeMembers(members map[string]json.RawMessage, v reflect.Value, where string) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			if err := decodeMembers(members, v.Field(i), where); err != nil {
				return err
			}
			continue
		}
		if !field.IsExported() || name == "" || name == "-" {
			continue
		}
		if err := decodeValue(members[name], v.Field(i), where+"."+name); err != nil {
			return err
		}
	}
	return nil
}

// decodePointer leaves nil what is null, "", or a time that cannot be read.
func decodePointer(data []byte, v reflect.Value, where string) error {
	if isEmptyText(data) {
		return nil
	}
	fresh := reflect.New(v.Type().Elem())
	if err := decodeValue(data, fresh.Elem(), where); err != nil {
		return err
	}
	if t, ok := fresh.Interface().(*time.Time); ok && t.IsZero() {
		return nil
	}
	v.Set(fresh)
	return nil
}

func decodeSlice(data []byte, v reflect.Value, where string) error {
	if isEmptyText(data) {
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		return fmt.Errorf("%s: expected a list", where)
	}
	fresh := reflect.MakeSlice(v.Type(), 0, len(items))
	for i, item := range items {
		if string(bytes.TrimSpace(item)) == "null" {
			continue
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := decodeValue(item, element, where+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
		fresh = reflect.Append(fresh, element)
	}
	v.Set(fresh)
	return nil
}

func isEmptyText(data []byte) bool { return string(data) == `""` }

// decodeText takes a string, or a number's digits as they stand.
func decodeText(data []byte, where string) (string, error) {
	if data[0] == '"' {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return "", fmt.Errorf("%s: %w", where, err)
		}
		return s, nil
	}
	if isNumber(data) {
		return string(data), nil
	}
	return "", fmt.Errorf("%s: expected a string", where)
}

func isNumber(data []byte) bool {
	return data[0] == '-' || (data[0] >= '0' && data[0] <= '9')
}

func decodeBool(data []byte, v reflect.Value, where string) error {
	switch strings.ToLower(strings.Trim(string(data), `"`)) {
	case "true", "1", "yes", "on":
		v.SetBool(true)
	case "false", "0", "no", "off", "":
		v.SetBool(false)
	default:
		return fmt.Errorf("%s: expected true or false", where)
	}
	return nil
}

func decodeInteger(data []byte, v reflect.Value, where string) error {
	text, err := decodeText(data, where)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	n, ok := wholeNumber(text)
	large, err := strconv.ParseUint(text, 10, 64)
	switch {
	case text == "":
		return nil
	case err == nil && v.CanUint() && !v.OverflowUint(large):
		v.SetUint(large)
		return nil
	case !ok:
	case v.CanInt() && !v.OverflowInt(n):
		v.SetInt(n)
		return nil
	case v.CanUint() && n >= 0 && !v.OverflowUint(uint64(n)):
		v.SetUint(uint64(n))
		return nil
	}
	return fmt.Errorf("%s: expected a whole number in the range of %s", where, v.Type())
}

// wholeNumber reads digits, and decimals or exponents that are whole.
func wholeNumber(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.ContainsAny(text, "xX_") || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// decodeTime reads a time and takes one that cannot be read for none: a bad
// date in one field must not cost a list.
func decodeTime(data []byte, v reflect.Value, where string) error {
	if data[0] == '{' || data[0] == '[' {
		return fmt.Errorf("%s: expected a time", where)
	}
	text, _ := decodeText(data, where)
	t, _ := parseTime(strings.TrimSpace(text))
	v.Set(reflect.ValueOf(t))
	return nil
}

// timeLayouts is what brands send beside unix seconds; without a zone it is UTC.
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	time.DateOnly,
}

// parseTime reads a time in any of the layouts, in UTC. Unix seconds above the
// year 5000 are milliseconds.
func parseTime(text string) (time.Time, bool) {
	if seconds, ok := wholeNumber(text); ok {
		const year5000 = 95_617_584_000
		switch {
		case seconds == 0:
			return time.Time{}, false
		case seconds > year5000:
			return time.UnixMilli(seconds).UTC(), true
		}
		return time.Unix(seconds, 0).UTC(), true
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
