package hosterredis_test

import (
	"context"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-hoster/hoster"
	hosterredis "github.com/go-hoster/hoster/integrations/redis"
	"github.com/go-hoster/hoster/tokencare"
)

// One client of many processes: their requests come out of one budget, and one of
// those that rotate at the same time makes the new token.
func Example() {
	engine := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs:                 []string{os.Getenv("REDIS_ADDRESS")},
		ContextTimeoutEnabled: true,
		DialerRetries:         1,
	})
	const account = "hoster:acme:account-7" // before every key
	budget, err := hosterredis.NewBudget(engine, account)
	if err != nil {
		panic(err)
	}
	lock, err := hosterredis.NewLock(engine, account, 30*time.Second)
	if err != nil {
		panic(err)
	}
	store := tokencare.FileStore(os.Getenv("API_TOKEN_FILE"))
	source, err := hoster.NewRotatingToken(context.Background(), store)
	if err != nil {
		panic(err)
	}
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithTokenSource(source), hoster.WithSharedBudget(budget))
	if err != nil {
		panic(err)
	}
	_, err = tokencare.Rotate(context.Background(), client, tokencare.RotateOptions{Source: source, Store: store, Lock: lock})
	if err != nil {
		panic(err)
	}
}
