package jsonread

import (
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// scalar returns what a number, a string or a word says. It is valid until the
// reader goes on.
func (r *Reader) scalar() (string, error) {
	switch c := r.peek(); {
	case c == '"':
		from := len(r.text)
		text, err := r.appendString(r.text)
		r.text = text[:from]
		return strings.TrimSpace(string(text[from:])), err
	case isNumber(c):
		digits, err := r.number()
		return string(digits), err
	case c == 't':
		return "true", r.literal("true")
	case c == 'f':
		return "false", r.literal("false")
	case c == '{' || c == '[':
		return "", errNoScalar
	}
	return "", r.broken()
}

var errNoScalar = errors.New("an object or list")

func readBool(r *Reader, to place) error {
	switch r.peek() {
	case 't':
		*at[bool](to) = true
		return r.literal("true")
	case 'f':
		return r.literal("false")
	}
	said, err := r.scalar()
	if err != nil && err != errNoScalar {
		return err
	}
	switch strings.ToLower(said) {
	case "true", "1", "yes", "on":
		*at[bool](to) = true
		return nil
	case "false", "0", "no", "off", "":
		if err == nil {
			return nil
		}
	}
	return expected("true or false")
}

// whole is an integer of any type.
type whole struct {
	negative  bool
	magnitude uint64
}

// fits reports whether n is in the range of an integer with so many bits.
func (n whole) fits(bits uint, signed bool) bool {
	switch {
	case !signed && n.negative:
		return n.magnitude == 0
	case !signed:
		return n.magnitude <= math.MaxUint64>>(64-bits)
	case n.negative:
		return n.magnitude <= 1<<(bits-1)
	}
	return n.magnitude < 1<<(bits-1)
}

func (n whole) value() uint64 {
	if n.negative {
		return -n.magnitude
	}
	return n.magnitude
}

// parseWhole reads digits, and decimals or exponents that are whole.
func parseWhole(text string) (whole, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
		return whole{negative, n}, true
	}
	if size := numberSize(digits); size == 0 || size < len(digits) {
		return whole{}, false
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || f != math.Trunc(f) || f > 1<<53 {
		return whole{}, false
	}
	return whole{negative, uint64(f)}, true
}

// readWhole takes a whole number. some is false where there is none.
func (r *Reader) readWhole() (n whole, some bool, err error) {
	if isNumber(r.peek()) {
		n, i := uint64(0), r.at
		for ; i < len(r.data) && i < r.at+18 && r.data[i]-'0' <= 9; i++ {
			n = 10*n + uint64(r.data[i]-'0')
		}
		if i > r.at && i < len(r.data) && (r.data[r.at] != '0' || i == r.at+1) {
			switch r.data[i] {
			case ',', '}', ']', ' ', '\n', '\r', '\t':
				r.at = i
				return whole{magnitude: n}, true, nil
			}
		}
	}
	if c := r.peek(); c != '"' && !isNumber(c) {
		return n, false, errNoScalar
	}
	said, err := r.scalar()
	if err != nil || said == "" {
		return n, false, err
	}
	if n, some = parseWhole(said); !some {
		err = errNoScalar
	}
	return n, some, err
}

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// readInteger takes a whole number into an integer of type T's size.
func readInteger[T integer](r *Reader, to place) error {
	n, some, err := r.readWhole()
	var zero T
	if err == nil {
		if n.fits(uint(8*unsafe.Sizeof(zero)), zero-1 < zero) {
			if some {
				*at[T](to) = T(n.value())
			}
			return nil
		}
		err = errNoScalar
	}
	if err == errNoScalar {
		return expected("a whole number in the range of " + reflect.TypeFor[T]().String())
	}
	return err
}

// readSize takes a size into a *int64, and leaves nil what is none.
func readSize(r *Reader, to place) error {
	said, err := r.scalar()
	if err == errNoScalar {
		return expected("a size, or a word where there is none")
	}
	if n, ok := parseWhole(said); err == nil && ok && !n.negative && n.fits(64, true) {
		size := int64(n.magnitude)
		*at[*int64](to) = &size
	}
	return err
}

// readFloat takes a number of so many bits.
func readFloat(r *Reader, bits int) (float64, error) {
	if c := r.peek(); c != '"' && !isNumber(c) {
		return 0, expected("a number")
	}
	said, err := r.scalar()
	if err != nil || said == "" {
		return 0, err
	}
	f, wrong := strconv.ParseFloat(said, bits)
	if wrong != nil || numberSize(said) != len(said) {
		return 0, expected("a number in the range of float" + strconv.Itoa(bits))
	}
	return f, nil
}

func readFloat64(r *Reader, to place) (err error) {
	*at[float64](to), err = readFloat(r, 64)
	return err
}

func readFloat32(r *Reader, to place) error {
	f, err := readFloat(r, 32)
	*at[float32](to) = float32(f)
	return err
}

// readNumber takes a number as its text, for json.Number.
func readNumber(r *Reader, to place) error {
	if c := r.peek(); c != '"' && !isNumber(c) {
		return expected("a number")
	}
	said, err := r.scalar()
	if err == nil && said != "" && numberSize(said) != len(said) {
		return expected("a number")
	}
	if err == nil {
		err = r.spend(len(said))
	}
	*at[string](to) = said
	return err
}

// readBytes takes base64.
func readBytes(r *Reader, to place) error {
	from := len(r.text)
	text, err := r.appendString(r.text)
	r.text = text[:from]
	if err != nil {
		return err
	}
	size := base64.StdEncoding.DecodedLen(len(text) - from)
	if err := r.spend(size); err != nil {
		return err
	}
	decoded := make([]byte, size)
	n, err := base64.StdEncoding.Decode(decoded, text[from:])
	if err != nil {
		return expected("base64")
	}
	*at[[]byte](to) = decoded[:n]
	return nil
}
