package benchmarks

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/go-hoster/hoster/benchmarks/contest"
	"github.com/go-hoster/hoster/benchmarks/peers"
	"github.com/go-hoster/hoster/benchmarks/server"
)

var running *server.Process

func TestMain(m *testing.M) {
	var err error
	if running, err = server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if contest.EngineV2 {
		fmt.Println("json: v2") // a line of the benchmark format's configuration
	}
	code := m.Run()
	running.Close()
	os.Exit(code)
}

// contenders are those who take part in a work.
func contenders(w contest.Work) []contest.Contender {
	all := contest.Own()
	if w.ByAll() {
		all = slices.Concat(all, peers.All())
	}
	if w.Place == contest.Slow {
		all = append(all, contest.Ahead()...)
	}
	return all
}

// Benchmark runs every contender at every work, in turn.
func Benchmark(b *testing.B) {
	for _, w := range contest.Works() {
		for _, c := range contenders(w) {
			b.Run(w.String()+"/"+c.Name, func(b *testing.B) {
				client, origin, err := running.Client(w.Place)
				if err != nil {
					b.Fatal(err)
				}
				defer client.CloseIdleConnections()
				contest.Measure(b, w, c, origin, client)
			})
		}
	}
}

// TestContenders lets every contender do every work once: what the benchmarks
// compare is done by all of them.
func TestContenders(t *testing.T) {
	for _, w := range contest.Works() {
		for _, c := range contenders(w) {
			t.Run(w.String()+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				client, origin, err := running.Client(w.Place)
				if err != nil {
					t.Fatal(err)
				}
				defer client.CloseIdleConnections()
				sdk, err := c.New(origin, client)
				if err != nil {
					t.Fatal(err)
				}
				if err := w.Do(context.Background(), c, sdk); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
