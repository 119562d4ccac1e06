package zone

import "github.com/go-hoster/hoster/sandbox/internal/input"

// Wanted is a record as a request wants it.
type Wanted struct {
	Record
	ttlSent bool
}

// Read reads and checks the members of a record. For an update, old is what it
// changes, and what is not sent stays.
func (rules Rules) Read(f *input.Fields, zone string, old *Record) *Wanted {
	want := new(Wanted)
	if old != nil {
		want.Record = *old
	}
	rules.readType(f, &want.Record, old)
	readName(f, &want.Record, zone)
	readTTL(f, want)
	if !rules.Takes(want.Type) {
		return want // the rest is known by its type only
	}
	readValue(f, &want.Record, old)
	for _, n := range numbers {
		n.read(f, &want.Record)
	}
	if want.Type == "CNAME" && want.Name == "@" {
		f.Fail("name", "must not be @ for a CNAME")
	}
	return want
}

func (rules Rules) readType(f *input.Fields, want, old *Record) {
	sent, how := f.Text("type")
	switch {
	case how == input.Cleared || how == input.Absent && old == nil:
		f.Fail("type", "is required")
	case how == input.Given && old != nil && sent != old.Type:
		f.Fail("type", "cannot be changed")
	case how == input.Given && !rules.Takes(sent):
		f.Fail("type", rules.typeProblem())
	case how == input.Given:
		want.Type = sent
	}
}

func readName(f *input.Fields, want *Record, zone string) {
	sent, how := f.Text("name")
	if how == input.Cleared || how == input.Absent && want.Name == "" {
		f.Fail("name", "is required")
	}
	if how != input.Given {
		return
	}
	name, problem := canonicalName(sent, zone)
	if problem != "" {
		f.Fail("name", problem)
	}
	want.Name = name
}

func readValue(f *input.Fields, want, old *Record) {
	sent, how := f.Text("value")
	if how == input.Cleared || how == input.Absent && old == nil {
		f.Fail("value", "is required")
	}
	if how != input.Given {
		return
	}
	value, problem := canonicalValue(want.Type, sent)
	if problem != "" {
		f.Fail("value", problem)
	}
	want.Value = value
}

func readTTL(f *input.Fields, want *Wanted) {
	sent, how := f.Integer("ttl")
	switch {
	case how == input.Cleared:
		f.Fail("ttl", "cannot be input.Cleared")
	case how == input.Given && !validTTL(sent):
		f.Fail("ttl", ttlProblem)
	case how == input.Given:
		want.TTL, want.ttlSent = sent, true
	}
}

func (n number) read(f *input.Fields, want *Record) {
	sent, how := f.Integer(n.name)
	member, needed := n.of(want), n.needed(want.Type)
	switch {
	case needed && (how == input.Cleared || how == input.Absent && *member == nil):
		f.Fail(n.name, "is required for type "+want.Type)
	case how == input.Given && !needed:
		f.Fail(n.name, "has no meaning for type "+want.Type)
	case how == input.Given && !valid16(sent):
		f.Fail(n.name, numberProblem)
	case how == input.Given:
		*member = &sent
	}
}
