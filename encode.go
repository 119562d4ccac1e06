package hoster

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/go-querystring/query"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/route"
	"github.com/go-hoster/hoster/internal/wellformed"
)

// preparer is a request that checks itself, and makes its names canonical
// inside the zone that the path names, before it is encoded.
type preparer interface {
	prepare(op Operation, zone string) (any, error)
}

// wired is a request with secrets: encoding it as it is would redact them, so
// it gives the call a private twin that reveals them.
type wired interface{ wire() any }

// writtenQuery is a query that was checked and encoded before, but for the page.
type writtenQuery string

// encodeQuery writes an options struct by its url tags.
func encodeQuery(op *operation, zone string, options any) (string, error) {
	if written, ok := options.(*writtenQuery); ok {
		return string(*written), nil
	}
	if isNil(options) {
		return "", nil
	}
	options, err := prepare(op, zone, options)
	if err != nil {
		return "", err
	}
	values, ok := options.(url.Values)
	if !ok {
		if !op.foreign {
			options = canonicalForm.Copy(options)
		}
		if values, err = query.Values(options); err != nil {
			return "", argumentOf(op, "options", "an options struct", err)
		}
		if err := checkPaging(op, values); err != nil {
			return "", err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !utf8.ValidString(name) || slices.ContainsFunc(values[name], func(text string) bool { return !utf8.ValidString(text) }) {
			return "", notUTF8(op, strings.ToValidUTF8(name, "\uFFFD"))
		}
	}
	return values.Encode(), nil
}

func notUTF8(op *operation, field string) error {
	return &ArgumentError{Operation: op.name, Field: field, Expected: "text in UTF-8"}
}

// checkPaging holds page and per_page to the bounds of the operation.
func checkPaging(op *operation, values url.Values) error {
	for _, bound := range []struct {
		name string
		most int
	}{{"page", math.MaxInt32}, {"per_page", op.perPage}} {
		text := values.Get(bound.name)
		if text == "" || op.perPage == 0 {
			continue
		}
		if n, err := strconv.Atoi(text); err != nil || n < 1 || n > bound.most {
			return &ArgumentError{Operation: op.name, Field: bound.name, Expected: fmt.Sprintf("a number from 1 to %d, or 0 for the default", bound.most)}
		}
	}
	return nil
}

// encodeBody writes a request as JSON. Secrets go out in clear here, and only
// here. Text that is not UTF-8 is refused: encoding/json would send other text.
func encodeBody(op *operation, zone string, body any) ([]byte, error) {
	if isNil(body) {
		return nil, nil
	}
	body, err := prepare(op, zone, body)
	if err != nil {
		return nil, err
	}
	if !op.foreign {
		body = canonicalForm.Copy(body)
	}
	if w, ok := body.(wired); ok {
		body = w.wire()
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, argumentOf(op, "body", "a value that can be written as JSON", err)
	}
	if place, found := wellformed.Find(body, encoded, contentOf); found {
		return nil, notUTF8(op, cmp.Or(place, "body"))
	}
	return encoded, nil
}

// contentOf is the value of an Opt.
func contentOf(v any) (any, bool) {
	o, ok := v.(interface{ content() any })
	if !ok {
		return nil, false
	}
	return o.content(), true
}

func prepare(op *operation, zone string, v any) (any, error) {
	if z, ok := v.(preparer); ok {
		return z.prepare(op.name, zone)
	}
	return v, nil
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

// argumentOf keeps an ArgumentError and its field, and wraps any other error.
func argumentOf(op *operation, field, expected string, err error) error {
	var argument *ArgumentError
	if errors.As(err, &argument) {
		named := *argument
		named.Operation = op.name
		return &named
	}
	return &ArgumentError{Operation: op.name, Field: field, Expected: expected, err: err}
}

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
