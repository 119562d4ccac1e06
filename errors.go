package hoster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-hoster/hoster/internal/exchange"
	"github.com/go-hoster/hoster/internal/gate"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/replay"
)

// What went wrong, for errors.Is. Each sentinel matches through any wrapping.
// Most stand for an answer of the API, which is an [*Error]. Two also match
// what this package finds out by itself, and then no *Error need be inside:
//
//   - ErrNotFound: [DNSService.Find] read the whole list, and no record in it has
//     the key.
//   - ErrConflict: AppendValues, RemoveValues, ReplaceSet and Apply of
//     [DNSService] found that another writer changed the same records, and that
//     merging with it did not succeed.
//
// ErrPriceChanged likewise matches a [PriceError].
var (
	ErrUnauthorized       = errors.New("hoster: unauthorized")              // 401: see [UnauthorizedError]
	ErrForbidden          = errors.New("hoster: forbidden")                 // 403: see [ForbiddenError]
	ErrNotFound           = errors.New("hoster: not found")                 // 404 that the API itself gave, or nothing found
	ErrConflict           = errors.New("hoster: conflict")                  // 409, or another writer
	ErrPreconditionFailed = errors.New("hoster: precondition failed")       // 412: If-Match no longer matches
	ErrPaymentRequired    = errors.New("hoster: payment required")          // 402: an invoice is overdue
	ErrBadRequest         = errors.New("hoster: bad request")               // 400, 405, 413, 415
	ErrValidation         = errors.New("hoster: validation failed")         // 422: see [ValidationError]
	ErrRateLimited        = errors.New("hoster: rate limited")              // 429: see [RateLimitError]
	ErrServer             = errors.New("hoster: server error")              // 5xx
	ErrNotSupported       = errors.New("hoster: not supported by provider") // an extension that this provider lacks
	ErrIntermediary       = errors.New("hoster: answered by an intermediary, not by the API")
	ErrRedirect           = errors.New("hoster: redirect not followed")
	ErrDecode             = errors.New("hoster: answer could not be decoded")
	ErrBodyTooLarge       = errors.New("hoster: answer is too large")
	ErrPagination         = errors.New("hoster: pages do not add up")

	// ErrOutcomeUnknown marks a write that may or may not have been done: it
	// was sent, or may have been, and no answer told what became of it. A write
	// that provably was not sent never matches. [Settle] finds out, also where the
	// write is done only after the first look.
	ErrOutcomeUnknown = errors.New("hoster: outcome unknown")

	// ErrNotSent is for a transport of the caller's, such as one with a limiter of
	// its own: where its error wraps ErrNotSent, the write was not sent and may be
	// repeated. It is not believed of a request whose body was read, or for which
	// a connection was had.
	ErrNotSent = replay.ErrNotSent

	// The following come before any request, and are never an [*Error].
	ErrInvalidArgument = errors.New("hoster: invalid argument")
	ErrCredentials     = errors.New("hoster: no usable credentials") // the token source failed
	ErrLocalLimit      = gate.ErrLimit                               // the error says which limit

	// ErrSharedBudget matches the Err of the event that tells of a failure of the
	// [SharedBudget]. No call fails with it.
	ErrSharedBudget = gate.ErrShared

	// ErrRetryBudget is joined to the last error of a call that would have been
	// repeated, had the client not repeated too much already: at most a fifth of
	// its calls, and ten in any case. When everything fails, repeating makes it
	// worse. A 429 of the API that is waited out does not count.
	ErrRetryBudget = exchange.ErrBudget
)

// ErrorCode is the API's own name for an error. Unknown codes are kept.
type ErrorCode string

// Known codes; new ones can appear.
const (
	ErrorCodeBadRequest              ErrorCode = "BAD_REQUEST"
	ErrorCodeUnauthorized            ErrorCode = "UNAUTHORIZED"
	ErrorCodeTokenInvalid            ErrorCode = "TOKEN_INVALID"
	ErrorCodeTokenExpired            ErrorCode = "TOKEN_EXPIRED"
	ErrorCodeTokenRevoked            ErrorCode = "TOKEN_REVOKED"
	ErrorCodePaymentRequired         ErrorCode = "PAYMENT_REQUIRED"
	ErrorCodeInsufficientPermissions ErrorCode = "INSUFFICIENT_PERMISSIONS"
	ErrorCodeIPNotAllowed            ErrorCode = "IP_NOT_ALLOWED"
	ErrorCodeScopeEscalation         ErrorCode = "SCOPE_ESCALATION"
	ErrorCodeNotFound                ErrorCode = "NOT_FOUND"
	ErrorCodeMethodNotAllowed        ErrorCode = "METHOD_NOT_ALLOWED"
	ErrorCodeUnsupportedMediaType    ErrorCode = "UNSUPPORTED_MEDIA_TYPE"
	ErrorCodePayloadTooLarge         ErrorCode = "PAYLOAD_TOO_LARGE"
	ErrorCodeConflict                ErrorCode = "CONFLICT"
	ErrorCodePriceChanged            ErrorCode = "PRICE_CHANGED"
	ErrorCodeRecordConflict          ErrorCode = "RECORD_CONFLICT"
	ErrorCodeRecordProtected         ErrorCode = "RECORD_PROTECTED"
	ErrorCodeDomainUnavailable       ErrorCode = "DOMAIN_UNAVAILABLE"
	ErrorCodeDomainStateProhibits    ErrorCode = "DOMAIN_STATE_PROHIBITS"
	ErrorCodeNameserversNotLocal     ErrorCode = "NAMESERVERS_NOT_LOCAL"
	ErrorCodeContactInUse            ErrorCode = "CONTACT_IN_USE"
	ErrorCodeIdempotencyInProgress   ErrorCode = "IDEMPOTENCY_IN_PROGRESS"
	ErrorCodePreconditionFailed      ErrorCode = "PRECONDITION_FAILED"
	ErrorCodeValidationError         ErrorCode = "VALIDATION_ERROR"
	ErrorCodeIdempotencyKeyReused    ErrorCode = "IDEMPOTENCY_KEY_REUSED"
	ErrorCodeTooManyRequests         ErrorCode = "TOO_MANY_REQUESTS"
	ErrorCodeInternalError           ErrorCode = "INTERNAL_ERROR"
	ErrorCodeBadGateway              ErrorCode = "BAD_GATEWAY"
	ErrorCodeServiceUnavailable      ErrorCode = "SERVICE_UNAVAILABLE"
	ErrorCodeGatewayTimeout          ErrorCode = "GATEWAY_TIMEOUT"
)

// FieldProblem is what the API says of one field of a request, in its own order.
type FieldProblem struct {
	Field    string
	Messages []string
}

// Error is an answer that is not success. The status decides its class, the
// body only adds to it, and the status is kept whatever the body holds. It
// holds no header and no request body. Its texts are fit to be printed: no token
// and no secret of the request, no control, format or bidirectional characters,
// at most 512 bytes of each. Where an answer could hold a new secret, because
// the call makes one, they hold only what cannot be that secret;
// [WithResponse] has the whole body.
type Error struct {
	Operation Operation
	Method    string
	Path      string // the operation's path template
	Target    string // what stood in it, such as "example.com" or "example.com/rec_1"; empty for [Client.Call]
	Status    int    // HTTP status; 200 where a provider reports an error under it
	Code      ErrorCode
	Message   string // the API's own explanation, at most 512 bytes
	Fields    []FieldProblem
	RequestID string
	Attempts  int

	// FromAPI is true when the API itself spoke, and not a proxy or firewall in
	// front of it. Only then do 400, 401, 402, 403, 404, 409, 412 and 422 match
	// their sentinels.
	FromAPI bool
	// Text is what a person can read of an answer that was not the API's, or
	// not in its form: at most 512 bytes, without tags.
	Text string
	// Location is where a redirect pointed, without query.
	Location string
	// Hint says what to do next.
	Hint string
	// Applied is true when a write was done although its answer could not be
	// decoded.
	Applied bool
	// OutcomeUnknown is true when a write may have been done: see
	// [ErrOutcomeUnknown].
	OutcomeUnknown bool

	absent     bool  // an extension that the provider lacks
	broken     bool  // the body ended before its end
	fromFields bool  // Message repeats the texts of Fields
	kind       error // ErrDecode, ErrBodyTooLarge or nil
	cause      error
}

// Error names the operation and what was addressed, the status, the code, the
// API's explanation, the fields and the request id, and ends with the hint. It
// is one line of at most 8 KiB, without control characters.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("hoster: " + addressed(e.Operation, e.Target))
	fmt.Fprintf(&b, "%d", e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ", %s", e.Code)
	}
	for i, part := range []string{e.Message, e.Text} {
		if part = unended(part); part != "" && (i > 0 || !e.fromFields) {
			b.WriteString(": " + part)
		}
	}
	for _, f := range e.Fields {
		messages := make([]string, len(f.Messages))
		for i, m := range f.Messages {
			messages[i] = unended(m)
		}
		fmt.Fprintf(&b, "; %s: %s", f.Field, strings.Join(messages, ", "))
	}
	if e.Location != "" {
		b.WriteString(": pointed to " + e.Location)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	} else if e.kind != nil {
		b.WriteString(": " + strings.TrimPrefix(e.kind.Error(), "hoster: "))
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	if e.Hint != "" {
		b.WriteString(". " + e.Hint)
	}
	return printable.Whole(b.String())
}

// addressed is how an error begins: the operation, and what it was about.
func addressed(op Operation, target string) string {
	switch {
	case op == "":
		return ""
	case target == "":
		return string(op) + ": "
	}
	return string(op) + " " + target + ": "
}

// unended is a sentence that can stand inside another.
func unended(text string) string { return strings.TrimRight(text, ".;:, ") }

// Unwrap returns what lay below: a broken body, a decoder's complaint.
func (e *Error) Unwrap() error { return e.cause }

// Is matches the sentinels of this package by the rules of each.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrOutcomeUnknown:
		return e.OutcomeUnknown
	case ErrNotSupported:
		return e.absent || e.unknownPath() || e.effectiveStatus() == http.StatusNotImplemented && e.FromAPI
	case ErrIntermediary:
		return !e.FromAPI && e.kind == nil && !e.isRedirect()
	case ErrRedirect:
		return e.isRedirect()
	case ErrPriceChanged:
		return e.FromAPI && e.Code == ErrorCodePriceChanged
	case ErrDecode, ErrBodyTooLarge:
		return e.kind == target
	}
	return target != nil && e.kind == nil && e.class() == target
}

// CodeOf returns the API's own code of the error in the chain of err, "" if there is
// none.
func CodeOf(err error) ErrorCode {
	if answered, ok := errors.AsType[*Error](err); ok {
		return answered.Code
	}
	return ""
}

// Retryable reports whether the same call, made again later, may succeed and can do
// no harm: there was no answer, the server failed, or a rate limit or a limit of the
// client's own stood in the way. It is false for a write that may have been done
// ([ErrOutcomeUnknown]), for what no repetition mends, such as an invalid
// certificate, and where the context was cancelled. The client itself has made its
// retries before such an error.
func Retryable(err error) bool {
	switch {
	case errors.Is(err, ErrOutcomeUnknown), errors.Is(err, context.Canceled), errors.Is(err, ErrNotSupported),
		errors.Is(err, ErrBodyTooLarge), exchange.IsPermanent(err):
		return false
	case errors.Is(err, ErrServer), errors.Is(err, ErrRateLimited), errors.Is(err, ErrLocalLimit):
		return true
	}
	_, unanswered := errors.AsType[*TransportError](err)
	return unanswered
}

// TransportError is a call that got no answer: the connection failed, broke or
// timed out, or the caller gave up. It matches [ErrOutcomeUnknown] when a write
// may have been done all the same.
type TransportError struct {
	Operation      Operation
	Target         string // as in [Error]
	Attempts       int
	OutcomeUnknown bool
	Hint           string // for an unknown outcome: how to find out
	Err            error
}

// Error names the operation and what happened to the connection.
func (e *TransportError) Error() string {
	text := fmt.Sprintf("hoster: %s%v", addressed(e.Operation, e.Target), e.Err)
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (after %d attempts)", e.Attempts)
	}
	if e.OutcomeUnknown {
		text += ": outcome unknown"
	}
	if e.Hint != "" {
		text += ". " + e.Hint
	}
	return printable.Whole(text)
}

// Unwrap returns the transport's own error. That of an attempt that timed out
// matches context.DeadlineExceeded.
func (e *TransportError) Unwrap() error { return e.Err }

// Is matches ErrOutcomeUnknown where that is so.
func (e *TransportError) Is(target error) bool {
	return target == ErrOutcomeUnknown && e.OutcomeUnknown
}

// ArgumentError refuses an argument before any request is sent.
type ArgumentError struct {
	Operation Operation // empty for options of the client
	Field     string
	Expected  string

	err error
}

// Error names the field and what was expected.
func (e *ArgumentError) Error() string {
	text := "hoster: "
	if e.Operation != "" {
		text += string(e.Operation) + ": "
	}
	return printable.Whole(text + e.Field + ": " + e.expectation())
}

// expectation is what was expected, and the check that failed.
func (e *ArgumentError) expectation() string {
	if e.err != nil {
		return "expected " + e.Expected + " (" + e.err.Error() + ")"
	}
	return "expected " + e.Expected
}

// Is matches ErrInvalidArgument.
func (e *ArgumentError) Is(target error) bool { return target == ErrInvalidArgument }

// Unwrap returns the check that failed, if another package made it.
func (e *ArgumentError) Unwrap() error { return e.err }

// credentialsError is a token source that failed.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string {
	return printable.Whole("hoster: token source: " + e.err.Error())
}
func (e *credentialsError) Is(target error) bool { return target == ErrCredentials }
func (e *credentialsError) Unwrap() error        { return e.err }

// interruptedError is a wait that the caller ended, or that could not end in
// time: it matches the context's error and the last answer.
type interruptedError struct {
	reason string
	cause  error
	last   error
}

func (e *interruptedError) Error() string {
	text := e.reason + ": " + e.cause.Error()
	if e.last != nil {
		text += "; last: " + e.last.Error()
	}
	return printable.Whole(text)
}

func (e *interruptedError) Unwrap() []error {
	if e.last == nil {
		return []error{e.cause}
	}
	return []error{e.cause, e.last}
}
