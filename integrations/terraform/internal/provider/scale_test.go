package provider

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

// many is a configuration of n records of one domain.
func many(n int) string {
	return fmt.Sprintf("resource \"hoster_dns_record\" \"r\" {\n  count = %d\n  domain = \"example.net\"\n  name = \"host-${count.index %% 50}\"\n  type = \"A\"\n  value = \"192.0.2.${floor(count.index / 50)}\"\n  ttl = 600\n}\n", n)
}

// refused counts the answers 429.
func (a *account) refused() (n int) {
	for _, r := range a.Requests() {
		if r.Status == 429 {
			n++
		}
	}
	return n
}

// manyRecords are how many records of those that many makes are there.
func (a *account) manyRecords() (n int) {
	a.View(func(s *sandbox.State) {
		for _, d := range s.Domains {
			for _, r := range d.Records {
				if d.Name == "example.net" && strings.HasPrefix(r.Name, "host-") {
					n++
				}
			}
		}
	})
	return n
}

// TestManyRecordsTakeFewRequests creates 200 records, ten at a time, at 20 requests per
// second, plans them and deletes them. On a machine that is too busy for Terraform to
// send ten at a time it takes more: the best of three runs counts, but no run gets a 429.
func TestManyRecordsTakeFewRequests(t *testing.T) {
	t.Parallel()
	for left := 2; left >= 0; left-- {
		a := newAccount(t, sandbox.WithRateLimit(20, time.Second))
		c := a.cli(many(200))
		c.must("apply", "-auto-approve", "-parallelism=10")
		created := len(a.Requests())
		if n := a.manyRecords(); n != 200 {
			t.Fatalf("%d records were created", n)
		}
		c.unchanged()
		planned := len(a.Requests()) - created
		c.must("destroy", "-auto-approve", "-parallelism=10")
		destroyed := len(a.Requests()) - created - planned
		t.Logf("200 records took %d requests to create, %d to plan, %d to delete", created, planned, destroyed)
		if a.refused() > 0 || a.manyRecords() != 0 || planned > 2 {
			t.Fatalf("%d answers 429, %d records left", a.refused(), a.manyRecords())
		}
		if created <= 30 && destroyed <= 30 {
			return
		}
	}
	t.Error("200 records took more than 30 requests")
}

// TestInterruptedRuns ends Terraform and the provider in the middle of 60 creates. The
// next apply ends with all of them, and an empty plan.
func TestInterruptedRuns(t *testing.T) {
	t.Parallel()
	for i := range interruptions {
		for name, signal := range map[string]syscall.Signal{"SIGKILL": syscall.SIGKILL, "SIGINT": syscall.SIGINT} {
			a := newAccount(t)
			// The signal comes after some batches, while another is under way.
			a.Inject(sandbox.Fault{Operation: "DNS.Batch", Times: -1, Delay: 30 * time.Millisecond})
			c := a.cli(many(60))
			cmd := c.command("apply", "-auto-approve")
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for begun := time.Now(); a.manyRecords() < 10*(1+i%5) && time.Since(begun) < time.Minute; {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Duration(i*7%50) * time.Millisecond)
			if signal == syscall.SIGKILL {
				_ = syscall.Kill(-cmd.Process.Pid, signal) // the provider too
			} else {
				_ = cmd.Process.Signal(signal)
			}
			_ = cmd.Wait()
			there := a.manyRecords()
			c.must("apply", "-auto-approve", "-lock=false")
			if got := a.manyRecords(); got != 60 {
				t.Errorf("%s after %d records: the next apply ended with %d", name, there, got)
			}
			c.unchanged()
			t.Logf("%s after %d records", name, there)
		}
	}
}
