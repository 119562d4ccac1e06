package hoster

import "strings"

// redact removes the token of this attempt from everything that an answer
// could have echoed into the error.
func (c *call) redact(e *Error) {
	token := c.try.token.Reveal()
	if token == "" {
		return
	}
	clean := func(s string) string { return strings.ReplaceAll(s, token, redacted) }
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
