package hoster

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/envelope"
	"github.com/go-hoster/hoster/internal/exchange"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/replay"
	"github.com/go-hoster/hoster/internal/route"
)

// request is what a service method says of its call; all else is the table's.
type request struct {
	path  []string // fills the template's parameters, in order
	query any
	body  any
}

// do is the one path that every call takes: arguments are checked and encoded
// once, the attempts are made, and the answer's data is decoded into a fresh T.
func do[T any](ctx context.Context, c *Client, op *operation, req request, opts []CallOption) (T, error) {
	var result T
	if err := into(ctx, c, op, req, opts, &result); err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// into is do with a place for the result, which an error leaves undefined.
func into(ctx context.Context, c *Client, op *operation, req request, opts []CallOption, result any) error {
	call, err := c.newCall(ctx, op, req, opts)
	if err != nil {
		return err
	}
	call.target = result
	return call.run()
}

// noData is the result of calls whose answer carries nothing.
type noData struct{}

// discard drops the empty result of do.
func discard(_ noData, err error) error { return err }

// call is one call of the API with all of its attempts. It lives for one do.
type call struct {
	exchange.Call // what goes over the wire, and what became of it
	client        *Client
	op            *operation
	zone          string
	path          []string // what fills the path's parameters, as given
	url           url.URL
	settings      callSettings
	freshKey      bool // the idempotency key was made for this call
	target        any  // a pointer: what a success is decoded into
	began         time.Time
}

// newCall checks every argument and encodes the request, once for all attempts.
func (c *Client) newCall(ctx context.Context, op *operation, req request, opts []CallOption) (*call, error) {
	if ctx == nil {
		return nil, &ArgumentError{Operation: op.name, Field: "ctx", Expected: "a context that is not nil"}
	}
	settings, err := applyCallOptions(op, opts)
	if err != nil {
		return nil, err
	}
	path, zone, err := fillPath(op, req.path)
	if err != nil {
		return nil, err
	}
	query, err := encodeQuery(op, zone, req.query)
	if err != nil {
		return nil, err
	}
	body, err := encodeBody(op, zone, req.body)
	if err != nil {
		return nil, err
	}
	call := &call{client: c, op: op, zone: zone, path: req.path, settings: settings}
	if op.method == http.MethodPost && settings.key == "" {
		call.settings.key, call.freshKey = rand.Text(), true
	}
	call.url = *route.Join(*c.base, path)
	call.url.RawQuery = query
	call.Context, call.Method, call.URL = ctx, op.method, &call.url
	call.Fields, call.Body = call.fields(body != nil), body
	call.Write, call.Once, call.Keep = op.isWrite(), settings.noRetry, settings.response != nil
	call.Reader = call
	return call, nil
}

// fields are the headers of every attempt, but for the token. Names are canonical,
// except where they must not be.
func (c *call) fields(body bool) []exchange.Field {
	h := c.client.headers[:len(c.client.headers):len(c.client.headers)] // shared: appending copies
	if body {
		h = append(h, exchange.Field{Name: "Content-Type", Value: "application/json"})
	}
	if c.settings.key != "" {
		// net/http repeats a request by itself on a broken keep-alive connection
		// when the map holds the canonical key. On the wire it is the same.
		h = append(h, exchange.Field{Name: "idempotency-key", Value: c.settings.key})
	}
	if c.settings.ifMatch != "" {
		h = append(h, exchange.Field{Name: "If-Match", Value: c.settings.ifMatch})
	}
	return append(h, c.settings.headers...)
}

// run makes the call and tells of it.
func (c *call) run() error {
	if !c.settings.dispensable {
		c.client.usage.record(c.op)
	}
	if len(c.client.hooks) > 0 {
		c.began, c.Observer = time.Now(), c
		c.start()
	}
	err := c.outcome(c.client.exchange.Do(&c.Call))
	c.client.noteWrite(c.op, c.zone)
	if meta := c.settings.response; meta != nil {
		meta.Attempts, meta.IdempotencyKey = c.Attempts, c.settings.key
	}
	if c.settings.sent != nil {
		*c.settings.sent = c.token()
	}
	if len(c.client.hooks) > 0 {
		c.observe(hookDone, Event{Status: c.Status, Duration: time.Since(c.began), Err: err, RequestID: requestID(c.Header)})
	}
	return err
}

// token is what the last attempt carried.
func (c *call) token() Secret {
	secret, _ := c.Token().(Secret)
	return secret
}

// Read understands what came of an attempt: nil is success.
func (c *call) Read(a *exchange.Answer) error {
	if a.Err != nil {
		if c.settings.response != nil { // what an earlier attempt brought is not this one's
			*c.settings.response = Response{}
		}
		if errors.Is(a.Err, ErrCredentials) {
			return a.Err
		}
		return &TransportError{Operation: c.op.name, Target: c.addressed(), Attempts: c.Attempts, Err: c.redactError(a.Err)}
	}
	c.redactHeader(a.Header, a.Body)
	if c.settings.response != nil {
		c.settings.response.fill(a)
	}
	if c.settings.origin != nil {
		*c.settings.origin = pageOrigin{etag: a.Header.Get("ETag"), octets: len(a.Body)}
	}
	err := c.polish(c.understand((*answer)(a)), a)
	c.learnKeys(err)
	return err
}

func (c *call) understand(a *answer) error {
	if coding := contentCoding(a.Header); coding != "" && len(a.Body) > 0 {
		return a.encoded(c.op, coding)
	}
	if a.Status == http.StatusNotFound && c.Attempts > 1 && c.op.method == http.MethodDelete && c.op.replay == ReplayHarmless && c.Ambiguous {
		if err := a.fail(c.op); errors.Is(err, ErrNotFound) {
			return nil // the attempt before this one deleted it
		}
	}
	f, ok := c.client.envelopes.Get().(*envelope.Reader)
	if !ok {
		f = new(envelope.Reader)
	}
	err := a.success(c.Context, f, c.op, c.zone, c.target)
	c.client.envelopes.Put(f)
	return err
}

// polish completes an answered error with what only the call knows, and makes
// sure that no secret of the answer goes on with it.
func (c *call) polish(err error, a *exchange.Answer) error {
	var e *Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	e.Attempts, e.Target = c.Attempts, c.addressed()
	if errors.Is(e, ErrDecode) && c.op.isWrite() && e.FromAPI {
		e.Applied = true
		e.Hint = "The write was done, only its answer could not be read: do not repeat it."
	}
	c.redact(err, e, a.Body)
	var forbidden *ForbiddenError
	if errors.As(err, &forbidden) {
		c.compareScopes(forbidden)
	}
	return err
}

// addressed is what the path's parameters name; the caller's own paths may hold
// anything.
func (c *call) addressed() string {
	if c.op.foreign {
		return ""
	}
	names := slices.Clone(c.path)
	if c.zone != "" {
		names[0] = c.zone
	}
	return printable.Piece(strings.Join(names, "/"))
}

// compareScopes tells what the token has beside what the call needs, where the
// client knows both.
func (c *call) compareScopes(e *ForbiddenError) {
	own, known := c.client.usage.own(c.token())
	if !known || e.Reason != ForbiddenReasonScope {
		return
	}
	e.TokenScopes = own.Scopes
	if more := beyond(e.MissingScopes, own.Scopes); len(more) > 0 {
		e.MissingScopes = more
	}
	e.Err.Hint = forbiddenHint(c.op, e)
}

// learnKeys takes from the API's own answer to a POST whether this provider
// honours idempotency keys. One that does says so with every answer that it
// keeps, so a success without a word takes it back.
func (c *call) learnKeys(err error) {
	if c.client.keysTold || c.op.method != http.MethodPost {
		return
	}
	var answered *Error
	if errors.As(err, &answered) && (!answered.FromAPI || answered.kind != nil) {
		return // somebody else's, or nobody's
	}
	switch said := c.keyAnswer(); {
	case said:
		c.client.keysHonoured.Store(true)
	case err == nil:
		c.client.keysHonoured.Store(false)
	}
}

// keyAnswer reports whether the last answer says what became of the idempotency
// key. A key that was made for this call and sent once cannot have been seen
// before: who says so knows nothing of keys.
func (c *call) keyAnswer() bool {
	switch strings.ToLower(c.Header.Get("Idempotent-Replayed")) {
	case "false":
		return true
	case "true":
		return c.Attempts > 1 || !c.freshKey
	}
	return false
}

// Weigh is what an error of Read says about another attempt.
func (c *call) Weigh(err error) exchange.Judgement {
	j := exchange.Judgement{Evidence: replay.Evidence{
		Write:    c.op.isWrite(),
		Harmless: c.op.replay != ReplayOnEvidence,
		Keyed:    c.op.method == http.MethodPost && c.client.keysHonoured.Load(),
		NoToken:  errors.Is(err, ErrCredentials),
	}}
	j.Unauthorized, j.Final = errors.Is(err, ErrUnauthorized), errors.Is(err, ErrBodyTooLarge)
	var answered *Error
	if !errors.As(err, &answered) {
		return j
	}
	j.Status, j.FromAPI = answered.Status, answered.FromAPI
	if status := answered.effectiveStatus(); status != 0 {
		j.Undone = answered.FromAPI && status != j.Status
		j.Status = status
	}
	j.Broken, j.Unreadable, j.Lacking = answered.broken, answered.kind != nil, answered.absent
	j.Paused = j.Status == http.StatusServiceUnavailable && answered.Code == ErrorCodeServiceUnavailable && c.Header.Get("Retry-After") != ""
	j.Running = answered.Code == ErrorCodeIdempotencyInProgress
	j.Settled = answered.FromAPI && answered.kind == nil && c.isKept(answered) // under an honoured key this answer is the only one
	return j
}

// isKept reports an answer that the provider keeps with the idempotency key.
func (c *call) isKept(answered *Error) bool {
	switch status := answered.effectiveStatus(); {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusTooManyRequests, status >= 500:
		return false
	}
	return c.op.method == http.MethodPost && answered.Code != ErrorCodeIdempotencyInProgress && c.keyAnswer()
}

// outcome is what the caller gets: nothing after success; else the last typed
// error, joined with what ended the waiting before the next attempt.
func (c *call) outcome(ended error) error {
	last := c.Last
	switch {
	case ended == nil && last == nil:
		return nil
	case c.Attempts == 0 && errors.Is(ended, ErrLocalLimit):
		return &interruptedError{reason: "hoster: " + addressed(c.op.name, c.addressed()) + "not sent", cause: ended}
	case last == nil:
		return &TransportError{Operation: c.op.name, Target: c.addressed(), Err: ended}
	}
	if c.Asked > 0 {
		tellWait(last, c.Asked)
	}
	if c.Ambiguous {
		last = markUnknown(last, c)
	}
	switch {
	case ended == nil || errors.Is(ended, last) || errors.Is(last, ended):
		return last
	case c.Context.Err() != nil:
		return &interruptedError{reason: "hoster: " + string(c.op.name) + ": the wait for the next attempt ended", cause: c.Context.Err(), last: last}
	case errors.Is(ended, ErrLocalLimit), errors.Is(ended, ErrRetryBudget), errors.Is(ended, context.DeadlineExceeded):
		return &interruptedError{reason: "hoster: " + string(c.op.name) + ": no further attempt", cause: ended, last: last}
	}
	return last
}

// tellWait puts a wait that is too long into the error's hint.
func tellWait(err error, wait time.Duration) {
	var answered *Error
	if errors.As(err, &answered) && answered.Hint == "" {
		answered.Hint = "The provider asked to wait " + wait.Round(time.Second).String() + " before the next attempt."
	}
}

// markUnknown says of a failed write that it may have been done all the same.
func markUnknown(err error, c *call) error {
	hint := ""
	if c.op.lookUp != "" {
		hint = "The write may have been done, or may be done yet: find out by Settle with " + c.op.lookUp + "."
	}
	var answered *Error
	var transport *TransportError
	switch {
	case errors.As(err, &answered):
		answered.OutcomeUnknown = true
		switch {
		case hint != "" && answered.absent: // that the provider has no such call is the better guess
			answered.Hint += " " + hint
		case hint != "":
			answered.Hint = hint
		}
	case errors.As(err, &transport):
		transport.OutcomeUnknown, transport.Hint = true, hint
	default: // the token source failed before a later attempt
		err = &TransportError{Operation: c.op.name, Attempts: c.Attempts, OutcomeUnknown: true, Hint: hint, Err: err}
	}
	return err
}
