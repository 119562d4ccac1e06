package zone

// Index finds the records of a zone without a walk over all of them.
type Index struct {
	records []*Record // oldest first
	byID    map[string]*Record
	byName  map[string][]*Record // each list in the zone's order
}

// NewIndex indexes the records of a zone, which are oldest first.
func NewIndex(records []*Record) *Index {
	x := &Index{
		records: records,
		byID:    make(map[string]*Record, len(records)),
		byName:  make(map[string][]*Record),
	}
	for _, r := range records {
		x.add(r)
	}
	return x
}

func (x *Index) add(r *Record) {
	x.byID[r.ID] = r
	x.byName[r.Name] = append(x.byName[r.Name], r)
}

// Record returns the record with that id, or nil.
func (x *Index) Record(id string) *Record { return x.byID[id] }

// Named returns the records of that name, oldest first.
func (x *Index) Named(name string) []*Record { return x.byName[name] }
