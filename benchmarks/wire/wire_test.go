package wire

import (
	"encoding/json"
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
