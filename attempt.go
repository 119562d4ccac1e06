package hoster

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/printable"
)

// headers of every attempt; the token is added below, for each anew. Names are
// canonical, except where they must not be.
func (c *call) headers() []headerField {
	h := c.client.headers[:len(c.client.headers):len(c.client.headers)] // shared: appending copies
	if c.stream != nil {
		h = append(h, headerField{"Accept", "application/pdf, application/json"})
	}
	if c.body != nil {
		h = append(h, headerField{"Content-Type", "application/json"})
	}
	if c.settings.key != "" {
		// net/http repeats a request by itself on a broken keep-alive connection
		// when the map holds the canonical key. On the wire it is the same.
		h = append(h, headerField{"idempotency-key", c.settings.key})
	}
	if c.settings.ifMatch != "" {
		h = append(h, headerField{"If-Match", c.settings.ifMatch})
	}
	return h
}

// enter waits at the gate for one attempt.
func (c *call) enter() error {
	if err := c.client.gate.Enter(c.ctx, &c.place, c.attempts > 0); err != nil {
		switch {
		case c.attempts > 0: // outcome has the operation and the last answer
			return err
		case errors.Is(err, ErrLocalLimit):
			return &interruptedError{reason: "hoster: " + addressed(c.op.name, c.addressed()) + "not sent", cause: err}
		}
		return &TransportError{Operation: c.op.name, Target: c.addressed(), Err: err}
	}
	c.started = c.clock()
	c.try.token, c.try.began, c.try.unsent = Secret{}, time.Time{}, true
	c.attempts++
	return nil
}

// next waits for the next attempt, as long as judge decided.
func (c *call) next() error {
	if !c.held {
		if err := pace.Wait(c.ctx, c.wait); err != nil {
			return err
		}
	}
	clear(c.request.Header) // a cookie jar adds to it with each attempt
	return c.enter()
}

func (c *call) leave() { c.place.Leave() }

// judge reads and understands the answer, and decides whether, and after which
// wait, there is another attempt.
func (c *call) judge(resp *http.Response, err error) (bool, error) {
	c.last = c.examine(resp, err)
	if c.watched() { // no place at the gate is held: a hook may call the client
		waited := c.place.Waited
		if c.held {
			waited -= c.wait // which OnRetry told of
		}
		if waited >= time.Millisecond {
			c.observe(hookWait, Event{Delay: waited, Reason: string(c.place.Reason)})
		}
		c.observe(hookAttempt, Event{Status: statusOfResponse(resp), Duration: time.Since(c.started), Err: c.last, RequestID: requestID(c.header), RateLimit: readRateLimit(c.header)})
	}
	if c.last == nil {
		return false, nil
	}
	retry, end := c.again(resp)
	if retry {
		c.observe(hookRetry, Event{Status: statusOfResponse(resp), Delay: c.wait, Err: c.last, RequestID: requestID(c.header)})
		return true, nil
	}
	if end != nil {
		return false, end
	}
	return false, c.last
}

// examine turns an attempt into nil, when it succeeded, or its typed error.
func (c *call) examine(resp *http.Response, err error) error {
	if err != nil {
		c.leave()
		c.header, c.status = nil, 0
		if c.settings.response != nil { // what an earlier attempt brought is not this one's
			*c.settings.response = Response{}
		}
		if resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
		if errors.Is(err, ErrCredentials) {
			return unwrapURL(err)
		}
		return &TransportError{Operation: c.op.name, Target: c.addressed(), Attempts: c.attempts, Err: c.redactError(c.nameProxy(unwrapURL(err)))}
	}
	c.header, c.status = resp.Header, resp.StatusCode
	c.place.Learn(resp.StatusCode, resp.Header)
	if resp.StatusCode >= 200 && resp.StatusCode < 300 && c.stream != nil && isDocument(resp.Header) {
		c.redactHeader(resp.Header, nil)
		if c.settings.response != nil {
			c.settings.response.fill(&answer{status: resp.StatusCode, header: resp.Header})
		}
		c.leave() // the caller's document takes a place of its own
		c.stream(resp)
		return nil
	}
	a := c.take(resp)
	c.leave()
	c.redactHeader(a.header, a.body)
	if c.settings.response != nil {
		c.settings.response.fill(&a)
	}
	if c.settings.origin != nil {
		*c.settings.origin = pageOrigin{etag: a.header.Get("ETag"), octets: len(a.body)}
	}
	err = c.polish(c.understand(&a), &a)
	c.give(&a)
	c.learnKeys(err)
	return err
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
	switch strings.ToLower(c.header.Get("Idempotent-Replayed")) {
	case "false":
		return true
	case "true":
		return c.attempts > 1 || !c.freshKey
	}
	return false
}

func (c *call) understand(a *answer) error {
	if coding := contentCoding(a.header); coding != "" && len(a.body) > 0 {
		return a.encoded(c.op, coding)
	}
	if a.status == http.StatusNotFound && c.attempts > 1 && c.op.method == http.MethodDelete && c.op.replay == ReplayHarmless && c.ambiguous {
		if err := a.fail(c.op); errors.Is(err, ErrNotFound) {
			return nil // the attempt before this one deleted it
		}
	}
	return a.success(c.ctx, c.op, c.zone, c.target)
}

// polish completes an answered error with what only the call knows, and makes
// sure that no secret of the answer goes on with it.
func (c *call) polish(err error, a *answer) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	e.Attempts, e.Target = c.attempts, c.addressed()
	if errors.Is(e, ErrDecode) && c.op.isWrite() && e.FromAPI {
		e.Applied = true
		e.Hint = "The write was done, only its answer could not be read: do not repeat it."
	}
	c.redact(err, e, a.body)
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
	own, known := c.client.usage.own(c.try.token)
	if !known || e.Reason != ForbiddenReasonScope {
		return
	}
	e.TokenScopes = own.Scopes
	if more := beyond(e.MissingScopes, own.Scopes); len(more) > 0 {
		e.MissingScopes = more
	}
	e.Err.Hint = forbiddenHint(c.op, e)
}

func statusOfResponse(resp *http.Response) int {
	if resp == nil {
		return 0
	}
	return resp.StatusCode
}

func requestID(h http.Header) string { return printable.Piece(h.Get("X-Request-Id")) }

// unwrapURL drops the url.Error that http.Client wraps around everything, and a
// caller's transport perhaps once more: it repeats method and URL, which the
// operation says better.
func unwrapURL(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) && wrapped.Err != nil {
		err = wrapped.Err
	}
	return err
}
