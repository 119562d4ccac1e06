package provider

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Terraform reads and writes each record by itself, ten at a time. This file makes
// few requests of that: one reading of a zone answers for all of its records, and
// writes that come together are one batch.

// A batch is sent when no further write has come for this long: quiet, and patience
// where fewer have come than to the batch before, since Terraform has as many under way.
// longest is how long it waits in all.
const (
	quiet    = 40 * time.Millisecond
	patience = 400 * time.Millisecond
	longest  = 2 * time.Second
)

// zones are the zones that this run of Terraform has to do with.
type zones struct {
	client *hoster.Client
	mu     sync.Mutex
	byName map[string]*zone
}

// zone reads and writes the records of one domain.
type zone struct {
	client   *hoster.Client
	name     string
	snapshot *hoster.ZoneSnapshot
	turn     chan struct{} // held by who writes

	mu    sync.Mutex
	queue []*job

	// The records as the last write left them, and the zone's version; for who has
	// the turn. Without a version nothing is known.
	now      []dnszone.Held
	version  string
	instead  map[dnszone.SetKey]map[dnszone.Data]dnszone.Data // what the provider stores instead of what it is sent
	together int                                              // writes of the last batch
	noBatch  bool                                             // the provider has no batch
}

// job is a write of one resource.
type job struct {
	ctx   context.Context
	goals []dnszone.Goal
	guard func(now []dnszone.Held) error // asked before anything is written; may be nil
	done  chan struct{}                  // closed when err and after are there
	err   error
	after []dnszone.Held // of the zone

	instead map[dnszone.SetKey]map[dnszone.Data]dnszone.Data
}

// written is what a job left in a zone.
type written struct{ *job }

// setOf returns the records of one set.
func setOf(all []dnszone.Held, key dnszone.SetKey) (set []dnszone.Held) {
	for _, h := range all {
		if h.Key() == key {
			set = append(set, h)
		}
	}
	return set
}

// find returns the record that holds a value, or what the provider made of it.
func (w written) find(key dnszone.SetKey, data dnszone.Data) (dnszone.Held, error) {
	data = dnszone.Canonical(data)
	stored, changed := w.instead[key][data]
	for _, h := range setOf(w.after, key) {
		if h.Data == data || changed && h.Data == stored {
			return h, nil
		}
	}
	return dnszone.Held{}, errors.New("the provider took the record and does not hold it now: another writer may have removed it")
}

// of returns the zone of a domain.
func (z *zones) of(domain string) (*zone, error) {
	name, err := dnszone.ParseDomain(domain)
	if err != nil {
		return nil, err
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.byName == nil {
		z.byName = map[string]*zone{}
	}
	if z.byName[name] == nil {
		z.byName[name] = &zone{client: z.client, name: name, snapshot: z.client.DNS.Snapshot(name), turn: make(chan struct{}, 1)}
	}
	return z.byName[name], nil
}

// read returns the records of the zone. Its list is complete: an empty or short
// answer, and one that does not come from the API, is an error.
func (z *zone) read(ctx context.Context) ([]dnszone.Held, error) {
	records, err := z.snapshot.Records(ctx)
	return z.held(records), err
}

// write brings record sets to their goals and returns what the zone holds after it. What is as wanted already is success. Writes that come at the same time share a
// batch; if that fails each is done by itself, so that each has its own error.
func (z *zone) write(ctx context.Context, guard func(now []dnszone.Held) error, goals ...dnszone.Goal) (written, error) {
	j := &job{ctx: ctx, goals: goals, guard: guard, done: make(chan struct{})}
	z.mu.Lock()
	z.queue = append(z.queue, j)
	z.mu.Unlock()
	select {
	case <-j.done:
	case z.turn <- struct{}{}:
		z.lead(ctx)
		<-z.turn
		<-j.done
	case <-ctx.Done():
		z.mu.Lock()
		waiting := slices.Contains(z.queue, j)
		z.queue = slices.DeleteFunc(z.queue, func(other *job) bool { return other == j })
		z.mu.Unlock()
		if waiting {
			return written{}, context.Cause(ctx)
		}
		<-j.done // it is under way, and its outcome has to be known
	}
	return written{j}, j.err
}

// lead waits until no more writes come, and does all that wait.
func (z *zone) lead(ctx context.Context) {
	waiting := func() int { z.mu.Lock(); defer z.mu.Unlock(); return len(z.queue) }
	begun, last, n := time.Now(), time.Now(), waiting()
	for n > 0 && time.Since(begun) < longest && ctx.Err() == nil {
		pause := quiet
		if n < z.together {
			pause = patience
		}
		if time.Since(last) >= pause {
			break
		}
		select {
		case <-time.After(quiet / 4):
		case <-ctx.Done():
		}
		if now := waiting(); now != n {
			n, last = now, time.Now()
		}
	}
	z.mu.Lock()
	jobs := z.queue
	z.queue = nil
	z.mu.Unlock()
	if len(jobs) == 0 { // the turn before this one did it
		return
	}
	z.together = len(jobs)
	if len(jobs) == 1 || z.settle(ctx, jobs...) != nil {
		// A CNAME has to go before another record of its name can come.
		slices.SortStableFunc(jobs, func(a, b *job) int { return cmp.Compare(a.wants(), b.wants()) })
		for _, j := range jobs {
			j.err = z.settle(j.ctx, j)
		}
	}
	for _, j := range jobs {
		close(j.done)
	}
}

// wants is the number of values that the job wants to be there.
func (j *job) wants() (n int) {
	for _, g := range j.goals {
		n += len(g.Want)
	}
	return n
}

// settle brings the sets of some jobs to their goals. What was read may be old, and
// what was written may have been done although no answer came: then it looks again.
func (z *zone) settle(ctx context.Context, jobs ...*job) error {
	var last error
	seen := ""
	for range 4 {
		if z.version == "" {
			if err := z.refresh(ctx); err != nil {
				return errors.Join(last, err)
			}
			if last != nil && seen == z.version && errors.Is(last, hoster.ErrConflict) {
				return last // nothing moved, so it is the same again
			}
			seen = z.version
		}
		for _, j := range jobs {
			if j.guard != nil {
				if err := j.guard(z.now); err != nil {
					return err
				}
			}
		}
		changes := z.changes(jobs)
		if changes.Len() > 0 {
			last = z.apply(ctx, changes)
		}
		if changes.Len() == 0 || last == nil {
			for _, j := range jobs {
				j.after, j.instead = slices.Clone(z.now), maps.Clone(z.instead)
			}
			return nil
		}
		z.version = ""
		z.snapshot.Invalidate()
		if !mayHaveMoved(last) {
			return last
		}
	}
	return last
}

// refresh reads the zone. The version is read first: if the records are newer than
// that, the write that depends on it is refused and nothing is lost.
func (z *zone) refresh(ctx context.Context) error {
	var meta hoster.Response
	if _, err := z.client.DNS.ListPage(ctx, z.name, &hoster.RecordListOptions{PerPage: 1}, hoster.WithResponse(&meta)); err != nil {
		return err
	}
	now, err := z.read(ctx)
	z.now, z.version = now, meta.ETag
	return err
}

// changes is what leads to the goals of all jobs.
func (z *zone) changes(jobs []*job) (changes dnszone.Changes) {
	var keys []dnszone.SetKey
	goals := map[dnszone.SetKey]dnszone.Goal{}
	for _, j := range jobs {
		for _, g := range j.goals {
			all, ok := goals[g.Key]
			if !ok {
				keys, all.Key = append(keys, g.Key), g.Key
			}
			all.Want, all.Remove = append(all.Want, g.Want...), append(all.Remove, g.Remove...)
			all.Replace = all.Replace || g.Replace
			if g.TTL != 0 {
				all.TTL, all.Stored = g.TTL, g.Stored
			}
			all.Stored.Values = z.instead[g.Key]
			goals[g.Key] = all
		}
	}
	for _, key := range keys {
		changes = changes.And(goals[key].Changes(setOf(z.now, key)))
	}
	return changes
}

// apply sends changes as a batch, or one by one where the provider has no batch, and
// notes what the zone holds then.
func (z *zone) apply(ctx context.Context, changes dnszone.Changes) error {
	batch := hoster.RecordBatch{}
	for _, id := range changes.Delete {
		batch.Delete = append(batch.Delete, hoster.RecordID(id))
	}
	for _, c := range changes.Update {
		batch.Update = append(batch.Update, hoster.BatchUpdate{ID: hoster.RecordID(c.ID), RecordUpdate: updateOf(c)})
	}
	for _, r := range changes.Create {
		batch.Create = append(batch.Create, createOf(r))
	}
	var (
		meta   hoster.Response
		result hoster.BatchResult
		err    error
	)
	if !z.noBatch {
		result, err = z.client.DNS.Batch(ctx, z.name, batch, z.depend(&meta)...)
		z.noBatch = errors.Is(err, hoster.ErrNotSupported)
	}
	if z.noBatch {
		result, err = z.single(ctx, batch, &meta)
	}
	if err != nil {
		return err
	}
	for _, id := range changes.Delete {
		z.now = slices.DeleteFunc(z.now, func(h dnszone.Held) bool { return h.ID == id })
	}
	for i, updated := range z.held(result.Updated) {
		z.note(changes.Update[i].ID, changes.Update[i].Data, updated)
	}
	for i, created := range z.held(result.Created) {
		z.note("", changes.Create[i].Data, created)
	}
	z.version = meta.ZoneETag
	return nil
}

// note takes a record that was written over from an answer. Its TTL is that of the
// whole set.
func (z *zone) note(id string, sent dnszone.Data, written dnszone.Held) {
	if sent = dnszone.Canonical(sent); sent != nil && written.Data != nil && sent != written.Data {
		if z.instead == nil {
			z.instead = map[dnszone.SetKey]map[dnszone.Data]dnszone.Data{}
		}
		values := maps.Clone(z.instead[written.Key()])
		if values == nil {
			values = map[dnszone.Data]dnszone.Data{}
		}
		values[sent] = written.Data
		z.instead[written.Key()] = values
	}
	z.now = slices.DeleteFunc(z.now, func(h dnszone.Held) bool { return id != "" && h.ID == id })
	for i := range z.now {
		if z.now[i].Key() == written.Key() {
			z.now[i].TTL = written.TTL
		}
	}
	z.now = append(z.now, written)
}

// depend makes a write depend on the version that is known.
func (z *zone) depend(meta *hoster.Response) []hoster.CallOption {
	if z.version == "" {
		return []hoster.CallOption{hoster.WithResponse(meta)}
	}
	return []hoster.CallOption{hoster.WithResponse(meta), hoster.WithIfMatch(z.version)}
}

// single does what a batch would, call by call.
func (z *zone) single(ctx context.Context, batch hoster.RecordBatch, meta *hoster.Response) (result hoster.BatchResult, err error) {
	for _, id := range batch.Delete {
		if err := z.client.DNS.Delete(ctx, z.name, id, z.depend(meta)...); err != nil && !errors.Is(err, hoster.ErrNotFound) {
			return result, err
		}
		z.version = meta.ZoneETag
	}
	for _, u := range batch.Update {
		r, err := z.client.DNS.Update(ctx, z.name, u.ID, u.RecordUpdate, z.depend(meta)...)
		if err != nil {
			return result, err
		}
		result.Updated, z.version = append(result.Updated, r), meta.ZoneETag
	}
	for _, c := range batch.Create {
		r, err := z.client.DNS.Create(ctx, z.name, c, z.depend(meta)...)
		if err != nil {
			return result, err
		}
		result.Created, z.version = append(result.Created, r), meta.ZoneETag
	}
	return result, nil
}

// missingInBatch is how a batch names a record that is not there any more.
var missingInBatch = regexp.MustCompile(`^(delete|update)\.[0-9]+(\.id)?$`)

// mayHaveMoved reports an error after which the zone is looked at again: somebody else
// wrote, or this write may have been done.
func mayHaveMoved(err error) bool {
	for _, class := range []error{hoster.ErrPreconditionFailed, hoster.ErrConflict, hoster.ErrNotFound, hoster.ErrOutcomeUnknown} {
		if errors.Is(err, class) {
			return true
		}
	}
	invalid, ok := errors.AsType[*hoster.ValidationError](err)
	return ok && slices.ContainsFunc(invalid.Fields, func(f hoster.FieldProblem) bool { return missingInBatch.MatchString(f.Field) })
}

// held are records in the form that goals work on.
func (z *zone) held(records []hoster.Record) []dnszone.Held {
	all := make([]dnszone.Held, 0, len(records))
	for _, r := range records {
		h := dnszone.Held{ID: string(r.ID), Fields: dnszone.Fields{Type: string(r.Type), Value: r.Value, Priority: r.Priority, Weight: r.Weight, Port: r.Port}}
		h.TTL, h.CreatedAt, h.UpdatedAt = r.TTL, r.CreatedAt, r.UpdatedAt
		h.Name, _ = dnszone.ParseName(r.Name, z.name)
		if data, err := r.Data(); err == nil {
			h.Data = dnszone.Canonical(data)
		}
		all = append(all, h)
	}
	return all
}

func createOf(r dnszone.Record) hoster.RecordCreate {
	c := hoster.NewRecord(r.Name.Relative(), r.Data)
	if r.TTL != 0 {
		c.TTL = hoster.Set(r.TTL)
	}
	return c
}

func updateOf(c dnszone.Change) (u hoster.RecordUpdate) {
	if c.TTL != 0 {
		u.TTL = hoster.Set(c.TTL)
	}
	if c.Data != nil {
		r := hoster.NewRecord("@", c.Data)
		u.Value, u.Priority, u.Weight, u.Port = hoster.Set(r.Value), r.Priority, r.Weight, r.Port
	}
	return u
}
