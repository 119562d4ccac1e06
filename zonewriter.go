package hoster

import (
	"context"
	"errors"
	"net/http"
	"regexp"
)

// missingPlace is how a batch names a record that is not there: its place,
// without a field.
var missingPlace = regexp.MustCompile(`^(delete|update)\.[0-9]+(\.id)?$`)

// zoneWriter changes the records of one zone: in batches where the provider has
// them, else call by call, each depending on the version that the one before
// left.
type zoneWriter struct {
	service *DNSService
	zone    string
	version string // empty where the provider sends none
	loose   bool   // other writes go on side by side: nothing depends on the version
	risked  bool   // a write was sent that depended on no version
	batched bool   // the batch endpoint did something
}

// guarded reports that every write depended on the version before it, so that
// nobody else can have written in between.
func (w *zoneWriter) guarded() bool { return !w.risked }

// run does all of the batch, in pieces that the API takes, and stops at the
// first error; the result holds what was done before.
func (w *zoneWriter) run(ctx context.Context, batch RecordBatch) (all BatchResult, err error) {
	if batch.size() > 1 && !w.service.client.zones.noBatch.Load() {
		all, err = w.batches(ctx, batch, false)
		if !errors.Is(err, ErrNotSupported) {
			return all, err
		}
	}
	return w.single(ctx, batch)
}

// batches does the batch in as few calls as can be, each of which is done whole
// or not at all.
func (w *zoneWriter) batches(ctx context.Context, batch RecordBatch, deleteFirst bool) (all BatchResult, err error) {
	for _, piece := range batch.pieces(deleteFirst) {
		var meta Response
		result, err := w.service.Batch(ctx, w.zone, piece, w.options(&meta)...)
		w.learn(meta)
		switch {
		case errors.Is(err, ErrNotSupported):
			w.service.client.zones.noBatch.Store(true)
		case isMissingInBatch(err):
			err = &goneError{err}
		}
		if err != nil {
			return all, err
		}
		w.batched = true
		all.Created, all.Updated = append(all.Created, result.Created...), append(all.Updated, result.Updated...)
		all.Deleted = append(all.Deleted, piece.Delete...)
	}
	return all, nil
}

// goneError is a batch that named a record which is not there any more.
type goneError struct{ err error }

func (e *goneError) Error() string        { return e.err.Error() }
func (e *goneError) Is(target error) bool { return target == ErrNotFound }
func (e *goneError) Unwrap() error        { return e.err }

// single makes the batch's changes one by one: updates and additions before
// deletions, so that a set is never empty in between.
func (w *zoneWriter) single(ctx context.Context, batch RecordBatch) (result BatchResult, err error) {
	for _, u := range batch.Update {
		var meta Response
		r, err := w.service.Update(ctx, w.zone, u.ID, u.RecordUpdate, w.options(&meta)...)
		if err != nil {
			return result, err
		}
		w.learn(meta)
		result.Updated = append(result.Updated, r)
	}
	for _, c := range batch.Create {
		var meta Response
		r, err := w.service.Create(ctx, w.zone, c, w.options(&meta)...)
		if err != nil {
			return result, err
		}
		w.learn(meta)
		result.Created = append(result.Created, r)
	}
	for _, id := range batch.Delete {
		var meta Response
		err := w.service.Delete(ctx, w.zone, id, w.options(&meta)...)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return result, err
		}
		w.learn(meta)
		result.Deleted = append(result.Deleted, id)
	}
	return result, nil
}

func (w *zoneWriter) options(meta *Response) []CallOption {
	opts := []CallOption{WithResponse(meta)}
	if w.version == "" || w.loose {
		w.risked = true
		return opts
	}
	return append(opts, WithIfMatch(w.version))
}

// learn takes the version that a write left. An answer without one shows that
// the provider does not keep to versions: it may not have looked at the one that
// was sent, and what its lists carry are not versions of zones.
func (w *zoneWriter) learn(meta Response) {
	if meta.Status < 200 || meta.Status > 299 {
		return
	}
	if w.version = meta.ZoneETag; w.version == "" {
		w.risked = true
		w.service.client.zones.unversioned.Store(true)
	}
}

// mayBeWritten reports an error after which something may be in the zone: one of
// unknown outcome, or of an answer that says so and cannot be read.
func mayBeWritten(err error) bool {
	var answered *Error
	return errors.Is(err, ErrOutcomeUnknown) || errors.As(err, &answered) && answered.Applied
}

// isMissingInBatch reports a record of a batch that is not there any more: a
// 422 about its place alone.
func isMissingInBatch(err error) bool {
	var invalid *ValidationError
	if !errors.As(err, &invalid) || invalid.Err.Status != http.StatusUnprocessableEntity || len(invalid.Fields) == 0 {
		return false
	}
	for _, f := range invalid.Fields {
		if !missingPlace.MatchString(f.Field) {
			return false
		}
	}
	return true
}
