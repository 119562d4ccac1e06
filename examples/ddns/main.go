// Ddns keeps the A and AAAA records of a name at the addresses of this machine,
// and touches nothing else.
//
//	go run ./examples/ddns -domain example.com [-name home] [-address 192.0.2.1,2001:db8::1] [-every 5m]
//
// Without -address it takes the public addresses of the network interfaces.
// Without -every it does so once, for a timer of the system; with it, it goes on
// until it is interrupted, failures too. It talks to the provider of the
// environment, or to an embedded sandbox where nothing is set.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/examples/program"
)

const about = `Usage: ddns [flags]

Ddns keeps the A and AAAA records of a name at the addresses of this machine, and
touches nothing else.`

func main() {
	program.Main("ddns", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ddns", flag.ContinueOnError)
	domain := flags.String("domain", "", "`domain` of the name; example.com on the sandbox")
	name := flags.String("name", "home", "`name` inside the domain")
	given := flags.String("address", "", "`addresses`, separated by commas, instead of this machine's")
	ttl := flags.Int("ttl", 300, "`seconds` that resolvers may keep the addresses")
	every := flags.Duration("every", 0, "how `often` to look again; 0 looks once")
	if err := program.Parse(flags, about, args, 0, out); err != nil {
		return err
	}
	if *every < 0 {
		return program.Usage("-every must not be negative")
	}
	fixed, err := parse(*given)
	if err != nil {
		return err
	}
	p, err := program.Open(hoster.WithUserAgent("hoster-ddns"))
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.SetDefault(domain, "-domain", "example.com"); err != nil {
		return err
	}
	for {
		err := update(ctx, p.Client, out, *domain, *name, fixed, *ttl)
		if *every == 0 || errors.Is(err, hoster.ErrInvalidArgument) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(out, "not updated:", err)
		}
		select {
		case <-time.After(*every):
		case <-ctx.Done():
			return nil
		}
	}
}

// update writes the addresses that are given, or those of this moment.
func update(ctx context.Context, client *hoster.Client, out io.Writer, domain, name string, addresses []netip.Addr, ttl int) error {
	if len(addresses) == 0 {
		var err error
		if addresses, err = find(); err != nil {
			return err
		}
	}
	for _, rrtype := range []hoster.RecordType{dnszone.TypeA, dnszone.TypeAAAA} {
		set := hoster.RecordSet{Name: name, Type: rrtype, TTL: hoster.Set(ttl), Values: valuesOf(addresses, rrtype)}
		if len(set.Values) == 0 {
			continue // no address of this kind: what is there may be somebody else's
		}
		change, err := client.DNS.ReplaceSet(ctx, domain, set)
		if err != nil {
			return err
		}
		say(out, name, domain, rrtype, change)
	}
	return nil
}

func say(out io.Writer, name, domain string, rrtype hoster.RecordType, change hoster.SetChange) {
	var now []string
	for _, r := range change.After {
		now = append(now, r.Value)
	}
	state := "is"
	if change.Written {
		state = "now is"
	}
	fmt.Fprintf(out, "%s.%s %s %s %s\n", name, domain, rrtype, state, strings.Join(now, ", "))
	for _, a := range change.Adjusted {
		fmt.Fprintf(out, "  the provider made %s %s of %s\n", a.Field, a.Got, a.Want)
	}
}

// parse reads the addresses of the flag.
func parse(given string) (addresses []netip.Addr, err error) {
	if given == "" {
		return nil, nil
	}
	for text := range strings.SplitSeq(given, ",") {
		address, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			return nil, program.Usage("-address: %q is no IP address", text)
		}
		addresses = append(addresses, address.Unmap())
	}
	return addresses, nil
}

// find reads the addresses of this machine.
func find() (found []netip.Addr, err error) {
	own, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, a := range own {
		prefix, err := netip.ParsePrefix(a.String())
		if address := prefix.Addr().Unmap(); err == nil && isPublic(address) {
			found = append(found, address)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("this machine has no public address: give one with -address")
	}
	return found, nil
}

// shared is what providers give to routers behind their own translation of
// addresses, RFC 6598: nobody reaches it from outside.
var shared = netip.MustParsePrefix("100.64.0.0/10")

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

func valuesOf(addresses []netip.Addr, rrtype hoster.RecordType) (values []dnszone.Data) {
	for _, a := range addresses {
		switch {
		case a.Is4() && rrtype == dnszone.TypeA:
			values = append(values, dnszone.A{Addr: a})
		case a.Is6() && rrtype == dnszone.TypeAAAA:
			values = append(values, dnszone.AAAA{Addr: a.WithZone("")})
		}
	}
	return values
}
