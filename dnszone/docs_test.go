package dnszone

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDocumentedTypes holds the table of docs/dns.md against the rules.
func TestDocumentedTypes(t *testing.T) {
	page, err := os.ReadFile("../docs/dns.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		if len(cells) != 5 || cells[0] == " type " || cells[0] == "---" {
			continue
		}
		documented++
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rrtype, goType, apex, host, value := Type(cells[0]), strings.Trim(cells[1], "`"), cells[2], cells[3], strings.Trim(cells[4], "`")
		zero := uint16(0)
		d, err := FromFields(Fields{Type: rrtype, Value: value, Priority: &zero, Weight: &zero, Port: &zero})
		if err != nil || Validate(d) != nil || ToFields(d).Value != value || fmt.Sprintf("%T", d) != "dnszone."+goType {
			t.Errorf("%s: %#v, %v, sent as %q", rrtype, d, err, ToFields(d).Value)
		}
		name, _ := ParseName("@", "example.com")
		if at := ValidatePlace(name, rrtype) == nil; at != (apex == "yes") {
			t.Errorf("%s at the apex: %v", rrtype, at)
		}
		checkHosts(t, rrtype, value, host)
	}
	if documented != len(rules) {
		t.Errorf("%d types are documented, of %d", documented, len(rules))
	}
}

// checkHosts puts hosts in the place of the one in a value.
func checkHosts(t *testing.T, rrtype Type, value, allowed string) {
	t.Helper()
	words := strings.Fields(value)
	place := -1
	for i, w := range words {
		if w == "." || strings.Contains(w, "example.net") && !strings.ContainsAny(w, `:"`) {
			place = i
		}
	}
	if place < 0 {
		if allowed != "" {
			t.Errorf("%s has no host", rrtype)
		}
		return
	}
	for sign, host := range map[string]string{"`_`": "_a.example", "`/`": "a/b.example", "`-`": "-a.example", "`.`": ".", "any": `a\032b.example`} {
		words[place] = host
		zero := uint16(0)
		d, err := FromFields(Fields{Type: rrtype, Value: strings.Join(words, " "), Priority: &zero, Weight: &zero, Port: &zero})
		if err == nil {
			err = Validate(d)
		}
		may := strings.Contains(allowed, sign) || strings.Contains(allowed, "any") && sign != "`.`"
		if (err == nil) != may {
			t.Errorf("%s with the host %s: %v", rrtype, host, err)
		}
	}
}
