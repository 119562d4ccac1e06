// Package contest says what is measured and how: the contenders that need no
// SDK but this one, the works that all do, the clock and the targets. It does
// not import the peers, so that the guard of each change need not compile them.
package contest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/benchmarks/wire"
)

// ZonePage is how many records a page of the whole zone has.
const ZonePage = 500

// Client is an SDK, set up to talk to the benchmark's server.
type Client interface {
	// Domain gets the one domain.
	Domain(ctx context.Context) (Found, error)
	// Page gets the first page of the zone, with that many records.
	Page(ctx context.Context, size int) (Found, error)
	// Zone gets all records, in pages of ZonePage.
	Zone(ctx context.Context) (Found, error)
}

// ResourceClient is a Client of hoster's own API, which has more than a domain
// and a zone. Peers are none: what they have there is of another shape.
type ResourceClient interface {
	Client
	// Resource gets the resource, or that many items of it.
	Resource(ctx context.Context, resource wire.Resource, size int) (Found, error)
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

// Operation is one thing to do: a domain, a page of that size, the zone, or what
// only a ResourceClient can.
type Operation struct {
	Name     string
	Items    int           // 1 for a single resource, the zone's size for the zone
	Resource wire.Resource // empty for what every contender does
}

// The operations that every contender does.
var (
	Get   = Operation{"get", 1, ""}
	Page1 = Operation{"page100", 100, ""}
	Page2 = Operation{"page1000", 1000, ""}
	Zone  = Operation{"zone10000", wire.Records, ""}
)

// Pages of every type that is listed, beside the records of Page1 and Page2, and
// records of mixed types and in an unusual envelope.
var (
	Domains  = Operation{"domains100", 100, wire.Domains}
	Contacts = Operation{"contacts100", 100, wire.Contacts}
	Invoices = Operation{"invoices100", 100, wire.Invoices}
	Orders   = Operation{"orders100", 100, wire.Orders}
	Services = Operation{"services100", 100, wire.Services}
	Plans    = Operation{"plans100", 100, wire.Plans}
	Tokens   = Operation{"tokens100", 100, wire.Tokens}
	Mixed1   = Operation{"mixed100", 100, wire.MixedRecords}
	Mixed2   = Operation{"mixed1000", 1000, wire.MixedRecords}
	Odd1     = Operation{"odd100", 100, wire.OddRecords}
	Odd2     = Operation{"odd1000", 1000, wire.OddRecords}
)

// Pages are those that only a ResourceClient reads.
func Pages() []Operation {
	return []Operation{Domains, Contacts, Invoices, Orders, Services, Plans, Tokens, Mixed1, Mixed2, Odd1, Odd2}
}

// Singles are the resources that are read one at a time, beside the domain.
func Singles() []Operation {
	return []Operation{
		{"profile", 1, wire.Profile}, {"contact", 1, wire.Contact}, {"invoice", 1, wire.Invoice}, {"order", 1, wire.Order},
		{"service", 1, wire.Service}, {"usage", 1, wire.Usage}, {"token", 1, wire.Token}, {"transfer", 1, wire.Transfer},
		{"nameservers", 1, wire.Nameservers}, {"domaincontacts", 1, wire.DomainContacts},
		{"availability50", len(wire.Candidates), wire.Availability},
	}
}

// ByAll reports whether every contender does the operation.
func (o Operation) ByAll() bool { return o.Resource == "" }

// Do runs the operation once and checks what it found.
func (o Operation) Do(ctx context.Context, c Contender, client Client) error {
	found, err := o.do(ctx, client)
	switch {
	case err != nil:
		return fmt.Errorf("%s of %s: %w", o.Name, c.Name, err)
	case c.Undecoded:
		if least := o.Items * o.itemSize(); found.Items < least {
			return fmt.Errorf("%s of %s: %d bytes, less than %d", o.Name, c.Name, found.Items, least)
		}
		return nil
	}
	first, last := o.ends()
	if found.Items != o.Items || !strings.HasPrefix(found.First, first) || !strings.HasPrefix(found.Last, last) {
		return fmt.Errorf("%s of %s found %d items from %q to %.20q", o.Name, c.Name, found.Items, found.First, found.Last)
	}
	return nil
}

func (o Operation) do(ctx context.Context, client Client) (Found, error) {
	switch {
	case !o.ByAll():
		all, ok := client.(ResourceClient)
		if !ok {
			return Found{}, fmt.Errorf("no client for %s", o.Resource)
		}
		return all.Resource(ctx, o.Resource, o.Items)
	case o.Items == 1:
		return client.Domain(ctx)
	case o.Items == wire.Records:
		return client.Zone(ctx)
	}
	return client.Page(ctx, o.Items)
}

// itemSize is the least that an item has in bytes. Resources are of different
// sizes, none of them is smaller than this.
func (o Operation) itemSize() int {
	if o.ByAll() {
		return wire.ItemSize
	}
	return 70
}

// ends are what Found must begin with.
func (o Operation) ends() (first, last string) {
	switch {
	case !o.ByAll():
		return o.Resource.Ends(o.Items)
	case o.Items == 1:
		return wire.Domain, wire.Domain
	}
	return wire.Name(0), wire.Mark(o.Items - 1)
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
	works := []Work{{Stub, Get}, {Stub, Page1}, {Stub, Page2}, {Stub, Zone}}
	for _, o := range slices.Concat(Pages(), Singles()) {
		works = append(works, Work{Stub, o})
	}
	return append(works, []Work{
		{Loopback, Get}, {Loopback, Page1}, {Loopback, Page2}, {Loopback, Zone},
		{Parallel, Get}, {Gzip, Page2},
		{TLS1, Get}, {TLS2, Get}, {TLS1, Page2}, {TLS2, Page2},
		{Slow, Zone},
	}...)
}
