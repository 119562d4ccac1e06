package hoster_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// storm sends calls from many goroutines through each client and counts what
// the server answered.
func storm(t *testing.T, srv *hostertest.Server, clients []*hoster.Client, goroutines, calls int) (refused float64, took time.Duration) {
	t.Helper()
	began := time.Now()
	var all sync.WaitGroup
	errs := make(chan error, len(clients)*goroutines*calls)
	for _, client := range clients {
		for range goroutines {
			all.Go(func() {
				for range calls {
					if _, err := client.Tokens.Current(context.Background()); err != nil {
						errs <- err
					}
				}
			})
		}
	}
	all.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
	requests := srv.Requests()
	limited := 0
	for _, r := range requests {
		if r.Status == http.StatusTooManyRequests {
			limited++
		}
	}
	return float64(limited) / float64(len(requests)), time.Since(began)
}

func stormClients(t *testing.T, srv *hostertest.Server, n int) []*hoster.Client {
	var clients []*hoster.Client
	for range n {
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, client)
	}
	return clients
}

func TestStorm(t *testing.T) {
	for _, test := range []struct {
		limit   int
		window  time.Duration
		clients int
		refused float64 // share of answers 429
		factor  float64 // of the ideal time; 0: no bound
		delay   time.Duration
	}{
		{limit: 10, window: time.Second, clients: 1, refused: 0.03, factor: 1.2},
		{limit: 600, window: time.Minute, clients: 1, refused: 0.03, factor: 1.2},
		{limit: 10, window: time.Second, clients: 1, refused: 0.03, factor: 1.2, delay: 20 * time.Millisecond},
		{limit: 600, window: time.Minute, clients: 1, refused: 0.03, factor: 1.2, delay: 20 * time.Millisecond},
		{limit: 10, window: time.Second, clients: 3, refused: 0.1},
		{limit: 600, window: time.Minute, clients: 3, refused: 0.1},
		{limit: 10, window: time.Second, clients: 3, refused: 0.1, delay: 20 * time.Millisecond},
		{limit: 600, window: time.Minute, clients: 3, refused: 0.1, delay: 20 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d in %s, %d clients, delay %s", test.limit, test.window, test.clients, test.delay), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hostertest.New(t, sandbox.WithRateLimit(test.limit, test.window))
				if test.delay > 0 {
					srv.Inject(sandbox.Fault{Times: -1, Delay: test.delay})
				}
				refused, took := storm(t, srv, stormClients(t, srv, test.clients), 50, 20)
				calls := test.clients * 1000
				ideal := time.Duration((calls+test.limit-1)/test.limit) * test.window
				t.Logf("%.2f%% of answers 429, %s for an ideal of %s (%.2f)", 100*refused, took, ideal, float64(took)/float64(ideal))
				if refused > test.refused {
					t.Errorf("%.1f%% of the answers were 429", 100*refused)
				}
				if test.factor > 0 && float64(took) > test.factor*float64(ideal) {
					t.Errorf("took %s, ideal is %s", took, ideal)
				}
			})
		})
	}
}
