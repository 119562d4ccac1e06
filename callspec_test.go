package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestCallThatReads: a GET of the caller's own is a read, whatever its spec says.
func TestCallThatReads(t *testing.T) {
	for _, replay := range []Replay{ReplayOnEvidence, ReplayHarmless, ReplayAlways} {
		spec := CallSpec{Method: http.MethodGet, Segments: []string{"extra"}, Replay: replay}
		var out struct{ ID string }
		wire := newWire(reply(502, "<p>Bad gateway</p>"), fails(errReset), reply(200, `{"status":"success","data":{"id":"x"}}`))
		if err := wire.newClient(t, quick).Call(t.Context(), spec, &out); err != nil || out.ID != "x" || wire.count() != 3 {
			t.Errorf("%v: %+v after %d requests: %v", replay, out, wire.count(), err)
		}
		for what, wire := range map[string]*fakeWire{
			"lost":       newWire(fails(errReset)),
			"unreadable": newWire(reply(200, `{"status":"success","data":7}`)),
		} {
			err := wire.newClient(t, quick).Call(t.Context(), spec, &out)
			var answered *Error
			if err == nil || errors.Is(err, ErrOutcomeUnknown) || errors.As(err, &answered) && answered.Applied {
				t.Errorf("%v, %s: %v", replay, what, err)
			}
		}
	}
}

// TestCallStream: a body that is no JSON comes as it is, if it is what was asked
// for and came whole.
func TestCallStream(t *testing.T) {
	const table = "id,name\n1,example.com\n"
	stream := func(wire *fakeWire, mediaType string) (string, error) {
		client := wire.newClient(t, quick)
		body, err := client.CallStream(t.Context(), CallSpec{Method: http.MethodGet, Segments: []string{"export"}}, mediaType)
		if err != nil {
			if n := client.exchange.Gate().Load().InFlight; n != 0 {
				t.Errorf("%d in flight are left", n)
			}
			return "", err
		}
		content, err := io.ReadAll(body)
		if closing := body.Close(); closing != nil || client.exchange.Gate().Load().InFlight != 0 {
			t.Errorf("closing: %v", closing)
		}
		return string(content), err
	}
	wire := newWire(reply(503, ""), reply(200, table, "Content-Type: Text/CSV; charset=utf-8"))
	if got, err := stream(wire, "text/csv"); err != nil || got != table || wire.count() != 2 || !strings.HasPrefix(wire.requests()[1].header.Get("Accept"), "text/csv, ") {
		t.Errorf("%q after %d requests: %v", got, wire.count(), err)
	}
	for what, test := range map[string]struct {
		answer answerFunc
		want   error
	}{
		"a page":          {reply(200, "<html>blocked</html>", "Content-Type: text/html"), ErrDecode},
		"another type":    {reply(200, table, "Content-Type: text/csv-schema"), ErrDecode},
		"no type":         {reply(200, table), ErrDecode},
		"encoded":         {reply(200, table, "Content-Type: text/csv", "Content-Encoding: br"), ErrDecode},
		"JSON":            {reply(200, `{"status":"success","data":{}}`, "Content-Type: application/json"), ErrDecode},
		"an API's error":  {reply(404, apiError("NOT_FOUND", "no export")), ErrNotFound},
		"a page of a 404": {reply(404, "<p>404</p>", "Content-Type: text/html"), ErrIntermediary},
		"an error as CSV": {reply(500, table, "Content-Type: text/csv"), ErrServer},
	} {
		if got, err := stream(newWire(test.answer), "text/csv"); !errors.Is(err, test.want) && !(test.want == ErrDecode && errors.Is(err, ErrIntermediary)) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	untold := func(req *http.Request) (*http.Response, error) {
		resp := response(200, io.NopCloser(strings.NewReader(table)), "Content-Type: text/csv")
		resp.ContentLength, resp.Close = -1, true
		return resp, nil
	}
	if got, err := stream(newWire(untold), "text/csv"); !errors.Is(err, io.ErrUnexpectedEOF) || got != table {
		t.Errorf("of unknown length: %q, %v", got, err)
	}
	for _, mediaType := range []string{"", "csv", "text/csv; charset=utf-8", "application/json", "text/", "a b/c"} {
		var argument *ArgumentError
		wire := newWire(reply(200, ""))
		if _, err := stream(wire, mediaType); !errors.As(err, &argument) || argument.Field != "mediaType" || wire.count() != 0 {
			t.Errorf("%q: %v", mediaType, err)
		}
	}
	if _, err := newWire().newClient(t).CallStream(context.Background(), CallSpec{Method: "TRACE", Segments: []string{"x"}}, "text/csv"); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("TRACE: %v", err)
	}
}

type mailbox struct {
	Address string `json:"address"`
}

func (m mailbox) Key() string { return m.Address }

// TestCallAll walks the pages of a list that the package has no method for.
func TestCallAll(t *testing.T) {
	page := func(n, total int, items string) answerFunc {
		return reply(200, fmt.Sprintf(`{"status":"success","data":[%s],"meta":{"pagination":{"total":%d,"current_page":%d,"per_page":2,"total_pages":%d}}}`, items, total, n, (total+1)/2))
	}
	spec := CallSpec{Method: http.MethodGet, Segments: []string{"mail", "boxes"}, Query: url.Values{"per_page": {"2"}, "domain": {"example.com"}}, Scope: "mail:read"}
	wire := newWire(page(1, 3, `{"address":"a@example.com"},{"address":"b@example.com"}`), reply(500, ""), page(2, 3, `{"address":"c@example.com"}`))
	client := wire.newClient(t, quick)
	var got []string
	for box, err := range CallAll[mailbox](t.Context(), client, spec) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, box.Address)
	}
	if strings.Join(got, " ") != "a@example.com b@example.com c@example.com" || wire.count() != 3 {
		t.Errorf("%v in %d requests", got, wire.count())
	}
	if sent := wire.requests(); sent[2].url != "https://api.example.com/v1/mail/boxes?domain=example.com&per_page=2&page=2" {
		t.Errorf("asked for %s", sent[2].url)
	}
	// One that moved to the next page meanwhile comes once; the walk notices the one that it missed.
	wire = newWire(page(1, 3, `{"address":"a@example.com"},{"address":"b@example.com"}`), page(2, 3, `{"address":"b@example.com"}`))
	got = nil
	var last error
	for box, err := range CallAll[mailbox](t.Context(), wire.newClient(t, quick), spec) {
		got, last = append(got, box.Address), err
	}
	if !errors.Is(last, ErrPagination) || slices.Index(got[3:], "b@example.com") >= 0 && strings.Count(strings.Join(got, " "), "b@") > 1 {
		t.Errorf("%v, %v", got, last)
	}
	// A type without a key is told apart by what it holds.
	type box struct{ Address string }
	count := 0
	for b, err := range CallAll[box](t.Context(), newWire(page(1, 3, `{"address":"a"},{"address":"b"}`), page(2, 3, `{"address":"c"}`)).newClient(t), spec) {
		if count++; err != nil || b.Address != string(rune('a'+count-1)) {
			t.Errorf("%d: %+v, %v", count, b, err)
		}
	}
	if count != 3 {
		t.Errorf("%d items", count)
	}
	for what, spec := range map[string]CallSpec{
		"Method":   {Method: http.MethodPost, Segments: []string{"x"}},
		"Segments": {Method: http.MethodGet},
		"page":     {Method: http.MethodGet, Segments: []string{"x"}, Query: url.Values{"page": {"2"}}},
	} {
		wire := newWire(reply(200, ""))
		for _, err := range CallAll[mailbox](t.Context(), wire.newClient(t), spec) {
			var argument *ArgumentError
			if !errors.As(err, &argument) || argument.Field != what || wire.count() != 0 {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}
