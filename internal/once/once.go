// Package once places at most one order for a thing, however often it is run and
// wherever a run ends.
package once

import (
	"context"
	"errors"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/settle"
)

// Standing is what there is of the thing.
type Standing uint8

// From nothing to all.
const (
	Absent  Standing = iota
	Ordered          // and not there yet
	Owned
)

// Verdict is what the answer to an order means.
type Verdict uint8

// What an order can come to.
const (
	Failed      Verdict = iota // it was not placed
	Placed                     // by this request
	Replayed                   // the provider repeated the answer to an earlier order with this key
	Stale                      // the provider repeated a refusal, or holds the key for another request
	Conflicting                // refused because of what is there, which the look before did not show
	Unknown                    // it may have been placed
)

// Job is what Do needs to know of the thing.
type Job[T any] struct {
	// Look says what there is, by reading.
	Look func(context.Context) (Standing, T, error)
	// Order places the order under the key of that number.
	Order func(ctx context.Context, number int) (T, Verdict, error)
	// Check says what there is of an order whose answer was replayed; Absent if
	// it was cancelled since.
	Check func(context.Context, T) (Standing, T, error)
	// Keyed says that the provider is known to honour keys. Where it is not, a
	// look that finds nothing is made twice: lists may lag behind.
	Keyed func() bool
	// InPassing says that a look that failed may be repeated.
	InPassing func(error) bool
}

const (
	maxKeys       = 20               // of one order: refusals are kept under their keys for a day
	lag           = 2 * time.Second  // between the two looks
	unknownBound  = 30 * time.Second // how long an order of unknown outcome is looked for
	conflictBound = 5 * time.Second  // and what stands in an order's way
)

// ErrKeysUsed says that every key led to an order that was cancelled since.
var ErrKeysUsed = errors.New("every key led to an earlier order that was cancelled")

// Do looks for the thing, and orders it where there is nothing. It reports whether
// this call placed the order.
func Do[T any](ctx context.Context, job Job[T]) (thing T, standing Standing, bought bool, err error) {
	standing, thing, err = job.Look(ctx)
	if err == nil && standing == Absent && !job.Keyed() {
		if err = pace.Wait(ctx, lag); err == nil {
			standing, thing, err = job.Look(ctx)
		}
	}
	if err != nil || standing != Absent {
		return thing, standing, false, err
	}
	for number := range maxKeys {
		var verdict Verdict
		thing, verdict, err = job.Order(ctx, number)
		switch verdict {
		case Placed:
			return thing, Ordered, true, nil
		case Replayed:
			standing, thing, err = job.Check(ctx, thing)
			if err != nil || standing != Absent {
				return thing, standing, false, err
			}
			err = ErrKeysUsed
		case Stale:
		case Conflicting, Unknown:
			bound := conflictBound
			if verdict == Unknown {
				bound = unknownBound
			}
			found, standing := job.settle(ctx, bound)
			if standing != Absent {
				return found, standing, verdict == Unknown, nil
			}
			return thing, Absent, false, err
		default:
			return thing, Absent, false, err
		}
	}
	return thing, Absent, false, err
}

// settle looks until something is there or the bound has passed. A look that fails
// finds nothing: the order's own error says more.
func (j Job[T]) settle(ctx context.Context, bound time.Duration) (thing T, standing Standing) {
	result, err := settle.Look(ctx, bound, func(ctx context.Context) (bool, error) {
		var err error
		standing, thing, err = j.Look(ctx)
		return standing != Absent, err
	}, j.InPassing)
	if err != nil || !result.Found {
		return thing, Absent
	}
	return thing, standing
}
