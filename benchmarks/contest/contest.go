// Package contest says what is measured and how: the contenders that need no
// SDK but this one, the works that all do, the clock and the targets. It does
// not import the peers, so that the guard of each change need not compile them.
package contest

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-hoster/hoster/benchmarks/wire"
)

// ZonePage is how many records a page of the whole zone has.
const ZonePage = 500

// Found is what an operation came back with, so that none can skip its work.
type Found struct {
	Items int
	First string // the name of the first item
	Last  string // the value of the last item; a domain's own name
}

// Client is an SDK, set up to talk to the benchmark's server.
type Client interface {
	// Domain gets the one domain.
	Domain(ctx context.Context) (Found, error)
	// Page gets the first page of the zone, with that many records.
	Page(ctx context.Context, size int) (Found, error)
	// Zone gets all records, in pages of ZonePage.
	Zone(ctx context.Context) (Found, error)
}

// Contender is one way to do the work. New makes its client for a server's
// origin, such as "http://127.0.0.1:80"; it must send through the given client.
type Contender struct {
	Name string
	Peer bool // another provider's SDK
	New  func(origin string, client *http.Client) (Client, error)
	// Undecoded contenders do not look into the bodies, so only their size counts.
	Undecoded bool
}

// Own are the contenders that no other SDK is needed for.
func Own() []Contender {
	return []Contender{
		{Name: "floor", New: newFloor, Undecoded: true},
		{Name: "raw", New: newRaw},
		{Name: "hoster", New: newHoster},
	}
}

// Operation is one thing to do: a domain, a page of that size, or the zone.
type Operation struct {
	Name  string
	Items int // 1 for the domain, the zone's size for the zone
}

// The operations of the works.
var (
	Get   = Operation{"get", 1}
	Page1 = Operation{"page100", 100}
	Page2 = Operation{"page1000", 1000}
	Zone  = Operation{"zone10000", wire.Records}
)

// Do runs the operation once and checks what it found.
func (o Operation) Do(ctx context.Context, c Contender, client Client) error {
	var found Found
	var err error
	switch o.Items {
	case 1:
		found, err = client.Domain(ctx)
	case wire.Records:
		found, err = client.Zone(ctx)
	default:
		found, err = client.Page(ctx, o.Items)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s of %s: %w", o.Name, c.Name, err)
	case c.Undecoded:
		if least := o.Items * wire.ItemSize; found.Items < least {
			return fmt.Errorf("%s of %s: %d bytes, less than %d", o.Name, c.Name, found.Items, least)
		}
		return nil
	}
	first, last := wire.Domain, wire.Domain
	if o.Items > 1 {
		first, last = wire.Name(0), wire.Mark(o.Items-1)
	}
	if found.Items != o.Items || !strings.HasPrefix(found.First, first) || !strings.HasPrefix(found.Last, last) {
		return fmt.Errorf("%s of %s found %d items from %q to %.20q", o.Name, c.Name, found.Items, found.First, found.Last)
	}
	return nil
}

// Place is where the answers come from.
type Place string

// The places.
const (
	Stub     Place = "stub"     // in this process: no socket
	Loopback Place = "loopback" // HTTP/1.1, another process
	Parallel Place = "parallel" // the same, many goroutines
	Gzip     Place = "gzip"     // the same, compressed
	TLS1     Place = "tls1"     // HTTP/1.1 over TLS
	TLS2     Place = "tls2"     // HTTP/2 over TLS
	Slow     Place = "slow"     // 30 ms per answer
)

// Work is an operation at a place.
type Work struct {
	Place Place
	Operation
}

// String names the work as benchmarks do.
func (w Work) String() string { return string(w.Place) + "/" + w.Name }

// Works are all works, in the order in which they run and are shown.
func Works() []Work {
	return []Work{
		{Stub, Get}, {Stub, Page1}, {Stub, Page2}, {Stub, Zone},
		{Loopback, Get}, {Loopback, Page1}, {Loopback, Page2}, {Loopback, Zone},
		{Parallel, Get}, {Gzip, Page2},
		{TLS1, Get}, {TLS2, Get}, {TLS1, Page2}, {TLS2, Page2},
		{Slow, Zone},
	}
}
