package gate

import (
	"math"
	"sync"
	"time"
)

// rate is the client's own: places that come evenly, and are kept up to a burst
// while nobody takes them.
type rate struct {
	every time.Duration // between two places
	kept  time.Duration // in which all but one of a burst come

	mu  sync.Mutex
	due time.Time // when every place that was taken will have come
}

// newRate takes places in a second, above 0, and a burst of at least 1. Less
// than one place in a year is one in a year.
func newRate(perSecond float64, burst int) *rate {
	const year = 365 * 24 * time.Hour
	every := year
	if interval := math.Ceil(float64(time.Second) / perSecond); interval < float64(year) {
		every = time.Duration(interval)
	}
	return &rate{every: every, kept: time.Duration(min(float64(burst-1)*float64(every), math.MaxInt64/2))}
}

// take takes the next place, if it is there within most, and returns after which
// wait; place is for giveBack.
func (r *rate) take(now time.Time, most time.Duration) (wait time.Duration, place time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	due := r.due
	if due.Before(now) {
		due = now
	}
	if wait = max(0, due.Sub(now)-r.kept); wait > most {
		return wait, time.Time{}, false
	}
	r.due = due.Add(r.every)
	return wait, r.due, true
}

// giveBack returns a place that was not waited for, if it was the last that was
// taken: others hold those behind it, and two must not have the same.
func (r *rate) giveBack(place time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.due.Equal(place) {
		r.due = r.due.Add(-r.every)
	}
}
