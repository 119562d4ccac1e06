package hoster

import (
	"errors"
	"fmt"
)

// maxBatch is how many operations one batch may have.
const maxBatch = 500

// RecordBatch is a change of many records of a zone at once.
type RecordBatch struct {
	Delete []RecordID     `json:"delete,omitempty"`
	Update []BatchUpdate  `json:"update,omitempty"`
	Create []RecordCreate `json:"create,omitempty"`
}

// BatchUpdate is an update of one record within a batch.
type BatchUpdate struct {
	ID RecordID `json:"id"`
	RecordUpdate
}

// BatchResult is what a batch did.
type BatchResult struct {
	Created []Record   `json:"created"`
	Updated []Record   `json:"updated"`
	Deleted []RecordID `json:"deleted"`
}

func (r *BatchResult) settle(zone string) {
	for _, records := range [][]Record{r.Created, r.Updated} {
		for i := range records {
			records[i].settle(zone)
		}
	}
}

// prepare checks each operation as its own call would, and names its place.
func (b RecordBatch) prepare(op Operation, zone string) (any, error) {
	if n := len(b.Delete) + len(b.Update) + len(b.Create); n < 1 || n > maxBatch {
		return nil, &ArgumentError{Operation: op, Field: "batch", Expected: fmt.Sprintf("1 to %d operations", maxBatch)}
	}
	for i, id := range b.Delete {
		if id == "" {
			return nil, &ArgumentError{Operation: op, Field: fmt.Sprintf("delete.%d", i), Expected: "a record's id"}
		}
	}
	ready := RecordBatch{Delete: b.Delete}
	for i, u := range b.Update {
		if u.ID == "" {
			return nil, &ArgumentError{Operation: op, Field: fmt.Sprintf("update.%d.id", i), Expected: "a record's id"}
		}
		change, err := u.RecordUpdate.prepare(op, zone)
		if err != nil {
			return nil, atPlace(err, fmt.Sprintf("update.%d.", i))
		}
		ready.Update = append(ready.Update, BatchUpdate{ID: u.ID, RecordUpdate: change.(RecordUpdate)})
	}
	for i, c := range b.Create {
		record, err := c.prepare(op, zone)
		if err != nil {
			return nil, atPlace(err, fmt.Sprintf("create.%d.", i))
		}
		ready.Create = append(ready.Create, record.(RecordCreate))
	}
	return ready, nil
}

func atPlace(err error, place string) error {
	var argument *ArgumentError
	if !errors.As(err, &argument) {
		return err
	}
	there := *argument
	there.Field = place + there.Field
	return &there
}
