package hoster

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
)

// PlanOptions say what of a zone is owned by whoever declares it, and how much
// may be deleted. The zero value, or nil, owns every record of the types that
// this package knows, but for the apex's nameservers.
type PlanOptions struct {
	Types []RecordType      // own these types only; needed for types that this package does not know
	Names []string          // own these names only, relative or absolute
	Owned func(Record) bool // own these records only

	// AllowEmpty allows an empty desired zone, which deletes everything owned.
	AllowEmpty bool
	// MaxDeleteShare is the share of the owned records that may be deleted, from
	// 0 to 1; 0 stands for a half, 1 allows everything.
	MaxDeleteShare float64
}

// ZonePlan is what would make a zone as desired: nothing is written yet. It
// remembers what it was planned from, so that [DNSService.Apply] can tell
// whether that still holds.
type ZonePlan struct {
	Domain  string
	Creates []PlannedRecord
	Updates []PlannedUpdate
	Deletes []Record

	version string
	sets    []plannedSet
}

// PlannedRecord is a record that would be created. A TTL of 0 is that of the
// set, or the provider's usual one.
type PlannedRecord struct {
	Name  string
	Type  RecordType
	Value string // presentation form
	TTL   int
}

// PlannedUpdate is a record that would hold another value, or whose set would
// get another TTL.
type PlannedUpdate struct {
	From Record
	To   PlannedRecord
}

// plannedSet is one record set of the plan.
type plannedSet struct {
	key    dnszone.SetKey
	before []Record
	want   []dnszone.Record
	batch  RecordBatch
}

// IsEmpty reports a zone that is as desired.
func (p *ZonePlan) IsEmpty() bool { return len(p.sets) == 0 }

// String is the plan as a diff.
func (p *ZonePlan) String() string {
	var b strings.Builder
	_ = p.Print(&b, false) // a strings.Builder takes everything
	return b.String()
}

// Print writes the plan as a diff: "+" creates, "-" deletes, "~" changes.
// Colour is for terminals.
func (p *ZonePlan) Print(w io.Writer, colour bool) error {
	const green, red, yellow, plain = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
	var err error
	line := func(mark, paint, text string) {
		if err != nil {
			return
		}
		if colour {
			_, err = fmt.Fprintf(w, "%s%s %s%s\n", paint, mark, text, plain)
			return
		}
		_, err = fmt.Fprintf(w, "%s %s\n", mark, text)
	}
	for _, r := range p.Deletes {
		line("-", red, printRecord(plannedOf(r)))
	}
	for _, u := range p.Updates {
		line("~", yellow, printRecord(plannedOf(u.From))+" -> "+u.To.Value+ttlChange(u))
	}
	for _, r := range p.Creates {
		line("+", green, printRecord(r))
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "%s: %d to create, %d to change, %d to delete\n", p.Domain, len(p.Creates), len(p.Updates), len(p.Deletes))
	}
	return err
}

func ttlChange(u PlannedUpdate) string {
	if u.To.TTL == 0 || u.To.TTL == u.From.TTL {
		return ""
	}
	return fmt.Sprintf(" (TTL %d)", u.To.TTL)
}

func plannedOf(r Record) PlannedRecord {
	value := r.Value
	if data, err := r.Data(); err == nil {
		value = data.String()
	}
	return PlannedRecord{Name: r.Name, Type: r.Type, Value: value, TTL: r.TTL}
}

func printRecord(r PlannedRecord) string {
	ttl := "-"
	if r.TTL != 0 {
		ttl = fmt.Sprint(r.TTL)
	}
	return fmt.Sprintf("%s %s %s %s", r.Name, ttl, r.Type, r.Value)
}

// PlanZone compares a zone with the records that it should hold, and returns
// what [DNSService.Apply] would do, every deletion included. It only reads, and
// needs [ScopeDNSRead].
//
// The nameservers of the apex are never part of a plan. An empty desired zone,
// and more deletions than the options allow, are refused with an
// [ArgumentError].
func (s *DNSService) PlanZone(ctx context.Context, domain string, desired []RecordCreate, options *PlanOptions) (*ZonePlan, error) {
	planner, err := newPlanner(domain, options)
	if err != nil {
		return nil, err
	}
	want, err := planner.desired(desired)
	if err != nil {
		return nil, err
	}
	current, version, err := s.readZone(ctx, planner.zone, nil)
	if err != nil {
		return nil, err
	}
	return planner.plan(current, want, version)
}

const opPlan = Operation("DNS.PlanZone")

// planner decides what is owned.
type planner struct {
	zone    string
	names   []string
	options PlanOptions
}

func newPlanner(domain string, options *PlanOptions) (*planner, error) {
	p := &planner{}
	if options != nil {
		p.options = *options
	}
	var err error
	if p.zone, err = canonicalDomain(opPlan, "domain", domain); err != nil {
		return nil, err
	}
	if share := p.options.MaxDeleteShare; share < 0 || share > 1 {
		return nil, &ArgumentError{Operation: opPlan, Field: "MaxDeleteShare", Expected: "a share from 0 to 1"}
	}
	for _, given := range p.options.Names {
		name, err := relativeName(opPlan, given, p.zone)
		if err != nil {
			return nil, err
		}
		p.names = append(p.names, name)
	}
	return p, nil
}

// owns says whether the plan may touch a record.
func (p *planner) owns(r Record) bool {
	switch {
	case r.Type == RecordNS && r.Name == "@":
		return false
	case len(p.options.Types) == 0 && !r.Type.Known():
		return false
	case len(p.options.Types) > 0 && !slices.Contains(p.options.Types, r.Type):
		return false
	case len(p.names) > 0 && !slices.Contains(p.names, r.Name):
		return false
	}
	return p.options.Owned == nil || p.options.Owned(r)
}

// desired makes the records canonical and refuses what is not owned. The
// nameservers of the apex may stand there: they are left out.
func (p *planner) desired(records []RecordCreate) ([]dnszone.Record, error) {
	var want []dnszone.Record
	ttls := map[dnszone.SetKey]int{}
	for i, given := range records {
		ready, err := given.prepare(opPlan, p.zone)
		if err != nil {
			return nil, atPlace(err, fmt.Sprintf("desired.%d.", i))
		}
		r := ready.(RecordCreate)
		if r.Type == RecordNS && r.Name == "@" {
			continue
		}
		place := fmt.Sprintf("desired.%d", i)
		if !p.owns(r.asRecord()) {
			return nil, &ArgumentError{Operation: opPlan, Field: place, Expected: "a record that the options own, not " + r.Name + " " + string(r.Type)}
		}
		record, err := r.zoneRecord(p.zone)
		if err != nil {
			return nil, atPlace(recordError(opPlan, err), place+".")
		}
		if before, set := ttls[record.Key()]; set && before != record.TTL {
			return nil, &ArgumentError{Operation: opPlan, Field: place + ".ttl", Expected: fmt.Sprintf("one TTL for all of %s %s, here %d and %d", r.Name, r.Type, before, record.TTL)}
		}
		ttls[record.Key()] = record.TTL
		want = append(want, record)
	}
	if len(want) == 0 && !p.options.AllowEmpty {
		return nil, &ArgumentError{Operation: opPlan, Field: "desired", Expected: "at least one record (AllowEmpty deletes everything owned)"}
	}
	return want, nil
}

// plan compares the zone with what is wanted.
func (p *planner) plan(current []Record, want []dnszone.Record, version string) (*ZonePlan, error) {
	plan := &ZonePlan{Domain: p.zone, version: version}
	var owned []dnszone.Record
	sets := map[dnszone.SetKey][]Record{} // all records of a set, owned or not
	ids := map[dnszone.SetKey][]Record{}  // the owned ones
	for _, r := range current {
		record, err := r.zoneRecord(p.zone)
		if err != nil {
			continue // what cannot be read is nobody's to change
		}
		sets[record.Key()] = append(sets[record.Key()], r)
		if p.owns(r) {
			owned = append(owned, record)
			ids[record.Key()] = append(ids[record.Key()], r)
		}
	}
	for _, diff := range dnszone.Diff(owned, want) {
		set := plannedSet{key: diff.Key, before: sets[diff.Key], want: wantedOf(want, diff.Key)}
		plan.add(&set, diff, ids[diff.Key])
		plan.sets = append(plan.sets, set)
	}
	share := p.options.MaxDeleteShare
	if share == 0 {
		share = 0.5
	}
	if gone := len(plan.Deletes); float64(gone) > share*float64(len(owned)) {
		return nil, &ArgumentError{Operation: opPlan, Field: "desired", Expected: fmt.Sprintf("at most %.0f%% of the %d owned records to be deleted, not %d (MaxDeleteShare allows more)", 100*share, len(owned), gone)}
	}
	return plan, nil
}

func wantedOf(want []dnszone.Record, key dnszone.SetKey) (records []dnszone.Record) {
	for _, r := range want {
		if r.Key() == key {
			records = append(records, r)
		}
	}
	return records
}

// add turns the difference of one set into calls: a value that becomes another
// is an update, so that the set is never empty in between.
func (p *ZonePlan) add(set *plannedSet, diff dnszone.SetDiff, owned []Record) {
	ttl := Opt[int]{}
	if diff.TTL != 0 {
		ttl = Set(diff.TTL)
	}
	add, remove := diff.Add, recordsOf(owned, diff.Remove)
	for len(add) > 0 && len(remove) > 0 {
		set.batch.Update = append(set.batch.Update, BatchUpdate{ID: remove[0].ID, RecordUpdate: updateTo(add[0].Data, ttl)})
		p.Updates = append(p.Updates, PlannedUpdate{From: remove[0], To: plannedAdd(add[0], diff.TTL)})
		add, remove = add[1:], remove[1:]
	}
	for _, r := range add {
		record := NewRecord(r.Name.Relative(), r.Data)
		record.TTL = ttl
		set.batch.Create = append(set.batch.Create, record)
		p.Creates = append(p.Creates, plannedAdd(r, diff.TTL))
	}
	for _, r := range remove {
		set.batch.Delete = append(set.batch.Delete, r.ID)
		p.Deletes = append(p.Deletes, r)
	}
	if kept := recordsOf(owned, diff.Keep); diff.TTL != 0 && len(kept) > 0 && len(set.batch.Update)+len(set.batch.Create) == 0 {
		set.batch.Update = append(set.batch.Update, BatchUpdate{ID: kept[0].ID, RecordUpdate: RecordUpdate{TTL: ttl}})
		to := plannedOf(kept[0])
		to.TTL = diff.TTL
		p.Updates = append(p.Updates, PlannedUpdate{From: kept[0], To: to})
	}
}

func plannedAdd(r dnszone.Record, ttl int) PlannedRecord {
	return PlannedRecord{Name: r.Name.Relative(), Type: RecordType(r.Data.Type()), Value: r.Data.String(), TTL: ttl}
}

// recordsOf finds the records that hold these values.
func recordsOf(records []Record, values []dnszone.Record) (found []Record) {
	for _, r := range records {
		data, err := r.Data()
		if err == nil && slices.ContainsFunc(values, func(v dnszone.Record) bool { return dnszone.Equal(v.Data, data) }) {
			found = append(found, r)
		}
	}
	return found
}

// zoneRecord is the record as dnszone has it.
func (r Record) zoneRecord(zone string) (dnszone.Record, error) {
	name, err := dnszone.ParseName(r.Name, zone)
	if err != nil {
		return dnszone.Record{}, err
	}
	data, err := r.Data()
	return dnszone.Record{Name: name, TTL: r.TTL, Data: data}, err
}

func (r RecordCreate) asRecord() Record {
	ttl, _ := r.TTL.Get()
	return Record{Type: r.Type, Name: r.Name, Value: r.Value, TTL: ttl, Priority: pointerOf(r.Priority), Weight: pointerOf(r.Weight), Port: pointerOf(r.Port)}
}

func (r RecordCreate) zoneRecord(zone string) (dnszone.Record, error) {
	return r.asRecord().zoneRecord(zone)
}
