package hoster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/replay"
)

// RetryPolicy bounds the attempts of a call. What may be repeated at all is
// decided by the operation and on evidence, and no policy changes it.
type RetryPolicy struct {
	// MaxAttempts of one call, the first included. 1 never repeats.
	MaxAttempts int
	// MinWait and MaxWait bound the backoff: before the nth repetition it is
	// drawn evenly from 0 to MinWait doubled n times, at most MaxWait.
	MinWait, MaxWait time.Duration
	// MaxRetryAfter is the longest wait that a server may ask for. A longer one
	// ends the call at once, with the wait in the error.
	MaxRetryAfter time.Duration
}

// DefaultRetryPolicy is what a client uses without [WithRetryPolicy]: four
// attempts, backoff from 0.5 s to 10 s, Retry-After up to 60 s.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxAttempts: 4, MinWait: 500 * time.Millisecond, MaxWait: 10 * time.Second, MaxRetryAfter: 60 * time.Second}
}

func (p RetryPolicy) check() error {
	switch {
	case p.MaxAttempts < 1:
		return &ArgumentError{Field: "RetryPolicy.MaxAttempts", Expected: "1 or more"}
	case p.MinWait < 0 || p.MaxWait < p.MinWait:
		return &ArgumentError{Field: "RetryPolicy.MaxWait", Expected: "0 <= MinWait <= MaxWait"}
	case p.MaxRetryAfter < 0:
		return &ArgumentError{Field: "RetryPolicy.MaxRetryAfter", Expected: "0 or more"}
	}
	return nil
}

// backoff is full jitter: drawn evenly up to a bound that doubles.
func (p RetryPolicy) backoff(repetition int) time.Duration {
	bound := p.MaxWait
	if repetition < 32 && p.MinWait < p.MaxWait>>repetition {
		bound = p.MinWait << repetition
	}
	if bound <= 0 {
		return 0
	}
	return rand.N(min(bound, math.MaxInt64-1) + 1)
}

// again decides about another attempt and its wait. Where a wait cannot end in
// time it returns why instead.
func (c *call) again(resp *http.Response) (bool, error) {
	evidence := c.evidence()
	if c.op.isWrite() && evidence.Verdict().Open() {
		c.ambiguous = true
	}
	switch {
	case c.attempts >= c.client.retry.MaxAttempts || c.settings.noRetry || c.ctx.Err() != nil:
		return false, nil
	case errors.Is(c.last, ErrUnauthorized):
		c.wait, c.held = 0, false
		return c.renewToken(), nil
	case !evidence.Repeat(), isPermanent(c.last):
		return false, nil
	}
	c.wait, c.held = c.client.retry.backoff(c.attempts-1), false
	refused := evidence.Status == http.StatusTooManyRequests && evidence.FromAPI
	if after, said := pace.RetryAfter(c.header, time.Now()); said {
		if after > c.client.retry.MaxRetryAfter {
			c.tellWait(after)
			return false, nil
		}
		if c.held = refused && after > 0; c.held {
			c.wait = after
		} else {
			c.wait = after + min(c.wait, math.MaxInt64-after) // never less than the server asked for
		}
	}
	if err := pace.Fits(c.ctx, c.wait); err != nil {
		return false, err
	}
	if !refused && !c.client.budget.spend() { // waiting out a 429 is admission, no repetition of work
		return false, ErrRetryBudget
	}
	return true, nil
}

// tellWait puts a wait that is too long into the error's hint.
func (c *call) tellWait(after time.Duration) {
	var answered *Error
	if errors.As(c.last, &answered) && answered.Hint == "" {
		answered.Hint = "The provider asked to wait " + after.Round(time.Second).String() + " before the next attempt."
	}
}

// evidence is what the last attempt's failure says about what the server did.
func (c *call) evidence() replay.Evidence {
	e := replay.Evidence{
		Write:    c.op.isWrite(),
		Harmless: c.op.replay != ReplayOnEvidence,
		Keyed:    c.op.method == http.MethodPost && c.client.keysHonoured.Load(),
		NoToken:  errors.Is(c.last, ErrCredentials),
		Unsent:   c.try.unsent,
	}
	var answered *Error
	if !errors.As(c.last, &answered) {
		return e
	}
	if answered.FromAPI && answered.kind == nil && c.isKept(answered) {
		c.ambiguous = false // under an honoured key this answer is the only one
	}
	e.Status, e.FromAPI = answered.Status, answered.FromAPI
	if status := answered.effectiveStatus(); status != 0 {
		e.Undone = answered.FromAPI && status != e.Status
		e.Status = status
	}
	e.Broken, e.Unreadable, e.Lacking = answered.broken, answered.kind != nil, answered.absent
	e.Paused = e.Status == http.StatusServiceUnavailable && answered.Code == ErrorCodeServiceUnavailable && c.header.Get("Retry-After") != ""
	e.Running = answered.Code == ErrorCodeIdempotencyInProgress
	return e
}

// isKept reports an answer that the provider keeps with the idempotency key.
func (c *call) isKept(answered *Error) bool {
	switch status := answered.effectiveStatus(); {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusTooManyRequests, status >= 500:
		return false
	}
	return c.op.method == http.MethodPost && answered.Code != ErrorCodeIdempotencyInProgress && c.keyAnswer()
}

// isPermanent reports failures that another attempt cannot mend.
func isPermanent(err error) bool {
	if errors.Is(err, ErrBodyTooLarge) {
		return true
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return true
	}
	var proxy *proxyError
	if errors.As(err, &proxy) && proxy.status < 500 {
		return true
	}
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	return errors.As(err, &unverified) || errors.As(err, &unknown) || errors.As(err, &name)
}

// renewToken asks the source once more after a 401. The call is repeated, once,
// only if the token changed.
func (c *call) renewToken() bool {
	if c.renewed {
		return false
	}
	c.renewed = true
	if err := c.client.tokens.invalidate(c.ctx, c.try.token); err != nil {
		return false
	}
	fresh, err := c.client.tokens.token(c.ctx)
	return err == nil && !fresh.Equal(c.try.token)
}
