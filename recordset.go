package hoster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/pace"
	"github.com/go-hoster/hoster/internal/printable"
)

// maxMerges bounds how often an edit is merged again because another writer
// came in between, and maxLost how often because it did not last.
const (
	maxMerges = 20
	maxLost   = 4
)

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
	Written       bool         // something was, or with an error may have been; else it was as wanted already
	Adjusted      []Adjustment // where the provider stored something else than was sent
}

// Adjustment is a field of a record that the provider changed silently, such as
// a TTL that it raised.
type Adjustment struct {
	Name      string
	Type      RecordType
	Field     string // "ttl", "value", "priority", "weight" or "port"
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
// the error matches [ErrConflict], never silence. That error is no [*Error], unless
// the API itself gave a 409.
//
// More values than a batch holds, 500, take several calls.
func (s *DNSService) AppendValues(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	return s.edit(ctx, "DNS.AppendValues", domain, set, setGoal{
		want: set.Values, ttl: set.TTL, keepTTL: true,
		drop: func(Record) bool { return false },
	})
}

// RemoveValues removes exactly these values from a record set, and no other. A
// value that is not there is success. Removing the last one removes the set. It
// needs [ScopeDNSRead] and [ScopeDNSWrite]; see [DNSService.AppendValues] for
// other writers.
func (s *DNSService) RemoveValues(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	unwanted := map[dnszone.Data]bool{}
	for _, v := range set.Values {
		unwanted[dnszone.Canonical(v)] = true
	}
	return s.edit(ctx, "DNS.RemoveValues", domain, set, setGoal{
		drop: func(r Record) bool {
			v, ok := r.canonical()
			return ok && unwanted[v]
		},
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
	return s.edit(ctx, "DNS.ReplaceSet", domain, set, setGoal{
		want: set.Values, ttl: set.TTL,
		drop: func(Record) bool { return true },
	})
}

// edit reads the set and writes what the goal asks for; again from the start
// when another writer came in between.
func (s *DNSService) edit(ctx context.Context, op Operation, domain string, set RecordSet, goal setGoal) (SetChange, error) {
	zone, name, err := set.check(op, domain)
	if err != nil {
		return SetChange{}, err
	}
	if ctx == nil {
		return SetChange{}, &ArgumentError{Operation: op, Field: "ctx", Expected: "a context that is not nil"}
	}
	goal.name = name
	unlock, err := s.client.zones.of(zone).lock(ctx)
	if err != nil {
		return SetChange{}, &TransportError{Operation: op, Err: err}
	}
	defer unlock()
	var change SetChange
	m := merging{goal: &goal}
	var last error
	for try := range maxMerges {
		if err := pauseBetween(ctx, op, try, last); err != nil {
			return change, err
		}
		records, version, err := s.readSet(ctx, zone, name, set.Type)
		if err != nil {
			return change, err
		}
		if try == 0 {
			change.Before = records
		}
		change.adjust(m.explain(records))
		batch := goal.edit(records)
		switch {
		case batch.size() == 0:
			change.After = records
			return change, nil
		case m.mayBeStale():
			continue
		case m.written > maxLost:
			return change, &conflictError{op: op, what: fmt.Sprintf("%s %s of %s was written %d times and did not last", name, set.Type, zone, m.written)}
		}
		w := &zoneWriter{service: s, zone: zone, version: version, noBatch: m.noBatch}
		result, err := w.run(ctx, batch)
		m.noBatch = w.noBatch
		if result.size() > 0 {
			change.After = merged(records, batch, result)
			change.adjust(goal.note(batch, result))
		}
		change.Written = change.Written || result.size() > 0 || mayBeWritten(err)
		last = err
		switch {
		case isRecordConflict(err):
			if !m.refused(records) {
				return change, err // and not because of another writer
			}
		case errors.Is(err, ErrPreconditionFailed), errors.Is(err, ErrNotFound):
			// another writer: read again and merge
		case lacksBatch(err):
			// a page in the API's place does not tell what was done: read again
		case err != nil:
			return change, err
		case w.guarded():
			return change, nil
		default: // only another look tells whether the write is still there
			m.written++
			m.looks = 0
		}
	}
	return change, &conflictError{op: op, what: fmt.Sprintf("%s %s of %s is being changed by somebody else; %d merges did not last", name, set.Type, zone, maxMerges)}
}

// merging is what a verb has learned from its tries.
type merging struct {
	goal    *setGoal
	written int                   // writes that no version guarded
	looks   int                   // since the last of them
	there   map[dnszone.Data]bool // when the API said that a record is there already
	noBatch bool                  // single calls, for the rest of this verb
}

// refused notes a record conflict. One that comes again although nothing has
// changed is final.
func (m *merging) refused(now []Record) bool {
	values := valuesOf(now)
	again := m.there != nil && maps.Equal(m.there, values)
	m.there = values
	return !again
}

// explain looks for values that the provider has in another case, once there is
// a reason to: it refused them, or they did not stay.
func (m *merging) explain(now []Record) []Adjustment {
	if m.there == nil && m.written == 0 {
		return nil
	}
	return m.goal.explain(now)
}

// mayBeStale lets a reading that lacks what was just written be read again,
// before it is written again: some providers answer from a copy.
func (m *merging) mayBeStale() bool {
	const looks = 3
	m.looks++
	return m.written > 0 && m.looks < looks
}

// pauseBetween lets the others go first, longer with every try. A pause that ends
// too early does not hide why the last try failed.
func pauseBetween(ctx context.Context, op Operation, try int, last error) error {
	if try == 0 {
		return nil
	}
	if err := pace.Wait(ctx, rand.N(time.Duration(try)*10*time.Millisecond)); err != nil {
		return &interruptedError{reason: "hoster: " + string(op), cause: err, last: last}
	}
	return nil
}

// adjust notes what the provider changed, each once over all tries.
func (c *SetChange) adjust(adjusted []Adjustment) {
	for _, a := range adjusted {
		if !slices.Contains(c.Adjusted, a) {
			c.Adjusted = append(c.Adjusted, a)
		}
	}
}

// check makes the set's name canonical and holds its values together.
func (set *RecordSet) check(op Operation, domain string) (zone, name string, err error) {
	if zone, err = canonicalDomain(op, "domain", domain); err != nil {
		return "", "", err
	}
	if name, err = relativeName(op, set.Name, zone); err != nil {
		return "", "", err
	}
	noType := &ArgumentError{Operation: op, Field: "type", Expected: "a record type such as A or TXT"}
	if set.Type = canonicalType(set.Type); !utf8.ValidString(string(set.Type)) {
		return "", "", noType
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
		return "", "", noType
	}
	return zone, name, checkTTL(op, set.TTL)
}

// readSet reads one set and the zone's version, which is empty where the
// provider has none. A type that the contract does not know is no filter that
// every provider takes.
func (s *DNSService) readSet(ctx context.Context, zone, name string, rrtype RecordType) ([]Record, string, error) {
	filter := &RecordListOptions{Name: name}
	if rrtype.Known() {
		filter.Type = rrtype
	}
	records, version, err := s.readZone(ctx, zone, filter)
	return slices.DeleteFunc(records, func(r Record) bool { return r.Name != name || r.Type != rrtype }), version, err
}

// readZone is List with the zone's version.
func (s *DNSService) readZone(ctx context.Context, zone string, options *RecordListOptions) ([]Record, string, error) {
	records, version, err := gather[Record](ctx, s.client, opDNSList, request{path: []string{zone}, query: options}, nil)
	return records, s.client.zones.versions.usable(version.Tag, version.Weak), err
}

// readWhole reads the whole zone and its version. A reading without nameservers
// at the apex is not believed: the API lists them for every zone, also where the
// domain is on other nameservers, so something is missing.
func (s *DNSService) readWhole(ctx context.Context, zone string) ([]Record, string, error) {
	records, version, err := s.readZone(ctx, zone, nil)
	if err == nil && !slices.ContainsFunc(records, Record.isApexNS) {
		err = &paginationError{op: opDNSList.name, text: fmt.Sprintf("the nameservers of %s are not among the %d records, so that the zone is not read whole", zone, len(records))}
	}
	if err != nil {
		return nil, "", err
	}
	return records, version, nil
}

// isApexNS reports a record that every zone has, and that is protected.
func (r Record) isApexNS() bool { return r.Type == RecordNS && r.Name == "@" }

// merged is what the records are after a result; a TTL that was set is that of
// the whole set.
func merged(before []Record, sent RecordBatch, result BatchResult) []Record {
	gone := map[RecordID]bool{}
	for _, id := range result.Deleted {
		gone[id] = true
	}
	for i := range min(len(result.Updated), len(sent.Update)) { // whose ids may have changed
		gone[sent.Update[i].ID] = true
	}
	after := []Record{}
	for _, r := range before {
		if !gone[r.ID] {
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

// isRecordConflict reports a record that is there already.
func isRecordConflict(err error) bool {
	var answered *Error
	return errors.As(err, &answered) && answered.Code == ErrorCodeRecordConflict && answered.FromAPI
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
