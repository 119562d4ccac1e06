package hoster

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/internal/exchange"
)

// TestContextThatIsLookedAtLate: a transport that comes to it after the time is
// up finds it ended, and one that keeps it finds it ended after the attempt.
func TestContextThatIsLookedAtLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept context.Context
		wire := newWire(func(req *http.Request) (*http.Response, error) {
			kept = req.Context()
			time.Sleep(3 * time.Second)
			if err, cause := kept.Err(), context.Cause(kept); err == nil || !errors.Is(cause, exchange.ErrAttemptTimeout) {
				t.Errorf("after the time is up: %v because of %v", err, cause)
			}
			return nil, errors.New("too late")
		}, func(req *http.Request) (*http.Response, error) {
			kept = req.Context()
			return reply(200, domainAnswer)(req)
		})
		client := wire.newClient(t, WithAttemptTimeout(2*time.Second))
		if err := getVerb.call(t.Context(), client, WithoutRetry()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the call ends with %v", err)
		}
		if err := getVerb.call(t.Context(), client); err != nil || kept.Err() == nil {
			t.Errorf("%v, and after the attempt its context says %v", err, kept.Err())
		}
	})
}

// TestDeadlineOfAnAttempt: a transport that goes by the deadline alone is told
// the earlier of two. The time of a stream begins anew with each read, so it has
// only the caller's.
func TestDeadlineOfAnAttempt(t *testing.T) {
	const own = 20 * time.Second
	for name, test := range map[string]struct {
		callers      time.Duration // 0: none
		json, stream time.Duration // 0: none
	}{
		"no deadline of the caller": {0, own, 0},
		"an earlier one":            {5 * time.Second, 5 * time.Second, 5 * time.Second},
		"a later one":               {time.Minute, own, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			ctx := t.Context()
			if test.callers > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.callers)
				defer cancel()
			}
			told := func(call func(context.Context, *Client) error) (left time.Duration) {
				client := newWire(func(req *http.Request) (*http.Response, error) {
					if deadline, ok := req.Context().Deadline(); ok {
						left = deadline.Sub(began)
					}
					return nil, errors.New("told")
				}).newClient(t, WithAttemptTimeout(own))
				_ = call(ctx, client)
				return left
			}
			json := told(func(ctx context.Context, c *Client) error { return getVerb.call(ctx, c, WithoutRetry()) })
			stream := told(func(ctx context.Context, c *Client) error {
				_, err := c.Invoices.PDF(ctx, "inv_1", WithoutRetry())
				return err
			})
			if json != test.json || stream != test.stream {
				t.Errorf("%s: %s of a JSON call, %s of a stream", name, json, stream)
			}
		})
	}
}

// polite ends in good order as soon as its attempt is over.
type polite struct {
	attempt context.Context
	io.Reader
}

func (p polite) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err == io.EOF {
		<-p.attempt.Done()
	}
	return n, err
}

func (polite) Close() error { return nil }

// TestBodyThatEndsWithItsAttempt: it is taken for a part, be it a document or
// JSON, and even where it looks whole.
func TestBodyThatEndsWithItsAttempt(t *testing.T) {
	for want, limit := range map[error]time.Duration{context.DeadlineExceeded: 2 * time.Second, context.Canceled: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(5*time.Second, cancel)
			ending := func(content string, headers ...string) *Client {
				return newWire(func(req *http.Request) (*http.Response, error) {
					return response(200, polite{req.Context(), strings.NewReader(content)}, headers...), nil
				}).newClient(t, WithAttemptTimeout(limit), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
			}
			if document, err := ending("%PDF", "Content-Type: application/pdf").Invoices.PDF(ctx, "inv_1"); err != nil {
				t.Error(err)
			} else if content, err := io.ReadAll(document); string(content) != "%PDF" || !errors.Is(err, want) {
				t.Errorf("a document: %q, %v, want %v", content, err, want)
			}
			if domain, err := ending(domainAnswer).Domains.Get(ctx, "example.com"); !errors.Is(err, want) {
				t.Errorf("JSON: %+v, %v, want %v", domain, err, want)
			}
		})
	}
}
