package hoster

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/go-hoster/hoster/dnszone"
)

// ZonePlanOptions say what of a zone is owned by whoever declares it, and how much
// may be deleted. The zero value, or nil, owns every record of the types that
// this package knows, but for the apex's nameservers.
type ZonePlanOptions struct {
	Types []RecordType      // own these types only; needed for types that this package does not know
	Names []string          // own these names only, relative or absolute
	Owned func(Record) bool // own these records only

	// AllowEmpty allows an empty desired zone, which deletes everything owned,
	// whatever MaxDeleteShare says.
	AllowEmpty bool
	// MaxDeleteShare is the share of the owned records that may be deleted, from
	// 0 to 1; 0 stands for a half, 1 allows everything.
	MaxDeleteShare float64
}

// ZonePlan is what would make a zone as desired: nothing is written yet. It
// remembers what it was planned from, so that [DNSService.Apply] can tell
// whether that still holds, and how far it was applied. One Apply at a time
// takes it.
type ZonePlan struct {
	Domain  string
	Creates []ZonePlanRecord
	Updates []ZonePlanUpdate
	Deletes []Record

	version string
	owns    func(Record) bool
	sets    []*plannedSet
	taken   sync.Mutex // by the Apply that works on it
}

// ZonePlanRecord is a record that would be created. A TTL of 0 is that of the
// set, or the provider's usual one.
type ZonePlanRecord struct {
	Name  string
	Type  RecordType
	Value string // presentation form
	TTL   int
}

// ZonePlanUpdate is a record that would hold another value, or whose set would
// get another TTL.
type ZonePlanUpdate struct {
	From Record
	To   ZonePlanRecord
}

// plannedSet is one record set of the plan.
type plannedSet struct {
	key     dnszone.SetKey
	before  []Record // all of the set, owned or not
	goal    setGoal
	begun   bool // an Apply may have written a part of it
	written bool // an Apply has written it whole, or found it so
}

// IsEmpty reports a zone that is as desired.
func (p *ZonePlan) IsEmpty() bool { return len(p.sets) == 0 }

// PlanZone compares a zone with the records that it should hold, and returns
// what [DNSService.Apply] would do, every deletion included. It only reads, and
// needs [ScopeDNSRead].
//
// The nameservers of the apex are never part of a plan. An empty desired zone,
// more deletions than the options allow, and records that cannot stand together
// are refused with an [ArgumentError]. A record that is desired twice counts
// once. The TTL of a set that also holds values which are not owned stays as it
// is. A zone that cannot be read whole, or whose reading lacks the nameservers of
// the apex, is not planned: the error matches [ErrDecode] or [ErrPagination].
func (s *DNSService) PlanZone(ctx context.Context, domain string, desired []RecordCreate, options *ZonePlanOptions) (*ZonePlan, error) {
	planner, err := newPlanner(domain, options)
	if err != nil {
		return nil, err
	}
	want, err := planner.desired(desired)
	if err != nil {
		return nil, err
	}
	current, version, err := s.readWhole(ctx, planner.zone)
	if err != nil {
		return nil, err
	}
	if err := planner.fit(want, current); err != nil {
		return nil, err
	}
	return planner.plan(current, want.records, version)
}

const opPlan = Operation("DNS.PlanZone")

// planner decides what is owned.
type planner struct {
	zone    string
	names   []string
	options ZonePlanOptions
}

func newPlanner(domain string, options *ZonePlanOptions) (*planner, error) {
	p := &planner{}
	if options != nil {
		p.options = *options
	}
	var err error
	if p.zone, err = canonicalDomain(opPlan, "domain", domain); err != nil {
		return nil, err
	}
	if share := p.options.MaxDeleteShare; !(share >= 0 && share <= 1) { // nor is it NaN
		return nil, &ArgumentError{Operation: opPlan, Field: "MaxDeleteShare", Expected: "a share from 0 to 1"}
	}
	p.options.Types = slices.Clone(p.options.Types)
	for i, given := range p.options.Types {
		p.options.Types[i] = canonicalType(given)
	}
	for i, given := range p.options.Names {
		name, err := relativeName(opPlan, given, p.zone)
		if err != nil {
			return nil, atPlace(err, fmt.Sprintf("Names.%d.", i))
		}
		p.names = append(p.names, name)
	}
	return p, nil
}

// owns says whether the plan may touch a record.
func (p *planner) owns(r Record) bool {
	switch {
	case r.isApexNS():
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

// desiredZone is what is wanted, and the place of each record in what was given.
type desiredZone struct {
	records []dnszone.Record
	places  []int
}

// desired makes the records canonical and refuses what is not owned, or cannot
// stand together. The nameservers of the apex may stand there: they are left
// out.
func (p *planner) desired(records []RecordCreate) (want desiredZone, err error) {
	type value struct {
		key  dnszone.SetKey
		data dnszone.Data
	}
	listed := map[value]int{}
	for i, given := range records {
		ready, err := given.prepare(opPlan, p.zone)
		if err != nil {
			return want, atPlace(err, fmt.Sprintf("desired.%d.", i))
		}
		r := ready.(RecordCreate)
		if r.asRecord().isApexNS() {
			continue
		}
		if !p.owns(r.asRecord()) {
			return want, &ArgumentError{Operation: opPlan, Field: fmt.Sprintf("desired.%d", i), Expected: "a record that the options own, not " + r.Name + " " + string(r.Type)}
		}
		record, err := r.asRecord().zoneRecord(p.zone)
		if err != nil {
			return want, atPlace(recordError(opPlan, err), fmt.Sprintf("desired.%d.", i))
		}
		v := value{record.Key(), dnszone.Canonical(record.Data)}
		if first, twice := listed[v]; twice {
			if ttl := &want.records[first].TTL; *ttl == 0 {
				*ttl = record.TTL
			}
			if record.TTL == 0 || record.TTL == want.records[first].TTL {
				continue
			}
		}
		listed[v] = len(want.records)
		want.records, want.places = append(want.records, record), append(want.places, i)
	}
	if i, err := dnszone.ValidateRecords(want.records); err != nil {
		return want, atPlace(recordError(opPlan, err), fmt.Sprintf("desired.%d.", want.places[i]))
	}
	if len(want.records) == 0 && !p.options.AllowEmpty {
		return want, &ArgumentError{Operation: opPlan, Field: "desired", Expected: "at least one record (AllowEmpty deletes everything owned)"}
	}
	return want, nil
}

// fit refuses a CNAME beside a record that is not owned and stays, and the
// other way round.
func (p *planner) fit(want desiredZone, current []Record) error {
	staying := map[string]RecordType{} // a type that stays, by name; CNAME before others
	for _, r := range current {
		if !p.owns(r) && staying[r.Name] != RecordCNAME {
			staying[r.Name] = r.Type
		}
	}
	for i, r := range want.records {
		other, isThere := staying[r.Name.Relative()]
		if isThere && (other == RecordCNAME || r.Data.Type() == dnszone.TypeCNAME) {
			return &ArgumentError{
				Operation: opPlan, Field: fmt.Sprintf("desired.%d.type", want.places[i]),
				Expected: fmt.Sprintf("what can stand beside the %s of %s, which is not owned and stays: a CNAME stands alone", other, r.Name),
			}
		}
	}
	return nil
}

// plan compares the zone with what is wanted.
func (p *planner) plan(current []Record, want []dnszone.Record, version string) (*ZonePlan, error) {
	plan := &ZonePlan{Domain: p.zone, version: version, owns: p.owns}
	var owned []dnszone.Record
	sets := map[dnszone.SetKey][]Record{}
	shared := map[dnszone.SetKey]bool{} // with values that are not owned
	for _, r := range current {
		record, err := r.zoneRecord(p.zone)
		if err != nil {
			continue // what cannot be read is nobody's to change
		}
		sets[record.Key()] = append(sets[record.Key()], r)
		if p.owns(r) {
			owned = append(owned, record)
		} else {
			shared[record.Key()] = true
		}
	}
	for _, diff := range dnszone.Diff(owned, want) {
		if shared[diff.Key] {
			diff.TTL = 0
		}
		if !diff.IsEmpty() {
			plan.add(&plannedSet{key: diff.Key, before: sets[diff.Key], goal: goalOf(diff)})
		}
	}
	share := p.options.MaxDeleteShare
	switch {
	case len(want) == 0: // and AllowEmpty
		share = 1
	case share == 0:
		share = 0.5
	}
	if gone := len(plan.Deletes); float64(gone) > share*float64(len(owned)) {
		return nil, &ArgumentError{Operation: opPlan, Field: "desired", Expected: fmt.Sprintf("at most %.0f%% of the %d owned records to be deleted, not %d (MaxDeleteShare allows more)", 100*share, len(owned), gone)}
	}
	return plan, nil
}

// goalOf is the difference as a goal: nothing goes that the difference does not
// name.
func goalOf(diff dnszone.SetDiff) setGoal {
	goal := setGoal{name: diff.Key.Name.Relative()}
	for _, r := range slices.Concat(diff.Keep, diff.Add) {
		goal.want = append(goal.want, r.Data)
	}
	if diff.TTL != 0 {
		goal.ttl = Set(diff.TTL)
	}
	gone := map[dnszone.Data]bool{}
	for _, r := range diff.Remove {
		gone[dnszone.Canonical(r.Data)] = true
	}
	goal.drop = func(r Record) bool {
		v, ok := r.canonical()
		return ok && gone[v]
	}
	return goal
}

// add takes up a set, and lists what is to be done with it: nothing where the
// difference is one that cannot be written, such as a TTL that a provider does
// not tell.
func (p *ZonePlan) add(set *plannedSet) {
	batch := set.goal.edit(set.before)
	if batch.size() == 0 {
		return
	}
	p.sets = append(p.sets, set)
	byID := map[RecordID]Record{}
	for _, r := range set.before {
		byID[r.ID] = r
	}
	for _, u := range batch.Update {
		to := byID[u.ID]
		if value, ok := u.Value.Get(); ok {
			to.Value, to.Priority, to.Weight, to.Port = value, pointerOf(u.Priority), pointerOf(u.Weight), pointerOf(u.Port)
		}
		to.TTL, _ = u.TTL.Get()
		p.Updates = append(p.Updates, ZonePlanUpdate{From: byID[u.ID], To: plannedOf(to)})
	}
	for _, c := range batch.Create {
		p.Creates = append(p.Creates, plannedOf(c.asRecord()))
	}
	for _, id := range batch.Delete {
		p.Deletes = append(p.Deletes, byID[id])
	}
}

func plannedOf(r Record) ZonePlanRecord {
	value := r.Value
	if data, err := r.Data(); err == nil {
		value = data.String()
	}
	return ZonePlanRecord{Name: r.Name, Type: r.Type, Value: value, TTL: r.TTL}
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
