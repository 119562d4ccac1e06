package hoster_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
)

// endlessZone makes the pages of a very large zone as they are asked for, in one
// buffer: it writes the number of each record into the places that it has there.
type endlessZone struct {
	total, perPage int
	page           []byte
	places         []int
	peak           uint64 // of the heap, looked at before each page
}

const placeholder = "########"

func newEndlessZone(total, perPage int) *endlessZone {
	z := &endlessZone{total: total, perPage: perPage}
	record := `{"id":"rec_` + placeholder + `","type":"A","name":"host-` + placeholder + `","value":"192.0.2.1","ttl":3600,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-02-03T04:05:06Z"}`
	records := strings.TrimSuffix(strings.Repeat(record+",", perPage), ",")
	z.page = fmt.Appendf(nil, `{"status":"success","data":[%s],"meta":{"pagination":{"total":%d,"per_page":%d,"total_pages":%d}}}`, records, total, perPage, total/perPage)
	for at := 0; ; {
		next := bytes.Index(z.page[at:], []byte(placeholder))
		if next < 0 {
			return z
		}
		z.places = append(z.places, at+next)
		at += next + len(placeholder)
	}
}

func (z *endlessZone) RoundTrip(req *http.Request) (*http.Response, error) {
	z.look()
	_, number, _ := strings.Cut(req.URL.RawQuery, "&page=")
	page, err := strconv.Atoi(number)
	if err != nil || page > z.total/z.perPage {
		return nil, fmt.Errorf("no such page: %s", req.URL.RawQuery)
	}
	for i, place := range z.places {
		n := (page-1)*z.perPage + i/2
		for at := place + len(placeholder) - 1; at >= place; at-- {
			z.page[at] = byte('0' + n%10)
			n /= 10
		}
	}
	return &http.Response{StatusCode: 200, Request: req, Header: http.Header{"Etag": {`"v1"`}}, ContentLength: int64(len(z.page)), Body: io.NopCloser(bytes.NewReader(z.page))}, nil
}

// look takes the size of the heap, what is garbage already included.
func (z *endlessZone) look() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	z.peak = max(z.peak, sample[0].Value.Uint64())
}

// TestMillionRecords walks a million records and holds no more than two pages of
// them, and eight octets and some for each.
func TestMillionRecords(t *testing.T) {
	total := 1_000_000
	if raceEnabled {
		total /= 10 // ten times slower, and what counts is counted without it
	}
	zone := newEndlessZone(total, 1000)
	client := stubClient(t, zone)
	runtime.GC()
	zone.look()
	before := zone.peak
	n := 0
	for r, err := range client.DNS.All(t.Context(), "example.com", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if n%99_991 == 0 && string(r.ID) != fmt.Sprintf("rec_%08d", n) {
			t.Fatalf("record %d is %s", n, r.ID)
		}
		n++
	}
	peak := float64(zone.peak-before) / (1 << 20)
	t.Logf("%d records, peak heap %.1f MiB", n, peak)
	if n != total || peak > 32 {
		t.Errorf("%d records of %d, peak heap %.1f MiB of 32", n, total, peak)
	}
}
