package tokencare_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
	"github.com/go-hoster/hoster/tokencare"
)

// safe is a store in memory. What is not nil takes part in its work.
type safe struct {
	mu     sync.Mutex
	secret hoster.Secret
	saves  int
	reads  int

	onRead func(read int) error
	onSave func(token hoster.CreatedToken) error // before it is saved
}

func (s *safe) Token(context.Context) (hoster.Secret, error) {
	s.mu.Lock()
	s.reads++
	read, hook := s.reads, s.onRead
	s.mu.Unlock()
	if hook != nil {
		if err := hook(read); err != nil {
			return hoster.Secret{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secret, nil
}

func (s *safe) Save(_ context.Context, token hoster.CreatedToken) error {
	if s.onSave != nil {
		if err := s.onSave(token); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saves++
	s.secret = token.Secret
	return nil
}

func (s *safe) put(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = hoster.NewSecret(secret)
}

var usual = []string{"dns:read", "account:read", "account:write"}

// worker is a program with a token of its own that it rotates.
type worker struct {
	client  *hoster.Client
	options tokencare.RotateOptions
	store   *safe
}

func newWorker(t testing.TB, srv *hostertest.Server, store *safe, options ...hoster.Option) *worker {
	t.Helper()
	return workerWith(t, store, append(options, hoster.WithBaseURL(srv.URL()))...)
}

// onFakeClock is a worker whose requests go through memory.
func onFakeClock(t testing.TB, srv *hostertest.Server, store *safe) *worker {
	t.Helper()
	return workerWith(t, store, hoster.WithBaseURL(srv.PipeURL()), hoster.WithHTTPClient(srv.PipeClient()))
}

func workerWith(t testing.TB, store *safe, options ...hoster.Option) *worker {
	t.Helper()
	source, err := hoster.NewRotatingToken(context.Background(), store)
	if err != nil {
		t.Fatal(err)
	}
	base := []hoster.Option{hoster.WithTokenSource(source), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1})}
	client, err := hoster.NewClient(append(base, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return &worker{client: client, options: tokencare.RotateOptions{Source: source, Store: store}, store: store}
}

// newLine is a worker whose store holds the first token of a line.
func newLine(t testing.TB, srv *hostertest.Server, options ...hoster.Option) (w *worker, id hoster.TokenID) {
	t.Helper()
	first, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker-production", Scopes: usual, IPAllowlist: []string{"127.0.0.0/8"}})
	store := &safe{}
	store.put(secret)
	return newWorker(t, srv, store, options...), hoster.TokenID(first)
}

func (w *worker) rotate() (tokencare.Rotation, error) {
	return tokencare.Rotate(context.Background(), w.client, w.options)
}

// stored is the token in the store, which must work.
func (w *worker) stored(t testing.TB) hoster.Token {
	t.Helper()
	view, err := w.client.WithToken(w.store.secret)
	if err != nil {
		t.Fatal(err)
	}
	token, err := view.Tokens.Current(context.Background())
	if err != nil {
		t.Fatalf("the store's token does not work: %v", err)
	}
	return token
}

// inUse is the token that the client sends, which must work.
func (w *worker) inUse(t testing.TB) hoster.Token {
	t.Helper()
	token, err := w.client.Tokens.Current(context.Background())
	if err != nil {
		t.Fatalf("locked out: %v", err)
	}
	return token
}

// valid are the tokens of the line that work, by id, and their names.
func valid(srv *hostertest.Server) map[hoster.TokenID]string {
	found := map[hoster.TokenID]string{}
	srv.View(func(s *sandbox.State) {
		for _, token := range s.Tokens {
			if token.Status(time.Now()) == "active" && strings.HasPrefix(token.Name, "worker") {
				found[hoster.TokenID(token.ID)] = token.Name
			}
		}
	})
	return found
}

// names says of each valid token that is not one of known that it is named.
func checkNamed(t testing.TB, srv *hostertest.Server, leftover []hoster.Token, known ...hoster.TokenID) {
	t.Helper()
	for id, name := range valid(srv) {
		named := slices.ContainsFunc(leftover, func(token hoster.Token) bool {
			return token.ID == id || token.ID == "" && token.Name == name
		})
		if !named && !slices.Contains(known, id) {
			t.Errorf("token %s (%s) is valid, and nobody names it: %v", id, name, leftover)
		}
	}
}

// checkStopped holds what exists after a rotation that stopped against what its
// error says.
func checkStopped(t testing.TB, srv *hostertest.Server, w *worker, err error, step tokencare.Step) *tokencare.RotationError {
	t.Helper()
	var stopped *tokencare.RotationError
	if !errors.As(err, &stopped) || stopped.Step != step {
		t.Fatalf("got %v, want a stop at %q", err, step)
	}
	own := w.inUse(t)
	if stopped.InUse != "" && stopped.InUse != own.ID {
		t.Errorf("in use is %s, the error says %s", own.ID, stopped.InUse)
	}
	checkNamed(t, srv, stopped.Leftover, own.ID, w.stored(t).ID)
	for _, token := range stopped.Leftover {
		if !strings.Contains(stopped.Error(), token.Name) || !strings.Contains(stopped.Error(), string(token.ID)) {
			t.Errorf("the text lacks %s: %v", token.Name, stopped)
		}
	}
	return stopped
}

// checkDone holds what exists after a rotation against its result.
func checkDone(t testing.TB, srv *hostertest.Server, w *worker, done tokencare.Rotation, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if own := w.inUse(t); own.ID != done.New.ID {
		t.Errorf("in use is %s, not %s", own.ID, done.New.ID)
	}
	if held := w.stored(t); held.ID != done.New.ID {
		t.Errorf("the store holds %s, not %s", held.ID, done.New.ID)
	}
	checkNamed(t, srv, done.Leftover, done.New.ID)
	if _, works := valid(srv)[done.Old.ID]; works {
		t.Errorf("the old token %s was not revoked", done.Old.ID)
	}
}

func symlink(t testing.TB, target, link string) {
	t.Helper()
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
}
