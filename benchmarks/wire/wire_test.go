package wire

import (
	"encoding/json"
	"strings"
	"testing"
)

// Every shape is valid JSON of the size that all share, on a page in the middle
// and on one behind the end.
func TestShapes(t *testing.T) {
	for name, s := range shapes {
		var bodies Bodies
		for _, query := range []string{"page=2&per_page=100", "page=999&per_page=100"} {
			body, ok := bodies.Answer("/"+name+"/zones"+s.records, query)
			if !ok || !json.Valid(body) {
				t.Errorf("%s?%s: %v, %.200s", name, query, ok, body)
			}
		}
		for _, i := range []int{0, Records - 1} {
			item := padded(ItemSize, Mark(i), func(value string) string { return s.item(i, value) })
			if len(item) != ItemSize {
				t.Errorf("%s: an item of %d bytes", name, len(item))
			}
		}
		body, ok := bodies.Answer("/"+name+"/zones/"+Domain, "")
		if !ok || !json.Valid(body) || len(body) != DomainSize {
			t.Errorf("%s: a domain of %d bytes: %s", name, len(body), body)
		}
	}
}

// Every resource is valid JSON, found under the URL that it tells, with its ends
// in it; a page has as many items as were asked for.
func TestResources(t *testing.T) {
	var bodies Bodies
	for r, how := range resources {
		path, query, _ := strings.Cut(r.URL("", 30), "?")
		body, ok := bodies.Answer(path, query)
		var answer struct {
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(body, &answer); !ok || err != nil {
			t.Errorf("%s: %v, %v, %.200s", r, ok, err, body)
			continue
		}
		items := 1
		if how.item != nil || r == Availability {
			var list []json.RawMessage
			if err := json.Unmarshal(answer.Data, &list); err != nil {
				t.Errorf("%s: %v", r, err)
			}
			items = len(list)
		}
		if how.item != nil && items != 30 {
			t.Errorf("%s: %d items", r, items)
		}
		first, last := r.Ends(items)
		if !strings.Contains(string(answer.Data), first) || !strings.Contains(string(answer.Data), last) {
			t.Errorf("%s: no %q or %q in %.400s", r, first, last, answer.Data)
		}
	}
}
