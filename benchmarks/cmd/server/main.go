// Command server answers every contender from loopback addresses, one for each
// place where a benchmark is run. Its first line of output tells them, as JSON.
// It ends when its standard input does, so that it never outlives a benchmark.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/go-hoster/hoster/benchmarks/contest"
	"github.com/go-hoster/hoster/benchmarks/server"
	"github.com/go-hoster/hoster/benchmarks/wire"
)

// delay is how long an answer of the slow place takes.
const delay = 30 * time.Millisecond

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run() error {
	certificate, pem, err := newCertificate()
	if err != nil {
		return err
	}
	var bodies wire.Bodies
	plain := answers(&bodies)
	addresses := server.Addresses{Origins: map[contest.Place]string{}, Certificate: pem}
	for place, handler := range map[contest.Place]http.Handler{
		contest.Loopback: plain,
		contest.Gzip:     compressed(&bodies),
		contest.TLS1:     plain,
		contest.TLS2:     plain,
		contest.Slow:     http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { time.Sleep(delay); plain.ServeHTTP(w, r) }),
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, Protocols: new(http.Protocols)}
		web.Protocols.SetHTTP1(place != contest.TLS2)
		web.Protocols.SetHTTP2(place == contest.TLS2)
		scheme := "http://"
		if place == contest.TLS1 || place == contest.TLS2 {
			scheme = "https://"
			web.TLSConfig = certificate
			go serve(func() error { return web.ServeTLS(listener, "", "") })
		} else {
			go serve(func() error { return web.Serve(listener) })
		}
		addresses.Origins[place] = scheme + listener.Addr().String()
	}
	if err := addSandbox(&addresses); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(addresses); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// serve ends the process when a listener fails: no benchmark may wait for it.
func serve(run func() error) {
	fmt.Fprintln(os.Stderr, "server:", run())
	os.Exit(1)
}

func answers(bodies *wire.Bodies) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies.Answer(r.URL.Path, r.URL.RawQuery)
		if !ok {
			http.NotFound(w, r)
			return
		}
		write(w, body)
	})
}

// compressed answers with gzip, whatever the client says it takes: all of them
// leave that to net/http. Each body is compressed once.
func compressed(bodies *wire.Bodies) http.Handler {
	var kept sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies.Answer(r.URL.Path, r.URL.RawQuery)
		if !ok {
			http.NotFound(w, r)
			return
		}
		key := r.URL.Path + "?" + r.URL.RawQuery
		small, known := kept.Load(key)
		if !known {
			var buf bytes.Buffer
			zip := gzip.NewWriter(&buf)
			_, _ = zip.Write(body) // a buffer takes everything
			_ = zip.Close()
			small, _ = kept.LoadOrStore(key, buf.Bytes())
		}
		w.Header().Set("Content-Encoding", "gzip")
		write(w, small.([]byte))
	})
}

func write(w http.ResponseWriter, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Request-Id", "req_0123456789abcdef")
	h.Set("Content-Length", fmt.Sprint(len(body)))
	_, _ = w.Write(body) // a client that has gone away is its own affair
}
