package hosterredis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Lock holds names in Redis, each for one process at a time. It has the methods of
// certmagic's Locker. It is safe for concurrent use; a name is held by one goroutine
// at a time.
//
// It keeps two from doing the same work, and no more: where a server loses what it
// was told last, such as one that fails over, two can hold a name. What is done under
// it must be right then too, as the rotation of a token is.
type Lock struct {
	client redis.UniversalClient
	prefix string
	lease  time.Duration

	mu   sync.Mutex
	held map[string]*holding
}

type holding struct {
	token string
	stop  context.CancelFunc
	done  chan struct{}
}

// NewLock makes a lock of the account whose keys begin with prefix. A name is free
// again when lease has passed since its holder was last seen alive: one that was
// killed. While a holder lives it renews the lease every third of it.
func NewLock(client redis.UniversalClient, prefix string, lease time.Duration) (*Lock, error) {
	if client == nil || prefix == "" || lease < 30*time.Millisecond {
		return nil, errors.New("hosterredis: NewLock needs a client, a prefix, and a lease of 30 ms or more")
	}
	return &Lock{client: client, prefix: prefix + ":lock:", lease: lease, held: map[string]*holding{}}, nil
}

var (
	// Asked again with the same token, because an answer was lost, it is still the holder's.
	acquire = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)
	renew  = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`)
	remove = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)
)

// Lock waits until the name is free, and holds it until Unlock. It returns an error
// when the context ends or the server fails.
func (l *Lock) Lock(ctx context.Context, name string) error {
	token := rand.Text()
	for {
		got, err := acquire.Run(ctx, l.client, []string{l.prefix + name}, token, l.lease.Milliseconds()).Bool()
		switch {
		case got:
			l.hold(name, token)
			return nil
		case err != nil:
			_ = remove.Run(context.WithoutCancel(ctx), l.client, []string{l.prefix + name}, token).Err() // should its answer have been lost
			return fmt.Errorf("hosterredis: lock %q: %w", name, err)
		}
		pause := time.NewTimer(20*time.Millisecond + mathrand.N(100*time.Millisecond))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return fmt.Errorf("hosterredis: lock %q: %w", name, ctx.Err())
		}
	}
}

// hold renews the lease until Unlock.
func (l *Lock) hold(name, token string) {
	ctx, stop := context.WithCancel(context.Background())
	h := &holding{token: token, stop: stop, done: make(chan struct{})}
	l.mu.Lock()
	l.held[name] = h
	l.mu.Unlock()
	go func() {
		defer close(h.done)
		tick := time.NewTicker(l.lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				limited, cancel := context.WithTimeout(ctx, l.lease/3)
				_ = renew.Run(limited, l.client, []string{l.prefix + name}, token, l.lease.Milliseconds()).Err() // the next may succeed
				cancel()
			case <-ctx.Done():
				return
			}
		}
	}()
}

// Unlock frees a name that this Lock holds. One whose lease is over is another's,
// and stays so.
func (l *Lock) Unlock(ctx context.Context, name string) error {
	l.mu.Lock()
	h := l.held[name]
	delete(l.held, name)
	l.mu.Unlock()
	if h == nil {
		return fmt.Errorf("hosterredis: unlock %q: it is not held", name)
	}
	h.stop()
	<-h.done
	if err := remove.Run(ctx, l.client, []string{l.prefix + name}, h.token).Err(); err != nil {
		return fmt.Errorf("hosterredis: unlock %q: %w", name, err)
	}
	return nil
}
