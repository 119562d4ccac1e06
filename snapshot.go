package hoster

import (
	"context"
	"errors"
	"slices"

	"github.com/go-hoster/hoster/internal/zonework"
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
	reading zonework.Shared[zoneReading]
}

// zoneReading is one reading of the zone.
type zoneReading struct {
	records []Record
	sets    map[setName][]Record // the same by what they are asked for
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
	zone, err := canonicalDomain("DNS.Snapshot", "domain", z.domain)
	if err != nil {
		return nil, err
	}
	now, err := z.read(ctx, zone)
	return copies(now.records), err
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
	now, err := z.read(ctx, zone)
	return copies(now.sets[setName{name, canonicalType(rrtype)}]), err
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

// Invalidate makes the next question read the zone again.
func (z *ZoneSnapshot) Invalidate() { z.reading.Invalidate() }

func (z *ZoneSnapshot) read(ctx context.Context, zone string) (zoneReading, error) {
	if ctx == nil {
		return zoneReading{}, &ArgumentError{Operation: "DNS.Snapshot", Field: "ctx", Expected: "a context that is not nil"}
	}
	now, err := z.reading.Get(ctx, z.service.client.zones.Writes(zone), func(ctx context.Context) (now zoneReading, err error) {
		if now.records, _, err = z.service.readWhole(ctx, zone); err != nil {
			return zoneReading{}, err
		}
		now.sets = map[setName][]Record{}
		for _, r := range now.records {
			key := setName{r.Name, r.Type}
			now.sets[key] = append(now.sets[key], r)
		}
		return now, nil
	})
	if waited, ok := errors.AsType[*zonework.Waited](err); ok {
		err = &TransportError{Operation: opDNSList.name, Err: waited.Err}
	}
	return now, err
}
