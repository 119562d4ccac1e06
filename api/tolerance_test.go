package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// TestToleranceNamesRealTests finds tests that docs/tolerance.md names and
// nobody wrote.
func TestToleranceNamesRealTests(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "tolerance.md"))
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	for _, pattern := range []string{"../*_test.go", "../internal/*/*_test.go", "../dnszone/*_test.go", "*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(content)
		}
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(string(page), -1)
	if len(names) < 40 {
		t.Errorf("%d names", len(names))
	}
	for _, name := range names {
		if !strings.Contains(sources.String(), "\nfunc "+name[1]+"(") {
			t.Errorf("there is no %s", name[1])
		}
	}
}

// TestRaisedTTL: where a provider raises a TTL, its answer is the truth.
func TestRaisedTTL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"status":"success","data":{"id":"rec_01","type":"A","name":"www","value":"192.0.2.10","ttl":300}}`)
	}))
	defer server.Close()
	client, err := hoster.NewClient(hoster.WithBaseURL(server.URL), hoster.WithToken("sample-token"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	record, err := client.DNS.Create(context.Background(), "example.com", hoster.RecordCreate{Type: dnszone.TypeA, Name: "www", Value: "192.0.2.10", TTL: hoster.Set(60)})
	if err != nil || record.TTL != 300 {
		t.Errorf("TTL %d, %v", record.TTL, err)
	}
}
