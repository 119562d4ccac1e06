package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-hoster/hoster/dialect"
	"github.com/go-hoster/hoster/sandbox"
)

// shutdownTime is how long running requests may take to end after a signal.
const shutdownTime = 5 * time.Second

// sandboxFlags is what the command line of "hoster sandbox" says.
type sandboxFlags struct {
	addr       string
	anyAddress bool
	seed       string
	dialect    string
	limit      int
	window     time.Duration
	limited    bool // -limit or -window was given
	types      []string
	without    []sandbox.Feature
}

func (a *app) sandbox() *cobra.Command {
	var f sandboxFlags
	cmd := &cobra.Command{Use: "sandbox", Short: "serve the API from memory, on a loopback address", Args: cobra.NoArgs}
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	flags.BoolVar(&f.anyAddress, "any-address", false, "allow an address that is not loopback: the API is then served in clear to the network")
	flags.StringVar(&f.seed, "seed", "", "JSON file with the account to start with, instead of the built-in one")
	flags.StringVar(&f.dialect, "dialect", "", "JSON file with a dialect that the API is spoken in")
	flags.IntVar(&f.limit, "limit", 600, "requests in each window; 0 for no limit")
	flags.Func("types", "further record `types` that zones can hold, such as PTR,TLSA", f.addTypes)
	flags.Func("without", "`features` that the API lacks: "+featureNames(), f.addWithout)
	flags.DurationVar(&f.window, "window", time.Minute, "window of the rate limit")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f.limited = flags.Changed("limit") || flags.Changed("window")
		switch {
		case f.limit < 0:
			return usagef("-limit must not be negative")
		case f.window <= 0:
			return usagef("-window must be positive")
		}
		return serveSandbox(cmd.Context(), f, a.out, a.err)
	}
	cmd.AddCommand(a.pay())
	return cmd
}

// addTypes adds the record types of a list, in any case.
func (f *sandboxFlags) addTypes(list string) error {
	for name := range strings.SplitSeq(strings.ToUpper(list), ",") {
		if (sandbox.Seed{RecordTypes: []string{name}}).Validate() != nil {
			return fmt.Errorf("%q is no record type that can be added", name)
		}
		f.types = append(f.types, name)
	}
	return nil
}

func (f *sandboxFlags) addWithout(list string) error {
	for name := range strings.SplitSeq(list, ",") {
		if !slices.Contains(sandbox.Features(), sandbox.Feature(name)) {
			return fmt.Errorf("there is no feature %q; there are %s", name, featureNames())
		}
		f.without = append(f.without, sandbox.Feature(name))
	}
	return nil
}

func featureNames() string {
	var names []string
	for _, feature := range sandbox.Features() {
		names = append(names, string(feature))
	}
	return strings.Join(names, ", ")
}

// serveSandbox serves until ctx ends, then lets running requests finish.
func serveSandbox(ctx context.Context, f sandboxFlags, stdout, stderr io.Writer) error {
	opts, err := f.options(stderr)
	if err != nil {
		return err
	}
	srv := sandbox.New(opts...)
	handler, base, err := f.speak(srv)
	if err != nil {
		return err
	}
	listener, err := f.listen(ctx)
	if err != nil {
		return err
	}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	announce(stdout, "http://"+listener.Addr().String(), base, srv.RootToken())

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := web.Shutdown(grace); err != nil {
		_ = web.Close()
	}
	<-served
	return nil
}

// announcement is written at once: a reader may stop after the lines it wants.
const announcement = `base URL: %[1]s%[3]s
root token: %[2]s

export API_BASE_URL=%[1]s%[3]s
export API_TOKEN=%[2]s

to pay an invoice: hoster sandbox pay <invoice-id> -url %[1]s
`

func announce(stdout io.Writer, url, base, token string) {
	fmt.Fprintf(stdout, announcement, url, token, base)
}

// apiBase is the path of the sandbox's API.
const apiBase = "/v1"

// speak returns what serves the API in the dialect of the flag, and its base path.
func (f sandboxFlags) speak(srv http.Handler) (handler http.Handler, base string, err error) {
	if f.dialect == "" {
		return srv, apiBase, nil
	}
	table, err := dialect.ParseFile(f.dialect)
	if err != nil {
		return nil, "", err
	}
	handler, err = dialect.NewHandler(table, apiBase, srv)
	return handler, table.Base(), err
}

func (f sandboxFlags) options(log io.Writer) ([]sandbox.Option, error) {
	opts := []sandbox.Option{sandbox.WithLog(log), sandbox.WithRecordTypes(f.types...), sandbox.Without(f.without...)}
	if f.limited {
		opts = append(opts, sandbox.WithRateLimit(f.limit, f.window))
	}
	if f.seed == "" {
		return opts, nil
	}
	file, err := os.Open(f.seed)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	seed, err := sandbox.LoadSeed(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.seed, err)
	}
	return append(opts, sandbox.WithSeed(seed)), nil
}

// listen asks the address for its host before it opens a socket: an empty host,
// or a name with a foreign address, would serve the network.
func (f sandboxFlags) listen(ctx context.Context) (net.Listener, error) {
	addr, err := net.ResolveTCPAddr("tcp", f.addr)
	if err != nil {
		return nil, err
	}
	if !f.anyAddress && !addr.IP.IsLoopback() {
		return nil, fmt.Errorf("%s is not a loopback address; -any-address allows it", f.addr)
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", addr.String())
}
