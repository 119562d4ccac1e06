package dialect

import (
	"bytes"
	"encoding/json"

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

// skipText returns where the string that begins at i ends.
func skipText(text []byte, i int) int {
	for i++; ; {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return len(text)
		}
		end := i + n
		slashes := 0
		for slashes < n && text[end-1-slashes] == '\\' {
			slashes++
		}
		if i = end + 1; slashes%2 == 0 {
			return i
		}
	}
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
	if i >= len(text) || text[i] != '{' {
		return i
	}
	for i = skipSpace(text, i+1); i < len(text) && text[i] == '"'; {
		from := i
		i = skipText(text, i)
		name := text[from+1 : i-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			var plain string
			_ = json.Unmarshal(text[from:i], &plain) // it was checked
			name = []byte(plain)
		}
		i = skipSpace(text, skipSpace(text, i)+1) // and the colon
		begin := i
		i = skipValue(text, i)
		use(name, text[from:i], text[begin:i:i])
		if i = skipSpace(text, i); i < len(text) && text[i] == ',' {
			i = skipSpace(text, i+1)
		}
	}
	return min(i+1, len(text))
}

// walkItems calls use with where each item of a list begins. use returns where it
// ends.
func walkItems(list jsonread.Value, use func(i int) (end int)) {
	if list.Kind() != '[' {
		return
	}
	for i := skipSpace(list, 1); i < len(list) && list[i] != ']'; {
		if i = skipSpace(list, use(i)); i < len(list) && list[i] == ',' {
			i = skipSpace(list, i+1)
		}
	}
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
		more := true
		walkItems(list, func(i int) int {
			end := skipValue(list, i)
			more = more && yield(list[i:end:end])
			return end
		})
	}
}
