package hoster

import (
	"errors"
	"slices"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/route"
)

// fillPath puts args, escaped, into the template of op and returns the path as
// it goes on the wire. A {domain} is brought to lower-case A-labels, which are
// returned too.
func fillPath(op *operation, args []string) (escaped, zone string, err error) {
	template := op.template()
	for i := range args {
		if template.Param(i) != "domain" {
			continue
		}
		zone, err = dnszone.ParseDomain(args[i])
		if err != nil {
			return "", "", &ArgumentError{Operation: op.name, Field: "domain", Expected: "a domain name such as example.com", err: err}
		}
		if zone != args[i] {
			args = slices.Clone(args)
			args[i] = zone
		}
	}
	escaped, err = template.Fill(args)
	if refused, ok := errors.AsType[*route.Error](err); ok {
		return "", "", &ArgumentError{Operation: op.name, Field: refused.Param, Expected: refused.Expected}
	}
	return escaped, zone, err
}
