package tokencare_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
	"github.com/go-hoster/hoster/tokencare"
)

// TestMain is a worker of its own process too, which rotates the token in a
// file, a number of times or until it is killed. What fails it prints.
func TestMain(m *testing.M) {
	if base := os.Getenv("WORKER_BASE_URL"); base != "" {
		times := 0
		_, _ = fmt.Sscan(os.Getenv("WORKER_TIMES"), &times)
		if err := work(base, os.Getenv("WORKER_FILE"), os.Getenv("WORKER_DIES"), times); err != nil {
			fmt.Println(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// work kills its own process at the point dies, such as "before Tokens.Create 1".
func work(base, file, dies string, times int) error {
	at := func(point string) {
		if point == dies {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {} // nothing more happens
		}
	}
	store := &deadlyStore{FileStore: tokencare.FileStore(file), at: at}
	if dies == "before rename" {
		store.half = file
	}
	source, err := hoster.NewRotatingToken(context.Background(), store)
	if err != nil {
		return err
	}
	calls := map[hoster.Operation]int{}
	client, err := hoster.NewClient(hoster.WithBaseURL(base), hoster.WithTokenSource(source), hoster.WithHooks(hoster.Hooks{
		OnStart: starting(func(_ context.Context, e hoster.Event) {
			calls[e.Operation]++
			at(fmt.Sprintf("before %s %d", e.Operation, calls[e.Operation]))
		}),
		OnDone: func(_ context.Context, e hoster.Event) {
			at(fmt.Sprintf("after %s %d", e.Operation, calls[e.Operation]))
		},
	}))
	if err != nil {
		return err
	}
	for n := 0; times == 0 || n < times; n++ {
		if _, err := tokencare.Rotate(context.Background(), client, tokencare.RotateOptions{Source: source, Store: store}); err != nil {
			return err
		}
	}
	return nil
}

type deadlyStore struct {
	tokencare.FileStore
	at   func(point string)
	half string // the file whose replacement is written, and not renamed
}

func (s *deadlyStore) Save(ctx context.Context, token hoster.CreatedToken) error {
	s.at("before save")
	if s.half != "" {
		name := filepath.Join(filepath.Dir(s.half), "."+filepath.Base(s.half)+".0.tmp")
		if err := os.WriteFile(name, []byte(token.Secret.Reveal()), 0o600); err != nil {
			return err
		}
		s.at("before rename")
	}
	err := s.FileStore.Save(ctx, token)
	s.at("after save")
	return err
}

// start runs a worker process.
func start(t *testing.T, srv *hostertest.Server, file, dies string, times int) (process *exec.Cmd, output *bytes.Buffer) {
	t.Helper()
	process = exec.Command(os.Args[0])
	process.Env = append(os.Environ(), "WORKER_BASE_URL="+srv.URL(), "WORKER_FILE="+file, "WORKER_DIES="+dies, fmt.Sprint("WORKER_TIMES=", times))
	output = &bytes.Buffer{}
	process.Stdout, process.Stderr = output, output
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return process, output
}

// newFile is a server and a file with the first token of a line.
func newFile(t *testing.T) (*hostertest.Server, string) {
	t.Helper()
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker", Scopes: usual})
	file := filepath.Join(t.TempDir(), "token")
	if err := hoster.WriteTokenFile(file, hoster.NewSecret(secret)); err != nil {
		t.Fatal(err)
	}
	return srv, file
}

// checkAfterwards starts from the file, as the next process does, and rotates
// once: that works, and names every valid token of the line but its own.
func checkAfterwards(t *testing.T, srv *hostertest.Server, file string) tokencare.Rotation {
	t.Helper()
	store := tokencare.FileStore(file)
	held, err := store.Token(context.Background())
	if err != nil {
		t.Fatalf("the store: %v", err)
	}
	if _, err := newClient(t, srv, held.Reveal()).Tokens.Current(context.Background()); err != nil {
		t.Fatalf("locked out: the store's token does not work: %v", err)
	}
	source, err := hoster.NewRotatingToken(context.Background(), store)
	if err != nil {
		t.Fatal(err)
	}
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	done, err := tokencare.Rotate(context.Background(), client, tokencare.RotateOptions{Source: source, Store: store})
	if err != nil {
		t.Fatalf("the next rotation: %v", err)
	}
	held, err = store.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	own, err := newClient(t, srv, held.Reveal()).Tokens.Current(context.Background())
	if err != nil || own.ID != done.New.ID {
		t.Fatalf("afterwards the store holds %s, not %s: %v", own.ID, done.New.ID, err)
	}
	checkNamed(t, srv, done.Leftover, done.New.ID)
	return done
}

// TestKilled kills a process at each step of a rotation.
func TestKilled(t *testing.T) {
	left := map[string]int{ // how many tokens the next run finds left over
		"before Tokens.Current 1": 0, "after Tokens.Current 1": 0,
		"before Tokens.Create 1": 0, "after Tokens.Create 1": 1,
		"before Tokens.Current 2": 1, "after Tokens.Current 2": 1, // verify
		"before save": 1, "before rename": 1, "after save": 1,
		"before Tokens.Current 3": 1, "after Tokens.Current 3": 1, // switch
		"before Tokens.List 1": 1, "after Tokens.List 1": 1,
		"before Tokens.Revoke 1": 1, "after Tokens.Revoke 1": 0,
	}
	for point, want := range left {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			srv, file := newFile(t)
			process, output := start(t, srv, file, point, 1)
			if err := process.Wait(); err == nil {
				t.Fatalf("it lived: %s", output)
			}
			done := checkAfterwards(t, srv, file)
			if len(done.Leftover) != want {
				t.Errorf("left over: %+v", done.Leftover)
			}
			if text := output.String(); text != "" {
				t.Error(text)
			}
		})
	}
}

// TestTwoProcesses rotate with one file at once: neither fails.
func TestTwoProcesses(t *testing.T) {
	for range 2 {
		srv, file := newFile(t)
		var outputs []*bytes.Buffer
		var processes []*exec.Cmd
		for range 2 {
			process, output := start(t, srv, file, "", 10)
			processes, outputs = append(processes, process), append(outputs, output)
		}
		for i, process := range processes {
			if err := process.Wait(); err != nil || outputs[i].Len() > 0 {
				t.Errorf("%v: %s", err, outputs[i])
			}
		}
		checkAfterwards(t, srv, file)
	}
}

// TestTwoProcessesKilled at any moment, again and again.
func TestTwoProcessesKilled(t *testing.T) {
	srv, file := newFile(t)
	began := 0
	for range 12 {
		before := len(srv.Writes())
		var processes []*exec.Cmd
		var outputs []*bytes.Buffer
		for range 2 {
			process, output := start(t, srv, file, "", 0)
			processes, outputs = append(processes, process), append(outputs, output)
		}
		until := before + 1 + rand.IntN(12)
		for len(srv.Writes()) < until { // a count, and not a clock: they are at work
			time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
		}
		for i, process := range processes {
			_ = process.Process.Kill()
			_ = process.Wait()
			if outputs[i].Len() > 0 {
				t.Error(outputs[i])
			}
		}
		began += len(srv.Writes()) - before
		checkAfterwards(t, srv, file)
	}
	t.Logf("%d writes; valid in the end: %d", began, len(valid(srv)))
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != "token" && !strings.HasSuffix(entry.Name(), ".tmp") {
			t.Errorf("left behind: %s", entry.Name())
		}
	}
}

// starting makes a hook for the start of one that returns nothing.
func starting(hook func(context.Context, hoster.Event)) func(context.Context, hoster.Event) context.Context {
	return func(ctx context.Context, e hoster.Event) context.Context {
		hook(ctx, e)
		return ctx
	}
}
