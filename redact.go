package hoster

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/redact"
)

// notShown is what an error says instead of text that could hold a new secret.
const notShown = "what the answer says is not shown, as it can hold a secret"

// secrets are what nothing that this call hands out may show: its token, what
// its request carried under the name of a secret or in a header of the caller's, and
// what the answer has under such a name.
func (c *call) secrets(answer []byte) *redact.Secrets {
	var s redact.Secrets
	s.Add(c.token().Reveal())
	s.AddMembers(c.Body)
	for _, field := range slices.Concat(c.client.callers, c.settings.headers) {
		if len(field.Value) >= redact.Window { // a shorter one is found in any text
			s.Add(field.Value)
		}
	}
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
	e.Message, e.Text, e.Code = show(e.Message), redact.Legible(show(e.Text)), ErrorCode(show(string(e.Code)))
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
		e.cause = redact.Error(e.cause, secrets.Clean)
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
	if !redact.IsCode(string(e.Code)) {
		e.Code = ""
	}
	if to, err := url.Parse(e.Location); err == nil && to.Host != "" {
		e.Location = to.Scheme + "://" + to.Host
	} else {
		e.Location = ""
	}
	if e.cause != nil && e.broken {
		e.cause = redact.Error(e.cause, redact.Quotes)
	} else if e.cause != nil {
		e.cause = redact.Error(e.cause, maskWords)
	}
}

// redactError does the same for an error of the transport.
func (c *call) redactError(err error) error {
	if c.op.mints {
		err = redact.Error(err, redact.Quotes)
	}
	return redact.Error(err, c.secrets(nil).Clean)
}

// maskWords keeps the words of a language, names of fields, and scopes.
func maskWords(text string) string {
	return redact.Words(text, func(word string) bool { return slices.Contains(AllScopes(), Scope(word)) })
}
