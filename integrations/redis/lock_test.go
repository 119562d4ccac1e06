package hosterredis_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	hosterredis "github.com/go-hoster/hoster/integrations/redis"
)

// locker is what certmagic calls a Locker.
type locker interface {
	Lock(ctx context.Context, name string) error
	Unlock(ctx context.Context, name string) error
}

var _ locker = (*hosterredis.Lock)(nil)

func newLock(t *testing.T, client *redis.Client, lease time.Duration) *hosterredis.Lock {
	t.Helper()
	lock, err := hosterredis.NewLock(client, t.Name(), lease)
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

// TestLock: one at a time holds a name, whatever Lock it comes from.
func TestLock(t *testing.T) {
	var holders, got atomic.Int64
	var group sync.WaitGroup
	shared := newLock(t, newClient(t), time.Minute)
	for i := range 8 {
		lock := shared
		if i%2 == 0 {
			lock = newLock(t, newClient(t), 5*time.Second)
		}
		group.Go(func() {
			for range 5 {
				if err := lock.Lock(t.Context(), "a"); err != nil {
					t.Error(err)
					return
				}
				if holders.Add(1) != 1 {
					t.Error("two hold it")
				}
				got.Add(1)
				time.Sleep(time.Millisecond)
				holders.Add(-1)
				if err := lock.Unlock(t.Context(), "a"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if err := shared.Lock(t.Context(), "b"); err != nil { // another name
		t.Error(err)
	}
	group.Wait()
	if got.Load() != 8*5 {
		t.Error(got.Load())
	}
	if left := newClient(t).PTTL(t.Context(), t.Name()+":lock:b").Val(); left <= 0 || left > time.Minute {
		t.Errorf("it expires after %s", left)
	}
	if err := shared.Unlock(t.Context(), "b"); err != nil {
		t.Error(err)
	}
}

// TestLockRenews: a holder that lives keeps the name beyond its lease, and loses it
// where it is killed: here its connection is.
func TestLockRenews(t *testing.T) {
	const lease = 1500 * time.Millisecond
	client := newClient(t)
	first, second := newLock(t, client, lease), newLock(t, newClient(t), lease)
	if err := first.Lock(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*lease)
	defer cancel()
	if err := second.Lock(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	_ = client.Close()
	if err := second.Lock(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := first.Unlock(t.Context(), "a"); err == nil {
		t.Error("unlocked over a closed connection")
	}
	if err := second.Unlock(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}

// TestLockOfAnother: whoever lost a name does not free it for the one that holds it.
func TestLockOfAnother(t *testing.T) {
	client := newClient(t)
	first, second := newLock(t, client, time.Minute), newLock(t, client, time.Minute)
	if err := first.Lock(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := client.Del(t.Context(), t.Name()+":lock:a").Err(); err != nil { // the server lost it
		t.Fatal(err)
	}
	if err := second.Lock(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := first.Unlock(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	if client.Exists(t.Context(), t.Name()+":lock:a").Val() != 1 {
		t.Error("it freed what another holds")
	}
	if err := second.Unlock(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	if err := second.Unlock(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "not held") {
		t.Error(err)
	}
}
