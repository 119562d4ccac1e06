// The heavier half of the weight check: the same program with the SDK, which
// brings all of its services along. It is built by name, as a file.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/go-hoster/hoster"
)

func main() {
	client, err := hoster.NewClientFromEnv()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	d, err := client.Domains.Get(context.Background(), os.Args[len(os.Args)-1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(d.Name)
}
