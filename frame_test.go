package hoster

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRepeatedMembersOfABatch: the last one wins, and nothing of the one before
// shows through.
func TestRepeatedMembersOfABatch(t *testing.T) {
	body := `{"status":"success","data":{"created":[{"id":"a","type":"MX","name":"old","value":"v","ttl":60,"priority":7},{"id":"b","type":"A","name":"b","value":"v"}],"created":[{"type":"A","name":"c","value":""}],` +
		`"updated":[{"id":"d","type":"A","name":"","value":""}],"updated":null,"deleted":["e","f"],"deleted":["g"]}}`
	result, err := answering(body).newClient(t).DNS.Batch(t.Context(), "example.com", RecordBatch{Delete: []RecordID{"g"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Record{Type: "A", Name: "c"}
	want.settle("example.com")
	if !reflect.DeepEqual(result.Created, []Record{want}) || len(result.Updated) != 0 || !slices.Equal(result.Deleted, []RecordID{"g"}) {
		t.Errorf("%+v", result)
	}
}

// TestWhatFollows behind the JSON of a success: another answer, which may say the
// opposite, is not passed over; what a server writes around answers is.
func TestWhatFollows(t *testing.T) {
	for rest, refused := range map[string]bool{
		"{}": true, ` {"status":"error"}`: true, "\n[1]": true,
		"x": false, "<!-- cached -->": false, "\n<b>Notice</b>: {x}": false, ",": false, "}": false, " \r\n": false,
	} {
		wire := answering(`{"status":"success","data":[{"id":"dom_1","name":"a.example"}]}` + rest)
		if ids, err := listIDs(t.Context(), wire.newClient(t), nil); errors.Is(err, ErrDecode) != refused || !refused && (err != nil || len(ids) != 1) {
			t.Errorf("%q: %v, %v", rest, ids, err)
		}
	}
}

// TestBodiesAreNotShared: a body that was asked for stays as it came, whatever
// the client reads next, and a large one is not kept for the next answer.
func TestBodiesAreNotShared(t *testing.T) {
	answers := []string{`{"status":"success","data":[{"id":"dom_1","name":"a.example"}]}`, `{"status":"success","data":[{"id":"dom_2"}]}`, `{"status":"error","code":"X","message":"third"}`}
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
}

type CallEmbedded struct{ Owner string }

type CallWords []string

type CallState string

// TestCallDecodesAsEncodingJSON: a caller's own type, whatever it is made of.
func TestCallDecodesAsEncodingJSON(t *testing.T) {
	type odd struct {
		*CallEmbedded
		CallWords
		CallState `json:"state"`
		Untagged  int
		Address   netip.Addr `json:"address"`
		Raw       []byte     `json:"raw"`
		Extra     map[string]any
		Prefixes  map[netip.Prefix]bool `json:"prefixes"`
		Amount    Amount                `json:"amount"`
		At        *time.Time            `json:"at"`
		Maybe     Opt[int]              `json:"maybe"`
	}
	for text, target := range map[string]func() any{
		`{"owner":"o","state":"s","UNTAGGED":"7","address":"192.0.2.1","raw":"aGk=","extra":{"a":[1,null]},"prefixes":{"10.0.0.0/8":true},"amount":1.50,"at":"2026-01-02T03:04:05Z","maybe":null}`: func() any { return new(odd) },
		`{}`:                  func() any { return new(odd) },
		`false`:               func() any { return new(bool) },
		`0`:                   func() any { return new(int) },
		`""`:                  func() any { return new(string) },
		`null`:                func() any { return new(*odd) },
		`[]`:                  func() any { return new([]odd) },
		`"2001:db8::1"`:       func() any { return new(netip.Addr) },
		`[1,"a",{"b":2}]`:     func() any { return new(any) },
		`{"a":1}`:             func() any { return new(json.RawMessage) },
		`{"1":"a"}`:           func() any { return new(map[int]string) },
		`{"error":"mine"}`:    func() any { return new(map[string]string) },
		`{"errors":["mine"]}`: func() any { return &struct{ Errors []string }{} },
	} {
		got, want := target(), target()
		client := answering(`{"status":"success","data":` + text + `}`).newClient(t)
		if err := client.Call(t.Context(), CallSpec{Method: http.MethodGet, Segments: []string{"x"}}, got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		_ = json.Unmarshal([]byte(strings.ReplaceAll(text, `"7"`, `7`)), want)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", text, got, want)
		}
	}
	var out string
	for body, want := range map[string]error{`{"data":{}}`: ErrDecode, `{"status":"success"}`: ErrDecode, `{"data":"x","error":"no"}`: nil} {
		err := answering(body).newClient(t).Call(t.Context(), CallSpec{Method: http.MethodGet, Segments: []string{"x"}}, &out)
		if err == nil || errors.Is(err, ErrDecode) != (want == ErrDecode) || out != "" {
			t.Errorf("%s: %q, %v", body, out, err)
		}
	}
}

// TestDataTwice: the last one wins, and nothing of the first remains.
func TestDataTwice(t *testing.T) {
	const one, other = `{"id":"dom_1","name":"a.example","auto_renew":true,"nameservers":["x","y"]}`, `{"name":"b.example"}`
	domain, err := answering(`{"data":`+one+`,"data":`+other+`}`).newClient(t).Domains.Get(t.Context(), "b.example")
	if err != nil || !reflect.DeepEqual(domain, Domain{Name: "b.example"}) {
		t.Errorf("%+v, %v", domain, err)
	}
	for body, want := range map[string]int{
		`{"data":[` + one + `,` + one + `],"data":[` + other + `]}`: 1, `{"data":[` + one + `],"data":null}`: 0, `{"data":{},"data":[` + other + `]}`: 1,
		`{"meta":{"total":9},"data":[` + other + `],"meta":{"total":1}}`: 1,
	} {
		page, err := answering(body).newClient(t).Domains.ListPage(t.Context(), nil)
		if err != nil || len(page.Items) != want || want == 1 && (!reflect.DeepEqual(page.Items[0], Domain{Name: "b.example"}) || page.Total > 1) {
			t.Errorf("%s: %+v, %v", body, page, err)
		}
	}
}

// TestRecordsWithoutID are told apart by all that they say.
func TestRecordsWithoutID(t *testing.T) {
	const mx = `{"type":"MX","name":"@","value":"mail.example.com","ttl":60,"priority":`
	page := func(items string) string { return `{"status":"success","data":[` + items + `]}` }
	wire := scriptedPages(page(mx+`1},`+mx+`2},{"type":"A","name":"@","value":"192.0.2.1"}`), page(mx+`2},{"type":"A","name":"@","value":"192.0.2.2"},{"type":"A","name":"a","value":"192.0.2.2"},`+mx+`null}`), page(""))
	records, err := wire.newClient(t).DNS.List(t.Context(), "example.com", nil)
	if err != nil || len(records) != 6 {
		t.Errorf("%+v, %v", records, err)
	}
}

// TestQuotaLimits: what cannot be a size means that there is none; what is used
// is a number, or an error.
func TestQuotaLimits(t *testing.T) {
	for limit, want := range map[string]int64{`null`: -1, `"none"`: -1, `"unlimited"`: -1, `-1`: -1, `""`: -1, `false`: -1, `0`: 0, `5`: 5, `"5"`: 5} {
		usage, err := answering(`{"data":{"disk":{"used":"7","limit":`+limit+`},"bandwidth":{"used":1}}}`).newClient(t).Hosting.Usage(t.Context(), "svc_1")
		if err != nil || usage.Disk.Used != 7 || (usage.Disk.Limit == nil) != (want < 0) || want >= 0 && *usage.Disk.Limit != want || usage.Bandwidth.Limit != nil {
			t.Errorf("%s: %+v, %v", limit, usage, err)
		}
	}
	for _, data := range []string{`{"disk":{"used":"none"}}`, `{"disk":{"used":1,"limit":{}}}`, `{"measured_at":"soon"}`} {
		if _, err := answering(`{"data":`+data+`}`).newClient(t).Hosting.Usage(t.Context(), "svc_1"); !errors.Is(err, ErrDecode) || !strings.Contains(err.Error(), "data.") {
			t.Errorf("%s: %v", data, err)
		}
	}
}

// TestTextsOfFieldsAreSaidOnce, though the message is made of them.
func TestTextsOfFieldsAreSaidOnce(t *testing.T) {
	err := newWire(reply(422, `{"errors":[{"field":"years","message":"too many"}]}`)).newClient(t).Call(t.Context(), CallSpec{Method: http.MethodPost, Segments: []string{"x"}}, nil)
	var e *ValidationError
	if !errors.As(err, &e) || e.Err.Message != "too many" || strings.Count(err.Error(), "too many") != 1 || !strings.Contains(err.Error(), "years: too many") {
		t.Errorf("%v", err)
	}
}
