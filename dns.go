package hoster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
// An error ends the walk and comes as the second variable; what came before it is
// good.
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
func (s *DNSService) Find(ctx context.Context, key dnszone.Key, opts ...CallOption) ([]Record, error) {
	const op = Operation("DNS.Find")
	if key.Name.Zone() == "" || key.Type == "" {
		return nil, &ArgumentError{Operation: op, Field: "key", Expected: "a zone, a name and a type, as dnszone.ParseKey reads them"}
	}
	records, _, err := s.readSet(ctx, key.Name.Zone(), key.Name.Relative(), canonicalType(key.Type), opts...)
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
// field is a [ValidationError]. What the provider stored otherwise than it was sent,
// such as a TTL that it raised, is in the answer; [WithAdjustments] lists it.
func (s *DNSService) Create(ctx context.Context, domain string, record RecordCreate, opts ...CallOption) (Record, error) {
	got, err := do[Record](ctx, s.client, opDNSCreate, request{path: []string{domain}, body: record}, opts)
	if err == nil {
		tellAdjustments(domain, RecordUpdate{Value: Set(record.Value), TTL: record.TTL, Priority: record.Priority, Weight: record.Weight, Port: record.Port}, got, opts)
	}
	return got, err
}

// Update changes the fields of a record that are set. The type cannot be
// changed. The answer's id may be another: use that from then on. It needs
// [ScopeDNSWrite]. [WithAdjustments] lists what the provider stored otherwise.
func (s *DNSService) Update(ctx context.Context, domain string, id RecordID, change RecordUpdate, opts ...CallOption) (Record, error) {
	got, err := do[Record](ctx, s.client, opDNSUpdate, request{path: []string{domain, string(id)}, body: change}, opts)
	if err == nil {
		tellAdjustments(domain, change, got, opts)
	}
	return got, err
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
	return fmt.Sprintf("%q %q %q %d %v %v %v", r.Type, r.Name, r.Value, r.TTL, FromPtr(r.Priority), FromPtr(r.Weight), FromPtr(r.Port))
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

// NewRecord describes a new record at name with a typed value, such as
// dnszone.MX{Preference: 10, Host: "mail.example.com"}.
func NewRecord(name string, data dnszone.Data) RecordCreate {
	fields := dnszone.ToFields(data)
	return RecordCreate{
		Type:     fields.Type,
		Name:     name,
		Value:    fields.Value,
		Priority: FromPtr(fields.Priority),
		Weight:   FromPtr(fields.Weight),
		Port:     FromPtr(fields.Port),
	}
}

// NewRecordUpdate describes a change of a record's value to a typed one of the same
// type. Name and TTL stay as they are unless they are set in it.
func NewRecordUpdate(data dnszone.Data) RecordUpdate {
	fields := dnszone.ToFields(data)
	return RecordUpdate{
		Value:    Set(fields.Value),
		Priority: FromPtr(fields.Priority),
		Weight:   FromPtr(fields.Weight),
		Port:     FromPtr(fields.Port),
	}
}

// Data returns the record's value typed, as dnszone.A, dnszone.MX and so on;
// dnszone.Raw for types that this package does not know. Compare values with
// dnszone.Equal.
func (r Record) Data() (dnszone.Data, error) {
	return dnszone.FromFields(r.fields())
}

func (r Record) fields() dnszone.Fields {
	return dnszone.Fields{Type: r.Type, Value: r.Value, Priority: r.Priority, Weight: r.Weight, Port: r.Port}
}

// settle makes type, name and value canonical. What dnszone cannot read stays as
// the provider sent it.
func (r *Record) settle(zone string) {
	r.Type = canonicalType(r.Type)
	if dnszone.IsCanonicalName(r.Name, zone) {
		// most names, in a tenth of the time
	} else if name, err := dnszone.ParseName(r.Name, zone); err == nil {
		r.Name = name.Relative()
		if name.DoubledSuffix() { // whose relative form reads like another name in full
			r.Name = name.FQDN()
		}
	}
	if f, err := dnszone.CanonicalFields(r.fields()); err == nil && r.Type.Known() {
		r.Value, r.Priority, r.Weight, r.Port = f.Value, f.Priority, f.Weight, f.Port
	}
}

// settleRecords settles the records of one list. "www.example.com" in the zone
// example.com is a name in full if the provider writes names so. Where it writes
// most names relative to the zone, it is a name to which the zone was added once
// too often, and not "www".
func settleRecords(records []Record, zone string) {
	inFull := func(name string) bool {
		outside := len(name) - len(zone)
		return outside > 0 && name[outside-1] == '.' && strings.EqualFold(name[outside:], zone)
	}
	full, relative := 0, 0
	for _, r := range records {
		switch {
		case r.Name == "", r.Name == "@", strings.EqualFold(r.Name, zone): // the apex may be written so in either case
		case inFull(r.Name), r.Name[len(r.Name)-1] == '.':
			full++
		default:
			relative++
		}
	}
	for i := range records {
		if relative >= full && inFull(records[i].Name) {
			records[i].Name += "." + zone + "."
		}
		records[i].settle(zone)
	}
}

// prepare checks the record and makes it canonical.
func (r RecordCreate) prepare(op Operation, zone string) (any, error) {
	name, err := relativeName(op, r.Name, zone)
	if err != nil {
		return nil, err
	}
	r.Name = name
	if err := checkTTL(op, r.TTL); err != nil {
		return nil, err
	}
	if r.Type == "" {
		return nil, &ArgumentError{Operation: op, Field: "type", Expected: "a record type such as A or TXT"}
	}
	data, err := dnszone.FromFields(dnszone.Fields{
		Type: r.Type, Value: r.Value,
		Priority: r.Priority.Ptr(), Weight: r.Weight.Ptr(), Port: r.Port.Ptr(),
	})
	if err == nil {
		err = dnszone.Validate(data)
	}
	if err == nil {
		err = checkPlace(r.Name, zone, r.Type)
	}
	if err != nil {
		return nil, recordError(op, err)
	}
	canonical := NewRecord(r.Name, data)
	canonical.TTL = r.TTL
	return canonical, nil
}

// checkPlace refuses a type that cannot have a name.
func checkPlace(relative, zone string, rrtype RecordType) error {
	name, err := dnszone.ParseName(relative, zone)
	if err != nil {
		return err
	}
	return dnszone.ValidatePlace(name, rrtype)
}

// prepare checks what can be checked without knowing the record's type.
func (u RecordUpdate) prepare(op Operation, zone string) (any, error) {
	if given, ok := u.Name.Get(); ok {
		name, err := relativeName(op, given, zone)
		if err != nil {
			return nil, err
		}
		u.Name = Set(name)
	}
	if text, ok := u.Value.Get(); ok && !utf8.ValidString(text) {
		u.Value = Set(dnszone.QuoteTXT(text)) // only a TXT record holds such text
	}
	return u, checkTTL(op, u.TTL)
}

// prepare makes the filter's type and name canonical.
func (o *RecordListOptions) prepare(op Operation, zone string) (any, error) {
	filter := *o
	filter.Type = canonicalType(o.Type)
	if o.Name == "" {
		return &filter, nil
	}
	var err error
	filter.Name, err = relativeName(op, o.Name, zone)
	return &filter, err
}

func relativeName(op Operation, given, zone string) (string, error) {
	name, err := dnszone.ParseName(given, zone)
	if err != nil {
		return "", &ArgumentError{Operation: op, Field: "name", Expected: "a name inside " + zone + `, relative or absolute, or "@"`, err: err}
	}
	if name.DoubledSuffix() {
		return "", &ArgumentError{Operation: op, Field: "name", Expected: "the zone's name at most once, not " + name.FQDN()}
	}
	return name.Relative(), nil
}

// checkTTL leaves a provider's own floor to the provider: a raised TTL comes back in
// the answer.
func checkTTL(op Operation, ttl Opt[int]) error {
	if seconds, ok := ttl.Get(); ok && dnszone.ValidateTTL(seconds) != nil {
		return &ArgumentError{Operation: op, Field: "ttl", Expected: "seconds, from 60 to 604800"}
	}
	return nil
}

func recordError(op Operation, err error) error {
	var field *dnszone.FieldError
	if errors.As(err, &field) {
		return &ArgumentError{Operation: op, Field: field.Field, Expected: expectedOf(field.Field), err: errors.New(field.Problem)}
	}
	return &ArgumentError{Operation: op, Field: "value", Expected: "a value of the record's type", err: err}
}

// expectedOf is what a record has in a field.
func expectedOf(field string) string {
	switch field {
	case "priority", "weight", "port":
		return "a number from 0 to 65535"
	case "type":
		return "a record type such as A or TXT"
	}
	return "a " + field + " that can be stored"
}
