package dialect

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// TestWorkedExample: the table of docs/dialects.md does what the page says of it.
func TestWorkedExample(t *testing.T) {
	page, err := os.ReadFile("../docs/dialects.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```json\n")
	text, _, found := strings.Cut(text, "```")
	if !found {
		t.Fatal("the page has no table")
	}
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		switch {
		case r.URL.Path == "/v2/zones":
			fmt.Fprint(w, `{"zones": {"items": [{"zone": "one.example", "state": "LIVE", "expiry": "2030-01-02"}], "count": 1}}`)
		case r.URL.Path != "/v2/zones/one.example/entries":
			w.WriteHeader(404)
			fmt.Fprint(w, `{"fault": {"no": 404, "text": "no such zone"}}`)
		case r.Method == "GET":
			fmt.Fprint(w, `{"entries": [{"key": 7, "host": "", "kind": "MX", "content": "10 mx.example.net."}]}`)
		default:
			fmt.Fprint(w, `{"entry": {"key": 8, "host": "www", "kind": "TXT", "content": "\"two words\""}}`)
		}
	})
	client := clientOf(t, parse(t, text), b.url+"/v2")
	domains, err := client.Domains.List(t.Context(), nil)
	if err != nil || len(domains) != 1 || domains[0].Name != "one.example" || domains[0].Status != hoster.DomainStatusActive || domains[0].ExpiresAt == nil {
		t.Errorf("%+v, %v", domains, err)
	}
	records, err := client.DNS.List(t.Context(), "one.example", nil)
	wantsRecords(t, records, err, "7 @ 0 MX 10 mx.example.net. <nil>")
	made, err := client.DNS.Create(t.Context(), "one.example", hoster.NewRecord("www", dnszone.TXT{Text: "two words"}))
	if err != nil || made.ID != "8" || made.Value != "two words" {
		t.Errorf("%+v, %v", made, err)
	}
	if _, err := client.DNS.List(t.Context(), "two.example", nil); !errors.Is(err, hoster.ErrNotFound) {
		t.Error(err)
	}
	b.wants(t, "GET /v2/zones?limit=50&offset=0", "GET /v2/zones/one.example/entries",
		`POST /v2/zones/one.example/entries {"content":"\"two words\"","host":"www","kind":"TXT"}`, "GET /v2/zones/two.example/entries")
}
