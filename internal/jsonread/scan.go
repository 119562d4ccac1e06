package jsonread

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// peek passes over white space and returns the octet there, 0 at the end.
func (r *Reader) peek() byte {
	if r.at < len(r.data) {
		if c := r.data[r.at]; c > ' ' {
			return c
		}
	}
	return r.space()
}

func (r *Reader) space() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// literal passes over true, false or null.
func (r *Reader) literal(word string) error {
	if rest := r.data[r.at:]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		return r.broken()
	}
	r.at += len(word)
	return nil
}

// emptyText passes over "", and reports whether it stood there.
func (r *Reader) emptyText() bool {
	if r.at+1 < len(r.data) && r.data[r.at] == '"' && r.data[r.at+1] == '"' {
		r.at += 2
		return true
	}
	return false
}

// emptyObject passes over an empty object as some servers write it, "" or [],
// and reports whether one stood there.
func (r *Reader) emptyObject() bool {
	if r.at < len(r.data) && r.data[r.at] == '[' {
		from := r.at
		if r.at++; r.peek() == ']' {
			r.at++
			return true
		}
		r.at = from
		return false
	}
	return r.emptyText()
}

// member passes over the name of a member and its colon.
func (r *Reader) member() (name []byte, err error) {
	if r.peek() != '"' {
		return nil, r.broken()
	}
	begin := r.at + 1
	i := begin
	for i < len(r.data) && plainASCII[r.data[i]] {
		i++
	}
	if i < len(r.data) && r.data[i] == '"' {
		name, r.at = r.data[begin:i], i+1
	} else {
		if r.name, err = r.appendString(r.name[:0]); err != nil {
			return nil, err
		}
		name = r.name
	}
	if r.peek() != ':' {
		return nil, r.broken()
	}
	r.at++
	r.peek()
	return name, nil
}

// memberIs passes over the name of a member and its colon if they stand there
// without escapes and white space. Members mostly come in the order of the fields.
func (r *Reader) memberIs(name string) bool {
	from := r.at + 1
	end := from + len(name)
	if end+1 >= len(r.data) || r.data[end] != '"' || r.data[end+1] != ':' || r.data[r.at] != '"' || string(r.data[from:end]) != name {
		return false
	}
	r.at = end + 2
	r.peek()
	return true
}

// plainASCII are the octets that stand for themselves in a string, but for those
// above ASCII.
var plainASCII = func() (plain [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// appendString reads a string and appends what it says. What is not UTF-8
// becomes U+FFFD.
func (r *Reader) appendString(into []byte) ([]byte, error) {
	i := r.at + 1
	for {
		j := unusual(r.data, i)
		into = append(into, r.data[i:j]...)
		if j == len(r.data) {
			r.at = j
			return into, r.broken()
		}
		switch c := r.data[j]; {
		case c == '"':
			r.at = j + 1
			return into, nil
		case c >= utf8.RuneSelf:
			decoded, size := utf8.DecodeRune(r.data[j:])
			into = utf8.AppendRune(into, decoded)
			i = j + size
		default:
			size := escapeSize(r.data[j:])
			if size == 0 {
				r.at = j
				return into, r.broken()
			}
			into, i = appendEscape(into, r.data, j, size)
		}
	}
}

// skipString passes over a string.
func (r *Reader) skipString() error {
	for r.at++; ; {
		r.at = unusual(r.data, r.at)
		if r.at == len(r.data) {
			return r.broken()
		}
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			return nil
		case c >= utf8.RuneSelf:
			r.at++
		default:
			size := escapeSize(r.data[r.at:])
			if size == 0 {
				return r.broken()
			}
			r.at += size
		}
	}
}

// escapeSize is how long the escape is that text begins with, 0 if it is none.
func escapeSize(text []byte) int {
	if len(text) < 2 || text[0] != '\\' {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(text); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads \u and four digits.
func hex4(text []byte) (unit rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}

// appendEscape appends what the escape at i says, and returns what follows it.
// Half of a surrogate pair becomes U+FFFD.
func appendEscape(into, data []byte, i, size int) ([]byte, int) {
	switch c := data[i+1]; c {
	case 'b':
		return append(into, '\b'), i + size
	case 'f':
		return append(into, '\f'), i + size
	case 'n':
		return append(into, '\n'), i + size
	case 'r':
		return append(into, '\r'), i + size
	case 't':
		return append(into, '\t'), i + size
	case 'u':
		unit, _ := hex4(data[i:])
		i += size
		if utf16.IsSurrogate(unit) {
			second, _ := hex4(data[i:])
			if unit = utf16.DecodeRune(unit, second); unit != utf8.RuneError {
				i += 6
			}
		}
		return utf8.AppendRune(into, unit), i
	default:
		return append(into, c), i + size
	}
}

// unusual finds the first octet from i on that is no ASCII character of a
// string: a quote, a backslash, a control character, or one above ASCII. It looks
// at eight octets at a time: the subtractions set the high bit of each that it
// looks for, and below the first of them there is no borrow to set another.
func unusual(data []byte, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		found := (w | (w - ones*' ') | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones)) & high
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(data) && plainASCII[data[i]] {
		i++
	}
	return i
}

// number passes over a number and returns its text.
func (r *Reader) number() ([]byte, error) {
	size := numberSize(r.data[r.at:])
	if size == 0 {
		return nil, r.broken()
	}
	r.at += size
	return r.data[r.at-size : r.at], nil
}

// numberSize is how long the JSON number is that text begins with, 0 without one.
func numberSize[T string | []byte](text T) int {
	digits := func(i int) int {
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		return i
	}
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	begin := i
	if i < len(text) && text[i] == '0' {
		i++
	} else {
		i = digits(i)
	}
	if i == begin {
		return 0
	}
	if i < len(text) && text[i] == '.' {
		end := digits(i + 1)
		if end == i+1 {
			return 0
		}
		i = end
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		end := digits(i)
		if end == i {
			return 0
		}
		i = end
	}
	return i
}

func isNumber(c byte) bool { return c == '-' || c-'0' <= 9 }

// skip passes over any value.
func (r *Reader) skip() error {
	switch c := r.peek(); {
	case c == '"':
		return r.skipString()
	case c == '{' || c == '[':
		return r.skipMany(c)
	case c == 't':
		return r.literal("true")
	case c == 'f':
		return r.literal("false")
	case c == 'n':
		return r.literal("null")
	case isNumber(c):
		_, err := r.number()
		return err
	}
	return r.broken()
}

// skipMany passes over an array or object.
func (r *Reader) skipMany(sign byte) error {
	if err := r.enter(); err != nil {
		return err
	}
	end := sign + 2 // in ASCII, both pairs lie two apart
	if r.peek() == end {
		return r.leave()
	}
	for {
		if sign == '{' {
			if r.peek() != '"' {
				return r.broken()
			}
			if err := r.skipString(); err != nil {
				return err
			}
			if r.peek() != ':' {
				return r.broken()
			}
			r.at++
		}
		if err := r.skip(); err != nil {
			return err
		}
		if more, err := r.more(end); !more {
			return err
		}
	}
}
