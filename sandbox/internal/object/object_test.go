package object

import (
	"testing"
	"time"
)

func TestIDs(t *testing.T) {
	if a, b := RandomID("x_"), RandomID("x_"); a == b || len(a) != 18 {
		t.Errorf("random ids %s and %s", a, b)
	}
	if a, b, c := IDOf("x_", "w"), IDOf("x_", "w"), IDOf("y_", "w"); a != b || a[2:] == c[2:] || len(a) != 18 {
		t.Errorf("ids %s, %s and %s", a, b, c)
	}
}

func TestOptional(t *testing.T) {
	n := 1
	c := Copied(&n)
	*c = 2
	if n != 1 || Copied[int](nil) != nil || UTC(nil) != nil {
		t.Error("a copy is none")
	}
	east := time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	if UTC(&east).Hour() != 23 || TimeOr(east, time.Time{}).Hour() != 23 || !TimeOr(time.Time{}, east).Equal(east) {
		t.Error("a time is not in UTC")
	}
}
