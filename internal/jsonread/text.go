package jsonread

import "unicode/utf8"

// readText takes a string, or a number's digits as they stand. It gets to its
// place when the item around it is complete.
func readText(r *Reader, to place) error {
	if len(r.text) > maxTogether || len(r.texts) == maxPending {
		if err := r.flush(); err != nil {
			return err
		}
	}
	from := len(r.text)
	c := r.peek()
	switch {
	case c == '"':
		begin := r.at + 1
		end := unusual(r.data, begin)
		if end-begin > maxTogether || len(r.data)-end > maxTogether && r.data[end] != '"' {
			return r.readLong(at[string](to))
		}
		if end < len(r.data) && r.data[end] == '"' {
			r.text = append(r.text, r.data[begin:end]...)
			r.at = end + 1
		} else {
			text, err := r.appendString(r.text)
			if err != nil {
				return err
			}
			r.text = text
		}
	case isNumber(c):
		digits, err := r.number()
		if err != nil {
			return err
		}
		r.text = append(r.text, digits...)
	default:
		return expected("a string")
	}
	r.texts = append(r.texts, pending{at[string](to), from, len(r.text)})
	return nil
}

// readLong takes a string that may be long: one that is has memory of its own,
// of the right size.
func (r *Reader) readLong(to *string) error {
	from := r.at
	if err := r.skipString(); err != nil {
		return err
	}
	raw := r.data[from:r.at]
	r.at = from
	if len(raw) <= maxTogether {
		begin := len(r.text)
		text, err := r.appendString(r.text)
		r.text = text
		r.texts = append(r.texts, pending{to, begin, len(text)})
		return err
	}
	said, err := r.own(raw)
	*to = said
	return err
}

// own reads a string, whose text raw is, into memory of its own.
func (r *Reader) own(raw []byte) (string, error) {
	size := len(raw)
	for rest := raw; len(rest) > 0; {
		decoded, n := utf8.DecodeRune(rest)
		if decoded == utf8.RuneError && n == 1 {
			size += 2 // it becomes U+FFFD, which has three octets
		}
		rest = rest[n:]
	}
	if err := r.spend(size); err != nil {
		return "", err
	}
	said, err := r.appendString(make([]byte, 0, size))
	return textOf(said), err
}
