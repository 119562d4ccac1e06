package hoster

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/zonework"
)

// ZoneSnapshot answers many questions about a zone from one reading of it. All
// snapshots that a client has of a domain share it. It follows the verbs of this
// client, such as [DNSService.ReplaceSet], where the provider tells the version of
// the zone; any other write of this client to the zone makes the next question read
// again, one of unknown outcome too, and so does every write by [Client.Call].
// Writes of others are not seen until then, until [ZoneSnapshot.Invalidate], or
// until the reading is too old: see [ZoneSnapshot.WithMaxAge]. It is safe for
// concurrent use: however many ask at once, the zone is read once, and one that
// gives up does not fail the others. A reading that lacks the nameservers of the
// apex is not believed: the error matches [ErrPagination]. A panic while the zone
// is read, of a transport for example, is a panic of each question that waited
// for it. All questions need [ScopeDNSRead].
type ZoneSnapshot struct {
	service *DNSService
	zone    string
	wrong   error // of the domain
	mirror  *zonework.Mirror
	maxAge  time.Duration
}

const opSnapshot = Operation("DNS.Snapshot")

// Snapshot returns a snapshot of a domain's zone. Nothing is read until it is
// asked. Keep it as long as its questions belong together.
func (s *DNSService) Snapshot(domain string) *ZoneSnapshot {
	z := &ZoneSnapshot{service: s}
	if z.zone, z.wrong = canonicalDomain(opSnapshot, "domain", domain); z.wrong == nil {
		z.mirror = s.client.zones.Mirror(z.zone)
	}
	return z
}

// WithMaxAge returns the snapshot with a bound on the age of what it answers from,
// for processes that live long; 0 is no bound.
func (z *ZoneSnapshot) WithMaxAge(age time.Duration) *ZoneSnapshot {
	bounded := *z
	bounded.maxAge = age
	return &bounded
}

// Records returns all records of the zone.
func (z *ZoneSnapshot) Records(ctx context.Context) ([]Record, error) {
	var all []Record
	for r, err := range z.All(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, ownNumbers(r))
	}
	return all, nil
}

// All goes through the records of the zone and copies none of them: the numbers that
// they point to must not be changed. An error is given last.
func (z *ZoneSnapshot) All(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		view, err := z.view(ctx)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for h := range view.Records() {
			if !yield(recordOf(h), nil) {
				return
			}
		}
	}
}

// Lookup returns the records of one name and type, none if there are none.
func (z *ZoneSnapshot) Lookup(ctx context.Context, name string, rrtype RecordType) ([]Record, error) {
	if z.wrong != nil {
		return nil, z.wrong
	}
	relative, err := relativeName(opSnapshot, name, z.zone)
	if err != nil {
		return nil, err
	}
	parsed, err := dnszone.ParseName(relative, z.zone)
	if err != nil {
		return nil, recordError(opSnapshot, err)
	}
	view, err := z.view(ctx)
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, h := range view.Set(dnszone.SetKey{Name: parsed, Type: canonicalType(rrtype)}) {
		records = append(records, ownNumbers(recordOf(h)))
	}
	return records, nil
}

// Get returns the record with an id. If there is none the error matches
// [ErrNotFound], and is no [*Error].
func (z *ZoneSnapshot) Get(ctx context.Context, id RecordID) (Record, error) {
	view, err := z.view(ctx)
	if err != nil {
		return Record{}, err
	}
	h, ok := view.Record(string(id))
	if !ok {
		return Record{}, &absentError{op: opSnapshot, what: "record " + string(id) + " in " + z.zone}
	}
	return ownNumbers(recordOf(h)), nil
}

// Invalidate makes the next question read the zone again.
func (z *ZoneSnapshot) Invalidate() {
	if z.mirror != nil {
		z.mirror.Invalidate()
	}
}

func (z *ZoneSnapshot) view(ctx context.Context) (zonework.View, error) {
	switch {
	case z.wrong != nil:
		return zonework.View{}, z.wrong
	case ctx == nil:
		return zonework.View{}, &ArgumentError{Operation: opSnapshot, Field: "ctx", Expected: "a context that is not nil"}
	}
	calls := &zoneCalls{service: z.service, op: opSnapshot, zone: z.zone}
	view, err := z.mirror.View(ctx, z.service.client.zones, z.zone, z.maxAge, calls.ReadAll)
	if waited, ok := errors.AsType[*zonework.Waited](err); ok {
		err = &TransportError{Operation: opDNSList.name, Err: waited.Err}
	}
	return view, err
}

// ownNumbers copies what a record points to: what one caller does with it is nobody
// else's concern.
func ownNumbers(r Record) Record {
	r.Priority, r.Weight, r.Port = copyOf(r.Priority), copyOf(r.Weight), copyOf(r.Port)
	return r
}

func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	fresh := *p
	return &fresh
}
