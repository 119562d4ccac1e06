package hoster

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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
		if err := client.Call(t.Context(), CallSpec{Method: http.MethodGet, Segments: []string{"x"}, Replay: ReplayAlways}, got); err != nil {
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
		err := answering(body).newClient(t).Call(t.Context(), CallSpec{Method: http.MethodGet, Segments: []string{"x"}, Replay: ReplayAlways}, &out)
		if err == nil || errors.Is(err, ErrDecode) != (want == ErrDecode) || out != "" {
			t.Errorf("%s: %q, %v", body, out, err)
		}
	}
}
