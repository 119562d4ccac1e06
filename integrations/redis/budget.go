package hosterredis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-hoster/hoster"
)

// Budget is an account's budget of requests in Redis. It is safe for concurrent
// use.
//
// What is left in a window of time is the lowest figure that an answer told in it,
// less what has been taken since. Where nothing is known of a window, one process
// asks with a request, and the others wait for its answer, but for no longer than
// 250 ms. A window ends when the answers say so; a reset that is told in whole
// seconds is made precise by the length of the window. A 429 holds all processes
// back for as long as it asks for. Where a provider tells nothing of its budget,
// there is none to share, and each process goes by itself.
type Budget struct {
	client redis.UniversalClient
	key    string
}

var _ hoster.SharedBudget = (*Budget)(nil)

// NewBudget makes the budget of the account whose keys begin with prefix, such as
// "hoster:acme:account-7". It sends nothing.
func NewBudget(client redis.UniversalClient, prefix string) (*Budget, error) {
	if client == nil || prefix == "" {
		return nil, errors.New("hosterredis: NewBudget needs a client and a prefix")
	}
	return &Budget{client: client, key: prefix + ":budget"}, nil
}

var (
	//go:embed take.lua
	takeText string
	//go:embed note.lua
	noteText string

	take = redis.NewScript(takeText)
	note = redis.NewScript(noteText)
)

// Take takes one request.
func (b *Budget) Take(ctx context.Context) (hoster.BudgetTurn, error) {
	answer, err := take.Run(ctx, b.client, []string{b.key}).Int64Slice()
	if err != nil {
		return hoster.BudgetTurn{}, err
	}
	if len(answer) != 2 {
		return hoster.BudgetTurn{}, fmt.Errorf("hosterredis: the script answers %d numbers", len(answer))
	}
	return hoster.BudgetTurn{Wait: time.Duration(answer[0]) * time.Millisecond, Window: answer[1]}, nil
}

// Note takes what the answer to a request tells of the budget.
func (b *Budget) Note(ctx context.Context, n hoster.BudgetNote) error {
	limit, remaining := n.RateLimit.Limit, n.RateLimit.Remaining
	if !n.RateLimit.Known {
		limit, remaining = 0, -1
	}
	return note.Run(ctx, b.client, []string{b.key},
		n.Window, n.Status, limit, remaining, milliseconds(n.ResetIn), milliseconds(n.Length), milliseconds(n.RetryAfter)).Err()
}

// milliseconds rounds up: not even a millisecond may be waited too little.
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}
