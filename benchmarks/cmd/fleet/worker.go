package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/go-hoster/hoster"
	hosterredis "github.com/go-hoster/hoster/integrations/redis"
)

// sideBySide is how many calls of a process are under way at once.
const sideBySide = 4

// work is what a worker process does: it says that it is ready, waits until its
// input is closed, makes its calls and reports.
func work() error {
	calls, err := strconv.Atoi(os.Getenv("FLEET_CALLS"))
	if err != nil {
		return err
	}
	engine := redis.NewClient(&redis.Options{Addr: os.Getenv("FLEET_REDIS"), ContextTimeoutEnabled: true})
	defer engine.Close()
	redis.SetLogger(silent{})
	var mu sync.Mutex
	var said report
	options := []hoster.Option{
		hoster.WithBaseURL(os.Getenv("FLEET_BASE_URL")), hoster.WithToken(os.Getenv("FLEET_TOKEN")),
		hoster.WithHooks(hoster.Hooks{OnWait: func(_ context.Context, e hoster.Event) {
			if e.Err != nil {
				mu.Lock()
				defer mu.Unlock()
				said.Without++
			}
		}}),
	}
	switch kind := os.Getenv("FLEET_KIND"); kind {
	case "alone":
	case "shared", "killed":
		budget, err := hosterredis.NewBudget(engine, "fleet")
		if err != nil {
			return err
		}
		options = append(options, hoster.WithSharedBudget(budget))
	case "fixed":
		options = append(options, hoster.WithSharedBudget(fixed{redis_rate.NewLimiter(engine)}))
	default:
		return fmt.Errorf("there is no kind %q", kind)
	}
	client, err := hoster.NewClient(options...)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	var group sync.WaitGroup
	for i := range sideBySide {
		group.Go(func() {
			for range calls*(i+1)/sideBySide - calls*i/sideBySide {
				if _, err := client.Account.Profile(context.Background()); err != nil {
					mu.Lock()
					said.Failed++
					said.First = err.Error()
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return json.NewEncoder(os.Stdout).Encode(said)
}

// fixed is redis_rate with the rate that the provider is known to have.
type fixed struct{ limiter *redis_rate.Limiter }

func (f fixed) Take(ctx context.Context) (hoster.BudgetTurn, error) {
	said, err := f.limiter.Allow(ctx, "fleet", redis_rate.PerSecond(int(limit*time.Second/window)))
	if err != nil || said.Allowed > 0 {
		return hoster.BudgetTurn{}, err
	}
	return hoster.BudgetTurn{Wait: said.RetryAfter}, nil
}

func (fixed) Note(context.Context, hoster.BudgetNote) error { return nil }

// silent keeps go-redis from logging that its server is away: events tell it.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
