// Zonesync brings a zone to what a file declares: it shows the plan, asks, and
// applies it.
//
//	go run ./examples/zonesync [-domain example.com] [-file zone.json] [-yes] [-all]
//
// The file is a JSON list of records: [{"type":"A","name":"www","value":"192.0.2.1","ttl":300}].
// Without one it declares a small zone of its own. It owns the record sets that
// the file has a value of, each by name and type, and touches no other, unless
// -all is given. It talks to the provider of the environment, or to an embedded
// sandbox where nothing is set.
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
	"strings"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/examples/internal/provider"
)

const sample = `[
	{"type": "A", "name": "sample", "value": "192.0.2.10", "ttl": 300},
	{"type": "A", "name": "sample", "value": "192.0.2.11", "ttl": 300},
	{"type": "TXT", "name": "_sample", "value": "kept in a file"}
]`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "zonesync:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("zonesync", flag.ContinueOnError)
	domain := flags.String("domain", "example.com", "`domain` of the zone")
	path := flags.String("file", "", "JSON `file` with the records")
	yes := flags.Bool("yes", false, "apply without asking")
	all := flags.Bool("all", false, "own the whole zone: what the file does not have is deleted")
	if err := flags.Parse(args); err != nil {
		return err
	}
	desired, err := read(*path)
	if err != nil {
		return err
	}
	p, err := provider.Open(hoster.WithUserAgent("hoster-zonesync"))
	if err != nil {
		return err
	}
	defer p.Close()
	plan, err := p.Client.DNS.PlanZone(ctx, *domain, desired, owned(*domain, desired, *all))
	if err != nil {
		return err
	}
	show(out, plan)
	if plan.IsEmpty() {
		return nil
	}
	if !*yes && !confirmed(in, out) {
		fmt.Fprintln(out, "nothing was changed")
		return nil
	}
	result, err := p.Client.DNS.Apply(ctx, plan, &hoster.ApplyOptions{OnProgress: func(p hoster.ApplyProgress) {
		fmt.Fprintf(out, "%d of %d record sets\n", p.Done, p.Total)
	}})
	fmt.Fprintf(out, "applied: %d, as they were: %d\n", len(result.Applied), len(result.Skipped))
	if len(result.Unfinished) > 0 {
		fmt.Fprintf(out, "begun, and to be finished by another run: %s\n", strings.Join(result.Unfinished, ", "))
	}
	for _, a := range result.Adjusted {
		fmt.Fprintf(out, "%s %s: the provider made %s %s of %s\n", a.Name, a.Type, a.Field, a.Got, a.Want)
	}
	return err
}

// read takes the records of a file; what is misspelled is refused, and so is
// anything behind the list, such as another list.
func read(path string) ([]hoster.RecordCreate, error) {
	content := []byte(sample)
	if path != "" {
		var err error
		if content, err = os.ReadFile(path); err != nil {
			return nil, err
		}
	}
	var records []hoster.RecordCreate
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&records); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: something stands behind the list", path)
	}
	return records, nil
}

// owned is the record sets that the file speaks of, or everything.
func owned(domain string, desired []hoster.RecordCreate, all bool) *hoster.ZonePlanOptions {
	if all {
		return nil
	}
	sets := map[dnszone.SetKey]bool{}
	keyOf := func(name string, rrtype hoster.RecordType) dnszone.SetKey {
		parsed, _ := dnszone.ParseName(name, domain) // PlanZone says what is wrong with it
		return dnszone.SetKey{Name: parsed, Type: hoster.RecordType(strings.ToUpper(string(rrtype)))}
	}
	for _, r := range desired {
		sets[keyOf(r.Name, r.Type)] = true
	}
	return &hoster.ZonePlanOptions{
		Owned:          func(r hoster.Record) bool { return sets[keyOf(r.Name, r.Type)] },
		MaxDeleteShare: 1, // of the values of these sets
	}
}

func confirmed(in io.Reader, out io.Writer) bool {
	fmt.Fprint(out, "apply? [y/N] ")
	answer, _ := bufio.NewReader(in).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(answer), "y")
}

// show prints the plan as a diff, in colour where a person reads it.
func show(out io.Writer, plan *hoster.ZonePlan) {
	colours := map[byte]string{'+': "\x1b[32m", '-': "\x1b[31m", '~': "\x1b[33m", '!': "\x1b[33m"}
	for line := range strings.Lines(plan.String()) {
		if colour := colours[line[0]]; colour != "" && isTerminal(out) {
			line = colour + strings.TrimSuffix(line, "\n") + "\x1b[0m\n"
		}
		fmt.Fprint(out, line)
	}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
