package tokencare_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
	"github.com/go-hoster/hoster/tokencare"
)

func TestRotate(t *testing.T) {
	srv := hostertest.New(t)
	w, first := newLine(t, srv)
	done, err := w.rotate()
	checkDone(t, srv, w, done, err)
	if done.Old.ID != first || !regexp.MustCompile(`^worker-production-[2-7][a-z2-7]{9}$`).MatchString(done.New.Name) {
		t.Errorf("%+v", done)
	}
	if !slices.Equal(done.New.Scopes, done.Old.Scopes) || !slices.Equal(done.New.IPAllowlist, done.Old.IPAllowlist) || done.New.ExpiresAt != nil {
		t.Errorf("the new token may do something else: %+v", done)
	}
	if done.Adopted || done.EndsSoon || len(done.Leftover) > 0 || len(valid(srv)) != 1 {
		t.Errorf("%+v, valid: %v", done, valid(srv))
	}
	w.options.Scopes = []hoster.Scope{hoster.ScopeAccountRead, hoster.ScopeAccountWrite}
	w.options.IPAllowlist = hoster.Set([]string{"127.0.0.1"})
	again, err := w.rotate()
	checkDone(t, srv, w, again, err)
	if len(again.New.Name) != len(done.New.Name) || again.New.Name == done.New.Name || len(again.New.Scopes) != 2 || again.New.IPAllowlist[0] != "127.0.0.1" {
		t.Errorf("a second time: %+v", again)
	}
}

// TestNamesStayInLine whatever the first one is.
func TestNamesStayInLine(t *testing.T) {
	for _, name := range []string{"w", "worker-production", "worker-2abcdefgh3", strings.Repeat("ä", 100), strings.Repeat("x", 88) + "-2abcdefgh3", "-2abcdefgh3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := hostertest.New(t)
			first, secret := srv.MintToken(sandbox.TokenSpec{Name: name, Scopes: usual})
			_, _ = srv.MintToken(sandbox.TokenSpec{Name: "another-" + name, Scopes: usual})
			store := &safe{}
			store.put(secret)
			for range 3 {
				done, err := newWorker(t, srv, store).rotate()
				if err != nil || utf8.RuneCountInString(done.New.Name) > 100 || len(done.Leftover) > 0 {
					t.Fatalf("%+v, %v", done, err)
				}
			}
			// The first token as a run left it that was killed before it could revoke.
			srv.View(func(s *sandbox.State) { s.Token(first).Revoked = false })
			done, err := newWorker(t, srv, store).rotate()
			if err != nil {
				t.Fatal(err)
			}
			if len(done.Leftover) != 1 || done.Leftover[0].ID != hoster.TokenID(first) {
				t.Errorf("left over: %+v", done.Leftover)
			}
		})
	}
}

// TestExpiry: a token cannot create one that outlives it, and rotation says
// where that ends.
func TestExpiry(t *testing.T) {
	day := 24 * time.Hour
	now := time.Now().UTC().Truncate(time.Second)
	in := func(days int) time.Time { return now.Add(time.Duration(days) * day) }
	var never time.Time
	for _, c := range []struct {
		old, asked, want time.Time
		warn             time.Duration
		soon             bool
	}{
		{old: never, asked: never, want: never},
		{old: never, asked: in(90), want: in(90)},
		{old: never, asked: in(20), want: in(20), soon: true},
		{old: in(90), asked: never, want: in(90)},
		{old: in(90), asked: in(60), want: in(60)},
		{old: in(60), asked: in(90), want: in(60)},
		{old: in(60), asked: in(90), want: in(60), warn: 61 * day, soon: true},
		{old: in(29), asked: in(90), want: in(29), soon: true},
		{old: in(29), asked: never, want: in(29), warn: 7 * day},
	} {
		t.Run(fmt.Sprint(c.old.Format(time.DateOnly), " ", c.asked.Format(time.DateOnly)), func(t *testing.T) {
			t.Parallel()
			srv := hostertest.New(t)
			_, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker", Scopes: usual, ExpiresAt: c.old})
			store := &safe{}
			store.put(secret)
			w := newWorker(t, srv, store)
			w.options.ExpiresAt, w.options.WarnWithin = c.asked, c.warn
			done, err := w.rotate()
			checkDone(t, srv, w, done, err)
			if got := done.New.ExpiresAt; (got == nil) != c.want.IsZero() || got != nil && !got.Equal(c.want) {
				t.Errorf("it expires %v, want %v", got, c.want)
			}
			if done.EndsSoon != c.soon {
				t.Errorf("ends soon: %v", done.EndsSoon)
			}
		})
	}
}

// TestRenewedByHand: the way out of a line that ends. The token from the portal
// stands in the store, and the next rotation takes it over.
func TestRenewedByHand(t *testing.T) {
	srv := hostertest.New(t)
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker", Scopes: usual, ExpiresAt: time.Now().Add(time.Hour)})
	store := &safe{}
	store.put(secret)
	w := newWorker(t, srv, store)
	if done, err := w.rotate(); err != nil || !done.EndsSoon {
		t.Fatalf("%+v, %v", done, err)
	}
	lost, _ := srv.MintToken(sandbox.TokenSpec{Name: "worker-2lostlostl", Scopes: usual})
	fresh, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker of the next years", Scopes: usual})
	store.put(secret + "\n")
	done, err := w.rotate()
	checkDone(t, srv, w, done, err)
	if !done.Adopted || done.New.ID != hoster.TokenID(fresh) || done.EndsSoon || len(done.Leftover) != 1 || done.Leftover[0].ID != hoster.TokenID(lost) {
		t.Errorf("%+v", done)
	}
	done, err = w.rotate() // the line break is still there
	if err != nil || done.Adopted || done.New.ExpiresAt != nil || w.inUse(t).ID != done.New.ID || w.stored(t).ID != done.New.ID {
		t.Errorf("%+v", done)
	}
}

func TestArguments(t *testing.T) {
	srv := hostertest.New(t)
	w, _ := newLine(t, srv)
	var none context.Context
	noSource, noStore := w.options, w.options
	noSource.Source, noStore.Store = nil, nil
	for field, err := range map[string]error{
		"Source": second(tokencare.Rotate(t.Context(), w.client, noSource)),
		"Store":  second(tokencare.Rotate(t.Context(), w.client, noStore)),
		"client": errors.Join(second(tokencare.Rotate(t.Context(), nil, w.options)), second(tokencare.Audit(t.Context(), nil, tokencare.AuditPolicy{}))),
		"ctx":    second(tokencare.Rotate(none, w.client, w.options)),
	} {
		var argument *hoster.ArgumentError
		if !errors.As(err, &argument) || argument.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if len(srv.Requests()) != 0 {
		t.Errorf("sent %v", srv.Requests())
	}
}

func second[T any](_ T, err error) error { return err }

// TestOtherSource: a client that does not send the source's token would be
// locked out by the revocation.
func TestOtherSource(t *testing.T) {
	srv := hostertest.New(t)
	w, _ := newLine(t, srv)
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(w.store.secret.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	w.client = client
	_, err = w.rotate()
	stopped := checkStopped(t, srv, w, err, tokencare.StepSwitch)
	if len(stopped.Leftover) != 0 || len(valid(srv)) != 2 {
		t.Errorf("%v, valid: %v", stopped, valid(srv))
	}
}

// TestMissingScopes are found before anything is created.
func TestMissingScopes(t *testing.T) {
	for _, scopes := range [][]string{{"account:read"}, {"account:write"}, {"dns:write"}} {
		srv := hostertest.New(t)
		_, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker", Scopes: scopes})
		store := &safe{}
		store.put(secret)
		w := newWorker(t, srv, store)
		_, err := w.rotate()
		stopped := checkStopped(t, srv, w, err, tokencare.StepRead)
		if !strings.Contains(err.Error(), "lacks account:") || len(srv.Writes()) != 0 || len(stopped.Leftover) != 0 {
			t.Errorf("%v: %v", scopes, err)
		}
	}
}

// TestFewerScopes: the new token may be unable to revoke and to list.
func TestFewerScopes(t *testing.T) {
	srv := hostertest.New(t)
	w, _ := newLine(t, srv)
	lost, _ := srv.MintToken(sandbox.TokenSpec{Name: "worker-production-2lostlostl", Scopes: usual})
	w.options.Scopes = []hoster.Scope{hoster.ScopeDNSRead}
	done, err := w.rotate()
	checkDone(t, srv, w, done, err)
	if len(done.Leftover) != 1 || done.Leftover[0].ID != hoster.TokenID(lost) {
		t.Errorf("%+v", done)
	}
}

// faultsAt hits the request of each step.
var faultsAt = map[tokencare.Step]sandbox.Fault{
	tokencare.StepRead:   {Operation: "Tokens.Current"},
	tokencare.StepCreate: {Operation: "Tokens.Create"},
	tokencare.StepVerify: {Operation: "Tokens.Current", Skip: 1},
	tokencare.StepSwitch: {Operation: "Tokens.Current", Skip: 2},
	tokencare.StepList:   {Operation: "Tokens.List"},
	tokencare.StepRevoke: {Operation: "Tokens.Revoke"},
}

// TestRotationThatBreaks breaks each step in each way: the program is never
// locked out, and no token is left that the error does not name.
func TestRotationThatBreaks(t *testing.T) {
	htmlPage := http.Header{"Content-Type": {"text/html"}}
	ways := map[string]func(*sandbox.Fault){
		"401": func(f *sandbox.Fault) {
			f.Status, f.Body = 401, `{"status":"error","code":"TOKEN_INVALID","message":"no"}`
		},
		"403": func(f *sandbox.Fault) { f.Status, f.Body = 403, `{"status":"error","code":"FORBIDDEN","message":"no"}` },
		"500": func(f *sandbox.Fault) {
			f.Status, f.Body = 500, `{"status":"error","code":"INTERNAL_ERROR","message":"no"}`
		},
		"500 after work": func(f *sandbox.Fault) {
			f.Status, f.Body, f.After = 500, `{"status":"error","code":"INTERNAL_ERROR","message":"no"}`, true
		},
		"no secret": func(f *sandbox.Fault) {
			f.Status, f.Body, f.After = 201, `{"status":"success","data":{"id":"tok_x","name":"x"}}`, true
		},
		"HTML":              func(f *sandbox.Fault) { f.Status, f.Header, f.Body = 200, htmlPage, "<html>no</html>" },
		"reset before work": func(f *sandbox.Fault) { f.Reset = true },
		"reset after work":  func(f *sandbox.Fault) { f.Reset, f.After = true, true },
		"truncated":         func(f *sandbox.Fault) { f.Truncate = 20 },
	}
	for step, fault := range faultsAt {
		for way, spoil := range ways {
			if way == "no secret" && step != tokencare.StepCreate {
				continue // nobody looks for one
			}
			t.Run(string(step)+"/"+way, func(t *testing.T) {
				t.Parallel()
				srv := hostertest.New(t)
				w, _ := newLine(t, srv)
				broken := fault
				spoil(&broken)
				broken.Times = -1
				remove := srv.Inject(broken)
				done, err := w.rotate()
				remove()
				switch {
				case err == nil && step == tokencare.StepRevoke && way == "truncated": // a 204 has no body to break off
					checkDone(t, srv, w, done, err)
					return
				case err == nil:
					t.Fatalf("it did not stop: %+v", done)
				}
				checkStopped(t, srv, w, err, step)
				again, err := w.rotate()
				checkDone(t, srv, w, again, err)
			})
		}
	}
}

// TestRotationThatTimesOut at each step, on the fake clock.
func TestRotationThatTimesOut(t *testing.T) {
	for step, fault := range faultsAt {
		t.Run(string(step), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hostertest.New(t)
				_, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker-production", Scopes: usual})
				store := &safe{}
				store.put(secret)
				w := onFakeClock(t, srv, store)
				fault.Delay, fault.Times = 24*time.Hour, -1
				remove := srv.Inject(fault)
				_, err := w.rotate()
				remove()
				checkStopped(t, srv, w, err, step)
				again, err := w.rotate()
				checkDone(t, srv, w, again, err)
			})
		})
	}
}

// TestStoreThatFails in each way that its contract allows.
func TestStoreThatFails(t *testing.T) {
	full := errors.New("the safe is shut")
	for _, c := range []struct {
		name     string
		spoil    func(*safe)
		step     tokencare.Step
		leftover int
	}{
		{"unreadable", func(s *safe) { s.onRead = func(int) error { return full } }, tokencare.StepRead, 0},
		{"unreadable before it is saved", func(s *safe) {
			s.onRead = func(n int) error {
				if n > 1 {
					return full
				}
				return nil
			}
		}, tokencare.StepStore, 0},
		{"unreadable before the revocation", func(s *safe) {
			s.onRead = func(n int) error {
				if n > 2 {
					return full
				}
				return nil
			}
		}, tokencare.StepRevoke, 1},
		{"not saved", func(s *safe) {
			s.onSave = func(hoster.CreatedToken) error { return fmt.Errorf("%w: %w", tokencare.ErrNotSaved, full) }
		}, tokencare.StepStore, 0},
		{"perhaps saved", func(s *safe) { s.onSave = func(hoster.CreatedToken) error { return full } }, tokencare.StepStore, 1},
		{"saved, and an error", func(s *safe) {
			s.onSave = func(token hoster.CreatedToken) error { s.put(token.Secret.Reveal()); return full }
		}, tokencare.StepStore, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := hostertest.New(t)
			w, _ := newLine(t, srv)
			w.store.reads = 0
			c.spoil(w.store)
			_, err := w.rotate()
			if !errors.Is(err, full) {
				t.Errorf("the reason is lost: %v", err)
			}
			stopped := checkStopped(t, srv, w, err, c.step)
			if len(stopped.Leftover) != c.leftover || len(valid(srv)) != 1+c.leftover {
				t.Errorf("%v, valid: %v", stopped, valid(srv))
			}
			w.store.onRead, w.store.onSave = nil, nil
			done, err := w.rotate()
			checkDone(t, srv, w, done, err)
			if want := c.name == "saved, and an error"; done.Adopted != want {
				t.Errorf("%+v", done)
			}
		})
	}
}

// TestFileStore: a directory that cannot be written is an error that promises
// that nothing was saved.
func TestFileStore(t *testing.T) {
	srv := hostertest.New(t)
	w, first := newLine(t, srv)
	path := filepath.Join(t.TempDir(), "token")
	if err := hoster.WriteTokenFile(path, w.store.secret); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	symlink(t, path, link)
	w.options.Store = tokencare.FileStore(link)
	_, err := w.rotate()
	stopped := checkStopped(t, srv, w, err, tokencare.StepStore)
	if !errors.Is(err, tokencare.ErrNotSaved) || !strings.Contains(err.Error(), "symbolic link") || len(stopped.Leftover) != 0 || len(valid(srv)) != 1 {
		t.Errorf("%v, valid: %v", err, valid(srv))
	}
	w.options.Store = tokencare.FileStore(path)
	done, err := w.rotate()
	if err != nil || done.Old.ID != first {
		t.Fatalf("%+v, %v", done, err)
	}
	if held, err := tokencare.FileStore(path).Token(t.Context()); err != nil {
		t.Error(err)
	} else {
		w.store.put(held.Reveal())
		checkDone(t, srv, w, done, nil)
	}
	w.options.Store = tokencare.FileStore(filepath.Join(path, "none"))
	if _, err := w.rotate(); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("got %v", err)
	}
}

// TestCancelled at each step leaves a token that works.
func TestCancelled(t *testing.T) {
	for _, where := range []string{"Tokens.Current 1", "Tokens.Create 1", "Tokens.Current 2", "save", "Tokens.Current 3", "Tokens.List 1", "Tokens.Revoke 1"} {
		t.Run(where, func(t *testing.T) {
			srv := hostertest.New(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			calls := map[hoster.Operation]int{}
			hook := func(_ context.Context, e hoster.Event) {
				calls[e.Operation]++
				if fmt.Sprint(e.Operation, " ", calls[e.Operation]) == where {
					cancel()
				}
			}
			w, _ := newLine(t, srv, hoster.WithHooks(hoster.Hooks{OnStart: starting(hook)}))
			w.store.onSave = func(hoster.CreatedToken) error {
				if where == "save" {
					cancel()
				}
				return nil
			}
			_, err := tokencare.Rotate(ctx, w.client, w.options)
			var stopped *tokencare.RotationError
			if !errors.As(err, &stopped) || !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			checkStopped(t, srv, w, err, stopped.Step)
			done, err := w.rotate()
			checkDone(t, srv, w, done, err)
		})
	}
}

// TestOtherProcess: what another process with the same store has done, or does
// in the middle.
func TestOtherProcess(t *testing.T) {
	mint := func(srv *hostertest.Server, name string, scopes ...string) (hoster.TokenID, string) {
		if scopes == nil {
			scopes = usual
		}
		id, secret := srv.MintToken(sandbox.TokenSpec{Name: name, Scopes: scopes})
		return hoster.TokenID(id), secret
	}
	older := func(srv *hostertest.Server, id hoster.TokenID) {
		srv.View(func(s *sandbox.State) { s.Token(string(id)).CreatedAt = time.Now().Add(-time.Hour) })
	}
	root := func(t *testing.T, srv *hostertest.Server) *hoster.Client {
		client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	revoke := func(t *testing.T, srv *hostertest.Server, id hoster.TokenID) {
		if err := root(t, srv).Tokens.RevokeAny(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("rotated before", func(t *testing.T) {
		srv := hostertest.New(t)
		a, first := newLine(t, srv)
		b := newWorker(t, srv, a.store)
		before, err := a.rotate()
		checkDone(t, srv, a, before, err)
		done, err := b.rotate()
		checkDone(t, srv, b, done, err)
		if !done.Adopted || done.New.ID != before.New.ID || done.Old.ID != "" || a.store.saves != 1 {
			t.Errorf("%+v, first was %s", done, first)
		}
	})
	t.Run("killed before it revoked", func(t *testing.T) {
		srv := hostertest.New(t)
		w, first := newLine(t, srv)
		fresh, secret := mint(srv, "worker-production-2freshfres")
		older(srv, fresh) // the line decides, whatever the clock
		w.store.put(secret)
		done, err := w.rotate()
		checkDone(t, srv, w, done, err)
		if !done.Adopted || done.New.ID != fresh || done.Old.ID != first {
			t.Errorf("%+v", done)
		}
	})
	t.Run("the stored token is of no use", func(t *testing.T) {
		srv := hostertest.New(t)
		w, first := newLine(t, srv)
		dead, secret := mint(srv, "worker-production-2deaddeadd")
		revoke(t, srv, dead)
		w.store.put(secret)
		done, err := w.rotate()
		checkDone(t, srv, w, done, err)
		if done.Adopted || done.Old.ID != first {
			t.Errorf("%+v", done)
		}
	})
	t.Run("neither works", func(t *testing.T) {
		srv := hostertest.New(t)
		w, first := newLine(t, srv)
		dead, secret := mint(srv, "worker-production-2deaddeadd")
		revoke(t, srv, dead)
		revoke(t, srv, first)
		w.store.put(secret)
		_, err := w.rotate()
		var stopped *tokencare.RotationError
		if !errors.As(err, &stopped) || stopped.Step != tokencare.StepRead || !errors.Is(err, hoster.ErrUnauthorized) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the wrong store", func(t *testing.T) {
		srv := hostertest.New(t)
		w, _ := newLine(t, srv)
		other, secret := mint(srv, "mailer")
		older(srv, other)
		w.store.put(secret)
		_, err := w.rotate()
		checkStopped(t, srv, w, err, tokencare.StepRead)
		if !strings.Contains(err.Error(), "mailer") || len(srv.Writes()) != 0 {
			t.Errorf("got %v", err)
		}
		weak, secret := mint(srv, "worker-production", "dns:read")
		w.store.put(secret)
		_, err = w.rotate()
		if stopped := new(tokencare.RotationError); !errors.As(err, &stopped) || stopped.Step != tokencare.StepVerify || !strings.Contains(err.Error(), "lacks account:read, account:write") || len(srv.Writes()) != 0 {
			t.Errorf("%s: %v", weak, err)
		}
	})
	t.Run("locked out, and any token that works is welcome", func(t *testing.T) {
		srv := hostertest.New(t)
		w, first := newLine(t, srv)
		other, secret := mint(srv, "mailer", "account:read")
		older(srv, other)
		w.store.put(secret)
		revoke(t, srv, first)
		done, err := w.rotate()
		checkDone(t, srv, w, done, err)
		if done.New.ID != other {
			t.Errorf("%+v", done)
		}
	})
	// The other one works while this one does the same. Its whole rotation takes
	// place at the moment when this one reaches a point.
	for _, point := range []string{"read", "create", "verified", "saved"} {
		t.Run("rotates at "+point, func(t *testing.T) {
			srv := hostertest.New(t)
			store := &safe{}
			var b *worker
			var other tokencare.Rotation
			var otherErr error
			once := sync.OnceFunc(func() {
				other, otherErr = b.rotate()
			})
			hook := func(_ context.Context, e hoster.Event) {
				if point == "read" && e.Operation == "Tokens.Current" || point == "create" && e.Operation == "Tokens.Create" {
					once()
				}
			}
			first, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker-production", Scopes: usual})
			store.put(secret)
			a := newWorker(t, srv, store, hoster.WithHooks(hoster.Hooks{OnStart: starting(hook)}))
			b = newWorker(t, srv, store)
			store.reads = 0
			store.onRead = func(n int) error {
				if point == "verified" && n == 2 || point == "saved" && n == 3 {
					once()
				}
				return nil
			}
			done, err := a.rotate()
			if otherErr != nil || other.New.ID == "" {
				t.Fatalf("the other one: %+v, %v", other, otherErr)
			}
			store.onRead = nil
			checkDone(t, srv, a, done, err)
			if len(valid(srv)) != 1 {
				t.Errorf("valid: %v", valid(srv))
			}
			if _, ok := valid(srv)[hoster.TokenID(first)]; ok {
				t.Error("the first token was not revoked")
			}
			again, err := b.rotate()
			checkDone(t, srv, b, again, err)
			if len(valid(srv)) != 1 {
				t.Errorf("valid in the end: %v", valid(srv))
			}
		})
	}
	// The other one has started again, and does not know of the first token.
	for i, point := range []string{"switch", "switch", "revoke", "revoke", "switch, twice"} {
		retry := hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1 + i%2}) // the second attempt asks the store itself
		t.Run(fmt.Sprint("rotates on at ", point, i%2), func(t *testing.T) {
			srv := hostertest.New(t)
			store := &safe{}
			var other tokencare.Rotation
			var otherErr error
			currents := 0
			hook := func(_ context.Context, e hoster.Event) {
				if e.Operation == "Tokens.Current" {
					currents++
				}
				if strings.HasPrefix(point, "switch") && e.Operation == "Tokens.Current" && (currents == 3 || point == "switch, twice" && currents == 4) || point == "revoke" && e.Operation == "Tokens.Revoke" && other.New.ID == "" {
					other, otherErr = newWorker(t, srv, store).rotate()
				}
			}
			_, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker-production", Scopes: usual})
			store.put(secret)
			w := newWorker(t, srv, store, hoster.WithHooks(hoster.Hooks{OnStart: starting(hook)}), retry)
			done, err := w.rotate()
			if otherErr != nil || other.New.ID == "" {
				t.Fatalf("the other one: %+v, %v", other, otherErr)
			}
			checkDone(t, srv, w, done, err)
			if !done.Adopted || done.New.ID != other.New.ID || len(valid(srv)) != 1 {
				t.Errorf("%+v, valid: %v", done, valid(srv))
			}
		})
	}
	t.Run("the new token is revoked, and the old one stored again", func(t *testing.T) {
		srv := hostertest.New(t)
		currents := 0
		var old string
		var store *safe
		hook := func(_ context.Context, e hoster.Event) {
			if e.Operation != "Tokens.Current" {
				return
			}
			if currents++; currents == 3 {
				for id := range valid(srv) {
					srv.View(func(s *sandbox.State) { s.Token(string(id)).Revoked = s.Token(string(id)).Name != "worker-production" })
				}
				store.put(old)
			}
		}
		w, first := newLine(t, srv, hoster.WithHooks(hoster.Hooks{OnStart: starting(hook)}))
		store, old = w.store, w.store.secret.Reveal()
		_, err := w.rotate()
		if stopped := new(tokencare.RotationError); !errors.As(err, &stopped) || stopped.Step != tokencare.StepSwitch || valid(srv)[first] == "" {
			t.Errorf("got %v, valid: %v", err, valid(srv))
		}
		w.stored(t)
	})
	// What cannot be revoked is named once.
	t.Run("stores at verified, and nothing can be revoked", func(t *testing.T) {
		srv := hostertest.New(t)
		w, first := newLine(t, srv)
		fresh, secret := mint(srv, "worker-production-2freshfres")
		w.store.reads = 0
		w.store.onRead = func(n int) error {
			if n == 2 {
				w.store.put(secret)
			}
			return nil
		}
		srv.Inject(sandbox.Fault{Operation: "Tokens.Revoke", Status: 500})
		done, err := w.rotate()
		checkDone(t, srv, w, done, err)
		if !done.Adopted || done.New.ID != fresh || done.Old.ID != first || len(done.Leftover) != 1 {
			t.Errorf("%+v", done)
		}
	})
	// Both save: the later one wins, and the earlier one comes to it.
	t.Run("saves at once", func(t *testing.T) {
		srv := hostertest.New(t)
		a, _ := newLine(t, srv)
		b := newWorker(t, srv, a.store)
		var other tokencare.Rotation
		var otherErr error
		a.store.onSave = func(hoster.CreatedToken) error {
			a.store.onSave = nil
			other, otherErr = b.rotate()
			return otherErr
		}
		done, err := a.rotate()
		if otherErr != nil {
			t.Fatal(otherErr)
		}
		if err != nil || len(done.Leftover) != 1 || done.Leftover[0].ID != other.New.ID {
			t.Errorf("%+v, %v", done, err)
		}
		converged, err := b.rotate()
		checkDone(t, srv, b, converged, err)
		if converged.New.ID != done.New.ID || len(valid(srv)) != 1 {
			t.Errorf("%+v, valid: %v", converged, valid(srv))
		}
	})
	// Somebody puts a backup back.
	t.Run("the old token is stored again", func(t *testing.T) {
		srv := hostertest.New(t)
		w, _ := newLine(t, srv)
		old := w.store.secret.Reveal()
		for _, spelling := range []string{old, old + "\n"} {
			w.store.reads = 0
			w.store.onRead = func(n int) error {
				if n == 3 {
					w.store.put(spelling)
				}
				return nil
			}
			_, err := w.rotate()
			checkStopped(t, srv, w, err, tokencare.StepRevoke)
			if !strings.Contains(err.Error(), "old token again") || len(valid(srv)) < 2 {
				t.Errorf("%v, valid: %v", err, valid(srv))
			}
			w.store.onRead = nil
			if err := w.options.Source.Replace(t.Context(), hoster.NewSecret(old)); err != nil {
				t.Fatal(err)
			}
			w.store.put(old)
		}
	})
	t.Run("the store is spoilt during the overlap", func(t *testing.T) {
		srv := hostertest.New(t)
		w, first := newLine(t, srv)
		good := ""
		w.store.reads = 0
		w.store.onRead = func(n int) error {
			if n == 3 {
				good = w.store.secret.Reveal()
				w.store.put("nobodys-token")
			}
			return nil
		}
		_, err := w.rotate()
		if stopped := new(tokencare.RotationError); !errors.As(err, &stopped) || stopped.Step != tokencare.StepRevoke || valid(srv)[first] == "" {
			t.Errorf("got %v", err)
		}
		w.store.put(good)
		w.inUse(t)
	})
}

// TestOverlap keeps both tokens valid for a while, on the fake clock.
func TestOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t)
		store := &safe{}
		store.put(srv.RootToken())
		w := onFakeClock(t, srv, store)
		w.options.Overlap = time.Hour
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := tokencare.Rotate(short, w.client, w.options)
		var stopped *tokencare.RotationError
		if !errors.As(err, &stopped) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 0 || len(stopped.Leftover) != 1 {
			t.Errorf("a wait that cannot end in time, after %s: %v", time.Since(began), err)
		}
		done := make(chan error, 1)
		old, err := w.client.WithToken(store.secret)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, err := w.rotate()
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

// TestNoCallFails: calls go on while two goroutines rotate the token of one
// client ten times each.
func TestNoCallFails(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	w, _ := newLine(t, srv)
	stop := make(chan struct{})
	var workers, rotators sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := w.client.DNS.Get(context.Background(), "example.com", "rec_none"); !errors.Is(err, hoster.ErrNotFound) {
					t.Errorf("a call failed: %v", err)
					return
				}
			}
		})
	}
	for range 2 {
		rotators.Go(func() {
			for range 10 {
				if _, err := w.rotate(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	rotators.Wait()
	close(stop)
	workers.Wait()
	for _, r := range srv.Requests() {
		if r.Status == http.StatusUnauthorized && strings.HasPrefix(string(r.Operation), "DNS") {
			t.Error("a request carried a revoked token")
		}
	}
	done, err := w.rotate()
	checkDone(t, srv, w, done, err)
}

// TestOneAtATime: a second rotation of the source waits for the first one.
func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hostertest.New(t)
		store := &safe{}
		store.put(srv.RootToken())
		w := onFakeClock(t, srv, store)
		store.onSave = func(hoster.CreatedToken) error {
			store.onSave = nil
			time.Sleep(time.Hour)
			return nil
		}
		first := make(chan error)
		go func() { first <- second(w.rotate()) }()
		time.Sleep(time.Minute)
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := tokencare.Rotate(short, w.client, w.options); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it did not wait: %v", err)
		}
		go func() {
			if done, err := w.rotate(); err != nil || done.Adopted {
				t.Errorf("%+v, %v", done, err)
			}
			first <- nil
		}()
		for range 2 {
			if err := <-first; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestWhereThereAreNoTokens(t *testing.T) {
	srv := hostertest.New(t, sandbox.Without(sandbox.TokenEndpoints))
	w, _ := newLine(t, srv)
	_, err := w.rotate()
	_, auditErr := tokencare.Audit(context.Background(), w.client, tokencare.AuditPolicy{})
	for _, err := range []error{err, auditErr} {
		if !errors.Is(err, hoster.ErrNotSupported) || !strings.Contains(err.Error(), "Account Settings > API Access") {
			t.Errorf("got %v", err)
		}
	}
}
