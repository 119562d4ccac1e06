// Command hoster runs the tools that come with the SDK.
//
//	hoster sandbox        serve the API from memory, on a loopback address
//	hoster sandbox pay    pay an invoice of a sandbox that runs
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

const usage = `usage: hoster <command> [flags]

commands:
  sandbox       serve the API from memory, on a loopback address
  sandbox pay   pay an invoice of a sandbox that runs
  help          print this text

"hoster <command> -h" lists the flags of a command.
`

// run is main without the process: it ends when ctx does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := ""
	if len(args) > 0 {
		command = args[0]
	}
	switch command {
	case "sandbox":
		return runSandbox(ctx, args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return exitOK
	case "":
		fmt.Fprint(stderr, usage)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "hoster: unknown command %q\n\n%s", command, usage)
		return exitUsage
	}
}
