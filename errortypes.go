package hoster

import "time"

// UnauthorizedReason is why a 401 was given.
type UnauthorizedReason string

// The reasons that the API tells apart.
const (
	UnauthorizedReasonMissing   UnauthorizedReason = "missing"   // no credentials arrived
	UnauthorizedReasonMalformed UnauthorizedReason = "malformed" // not of the form "Bearer TOKEN"
	UnauthorizedReasonInvalid   UnauthorizedReason = "invalid"   // no such token
	UnauthorizedReasonExpired   UnauthorizedReason = "expired"
	UnauthorizedReasonRevoked   UnauthorizedReason = "revoked"
)

// UnauthorizedError is a 401 of the API: the token is missing, malformed,
// unknown, expired or revoked.
type UnauthorizedError struct {
	Err    *Error
	Reason UnauthorizedReason
}

// Error is that of Err, with the reason.
func (e *UnauthorizedError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *UnauthorizedError) Unwrap() error { return e.Err }

// ForbiddenReason is why a 403 was given.
type ForbiddenReason string

// The reasons that the API tells apart.
const (
	ForbiddenReasonScope      ForbiddenReason = "scope"      // the token lacks a scope
	ForbiddenReasonIP         ForbiddenReason = "ip"         // the address is not on the token's allowlist
	ForbiddenReasonEscalation ForbiddenReason = "escalation" // a token may not create one that may do more
	ForbiddenReasonUnknown    ForbiddenReason = "unknown"
)

// ForbiddenError is a 403 of the API.
type ForbiddenError struct {
	Err    *Error
	Reason ForbiddenReason
	// MissingScopes is what the token needs and lacks; empty unless Reason is
	// [ForbiddenReasonScope].
	MissingScopes []Scope
	// TokenScopes is what the token has, where the client knows it from
	// [TokensService.Current].
	TokenScopes []Scope
}

// Error is that of Err.
func (e *ForbiddenError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ForbiddenError) Unwrap() error { return e.Err }

// ValidationError is a 422 of the API: Err.Fields holds what is wrong with
// which field, in the API's order.
type ValidationError struct {
	Err    *Error
	Fields []FieldProblem
}

// Error is that of Err.
func (e *ValidationError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ValidationError) Unwrap() error { return e.Err }

// RateLimitError is a 429 that was not, or could not be, waited out.
type RateLimitError struct {
	Err *Error
	// RetryAfter is how long the server asked to wait; 0 if it did not say.
	RetryAfter time.Duration
	// Limit and Reset are the budget of the account and when it is filled
	// again, as far as the server said; zero otherwise.
	Limit int
	Reset time.Time
}

// Error is that of Err.
func (e *RateLimitError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RateLimitError) Unwrap() error { return e.Err }
