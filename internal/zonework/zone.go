// Package zonework brings record sets of a zone to what is wanted, beside other
// writers, and looks until they stay.
package zonework

import (
	"context"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/pace"
)

// Zone is one zone at a provider. Writes take the version that they depend on and
// return the one that they leave, each empty where there is none.
type Zone interface {
	ReadSet(ctx context.Context, set dnszone.SetKey) ([]dnszone.Held, Version, error)
	ReadAll(ctx context.Context) ([]dnszone.Held, Version, error)

	Batch(ctx context.Context, changes dnszone.Changes, version string) (Result, string, error)
	Update(ctx context.Context, change dnszone.Change, version string) (dnszone.Held, string, error)
	Create(ctx context.Context, record dnszone.Record, version string) (dnszone.Held, string, error)
	Delete(ctx context.Context, id, version string) (string, error)

	// Weigh says what an error of one of these calls means.
	Weigh(err error) Judgement
	// Conflict is the error of a set that somebody else changed; cause may be nil.
	Conflict(what string, cause error) error
	// Interrupted is the error of work that ended between two calls, the last of
	// which failed with last, or did not where that is nil.
	Interrupted(cause, last error) error
}

// Version is that of a reading. A weak one may be a web server's own.
type Version struct {
	Tag  string
	Weak bool
}

// Result is what was changed, in the order of what was sent.
type Result struct {
	Updated, Created []dnszone.Held
	Deleted          []string // ids
}

func (r Result) size() int { return len(r.Updated) + len(r.Created) + len(r.Deleted) }

// Judgement is what an error means.
type Judgement struct {
	Moved        bool // the zone has changed since it was read: read again
	Absent       bool // what was to be changed is not there
	Exists       bool // a record that was to be created is there already
	LacksBatch   bool // there is no batch endpoint, or another server answered in its place
	FromAPI      bool // the API itself said so
	MayBeWritten bool // what was sent may be in the zone

	Place Place // the change that was refused
}

// Place is a change of a batch: its list, "create", "update" or "delete", and the
// index there. It is empty where the error names none.
type Place struct {
	List  string
	Index int
}

var (
	changePlace  = regexp.MustCompile(`^(create|update|delete)\.([0-9]+)`)
	missingPlace = regexp.MustCompile(`^(delete|update)\.[0-9]+(\.id)?$`) // a place without a field: the record is not there
)

// PlaceOf is the first change that the fields of a batch's error name, such as
// "create.3.value", and whether all that they say is that records are not there.
func PlaceOf(fields []string) (place Place, absent bool) {
	absent = len(fields) > 0
	for _, field := range fields {
		absent = absent && missingPlace.MatchString(field)
		if place.List == "" {
			place, _ = CutPlace(field)
		}
	}
	return place, absent
}

// CutPlace takes the place off a field of a batch's error, such as "create.3.value",
// and leaves the member that it is about.
func CutPlace(field string) (place Place, member string) {
	m := changePlace.FindStringSubmatch(field)
	if m == nil {
		return Place{}, field
	}
	i, err := strconv.Atoi(m[2])
	if err != nil {
		return Place{}, field
	}
	return Place{m[1], i}, strings.TrimPrefix(field[len(m[0]):], ".")
}

// maxMerges bounds how often the same work is begun again because another writer
// came in between.
const maxMerges = 20

// pause lets other writers go first, longer with every try. A pause that ends too
// early does not hide why the last try failed.
func pause(ctx context.Context, zone Zone, try int, last error) error {
	if try == 0 {
		return nil
	}
	if err := pace.Wait(ctx, rand.N(time.Duration(try)*10*time.Millisecond)); err != nil {
		return zone.Interrupted(err, last)
	}
	return nil
}
