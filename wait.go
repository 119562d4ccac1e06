package hoster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/settle"
)

// ErrWaitFailed matches a wait for something that reached a state from which it
// will not become what was waited for: see [WaitError].
var ErrWaitFailed = errors.New("hoster: what was waited for will not happen")

// WaitOptions shape the polling of a wait. The zero value, or nil, polls after
// 2 s and then less and less often, up to every 30 s, each time half as much
// earlier or later at random. How long to wait at most
// is said by the context.
type WaitOptions struct {
	Interval    time.Duration // before the second poll; doubles from then on
	MaxInterval time.Duration
	OnProgress  func(WaitProgress) // called after each poll
}

// WaitProgress is what a wait has seen.
type WaitProgress struct {
	Polls   int
	State   string // as the provider said it; empty if the poll failed
	Elapsed time.Duration
	Err     error // of a poll that failed and is repeated
}

// WaitError is a wait that ended without what was waited for: State is a state
// that is final and something else ([ErrWaitFailed]), or the last one seen
// before the context ended, whose error is inside.
type WaitError struct {
	What  string // such as "order ord_1"
	State string
	Polls int
	Err   error // why the wait ended early; nil for a final state
}

// Error names what was waited for and its last state.
func (e *WaitError) Error() string {
	state := printable.Piece(e.State)
	if state == "" {
		state = "not known"
	}
	if e.Err == nil {
		return printable.Whole(fmt.Sprintf("hoster: %s is %s", e.What, state))
	}
	return printable.Whole(fmt.Sprintf("hoster: waiting for %s ended after %d polls, state %s: %v", e.What, e.Polls, state, e.Err))
}

// Unwrap returns why the wait ended early.
func (e *WaitError) Unwrap() error { return e.Err }

// Is matches ErrWaitFailed for a final state.
func (e *WaitError) Is(target error) bool { return target == ErrWaitFailed && e.Err == nil }

// progress is how a state is judged. Unknown states keep waiting.
type progress uint8

const (
	ongoing progress = iota
	reached
	failed
)

// await polls with read until judge says that the state is reached or failed.
// Polls that fail in passing (no answer, a server error, a rate limit) are
// repeated; any other error ends the wait.
func await[T any](ctx context.Context, what string, options *WaitOptions, read func(context.Context) (T, error), judge func(T) (progress, string)) (T, error) {
	var o WaitOptions
	if options != nil {
		o = *options
	}
	if o.Interval <= 0 {
		o.Interval = 2 * time.Second
	}
	if o.MaxInterval <= 0 {
		o.MaxInterval = 30 * time.Second
	}
	const longest = 1 << 61 // half as much again is still a duration
	o.Interval = min(o.Interval, longest)
	o.MaxInterval = min(max(o.MaxInterval, o.Interval), longest)
	began, seen := time.Now(), &WaitError{What: what}
	var value T // as last seen
	polls := polls{}
	for interval := o.Interval; ; interval = min(2*interval, o.MaxInterval) {
		asked := time.Now()
		fresh, err := read(ctx)
		polls.took(time.Since(asked))
		seen.Polls++
		now := WaitProgress{Polls: seen.Polls, Elapsed: time.Since(began), Err: err}
		state := ongoing
		if err == nil {
			value = fresh
			state, seen.State = judge(value)
			now.State = seen.State
		}
		if o.OnProgress != nil {
			o.OnProgress(now)
		}
		switch {
		case ctx != nil && ctx.Err() != nil && state == ongoing:
			seen.Err = errors.Join(ctx.Err(), err)
			return value, seen
		case err != nil && (!Retryable(err) || errors.Is(err, ErrLocalLimit)): // whose wait does not fit the deadline
			seen.Err = err
			return value, seen
		case state == reached:
			return value, nil
		case state == failed:
			return value, seen
		}
		if err := polls.wait(ctx, interval/2+rand.N(interval)); err != nil {
			seen.Err = err
			return value, seen
		}
	}
}

// polls times the polls of one wait.
type polls struct {
	slowest time.Duration
	last    bool // the poll before the deadline was made
}

func (p *polls) took(d time.Duration) { p.slowest = max(p.slowest, d) }

// wait waits for the next poll, or, where that would come too late, for the last
// one: so long before the deadline that its answer can still come.
func (p *polls) wait(ctx context.Context, pause time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && !p.last {
		left := time.Until(deadline)
		spare := left - p.slowest // the last moment at which a poll can begin
		latest := max(spare-p.slowest-100*time.Millisecond, spare/2)
		if p.last = pause > latest; p.last && spare > 0 {
			pause = latest
		}
	}
	return pace.Wait(ctx, pause)
}

// Wait polls an order until it is active, which it becomes when its invoice has
// been paid by hand and the provider has reviewed and activated it. It needs
// [ScopeAccountRead], or that the token placed the order. An order that is
// cancelled or taken for fraud is a [WaitError].
func (s *OrdersService) Wait(ctx context.Context, id OrderID, options *WaitOptions) (Order, error) {
	return await(ctx, "order "+string(id), options,
		func(ctx context.Context) (Order, error) { return s.Get(ctx, id) },
		func(o Order) (progress, string) {
			switch o.Status {
			case OrderStatusActive:
				return reached, string(o.Status)
			case OrderStatusCancelled, OrderStatusFraud:
				return failed, string(o.Status)
			}
			return ongoing, string(o.Status)
		})
}

// WaitTransfer polls a transfer until it is completed. It needs
// [ScopeDomainsRead]. One that failed or was cancelled is a [WaitError].
func (s *DomainsService) WaitTransfer(ctx context.Context, domain string, options *WaitOptions) (Transfer, error) {
	return await(ctx, "the transfer of "+domain, options,
		func(ctx context.Context) (Transfer, error) { return s.TransferStatus(ctx, domain) },
		func(t Transfer) (progress, string) {
			switch t.Status {
			case TransferStatusCompleted:
				return reached, string(t.Status)
			case TransferStatusFailed, TransferStatusCancelled:
				return failed, string(t.Status)
			}
			return ongoing, string(t.Status)
		})
}

// WaitNameservers polls until the last change of a domain's nameservers has
// taken effect. It needs [ScopeDomainsRead]. A provider that says nothing of the
// change is polled until it lists the same nameservers twice in a row.
func (s *DomainsService) WaitNameservers(ctx context.Context, domain string, options *WaitOptions) (Nameservers, error) {
	var before []string
	return await(ctx, "the nameservers of "+domain, options,
		func(ctx context.Context) (Nameservers, error) { return s.Nameservers(ctx, domain) },
		func(n Nameservers) (progress, string) {
			now := slices.Sorted(slices.Values(n.Nameservers))
			same := slices.Equal(now, before)
			if before = now; n.ChangeStatus == "" && same && len(now) > 0 {
				return reached, ""
			}
			if n.ChangeStatus == ChangeStatusCompleted {
				return reached, string(n.ChangeStatus)
			}
			return ongoing, string(n.ChangeStatus)
		})
}

// Wait polls a service until it is active. It needs [ScopeHostingRead]. One that
// was cancelled is a [WaitError].
func (s *HostingService) Wait(ctx context.Context, id HostingID, options *WaitOptions) (HostingAccount, error) {
	return await(ctx, "service "+string(id), options,
		func(ctx context.Context) (HostingAccount, error) { return s.Get(ctx, id) },
		func(v HostingAccount) (progress, string) {
			switch v.Status {
			case HostingStatusActive:
				return reached, string(v.Status)
			case HostingStatusCancelled:
				return failed, string(v.Status)
			}
			return ongoing, string(v.Status)
		})
}

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
