// Package printable makes text from outside fit to be shown on one line: what a
// terminal would obey or hide is escaped, and the length is bounded.
package printable

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds in octets on one text from outside, such as a message or a name, and
// on the whole text of an error that quotes several.
const (
	MaxPiece = 512
	MaxWhole = 8 << 10
)

// Piece is a text from outside on one line, at most MaxPiece octets long.
func Piece(s string) string { return bounded(s, MaxPiece) }

// Whole is the text of an error on one line, at most MaxWhole octets long.
func Whole(s string) string { return bounded(s, MaxWhole) }

func bounded(s string, most int) string {
	return Cut(line(Cut(s, most)), most)
}

// Escape writes every octet of a character that is not visible as \DDD, white
// space included except for the plain space.
func Escape(s string) string { return escape(s, false) }

// line is Escape for prose, in which any white space reads as a space.
func line(s string) string { return escape(s, true) }

func escape(s string, prose bool) string {
	visible := 0 // up to here nothing needs escaping
	for visible < len(s) {
		r, size := utf8.DecodeRuneInString(s[visible:])
		if hidden(r, size) {
			break
		}
		visible += size
	}
	if visible == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:visible])
	for i := visible; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case !hidden(r, size):
			b.WriteString(s[i : i+size])
		case prose && unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			for _, c := range []byte(s[i : i+size]) {
				b.Write([]byte{'\\', '0' + c/100, '0' + c/10%10, '0' + c%10})
			}
		}
		i += size
	}
	return b.String()
}

// hidden reports a control or format character, one that turns the direction of
// writing, one without a glyph, white space other than the plain space, or an
// octet that is not UTF-8.
func hidden(r rune, size int) bool {
	switch {
	case r < utf8.RuneSelf:
		return r < ' ' || r == 0x7f
	case r == utf8.RuneError:
		return size == 1
	}
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Cut bounds s to most octets, without cutting through a character. A text that
// is cut ends with "…".
func Cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
