package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
)

const maxOperations = 500

// batchParts are the contract's, in the order in which they are applied.
var batchParts = []string{"delete", "update", "create"}

// batchStep is one operation of a batch.
type batchStep struct {
	at   string  // its place, such as "create.3"
	id   string  // of the record, unless that is to be created
	data *fields // of an update or a creation
}

type batchShown struct {
	Created []*Record `json:"created"`
	Updated []*Record `json:"updated"`
	Deleted []string  `json:"deleted"`
}

// batchRecords checks all operations before it applies the first one to a
// [zoneEdit], and shows the state only a batch that went through.
func batchRecords(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(c.st.zoneTag(d)); changed != nil {
		return changed
	}
	steps, refused := c.readBatch(d)
	if refused == nil {
		refused = d.writable()
	}
	if refused != nil {
		return refused
	}
	b := &batch{zoneEdit: c.editZone(d), shown: batchShown{[]*Record{}, []*Record{}, []string{}}}
	for _, part := range batchParts {
		for _, step := range steps[part] {
			if refused := b.apply(part, step); refused != nil {
				return refused
			}
		}
	}
	if records, changed := b.records(); changed {
		d = c.st.own(d)
		d.Records, d.zone = records, nil
		c.st.moveVersion(d)
		c.wroteTo(d.Name)
	}
	return c.zoned(ok(b.show()), d)
}

// readBatch reads the operations of each part and finds the first one that is
// not valid, whatever the others do to the zone.
func (c *call) readBatch(d *Domain) (map[string][]batchStep, *answer) {
	sent, total := make(map[string][]json.RawMessage), 0
	for _, part := range batchParts {
		sent[part], _ = decode[[]json.RawMessage](c.fields, part, "must be a list")
		if total += len(sent[part]); total > maxOperations {
			c.fields.fail(part, "takes the batch beyond 500 operations")
			break
		}
	}
	if refused := c.fields.refused(); refused != nil {
		return nil, refused
	}
	steps, gone := make(map[string][]batchStep), make(map[string]bool)
	for _, part := range batchParts {
		for i, element := range sent[part] {
			step := c.readStep(part, fmt.Sprint(part, ".", i), element)
			if len(c.fields.wrong) == 0 {
				step.check(part, d, gone, c.fields)
			}
			if refused := c.fields.refused(); refused != nil {
				return nil, refused
			}
			steps[part] = append(steps[part], step)
		}
	}
	return steps, nil
}

func (c *call) readStep(part, at string, element json.RawMessage) batchStep {
	step := batchStep{at: at}
	if part == "delete" {
		var id *string
		if err := json.Unmarshal(element, &id); err != nil || id == nil {
			c.fields.fail(at, "must be the id of a record")
			return step
		}
		step.id = *id
		return step
	}
	step.data = &fields{within: c.fields, at: at}
	if err := json.Unmarshal(element, &step.data.raw); err != nil || step.data.raw == nil {
		c.fields.fail(at, "must be an object")
		return step
	}
	if part == "update" {
		var how presence
		if step.id, how = step.data.text("id"); how == absent {
			step.data.fail("id", "is required")
		}
	}
	return step
}

const noRecordProblem = "names no record of the zone"

// check reports what is wrong with the operation; gone are the records that the
// operations before it delete.
func (step batchStep) check(part string, d *Domain, gone map[string]bool, f *fields) {
	var old *Record
	if part != "create" {
		old = d.index().byID[step.id]
		if old == nil || gone[step.id] {
			f.fail(step.at, noRecordProblem)
			return
		}
	}
	if part == "delete" {
		gone[step.id] = true
		return
	}
	readRecord(step.data, d.Name, old)
}

func noRecord(step batchStep) *answer {
	var f fields
	f.fail(step.at, noRecordProblem)
	return f.refused()
}

// batch is a batch that is valid, on its way into a zone.
type batch struct {
	*zoneEdit
	created, updated []*zoneEntry
	shown            batchShown
}

func (b *batch) apply(part string, step batchStep) *answer {
	if part == "create" {
		want := readRecord(step.data, b.domain.Name, nil)
		if refused := b.room(nil, &want.Record); refused != nil {
			return placed(refused, step)
		}
		b.created = append(b.created, b.create(want))
		return nil
	}
	e := b.find(step.id)
	if e == nil { // an update before this one gave it another id
		return noRecord(step)
	}
	if part == "delete" {
		if isApexNS(e.is) {
			return placed(protected(), step)
		}
		b.remove(e)
		b.shown.Deleted = append(b.shown.Deleted, step.id)
		return nil
	}
	want := readRecord(step.data, b.domain.Name, b.current(e))
	if b.wouldChange(e, want) {
		if refused := b.room(e, &want.Record); refused != nil {
			return placed(refused, step)
		}
	}
	b.update(e, want)
	b.updated = append(b.updated, e)
	return nil
}

// placed says which operation of a batch is refused.
func placed(refused *answer, step batchStep) *answer {
	if refused.status == http.StatusConflict {
		refused.err.Errors = map[string][]string{step.at: {refused.err.Message}}
	}
	return refused
}

// show shows the records as the whole batch left them.
func (b *batch) show() batchShown {
	for _, e := range b.created {
		b.shown.Created = append(b.shown.Created, e.is)
	}
	for _, e := range b.updated {
		b.shown.Updated = append(b.shown.Updated, e.is)
	}
	return b.shown
}
