// Tokenrotation is a service that keeps working while it rotates its own token
// at an interval: no request fails for it.
//
//	go run ./examples/tokenrotation [-every 2s] [-for 10s]
//
// It talks to the provider of the environment, where a rotation really replaces
// the token in API_TOKEN, or to an embedded sandbox where nothing is set. A real
// service stores the new secret where it will find it again; this one asks for
// the path of a file with -store, and on the sandbox goes without.
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "tokenrotation:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tokenrotation", flag.ContinueOnError)
	every := flags.Duration("every", 2*time.Second, "rotate at this `interval`")
	long := flags.Duration("for", 10*time.Second, "stop after this `time`; 0 never")
	store := flags.String("store", "", "`file` that the new secret is written to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *every <= 0 || *long < 0 {
		return errors.New("-every must be above 0, and -for not below")
	}
	p, err := provider.OpenRotating("tokenrotation", []string{"domains:read", "account:read", "account:write"}, hoster.WithUserAgent("hoster-tokenrotation"))
	if err != nil {
		return err
	}
	defer p.Close()
	if p.Sandbox == nil && *store == "" {
		return errors.New("-store is needed: whoever loses the new token is locked out")
	}
	if *long > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *long)
		defer cancel()
	}
	return serve(ctx, out, p.Client, *every, keep(*store))
}

// keep writes the secret to a file that only its owner can read, all at once.
func keep(path string) func(context.Context, hoster.CreatedToken) error {
	return func(_ context.Context, token hoster.CreatedToken) error {
		if path == "" {
			return nil
		}
		next := path + ".next"
		if err := os.WriteFile(next, []byte(token.Secret.Reveal()), 0o600); err != nil {
			return err
		}
		return os.Rename(next, path)
	}
}

// serve works and rotates until the context ends.
func serve(ctx context.Context, out io.Writer, client *hoster.Client, every time.Duration, store func(context.Context, hoster.CreatedToken) error) error {
	var worked, failed atomic.Int64
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() { work(working, client, &worked, &failed) })
	}
	rotations, err := rotate(ctx, out, client, every, store)
	stop()
	workers.Wait()
	fmt.Fprintf(out, "%d rotations, %d requests, %d failed\n", rotations, worked.Load(), failed.Load())
	if err == nil && failed.Load() > 0 {
		err = fmt.Errorf("%d requests failed", failed.Load())
	}
	return err
}

// work is what the service is there for.
func work(ctx context.Context, client *hoster.Client, worked, failed *atomic.Int64) {
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		_, err := client.Domains.Get(ctx, "example.com")
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !errors.Is(err, hoster.ErrNotFound):
			failed.Add(1)
		default:
			worked.Add(1)
		}
	}
}

// rotate replaces the token at each interval.
func rotate(ctx context.Context, out io.Writer, client *hoster.Client, every time.Duration, store func(context.Context, hoster.CreatedToken) error) (int, error) {
	clock := time.NewTicker(every)
	defer clock.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return n, nil
		case <-clock.C:
		}
		// A rotation that has begun is finished, whatever ends the service.
		rotation, err := client.Tokens.Rotate(context.WithoutCancel(ctx), hoster.RotateOptions{Store: store})
		if err != nil {
			return n, err
		}
		fmt.Fprintf(out, "rotated: %s (%s…) is in use, %s is revoked\n", rotation.New.Name, rotation.New.Prefix, rotation.Old.Name)
	}
}
