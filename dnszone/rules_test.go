package dnszone

import (
	"errors"
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
		"CNAME at apex":    {records: []Record{at(t, "@", 0, "CNAME", "example.org")}, place: 0, field: "type"},
	} {
		place, err := ValidateRecords(test.records)
		var wrong *FieldError
		if place != test.place || (err != nil) != (place >= 0) || err != nil && (!errors.As(err, &wrong) || wrong.Field != test.field) {
			t.Errorf("%s: %d, %v", name, place, err)
		}
	}
}
