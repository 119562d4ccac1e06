package hoster

import (
	"github.com/go-hoster/hoster/internal/errbody"
	"github.com/go-hoster/hoster/internal/jsonread"
	"github.com/go-hoster/hoster/internal/pager"
)

// Bounds on what an answer can cost. Reading takes time in proportion to the
// answer's length, and altogether at most 8 times its length in memory, or 2 MiB
// if that is more.
const (
	maxSuccessBody = 32 << 20 // octets that are read of a success
	maxErrorBody   = 64 << 10 // octets that are read of an error

	maxDepth     = 1000    // of nested arrays and objects
	maxExpansion = 5       // memory of the values, in lengths of the answer
	minValues    = 1 << 20 // octets that values may have in any case

	maxMessages = 100     // texts and fields that are kept of an error
	maxMessage  = 4 << 10 // octets of each
	maxText     = 512     // octets that an error shows of a foreign page

	maxKept = 1 << 20 // octets of a buffer that waits for the next answer
)

// Bounds on a list of many pages, which end a walk over pages without end.
const (
	maxPages  = 50_000
	maxItems  = 2_000_000
	maxListed = 1 << 30 // octets of the answers that List reads into one slice
)

var (
	walkLimits  = pager.Limits{Pages: maxPages, Items: maxItems, Octets: maxListed}
	readLimits  = jsonread.Limits{Depth: maxDepth, Factor: maxExpansion, Floor: minValues}
	errorLimits = errbody.Limits{Messages: maxMessages, Text: maxMessage, JSON: readLimits}
)
