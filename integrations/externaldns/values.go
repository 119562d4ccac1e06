package externaldnshoster

import (
	"errors"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
)

// Types whose value is one host, and which package dnszone has no type for. The API
// has their presentation form, with the final dot.
func isHostType(t dnszone.Type) bool { return t == "PTR" || t == "DNAME" }

// valuesOf reads the targets of an endpoint. A text that begins and ends with a
// quote is in presentation form, as external-dns writes its own.
func valuesOf(e *Endpoint) (values []dnszone.Data, err error) {
	rrtype := dnszone.Type(strings.ToUpper(e.RecordType))
	if len(e.Targets) == 0 {
		return nil, errors.New("there are no targets")
	}
	for _, target := range e.Targets {
		if isHostType(rrtype) {
			host, err := dnszone.ParseHost(target)
			if err != nil {
				return nil, err
			}
			target = strings.TrimSuffix(host, ".") + "."
		}
		data, err := dnszone.FromFields(dnszone.Fields{Type: rrtype, Value: target})
		if err == nil {
			err = dnszone.Validate(data)
		}
		if err != nil {
			return nil, err
		}
		values = append(values, dnszone.Canonical(data))
	}
	return values, nil
}

// targetOf is a value as external-dns has it: hosts without the final dot, but for
// that of an SRV record, and texts without quotes.
func targetOf(data dnszone.Data) string {
	switch d := data.(type) {
	case dnszone.TXT:
		return dnszone.ToFields(d).Value
	case dnszone.SRV:
		return d.String()
	case dnszone.Raw:
		if isHostType(d.Type()) {
			return strings.TrimSuffix(d.String(), ".")
		}
		return d.String()
	}
	return strings.TrimSuffix(data.String(), ".")
}

// ttlOf is the endpoint's TTL within the API's limits; 0 stands for none.
func ttlOf(e *Endpoint) int {
	if e.RecordTTL <= 0 {
		return 0
	}
	return int(min(max(e.RecordTTL, dnszone.MinTTL), dnszone.MaxTTL))
}
