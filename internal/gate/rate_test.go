package gate

import (
	"math"
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	now := time.Now()
	take := func(b *rate, at time.Time) (time.Duration, time.Time) {
		wait, place, ok := b.take(at, math.MaxInt64)
		if !ok {
			t.Fatal("a wait of any length was refused")
		}
		return wait, place
	}
	b := newRate(10, 3)
	var places []time.Time
	for i, want := range []time.Duration{0, 0, 0, 100 * time.Millisecond, 200 * time.Millisecond} {
		got, place := take(b, now)
		if places = append(places, place); got != want {
			t.Errorf("place %d: after %s, want %s", i, got, want)
		}
	}
	if wait, _, ok := b.take(now, 299*time.Millisecond); ok || wait != 300*time.Millisecond {
		t.Errorf("too late: %s, %v", wait, ok)
	}
	b.giveBack(places[3]) // behind which somebody waits
	if got, _ := take(b, now); got != 300*time.Millisecond {
		t.Errorf("after a place in the middle was given back: %s", got)
	}
	last, place := take(b, now)
	b.giveBack(place)
	if got, _ := take(b, now); got != last {
		t.Errorf("after the last place was given back: %s, want %s", got, last)
	}
	for i, want := range []time.Duration{0, 0, 0, 100 * time.Millisecond} { // no more than the burst is kept
		if got, _ := take(b, now.Add(time.Minute)); got != want {
			t.Errorf("after a pause, place %d: after %s, want %s", i, got, want)
		}
	}
	for _, extreme := range []*rate{newRate(1e-300, math.MaxInt), newRate(1e9, math.MaxInt), newRate(1e-300, 1), newRate(1e9, 1)} {
		first, _ := take(extreme, now)
		if second, _ := take(extreme, now); first != 0 || second < 0 {
			t.Errorf("%+v: %s, %s", extreme, first, second)
		}
	}
}
