package hoster

import (
	"reflect"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/canon"
)

// canonicalForm writes requests and answers in canonical form: texts with a tag
// canon, and words of enumerations that are known in lower case. Records have a
// zone, and settle by themselves.
var canonicalForm = canon.New(canon.Rules{
	Forms: map[string]func(string) string{
		"domain": func(s string) string {
			if domain, err := dnszone.ParseDomain(s); err == nil {
				return domain
			}
			return s
		},
		"host": func(s string) string {
			if host, err := dnszone.ParseHost(s); err == nil {
				return host
			}
			return s
		},
		"search": func(s string) string { // a part of a domain's name
			if domain, err := dnszone.ParseDomain(s); err == nil {
				return domain
			}
			return canon.Lower(s)
		},
		"currency": func(s string) string {
			if len(s) == 3 {
				return canon.Upper(s)
			}
			return s
		},
	},
	Inside: func(v any) any {
		if o, ok := v.(interface{ place() any }); ok {
			return o.place()
		}
		return nil
	},
	Skip: []reflect.Type{reflect.TypeFor[Record]()},
})

// canonicalType is a record type in upper case.
func canonicalType(t RecordType) RecordType { return RecordType(canon.Upper(string(t))) }
