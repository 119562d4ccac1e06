// Zonemove moves a zone to the account of the environment: it shows the plan, asks,
// applies it, and compares what the old and the new nameservers answer.
//
//	zonemove -domain example.com -axfr 192.0.2.53:53 -compare 192.0.2.53:53,198.51.100.53:53
//	zonemove -domain example.com -file example.com.zone
//	zonemove -domain example.com -provider     # FROM_API_BRAND or FROM_API_BASE_URL, and FROM_API_TOKEN
//	zonemove -domain example.com -file example.com.zone -json >records.json # for examples/zonesync
//
// What is left out, or gets another TTL, is listed. It can be started again after
// whatever ended it: what is written already is not written again. It exits with 1
// where something failed, or where the nameservers differ.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/integrations/zonefile"
	"github.com/go-hoster/hoster/integrations/zonefile/zonemove"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "zonemove:", err)
		os.Exit(1)
	}
}

type options struct {
	domain, axfr, file string
	provider           bool
	compare            string
	types              []hoster.RecordType
	json, yes          bool
	deletions          float64
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("zonemove", flag.ContinueOnError)
	flags.StringVar(&o.domain, "domain", "", "`domain` of the zone")
	flags.StringVar(&o.axfr, "axfr", "", "`address` of a nameserver to fetch the zone from")
	flags.StringVar(&o.file, "file", "", "zone `file` to read the zone from")
	flags.BoolVar(&o.provider, "provider", false, "read the zone from the account of FROM_API_…")
	flags.StringVar(&o.compare, "compare", "", "`addresses` of the old and the new nameserver, with a comma between")
	flags.Func("type", "a further record `type` to take, may be repeated", func(name string) error {
		o.types = append(o.types, hoster.RecordType(strings.ToUpper(name)))
		return nil
	})
	flags.BoolVar(&o.json, "json", false, "print the records as JSON, and write nothing")
	flags.BoolVar(&o.yes, "yes", false, "apply without asking")
	flags.Float64Var(&o.deletions, "max-delete-share", 0, "`share` of the new zone's records that may be deleted; 0 is a half, 1 all")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	sources := 0
	for _, given := range []bool{o.axfr != "", o.file != "", o.provider} {
		if given {
			sources++
		}
	}
	if o.domain == "" || sources != 1 {
		return o, errors.New("-domain and one of -axfr, -file and -provider are needed")
	}
	if o.compare != "" && strings.Count(o.compare, ",") != 1 {
		return o, errors.New("-compare takes two addresses with a comma between")
	}
	return o, nil
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	zone, err := o.read(ctx)
	if err != nil {
		return err
	}
	if o.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "\t")
		return encoder.Encode(zone.Records)
	}
	for _, n := range zone.LeftOut {
		fmt.Fprintln(out, "left out:", n)
	}
	for _, n := range zone.Adjusted {
		fmt.Fprintln(out, "adjusted:", n)
	}
	if err := o.write(ctx, zone, in, out); err != nil {
		return err
	}
	if o.compare == "" {
		return nil
	}
	old, new, _ := strings.Cut(o.compare, ",")
	differences, err := zonemove.Compare(ctx, o.domain, zone.Records, old, new)
	if err != nil {
		return err
	}
	for _, d := range differences {
		fmt.Fprintln(out, "differs:", d)
	}
	if len(differences) > 0 {
		return fmt.Errorf("%d record sets differ", len(differences))
	}
	fmt.Fprintln(out, "the nameservers answer the same")
	return nil
}

// read reads the zone from where it is.
func (o options) read(ctx context.Context) (*zonefile.Zone, error) {
	reading := &zonefile.ReadOptions{Types: o.types}
	switch {
	case o.axfr != "":
		return zonemove.Transfer(ctx, o.axfr, o.domain, reading)
	case o.file != "":
		file, err := os.Open(o.file)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return zonefile.Read(file, o.domain, reading)
	}
	client, err := hoster.NewClient(append(from("FROM_API_BASE_URL", hoster.WithBaseURL), append(from("FROM_API_BRAND", hoster.WithBrand), hoster.WithToken(os.Getenv("FROM_API_TOKEN")))...)...)
	if err != nil {
		return nil, err
	}
	records, err := client.DNS.List(ctx, o.domain, nil)
	if err != nil {
		return nil, err
	}
	// Through a zone file, so that the same is left out and listed.
	var text strings.Builder
	if err := zonefile.Write(&text, o.domain, records, nil); err != nil {
		return nil, err
	}
	return zonefile.Read(strings.NewReader(text.String()), o.domain, reading)
}

func from(variable string, option func(string) hoster.Option) []hoster.Option {
	if value := os.Getenv(variable); value != "" {
		return []hoster.Option{option(value)}
	}
	return nil
}

// write brings the zone into the account.
func (o options) write(ctx context.Context, zone *zonefile.Zone, in io.Reader, out io.Writer) error {
	client, err := hoster.NewClientFromEnv(hoster.WithUserAgent("hoster-zonemove"))
	if err != nil {
		return err
	}
	plan, err := client.DNS.PlanZone(ctx, o.domain, zone.Records, &hoster.ZonePlanOptions{
		AllTypes: true, MaxDeleteShare: o.deletions,
		Owned: func(r hoster.Record) bool { return r.Type.Known() || slices.Contains(o.types, r.Type) },
	})
	if err != nil {
		return err
	}
	fmt.Fprint(out, plan)
	if plan.IsEmpty() {
		return nil
	}
	if plan.Blocked != "" {
		return fmt.Errorf("the provider takes no changes of %s for now: %s", o.domain, plan.Blocked)
	}
	if !o.yes && !confirmed(in, out) {
		return errors.New("nothing was changed")
	}
	result, err := client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{OnProgress: func(p hoster.ApplyProgress) {
		fmt.Fprintf(out, "%d of %d record sets\n", p.Done, p.Total)
	}})
	for _, a := range result.Adjusted {
		fmt.Fprintf(out, "%s %s: the provider made %s %s of %s\n", a.Name, a.Type, a.Field, a.Got, a.Want)
	}
	return err
}

func confirmed(in io.Reader, out io.Writer) bool {
	fmt.Fprint(out, "apply? [y/N] ")
	answer, _ := bufio.NewReader(in).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(answer), "y")
}
