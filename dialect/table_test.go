package dialect

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
)

// TestTables: every table beside the package is right, says where it comes from, and
// can be read at one sitting.
func TestTables(t *testing.T) {
	files, err := filepath.Glob("tables/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no tables", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines > 150 {
			t.Errorf("%s has %d lines", file, lines)
		}
		table, err := Parse(file, text)
		if err != nil {
			t.Error(err)
			continue
		}
		if table.Source == "" {
			t.Errorf("%s does not say its source", file)
		}
	}
}

// TestWrongTables: each problem is named with its line and column, all of them at
// once.
func TestWrongTables(t *testing.T) {
	const head = "{\"dialect\": 1, \"name\": \"x\",\n"
	for _, test := range []struct {
		text string
		want []string
	}{
		{``, []string{"f:1:1: no JSON"}},
		{`[]`, []string{"f:1:1: expected an object"}},
		{"{\n  \"dialect\": 1,,\n}", []string{"f:2:1"}},
		{"{\"name\": \"x\"}", []string{`f:1:1: expected "dialect": 1`}},
		{"{\"dialect\": 2, \"name\": \"x\"}", []string{`f:1:1: expected "dialect": 1`}},
		{head + " \"dialect\": 1}", []string{`f:2:2: "dialect" stands twice`}},
		{head + " \"bse\": \"/v1\",\n \"base\": \"v1\"}", []string{`f:2:2: "bse" is not known here; known are $schema, base`, "f:3:10: expected the path of the base URL"}},
		{head + " \"base\": \"/v1\"} {}", []string{"f:2:17: text behind the table"}},
		{head + " \"data\": \"a[].b\"}", []string{"f:2:10: expected the path to one place"}},
		{head + " \"paging\": {\"page\": \"p\", \"offset\": \"o\"}}", []string{`f:2:12: expected "whole", or one of`}},
		{head + " \"paging\": {\"cursor\": \"c\"}}", []string{`f:2:12: a cursor needs next`}},
		{head + " \"resources\": {\"r\": {\"a.b.c\": \"x\", \"d\": \"x..y\", \"e\": 7}}}", []string{`f:2:22: "a.b.c" is no member`, `f:2:41: "x..y" is no path`, `f:2:54: expected a member's name`}},
		{head + " \"resources\": {\"r\": {\"a\": {\"join\": [\"b\", \"c\"]}}}}", []string{"f:2:27: a join needs with"}},
		{head + " \"resources\": {\"r\": {\"name\": {\"derived\": true}}}}", []string{"f:2:30: only the id"}},
		{head + " \"operations\": {\"Domains.Gte\": {}}}", []string{`f:2:17: there is no operation "Domains.Gte"`}},
		{head + " \"operations\": {\"Domains.Get\": {\"send\": \"GET /x/{id}\"}}}", []string{`f:2:41: there is no parameter "id"`}},
		{head + " \"operations\": {\"Domains.Get\": {\"send\": \"FETCH /x\"}}}", []string{"f:2:41: expected a method and a path"}},
		{head + " \"operations\": {\"Domains.Get\": {\"resource\": \"r\"}}}", []string{`f:2:45: there is no resource "r"`}},
		{head + " \"operations\": {\"Domains.Get\": {\"paging\": \"whole\"}}}", []string{"f:2:32: Domains.Get has no pages"}},
		{head + " \"operations\": {\"Domains.List\": {\"query\": {\"search\": \"local\"}}}}", []string{"f:2:44: search is more than"}},
		{head + " \"operations\": {\"DNS.Create\": {\"body\": {\"a\": \"$nwe\"}}}}", []string{`f:2:46: "$nwe" is not known here`}},
		{head + " \"operations\": {\"DNS.Create\": {\"body\": [\"$new\"]}}}", []string{"f:2:31: $new needs a resource"}},
		{head + " \"resources\": {\"r\": {}}, \"operations\": {\"DNS.Create\": {\"resource\": \"r\", \"body\": [\"$old\"]}}}", []string{"f:2:55: $old needs a record that is found"}},
		{head + " \"operations\": {\"Domains.Get\": {\"find\": true}}}", []string{"f:2:32: Domains.Get names no record", "f:2:16: Domains.Get finds a record by its id"}},
		{head + " \"operations\": {\"DNS.Create\": {\"then\": \"DNS.List\"}}}", []string{"f:2:40: expected a read"}},
	} {
		_, err := Parse("f", []byte(test.text))
		var first *Error
		if !errors.As(err, &first) {
			t.Errorf("%s: no error", test.text)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s\nhas no %q in\n%v", test.text, want, err)
			}
		}
		if n := strings.Count(err.Error(), "f:"); n != len(test.want) {
			t.Errorf("%s: %d problems, not %d:\n%v", test.text, n, len(test.want), err)
		}
	}
}

// TestListedOperations: each operation that is said to have pages is one.
func TestListedOperations(t *testing.T) {
	found := 0
	for _, info := range hoster.Operations() {
		if !listed(string(info.Name)) {
			continue
		}
		found++
		if info.Method != http.MethodGet || strings.HasSuffix(info.Path, "}") {
			t.Errorf("%s is no list", info.Name)
		}
	}
	if found != 8 {
		t.Errorf("%d of 8 lists are operations", found)
	}
}
