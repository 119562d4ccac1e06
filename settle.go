package hoster

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/go-hoster/hoster/internal/settle"
)

// settleBound is how long Settle looks unless it is told: as long as an attempt may
// take.
const settleBound = 30 * time.Second

// Settle finds out what became of a write whose outcome is unknown
// ([ErrOutcomeUnknown]). A single look is not enough: the provider may still be at
// work on a request whose answer was lost. Settle calls look, at growing intervals of
// at most 6 s, until it finds what was written or bound has passed; 0 is 30 s. look
// returns an error that matches [ErrNotFound] where it finds nothing, as Get, Find
// and [First] do.
//
// Where nothing appears the error matches ErrNotFound: a look that began after the
// bound found nothing. Any other error matches ErrOutcomeUnknown still, such as one of
// the context. A write that the caller's own context ended needs another context here:
// context.WithoutCancel makes one. Both errors are a [WaitError].
//
// The operations' hints name the look for each kind of object. For an update the look
// compares what it reads with what was written. A delete needs no Settle: deleting
// again is harmless.
func Settle[T any](ctx context.Context, bound time.Duration, look func(context.Context) (T, error)) (T, error) {
	var found, none T
	switch {
	case ctx == nil:
		return none, &ArgumentError{Operation: "Settle", Field: "ctx", Expected: "a context that is not nil"}
	case bound < 0:
		return none, &ArgumentError{Operation: "Settle", Field: "bound", Expected: "a duration, or 0 for 30 s"}
	case bound == 0:
		bound = settleBound
	}
	var absent error
	result, err := settle.Look(ctx, bound, func(ctx context.Context) (bool, error) {
		var err error
		if found, err = look(ctx); errors.Is(err, ErrNotFound) {
			absent = err
			return false, nil
		}
		return err == nil, err
	}, Retryable)
	ended := &WaitError{What: "a write to appear", State: "not there", Polls: result.Looks}
	switch {
	case err != nil:
		ended.State, ended.Err = "not known", errors.Join(ErrOutcomeUnknown, err)
		return none, ended
	case !result.Found:
		ended.Err = absent
		return none, ended
	}
	return found, nil
}

// First returns the first item of a walk, such as [OrdersService.All], that matches.
// Where none does the error matches [ErrNotFound]; an error of the walk itself is
// returned as it is.
func First[T any](items iter.Seq2[T, error], match func(T) bool) (T, error) {
	var none T
	for item, err := range items {
		if err != nil {
			return none, err
		}
		if match(item) {
			return item, nil
		}
	}
	return none, &absentError{op: "First", what: "item that matches"}
}
