package exchange

import (
	"math"
	"testing"
	"time"
)

func TestBackoffBounds(t *testing.T) {
	policy := Policy{MinWait: 500 * time.Millisecond, MaxWait: 10 * time.Second}
	bounds := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second, 10 * time.Second}
	for n, bound := range bounds {
		var low, high int
		for range 400 {
			wait := policy.backoff(n)
			if wait < 0 || wait > bound {
				t.Fatalf("wait %s before repetition %d", wait, n)
			}
			if wait < bound/2 {
				low++
			} else {
				high++
			}
		}
		if low < 100 || high < 100 {
			t.Errorf("repetition %d: %d waits below the half, %d above", n, low, high)
		}
	}
	for _, n := range []int{31, 32, 63, 64, 1000, math.MaxInt} {
		if wait := policy.backoff(n); wait < 0 || wait > policy.MaxWait {
			t.Errorf("wait %s before repetition %d", wait, n)
		}
	}
	for _, n := range []int{0, 1, 30, 62} {
		if wait := (Policy{MinWait: 1 << 61, MaxWait: math.MaxInt64 - 1}).backoff(n); wait < 0 {
			t.Errorf("wait %s before repetition %d", wait, n)
		}
		if wait := (Policy{MaxWait: 0}).backoff(n); wait != 0 {
			t.Errorf("wait %s of none", wait)
		}
		if wait := (Policy{MinWait: math.MaxInt64, MaxWait: math.MaxInt64}).backoff(n); wait < 0 {
			t.Errorf("wait %s before repetition %d", wait, n)
		}
	}
}
