package hoster

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret holds what must never reach a log, an error or a dump: a token, an
// auth code, a password, a login URL. It prints as "[redacted]" under every
// verb of fmt, in JSON, as text and in slog; [Secret.Reveal] is the one way
// out. The zero value holds nothing and prints as nothing.
type Secret struct {
	// A closure, because fmt prints the unexported fields of a struct around a
	// Secret without asking its methods, and prints a func as an address.
	reveal func() string
}

// NewSecret wraps s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return s }}
}

// Reveal returns what the secret holds.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether the secret holds nothing.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Equal compares two secrets in time that does not depend on their contents.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]", or nothing for the zero value.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString is String: %#v shows no more than %v.
func (s Secret) GoString() string { return s.String() }

// Format prints String under every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String, for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for encoders of text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON is String as JSON: a dump of a request or a response shows that a
// secret was there, and nothing of it.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalText takes the secret itself, and refuses "[redacted]": a dump that
// is read back must not be mistaken for the real thing.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return errors.New(`hoster: "[redacted]" is the print of a secret, not a secret`)
	}
	*s = NewSecret(string(text))
	return nil
}

// UnmarshalJSON takes a string as [Secret.UnmarshalText] does, or null for none.
func (s *Secret) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return errors.New("hoster: a secret must be a JSON string")
	}
	return s.UnmarshalText([]byte(text))
}
