package jsonread

import (
	"errors"
	"strings"
	"time"
)

// readTime takes a time, in UTC. None is "", 0 and a date of zeros.
func readTime(r *Reader, to place) error {
	if c := r.peek(); c == '"' {
		if t, size := inRFC3339(r.data[r.at+1:]); size > 0 {
			*at[time.Time](to) = t
			r.at += size + 2
			return nil
		}
	} else if !isNumber(c) {
		return expected("a time")
	}
	said, err := r.scalar()
	if err != nil {
		return err
	}
	t, err := ParseTime(said)
	if err != nil {
		return expected("a time such as " + rfc3339)
	}
	*at[time.Time](to) = t
	return nil
}

// layouts is what stands in answers beside RFC 3339 and unix seconds.
var layouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	time.DateOnly,
}

// errTime is text that is no time.
var errTime = errors.New("not a time")

// ParseTime reads a time in RFC 3339, or without zone (UTC), seconds or clock,
// with a space before the clock, or as unix seconds; unix seconds above the year
// 5000 are milliseconds. "", 0 and a date of zeros are the zero time.
func ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if n, ok := parseWhole(text); ok {
		const year5000 = 95_617_584_000
		switch seconds := int64(n.value()); {
		case !n.fits(64, true):
			return time.Time{}, errTime
		case seconds == 0:
			return time.Time{}, nil
		case seconds > year5000:
			return time.UnixMilli(seconds).UTC(), nil
		default:
			return time.Unix(seconds, 0).UTC(), nil
		}
	}
	if text == "" || strings.HasPrefix(text, "0000-00-00") && strings.Trim(text, "0-: TtZz.") == "" {
		return time.Time{}, nil
	}
	if len(text) > len(time.DateOnly) && text[len(time.DateOnly)] == ' ' {
		text = text[:len(time.DateOnly)] + "T" + strings.TrimSpace(text[len(time.DateOnly):])
	}
	text = strings.ToUpper(text)
	var leap time.Duration
	const second = len("2006-01-02T15:04:")
	if len(text) >= second+2 && text[second:second+2] == "60" && text[second-1] == ':' {
		text, leap = text[:second]+"59"+text[second+2:], time.Second // a leap second is the next one
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Add(leap).UTC(), nil
		}
	}
	return time.Time{}, errTime
}

// rfc3339 is how most servers write times.
const rfc3339 = "2006-01-02T15:04:05Z"

// inRFC3339 reads the time that text begins with, before a quote, and returns
// how long it is. It knows the years 1 to 9999, no leap seconds, and upper case;
// ParseTime reads the rest. Every record has two of them.
func inRFC3339(text []byte) (t time.Time, size int) {
	const clock = len("2006-01-02T15:04:05")
	if len(text) < len(rfc3339)+1 {
		return t, 0
	}
	wrong := 0 // negative where there was another octet than a digit
	two := func(i int) int {
		tens, ones := int(text[i])-'0', int(text[i+1])-'0'
		wrong |= tens | ones | (9 - tens) | (9 - ones)
		return 10*tens + ones
	}
	year, month, day := 100*two(0)+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if wrong < 0 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
		year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59 {
		return t, 0
	}
	seconds := 86400*int64(daysSince1970(year, month, day)) + int64(3600*hour+60*minute+second)
	nanoseconds, i := 0, clock
	if text[i] == '.' {
		unit := 100_000_000
		for i++; i < len(text) && text[i]-'0' <= 9; i++ {
			nanoseconds += unit * int(text[i]-'0')
			unit /= 10
		}
		if i == clock+1 {
			return t, 0
		}
	}
	const offset = len("+00:00")
	switch {
	case i+1 < len(text) && text[i] == 'Z':
		i++
	case i+offset < len(text) && (text[i] == '+' || text[i] == '-') && text[i+3] == ':':
		hours, minutes := two(i+1), two(i+4)
		if wrong < 0 || hours > 23 || minutes > 59 {
			return t, 0
		}
		away := int64(3600*hours + 60*minutes)
		if text[i] == '-' {
			away = -away
		}
		seconds -= away
		i += offset
	default:
		return t, 0
	}
	if text[i] != '"' {
		return t, 0
	}
	return time.Unix(seconds, int64(nanoseconds)).UTC(), i
}

func daysOf(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 counts by years that begin in March, so that a leap day is the
// last of its year.
func daysSince1970(year, month, day int) int {
	month -= 3
	if month < 0 {
		month, year = month+12, year-1
	}
	return 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + day - 1 - 719468
}
