package hoster

import (
	"context"
	"slices"
	"sync"

	"github.com/go-hoster/hoster/internal/relay"
)

// ZoneSnapshot answers many questions about a zone from one reading of it. Every
// write of this client to the zone makes the next question read again, one of
// unknown outcome too, and so does every write by [Client.Call]; writes of others
// are not seen until then, or until [ZoneSnapshot.Invalidate]. It is safe for
// concurrent use: however many ask at once, the zone is read once, and one that
// gives up does not fail the others. A reading that lacks the nameservers of the
// apex is not believed: the error matches [ErrPagination]. A panic while the zone
// is read, of a transport for example, is a panic of each question that waited
// for it.
type ZoneSnapshot struct {
	service *DNSService
	domain  string

	mu     sync.Mutex
	flight *zoneReading
}

// zoneReading is one reading of the zone, under way or done.
type zoneReading struct {
	writes  uint64 // of the client when it began
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	records []Record
	sets    map[setName][]Record // the same by what they are asked for
	err     error
	end     relay.End
}

type setName struct {
	name   string
	rrtype RecordType
}

// Snapshot returns a snapshot of a domain's zone. Nothing is read until it is
// asked. Keep it as long as its questions belong together.
func (s *DNSService) Snapshot(domain string) *ZoneSnapshot {
	return &ZoneSnapshot{service: s, domain: domain}
}

// Records returns all records of the zone. It needs [ScopeDNSRead].
func (z *ZoneSnapshot) Records(ctx context.Context) ([]Record, error) {
	f, err := z.read(ctx)
	if err != nil {
		return nil, err
	}
	return copies(f.records), nil
}

// copies go down to the numbers that records point to: what one caller does with
// them is nobody else's concern.
func copies(records []Record) []Record {
	records = slices.Clone(records)
	for i := range records {
		r := &records[i]
		r.Priority, r.Weight, r.Port = copyOf(r.Priority), copyOf(r.Weight), copyOf(r.Port)
	}
	return records
}

func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	fresh := *p
	return &fresh
}

// Lookup returns the records of one name and type, none if there are none. It
// needs [ScopeDNSRead].
func (z *ZoneSnapshot) Lookup(ctx context.Context, name string, rrtype RecordType) ([]Record, error) {
	zone, err := canonicalDomain("DNS.Snapshot", "domain", z.domain)
	if err != nil {
		return nil, err
	}
	if name, err = relativeName("DNS.Snapshot", name, zone); err != nil {
		return nil, err
	}
	f, err := z.read(ctx)
	if err != nil {
		return nil, err
	}
	return copies(f.sets[setName{name, canonicalType(rrtype)}]), nil
}

// Invalidate makes the next question read the zone again.
func (z *ZoneSnapshot) Invalidate() {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.flight = nil
}

// read joins the reading that is good, or begins one, and waits for its end.
func (z *ZoneSnapshot) read(ctx context.Context) (*zoneReading, error) {
	if ctx == nil {
		return nil, &ArgumentError{Operation: "DNS.Snapshot", Field: "ctx", Expected: "a context that is not nil"}
	}
	zone, err := canonicalDomain("DNS.Snapshot", "domain", z.domain)
	if err != nil {
		return nil, err
	}
	z.mu.Lock()
	writes := z.service.client.zones.writes(zone)
	f := z.flight
	if f == nil || f.writes != writes || f.failed() {
		f = z.begin(ctx, zone, writes)
	}
	f.waiting++
	z.mu.Unlock()
	select {
	case <-f.done:
		z.leave(f)
		if err := f.end.Resume(); err != nil {
			return nil, &TransportError{Operation: opDNSList.name, Err: err}
		}
		return f, f.err
	case <-ctx.Done():
		z.leave(f)
		return nil, &TransportError{Operation: opDNSList.name, Err: ctx.Err()}
	}
}

// failed reports a reading that is over and brought nothing.
func (f *zoneReading) failed() bool {
	select {
	case <-f.done:
		return f.sets == nil
	default:
		return false
	}
}

// begin reads in a goroutine of its own, which ends when nobody waits for it.
func (z *ZoneSnapshot) begin(ctx context.Context, zone string, writes uint64) *zoneReading {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &zoneReading{writes: writes, done: make(chan struct{}), cancel: cancel}
	z.flight = f
	relay.Go(func() {
		if f.records, _, f.err = z.service.readWhole(ctx, zone); f.err != nil {
			return
		}
		f.sets = map[setName][]Record{}
		for _, r := range f.records {
			key := setName{r.Name, r.Type}
			f.sets[key] = append(f.sets[key], r)
		}
	}, func(end relay.End) {
		f.end = end
		close(f.done)
	})
	return f
}

// leave ends the reading that nobody waits for any more.
func (z *ZoneSnapshot) leave(f *zoneReading) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	select {
	case <-f.done:
	default:
		if z.flight == f {
			z.flight = nil
		}
	}
	f.cancel()
}
