package hoster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// quickTargets are the types that have a decoder of their own, with the call
// that answers them.
var quickTargets = []struct {
	op     Operation
	target func() any
}{
	{"DNS.List", func() any { return new(Page[Record]) }},
	{"Domains.List", func() any { return new(Page[Domain]) }},
	{"DNS.Get", func() any { return new(Record) }},
	{"Domains.Get", func() any { return new(Domain) }},
	{"DNS.Batch", func() any { return new(BatchResult) }},
}

// checkQuick: what the quick way takes, the tolerant way takes too, and reads
// the same from it. It reports whether the quick way took it.
func checkQuick(t *testing.T, kind int, body []byte) bool {
	t.Helper()
	op, quick, full := byName()[quickTargets[kind].op], quickTargets[kind].target(), quickTargets[kind].target()
	given := bytes.Clone(body)
	ok := (&answer{status: 200, body: given}).quick(op, "example.com", quick)
	clear(given) // whatever still points there shows now
	if !ok {
		if !reflect.DeepEqual(quick, full) {
			t.Fatalf("%s: not taken, and something is left: %+v", body, quick)
		}
		return false
	}
	a := &answer{status: 200, body: body, header: http.Header{}}
	env, err := a.open(op)
	if err == nil {
		err = decodeAnswer(env, op, "example.com", full)
	}
	if err != nil {
		t.Fatalf("%s: the tolerant way says %v", body, err)
	}
	if !reflect.DeepEqual(quick, full) {
		t.Fatalf("%s\nquick    %+v\ntolerant %+v", body, quick, full)
	}
	return true
}

// members are the names that stand in answers.
var members = []string{"id", "type", "name", "value", "ttl", "priority", "weight", "port", "created_at", "updated_at", "status", "registered_at", "expires_at",
	"auto_renew", "locked", "nameservers", "whois_privacy", "uses_provider_dns", "contacts", "unknown"}

// shapes put a piece of JSON somewhere into an answer.
var shapes = []string{
	`#`, `{"status":"success","data":#}`, `{"data":[{"id":"a"},#]}`, `{"status":#,"data":[{"id":"a"}]}`, `{"data":[{"id":"a"}],"meta":#}`, `{"data":[],"meta":{"pagination":#}}`,
	`{"data":[{"id":"a"}],"meta":{"pagination":{"total":#,"total_pages":2}}}`, `{"data":{"id":"a"},"errors":#}`, `{"data":{"id":"a"},"success":#}`, `{"data":{"id":"a"},"other":#}`, `{"data":{"id":"a"}}#`,
	`{"data":{"created":[#],"updated":#,"deleted":["a"]}}`, `{"data":{"created":[{"id":"a","type":"A"}],"deleted":#}}`, `{"data":[{"id":"a","id":#}],"meta":{}}`, `{"data":{"id":"a","contacts":{"registrant":#,"admin":"x"},"nameservers":["a",#]}}`,
	`{"data":{#,"name":"www"}}`, `{"data":{"id":"a","name":"www","type":"TXT"},"data":#}`,
	`{"data":[{"id":"a","name":"www","type":"MX","priority":7}],"data":[#]}`, `{"data":{"created":[{"id":"a","name":"www","priority":7},{"id":"b"}],"created":[#]}}`,
	`{"data":{"created":[{"id":"a"}],"created":#,"deleted":["c"],"deleted":#}}`, `{"data":{"updated":[{"id":"a","name":"www","priority":7},{"id":"b"}],"updated":[#]}}`,
}

// pieces seed the fuzzing, and stand for the contract's list of tolerance.
var pieces = []string{
	`"a"`, `17`, `"17"`, `-1`, `1.0`, `1e2`, `010`, `70000`, `99999999999`, `true`, `false`, `"true"`, `1`, `null`, `nullx`, `""`, `" "`, `[]`, `{}`, `[ ]`, `{ }`, `[null]`, `["a",null,7,""]`, `[{}]`, `"success"`, `"error"`, `"ok"`,
	`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.678901Z"`, `"2026-01-02T05:04:05+02:00"`, `"2026-01-02 03:04:05"`, `"2026-13-02T03:04:05Z"`, `"0001-01-01T00:00:00Z"`, `1767323045`, `"0000-00-00"`,
	`"a\"b"`, `"a\/b\\c\n"`, `"\u00e9"`, `"\ud800"`, "\"\xff\"", "\"\xc3\\\"\xa9\"", `"é"`, "\"a\tb\"", "\ufeff{\"data\":{\"id\":\"a\"}}", `"\x"`, `"a`, `"id":"x","id":"y"`, `"id":"x","id":null`, `"type":"B","type":"A"`, `"\u0069d":"x"`, `"ID":"x"`,
	`"id":"x","unknown":{"a":[1,{"b":null}]}`, `"unknown":[1,]`, `"nameservers":["a","b"],"contacts":{"registrant":"c"}`, `{"pagination":{"total":3,"current_page":1,"per_page":2,"total_pages":2}}`, `{"total":3,"current_page":"1","per_page":2}`,
	`{"pagination":null,"total":3}`, `{"status":"error"}`, `{"a":{"status":"error"}}`, `{"id":"r","type":"MX","name":"","value":"Mail.example.com.","ttl":300,"priority":10,"weight":null,"port":5}`, `{"id":7,"type":"a","name":"www.example.com.","value":"\"a b\"","ttl":"60"}`,
	`{"id":"d","name":"example.com","status":"active","registered_at":"2026-01-02T03:04:05Z","expires_at":null,"auto_renew":true,"locked":0,"nameservers":["ns1.example","ns2.example"],"contacts":{"registrant":"con_1","admin":null}}`, ` {"data":[ ] , "meta" : { } } `, `{"data":[{"id":"a"}]}{}`, `x`, ``,
}

// bodiesOf puts a piece into one of the shapes, or into a member of an item.
func bodiesOf(shape int, piece string) [][]byte {
	put := func(around, piece string) []byte {
		return bytes.ReplaceAll([]byte(around), []byte("#"), []byte(piece))
	}
	if shape < len(shapes) {
		return [][]byte{put(shapes[shape], piece)}
	}
	item := `{"id":"a","` + members[shape-len(shapes)] + `":` + piece + `,"value":"b"}`
	return [][]byte{put(`{"data":[{"id":"z","value":"y"},#,{"id":"c","value":"d"}]}`, item), put(`{"data":#}`, item), put(`{"data":{"created":[#]}}`, item)}
}

// TestQuickAgreesWithTolerant: every piece in every place, and what other APIs
// were seen to answer.
func TestQuickAgreesWithTolerant(t *testing.T) {
	bodies := recordedBodies(t)
	for _, piece := range pieces {
		for shape := range len(shapes) + len(members) {
			bodies = append(bodies, bodiesOf(shape, piece)...)
		}
	}
	taken := 0
	for _, body := range bodies {
		for kind := range quickTargets {
			if checkQuick(t, kind, body) {
				taken++
			}
		}
	}
	if taken < 1000 && !plainJSON {
		t.Errorf("only %d of %d bodies went the quick way", taken, len(bodies))
	}
}

// FuzzQuick holds the quick decoders against the tolerant one: whole answers, and
// pieces of them in every place.
func FuzzQuick(f *testing.F) {
	for i, piece := range pieces {
		f.Add(byte(i), byte(0), []byte(piece))
		f.Add(byte(i), byte(i), []byte(piece))
		for shape := range shapes {
			if strings.Contains(shapes[shape], `"created"`) { // all that the decoder of batches knows
				f.Add(byte(len(quickTargets)-1), byte(shape), []byte(piece))
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind, shape byte, piece []byte) {
		for _, body := range bodiesOf(int(shape)%(len(shapes)+len(members)), string(piece)) {
			checkQuick(t, int(kind)%len(quickTargets), body)
		}
	})
}

// TestRepeatedMembersOfABatch: the last one wins, and nothing of the one before
// shows through.
func TestRepeatedMembersOfABatch(t *testing.T) {
	body := `{"status":"success","data":{"created":[{"id":"a","name":"old","value":"v","ttl":60,"priority":7},{"id":"b"}],"created":[{"id":"c"}],` +
		`"updated":[{"id":"d"}],"updated":null,"deleted":["e","f"],"deleted":["g"]}}`
	if !checkQuick(t, len(quickTargets)-1, []byte(body)) && !plainJSON {
		t.Error("it did not go the quick way")
	}
	result, err := answering(body).newClient(t).DNS.Batch(t.Context(), "example.com", RecordBatch{Delete: []RecordID{"g"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Record{ID: "c"}
	want.settle("example.com")
	if !reflect.DeepEqual(result.Created, []Record{want}) || len(result.Updated) != 0 || !slices.Equal(result.Deleted, []RecordID{"g"}) {
		t.Errorf("%+v", result)
	}
}

// recordedBodies are answers of other APIs, where they are at hand.
func recordedBodies(t testing.TB) (bodies [][]byte) {
	file, err := os.Open(filepath.Join("..", "shared", "answers", "answers.jsonl"))
	if err != nil {
		return nil
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var a struct {
			Body string `json:"body"`
		}
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, []byte(a.Body))
	}
	return bodies
}

// FuzzQuickItems: what encoding/json writes of a record and of a domain, the
// quick way reads as encoding/json does.
func FuzzQuickItems(f *testing.F) {
	for i, text := range []string{"", "www", `a"b\c/d`, "é", "\u2028", "a\x00b", "\xff", "<&>", "v=DKIM1; p=" + string(bytes.Repeat([]byte("MIG/"), 99))} {
		f.Add(text, "rec_1", "TXT", i*77, uint16(i), int64(i)*1767323045, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text, id, word string, number int, short uint16, seconds int64, yes bool) {
		at := time.Unix(seconds%(1<<37), int64(short)*1000).UTC()
		record := Record{ID: RecordID(id), Type: RecordType(word), Name: text, Value: text, TTL: number, CreatedAt: at, UpdatedAt: at}
		domain := Domain{ID: DomainID(id), Name: text, Status: DomainStatus(word), AutoRenew: yes, Locked: !yes, Nameservers: []string{text, id}, CreatedAt: at}
		if yes {
			record.Priority, record.Port = &short, &short
			domain.ExpiresAt, domain.Contacts = &at, &DomainContacts{Registrant: ContactID(id), Tech: ContactID(text)}
		}
		type page struct {
			Status string `json:"status"`
			Data   any    `json:"data"`
		}
		var records, byJSON []Record
		encoded, err := json.Marshal(page{"success", []Record{record, record}})
		if err != nil {
			return // a year that JSON does not take
		}
		_ = json.Unmarshal(encoded, &page{Data: &byJSON})
		s := &scanner{data: encoded, work: new(workspace)}
		if !s.envelope(func() bool { return quickList(s, &records, (*scanner).record) }, nil) || !reflect.DeepEqual(records, byJSON) {
			t.Fatalf("%s\nquick %+v\njson  %+v", encoded, records, byJSON)
		}
		encoded, _ = json.Marshal(page{"success", domain})
		var got, want Domain
		_ = json.Unmarshal(encoded, &page{Data: &want})
		s = &scanner{data: encoded, work: new(workspace)}
		if !quickOne(s, &got, (*scanner).domain) || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nquick %+v\njson  %+v", encoded, got, want)
		}
	})
}

// TestWhatFollows behind the JSON of a success: another answer, which may say the
// opposite, is not passed over; what a server writes around answers is.
func TestWhatFollows(t *testing.T) {
	for rest, refused := range map[string]bool{
		"{}": true, ` {"status":"error"}`: true, "\n[1]": true,
		"x": false, "<!-- cached -->": false, "\n<b>Notice</b>: {x}": false, ",": false, "}": false, " \r\n": false,
	} {
		wire := answering(`{"status":"success","data":[{"id":"dom_1"}]}` + rest)
		if ids, err := listIDs(t.Context(), wire.newClient(t), nil); errors.Is(err, ErrDecode) != refused || !refused && (err != nil || len(ids) != 1) {
			t.Errorf("%q: %v, %v", rest, ids, err)
		}
	}
}

// TestBodiesAreNotShared: a body that was asked for stays as it came, whatever
// the client reads next, and a large one is not kept for the next answer.
func TestBodiesAreNotShared(t *testing.T) {
	answers := []string{`{"status":"success","data":[{"id":"dom_1"}]}`, `{"status":"success","data":[{"id":"dom_2"}]}`, `{"status":"error","code":"X","message":"third"}`}
	wire := newWire(reply(200, answers[0]), reply(200, answers[1]), reply(400, answers[2]), reply(200, answers[1]))
	client := wire.newClient(t)
	var metas [4]Response
	for i := range metas {
		_, _ = client.Domains.ListPage(t.Context(), nil, WithResponse(&metas[i]))
		_, _ = client.Domains.ListPage(t.Context(), nil)
	}
	for i, want := range []string{answers[0], answers[2], answers[1]} {
		if got := string(metas[i].Body()); got != want {
			t.Errorf("answer %d: %s", i, got)
		}
	}
	call := &call{client: client}
	for _, size := range []int{10, maxKept / 2, 2 * maxKept} {
		a := call.take(&http.Response{StatusCode: 200, ContentLength: int64(size), Body: io.NopCloser(bytes.NewReader(make([]byte, size)))})
		w := a.work
		if len(a.body) != size || a.broken != nil {
			t.Errorf("%d octets of %d: %v", len(a.body), size, a.broken)
		}
		call.give(&a)
		if kept := cap(w.body); kept > maxKept || a.body != nil || (kept == 0) != (size > maxKept) {
			t.Errorf("%d octets are kept of %d", kept, size)
		}
	}
}
