package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
	"golang.org/x/term"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/integrations/zonefile"
)

func (a *app) addDNS(root *cobra.Command) {
	child(root, "dns").AddCommand(
		a.setVerb("set", "make a record set hold exactly these values", 4),
		a.setVerb("add", "add values to a record set, and keep the others", 4),
		a.setVerb("remove", "remove values from a record set, or all of it", 3),
		a.export(), a.backup(),
		a.planVerb("import", "bring the record sets of a file into a zone, and keep the others"),
		a.planVerb("plan", "show what would make a zone as a file says"),
		a.planVerb("apply", "make a zone as a file says, or do a saved plan"),
		a.planVerb("compare", "compare a zone with a file, or with the zone at another provider"),
	)
}

// setVerb is a command on one record set. It shows what changes and asks.
func (a *app) setVerb(verb, short string, least int) *cobra.Command {
	use := verb + " <domain> <name> <type> <value>..."
	if least == 3 {
		use = verb + " <domain> <name> <type> [value]..."
	}
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.MinimumNArgs(least), Example: map[string]string{
		"set":    "  hoster dns set example.com www A 192.0.2.1 192.0.2.2 -ttl 300",
		"add":    "  hoster dns add example.com @ MX \"10 mail.example.com\"",
		"remove": "  hoster dns remove example.com old CNAME",
	}[verb]}
	cmd.Long = capital(short) + "\n\nThe values of MX and SRV hold their numbers: \"10 mail.example.com\". A TXT value is the text without quotes.\nOther names and types are never touched. A value that begins with a hyphen stands behind \"--\"."
	ttl := cmd.Flags().Int("ttl", 0, "seconds; without it that of the set, or 3600")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, domain := cmd.Context(), args[0]
		set := hoster.RecordSet{Name: args[1], Type: hoster.RecordType(strings.ToUpper(args[2]))}
		if cmd.Flags().Changed("ttl") {
			set.TTL = hoster.Set(*ttl)
		}
		for _, value := range args[3:] {
			data, err := dnszone.FromFields(dnszone.Fields{Type: set.Type, Value: value})
			if err == nil {
				err = dnszone.Validate(data)
			}
			if err != nil {
				return usagef("%q: %w", value, err)
			}
			set.Values = append(set.Values, data)
		}
		client, err := a.client()
		if err != nil {
			return err
		}
		now, err := client.DNS.List(ctx, domain, &hoster.RecordListOptions{Name: set.Name, Type: set.Type})
		if err != nil {
			return err
		}
		diff := setDiff(verb, set, now)
		if diff == "" {
			fmt.Fprintln(a.err, "nothing to do")
			return nil
		}
		if err := a.confirm(a.coloured(fmt.Sprintf("%s: %s %s\n%s", domain, set.Name, set.Type, diff))); err != nil {
			return err
		}
		var change hoster.SetChange
		switch {
		case verb == "set":
			change, err = client.DNS.ReplaceSet(ctx, domain, set)
		case verb == "add":
			change, err = client.DNS.AppendValues(ctx, domain, set)
		case len(set.Values) == 0:
			change, err = client.DNS.DeleteSet(ctx, domain, set.Name, set.Type)
		default:
			change, err = client.DNS.RemoveValues(ctx, domain, set)
		}
		if err != nil {
			return err
		}
		a.sayAdjusted(change.Adjusted)
		return a.print(change.After)
	}
	return cmd
}

// setDiff is what a verb would change, a line for each value.
func setDiff(verb string, set hoster.RecordSet, now []hoster.Record) string {
	var lines []string
	held := make([]bool, len(set.Values))
	for _, record := range now {
		data, err := record.Data()
		wanted := false
		for i, value := range set.Values {
			if err == nil && dnszone.Equal(value, data) {
				wanted, held[i] = true, true
			}
		}
		goes := verb == "set" && !wanted || verb == "remove" && (wanted || len(set.Values) == 0)
		if seconds, given := set.TTL.Get(); verb == "set" && wanted && given && seconds != record.TTL {
			lines = append(lines, fmt.Sprintf("~ %s ttl %d -> %d", valueOf(record), record.TTL, seconds))
		}
		if goes {
			lines = append(lines, "- "+valueOf(record))
		}
	}
	for i, value := range set.Values {
		if verb != "remove" && !held[i] {
			lines = append(lines, "+ "+printable(value.String()))
		}
	}
	return strings.Join(lines, "\n")
}

func valueOf(record hoster.Record) string {
	if data, err := record.Data(); err == nil {
		return printable(data.String())
	}
	return printable(record.Value)
}

func (a *app) sayAdjusted(adjusted []hoster.Adjustment) {
	for _, adj := range adjusted {
		fmt.Fprintf(a.err, "the provider stored another %s for %s %s: %s instead of %s\n", adj.Field, adj.Name, adj.Type, printable(adj.Got), printable(adj.Want))
	}
}

// coloured marks the lines of a diff where a person reads them and NO_COLOR is unset.
func (a *app) coloured(diff string) string {
	file, ok := a.err.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(file.Fd())) {
		return diff
	}
	colours := map[byte]string{'+': "\x1b[32m", '-': "\x1b[31m", '~': "\x1b[33m", '!': "\x1b[33m"}
	var out strings.Builder
	for line := range strings.Lines(diff) {
		if colour := colours[line[0]]; colour != "" {
			line = colour + strings.TrimSuffix(line, "\n") + "\x1b[0m\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

// zoneFormats are the forms of a file, by the end of its name. Any other is a zone file.
var zoneFormats = map[string]string{".json": "json", ".yaml": "yaml", ".yml": "yaml"}

func formatOf(format, name string) (string, error) {
	switch format {
	case "":
		if known := zoneFormats[strings.ToLower(filepath.Ext(name))]; known != "" {
			return known, nil
		}
		return "zone", nil
	case "zone", "json", "yaml":
		return format, nil
	}
	return "", usagef("-format is zone, json or yaml, not %q", format)
}

// writeZone writes the records of a domain in one of the forms that readZone reads.
func writeZone(w io.Writer, format, domain string, records []hoster.Record) error {
	if format == "zone" {
		return zonefile.Write(w, domain, records, nil)
	}
	creates := make([]hoster.RecordCreate, len(records))
	for i, r := range records {
		creates[i] = createOf(r)
	}
	into := &app{streams: streams{out: w}, output: format}
	return into.print(creates)
}

// createOf describes a record as one that is to be made.
func createOf(r hoster.Record) hoster.RecordCreate {
	create := hoster.RecordCreate{Type: r.Type, Name: r.Name, Value: r.Value}
	if r.TTL > 0 {
		create.TTL = hoster.Set(r.TTL)
	}
	for _, number := range []struct {
		from *uint16
		to   *hoster.Opt[uint16]
	}{{r.Priority, &create.Priority}, {r.Weight, &create.Weight}, {r.Port, &create.Port}} {
		if number.from != nil {
			*number.to = hoster.Set(*number.from)
		}
	}
	return create
}

// readZone reads the records of a file, and says what it leaves out.
func (a *app) readZone(name, format, domain string) ([]hoster.RecordCreate, error) {
	format, err := formatOf(format, name)
	if err != nil {
		return nil, err
	}
	content, err := a.readFile(name)
	if err != nil {
		return nil, err
	}
	switch format {
	case "zone":
		zone, err := zonefile.Read(bytes.NewReader(content), domain, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, note := range slices.Concat(zone.LeftOut, zone.Adjusted) {
			fmt.Fprintf(a.err, "%s: %s\n", name, note)
		}
		return zone.Records, nil
	case "yaml":
		var list []map[string]any
		if err := yaml.Unmarshal(content, &list); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if content, err = marshal(list); err != nil {
			return nil, err
		}
	}
	var records []hoster.RecordCreate
	strict := json.NewDecoder(bytes.NewReader(content))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&records); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return records, nil
}

func (a *app) export() *cobra.Command {
	cmd := &cobra.Command{Use: "export <domain>", Short: "write a zone as a zone file, JSON or YAML", Args: cobra.ExactArgs(1)}
	out := cmd.Flags().String("out", "-", "file to write; - is the standard output")
	format := cmd.Flags().String("format", "", "zone, json or yaml; without it by the file's name")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		return a.exportZone(cmd.Context(), client, args[0], *out, *format)
	}
	return cmd
}

func (a *app) exportZone(ctx context.Context, client *hoster.Client, domain, out, format string) error {
	format, err := formatOf(format, out)
	if err != nil {
		return err
	}
	records, err := client.DNS.List(ctx, domain, nil)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := writeZone(&text, format, domain, records); err != nil {
		return err
	}
	return a.save(io.NopCloser(&text), out)
}

func (a *app) backup() *cobra.Command {
	cmd := &cobra.Command{Use: "backup", Short: "write every zone of the account into a directory", Args: cobra.NoArgs}
	dir := cmd.Flags().String("dir", "", "directory for the files, such as example.com.zone")
	format := cmd.Flags().String("format", "zone", "zone, json or yaml")
	_ = cmd.MarkFlagRequired("dir")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		if _, err := formatOf(*format, ""); err != nil {
			return err
		}
		if err := os.MkdirAll(*dir, 0o755); err != nil {
			return err
		}
		domains, err := client.Domains.List(cmd.Context(), nil)
		if err != nil {
			return err
		}
		return a.each(len(domains), func(i int) (string, error) {
			name := domains[i].Name
			if filepath.Base(name) != name { // what the provider calls a domain becomes a path here
				return name, errors.New("no name for a file")
			}
			return name, a.exportZone(cmd.Context(), client, name, filepath.Join(*dir, name+"."+*format), *format)
		})
	}
	return cmd
}

// each works through n items and goes on after a failure. On a terminal it tells how
// far it is, at the end what was done. An interruption ends it.
func (a *app) each(n int, work func(i int) (name string, err error)) error {
	file, _ := a.err.(*os.File)
	watched := file != nil && term.IsTerminal(int(file.Fd()))
	done, failed := 0, 0
	for i := range n {
		if a.ctx.Err() != nil {
			break
		}
		if watched {
			fmt.Fprintf(a.err, "\r%d of %d ", i+1, n)
		}
		name, err := work(i)
		if err != nil {
			failed++
			fmt.Fprintf(a.err, "%s: %v\n", printable(name), err)
			continue
		}
		done++
	}
	fmt.Fprintf(a.err, "%d of %d done, %d failed\n", done, n, failed)
	switch {
	case a.ctx.Err() != nil:
		return fmt.Errorf("stopped after %d of %d: %w", done+failed, n, a.ctx.Err())
	case failed > 0:
		return &exit{code: exitError}
	}
	return nil
}

// planFlags are those of the commands that plan.
type planFlags struct {
	from, format, with, plan, hash, out, undo string
	types, names                              []string
	keep, allTypes, allowEmpty                bool
	share                                     float64
}

// planVerb is a command that plans a zone, and with import and apply does the plan.
func (a *app) planVerb(verb, short string) *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{Use: verb + " <domain>", Short: short, Args: cobra.ExactArgs(1), Long: capital(short)}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "file with the records: a zone file, or by its name JSON or YAML; - is the standard input")
	flags.StringVar(&f.format, "format", "", "zone, json or yaml; without it by the file's name")
	if verb != "import" {
		flags.StringSliceVar(&f.types, "types", nil, "own these record types only")
		flags.StringSliceVar(&f.names, "names", nil, "own these names only")
		flags.BoolVar(&f.allTypes, "all-types", false, "own the types that the SDK does not know too")
		flags.BoolVar(&f.keep, "keep", false, "own only the record sets of the file, and keep the others")
	}
	switch verb {
	case "plan", "apply":
		flags.BoolVar(&f.allowEmpty, "allow-empty", false, "allow an empty file, which deletes everything")
		flags.Float64Var(&f.share, "max-delete-share", 0, "share of the records that may be deleted, 0 to 1; a half without it")
	case "compare":
		flags.StringVar(&f.with, "with", "", "profile of the provider whose zone is compared")
	}
	switch verb {
	case "import":
		_ = cmd.MarkFlagRequired("from")
		cmd.Long += "\n\nWhat differs is shown, and asked for. Record sets that the file does not hold stay as they are."
	case "plan":
		flags.StringVar(&f.out, "out", "", "save the plan as JSON, for apply")
		cmd.Long += "\n\nNothing is written. The exit code is 0 where nothing is to do, 2 where there are changes, 1 after an error.\nWhat the file does not hold is deleted by apply, unless -keep, -types or -names say otherwise."
	case "apply":
		flags.StringVar(&f.plan, "plan", "", "do this saved plan, if the zone is still as it was planned from")
		flags.StringVar(&f.hash, "hash", "", "hash of the saved plan, as plan printed it; it answers the question with yes")
		flags.StringVar(&f.undo, "undo", "", "bring the record sets of this saved plan back to what it found")
		cmd.Long += "\n\nThe plan is shown, and asked for. One of -from, -plan and -undo says what to do."
		cmd.MarkFlagsOneRequired("from", "plan", "undo")
		cmd.MarkFlagsMutuallyExclusive("from", "plan", "undo")
	case "compare":
		cmd.Long += "\n\nThe exit code is 0 where they are the same, 2 where they differ, 1 after an error. The lines say what would\nbring the zone to the other state."
		cmd.MarkFlagsOneRequired("from", "with")
		cmd.MarkFlagsMutuallyExclusive("from", "with")
	}
	if verb == "plan" {
		_ = cmd.MarkFlagRequired("from")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		plan, err := a.planZone(cmd.Context(), client, verb, args[0], f)
		if err != nil {
			return err
		}
		if verb == "plan" || verb == "compare" {
			return a.showPlan(plan, f.out, verb == "plan")
		}
		if plan.IsEmpty() {
			fmt.Fprint(a.err, plan)
			return nil
		}
		if f.hash != "" {
			if hash := hashOf(plan); len(f.hash) < 12 || !strings.HasPrefix(hash, f.hash) {
				return usagef("the plan's hash is %s, not %s: nothing was done", hash[:16], f.hash)
			}
		} else if err := a.confirm(a.coloured(plan.String())); err != nil {
			return err
		}
		return a.apply(cmd.Context(), client, plan)
	}
	return cmd
}

// showPlan prints a plan, and saves it where a file is named.
func (a *app) showPlan(plan *hoster.ZonePlan, out string, hashed bool) error {
	if a.output == "table" {
		fmt.Fprint(a.out, plan)
	} else if err := a.print(plan); err != nil {
		return err
	}
	if out != "" {
		text, err := json.MarshalIndent(plan, "", "  ")
		if err != nil {
			return err
		}
		if err := a.save(io.NopCloser(bytes.NewReader(append(text, '\n'))), out); err != nil {
			return err
		}
	}
	if plan.IsEmpty() {
		return nil
	}
	if hashed {
		fmt.Fprintf(a.err, "hash %s\n", hashOf(plan)[:16])
	}
	return &exit{code: exitChanges}
}

// hashOf names a plan by all that it holds.
func hashOf(plan *hoster.ZonePlan) string {
	text, _ := json.Marshal(plan) // plain data
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// planZone makes or reads the plan that a command is about.
func (a *app) planZone(ctx context.Context, client *hoster.Client, verb, domain string, f planFlags) (*hoster.ZonePlan, error) {
	if saved := f.plan + f.undo; saved != "" {
		text, err := a.readFile(saved)
		if err != nil {
			return nil, err
		}
		plan := new(hoster.ZonePlan)
		if err := json.Unmarshal(text, plan); err != nil {
			return nil, fmt.Errorf("%s: %w", saved, err)
		}
		if given, err := dnszone.ParseDomain(domain); err != nil || given != plan.Domain {
			return nil, usagef("%s is a plan for %s, not for %s", saved, printable(plan.Domain), domain)
		}
		if f.undo != "" {
			return undo(ctx, client, plan)
		}
		return plan, nil
	}
	desired, err := a.desired(ctx, domain, f)
	if err != nil {
		return nil, err
	}
	options := &hoster.ZonePlanOptions{AllTypes: f.allTypes, Names: f.names, AllowEmpty: f.allowEmpty, MaxDeleteShare: f.share}
	for _, name := range f.types {
		options.Types = append(options.Types, hoster.RecordType(strings.ToUpper(name)))
	}
	switch {
	case verb == "import" || f.keep:
		options.Owned = setsOf(domain, desired)
		options.MaxDeleteShare = 1 // of the sets that the file holds
	case verb == "compare":
		options.AllowEmpty, options.MaxDeleteShare = true, 1
	}
	return client.DNS.PlanZone(ctx, domain, desired, options)
}

// desired are the records of the file, or of the zone at another provider.
func (a *app) desired(ctx context.Context, domain string, f planFlags) ([]hoster.RecordCreate, error) {
	if f.with == "" {
		return a.readZone(f.from, f.format, domain)
	}
	other := &app{streams: a.streams, ctx: a.ctx, profile: f.with}
	client, err := other.client()
	if err != nil {
		return nil, err
	}
	records, err := client.DNS.List(ctx, domain, nil)
	if err != nil {
		return nil, err
	}
	desired := make([]hoster.RecordCreate, len(records))
	for i, r := range records {
		desired[i] = createOf(r)
	}
	return desired, nil
}

// setsOf owns the record sets of these records, and no other.
func setsOf(domain string, records []hoster.RecordCreate) func(hoster.Record) bool {
	key := func(name string, rrtype hoster.RecordType) string {
		if parsed, err := dnszone.ParseName(name, domain); err == nil {
			name = parsed.FQDN()
		}
		return name + " " + strings.ToUpper(string(rrtype))
	}
	sets := make(map[string]bool)
	for _, r := range records {
		sets[key(r.Name, r.Type)] = true
	}
	return func(r hoster.Record) bool { return sets[key(r.Name, r.Type)] }
}

// undo plans the way back: the record sets that a plan touches, as it found them.
func undo(ctx context.Context, client *hoster.Client, plan *hoster.ZonePlan) (*hoster.ZonePlan, error) {
	touched := slices.Clone(plan.Creates)
	var before []hoster.RecordCreate
	for _, r := range slices.Concat(plan.Deletes, plan.Keeps, plan.Others) {
		before = append(before, createOf(r))
	}
	for _, update := range plan.Updates {
		before = append(before, createOf(update.From))
		touched = append(touched, update.To)
	}
	return client.DNS.PlanZone(ctx, plan.Domain, before, &hoster.ZonePlanOptions{
		Owned: setsOf(plan.Domain, slices.Concat(touched, before)), AllTypes: true, AllowEmpty: true, MaxDeleteShare: 1,
	})
}

// apply does a plan and says what became of it, also after an error.
func (a *app) apply(ctx context.Context, client *hoster.Client, plan *hoster.ZonePlan) error {
	options := &hoster.ApplyOptions{}
	if file, ok := a.err.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		options.OnProgress = func(p hoster.ApplyProgress) { fmt.Fprintf(a.err, "\r%d of %d record sets ", p.Done, p.Total) }
	}
	result, err := client.DNS.Apply(ctx, plan, options)
	fmt.Fprintf(a.err, "applied %d record sets, %d were as wanted\n", len(result.Applied), len(result.Skipped))
	for _, part := range []struct {
		sets []string
		what string
	}{{result.Unfinished, "begun and not finished"}, {result.Failed, "failed"}, {result.Conflicts, "changed by somebody else meanwhile"}} {
		if len(part.sets) > 0 {
			fmt.Fprintf(a.err, "%s: %s\n", part.what, printable(strings.Join(part.sets, ", ")))
		}
	}
	a.sayAdjusted(result.Adjusted)
	if err != nil && (len(result.Applied) > 0 || len(result.Unfinished) > 0) {
		fmt.Fprintln(a.err, "the same command plans what is left")
	}
	return err
}
