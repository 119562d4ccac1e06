package sandbox

import "slices"

var recordFilters = []filter{
	{"type", oneOf(recordTypes)},
	{"name", nil},
}

func listRecords(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	name, recordType := c.query.Get("name"), c.query.Get("type")
	found := d.Records
	if name != "" {
		found = d.named(name)
	}
	if recordType != "" {
		found = slices.DeleteFunc(slices.Clone(found), func(r *Record) bool { return r.Type != recordType })
	}
	more, ok := c.srv.generated[d.Name]
	if !ok {
		return c.tagged(list(c, found, shownRecord), c.st.zoneTag(d))
	}
	return c.tagged(listGenerated(c, found, more, name, recordType), c.st.zoneTag(d))
}

// record finds the domain and the record that the path names.
func (c *call) record() (*Domain, *Record, *answer) {
	d, missing := c.domain()
	if missing != nil {
		return nil, nil, missing
	}
	r := d.index().byID[c.params["id"]]
	if r == nil {
		return nil, nil, notFound("record")
	}
	return d, r, nil
}

func getRecord(c *call) *answer {
	_, r, missing := c.record()
	if missing != nil {
		return missing
	}
	return c.tagged(ok(r), tagOf(r))
}

func createRecord(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(c.st.zoneTag(d)); changed != nil {
		return changed
	}
	want := readRecord(c.fields, d.Name, nil)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := d.writable(); refused != nil {
		return refused
	}
	if refused := d.room(nil, want); refused != nil {
		return refused
	}
	d = c.st.own(d)
	r := c.put(d, want)
	c.st.moveVersion(d)
	c.wroteTo(r.ID)
	a := created(r, "domains", d.Name, "dns", "records", r.ID)
	return c.zoned(c.tagged(a, tagOf(r)), d)
}

func updateRecord(c *call) *answer {
	d, old, missing := c.record()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(tagOf(old), c.st.zoneTag(d)); changed != nil {
		return changed
	}
	want := readRecord(c.fields, d.Name, old)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := d.writable(); refused != nil {
		return refused
	}
	r := old
	if d.wouldChange(old, want) {
		if refused := d.room(old, want); refused != nil {
			return refused
		}
		d = c.st.own(d)
		r = c.change(d, old, want)
		c.st.moveVersion(d)
		c.wroteTo(r.ID)
	}
	return c.zoned(c.tagged(ok(r), tagOf(r)), d)
}

func deleteRecord(c *call) *answer {
	d, old, missing := c.record()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(tagOf(old), c.st.zoneTag(d)); changed != nil {
		return changed
	}
	if refused := d.writable(); refused != nil {
		return refused
	}
	if isApexNS(old) {
		return protected()
	}
	d = c.st.own(d)
	d.remove(old)
	c.st.moveVersion(d)
	c.wroteTo(old.ID)
	return c.zoned(noContent(), d)
}
