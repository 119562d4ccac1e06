package hoster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/zonework"
)

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
	Failed     []string     `json:"failed,omitempty"`     // that the writes which failed were about
	Conflicts  []string     `json:"conflicts,omitempty"`  // that somebody else changed, and that are not as wanted
	Adjusted   []Adjustment `json:"adjusted,omitempty"`   // with those of Resume
}

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
	actions, err := plan.actions()
	if err != nil {
		return ApplyResult{}, err
	}
	sets, err := actions.Sets()
	if wrong, ok := errors.AsType[*dnszone.FieldError](err); ok {
		return ApplyResult{}, &ArgumentError{Operation: opApply, Field: "plan." + wrong.Field, Expected: "a plan whose parts fit together", err: errors.New(wrong.Problem)}
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
			Failed: namesOf(done.Failed), Conflicts: namesOf(done.Conflicts), Adjusted: adjustmentsOf(done.Adjusted),
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
		byName[set.Goal.Key.String()] = set.Goal.Key
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
	return len(r.Applied)+len(r.Skipped)+len(r.Unfinished)+len(r.Conflicts) > 0
}

func namesOf(keys []dnszone.SetKey) (names []string) {
	for _, key := range keys {
		names = append(names, key.String())
	}
	return names
}

// String is the plan as a diff: "+" creates, "-" deletes, "~" changes, "!" is left
// out or a warning, each on a line of its own, and a last line that counts them. What a terminal
// would obey or hide stands escaped, as \DDD for each octet.
func (p *ZonePlan) String() string {
	var b strings.Builder
	line := func(mark, text string) { b.WriteString(mark + " " + printable.Escape(text) + "\n") }
	for _, r := range p.Deletes {
		line("-", r.line())
	}
	for _, u := range p.Updates {
		line("~", u.From.line()+u.change())
	}
	for _, r := range p.Creates {
		line("+", r.asRecord().line())
	}
	for _, set := range p.LeftOut {
		if set.Differs {
			line("!", fmt.Sprintf("%s %s is left out (%s), and differs", set.Name, set.Type, set.Reason))
		}
	}
	for _, warning := range p.warnings() {
		line("!", warning)
	}
	fmt.Fprintf(&b, "%s: %d to create, %d to change, %d to delete\n", printable.Escape(p.Domain), len(p.Creates), len(p.Updates), len(p.Deletes))
	return b.String()
}

// warnings say what somebody should know before the plan is applied: that the
// provider will refuse it, and which records point to a
// name of one label. Such a name is absolute, as every target of the API, while in
// a zone file it would be relative.
func (p *ZonePlan) warnings() (texts []string) {
	switch p.Blocked {
	case ErrorCodeNameserversNotLocal:
		texts = append(texts, p.Domain+" is on other nameservers: the provider will refuse the plan")
	case ErrorCodeDomainStateProhibits:
		texts = append(texts, p.Domain+" is in a state in which its records cannot be changed: the provider will refuse the plan")
	}
	written := slices.Clone(p.Creates)
	for _, u := range p.Updates {
		written = append(written, u.To)
	}
	for _, r := range written {
		value := r.asRecord().presented()
		target := value[strings.LastIndexByte(value, ' ')+1:]
		if label, absolute := strings.CutSuffix(target, "."); absolute && label != "" && !strings.Contains(label, ".") {
			texts = append(texts, fmt.Sprintf("%s %s points to %q itself, not to %s%s", r.Name, r.Type, target, target, p.Domain))
		}
	}
	return texts
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
