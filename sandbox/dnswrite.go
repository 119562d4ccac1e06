package sandbox

import "slices"

// wantedRecord is a record as a request wants it.
type wantedRecord struct {
	Record
	ttlSent bool
}

// readRecord reads and checks the members of a record. For an update, old is
// what it changes, and what is not sent stays.
func readRecord(f *fields, zone string, old *Record) *wantedRecord {
	want := new(wantedRecord)
	if old != nil {
		want.Record = *old
	}
	readType(f, &want.Record, old)
	readName(f, &want.Record, zone)
	readTTL(f, want)
	if !slices.Contains(recordTypes, want.Type) {
		return want // the rest is known by its type only
	}
	readValue(f, &want.Record, old)
	for _, n := range recordNumbers {
		n.read(f, &want.Record)
	}
	if want.Type == "CNAME" && want.Name == "@" {
		f.fail("name", "must not be @ for a CNAME")
	}
	return want
}

func readType(f *fields, want, old *Record) {
	sent, how := f.text("type")
	switch {
	case how == cleared || how == absent && old == nil:
		f.fail("type", "is required")
	case how == given && old != nil && sent != old.Type:
		f.fail("type", "cannot be changed")
	case how == given && !slices.Contains(recordTypes, sent):
		f.fail("type", "must be one of A, AAAA, CNAME, MX, TXT, NS, SRV and CAA")
	case how == given:
		want.Type = sent
	}
}

func readName(f *fields, want *Record, zone string) {
	sent, how := f.text("name")
	if how == cleared || how == absent && want.Name == "" {
		f.fail("name", "is required")
	}
	if how != given {
		return
	}
	name, problem := canonicalName(sent, zone)
	if problem != "" {
		f.fail("name", problem)
	}
	want.Name = name
}

func readValue(f *fields, want, old *Record) {
	sent, how := f.text("value")
	if how == cleared || how == absent && old == nil {
		f.fail("value", "is required")
	}
	if how != given {
		return
	}
	value, problem := canonicalValue(want.Type, sent)
	if problem != "" {
		f.fail("value", problem)
	}
	want.Value = value
}

func readTTL(f *fields, want *wantedRecord) {
	sent, how := f.integer("ttl")
	switch {
	case how == cleared:
		f.fail("ttl", "cannot be cleared")
	case how == given && !validTTL(sent):
		f.fail("ttl", ttlProblem)
	case how == given:
		want.TTL, want.ttlSent = sent, true
	}
}

func (n recordNumber) read(f *fields, want *Record) {
	sent, how := f.integer(n.name)
	member, needed := n.of(want), n.needed(want.Type)
	switch {
	case needed && (how == cleared || how == absent && *member == nil):
		f.fail(n.name, "is required for type "+want.Type)
	case how == given && !needed:
		f.fail(n.name, "has no meaning for type "+want.Type)
	case how == given && !valid16(sent):
		f.fail(n.name, numberProblem)
	case how == given:
		*member = &sent
	}
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

func isApexNS(r *Record) bool { return r.Type == "NS" && r.Name == "@" }

func protected() *answer {
	return conflict("RECORD_PROTECTED", "The NS records of the apex belong to the domain's nameservers.")
}

// room refuses a record for which the zone has no room beside the records other
// than old.
func (d *Domain) room(old *Record, want *wantedRecord) *answer {
	if isApexNS(&want.Record) || old != nil && isApexNS(old) {
		return protected()
	}
	for _, r := range d.named(want.Name) {
		switch {
		case r == old:
		case identical(r, &want.Record):
			return conflict("RECORD_CONFLICT", "This record is there already.")
		case r.Type == "CNAME" || want.Type == "CNAME":
			return conflict("RECORD_CONFLICT", "A CNAME stands beside no other record of its name.")
		}
	}
	return nil
}

// ttlFor is the TTL that a wanted record gets in its set.
func (d *Domain) ttlFor(old *Record, want *wantedRecord) int {
	if want.ttlSent {
		return want.TTL
	}
	if set := d.set(want.Type, want.Name, old); len(set) > 0 {
		return set[0].TTL
	}
	if old != nil {
		return old.TTL
	}
	return usualTTL
}

// wouldChange reports whether an update leaves anything different from before.
func (d *Domain) wouldChange(old *Record, want *wantedRecord) bool {
	want.TTL = d.ttlFor(old, want)
	return !sameData(old, &want.Record) || slices.ContainsFunc(d.set(want.Type, want.Name, old), func(r *Record) bool { return r.TTL != want.TTL })
}

// put adds the record to a domain that the call owns.
func (c *call) put(d *Domain, want *wantedRecord) *Record {
	r := want.Record
	r.TTL = d.ttlFor(nil, want)
	r.ID = randomID("rec_")
	r.CreatedAt, r.UpdatedAt = c.now, c.now
	d.retime(r.Type, r.Name, r.TTL, c.now)
	d.insert(&r)
	return &r
}

// change updates a record of a domain that the call owns.
func (c *call) change(d *Domain, old *Record, want *wantedRecord) *Record {
	r := want.Record
	r.TTL = d.ttlFor(old, want)
	if !sameData(old, &r) {
		r.UpdatedAt = c.now
		if c.srv.newIDOnUpdate {
			r.ID = randomID("rec_")
		}
	}
	d.replace(old, &r)
	d.retime(r.Type, r.Name, r.TTL, c.now)
	return &r
}
