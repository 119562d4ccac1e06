package pace

import (
	"net/http"
	"strings"
	"time"
)

// Budget is what a provider says of the budget of requests.
type Budget struct {
	Limit     int       // requests in a window; 0 if it is not told
	Remaining int       // left in this window
	Reset     time.Time // when the next window begins, by the server's clock; zero if it is not told
	Known     bool      // the provider said what is left
}

// Said is a budget as one answer tells it.
type Said struct {
	Budget
	Timed  bool          // the answer tells the reset, and it can be right
	Left   time.Duration // until the reset; a reset in whole seconds can be over by one
	Window time.Duration // length of the window; 0 if it is not told
}

// Read takes what an answer says of the budget of requests, in the headers
// X-RateLimit-Limit, -Remaining and -Reset, in RateLimit-Limit, -Remaining and
// -Reset, and in RateLimit with RateLimit-Policy. Where it tells several budgets,
// the one with the least left counts. A figure that cannot be right counts as not
// told: one below zero, a reset in the past or further away than a day.
func Read(h http.Header, now time.Time) Said {
	if !Tells(h) {
		return Said{}
	}
	const leeway = 2 * time.Second
	r := reader{clock: clockOf(h, now, leeway)}
	r.fields(h["X-Ratelimit-Remaining"], h["X-Ratelimit-Reset"], h["X-Ratelimit-Limit"])
	r.fields(h["Ratelimit-Remaining"], h["Ratelimit-Reset"], h["Ratelimit-Limit"])
	r.structured(h["Ratelimit"], h["Ratelimit-Policy"])
	return r.tightest
}

// Tells reports whether an answer may say anything of the budget.
func Tells(h http.Header) bool {
	return len(h["X-Ratelimit-Remaining"]) > 0 || len(h["Ratelimit-Remaining"]) > 0 || len(h["Ratelimit"]) > 0
}

// reader keeps the tightest budget of those that it reads.
type reader struct {
	clock    clock
	tightest Said
}

// take compares a budget with the tightest so far. Of two with the same left the
// later reset counts, and either tells what the other does not.
func (r *reader) take(s Said) {
	best := r.tightest
	switch {
	case !best.Known || s.Remaining < best.Remaining:
		r.tightest = s
	case s.Remaining == best.Remaining:
		if s.Timed && (!best.Timed || s.Left > best.Left) {
			s, best = best, s
		}
		if best.Limit == 0 {
			best.Limit = s.Limit
		}
		if best.Window == 0 {
			best.Window = s.Window
		}
		r.tightest = best
	}
}

// fields reads one family of headers. Each may stand several times, and hold
// several items.
func (r *reader) fields(remaining, reset, limit []string) {
	if len(remaining) == 0 {
		return
	}
	var space [3][4]string // most answers need no more
	left := appendItems(space[0][:0], remaining)
	resets := r.appendMoments(space[1][:0], reset)
	limits := appendItems(space[2][:0], limit)
	for i, item := range left {
		s, ok := quota(item)
		if !ok {
			continue
		}
		said := Said{Budget: Budget{Remaining: s, Known: true}}
		if len(resets) == len(left) {
			r.time(&said, resets[i])
		} else {
			for _, text := range resets { // which of them it is nobody knows
				r.time(&said, text)
			}
		}
		for j, text := range limits {
			if len(limits) == len(left) && j != i {
				continue
			}
			if n, ok := quota(text); ok && (said.Limit == 0 || n < said.Limit || n == said.Limit && said.Window == 0) {
				said.Limit, said.Window = n, window(text)
			}
		}
		r.take(said)
	}
}

// time notes a reset, if it can be right and is later than one that was noted.
func (r *reader) time(s *Said, text string) {
	left, at, ok := r.clock.until(text)
	if ok && left > -rounding && (!s.Timed || left > s.Left) {
		s.Timed, s.Left, s.Reset = true, left, at
	}
}

// structured reads the RateLimit header: a list of policies with what is left of
// each, or the dictionary that an earlier draft of its standard had.
func (r *reader) structured(values, policies []string) {
	var space [2][4]string
	var dictionary Said
	for _, item := range appendItems(space[0][:0], values) {
		name, parameters, _ := cut(item, ';')
		if key, value, ok := strings.Cut(name, "="); ok && name[0] != '"' {
			switch strings.ToLower(strings.TrimSpace(key)) {
			case "limit":
				dictionary.Limit, _ = quota(value)
			case "remaining":
				dictionary.Remaining, dictionary.Known = quota(value)
			case "reset":
				r.time(&dictionary, value)
			}
			continue
		}
		left, ok := parameter(parameters, "r")
		remaining, valid := quota(left)
		if !ok || !valid {
			continue
		}
		said := Said{Budget: Budget{Remaining: remaining, Known: true}}
		if t, ok := parameter(parameters, "t"); ok {
			r.time(&said, t)
		}
		counts := true
		for _, policy := range appendItems(space[1][:0], policies) {
			if other, more, _ := cut(policy, ';'); strings.TrimSpace(other) == strings.TrimSpace(name) {
				q, _ := parameter(more, "q")
				said.Limit, _ = quota(q)
				said.Window = window(policy)
				unit, ok := parameter(more, "qu")
				counts = !ok || strings.Trim(unit, `"`) == "requests"
			}
		}
		if counts {
			r.take(said)
		}
	}
	if dictionary.Known {
		for _, policy := range appendItems(space[1][:0], policies) {
			if n, ok := quota(policy); ok && n == dictionary.Limit {
				dictionary.Window = window(policy)
			}
		}
		r.take(dictionary)
	}
}

// quota reads the number of requests at the begin of an item.
func quota(item string) (int, bool) {
	text, _, _ := cut(item, ';')
	n, ok := number(strings.TrimSpace(text))
	const most = 1 << 53 // no budget is that large
	return int(n), ok && n < most
}

// window is the parameter w of an item: the length of a window in seconds.
func window(item string) time.Duration {
	_, parameters, _ := cut(item, ';')
	text, _ := parameter(parameters, "w")
	if n, ok := number(text); ok && n > 0 && n <= 365*day.Seconds() {
		return time.Duration(n * float64(time.Second))
	}
	return 0
}

// parameter finds key=value among parameters.
func parameter(parameters, key string) (string, bool) {
	for more := parameters != ""; more; {
		var one string
		one, parameters, more = cut(parameters, ';')
		if name, value, ok := strings.Cut(one, "="); ok && strings.EqualFold(strings.TrimSpace(name), key) {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

// appendItems appends the items of lists, without the empty ones.
func appendItems(items []string, values []string) []string {
	for _, value := range values {
		for more := true; more; {
			var item string
			item, value, more = cut(value, ',')
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}

// appendMoments is appendItems for moments, among which a date has a comma.
func (r *reader) appendMoments(items []string, values []string) []string {
	for i, value := range values {
		if strings.Contains(value, ",") {
			if _, isDate := parseDate(strings.TrimSpace(value)); !isDate {
				items = appendItems(items, values[i:i+1])
				continue
			}
		}
		items = append(items, value)
	}
	return items
}

// cut is strings.Cut at the first separator that is not quoted.
func cut(text string, separator byte) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == separator && !quoted:
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}
