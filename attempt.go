package hoster

import (
	"errors"
	"net/http"
	"net/url"
	"time"
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

// enter waits at the gate for one attempt, and tells of a wait.
func (c *call) enter() error {
	began := c.clock()
	err := c.client.gate.enter(c.ctx, &c.place)
	if err != nil {
		if c.attempts == 0 && c.ctx.Err() != nil && !errors.Is(err, ErrLocalLimit) {
			return &TransportError{Operation: c.op.name, Err: err}
		}
		return err
	}
	if c.watched() {
		if waited := time.Since(began); waited >= time.Millisecond {
			c.observe(hookWait, Event{Delay: waited, Reason: "rate limit of the client"})
		}
		c.started = time.Now()
	}
	c.try.gotConn, c.try.token = false, Secret{}
	c.attempts++
	return nil
}

// next waits for the next attempt, as long as judge decided.
func (c *call) next() error {
	if err := pauseFor(c.ctx, c.wait); err != nil {
		return err
	}
	clear(c.request.Header) // a cookie jar adds to it with each attempt
	return c.enter()
}

func (c *call) leave() { c.place.leave() }

// judge reads and understands the answer, and decides whether, and after which
// wait, there is another attempt.
func (c *call) judge(resp *http.Response, err error) (bool, error) {
	c.last = c.examine(resp, err)
	if c.watched() {
		c.observe(hookAttempt, Event{Status: statusOfResponse(resp), Duration: time.Since(c.started), Err: c.last, RequestID: requestID(c.header)})
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
		return &TransportError{Operation: c.op.name, Attempts: c.attempts, Err: c.redactError(unwrapURL(err))}
	}
	c.redactHeader(resp.Header)
	c.header, c.status = resp.Header, resp.StatusCode
	c.place.learn(resp.StatusCode, resp.Header)
	if first(resp.Header, "Idempotent-Replayed") != "" && !c.client.keysTold {
		c.client.keysHonoured.Store(true)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 && c.stream != nil && isDocument(resp.Header) {
		if c.settings.response != nil {
			c.settings.response.fill(&answer{status: resp.StatusCode, header: resp.Header})
		}
		c.streaming = true
		c.stream(resp)
		return nil
	}
	a := c.take(resp)
	c.leave()
	if c.settings.response != nil {
		c.settings.response.fill(&a)
	}
	if c.settings.origin != nil {
		*c.settings.origin = pageOrigin{etag: a.header.Get("ETag"), octets: len(a.body)}
	}
	err = c.understand(&a)
	c.give(&a)
	return c.polish(err)
}

func (c *call) understand(a *answer) error {
	if a.status == http.StatusNotFound && c.attempts > 1 && c.op.method == http.MethodDelete && c.op.replay == ReplayHarmless && c.ambiguous {
		if err := a.fail(c.op); errors.Is(err, ErrNotFound) {
			return nil // the attempt before this one deleted it
		}
	}
	return a.success(c.ctx, c.op, c.zone, c.target)
}

// polish completes an answered error with what only the call knows, and makes
// sure that an answer which echoes the token does not carry it on.
func (c *call) polish(err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	e.Attempts = c.attempts
	if errors.Is(e, ErrDecode) && c.op.isWrite() && e.FromAPI {
		e.Applied = true
		e.Hint = "The write was done, only its answer could not be read: do not repeat it."
	}
	var forbidden *ForbiddenError
	if errors.As(err, &forbidden) {
		c.compareScopes(forbidden)
	}
	c.redact(e)
	return err
}

// compareScopes tells what the token has beside what the call needs, where the
// client knows both.
func (c *call) compareScopes(e *ForbiddenError) {
	own, known := c.client.usage.own(c.try.token)
	if !known || e.Reason != ForbiddenScope {
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

func requestID(h http.Header) string { return h.Get("X-Request-Id") }

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
