package redact

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	codeForm  = regexp.MustCompile(`^([A-Z]+(_[A-Z]+)*|.{0,7})$`) // too short for a secret, or of an API's form
	anyWord   = regexp.MustCompile(`\S{8,}`)
	plainWord = regexp.MustCompile(`^[A-Z]?[a-z]+([_.][a-z]+|\.[0-9]{1,3}|\[[0-9]{1,6}\])*$`)
	quotes    = regexp.MustCompile(`"(?:[^"\\]|\\.)*"?`)
	headLine  = regexp.MustCompile(`(malformed MIME header line: ).*`)
)

// IsCode reports what has the form of an API's code, or is too short for a secret.
func IsCode(text string) bool { return codeForm.MatchString(text) }

// Words replaces the long words of a text that are neither words of a language nor
// names of fields, and not known otherwise, and so could be a secret.
func Words(text string, known func(word string) bool) string {
	return anyWord.ReplaceAllStringFunc(text, func(word string) string {
		bare := strings.Trim(word, "\"'`()[]<>.,;:!?")
		if len(bare) < len(word)-4 || !plainWord.MatchString(bare) && !known(bare) {
			return Mark
		}
		return word
	})
}

// Quotes removes what net/http quotes of an answer that it cannot read.
func Quotes(text string) string {
	text = quotes.ReplaceAllString(text, `"…"`)
	return headLine.ReplaceAllString(text, "$1…")
}

// Legible replaces a text that is no text, such as a compressed page.
func Legible(text string) string {
	if bad := strings.Count(text, "\ufffd"); bad > 3 && bad > utf8.RuneCountInString(text)/8 {
		return "the body is not text"
	}
	return text
}

// Error returns err, or, where clean finds something to take out of its text or
// that of an error inside, one that matches the same and shows only the rest.
func Error(err error, clean func(string) string) error {
	if text := err.Error(); clean(text) != text || hasHidden(err, clean) {
		return &hiddenError{text: clean(text), is: func(target error) bool { return errors.Is(err, target) }}
	}
	return err
}

// hasHidden looks at every error inside err.
func hasHidden(err error, clean func(string) string) bool {
	var inside []error
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		inside = []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		inside = e.Unwrap()
	}
	for _, e := range inside {
		if e != nil && (clean(e.Error()) != e.Error() || hasHidden(e, clean)) {
			return true
		}
	}
	return false
}

// hiddenError stands for an error that shows a secret. The other one is kept in
// a closure, where fmt does not look.
type hiddenError struct {
	text string
	is   func(target error) bool
}

func (e *hiddenError) Error() string        { return e.text }
func (e *hiddenError) Is(target error) bool { return e.is(target) }
