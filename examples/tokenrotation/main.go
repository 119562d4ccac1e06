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
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/examples/program"
	"github.com/go-hoster/hoster/tokencare"
)

const about = `Usage: tokenrotation [flags]

Tokenrotation is a service that keeps working while it rotates its own token at an
interval. The token stands in the file of API_TOKEN_FILE.`

func main() {
	program.Main("tokenrotation", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tokenrotation", flag.ContinueOnError)
	every := flags.Duration("every", 2*time.Second, "rotate at this `interval`")
	long := flags.Duration("for", 10*time.Second, "stop after this `time`; 0 never")
	if err := program.Parse(flags, about, args, 0, out); err != nil {
		return err
	}
	if *every < shortest || *long < 0 {
		return program.Usage("-every must be at least %v, and -for not negative", shortest)
	}
	p, rotation, err := program.OpenRotating("tokenrotation", []string{"domains:read", "account:read", "account:write"}, hoster.WithUserAgent("hoster-tokenrotation"))
	if err != nil {
		return err
	}
	defer p.Close()
	return serve(ctx, out, p.Client, *every, *long, rotation)
}

// shortest is the shortest interval. A rotation takes six requests, so that the
// service with its work stays below 600 requests a minute.
const shortest = time.Second

// serve works and rotates for a time, or with a time of 0 until the context ends.
func serve(interrupt context.Context, out io.Writer, client *hoster.Client, every, long time.Duration, rotation tokencare.RotateOptions) error {
	ctx := interrupt
	if long > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, long)
		defer cancel()
	}
	var worked, failed atomic.Int64
	working, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() { work(working, client, &worked, &failed) })
	}
	rotations, err := rotate(ctx, out, every, func() (tokencare.Rotation, error) { return rotateOnce(interrupt, client, rotation) })
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
	pace := time.NewTicker(time.Second)
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
func rotate(ctx context.Context, out io.Writer, every time.Duration, once func() (tokencare.Rotation, error)) (int, error) {
	clock := time.NewTicker(every)
	defer clock.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return n, nil
		case <-clock.C:
		}
		done, err := once()
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

// rotateOnce leaves a rotation that has begun half a second after Ctrl-C to
// finish. One that is cut off is safe too, and its error names what it leaves.
func rotateOnce(interrupt context.Context, client *hoster.Client, options tokencare.RotateOptions) (tokencare.Rotation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(interrupt), 10*time.Second)
	defer cancel()
	defer context.AfterFunc(interrupt, func() { time.AfterFunc(500*time.Millisecond, cancel) })()
	return tokencare.Rotate(ctx, client, options)
}
