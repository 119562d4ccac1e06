package dnszone

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestValidateRecords(t *testing.T) {
	www := at(t, "www", 300, "A", "192.0.2.1")
	for name, test := range map[string]struct {
		records []Record
		place   int
		field   string
	}{
		"nothing":          {place: -1},
		"a set, one TTL":   {records: []Record{www, at(t, "WWW.example.com.", 0, "A", "192.0.2.2"), at(t, "www", 300, "A", "192.0.2.3"), at(t, "www", 60, "TXT", "x")}, place: -1},
		"two TTLs":         {records: []Record{www, at(t, "www", 60, "A", "192.0.2.2")}, place: 1, field: "ttl"},
		"the TTL is late":  {records: []Record{at(t, "a", 0, "A", "192.0.2.1"), at(t, "a", 60, "A", "192.0.2.2"), at(t, "a", 90, "A", "192.0.2.3")}, place: 2, field: "ttl"},
		"twice":            {records: []Record{at(t, "@", 0, "MX", "10 mail.example.org"), at(t, "example.com.", 0, "MX", "10 MAIL.example.org.")}, place: 1, field: "value"},
		"no data, twice":   {records: []Record{{Name: www.Name}, {Name: www.Name}}, place: 1, field: "value"},
		"CNAME alone":      {records: []Record{at(t, "www", 300, "CNAME", "example.org"), at(t, "w", 300, "A", "192.0.2.1")}, place: -1},
		"CNAME beside A":   {records: []Record{www, at(t, "www", 300, "CNAME", "example.org")}, place: 1, field: "type"},
		"TXT beside CNAME": {records: []Record{at(t, "www", 300, "CNAME", "example.org"), at(t, "www", 300, "TXT", "x")}, place: 1, field: "type"},
		"two CNAMEs":       {records: []Record{at(t, "www", 0, "CNAME", "example.org"), at(t, "www", 0, "CNAME", "example.net")}, place: 1, field: "value"},
		"CNAME at apex":    {records: []Record{at(t, "@", 0, "CNAME", "example.org")}, place: 0, field: "name"},
		"DS at apex":       {records: []Record{at(t, "sub", 0, "DS", "1 8 9 ab"), at(t, "@", 0, "DS", "1 8 9 ab")}, place: 1, field: "name"},
	} {
		problems := ValidateRecords(test.records)
		if test.field == "" && problems != nil || test.field != "" && (len(problems) != 1 || problems[0].Place != test.place || problems[0].Field != test.field) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

// TestAllProblems are told, and one does not hide or cause another.
func TestAllProblems(t *testing.T) {
	www := at(t, "www", 300, "A", "192.0.2.1")
	problems := ValidateRecords([]Record{
		www, at(t, "www", 60, "A", "192.0.2.2"), at(t, "www", 300, "CNAME", "example.org"), at(t, "www", 300, "TXT", "x"), www,
		at(t, "@", 0, "CNAME", "example.org"), at(t, "@", 0, "TXT", "x"),
		at(t, "stays", 0, "CNAME", "example.org"), at(t, "alias", 0, "A", "192.0.2.1"), at(t, "free", 0, "A", "192.0.2.1"),
		at(t, "stays", 0, "A", "192.0.2.1"), at(t, "@", 0, "CNAME", "example.org"), at(t, "www", 0, "A", "192.0.2.3"), at(t, "www", 60, "A", "192.0.2.4"),
	}, SetKey{at(t, "stays", 0, "TXT", "x").Name, "TXT"}, SetKey{at(t, "alias", 0, "TXT", "x").Name, "CNAME"}, SetKey{at(t, "alias", 0, "TXT", "x").Name, "HTTPS"}, SetKey{at(t, "free", 0, "TXT", "x").Name, "TXT"})
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprint(p.Place, " ", p.Field))
	}
	if want := []string{"1 ttl", "2 type", "4 value", "5 name", "7 type", "8 type", "11 name", "13 ttl"}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	var wrong *FieldError
	if err := error(problems[0]); !errors.As(err, &wrong) || wrong.Field != "ttl" || !strings.HasPrefix(err.Error(), "record 1: ttl: ") {
		t.Errorf("%v", err)
	}
}

func TestUnique(t *testing.T) {
	a := func(name, value string, ttl int) Record { return at(t, name, ttl, "A", value) }
	unique, places := Unique([]Record{
		a("x", "192.0.2.1", 0), a("X.example.com.", "192.0.2.1", 60), a("x", "192.0.2.1", 0), a("x", "192.0.2.2", 0),
		a("x", "192.0.2.1", 60), a("x", "192.0.2.1", 90), a("y", "192.0.2.1", 0),
	})
	if fmt.Sprint(places) != "[0 3 5 6]" || unique[0].TTL != 60 || unique[1].TTL != 0 || unique[2].TTL != 90 {
		t.Errorf("%v, %v", unique, places)
	}
}
