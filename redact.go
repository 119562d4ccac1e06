package hoster

import (
	"errors"
	"net/http"
	"strings"
)

// redactHeader removes the token from an answer's headers, of which some reach
// errors, events and responses.
func (c *call) redactHeader(h http.Header) {
	token := c.try.token.Reveal()
	if token == "" {
		return
	}
	for _, values := range h {
		for i, value := range values {
			if strings.Contains(value, token) {
				values[i] = strings.ReplaceAll(value, token, redacted)
			}
		}
	}
}

// redact removes the token of this attempt from everything that an answer
// could have echoed into the error.
func (c *call) redact(e *Error) {
	token := c.try.token.Reveal()
	if token == "" {
		return
	}
	clean := func(s string) string {
		s = strings.ReplaceAll(s, token, redacted)
		if text, cut := strings.CutSuffix(s, "…"); cut { // the text may end inside the token
			for n := min(len(token), len(text)); n > 0; n-- {
				if strings.HasSuffix(text, token[:n]) {
					return text[:len(text)-n] + "…"
				}
			}
		}
		return s
	}
	e.Message, e.Text, e.Code = clean(e.Message), clean(e.Text), ErrorCode(clean(string(e.Code)))
	e.RequestID, e.Location, e.Hint = clean(e.RequestID), clean(e.Location), clean(e.Hint)
	for i, f := range e.Fields {
		e.Fields[i].Field = clean(f.Field)
		for j, m := range f.Messages {
			f.Messages[j] = clean(m)
		}
	}
	if e.cause != nil && strings.Contains(e.cause.Error(), token) {
		e.cause = nil
	}
}

// redactError replaces an error of the transport whose text holds the token.
func (c *call) redactError(err error) error {
	if token := c.try.token.Reveal(); token != "" && strings.Contains(err.Error(), token) {
		return errors.New(strings.ReplaceAll(err.Error(), token, redacted))
	}
	return err
}
