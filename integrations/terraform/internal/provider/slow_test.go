//go:build slow

package provider

import (
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

// interruptions is how often a run is interrupted by each signal.
const interruptions = 20

// TestPlanOfManyRecordsTakesTwoRequests plans 1,000 unchanged records of one zone.
func TestPlanOfManyRecordsTakesTwoRequests(t *testing.T) {
	a := newAccount(t, sandbox.WithRateLimit(0, 0))
	c := a.cli(many(1000))
	c.must("apply", "-auto-approve", "-parallelism=100")
	before := len(a.Requests())
	c.unchanged()
	if n := len(a.Requests()) - before; n > 2 {
		t.Errorf("a plan of 1,000 unchanged records made %d requests", n)
	}
}
