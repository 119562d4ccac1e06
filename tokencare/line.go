package tokencare

import (
	"crypto/rand"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The tokens that follow each other are a line. Their names are the first one's
// and a random ending, by which a run finds what an earlier one has left.

// ending begins with a digit, so that a name's own last word is not taken for
// one.
var ending = regexp.MustCompile(`-[2-7][a-z2-7]{9}$`)

// endingLength and maxName are in characters; the API allows 100 for a name.
const (
	endingLength = 11
	maxName      = 100
)

// line is what the names of a line's tokens have in common.
func line(name string) string {
	name = ending.ReplaceAllString(name, "")
	for utf8.RuneCountInString(name) > maxName-endingLength {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// nextName is a new name of the same line.
func nextName(name string) string {
	text := strings.ToLower(rand.Text())
	return line(name) + "-" + string('2'+text[0]%6) + text[1:10]
}

// isRotated reports whether a rotation gave this name.
func isRotated(name string) bool { return ending.MatchString(name) }
