package dialect

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
)

// pageOf is a page of 1,000 records, with the brand's names for members.
func pageOf(names map[string]string) []byte {
	name := func(ours string) string {
		if theirs := names[ours]; theirs != "" {
			return theirs
		}
		return ours
	}
	var page strings.Builder
	page.WriteString(`{"status":"success","data":[`)
	for i := range 1000 {
		if i > 0 {
			page.WriteByte(',')
		}
		kind, value := "TXT", "v=key; p="+strings.Repeat("MIGfMA0GCSqGSIb3", 7)
		switch {
		case i%4 == 0:
			kind, value = "A", fmt.Sprintf("192.0.%d.%d", i/250, i%250)
		case i%8 == 1:
			kind, value = "AAAA", fmt.Sprintf("2001:db8::%x:1", i+16)
		case i%8 == 3:
			kind, value = "CNAME", fmt.Sprintf("edge-%d.cdn.example.net", i)
		}
		fmt.Fprintf(&page, `{%q:"rec_%016x",%q:%q,%q:"host-%d",%q:%q,%q:3600,"priority":null,"weight":null,"port":null,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-02-03T04:05:06Z","note":"%s"}`,
			name("id"), i*7919, name("type"), kind, name("name"), i, name("value"), value, name("ttl"), strings.Repeat("n", 40))
	}
	page.WriteString(`],"meta":{"pagination":{"total":1000,"current_page":1,"per_page":1000,"total_pages":1}}}`)
	return []byte(page.String())
}

// setsOf is the same zone as record sets.
func setsOf() []byte {
	var page strings.Builder
	page.WriteByte('[')
	for i := range 1000 {
		if i > 0 {
			page.WriteByte(',')
		}
		fmt.Fprintf(&page, `{"name":"host-%d","type":"TXT","ttl":3600,"records":[{"content":"\"v=key; p=%s\"","is_disabled":false}]}`, i, strings.Repeat("MIGfMA0GCSqGSIb3", 7))
	}
	return []byte(page.String() + "]")
}

// fixed answers everything with one body.
type fixed []byte

func (f fixed) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(f)),
		Body: io.NopCloser(bytes.NewReader(f)), Request: req}, nil
}

// BenchmarkPage reads a page of 1,000 records without a dialect and with one, turn
// by turn, and reports how many times as long the other ways take.
func BenchmarkPage(b *testing.B) {
	hostinger, err := os.ReadFile("tables/hostinger.json")
	if err != nil {
		b.Fatal(err)
	}
	renaming := `{"dialect": 1, "name": "test", "base": "/v1", "resources": {"record": {"id": "rid", "name": "host", "value": "content", "type": "kind"}},
		"operations": {"DNS.List": {"resource": "record", "send": "GET /zones/{domain}/records"}}}`
	ways := []struct {
		name  string
		table string
		base  string
		page  []byte
	}{
		{"plain", "", "/v1", pageOf(nil)},
		{"renamed", renaming, "/v1", pageOf(map[string]string{"id": "rid", "name": "host", "value": "content", "type": "kind"})},
		{"sets", string(hostinger), "/api", setsOf()},
	}
	took := make([]time.Duration, len(ways))
	var reads []func() error
	for _, way := range ways {
		transport := http.RoundTripper(fixed(way.page))
		if way.table != "" {
			table, err := Parse("table", []byte(way.table))
			if err != nil {
				b.Fatal(err)
			}
			transport = &Transport{Table: table, Next: transport}
		}
		client, err := hoster.NewClient(hoster.WithBaseURL("https://api.example.com"+way.base), hoster.WithToken("secret-token"),
			hoster.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			b.Fatal(err)
		}
		reads = append(reads, func() error {
			page, err := client.DNS.ListPage(b.Context(), "a.example", &hoster.RecordListOptions{PerPage: 1000})
			if err == nil && len(page.Items) != 1000 {
				err = fmt.Errorf("%d records", len(page.Items))
			}
			return err
		})
	}
	for b.Loop() {
		for i, read := range reads {
			began := time.Now()
			if err := read(); err != nil {
				b.Fatal(err)
			}
			if d := time.Since(began); took[i] == 0 || d < took[i] {
				took[i] = d // the quickest: a loaded machine makes others longer
			}
		}
	}
	for i, way := range ways[1:] {
		b.ReportMetric(float64(took[i+1])/float64(took[0]), way.name+"/plain")
	}
}
