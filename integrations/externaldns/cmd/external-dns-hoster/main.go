// External-dns-hoster is a webhook provider of external-dns. It runs beside
// external-dns, in the same pod:
//
//	external-dns --provider=webhook --webhook-provider-url=http://localhost:8888 …
//	external-dns-hoster [-domain example.com]… [-listen localhost:8888] [-metrics :8080]
//
// The account is that of the environment: API_BRAND or API_BASE_URL, and API_TOKEN
// or API_TOKEN_FILE. The second address answers /healthz and /metrics.
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
	"strings"
	"syscall"
	"time"

	"github.com/go-hoster/hoster"
	externaldnshoster "github.com/go-hoster/hoster/integrations/externaldns"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "external-dns-hoster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log io.Writer) error {
	flags := flag.NewFlagSet("external-dns-hoster", flag.ContinueOnError)
	flags.SetOutput(log)
	listen := flags.String("listen", "localhost:8888", "`address` for external-dns")
	exposed := flags.String("metrics", ":8080", "`address` for /healthz and /metrics")
	var domains []string
	flags.Func("domain", "`domain` to serve, may be repeated; without one every domain of the account", func(domain string) error {
		domains = append(domains, strings.ToLower(strings.TrimSuffix(domain, ".")))
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	metrics := &externaldnshoster.Metrics{}
	client, err := hoster.NewClientFromEnv(hoster.WithUserAgent("external-dns-hoster"), hoster.WithHooks(metrics.Hooks()))
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(log, nil))
	provider := &externaldnshoster.Provider{Client: client, Domains: domains, Log: logger}
	public := http.NewServeMux()
	public.Handle("GET /metrics", metrics)
	public.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	return serve(ctx, logger, []service{{*listen, metrics.Count(provider.Handler())}, {*exposed, public}})
}

type service struct {
	address string
	handler http.Handler
}

// serve serves each at its address until the context ends, and then
// finishes what is under way.
func serve(ctx context.Context, log *slog.Logger, services []service) error {
	var servers []*http.Server
	ended := make(chan error, len(services))
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		for _, s := range servers {
			_ = s.Shutdown(ctx)
		}
	}()
	for _, s := range services {
		listener, err := net.Listen("tcp", s.address)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
		servers = append(servers, server)
		go func() { ended <- server.Serve(listener) }()
		log.Info("listening", "address", listener.Addr().String())
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}
