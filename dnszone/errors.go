package dnszone

import (
	"fmt"

	"github.com/go-hoster/hoster/internal/printable"
)

// The limits of a TTL in seconds, and what a new record set gets when none is
// asked for.
const (
	MinTTL     = 60
	MaxTTL     = 604800
	DefaultTTL = 3600
)

// FieldError says which field of a record is wrong, and how. Every error of
// this package is a *FieldError.
type FieldError struct {
	// Field is the API's word: "name", "value", "ttl", "priority",
	// "weight", "port" or "type"; "domain" for a domain or a zone.
	Field string
	// Problem is the reason, written to stand behind the field's name.
	Problem string
}

// Error is the field and the problem, on one line.
func (e *FieldError) Error() string { return printable.Whole(e.Field + ": " + e.Problem) }

// ValidateTTL checks a TTL in seconds against the limits of the API,
// [MinTTL] to [MaxTTL]. No TTL at all is a caller's choice and not checked
// here: the record set then keeps its own.
func ValidateTTL(seconds int) error {
	if seconds < MinTTL || seconds > MaxTTL {
		return problem("ttl", "%d seconds is outside %d to %d", seconds, MinTTL, MaxTTL)
	}
	return nil
}

func problem(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// show quotes a piece of input for an error, cut to a length that fits a line.
func show(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
