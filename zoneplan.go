package hoster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-hoster/hoster/dnszone"
)

// ZonePlanOptions say what of a zone is owned by whoever declares it, and how much
// may be deleted. The zero value, or nil, owns every record of the types that
// this package knows, but for the apex's nameservers.
type ZonePlanOptions struct {
	Types    []RecordType      // own these types only, be they known or not
	AllTypes bool              // own every type, those that this package does not know too
	Names    []string          // own these names only, relative or absolute
	Owned    func(Record) bool // own these records only; PlanZone asks, Apply does not

	// AllowEmpty allows an empty desired zone, which deletes everything owned,
	// whatever MaxDeleteShare says.
	AllowEmpty bool
	// MaxDeleteShare is the share of the owned records that may be deleted, from
	// 0 to 1; 0 stands for a half, 1 allows everything. One record may be deleted
	// whatever the share, and one in whose place another comes at the same name does
	// not count.
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

	// What else the record sets hold that are to change. It stays.
	Keeps  []Record `json:"keeps,omitempty"`  // as desired
	Others []Record `json:"others,omitempty"` // not desired, and not owned
	Shared []string `json:"shared,omitempty"` // the sets, as "name type", that hold values which are not owned

	LeftOut []ZonePlanLeftOut `json:"left_out,omitempty"`

	// Blocked is the code with which the provider would refuse the plan for now:
	// [ErrorCodeNameserversNotLocal] or [ErrorCodeDomainStateProhibits]. It is empty
	// where no reason is known.
	Blocked ErrorCode `json:"blocked,omitempty"`
}

// ZonePlanUpdate is a record that would hold another value, or whose set would
// get another TTL. Without a TTL, To keeps that of the set.
type ZonePlanUpdate struct {
	From Record       `json:"from"`
	To   RecordCreate `json:"to"`
}

// ZonePlanLeftOut is a record set that is desired, or would be owned, and is no
// part of the plan all the same.
type ZonePlanLeftOut struct {
	Name    string         `json:"name"`
	Type    RecordType     `json:"type"`
	Reason  ZonePlanReason `json:"reason"`
	Differs bool           `json:"differs"` // what is there is not what is desired
}

// ZonePlanReason says why a record set is left out of a plan.
type ZonePlanReason string

// The reasons.
const (
	ZonePlanReasonApexNameservers ZonePlanReason = "apex_nameservers" // desired, and never changed by a plan
	ZonePlanReasonUnknownType     ZonePlanReason = "unknown_type"     // owned with AllTypes, or where Types lists it
	ZonePlanReasonUnreadable      ZonePlanReason = "unreadable"       // the value is none of its type
)

// IsEmpty reports a zone that is as desired, but for what is left out.
func (p *ZonePlan) IsEmpty() bool { return len(p.Creates)+len(p.Updates)+len(p.Deletes) == 0 }

// PlanZone compares a zone with the records that it should hold, and returns
// what [DNSService.Apply] would do, every deletion included. It only reads, and
// needs [ScopeDNSRead]. With [ScopeDomainsRead], a plan that is not empty also says
// whether the domain is on other nameservers, or in a state in which its records
// cannot be changed: see Blocked of [ZonePlan].
//
// The nameservers of the apex are never changed by a plan: it tells where they are
// desired otherwise. An empty desired zone, more deletions than the options allow,
// and records that cannot stand together are refused: the error matches
// [ErrInvalidArgument] and holds an [*ArgumentError] for each problem. A record
// that is desired twice counts once. The TTL of a set that also holds values which
// are not owned stays as it is. A zone that cannot be read whole, or whose reading
// lacks the nameservers of the apex, is not planned: the error matches [ErrDecode]
// or [ErrPagination].
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
	plan, err := planner.plan(want, current, s.client.zones.Usable(version))
	if err == nil && !plan.IsEmpty() {
		plan.Blocked = s.blocked(ctx, planner.zone)
	}
	return plan, err
}

// blocked asks once why the domain's records could not be changed. Where that
// cannot be told, Apply will.
func (s *DNSService) blocked(ctx context.Context, domain string) ErrorCode {
	d, err := do[struct {
		Status          DomainStatus `json:"status"`
		UsesProviderDNS *bool        `json:"uses_provider_dns"` // not every provider has it
	}](ctx, s.client, opDomainsGet, request{path: []string{domain}}, []CallOption{WithoutRetry(), dispensable})
	switch {
	case err != nil:
		return ""
	case d.Status != "" && d.Status != DomainStatusActive && d.Status != DomainStatusExpired:
		return ErrorCodeDomainStateProhibits
	case d.UsesProviderDNS != nil && !*d.UsesProviderDNS:
		return ErrorCodeNameserversNotLocal
	}
	return ""
}

const (
	opPlan  = Operation("DNS.PlanZone")
	opApply = Operation("DNS.Apply")
)

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
	if p.options.AllTypes && len(p.options.Types) > 0 {
		return nil, &ArgumentError{Operation: opPlan, Field: "AllTypes", Expected: "no Types beside it"}
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

// excludes is the option by which a record is not owned, "" for one that is. The
// nameservers of the apex are nobody's.
func (p *planner) excludes(r Record) string {
	switch types := p.options.Types; {
	case len(p.names) > 0 && !slices.Contains(p.names, r.Name):
		return "Names"
	case len(types) > 0 && !slices.Contains(types, r.Type):
		return "Types"
	case p.options.Owned != nil && !p.options.Owned(r):
		return "Owned"
	case len(types) == 0 && !p.options.AllTypes && !r.Type.Known():
		return "AllTypes"
	}
	return ""
}

// desiredZone is what is wanted, and the place of each record in what was given.
type desiredZone struct {
	records []dnszone.Record
	places  []int
	apex    []dnszone.Record // the nameservers, which are left out
}

// problem is what is wrong with a record that is desired.
func (want *desiredZone) problem(wrong *dnszone.RecordError) error {
	return atPlace(recordError(opPlan, wrong), fmt.Sprintf("desired.%d.", want.places[wrong.Place]))
}

// desired makes the records canonical and refuses what is not owned, or cannot
// stand together.
func (p *planner) desired(records []RecordCreate) (want desiredZone, err error) {
	var problems []error
	var all []dnszone.Record
	var places []int
	for i, given := range records {
		ready, err := given.prepare(opPlan, p.zone)
		if err != nil {
			problems = append(problems, atPlace(err, fmt.Sprintf("desired.%d.", i)))
			continue
		}
		r := ready.(RecordCreate).asRecord()
		record := r.held(p.zone).Record
		if r.isApexNS() {
			want.apex = append(want.apex, record)
			continue
		}
		if option := p.excludes(r); option != "" {
			problems = append(problems, &ArgumentError{
				Operation: opPlan, Field: fmt.Sprintf("desired.%d", i),
				Expected: fmt.Sprintf("a record that the options own, not %s %s: %s", r.Name, r.Type, exclusions[option]),
			})
			continue
		}
		all, places = append(all, record), append(places, i)
	}
	unique, kept := dnszone.Unique(all)
	for _, i := range kept {
		want.places = append(want.places, places[i])
	}
	want.records = unique
	for _, wrong := range dnszone.ValidateRecords(want.records) {
		problems = append(problems, want.problem(wrong))
	}
	if len(problems) == 0 && len(want.records) == 0 && !p.options.AllowEmpty {
		expected := "at least one record (AllowEmpty deletes everything owned)"
		if len(want.apex) > 0 {
			expected = "a record beside the nameservers of the apex: no plan changes those, and everything that is owned would go"
		}
		problems = append(problems, &ArgumentError{Operation: opPlan, Field: "desired", Expected: expected})
	}
	return want, together(problems)
}

// exclusions say how an option leaves a record out.
var exclusions = map[string]string{
	"Names":    "Names does not list the name",
	"Types":    "Types does not list the type",
	"Owned":    "Owned says that it is not",
	"AllTypes": "types that this package does not know are owned only with AllTypes, or where Types lists them",
}

// together joins errors; one is itself.
func together(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// plan compares the zone with what is wanted.
func (p *planner) plan(want desiredZone, current []Record, version string) (*ZonePlan, error) {
	plan := &ZonePlan{Domain: p.zone, Version: version}
	var owned, others []dnszone.Held
	var staying []dnszone.SetKey
	var apex []dnszone.Record
	for _, r := range current {
		h := r.held(p.zone)
		if r.isApexNS() {
			apex, others, staying = append(apex, h.Record), append(others, h), append(staying, h.Key())
			continue
		}
		option := p.excludes(r)
		switch {
		case option != "":
			if option == "AllTypes" {
				plan.leaveOut(ZonePlanLeftOut{r.Name, r.Type, ZonePlanReasonUnknownType, true})
			}
			others, staying = append(others, h), append(staying, h.Key())
		case h.Data == nil || h.Name.Zone() == "":
			plan.leaveOut(ZonePlanLeftOut{r.Name, r.Type, ZonePlanReasonUnreadable, true})
		default:
			owned = append(owned, h)
		}
	}
	if len(want.apex) > 0 {
		plan.leaveOut(ZonePlanLeftOut{"@", dnszone.TypeNS, ZonePlanReasonApexNameservers, len(dnszone.Diff(apex, want.apex)) > 0})
	}
	var problems []error
	for _, wrong := range dnszone.ValidateRecords(want.records, staying...) {
		problems = append(problems, want.problem(wrong))
	}
	if len(problems) > 0 {
		return nil, together(problems)
	}
	others = slices.DeleteFunc(others, func(h dnszone.Held) bool { return h.Data == nil })
	actions := dnszone.ActionsOf(dnszone.Plan(owned, others, want.records))
	share := p.options.MaxDeleteShare
	switch {
	case len(want.records) == 0: // and AllowEmpty
		share = 1
	case share == 0:
		share = 0.5
	}
	if gone := actions.Deletions(); float64(gone) > max(1, share*float64(len(owned))) {
		return nil, &ArgumentError{Operation: opPlan, Field: "desired", Expected: fmt.Sprintf("at most %.0f%% of the %d owned records to be deleted, not %d (MaxDeleteShare allows more)", 100*share, len(owned), gone)}
	}
	plan.take(actions)
	return plan, nil
}

// leaveOut lists a set once.
func (p *ZonePlan) leaveOut(set ZonePlanLeftOut) {
	if !slices.Contains(p.LeftOut, set) {
		p.LeftOut = append(p.LeftOut, set)
	}
}

// take puts the actions in the form of the API; actions is the opposite.
func (p *ZonePlan) take(a dnszone.Actions) {
	for _, r := range a.Creates {
		p.Creates = append(p.Creates, createOf(r))
	}
	for _, u := range a.Updates {
		p.Updates = append(p.Updates, ZonePlanUpdate{recordOf(u.From), createOf(u.To)})
	}
	p.Deletes, p.Keeps, p.Others, p.Shared = recordsOf(a.Deletes), recordsOf(a.Keeps), recordsOf(a.Others), namesOf(a.Shared)
}

// actions checks the plan, which may come from elsewhere.
func (p *ZonePlan) actions() (a dnszone.Actions, err error) {
	zone, err := canonicalDomain(opApply, "plan.domain", p.Domain)
	if err != nil {
		return a, err
	}
	refuse := func(wrong error) {
		if err == nil {
			err = wrong
		}
	}
	create := func(list string, i int, record RecordCreate) dnszone.Record {
		ready, wrong := record.prepare(opApply, zone)
		if wrong != nil {
			refuse(atPlace(wrong, fmt.Sprintf("plan.%s.%d.", list, i)))
			return dnszone.Record{}
		}
		r := ready.(RecordCreate).asRecord()
		if r.isApexNS() {
			refuse(&ArgumentError{Operation: opApply, Field: fmt.Sprintf("plan.%s.%d", list, i), Expected: "no nameserver of the apex"})
		}
		return r.held(zone).Record
	}
	there := func(list string, records []Record) (held []dnszone.Held) {
		for i, r := range records {
			h := r.held(zone)
			if h.Data == nil || h.Name.Zone() == "" || r.isApexNS() {
				refuse(&ArgumentError{Operation: opApply, Field: fmt.Sprintf("plan.%s.%d", list, i), Expected: "a record of the zone, and no nameserver of the apex"})
			}
			held = append(held, h)
		}
		return held
	}
	var from []Record
	for _, u := range p.Updates {
		from = append(from, u.From)
	}
	for i, h := range there("updates", from) {
		a.Updates = append(a.Updates, dnszone.Replacement{From: h, To: create("updates", i, p.Updates[i].To)})
	}
	for i, r := range p.Creates {
		a.Creates = append(a.Creates, create("creates", i, r))
	}
	a.Deletes, a.Keeps, a.Others = there("deletes", p.Deletes), there("keeps", p.Keeps), there("others", p.Others)
	for i, name := range p.Shared {
		key, wrong := dnszone.ParseSetKey(name, zone)
		if wrong != nil {
			refuse(&ArgumentError{Operation: opApply, Field: fmt.Sprintf("plan.shared.%d", i), Expected: `a record set as "name type"`, err: wrong})
		}
		a.Shared = append(a.Shared, key)
	}
	return a, err
}

func (r RecordCreate) asRecord() Record {
	ttl, _ := r.TTL.Get()
	return Record{Type: r.Type, Name: r.Name, Value: r.Value, TTL: ttl, Priority: r.Priority.Ptr(), Weight: r.Weight.Ptr(), Port: r.Port.Ptr()}
}
