package settle

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errPassing = errors.New("in passing")
	errFinal   = errors.New("final")
)

func passing(err error) bool { return errors.Is(err, errPassing) }

// TestLook: a write that appears after any time within the bound is found, and one
// that never appears is looked for until the bound has passed.
func TestLook(t *testing.T) {
	for _, bound := range []time.Duration{1, time.Millisecond, time.Second, 30 * time.Second, time.Hour} {
		for _, appears := range []time.Duration{0, bound / 10, bound / 2, bound - 1, bound, -1} {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got, err := Look(t.Context(), bound, func(context.Context) (bool, error) {
					return appears >= 0 && time.Since(began) >= appears, nil
				}, passing)
				took := time.Since(began)
				if want := appears >= 0; err != nil || got.Found != want {
					t.Errorf("bound %v, appears after %v: %+v, %v", bound, appears, got, err)
				}
				if took > bound || appears < 0 && took != bound {
					t.Errorf("bound %v, appears after %v: took %v", bound, appears, took)
				}
				if most := 16 + int(bound/(longestPause/2)); got.Looks < 1 || got.Looks > most {
					t.Errorf("bound %v: %d looks", bound, got.Looks)
				}
			})
		}
	}
}

// TestLookFails: what fails in passing is repeated within the bound, and is never
// taken for an absence.
func TestLookFails(t *testing.T) {
	for name, test := range map[string]struct {
		errs     []error // of the looks, the last one for all that follow
		deadline time.Duration
		found    bool
		want     error
	}{
		"passes":              {[]error{errPassing, errPassing, nil}, 0, true, nil},
		"does not pass":       {[]error{errPassing}, 0, false, errPassing},
		"is final":            {[]error{nil, errFinal}, 0, false, errFinal},
		"the context ends":    {[]error{errPassing}, 2 * time.Second, false, context.DeadlineExceeded},
		"and before any look": {[]error{errPassing}, 1, false, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if test.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.deadline)
					defer cancel()
				}
				looks := 0
				got, err := Look(ctx, 10*time.Second, func(context.Context) (bool, error) {
					err := test.errs[min(looks, len(test.errs)-1)]
					looks++
					return test.found && looks == len(test.errs), err
				}, passing)
				if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) || got.Found != test.found || got.Looks != looks {
					t.Errorf("%+v, %v after %d looks", got, err, looks)
				}
			})
		})
	}
}

// TestLookNearTheDeadline looks again before it, though the pause would not fit.
func TestLookNearTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		got, err := Look(ctx, time.Minute, func(context.Context) (bool, error) { return time.Since(began) > 4700*time.Millisecond, nil }, passing)
		if err != nil || !got.Found {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
