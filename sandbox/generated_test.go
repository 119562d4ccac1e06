package sandbox_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

// Generated records come behind the zone's own, page by page and under filters,
// and cost nothing while nobody reads them.
func TestGeneratedRecords(t *testing.T) {
	const n = 1_000_000
	made := 0
	a := newAPI(t, sandbox.WithGeneratedRecords("example.com", n, func(i int) sandbox.Record {
		made++
		return sandbox.Record{ID: fmt.Sprintf("rec_%07d", i), Type: "A", Name: fmt.Sprintf("h%d", i%4), Value: "192.0.2.1", TTL: 300}
	}))
	own := 0
	a.View(func(st *sandbox.State) { own = len(st.Records("example.com")) })
	list := func(query string) (records []sandbox.Record, total int) {
		t.Helper()
		got := a.do("GET", "/domains/example.com/dns/records"+query, "")
		if got.Code != 200 {
			t.Fatal(query, got.Code)
		}
		if err := json.Unmarshal(got.body.Data, &records); err != nil {
			t.Fatal(err)
		}
		return records, got.body.Meta.Pagination["total"]
	}

	records, total := list("?per_page=1000")
	if total != own+n || len(records) != 1000 || records[own].ID != "rec_0000000" || made != 1000-own {
		t.Errorf("%d records of %d, %d made", len(records), total, made)
	}
	records, _ = list(fmt.Sprintf("?per_page=1000&page=%d", 1+n/1000))
	if len(records) != own || records[own-1].ID != "rec_0999999" {
		t.Errorf("the last page has %d records", len(records))
	}
	if records, total = list("?name=h3&per_page=10"); total != n/4 || records[9].ID != "rec_0000039" {
		t.Errorf("%d of that name", total)
	}
	if _, total = list("?name=h3&type=MX"); total != 0 {
		t.Errorf("%d of another type", total)
	}
	if again, _ := list(""); len(again) == 0 || again[0].ID == "rec_0000000" {
		t.Error("a filter has changed the zone")
	}
	if got := a.do("GET", "/domains/example.com/dns/records/rec_0000000", ""); got.Code != 404 {
		t.Errorf("a generated record by its id: %d", got.Code)
	}
}
