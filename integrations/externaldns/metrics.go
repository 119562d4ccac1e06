package externaldnshoster

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-hoster/hoster"
)

// Metrics counts the requests of external-dns and the calls of the API, for
// Prometheus. The zero value is ready, and safe for concurrent use.
type Metrics struct {
	mu     sync.Mutex
	counts map[*metric]map[string]int // by labels
}

type metric struct{ name, help string }

var (
	requests = &metric{"externaldns_hoster_requests_total", "Requests of external-dns by path and status."}
	calls    = &metric{"externaldns_hoster_api_calls_total", "Calls of the hosting API by operation and status; 0 is no answer."}
	retries  = &metric{"externaldns_hoster_api_retries_total", "Attempts at the hosting API that were repeated, by operation."}
)

// Hooks counts the calls of a client. Use it with [hoster.WithHooks].
func (m *Metrics) Hooks() hoster.Hooks {
	return hoster.Hooks{
		OnDone: func(_ context.Context, e hoster.Event) {
			m.count(calls, "operation", string(e.Operation), "status", strconv.Itoa(e.Status))
		},
		OnRetry: func(_ context.Context, e hoster.Event) { m.count(retries, "operation", string(e.Operation)) },
	}
}

// Count counts the requests that next answers. Paths that the protocol does not
// have count as "other".
func (m *Metrics) Count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if !slices.Contains([]string{"/", "/records", "/adjustendpoints"}, path) {
			path = "other"
		}
		answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { m.count(requests, "path", path, "status", strconv.Itoa(answer.status)) }()
		next.ServeHTTP(answer, r)
	})
}

// ServeHTTP writes the metrics in the text format of Prometheus.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m.write(w)
}

func (m *Metrics) write(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, of := range []*metric{requests, calls, retries} {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s counter\n", of.name, of.help, of.name)
		for _, labels := range slices.Sorted(maps.Keys(m.counts[of])) {
			fmt.Fprintf(w, "%s{%s} %d\n", of.name, labels, m.counts[of][labels])
		}
	}
}

// count adds one. Labels are names and values in turn.
func (m *Metrics) count(of *metric, labels ...string) {
	var pairs []string
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, fmt.Sprintf("%s=%q", labels[i], labels[i+1]))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts == nil {
		m.counts = map[*metric]map[string]int{requests: {}, calls: {}, retries: {}}
	}
	m.counts[of][strings.Join(pairs, ",")]++
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
