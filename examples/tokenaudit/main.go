// Tokenaudit holds the account's tokens against the advice of the customer
// guide. It exits with 3 if there is something to do.
//
//	go run ./examples/tokenaudit [-age 90] [-unused 30] [-rotating name,name] [-json]
//
// It talks to the provider of the environment, or to an embedded sandbox where
// nothing is set.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/program"
	"github.com/go-hoster/hoster/tokencare"
)

const about = `Usage: tokenaudit [flags]

Tokenaudit holds the account's tokens against the advice of the customer guide. It
exits with 3 if there is something to do.`

func main() {
	program.Main("tokenaudit", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

// run prints the report; it returns [program.ErrFindings] if there is one.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tokenaudit", flag.ContinueOnError)
	age := flags.Int("age", 90, "report tokens that are older than this many `days`")
	unused := flags.Int("unused", 30, "report tokens that were not used for this many `days`")
	rotating := flags.String("rotating", "", "`names` of tokens that rotate themselves, and so need no expiry")
	asJSON := flags.Bool("json", false, "print JSON")
	if err := program.Parse(flags, about, args, 0, out); err != nil {
		return err
	}
	if *age < 1 || *unused < 1 {
		return program.Usage("-age and -unused must be at least 1")
	}
	p, err := program.Open(hoster.WithUserAgent("hoster-tokenaudit"))
	if err != nil {
		return err
	}
	defer p.Close()
	report, err := tokencare.Audit(ctx, p.Client, tokencare.AuditPolicy{
		RotationAge: time.Duration(*age) * day, UnusedFor: time.Duration(*unused) * day, Rotating: strings.Split(*rotating, ","),
	})
	if err != nil {
		return err
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = table(out, report)
	}
	if err == nil && len(report.Findings) > 0 {
		err = program.ErrFindings
	}
	return err
}

const day = 24 * time.Hour

// table prints the report for people.
func table(out io.Writer, report tokencare.AuditReport) error {
	fmt.Fprintf(out, "%d tokens, %d findings\n", report.Tokens, len(report.Findings))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(report.Findings) > 0 {
		fmt.Fprintln(w, "SEVERITY\tTOKEN\tFINDING\tDETAIL\tADVICE")
	}
	for _, f := range report.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Severity, printable(f.Token.Name), f.Kind, detail(f, report.CheckedAt), advice[f.Kind])
	}
	return w.Flush()
}

// advice is the customer guide's, for each kind of finding.
var advice = map[tokencare.Kind]string{
	tokencare.KindTooOld:         "Create a new token every 90 days, and revoke the old one after the new one works.",
	tokencare.KindNoExpiry:       "Use an expiry date when creating tokens; only a token that rotates itself goes without one.",
	tokencare.KindExpiresSoon:    "Create its successor in the portal, or with a token that outlives it: a token cannot create one that expires later than itself.",
	tokencare.KindExpired:        "Revoke it: it is of no use any more.",
	tokencare.KindNeverUsed:      "Revoke it if nothing needs it.",
	tokencare.KindUnused:         "Investigate, and revoke it if nothing needs it.",
	tokencare.KindAllScopes:      "Create tokens with only the permissions they need.",
	tokencare.KindUnneededScopes: "Create tokens with only the permissions they need.",
	tokencare.KindNoAllowlist:    "Restrict tokens of production systems to specific IP addresses.",
}

// detail is what the finding was seen by.
func detail(f tokencare.Finding, now time.Time) string {
	t := f.Token
	switch f.Kind {
	case tokencare.KindTooOld:
		return fmt.Sprintf("%d days old", int(now.Sub(t.CreatedAt)/day))
	case tokencare.KindExpiresSoon, tokencare.KindExpired:
		if t.ExpiresAt != nil {
			return "expires " + t.ExpiresAt.Format(time.DateOnly)
		}
	case tokencare.KindNeverUsed:
		return "created " + t.CreatedAt.Format(time.DateOnly)
	case tokencare.KindUnused:
		return "last used " + t.LastUsedAt.Format(time.DateOnly)
	case tokencare.KindUnneededScopes:
		return printable(fmt.Sprint(f.Scopes))
	}
	return ""
}

// printable keeps what a provider sent from breaking the table or a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
