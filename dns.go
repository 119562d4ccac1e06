package hoster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
)

// DNSService reads and changes the records of a domain's zone. Records are
// held in canonical form, both ways: names relative to the zone with "@" for
// the apex, types in upper case, host names absolute, lower case and without
// final dot, TXT values as logical text without quotes. See package dnszone for
// what is equal.
type DNSService struct{ service }

// List returns all records that match, over all pages, oldest first. It needs
// [ScopeDNSRead]. Errors of the walk itself match [ErrPagination].
func (s *DNSService) List(ctx context.Context, domain string, options *RecordListOptions, opts ...CallOption) ([]Record, error) {
	return list[Record](ctx, s.client, opDNSList, request{path: []string{domain}, query: options}, opts)
}

// All walks the records that match, page by page. It needs [ScopeDNSRead].
// Collect the records first if you mean to delete some: a walk over pages that
// shrink skips what moves up.
func (s *DNSService) All(ctx context.Context, domain string, options *RecordListOptions, opts ...CallOption) iter.Seq2[Record, error] {
	return listAll[Record](ctx, s.client, opDNSList, request{path: []string{domain}, query: options}, opts)
}

// ListPage returns one page. It needs [ScopeDNSRead]. The zone's version comes
// as ETag with [WithResponse].
func (s *DNSService) ListPage(ctx context.Context, domain string, options *RecordListOptions, opts ...CallOption) (Page[Record], error) {
	return listPage[Record](ctx, s.client, opDNSList, request{path: []string{domain}, query: options}, opts)
}

// Get returns one record. It needs [ScopeDNSRead]. A name that ends with the zone
// once more, "www.example.com.example.com.", is told from "www" by the other
// names of a list; alone it may come as "www".
func (s *DNSService) Get(ctx context.Context, domain string, id RecordID, opts ...CallOption) (Record, error) {
	return do[Record](ctx, s.client, opDNSGet, request{path: []string{domain, string(id)}}, opts)
}

// Find returns the records that a natural key names: all of a record set, or the
// one with the key's value. A key stays the same when ids change, so it is what a
// person can write where an id is asked for; dnszone.ParseKey reads one. If there
// is none the error matches [ErrNotFound], and is no [*Error]: the list that the API
// gave was complete, and holds none. Where the domain itself is not found the same
// sentinel matches an *Error. It needs [ScopeDNSRead].
func (s *DNSService) Find(ctx context.Context, key dnszone.Key) ([]Record, error) {
	const op = Operation("DNS.Find")
	if key.Name.Zone() == "" || key.Type == "" {
		return nil, &ArgumentError{Operation: op, Field: "key", Expected: "a zone, a name and a type, as dnszone.ParseKey reads them"}
	}
	records, _, err := s.readSet(ctx, key.Name.Zone(), key.Name.Relative(), canonicalType(key.Type))
	if key.Data != nil {
		records = slices.DeleteFunc(records, func(r Record) bool {
			data, err := r.Data()
			return err != nil || !dnszone.Equal(data, key.Data)
		})
	}
	if err == nil && len(records) == 0 {
		err = &absentError{op: op, what: key.String()}
	}
	return records, err
}

// absentError is a record that a complete list of the API does not hold.
type absentError struct {
	op   Operation
	what string
}

func (e *absentError) Error() string {
	return printable.Whole("hoster: " + string(e.op) + ": there is no " + e.what)
}
func (e *absentError) Is(target error) bool { return target == ErrNotFound }

// Create adds one record and touches no other, but for their TTL: a record set
// has one TTL, so a TTL that is given is set for all values of the name and
// type, and one that is left out is that of the set (3600 for a new one). It
// needs [ScopeDNSWrite].
//
// The same record again, a CNAME beside other records, domains on other
// nameservers and such match [ErrConflict]; what the API finds wrong with a
// field is a [ValidationError].
func (s *DNSService) Create(ctx context.Context, domain string, record RecordCreate, opts ...CallOption) (Record, error) {
	return do[Record](ctx, s.client, opDNSCreate, request{path: []string{domain}, body: record}, opts)
}

// Update changes the fields of a record that are set. The type cannot be
// changed. The answer's id may be another: use that from then on. It needs
// [ScopeDNSWrite].
func (s *DNSService) Update(ctx context.Context, domain string, id RecordID, change RecordUpdate, opts ...CallOption) (Record, error) {
	return do[Record](ctx, s.client, opDNSUpdate, request{path: []string{domain, string(id)}, body: change}, opts)
}

// Delete removes one record. It needs [ScopeDNSWrite]. The nameserver records
// of the apex are protected: [ErrConflict].
func (s *DNSService) Delete(ctx context.Context, domain string, id RecordID, opts ...CallOption) error {
	return discard(do[noData](ctx, s.client, opDNSDelete, request{path: []string{domain, string(id)}}, opts))
}

// Batch deletes, updates and creates records in that order, at most 500 in all,
// and does everything or nothing. It needs [ScopeDNSWrite]. What the API finds
// wrong is a [ValidationError] whose fields name the place, such as
// "create.3.value". A provider without it: [ErrNotSupported]. To tell that from
// a domain that does not exist, an answer of not found is followed by a reading of
// one record, which needs [ScopeDNSRead].
func (s *DNSService) Batch(ctx context.Context, domain string, batch RecordBatch, opts ...CallOption) (BatchResult, error) {
	result, err := do[BatchResult](ctx, s.client, opDNSBatch, request{path: []string{domain}, body: batch}, opts)
	if answered, ok := errors.AsType[*Error](err); ok && errors.Is(err, ErrNotFound) {
		if _, missing := s.ListPage(ctx, domain, &RecordListOptions{PerPage: 1}); missing == nil {
			answered.absent = true // the domain is there, and so it is the endpoint that is not
			answered.Hint = answered.hint(opDNSBatch)
		}
	}
	if err == nil {
		s.client.zones.Batches.Succeeded()
	} else {
		s.client.zones.Batches.Failed(weighZoneError(err))
	}
	return result, err
}

// RecordID names a record of a zone.
type RecordID string

// RecordType is the type of a record, in upper case, such as "A" or
// [dnszone.TypeA]. Arguments may be in any case; types that dnszone does not know
// are taken too.
type RecordType = dnszone.Type

// Record is a DNS record: one value of a record set. Its strings share memory: a
// program that keeps one of them for long, and not the record, keeps a copy by
// strings.Clone.
type Record struct {
	ID        RecordID   `json:"id"`
	Type      RecordType `json:"type" read:"required"`
	Name      string     `json:"name" read:"required,empty"` // relative to the zone, "@" for the apex; in full with a final dot where it ends with the zone twice
	Value     string     `json:"value" read:"required,empty"`
	TTL       int        `json:"ttl"`      // seconds, one for the whole record set
	Priority  *uint16    `json:"priority"` // MX and SRV
	Weight    *uint16    `json:"weight"`   // SRV
	Port      *uint16    `json:"port"`     // SRV
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
}

// key is the record's id, or all that it says where it has none.
func (r Record) key() string {
	if r.ID != "" {
		return string(r.ID)
	}
	return fmt.Sprintf("%q %q %q %d %v %v %v", r.Type, r.Name, r.Value, r.TTL, optOf(r.Priority), optOf(r.Weight), optOf(r.Port))
}

// RecordListOptions filter a list of records. The zero value lists all.
type RecordListOptions struct {
	Type RecordType `url:"type,omitempty"`
	Name string     `url:"name,omitempty"` // relative or absolute; "@" is the apex

	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 1000; List and All ask for 1000 without it
}

// RecordCreate describes a new record. [NewRecord] makes one from a typed
// value.
type RecordCreate struct {
	Type     RecordType  `json:"type"`
	Name     string      `json:"name"`  // relative or absolute; "@" or "" is the apex
	Value    string      `json:"value"` // TXT as logical text, host names with or without the final dot
	TTL      Opt[int]    `json:"ttl,omitzero"`
	Priority Opt[uint16] `json:"priority,omitzero"` // required for MX and SRV
	Weight   Opt[uint16] `json:"weight,omitzero"`   // required for SRV
	Port     Opt[uint16] `json:"port,omitzero"`     // required for SRV
}

// RecordUpdate changes what is set and leaves the rest. A value is sent as it is
// given, and a TXT value that is not UTF-8 in presentation form, as Create does.
type RecordUpdate struct {
	Name     Opt[string] `json:"name,omitzero"`
	Value    Opt[string] `json:"value,omitzero"`
	TTL      Opt[int]    `json:"ttl,omitzero"`
	Priority Opt[uint16] `json:"priority,omitzero"`
	Weight   Opt[uint16] `json:"weight,omitzero"`
	Port     Opt[uint16] `json:"port,omitzero"`
}
