package gate

import (
	"errors"
	"time"
)

// ErrLimit matches a [Refused].
var ErrLimit = errors.New("hoster: no limit let the call through in time")

// Reason is what an attempt waits for.
type Reason string

// The reasons.
const (
	OwnRate      Reason = "the client's own rate limit"
	InFlight     Reason = "the client's own bound on requests in flight"
	Budget       Reason = "the provider's rate limit"
	TooMany      Reason = "the end of the time that the provider asked for with a 429"
	SharedBudget Reason = "the account's budget, which is shared with other processes"
	FirstAnswer  Reason = "the answer that tells what is left of the provider's rate limit"
)

// Refused is an attempt that was not let in before its context ended, or could
// not have been.
type Refused struct {
	Reason Reason
	Wait   time.Duration // which was not begun
	Err    error         // what ended a wait that was
}

// Error tells what was waited for.
func (e *Refused) Error() string {
	if e.Err != nil {
		return "waiting for " + string(e.Reason) + ": " + e.Err.Error()
	}
	return "the wait for " + string(e.Reason) + " takes " + e.Wait.Round(time.Millisecond).String() + ", which would outlast the deadline"
}

// Is matches ErrLimit.
func (e *Refused) Is(target error) bool { return target == ErrLimit }

// Unwrap returns what ended the wait.
func (e *Refused) Unwrap() error { return e.Err }
