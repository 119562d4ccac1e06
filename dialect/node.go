package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// node is a value of a table's text, and where it stands.
type node struct {
	at      int // offset of its first octet
	value   any // string, json.Number, bool, nil; map[string]*node or []*node
	names   []string
	nameAt  map[string]int
	problem func(at int, format string, args ...any)
}

// An Error says what is wrong with a table, and where.
type Error struct {
	File         string // as it was given to Parse
	Line, Column int    // from 1; the column counts octets
	Problem      string
}

// Error is file, line, column and problem.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// source is the text of a table while it is read.
type source struct {
	file     string
	text     []byte
	decoder  *json.Decoder
	problems []error
}

// problem notes what is wrong at an offset.
func (s *source) problem(at int, format string, args ...any) {
	before := s.text[:min(max(at, 0), len(s.text))]
	s.problems = append(s.problems, &Error{
		File:    s.file,
		Line:    1 + bytes.Count(before, []byte("\n")),
		Column:  len(before) - bytes.LastIndexByte(before, '\n'),
		Problem: fmt.Sprintf(format, args...),
	})
}

// parse reads the whole text as one value, nil where it is no JSON.
func (s *source) parse() *node {
	s.decoder = json.NewDecoder(bytes.NewReader(s.text))
	s.decoder.UseNumber()
	root, err := s.node(0)
	if err == nil {
		at := s.next()
		if _, err := s.decoder.Token(); !errors.Is(err, io.EOF) {
			s.problem(at, "text behind the table")
		}
		return root
	}
	at := len(s.text)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = int(syntax.Offset) - 1
	}
	s.problem(at, "no JSON: %v", err)
	return nil
}

// maxDepth is how deep a table can be nested.
const maxDepth = 20

var errDeep = fmt.Errorf("nested deeper than %d", maxDepth)

func (s *source) node(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &node{at: s.next(), problem: s.problem}
	token, err := s.decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		members := map[string]*node{}
		n.value, n.nameAt = members, map[string]int{}
		for s.decoder.More() {
			at := s.next()
			name, err := s.decoder.Token()
			if err != nil {
				return nil, err
			}
			member, err := s.node(depth + 1)
			if err != nil {
				return nil, err
			}
			text, _ := name.(string)
			if members[text] != nil {
				s.problem(at, "%q stands twice", text)
			} else {
				n.names = append(n.names, text)
			}
			members[text], n.nameAt[text] = member, at
		}
		_, err = s.decoder.Token()
	case json.Delim('['):
		items := []*node{}
		for s.decoder.More() {
			item, err := s.node(depth + 1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		n.value = items
		_, err = s.decoder.Token()
	default:
		n.value = token
	}
	return n, err
}

// next is where the next token begins.
func (s *source) next() int {
	at := int(s.decoder.InputOffset())
	for at < len(s.text) && strings.IndexByte(" \t\r\n,:", s.text[at]) >= 0 {
		at++
	}
	return at
}

// wrong notes a problem of the value.
func (n *node) wrong(format string, args ...any) { n.problem(n.at, format, args...) }

// text is the value as a string; "" with a problem if it is none.
func (n *node) text() string {
	text, ok := n.value.(string)
	if !ok {
		n.wrong("expected a text")
	}
	return text
}

// number is the value as a whole number that is not below least.
func (n *node) number(least int) int {
	number, _ := n.value.(json.Number)
	value, err := number.Int64()
	if err != nil || value < int64(least) || value > 1<<30 {
		n.wrong("expected a whole number from %d on", least)
		return least
	}
	return int(value)
}

// truth is the value as true or false.
func (n *node) truth() bool {
	value, ok := n.value.(bool)
	if !ok {
		n.wrong("expected true or false")
	}
	return value
}

// items are those of a list.
func (n *node) items() []*node {
	items, ok := n.value.([]*node)
	if !ok {
		n.wrong("expected a list")
	}
	return items
}

// members calls use with each member of an object in its order.
func (n *node) members(use func(name string, at int, member *node)) {
	members, ok := n.value.(map[string]*node)
	if !ok {
		n.wrong("expected an object")
		return
	}
	for _, name := range n.names {
		use(name, n.nameAt[name], members[name])
	}
}

// fields calls the function of each member that is there, and notes a problem for
// a member that has none.
func (n *node) fields(known map[string]func(*node)) {
	n.members(func(name string, at int, member *node) {
		if use := known[name]; use != nil {
			use(member)
			return
		}
		names := make([]string, 0, len(known))
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		n.problem(at, "%q is not known here; known are %s", name, strings.Join(names, ", "))
	})
}

// plain is the value as encoding/json has it.
func (n *node) plain() any {
	switch value := n.value.(type) {
	case map[string]*node:
		object := make(map[string]any, len(value))
		for name, member := range value {
			object[name] = member.plain()
		}
		return object
	case []*node:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = item.plain()
		}
		return list
	}
	return n.value
}
