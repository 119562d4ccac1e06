// Acmehook puts the TXT records of ACME's DNS-01 challenge in place and takes
// them away again, each exactly by its value, so that the apex and the wildcard
// of a domain can be validated at once.
//
// It speaks two ways. As lego's exec provider:
//
//	acmehook present _acme-challenge.example.com. VALUE
//	acmehook cleanup _acme-challenge.example.com. VALUE
//
// As certbot's manual hooks, with the domain and value in the environment:
//
//	certbot certonly --manual --preferred-challenges dns \
//	  --manual-auth-hook "acmehook present" --manual-cleanup-hook "acmehook cleanup" …
//
// The zone is the longest domain of the account that the name ends with. It
// talks to the provider of the environment. Without arguments it shows itself on
// an embedded sandbox.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/examples/program"
)

const about = `Usage: acmehook present|cleanup [NAME VALUE]

Acmehook puts the TXT record of ACME's DNS-01 challenge in place, or takes it
away. As a hook of certbot it takes name and value from the environment. Without
arguments it shows itself on the embedded sandbox.`

func main() {
	program.Main("acmehook", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("acmehook", flag.ContinueOnError)
	if err := program.Parse(flags, about, args, 3, out); err != nil {
		return err
	}
	args = flags.Args()
	p, err := program.Open(hoster.WithUserAgent("hoster-acmehook"))
	if err != nil {
		return err
	}
	defer p.Close()
	if len(args) == 0 && p.Sandbox != nil {
		return show(ctx, out, p.Client)
	}
	return hook(ctx, out, p.Client, args)
}

// hook does one call of an ACME client.
func hook(ctx context.Context, out io.Writer, client *hoster.Client, args []string) error {
	if len(args) == 1 && os.Getenv("CERTBOT_DOMAIN") != "" { // certbot
		args = append(args, "_acme-challenge."+strings.TrimPrefix(os.Getenv("CERTBOT_DOMAIN"), "*."), os.Getenv("CERTBOT_VALIDATION"))
	}
	if len(args) != 3 || args[0] != "present" && args[0] != "cleanup" || args[1] == "" || args[2] == "" {
		return program.Usage("it takes present or cleanup, a name and a value")
	}
	zone, err := zoneOf(ctx, client, args[1])
	if err != nil {
		return err
	}
	set := hoster.RecordSet{Name: strings.TrimSuffix(args[1], ".") + ".", TTL: hoster.Set(60), Values: []dnszone.Data{dnszone.TXT{Text: args[2]}}}
	var change hoster.SetChange
	if args[0] == "present" {
		change, err = client.DNS.AppendValues(ctx, zone, set)
	} else {
		change, err = client.DNS.RemoveValues(ctx, zone, set)
	}
	if err == nil {
		fmt.Fprintf(out, "%s %s in %s: %d values there\n", args[0], args[1], zone, len(change.After))
	}
	return err
}

// zoneOf is the longest domain of the account that name ends with. No domain
// begins with an underscore, so there is no need to ask for one that does.
func zoneOf(ctx context.Context, client *hoster.Client, name string) (string, error) {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	for len(labels) > 1 && strings.HasPrefix(labels[0], "_") {
		labels = labels[1:]
	}
	for len(labels) > 1 {
		domain := strings.Join(labels, ".")
		switch _, err := client.Domains.Get(ctx, domain); {
		case err == nil:
			return domain, nil
		case !errors.Is(err, hoster.ErrNotFound):
			return "", err
		}
		labels = labels[1:]
	}
	return "", fmt.Errorf("%s lies in no domain of the account", name)
}

// show validates the apex and the wildcard of a domain at once.
func show(ctx context.Context, out io.Writer, client *hoster.Client) error {
	const name = "_acme-challenge.example.com."
	for _, args := range [][]string{
		{"present", name, "value-for-the-apex"},
		{"present", name, "value-for-the-wildcard"},
		{"cleanup", name, "value-for-the-apex"},
		{"cleanup", name, "value-for-the-wildcard"},
	} {
		if err := hook(ctx, out, client, args); err != nil {
			return err
		}
	}
	return nil
}
