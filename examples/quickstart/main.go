// Quickstart shows the library at work. With nothing set in the environment it
// starts the embedded sandbox on a loopback port and goes through profile,
// domains, a DNS record and the life of a token over real HTTP. With API_TOKEN
// and API_BASE_URL (or API_BRAND) set it does the half that only reads, against
// that provider.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/examples/program"
)

const about = `Usage: quickstart

Quickstart shows the library at work. On the embedded sandbox it goes through
profile, domains, a DNS record and the life of a token. Against the provider of
the environment it only reads.`

func main() {
	program.Main("quickstart", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if err := program.Parse(flag.NewFlagSet("quickstart", flag.ContinueOnError), about, args, 0, out); err != nil {
		return err
	}
	p, err := program.Open(hoster.WithUserAgent("hoster-quickstart"))
	if err != nil {
		return err
	}
	defer p.Close()
	if p.Sandbox == nil {
		heading(out, "Your provider, read only")
		return read(ctx, out, p.Client)
	}
	heading(out, "The embedded sandbox on "+p.BaseURL)
	if err := read(ctx, out, p.Client); err != nil {
		return err
	}
	const domain = "example.com"
	if err := changeRecord(ctx, out, p.Client, domain); err != nil {
		return err
	}
	return limitToken(ctx, out, p.Client, p.BaseURL, domain)
}

// read shows the profile and the domains.
func read(ctx context.Context, out io.Writer, client *hoster.Client) error {
	profile, err := client.Account.Profile(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nSigned in as %s <%s>\n", profile.Name, profile.Email)

	domains, err := client.Domains.List(ctx, nil)
	if err != nil {
		return err
	}
	heading(out, fmt.Sprintf("%d domains", len(domains)))
	for _, d := range domains {
		expires := "no expiry yet"
		if d.ExpiresAt != nil {
			expires = "expires " + d.ExpiresAt.Format(time.DateOnly)
		}
		fmt.Fprintf(out, "  %-26s %-17s %s\n", d.Name, d.Status, expires)
	}
	return nil
}

// changeRecord adds, changes and deletes one record.
func changeRecord(ctx context.Context, out io.Writer, client *hoster.Client, domain string) error {
	heading(out, "A DNS record of "+domain)
	record, err := client.DNS.Create(ctx, domain, hoster.RecordCreate{
		Type: dnszone.TypeTXT, Name: "_hello", Value: "made by the quickstart", TTL: hoster.Set(300),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  added    %s %s %q, TTL %d s\n", record.Name, record.Type, record.Value, record.TTL)

	record, err = client.DNS.Update(ctx, domain, record.ID, hoster.RecordUpdate{Value: hoster.Set("changed by the quickstart")})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  changed  %s %s %q, TTL %d s\n", record.Name, record.Type, record.Value, record.TTL)

	if err := client.DNS.Delete(ctx, domain, record.ID); err != nil {
		return err
	}
	if _, err := client.DNS.Get(ctx, domain, record.ID); !errors.Is(err, hoster.ErrNotFound) {
		return fmt.Errorf("the record should be gone, but: %w", err)
	}
	fmt.Fprintf(out, "  deleted  %s: reading it again is ErrNotFound\n", record.Name)
	return nil
}

// limitToken creates a token that may only read records, shows what it can and
// cannot do, and revokes it.
func limitToken(ctx context.Context, out io.Writer, client *hoster.Client, base, domain string) error {
	heading(out, "A token with the least privilege")
	created, err := client.Tokens.Create(ctx, hoster.TokenCreate{
		Name:      "quickstart reader",
		Scopes:    []hoster.Scope{hoster.ScopeDNSRead},
		ExpiresAt: hoster.Set(time.Now().Add(90 * 24 * time.Hour)),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  created  %q with %s; its secret prints as %s\n", created.Name, created.Scopes[0], created.Secret)

	reader, err := hoster.NewClient(hoster.WithBaseURL(base), hoster.WithToken(created.Secret.Reveal()))
	if err != nil {
		return err
	}
	records, err := reader.DNS.List(ctx, domain, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  reads    %d records of %s\n", len(records), domain)

	_, err = reader.DNS.Create(ctx, domain, hoster.RecordCreate{Type: dnszone.TypeTXT, Name: "_hello", Value: "not allowed"})
	var forbidden *hoster.ForbiddenError
	if !errors.As(err, &forbidden) {
		return fmt.Errorf("the write should be forbidden, but: %w", err)
	}
	fmt.Fprintf(out, "  writes   403, missing scope %s\n", forbidden.MissingScopes[0])

	if err := client.Tokens.Revoke(ctx, created.ID); err != nil {
		return err
	}
	_, err = reader.DNS.List(ctx, domain, nil)
	var unauthorized *hoster.UnauthorizedError
	if !errors.As(err, &unauthorized) {
		return fmt.Errorf("the token should be revoked, but: %w", err)
	}
	fmt.Fprintf(out, "  revoked  401, reason %q\n", unauthorized.Reason)
	fmt.Fprintf(out, "\n%s\n", wrap(unauthorized.Error(), 76))
	return nil
}

func heading(out io.Writer, text string) {
	fmt.Fprintf(out, "\n%s\n%s\n", text, strings.Repeat("─", len([]rune(text))))
}

// wrap breaks text into indented lines of at most width characters.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, "  "+line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(append(lines, "  "+line), "\n")
}
