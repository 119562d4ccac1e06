package hoster

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/go-hoster/hoster/dnszone"
)

// NewRecord describes a new record at name with a typed value, such as
// dnszone.MX{Preference: 10, Host: "mail.example.com"}.
func NewRecord(name string, data dnszone.Data) RecordCreate {
	fields := dnszone.ToFields(data)
	return RecordCreate{
		Type:     fields.Type,
		Name:     name,
		Value:    fields.Value,
		Priority: optOf(fields.Priority),
		Weight:   optOf(fields.Weight),
		Port:     optOf(fields.Port),
	}
}

// Data returns the record's value typed, as dnszone.A, dnszone.MX and so on;
// dnszone.Raw for types that this package does not know. Compare values with
// dnszone.Equal.
func (r Record) Data() (dnszone.Data, error) {
	return dnszone.FromFields(r.fields())
}

func (r Record) fields() dnszone.Fields {
	return dnszone.Fields{Type: r.Type, Value: r.Value, Priority: r.Priority, Weight: r.Weight, Port: r.Port}
}

// settle makes type, name and value canonical. What dnszone cannot read stays as
// the provider sent it.
func (r *Record) settle(zone string) {
	r.Type = canonicalType(r.Type)
	if dnszone.IsCanonicalName(r.Name, zone) {
		// most names, in a tenth of the time
	} else if name, err := dnszone.ParseName(r.Name, zone); err == nil {
		r.Name = name.Relative()
		if name.DoubledSuffix() { // whose relative form reads like another name in full
			r.Name = name.FQDN()
		}
	}
	if f, err := dnszone.CanonicalFields(r.fields()); err == nil && r.Type.Known() {
		r.Value, r.Priority, r.Weight, r.Port = f.Value, f.Priority, f.Weight, f.Port
	}
}

// settleRecords settles the records of one list. "www.example.com" in the zone
// example.com is a name in full if the provider writes names so. Where it writes
// most names relative to the zone, it is a name to which the zone was added once
// too often, and not "www".
func settleRecords(records []Record, zone string) {
	inFull := func(name string) bool {
		outside := len(name) - len(zone)
		return outside > 0 && name[outside-1] == '.' && strings.EqualFold(name[outside:], zone)
	}
	full, relative := 0, 0
	for _, r := range records {
		switch {
		case r.Name == "", r.Name == "@", strings.EqualFold(r.Name, zone): // the apex may be written so in either case
		case inFull(r.Name), r.Name[len(r.Name)-1] == '.':
			full++
		default:
			relative++
		}
	}
	for i := range records {
		if relative >= full && inFull(records[i].Name) {
			records[i].Name += "." + zone + "."
		}
		records[i].settle(zone)
	}
}

// prepare checks the record and makes it canonical.
func (r RecordCreate) prepare(op Operation, zone string) (any, error) {
	name, err := relativeName(op, r.Name, zone)
	if err != nil {
		return nil, err
	}
	r.Name = name
	if err := checkTTL(op, r.TTL); err != nil {
		return nil, err
	}
	if r.Type == "" {
		return nil, &ArgumentError{Operation: op, Field: "type", Expected: "a record type such as A or TXT"}
	}
	data, err := dnszone.FromFields(dnszone.Fields{
		Type: r.Type, Value: r.Value,
		Priority: pointerOf(r.Priority), Weight: pointerOf(r.Weight), Port: pointerOf(r.Port),
	})
	if err == nil {
		err = dnszone.Validate(data)
	}
	if err != nil {
		return nil, recordError(op, err)
	}
	canonical := NewRecord(r.Name, data)
	canonical.TTL = r.TTL
	return canonical, nil
}

// prepare checks what can be checked without knowing the record's type.
func (u RecordUpdate) prepare(op Operation, zone string) (any, error) {
	if given, ok := u.Name.Get(); ok {
		name, err := relativeName(op, given, zone)
		if err != nil {
			return nil, err
		}
		u.Name = Set(name)
	}
	if text, ok := u.Value.Get(); ok && !utf8.ValidString(text) {
		u.Value = Set(dnszone.QuoteTXT(text)) // only a TXT record holds such text
	}
	return u, checkTTL(op, u.TTL)
}

// prepare makes the filter's type and name canonical.
func (o *RecordListOptions) prepare(op Operation, zone string) (any, error) {
	filter := *o
	filter.Type = canonicalType(o.Type)
	if o.Name == "" {
		return &filter, nil
	}
	var err error
	filter.Name, err = relativeName(op, o.Name, zone)
	return &filter, err
}

func relativeName(op Operation, given, zone string) (string, error) {
	name, err := dnszone.ParseName(given, zone)
	if err != nil {
		return "", &ArgumentError{Operation: op, Field: "name", Expected: "a name inside " + zone + `, relative or absolute, or "@"`, err: err}
	}
	if name.DoubledSuffix() {
		return "", &ArgumentError{Operation: op, Field: "name", Expected: "the zone's name at most once, not " + name.FQDN()}
	}
	return name.Relative(), nil
}

// checkTTL leaves a provider's own floor to the provider: a raised TTL comes back in
// the answer.
func checkTTL(op Operation, ttl Opt[int]) error {
	if seconds, ok := ttl.Get(); ok && dnszone.ValidateTTL(seconds) != nil {
		return &ArgumentError{Operation: op, Field: "ttl", Expected: "seconds, from 60 to 604800"}
	}
	return nil
}

func recordError(op Operation, err error) error {
	var field *dnszone.FieldError
	if errors.As(err, &field) {
		return &ArgumentError{Operation: op, Field: field.Field, Expected: expectedOf(field.Field), err: errors.New(field.Problem)}
	}
	return &ArgumentError{Operation: op, Field: "value", Expected: "a value of the record's type", err: err}
}

// expectedOf is what a record has in a field.
func expectedOf(field string) string {
	switch field {
	case "priority", "weight", "port":
		return "a number from 0 to 65535"
	case "type":
		return "a record type such as A or TXT"
	}
	return "a " + field + " that can be stored"
}

func optOf(n *uint16) Opt[uint16] {
	if n == nil {
		return Opt[uint16]{}
	}
	return Set(*n)
}

func pointerOf(o Opt[uint16]) *uint16 {
	if n, ok := o.Get(); ok {
		return &n
	}
	return nil
}
