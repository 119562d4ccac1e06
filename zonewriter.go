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
	noBatch bool   // no batches: the provider does not have them, or may not
}

// guarded reports that every write depended on the version before it, so that
// nobody else can have written in between.
func (w *zoneWriter) guarded() bool { return !w.risked }

// run does all of the batch, in pieces that the API takes, and stops at the
// first error; the result holds what was done before.
func (w *zoneWriter) run(ctx context.Context, batch RecordBatch) (all BatchResult, err error) {
	if batch.size() > 1 && !w.noBatch {
		w.noBatch = !w.service.client.zones.batches.try()
	}
	if batch.size() == 1 || w.noBatch {
		return w.single(ctx, batch)
	}
	all, err = w.batches(ctx, batch, false)
	if answered, ok := errors.AsType[*Error](err); ok && answered.FromAPI && lacksBatch(err) && all.size() == 0 {
		return w.single(ctx, batch)
	}
	return all, err // what a page in the API's place did, another look tells
}

// batches does the batch in as few calls as can be, each of which is done whole
// or not at all.
func (w *zoneWriter) batches(ctx context.Context, batch RecordBatch, deleteFirst bool) (all BatchResult, err error) {
	for _, piece := range batch.pieces(deleteFirst) {
		var meta Response
		result, err := w.service.Batch(ctx, w.zone, piece, w.options(&meta)...)
		switch {
		case lacksBatch(err):
			w.noBatch = true
		case isMissingInBatch(err):
			err = &goneError{err}
		}
		if err != nil {
			return all, err
		}
		w.learn(meta)
		w.batched = true
		if len(result.Created) != len(piece.Create) || len(result.Updated) != len(piece.Update) {
			w.risked = true // the answer is not about what was sent: only another look tells
		}
		all.Created, all.Updated = append(all.Created, result.Created...), append(all.Updated, result.Updated...)
		all.Deleted = append(all.Deleted, piece.Delete...)
	}
	return all, nil
}

// lacksBatch reports that there is no batch endpoint, or a page in its place.
func lacksBatch(err error) bool {
	answered, ok := errors.AsType[*Error](err)
	return ok && answered.Operation == opDNSBatch.name && errors.Is(err, ErrNotSupported)
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
		switch {
		case err == nil:
			w.learn(meta)
		case !errors.Is(err, ErrNotFound):
			return result, err
		}
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

// learn takes the version that a successful write left. A provider that tells
// none may not have looked at the one that was sent.
func (w *zoneWriter) learn(meta Response) {
	w.version, _ = versionOf(meta.ZoneETag)
	w.risked = w.risked || w.version == ""
	w.service.client.zones.versions.learn(w.version)
}

// mayBeWritten reports an error after which something may be in the zone: one of
// unknown outcome, or of an answer that says so and cannot be read.
func mayBeWritten(err error) bool {
	var answered *Error
	return errors.Is(err, ErrOutcomeUnknown) || errors.As(err, &answered) && answered.Applied
}

// isMissingInBatch reports a record of a batch that is not there any more: a
// 422 about its place alone, or the same under a status of success.
func isMissingInBatch(err error) bool {
	answered, ok := errors.AsType[*Error](err)
	if !ok || !answered.FromAPI || len(answered.Fields) == 0 || answered.Status >= 300 && answered.Status != http.StatusUnprocessableEntity {
		return false
	}
	for _, f := range answered.Fields {
		if !missingPlace.MatchString(f.Field) {
			return false
		}
	}
	return true
}
