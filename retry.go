package hoster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

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
		c.wait = 0
		return c.renewToken(), nil
	case !evidence.Repeat(), isPermanent(c.last):
		return false, nil
	}
	c.wait = c.client.retry.backoff(c.attempts - 1)
	if after, said := retryAfter(c.header, time.Now()); said {
		if after > c.client.retry.MaxRetryAfter {
			c.tellWait(after)
			return false, nil
		}
		c.wait = after + min(c.wait, math.MaxInt64-after) // never less than the server asked for
	}
	if deadline, ok := c.ctx.Deadline(); ok && time.Now().Add(c.wait).After(deadline) {
		return false, &waitError{wait: c.wait}
	}
	if !c.client.budget.spend() {
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

// waitError is a wait that would outlast the caller's deadline; it is not begun.
type waitError struct{ wait time.Duration }

func (e *waitError) Error() string {
	return "the wait of " + e.wait.Round(time.Millisecond).String() + " would outlast the deadline"
}
func (e *waitError) Is(target error) bool { return target == context.DeadlineExceeded }

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
	e.Paused = e.Status == http.StatusServiceUnavailable && answered.Code == CodeServiceUnavailable && c.header.Get("Retry-After") != ""
	e.Running = answered.Code == CodeIdempotencyInProgress
	return e
}

// isKept reports an answer that the provider keeps with the idempotency key.
func (c *call) isKept(answered *Error) bool {
	switch status := answered.effectiveStatus(); {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusTooManyRequests, status >= 500:
		return false
	}
	return c.op.method == http.MethodPost && answered.Code != CodeIdempotencyInProgress && c.keyAnswer()
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
	if i, ok := c.client.source.(Invalidator); ok {
		i.Invalidate(c.try.token)
	}
	fresh, err := askSource(c.ctx, c.client.source)
	return err == nil && !fresh.Equal(c.try.token)
}

// retryAfter reads how long the server asks to wait: the Retry-After header in
// seconds or as a date by the server's own clock, else the reset of a budget
// that is used up. Of several values the longest counts, as an early return
// helps nobody; what is too large saturates.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	var longest time.Duration
	said := false
	for _, value := range h.Values("Retry-After") {
		if d, ok := parseRetryAfter(value, serverTime(h, now)); ok {
			longest, said = max(longest, d), true
		}
	}
	if budget := readRateLimit(h); !said && budget.Known && budget.Remaining == 0 && !budget.Reset.IsZero() {
		return max(0, budget.Reset.Sub(serverTime(h, now))), true
	}
	return longest, said
}

// serverTime is the answer's own Date, against which its other times hold.
func serverTime(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}

func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseFloat(value, 64); (err == nil || errors.Is(err, strconv.ErrRange)) && !math.IsNaN(seconds) {
		return saturate(seconds), true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now)), true
	}
	return 0, false
}

func saturate(seconds float64) time.Duration {
	switch {
	case seconds <= 0:
		return 0
	case seconds >= float64(math.MaxInt64)/float64(time.Second):
		return math.MaxInt64
	}
	return time.Duration(math.Ceil(seconds * float64(time.Second)))
}
