package exchange

import (
	"context"
	"errors"
	"io"
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
		act       func(timer *clock, giveUp context.CancelCauseFunc)
		lasts     time.Duration // from the start of the attempt
		want      error
		isExpired bool
	}{
		"its time is up":   {func(*clock, context.CancelCauseFunc) {}, time.Second, ErrAttemptTimeout, true},
		"the caller's end": {func(_ *clock, giveUp context.CancelCauseFunc) { giveUp(gaveUp) }, 600 * time.Millisecond, gaveUp, false},
		"it is over":       {func(timer *clock, _ context.CancelCauseFunc) { timer.stop() }, 600 * time.Millisecond, context.Canceled, false},
	} {
		for _, early := range []bool{true, false} { // whether somebody looks before it happens
			synctest.Test(t, func(t *testing.T) {
				parent, giveUp := context.WithCancelCause(context.WithValue(t.Context(), mark{}, 1))
				defer giveUp(nil)
				began := time.Now()
				var timer clock
				timer.start(time.Second, parent, new(attempt))
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

// TestJudgeOfABody: the end of a body whose length nobody told is its end only
// while the attempt lasts.
func TestJudgeOfABody(t *testing.T) {
	broken := errors.New("the connection broke")
	const alive, expired, cancelled = "alive", "expired", "cancelled by the caller"
	for _, test := range []struct {
		unsized   bool
		attempt   string
		err, want error
	}{
		{false, alive, nil, nil}, {false, alive, io.EOF, io.EOF}, {false, alive, broken, broken},
		{false, expired, nil, nil}, {false, expired, io.EOF, io.EOF}, {false, expired, broken, ErrAttemptTimeout},
		{false, cancelled, nil, nil}, {false, cancelled, io.EOF, io.EOF}, {false, cancelled, broken, broken},
		{true, alive, nil, nil}, {true, alive, io.EOF, io.EOF}, {true, alive, broken, broken},
		{true, expired, nil, nil}, {true, expired, io.EOF, ErrAttemptTimeout}, {true, expired, broken, ErrAttemptTimeout},
		{true, cancelled, nil, nil}, {true, cancelled, io.EOF, context.Canceled}, {true, cancelled, broken, broken},
	} {
		parent, cancel := context.WithCancel(t.Context())
		limit := time.Hour
		if test.attempt == expired {
			limit = 0
		}
		var timer clock
		timer.start(limit, parent, new(attempt))
		timer.running()
		if test.attempt == cancelled {
			cancel()
		}
		body := timedBody{clock: &timer, unsized: test.unsized}
		if got := body.judge(test.err); got != test.want {
			t.Errorf("of unknown length: %v, the attempt is %s, %v: %v, want %v", test.unsized, test.attempt, test.err, got, test.want)
		}
		timer.stop()
		cancel()
	}
}
