package hoster

import (
	"math"
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	now := time.Now()
	b := newBucket(10, 3)
	for i, want := range []time.Duration{0, 0, 0, 100 * time.Millisecond, 200 * time.Millisecond} {
		if got := b.take(now); got != want {
			t.Errorf("place %d: after %s, want %s", i, got, want)
		}
	}
	b.giveBack()
	if got := b.take(now); got != 200*time.Millisecond {
		t.Errorf("a place that was given back: after %s", got)
	}
	if got := b.take(now.Add(time.Second)); got != 0 {
		t.Errorf("after a pause: %s", got)
	}
	for i, want := range []time.Duration{0, 0, 100 * time.Millisecond} { // no more than the burst is kept
		if got := b.take(now.Add(time.Second)); got != want {
			t.Errorf("after a pause, place %d: after %s, want %s", i, got, want)
		}
	}
	for _, extreme := range []*bucket{newBucket(1e-300, math.MaxInt), newBucket(1e9, math.MaxInt), newBucket(1e-300, 1), newBucket(1e9, 1)} {
		if first, second := extreme.take(now), extreme.take(now); first != 0 || second < 0 {
			t.Errorf("%+v: %s, %s", extreme, first, second)
		}
	}
}
