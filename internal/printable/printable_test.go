package printable

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile is one of each kind of character that must not be printed.
var hostile = []string{
	"\x00", "\a", "\b", "\n", "\r", "\t", "\v", "\f", "\x1b", "\x7f", // C0 and DEL
	"\u0085", "\u009b", "\u009d", // C1: NEL, CSI, OSC
	"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", // no width
	"\u200e", "\u200f", "\u061c", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", // direction
	"\u2028", "\u2029", "\u00a0", "\u3000", // separators and spaces
	"\u3164", "\u115f", "\u034f", "\u180e", "\ufe0f", "\U000e0041", "\U000e0100", // no glyph
	"\ue000", "\U0010ffff", // private use, not assigned
	"\xff", "\xc3", "\xed\xa0\x80", "\xf0\x9f", // not UTF-8
}

func isClean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) ||
			unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
	})
}

func TestNothingHidden(t *testing.T) {
	for _, h := range hostile {
		for _, in := range []string{h, "a" + h, h + "b", "a" + h + h + "ü"} {
			for name, f := range map[string]func(string) string{"Piece": Piece, "Whole": Whole, "Escape": Escape} {
				got := f(in)
				if !isClean(got) {
					t.Errorf("%s(%q) = %q", name, in, got)
				}
				if f(got) != got {
					t.Errorf("%s(%q) is not the same twice: %q", name, in, f(got))
				}
			}
		}
	}
}

func TestTexts(t *testing.T) {
	tests := []struct{ in, piece, escaped string }{
		{"", "", ""},
		{"plain text", "plain text", "plain text"},
		{"Größe 大 ñ €", "Größe 大 ñ €", "Größe 大 ñ €"},
		{"a\r\nb\tc", "a  b c", `a\013\010b\009c`},
		{"red \x1b[31m", `red \027[31m`, `red \027[31m`},
		{"a\u202eb", `a\226\128\174b`, `a\226\128\174b`},
		{"a\u2028b", "a b", `a\226\128\168b`},
		{"bad \xff", `bad \255`, `bad \255`},
		{"was \ufffd", "was \ufffd", "was \ufffd"},
		{`back\slash "quoted"`, `back\slash "quoted"`, `back\slash "quoted"`},
	}
	for _, test := range tests {
		if got := Piece(test.in); got != test.piece {
			t.Errorf("Piece(%q) = %q, want %q", test.in, got, test.piece)
		}
		if got := Escape(test.in); got != test.escaped {
			t.Errorf("Escape(%q) = %q, want %q", test.in, got, test.escaped)
		}
	}
}

func TestBounds(t *testing.T) {
	for _, unit := range []string{"x", "ü", "大", "😀", "\x1b", "\xff", "\n"} {
		for shift := range 5 {
			in := strings.Repeat("y", shift) + strings.Repeat(unit, 20000)
			for most, f := range map[int]func(string) string{MaxPiece: Piece, MaxWhole: Whole} {
				got := f(in)
				if len(got) > most || len(got) < most-8 || !isClean(got) || !strings.HasSuffix(got, "…") {
					t.Errorf("%q: %d octets of %d: %.20q…%q", unit, len(got), most, got, got[max(0, len(got)-8):])
				}
			}
		}
	}
	if got := Piece(strings.Repeat("x", MaxPiece)); len(got) != MaxPiece || strings.HasSuffix(got, "…") {
		t.Errorf("what fits is cut: %q", got)
	}
}
