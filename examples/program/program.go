// Package program is what the examples share beside the SDK: their flags, their
// exit codes, their end by Ctrl-C, and the provider that they talk to.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-hoster/hoster"
)

// The exit codes of every example.
const (
	ExitOK          = 0   // done, or told to stop where stopping is all that is left
	ExitFailed      = 1   // something went wrong on the way
	ExitUsage       = 2   // arguments, environment or input file are wrong
	ExitFindings    = 3   // done, and there is something for a person to do
	ExitInterrupted = 130 // Ctrl-C or SIGTERM came before the end
)

// ErrFindings is what an example returns that has printed what a person must do.
var ErrFindings = errors.New("there is something to do")

// UsageError is about the arguments, the environment or an input file.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() + " (-h shows the usage)" }
func (e *UsageError) Unwrap() error { return e.Err }

// Usage makes a [UsageError].
func Usage(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// patience is how long an example may take to end after Ctrl-C: less than a
// second with what the system needs.
const patience = 900 * time.Millisecond

// Main runs an example and ends the process with one of the exit codes. Ctrl-C
// and SIGTERM end the context; an example that has not ended then within a
// second is left where it is.
func Main(name string, run func(ctx context.Context, args []string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := wait(ctx, name, os.Stderr, func() error { return run(ctx, os.Args[1:]) })
	stop()
	os.Exit(code)
}

// wait is Main without the process.
func wait(ctx context.Context, name string, stderr io.Writer, run func() error) int {
	done := make(chan error, 1)
	go func() { done <- run() }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(patience):
			err = errors.New("interrupted in the middle: what was under way may be done or not")
		}
	}
	code := exitCode(ctx, err)
	if code != ExitOK && code != ExitFindings {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
	}
	return code
}

func exitCode(ctx context.Context, err error) int {
	var usage *UsageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return ExitOK
	case errors.Is(err, ErrFindings):
		return ExitFindings
	case ctx.Err() != nil:
		return ExitInterrupted
	case errors.As(err, &usage), errors.Is(err, hoster.ErrInvalidArgument):
		return ExitUsage
	}
	return ExitFailed
}

// Parse reads the flags. -h prints the usage, which begins with about, and
// returns [flag.ErrHelp]. What the flags do not know, and more than so many
// operands behind them, are a [UsageError].
func Parse(flags *flag.FlagSet, about string, args []string, operands int, stdout io.Writer) error {
	flags.SetOutput(io.Discard)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, "%s\n\n", about)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		fmt.Fprint(stdout, common)
		return err
	case err != nil:
		return &UsageError{err}
	case flags.NArg() > operands:
		return Usage("%q is more than it takes", flags.Arg(operands))
	}
	return nil
}

const common = `
Environment: API_TOKEN or API_TOKEN_FILE, and API_BASE_URL or API_BRAND. Where none
of them is set, it talks to an embedded sandbox.

Exit codes: 0 done, 1 failed, 2 wrong arguments or input, 3 something is left for a
person to do, 130 interrupted.
`

// IsTerminal reports whether out is a terminal.
func IsTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// UsesColour reports whether out is a terminal whose user has not set NO_COLOR.
func UsesColour(out io.Writer) bool { return os.Getenv("NO_COLOR") == "" && IsTerminal(out) }
