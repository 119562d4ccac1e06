package pace

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestRead goes through the spellings of a budget: 5 of 100 are left, and the
// window ends in 30 s.
func TestRead(t *testing.T) {
	const left = 30 * time.Second
	unix, date := now.Add(left).Unix(), now.Add(left)
	told := Said{Budget: Budget{Limit: 100, Remaining: 5, Reset: date, Known: true}, Timed: true, Left: left}
	minute := told
	minute.Window = time.Minute
	noLimit := told
	noLimit.Limit = 0
	untimed := Said{Budget: Budget{Limit: 100, Remaining: 5, Known: true}}
	old := func(reset string) []string {
		return []string{"X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 5", "X-RateLimit-Reset: " + reset}
	}
	plain := func(limit, remaining, reset string) []string {
		return []string{"RateLimit-Limit: " + limit, "RateLimit-Remaining: " + remaining, "RateLimit-Reset: " + reset}
	}
	for _, test := range []struct {
		name  string
		lines []string
		want  Said
	}{
		{"unix seconds", old(fmt.Sprint(unix)), told},
		{"unix seconds with a fraction", old(fmt.Sprintf("%d.000", unix)), told},
		{"unix milliseconds", old(fmt.Sprint(unix * 1000)), told},
		{"seconds from now", old("30"), told},
		{"seconds with a fraction", old("30.0"), told},
		{"date of HTTP", old(date.Format("Mon, 02 Jan 2006 15:04:05 GMT")), told},
		{"date of PHP", old(date.Format("Mon, 02 Jan 2006 15:04:05 -0700")), told},
		{"date with an offset", old(date.In(time.FixedZone("", -7*3600)).Format("Mon, 02 Jan 2006 15:04:05 -0700")), told},
		{"RFC 850", old(date.Format("Monday, 02-Jan-06 15:04:05 GMT")), told},
		{"asctime", old(date.Format(time.ANSIC)), told},
		{"RFC 3339", old(date.Format(time.RFC3339)), told},
		{"without a zone", old(date.Format("2006-01-02 15:04:05")), told},
		{"spaces", old(fmt.Sprintf("  %d ", unix)), told},
		{"by the server's clock", append(old(fmt.Sprint(unix+3600)), "Date: "+now.Add(time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT")),
			Said{Budget: Budget{Limit: 100, Remaining: 5, Reset: date.Add(time.Hour), Known: true}, Timed: true, Left: left}},
		{"a Date that is rounded", append(old(fmt.Sprint(unix)), "Date: "+now.Add(-time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT")), told},

		{"standard names", plain("100", "5", "30"), told},
		{"standard names, unix", plain("100", "5", fmt.Sprint(unix)), told},
		{"without a limit", []string{"RateLimit-Remaining: 5", "RateLimit-Reset: 30"}, noLimit},
		{"a limit with its policies", plain("100, 100;w=60, 1000;w=3600", "5", "30"), minute},
		{"a limit and a wider one", plain("100;w=60, 1000;w=3600", "5", "30"), minute},
		{"lists", plain("100, 1000", "5, 900", "30, 3600"), told},
		{"lists, the tightest last", plain("1000, 100", "900, 5", "3600, 30"), told},
		{"lists of dates", []string{"X-RateLimit-Limit: 1000", "X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 900", "X-RateLimit-Remaining: 5",
			"X-RateLimit-Reset: Fri, 02 Jan 2026 09:00:00 GMT", "X-RateLimit-Reset: " + date.Format("Mon, 02 Jan 2006 15:04:05 GMT")}, told},
		{"several lines", append(plain("1000", "900", "3600"), plain("100", "5", "30")...), told},
		{"two budgets used up, the later reset counts", plain("10, 100", "0, 0", "1, 30"),
			Said{Budget: Budget{Limit: 100, Reset: date, Known: true}, Timed: true, Left: left}},
		{"one reset for two budgets", plain("100, 1000", "5, 900", "30"), told},
		{"both families", append(old(fmt.Sprint(unix)), plain("1000", "900", "3600")...), told},
		{"both families, alike", append(old(fmt.Sprint(unix)), plain("100", "5", "30")...), told},

		{"structured", []string{`RateLimit: "default";r=5;t=30`}, noLimit},
		{"structured with its policy", []string{`RateLimit: "default";r=5;t=30`, `RateLimit-Policy: "default";q=100;w=60`}, minute},
		{"structured, two", []string{`RateLimit: "day";r=900;t=3600, "minute";r=5;t=30`, `RateLimit-Policy: "day";q=1000;w=86400, "minute";q=100;w=60`}, minute},
		{"structured, two lines", []string{`RateLimit: "minute"; r=5; t=30`, `RateLimit: "day"; r=900; t=3600`, `RateLimit-Policy: "minute"; q=100; w=60`, `RateLimit-Policy: "day"; q=1000; w=86400`}, minute},
		{"structured, a name with separators", []string{`RateLimit: "a, b; c=\"d\"";r=5;t=30`, `RateLimit-Policy: "a, b; c=\"d\"";q=100;w=60`}, minute},
		{"structured, a partition key", []string{`RateLimit: "default"; r=5; t=30; pk=:YWJjZA==:`, `RateLimit-Policy: "default"; q=100; w=60; pk=:YWJjZA==:`}, minute},
		{"structured, a token as name", []string{`RateLimit: default;r=5;t=30`, `RateLimit-Policy: default;q=100;w=60`}, minute},
		{"structured, other units", []string{`RateLimit: "octets";r=1;t=9, "default";r=5;t=30`, `RateLimit-Policy: "octets";q=9;qu="content-bytes";w=60, "default";q=100;qu="requests";w=60`}, minute},
		{"structured, an earlier draft", []string{"RateLimit: limit=100, remaining=5, reset=30", "RateLimit-Policy: 100;w=60"}, minute},

		{"no reset", []string{"X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 5"}, untimed},
		{"a reset in the past", old(fmt.Sprint(now.Unix() - 2)), untimed},
		{"a reset of yesterday", old(fmt.Sprint(now.Unix() - 90000)), untimed},
		{"a reset in two days", old(fmt.Sprint(now.Unix() + 172800)), untimed},
		{"two days from now", old("172800"), untimed},
		{"microseconds", old(fmt.Sprint(unix * 1_000_000)), untimed},
		{"a reset without end", old(strings.Repeat("9", 400)), untimed},
		{"a reset below zero", old("-30"), untimed},
		{"a reset of words", old("soon"), untimed},
		{"an exponent", old("3e1"), untimed},
		{"just over, by its rounding", old(fmt.Sprint(now.Unix())),
			Said{Budget: Budget{Limit: 100, Remaining: 5, Reset: now, Known: true}, Timed: true}},

		{"nothing", nil, Said{}},
		{"a limit only", []string{"X-RateLimit-Limit: 100", "X-RateLimit-Reset: 30"}, Said{}},
		{"below zero", []string{"X-RateLimit-Remaining: -3", "X-RateLimit-Reset: 30"}, Said{}},
		{"words", []string{"X-RateLimit-Remaining: many"}, Said{}},
		{"empty", []string{"X-RateLimit-Remaining: ", "RateLimit: "}, Said{}},
		{"without end", []string{"X-RateLimit-Remaining: " + strings.Repeat("9", 400)}, Said{}},
		{"structured, below zero", []string{`RateLimit: "default";r=-5;t=30`}, Said{}},
		{"structured, without figures", []string{`RateLimit: "default"`}, Said{}},
		{"one item is nonsense", plain("100", "5, many", "30"), told},
	} {
		if got := Read(headers(test.lines...), now); got != test.want {
			t.Errorf("%s: %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

// TestReadingCostsNothing: the usual headers are read without allocations.
func TestReadingCostsNothing(t *testing.T) {
	h := headers("X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 599", fmt.Sprint("X-RateLimit-Reset: ", now.Unix()+30), "Date: "+now.Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	if n := testing.AllocsPerRun(100, func() { Read(h, now) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRead(b *testing.B) {
	h := headers("X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 599", fmt.Sprint("X-RateLimit-Reset: ", now.Unix()+30), "Date: "+now.Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	b.ReportAllocs()
	for b.Loop() {
		Read(h, now)
	}
}
