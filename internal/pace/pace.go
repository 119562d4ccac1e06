// Package pace reads in an answer's headers when to come back, and waits no
// longer than a context.
package pace

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter reads how long the server asks to wait: the Retry-After header, else
// the reset of a budget that is used up. Of several values the longest counts, as
// an early return helps nobody; what is too large saturates.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	clock := clockOf(h, now, 0)
	longest, said := time.Duration(0), false
	hear := func(text string) bool {
		wait, ok := clock.wait(text)
		longest, said = max(longest, wait), said || ok
		return ok
	}
	for _, value := range h["Retry-After"] {
		if !hear(value) { // a date has a comma of its own
			for text := range strings.SplitSeq(value, ",") {
				hear(text)
			}
		}
	}
	if said {
		return longest, true
	}
	if said := Read(h, now); said.Known && said.Remaining == 0 && said.Timed {
		return max(0, said.Left), true
	}
	return 0, false
}

// wait reads a value of Retry-After. Other than a reset it may be any time away:
// it is the caller who decides how long is too long.
func (c clock) wait(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if left, _, ok := c.until(text); ok {
		return max(0, left), true
	}
	if at, ok := parseDate(text); ok {
		return max(0, at.Sub(c.server)), true
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if math.IsNaN(seconds) || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	if seconds >= float64(math.MaxInt64)/float64(time.Second) {
		return math.MaxInt64, true
	}
	return time.Duration(math.Ceil(max(0, seconds) * float64(time.Second))), true
}

// TooLong is a wait that would outlast the deadline of a context; it is not
// begun. It matches context.DeadlineExceeded.
type TooLong struct{ Wait time.Duration }

func (e *TooLong) Error() string {
	return "the wait of " + e.Wait.Round(time.Millisecond).String() + " would outlast the deadline"
}

// Is matches context.DeadlineExceeded.
func (e *TooLong) Is(target error) bool { return target == context.DeadlineExceeded }

// Fits says with a [TooLong] that the context ends before the wait would.
func Fits(ctx context.Context, wait time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return &TooLong{wait}
	}
	return nil
}

// Wait waits, unless the context ends before or would.
func Wait(ctx context.Context, wait time.Duration) error {
	if err := Fits(ctx, wait); err != nil {
		return err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// first is h.Get for a name in the spelling of net/http, which spares bringing
// it into that.
func first(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}
