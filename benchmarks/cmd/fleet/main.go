// Command fleet measures many processes that share one account. Each is a process
// of the operating system with one client; all of them send requests to one
// sandbox, which allows 120 in each window of 4 s. It prints a table: how many
// answers were 429, the time over the ideal, calls that failed, and questions to
// Redis for each request.
//
//	go run ./cmd/fleet             3, 10, 30 and 60 processes, each kind of sharing
//	go run ./cmd/fleet -n 60 -kind shared,killed
//	go run ./cmd/fleet -check      fails where a target is missed
//
// The kinds: alone (clients that do not know of each other), shared (through
// integrations/redis), killed (the same, and Redis is killed in the middle and
// started again), fixed (redis_rate with a fixed rate). It needs redis-server.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-hoster/hoster/integrations/redis/redistest"
	"github.com/go-hoster/hoster/sandbox"
)

const (
	limit  = 120
	window = 4 * time.Second
)

func main() {
	if os.Getenv("FLEET_BASE_URL") != "" {
		if err := work(); err != nil {
			fmt.Fprintln(os.Stderr, "fleet: worker:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run() error {
	processes := flag.String("n", "3,10,30,60", "numbers of processes")
	kinds := flag.String("kind", "alone,fixed,shared,killed", "kinds of sharing")
	windows := flag.Int("windows", 6, "windows of time that the requests fill")
	down := flag.Duration("down", window, "how long a killed Redis is away")
	check := flag.Bool("check", false, "fail where shared or killed misses its target")
	flag.Parse()
	fmt.Printf("%d windows of %s with %d requests each\n\n", *windows, window, limit)
	fmt.Println("processes  kind     429      time/ideal  failed  waited without  questions/request")
	missed := 0
	for _, text := range strings.Split(*processes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("-n %s: numbers of processes are needed", text)
		}
		for _, kind := range strings.Split(*kinds, ",") {
			r, err := measure(n, kind, *windows, *down)
			if err != nil {
				return err
			}
			verdict := ""
			if !r.good(kind) {
				verdict = "  target missed"
				missed++
			}
			fmt.Printf("%9d  %-7s  %5.2f %%  %10.3f  %6d  %14d  %17.2f%s\n", n, kind, 100*r.refused(), r.overIdeal, r.failed, r.without, r.questions, verdict)
		}
	}
	if *check && missed > 0 {
		return fmt.Errorf("%d targets missed", missed)
	}
	return nil
}

// result is one row.
type result struct {
	answers, tooMany int64
	overIdeal        float64
	failed           int     // calls
	without          int     // events that tell of a failure of Redis
	questions        float64 // for each request
}

func (r result) refused() float64 { return float64(r.tooMany) / float64(max(r.answers, 1)) }

// good reports whether the targets are met, where there are some.
func (r result) good(kind string) bool {
	switch kind {
	case "shared":
		return r.tooMany == 0 && r.overIdeal <= 1.05 && r.failed == 0 && r.without == 0 && r.questions <= 4
	case "killed":
		return r.refused() <= 0.05 && r.failed == 0 && r.without > 0
	}
	return true
}

// report is what a worker prints at its end.
type report struct {
	Failed, Without int
	First           string // failure
}

// measure lets n processes use up the windows.
func measure(n int, kind string, windows int, down time.Duration) (r result, err error) {
	srv := sandbox.New(sandbox.WithRateLimit(limit, window))
	var answers, tooMany atomic.Int64
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, err
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		srv.ServeHTTP(seen, req)
		answers.Add(1)
		if seen.status == http.StatusTooManyRequests {
			tooMany.Add(1)
		}
	})}
	go func() { _ = web.Serve(listener) }()
	defer web.Close()
	engine, err := redistest.Start()
	if err != nil {
		return r, err
	}
	defer func() { engine.Kill() }()

	total := windows * limit
	workers := make([]*worker, n)
	for i := range workers {
		share := total*(i+1)/n - total*i/n
		workers[i], err = startWorker("FLEET_BASE_URL=http://"+listener.Addr().String()+"/v1", "FLEET_TOKEN="+srv.RootToken(),
			"FLEET_KIND="+kind, "FLEET_REDIS="+engine.Address, fmt.Sprint("FLEET_CALLS=", share))
		if err != nil {
			return r, err
		}
		defer workers[i].kill()
	}
	for _, w := range workers {
		if _, err := w.read(); err != nil { // it is ready
			return r, err
		}
	}
	began := time.Now()
	for _, w := range workers {
		if err := w.input.Close(); err != nil { // the signal to begin
			return r, err
		}
	}
	restarted := make(chan error, 1)
	if kind == "killed" {
		time.AfterFunc(time.Duration(windows)*window*2/5, func() {
			engine.Kill()
			time.Sleep(down)
			restarted <- engine.StartAgain()
		})
	} else {
		restarted <- nil
	}
	for _, w := range workers {
		line, err := w.read()
		if err != nil {
			return r, err
		}
		var said report
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			return r, err
		}
		if said.Failed > 0 {
			fmt.Fprintln(os.Stderr, "fleet: failed:", said.First)
		}
		r.failed += said.Failed
		r.without += said.Without
	}
	took := time.Since(began)
	if err := <-restarted; err != nil {
		return r, err
	}
	client := engine.Client()
	defer client.Close()
	stats, err := client.InfoMap(context.Background(), "commandstats").Result()
	if err != nil {
		return r, err
	}
	r.answers, r.tooMany = answers.Load(), tooMany.Load()
	r.overIdeal = took.Seconds() / (time.Duration(windows-1) * window).Seconds()
	for _, name := range []string{"cmdstat_evalsha", "cmdstat_eval"} {
		var calls int64
		_, _ = fmt.Sscanf(stats["Commandstats"][name], "calls=%d,", &calls)
		r.questions += float64(calls) / float64(r.answers)
	}
	return r, nil
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// worker is a process that this one started.
type worker struct {
	process *exec.Cmd
	input   io.Closer
	output  *bufio.Reader
}

func startWorker(env ...string) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w := &worker{process: exec.Command(self)}
	w.process.Env = append(os.Environ(), env...)
	w.process.Stderr = os.Stderr
	if w.input, err = w.process.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := w.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.output = bufio.NewReader(output)
	return w, w.process.Start()
}

func (w *worker) read() (string, error) {
	line, err := w.output.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = errors.New("a worker ended before its time")
	}
	return line, err
}

func (w *worker) kill() {
	_ = w.process.Process.Kill()
	_ = w.process.Wait()
}
