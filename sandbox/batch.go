package sandbox

import (
	"encoding/json"
	"fmt"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

const maxOperations = 500

// batchParts are the contract's, in the order in which they are applied.
var batchParts = []string{"delete", "update", "create"}

// batchStep is one operation of a batch.
type batchStep struct {
	at   string        // its place, such as "create.3"
	id   string        // of the record, unless that is to be created
	data *input.Fields // of an update or a creation
}

type batchShown struct {
	Created []*Record `json:"created"`
	Updated []*Record `json:"updated"`
	Deleted []string  `json:"deleted"`
}

// batchRecords checks all operations before it applies the first one to an
// edit of the zone, and shows the state only a batch that went through.
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
	b := &batch{Edit: c.edit(d), rules: c.srv.rules, domain: d.Name, shown: batchShown{[]*Record{}, []*Record{}, []string{}}}
	for _, part := range batchParts {
		for _, step := range steps[part] {
			if refused := b.apply(part, step); refused != nil {
				return refused
			}
		}
	}
	d = c.commit(d, b.Edit, d.Name)
	return c.zoned(ok(b.show()), d)
}

// readBatch reads the operations of each part and finds the first one that is
// not valid, whatever the others do to the zone.
func (c *call) readBatch(d *Domain) (map[string][]batchStep, *answer) {
	sent, total := make(map[string][]json.RawMessage), 0
	for _, part := range batchParts {
		sent[part], _ = input.Decode[[]json.RawMessage](c.fields.Fields, part, "must be a list")
		if total += len(sent[part]); total > maxOperations {
			c.fields.Fail(part, "takes the batch beyond 500 operations")
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
			if len(c.fields.Wrong()) == 0 {
				c.checkStep(part, step, d, gone)
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
			c.fields.Fail(at, "must be the id of a record")
			return step
		}
		step.id = *id
		return step
	}
	var isObject bool
	if step.data, isObject = c.fields.Element(at, element); !isObject {
		c.fields.Fail(at, "must be an object")
		return step
	}
	if part == "update" {
		var how input.Presence
		if step.id, how = step.data.Text("id"); how == input.Absent {
			step.data.Fail("id", "is required")
		}
	}
	return step
}

const noRecordProblem = "names no record of the zone"

// checkStep reports what is wrong with the operation; gone are the records that
// the operations before it delete.
func (c *call) checkStep(part string, step batchStep, d *Domain, gone map[string]bool) {
	var old *Record
	if part != "create" {
		old = d.index().Record(step.id)
		if old == nil || gone[step.id] {
			c.fields.Fail(step.at, noRecordProblem)
			return
		}
	}
	if part == "delete" {
		gone[step.id] = true
		return
	}
	c.srv.rules.Read(step.data, d.Name, old)
}

func noRecord(step batchStep) *answer {
	return invalid(map[string][]string{step.at: {noRecordProblem}})
}

// batch is a batch that is valid, on its way into a zone.
type batch struct {
	*zone.Edit
	rules            zone.Rules
	domain           string
	created, updated []*zone.Entry
	shown            batchShown
}

func (b *batch) apply(part string, step batchStep) *answer {
	if part == "create" {
		entry, taken := b.Create(b.rules.Read(step.data, b.domain, nil))
		b.created = append(b.created, entry)
		return placed(taken, step)
	}
	entry := b.Find(step.id)
	if entry == nil { // an update before this one gave it another id
		return noRecord(step)
	}
	if part == "delete" {
		b.shown.Deleted = append(b.shown.Deleted, step.id)
		return placed(b.Delete(entry), step)
	}
	b.updated = append(b.updated, entry)
	return placed(b.Update(entry, b.rules.Read(step.data, b.domain, b.Current(entry))), step)
}

// placed says which operation of a batch the zone refuses; nil: it does not.
func placed(refused *zone.Conflict, step batchStep) *answer {
	if refused == nil {
		return nil
	}
	a := conflict(refused.Code, refused.Message)
	a.err.Errors = map[string][]string{step.at: {refused.Message}}
	return a
}

// show shows the records as the whole batch left them.
func (b *batch) show() batchShown {
	for _, entry := range b.created {
		b.shown.Created = append(b.shown.Created, entry.Record())
	}
	for _, entry := range b.updated {
		b.shown.Updated = append(b.shown.Updated, entry.Record())
	}
	return b.shown
}
