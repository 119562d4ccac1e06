package hoster

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/zonework"
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

// ZonePlan is what would make a zone as desired: nothing is written yet. It is
// plain data: it can be printed, compared by reflect.DeepEqual, stored as JSON,
// and applied by another process. It holds what it was planned from, so that
// [DNSService.Apply] can tell whether that still holds.
type ZonePlan struct {
	Domain  string `json:"domain"`
	Version string `json:"version,omitempty"` // of the zone; empty where the provider sends none

	Creates []RecordCreate   `json:"creates,omitempty"`
	Updates []ZonePlanUpdate `json:"updates,omitempty"`
	Deletes []Record         `json:"deletes,omitempty"`

	// What else the record sets hold that are to change: values that are desired,
	// and values that are not owned. They stay.
	Keeps  []Record `json:"keeps,omitempty"`
	Others []Record `json:"others,omitempty"`
}

// ZonePlanUpdate is a record that would hold another value, or whose set would
// get another TTL. Without a TTL, To keeps that of the set.
type ZonePlanUpdate struct {
	From Record       `json:"from"`
	To   RecordCreate `json:"to"`
}

// IsEmpty reports a zone that is as desired.
func (p *ZonePlan) IsEmpty() bool { return len(p.Creates)+len(p.Updates)+len(p.Deletes) == 0 }

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
	return planner.plan(want, current, s.client.zones.Usable(version))
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
		record := r.asRecord().held(p.zone).Record
		v := value{record.Key(), record.Data}
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

// plan compares the zone with what is wanted. What cannot be read is nobody's to
// change.
func (p *planner) plan(want desiredZone, current []Record, version string) (*ZonePlan, error) {
	var owned, others []dnszone.Held
	staying := map[string]RecordType{} // a type that stays, by name; CNAME before others
	for _, r := range current {
		owns, h := p.owns(r), r.held(p.zone)
		if !owns && staying[r.Name] != dnszone.TypeCNAME {
			staying[r.Name] = r.Type
		}
		switch {
		case h.Data == nil:
		case owns:
			owned = append(owned, h)
		default:
			others = append(others, h)
		}
	}
	for i, r := range want.records {
		other, isThere := staying[r.Name.Relative()]
		if isThere && (other == dnszone.TypeCNAME || r.Data.Type() == dnszone.TypeCNAME) {
			return nil, &ArgumentError{
				Operation: opPlan, Field: fmt.Sprintf("desired.%d.type", want.places[i]),
				Expected: fmt.Sprintf("what can stand beside the %s of %s, which is not owned and stays: a CNAME stands alone", other, r.Name),
			}
		}
	}
	plan := &ZonePlan{Domain: p.zone, Version: version}
	for _, set := range dnszone.Plan(owned, others, want.records) {
		plan.add(set)
	}
	share := p.options.MaxDeleteShare
	switch {
	case len(want.records) == 0: // and AllowEmpty
		share = 1
	case share == 0:
		share = 0.5
	}
	if gone := len(plan.Deletes); float64(gone) > share*float64(len(owned)) {
		return nil, &ArgumentError{Operation: opPlan, Field: "desired", Expected: fmt.Sprintf("at most %.0f%% of the %d owned records to be deleted, not %d (MaxDeleteShare allows more)", 100*share, len(owned), gone)}
	}
	return plan, nil
}

// add lists what is to be done with a set, and what it holds besides.
func (p *ZonePlan) add(set dnszone.SetPlan) {
	changes := set.Goal.Changes(set.Before)
	changed := map[string]dnszone.Held{}
	for _, r := range set.Before {
		changed[r.ID] = r
	}
	for _, u := range changes.Update {
		from := changed[u.ID]
		to := dnszone.Record{Name: from.Name, TTL: u.TTL, Data: u.Data}
		if u.Data == nil {
			to.Data = from.Data
		}
		p.Updates = append(p.Updates, ZonePlanUpdate{From: recordOf(from), To: createOf(to)})
		delete(changed, u.ID)
	}
	for _, r := range changes.Create {
		p.Creates = append(p.Creates, createOf(r))
	}
	for _, id := range changes.Delete {
		p.Deletes = append(p.Deletes, recordOf(changed[id]))
		delete(changed, id)
	}
	is := set.Goal.Compare(set.Before)
	for _, r := range is.Wanted {
		if _, stays := changed[r.ID]; stays {
			p.Keeps = append(p.Keeps, recordOf(r))
		}
	}
	for _, r := range is.Others {
		if _, stays := changed[r.ID]; stays {
			p.Others = append(p.Others, recordOf(r))
		}
	}
}

// sets is the plan set by set, in the order of [dnszone.Diff]: the opposite of
// add.
func (p *ZonePlan) sets() ([]dnszone.SetPlan, error) {
	zone, err := canonicalDomain(opApply, "plan.domain", p.Domain)
	if err != nil {
		return nil, err
	}
	r := planReader{zone: zone, sets: map[dnszone.SetKey]*dnszone.SetPlan{}}
	for i, u := range p.Updates {
		from := r.there(u.From, "updates", i)
		to, set := r.wanted(u.To, "updates", i)
		if r.err == nil && from.Key() != to.Key() {
			r.refuse("updates", i, "a record of the same name and type")
		}
		if set != nil && !dnszone.Equal(from.Data, to.Data) {
			set.Goal.Remove = append(set.Goal.Remove, from.Data)
		}
	}
	for i, record := range p.Deletes {
		if h := r.there(record, "deletes", i); r.err == nil {
			set := r.set(h.Key())
			set.Goal.Remove = append(set.Goal.Remove, h.Data)
		}
	}
	for i, record := range p.Keeps {
		if h := r.there(record, "keeps", i); r.err == nil {
			set := r.set(h.Key())
			set.Goal.Want = append(set.Goal.Want, h.Data)
		}
	}
	for i, record := range p.Others {
		if h := r.there(record, "others", i); r.err == nil {
			r.set(h.Key()).Shared = true
		}
	}
	for i, record := range p.Creates {
		r.wanted(record, "creates", i)
	}
	return r.sorted(), r.err
}

// planReader brings the records of a plan together, set by set, and keeps the
// first error.
type planReader struct {
	zone string
	sets map[dnszone.SetKey]*dnszone.SetPlan
	keys []dnszone.SetKey
	err  error
}

func (r *planReader) refuse(list string, i int, expected string) {
	if r.err == nil {
		r.err = &ArgumentError{Operation: opApply, Field: fmt.Sprintf("plan.%s.%d", list, i), Expected: expected}
	}
}

func (r *planReader) set(key dnszone.SetKey) *dnszone.SetPlan {
	set := r.sets[key]
	if set == nil {
		set = &dnszone.SetPlan{Goal: dnszone.Goal{Key: key}}
		r.sets[key] = set
		r.keys = append(r.keys, key)
	}
	return set
}

// there takes a record that the plan found.
func (r *planReader) there(record Record, list string, i int) dnszone.Held {
	h := record.held(r.zone)
	if h.Data == nil || h.Name.Zone() == "" || record.isApexNS() {
		r.refuse(list, i, "a record of the zone that a plan may hold")
		return h
	}
	set := r.set(h.Key())
	set.Before = append(set.Before, h)
	return h
}

// wanted takes a record that the plan wants.
func (r *planReader) wanted(record RecordCreate, list string, i int) (dnszone.Record, *dnszone.SetPlan) {
	ready, err := record.prepare(opApply, r.zone)
	if err != nil {
		if r.err == nil {
			r.err = atPlace(err, fmt.Sprintf("plan.%s.%d.", list, i))
		}
		return dnszone.Record{}, nil
	}
	h := ready.(RecordCreate).asRecord().held(r.zone)
	if h.Name.IsApex() && h.Fields.Type == dnszone.TypeNS {
		r.refuse(list, i, "no nameserver of the apex")
		return h.Record, nil
	}
	set := r.set(h.Key())
	if h.TTL != 0 && set.Goal.TTL != 0 && h.TTL != set.Goal.TTL {
		r.refuse(list, i, "one TTL for all of a record set")
	}
	set.Goal.TTL = max(set.Goal.TTL, h.TTL)
	set.Goal.Want = append(set.Goal.Want, h.Data)
	return h.Record, set
}

func (r *planReader) sorted() (plans []dnszone.SetPlan) {
	slices.SortFunc(r.keys, dnszone.CompareKeys)
	for _, key := range r.keys {
		plans = append(plans, *r.sets[key])
	}
	return plans
}

// ApplyOptions shape an application of a plan. Nil is the zero value.
type ApplyOptions struct {
	// Concurrency bounds the single calls under way at once, for providers
	// without a batch endpoint; 0 stands for 8.
	Concurrency int
	// OnProgress is called after each part that was written, not concurrently. It
	// must not write to the same zone with the same client: that waits for Apply.
	OnProgress func(ApplyProgress)
	// Resume keeps the result from one application of a plan to the next. Apply goes
	// on from what an earlier one left there, be it the zero value, and leaves its own
	// there, also when a panic in the caller's code ends it.
	Resume *ApplyResult
}

// ApplyProgress is how far an application is.
type ApplyProgress struct{ Done, Total int } // record sets

// ApplyResult is what an application did. Record sets stand as "name type".
type ApplyResult struct {
	Batched    bool         `json:"batched,omitempty"`    // by the batch endpoint, not by single calls
	Applied    []string     `json:"applied,omitempty"`    // the record sets that were written
	Skipped    []string     `json:"skipped,omitempty"`    // that were as wanted already
	Unfinished []string     `json:"unfinished,omitempty"` // that a failure left half written, or in doubt
	Adjusted   []Adjustment `json:"adjusted,omitempty"`   // with those of Resume
}

const opApply = Operation("DNS.Apply")

// Apply does what a plan says. It needs [ScopeDNSRead] and [ScopeDNSWrite].
//
// Record sets that are as wanted already are skipped, those that are as the plan
// found them are written, and for any other nothing is written and the error
// matches [ErrConflict] and names it; so it is with all of a name where a CNAME
// would come to stand beside what somebody else put there.
//
// Where the provider has the batch endpoint everything goes in as few batches as
// can be, each of which is done whole or not at all; else in single calls, in an
// order that never puts a CNAME beside another record. Where it sends ETags,
// batches, and single calls that change or delete something, depend on the
// zone's version, and single calls that do so are made one after the other.
// Where it sends none, single calls go side by side and the zone is read again
// every now and then, and after the last write: a set that somebody else changed
// meanwhile is an [ErrConflict] too, but a change within the seconds between
// reading a set and writing it cannot be seen.
//
// Every error of a write names the record sets that it was about. After the
// first failure nothing new is begun; what is under way is finished or
// fails too. The result then says what was applied and what was begun. Applying
// the same plan again with this result in Resume finishes the rest, in another
// process too: both are plain data. Apply does not change the plan.
func (s *DNSService) Apply(ctx context.Context, plan *ZonePlan, options *ApplyOptions) (result ApplyResult, err error) {
	switch {
	case ctx == nil:
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "ctx", Expected: "a context that is not nil"}
	case plan == nil:
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "plan", Expected: "a plan of PlanZone"}
	case plan.IsEmpty():
		return ApplyResult{}, nil
	}
	sets, err := plan.sets()
	if err != nil {
		return ApplyResult{}, err
	}
	if options == nil {
		options = &ApplyOptions{}
	}
	job, err := options.job(sets)
	if err != nil {
		return ApplyResult{}, err
	}
	job.Version = plan.Version
	zone := sets[0].Goal.Key.Name.Zone()
	unlock, err := s.client.zones.Lock(ctx, zone)
	if err != nil {
		return ApplyResult{}, &TransportError{Operation: opApply, Err: err}
	}
	defer unlock()
	var done zonework.Outcome
	defer func() {
		result = ApplyResult{
			Batched: done.Batched, Applied: namesOf(done.Applied), Skipped: namesOf(done.Skipped), Unfinished: namesOf(done.Unfinished),
			Adjusted: adjustmentsOf(done.Adjusted),
		}
		if options.Resume != nil {
			*options.Resume = result
		}
	}()
	return result, zonework.Apply(ctx, &zoneCalls{service: s, op: opApply, zone: zone}, s.client.zones, job, &done)
}

// job is an application of the sets.
func (o *ApplyOptions) job(sets []dnszone.SetPlan) (zonework.Job, error) {
	job := zonework.Job{Sets: sets, Concurrency: o.Concurrency}
	if job.Concurrency <= 0 {
		job.Concurrency = 8
	}
	if o.OnProgress != nil {
		job.OnProgress = func(done, total int) { o.OnProgress(ApplyProgress{Done: done, Total: total}) }
	}
	if o.Resume == nil {
		return job, nil
	}
	job.Again = o.Resume.begun()
	byName := map[string]dnszone.SetKey{}
	for _, set := range sets {
		byName[nameOfSet(set.Goal.Key)] = set.Goal.Key
	}
	for i, name := range o.Resume.Unfinished {
		key, ok := byName[name]
		if !ok {
			return job, &ArgumentError{Operation: opApply, Field: fmt.Sprintf("Resume.Unfinished.%d", i), Expected: "a record set of the plan, not " + name}
		}
		job.Begun = append(job.Begun, key)
	}
	for i, a := range o.Resume.Adjusted {
		adjusted := zonework.Adjusted{Set: byName[a.Name+" "+string(a.Type)], Field: a.Field, Want: a.Want, Got: a.Got}
		if a.Field != "ttl" {
			var err error
			if adjusted.Data, err = dnszone.Parse(a.Type, a.Value); err != nil {
				return job, &ArgumentError{Operation: opApply, Field: fmt.Sprintf("Resume.Adjusted.%d.value", i), Expected: "a value in presentation form", err: err}
			}
		}
		job.Adjusted = append(job.Adjusted, adjusted)
	}
	return job, nil
}

// begun reports a plan that was applied before.
func (r *ApplyResult) begun() bool {
	return len(r.Applied)+len(r.Skipped)+len(r.Unfinished) > 0
}

// nameOfSet is a set as results name it.
func nameOfSet(key dnszone.SetKey) string { return key.Name.Relative() + " " + string(key.Type) }

func namesOf(keys []dnszone.SetKey) (names []string) {
	for _, key := range keys {
		names = append(names, nameOfSet(key))
	}
	return names
}

// String is the plan as a diff: "+" creates, "-" deletes, "~" changes, each on a
// line of its own, and a last line that counts them. What a terminal would obey or
// hide stands escaped, as \DDD for each octet.
func (p *ZonePlan) String() string {
	var b strings.Builder
	for _, r := range p.Deletes {
		b.WriteString("- " + printable.Escape(r.line()) + "\n")
	}
	for _, u := range p.Updates {
		b.WriteString("~ " + printable.Escape(u.From.line()+u.change()) + "\n")
	}
	for _, r := range p.Creates {
		b.WriteString("+ " + printable.Escape(r.asRecord().line()) + "\n")
	}
	fmt.Fprintf(&b, "%s: %d to create, %d to change, %d to delete\n", printable.Escape(p.Domain), len(p.Creates), len(p.Updates), len(p.Deletes))
	return b.String()
}

// line is the record as a zone file has it; "-" stands for a TTL that is left to
// the provider.
func (r Record) line() string {
	ttl := "-"
	if r.TTL != 0 {
		ttl = strconv.Itoa(r.TTL)
	}
	return fmt.Sprintf("%s %s %s %s", r.Name, ttl, r.Type, r.presented())
}

// presented is the record's value in presentation form.
func (r Record) presented() string {
	if data, err := r.Data(); err == nil {
		return data.String()
	}
	return r.Value
}

// change is what becomes of the record.
func (u ZonePlanUpdate) change() string {
	text := " -> " + u.To.asRecord().presented()
	if ttl, given := u.To.TTL.Get(); given && ttl != u.From.TTL {
		text += fmt.Sprintf(" (TTL %d)", ttl)
	}
	return text
}

func (r RecordCreate) asRecord() Record {
	ttl, _ := r.TTL.Get()
	return Record{Type: r.Type, Name: r.Name, Value: r.Value, TTL: ttl, Priority: pointerOf(r.Priority), Weight: pointerOf(r.Weight), Port: pointerOf(r.Port)}
}
