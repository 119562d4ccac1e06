package hoster

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"unicode/utf8"
)

// scanner reads JSON that stands there as the contract writes it, in one pass.
// Its methods return false for everything else, broken JSON and merely unusual
// JSON alike: then the tolerant decoder of decode.go reads the value, the item
// or the whole answer again, and decides. So nothing here makes an error, and
// what is read here is what the tolerant decoder would have read.
type scanner struct {
	data    []byte
	at      int
	work    *workspace
	counted pagination // what a list says of itself
}

// space passes over white space.
func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// take passes over c, and white space before it.
func (s *scanner) take(c byte) bool {
	if s.at < len(s.data) && s.data[s.at] <= ' ' {
		s.space()
	}
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

// word passes over a literal such as null.
func (s *scanner) word(literal string) bool {
	s.space()
	if rest := s.data[s.at:]; len(rest) < len(literal) || string(rest[:len(literal)]) != literal {
		return false
	}
	s.at += len(literal)
	return true
}

func (s *scanner) null() bool { return s.word("null") }

// object calls member with each name; member reads the value.
func (s *scanner) object(member func(name []byte) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	for {
		name, ok := s.name()
		if !ok || !s.take(':') || !member(name) {
			return false
		}
		if s.take(',') {
			continue
		}
		return s.take('}')
	}
}

// list calls item at the beginning of each item that is not null.
func (s *scanner) list(item func() bool) bool {
	if !s.take('[') {
		return false
	}
	if s.take(']') {
		return true
	}
	for {
		if !s.null() && !item() {
			return false
		}
		if s.take(',') {
			continue
		}
		return s.take(']')
	}
}

// name takes the name of a member. It is short, so its octets are looked at one by
// one; whatever is not ASCII goes the way of other strings.
func (s *scanner) name() ([]byte, bool) {
	if s.at < len(s.data) && s.data[s.at] <= ' ' {
		s.space()
	}
	if s.at < len(s.data) && s.data[s.at] == '"' {
		for i := s.at + 1; i < len(s.data); i++ {
			switch c := s.data[i]; {
			case c == '"':
				name := s.data[s.at+1 : i]
				s.at = i + 1
				return name, true
			case c < ' ', c == '\\', c >= utf8.RuneSelf:
				return s.plain()
			}
		}
	}
	return nil, false
}

// plain takes a string without escapes and returns what it says.
func (s *scanner) plain() ([]byte, bool) {
	from := s.at
	if s.take('"') {
		rest := s.data[s.at:]
		end := unusual(rest, 0)
		ascii := end == len(rest) || rest[end] < utf8.RuneSelf
		if !ascii {
			end = run(rest, end)
		}
		if end < len(rest) && rest[end] == '"' && (ascii || utf8.Valid(rest[:end])) {
			s.at += end + 1
			return rest[:end], true
		}
	}
	s.at = from
	return nil, false
}

// escaped takes a string with the short escapes, such as \" or \/, and appends
// what it says to into.
func (s *scanner) escaped(into []byte) ([]byte, bool) {
	from, begin := s.at, len(into)
	for ok := s.take('"'); ok; {
		rest := s.data[s.at:]
		end := run(rest, 0)
		into = append(into, rest[:end]...)
		s.at += end + 1
		if end < len(rest) && rest[end] == '"' && utf8.Valid(into[begin:]) {
			return into, true
		}
		if ok = end+1 < len(rest) && rest[end] == '\\'; ok {
			s.at++
			at := bytes.IndexByte([]byte(`"\/bfnrt`), rest[end+1])
			if ok = at >= 0; ok {
				into = append(into, "\"\\/\b\f\n\r\t"[at])
			}
		}
	}
	s.at = from
	return into[:begin], false
}

// run finds the first quote, backslash or control character from i on.
func run(data []byte, i int) int {
	for i = unusual(data, i); i < len(data) && data[i] >= utf8.RuneSelf; {
		i = unusual(data, i+1)
	}
	return i
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
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// value takes any value and returns it as it stands, checked.
func (s *scanner) value() ([]byte, bool) {
	s.space()
	from := s.at
	if _, ok := s.plain(); !ok {
		raw := s.data[from:]
		if raw = raw[:extent(raw)]; !json.Valid(raw) {
			return nil, false
		}
		s.at += len(raw)
	}
	return s.data[from:s.at], true
}

// maxDepth is how deep the quick way follows values that it does not read:
// encoding/json stops at ten thousand, counted from the outermost.
const maxDepth = 100

// extent finds the end of the value that valid JSON begins with; what is not
// valid it may cut anywhere.
func extent(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		switch {
		case depth < 0: // a bare value, and the end of what is around it
			return i
		case depth == 0:
			return min(i+1, len(data))
		case depth > maxDepth:
			return 0
		}
	}
	return len(data)
}
