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

// take takes the next place and returns after which wait it is there.
func (b *bucket) take(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.due.Before(now) {
		b.due = now
	}
	wait := b.due.Sub(now) - b.kept
	b.due = b.due.Add(b.every)
	return max(0, wait)
}

// giveBack returns a place that was not waited for.
func (b *bucket) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.due = b.due.Add(-b.every)
}
