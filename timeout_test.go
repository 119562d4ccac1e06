package hoster

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestAttemptContext: the context of an attempt is made late, and does what one
// from the start would have done. The bubble of synctest fails if it leaves a
// goroutine behind.
func TestAttemptContext(t *testing.T) {
	type mark struct{}
	gaveUp := errors.New("the caller gave up")
	for name, test := range map[string]struct {
		act       func(timer *attemptTimer, giveUp context.CancelCauseFunc)
		lasts     time.Duration // from the start of the attempt
		want      error
		isExpired bool
	}{
		"its time is up":   {func(*attemptTimer, context.CancelCauseFunc) {}, time.Second, errAttemptTimeout, true},
		"the caller's end": {func(_ *attemptTimer, giveUp context.CancelCauseFunc) { giveUp(gaveUp) }, 600 * time.Millisecond, gaveUp, false},
		"it is over":       {func(timer *attemptTimer, _ context.CancelCauseFunc) { timer.stop() }, 600 * time.Millisecond, context.Canceled, false},
	} {
		for _, early := range []bool{true, false} { // whether somebody looks before it happens
			synctest.Test(t, func(t *testing.T) {
				parent, giveUp := context.WithCancelCause(context.WithValue(t.Context(), mark{}, 1))
				defer giveUp(nil)
				began := time.Now()
				var timer attemptTimer
				attemptTimeout(time.Second).start(&timer, parent, nil)
				time.Sleep(600 * time.Millisecond)
				if early && timer.Err() != nil {
					t.Errorf("%s: it ends early: %v", name, timer.Err())
				}
				test.act(&timer, giveUp)
				child, cancel := context.WithCancel(&timer)
				defer cancel()
				<-child.Done()
				if lasted := time.Since(began); lasted != test.lasts {
					t.Errorf("%s: it lasted %s", name, lasted)
				}
				if timer.Err() != context.Canceled || context.Cause(&timer) != test.want || context.Cause(child) != test.want {
					t.Errorf("%s: %v because of %v, below because of %v", name, timer.Err(), context.Cause(&timer), context.Cause(child))
				}
				if timer.expired() != test.isExpired || timer.Value(mark{}) != 1 {
					t.Errorf("%s: expired: %v", name, timer.expired())
				}
				timer.stop()
			})
		}
	}
}
