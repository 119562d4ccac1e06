package zonework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
	"github.com/go-hoster/hoster/internal/relay"
)

// write does the tasks, in batches or by single calls, or as many of them as
// should be done before another look: then there is more.
func (a *applier) write(ctx context.Context, tasks []task) (more bool, err error) {
	units := unitsOf(tasks)
	if a.noBatch {
		return a.singles(ctx, units)
	}
	return false, a.batches(ctx, units)
}

// unit is all sets of one name: what must be done together, in the right order.
type unit struct {
	tasks []task
	parts []dnszone.Changes // of each task
}

func unitsOf(tasks []task) (units []*unit) {
	places := map[dnszone.Name]*unit{}
	for _, t := range tasks {
		name := t.Goal.Key.Name
		u := places[name]
		if u == nil {
			u = &unit{}
			places[name] = u
			units = append(units, u)
		}
		u.tasks = append(u.tasks, t)
		u.parts = append(u.parts, t.Goal.Changes(t.now))
	}
	return units
}

// joined is all changes of the unit.
func (u *unit) joined() (c dnszone.Changes) {
	for _, part := range u.parts {
		c = c.And(part)
	}
	return c
}

// begin notes that a part of the unit may have been written.
func (u *unit) begin() {
	for _, t := range u.tasks {
		t.begun = true
	}
}

// hasCNAME reports a name at which a CNAME comes or goes: nothing can stand
// beside it, so what goes has to go first.
func (u *unit) hasCNAME() bool {
	return slices.ContainsFunc(u.tasks, func(t task) bool { return t.Goal.Key.Type == dnszone.TypeCNAME })
}

// batches fills batches with whole units. Only a unit that is larger than a batch
// is split.
func (a *applier) batches(ctx context.Context, units []*unit) error {
	for len(units) > 0 {
		part, changes := units[:1], units[0].joined()
		for len(part) < len(units) {
			more := units[len(part)].joined()
			if changes.Len()+more.Len() > maxBatch {
				break
			}
			changes = changes.And(more)
			part = units[:len(part)+1]
		}
		units = units[len(part):]
		result, err := a.batch(ctx, changes, part)
		if err != nil {
			return a.nameInBatch(err, part)
		}
		a.share(part, result)
		a.tell()
	}
	return nil
}

// batch writes whole units, and notes those that may have been written in part.
func (a *applier) batch(ctx context.Context, changes dnszone.Changes, units []*unit) (result Result, err error) {
	w := &writer{zone: a.zone, state: a.state, version: a.version}
	returns := false
	defer func() {
		a.version, a.batched, a.risked, a.noBatch = w.version, a.batched || w.batched, a.risked || w.risked, w.noBatch
		if !returns || err != nil && (result.size() > 0 || weigh(a.zone, err).MayBeWritten) {
			for _, u := range units {
				u.begin()
			}
		}
	}()
	result, err = w.batches(ctx, changes, units[0].hasCNAME())
	returns = true
	return result, err
}

// share gives each set its part of a result, which is in the order of what was
// sent.
func (a *applier) share(units []*unit, all Result) {
	for _, u := range units {
		for i, t := range u.tasks {
			got := all.part(dnszone.Changes{Update: u.parts[i].Update, Create: u.parts[i].Create})
			a.adjusted = append(a.adjusted, note(&t.Goal, t.now, u.parts[i], got)...)
			a.done(t.set)
		}
	}
}

// nameInBatch says which set the place in a batch's error means; where there is
// none, which sets the batch was to write.
func (a *applier) nameInBatch(err error, units []*unit) error {
	place := a.zone.Weigh(err).Place
	var all []dnszone.SetKey
	for _, u := range units {
		for i, t := range u.tasks {
			if place.Index -= place.count(u.parts[i]); place.Index < 0 {
				return a.fail(err, t.Goal.Key)
			}
			all = append(all, t.Goal.Key)
		}
	}
	return a.fail(err, all...)
}

// fail is the error of a write that was about these sets.
func (a *applier) fail(err error, keys ...dnszone.SetKey) error {
	a.failed = append(a.failed, keys...)
	return &setError{sets: listOf(keys), err: err}
}

// listOf names some of the sets.
func listOf(keys []dnszone.SetKey) string {
	const most = 5
	var names []string
	for _, key := range keys[:min(len(keys), most)] {
		names = append(names, key.String())
	}
	list := strings.Join(names, ", ")
	if len(keys) > most {
		list += fmt.Sprintf(" and %d more", len(keys)-most)
	}
	return list
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
	w := &writer{zone: a.zone, state: a.state, version: a.version}
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
	slots := make(chan struct{}, a.job.Concurrency)
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
			err = a.unit(ctx, u, &writer{zone: a.zone, state: a.state, loose: true})
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
		failures = append(failures, a.zone.Interrupted(end.Resume(), nil))
	}
	return errors.Join(failures...)
}

// unit writes one name by single calls. Where a CNAME comes or goes, deletions
// come first; else they come last, so that a set is never empty in between.
func (a *applier) unit(ctx context.Context, u *unit, w *writer) error {
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
func (a *applier) steps(ctx context.Context, u *unit, w *writer) error {
	steps := []func(dnszone.Changes) dnszone.Changes{
		func(c dnszone.Changes) dnszone.Changes { return dnszone.Changes{Update: c.Update, Create: c.Create} },
		func(c dnszone.Changes) dnszone.Changes { return dnszone.Changes{Delete: c.Delete} },
	}
	if u.hasCNAME() {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		for i, t := range u.tasks {
			part := step(u.parts[i])
			result, err := w.single(ctx, part)
			a.mu.Lock()
			a.risked = a.risked || w.risked
			a.adjusted = append(a.adjusted, note(&t.Goal, t.now, part, result)...)
			t.begun = t.begun || result.size() > 0 || weigh(a.zone, err).MayBeWritten
			if err != nil {
				err = a.fail(err, t.Goal.Key)
			}
			a.mu.Unlock()
			if err != nil {
				return err
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range u.tasks {
		a.done(t.set)
	}
	a.tell()
	return nil
}
