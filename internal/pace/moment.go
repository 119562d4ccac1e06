package pace

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// day is the furthest that a server is believed.
const day = 24 * time.Hour

// rounding is how much a moment can be off that is told in whole seconds.
const rounding = time.Second

// clock relates what an answer tells as a moment to our own clock.
type clock struct {
	now    time.Time // ours
	server time.Time // the answer's Date; now without one
}

// clockOf reads the answer's Date. It is in whole seconds and was some time on
// its way, so a difference that is less than leeway is none.
func clockOf(h http.Header, now time.Time, leeway time.Duration) clock {
	c := clock{now, now}
	if date := first(h, "Date"); date != "" {
		if t, err := http.ParseTime(date); err == nil && t.Sub(now).Abs() >= leeway {
			c.server = t
		}
	}
	return c
}

// until reads a moment as the time that is left until then: it is told as seconds
// from now, as a Unix time in seconds or milliseconds, or as a date. What lies
// further away than a day is none of them. at is the moment by the server's clock.
func (c clock) until(text string) (left time.Duration, at time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if n, ok := number(text); ok {
		return c.untilNumber(n)
	}
	if at, ok = parseDate(text); !ok {
		return 0, at, false
	}
	return c.untilTime(at)
}

func (c clock) untilNumber(n float64) (time.Duration, time.Time, bool) {
	if n <= day.Seconds() {
		left := time.Duration(math.Ceil(n * float64(time.Second)))
		return left, c.server.Add(left).UTC(), true
	}
	const furthest = 1e15 // milliseconds, far beyond any date of today
	if n > furthest {
		return 0, time.Time{}, false
	}
	if left, at, ok := c.untilTime(time.UnixMilli(int64(n * 1000))); ok {
		return left, at, ok
	}
	return c.untilTime(time.UnixMilli(int64(n)))
}

func (c clock) untilTime(at time.Time) (time.Duration, time.Time, bool) {
	left := at.Sub(c.server)
	return left, at.UTC(), left.Abs() <= day
}

// number reads digits with at most one point; no sign, exponent or other base.
func number(text string) (float64, bool) {
	for i := range len(text) {
		if (text[i] < '0' || text[i] > '9') && text[i] != '.' {
			return 0, false
		}
	}
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// dates are the layouts beside those of HTTP. A zone is told as an offset, or is
// UTC: other names stand for different offsets in different places.
var dates = []string{
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 -07:00",
	"Mon, 2 Jan 2006 15:04:05 UTC",
	"Mon, 2 Jan 2006 15:04:05 GMT",
	time.RFC3339,
	"2006-01-02 15:04:05",
}

// parseDate reads a date as HTTP, mail and RFC 3339 write it.
func parseDate(text string) (time.Time, bool) {
	if t, err := http.ParseTime(text); err == nil {
		return t, true
	}
	for _, layout := range dates {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
