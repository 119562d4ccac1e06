package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/relay"
	"github.com/go-hoster/hoster/internal/zonework"
)

// ZoneWriter writes to one zone for many goroutines, and brings together what comes
// within 50 ms or while an earlier write is under way: single records in one batch,
// record sets in one edit. Where the provider has no batch endpoint single calls are
// made, up to 8 at once. A record or set that is refused fails its own caller, and
// never another. It is safe for concurrent use. All methods need [ScopeDNSWrite],
// Edit needs [ScopeDNSRead] too.
//
// A caller whose context ends before its write was begun sent nothing. One that
// leaves a write which is under way gets an error that matches [ErrOutcomeUnknown];
// the write goes on for the others.
type ZoneWriter struct {
	service  *DNSService
	zone     string
	wrong    error // of the domain
	snapshot *ZoneSnapshot
	records  zonework.Group[recordWrite, Record]
	sets     zonework.Group[SetEdit, SetChange]
}

// recordWrite is one of a create, an update or a delete.
type recordWrite struct {
	create *RecordCreate
	update *BatchUpdate
	delete RecordID
}

const opWriter = Operation("DNS.Writer")

// Writer returns a writer to a domain's zone. Make one for each zone, and share it.
// It keeps a [ZoneSnapshot] alive, from which edits of sets are made.
func (s *DNSService) Writer(domain string) *ZoneWriter {
	w := &ZoneWriter{service: s}
	w.zone, w.wrong = canonicalDomain(opWriter, "domain", domain)
	w.snapshot = s.Snapshot(domain)
	w.records.Do, w.records.Pause, w.records.Most = w.write, 50*time.Millisecond, maxBatch
	w.sets.Do, w.sets.Pause, w.sets.Most = w.edit, 50*time.Millisecond, maxBatch
	return w
}

// Format prints the zone, and nothing of what is guarded by mutexes.
func (w *ZoneWriter) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "hoster.ZoneWriter("+w.zone+")")
}

// Create adds a record, like [DNSService.Create].
func (w *ZoneWriter) Create(ctx context.Context, record RecordCreate) (Record, error) {
	ready, err := prepared(w, record)
	if err != nil {
		return Record{}, err
	}
	return run(ctx, w, &w.records, recordWrite{create: &ready})
}

// Update changes a record, like [DNSService.Update].
func (w *ZoneWriter) Update(ctx context.Context, id RecordID, change RecordUpdate) (Record, error) {
	ready, err := prepared(w, change)
	if err == nil && id == "" {
		err = &ArgumentError{Operation: opWriter, Field: "id", Expected: "a record's id"}
	}
	if err != nil {
		return Record{}, err
	}
	return run(ctx, w, &w.records, recordWrite{update: &BatchUpdate{ID: id, RecordUpdate: ready}})
}

// Delete removes a record, like [DNSService.Delete].
func (w *ZoneWriter) Delete(ctx context.Context, id RecordID) error {
	if w.wrong == nil && id == "" {
		return &ArgumentError{Operation: opWriter, Field: "id", Expected: "a record's id"}
	}
	_, err := run(ctx, w, &w.records, recordWrite{delete: id})
	return err
}

// Edit edits a record set, like [DNSService.EditSets] with one edit.
func (w *ZoneWriter) Edit(ctx context.Context, edit SetEdit) (SetChange, error) {
	if w.wrong == nil {
		if _, err := edit.goal(opWriter, w.zone); err != nil {
			return SetChange{}, err
		}
	}
	return run(ctx, w, &w.sets, edit)
}

// prepared is a request that was checked.
func prepared[T preparer](w *ZoneWriter, request T) (T, error) {
	if w.wrong != nil {
		return request, w.wrong
	}
	ready, err := request.prepare(opWriter, w.zone)
	if err != nil {
		return request, err
	}
	return ready.(T), nil
}

// run brings one write to the others.
func run[In, Out any](ctx context.Context, w *ZoneWriter, group *zonework.Group[In, Out], in In) (out Out, err error) {
	switch {
	case w.wrong != nil:
		return out, w.wrong
	case ctx == nil:
		return out, &ArgumentError{Operation: opWriter, Field: "ctx", Expected: "a context that is not nil"}
	}
	out, begun, err := group.Run(ctx, in)
	if err != nil && ctx.Err() != nil && err == ctx.Err() {
		lost := &TransportError{Operation: opWriter, Target: w.zone, Err: err, OutcomeUnknown: begun}
		if begun {
			lost.Hint = "The write may have been done: find out with DNS.List."
		}
		err = lost
	}
	return out, err
}

// edit edits several sets at once. Of two edits of one set the second is made after
// the first. If all together are refused, each is made by itself.
func (w *ZoneWriter) edit(ctx context.Context, edits []SetEdit) []zonework.Done[SetChange] {
	done := make([]zonework.Done[SetChange], len(edits))
	var rest []int
	for i := range edits {
		rest = append(rest, i)
	}
	for len(rest) > 0 {
		var now, later []int
		seen := map[dnszone.SetKey]bool{}
		for _, i := range rest {
			goal, _ := edits[i].goal(opWriter, w.zone) // checked before
			if key := goal.Goal.Key; seen[key] {
				later = append(later, i)
			} else {
				seen[key] = true
				now = append(now, i)
			}
		}
		w.editTogether(ctx, edits, now, done)
		rest = later
	}
	return done
}

func (w *ZoneWriter) editTogether(ctx context.Context, edits []SetEdit, now []int, done []zonework.Done[SetChange]) {
	var together []SetEdit
	for _, i := range now {
		together = append(together, edits[i])
	}
	changes, err := w.service.edit(ctx, opWriter, w.zone, together)
	if len(changes) != len(now) {
		changes = make([]SetChange, len(now))
	}
	if err == nil || len(now) == 1 || !isRefusal(err) {
		for n, i := range now {
			done[i] = zonework.Done[SetChange]{Out: changes[n], Err: err}
		}
		return
	}
	for n, i := range now {
		if !changes[n].Written {
			w.editTogether(ctx, edits, []int{i}, done)
			continue
		}
		// Call by call, this one was made before another was refused, in whole or in
		// part: what it expects was there, and is no longer.
		rest := edits[i]
		rest.Expect = Opt[[]dnszone.Data]{}
		changed, err := w.service.edit(ctx, opWriter, w.zone, []SetEdit{rest})
		if len(changed) == 1 {
			changes[n].After, changes[n].Adjusted = changed[0].After, append(changes[n].Adjusted, changed[0].Adjusted...)
		}
		done[i] = zonework.Done[SetChange]{Out: changes[n], Err: err}
	}
}

// isRefusal reports an error that is about one of several changes, and that left the
// others undone.
func isRefusal(err error) bool {
	return !errors.Is(err, ErrOutcomeUnknown) && (errors.Is(err, ErrValidation) || errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrBadRequest))
}

// write makes several changes of records.
func (w *ZoneWriter) write(ctx context.Context, work []recordWrite) []zonework.Done[Record] {
	done := make([]zonework.Done[Record], len(work))
	var all []int
	for i := range work {
		all = append(all, i)
	}
	w.writeTogether(ctx, work, all, done)
	return done
}

// writeTogether makes changes in one batch. Where the batch names a record that it
// does not take the others are sent again; where it names none, each by itself.
func (w *ZoneWriter) writeTogether(ctx context.Context, work []recordWrite, now []int, done []zonework.Done[Record]) {
	for len(now) > 1 && w.service.client.zones.Batches.Try() {
		batch, places := batchOf(work, now)
		result, err := w.service.Batch(ctx, w.zone, batch)
		if err != nil {
			named := nameRecords(err, batch)
			means := weighZoneError(named)
			w.service.client.zones.Batches.Failed(means)
			listed := places[means.Place.List]
			switch {
			case isRefusal(err) && means.Place.Index < len(listed):
				wrong := listed[means.Place.Index]
				done[wrong].Err = named
				now = without(now, wrong)
				continue
			case isRefusal(err), means.LacksBatch && !means.MayBeWritten:
				w.writeEach(ctx, work, now, done)
				return
			}
			for _, i := range now {
				done[i].Err = named
			}
			return
		}
		w.service.client.zones.Batches.Succeeded()
		take(done, places["create"], result.Created)
		take(done, places["update"], result.Updated)
		return
	}
	w.writeEach(ctx, work, now, done)
}

// take gives each its record of a batch's answer.
func take(done []zonework.Done[Record], places []int, records []Record) {
	for n, i := range places {
		if len(records) == len(places) {
			done[i].Out = records[n]
			continue
		}
		done[i].Err = &Error{
			Operation: opDNSBatch.name, Method: opDNSBatch.method, Path: opDNSBatch.path, Status: http.StatusOK, FromAPI: true, Applied: true,
			Hint: "The write was done: find the record with DNS.List.",
			kind: ErrDecode, cause: fmt.Errorf("the answer holds %d of %d records that were written", len(records), len(places)),
		}
	}
}

// batchOf is a batch, and which change stands at which place of it.
func batchOf(work []recordWrite, now []int) (batch RecordBatch, places map[string][]int) {
	places = map[string][]int{}
	for _, i := range now {
		switch change := work[i]; {
		case change.create != nil:
			batch.Create, places["create"] = append(batch.Create, *change.create), append(places["create"], i)
		case change.update != nil:
			batch.Update, places["update"] = append(batch.Update, *change.update), append(places["update"], i)
		default:
			batch.Delete, places["delete"] = append(batch.Delete, change.delete), append(places["delete"], i)
		}
	}
	return batch, places
}

func without(all []int, one int) (rest []int) {
	for _, i := range all {
		if i != one {
			rest = append(rest, i)
		}
	}
	return rest
}

// writeEach makes single calls, some at once.
func (w *ZoneWriter) writeEach(ctx context.Context, work []recordWrite, now []int, done []zonework.Done[Record]) {
	places := make(chan struct{}, 8)
	var wg sync.WaitGroup
	ends := make([]relay.End, len(now))
	for n, i := range now {
		places <- struct{}{}
		wg.Add(1)
		relay.Go(func() { done[i].Out, done[i].Err = w.single(ctx, work[i]) }, func(end relay.End) {
			ends[n] = end
			<-places
			wg.Done()
		})
	}
	wg.Wait()
	for n, i := range now {
		if err := ends[n].Resume(); err != nil { // a panic is everybody's
			done[i].Err = &TransportError{Operation: opWriter, Target: w.zone, Err: err, OutcomeUnknown: true}
		}
	}
}

func (w *ZoneWriter) single(ctx context.Context, change recordWrite) (Record, error) {
	switch {
	case change.create != nil:
		return w.service.Create(ctx, w.zone, *change.create)
	case change.update != nil:
		return w.service.Update(ctx, w.zone, change.update.ID, change.update.RecordUpdate)
	}
	return Record{}, w.service.Delete(ctx, w.zone, change.delete)
}
