// Tokenaudit holds the account's tokens against the advice of the customer
// guide. It exits with 1 if there is something to do.
//
//	go run ./examples/tokenaudit [-age 90] [-unused 30] [-json]
//
// It talks to the provider of the environment, or to an embedded sandbox where
// nothing is set.
package main

import (
	"context"
	"encoding/json"
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
	findings, err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "tokenaudit:", err)
		os.Exit(2)
	case findings > 0:
		os.Exit(1)
	}
}

// run prints the report and returns how much was found.
func run(ctx context.Context, args []string, out io.Writer) (int, error) {
	flags := flag.NewFlagSet("tokenaudit", flag.ContinueOnError)
	age := flags.Int("age", 90, "report tokens that are older than this many `days`")
	unused := flags.Int("unused", 30, "report tokens that were not used for this many `days`")
	asJSON := flags.Bool("json", false, "print JSON")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	if *age < 1 || *unused < 1 {
		return 0, errors.New("-age and -unused must be at least 1")
	}
	p, err := provider.Open(hoster.WithUserAgent("hoster-tokenaudit"))
	if err != nil {
		return 0, err
	}
	defer p.Close()
	day := 24 * time.Hour
	report, err := p.Client.Tokens.Audit(ctx, hoster.AuditPolicy{RotationAge: time.Duration(*age) * day, UnusedFor: time.Duration(*unused) * day})
	if err != nil {
		return 0, err
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return len(report.Findings), encoder.Encode(report)
	}
	_, err = io.WriteString(out, report.String())
	return len(report.Findings), err
}
