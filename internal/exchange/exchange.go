// Package exchange makes one call over HTTP: admission, attempts, waits, and the
// answer that stands.
package exchange

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/go-hoster/hoster/internal/gate"
	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/replay"
)

// Config says how an exchange reaches its server.
type Config struct {
	Base           *url.URL     // its scheme, host and port are what the token is sent to
	Client         *http.Client // the caller's; it is copied
	Tokens         Tokens
	Policy         Policy
	Limits         gate.Limits
	AttemptTimeout time.Duration
	Bodies         Bodies
}

// Exchange is the way to one server. It is safe for concurrent use.
type Exchange struct {
	client    *http.Client
	own       *http.Transport // nil when the caller brought one
	traceable bool            // the transport is net/http's, whose connections can be watched
	tokens    Tokens
	policy    Policy
	bodies    Bodies
	gate      *gate.Gate
	budget    *Budget
	drivers   *sync.Pool // of *driver
}

// New makes an exchange. It sends nothing.
func New(config Config) *Exchange {
	x := &Exchange{
		tokens:  config.Tokens,
		policy:  config.Policy,
		bodies:  config.Bodies,
		gate:    gate.New(config.Limits),
		budget:  &Budget{},
		drivers: &sync.Pool{},
	}
	client := *config.Client
	next := client.Transport
	if next == nil {
		x.own = NewTransport()
		next = x.own
	}
	_, x.traceable = next.(*http.Transport)
	home := originOf(config.Base)
	client.Transport = &bearer{home: home, tokens: x.tokens, next: next, own: x.traceable, limit: config.AttemptTimeout}
	client.CheckRedirect = checkRedirect(home, client.CheckRedirect)
	x.client = &client
	return x
}

// With returns a view of the exchange that sends other tokens. It shares
// everything else.
func (x *Exchange) With(tokens Tokens) *Exchange {
	view, client, bearer := *x, *x.client, *x.client.Transport.(*bearer)
	bearer.tokens, client.Transport = tokens, &bearer
	view.tokens, view.client = tokens, &client
	return &view
}

// Gate is where all calls are admitted.
func (x *Exchange) Gate() *gate.Gate { return x.gate }

// Transport is the exchange's own; nil when the caller brought one.
func (x *Exchange) Transport() *http.Transport { return x.own }

// Budget counts calls and repetitions.
func (x *Exchange) Budget() *Budget { return x.budget }

// Token is a secret that prints as none.
type Token interface{ Reveal() string }

// Tokens is where the token of each attempt comes from.
type Tokens interface {
	// Lease gives the token for one attempt. done is called when it has its answer.
	Lease(ctx context.Context) (token Token, done func(), err error)
	// Renew reports whether there is another token than the one that was refused.
	Renew(ctx context.Context, refused Token) bool
}

// Reader understands what comes back.
type Reader interface {
	// Read returns nil for a success, or the error that the caller of the call gets.
	// It must not keep the answer.
	Read(*Answer) error
	// Weigh says what an error of Read means for another attempt.
	Weigh(error) Judgement
}

// Judgement is what an error says of the call. The exchange adds what it knows of
// the connection.
type Judgement struct {
	replay.Evidence
	Unauthorized bool // the token was refused: another one may help
	Settled      bool // this answer stands for all attempts before it
	Final        bool // another attempt meets the same
}

// Observer is told of the steps of a call. No place at the gate is held then.
type Observer interface {
	Waited(reason gate.Reason, d time.Duration)
	Alone(err error) // the shared budget failed
	Attempted(status int, header http.Header, took time.Duration, err error)
	Repeats(status int, header http.Header, after time.Duration, err error)
}

// Field is a header in the form in which the request's map holds it. One that is
// not canonical is sent as it stands, and nothing of net/http takes it for its own.
type Field struct{ Name, Value string }

// Call is one call with all of its attempts. It is used once.
type Call struct {
	Context  context.Context
	Method   string
	URL      *url.URL
	Fields   []Field // headers of every attempt
	Body     []byte  // of a write
	Write    bool    // it can change something
	Once     bool    // it is not repeated
	Keep     bool    // the reader keeps the answer's body: it gets memory of its own
	Reader   Reader
	Observer Observer // may be nil

	// Document takes over the body of a success, if it returns true. The attempt's
	// limit counts for its headers, and then for each pause between bytes. The call may
	// be redirected to an https URL of another host, which gets no header of the call.
	Document func(*http.Response) bool

	Attempts  int
	Ambiguous bool          // an attempt may have been processed
	Last      error         // of the last attempt; nil after success
	Status    int           // of the last answer; 0 without one
	Header    http.Header   // of the last answer
	Asked     time.Duration // by the server: a wait that is longer than the policy allows

	exchange *Exchange
	driver   *driver
	try      attempt
	request  http.Request
	answer   Answer    // of the last attempt, while it is read
	failure  error     // of the transport, in the last attempt
	started  time.Time // of the attempt
	place    gate.Pass
	wait     time.Duration // before the next attempt
	held     bool          // the gate holds everybody for so long, and lets this call in first
	renewed  bool          // a refused token was replaced once already
}

// Token is the one that the last attempt carried; nil if it carried none.
func (c *Call) Token() Token { return c.try.token }

// Do makes the attempts, until one stands. Its error is what ended them: that of the
// last attempt, or why there was no further one.
func (x *Exchange) Do(c *Call) error {
	c.exchange = x
	x.budget.Calls.Add(1)
	if err := c.Context.Err(); err != nil {
		return err
	}
	defer c.place.Leave() // should an observer or a transport panic
	if err := c.enter(); err != nil {
		return err
	}
	c.try.Context = c.Context
	c.try.fields, c.try.body, c.try.write, c.try.stream = c.Fields, c.Body, c.Write, c.Document != nil
	c.request = *(&http.Request{
		Method: c.Method,
		URL:    c.URL,
		Header: http.Header{}, // the transport adds the headers and the body to its copy
	}).WithContext(&c.try)
	c.driver = x.newDriver(c)
	_, err := c.driver.Do(&retryablehttp.Request{Request: &c.request})
	c.driver.call = nil
	x.drivers.Put(c.driver)
	return err
}

// driver is the retryable client of one call, and the memory that reads its answers.
// Another call can have it afterwards, which spares a call four allocations and a
// fifth of its time.
type driver struct {
	retryablehttp.Client
	call   *Call
	buffer []byte
}

func (x *Exchange) newDriver(c *Call) *driver {
	d, ok := x.drivers.Get().(*driver)
	if !ok {
		d = new(driver)
		d.RetryMax = 1 << 30 // judge decides
		d.CheckRetry = func(_ context.Context, resp *http.Response, err error) (bool, error) { return d.call.judge(resp, err) }
		// Backoff is told no context: next waits, no longer than that of the call.
		d.Backoff = func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 }
		d.PrepareRetry = func(req *http.Request) error { return d.call.next(req) }
		d.ErrorHandler = func(resp *http.Response, err error, _ int) (*http.Response, error) { return resp, err }
	}
	d.HTTPClient, d.call = x.client, c
	return d
}

// enter waits at the gate for one attempt.
func (c *Call) enter() error {
	if err := c.exchange.gate.Enter(c.Context, &c.place, c.Attempts > 0); err != nil {
		c.tellAlone()
		return err
	}
	if c.Observer != nil {
		c.started = time.Now()
	}
	c.try.token, c.try.began, c.try.unsent = nil, time.Time{}, true
	c.Attempts++
	return nil
}

// tellAlone tells that the shared budget failed, if it did.
func (c *Call) tellAlone() {
	if c.Observer != nil && c.place.Failure != nil {
		c.Observer.Alone(c.place.Failure)
	}
}

// next waits for the next attempt, as long as again decided.
func (c *Call) next(req *http.Request) error {
	if !c.held {
		if err := pace.Wait(c.Context, c.wait); err != nil {
			return err
		}
	}
	clear(req.Header) // a cookie jar adds to it with each attempt
	return c.enter()
}

// Hold takes a place at the gate for a document that is under way, and Leave gives
// it back.
func (c *Call) Hold() { c.exchange.gate.Hold(&c.place) }

// Leave gives the call's place at the gate back, if it has one.
func (c *Call) Leave() { c.place.Leave() }

// judge has the answer read, and decides whether, and after which wait, there is
// another attempt.
func (c *Call) judge(resp *http.Response, err error) (bool, error) {
	c.Last = c.examine(resp, err)
	if c.Observer != nil {
		waited := c.place.Waited
		if c.held {
			waited -= c.wait // which Repeats told of
		}
		if waited >= time.Millisecond {
			c.Observer.Waited(c.place.Reason, waited)
		}
		c.tellAlone()
		c.Observer.Attempted(c.Status, c.Header, time.Since(c.started), c.Last)
	}
	if c.Last == nil {
		return false, nil
	}
	repeat, end := c.again()
	switch {
	case repeat && c.Observer != nil:
		c.Observer.Repeats(c.Status, c.Header, c.wait, c.Last)
	case !repeat && end == nil:
		end = c.Last
	}
	return repeat, end
}

// examine turns an attempt into nil, when it succeeded, or its error.
func (c *Call) examine(resp *http.Response, err error) error {
	if err != nil {
		c.place.Leave()
		c.Status, c.Header, c.failure = 0, nil, c.nameProxy(unwrapURL(err))
		if resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
		return c.Reader.Read(&Answer{Err: c.failure})
	}
	c.Status, c.Header, c.failure = resp.StatusCode, resp.Header, nil
	if !c.try.abroad {
		c.place.Learn(resp.StatusCode, resp.Header)
	}
	if c.Document != nil && resp.StatusCode >= 200 && resp.StatusCode < 300 && c.Document(resp) {
		c.place.Leave() // a document that is read takes a place of its own
		return nil
	}
	c.answer = c.driver.read(resp, c.exchange.bodies, c.Keep)
	c.answer.Abroad = c.try.abroad
	c.place.Leave()
	err = c.Reader.Read(&c.answer)
	c.answer = Answer{}
	return err
}

// again decides about another attempt and its wait. Where a wait cannot end in
// time it returns why instead.
func (c *Call) again() (bool, error) {
	judgement := c.Reader.Weigh(c.Last)
	judgement.Unsent = c.try.unsent
	if judgement.Settled {
		c.Ambiguous = false
	}
	if c.Write && judgement.Verdict().Open() {
		c.Ambiguous = true
	}
	policy := c.exchange.policy
	switch {
	case c.Attempts >= policy.MaxAttempts || c.Once || c.Context.Err() != nil:
		return false, nil
	case judgement.Unauthorized:
		c.wait, c.held = 0, false
		return c.renew(), nil
	case !judgement.Repeat() || judgement.Final || IsPermanent(c.failure):
		return false, nil
	}
	c.wait, c.held = policy.backoff(c.Attempts-1), false
	refused := judgement.Status == http.StatusTooManyRequests && judgement.FromAPI
	if after, said := pace.RetryAfter(c.Header, time.Now()); said {
		if after > policy.MaxRetryAfter {
			c.Asked = after
			return false, nil
		}
		if c.held = refused && after > 0; c.held {
			c.wait = after
		} else {
			c.wait = after + min(c.wait, maxDuration-after) // never less than the server asked for
		}
	}
	if err := pace.Fits(c.Context, c.wait); err != nil {
		return false, err
	}
	if !refused && !c.exchange.budget.spend() { // waiting out a 429 is admission, no repetition of work
		return false, ErrBudget
	}
	return true, nil
}

// renew asks for another token after one was refused, once.
func (c *Call) renew() bool {
	if c.renewed || c.try.token == nil {
		return false
	}
	c.renewed = true
	return c.exchange.tokens.Renew(c.Context, c.try.token)
}

// unwrapURL drops the url.Error that http.Client wraps around everything, and a
// caller's transport perhaps once more: it repeats method and URL.
func unwrapURL(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) && wrapped.Err != nil {
		err = wrapped.Err
	}
	return err
}
