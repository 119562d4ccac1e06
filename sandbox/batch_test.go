package sandbox_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

const batchPath = zone + "/batch"

// batchReply is what a batch answers.
type batchReply struct {
	Created []sandbox.Record
	Updated []sandbox.Record
	Deleted []string
}

// recordID finds a record of example.com.
func recordID(a *api, recordType, name, value string) (id string) {
	a.View(func(st *sandbox.State) {
		for _, r := range st.Records("example.com") {
			if r.Type == recordType && r.Name == name && strings.HasPrefix(r.Value, value) {
				id = r.ID
			}
		}
	})
	return id
}

// fillIDs puts ids into a body: <www> is the record www, <mx> the first MX of
// the apex, <ns> the first NS of the apex, <mail1> and <mail2> addresses.
func fillIDs(a *api, body string) string {
	return strings.NewReplacer(
		"<www>", recordID(a, "CNAME", "www", ""),
		"<mx>", recordID(a, "MX", "@", "mail1"),
		"<ns>", recordID(a, "NS", "@", "ns1"),
		"<apps>", recordID(a, "A", "*.apps", ""),
		"<mail1>", recordID(a, "A", "mail1", ""),
		"<mail2>", recordID(a, "A", "mail2", ""),
	).Replace(body)
}

func TestBatchErrors(t *testing.T) {
	const fine = `{"type":"A","name":"x","value":"192.0.2.1"}`
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat(`"rec_x",`, n), ",") }
	for _, tt := range []struct {
		rule, body string
		code       string
		place      string
	}{
		{"501 operations", `{"delete":[` + many(501) + `]}`, "", "delete"},
		{"501 operations in all", `{"delete":[` + many(300) + `],"create":[` + strings.Repeat("1,", 200) + `1]}`, "", "create"},
		{"500 are read", `{"delete":[` + many(500) + `]}`, "", "delete.0"},
		{"a part is a list", `{"update":{}}`, "", "update"},
		{"an id is a string", `{"delete":["<www>",1]}`, "", "delete.1"},
		{"an id is not null", `{"delete":[null]}`, "", "delete.0"},
		{"a record is an object", `{"create":[` + fine + `,null]}`, "", "create.1"},
		{"an update is an object", `{"update":["<www>"]}`, "", "update.0"},
		{"an update has an id", `{"update":[{"ttl":60}]}`, "", "update.0.id"},
		{"null means absent", `{"update":[{"id":null,"ttl":60}]}`, "", "update.0.id"},
		{"a value", `{"create":[` + fine + `,{"type":"A","name":"x","value":"x"}]}`, "", "create.1.value"},
		{"a missing member", `{"create":[{"type":"MX","name":"x","value":"a.example"}]}`, "", "create.0.priority"},
		{"an update's value", `{"update":[{"id":"<mail1>","ttl":60},{"id":"<mail1>","value":"x"}]}`, "", "update.1.value"},
		{"an update's type", `{"update":[{"id":"<mail1>","type":"AAAA"}]}`, "", "update.0.type"},
		{"a record to delete is not there", `{"delete":["<www>","rec_none"]}`, "", "delete.1"},
		{"a record to delete is not there twice", `{"delete":["<www>","<www>"]}`, "", "delete.1"},
		{"a record to update is not there", `{"update":[{"id":"rec_none","ttl":1}]}`, "", "update.0"},
		{"a record to update was deleted", `{"update":[{"id":"<www>","ttl":60}],"delete":["<www>"]}`, "", "update.0"},
		{"the first error: delete comes first", `{"create":[{}],"update":[{}],"delete":["rec_none"]}`, "", "delete.0"},
		{"the first error: then update", `{"create":[{}],"update":[{"id":"<www>","ttl":1}]}`, "", "update.0.ttl"},
		{"422 before 409", `{"delete":["<ns>"],"create":[` + fine + `,{"type":"A","name":"x","value":"x"}]}`, "", "create.1.value"},

		{"a record that is there", `{"create":[` + fine + `,{"type":"A","name":"mail1","value":"192.0.2.25"}]}`, "RECORD_CONFLICT", "create.1"},
		{"a record twice in the batch", `{"create":[` + fine + `,` + fine + `]}`, "RECORD_CONFLICT", "create.1"},
		{"MX twice", `{"create":[{"type":"MX","name":"@","value":"mail1.example.com","priority":10}]}`, "RECORD_CONFLICT", "create.0"},
		{"SRV twice", `{"create":[{"type":"SRV","name":"_sip._tcp","value":"sip.example.com","priority":10,"weight":60,"port":5060}]}`, "RECORD_CONFLICT", "create.0"},
		{"nothing beside a CNAME", `{"create":[{"type":"A","name":"www","value":"192.0.2.1"}]}`, "RECORD_CONFLICT", "create.0"},
		{"no CNAME beside others", `{"create":[` + fine + `,{"type":"CNAME","name":"x","value":"a.example"}]}`, "RECORD_CONFLICT", "create.1"},
		{"an update into another record", `{"update":[{"id":"<mail1>","name":"x"},{"id":"<mail2>","name":"x","value":"192.0.2.25"}]}`, "RECORD_CONFLICT", "update.1"},
		{"an update beside a CNAME", `{"update":[{"id":"<mail1>","name":"www"}]}`, "RECORD_CONFLICT", "update.0"},
		{"apex NS: delete", `{"delete":["<www>","<ns>"]}`, "RECORD_PROTECTED", "delete.1"},
		{"apex NS: update", `{"update":[{"id":"<ns>","ttl":60}]}`, "RECORD_PROTECTED", "update.0"},
		{"apex NS: create", `{"create":[{"type":"NS","name":"@","value":"ns3.provider.example"}]}`, "RECORD_PROTECTED", "create.0"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			a := newAPI(t)
			version, all := tagAt(a, zone), a.do("GET", zone, "").body.Data
			status := 409
			if tt.code == "" {
				tt.code, status = "VALIDATION_ERROR", 422
			}
			r := a.do("POST", batchPath, fillIDs(a, tt.body))
			checkRefusal(t, r, status, tt.code, tt.place)
			if r.Header().Get("X-Zone-ETag") != "" {
				t.Error("a refusal carries the zone's version")
			}
			// All or nothing.
			after := a.do("GET", zone, "")
			if string(after.body.Data) != string(all) || after.Header().Get("ETag") != version || len(a.Writes()) != 0 {
				t.Errorf("it did something: %s", after.Body)
			}
			for _, name := range []string{"x", "www", "mail1"} {
				if n := len(decode[[]any](t, a.do("GET", zone+"?name="+name, ""))); n != map[string]int{"www": 1, "mail1": 1}[name] {
					t.Errorf("%d records at %s", n, name)
				}
			}
		})
	}
}

func TestBatchOrderOfChecks(t *testing.T) {
	a := newAPI(t)
	bad, fine := `{"delete":["rec_none"]}`, `{}`
	a.do("POST", "/domains/nowhere.example/dns/records/batch", bad, "If-Match", `"old"`).expect(t, 404, "NOT_FOUND")
	for domain, code := range map[string]string{"example.org": "NAMESERVERS_NOT_LOCAL", "candle.example": "DOMAIN_STATE_PROHIBITS"} {
		path := "/domains/" + domain + "/dns/records/batch"
		a.do("POST", path, bad, "If-Match", `"old"`).expect(t, 412, "PRECONDITION_FAILED")
		a.do("POST", path, bad).expect(t, 422, "VALIDATION_ERROR")
		checkRefusal(t, a.do("POST", path, fine), 409, code)
	}
	a.do("GET", batchPath, "").expect(t, 405, "METHOD_NOT_ALLOWED")
	a.mint("dns:read").do("POST", batchPath, fine).expect(t, 403, "INSUFFICIENT_PERMISSIONS")
}

func TestBatchApplies(t *testing.T) {
	a := newAPI(t)
	a.now = start.Add(time.Hour)
	version := tagAt(a, zone)
	body := fillIDs(a, `{
		"create":[{"type":"A","name":"www","value":"192.0.2.1"},{"type":"A","name":"www","value":"192.0.2.2","ttl":600},{"type":"CNAME","name":"mail2","value":"A.Example."}],
		"update":[{"id":"<mail1>","name":"*.apps"},{"id":"<mx>","priority":5,"weight":null},{"id":"<mail2>","name":"moved"},{"id":"<mail2>","ttl":120}],
		"delete":["<www>"],"unknown":1}`)
	r := a.do("POST", batchPath, body, "If-Match", version).expect(t, 200, "")
	if r.Header().Get("X-Zone-ETag") != tagAt(a, zone) || tagAt(a, zone) == version {
		t.Error("X-Zone-ETag is not the zone's new version")
	}
	got := decode[batchReply](t, r)
	if len(got.Created) != 3 || len(got.Updated) != 4 || len(got.Deleted) != 1 || !strings.Contains(body, got.Deleted[0]) {
		t.Fatalf("answer %s", r.Body)
	}
	for _, rec := range slices.Concat(got.Created, got.Updated) {
		shown := decode[sandbox.Record](t, a.do("GET", zone+"/"+rec.ID, "").expect(t, 200, ""))
		if x, y := fmt.Sprint(deref(rec)), fmt.Sprint(deref(shown)); x != y {
			t.Errorf("answered %s, is %s", x, y)
		}
	}
	if c := got.Created; c[0].TTL != 600 || c[1].TTL != 600 || c[2].Value != "a.example" || c[2].TTL != 3600 {
		t.Errorf("created %+v", c)
	}
	if u := got.Updated; u[0].TTL != 300 || *u[1].Priority != 5 || u[2].Name != "moved" || u[3].TTL != 120 || !u[0].UpdatedAt.Equal(a.now) {
		t.Errorf("updated %+v", u)
	}
	a.do("GET", zone+"/"+got.Deleted[0], "").expect(t, 404, "NOT_FOUND")
	if w := a.Writes(); len(w) != 1 || w[0].Operation != "DNS.Batch" || w[0].Object != "example.com" {
		t.Errorf("writes %v", w)
	}
	a.do("POST", batchPath, `{}`, "If-Match", version).expect(t, 412, "PRECONDITION_FAILED")

	// Oldest first, and what was there keeps its place.
	names := ""
	for _, rec := range decode[[]sandbox.Record](t, a.do("GET", zone, "")) {
		names += rec.Name + " "
	}
	if want := "@ @ @ @ @ @ @ @ *.apps moved *.apps _sip._tcp _dmarc lab www www mail2 "; names != want {
		t.Errorf("order %s, want %s", names, want)
	}
}

// deref makes records comparable that point to their numbers.
func deref(r sandbox.Record) string {
	data, _ := json.Marshal(r)
	return string(data)
}

func TestBatchKeepsSetsTogether(t *testing.T) {
	a := newAPI(t)
	one := a.record(`{"type":"A","name":"set","value":"192.0.2.1","ttl":600}`)
	two := a.record(`{"type":"A","name":"set","value":"192.0.2.2"}`)
	a.now = start.Add(time.Hour)
	get := func(id string) sandbox.Record { return decode[sandbox.Record](t, a.do("GET", zone+"/"+id, "")) }

	a.do("POST", batchPath, `{"create":[{"type":"A","name":"set","value":"192.0.2.3","ttl":900},{"type":"TXT","name":"set","value":"x"}]}`).expect(t, 200, "")
	if x, y := get(one.ID), get(two.ID); x.TTL != 900 || y.TTL != 900 || !x.UpdatedAt.Equal(a.now) {
		t.Errorf("neighbours %+v %+v", x, y)
	}
	r := a.do("POST", batchPath, `{"update":[{"id":"`+one.ID+`","ttl":60}],"create":[{"type":"A","name":"set","value":"192.0.2.4"}]}`).expect(t, 200, "")
	if got := decode[batchReply](t, r); got.Created[0].TTL != 60 || get(two.ID).TTL != 60 {
		t.Errorf("%s", r.Body)
	}
	// A set that the batch empties is new again.
	lone := a.record(`{"type":"A","name":"lone","value":"192.0.2.1","ttl":600}`)
	r = a.do("POST", batchPath, `{"delete":["`+lone.ID+`"],"create":[{"type":"A","name":"lone","value":"192.0.2.1"}]}`).expect(t, 200, "")
	if got := decode[batchReply](t, r); got.Created[0].TTL != 3600 || got.Created[0].ID == lone.ID {
		t.Errorf("%s", r.Body)
	}
}

func TestBatchThatChangesNothing(t *testing.T) {
	a := newAPI(t)
	a.now = start.Add(time.Hour)
	version, all := tagAt(a, zone), a.do("GET", zone, "").body.Data
	for _, body := range []string{
		`{}`,
		`{"delete":[],"update":[],"create":[]}`,
		`{"delete":null,"update":null,"create":null}`,
		`{"update":[{"id":"<mail1>"},{"id":"<www>","name":"WWW","value":"example.com.","ttl":3600}]}`,
		`{"update":[{"id":"<mail1>","value":"192.0.2.99"},{"id":"<mail1>","value":"192.0.2.25"}]}`,
	} {
		r := a.do("POST", batchPath, fillIDs(a, body)).expect(t, 200, "")
		if r.Header().Get("X-Zone-ETag") != version || tagAt(a, zone) != version || len(a.Writes()) != 0 {
			t.Errorf("%s changed something: %s", body, r.Body)
		}
		if now := a.do("GET", zone, "").body.Data; string(now) != string(all) {
			t.Errorf("%s: %s", body, now)
		}
		for _, list := range []string{`"created":[`, `"updated":[`, `"deleted":[`} {
			if !strings.Contains(r.Body.String(), list) {
				t.Errorf("%s is missing in %s", list, r.Body)
			}
		}
	}
}

func TestBatchWithNewIDs(t *testing.T) {
	a := newAPI(t, sandbox.WithNewIDOnUpdate())
	old := recordID(a, "A", "mail1", "")
	got := decode[batchReply](t, a.do("POST", batchPath, fillIDs(a, `{"update":[{"id":"<mail1>","ttl":60},{"id":"<www>"}]}`)).expect(t, 200, ""))
	if got.Updated[0].ID == old || got.Updated[1].ID != recordID(a, "CNAME", "www", "") {
		t.Errorf("updated %+v", got.Updated)
	}
	a.do("GET", zone+"/"+old, "").expect(t, 404, "NOT_FOUND")
	a.do("GET", zone+"/"+got.Updated[0].ID, "").expect(t, 200, "")
	r := a.do("POST", batchPath, fillIDs(a, `{"update":[{"id":"<mail1>","ttl":90},{"id":"<mail1>","ttl":120}]}`))
	checkRefusal(t, r, 422, "VALIDATION_ERROR", "update.1")
}

func TestBatchAndIdempotency(t *testing.T) {
	a := newAPI(t)
	post := func() *reply {
		return a.do("POST", batchPath, `{"create":[{"type":"A","name":"x","value":"192.0.2.1"}]}`, "Idempotency-Key", "one").expect(t, 200, "")
	}
	first, again := post(), post()
	if first.Body.String() != again.Body.String() || again.Header().Get("Idempotent-Replayed") != "true" || len(a.Writes()) != 1 {
		t.Errorf("%s, then %s", first.Body, again.Body)
	}
}

func TestWithoutBatch(t *testing.T) {
	a := newAPI(t, sandbox.Without(sandbox.Batch))
	for _, method := range []string{"POST", "GET", "DELETE"} {
		if r := a.do(method, batchPath, `{}`).expect(t, 404, "ROUTE_NOT_FOUND"); r.Header().Get("Allow") != "" {
			t.Errorf("Allow %s", r.Header().Get("Allow"))
		}
	}
	a.do("GET", zone, "").expect(t, 200, "")
	for _, route := range a.Routes() {
		if route.Operation == "DNS.Batch" {
			t.Error("the route is listed")
		}
	}
}

// TestLargeBatch would take long if an operation walked the zone, or its set.
func TestLargeBatch(t *testing.T) {
	for _, oneSet := range []bool{false, true} {
		a := newAPI(t)
		a.Update(func(st *sandbox.State) {
			d := st.Domain("example.com")
			for i := range 10_000 {
				r := &sandbox.Record{ID: fmt.Sprint("rec_", i), Type: "TXT", Name: fmt.Sprint("h", i), Value: fmt.Sprint("v", i)}
				if oneSet {
					r.Name = "set"
				}
				d.Records = append(d.Records, r)
			}
		})
		var ids, updates, creates []string
		for i := range 160 {
			ids = append(ids, fmt.Sprintf(`"rec_%d"`, i))
			updates = append(updates, fmt.Sprintf(`{"id":"rec_%d","value":"w%d"}`, 9_999-i, i))
			creates = append(creates, fmt.Sprintf(`{"type":"TXT","name":"set","value":"new %d","ttl":%d}`, i, 600+i))
		}
		body := `{"delete":[` + strings.Join(ids, ",") + `],"update":[` + strings.Join(updates, ",") + `],"create":[` + strings.Join(creates, ",") + `]}`
		begun := time.Now()
		got := decode[batchReply](t, a.do("POST", batchPath, body).expect(t, 200, ""))
		t.Logf("one set: %v, %v", oneSet, time.Since(begun))
		if time.Since(begun) > 5*time.Second {
			t.Errorf("it took %v", time.Since(begun))
		}
		if len(got.Created) != 160 || got.Created[0].TTL != 759 || len(got.Updated) != 160 || (got.Updated[0].TTL == 759) != oneSet {
			t.Errorf("%d created, %d updated", len(got.Created), len(got.Updated))
		}
		if n := a.do("GET", zone, "").body.Meta.Pagination["total"]; n != 10_015 {
			t.Errorf("%d records", n)
		}
	}
}
