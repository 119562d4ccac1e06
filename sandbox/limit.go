package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// limiter is the account's budget of requests in a fixed window, which begins
// with the first request after the last window's end.
type limiter struct {
	limit  int // 0: unlimited
	window time.Duration
	end    time.Time
	used   int
}

// newLimiter prefers the option to the seed to the contract's usual limit.
func newLimiter(option, seed *RateLimit) limiter {
	l := limiter{limit: 600, window: time.Minute}
	for _, said := range []*RateLimit{seed, option} {
		if said == nil {
			continue
		}
		l.limit, l.window = max(said.Limit, 0), said.Window
		if l.window <= 0 {
			l.window = time.Minute
		}
	}
	return l
}

// take lets one request through, or says how long the window still runs.
func (l *limiter) take(now time.Time) (wait time.Duration, ok bool) {
	if l.limit == 0 {
		return 0, true
	}
	if !now.Before(l.end) {
		l.end, l.used = now.Add(l.window), 0
	}
	if l.used >= l.limit {
		return l.end.Sub(now), false
	}
	l.used++
	return 0, true
}

// header says how much is left. The reset is rounded up: at that second the
// window has ended.
func (l *limiter) header() http.Header {
	if l.limit == 0 {
		return nil
	}
	reset := l.end.Unix()
	if l.end.Nanosecond() > 0 {
		reset++
	}
	h := make(http.Header, 3)
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(l.limit-l.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset, 10))
	return h
}

func tooMany(wait time.Duration) *answer {
	a := fail(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "The rate limit of the account is used up.")
	seconds := (wait + time.Second - 1) / time.Second
	a.header.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	return a
}
