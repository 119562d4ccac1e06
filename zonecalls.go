package hoster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/zonework"
)

// readSet reads one set and the zone's version. A type that this package does not
// know is no filter that every provider takes.
func (s *DNSService) readSet(ctx context.Context, zone, name string, rrtype RecordType, opts ...CallOption) ([]Record, zonework.Version, error) {
	filter := &RecordListOptions{Name: name}
	if rrtype.Known() {
		filter.Type = rrtype
	}
	records, version, err := gather[Record](ctx, s.client, opDNSList, request{path: []string{zone}, query: filter}, opts)
	return slices.DeleteFunc(records, func(r Record) bool { return r.Name != name || r.Type != rrtype }), zonework.Version(version), err
}

// readWhole reads the whole zone and its version. A reading without nameservers
// at the apex is not believed: the API lists them for every zone, also where the
// domain is on other nameservers, so something is missing.
func (s *DNSService) readWhole(ctx context.Context, zone string) ([]Record, zonework.Version, error) {
	records, version, err := gather[Record](ctx, s.client, opDNSList, request{path: []string{zone}}, nil)
	if err == nil && !slices.ContainsFunc(records, Record.isApexNS) {
		err = &paginationError{op: opDNSList.name, text: fmt.Sprintf("the nameservers of %s are not among the %d records, so that the zone is not read whole", zone, len(records))}
	}
	if err != nil {
		return nil, zonework.Version{}, err
	}
	return records, zonework.Version(version), nil
}

// noteWrite counts a call that changed the records of a zone, or may have: of a
// call of the caller's own nobody knows what it changes.
func (c *Client) noteWrite(op *operation, zone string) {
	switch {
	case !op.isWrite():
	case op.foreign:
		c.zones.NoteAnywhere()
	case zone != "" && strings.HasPrefix(op.path, "/domains/{domain}"):
		c.zones.Note(zone)
	}
}

// zoneCalls are the calls of one zone, as [zonework.Zone] has them.
type zoneCalls struct {
	service *DNSService
	op      Operation // that they are made for
	zone    string
}

func (z *zoneCalls) ReadSet(ctx context.Context, set dnszone.SetKey) ([]dnszone.Held, zonework.Version, error) {
	records, version, err := z.service.readSet(ctx, z.zone, set.Name.Relative(), set.Type)
	return heldOf(records, z.zone), version, err
}

func (z *zoneCalls) ReadAll(ctx context.Context) ([]dnszone.Held, zonework.Version, error) {
	records, version, err := z.service.readWhole(ctx, z.zone)
	return heldOf(records, z.zone), version, err
}

func (z *zoneCalls) Batch(ctx context.Context, changes dnszone.Changes, version string) (zonework.Result, string, error) {
	batch := RecordBatch{}
	for _, c := range changes.Update {
		batch.Update = append(batch.Update, BatchUpdate{ID: RecordID(c.ID), RecordUpdate: updateOf(c)})
	}
	for _, r := range changes.Create {
		batch.Create = append(batch.Create, createOf(r))
	}
	for _, id := range changes.Delete {
		batch.Delete = append(batch.Delete, RecordID(id))
	}
	var meta Response
	result, err := z.service.Batch(ctx, z.zone, batch, dependOn(version, &meta)...)
	if err != nil {
		err = nameRecords(err, batch)
	}
	done := zonework.Result{Updated: heldOf(result.Updated, z.zone), Created: heldOf(result.Created, z.zone)}
	return done, zonework.VersionOf(meta.ZoneETag).Tag, err
}

func (z *zoneCalls) Update(ctx context.Context, c dnszone.Change, version string) (dnszone.Held, string, error) {
	var meta Response
	r, err := z.service.Update(ctx, z.zone, RecordID(c.ID), updateOf(c), dependOn(version, &meta)...)
	return r.held(z.zone), zonework.VersionOf(meta.ZoneETag).Tag, err
}

func (z *zoneCalls) Create(ctx context.Context, record dnszone.Record, version string) (dnszone.Held, string, error) {
	var meta Response
	r, err := z.service.Create(ctx, z.zone, createOf(record), dependOn(version, &meta)...)
	return r.held(z.zone), zonework.VersionOf(meta.ZoneETag).Tag, err
}

func (z *zoneCalls) Delete(ctx context.Context, id, version string) (string, error) {
	var meta Response
	err := z.service.Delete(ctx, z.zone, RecordID(id), dependOn(version, &meta)...)
	return zonework.VersionOf(meta.ZoneETag).Tag, err
}

func dependOn(version string, meta *Response) []CallOption {
	if version == "" {
		return []CallOption{WithResponse(meta)}
	}
	return []CallOption{WithResponse(meta), WithIfMatch(version)}
}

func (z *zoneCalls) Weigh(err error) zonework.Judgement { return weighZoneError(err) }

func weighZoneError(err error) zonework.Judgement {
	answered, ok := errors.AsType[*Error](err)
	means := zonework.Judgement{
		Absent:       errors.Is(err, ErrNotFound),
		MayBeWritten: errors.Is(err, ErrOutcomeUnknown) || ok && answered.Applied,
	}
	means.Moved = means.Absent || errors.Is(err, ErrPreconditionFailed)
	if !ok {
		return means
	}
	means.FromAPI = answered.FromAPI
	means.Exists = answered.FromAPI && answered.Code == ErrorCodeRecordConflict
	if answered.Operation == "DNS.Batch" {
		var in *batchError
		if !errors.As(err, &in) {
			in = &batchError{}
		}
		// A record that is not there is a 422 about its place alone, or the same under a
		// status of success.
		validates := answered.Status < 300 || answered.Status == http.StatusUnprocessableEntity
		means.LacksBatch, means.Place = errors.Is(err, ErrNotSupported), in.place
		means.Moved = means.Moved || in.absent && answered.FromAPI && validates
	}
	return means
}

// batchError is the error of a batch that the caller of a verb did not make: its
// fields name records instead of places.
type batchError struct {
	error
	place  zonework.Place // of the first record that it names
	absent bool           // all that it says is that records are not there
}

func (e *batchError) Unwrap() error { return e.error }

// nameRecords puts records in the place of places in a batch.
func nameRecords(err error, batch RecordBatch) error {
	answered, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	var fields []string
	for _, f := range answered.Fields {
		fields = append(fields, f.Field)
	}
	e := &batchError{error: err}
	e.place, e.absent = zonework.PlaceOf(fields)
	for i, field := range fields {
		place, member := zonework.CutPlace(field)
		switch {
		case place.List == "create" && place.Index < len(batch.Create):
			record := batch.Create[place.Index].asRecord()
			field = strings.TrimSuffix(record.Name+" "+string(record.Type)+" "+record.presented()+" "+member, " ")
		case place.List == "update" && place.Index < len(batch.Update):
			field = strings.TrimSuffix("record "+string(batch.Update[place.Index].ID)+" "+member, " ")
		case place.List == "delete" && place.Index < len(batch.Delete):
			field = strings.TrimSuffix("record "+string(batch.Delete[place.Index])+" "+member, " ")
		}
		answered.Fields[i].Field = printable.Piece(field)
	}
	return e
}

func (z *zoneCalls) Conflict(what string, cause error) error {
	return &conflictError{op: z.op, what: what, err: cause}
}

func (z *zoneCalls) Interrupted(cause, last error) error {
	if last == nil {
		return &TransportError{Operation: z.op, Err: cause}
	}
	return &interruptedError{reason: "hoster: " + string(z.op), cause: cause, last: last}
}

// conflictError is a conflict that the client itself found.
type conflictError struct {
	op   Operation
	what string
	err  error
}

func (e *conflictError) Error() string {
	text := "hoster: " + string(e.op) + ": " + e.what
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return printable.Whole(text)
}
func (e *conflictError) Is(target error) bool { return target == ErrConflict }
func (e *conflictError) Unwrap() error        { return e.err }

// held is the record as dnszone has it. The name of one that the provider names
// oddly is the zero Name.
func (r Record) held(zone string) dnszone.Held {
	h := dnszone.Held{ID: string(r.ID), Fields: r.fields(), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	h.TTL = r.TTL
	var err error
	if h.Name, err = dnszone.ParseName(r.Name, zone); err != nil {
		h.Owner = r.Name
	}
	if data, err := r.Data(); err == nil {
		h.Data = dnszone.Canonical(data)
	}
	return h
}

func heldOf(records []Record, zone string) (held []dnszone.Held) {
	for _, r := range records {
		held = append(held, r.held(zone))
	}
	return held
}

func recordsOf(held []dnszone.Held) (records []Record) {
	for _, h := range held {
		records = append(records, recordOf(h))
	}
	return records
}

func recordOf(h dnszone.Held) Record {
	name := h.Name.Relative()
	switch {
	case h.Owner != "":
		name = h.Owner
	case h.Name.DoubledSuffix():
		name = h.Name.FQDN()
	}
	return Record{
		ID: RecordID(h.ID), Type: h.Fields.Type, Name: name, Value: h.Fields.Value, TTL: h.TTL,
		Priority: h.Fields.Priority, Weight: h.Fields.Weight, Port: h.Fields.Port, CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
	}
}

func createOf(r dnszone.Record) RecordCreate {
	record := NewRecord(r.Name.Relative(), r.Data)
	record.TTL = ttlOf(r.TTL)
	return record
}

func updateOf(c dnszone.Change) RecordUpdate {
	update := RecordUpdate{TTL: ttlOf(c.TTL)}
	if c.Data != nil {
		f := dnszone.ToFields(c.Data)
		update.Value, update.Priority, update.Weight, update.Port = Set(f.Value), FromPtr(f.Priority), FromPtr(f.Weight), FromPtr(f.Port)
	}
	return update
}

// ttlOf is a TTL that is set, or left to the provider where it is 0.
func ttlOf(seconds int) Opt[int] {
	if seconds == 0 {
		return Opt[int]{}
	}
	return Set(seconds)
}

func adjustmentsOf(all []zonework.Adjusted) (adjustments []Adjustment) {
	for _, a := range all {
		adjustment := Adjustment{Name: a.Set.Name.Relative(), Type: a.Set.Type, Field: a.Field, Want: a.Want, Got: a.Got}
		if a.Data != nil {
			adjustment.Value = a.Data.String()
		}
		adjustments = append(adjustments, adjustment)
	}
	return adjustments
}
