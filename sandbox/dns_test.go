package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

func TestRecordRules(t *testing.T) {
	long := strings.Repeat("x", 63)
	text := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct {
		rule, body string
		status     int
		want       string // a field of a 422, the code of a 409, or what the answer holds
	}{
		{"type is required", `{"name":"x","value":"192.0.2.1"}`, 422, "type"},
		{"types A, AAAA, …: SOA is none", `{"type":"SOA","name":"@","value":"x"}`, 422, "type"},
		{"types are upper case", `{"type":"a","name":"x","value":"192.0.2.1"}`, 422, "type"},
		{"name is required", `{"type":"A","value":"192.0.2.1"}`, 422, "name"},
		{"@ the apex, not an empty name", `{"type":"A","name":"","value":"192.0.2.1"}`, 422, "name"},
		{"name is relative: no final dot", `{"type":"A","name":"x.example.com.","value":"192.0.2.1"}`, 422, "name"},
		{"name is relative, even when it looks absolute", `{"type":"A","name":"x.example.com","value":"192.0.2.1"}`, 201, `"name":"x.example.com"`},
		{"name comes back in lower case", `{"type":"A","name":"WWW2","value":"192.0.2.1"}`, 201, `"name":"www2"`},
		{"* as the left-most label", `{"type":"A","name":"*.dev","value":"192.0.2.1"}`, 201, `"name":"*.dev"`},
		{"* only as the left-most label", `{"type":"A","name":"dev.*","value":"192.0.2.1"}`, 422, "name"},
		{"* only as a whole label", `{"type":"A","name":"*dev","value":"192.0.2.1"}`, 422, "name"},
		{"an empty label", `{"type":"A","name":"a..b","value":"192.0.2.1"}`, 422, "name"},
		{"a label of 64", `{"type":"A","name":"x` + long + `","value":"192.0.2.1"}`, 422, "name"},
		{"a name of 241 octets fits the zone", `{"type":"A","name":"` + long + "." + long + "." + long + "." + text(49) + `","value":"192.0.2.1"}`, 201, ""},
		{"a name of 242 does not", `{"type":"A","name":"` + long + "." + long + "." + long + "." + text(50) + `","value":"192.0.2.1"}`, 422, "name"},
		{"a name in Unicode", `{"type":"A","name":"bücher","value":"192.0.2.1"}`, 422, "name"},
		{"value is required", `{"type":"A","name":"x"}`, 422, "value"},
		{"A is IPv4", `{"type":"A","name":"x","value":"2001:db8::1"}`, 422, "value"},
		{"A without leading zeros", `{"type":"A","name":"x","value":"192.0.2.01"}`, 422, "value"},
		{"AAAA is IPv6", `{"type":"AAAA","name":"x","value":"192.0.2.1"}`, 422, "value"},
		{"AAAA without a zone", `{"type":"AAAA","name":"x","value":"fe80::1%eth0"}`, 422, "value"},
		{"AAAA as RFC 5952", `{"type":"AAAA","name":"x","value":"2001:DB8:0:0:0:0:0:1"}`, 201, `"value":"2001:db8::1"`},
		{"host names absolute, lower case, without the final dot", `{"type":"CNAME","name":"x","value":"Host.Example."}`, 201, `"value":"host.example"`},
		{"a target is never relative to the zone", `{"type":"CNAME","name":"x","value":"www"}`, 201, `"value":"www"`},
		{"a CNAME to a service name", `{"type":"CNAME","name":"x","value":"_x.example.net"}`, 201, `"value":"_x.example.net"`},
		{"a host is no address", `{"type":"MX","name":"x","value":"192.0.2.1","priority":1}`, 422, "value"},
		{"a host name has no underscore", `{"type":"MX","name":"x","value":"_a.example","priority":1}`, 422, "value"},
		{"a host name has no outer hyphen", `{"type":"NS","name":"x","value":"-a.example"}`, 422, "value"},
		{"a null MX", `{"type":"MX","name":"x","value":".","priority":0}`, 201, `"value":"."`},
		{"priority required for MX", `{"type":"MX","name":"x","value":"a.example"}`, 422, "priority"},
		{"priority required for SRV", `{"type":"SRV","name":"_x._tcp","value":"a.example","weight":1,"port":1}`, 422, "priority"},
		{"weight for SRV", `{"type":"SRV","name":"_x._tcp","value":"a.example","priority":1,"port":1}`, 422, "weight"},
		{"port for SRV", `{"type":"SRV","name":"_x._tcp","value":"a.example","priority":1,"weight":1}`, 422, "port"},
		{"each 0 to 65535", `{"type":"SRV","name":"_x._tcp","value":"a.example","priority":0,"weight":65535,"port":65536}`, 422, "port"},
		{"each 0 to 65535: not negative", `{"type":"MX","name":"x","value":"a.example","priority":-1}`, 422, "priority"},
		{"SRV", `{"type":"SRV","name":"_x._tcp","value":"A.example","priority":0,"weight":0,"port":65535}`, 201, `"value":"a.example","ttl":3600,"priority":0,"weight":0,"port":65535`},
		{"a priority that means nothing", `{"type":"A","name":"x","value":"192.0.2.1","priority":1}`, 422, "priority"},
		{"TXT at most 4096 octets", `{"type":"TXT","name":"x","value":"` + text(4096) + `"}`, 201, ""},
		{"TXT at most 4096 octets: one more", `{"type":"TXT","name":"x","value":"` + text(4097) + `"}`, 422, "value"},
		{"TXT is logical text", `{"type":"TXT","name":"x","value":"a \" \\ ü <b> ;"}`, 201, `"value":"a \" \\ ü <b> ;"`},
		{"TXT may be empty", `{"type":"TXT","name":"x","value":""}`, 201, `"value":""`},
		{"TXT in presentation form", `{"type":"TXT","name":"x","value":"\"a\" \"\\098\\\"\\\\\""}`, 201, `"value":"ab\"\\"`},
		{"TXT in presentation form: an empty one", `{"type":"TXT","name":"x","value":"\"\""}`, 201, `"value":""`},
		{"TXT that is a quoted text itself", `{"type":"TXT","name":"x","value":"\"\\\"a\\\"\""}`, 201, `"value":"\"\\\"a\\\"\""`},
		{"TXT that is not UTF-8", `{"type":"TXT","name":"x","value":"\"a\\255\""}`, 201, `"value":"\"a\\255\""`},
		{"TXT in presentation form has 4096 octets of text", `{"type":"TXT","name":"x","value":"\"` + text(4095) + `\\097\""}`, 201, ""},
		{"TXT in presentation form: one more", `{"type":"TXT","name":"x","value":"\"` + text(4096) + `\\097\""}`, 422, "value"},
		{"TXT of one quote", `{"type":"TXT","name":"x","value":"\""}`, 422, "value"},
		{"TXT with text behind the quotes", `{"type":"TXT","name":"x","value":"\"a\"b\""}`, 422, "value"},
		{"TXT with an octet above 255", `{"type":"TXT","name":"x","value":"\"\\256\""}`, 422, "value"},
		{"TXT with half an escape", `{"type":"TXT","name":"x","value":"\"\\25\""}`, 422, "value"},
		{"a slash, for RFC 2317", `{"type":"NS","name":"0/25","value":"ns.example"}`, 201, `"name":"0/25"`},
		{"no other character", `{"type":"A","name":"a+b","value":"192.0.2.1"}`, 422, "name"},
		{"a label of white space", `{"type":"A","name":" ","value":"192.0.2.1"}`, 422, "name"},
		{"a CNAME to a classless zone", `{"type":"CNAME","name":"x","value":"1.0/25.2.0.192.in-addr.arpa"}`, 201, `"value":"1.0/25.2.0.192.in-addr.arpa"`},
		{"an SRV target may have underscores", `{"type":"SRV","name":"_x._tcp","value":"_a.example","priority":1,"weight":1,"port":1}`, 201, `"value":"_a.example"`},
		{"and no slash", `{"type":"SRV","name":"_x._tcp","value":"a/b.example","priority":1,"weight":1,"port":1}`, 422, "value"},
		{"no such service", `{"type":"SRV","name":"_x._tcp","value":".","priority":0,"weight":0,"port":0}`, 201, `"value":"."`},
		{"CAA: an escape is one octet", `{"type":"CAA","name":"x","value":"0 issue \"\\195\\188\\046\""}`, 201, `"value":"0 issue \"\\195\\188.\""`},
		{"TXT may begin with a quote", `{"type":"TXT","name":"x","value":"\"a"}`, 201, `"value":"\"a"`},
		{"CAA with its value quoted", `{"type":"CAA","name":"x","value":"0 Issue ca.example"}`, 201, `"value":"0 issue \"ca.example\""`},
		{"CAA presentation form", `{"type":"CAA","name":"x","value":"128  iodef \"mailto:ca@example.com\""}`, 201, `"value":"128 iodef \"mailto:ca@example.com\""`},
		{"CAA of nobody", `{"type":"CAA","name":"x","value":"0 issue \";\""}`, 201, `"value":"0 issue \";\""`},
		{"CAA flags", `{"type":"CAA","name":"x","value":"256 issue \"a\""}`, 422, "value"},
		{"CAA tag", `{"type":"CAA","name":"x","value":"0 is-sue \"a\""}`, 422, "value"},
		{"CAA without a value", `{"type":"CAA","name":"x","value":"0 issue"}`, 422, "value"},
		{"CAA of two words", `{"type":"CAA","name":"x","value":"0 issue a b"}`, 422, "value"},
		{"CAA with an open quote", `{"type":"CAA","name":"x","value":"0 issue \"a\\\""}`, 422, "value"},
		{"ttl 60 to 604800", `{"type":"A","name":"x","value":"192.0.2.1","ttl":60}`, 201, `"ttl":60`},
		{"ttl not below 60", `{"type":"A","name":"x","value":"192.0.2.1","ttl":59}`, 422, "ttl"},
		{"ttl not above 604800", `{"type":"A","name":"x","value":"192.0.2.1","ttl":604801}`, 422, "ttl"},
		{"3600 for a new set", `{"type":"A","name":"x","value":"192.0.2.1"}`, 201, `"ttl":3600,"priority":null,"weight":null,"port":null`},
		{"the set's own ttl is kept", `{"type":"A","name":"*.apps","value":"192.0.2.1"}`, 201, `"ttl":300`},
		{"no CNAME at @", `{"type":"CNAME","name":"@","value":"a.example"}`, 422, "name"},
		{"no CNAME beside other records", `{"type":"CNAME","name":"mail1","value":"a.example"}`, 409, "RECORD_CONFLICT"},
		{"nothing beside a CNAME", `{"type":"TXT","name":"www","value":"a"}`, 409, "RECORD_CONFLICT"},
		{"no second CNAME", `{"type":"CNAME","name":"www","value":"a.example"}`, 409, "RECORD_CONFLICT"},
		{"the same record twice", `{"type":"AAAA","name":"@","value":"2001:db8:0::10"}`, 409, "RECORD_CONFLICT"},
		{"the same MX with another priority", `{"type":"MX","name":"@","value":"mail1.example.com","priority":11}`, 201, ""},
		{"the same MX", `{"type":"MX","name":"@","value":"Mail1.example.com.","priority":10}`, 409, "RECORD_CONFLICT"},
		{"the same SRV with another port", `{"type":"SRV","name":"_sip._tcp","value":"sip.example.com","priority":10,"weight":60,"port":5061}`, 201, ""},
		{"the same SRV", `{"type":"SRV","name":"_sip._tcp","value":"sip.example.com","priority":10,"weight":60,"port":5060}`, 409, "RECORD_CONFLICT"},
		{"apex NS are protected", `{"type":"NS","name":"@","value":"ns3.provider.example"}`, 409, "RECORD_PROTECTED"},
		{"other NS are not", `{"type":"NS","name":"lab","value":"ns2.lab.example"}`, 201, ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			a := newAPI(t)
			r := a.do("POST", zone, tt.body)
			switch {
			case r.Code != tt.status,
				tt.status == 422 && (len(r.body.Errors) != 1 || r.body.Errors[tt.want] == nil),
				tt.status == 409 && r.body.Code != tt.want,
				tt.status == 201 && !strings.Contains(r.Body.String(), tt.want):
				t.Fatalf("%d %s", r.Code, r.Body)
			}
			if (tt.status == 201) != (len(a.Writes()) == 1) {
				t.Errorf("writes %v", a.Writes())
			}
			if tt.status == 201 {
				path := r.Header().Get("Location")
				again := a.do("GET", strings.TrimPrefix(path, "/v1"), "").expect(t, 200, "")
				if again.Body.String() != r.Body.String() || again.Header().Get("ETag") != r.Header().Get("ETag") {
					t.Errorf("GET %s: %s", path, again.Body)
				}
			}
		})
	}
}

func TestDomainStateAndDNSWrites(t *testing.T) {
	a := newAPI(t)
	body := `{"type":"A","name":"x","value":"192.0.2.1"}`
	for domain, want := range map[string]string{
		"example.com": "", "autumn.example": "", "example.org": "NAMESERVERS_NOT_LOCAL",
		"candle.example": "DOMAIN_STATE_PROHIBITS", "copper.example": "DOMAIN_STATE_PROHIBITS",
		"delta.example": "DOMAIN_STATE_PROHIBITS", "feather.example": "DOMAIN_STATE_PROHIBITS",
		"island.example": "DOMAIN_STATE_PROHIBITS", "kettle.example": "DOMAIN_STATE_PROHIBITS",
	} {
		path := "/domains/" + domain + "/dns/records"
		status := 409
		if want == "" {
			status = 201
		}
		a.do("POST", path, body).expect(t, status, want)
		if r := a.do("GET", path, ""); r.Code != 200 {
			t.Errorf("%s: reads do not answer: %s", domain, r.Body)
		}
		if want == "" {
			continue
		}
		var id string
		a.View(func(st *sandbox.State) { id = st.Records(domain)[2].ID })
		a.do("PATCH", path+"/"+id, `{"ttl":600}`).expect(t, 409, want)
		a.do("DELETE", path+"/"+id, "").expect(t, 409, want)
	}
}

func TestRecordUpdates(t *testing.T) {
	a := newAPI(t)
	first := a.record(`{"type":"A","name":"set","value":"192.0.2.1","ttl":600}`)
	second := a.record(`{"type":"A","name":"set","value":"192.0.2.2"}`)
	mail := a.record(`{"type":"MX","name":"set","value":"a.example","priority":5}`)
	if second.TTL != 600 || mail.TTL != 3600 {
		t.Errorf("TTLs %d and %d", second.TTL, mail.TTL)
	}
	a.now = start.Add(time.Hour)
	patch := func(id, body string) *reply { return a.do("PATCH", zone+"/"+id, body) }
	get := func(id string) sandbox.Record { return decode[sandbox.Record](t, a.do("GET", zone+"/"+id, "")) }

	for _, tt := range []struct{ rule, body, field string }{
		{"type cannot be changed", `{"type":"AAAA"}`, "type"},
		{"null clears, and a type cannot be", `{"type":null}`, "type"},
		{"null clears, and a name cannot be", `{"name":null}`, "name"},
		{"null clears, and a value cannot be", `{"value":null}`, "value"},
		{"null clears, and a ttl cannot be", `{"ttl":null}`, "ttl"},
		{"null clears, and an MX needs its priority", `{"priority":null}`, "priority"},
	} {
		if r := patch(mail.ID, tt.body).expect(t, 422, "VALIDATION_ERROR"); r.body.Errors[tt.field] == nil {
			t.Errorf("%s: %s", tt.rule, r.Body)
		}
	}

	// A write that changes nothing moves no tag.
	before := a.do("GET", zone, "").Header().Get("ETag")
	writes := len(a.Writes())
	r := patch(first.ID, `{"type":"A","name":"SET","value":"192.0.2.1","ttl":600,"priority":null}`).expect(t, 200, "")
	if got := decode[sandbox.Record](t, r); !got.UpdatedAt.Equal(start) || r.Header().Get("X-Zone-ETag") != before || len(a.Writes()) != writes {
		t.Errorf("changed nothing: %s %v", r.Body, r.Header())
	}

	// With ttl, the whole set; neighbours keep their ids.
	r = patch(first.ID, `{"ttl":900}`).expect(t, 200, "")
	if got := get(second.ID); got.TTL != 900 || !got.UpdatedAt.Equal(a.now) || got.Value != second.Value {
		t.Errorf("neighbour %+v", got)
	}
	if r.Header().Get("X-Zone-ETag") == before || get(mail.ID).TTL != 3600 {
		t.Error("the zone's version stayed, or another set's TTL moved")
	}
	a.record(`{"type":"A","name":"set","value":"192.0.2.3","ttl":1200}`)
	if get(first.ID).TTL != 1200 || get(second.ID).TTL != 1200 {
		t.Error("a POST with ttl did not set it for the whole set")
	}

	patch(second.ID, `{"value":"192.0.2.1"}`).expect(t, 409, "RECORD_CONFLICT")
	patch(second.ID, `{"name":"www"}`).expect(t, 409, "RECORD_CONFLICT")
	// A record renamed into another set takes that set's TTL unless ttl is sent.
	r = patch(second.ID, `{"name":"*.apps"}`).expect(t, 200, "")
	if got := decode[sandbox.Record](t, r); got.TTL != 300 || got.ID != second.ID || got.Name != "*.apps" {
		t.Errorf("renamed %+v", got)
	}
	r = patch(second.ID, `{"name":"fresh"}`).expect(t, 200, "")
	if got := decode[sandbox.Record](t, r); got.TTL != 300 { // its own
		t.Errorf("renamed into a new set: %+v", got)
	}
	patch(second.ID, `{"name":"*.apps","ttl":450}`).expect(t, 200, "")
	if n := len(decode[[]any](t, a.do("GET", zone+"?name=*.apps", ""))); n != 2 {
		t.Errorf("%d records at *.apps", n)
	}
	if n := len(decode[[]any](t, a.do("GET", zone+"?name=fresh", ""))); n != 0 {
		t.Errorf("%d records at fresh", n)
	}

	lab := a.record(`{"type":"NS","name":"lab2","value":"ns1.lab.example"}`)
	patch(lab.ID, `{"name":"@"}`).expect(t, 409, "RECORD_PROTECTED")
	a.do("DELETE", zone+"/"+first.ID, "").expect(t, 204, "")
	a.do("DELETE", zone+"/"+first.ID, "").expect(t, 404, "NOT_FOUND")
	var apex string
	a.View(func(st *sandbox.State) { apex = st.Records("example.com")[0].ID })
	patch(apex, `{"ttl":300}`).expect(t, 409, "RECORD_PROTECTED")
	patch(apex, `{}`).expect(t, 200, "") // changes nothing
	a.do("DELETE", zone+"/"+apex, "").expect(t, 409, "RECORD_PROTECTED")

	moving := newAPI(t, sandbox.WithNewIDOnUpdate())
	rec := moving.record(`{"type":"A","name":"x","value":"192.0.2.1"}`)
	changed := decode[sandbox.Record](t, moving.do("PATCH", zone+"/"+rec.ID, `{"value":"192.0.2.2"}`))
	if changed.ID == rec.ID {
		t.Error("the id did not change")
	}
	moving.do("GET", zone+"/"+rec.ID, "").expect(t, 404, "NOT_FOUND")
	moving.do("GET", zone+"/"+changed.ID, "").expect(t, 200, "")
}

func TestPreconditions(t *testing.T) {
	a := newAPI(t)
	zoneTag := func() string { return a.do("GET", zone+"?per_page=1&page=2", "").Header().Get("ETag") }
	if first := a.do("GET", zone, "").Header().Get("ETag"); first == "" || first != zoneTag() || first[0] != '"' {
		t.Errorf("the tag %s is not that of every page", first)
	}
	old := zoneTag()
	body := func(n int) string { return fmt.Sprintf(`{"type":"A","name":"p","value":"192.0.2.%d"}`, n) }
	r := a.do("POST", zone, body(1), "If-Match", old).expect(t, 201, "")
	if r.Header().Get("X-Zone-ETag") != zoneTag() || zoneTag() == old {
		t.Error("X-Zone-ETag is not the zone's new version")
	}
	a.do("POST", zone, body(2), "If-Match", old).expect(t, 412, "PRECONDITION_FAILED")
	rec, tag := decode[sandbox.Record](t, r), r.Header().Get("ETag")
	path := zone + "/" + rec.ID
	a.do("PATCH", path, `{"ttl":60}`, "If-Match", old).expect(t, 412, "PRECONDITION_FAILED")
	a.do("PATCH", path, `{"ttl":60}`, "If-Match", "W/"+tag).expect(t, 412, "PRECONDITION_FAILED")
	a.do("PATCH", path, `{"ttl":60}`, "If-Match", `"x", `+tag).expect(t, 200, "")
	a.do("PATCH", path, `{"ttl":70}`, "If-Match", zoneTag()).expect(t, 200, "")
	a.do("DELETE", path, "", "If-Match", tag).expect(t, 412, "PRECONDITION_FAILED")
	r = a.do("DELETE", path, "", "If-Match", "*").expect(t, 204, "")
	if r.Header().Get("X-Zone-ETag") != zoneTag() || r.Body.Len() != 0 {
		t.Errorf("DELETE: %v", r.Header())
	}

	for _, path := range []string{"/account/profile", "/domains/example.com", "/account/tokens/current"} {
		first := a.do("GET", path, "").Header().Get("ETag")
		a.now = a.now.Add(time.Minute) // last use is not part of it
		if again := a.do("GET", path, "").Header().Get("ETag"); again != first || first == "" {
			t.Errorf("%s: %s, then %s", path, first, again)
		}
	}

	bare := newAPI(t, sandbox.Without(sandbox.ETags))
	r = bare.do("POST", zone, body(1), "If-Match", `"old"`).expect(t, 201, "")
	if r.Header().Get("ETag")+r.Header().Get("X-Zone-ETag") != "" {
		t.Errorf("tags without the feature: %v", r.Header())
	}
}

func TestLargeZone(t *testing.T) {
	a := newAPI(t, sandbox.WithRateLimit(0, 0))
	a.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		for i := range 10_000 {
			d.Records = append(d.Records, &sandbox.Record{Type: "A", Name: fmt.Sprint("h", i), Value: "192.0.2.1"})
		}
	})
	for i := range 200 {
		rec := a.record(fmt.Sprintf(`{"type":"A","name":"h%d","value":"192.0.2.2","ttl":900}`, i))
		a.do("DELETE", zone+"/"+rec.ID, "").expect(t, 204, "")
	}
	r := a.do("GET", zone+"?per_page=1000&page=11", "")
	if n := len(decode[[]json.RawMessage](t, r)); n != 15 || r.body.Meta.Pagination["total"] != 10_015 {
		t.Errorf("%d on the last page, %v", n, r.body.Meta)
	}
}

func TestFurtherRecordTypes(t *testing.T) {
	const caa, loc = `0 issue "ca.example"`, "52 22 23.000 N 4 53 32.000 E -2.00m"
	seed := sandbox.Seed{RecordTypes: []string{"LOC"}, Domains: []sandbox.Domain{{
		Name: "example.com", UsesProviderDNS: true, Records: []*sandbox.Record{{ID: "rec_loc", Type: "LOC", Name: "@", Value: loc}},
	}}}
	if err := seed.Validate(); err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, sandbox.WithSeed(seed), sandbox.WithRecordTypes("PTR", "HTTPS"))
	for recordType, value := range map[string]string{"PTR": "Host.Example.NET.", "HTTPS": `1 . alpn="h2,h3"`, "LOC": loc, "CAA": caa} {
		body := fmt.Sprintf(`{"type":%q,"name":"further","value":%q,"ttl":300}`, recordType, value)
		made := decode[sandbox.Record](t, a.do("POST", zone, body).expect(t, 201, ""))
		if made.Value != value || made.TTL != 300 {
			t.Errorf("%s is kept as %+v", recordType, made)
		}
		a.do("POST", zone, body).expect(t, 409, "RECORD_CONFLICT")
		found := decode[[]sandbox.Record](t, a.do("GET", zone+"?name=further&type="+recordType, "").expect(t, 200, ""))
		if len(found) != 1 || found[0].Value != value {
			t.Errorf("the list of type %s holds %+v", recordType, found)
		}
	}
	batch := decode[struct{ Created []sandbox.Record }](t, a.do("POST", zone+"/batch", `{"update":[{"id":"rec_loc","ttl":60}],"create":[{"type":"PTR","name":"b","value":"c.example"}]}`).expect(t, 200, ""))
	if len(batch.Created) != 1 || batch.Created[0].Value != "c.example" {
		t.Errorf("the batch made %+v", batch.Created)
	}
	for _, recordType := range []string{"ptr", "TLSA", "SOA"} {
		a.do("POST", zone, fmt.Sprintf(`{"type":%q,"name":"x","value":"y"}`, recordType)).expect(t, 422, "VALIDATION_ERROR")
		a.do("GET", zone+"?type="+recordType, "").expect(t, 400, "BAD_REQUEST")
	}
	newAPI(t).do("POST", zone, `{"type":"PTR","name":"x","value":"y.example"}`).expect(t, 422, "VALIDATION_ERROR")

	seed.RecordTypes = []string{"A", "loc"}
	if err := seed.Validate(); err == nil || !strings.Contains(err.Error(), "record_types[0]") || !strings.Contains(err.Error(), "record_types[1]") || !strings.Contains(err.Error(), "records[0].type") {
		t.Error(err)
	}
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, `"loc"`) {
			t.Errorf("WithRecordTypes says %q", said)
		}
	}()
	sandbox.WithRecordTypes("PTR", "loc")
}
