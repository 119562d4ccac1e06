package sandbox

import (
	"slices"

	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

var recordFilters = []filter{
	{"type", func(s *Server, value string) bool { return s.rules.Takes(value) }},
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
func (c *call) commit(d *Domain, edit *zone.Edit, object string) *Domain {
	records, changed := edit.Apply()
	if !changed {
		return d
	}
	d = c.st.own(d)
	d.Records = records
	c.st.moveVersion(d)
	c.wroteTo(object)
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
	want := c.srv.rules.Read(c.fields.Fields, d.Name, nil)
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
	d = c.commit(d, edit, entry.Record().ID)
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
	want := c.srv.rules.Read(c.fields.Fields, d.Name, old)
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
	d = c.commit(d, edit, entry.Record().ID)
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
	d = c.commit(d, edit, old.ID)
	return c.zoned(noContent(), d)
}

// Zones that are larger than a server should hold: their records are made while
// they are read.

// generated are records that nobody holds: record i of n, from 0, is what of(i)
// returns.
type generated struct {
	n  int
	of func(i int) Record
}

// WithGeneratedRecords lets the zone of the domain end with n records that the
// server makes when a list shows them and does not keep: of returns record i,
// from 0, with an id of its own, and the same one each time. Lists show and
// filter them behind the zone's own records; no other operation knows them.
func WithGeneratedRecords(domain string, n int, of func(i int) Record) Option {
	return func(c *config) {
		if n <= 0 || of == nil {
			return
		}
		if c.generated == nil {
			c.generated = make(map[string]generated)
		}
		c.generated[domain] = generated{n, of}
	}
}

// listGenerated answers with a page of the zone's own records that were found,
// and of the generated ones behind them. Under a filter, which is not "", all of
// them are made once, to be counted.
func listGenerated(c *call, own []*Record, more generated, name, recordType string) *answer {
	if name == "" && recordType == "" {
		return listOf(c, len(own)+more.n, func(i int) *Record {
			if i < len(own) {
				return own[i]
			}
			r := more.of(i - len(own))
			return &r
		})
	}
	own = slices.Clip(own) // the zone's index may hold what follows
	for i := range more.n {
		r := more.of(i)
		if (name == "" || r.Name == name) && (recordType == "" || r.Type == recordType) {
			own = append(own, &r)
		}
	}
	return list(c, own, shownRecord)
}

func shownRecord(r *Record) *Record { return r }
