package hoster

import (
	"errors"
	"sync/atomic"
)

// ErrRetryBudget is joined to the last error of a call that would have been
// repeated, had the client not repeated too much already: at most a fifth of
// its calls, and ten in any case. When everything fails, repeating makes it
// worse. A 429 of the API that is waited out does not count.
var ErrRetryBudget = errors.New("hoster: the client's retry budget is used up")

const (
	freeRetries  = 10 // that are always allowed
	callsPerOnce = 5  // calls for each further one
)

// retryBudget counts the calls of a client and their repetitions.
type retryBudget struct{ calls, retries atomic.Int64 }

// spend takes one repetition, if there is one left.
func (b *retryBudget) spend() bool {
	allowed := max(freeRetries, b.calls.Load()/callsPerOnce)
	if b.retries.Add(1) <= allowed {
		return true
	}
	b.retries.Add(-1)
	return false
}
