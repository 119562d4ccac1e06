// Package settle looks for what a write may have done until it is there or a bound
// has passed.
package settle

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
)

// Pauses between two looks: the first, and the longest. Each is half as much longer
// or shorter at random.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 4 * time.Second
)

// Finding is how the looking ended.
type Finding struct {
	Found bool
	Looks int
}

// Look calls look until it finds something. Not found is final only when a look
// says so that began after the bound had passed. A look that fails in passing is
// repeated within the bound; any other error ends the looking, and so does the end
// of the context: then nothing is known.
func Look(ctx context.Context, bound time.Duration, look func(context.Context) (bool, error), inPassing func(error) bool) (Finding, error) {
	began, finding := time.Now(), Finding{}
	longest := min(longestPause, max(bound/4, time.Millisecond))
	for pause := min(firstPause, longest); ; pause = min(2*pause, longest) {
		last := time.Since(began) >= bound
		found, err := look(ctx)
		finding.Looks++
		switch {
		case err == nil && found:
			finding.Found = true
			return finding, nil
		case ctx.Err() != nil:
			return finding, context.Cause(ctx)
		case err != nil && (last || !inPassing(err)):
			return finding, err
		case last:
			return finding, nil
		}
		wait := pause/2 + rand.N(pause)
		if left := bound - time.Since(began); left > 0 {
			wait = min(wait, left) // the last look begins when the bound has passed
		}
		if deadline, ok := ctx.Deadline(); ok { // an earlier look is better than none
			wait = min(wait, max(time.Until(deadline)/2, firstPause/4))
		}
		if err := pace.Wait(ctx, wait); err != nil {
			return finding, err
		}
	}
}
