package zone

import (
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// Edit collects changes of a zone without touching it, each in a time that does
// not depend on the size of the zone; [Edit.Apply] makes them in one walk. The
// records of a name are read when the first change needs them.
type Edit struct {
	// NewIDs gives a record a new id whenever an update changes it.
	NewIDs bool

	index   *Index
	now     time.Time
	entries []*Entry // of the names read so far
	added   []*Entry
	byID    map[string]*Entry
	names   map[string]*nameEdit
}

// Entry is a record as it was and as it is.
type Entry struct {
	was *Record // nil: it is new
	is  *Record // nil: it is gone
}

// Record returns the record as it is; its TTL is that of its set once the edit is
// applied.
func (e *Entry) Record() *Record { return e.is }

// Conflict says why a record cannot be changed or stand in the zone.
type Conflict struct{ Code, Message string }

var (
	protected  = Conflict{"RECORD_PROTECTED", "The NS records of the apex belong to the domain's nameservers."}
	duplicate  = Conflict{"RECORD_CONFLICT", "This record is there already."}
	besideName = Conflict{"RECORD_CONFLICT", "A CNAME stands beside no other record of its name."}
)

// nameEdit is what stands at a name.
type nameEdit struct {
	count  int
	cnames int
	taken  map[identity]int
	sets   map[string]*setEdit // by type
}

// setEdit is a record set. Its members include those that have left.
type setEdit struct {
	members []*Entry
	ttl     int // of all members; 0: each has its own still
}

// NewEdit begins a change of the zone at that time.
func NewEdit(x *Index, now time.Time) *Edit {
	return &Edit{index: x, now: now, byID: make(map[string]*Entry), names: make(map[string]*nameEdit)}
}

// at returns what stands at the name.
func (e *Edit) at(name string) *nameEdit {
	if n := e.names[name]; n != nil {
		return n
	}
	n := &nameEdit{taken: make(map[identity]int), sets: make(map[string]*setEdit)}
	e.names[name] = n
	for _, r := range e.index.Named(name) {
		entry := &Entry{r, r}
		e.entries = append(e.entries, entry)
		e.byID[r.ID] = entry
		n.add(entry)
	}
	return n
}

func (e *Edit) set(recordType, name string) *setEdit { return e.at(name).set(recordType) }

func (n *nameEdit) set(recordType string) *setEdit {
	if n.sets[recordType] == nil {
		n.sets[recordType] = new(setEdit)
	}
	return n.sets[recordType]
}

func (n *nameEdit) add(entry *Entry) {
	n.count++
	if entry.is.Type == "CNAME" {
		n.cnames++
	}
	n.taken[identityOf(entry.is)]++
	set := n.set(entry.is.Type)
	set.members = append(set.members, entry)
}

// drop leaves the entry in its set's list, which skips what is elsewhere.
func (n *nameEdit) drop(r *Record) {
	n.count--
	if r.Type == "CNAME" {
		n.cnames--
	}
	n.taken[identityOf(r)]--
}

// Find returns the entry of the record that has the id now, or nil.
func (e *Edit) Find(id string) *Entry {
	if r := e.index.Record(id); r != nil {
		e.at(r.Name)
	}
	return e.byID[id]
}

// Current returns the record with the TTL that its set has by now.
func (e *Edit) Current(entry *Entry) *Record {
	if ttl := e.set(entry.is.Type, entry.is.Name).ttl; ttl != 0 && ttl != entry.is.TTL {
		timed := *entry.is
		timed.TTL, timed.UpdatedAt = ttl, e.now
		entry.is = &timed
	}
	return entry.is
}

// Create adds a record, with the TTL of its set.
func (e *Edit) Create(want *Wanted) (*Entry, *Conflict) {
	if conflict := e.room(nil, want); conflict != nil {
		return nil, conflict
	}
	return e.create(want), nil
}

// Update makes the record what is wanted. Where the zone has all of that already
// nothing changes, and nothing conflicts.
func (e *Edit) Update(entry *Entry, want *Wanted) *Conflict {
	want.TTL = e.ttlFor(entry, want)
	if !e.wouldChange(entry, want) {
		return nil
	}
	if conflict := e.room(entry, want); conflict != nil {
		return conflict
	}
	old, r := e.Current(entry), want.Record
	if !sameData(old, &r) {
		r.UpdatedAt = e.now
		if e.NewIDs {
			r.ID = object.RandomID("rec_")
		}
	}
	e.at(old.Name).drop(old)
	delete(e.byID, old.ID)
	e.place(entry, &r)
	return nil
}

// Delete removes the record.
func (e *Edit) Delete(entry *Entry) *Conflict {
	if isApexNS(entry.is) {
		return &protected
	}
	e.remove(entry)
	return nil
}

// SetApexNS makes the NS records at the apex name exactly those hosts. New ones
// join the set that stays, with its TTL, or else get this one.
func (e *Edit) SetApexNS(hosts []string, ttl int) {
	missing := slices.Clone(hosts)
	for _, entry := range slices.Clone(e.set("NS", "@").members) {
		if entry.is == nil {
			continue
		}
		if i := slices.Index(missing, entry.is.Value); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else {
			e.remove(entry)
		}
	}
	for _, host := range missing {
		want := &Wanted{Record: Record{Type: "NS", Name: "@", Value: host, TTL: ttl}}
		want.ttlSent = e.peer(nil, &want.Record) == nil
		e.create(want)
	}
}

// room refuses a record for which the zone has no room beside the others.
func (e *Edit) room(entry *Entry, want *Wanted) *Conflict {
	if isApexNS(&want.Record) || entry != nil && isApexNS(entry.is) {
		return &protected
	}
	n, same := e.at(want.Name), identityOf(&want.Record)
	count, cnames, twins := n.count, n.cnames, n.taken[same]
	if entry != nil && entry.is.Name == want.Name {
		count--
		if entry.is.Type == "CNAME" {
			cnames--
		}
		if identityOf(entry.is) == same {
			twins--
		}
	}
	switch {
	case twins > 0:
		return &duplicate
	case cnames > 0 || want.Type == "CNAME" && count > 0:
		return &besideName
	}
	return nil
}

// peer returns a record of the wanted one's set other than the entry's, or nil.
func (e *Edit) peer(entry *Entry, want *Record) *Record {
	for _, other := range e.set(want.Type, want.Name).members {
		if other != entry && other.is != nil && other.is.Name == want.Name {
			return e.Current(other)
		}
	}
	return nil
}

// ttlFor is the TTL that a wanted record gets in its set.
func (e *Edit) ttlFor(entry *Entry, want *Wanted) int {
	if want.ttlSent {
		return want.TTL
	}
	if peer := e.peer(entry, &want.Record); peer != nil {
		return peer.TTL
	}
	if entry != nil {
		return e.Current(entry).TTL
	}
	return UsualTTL
}

// wouldChange reports whether an update leaves anything different from before.
func (e *Edit) wouldChange(entry *Entry, want *Wanted) bool {
	if !sameData(e.Current(entry), &want.Record) {
		return true
	}
	return slices.ContainsFunc(e.set(want.Type, want.Name).members, func(other *Entry) bool {
		return other.is != nil && other.is.Name == want.Name && e.Current(other).TTL != want.TTL
	})
}

func (e *Edit) create(want *Wanted) *Entry {
	r := want.Record
	r.TTL = e.ttlFor(nil, want)
	r.ID = object.RandomID("rec_")
	r.CreatedAt, r.UpdatedAt = e.now, e.now
	entry := new(Entry)
	e.added = append(e.added, entry)
	e.place(entry, &r)
	return entry
}

// place makes the entry that record, whose TTL its set follows.
func (e *Edit) place(entry *Entry, r *Record) {
	entry.is = r
	n := e.at(r.Name)
	n.add(entry)
	n.set(r.Type).ttl = r.TTL
	e.byID[r.ID] = entry
}

func (e *Edit) remove(entry *Entry) {
	e.at(entry.is.Name).drop(entry.is)
	delete(e.byID, entry.is.ID)
	entry.is = nil
}

// Apply ends the edit. It returns the zone's records after the changes and
// whether they are others than before, and brings the index up to date. The
// list of records from before stays as it is.
func (e *Edit) Apply() (records []*Record, changed bool) {
	x, moved := e.index, e.settle()
	if !moved && len(e.added) == 0 {
		return x.records, false
	}
	if moved {
		x.records = e.walk()
	}
	for _, entry := range e.added {
		x.records = append(x.records, entry.is)
		x.add(entry.is)
	}
	return x.records, true
}

// settle gives all members of a set their TTL, and takes back what came to
// nothing in the end. It reports whether a record of before is another now.
func (e *Edit) settle() (moved bool) {
	for _, entry := range e.added {
		e.Current(entry)
	}
	for _, entry := range e.entries {
		if entry.is != nil {
			if r := e.Current(entry); r.ID == entry.was.ID && sameData(entry.was, r) {
				entry.is = entry.was
			}
		}
		moved = moved || entry.is != entry.was
	}
	return moved
}

// walk returns what became of the records of before, and indexes those of the
// names that were read.
func (e *Edit) walk() []*Record {
	x, byWas := e.index, make(map[*Record]*Entry, len(e.entries))
	for _, entry := range e.entries {
		byWas[entry.was] = entry
		delete(x.byID, entry.was.ID)
		delete(x.byName, entry.was.Name)
	}
	records := make([]*Record, 0, len(x.records)+len(e.added))
	for _, r := range x.records {
		entry := byWas[r]
		if entry != nil {
			if r = entry.is; r == nil {
				continue
			}
			x.add(r)
		}
		records = append(records, r)
	}
	return records
}
