package dnszone_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

func TestSplitTXT(t *testing.T) {
	x := strings.Repeat("x", 600)
	for size, want := range map[int][]string{
		0:   {""},
		1:   {x[:1]},
		255: {x[:255]},
		256: {x[:255], x[:1]},
		510: {x[:255], x[:255]},
		511: {x[:255], x[:255], x[:1]},
	} {
		if got := dnszone.SplitTXT(x[:size]); !slices.Equal(got, want) {
			t.Errorf("%d octets in %d chunks, want %d", size, len(got), len(want))
		}
	}
	// A rune of two octets on the border is cut: chunks are octets.
	if got := dnszone.SplitTXT(strings.Repeat("é", 128)); len(got) != 2 || len(got[0]) != 255 || got[1] != "\xa9" {
		t.Errorf("chunks %q", got)
	}
}

func TestQuoteTXT(t *testing.T) {
	for text, want := range map[string]string{
		"":                 `""`,
		" a ":              `" a "`,
		`say "hi"`:         `"say \"hi\""`,
		`\`:                `"\\"`,
		"a;b":              `"a;b"`,
		"é":                `"\195\169"`,
		"\x00\t\n\x7f\xff": `"\000\009\010\127\255"`,
	} {
		if got := dnszone.QuoteTXT(text); got != want {
			t.Errorf("QuoteTXT(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestUnquoteTXT(t *testing.T) {
	for in, want := range map[string]string{
		`""`:             "",
		`"" ""`:          "",
		` "a" "b" `:      "ab",
		`"a""b"`:         "ab",
		"\"a\"\n\t\"b\"": "ab",
		`"\"\\\;\097"`:   `"\;a`,
		"\"é\xff\"":      "é\xff",
		"word":           "word",
		`a\ b\;c`:        "a b;c",
		`( "a" )`:        "a",
		`(word)`:         "word",
		`word ; comment`: "word",
		"( \"v=DKIM1; \" ; key (1\n\"p=)\" )\n; end": "v=DKIM1; p=)",
		"( \"a\"\n; \"b\"\n(\"c\") )":                "ac",
	} {
		if got, err := dnszone.UnquoteTXT(in); err != nil || got != want {
			t.Errorf("UnquoteTXT(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for in, problem := range map[string]string{
		"":         "missing",
		"  ":       "missing",
		"two word": "quoted as a whole",
		"a;b":      "quoted as a whole",
		`a"b`:      "quoted as a whole",
		`( "a"`:    "parenthesis",
		`"a" )`:    "parenthesis",
		`( "a b )`: "not closed",
		`"a`:       "not closed",
		`"a\`:      "backslash",
		`"a\1"`:    "backslash",
		`"a\300"`:  "larger",
		`"a" b`:    "outside",
		`a\`:       "backslash",
	} {
		got, err := dnszone.UnquoteTXT(in)
		wantProblem(t, "UnquoteTXT", in, got, err, "value", problem)
	}
}
