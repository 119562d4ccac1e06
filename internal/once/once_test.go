package once

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errRefused = errors.New("refused")
	errLost    = errors.New("lost")
)

// step is what one look or order comes to.
type step struct {
	standing Standing
	verdict  Verdict
	err      error
}

// TestDo goes through the ways that buying can take.
func TestDo(t *testing.T) {
	for name, test := range map[string]struct {
		looks   []step // the last one for all that follow
		orders  []step
		checks  []step
		keyed   bool
		orderly int // how many orders are sent
		want    Standing
		bought  bool
		err     error
		atMost  time.Duration
	}{
		"owned":                   {looks: []step{{standing: Owned}}, want: Owned},
		"ordered":                 {looks: []step{{standing: Ordered}}, want: Ordered},
		"the look fails":          {looks: []step{{err: errRefused}}, err: errRefused},
		"seen at the second look": {looks: []step{{}, {standing: Ordered}}, want: Ordered, atMost: lag},
		"keys need no second":     {looks: []step{{}}, orders: []step{{verdict: Placed}}, keyed: true, orderly: 1, want: Ordered, bought: true},
		"bought":                  {looks: []step{{}}, orders: []step{{verdict: Placed}}, orderly: 1, want: Ordered, bought: true, atMost: lag},
		"refused":                 {looks: []step{{}}, orders: []step{{err: errRefused}}, orderly: 1, err: errRefused, atMost: lag},
		"refused before":          {looks: []step{{}}, orders: []step{{verdict: Stale, err: errRefused}, {verdict: Placed}}, orderly: 2, want: Ordered, bought: true, atMost: lag},
		"refused under all keys":  {looks: []step{{}}, orders: []step{{verdict: Stale, err: errRefused}}, orderly: maxKeys, err: errRefused, atMost: lag},
		"bought before":           {looks: []step{{}}, orders: []step{{verdict: Replayed}}, checks: []step{{standing: Ordered}}, orderly: 1, want: Ordered, atMost: lag},
		"bought, and lapsed":      {looks: []step{{}}, orders: []step{{verdict: Replayed}, {verdict: Placed}}, checks: []step{{}}, orderly: 2, want: Ordered, bought: true, atMost: lag},
		"lapsed under all keys":   {looks: []step{{}}, orders: []step{{verdict: Replayed}}, checks: []step{{}}, orderly: maxKeys, err: ErrKeysUsed, atMost: lag},
		"the check fails":         {looks: []step{{}}, orders: []step{{verdict: Replayed}}, checks: []step{{err: errRefused}}, orderly: 1, err: errRefused, atMost: lag},
		"lost, and placed":        {looks: []step{{}, {}, {}, {}, {standing: Ordered}}, orders: []step{{verdict: Unknown, err: errLost}}, orderly: 1, want: Ordered, bought: true, atMost: lag + unknownBound},
		"lost for good":           {looks: []step{{}}, orders: []step{{verdict: Unknown, err: errLost}}, orderly: 1, err: errLost, atMost: lag + unknownBound},
		"lost, and no look":       {looks: []step{{}, {}, {err: errRefused}}, orders: []step{{verdict: Unknown, err: errLost}}, orderly: 1, err: errLost, atMost: lag},
		"another was faster":      {looks: []step{{}, {}, {}, {standing: Ordered}}, orders: []step{{verdict: Conflicting, err: errRefused}}, orderly: 1, want: Ordered, atMost: lag + conflictBound},
		"somebody else has it":    {looks: []step{{}}, orders: []step{{verdict: Conflicting, err: errRefused}}, orderly: 1, err: errRefused, atMost: lag + conflictBound},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				looks, orders, checks := 0, 0, 0
				next := func(steps []step, n *int) step {
					*n++
					return steps[min(*n, len(steps))-1]
				}
				began := time.Now()
				_, standing, bought, err := Do(t.Context(), Job[int]{
					Look: func(context.Context) (Standing, int, error) {
						s := next(test.looks, &looks)
						return s.standing, 0, s.err
					},
					Order: func(_ context.Context, number int) (int, Verdict, error) {
						if number != orders {
							t.Errorf("order %d has key %d", orders, number)
						}
						s := next(test.orders, &orders)
						return 0, s.verdict, s.err
					},
					Check: func(context.Context, int) (Standing, int, error) {
						s := next(test.checks, &checks)
						return s.standing, 0, s.err
					},
					Keyed:     func() bool { return test.keyed },
					InPassing: func(error) bool { return false },
				})
				if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) || standing != test.want || bought != test.bought {
					t.Errorf("standing %d, bought %v, %v", standing, bought, err)
				}
				if orders != test.orderly {
					t.Errorf("%d orders", orders)
				}
				if took := time.Since(began); took > test.atMost {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}
