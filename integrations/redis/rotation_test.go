package hosterredis_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	hosterredis "github.com/go-hoster/hoster/integrations/redis"
	"github.com/go-hoster/hoster/integrations/redis/redistest"
	"github.com/go-hoster/hoster/sandbox"
	"github.com/go-hoster/hoster/tokencare"
)

// points are the moments of a rotation at which something is killed.
var points = []string{
	"before lock", "after lock",
	"before Tokens.Current 1", "before Tokens.Create 1", "after Tokens.Create 1", "before Tokens.Current 2",
	"before save", "after save", "before Tokens.Current 3", "before Tokens.List 1",
	"before Tokens.Revoke 1", "after Tokens.Revoke 1", "before unlock", "after unlock",
}

// TestRotation: five processes share a token, which is kept in three ways. Three of
// them work while one rotates under the lock, until it and a worker are killed, or
// Redis is; then another rotates. No call of a worker fails, the store's token works,
// and every other valid token is named.
func TestRotation(t *testing.T) {
	for _, kept := range []string{"file", "projected", "store"} {
		for _, point := range points {
			t.Run(kept+", killed "+point, func(t *testing.T) {
				t.Parallel()
				rotation(t, kept, point, false)
			})
		}
	}
	for _, point := range points {
		t.Run("without Redis "+point, func(t *testing.T) {
			t.Parallel()
			rotation(t, "file", point, true)
		})
	}
}

func rotation(t *testing.T, kept, point string, noRedis bool) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "worker", Scopes: []string{"account:read", "account:write"}})
	place, read := keep(t, kept, secret)
	engine := server
	if noRedis {
		var err error
		if engine, err = redistest.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { engine.Kill() })
	}
	env := []string{"FLEET_URL=" + srv.URL(), "FLEET_REDIS=" + engine.Address, "FLEET_PREFIX=" + t.Name(), "FLEET_PLACE=" + place, "FLEET_READ=" + read}
	var workers []*process
	for range 3 {
		w := start(t, append(env, "FLEET_ROLE=work")...)
		w.expect(t, "working")
		workers = append(workers, w)
	}
	first := start(t, append(env, "FLEET_ROLE=rotate", "FLEET_POINT="+point)...)
	first.expect(t, "at "+point)
	if noRedis {
		engine.Kill()
		first.goOn(t)
		if said := first.rest(); strings.Contains(said, "rotated") == strings.Contains(said, "step lock") {
			t.Errorf("the rotation without Redis: %s", said)
		}
		if err := engine.StartAgain(); err != nil {
			t.Fatal(err)
		}
	} else {
		first.kill()
		workers[0].kill()
		workers[0] = start(t, append(env, "FLEET_ROLE=work")...) // as Kubernetes does
		workers[0].expect(t, "working")
	}
	second := start(t, append(env, "FLEET_ROLE=rotate")...)
	if said := second.rest(); !strings.Contains(said, "rotated") {
		t.Errorf("the rotation afterwards: %s", said)
	}
	for i, w := range workers {
		w.goOn(t)
		if said := w.rest(); said != "ended" {
			t.Errorf("worker %d: %s", i, said)
		}
	}
	checkAfterwards(t, srv, place)
}

// checkAfterwards rotates once more: that works, and names every other valid token.
func checkAfterwards(t *testing.T, srv *hostertest.Server, place string) {
	t.Helper()
	store := openStore(place)
	source, err := hoster.NewRotatingToken(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	done, err := tokencare.Rotate(t.Context(), client, tokencare.RotateOptions{Source: source, Store: store})
	if err != nil {
		t.Fatalf("locked out: %v", err)
	}
	srv.View(func(s *sandbox.State) {
		for _, token := range s.Tokens {
			named := token.ID == string(done.New.ID) || slices.ContainsFunc(done.Leftover, func(l hoster.Token) bool { return string(l.ID) == token.ID })
			if token.Status(time.Now()) == "active" && strings.HasPrefix(token.Name, "worker") && !named {
				t.Errorf("token %s (%s) is valid, and nobody names it", token.ID, token.Name)
			}
		}
	})
}

// keep puts the first token where the processes find it. place is where it is
// stored, and read from where workers have it.
func keep(t *testing.T, kept, secret string) (place, read string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	if kept == "store" {
		web := httptest.NewServer(&secrets{value: secret})
		t.Cleanup(web.Close)
		return web.URL, web.URL
	}
	if err := hoster.WriteTokenFile(file, hoster.NewSecret(secret)); err != nil {
		t.Fatal(err)
	}
	if kept == "projected" {
		return file, project(t, file)
	}
	return file, file
}

// project copies the file some time after it was changed, as Kubernetes updates a
// secret in a volume: into a new directory, to which a link is renamed.
func project(t *testing.T, file string) string {
	t.Helper()
	volume := t.TempDir()
	last, n := "", 0
	update := func() {
		value, err := os.ReadFile(file)
		if err != nil || string(value) == last {
			return
		}
		last = string(value)
		n++
		fresh := fmt.Sprint("..", n)
		for _, err := range []error{
			os.Mkdir(filepath.Join(volume, fresh), 0o700),
			os.WriteFile(filepath.Join(volume, fresh, "token"), value, 0o600),
			os.Symlink(fresh, filepath.Join(volume, "..data_tmp")),
			os.Rename(filepath.Join(volume, "..data_tmp"), filepath.Join(volume, "..data")),
		} {
			if err != nil {
				t.Error(err)
			}
		}
	}
	update()
	if err := os.Symlink(filepath.Join("..data", "token"), filepath.Join(volume, "token")); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-time.After(100 * time.Millisecond):
				update()
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-stopped })
	return filepath.Join(volume, "token")
}

// secrets is a secrets manager that holds one.
type secrets struct {
	mu    sync.Mutex
	value string
}

func (s *secrets) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.Method == http.MethodPut {
		if value, err := io.ReadAll(req.Body); err == nil {
			s.value = string(value)
		}
	}
	_, _ = io.WriteString(w, s.value)
}

// webStore is a tokencare.Store in such a manager.
type webStore string

func (s webStore) Token(context.Context) (hoster.Secret, error) { return s.do(http.MethodGet, "") }

func (s webStore) Save(_ context.Context, token hoster.CreatedToken) error {
	_, err := s.do(http.MethodPut, token.Secret.Reveal())
	return err
}

func (s webStore) do(method, body string) (hoster.Secret, error) {
	req, err := http.NewRequest(method, string(s), strings.NewReader(body))
	if err != nil {
		return hoster.Secret{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return hoster.Secret{}, err
	}
	defer resp.Body.Close()
	value, err := io.ReadAll(resp.Body)
	return hoster.NewSecret(string(value)), err
}

func openStore(place string) tokencare.Store {
	if strings.HasPrefix(place, "http:") {
		return webStore(place)
	}
	return tokencare.FileStore(place)
}

// role is what a process of its own does.
func role() error {
	place, read := os.Getenv("FLEET_PLACE"), os.Getenv("FLEET_READ")
	input := bufio.NewReader(os.Stdin)
	if os.Getenv("FLEET_ROLE") == "work" {
		source := hoster.TokenFromFile(read) // a projected secret is read for each attempt
		if read == place {
			var err error
			if source, err = hoster.NewRotatingToken(context.Background(), openStore(place)); err != nil {
				return err
			}
		}
		return workOn(source, input)
	}
	at := func(point string) {
		if point == os.Getenv("FLEET_POINT") {
			fmt.Println("at", point)
			_, _ = input.ReadString('\n')
		}
	}
	redis.SetLogger(silent{})
	engine := redis.NewClient(&redis.Options{Addr: os.Getenv("FLEET_REDIS"), ContextTimeoutEnabled: true})
	lock, err := hosterredis.NewLock(engine, os.Getenv("FLEET_PREFIX"), time.Second)
	if err != nil {
		return err
	}
	store := &pointStore{openStore(place), at}
	source, err := hoster.NewRotatingToken(context.Background(), store)
	if err != nil {
		return err
	}
	calls := map[hoster.Operation]int{}
	client, err := hoster.NewClient(hoster.WithBaseURL(os.Getenv("FLEET_URL")), hoster.WithTokenSource(source), hoster.WithHooks(hoster.Hooks{
		OnStart: func(_ context.Context, e hoster.Event) context.Context {
			calls[e.Operation]++
			at(fmt.Sprintf("before %s %d", e.Operation, calls[e.Operation]))
			return nil
		},
		OnDone: func(_ context.Context, e hoster.Event) {
			at(fmt.Sprintf("after %s %d", e.Operation, calls[e.Operation]))
		},
	}))
	if err != nil {
		return err
	}
	options := tokencare.RotateOptions{Source: source, Store: store, Lock: pointLock{lock, at}}
	if read != place {
		options.Overlap = 2 * time.Second // until every process has it
	}
	if _, err := tokencare.Rotate(context.Background(), client, options); err != nil {
		return err
	}
	fmt.Println("rotated")
	return nil
}

// workOn makes calls until a line is read.
func workOn(source hoster.TokenSource, input *bufio.Reader) error {
	client, err := hoster.NewClient(hoster.WithBaseURL(os.Getenv("FLEET_URL")), hoster.WithTokenSource(source))
	if err != nil {
		return err
	}
	end := make(chan struct{})
	go func() {
		_, _ = input.ReadString('\n')
		close(end)
	}()
	for n := 0; ; n++ {
		if _, err := client.Account.Profile(context.Background()); err != nil {
			return fmt.Errorf("call %d: %w", n, err)
		}
		if n == 0 {
			fmt.Println("working")
		}
		select {
		case <-end: // with a call after it
			if _, err := client.Account.Profile(context.Background()); err != nil {
				return err
			}
			fmt.Println("ended")
			return nil
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// silent keeps go-redis from logging that its server is away.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

type pointLock struct {
	tokencare.Locker
	at func(point string)
}

func (l pointLock) Lock(ctx context.Context, name string) error {
	l.at("before lock")
	err := l.Locker.Lock(ctx, name)
	l.at("after lock")
	return err
}

func (l pointLock) Unlock(ctx context.Context, name string) error {
	l.at("before unlock")
	err := l.Locker.Unlock(ctx, name)
	l.at("after unlock")
	return err
}

type pointStore struct {
	tokencare.Store
	at func(point string)
}

func (s *pointStore) Save(ctx context.Context, token hoster.CreatedToken) error {
	s.at("before save")
	err := s.Store.Save(ctx, token)
	s.at("after save")
	return err
}

// process is one that the test started.
type process struct {
	command *exec.Cmd
	input   io.Writer
	output  *bufio.Reader
}

func start(t *testing.T, env ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(os.Args[0])}
	p.command.Env = append(os.Environ(), env...)
	p.command.Stderr = os.Stderr
	input, err := p.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.input, p.output = input, bufio.NewReader(output)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// expect reads one line.
func (p *process) expect(t *testing.T, want string) {
	t.Helper()
	if line, err := p.output.ReadString('\n'); err != nil || line != want+"\n" {
		t.Fatalf("%q, not %q: %v", line, want, err)
	}
}

func (p *process) goOn(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.input, "\n"); err != nil {
		t.Errorf("it has ended: %v", err)
	}
}

// rest is what it says until it ends.
func (p *process) rest() string {
	said, _ := io.ReadAll(p.output)
	return strings.TrimSpace(string(said))
}

func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}
