package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestMain is the program as a process of its own too, which kills itself before
// the step with the number PURCHASE_DIES.
func TestMain(m *testing.M) {
	if os.Getenv("API_BASE_URL") == "" {
		os.Exit(m.Run())
	}
	dies, steps := 0, 0
	_, _ = fmt.Sscan(os.Getenv("PURCHASE_DIES"), &dies)
	step := func() {
		if steps++; steps == dies {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {} // nothing more happens
		}
	}
	client, err := hoster.NewClientFromEnv(hoster.WithHooks(hoster.Hooks{
		OnStart: func(context.Context, hoster.Event) context.Context { step(); return nil },
		OnDone:  func(context.Context, hoster.Event) { step() },
	}))
	if err == nil {
		s := &shop{client: client, out: os.Stdout, look: 20 * time.Millisecond, hooks: []rivertype.Hook{
			river.HookInsertBeginFunc(func(context.Context, *rivertype.JobInsertParams) error { step(); return nil }),
			river.HookWorkBeginFunc(func(context.Context, *rivertype.JobRow) error { step(); return nil }),
			river.HookWorkEndFunc(func(_ context.Context, _ *rivertype.JobRow, err error) error { step(); return err }),
		}}
		err = s.buy(context.Background(), os.Getenv("PURCHASE_FILE"), os.Getenv("PURCHASE_DOMAIN"), 1)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

const domain = "fresh-name.com"

// place is a provider where days pass, and where an invoice is paid after two.
type place struct {
	srv  *hostertest.Server
	file string
}

func newPlace(t *testing.T, pays bool, options ...sandbox.Option) *place {
	t.Helper()
	var now atomic.Int64
	now.Store(time.Now().UnixNano())
	p := &place{file: filepath.Join(t.TempDir(), "purchases.db")}
	p.srv = hostertest.New(t, append(options, sandbox.WithRateLimit(0, 0), sandbox.WithClock(func() time.Time { return time.Unix(0, now.Load()) }))...)
	p.srv.URL()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for days := 0; ; {
			select {
			case <-stop:
				return
			case <-time.After(30 * time.Millisecond):
			}
			invoice := ""
			p.srv.View(func(s *sandbox.State) {
				for _, order := range s.Orders {
					if string(order.Status) == "pending" && mine(order) {
						invoice = order.InvoiceIDs[0]
					}
				}
			})
			if invoice == "" {
				continue
			}
			now.Add(int64(24 * time.Hour))
			if days++; pays && days == 2 {
				if err := p.srv.PayInvoice(invoice); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-stopped })
	return p
}

func mine(order *sandbox.Order) bool {
	return len(order.Items) == 1 && order.Items[0].Domain != nil && *order.Items[0].Domain == domain
}

// run is the program. dies is the step before which it kills itself; 0 none.
func (p *place) run(dies int) (said string, killed bool) {
	var out bytes.Buffer
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), "API_BASE_URL="+p.srv.URL(), "API_TOKEN="+p.srv.RootToken(),
		"PURCHASE_FILE="+p.file, "PURCHASE_DOMAIN="+domain, fmt.Sprint("PURCHASE_DIES=", dies))
	process.Stdout = &out
	err := process.Run()
	return out.String(), err != nil && process.ProcessState.ExitCode() == -1
}

// orders counts the orders of the domain.
func (p *place) orders() (n int) {
	p.srv.View(func(s *sandbox.State) {
		for _, order := range s.Orders {
			if mine(order) {
				n++
			}
		}
	})
	return n
}

// TestKilled kills the program before each of its steps, and starts it again: there is
// one order in the end, and it is active. With idempotency keys and without.
func TestKilled(t *testing.T) {
	for name, options := range map[string][]sandbox.Option{"with keys": nil, "without keys": {sandbox.Without(sandbox.Idempotency)}} {
		t.Run(name, func(t *testing.T) {
			steps := 0
			for dies := 1; ; dies++ {
				p := newPlace(t, true, options...)
				if _, killed := p.run(dies); !killed {
					break // it has no more steps
				}
				steps++
				for again := 1; again <= 3; again++ { // and again, a little later each time
					p.run(again * 2)
				}
				said, _ := p.run(0)
				if !strings.Contains(said, "is active") || p.orders() != 1 {
					t.Errorf("killed before step %d: %d orders, %s", dies, p.orders(), said)
				}
			}
			if steps < 10 {
				t.Errorf("it has %d steps", steps)
			}
			t.Logf("%d steps", steps)
		})
	}
}

// TestNotPaid: an order that lapses ends the purchase, and there is no other.
func TestNotPaid(t *testing.T) {
	p := newPlace(t, false)
	for range 2 {
		if said, _ := p.run(0); !strings.Contains(said, "is cancelled") || p.orders() != 1 {
			t.Errorf("%d orders, %s", p.orders(), said)
		}
	}
}

// TestRefused: what the provider will never sell ends the purchase.
func TestRefused(t *testing.T) {
	p := newPlace(t, true)
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), "API_BASE_URL="+p.srv.URL(), "API_TOKEN="+p.srv.RootToken(), "PURCHASE_FILE="+p.file, "PURCHASE_DOMAIN=not a name")
	if out, err := process.Output(); err == nil || !strings.Contains(string(out), "failed") {
		t.Errorf("%v: %s", err, out)
	}
}
