package dialect

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// What follows walks through JSON that was checked before, and so looks for nothing
// but its ends. It makes no memory.

// skipSpace returns where the white space at i ends.
func skipSpace(text []byte, i int) int {
	for i < len(text) && text[i] <= ' ' {
		i++
	}
	return i
}

// skipText returns where the string that begins at i ends. It looks at eight octets
// at a time: the subtraction sets the high bit of each that is a quote or a
// backslash, and below the first of them there is no borrow to set another.
func skipText(text []byte, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for i++; i+8 <= len(text); {
		w := binary.LittleEndian.Uint64(text[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		found := ((quote-ones)&^quote | (slash-ones)&^slash) & high
		if found == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(found) / 8; text[i] == '"' {
			return i + 1
		}
		i += 2
	}
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(text)
}

// skipValue returns where the value that begins at i ends.
func skipValue(text []byte, i int) int {
	if i >= len(text) {
		return i
	}
	switch text[i] {
	case '"':
		return skipText(text, i)
	case '{', '[':
		for depth := 0; i < len(text); {
			switch text[i] {
			case '"':
				i = skipText(text, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return i
	}
	for i < len(text) && text[i] > ' ' && text[i] != ',' && text[i] != '}' && text[i] != ']' {
		i++
	}
	return i
}

// walkMembers calls use with each member of the object that begins at i, and returns
// where it ends. Of a value that is no object it does nothing.
func walkMembers(text []byte, i int, use func(name []byte, value jsonread.Value)) (end int) {
	return walkRaw(text, i, func(name, _ []byte, value jsonread.Value) { use(name, value) })
}

// walkRaw is walkMembers with each member as it is written, from its name to the end
// of its value.
func walkRaw(text []byte, i int, use func(name, raw []byte, value jsonread.Value)) (end int) {
	return walk(text, i, func(name []byte, begin, i int) int {
		end := skipValue(text, i)
		use(name, text[begin:end], text[i:end:end])
		return end
	})
}

// walk calls use with each member of the object that begins at i: its name, and where
// the member and its value begin. use returns where the value ends.
func walk(text []byte, i int, use func(name []byte, begin, i int) (end int)) (end int) {
	if i >= len(text) || text[i] != '{' {
		return i
	}
	for i = skipSpace(text, i+1); i < len(text) && text[i] == '"'; {
		begin := i
		i = skipText(text, i)
		name := text[begin+1 : i-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			var plain string
			_ = json.Unmarshal(text[begin:i], &plain) // it was checked
			name = []byte(plain)
		}
		i = skipSpace(text, use(name, begin, skipSpace(text, skipSpace(text, i)+1)))
		if i < len(text) && text[i] == ',' {
			i = skipSpace(text, i+1)
		}
	}
	return min(i+1, len(text))
}

// walkItems calls use with where each item of the list begins that begins at i, and
// returns where that ends. use returns where the item ends.
func walkItems(text []byte, i int, use func(i int) (end int)) (end int) {
	for i = skipSpace(text, i+1); i < len(text) && text[i] != ']'; {
		if i = skipSpace(text, use(i)); i < len(text) && text[i] == ',' {
			i = skipSpace(text, i+1)
		}
	}
	return min(i+1, len(text))
}

// child is the member of an object, nil if it has none; the last of that name counts.
func child(object jsonread.Value, name string) (found jsonread.Value) {
	walkMembers(object, 0, func(member []byte, value jsonread.Value) {
		if string(member) == name {
			found = value
		}
	})
	return found
}

// items are those of a list.
func items(list jsonread.Value) func(yield func(jsonread.Value) bool) {
	return func(yield func(jsonread.Value) bool) {
		more := list.Kind() == '['
		if !more {
			return
		}
		walkItems(list, 0, func(i int) int {
			end := skipValue(list, i)
			more = more && yield(list[i:end:end])
			return end
		})
	}
}
