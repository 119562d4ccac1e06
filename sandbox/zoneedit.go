package sandbox

// zoneEdit collects changes of a zone without touching it, each in a time that
// does not depend on the size of the zone. The records of a name are read when
// the first change needs them.
type zoneEdit struct {
	call   *call
	domain *Domain
	byID   map[string]*zoneEntry // of the names read so far
	byWas  map[*Record]*zoneEntry
	names  map[string]*nameEdit
	added  []*zoneEntry
}

// zoneEntry is a record as it was and as it is.
type zoneEntry struct {
	was *Record // nil: it is new
	is  *Record // nil: it is gone
}

// nameEdit is what stands at a name.
type nameEdit struct {
	count  int
	cnames int
	taken  map[recordIdentity]int
	sets   map[string]*setEdit // by type
}

// setEdit is a record set. Its members include those that have left.
type setEdit struct {
	members []*zoneEntry
	ttl     int // of all members; 0: each has its own still
}

// recordIdentity is what no two records of a zone may share; see [identical].
type recordIdentity struct {
	recordType, name, value string
	priority, weight, port  int
}

func identityOf(r *Record) recordIdentity {
	id := recordIdentity{r.Type, r.Name, r.Value, -1, -1, -1}
	number := func(n *int) int {
		if n == nil {
			return -1
		}
		return *n
	}
	switch r.Type {
	case "SRV":
		id.weight, id.port = number(r.Weight), number(r.Port)
		fallthrough
	case "MX":
		id.priority = number(r.Priority)
	}
	return id
}

func (c *call) editZone(d *Domain) *zoneEdit {
	return &zoneEdit{
		call:   c,
		domain: d,
		byID:   make(map[string]*zoneEntry),
		byWas:  make(map[*Record]*zoneEntry),
		names:  make(map[string]*nameEdit),
	}
}

// at returns what stands at the name.
func (z *zoneEdit) at(name string) *nameEdit {
	if n := z.names[name]; n != nil {
		return n
	}
	n := &nameEdit{taken: make(map[recordIdentity]int), sets: make(map[string]*setEdit)}
	z.names[name] = n
	for _, r := range z.domain.named(name) {
		e := &zoneEntry{r, r}
		z.byID[r.ID], z.byWas[r] = e, e
		n.add(e)
	}
	return n
}

func (n *nameEdit) set(recordType string) *setEdit {
	if n.sets[recordType] == nil {
		n.sets[recordType] = new(setEdit)
	}
	return n.sets[recordType]
}

func (n *nameEdit) add(e *zoneEntry) {
	n.count++
	if e.is.Type == "CNAME" {
		n.cnames++
	}
	n.taken[identityOf(e.is)]++
	set := n.set(e.is.Type)
	set.members = append(set.members, e)
}

// drop leaves the entry in its set's list, which skips what is elsewhere.
func (n *nameEdit) drop(r *Record) {
	n.count--
	if r.Type == "CNAME" {
		n.cnames--
	}
	n.taken[identityOf(r)]--
}

// find returns the entry of the record that has the id now, or nil.
func (z *zoneEdit) find(id string) *zoneEntry {
	if r := z.domain.index().byID[id]; r != nil {
		z.at(r.Name)
	}
	return z.byID[id]
}

// current returns the record with the TTL that its set has by now.
func (z *zoneEdit) current(e *zoneEntry) *Record {
	if ttl := z.at(e.is.Name).set(e.is.Type).ttl; ttl != 0 && ttl != e.is.TTL {
		timed := *e.is
		timed.TTL, timed.UpdatedAt = ttl, z.call.now
		e.is = &timed
	}
	return e.is
}

// room is [Domain.room] for the zone as it is by now.
func (z *zoneEdit) room(e *zoneEntry, want *Record) *answer {
	if isApexNS(want) || e != nil && isApexNS(e.is) {
		return protected()
	}
	n := z.at(want.Name)
	count, cnames, twins := n.count, n.cnames, n.taken[identityOf(want)]
	if e != nil && e.is.Name == want.Name {
		count--
		if e.is.Type == "CNAME" {
			cnames--
		}
		if identityOf(e.is) == identityOf(want) {
			twins--
		}
	}
	switch {
	case twins > 0:
		return conflict("RECORD_CONFLICT", "This record is there already.")
	case cnames > 0 || want.Type == "CNAME" && count > 0:
		return conflict("RECORD_CONFLICT", "A CNAME stands beside no other record of its name.")
	}
	return nil
}

// ttlFor is [Domain.ttlFor] for the zone as it is by now.
func (z *zoneEdit) ttlFor(e *zoneEntry, want *wantedRecord) int {
	if want.ttlSent {
		return want.TTL
	}
	set := z.at(want.Name).set(want.Type)
	for _, other := range set.members {
		if other != e && other.is != nil && other.is.Name == want.Name {
			if set.ttl != 0 {
				return set.ttl
			}
			return other.is.TTL
		}
	}
	if e != nil {
		return z.current(e).TTL
	}
	return usualTTL
}

// wouldChange is [Domain.wouldChange] for the zone as it is by now.
func (z *zoneEdit) wouldChange(e *zoneEntry, want *wantedRecord) bool {
	old, is := z.current(e), want.Record
	is.TTL = z.ttlFor(e, want)
	if !sameData(old, &is) {
		return true
	}
	for _, other := range z.at(is.Name).set(is.Type).members {
		if other.is != nil && other.is.Name == is.Name && z.current(other).TTL != is.TTL {
			return true
		}
	}
	return false
}

func (z *zoneEdit) create(want *wantedRecord) *zoneEntry {
	r := want.Record
	r.TTL = z.ttlFor(nil, want)
	r.ID = randomID("rec_")
	r.CreatedAt, r.UpdatedAt = z.call.now, z.call.now
	e := &zoneEntry{is: &r}
	n := z.at(r.Name)
	n.add(e)
	n.set(r.Type).ttl = r.TTL
	z.byID[r.ID] = e
	z.added = append(z.added, e)
	return e
}

func (z *zoneEdit) update(e *zoneEntry, want *wantedRecord) {
	old, r := z.current(e), want.Record
	r.TTL = z.ttlFor(e, want)
	if !sameData(old, &r) {
		r.UpdatedAt = z.call.now
		if z.call.srv.newIDOnUpdate {
			r.ID = randomID("rec_")
		}
	}
	z.at(old.Name).drop(old)
	delete(z.byID, old.ID)
	e.is = &r
	n := z.at(r.Name)
	n.add(e)
	n.set(r.Type).ttl = r.TTL
	z.byID[r.ID] = e
}

func (z *zoneEdit) remove(e *zoneEntry) {
	z.at(e.is.Name).drop(e.is)
	delete(z.byID, e.is.ID)
	e.is = nil
}

// records returns the zone's records after the changes, in one walk, and whether
// they are others than before.
func (z *zoneEdit) records() (records []*Record, changed bool) {
	z.settle()
	records = make([]*Record, 0, len(z.domain.Records)+len(z.added))
	for _, r := range z.domain.Records {
		e := z.byWas[r]
		switch {
		case e == nil:
			records = append(records, r)
		case e.is == nil:
			changed = true
		default:
			records = append(records, e.is)
			changed = changed || e.is != r
		}
	}
	for _, e := range z.added {
		records = append(records, e.is)
		changed = true
	}
	return records, changed
}

// settle gives all members of a set their TTL, and takes back what came to
// nothing in the end.
func (z *zoneEdit) settle() {
	for _, e := range z.added {
		z.current(e)
	}
	for _, e := range z.byWas {
		if e.is == nil {
			continue
		}
		if r := z.current(e); r.ID == e.was.ID && sameData(e.was, r) {
			e.is = e.was
		}
	}
}
