package hoster

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/redact"
)

// notShown is what an error says instead of text that could hold a new secret.
const notShown = "what the answer says is not shown, as it can hold a secret"

// secrets are what nothing that this call hands out may show: its token, what
// its request carried under the name of a secret, and what the answer has under
// such a name.
func (c *call) secrets(answer []byte) *redact.Secrets {
	var s redact.Secrets
	s.Add(c.token().Reveal())
	s.AddMembers(c.Body)
	s.Harvest(answer[:min(len(answer), maxErrorBody)])
	return &s
}

// redactHeader removes secrets from the headers that reach a [Response] or an
// [Event]. Those that reach an error are redacted with it. Of an answer it takes
// secrets only where one is expected: most answers are long, and hold none.
func (c *call) redactHeader(h http.Header, answer []byte) {
	if c.settings.response == nil && c.settings.origin == nil && c.Observer == nil {
		return
	}
	if !c.op.mints {
		answer = nil
	}
	var s *redact.Secrets
	for _, name := range [...]string{"X-Request-Id", "Etag", "X-Zone-Etag"} {
		for i, value := range h[name] {
			if s == nil {
				s = c.secrets(answer)
			}
			h[name][i] = s.Clean(value)
		}
	}
}

// redact makes an error fit to be shown: nothing that its texts take from the
// answer holds a secret, or what a terminal would obey or hide.
func (c *call) redact(err error, e *Error, answer []byte) {
	secrets := c.secrets(answer)
	show := func(text string) string {
		return printable.Piece(secrets.Clean(printable.Cut(text, 2*printable.MaxPiece)))
	}
	if c.op.mints {
		c.withhold(e)
	}
	e.Message, e.Text, e.Code = show(e.Message), legible(show(e.Text)), ErrorCode(show(string(e.Code)))
	e.RequestID, e.Location = show(e.RequestID), show(e.Location)
	for i, f := range e.Fields {
		if !redact.IsMember(f.Field) { // the name of a secret is none
			e.Fields[i].Field = show(f.Field)
		}
		for j, m := range f.Messages {
			f.Messages[j] = show(m)
		}
	}
	if e.cause != nil {
		e.cause = hide(e.cause, secrets.Clean)
	}
	var invalid *ValidationError
	if errors.As(err, &invalid) {
		invalid.Fields = e.Fields
	}
	var forbidden *ForbiddenError
	if errors.As(err, &forbidden) && forbidden.Reason == ForbiddenReasonScope {
		for i, scope := range forbidden.MissingScopes {
			if c.op.mints {
				scope = Scope(maskWords(string(scope)))
			}
			forbidden.MissingScopes[i] = Scope(show(string(scope)))
		}
		e.Hint = forbiddenHint(c.op, forbidden)
	}
}

// withhold takes from the error of a call that makes a secret whatever could be
// that secret. The text of the answer is shown only where the API itself refused
// the call, under whatever status, and then without words that are no plain
// words; of the code, what has the form of one; of a redirect, the host.
func (c *call) withhold(e *Error) {
	refused := e.FromAPI && e.kind == nil && e.effectiveStatus() < 500
	if refused {
		e.Message = maskWords(e.Message)
		for i, f := range e.Fields {
			e.Fields[i].Field = maskWords(f.Field)
			for j, m := range f.Messages {
				f.Messages[j] = maskWords(m)
			}
		}
	}
	if e.Text != "" || !refused && (e.Message != "" || len(e.Fields) > 0) {
		e.Text = notShown
	}
	if !refused {
		e.Message, e.Fields = "", nil
	}
	if !codeForm.MatchString(string(e.Code)) {
		e.Code = ""
	}
	if to, err := url.Parse(e.Location); err == nil && to.Host != "" {
		e.Location = to.Scheme + "://" + to.Host
	} else {
		e.Location = ""
	}
	if e.cause != nil && e.broken {
		e.cause = hide(e.cause, maskQuotes)
	} else if e.cause != nil {
		e.cause = hide(e.cause, maskWords)
	}
}

// redactError does the same for an error of the transport.
func (c *call) redactError(err error) error {
	if c.op.mints {
		err = hide(err, maskQuotes)
	}
	return hide(err, c.secrets(nil).Clean)
}

var (
	codeForm  = regexp.MustCompile(`^([A-Z]+(_[A-Z]+)*|.{0,7})$`) // too short for a secret, or of an API's form
	anyWord   = regexp.MustCompile(`\S{8,}`)
	plainWord = regexp.MustCompile(`^[A-Z]?[a-z]+([_.][a-z]+|\.[0-9]{1,3}|\[[0-9]{1,6}\])*$`)
	quotes    = regexp.MustCompile(`"(?:[^"\\]|\\.)*"?`)
	headLine  = regexp.MustCompile(`(malformed MIME header line: ).*`)
)

// maskWords replaces the long words of a text that are neither words of a
// language nor names of fields or scopes, and so could be a secret.
func maskWords(text string) string {
	return anyWord.ReplaceAllStringFunc(text, func(word string) string {
		bare := strings.Trim(word, "\"'`()[]<>.,;:!?")
		if len(bare) < len(word)-4 || !plainWord.MatchString(bare) && !Scope(bare).Known() {
			return redacted
		}
		return word
	})
}

// maskQuotes removes what net/http quotes of an answer that it cannot read.
func maskQuotes(text string) string {
	text = quotes.ReplaceAllString(text, `"…"`)
	return headLine.ReplaceAllString(text, "$1…")
}

// legible replaces a text that is no text, such as a compressed page.
func legible(text string) string {
	if bad := strings.Count(text, "\ufffd"); bad > 3 && bad > utf8.RuneCountInString(text)/8 {
		return "the body is not text"
	}
	return text
}

// hide returns err, or, where clean finds something to take out of its text or
// that of an error inside, one that matches the same and shows only the rest.
func hide(err error, clean func(string) string) error {
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
