package hoster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

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
	if os.Getenv("ZONE_REPLACES") != "" {
		replace(t, client, name)
		return
	}
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

// fleets are providers with what five processes can rely on.
var fleets = map[string][]sandbox.Option{
	"with ETags":                nil,
	"without ETags":             {sandbox.Without(sandbox.ETags)},
	"without ETags and batches": {sandbox.Without(sandbox.ETags, sandbox.Batch)},
}

// writeAtOnce runs five writers, and returns the values of a set afterwards.
func writeAtOnce(t *testing.T, options []sandbox.Option, set string, env ...string) []string {
	t.Helper()
	srv := hostertest.New(t, append(options, sandbox.WithRateLimit(0, 0))...)
	for _, slow := range []string{"DNS.Create", "DNS.Delete", "DNS.Batch"} { // between a reading and the write others write too
		srv.Inject(sandbox.Fault{Operation: slow, Times: -1, Delay: 5 * time.Millisecond})
	}
	var writers []*exec.Cmd
	for i := range 5 {
		writer := exec.Command(os.Args[0], "-test.run", "^TestZoneWriterProcess$")
		writer.Env = append(os.Environ(), fmt.Sprint("ZONE_WRITER=w", i), "ZONE_URL="+srv.URL(), "ZONE_TOKEN="+srv.RootToken())
		writer.Env = append(writer.Env, env...)
		writer.Stdout = &bytes.Buffer{}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		writers = append(writers, writer)
	}
	for _, writer := range writers {
		if err := writer.Wait(); err != nil {
			t.Errorf("%v: %s", err, writer.Stdout)
		}
	}
	client := newTestClient(t, srv.URL(), srv.RootToken())
	var values []string
	for record, err := range client.DNS.All(t.Context(), "example.com", &hoster.RecordListOptions{Type: "TXT", Name: set}) {
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, record.Value)
	}
	slices.Sort(values)
	return values
}

// TestZoneOfProcesses: five processes write to one record set, without a lock. No
// value is lost and none comes back, with ETags and without.
func TestZoneOfProcesses(t *testing.T) {
	var want []string
	for i := range 5 {
		for n := 0; n < 8; n += 2 {
			want = append(want, fmt.Sprintf("w%d-%d", i, n))
		}
	}
	for name, options := range fleets {
		t.Run(name, func(t *testing.T) {
			if got := writeAtOnce(t, options, "shared"); !slices.Equal(got, want) {
				t.Errorf("the set holds %q", got)
			}
		})
	}
}

// TestZoneReplacedByProcesses: five processes replace one record set. It holds what
// one of them wanted, and not a mixture.
func TestZoneReplacedByProcesses(t *testing.T) {
	for name, options := range fleets {
		t.Run(name, func(t *testing.T) {
			got := writeAtOnce(t, options, "replaced", "ZONE_REPLACES=yes")
			if len(got) != 3 || got[0][:len("w0-0")] != got[2][:len("w0-0")] {
				t.Errorf("the set holds %q", got)
			}
		})
	}
}

// replace replaces a set again and again, each time until no other writer came in.
func replace(t *testing.T, client *hoster.Client, name string) {
	for i := range 6 {
		set := hoster.RecordSet{Name: "replaced"}
		for n := range 3 {
			set.Values = append(set.Values, dnszone.TXT{Text: fmt.Sprint(name, "-", i, "-", n)})
		}
		for {
			_, err := client.DNS.ReplaceSet(context.Background(), "example.com", set)
			if err == nil {
				break
			}
			if !errors.Is(err, hoster.ErrConflict) {
				t.Fatal(err)
			}
		}
	}
}
