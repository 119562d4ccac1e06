package zonework

import (
	"context"
	"slices"

	"github.com/go-hoster/hoster/dnszone"
)

// maxBatch bounds the changes of one batch.
const maxBatch = 500

// writer changes the records of one zone: in batches where the provider has them,
// else call by call, each depending on the version that the one before left.
type writer struct {
	zone    Zone
	state   *State
	version string // empty where the provider sends none
	loose   bool   // other writes go on side by side: nothing depends on the version
	risked  bool   // a write was sent that depended on no version
	batched bool   // the batch endpoint did something
	noBatch bool   // no batches: the provider does not have them, or may not

	domain string
	mirror *Mirror // follows the writes; may be nil
}

// guarded reports that every write depended on the version before it, so that
// nobody else can have written in between.
func (w *writer) guarded() bool { return !w.risked }

// run makes all changes, in pieces that the API takes, and stops at the first
// error; the result holds what was done before.
func (w *writer) run(ctx context.Context, changes dnszone.Changes) (all Result, err error) {
	if changes.Len() > 1 && !w.noBatch {
		w.noBatch = !w.state.Batches.Try()
	}
	if changes.Len() == 1 || w.noBatch {
		return w.single(ctx, changes)
	}
	all, err = w.batches(ctx, changes, false)
	if means := w.weigh(err); means.LacksBatch && means.FromAPI && all.size() == 0 {
		return w.single(ctx, changes)
	}
	return all, err // what another server did in the API's place, another look tells
}

// batches makes the changes in as few calls as can be, each of which is done
// whole or not at all.
func (w *writer) batches(ctx context.Context, changes dnszone.Changes, deleteFirst bool) (all Result, err error) {
	for _, piece := range pieces(changes, deleteFirst) {
		result, version, err := w.zone.Batch(ctx, piece, w.depend())
		if err != nil {
			w.noBatch = w.noBatch || w.weigh(err).LacksBatch
			return all, err
		}
		w.learn(version, piece, result)
		w.batched = true
		if len(result.Created) != len(piece.Create) || len(result.Updated) != len(piece.Update) {
			w.risked = true // the answer is not about what was sent: only another look tells
		}
		all.Created, all.Updated = append(all.Created, result.Created...), append(all.Updated, result.Updated...)
		all.Deleted = append(all.Deleted, piece.Delete...)
	}
	return all, nil
}

// pieces cuts changes to the size that the API takes. Of several pieces the
// deletions come last, so that no set is empty in between, or first where a CNAME
// comes or goes, beside which nothing can stand.
func pieces(all dnszone.Changes, deleteFirst bool) (pieces []dnszone.Changes) {
	if all.Len() <= maxBatch {
		return []dnszone.Changes{all}
	}
	var deletions []dnszone.Changes
	for ids := range slices.Chunk(all.Delete, maxBatch) {
		deletions = append(deletions, dnszone.Changes{Delete: ids})
	}
	for updates := range slices.Chunk(all.Update, maxBatch) {
		pieces = append(pieces, dnszone.Changes{Update: updates})
	}
	for creates := range slices.Chunk(all.Create, maxBatch) {
		pieces = append(pieces, dnszone.Changes{Create: creates})
	}
	if deleteFirst {
		return append(deletions, pieces...)
	}
	return append(pieces, deletions...)
}

// single makes the changes one by one: updates and additions before deletions, so
// that a set is never empty in between.
func (w *writer) single(ctx context.Context, changes dnszone.Changes) (result Result, err error) {
	for _, c := range changes.Update {
		r, version, err := w.zone.Update(ctx, c, w.depend())
		if err != nil {
			return result, err
		}
		w.learn(version, dnszone.Changes{Update: []dnszone.Change{c}}, Result{Updated: []dnszone.Held{r}})
		result.Updated = append(result.Updated, r)
	}
	for _, c := range changes.Create {
		r, version, err := w.zone.Create(ctx, c, w.depend())
		if err != nil {
			return result, err
		}
		w.learn(version, dnszone.Changes{Create: []dnszone.Record{c}}, Result{Created: []dnszone.Held{r}})
		result.Created = append(result.Created, r)
	}
	for _, id := range changes.Delete {
		version, err := w.zone.Delete(ctx, id, w.depend())
		switch {
		case err == nil:
			w.learn(version, dnszone.Changes{Delete: []string{id}}, Result{})
		case !w.weigh(err).Absent:
			return result, err
		}
		result.Deleted = append(result.Deleted, id)
	}
	return result, nil
}

// depend is the version that the next write depends on.
func (w *writer) depend() string {
	if w.version == "" || w.loose {
		w.risked = true
		return ""
	}
	return w.version
}

// learn takes the version that a successful write left. A provider that tells
// none may not have looked at the one that was sent.
func (w *writer) learn(version string, sent dnszone.Changes, result Result) {
	if w.mirror != nil && !w.loose {
		w.mirror.follow(w.state.Writes(w.domain), w.version, version, sent, result)
	}
	w.version = version
	w.risked = w.risked || version == ""
	w.state.versions.learn(version)
}

func (w *writer) weigh(err error) Judgement { return weigh(w.zone, err) }

// weigh is what an error means; none means nothing.
func weigh(zone Zone, err error) Judgement {
	if err == nil {
		return Judgement{}
	}
	return zone.Weigh(err)
}
