package hoster

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/relay"
)

// write does the tasks, in batches or by single calls, or as many of them as
// should be done before another look: then there is more.
func (a *applier) write(ctx context.Context, tasks []setTask) (more bool, err error) {
	units := unitsOf(tasks)
	if a.noBatch {
		return a.singles(ctx, units)
	}
	return false, a.batches(ctx, units)
}

// unit is all sets of one name: what must be done together, in the right order.
type unit struct {
	sets  []setTask
	parts []RecordBatch // of each set
}

func unitsOf(tasks []setTask) (units []*unit) {
	places := map[dnszone.Name]*unit{}
	for _, task := range tasks {
		u := places[task.key.Name]
		if u == nil {
			u = &unit{}
			places[task.key.Name] = u
			units = append(units, u)
		}
		u.sets = append(u.sets, task)
		u.parts = append(u.parts, task.goal.edit(task.now))
	}
	return units
}

// joined is the unit's changes as one batch.
func (u *unit) joined() (b RecordBatch) {
	for _, part := range u.parts {
		b = b.and(part)
	}
	return b
}

// begin notes that a part of the unit may have been written.
func (u *unit) begin() {
	for _, task := range u.sets {
		task.begun = true
	}
}

// hasCNAME reports a name at which a CNAME comes or goes: nothing can stand
// beside it, so what goes has to go first.
func (u *unit) hasCNAME() bool {
	return slices.ContainsFunc(u.sets, func(t setTask) bool { return t.key.Type == dnszone.TypeCNAME })
}

// batches fills batches with whole units. Only a unit that is larger than a batch
// is split.
func (a *applier) batches(ctx context.Context, units []*unit) error {
	for len(units) > 0 {
		part, batch := units[:1], units[0].joined()
		for len(part) < len(units) {
			more := units[len(part)].joined()
			if batch.size()+more.size() > maxBatch {
				break
			}
			batch = batch.and(more)
			part = units[:len(part)+1]
		}
		units = units[len(part):]
		w := &zoneWriter{service: a.service, zone: a.plan.Domain, version: a.version}
		result, err := a.batch(ctx, w, batch, part)
		if err != nil {
			return nameInBatch(err, batch, part)
		}
		a.share(part, result)
		a.tell()
	}
	return nil
}

// batch writes whole units, and notes those that may have been written in part.
func (a *applier) batch(ctx context.Context, w *zoneWriter, batch RecordBatch, units []*unit) (result BatchResult, err error) {
	returns := false
	defer func() {
		a.version, a.batched, a.risked, a.noBatch = w.version, a.batched || w.batched, a.risked || w.risked, w.noBatch
		if !returns || err != nil && (result.size() > 0 || mayBeWritten(err)) {
			for _, u := range units {
				u.begin()
			}
		}
	}()
	result, err = w.batches(ctx, batch, units[0].hasCNAME())
	returns = true
	return result, err
}

// share gives each set its part of a result, which is in the order of what was
// sent.
func (a *applier) share(units []*unit, all BatchResult) {
	take := func(records *[]Record, n int) []Record {
		n = min(n, len(*records))
		taken := (*records)[:n]
		*records = (*records)[n:]
		return taken
	}
	for _, u := range units {
		for i, task := range u.sets {
			part := u.parts[i]
			got := BatchResult{Updated: take(&all.Updated, len(part.Update)), Created: take(&all.Created, len(part.Create))}
			a.adjusted = append(a.adjusted, task.goal.note(part, got)...)
			a.done(task.plannedSet)
		}
	}
}

// placeInBatch is how the API names an operation of a batch.
var placeInBatch = regexp.MustCompile(`^(create|update)\.([0-9]+)`)

// nameInBatch says which record the places in a batch's error mean; where there
// are none, which sets the batch was to write.
func nameInBatch(err error, batch RecordBatch, units []*unit) error {
	var answered *Error
	if errors.As(err, &answered) {
		for _, f := range answered.Fields {
			m := placeInBatch.FindStringSubmatch(f.Field)
			if m == nil {
				continue
			}
			if i, _ := strconv.Atoi(m[2]); m[1] == "create" && i < len(batch.Create) {
				return &setError{sets: batch.Create[i].Name + " " + string(batch.Create[i].Type), err: err}
			} else if m[1] == "update" && i < len(batch.Update) {
				return &setError{sets: "record " + string(batch.Update[i].ID), err: err}
			}
		}
	}
	var sets []string
	for _, u := range units {
		for _, task := range u.sets {
			sets = append(sets, task.String())
		}
	}
	return &setError{sets: someOf(sets), err: err}
}

// someOf lists the first few, and how many more there are.
func someOf(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// setError says which record sets a call was to write.
type setError struct {
	sets string
	err  error
}

func (e *setError) Error() string {
	return printable.Whole("hoster: " + printable.Piece(e.sets) + ": " + strings.TrimPrefix(e.err.Error(), "hoster: "))
}
func (e *setError) Unwrap() error { return e.err }

// singles makes single calls. What changes or deletes something goes in turn,
// each depending on the zone's version, or, where there is none, side by side
// and not too long after the zone was read. What only adds cannot overwrite
// anything: it goes side by side.
func (a *applier) singles(ctx context.Context, units []*unit) (more bool, err error) {
	var changing, adding []*unit
	changes := 0
	for _, u := range units {
		all := u.joined()
		n := len(all.Update) + len(all.Delete)
		switch {
		case n == 0:
			adding = append(adding, u)
		case a.version != "" || changes < a.changes:
			changing = append(changing, u)
			changes += n
		default:
			more = true
		}
	}
	if a.version == "" {
		return more, a.sideBySide(ctx, append(changing, adding...))
	}
	w := &zoneWriter{service: a.service, zone: a.plan.Domain, version: a.version}
	for _, u := range changing {
		if err := a.unit(ctx, u, w); err != nil {
			return false, err
		}
	}
	return false, a.sideBySide(ctx, adding)
}

// sideBySide does units at once, each in its own order. They cannot depend on
// the zone's version, which each of them moves. A failure lets what is under way
// end.
func (a *applier) sideBySide(ctx context.Context, units []*unit) error {
	var workers sync.WaitGroup
	var failures []error
	var ends []relay.End // of workers that did not return
	slots := make(chan struct{}, a.options.Concurrency)
	failed := func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(failures)+len(ends) > 0
	}
	for _, u := range units {
		slots <- struct{}{}
		if failed() {
			break
		}
		workers.Add(1)
		var err error
		relay.Go(func() {
			err = a.unit(ctx, u, &zoneWriter{service: a.service, zone: a.plan.Domain, loose: true})
		}, func(end relay.End) {
			defer workers.Done()
			a.mu.Lock()
			defer a.mu.Unlock()
			switch {
			case !end.Returned():
				ends = append(ends, end)
			case err != nil:
				failures = append(failures, err)
			}
			<-slots
		})
	}
	workers.Wait()
	for _, end := range ends {
		failures = append(failures, &TransportError{Operation: opApply, Err: end.Resume()})
	}
	return errors.Join(failures...)
}

// unit writes one name by single calls. Where a CNAME comes or goes, deletions
// come first; else they come last, so that a set is never empty in between.
func (a *applier) unit(ctx context.Context, u *unit, w *zoneWriter) error {
	returns := false
	defer func() {
		if !returns { // a panic of the caller's code: what was sent may have been done
			a.mu.Lock()
			defer a.mu.Unlock()
			u.begin()
		}
	}()
	err := a.steps(ctx, u, w)
	returns = true
	return err
}

// steps are the single calls of a unit.
func (a *applier) steps(ctx context.Context, u *unit, w *zoneWriter) error {
	steps := []func(RecordBatch) RecordBatch{
		func(b RecordBatch) RecordBatch { return RecordBatch{Update: b.Update, Create: b.Create} },
		func(b RecordBatch) RecordBatch { return RecordBatch{Delete: b.Delete} },
	}
	if u.hasCNAME() {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		for i, task := range u.sets {
			part := step(u.parts[i])
			result, err := w.single(ctx, part)
			a.mu.Lock()
			a.risked = a.risked || w.risked
			a.adjusted = append(a.adjusted, task.goal.note(part, result)...)
			task.begun = task.begun || result.size() > 0 || mayBeWritten(err)
			a.mu.Unlock()
			if err != nil {
				return &setError{sets: task.String(), err: err}
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, task := range u.sets {
		a.done(task.plannedSet)
	}
	a.tell()
	return nil
}
