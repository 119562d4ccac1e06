package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/internal/envelope"
)

// filled is an answer of about so many octets: an item again and again.
func filled(before, item, after string, size int) string {
	return before + strings.Repeat(item, (size-len(before)-len(after))/len(item)) + after
}

// TestAnswersHaveBounds: an answer of any shape costs at most 8 times its length
// in memory, however long it is, or is an error of a known type.
func TestAnswersHaveBounds(t *testing.T) {
	const (
		record = `{"id":"a","type":"A","name":"b","value":"192.0.2.1"}`
		domain = `{"name":"a"}`
	)
	type call func(*Client) error
	get := func(c *Client) error { _, err := c.Domains.Get(t.Context(), "example.com"); return err }
	domains := func(c *Client) error { _, err := c.Domains.ListPage(t.Context(), nil); return err }
	records := func(c *Client) error { _, err := c.DNS.ListPage(t.Context(), "example.com", nil); return err }
	remove := func(c *Client) error { return c.DNS.Delete(t.Context(), "example.com", "rec_1") }
	batch := func(c *Client) error {
		_, err := c.DNS.Batch(t.Context(), "example.com", RecordBatch{Delete: []RecordID{"a"}})
		return err
	}
	anything := func(c *Client) error {
		var out any
		return c.Call(t.Context(), CallSpec{Method: http.MethodGet, Segments: []string{"x"}}, &out)
	}
	maps := func(c *Client) error {
		var out []map[string]string
		return c.Call(t.Context(), CallSpec{Method: http.MethodGet, Segments: []string{"x"}}, &out)
	}
	for name, test := range map[string]struct {
		before, item, after string
		call                call
		want                []error // one of them, or success where nil is among them
	}{
		"records":               {`{"data":[`, record + `,`, record + `]}`, records, []error{nil}},
		"domains":               {`{"data":[`, domain + `,`, domain + `]}`, domains, []error{ErrBodyTooLarge}},
		"empty items":           {`{"data":[`, `{},`, `{}]}`, domains, []error{ErrDecode}},
		"invoices":              {`{"data":[`, `{"id":1},`, `{"id":2}]}`, func(c *Client) error { _, err := c.Invoices.ListPage(t.Context(), nil); return err }, []error{ErrBodyTooLarge}},
		"items of an invoice":   {`{"data":{"id":1,"items":[`, `{},`, `{}]}}`, func(c *Client) error { _, err := c.Invoices.Get(t.Context(), "1"); return err }, []error{ErrBodyTooLarge}},
		"texts":                 {`{"data":{"name":"a","nameservers":[`, `"a",`, `"a"]}}`, get, []error{nil, ErrBodyTooLarge}},
		"batch":                 {`{"data":{"deleted":[`, `"",`, `""]}}`, batch, []error{nil, ErrBodyTooLarge}},
		"one long text":         {`{"data":{"name":"a","status":"`, "a", `"}}`, get, []error{nil}},
		"one text with escapes": {`{"data":{"name":"a","status":"`, `\"x`, `"}}`, get, []error{nil}},
		"no UTF-8":              {`{"data":{"name":"a","status":"`, "\xff", `"}}`, get, []error{nil}},
		"unknown members":       {`{"data":{"name":"a"`, `,"m":{"a":[1,{}]}`, `}}`, get, []error{nil}},
		"one member again":      {`{"data":{"name":"a"`, `,"status":"active"`, `}}`, get, []error{nil}},
		"data again":            {`{"data":[` + domain + `]`, `,"data":[` + domain + `]`, `}`, domains, []error{nil, ErrBodyTooLarge}},
		"wide envelope":         {`{"data":{"name":"a"}`, `,"m":{"a":1}`, `}`, get, []error{nil}},
		"deep":                  {`{"data":`, `[`, `1}`, get, []error{ErrDecode}},
		"deep objects":          {`{"data":`, `{"a":`, `1}`, anything, []error{ErrDecode}},
		"white space":           {`{"data":`, " ", domain + `}`, get, []error{nil}},
		"anything":              {`{"data":[`, `[],`, `[]]}`, anything, []error{ErrBodyTooLarge}},
		"any numbers":           {`{"data":[`, `1,`, `1]}`, anything, []error{ErrBodyTooLarge}},
		"maps":                  {`{"data":[`, `{},`, `{}]}`, maps, []error{ErrBodyTooLarge}},
		"errors":                {`{"status":"error","errors":[`, `"a1",`, `"z"]}`, get, []error{errOfAPI}},
		"errors of fields":      {`{"status":"error","errors":{"f":[`, `"a1",`, `"z"]}}`, remove, []error{errOfAPI}},
		"fields":                {`{"status":"error","errors":{"z":"z"`, `,"f":"t"`, `}}`, get, []error{errOfAPI}},
		"objects of errors":     {`{"status":"error","errors":[`, `{"field":"f","message":"m"},`, `{}]}`, records, []error{errOfAPI}},
		"long error":            {`{"status":"error","message":"`, `word `, `"}`, get, []error{errOfAPI}},
		"errors in errors":      {`{"status":"error","error":`, `{"error":`, `1}`, get, []error{ErrDecode}},
		"not closed":            {`{"data":[`, domain + `,`, ``, domains, []error{ErrDecode, ErrBodyTooLarge}},
		"page":                  {`<html>`, `<p>text`, ``, get, []error{ErrIntermediary}},
	} {
		for _, size := range []int{1 << 20, maxSuccessBody} {
			body := filled(test.before, test.item, test.after, size)
			if name == "deep" || name == "deep objects" || name == "errors in errors" { // its end does not matter
				body = body[:len(body)-1]
			}
			for _, announced := range []bool{true, false} {
				if size > 1<<20 && (!announced && name != "records" || raceEnabled) {
					continue // once is enough
				}
				client := shopClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
					length := int64(-1)
					if announced {
						length = int64(len(body))
					}
					return &http.Response{StatusCode: 200, Header: http.Header{}, Request: req, ContentLength: length, Body: io.NopCloser(strings.NewReader(body))}, nil
				}))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				err := test.call(client)
				runtime.ReadMemStats(&after)
				used := int(after.TotalAlloc - before.TotalAlloc)
				if most := max(8*len(body), 2<<20); used > most && !raceEnabled {
					t.Errorf("%s of %d MiB, announced %v: %d MiB, %.1f times its length: %.100v", name, size>>20, announced, used>>20, float64(used)/float64(len(body)), err)
				}
				if !oneOf(err, test.want) {
					t.Errorf("%s of %d MiB: %.200v", name, size>>20, err)
				}
				if err != nil && len(err.Error()) > 1<<20 {
					t.Errorf("%s: a text of %d octets", name, len(err.Error()))
				}
			}
		}
	}
}

var errOfAPI = errors.New("any error of the API")

func oneOf(err error, want []error) bool {
	for _, w := range want {
		var e *Error
		switch {
		case w == nil && err == nil, w != nil && errors.Is(err, w), w == errOfAPI && errors.As(err, &e) && e.FromAPI && e.kind == nil:
			return true
		}
	}
	return false
}

// TestTooLongAnswers are errors, and so is what a server announces and never
// sends.
func TestTooLongAnswers(t *testing.T) {
	for _, length := range []int64{-1, maxSuccessBody + 1} {
		client := shopClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Request: req, ContentLength: length, Body: io.NopCloser(io.LimitReader(spaces{}, maxSuccessBody+1))}, nil
		}))
		if _, err := client.Domains.Get(t.Context(), "example.com"); !errors.Is(err, ErrBodyTooLarge) {
			t.Errorf("%d: %v", length, err)
		}
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestDeadlineHoldsWhileDecoding: an answer that arrived is not read on after the
// context's end, and a write says that it was done.
func TestDeadlineHoldsWhileDecoding(t *testing.T) {
	const record = `{"id":"a","type":"A","name":"b","value":"192.0.2.1"}`
	for _, body := range []string{
		filled(`{"data":[`, record+`,`, record+`]}`, 1<<18),
		filled(`{"data":{"created":[`, record+`,`, record+`]}}`, 1<<18),
		filled(`{"m":[`, `[],`, `[]],"data":{}}`, 1<<18),
		filled(`{"data":{"a":1`, `,"a":2`, `}}`, 1<<18),
	} {
		for _, op := range []Operation{"DNS.List", "DNS.Batch", "DNS.Create"} {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			var target any = new(BatchResult)
			if op == "DNS.List" {
				target = new(Page[Record])
			}
			row := byName()[op]
			err := (&answer{Status: 200, Header: http.Header{}, Body: []byte(body)}).success(ctx, new(envelope.Reader), row, "example.com", target)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %.30s: %v", op, body, err)
			}
			if fmt.Sprintf("%+v", target) != fmt.Sprintf("%+v", map[bool]any{true: new(Page[Record]), false: new(BatchResult)}[op == "DNS.List"]) {
				t.Errorf("%s, %.30s: something is left", op, body)
			}
		}
	}
}
