package hoster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/go-hoster/hoster/dnszone"
)

// maxMerges bounds how often an edit is merged again because another writer
// came in between.
const maxMerges = 20

// RecordSet names values of one name and type. The type is that of the values;
// Type is needed only where there are none.
type RecordSet struct {
	Name   string // relative or absolute; "@" or "" is the apex
	Type   RecordType
	TTL    Opt[int] // of a set that does not exist yet; ReplaceSet sets it in any case
	Values []dnszone.Data
}

// SetChange is what a verb did to a record set.
type SetChange struct {
	Before, After []Record
	Written       bool         // false: it was as wanted already
	Adjusted      []Adjustment // where the provider stored something else than was sent
}

// Adjustment is a field of a record that the provider changed silently, such as
// a TTL that it raised.
type Adjustment struct {
	Name      string
	Type      RecordType
	Field     string // "ttl" or "value"
	Want, Got string
}

// AppendValues adds values to a record set and touches no other: not the other
// values of the set, whose TTL stays, and not other types of the name. A value
// that is there already is success. It needs [ScopeDNSRead] and [ScopeDNSWrite].
//
// Writers do not overwrite each other: goroutines of this client take turns for
// each zone, and where the provider sends ETags the write depends on the version
// that was read. Where it sends none, the set is read again after the write.
// What another writer changed in between is merged; if that does not succeed
// the error matches [ErrConflict], never silence.
func (s *DNSService) AppendValues(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	return s.edit(ctx, "DNS.AppendValues", domain, set, func(e *setEdit) {
		e.create = e.absent(set.Values)
		if len(e.before) > 0 {
			e.ttl = Opt[int]{} // the set keeps its own
		}
	})
}

// RemoveValues removes exactly these values from a record set, and no other. A
// value that is not there is success. Removing the last one removes the set. It
// needs [ScopeDNSRead] and [ScopeDNSWrite]; see [DNSService.AppendValues] for
// other writers.
func (s *DNSService) RemoveValues(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	return s.edit(ctx, "DNS.RemoveValues", domain, set, func(e *setEdit) {
		e.ttl = Opt[int]{}
		for _, r := range e.before {
			if data, err := r.Data(); err == nil && holdsData(set.Values, data) {
				e.remove = append(e.remove, r)
			}
		}
	})
}

// ReplaceSet makes a record set hold exactly these values, and touches no other
// name or type. Without a TTL the set keeps its own. An empty set is refused:
// use [DNSService.RemoveValues]. It needs [ScopeDNSRead] and [ScopeDNSWrite];
// see [DNSService.AppendValues] for other writers.
func (s *DNSService) ReplaceSet(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	if len(set.Values) == 0 {
		return SetChange{}, &ArgumentError{Operation: "DNS.ReplaceSet", Field: "values", Expected: "at least one: RemoveValues removes a set"}
	}
	return s.edit(ctx, "DNS.ReplaceSet", domain, set, func(e *setEdit) {
		e.create = e.absent(set.Values)
		for _, r := range e.before {
			if data, err := r.Data(); err != nil || !holdsData(set.Values, data) {
				e.remove = append(e.remove, r)
			}
		}
		if ttl, ok := e.ttl.Get(); ok && len(e.before) > 0 && len(e.create) == 0 && len(e.remove) < len(e.before) {
			kept := e.before[slices.IndexFunc(e.before, func(r Record) bool { return !containsRecord(e.remove, r) })]
			if kept.TTL != ttl {
				e.retime = &kept
			}
		}
	})
}

// setEdit is one try of a verb: what the set holds, and what is to be done.
type setEdit struct {
	before []Record
	ttl    Opt[int]
	create []dnszone.Data
	remove []Record
	retime *Record // a record that stays, through which the set gets its TTL
}

func (e *setEdit) isEmpty() bool {
	return len(e.create) == 0 && len(e.remove) == 0 && e.retime == nil
}

// absent lists the values that the set does not hold, each once.
func (e *setEdit) absent(values []dnszone.Data) (missing []dnszone.Data) {
	for _, v := range values {
		there := slices.ContainsFunc(e.before, func(r Record) bool {
			data, err := r.Data()
			return err == nil && dnszone.Equal(data, v)
		})
		if !there && !holdsData(missing, v) {
			missing = append(missing, v)
		}
	}
	return missing
}

func holdsData(values []dnszone.Data, v dnszone.Data) bool {
	return slices.ContainsFunc(values, func(other dnszone.Data) bool { return dnszone.Equal(other, v) })
}

func containsRecord(records []Record, r Record) bool {
	return slices.ContainsFunc(records, func(other Record) bool { return other.ID == r.ID })
}

// edit reads the set, lets the verb decide, and writes; again from the start
// when another writer came in between.
func (s *DNSService) edit(ctx context.Context, op Operation, domain string, set RecordSet, decide func(*setEdit)) (SetChange, error) {
	zone, name, err := set.check(op, domain)
	if err != nil {
		return SetChange{}, err
	}
	if ctx == nil {
		return SetChange{}, &ArgumentError{Operation: op, Field: "ctx", Expected: "a context that is not nil"}
	}
	unlock, err := s.client.zones.of(zone).lock(ctx)
	if err != nil {
		return SetChange{}, &TransportError{Operation: op, Err: err}
	}
	defer unlock()
	var change SetChange
	var refused error // of the try before, by a record conflict
	for try := range maxMerges {
		if try > 0 {
			if err := pauseFor(ctx, rand.N(time.Duration(try)*10*time.Millisecond)); err != nil {
				return change, &interruptedError{reason: "hoster: " + string(op), cause: err}
			}
		}
		records, version, err := s.readSet(ctx, zone, name, set.Type)
		if err != nil {
			return change, err
		}
		if try == 0 {
			change.Before = records
		}
		e := &setEdit{before: records, ttl: set.TTL}
		if decide(e); e.isEmpty() {
			change.After = records
			return change, nil
		}
		err = s.write(ctx, zone, name, version, e, &change)
		switch {
		case isRecordConflict(err) && refused != nil:
			return change, err // and not because of another writer
		case isRecordConflict(err):
			refused = err
			continue
		case errors.Is(err, ErrPreconditionFailed), errors.Is(err, ErrNotFound):
			continue // another writer: read again and merge
		case err != nil:
			return change, err
		case version != "":
			return change, nil
		}
		// Without versions only another look tells whether the write is still there:
		// the next round finds nothing to do.
	}
	return change, &conflictError{op: op, what: fmt.Sprintf("%s %s of %s is being changed by somebody else; %d merges did not last", name, set.Type, zone, maxMerges)}
}

// check makes the set's name canonical and holds its values together.
func (set *RecordSet) check(op Operation, domain string) (zone, name string, err error) {
	if zone, err = canonicalDomain(op, "domain", domain); err != nil {
		return "", "", err
	}
	if name, err = relativeName(op, set.Name, zone); err != nil {
		return "", "", err
	}
	for i, v := range set.Values {
		field := fmt.Sprintf("values.%d", i)
		if err := dnszone.Validate(v); err != nil {
			return "", "", &ArgumentError{Operation: op, Field: field, Expected: "a value that can be stored", err: err}
		}
		if set.Type == "" {
			set.Type = RecordType(v.Type())
		}
		if RecordType(v.Type()) != set.Type {
			return "", "", &ArgumentError{Operation: op, Field: field, Expected: "a value of type " + string(set.Type) + ", as the whole set"}
		}
	}
	if set.Type == "" {
		return "", "", &ArgumentError{Operation: op, Field: "type", Expected: "a record type such as A or TXT"}
	}
	return zone, name, checkTTL(op, set.TTL)
}

// readSet reads one set and the zone's version, which is empty where the
// provider has none.
func (s *DNSService) readSet(ctx context.Context, zone, name string, rrtype RecordType) ([]Record, string, error) {
	records, version, err := s.readZone(ctx, zone, &RecordListOptions{Type: rrtype, Name: name})
	return slices.DeleteFunc(records, func(r Record) bool { return r.Name != name || r.Type != rrtype }), version, err
}

// readZone is List with the zone's version.
func (s *DNSService) readZone(ctx context.Context, zone string, options *RecordListOptions) ([]Record, string, error) {
	return gather[Record](ctx, s.client, "DNS.List", request{path: []string{zone}, query: options}, nil)
}

// write does what the edit says in one batch, or call by call: changes and
// additions first, so that the set is never empty in between.
func (s *DNSService) write(ctx context.Context, zone, name, version string, e *setEdit, change *SetChange) error {
	w := &zoneWriter{service: s, zone: zone, version: version}
	var batch RecordBatch
	for len(e.create) > 0 && len(e.remove) > 0 { // a value that becomes another is one update
		batch.Update = append(batch.Update, BatchUpdate{ID: e.remove[0].ID, RecordUpdate: updateTo(e.create[0], e.ttl)})
		e.create, e.remove = e.create[1:], e.remove[1:]
	}
	for _, v := range e.create {
		record := NewRecord(name, v)
		record.TTL = e.ttl
		batch.Create = append(batch.Create, record)
	}
	for _, r := range e.remove {
		batch.Delete = append(batch.Delete, r.ID)
	}
	if e.retime != nil {
		batch.Update = append(batch.Update, BatchUpdate{ID: e.retime.ID, RecordUpdate: RecordUpdate{TTL: e.ttl}})
	}
	result, err := w.run(ctx, batch)
	if len(result.Created)+len(result.Updated)+len(result.Deleted) > 0 {
		change.Written = true
		change.After = merged(e.before, batch, result)
	}
	if err == nil {
		change.Adjusted = adjustments(batch, result)
	}
	return err
}

// updateTo makes a record hold another value of its type.
func updateTo(v dnszone.Data, ttl Opt[int]) RecordUpdate {
	f := dnszone.ToFields(v)
	return RecordUpdate{Value: Set(f.Value), TTL: ttl, Priority: optOf(f.Priority), Weight: optOf(f.Weight), Port: optOf(f.Port)}
}

// merged is what the records are after a result; a TTL that was set is that of
// the whole set.
func merged(before []Record, sent RecordBatch, result BatchResult) []Record {
	gone := slices.Clone(result.Deleted)
	for i := range result.Updated { // whose ids may have changed
		gone = append(gone, sent.Update[i].ID)
	}
	after := []Record{}
	for _, r := range before {
		if !slices.Contains(gone, r.ID) {
			after = append(after, r)
		}
	}
	after = append(after, result.Updated...)
	after = append(after, result.Created...)
	for _, answered := range slices.Concat(result.Updated, result.Created) {
		for i := range after {
			after[i].TTL = answered.TTL
		}
	}
	return after
}

// adjustments compares what was sent with what came back.
func adjustments(sent RecordBatch, got BatchResult) (adjusted []Adjustment) {
	note := func(r Record, ttl Opt[int], value Opt[string]) {
		if want, ok := ttl.Get(); ok && want != r.TTL {
			adjusted = append(adjusted, Adjustment{r.Name, r.Type, "ttl", strconv.Itoa(want), strconv.Itoa(r.TTL)})
		}
		if want, ok := value.Get(); ok && want != r.Value {
			adjusted = append(adjusted, Adjustment{r.Name, r.Type, "value", want, r.Value})
		}
	}
	for i, r := range got.Updated {
		if i < len(sent.Update) {
			note(r, sent.Update[i].TTL, sent.Update[i].Value)
		}
	}
	for i, r := range got.Created {
		if i < len(sent.Create) {
			note(r, sent.Create[i].TTL, Set(sent.Create[i].Value))
		}
	}
	return adjusted
}

// isRecordConflict reports a record that is there already.
func isRecordConflict(err error) bool {
	var answered *Error
	return errors.As(err, &answered) && answered.Code == CodeRecordConflict && answered.FromAPI
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
	return text
}
func (e *conflictError) Is(target error) bool { return target == ErrConflict }
func (e *conflictError) Unwrap() error        { return e.err }
