// Leasttoken runs a workload, shows which scopes it needed, and creates a token
// with these and no others.
//
//	go run ./examples/leasttoken [-name report] [-days 90]
//
// It talks to the provider of the environment, or to an embedded sandbox where
// nothing is set. The secret of the new token is shown nowhere: a real program
// hands it to its secrets manager.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/internal/provider"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "leasttoken:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("leasttoken", flag.ContinueOnError)
	name := flags.String("name", "report", "`name` of the new token")
	days := flags.Int("days", 90, "the new token expires after this many `days`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *days < 1 {
		return errors.New("-days must be at least 1")
	}
	p, err := provider.Open(hoster.WithUserAgent("hoster-leasttoken"))
	if err != nil {
		return err
	}
	defer p.Close()
	records, err := workload(ctx, p.Client)
	if err != nil {
		return err
	}
	scopes := p.Client.UsedScopes()
	fmt.Fprintf(out, "The workload read %d records and needed:\n", records)
	for _, s := range scopes {
		fmt.Fprintf(out, "  %s\n", s)
	}
	created, err := p.Client.Tokens.Create(ctx, hoster.TokenCreate{
		Name: *name, Scopes: scopes, ExpiresAt: hoster.Set(time.Now().AddDate(0, 0, *days)),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Created token %s (%q, %s…), which expires on %s and may do nothing else.\n", created.ID, created.Name, created.Prefix, created.ExpiresAt.Format(time.DateOnly))
	return nil
}

// workload is what the token is for: it reads the records of all domains that
// are active.
func workload(ctx context.Context, client *hoster.Client) (records int, err error) {
	for domain, err := range client.Domains.All(ctx, &hoster.DomainListOptions{Status: hoster.DomainStatusActive}) {
		if err != nil {
			return 0, err
		}
		for _, err := range client.DNS.All(ctx, domain.Name, nil) {
			if err != nil {
				return 0, err
			}
			records++
		}
	}
	return records, nil
}
