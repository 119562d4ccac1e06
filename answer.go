package hoster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/envelope"
	"github.com/go-hoster/hoster/internal/errbody"
	"github.com/go-hoster/hoster/internal/exchange"
	"github.com/go-hoster/hoster/internal/jsonread"
	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/printable"
)

// answer is a response whose body has been read.
type answer exchange.Answer

// fail makes the error of an answer that is not success.
func (a *answer) fail(op *operation) error {
	return a.failure(op, errbody.Read(a.Body, errorLimits), nil, nil)
}

// contentCoding is what a body is still encoded in: net/http decodes what it
// asked for, which is gzip, and removes the header.
func contentCoding(h http.Header) string {
	coding := strings.Join(h.Values("Content-Encoding"), ", ")
	if strings.EqualFold(coding, "identity") {
		return ""
	}
	return coding
}

// encoded is the error of an answer in a content coding that nobody asked for:
// nothing of its body can be read.
func (a *answer) encoded(op *operation, coding string) error {
	cause := fmt.Errorf("the body is in content coding %q, which was not asked for", printable.Piece(coding))
	bare := *a
	bare.Body = nil
	if a.Status >= 200 && a.Status < 300 {
		return bare.failure(op, errbody.Body{}, cause, ErrDecode)
	}
	return bare.failure(op, errbody.Body{}, cause, nil)
}

// failure puts the error together: status first, body second.
func (a *answer) failure(op *operation, body errbody.Body, cause, kind error) error {
	if cause == nil {
		cause = a.Broken
	}
	e := &Error{
		Operation: op.name,
		Method:    op.method,
		Path:      op.path,
		Status:    a.Status,
		Code:      ErrorCode(body.Code),
		Message:   body.Message,
		Fields:    fieldsOf(body),
		RequestID: a.Header.Get("X-Request-Id"),
		kind:      kind,
		cause:     cause,
		broken:    a.Broken != nil,
	}
	if e.RequestID == "" {
		e.RequestID = body.RequestID
	}
	e.FromAPI = a.Status != http.StatusProxyAuthRequired && errbody.SpokenByAPI(a.Status, body, a.Header) || kind == ErrDecode && a.Broken == nil && errbody.IsJSON(a.Body, readLimits)
	if a.Abroad {
		e.FromAPI = false
	}
	if e.isRedirect() {
		e.FromAPI = false
		e.Location = printableLocation(a.Header.Get("Location"))
	}
	if !e.FromAPI && kind == nil {
		e.Code, e.Fields = "", nil
		e.Message, e.Text = "", errbody.PlainText(a.Body, maxText)
		if body.Message != "" {
			e.Text = errbody.PlainText([]byte(body.Message), maxText)
		}
	} else if body.Message == "" && kind == nil {
		e.Text = errbody.PlainText(a.Body, maxText) // the API spoke, in a form of its own
	}
	e.fromFields = body.FromFields
	e.absent = op.isAbsent(e)
	e.Hint = e.hint(op)
	return a.typed(op, e, body)
}

func fieldsOf(body errbody.Body) []FieldProblem {
	var fields []FieldProblem
	for _, f := range body.Fields {
		fields = append(fields, FieldProblem(f))
	}
	return fields
}

// typed wraps e in the type of its class.
func (a *answer) typed(op *operation, e *Error, body errbody.Body) error {
	challenge, _ := errbody.Challenge(a.Header)
	if e.kind != nil {
		return e
	}
	switch e.class() {
	case ErrUnauthorized:
		typed := &UnauthorizedError{Err: e, Reason: unauthorizedReason(e, challenge)}
		e.Hint = unauthorizedHint(typed)
		return typed
	case ErrForbidden:
		typed := &ForbiddenError{Err: e, Reason: forbiddenReason(e.Code, body, challenge)}
		if typed.Reason == ForbiddenReasonScope {
			typed.MissingScopes = missingScopes(op, body, challenge)
		}
		e.Hint = forbiddenHint(op, typed)
		return typed
	case ErrValidation:
		return &ValidationError{Err: e, Fields: e.Fields}
	case ErrRateLimited:
		budget := readRateLimit(a.Header)
		after, _ := pace.RetryAfter(a.Header, time.Now())
		return &RateLimitError{Err: e, RetryAfter: after, Limit: budget.Limit, Reset: budget.Reset}
	}
	return e
}

// isAbsent reports what this provider lacks.
func (op *operation) isAbsent(e *Error) bool {
	switch status := e.effectiveStatus(); {
	case e.FromAPI && strings.EqualFold(string(e.Code), "NOT_SUPPORTED"):
		return true
	case op.lacking == neverAbsent:
		return false
	case status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented:
		return true
	case status != http.StatusNotFound:
		return false
	}
	return op.lacking == absentAny404 || !strings.EqualFold(string(e.Code), string(ErrorCodeNotFound))
}

func unauthorizedReason(e *Error, challenge map[string]string) UnauthorizedReason {
	switch e.Code {
	case ErrorCodeTokenExpired:
		return UnauthorizedReasonExpired
	case ErrorCodeTokenRevoked:
		return UnauthorizedReasonRevoked
	case ErrorCodeTokenInvalid:
		return UnauthorizedReasonInvalid
	}
	said := strings.ToLower(challenge["error_description"] + " " + e.Message)
	expired, revoked := strings.Contains(said, "expired"), strings.Contains(said, "revoked")
	switch {
	case expired && revoked: // "expired, revoked or otherwise invalid" tells nothing apart
		return UnauthorizedReasonInvalid
	case expired:
		return UnauthorizedReasonExpired
	case revoked:
		return UnauthorizedReasonRevoked
	case challenge["error"] == "invalid_request", strings.Contains(said, "malformed"):
		return UnauthorizedReasonMalformed
	case challenge != nil && challenge["error"] == "":
		return UnauthorizedReasonMissing // RFC 6750: no error attribute where no credentials came
	}
	return UnauthorizedReasonInvalid
}

func forbiddenReason(code ErrorCode, body errbody.Body, challenge map[string]string) ForbiddenReason {
	switch {
	case code == ErrorCodeInsufficientPermissions, challenge["error"] == "insufficient_scope":
		return ForbiddenReasonScope
	case code == ErrorCodeIPNotAllowed:
		return ForbiddenReasonIP
	case code == ErrorCodeScopeEscalation:
		return ForbiddenReasonEscalation
	case len(body.Scopes) > 0:
		return ForbiddenReasonScope
	}
	return ForbiddenReasonUnknown
}

// missingScopes prefers what the API names; else the operation's own scope.
func missingScopes(op *operation, body errbody.Body, challenge map[string]string) []Scope {
	names := body.Scopes
	if len(names) == 0 {
		names = strings.Fields(challenge["scope"])
	}
	var scopes []Scope
	for _, s := range names {
		scopes = append(scopes, Scope(s))
	}
	if scopes == nil && op.scope != "" {
		scopes = []Scope{op.scope}
	}
	return scopes
}

// printableLocation is a redirect's target without what could be secret.
func printableLocation(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	plain := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return errbody.Cut(plain.String(), maxText)
}

func requestID(h http.Header) string { return printable.Piece(h.Get("X-Request-Id")) }

// paged is a page of a list.
type paged interface {
	items() any
	count(*envelope.Reader)
}

// optional is a result that an answer may leave out.
type optional interface{ optional() }

// verified is a result with a rule that goes beyond its tags.
type verified interface{ verify() error }

// settler is an answer whose names are made canonical inside a zone.
type settler interface{ settle(zone string) }

// success reads the answer into target, a pointer to a zero value, or nil where
// the answer carries nothing. It returns an *Error or a typed error around one,
// and then target is zero.
func (a *answer) success(ctx context.Context, f *envelope.Reader, op *operation, zone string, target any) error {
	switch {
	case a.Status < 200 || a.Status >= 300:
		return a.fail(op)
	case a.Broken != nil:
		return a.failure(op, errbody.Body{}, a.Broken, ErrDecode)
	case a.Cut:
		return a.failure(op, errbody.Body{}, nil, ErrBodyTooLarge)
	case op.noData && (a.Status == http.StatusNoContent || a.saysNothing()):
		return nil
	}
	err := a.decode(ctx, f, op, target)
	switch {
	case err == nil:
	case err == envelope.ErrFailed:
		return a.fail(op)
	case errors.Is(err, jsonread.ErrMemory):
		return a.failure(op, errbody.Body{}, err, ErrBodyTooLarge)
	default:
		return a.failure(op, errbody.Body{}, err, ErrDecode)
	}
	if target != nil && !op.foreign {
		canonicalForm.Write(target)
	}
	if s, ok := target.(settler); ok {
		s.settle(zone)
	}
	return nil
}

// decode reads what is in the envelope.
func (a *answer) decode(ctx context.Context, f *envelope.Reader, op *operation, target any) error {
	defer f.Release(maxKept / 16)
	page, isPage := target.(paged)
	want := envelope.Want{Data: target, None: op.noData, List: isPage, Foreign: op.foreign}
	if isPage {
		want.Data = page.items()
	}
	_, want.Optional = target.(optional)
	err := f.Read(ctx, a.Body, readLimits, want)
	if v, ok := target.(verified); ok && err == nil {
		if err = v.verify(); err != nil {
			reflect.ValueOf(target).Elem().SetZero()
		}
	}
	if isPage && err == nil {
		page.count(f)
	}
	return err
}

// saysNothing reports a body that says no more than that something was done. An
// accepted request without a body can be a firewall's.
func (a *answer) saysNothing() bool {
	switch body := bytes.TrimSpace(a.Body); string(body) {
	case "":
		return a.Status != http.StatusAccepted
	case "null", "true":
		return true
	}
	return false
}
