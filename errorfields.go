package hoster

import (
	"cmp"
	"slices"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/printable"
)

// FieldsOf returns what an error says of single fields, for programs that show a
// problem where its cause was written, such as at an attribute of a Terraform
// resource. It knows every error of this package and of dnszone, through any wrapping
// and joining, and is empty for an error that is about no field.
//
// A field has the name that it has in the request: "ttl", "address.street",
// "nameservers.1", "values.0"; an argument that is no field of a request that of the
// parameter or option. Where one error wraps another the outer one counts, since it
// speaks of what its caller wrote: a value of a record set is "values.2", and what
// dnszone found wrong in it is part of the message. A price that is too high is
// "max_price", a name that cannot be registered "domain", whether or not the provider
// names the field.
func FieldsOf(err error) []FieldProblem {
	about := func(field string, message string) []FieldProblem {
		return []FieldProblem{{Field: field, Messages: []string{printable.Whole(message)}}}
	}
	switch e := err.(type) { //nolint:errorlint // it walks the chain itself, from the outside in
	case *ValidationError:
		return slices.Clone(e.Fields)
	case *Error:
		field := conflictFields[e.Code]
		if len(e.Fields) > 0 || field == "" || !e.FromAPI {
			return slices.Clone(e.Fields)
		}
		return about(field, cmp.Or(unended(e.Message), string(e.Code)))
	case *ArgumentError:
		return about(e.Field, e.expectation())
	case *PriceError:
		return about("max_price", e.reason())
	case *dnszone.RecordError:
		return about(e.Field, e.Problem)
	case *dnszone.FieldError:
		return about(e.Field, e.Problem)
	case interface{ Unwrap() []error }:
		var all []FieldProblem
		for _, inner := range e.Unwrap() {
			all = append(all, FieldsOf(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		return FieldsOf(e.Unwrap())
	}
	return nil
}

// conflictFields are the fields that a 409 is about by its code alone.
var conflictFields = map[ErrorCode]string{
	ErrorCodePriceChanged:      "max_price",
	ErrorCodeDomainUnavailable: "domain",
}
