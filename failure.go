package hoster

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
)

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

const portalTokens = "Account Settings > API Access"

// hint says what to do next about e, in the words of the customer guide.
func (e *Error) hint(op *operation) string {
	switch {
	case e.absent:
		return "This provider does not offer " + string(op.name) + " over its API" + portalInstead(op) + "."
	case e.isRedirect():
		return "A redirect is followed for reads only, on the same scheme, host and port: set the base URL to where the API really is."
	case e.kind == ErrBodyTooLarge:
		return "Ask for smaller pages, or check that the base URL is the API's."
	case e.kind != nil:
		return ""
	case e.Status == http.StatusProxyAuthRequired:
		return "The proxy on the way asks for credentials, which belong into the proxy's URL, such as HTTP_PROXY."
	case !e.FromAPI:
		return "The answer came from a proxy, a firewall or a web server, not from the API: check the base URL (it ends in /v1), the proxy settings, and whether this address is blocked."
	case e.unknownPath():
		return "The API does not know this path: check that the base URL is complete, with /v1 at its end."
	case e.Code == ErrorCodeIdempotencyKeyReused:
		return "The idempotency key was used for another request before: use a new one."
	case e.class() == ErrPreconditionFailed:
		return e.advise("The object changed since it was read", "read it again and decide anew.", "changed")
	case e.class() == ErrPaymentRequired:
		return e.advise("An invoice is overdue", "it is paid by hand in the provider's portal.", "overdue")
	}
	return ""
}

func portalInstead(op *operation) string {
	if strings.HasPrefix(string(op.name), "Tokens.") {
		return ": tokens are managed in the portal under " + portalTokens
	}
	return ""
}

// unauthorizedHint is the guide's troubleshooting of a 401.
func unauthorizedHint(e *UnauthorizedError) string {
	const whole = "check that the complete token was copied, without white space or line breaks"
	switch e.Reason {
	case UnauthorizedReasonExpired:
		return e.Err.advise("The token has expired", "create a new one in the portal under "+portalTokens+", and give it an expiry that your rotation meets.", "expired")
	case UnauthorizedReasonRevoked:
		return e.Err.advise("The token has been revoked and cannot be used again", "create a new one in the portal under "+portalTokens+".", "revoked")
	case UnauthorizedReasonMissing:
		return `No token arrived: the header must be exactly "Authorization: Bearer YOUR_TOKEN"; check that no proxy removes it.`
	case UnauthorizedReasonMalformed:
		return `The header must be exactly "Authorization: Bearer YOUR_TOKEN": ` + whole + "."
	}
	return "Verify the token: " + whole + ", and that it has not expired or been revoked."
}

// forbiddenHint is the guide's troubleshooting of a 403.
func forbiddenHint(op *operation, e *ForbiddenError) string {
	switch e.Reason {
	case ForbiddenReasonScope:
		if len(e.MissingScopes) == 0 {
			return e.Err.advise("The token lacks a permission that this call needs", "generate a new token with the correct scopes.", "permission")
		}
		fact, advice := "The token lacks "+joinScopes(e.MissingScopes), "create a token with that scope in the portal under "+portalTokens+"."
		if e.TokenScopes != nil {
			advice += " The present token is not enough: it has " + joinScopes(e.TokenScopes) + "."
		}
		words := make([]string, len(e.MissingScopes))
		for i, s := range e.MissingScopes {
			words[i] = string(s)
		}
		return e.Err.advise(fact, advice+" A write scope does not include the read scope.", words...)
	case ForbiddenReasonIP:
		return e.Err.advise("This address is not on the token's IP allowlist", "add it to the allowlist in the portal under "+portalTokens+", or call from an address that is on it.", "allowlist")
	case ForbiddenReasonEscalation:
		return "A token can only create tokens whose scopes it has itself, that expire no later, and whose allowlist lies within its own."
	}
	if op.scope == "" {
		return ""
	}
	return "If the message does not explain it, check that the token has " + string(op.scope) + "."
}

// advise is the fact and what to do about it; the latter alone where the API's
// message has all words of the fact that count.
func (e *Error) advise(fact, advice string, words ...string) string {
	message := strings.ToLower(e.Message)
	for _, word := range words {
		if !strings.Contains(message, strings.ToLower(word)) {
			return fact + ": " + advice
		}
	}
	return strings.ToUpper(advice[:1]) + advice[1:]
}

func joinScopes(scopes []Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, " and ")
}

// FieldsOf returns what an error says of single fields, for programs that show a
// problem where its cause was written, such as at an attribute of a Terraform
// resource. It knows every error of this package and of dnszone, through any wrapping
// and joining, and is empty for an error that is about no field.
//
// A field has the name that it has in the request: "ttl", "address.street",
// "nameservers.1", "values.0"; an argument that is no field of a request that of the
// parameter or option. Where one error wraps another the outer one counts, since it
// speaks of what its caller wrote: a value of a record set is "values.2", and what
// dnszone found wrong in it is part of the message. A price that is too high is
// "max_price", a name that cannot be registered "domain", whether or not the provider
// names the field.
func FieldsOf(err error) []FieldProblem {
	about := func(field string, message string) []FieldProblem {
		return []FieldProblem{{Field: field, Messages: []string{printable.Whole(message)}}}
	}
	switch e := err.(type) { //nolint:errorlint // it walks the chain itself, from the outside in
	case *ValidationError:
		return slices.Clone(e.Fields)
	case *Error:
		field := conflictFields[e.Code]
		if len(e.Fields) > 0 || field == "" || !e.FromAPI {
			return slices.Clone(e.Fields)
		}
		return about(field, cmp.Or(unended(e.Message), string(e.Code)))
	case *ArgumentError:
		return about(e.Field, e.expectation())
	case *PriceError:
		return about("max_price", e.reason())
	case *dnszone.RecordError:
		return about(e.Field, e.Problem)
	case *dnszone.FieldError:
		return about(e.Field, e.Problem)
	case interface{ Unwrap() []error }:
		var all []FieldProblem
		for _, inner := range e.Unwrap() {
			all = append(all, FieldsOf(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		return FieldsOf(e.Unwrap())
	}
	return nil
}

// conflictFields are the fields that a 409 is about by its code alone.
var conflictFields = map[ErrorCode]string{
	ErrorCodePriceChanged:      "max_price",
	ErrorCodeDomainUnavailable: "domain",
}

func (e *Error) isRedirect() bool { return e.Status >= 300 && e.Status < 400 }

// unknownPath reports a 404, or its code under 200, about the path and not about
// an object: a base URL that is not quite right must never look like "not found".
func (e *Error) unknownPath() bool {
	code := strings.ToUpper(string(e.Code))
	told := e.Status == http.StatusNotFound || e.Status < 300 && strings.HasSuffix(code, string(ErrorCodeNotFound))
	return told && code != string(ErrorCodeNotFound) &&
		(strings.Contains(code, "ROUTE") || strings.Contains(code, "ENDPOINT") || strings.Contains(code, "PATH"))
}

// effectiveStatus is the status, or the one that the code of an error under
// 200 stands for.
func (e *Error) effectiveStatus() int {
	if e.Status >= 300 {
		return e.Status
	}
	return statusOfCode(e.Code)
}

// class is the sentinel of the status. 429 and 5xx are what they are whoever
// says so; the others only if the API said them.
func (e *Error) class() error {
	status := e.effectiveStatus()
	switch {
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= 500:
		return ErrServer
	case !e.FromAPI || e.absent || e.unknownPath():
		return nil
	case e.Code == ErrorCodeIdempotencyKeyReused:
		return ErrConflict
	}
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusPaymentRequired:
		return ErrPaymentRequired
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusPreconditionFailed:
		return ErrPreconditionFailed
	case http.StatusUnprocessableEntity:
		return ErrValidation
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return ErrBadRequest
	}
	return nil
}

// statusOfCode is the status that belongs to a code, for providers that
// report errors under 200. An unknown code has none.
func statusOfCode(code ErrorCode) int {
	switch ErrorCode(strings.ToUpper(string(code))) {
	case ErrorCodeBadRequest:
		return http.StatusBadRequest
	case ErrorCodeUnauthorized, ErrorCodeTokenInvalid, ErrorCodeTokenExpired, ErrorCodeTokenRevoked:
		return http.StatusUnauthorized
	case ErrorCodePaymentRequired:
		return http.StatusPaymentRequired
	case ErrorCodeInsufficientPermissions, ErrorCodeIPNotAllowed, ErrorCodeScopeEscalation:
		return http.StatusForbidden
	case ErrorCodeNotFound:
		return http.StatusNotFound
	case ErrorCodeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case ErrorCodeUnsupportedMediaType:
		return http.StatusUnsupportedMediaType
	case ErrorCodePayloadTooLarge:
		return http.StatusRequestEntityTooLarge
	case ErrorCodeConflict, ErrorCodePriceChanged, ErrorCodeRecordConflict, ErrorCodeRecordProtected, ErrorCodeDomainUnavailable,
		ErrorCodeDomainStateProhibits, ErrorCodeNameserversNotLocal, ErrorCodeContactInUse, ErrorCodeIdempotencyInProgress:
		return http.StatusConflict
	case ErrorCodePreconditionFailed:
		return http.StatusPreconditionFailed
	case ErrorCodeValidationError, ErrorCodeIdempotencyKeyReused:
		return http.StatusUnprocessableEntity
	case ErrorCodeTooManyRequests:
		return http.StatusTooManyRequests
	case ErrorCodeInternalError:
		return http.StatusInternalServerError
	case ErrorCodeBadGateway:
		return http.StatusBadGateway
	case ErrorCodeServiceUnavailable:
		return http.StatusServiceUnavailable
	case ErrorCodeGatewayTimeout:
		return http.StatusGatewayTimeout
	}
	// Not 404, which frameworks say in this way of a path that they do not know.
	if status, err := strconv.Atoi(string(code)); err == nil && status >= 400 && status <= 599 && status != http.StatusNotFound {
		return status
	}
	return 0
}
