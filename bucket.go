package hoster

import (
	"math"
	"sync"
	"time"
)

// bucket is the client's own rate: places that come evenly, and are kept up to
// a burst while nobody takes them.
type bucket struct {
	every time.Duration // between two places
	kept  time.Duration // in which all but one of a burst come

	mu  sync.Mutex
	due time.Time // when every place that was taken will have come
}

// newBucket takes places in a second, above 0, and a burst of at least 1. Less
// than one place in a year is one in a year.
func newBucket(perSecond float64, burst int) *bucket {
	const year = 365 * 24 * time.Hour
	b := &bucket{every: min(saturate(1/perSecond), year)}
	b.kept = time.Duration(min(float64(burst-1)*float64(b.every), math.MaxInt64/2))
	return b
}

// take takes the next place, if it is there within most, and returns after which
// wait; place is for giveBack.
func (b *bucket) take(now time.Time, most time.Duration) (wait time.Duration, place time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	due := b.due
	if due.Before(now) {
		due = now
	}
	if wait = max(0, due.Sub(now)-b.kept); wait > most {
		return wait, time.Time{}, false
	}
	b.due = due.Add(b.every)
	return wait, b.due, true
}

// giveBack returns a place that was not waited for, if it was the last that was
// taken: others hold those behind it, and two must not have the same.
func (b *bucket) giveBack(place time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.due.Equal(place) {
		b.due = b.due.Add(-b.every)
	}
}
