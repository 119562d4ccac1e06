package hoster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/zonework"
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
	Name  string     `json:"name"`
	Type  RecordType `json:"type"`
	Value string     `json:"value,omitempty"` // that was sent, in presentation form; empty where Field is "ttl"
	Field string     `json:"field"`           // "ttl", "value", "priority", "weight" or "port"
	Want  string     `json:"want"`
	Got   string     `json:"got"`
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
	return s.editOne(ctx, "DNS.AppendValues", domain, SetEdit{Name: set.Name, Type: set.Type, TTL: set.TTL, Append: set.Values})
}

// RemoveValues removes exactly these values from a record set, and no other. A
// value that is not there is success. Removing the last one removes the set. It
// needs [ScopeDNSRead] and [ScopeDNSWrite]; see [DNSService.AppendValues] for
// other writers.
func (s *DNSService) RemoveValues(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	return s.editOne(ctx, "DNS.RemoveValues", domain, SetEdit{Name: set.Name, Type: set.Type, Remove: set.Values})
}

// ReplaceSet makes a record set hold exactly these values, and touches no other
// name or type. Without a TTL the set keeps its own. An empty set is refused:
// use [DNSService.DeleteSet]. [DNSService.EditSets] replaces a set only if it holds
// what is expected. It needs [ScopeDNSRead] and [ScopeDNSWrite];
// see [DNSService.AppendValues] for other writers.
func (s *DNSService) ReplaceSet(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	return s.editOne(ctx, "DNS.ReplaceSet", domain, SetEdit{Name: set.Name, Type: set.Type, TTL: set.TTL, Append: set.Values, Replace: true})
}

// CreateSet makes a record set that does not exist yet. If it does, nothing is
// written, the error matches [ErrConflict], and Before of the result is what is
// there. Where the provider sends no ETags, a set that somebody else makes within
// the same moment is a conflict too, and then both sets of values are there. It
// needs [ScopeDNSRead] and [ScopeDNSWrite].
func (s *DNSService) CreateSet(ctx context.Context, domain string, set RecordSet) (SetChange, error) {
	return s.editOne(ctx, "DNS.CreateSet", domain, SetEdit{Name: set.Name, Type: set.Type, TTL: set.TTL, Append: set.Values, Expect: Set([]dnszone.Data{})})
}

// DeleteSet removes all values of a record set, also such as this package cannot
// read, and touches no other name or type. A set that does not exist is success. It
// needs [ScopeDNSRead] and [ScopeDNSWrite].
func (s *DNSService) DeleteSet(ctx context.Context, domain, name string, rrtype RecordType) (SetChange, error) {
	return s.editOne(ctx, "DNS.DeleteSet", domain, SetEdit{Name: name, Type: rrtype, Delete: true})
}

// SetEdit is what is to be done with one record set. The type is that of the
// values; Type is needed only where there are none.
type SetEdit struct {
	Name string // as in [RecordSet]
	Type RecordType
	TTL  Opt[int] // of a set that does not exist yet, and of one that is replaced

	Append  []dnszone.Data // values that the set gets, unless it has them
	Remove  []dnszone.Data // values that it loses, if it has them
	Replace bool           // it loses all that are not appended
	Delete  bool           // it loses all; alone

	// Expect are the values that the set must hold before; an empty list: it must
	// not exist. Without it anything may be there. If the set holds something else
	// nothing is written, and the error matches [ErrConflict].
	Expect Opt[[]dnszone.Data]
}

// EditSets edits several record sets of a domain at once, merged beside other
// writers like [DNSService.AppendValues]. Where the provider has the batch endpoint
// up to 500 changes are done all or not at all; else they are made call by call, and
// the results tell what was done before an error. It reads the whole zone. The
// results are in the order of the edits, one for each, with an error too; the error
// names the set that it is about. Two edits of one set are refused. It needs
// [ScopeDNSRead] and [ScopeDNSWrite].
func (s *DNSService) EditSets(ctx context.Context, domain string, edits []SetEdit) ([]SetChange, error) {
	return s.edit(ctx, "DNS.EditSets", domain, edits)
}

func (s *DNSService) editOne(ctx context.Context, op Operation, domain string, edit SetEdit) (SetChange, error) {
	changes, err := s.edit(ctx, op, domain, []SetEdit{edit})
	if len(changes) == 0 {
		return SetChange{}, err
	}
	return changes[0], err
}

// edit brings sets to their goals.
func (s *DNSService) edit(ctx context.Context, op Operation, domain string, edits []SetEdit) ([]SetChange, error) {
	zone, err := canonicalDomain(op, "domain", domain)
	if err != nil {
		return nil, err
	}
	goals, err := setGoals(op, zone, edits)
	if err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, &ArgumentError{Operation: op, Field: "ctx", Expected: "a context that is not nil"}
	}
	unlock, err := s.client.zones.Lock(ctx, zone)
	if err != nil {
		return nil, &TransportError{Operation: op, Err: err}
	}
	defer unlock()
	done, err := zonework.Edit(ctx, &zoneCalls{service: s, op: op, zone: zone}, s.client.zones, goals)
	changes := make([]SetChange, len(done))
	for i, change := range done {
		changes[i] = SetChange{
			Before: recordsOf(change.Before), After: recordsOf(change.After),
			Written: change.Written, Adjusted: adjustmentsOf(change.Adjusted),
		}
	}
	return changes, err
}

// setGoals checks edits. The place of a wrong one is named where there are several.
func setGoals(op Operation, zone string, edits []SetEdit) (goals []zonework.SetEdit, err error) {
	seen := map[dnszone.SetKey]bool{}
	for i, edit := range edits {
		goal, err := edit.goal(op, zone)
		if err == nil && seen[goal.Goal.Key] {
			err = &ArgumentError{Operation: op, Field: "set", Expected: "one edit of " + goal.Goal.Key.String()}
		}
		if err != nil && op == "DNS.EditSets" {
			err = atPlace(err, fmt.Sprintf("edits.%d.", i))
		}
		if err != nil {
			return nil, err
		}
		seen[goal.Goal.Key] = true
		goals = append(goals, goal)
	}
	if len(goals) == 0 {
		return nil, &ArgumentError{Operation: op, Field: "edits", Expected: "at least one"}
	}
	return goals, nil
}

func (e SetEdit) goal(op Operation, zone string) (edit zonework.SetEdit, err error) {
	refuse := func(field, expected string) (zonework.SetEdit, error) {
		return edit, &ArgumentError{Operation: op, Field: field, Expected: expected}
	}
	values := slices.Concat(e.Append, e.Remove)
	switch {
	case e.Delete && (e.Replace || len(values) > 0):
		return refuse("delete", "no values and no Replace beside it")
	case e.Replace && len(e.Append) == 0:
		return refuse("values", "at least one: DeleteSet removes a set")
	}
	goal := dnszone.Goal{Want: e.Append, Remove: e.Remove, Replace: e.Replace || e.Delete, KeepTTL: !e.Replace && !e.expectsNone()}
	if goal.Key, err = (RecordSet{Name: e.Name, Type: e.Type, TTL: e.TTL, Values: values}).key(op, zone); err != nil {
		return edit, err
	}
	if len(e.Append) > 0 { // what cannot stand there can be taken away
		if err := dnszone.ValidatePlace(goal.Key.Name, goal.Key.Type); err != nil {
			return edit, recordError(op, err)
		}
	}
	if len(e.Append) > 0 { // what stays keeps its own
		goal.TTL, _ = e.TTL.Get()
	}
	if expect, given := e.Expect.Get(); given {
		if _, err := (RecordSet{Name: e.Name, Type: RecordType(goal.Key.Type), Values: expect}).key(op, zone); err != nil {
			return edit, atPlace(err, "expect.")
		}
		edit.Expects, edit.Expect = true, expect
	}
	edit.Goal = goal
	return edit, nil
}

// expectsNone reports an edit of a set that must not exist.
func (e SetEdit) expectsNone() bool {
	expect, given := e.Expect.Get()
	return given && len(expect) == 0
}

// key checks the set and holds its values together.
func (set RecordSet) key(op Operation, zone string) (key dnszone.SetKey, err error) {
	name, err := relativeName(op, set.Name, zone)
	if err != nil {
		return key, err
	}
	noType := &ArgumentError{Operation: op, Field: "type", Expected: "a record type such as A or TXT"}
	rrtype := canonicalType(set.Type)
	if !utf8.ValidString(string(rrtype)) {
		return key, noType
	}
	for i, v := range set.Values {
		field := fmt.Sprintf("values.%d", i)
		if err := dnszone.Validate(v); err != nil {
			return key, &ArgumentError{Operation: op, Field: field, Expected: "a value that can be stored", err: err}
		}
		if rrtype == "" {
			rrtype = v.Type()
		}
		if v.Type() != rrtype {
			return key, &ArgumentError{Operation: op, Field: field, Expected: "a value of type " + string(rrtype) + ", as the whole set"}
		}
	}
	if rrtype == "" {
		return key, noType
	}
	if key.Name, err = dnszone.ParseName(name, zone); err != nil {
		return key, recordError(op, err)
	}
	key.Type = rrtype
	return key, checkTTL(op, set.TTL)
}

// isApexNS reports a record that every zone has, and that is protected.
func (r Record) isApexNS() bool { return r.Type == dnszone.TypeNS && r.Name == "@" }

// maxBatch is how many operations one batch may have.
const maxBatch = 500

// RecordBatch is a change of many records of a zone at once.
type RecordBatch struct {
	Delete []RecordID     `json:"delete,omitempty"`
	Update []BatchUpdate  `json:"update,omitempty"`
	Create []RecordCreate `json:"create,omitempty"`
}

// BatchUpdate is an update of one record within a batch.
type BatchUpdate struct {
	ID RecordID `json:"id"`
	RecordUpdate
}

// BatchResult is what a batch did: each list is in the order of the batch's own.
type BatchResult struct {
	Created []Record   `json:"created"`
	Updated []Record   `json:"updated"`
	Deleted []RecordID `json:"deleted"`
}

func (r *BatchResult) settle(zone string) {
	for _, records := range [][]Record{r.Created, r.Updated} {
		for i := range records {
			records[i].settle(zone)
		}
	}
}

// prepare checks each operation as its own call would, and names its place.
func (b RecordBatch) prepare(op Operation, zone string) (any, error) {
	if n := len(b.Delete) + len(b.Update) + len(b.Create); n < 1 || n > maxBatch {
		return nil, &ArgumentError{Operation: op, Field: "batch", Expected: fmt.Sprintf("1 to %d operations", maxBatch)}
	}
	for i, id := range b.Delete {
		if id == "" {
			return nil, &ArgumentError{Operation: op, Field: fmt.Sprintf("delete.%d", i), Expected: "a record's id"}
		}
	}
	ready := RecordBatch{Delete: b.Delete}
	for i, u := range b.Update {
		if u.ID == "" {
			return nil, &ArgumentError{Operation: op, Field: fmt.Sprintf("update.%d.id", i), Expected: "a record's id"}
		}
		change, err := u.RecordUpdate.prepare(op, zone)
		if err != nil {
			return nil, atPlace(err, fmt.Sprintf("update.%d.", i))
		}
		ready.Update = append(ready.Update, BatchUpdate{ID: u.ID, RecordUpdate: change.(RecordUpdate)})
	}
	for i, c := range b.Create {
		record, err := c.prepare(op, zone)
		if err != nil {
			return nil, atPlace(err, fmt.Sprintf("create.%d.", i))
		}
		ready.Create = append(ready.Create, record.(RecordCreate))
	}
	return ready, nil
}

func atPlace(err error, place string) error {
	var argument *ArgumentError
	if !errors.As(err, &argument) {
		return err
	}
	there := *argument
	there.Field = place + there.Field
	return &there
}
