package hoster_test

import (
	"testing"

	"github.com/go-hoster/hoster"
)

const raceEnabled = hoster.RaceEnabled

// TestListAllocations: a record of a zone costs one allocation, its page and the
// numbers of some types the rest.
func TestListAllocations(t *testing.T) {
	const records, most = 10_000, 1.1
	zone := newBenchZone(records, 1000)
	client := stubClient(t, zone)
	allocations := testing.AllocsPerRun(2, func() {
		all, err := client.DNS.List(t.Context(), "example.com", nil)
		checkBench(t, all, records, err)
	})
	if each := allocations / records; each > most && !raceEnabled {
		t.Errorf("%.3f allocations for each record, want %v at most", each, most)
	}
}
