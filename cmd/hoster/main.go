// Command hoster works with the account of a hosting provider: domains, DNS,
// hosting, invoices and tokens. It also runs the sandbox that comes with the SDK.
//
// docs/cli.md of the repository lists the commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/go-hoster/hoster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK          = 0
	exitError       = 1   // something failed, or a report found something to do
	exitChanges     = 2   // a plan or a comparison has changes
	exitUsage       = 64  // the command line is wrong; nothing was sent
	exitInterrupted = 130 // Ctrl-C or SIGTERM
)

const exitCodes = `Exit codes: 0 done, or nothing to do; 1 failed, or a report found something to do;
2 a plan or a comparison has changes; 64 wrong command line; 130 interrupted.`

// streams are what a process reads from and writes to.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exit is the end of a command with a code of its own. Err may be nil: then all is said.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usagef refuses a command line.
func usagef(format string, args ...any) error {
	return &exit{exitUsage, fmt.Errorf(format, args...)}
}

// app is what all commands share: streams, global flags, and the client.
type app struct {
	streams
	ctx context.Context

	output              string
	columns             []string
	yes                 bool
	profile             string
	baseURL, brand      string
	tokenFile, dialects string

	made        *hoster.Client
	base        string // its base URL
	dialectUsed bool
	began       bool
}

// run is main without the process: it ends when ctx does.
func run(ctx context.Context, args []string, std streams) int {
	a := &app{streams: std, ctx: ctx}
	root := a.root()
	root.SetArgs(longFlags(root, args))
	a.watch(root)
	cmd, err := root.ExecuteContextC(ctx)
	var end *exit
	if err != nil && !a.began && !errors.As(err, &end) {
		err = usagef("%w\nusage: %s", err, cmd.UseLine())
	}
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(std.err, "hoster: interrupted:", strings.TrimPrefix(err.Error(), "hoster: "))
		return exitInterrupted
	case errors.As(err, &end) && end.err == nil:
		return end.code
	}
	fmt.Fprintln(std.err, "hoster:", strings.TrimPrefix(err.Error(), "hoster: "))
	if hint := hintFor(err); hint != "" {
		fmt.Fprintln(std.err, "hint:", hint)
	}
	if end != nil {
		return end.code
	}
	return exitError
}

// hintFor says what to do next, for errors that do not say so themselves.
func hintFor(err error) string {
	switch {
	case errors.Is(err, hoster.ErrIntermediary), errors.Is(err, hoster.ErrUnauthorized):
		return `"hoster doctor" finds out why`
	case errors.Is(err, hoster.ErrRateLimited):
		return "the budget of requests belongs to the account: run fewer programs at once, or try again later"
	case errors.Is(err, hoster.ErrConflict):
		return "read the present state and try again"
	}
	return ""
}

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	root := group("hoster", "work with the account of a hosting provider")
	root.Long = `hoster works with the account of a hosting provider, over its API.

The provider and the token come from -profile, or from API_BASE_URL or API_BRAND,
and API_TOKEN or API_TOKEN_FILE. A token is never taken from the command line.
Every write shows what it does and asks first; -yes answers for scripts. Orders are
placed within a cap, and nothing pays: invoices are paid in the provider's portal.

` + exitCodes
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetHelpCommand(helpCommand(root))
	flags := root.PersistentFlags()
	flags.StringVarP(&a.output, "output", "o", "table", "how to print: table, json, csv or yaml")
	flags.StringSliceVar(&a.columns, "columns", nil, "columns of a table or of CSV, such as name,status")
	flags.BoolVarP(&a.yes, "yes", "y", false, "answer every question with yes")
	flags.StringVar(&a.profile, "profile", "", "profile of the provider; see hoster profiles")
	flags.StringVar(&a.baseURL, "base-url", "", "where the API is, such as https://api.example.com/v1")
	flags.StringVar(&a.brand, "brand", "", "brand of the provider: acme stands for https://api.acme.com/v1")
	flags.StringVar(&a.tokenFile, "token-file", "", "file that holds the token")
	flags.StringVar(&a.dialects, "dialect", "", "file with the table of a brand that says the same in other words")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if _, known := printers[a.output]; !known {
			return usagef("-output is table, json, csv or yaml, not %q", a.output)
		}
		return nil
	}

	a.addOperations(root)
	a.addDomains(root)
	a.addDNS(root)
	a.addAccount(root)
	root.AddCommand(a.doctor(), a.man(), a.profiles(), a.sandbox(), a.version())
	return root
}

// onlyGroup marks the commands that only hold others.
const onlyGroup = "group"

// group is a command that only holds others.
func group(use, short string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Annotations: map[string]string{onlyGroup: "yes"}, RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("%s: unknown command %q; %[1]s -h lists them", cmd.CommandPath(), args[0])
		}
		fmt.Fprint(cmd.ErrOrStderr(), cmd.UsageString())
		return &exit{code: exitUsage}
	}, Args: cobra.ArbitraryArgs}
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{Use: "help [command]", Short: "help for a command", RunE: func(_ *cobra.Command, args []string) error {
		cmd, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return usagef("no help for %q", strings.Join(args, " "))
		}
		return cmd.Help()
	}}
}

// watch notes that a command began: an error before that is one of the command line.
func (a *app) watch(cmd *cobra.Command) {
	if begin := cmd.RunE; begin != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.began = true
			return begin(cmd, args)
		}
	}
	for _, c := range cmd.Commands() {
		a.watch(c)
	}
}

// child finds a direct child of a command by its name, nil if there is none.
func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, c := range cmd.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// longFlags lets long flags be written with one hyphen too, as Go programs do: what
// names a flag of some command, and is no value of the flag before it, gets its
// second hyphen.
func longFlags(root *cobra.Command, args []string) []string {
	takesValue := make(map[string]bool)
	var collect func(*cobra.Command)
	collect = func(cmd *cobra.Command) {
		add := func(f *pflag.Flag) { takesValue[f.Name] = f.NoOptDefVal == "" }
		cmd.PersistentFlags().VisitAll(add)
		cmd.Flags().VisitAll(add)
		for _, c := range cmd.Commands() {
			collect(c)
		}
	}
	collect(root)
	takesValue["help"] = false
	out := make([]string, len(args))
	copy(out, args)
	for i := 0; i < len(out); i++ {
		if out[i] == "--" {
			break
		}
		name, _, assigned := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(out[i], "-"), "-"), "=")
		if len(out[i]) < 2 || out[i][0] != '-' {
			continue
		}
		if len(name) == 1 {
			if short := root.PersistentFlags().ShorthandLookup(name); short != nil && short.NoOptDefVal == "" && !assigned {
				i++
			}
			continue
		}
		value, known := takesValue[name]
		if !known {
			continue
		}
		if !strings.HasPrefix(out[i], "--") {
			out[i] = "-" + out[i]
		}
		if value && !assigned {
			i++
		}
	}
	return out
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "print the version", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		fmt.Fprintf(a.out, "hoster %s %s %s/%s\n", hoster.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return nil
	}}
}
