package dialect

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// TestWalks: what the walks find is what encoding/json finds.
func TestWalks(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a" : "x\"y\\" , "b":[1,{"c":"}]"},null] ,"ü\u00e4":{"d":true}}`, `{"a":"\\","b":"\\\\\"","c":"12345678\"90123456"}`,
		`{"long name of a member":"` + "eight888eight888" + `","t":"\u0022"}`, `[1, 2 ,"]",[[]],{}]`, `[]`, `[ ]`,
	} {
		var want any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		value, ok := jsonread.Parse([]byte(text), limits)
		if !ok {
			t.Fatal(text)
		}
		plain := func(v []byte) (out any) {
			if err := json.Unmarshal(v, &out); err != nil {
				t.Errorf("%s: %s: %v", text, v, err)
			}
			return out
		}
		var got any
		switch value.Kind() {
		case '{':
			object := map[string]any{}
			walkMembers(value, 0, func(name []byte, value jsonread.Value) { object[string(name)] = plain(value) })
			got = object
		default:
			list := []any{}
			for item := range items(value) {
				list = append(list, plain(item))
			}
			got = list
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// FuzzTranslate: whatever an answer holds, its translation is JSON if the answer is,
// and no identity is in it that the answer does not have.
func FuzzTranslate(f *testing.F) {
	for _, seed := range []string{
		`{"data":{"domain_name":"a.example","name":"b"}}`, `[{"domain_name":1}]`, `{"data":[{"ns":{"ns1":"x"}},null,[]],"meta":{}}`, `{"data":`, `{"data":{"d":{"n":"a\"","t":"b"}}}`, "\xef\xbb\xbf{} {}",
		`{"code":7,"data":{}}`, `{"data":{"records":[{"content":"1 2"},"x"],"type":"MX","name":"@"}}`,
	} {
		f.Add([]byte(seed))
	}
	table, err := Parse("table", []byte(`{"dialect": 1, "name": "t", "errors": {"code": "code", "codes": {"7": "NOT_FOUND"}}, "paging": "whole",
		"resources": {"a": {"name": "domain_name", "nameservers": "ns.ns#", "contacts.tech": "p.t"}, "b": {"name": {"join": ["d.n", "d.t"], "with": "."}, "x": "l[].y"},
			"r": {"$each": "records", "id": {"derived": true}, "value": {"member": "records.content", "rdata": true}, "name": {"member": "host", "absolute": true}}},
		"operations": {"Domains.List": {"resource": "a"}, "Domains.Get": {"resource": "b", "data": ""}, "DNS.List": {"resource": "r", "query": {"name": "local"}}}}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for name, o := range table.operations {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com/", nil)
			if err != nil {
				t.Fatal(err)
			}
			c := &call{transport: &Transport{Table: table}, table: table, operation: o, params: map[string]string{"domain": "a.example"}, req: req}
			if _, refused := c.planQuery(); refused != nil {
				t.Fatal(refused)
			}
			out := c.translate(200, http.Header{}, text, new([]byte))
			if json.Valid(text) && !json.Valid(out) {
				t.Errorf("%s: %q became %q", name, text, out)
			}
			if name == "Domains.Get" || bytes.Contains(text, []byte("\\u")) || bytes.Contains(text, []byte("domain_name")) || bytes.Contains(text, []byte("host")) || !json.Valid(text) {
				continue
			}
			var answer struct{ Data []map[string]any }
			_ = json.Unmarshal(out, &answer)
			for _, item := range answer.Data {
				if _, named := item["name"]; named {
					t.Errorf("%s: %q became %q", name, text, out)
				}
			}
		}
	})
}
