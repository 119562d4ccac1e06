package pace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// headers makes a header of lines.
func headers(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		h.Add(name, strings.TrimPrefix(value, " "))
	}
	return h
}

// TestRetryAfter: never negative, never early, and saturated.
func TestRetryAfter(t *testing.T) {
	const never = -1
	for _, test := range []struct {
		lines []string
		want  time.Duration
	}{
		{nil, never},
		{[]string{"Retry-After: 0"}, 0},
		{[]string{"Retry-After: -1"}, 0},
		{[]string{"Retry-After: 1.5"}, 1500 * time.Millisecond},
		{[]string{"Retry-After:  17 "}, 17 * time.Second},
		{[]string{"Retry-After: 172800"}, 48 * time.Hour},
		{[]string{"Retry-After: 1e10"}, math.MaxInt64},
		{[]string{"Retry-After: 9223372036854775807"}, math.MaxInt64},
		{[]string{"Retry-After: " + strings.Repeat("9", 400)}, math.MaxInt64},
		{[]string{"Retry-After: -" + strings.Repeat("9", 400)}, 0},
		{[]string{"Retry-After: NaN"}, never},
		{[]string{"Retry-After: soon"}, never},
		{[]string{"Retry-After: "}, never},
		{[]string{"Retry-After: 3", "Retry-After: 9", "Retry-After: soon"}, 9 * time.Second},
		{[]string{"Retry-After: 3, 9"}, 9 * time.Second},
		{[]string{fmt.Sprint("Retry-After: ", now.Unix()+20)}, 20 * time.Second},
		{[]string{fmt.Sprint("Retry-After: ", now.UnixMilli()+2500)}, 2500 * time.Millisecond},

		{[]string{"Retry-After: Fri, 02 Jan 2026 03:05:05 GMT"}, time.Minute},
		{[]string{"Retry-After: Fri, 2 Jan 2026 03:05:05 GMT"}, time.Minute},
		{[]string{"Retry-After: Fri, 02 Jan 2026 03:05:05 UTC"}, time.Minute},
		{[]string{"Retry-After: Fri, 02 Jan 2026 03:05:05 +0000"}, time.Minute},
		{[]string{"Retry-After: Thu, 01 Jan 2026 20:05:05 -0700"}, time.Minute},
		{[]string{"Retry-After: Fri, 02 Jan 2026 08:35:05 +05:30"}, time.Minute},
		{[]string{"Retry-After: Friday, 02-Jan-26 03:05:05 GMT"}, time.Minute},
		{[]string{"Retry-After: Fri Jan  2 03:05:05 2026"}, time.Minute},
		{[]string{"Retry-After: 2026-01-02T03:05:05Z"}, time.Minute},
		{[]string{"Retry-After: Fri, 02 Jan 2026 03:05:05 CET"}, never}, // a name may stand for many offsets
		{[]string{"Retry-After: Fri, 02 Jan 2026 03:00:00 GMT"}, 0},
		{[]string{"Retry-After: Sun, 04 Jan 2026 03:04:05 GMT"}, 48 * time.Hour},

		{[]string{"Date: Fri, 02 Jan 2026 05:00:00 GMT", "Retry-After: Fri, 02 Jan 2026 05:00:30 GMT"}, 30 * time.Second},
		{[]string{"Date: Fri, 02 Jan 2026 03:04:04 GMT", "Retry-After: Fri, 02 Jan 2026 03:04:34 +0000"}, 30 * time.Second},
		{[]string{"Date: yesterday", "Retry-After: Fri, 02 Jan 2026 03:05:05 GMT"}, time.Minute},

		{[]string{"X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 0", fmt.Sprint("X-RateLimit-Reset: ", now.Unix()+12)}, 12 * time.Second},
		{[]string{"X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 5", fmt.Sprint("X-RateLimit-Reset: ", now.Unix()+12)}, never},
		{[]string{"X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 0", fmt.Sprint("X-RateLimit-Reset: ", now.Unix()-12)}, never},
		{[]string{`RateLimit: "default";r=0;t=30`}, 30 * time.Second},
		{[]string{"Retry-After: 2", `RateLimit: "default";r=0;t=30`}, 2 * time.Second},
	} {
		got, said := RetryAfter(headers(test.lines...), now)
		if want := max(0, test.want); got != want || said != (test.want != never) {
			t.Errorf("%.80q: %s, %v; want %s", test.lines, got, said, want)
		}
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := Wait(ctx, 10*time.Second); err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		err := Wait(ctx, 51*time.Second)
		var late *TooLong
		if !errors.As(err, &late) || late.Wait != 51*time.Second || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if err := Fits(t.Context(), math.MaxInt64); err != nil {
			t.Errorf("without a deadline: %v", err)
		}
		if err := Fits(ctx, math.MaxInt64); err == nil {
			t.Error("a wait without end fits into a minute")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		if err := Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// FuzzRetryAfter: a wait is never negative, whatever the headers hold, and what
// is too large saturates.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"0", "-1", "1.5", "1e10", "9223372036854775807", "9223372036.854775", "1e400", "NaN", "Inf", "-Inf", "0x1p63", "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "soon", ""} {
		f.Add(value, "17", "Fri, 02 Jan 2026 03:04:05 GMT", "0", "1767323045")
	}
	f.Fuzz(func(t *testing.T, one, two, date, remaining, reset string) {
		h := http.Header{"Retry-After": {one, two}, "Date": {date}, "X-Ratelimit-Limit": {"600"}, "X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Reset": {reset}}
		both, saidBoth := RetryAfter(h, now)
		h["Retry-After"] = []string{one}
		h.Del("X-RateLimit-Remaining")
		alone, saidAlone := RetryAfter(h, now)
		if both < 0 || alone < 0 {
			t.Fatalf("%q, %q: %v, %v", one, two, both, alone)
		}
		if saidAlone && (!saidBoth || both < alone) {
			t.Fatalf("%q says %v, and with %q %v", one, alone, two, both)
		}
		if digits := strings.TrimSpace(one); len(digits) > 16 && strings.Trim(digits, "0123456789") == "" && digits[0] != '0' && alone != math.MaxInt64 {
			t.Fatalf("%q does not saturate: %v", one, alone)
		}
	})
}

// FuzzRead: no figure is below zero, and no reset is further away than is
// believed.
func FuzzRead(f *testing.F) {
	for _, value := range []string{"0", "-1", "7, 100;w=60", "9223372036854775807", "1767323105000", "Fri, 02 Jan 2026 03:04:05 +0000", `"a,b\"";r=5;t=30`, "limit=10, remaining=5, reset=3", ";;,=\\\""} {
		f.Add(value, value, value, value, value)
	}
	f.Fuzz(func(t *testing.T, limit, remaining, reset, structured, policy string) {
		h := http.Header{"X-Ratelimit-Limit": {limit, limit}, "Ratelimit-Remaining": {remaining}, "X-Ratelimit-Remaining": {remaining}, "Ratelimit-Reset": {reset}, "X-Ratelimit-Reset": {reset}, "Ratelimit": {structured}, "Ratelimit-Policy": {policy}}
		said := Read(h, now)
		if said.Limit < 0 || said.Remaining < 0 || said.Window < 0 || said.Left < -rounding || said.Left > day || said.Timed == said.Reset.IsZero() || !said.Known && said != (Said{}) {
			t.Fatalf("%+v of %q", said, h)
		}
	})
}
