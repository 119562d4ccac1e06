//go:build slow

package provider

import (
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

const (
	interruptions = 20   // by each signal
	everything    = true // every combination of fault and brand
	hostingFaults = 6
)

// TestPlanOfManyRecordsTakesTwoRequests plans 1,000 unchanged records of one zone.
func TestPlanOfManyRecordsTakesTwoRequests(t *testing.T) {
	t.Parallel()
	a := newAccount(t, sandbox.WithRateLimit(0, 0))
	c := a.cli(many(1000))
	c.must("apply", "-auto-approve", "-parallelism=100")
	before := len(a.Requests())
	c.unchanged()
	if n := len(a.Requests()) - before; n > 2 {
		t.Errorf("a plan of 1,000 unchanged records made %d requests", n)
	}
}
