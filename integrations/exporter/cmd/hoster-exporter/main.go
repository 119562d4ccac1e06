// Hoster-exporter serves the metrics of an account to Prometheus.
//
//	hoster-exporter [-listen :9798] [-every 15m]
//
// The account is that of the environment: API_BRAND or API_BASE_URL, and API_TOKEN
// or API_TOKEN_FILE. A token with domains:read, hosting:read and account:read sees
// everything. The address answers /metrics and /healthz.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/integrations/exporter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "hoster-exporter:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("hoster-exporter", flag.ContinueOnError)
	flags.SetOutput(out)
	listen := flags.String("listen", ":9798", "`address` to serve at")
	every := flags.Duration("every", 15*time.Minute, "how often the account is read, at least 1m")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *every < time.Minute {
		return errors.New("-every must be at least 1m: one reading takes several requests of the account's budget")
	}
	client, err := hoster.NewClientFromEnv(hoster.WithUserAgent("hoster-exporter"))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(out, nil))
	metrics := &exporter.Exporter{Client: client}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	log.Info("listening", "address", listener.Addr().String())
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer server.Close()
	ticker := time.NewTicker(*every)
	defer ticker.Stop()
	for {
		if err := metrics.Refresh(ctx); err != nil && ctx.Err() == nil {
			log.Warn("a part of the account could not be read", "reason", err.Error())
		} else if err == nil {
			log.Info("read")
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			return err
		case <-ticker.C:
		}
	}
}
