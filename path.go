package hoster

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
)

// step is a piece of a path template: text as it goes on the wire, and then a
// parameter, except perhaps at the end.
type step struct {
	text  string
	field string   // the parameter's name; "" for none
	words []string // fixed words of the API, which the parameter may not be
}

// stepsOf takes a template apart.
func stepsOf(path string, words map[string][]string) []step {
	var steps []step
	text := ""
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if i > 0 {
			text += "/"
		}
		if !isParameter(part) {
			text += part
			continue
		}
		steps = append(steps, step{text, strings.Trim(part, "{}"), words[shape(parts[:i])]})
		text = ""
	}
	return append(steps, step{text: text})
}

// fillPath puts args, escaped, into the template of op and returns the path as
// it goes on the wire. A {domain} is brought to lower-case A-labels, which are
// returned too. What could reach another object is refused before any request:
// an empty segment, "." and "..", and a fixed word of the API in the place of
// an id.
func fillPath(op *operation, args []string) (escaped, zone string, err error) {
	path := make([]byte, 0, 96) // on the stack for paths of usual length
	for _, step := range op.steps {
		path = append(path, step.text...)
		if step.field == "" {
			break
		}
		arg := args[0]
		args = args[1:]
		if step.field == "domain" {
			zone, err = dnszone.ParseDomain(arg)
			if err != nil {
				return "", "", &ArgumentError{Operation: op.name, Field: step.field, Expected: "a domain name such as example.com", err: err}
			}
			arg = zone
		}
		if err := checkSegment(op.name, step.field, arg); err != nil {
			return "", "", err
		}
		if slices.Contains(step.words, arg) {
			return "", "", &ArgumentError{Operation: op.name, Field: step.field, Expected: "an object of the account, not " + strconv.Quote(arg) + ", which is a fixed word of the API"}
		}
		path = append(path, url.PathEscape(arg)...)
	}
	return string(path), zone, nil
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
	appendPath(&u, escaped) // apart, so that joinPath is inlined and u can stay off the heap
	return &u
}

func appendPath(u *url.URL, escaped string) {
	if u.RawPath == u.Path && !strings.Contains(escaped, "%") { // nothing is escaped
		u.Path += escaped
		u.RawPath = u.Path
		return
	}
	raw := u.EscapedPath() + escaped
	plain, err := url.PathUnescape(raw)
	if err != nil { // cannot happen: both halves were escaped by net/url
		plain = raw
	}
	u.Path, u.RawPath = plain, raw
}
