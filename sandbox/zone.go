package sandbox

import (
	"slices"
	"time"
)

const usualTTL = 3600

// zoneIndex finds records without walking the zone.
type zoneIndex struct {
	byID   map[string]*Record
	byName map[string][]*Record // each list in the zone's order
}

func newZoneIndex(records []*Record) *zoneIndex {
	z := &zoneIndex{
		byID:   make(map[string]*Record, len(records)),
		byName: make(map[string][]*Record),
	}
	for _, r := range records {
		z.byID[r.ID] = r
		z.byName[r.Name] = append(z.byName[r.Name], r)
	}
	return z
}

// index is made anew where a write took it away to the domain's successor.
func (d *Domain) index() *zoneIndex {
	if d.zone == nil {
		d.zone = newZoneIndex(d.Records)
	}
	return d.zone
}

// Record returns the domain's record with that id, or nil.
func (d *Domain) Record(id string) *Record {
	if i := slices.IndexFunc(d.Records, func(r *Record) bool { return r.ID == id }); i >= 0 {
		return d.Records[i]
	}
	return nil
}

// named returns the records of that name, oldest first.
func (d *Domain) named(name string) []*Record { return d.index().byName[name] }

// set returns the records of that type and name other than except.
func (d *Domain) set(recordType, name string, except *Record) []*Record {
	var set []*Record
	for _, r := range d.named(name) {
		if r.Type == recordType && r != except {
			set = append(set, r)
		}
	}
	return set
}

// The changes below need a domain that the writer owns; see [State.own]. They
// never touch a record that an older state may still show. The index is the
// newest state's alone and changes in place.

func (d *Domain) insert(r *Record) {
	z := d.index()
	d.Records = append(d.Records, r)
	z.byID[r.ID] = r
	z.byName[r.Name] = append(z.byName[r.Name], r)
}

func (d *Domain) remove(r *Record) {
	z := d.index()
	d.Records = slices.DeleteFunc(d.Records, func(other *Record) bool { return other == r })
	delete(z.byID, r.ID)
	d.reorder(r.Name)
}

// replace puts a record in the place of an older state of it.
func (d *Domain) replace(old, r *Record) {
	z := d.index()
	d.Records[slices.Index(d.Records, old)] = r
	delete(z.byID, old.ID)
	z.byID[r.ID] = r
	d.reorder(old.Name)
	if r.Name != old.Name {
		d.reorder(r.Name)
	}
}

// retime gives every record of a set that TTL.
func (d *Domain) retime(recordType, name string, ttl int, now time.Time) {
	z := d.index()
	if !slices.ContainsFunc(d.named(name), func(r *Record) bool { return r.Type == recordType && r.TTL != ttl }) {
		return
	}
	for i, r := range d.Records {
		if r.Type != recordType || r.Name != name || r.TTL == ttl {
			continue
		}
		timed := *r
		timed.TTL, timed.UpdatedAt = ttl, now
		d.Records[i] = &timed
		z.byID[timed.ID] = &timed
	}
	d.reorder(name)
}

// reorder lists the records of a name anew, in one walk over the zone.
func (d *Domain) reorder(name string) {
	var named []*Record
	for _, r := range d.Records {
		if r.Name == name {
			named = append(named, r)
		}
	}
	if len(named) == 0 {
		delete(d.zone.byName, name)
		return
	}
	d.zone.byName[name] = named
}

// sameData reports whether two records say the same, whatever their ids and
// times.
func sameData(a, b *Record) bool {
	return identical(a, b) && a.TTL == b.TTL && same(a.Priority, b.Priority) && same(a.Weight, b.Weight) && same(a.Port, b.Port)
}

// sameRecord reports whether nothing at all sets two records apart.
func sameRecord(a, b *Record) bool {
	return sameData(a, b) && a.ID == b.ID && a.CreatedAt.Equal(b.CreatedAt) && a.UpdatedAt.Equal(b.UpdatedAt)
}

// identical reports whether two records may not stand in one zone together.
func identical(a, b *Record) bool {
	if a.Type != b.Type || a.Name != b.Name || a.Value != b.Value {
		return false
	}
	switch a.Type {
	case "MX":
		return same(a.Priority, b.Priority)
	case "SRV":
		return same(a.Priority, b.Priority) && same(a.Weight, b.Weight) && same(a.Port, b.Port)
	}
	return true
}

func same(a, b *int) bool {
	return a == b || a != nil && b != nil && *a == *b
}
