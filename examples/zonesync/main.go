// Zonesync brings a zone to what a file declares: it shows the plan, asks, and
// applies it.
//
//	go run ./examples/zonesync -domain example.com -file zone.json [-yes] [-all]
//
// The file is a JSON list of records: [{"type":"A","name":"www","value":"192.0.2.1","ttl":300}].
// Zonemove -json, of the module integrations/zonefile, makes one of a zone file.
// It owns the record sets that the file has a value of, each by name and type,
// and touches no other, unless -all is given. It talks to the provider of the
// environment, or to an embedded sandbox where nothing is set; there it has a
// small zone of its own.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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

const sample = `[
	{"type": "A", "name": "sample", "value": "192.0.2.10", "ttl": 300},
	{"type": "A", "name": "sample", "value": "192.0.2.11", "ttl": 300},
	{"type": "TXT", "name": "_sample", "value": "kept in a file"}
]`

const about = `Usage: zonesync [flags]

Zonesync brings a zone to what a file declares: it shows the plan, asks, and applies
it. The file is a JSON list of records:

  [{"type": "A", "name": "www", "value": "192.0.2.1", "ttl": 300}]`

func main() {
	program.Main("zonesync", func(ctx context.Context, args []string) error {
		return run(ctx, args, os.Stdin, os.Stdout)
	})
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("zonesync", flag.ContinueOnError)
	domain := flags.String("domain", "", "`domain` of the zone; example.com on the sandbox")
	path := flags.String("file", "", "JSON `file` with the records; a small zone on the sandbox")
	yes := flags.Bool("yes", false, "apply without asking")
	all := flags.Bool("all", false, "own the whole zone: what the file does not have is deleted")
	if err := program.Parse(flags, about, args, 0, out); err != nil {
		return err
	}
	p, err := program.Open(hoster.WithUserAgent("hoster-zonesync"))
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.SetDefault(domain, "-domain", "example.com"); err != nil {
		return err
	}
	if err := p.SetDefault(path, "-file", ""); err != nil {
		return err
	}
	content := []byte(sample)
	if *path != "" {
		if content, err = os.ReadFile(*path); err != nil {
			return &program.UsageError{Err: err}
		}
	}
	desired, err := read(content)
	if err != nil {
		return program.Usage("%s: %w", *path, err)
	}
	plan, err := p.Client.DNS.PlanZone(ctx, *domain, desired, owned(*domain, desired, *all))
	if err != nil {
		return err
	}
	show(out, plan)
	if plan.IsEmpty() {
		return nil
	}
	if !*yes {
		if ok, err := confirmed(ctx, in, out); !ok {
			fmt.Fprintln(out, "nothing was changed")
			return err
		}
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
func read(content []byte) ([]hoster.RecordCreate, error) {
	var records []hoster.RecordCreate
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&records); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the list")
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

// confirmed asks. Reading a terminal cannot be interrupted, so it is left behind
// when the context ends.
func confirmed(ctx context.Context, in io.Reader, out io.Writer) (bool, error) {
	fmt.Fprint(out, "apply? [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case line := <-answer:
		return strings.EqualFold(line, "y"), nil
	case <-ctx.Done():
		fmt.Fprintln(out)
		return false, ctx.Err()
	}
}

// show prints the plan as a diff, in colour where a person reads it.
func show(out io.Writer, plan *hoster.ZonePlan) {
	colours := map[byte]string{'+': "\x1b[32m", '-': "\x1b[31m", '~': "\x1b[33m", '!': "\x1b[33m"}
	for line := range strings.Lines(plan.String()) {
		if colour := colours[line[0]]; colour != "" && program.UsesColour(out) {
			line = colour + strings.TrimSuffix(line, "\n") + "\x1b[0m\n"
		}
		fmt.Fprint(out, line)
	}
}
