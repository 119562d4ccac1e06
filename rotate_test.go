package hoster_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// safe is where a program keeps its token.
type safe struct {
	mu     sync.Mutex
	secret hoster.Secret
	err    error
}

func (v *safe) store(_ context.Context, token hoster.CreatedToken) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return v.err
	}
	v.secret = token.Secret
	return nil
}

// rotatingClient is a client with a token of its own that may rotate.
func rotatingClient(t testing.TB, srv *hostertest.Server, options ...hoster.Option) (*hoster.Client, *hoster.RotatingToken, string) {
	t.Helper()
	id, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker-production", Scopes: []string{"dns:read", "account:read", "account:write"}, IPAllowlist: []string{"127.0.0.0/8"}})
	source, err := hoster.NewRotatingToken(secret)
	if err != nil {
		t.Fatal(err)
	}
	client, err := hoster.NewClient(append([]hoster.Option{hoster.WithBaseURL(srv.URL()), hoster.WithTokenSource(source), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1})}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client, source, id
}

// active lists the ids of tokens that work, but for those of the seed.
func active(srv *hostertest.Server) (ids []string) {
	srv.View(func(s *sandbox.State) {
		for _, token := range s.Tokens {
			if token.Status(time.Now()) == "active" && strings.HasPrefix(token.Name, "worker") {
				ids = append(ids, token.ID)
			}
		}
	})
	return ids
}

func TestRotate(t *testing.T) {
	srv := hostertest.New(t)
	client, source, old := rotatingClient(t, srv)
	var kept safe
	rotation, err := client.Tokens.Rotate(context.Background(), hoster.RotateOptions{Store: kept.store})
	if err != nil {
		t.Fatal(err)
	}
	if rotation.Old.ID != hoster.TokenID(old) || !regexp.MustCompile(`^worker-production-[2-7][a-z2-7]{9}$`).MatchString(rotation.New.Name) {
		t.Errorf("%+v", rotation)
	}
	if !slices.Equal(rotation.New.Scopes, rotation.Old.Scopes) || !slices.Equal(rotation.New.IPAllowlist, rotation.Old.IPAllowlist) {
		t.Errorf("the new token may do something else: %+v", rotation)
	}
	if life := time.Until(*rotation.New.ExpiresAt); life > hoster.DefaultTokenLife || life < hoster.DefaultTokenLife-time.Minute {
		t.Errorf("it lives %s", life)
	}
	if got := active(srv); !slices.Equal(got, []string{string(rotation.New.ID)}) {
		t.Errorf("active: %v", got)
	}
	if secret, _ := source.Token(context.Background()); !secret.Equal(kept.secret) {
		t.Error("the client uses another token than was stored")
	}
	again, err := client.Tokens.Rotate(context.Background(), hoster.RotateOptions{Store: kept.store, Scopes: []hoster.Scope{hoster.ScopeAccountRead, hoster.ScopeAccountWrite}})
	if err != nil || len(again.New.Name) != len(rotation.New.Name) || again.New.Name == rotation.New.Name || len(again.New.Scopes) != 2 {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	if again.New.ExpiresAt.After(*rotation.New.ExpiresAt) {
		t.Error("a token outlives the one that made it")
	}
}

func TestRotateArguments(t *testing.T) {
	srv := hostertest.New(t)
	client, _, _ := rotatingClient(t, srv)
	plain := newTestClient(t, srv.URL(), srv.RootToken())
	var none context.Context
	store := (&safe{}).store
	for field, err := range map[string]error{
		"Store":           second(client.Tokens.Rotate(context.Background(), hoster.RotateOptions{})),
		"WithTokenSource": second(plain.Tokens.Rotate(context.Background(), hoster.RotateOptions{Store: store})),
		"ctx":             second(client.Tokens.Rotate(none, hoster.RotateOptions{Store: store})),
	} {
		var argument *hoster.ArgumentError
		if !errors.As(err, &argument) || argument.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestRotationThatBreaks breaks each step in each way: the program is never
// locked out, and no token is left that the error does not name.
func TestRotationThatBreaks(t *testing.T) {
	steps := map[hoster.RotationStep]sandbox.Fault{
		hoster.RotateRead:   {Operation: "Tokens.Current"},
		hoster.RotateCreate: {Operation: "Tokens.Create"},
		hoster.RotateVerify: {Operation: "Tokens.Current", Skip: 1},
		hoster.RotateRevoke: {Operation: "Tokens.Revoke"},
	}
	ways := map[string]func(*sandbox.Fault){
		"403":               func(f *sandbox.Fault) { *f = merge(*f, answered(403, "FORBIDDEN")) },
		"500":               func(f *sandbox.Fault) { *f = merge(*f, answered(500, "INTERNAL_ERROR")) },
		"500 after work":    func(f *sandbox.Fault) { *f = merge(*f, answered(500, "INTERNAL_ERROR")); f.After = true },
		"HTML":              func(f *sandbox.Fault) { f.Status, f.Header, f.Body = 200, htmlPage, "<html>no</html>" },
		"reset before work": func(f *sandbox.Fault) { f.Reset = true },
		"reset after work":  func(f *sandbox.Fault) { f.Reset, f.After = true, true },
		"truncated":         func(f *sandbox.Fault) { f.Truncate = 20 },
		"time-out":          func(f *sandbox.Fault) { f.Delay = time.Hour },
	}
	for step, fault := range steps {
		for way, spoil := range ways {
			t.Run(string(step)+"/"+way, func(t *testing.T) {
				t.Parallel()
				srv := hostertest.New(t)
				client, _, _ := rotatingClient(t, srv, hoster.WithAttemptTimeout(300*time.Millisecond))
				broken := fault
				spoil(&broken)
				if broken.Reset && step == hoster.RotateVerify {
					broken.Times = -1 // net/http repeats a read by itself
				}
				remove := srv.Inject(broken)
				var kept safe
				_, err := client.Tokens.Rotate(context.Background(), hoster.RotateOptions{Store: kept.store})
				remove()
				if step == hoster.RotateRevoke && way == "truncated" { // a 204 has no body to break off
					if err != nil {
						t.Error(err)
					}
					return
				}
				checkRotation(t, srv, client, err, step)
			})
		}
	}
}

func merge(f, with sandbox.Fault) sandbox.Fault {
	f.Status, f.Header, f.Body = with.Status, with.Header, with.Body
	return f
}

// checkRotation holds what exists after a rotation that stopped against what
// its error says.
func checkRotation(t *testing.T, srv *hostertest.Server, client *hoster.Client, err error, step hoster.RotationStep) {
	t.Helper()
	var stopped *hoster.RotationError
	if !errors.As(err, &stopped) || stopped.Step != step {
		t.Fatalf("got %v, want a stop at %q", err, step)
	}
	own, err := client.Tokens.Current(context.Background())
	if err != nil {
		t.Fatalf("locked out: %v", err)
	}
	if stopped.InUse != "" && stopped.InUse != own.ID {
		t.Errorf("in use is %s, the error says %s", own.ID, stopped.InUse)
	}
	names := map[string]string{}
	srv.View(func(s *sandbox.State) {
		for _, token := range s.Tokens {
			names[token.ID] = token.Name
		}
	})
	for _, id := range active(srv) {
		text := strings.Join(stopped.CleanUp, " ")
		if id != string(own.ID) && !strings.Contains(text, id) && !strings.Contains(text, names[id]) {
			t.Errorf("token %s is left, and the error does not name it: %v", id, stopped)
		}
	}
	for _, item := range stopped.CleanUp {
		if !strings.Contains(stopped.Error(), item) {
			t.Errorf("the text lacks %q: %v", item, stopped)
		}
	}
}

func TestRotationThatCannotStore(t *testing.T) {
	srv := hostertest.New(t)
	client, _, _ := rotatingClient(t, srv)
	full := errors.New("the safe is shut")
	_, err := client.Tokens.Rotate(context.Background(), hoster.RotateOptions{Store: (&safe{err: full}).store})
	if !errors.Is(err, full) {
		t.Errorf("the reason is lost: %v", err)
	}
	checkRotation(t, srv, client, err, hoster.RotateStore)
}

// TestRotationThatIsCancelled at each step leaves a token that works.
func TestRotationThatIsCancelled(t *testing.T) {
	for _, operation := range []string{"Tokens.Current", "Tokens.Create", "store", "verify", "Tokens.Revoke"} {
		t.Run(operation, func(t *testing.T) {
			srv := hostertest.New(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			calls := 0
			hook := func(_ context.Context, e hoster.Event) {
				if e.Operation == "Tokens.Current" {
					calls++
				}
				if string(e.Operation) == operation || operation == "verify" && calls == 2 {
					cancel()
				}
			}
			client, _, _ := rotatingClient(t, srv, hoster.WithHooks(hoster.Hooks{OnStart: hook}))
			store := func(context.Context, hoster.CreatedToken) error {
				if operation == "store" {
					cancel()
				}
				return nil
			}
			_, err := client.Tokens.Rotate(ctx, hoster.RotateOptions{Store: store})
			var stopped *hoster.RotationError
			if !errors.As(err, &stopped) || !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			checkRotation(t, srv, client, err, stopped.Step)
		})
	}
}

// TestOverlap keeps both tokens valid for a while, on the fake clock.
func TestOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t)
		source, err := hoster.NewRotatingToken(srv.RootToken())
		if err != nil {
			t.Fatal(err)
		}
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithTokenSource(source), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		old, err := hoster.NewClient(hoster.WithBaseURL(srv.PipeURL()), hoster.WithToken(srv.RootToken()), hoster.WithHTTPClient(srv.PipeClient()))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		done := make(chan error, 1)
		go func() {
			_, err := client.Tokens.Rotate(t.Context(), hoster.RotateOptions{Store: (&safe{}).store, Overlap: time.Hour})
			done <- err
		}()
		time.Sleep(59 * time.Minute)
		if _, err := old.Tokens.Current(t.Context()); err != nil {
			t.Errorf("within the overlap: %v", err)
		}
		if err := <-done; err != nil || time.Since(began) != time.Hour {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if _, err := old.Tokens.Current(t.Context()); !errors.Is(err, hoster.ErrUnauthorized) {
			t.Errorf("after the overlap: %v", err)
		}
	})
}

// TestNoCallFailsForARotation: calls go on while the token is rotated ten times.
func TestNoCallFailsForARotation(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client, _, _ := rotatingClient(t, srv)
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := client.DNS.Get(context.Background(), "example.com", "rec_none"); !errors.Is(err, hoster.ErrNotFound) {
					t.Errorf("a call failed: %v", err)
					return
				}
			}
		})
	}
	for range 10 {
		if _, err := client.Tokens.Rotate(context.Background(), hoster.RotateOptions{Store: (&safe{}).store}); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	workers.Wait()
	for _, r := range srv.Requests() {
		if r.Status == http.StatusUnauthorized {
			t.Error("a request carried a revoked token")
		}
	}
}

func TestRotateWhereThereAreNoTokens(t *testing.T) {
	srv := hostertest.New(t, sandbox.Without(sandbox.TokenEndpoints))
	client, _, _ := rotatingClient(t, srv)
	_, err := client.Tokens.Rotate(context.Background(), hoster.RotateOptions{Store: (&safe{}).store})
	_, auditErr := client.Tokens.Audit(context.Background(), hoster.AuditPolicy{})
	for _, err := range []error{err, auditErr, client.Tokens.Revoke(context.Background(), "tok_1"), second(client.Tokens.Create(context.Background(), hoster.TokenCreate{Name: "x", Scopes: hoster.AllScopes()}))} {
		if !errors.Is(err, hoster.ErrNotSupported) || !strings.Contains(err.Error(), "Account Settings > API Access") {
			t.Errorf("got %v", err)
		}
	}
	if err := client.Verify(context.Background()); err != nil {
		t.Error(err)
	}
}
