// Tokenrotation is a service that keeps working while it rotates its own token
// at an interval: no request fails for it.
//
//	go run ./examples/tokenrotation [-every 2s] [-for 10s]
//
// It talks to the provider of the environment, or to an embedded sandbox where
// nothing is set. There the token stands in the file that API_TOKEN_FILE names,
// and a rotation really replaces it; several such services can share the file.
// Give the first token no expiry: a token cannot create one that outlives it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/internal/provider"
	"github.com/go-hoster/hoster/tokencare"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "tokenrotation:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "tokenrotation:", err)
		os.Exit(1)
	}
}

// usageError is about the arguments.
type usageError struct{ error }

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tokenrotation", flag.ContinueOnError)
	every := flags.Duration("every", 2*time.Second, "rotate at this `interval`")
	long := flags.Duration("for", 10*time.Second, "stop after this `time`; 0 never")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError{err}
	}
	if *every <= 0 || *long < 0 || flags.NArg() > 0 {
		return usageError{errors.New("-every must be above 0, -for not below, and nothing else is taken")}
	}
	p, rotation, err := provider.OpenRotating("tokenrotation", []string{"domains:read", "account:read", "account:write"}, hoster.WithUserAgent("hoster-tokenrotation"))
	if err != nil {
		return err
	}
	defer p.Close()
	if *long > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *long)
		defer cancel()
	}
	return serve(ctx, out, p.Client, *every, rotation)
}

// serve works and rotates until the context ends.
func serve(ctx context.Context, out io.Writer, client *hoster.Client, every time.Duration, rotation tokencare.RotateOptions) error {
	var worked, failed atomic.Int64
	working, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() { work(working, client, &worked, &failed) })
	}
	rotations, err := rotate(ctx, out, client, every, rotation)
	stop()
	workers.Wait()
	fmt.Fprintf(out, "%d rotations, %d requests, %d failed\n", rotations, worked.Load(), failed.Load())
	if err == nil && failed.Load() > 0 {
		err = fmt.Errorf("%d requests failed", failed.Load())
	}
	return err
}

// work is what the service is there for. Its pace leaves something of a budget
// of 600 requests a minute.
func work(ctx context.Context, client *hoster.Client, worked, failed *atomic.Int64) {
	pace := time.NewTicker(400 * time.Millisecond)
	defer pace.Stop()
	for {
		_, err := client.Domains.Get(ctx, "example.com")
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !errors.Is(err, hoster.ErrNotFound):
			failed.Add(1)
		default:
			worked.Add(1)
		}
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
	}
}

// rotate replaces the token at each interval.
func rotate(ctx context.Context, out io.Writer, client *hoster.Client, every time.Duration, options tokencare.RotateOptions) (int, error) {
	clock := time.NewTicker(every)
	defer clock.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return n, nil
		case <-clock.C:
		}
		done, err := rotateOnce(ctx, client, options)
		if err != nil {
			return n, err
		}
		if done.Adopted {
			fmt.Fprintf(out, "%s (%s…) is in use, which another process created\n", done.New.Name, done.New.Prefix)
		} else {
			fmt.Fprintf(out, "rotated: %s (%s…) is in use, %s is revoked\n", done.New.Name, done.New.Prefix, done.Old.Name)
		}
		if done.EndsSoon {
			fmt.Fprintf(out, "it expires on %s, and so does every token that it can create: put one without an expiry into the file\n", done.New.ExpiresAt.Format(time.DateOnly))
		}
		for _, token := range done.Leftover {
			fmt.Fprintf(out, "left over by an earlier run, or in use by another program: %s (%s)\n", token.Name, token.ID)
		}
	}
}

// rotateOnce finishes a rotation that has begun, whatever ends the service,
// unless that takes long. One that is cut off is safe too, and its error names
// what it leaves.
func rotateOnce(ctx context.Context, client *hoster.Client, options tokencare.RotateOptions) (tokencare.Rotation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return tokencare.Rotate(ctx, client, options)
}
