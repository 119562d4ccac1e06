// Leasttoken runs a workload, shows which scopes it needed, and creates a token
// with these and no others.
//
//	go run ./examples/leasttoken -file report.token [-name report] [-days 90]
//
// It talks to the provider of the environment, or to an embedded sandbox where
// nothing is set. The secret of the new token is written to the file, and shown
// nowhere.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/program"
)

const about = `Usage: leasttoken [flags]

Leasttoken runs a workload, shows which scopes it needed, and creates a token with
these and no others.`

func main() {
	program.Main("leasttoken", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("leasttoken", flag.ContinueOnError)
	name := flags.String("name", "report", "`name` of the new token")
	days := flags.Int("days", 90, "the new token expires after this many `days`")
	path := flags.String("file", "", "`file` that the secret is written to; the sandbox needs none")
	if err := program.Parse(flags, about, args, 0, out); err != nil {
		return err
	}
	if *days < 1 {
		return program.Usage("-days must be at least 1")
	}
	p, err := program.Open(hoster.WithUserAgent("hoster-leasttoken"))
	if err != nil {
		return err
	}
	defer p.Close()
	if *path == "" && p.Sandbox == nil {
		return program.Usage("-file is needed: the secret of a new token is told once")
	}
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
	if *path != "" {
		if err := hoster.WriteTokenFile(*path, created.Secret); err != nil {
			return fmt.Errorf("token %s is created, and its secret is lost: %w", created.ID, err)
		}
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
