package hoster

import (
	"context"
	"errors"
	"io"
	"net/http"
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
			t.Errorf("%s: %+v after %d requests: %v", replay, out, wire.count(), err)
		}
		for what, wire := range map[string]*fakeWire{
			"lost":       newWire(fails(errReset)),
			"unreadable": newWire(reply(200, `{"status":"success","data":7}`)),
		} {
			err := wire.newClient(t, quick).Call(t.Context(), spec, &out)
			var answered *Error
			if err == nil || errors.Is(err, ErrOutcomeUnknown) || errors.As(err, &answered) && answered.Applied {
				t.Errorf("%s, %s: %v", replay, what, err)
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
