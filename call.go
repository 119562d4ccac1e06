package hoster

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/go-hoster/hoster/internal/gate"
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
func do[T any](ctx context.Context, c *Client, name Operation, req request, opts []CallOption) (T, error) {
	var result T
	if err := into(ctx, c, byName()[name], req, opts, &result); err != nil {
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
	client   *Client
	op       *operation
	zone     string
	path     []string // what fills the path's parameters, as given
	ctx      context.Context
	url      url.URL
	body     []byte
	settings callSettings
	freshKey bool                 // the idempotency key was made for this call
	target   any                  // a pointer: what a success is decoded into
	stream   func(*http.Response) // takes over the body of a success, instead of target

	try       attempt
	request   http.Request
	started   time.Time // of the attempt
	place     gate.Pass
	attempts  int
	wait      time.Duration // before the next attempt
	held      bool          // the gate holds everybody for so long, and lets this call in first
	renewed   bool          // a 401 brought another token once already
	ambiguous bool          // an attempt may have been processed
	last      error         // of the last attempt; nil after success
	header    http.Header   // of the last answer
	status    int           // of the last answer; 0 without one
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
	call := &call{client: c, op: op, zone: zone, path: req.path, ctx: ctx, body: body, settings: settings}
	if op.method == http.MethodPost && settings.key == "" {
		call.settings.key, call.freshKey = rand.Text(), true
	}
	call.url = *route.Join(*c.base, path)
	call.url.RawQuery = query
	return call, nil
}

// run makes the attempts. go-retryablehttp drives them; judge decides.
func (c *call) run() error {
	began := c.clock()
	c.client.budget.calls.Add(1)
	c.client.usage.record(c.op)
	c.observe(hookStart, Event{})
	err := c.attempt()
	c.client.zones.note(c.op, c.zone)
	if meta := c.settings.response; meta != nil {
		meta.Attempts, meta.IdempotencyKey = c.attempts, c.settings.key
	}
	if c.settings.sent != nil {
		*c.settings.sent = c.try.token
	}
	if c.watched() {
		c.observe(hookDone, Event{Status: c.status, Duration: time.Since(began), Err: err, RequestID: requestID(c.header)})
	}
	return err
}

func (c *call) attempt() error {
	if err := c.ctx.Err(); err != nil {
		return &TransportError{Operation: c.op.name, Err: err}
	}
	defer c.leave() // should a hook or a transport panic
	if err := c.enter(); err != nil {
		return err
	}
	c.try.Context, c.try.call = c.ctx, c
	c.try.stream = c.stream != nil
	c.request = *(&http.Request{
		Method: c.op.method,
		URL:    &c.url,
		Header: http.Header{}, // the transport adds the headers and the body to its copy
	}).WithContext(&c.try)
	_, err := c.client.driver.Do(&retryablehttp.Request{Request: &c.request})
	return c.outcome(err)
}

// newDriver is what makes the attempts of all calls. Its callbacks find their
// call by the request's context, so that one driver serves every call.
func newDriver(client *http.Client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: client,
		Logger:     nil,
		RetryMax:   1 << 30, // judge decides
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			return attemptFrom(ctx).call.judge(resp, err)
		},
		Backoff: func(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
			return 0 // it is told no context, so it does not know the call: next waits
		},
		PrepareRetry: func(req *http.Request) error { return attemptFrom(req.Context()).call.next() },
		ErrorHandler: func(resp *http.Response, err error, _ int) (*http.Response, error) { return resp, err },
	}
}

// outcome is what the caller gets: nothing after success; else the last typed
// error, joined with what ended the waiting before the next attempt.
func (c *call) outcome(ended error) error {
	last := c.last
	if last == nil && ended == nil {
		return nil
	}
	if c.ambiguous {
		last = markUnknown(last, c)
	}
	switch {
	case last == nil:
		return &TransportError{Operation: c.op.name, Err: ended}
	case ended == nil || errors.Is(ended, last) || errors.Is(last, ended):
		return last
	case c.ctx.Err() != nil:
		return &interruptedError{reason: "hoster: " + string(c.op.name) + ": the wait for the next attempt ended", cause: c.ctx.Err(), last: last}
	case errors.Is(ended, ErrLocalLimit), errors.Is(ended, ErrRetryBudget), errors.Is(ended, context.DeadlineExceeded):
		return &interruptedError{reason: "hoster: " + string(c.op.name) + ": no further attempt", cause: ended, last: last}
	}
	return last
}

// markUnknown says of a failed write that it may have been done all the same.
func markUnknown(err error, c *call) error {
	hint := ""
	if c.op.lookUp != "" {
		hint = "The write may have been done: find out with " + c.op.lookUp + "."
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
		err = &TransportError{Operation: c.op.name, Attempts: c.attempts, OutcomeUnknown: true, Hint: hint, Err: err}
	}
	return err
}
