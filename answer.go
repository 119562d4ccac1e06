package hoster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/printable"
)

// Bounds on what is read of an answer.
const (
	maxSuccessBody = 32 << 20
	maxErrorBody   = 64 << 10
)

// answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   []byte
	broken error // the body ended before its end
	cut    bool  // the body is longer than what is kept
	work   *workspace
}

// envelope is the contract's frame around every JSON answer.
type envelope struct {
	data    json.RawMessage
	hasData bool
	object  jsonObject
}

// open splits a success from an error, and from what no API sent. It returns
// an *Error or a typed error around one.
func (a *answer) open(op *operation) (envelope, error) {
	var env envelope
	if a.status >= 300 || a.status < 200 {
		return env, a.fail(op)
	}
	switch {
	case a.broken != nil:
		return env, a.failure(op, errorBody{}, a.broken, ErrDecode)
	case a.cut:
		return env, a.failure(op, errorBody{}, nil, ErrBodyTooLarge)
	case a.status == http.StatusNoContent && op.noData:
		return env, nil
	}
	body := trimBOM(a.body)
	obj, ok := parseObject(body)
	if !ok {
		if looksLikeJSON(a.body) {
			return env, a.failure(op, errorBody{}, fmt.Errorf("the JSON is broken or not an object"), ErrDecode)
		}
		return env, a.fail(op)
	}
	if saysError(obj) {
		return env, a.fail(op)
	}
	if rest := bytes.TrimSpace(body[obj.end:]); len(rest) > 0 && (rest[0] == '{' || rest[0] == '[') {
		// A notice or comment does not matter; another answer may say the opposite.
		return env, a.failure(op, errorBody{}, errors.New("more JSON follows behind the answer"), ErrDecode)
	}
	env.object = obj
	env.data, env.hasData = obj.values["data"]
	return env, nil
}

// looksLikeJSON tells a JSON answer that is broken from a page or nothing.
func looksLikeJSON(body []byte) bool {
	body = bytes.TrimSpace(trimBOM(body))
	return len(body) > 0 && (body[0] == '{' || body[0] == '[' || json.Valid(body))
}

// saysError finds an error that hides under a 2xx.
func saysError(obj jsonObject) bool {
	for _, name := range obj.keys {
		if memberSaysError(name, obj.values[name]) {
			return true
		}
	}
	return false
}

// memberSaysError judges one member of the envelope.
func memberSaysError(name string, raw json.RawMessage) bool {
	switch name {
	case "data":
		return false
	case "status":
		if string(raw) == `"success"` {
			return false
		}
		switch strings.ToLower(strings.Trim(string(raw), `" `)) {
		case "", "null", "success", "ok", "true", "200", "201", "202":
		default:
			return true
		}
	case "success":
		return string(raw) != "true" && string(raw) != "1"
	case "error", "errors":
		if !isEmptyJSON(raw) {
			return true
		}
	}
	if len(raw) == 0 || raw[0] != '{' {
		return false
	}
	nested, ok := parseObject(raw) // success outside, and an error in a wrapper
	return ok && strings.EqualFold(nested.text("status"), "error")
}

func isEmptyJSON(raw json.RawMessage) bool {
	switch strings.Join(strings.Fields(string(raw)), "") {
	case "", "null", "false", `""`, "[]", "{}", "0":
		return true
	}
	return false
}

// fail makes the error of an answer that is not success.
func (a *answer) fail(op *operation) error {
	return a.failure(op, readErrorBody(a.body), nil, nil)
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
	bare.body = nil
	if a.status >= 200 && a.status < 300 {
		return bare.failure(op, errorBody{}, cause, ErrDecode)
	}
	return bare.failure(op, errorBody{}, cause, nil)
}

// failure puts the error together: status first, body second.
func (a *answer) failure(op *operation, body errorBody, cause, kind error) error {
	if cause == nil {
		cause = a.broken
	}
	e := &Error{
		Operation: op.name,
		Method:    op.method,
		Path:      op.path,
		Status:    a.status,
		Code:      ErrorCode(body.code),
		Message:   cutText(body.message),
		Fields:    body.fields,
		RequestID: a.header.Get("X-Request-Id"),
		kind:      kind,
		cause:     cause,
		broken:    a.broken != nil,
	}
	if e.RequestID == "" {
		e.RequestID = body.requestID
	}
	e.FromAPI = a.status != http.StatusProxyAuthRequired && spokenByAPI(a.status, body, a.header) || kind == ErrDecode && a.broken == nil && looksLikeJSON(a.body)
	if e.isRedirect() {
		e.FromAPI = false
		e.Location = printableLocation(a.header.Get("Location"))
	}
	if !e.FromAPI && kind == nil {
		e.Code, e.Fields = "", nil
		e.Message, e.Text = "", plainText(a.body)
		if body.message != "" {
			e.Text = plainText([]byte(body.message))
		}
	} else if body.message == "" && len(body.fields) == 0 && kind == nil {
		e.Text = plainText(a.body) // the API spoke, in a form of its own
	}
	e.absent = op.isAbsent(e, a.status)
	e.Hint = e.hint(op)
	return a.typed(op, e, body)
}

// typed wraps e in the type of its class.
func (a *answer) typed(op *operation, e *Error, body errorBody) error {
	challenge, _ := bearerChallenge(a.header)
	if e.kind != nil {
		return e
	}
	switch e.class() {
	case ErrUnauthorized:
		typed := &UnauthorizedError{Err: e, Reason: unauthorizedReason(e, challenge)}
		e.Hint = unauthorizedHint(typed)
		return typed
	case ErrForbidden:
		typed := &ForbiddenError{Err: e, Reason: forbiddenReason(e.Code, challenge)}
		if typed.Reason == ForbiddenScope {
			typed.MissingScopes = missingScopes(op, body, challenge)
		}
		e.Hint = forbiddenHint(op, typed)
		return typed
	case ErrValidation:
		return &ValidationError{Err: e, Fields: e.Fields}
	case ErrRateLimited:
		budget := readRateLimit(a.header)
		after, _ := retryAfter(a.header, time.Now())
		return &RateLimitError{Err: e, RetryAfter: after, Limit: budget.Limit, Reset: budget.Reset}
	}
	return e
}

// isAbsent reports an extension that this provider lacks.
func (op *operation) isAbsent(e *Error, status int) bool {
	switch {
	case op.lacking == neverAbsent:
		return false
	case status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented:
		return true
	case status != http.StatusNotFound:
		return false
	}
	return op.lacking == absentAny404 || e.Code != CodeNotFound
}

func unauthorizedReason(e *Error, challenge map[string]string) UnauthorizedReason {
	switch e.Code {
	case CodeTokenExpired:
		return UnauthorizedExpired
	case CodeTokenRevoked:
		return UnauthorizedRevoked
	case CodeTokenInvalid:
		return UnauthorizedInvalid
	}
	said := strings.ToLower(challenge["error_description"] + " " + e.Message)
	expired, revoked := strings.Contains(said, "expired"), strings.Contains(said, "revoked")
	switch {
	case expired && revoked: // "expired, revoked or otherwise invalid" tells nothing apart
		return UnauthorizedInvalid
	case expired:
		return UnauthorizedExpired
	case revoked:
		return UnauthorizedRevoked
	case challenge["error"] == "invalid_request", strings.Contains(said, "malformed"):
		return UnauthorizedMalformed
	case challenge != nil && challenge["error"] == "":
		return UnauthorizedMissing // RFC 6750: no error attribute where no credentials came
	}
	return UnauthorizedInvalid
}

func forbiddenReason(code ErrorCode, challenge map[string]string) ForbiddenReason {
	switch {
	case code == CodeInsufficientPermissions, challenge["error"] == "insufficient_scope":
		return ForbiddenScope
	case code == CodeIPNotAllowed:
		return ForbiddenIP
	case code == CodeScopeEscalation:
		return ForbiddenEscalation
	}
	return ForbiddenUnknown
}

// missingScopes prefers what the API names; else the operation's own scope.
func missingScopes(op *operation, body errorBody, challenge map[string]string) []Scope {
	if len(body.scopes) > 0 {
		return body.scopes
	}
	var scopes []Scope
	for _, s := range strings.Fields(challenge["scope"]) {
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
	return cutText(plain.String())
}
