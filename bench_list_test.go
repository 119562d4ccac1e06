package hoster_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
)

// benchZone is a zone that a stub transport serves in pages, without a server.
type benchZone struct {
	pages map[string]string // by number
	buf   []byte            // of the floor
}

// newBenchZone makes a zone with the mix of types that large zones have, 320
// octets of JSON for each record.
func newBenchZone(total, perPage int) *benchZone {
	zone := &benchZone{pages: map[string]string{}, buf: make([]byte, 1<<20)}
	pages := (total + perPage - 1) / perPage
	for page := 1; page <= pages; page++ {
		var b strings.Builder
		b.WriteString(`{"status":"success","data":[`)
		for i := (page - 1) * perPage; i < min(page*perPage, total); i++ {
			if i%perPage > 0 {
				b.WriteByte(',')
			}
			b.WriteString(benchRecord(i))
		}
		fmt.Fprintf(&b, `],"meta":{"pagination":{"total":%d,"current_page":%d,"per_page":%d,"total_pages":%d}}}`, total, page, perPage, pages)
		zone.pages[strconv.Itoa(page)] = b.String()
	}
	return zone
}

func benchRecord(i int) string {
	kind, value, numbers := "TXT", "v=key; p="+strings.Repeat("MIGfMA0GCSqGSIb3", 7), `"priority":null,"weight":null,"port":null`
	switch {
	case i%50 == 7:
		kind, value, numbers = "MX", "mail-"+strconv.Itoa(i)+".inbound.example.net", `"priority":10,"weight":null,"port":null`
	case i%100 == 9:
		kind, value, numbers = "SRV", "sip-"+strconv.Itoa(i)+".example.net", `"priority":10,"weight":20,"port":5060`
	case i%100 == 11:
		kind, value = "CAA", `0 issue \"ca.example\"`
	case i%4 == 0:
		kind, value = "A", fmt.Sprintf("192.0.%d.%d", i/250%250, i%250)
	case i%8 == 1:
		kind, value = "AAAA", fmt.Sprintf("2001:db8::%x:1", i%0xffff+0x10)
	case i%8 == 3:
		kind, value = "CNAME", "edge-"+strconv.Itoa(i)+".cdn.example.net"
	}
	record := fmt.Sprintf(`{"id":"rec_%016x","type":%q,"name":"host-%d","value":"%s","ttl":3600,%s,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-02-03T04:05:06Z"`, i*7919, kind, i, value, numbers)
	// Short records are filled up with a member of the brand's own.
	if missing := 320 - len(record) - len(`,"note":""}`); missing > 0 {
		record += `,"note":"` + strings.Repeat("n", missing) + `"`
	}
	return record + "}"
}

// RoundTrip is the whole network.
func (z *benchZone) RoundTrip(req *http.Request) (*http.Response, error) {
	page := "1"
	for pair := range strings.SplitSeq(req.URL.RawQuery, "&") {
		if number, ok := strings.CutPrefix(pair, "page="); ok {
			page = number
		}
	}
	body, ok := z.pages[page]
	if !ok {
		return nil, fmt.Errorf("there is no page %q", page)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header:        http.Header{"Content-Type": {"application/json"}, "Etag": {`"v1"`}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

func stubClient(t testing.TB, transport http.RoundTripper) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(hoster.WithBaseURL("https://api.example.com/v1"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// rawRecord and rawPage are what a program without an SDK would declare.
type rawRecord struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Name      string    `json:"name"`
	Value     string    `json:"value"`
	TTL       int       `json:"ttl"`
	Priority  int       `json:"priority"`
	Weight    int       `json:"weight"`
	Port      int       `json:"port"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

type rawPage struct {
	Data []rawRecord `json:"data"`
	Meta struct {
		Pagination struct {
			Total      int `json:"total"`
			TotalPages int `json:"total_pages"`
		} `json:"pagination"`
	} `json:"meta"`
}

// fetch is a page by hand.
func (z *benchZone) fetch(t testing.TB, page int) []byte {
	client := &http.Client{Transport: z}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com/v1/domains/example.com/dns/records?per_page=1000&page="+strconv.Itoa(page), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer t0ken")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status, err)
	}
	return body
}

func (z *benchZone) raw(t testing.TB) []rawRecord {
	var all []rawRecord
	for page := 1; ; page++ {
		var decoded rawPage
		if err := json.Unmarshal(z.fetch(t, page), &decoded); err != nil {
			t.Fatal(err)
		}
		all = append(all, decoded.Data...)
		if page >= decoded.Meta.Pagination.TotalPages {
			return all
		}
	}
}

func (z *benchZone) floor(t testing.TB) (octets int) {
	client := &http.Client{Transport: z}
	for page := 1; page <= len(z.pages); page++ {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com/v1/domains/example.com/dns/records?page="+strconv.Itoa(page), nil)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := io.ReadFull(resp.Body, z.buf)
		_ = resp.Body.Close()
		octets += n
	}
	return octets
}

// BenchmarkList is the client beside hand-written calls and the floor, a body
// that is read and not decoded.
func BenchmarkList(b *testing.B) {
	for _, size := range []struct {
		name           string
		total, perPage int
	}{{"page of 100", 100, 100}, {"page of 1000", 1000, 1000}, {"zone of 10000", 10_000, 500}} {
		zone := newBenchZone(size.total, size.perPage)
		client := stubClient(b, zone)
		b.Run(size.name+"/hoster", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if size.perPage == size.total {
					page, err := client.DNS.ListPage(b.Context(), "example.com", &hoster.RecordListOptions{PerPage: size.perPage})
					checkBench(b, page.Items, size.total, err)
					continue
				}
				records, err := client.DNS.List(b.Context(), "example.com", &hoster.RecordListOptions{PerPage: size.perPage})
				checkBench(b, records, size.total, err)
			}
		})
		b.Run(size.name+"/raw", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if records := zone.raw(b); len(records) != size.total || records[size.total-1].UpdatedAt.IsZero() {
					b.Fatalf("%d records", len(records))
				}
			}
		})
		b.Run(size.name+"/floor", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if octets := zone.floor(b); octets < 300*size.total {
					b.Fatalf("%d octets", octets)
				}
			}
		})
	}
}

func checkBench(t testing.TB, records []hoster.Record, want int, err error) {
	t.Helper()
	if err != nil || len(records) != want || records[want-1].UpdatedAt.IsZero() || records[7].Priority == nil || records[0].Value != "192.0.0.0" {
		t.Fatalf("%d records, %v", len(records), err)
	}
}
