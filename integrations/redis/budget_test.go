package hosterredis_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-hoster/hoster"
	hosterredis "github.com/go-hoster/hoster/integrations/redis"
	"github.com/go-hoster/hoster/integrations/redis/redistest"
)

var server *redistest.Server

// TestMain is a process of the rotation too.
func TestMain(m *testing.M) {
	if os.Getenv("FLEET_ROLE") != "" {
		if err := role(); err != nil {
			fmt.Println(err)
		}
		os.Exit(0)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // most of them wait
		panic(err)
	}
	var err error
	if server, err = redistest.Start(); err != nil {
		panic(err)
	}
	code := m.Run()
	server.Kill()
	os.Exit(code)
}

func newClient(t *testing.T) *redis.Client {
	client := server.Client()
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func newBudget(t *testing.T) *hosterredis.Budget {
	t.Helper()
	budget, err := hosterredis.NewBudget(newClient(t), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return budget
}

// take expects a request to be taken.
func take(t *testing.T, b *hosterredis.Budget) int64 {
	t.Helper()
	turn, err := b.Take(t.Context())
	if err != nil || turn.Wait != 0 || turn.Window == 0 {
		t.Fatalf("%+v, %v", turn, err)
	}
	return turn.Window
}

// wait expects to be told a wait within the bounds.
func wait(t *testing.T, b *hosterredis.Budget, least, most time.Duration) time.Duration {
	t.Helper()
	turn, err := b.Take(t.Context())
	if err != nil || turn.Wait < least || turn.Wait > most {
		t.Fatalf("%+v is not within %s and %s: %v", turn, least, most, err)
	}
	return turn.Wait
}

func tell(t *testing.T, b *hosterredis.Budget, n hoster.BudgetNote) {
	t.Helper()
	if err := b.Note(t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

func said(window int64, limit, remaining int, reset time.Duration) hoster.BudgetNote {
	return hoster.BudgetNote{
		Window: window, Status: http.StatusOK, ResetIn: reset,
		RateLimit: hoster.RateLimit{Limit: limit, Remaining: remaining, Known: true},
	}
}

// TestWindow: one request asks what is left, the others wait for its answer, and
// exactly what is left is taken.
func TestWindow(t *testing.T) {
	b := newBudget(t)
	window := take(t, b)
	wait(t, b, time.Millisecond, 250*time.Millisecond)
	tell(t, b, said(window, 100, 99, 59*time.Minute+500*time.Millisecond))
	var group sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 20 {
		group.Go(func() {
			for range 10 {
				turn, err := b.Take(t.Context())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				if turn.Wait == 0 && turn.Window == window {
					taken++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if taken != 99 {
		t.Errorf("%d were taken", taken)
	}
	// The window lasts 59 minutes and no 500 ms: a reset in whole seconds is late.
	wait(t, b, 58*time.Minute, 59*time.Minute+300*time.Millisecond)
}

// TestLength: the end of a window is told as exactly as an answer allows.
func TestLength(t *testing.T) {
	const limit = 10
	for name, test := range map[string]struct {
		remaining int
		reset     time.Duration
		length    time.Duration
		want      time.Duration
	}{
		"begins, in whole seconds":      {limit - 1, 4700 * time.Millisecond, 0, 4 * time.Second},
		"begins, on the second":         {limit - 1, 4 * time.Second, 0, 4 * time.Second},
		"begins, and its length told":   {limit - 1, 4700 * time.Millisecond, 4500 * time.Millisecond, 4500 * time.Millisecond},
		"a length that is far too much": {limit - 1, 4700 * time.Millisecond, time.Hour, 5700 * time.Millisecond},
		"has begun before":              {limit - 2, 2700 * time.Millisecond, 4 * time.Second, 2700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBudget(t)
			note := said(take(t, b), limit, test.remaining, test.reset)
			note.Length = test.length
			tell(t, b, note)
			for range test.remaining {
				take(t, b)
			}
			if got := wait(t, b, 0, time.Hour); got > test.want || got < test.want-time.Second {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// TestNextWindow: the first to be told the end comes back first, and asks.
func TestNextWindow(t *testing.T) {
	client := newClient(t)
	b, err := hosterredis.NewBudget(client, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	set := func(field string, value int64) {
		t.Helper()
		if err := client.HSet(t.Context(), t.Name()+":budget", field, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	first := take(t, b)
	tell(t, b, said(first, 1, 0, time.Hour))
	wait(t, b, time.Minute, time.Hour)
	const late = 2 * time.Hour // until an answer comes
	set("late", late.Milliseconds())
	wait(t, b, late, late+time.Hour)
	set("late", 2)
	set("ends", time.Now().UnixMilli()-1)
	second := take(t, b)
	if second == first {
		t.Error("it is the same window")
	}
	tell(t, b, said(first, 50, 49, time.Hour)) // of a window that has passed: nothing
	wait(t, b, time.Millisecond, 250*time.Millisecond)
	tell(t, b, said(second, 50, 1, time.Hour))
	take(t, b)
	wait(t, b, time.Minute, 61*time.Minute)
}

// TestOthersTake: what somebody else uses is not there, and figures that come late
// do not bring it back.
func TestOthersTake(t *testing.T) {
	b := newBudget(t)
	window := take(t, b)
	tell(t, b, said(window, 100, 99, time.Hour))
	take(t, b)
	take(t, b)
	tell(t, b, said(window, 100, 2, time.Hour))
	tell(t, b, said(window, 100, 98, time.Hour))
	take(t, b)
	take(t, b)
	wait(t, b, time.Minute, time.Hour)
}

// TestNoAnswers: requests without an answer hold the others back for half a second
// in all, and count in what is left.
func TestNoAnswers(t *testing.T) {
	b := newBudget(t)
	window, taken := take(t, b), 1
	for waited := time.Duration(0); taken < 20; {
		turn, err := b.Take(t.Context())
		if waited += turn.Wait; err != nil || waited > 600*time.Millisecond {
			t.Fatalf("%+v after %s: %v", turn, waited, err)
		}
		if turn.Wait == 0 {
			taken++
		}
		time.Sleep(turn.Wait)
	}
	tell(t, b, hoster.BudgetNote{Window: window})
	tell(t, b, said(window, 100, 50, time.Hour))
	for range 50 - 18 {
		take(t, b)
	}
	wait(t, b, time.Minute, time.Hour)
}

// TestTooMany: a 429 holds everybody back for as long as it asks for.
func TestTooMany(t *testing.T) {
	client := newClient(t)
	b, err := hosterredis.NewBudget(client, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	window := take(t, b)
	tell(t, b, said(window, 100, 99, time.Hour))
	tell(t, b, hoster.BudgetNote{Window: window, Status: http.StatusTooManyRequests, RetryAfter: time.Minute})
	wait(t, b, time.Second, time.Minute)
	if err := client.HSet(t.Context(), t.Name()+":budget", "paused", time.Now().UnixMilli()-1).Err(); err != nil {
		t.Fatal(err)
	}
	next := take(t, b)
	if next == window {
		t.Error("it is the same window")
	}
	tell(t, b, hoster.BudgetNote{Window: next, Status: http.StatusTooManyRequests})
	wait(t, b, time.Millisecond, time.Second)
}

// TestWindowLongerThanGuessed: a window of 4.5 s is taken for one of 4 s once.
func TestWindowLongerThanGuessed(t *testing.T) {
	client := newClient(t)
	b, err := hosterredis.NewBudget(client, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	over := func() { // the window ends now
		if err := client.HSet(t.Context(), t.Name()+":budget", "ends", time.Now().UnixMilli()-1).Err(); err != nil {
			t.Fatal(err)
		}
	}
	window := take(t, b)
	tell(t, b, said(window, 2, 1, 4600*time.Millisecond))
	over()
	tell(t, b, hoster.BudgetNote{Window: take(t, b), Status: http.StatusTooManyRequests, RetryAfter: time.Millisecond})
	time.Sleep(10 * time.Millisecond)
	window = take(t, b)
	tell(t, b, said(window, 2, 1, 4600*time.Millisecond))
	take(t, b)
	wait(t, b, 4001*time.Millisecond, 5*time.Second)
}

// TestAnswerLate: an answer that comes late makes a window seem shorter than the one
// before, and it is not; a window that must be shorter is.
func TestAnswerLate(t *testing.T) {
	client := newClient(t)
	b, err := hosterredis.NewBudget(client, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	set := func(field string, value int64) {
		t.Helper()
		if err := client.HSet(t.Context(), t.Name()+":budget", field, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct{ late, reset, want time.Duration }{
		{0, 40500 * time.Millisecond, 40 * time.Second},
		{200 * time.Millisecond, 39900 * time.Millisecond, 40 * time.Second},
		{0, 20500 * time.Millisecond, 20 * time.Second},
	} {
		window := take(t, b)
		set("probe", time.Now().Add(-step.late).UnixMilli())
		tell(t, b, said(window, 1, 0, step.reset))
		if got := wait(t, b, time.Second, time.Hour); got > step.want || got < step.want-900*time.Millisecond {
			t.Errorf("%d: %s, want %s", i, got, step.want)
		}
		set("ends", time.Now().UnixMilli()-1)
	}
}

// TestNoFigures: where a provider tells nothing, everybody passes, until it does.
func TestNoFigures(t *testing.T) {
	b := newBudget(t)
	window := take(t, b)
	tell(t, b, hoster.BudgetNote{Window: window, Status: http.StatusUnauthorized})
	wait(t, b, time.Millisecond, 250*time.Millisecond)
	tell(t, b, hoster.BudgetNote{Window: window, Status: http.StatusOK})
	for range 100 {
		take(t, b)
	}
	for range 95 {
		tell(t, b, hoster.BudgetNote{Window: window, Status: http.StatusOK})
	}
	tell(t, b, said(window, 100, 10, time.Hour))
	for range 10 - 4 { // 4 are under way
		take(t, b)
	}
	wait(t, b, time.Minute, time.Hour)
}

// TestExpires: every key has the prefix, and none stays for ever.
func TestExpires(t *testing.T) {
	client := newClient(t)
	b, err := hosterredis.NewBudget(client, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		keys, err := client.Keys(t.Context(), "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if left := client.PTTL(t.Context(), key).Val(); !strings.HasPrefix(key, "Test") || left <= 0 || left > 71*time.Minute {
				t.Errorf("%s expires after %s", key, left)
			}
		}
	}
	window := take(t, b)
	check()
	tell(t, b, said(window, 100, 99, time.Hour))
	check()
	tell(t, b, hoster.BudgetNote{Window: window, Status: http.StatusTooManyRequests, RetryAfter: time.Hour})
	check()
}

// TestAway: a server that is gone is an error, in the time that the context gives.
func TestAway(t *testing.T) {
	away, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	client := away.Client()
	defer client.Close()
	b, err := hosterredis.NewBudget(client, "away")
	if err != nil {
		t.Fatal(err)
	}
	take(t, b)
	away.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := b.Take(ctx); err == nil {
		t.Error("taken")
	}
	if err := b.Note(ctx, hoster.BudgetNote{}); err == nil {
		t.Error("noted")
	}
	if err := away.StartAgain(); err != nil {
		t.Fatal(err)
	}
	defer away.Kill()
	take(t, b)
}

func TestArguments(t *testing.T) {
	if _, err := hosterredis.NewBudget(nil, "x"); err == nil {
		t.Error("without a client")
	}
	if _, err := hosterredis.NewBudget(newClient(t), ""); err == nil {
		t.Error("without a prefix")
	}
	if _, err := hosterredis.NewLock(newClient(t), "x", 0); err == nil {
		t.Error("without a lease")
	}
}
