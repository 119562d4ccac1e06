package hoster_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestZoneWriterProcess is one of the processes of TestZoneOfProcesses: it adds
// values of its own to a set, and removes every other one again.
func TestZoneWriterProcess(t *testing.T) {
	name := os.Getenv("ZONE_WRITER")
	if name == "" {
		return // in a run of all tests there is nothing to do
	}
	client := newTestClient(t, os.Getenv("ZONE_URL"), os.Getenv("ZONE_TOKEN"))
	for i := range 8 {
		set := hoster.RecordSet{Name: "shared", Values: []dnszone.Data{dnszone.TXT{Text: fmt.Sprint(name, "-", i)}}}
		if _, err := client.DNS.AppendValues(context.Background(), "example.com", set); err != nil {
			t.Error(err)
		}
		if i%2 == 1 {
			if _, err := client.DNS.RemoveValues(context.Background(), "example.com", set); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestZoneOfProcesses: five processes write to one record set, without a lock. No
// value is lost and none comes back, with ETags and without.
func TestZoneOfProcesses(t *testing.T) {
	for name, options := range map[string][]sandbox.Option{
		"with ETags":                nil,
		"without ETags":             {sandbox.Without(sandbox.ETags)},
		"without ETags and batches": {sandbox.Without(sandbox.ETags, sandbox.Batch)},
	} {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, append(options, sandbox.WithRateLimit(0, 0))...)
			var want []string
			var writers []*exec.Cmd
			for i := range 5 {
				writer := exec.Command(os.Args[0], "-test.run", "^TestZoneWriterProcess$")
				writer.Env = append(os.Environ(), fmt.Sprint("ZONE_WRITER=w", i), "ZONE_URL="+srv.URL(), "ZONE_TOKEN="+srv.RootToken())
				writer.Stdout = &bytes.Buffer{}
				if err := writer.Start(); err != nil {
					t.Fatal(err)
				}
				writers = append(writers, writer)
				for n := 0; n < 8; n += 2 {
					want = append(want, fmt.Sprintf("w%d-%d", i, n))
				}
			}
			for _, writer := range writers {
				if err := writer.Wait(); err != nil {
					t.Errorf("%v: %s", err, writer.Stdout)
				}
			}
			client := newTestClient(t, srv.URL(), srv.RootToken())
			var got []string
			for record, err := range client.DNS.All(t.Context(), "example.com", &hoster.RecordListOptions{Type: "TXT", Name: "shared"}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, record.Value)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("the set holds %q", got)
			}
		})
	}
}
