package zone

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func read(t *testing.T, body string, old *Record) (*Wanted, map[string][]string) {
	t.Helper()
	f := input.New(old != nil)
	if !f.Parse([]byte(body)) {
		t.Fatalf("%s is no JSON object", body)
	}
	want := Rules{Further: []string{"LOC"}}.Read(f, "example.com", old)
	return want, f.Wrong()
}

// say writes records without their ids and times.
func say(records []*Record) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprint(&b, r.Name, " ", r.TTL, " ", r.Type, " ", identityOf(r).numbers, " ", r.Value, "\n")
	}
	return b.String()
}

// operation is one of a random sequence, on the record at a place of the zone as
// it was before the sequence.
type operation struct {
	kind, at int
	body     string
}

func randomOperation(rng *rand.Rand) operation {
	var members []string
	add := func(format string, args ...any) { members = append(members, fmt.Sprintf(format, args...)) }
	recordType := []string{"A", "A", "TXT", "CNAME", "MX"}[rng.IntN(5)]
	value := map[string]string{
		"A":     fmt.Sprint("192.0.2.", rng.IntN(4)),
		"TXT":   fmt.Sprint("text ", rng.IntN(3)),
		"CNAME": fmt.Sprintf("host%d.example.net", rng.IntN(2)),
		"MX":    fmt.Sprintf("mail%d.example.net", rng.IntN(2)),
	}[recordType]
	o := operation{kind: rng.IntN(5), at: rng.IntN(12)}
	update := o.kind >= 3
	if !update {
		add(`"type":%q,"value":%q`, recordType, value)
		if recordType == "MX" {
			add(`"priority":%d`, rng.IntN(2))
		}
	}
	if !update || rng.IntN(2) == 0 {
		add(`"name":"%c"`, 'a'+rune(rng.IntN(4)))
	}
	if rng.IntN(2) == 0 {
		add(`"ttl":%d`, 60*(1+rng.IntN(3)))
	}
	o.body = "{" + strings.Join(members, ",") + "}"
	return o
}

// do makes the change in the edit, and returns what refuses it.
func (o operation) do(t *testing.T, e *Edit, id string) string {
	refused := func(c *Conflict) string {
		if c == nil {
			return ""
		}
		return c.Code + " " + c.Message
	}
	entry := e.Find(id)
	switch {
	case o.kind < 2:
		want, wrong := read(t, o.body, nil)
		if wrong != nil {
			return fmt.Sprint(wrong)
		}
		_, c := e.Create(want)
		return refused(c)
	case entry == nil:
		return "gone"
	case o.kind == 2:
		return refused(e.Delete(entry))
	}
	want, wrong := read(t, o.body, e.Current(entry))
	if wrong != nil {
		return fmt.Sprint(wrong)
	}
	return refused(e.Update(entry, want))
}

// TestOneEditOrMany makes the same changes in one edit and each in an edit of
// its own: the zone is the same after both, and the index that was kept up to
// date is that of the records.
func TestOneEditOrMany(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var records []*Record
		for i := range 12 {
			records = append(records, &Record{ID: fmt.Sprint("rec_", i), Type: "A", Name: string('a' + rune(i%5)), Value: fmt.Sprint("198.51.100.", i), TTL: 60})
		}
		before := say(records)
		together, apart := NewIndex(records), NewIndex(slices.Clone(records))
		batch := NewEdit(together, start)
		for range 1 + rng.IntN(25) {
			o := randomOperation(rng)
			id := fmt.Sprint("rec_", o.at)
			single := NewEdit(apart, start)
			inBatch, alone := o.do(t, batch, id), o.do(t, single, id)
			if inBatch != alone {
				t.Fatalf("seed %d: %+v is %q in a batch and %q alone", seed, o, inBatch, alone)
			}
			single.Apply()
			check(t, apart)
		}
		after, changed := batch.Apply()
		check(t, together)
		if got, want := say(after), say(apart.records); got != want {
			t.Fatalf("seed %d: one edit leaves\n%s\nmany leave\n%s", seed, got, want)
		}
		if say(records) != before {
			t.Fatalf("seed %d: the list of before is changed", seed)
		}
		if same := slices.EqualFunc(after, records, Equal); same == changed {
			t.Fatalf("seed %d: the same records: %t, changed: %t", seed, same, changed)
		}
	}
}

// check holds what is true of every zone, and that its index is right.
func check(t *testing.T, x *Index) {
	t.Helper()
	ttls, taken, types := make(map[string]int), make(map[identity]bool), make(map[string]int)
	for _, r := range x.records {
		set := r.Name + " " + r.Type
		if ttl, ok := ttls[set]; ok && ttl != r.TTL {
			t.Fatalf("two TTLs in the set %s:\n%s", set, say(x.records))
		}
		ttls[set] = r.TTL
		if taken[identityOf(r)] {
			t.Fatalf("a record stands there twice:\n%s", say(x.records))
		}
		taken[identityOf(r)] = true
		types[r.Name]++
	}
	for _, r := range x.records {
		if r.Type == "CNAME" && types[r.Name] > 1 {
			t.Fatalf("a CNAME beside others:\n%s", say(x.records))
		}
	}
	fresh := NewIndex(x.records)
	if len(fresh.byID) != len(x.byID) || len(fresh.byName) != len(x.byName) {
		t.Fatalf("the index has %d ids and %d names, not %d and %d", len(x.byID), len(x.byName), len(fresh.byID), len(fresh.byName))
	}
	for _, r := range x.records {
		if x.Record(r.ID) != r {
			t.Fatalf("the index has another record %s", r.ID)
		}
		if !slices.Equal(x.Named(r.Name), fresh.Named(r.Name)) {
			t.Fatalf("at %s the index has\n%s\nnot\n%s", r.Name, say(x.Named(r.Name)), say(fresh.Named(r.Name)))
		}
	}
}

func TestUpdateThatComesToNothing(t *testing.T) {
	x := NewIndex([]*Record{{ID: "rec_1", Type: "A", Name: "a", Value: "192.0.2.1", TTL: 60, UpdatedAt: start}})
	e := NewEdit(x, start.Add(time.Hour))
	for _, ttl := range []int{300, 60} {
		entry := e.Find("rec_1")
		want, _ := read(t, fmt.Sprintf(`{"ttl":%d}`, ttl), e.Current(entry))
		if c := e.Update(entry, want); c != nil {
			t.Fatal(c)
		}
	}
	if records, changed := e.Apply(); changed || !records[0].UpdatedAt.Equal(start) {
		t.Errorf("changed %t, %+v", changed, records[0])
	}
}

func TestNewIDs(t *testing.T) {
	for _, newIDs := range []bool{false, true} {
		x := NewIndex([]*Record{{ID: "rec_1", Type: "A", Name: "a", Value: "192.0.2.1", TTL: 60}})
		e := NewEdit(x, start)
		e.NewIDs = newIDs
		entry := e.Find("rec_1")
		want, _ := read(t, `{"value":"192.0.2.2"}`, e.Current(entry))
		if c := e.Update(entry, want); c != nil {
			t.Fatal(c)
		}
		records, _ := e.Apply()
		if (records[0].ID != "rec_1") != newIDs || x.Record(records[0].ID) != records[0] {
			t.Errorf("new ids %t: the id is %s", newIDs, records[0].ID)
		}
		check(t, x)
	}
}

func TestApexNS(t *testing.T) {
	x := NewIndex(nil)
	set := func(hosts ...string) string {
		e := NewEdit(x, start)
		e.SetApexNS(hosts, 86400)
		e.Apply()
		check(t, x)
		var got []string
		for _, r := range x.records {
			got = append(got, fmt.Sprint(r.Value, " ", r.TTL))
		}
		return strings.Join(got, ", ")
	}
	if got := set("ns1.example", "ns2.example"); got != "ns1.example 86400, ns2.example 86400" {
		t.Error("a new zone has", got)
	}
	x = NewIndex([]*Record{
		{ID: "rec_1", Type: "NS", Name: "@", Value: "ns2.example", TTL: 300},
		{ID: "rec_2", Type: "NS", Name: "@", Value: "old.example", TTL: 300},
	})
	if got := set("ns1.example", "ns2.example"); got != "ns2.example 300, ns1.example 300" {
		t.Error("a zone that joins has", got)
	}
	e := NewEdit(x, start)
	if c := e.Delete(e.Find("rec_1")); c == nil || c.Code != "RECORD_PROTECTED" {
		t.Errorf("the deletion of a nameserver is answered %v", c)
	}
}

func TestCanonical(t *testing.T) {
	for _, test := range []struct{ recordType, sent, want string }{
		{"A", "192.0.2.1", "192.0.2.1"},
		{"A", "192.0.2.01", ""},
		{"AAAA", "2001:DB8:0::1", "2001:db8::1"},
		{"AAAA", "fe80::1%eth0", ""},
		{"CNAME", "WWW.Example.NET.", "www.example.net"},
		{"CNAME", "0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa"},
		{"CNAME", ".", ""},
		{"MX", ".", "."},
		{"MX", "under_score.example", ""},
		{"NS", "-ns.example", ""},
		{"SRV", "_x.example", "_x.example"},
		{"TXT", "", ""},
		{"TXT", `"a" "b\"\065"`, `ab"A`},
		{"TXT", `"\"a\""`, `"\"a\""`},
		{"TXT", `"\255"`, `"\255"`},
		{"TXT", `"\\"`, `\`},
		{"TXT", `"a"b"`, "!"},
		{"TXT", `"\25"`, "!"},
		{"TXT", `"\256"`, "!"},
		{"TXT", `"\`, `"\`},
		{"TXT", strings.Repeat("x", 4097), "!"},
		{"CAA", "0 ISSUE ca.example", `0 issue "ca.example"`},
		{"CAA", `128 iodef "\195\188"`, `128 iodef "\195\188"`},
		{"CAA", "256 issue ca.example", ""},
		{"LOC", "x \\\" y", "x \\\" y"},
		{"LOC", "", ""},
		{"LOC", "ü", ""},
		{"LOC", "a\tb", ""},
		{"LOC", "a\x7f", ""},
		{"LOC", strings.Repeat("x", 4096), strings.Repeat("x", 4096)},
		{"LOC", strings.Repeat("x", 4097), ""},
	} {
		got, problem := canonicalValue(test.recordType, test.sent)
		refused := test.want == "!" || test.want == "" && test.recordType != "TXT"
		if (problem != "") != refused || !refused && got != test.want {
			t.Errorf("%s %q: %q, problem %q", test.recordType, test.sent, got, problem)
		}
	}
	long := strings.Repeat("a", 256) // in two strings, once that is needed
	if got, problem := canonicalValue("TXT", `"`+long+`\255"`); problem != "" || strings.Count(got, `" "`) != 1 {
		t.Errorf("%q, problem %q", got, problem)
	}
}

func TestNames(t *testing.T) {
	for sent, want := range map[string]string{
		"@": "@", "WWW": "www", "*": "*", "*.a": "*.a", "_sip._tcp": "_sip._tcp", "0/25": "0/25",
		"": "", "a.": "", "a..b": "", "a.*": "", "a*": "", "a b": "", "ü": "", strings.Repeat("a", 64): "",
		strings.Repeat("a.", 122) + "a": "",
	} {
		got, problem := canonicalName(sent, "example.com")
		if got != want || (problem == "") != (want != "") {
			t.Errorf("%q: %q, problem %q", sent, got, problem)
		}
	}
}

func TestRead(t *testing.T) {
	mx := &Record{Type: "MX", Name: "@", Value: "mail.example", TTL: 60, Priority: new(10)}
	for _, test := range []struct {
		old   *Record
		body  string
		wrong string // the member; "": nothing is
	}{
		{nil, `{"type":"A","name":"a","value":"192.0.2.1"}`, ""},
		{nil, `{"type":"A","name":"a","value":"192.0.2.1","ttl":null,"weight":null}`, ""},
		{nil, `{"type":"a","name":"a","value":"192.0.2.1"}`, "type"},
		{nil, `{"type":"PTR","name":"a","value":"b.example"}`, "type"},
		{nil, `{"type":"A","name":"a"}`, "value"},
		{nil, `{"type":"A","value":"192.0.2.1"}`, "name"},
		{nil, `{"name":"a","value":"192.0.2.1"}`, "type"},
		{nil, `{"type":"CNAME","name":"@","value":"a.example"}`, "name"},
		{nil, `{"type":"A","name":"a","value":"192.0.2.1","ttl":59}`, "ttl"},
		{nil, `{"type":"A","name":"a","value":"192.0.2.1","ttl":"60"}`, "ttl"},
		{nil, `{"type":"A","name":"a","value":"192.0.2.1","port":1}`, "port"},
		{nil, `{"type":"MX","name":"a","value":"mail.example"}`, "priority"},
		{nil, `{"type":"MX","name":"a","value":"mail.example","priority":65536}`, "priority"},
		{nil, `{"type":"LOC","name":"@","value":"52 22 23.000 N"}`, ""},
		{nil, `{"type":"LOC","name":"@","value":"ü"}`, "value"},
		{nil, `{"type":"LOC","name":"@","value":"x","priority":1}`, "priority"},
		{mx, `{}`, ""},
		{mx, `{"type":"MX","priority":20}`, ""},
		{mx, `{"type":"TXT"}`, "type"},
		{mx, `{"priority":null}`, "priority"},
		{mx, `{"ttl":null}`, "ttl"},
		{mx, `{"value":null}`, "value"},
		{mx, `{"weight":null}`, ""},
	} {
		_, wrong := read(t, test.body, test.old)
		if _, named := wrong[test.wrong]; named != (test.wrong != "") || len(wrong) > 1 {
			t.Errorf("%s: wrong is %v, not %s", test.body, wrong, test.wrong)
		}
	}
}

func TestCheckAndComplete(t *testing.T) {
	r := &Record{Type: "MX", Name: "WWW", Value: "Mail.Example.", Priority: new(1)}
	Rules{}.Check(r, "example.com", func(field, problem string) { t.Errorf("%s %s", field, problem) })
	Complete(r, "example.com/0", start)
	again := &Record{Type: "MX", Name: "www", Value: "mail.example", Priority: new(1)}
	Complete(again, "example.com/0", start)
	if !Equal(r, again) || r.ID == "" || r.TTL != UsualTTL {
		t.Errorf("%+v and %+v", r, again)
	}
	c := Clone(r)
	*c.Priority = 2
	if *r.Priority != 1 {
		t.Error("a clone shares its priority")
	}
	var wrong []string
	bad := &Record{Type: "A", Name: "a.", Value: "x", TTL: 1, Port: new(-1)}
	Rules{}.Check(bad, "example.com", func(field, _ string) { wrong = append(wrong, field) })
	if got := strings.Join(wrong, " "); got != "name value ttl port port" {
		t.Error("wrong are", got)
	}
	wrong = nil
	Rules{}.Check(&Record{Type: "PTR"}, "example.com", func(field, _ string) { wrong = append(wrong, field) })
	if len(wrong) != 1 || wrong[0] != "type" {
		t.Error("wrong are", wrong)
	}
}

func TestFurtherTypes(t *testing.T) {
	for name, want := range map[string]bool{"PTR": true, "NSEC3": true, "X-TYPE": true, "": false, "ptr": false, "A": false, "SOA": false, "Ä": false, "A B": false, strings.Repeat("A", 64): false} {
		if IsFurther(name) != want {
			t.Errorf("%q: %t", name, !want)
		}
	}
}
