// Package route fills the parameters of path templates with escaped segments,
// and refuses a segment that would lead to another place.
package route

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Template is a path such as "/domains/{domain}/dns/records/{id}", taken apart.
type Template struct{ steps []step }

// step is a piece of a template: text as it goes on the wire, and then a
// parameter, except at the end.
type step struct {
	text  string
	param string   // the parameter's name; "" for none
	words []string // fixed segments of other templates, which the parameter must not be
}

// Words are the fixed segments of a set of templates, by the path before them.
type Words map[string][]string

// WordsOf collects the fixed segments of all paths: "/account/tokens/current"
// beside "/account/tokens/{id}" makes "current" a word that no id can be.
func WordsOf(paths []string) Words {
	words := Words{}
	for _, path := range paths {
		parts := strings.Split(path, "/")
		for i, part := range parts {
			if !isParam(part) {
				parent := shape(parts[:i])
				words[parent] = append(words[parent], part)
			}
		}
	}
	return words
}

// New takes a path apart. words may be nil.
func New(path string, words Words) Template {
	var t Template
	text := ""
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if i > 0 {
			text += "/"
		}
		if !isParam(part) {
			text += part
			continue
		}
		t.steps = append(t.steps, step{text, strings.Trim(part, "{}"), words[shape(parts[:i])]})
		text = ""
	}
	t.steps = append(t.steps, step{text: text})
	return t
}

// Param is the name of the parameter with this index, "" if there is none.
func (t Template) Param(i int) string {
	if i >= len(t.steps) {
		return ""
	}
	return t.steps[i].param
}

// Error is a segment that was refused.
type Error struct {
	Param    string // the parameter's name
	Expected string
}

func (e *Error) Error() string { return e.Param + ": expected " + e.Expected }

// Fill returns the path with the segments in the place of the parameters, each
// escaped as one segment. There is one for each parameter. It refuses, by an
// [*Error], what a server or a proxy would resolve to another path: an empty
// segment, "." and "..", a fixed word in the place of a parameter, and text that
// is not UTF-8.
func (t Template) Fill(segments []string) (string, error) {
	path := make([]byte, 0, 96) // on the stack for paths of usual length
	for i, s := range t.steps {
		path = append(path, s.text...)
		if s.param == "" {
			break
		}
		segment := segments[i]
		if expected := s.refuse(segment); expected != "" {
			return "", &Error{Param: s.param, Expected: expected}
		}
		path = append(path, url.PathEscape(segment)...)
	}
	return string(path), nil
}

// refuse says what was expected instead of the segment, "" if it is good.
func (s *step) refuse(segment string) string {
	switch {
	case segment == "":
		return "a value that is not empty"
	case segment == ".", segment == "..":
		return "a name, not a path step"
	case slices.Contains(s.words, segment):
		return `an object of the account, not "` + segment + `", which is a fixed word of the API`
	case !utf8.ValidString(segment):
		return "UTF-8"
	}
	return ""
}

// Join returns u with escaped added to the end of its path. Nothing is resolved,
// so nothing can climb out of u.
func Join(u url.URL, escaped string) *url.URL {
	appendPath(&u, escaped) // apart, so that Join is inlined and u can stay off the heap
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

// shape is a path prefix with its parameters made alike.
func shape(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteByte('/')
		if isParam(part) {
			part = "{}"
		}
		b.WriteString(part)
	}
	return b.String()
}

func isParam(part string) bool { return strings.HasPrefix(part, "{") }
