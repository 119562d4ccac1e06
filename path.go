package hoster

import (
	"net/url"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
)

// fillPath puts args, escaped, into the template of op and returns the path as
// it goes on the wire. A {domain} is brought to lower-case A-labels, which are
// returned too. What could reach another object is refused before any request:
// an empty segment, "." and "..", and a fixed word of the API in the place of
// an id.
func fillPath(op *operation, args []string) (escaped, zone string, err error) {
	var b strings.Builder
	parts := strings.Split(op.path, "/")
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		if !isParameter(part) {
			b.WriteString(part)
			continue
		}
		field, arg := strings.Trim(part, "{}"), args[0]
		args = args[1:]
		if field == "domain" {
			zone, err = dnszone.ParseDomain(arg)
			if err != nil {
				return "", "", &ArgumentError{Operation: op.name, Field: field, Expected: "a domain name such as example.com", err: err}
			}
			arg = zone
		}
		if err := checkSegment(op.name, field, arg); err != nil {
			return "", "", err
		}
		if !op.foreign && slices.Contains(siblings()[shape(parts[:i])], arg) {
			return "", "", &ArgumentError{Operation: op.name, Field: field, Expected: "an object of the account, not " + quoted(arg) + ", which is a fixed word of the API"}
		}
		b.WriteString(url.PathEscape(arg))
	}
	return b.String(), zone, nil
}

// checkSegment refuses what a server or proxy would resolve away.
func checkSegment(op Operation, field, segment string) error {
	switch segment {
	case "":
		return &ArgumentError{Operation: op, Field: field, Expected: "a value that is not empty"}
	case ".", "..":
		return &ArgumentError{Operation: op, Field: field, Expected: "a name, not a path step"}
	}
	return nil
}

// joinPath sets the path of u to its own followed by escaped, by concatenation:
// nothing is resolved, so nothing can climb out of the base URL.
func joinPath(u url.URL, escaped string) *url.URL {
	raw := u.EscapedPath() + escaped
	plain, err := url.PathUnescape(raw)
	if err != nil { // cannot happen: both halves were escaped by net/url
		plain = raw
	}
	u.Path, u.RawPath = plain, raw
	return &u
}
