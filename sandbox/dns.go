package sandbox

import (
	"slices"

	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

var recordFilters = []filter{
	{"type", oneOf(zone.Types())},
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
		found = d.index().Named(name)
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
	r := d.index().Record(c.params["id"])
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

// writable refuses writes to a zone that is not the provider's to change.
func (d *Domain) writable() *answer {
	switch {
	case d.Status != "active" && d.Status != "expired":
		return conflict("DOMAIN_STATE_PROHIBITS", "The domain is "+d.Status+": its records cannot be changed.")
	case !d.UsesProviderDNS:
		return conflict("NAMESERVERS_NOT_LOCAL", "The domain is on other nameservers.")
	}
	return nil
}

func (c *call) edit(d *Domain) *zone.Edit {
	edit := zone.NewEdit(d.index(), c.now)
	edit.NewIDs = c.srv.newIDOnUpdate
	return edit
}

// commit applies the edit, as a write to that object, and returns the domain as
// it is now. An edit that comes to nothing is no write.
func (c *call) commit(d *Domain, edit *zone.Edit, object func() string) *Domain {
	records, changed := edit.Apply()
	if !changed {
		return d
	}
	d = c.st.own(d)
	d.Records = records
	c.st.moveVersion(d)
	c.wroteTo(object())
	return d
}

func createRecord(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(c.st.zoneTag(d)); changed != nil {
		return changed
	}
	want := zone.Read(c.fields.Fields, d.Name, nil)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := d.writable(); refused != nil {
		return refused
	}
	edit := c.edit(d)
	entry, taken := edit.Create(want)
	if taken != nil {
		return conflict(taken.Code, taken.Message)
	}
	d = c.commit(d, edit, func() string { return entry.Record().ID })
	r := entry.Record()
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
	want := zone.Read(c.fields.Fields, d.Name, old)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := d.writable(); refused != nil {
		return refused
	}
	edit := c.edit(d)
	entry := edit.Find(old.ID)
	if taken := edit.Update(entry, want); taken != nil {
		return conflict(taken.Code, taken.Message)
	}
	d = c.commit(d, edit, func() string { return entry.Record().ID })
	r := entry.Record()
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
	edit := c.edit(d)
	if kept := edit.Delete(edit.Find(old.ID)); kept != nil {
		return conflict(kept.Code, kept.Message)
	}
	d = c.commit(d, edit, func() string { return old.ID })
	return c.zoned(noContent(), d)
}
