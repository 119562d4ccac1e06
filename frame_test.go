package hoster

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"testing"
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
