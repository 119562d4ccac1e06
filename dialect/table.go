package dialect

import (
	"bytes"
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"slices"
	"strings"

	"github.com/go-hoster/hoster"
)

// Table says how a brand's API differs. It is made by [Parse] and never changed.
type Table struct {
	Name   string // of the brand or its software
	Source string // the documentation that it was written from

	base       string // the path of the client's base URL
	data       path   // of an answer
	untagged   bool   // an ETag is none that a write can depend on
	failures   *failures
	paging     *paging
	headers    map[string]string // canonical names: the brand's, and the API's for it
	resources  map[string]*resource
	lookups    map[string]*lookup
	operations map[string]*operation
	routes     []*operation
}

// failures says where an error's members stand.
type failures struct {
	code, message, fields, requestID path
	codes                            map[string]string
}

// operation is what a table says of a call.
type operation struct {
	info        hoster.OperationInfo
	steps       []string // of the API's path
	unsupported bool
	send        *send
	data        path
	resource    *resource
	query       map[string]*filter
	paging      *paging
	body        any // a template; nil where the body is that of the request
	then        *operation
	thenName    string
	thenNode    *node

	needs       []string             // lookups
	wrap        string               // the member that data is to be, where the brand has no object around it
	byType      map[string]*resource // of a record that is written; nil where the brand takes none of that type
	editsRecord bool                 // the record is found by its derived id before anything is sent
	last        *send                // where a record was the last of its set
	lastBody    any
}

// filter says what a parameter of a list is at the brand.
type filter struct {
	member
	local bool // the brand has none: items are left out here
}

// send is a method, and a path and query with parameters.
type send struct {
	method string
	path   []piece
	query  []piece
}

// piece is text, and then a parameter, except at the end.
type piece struct{ text, param string }

// lookup finds what a brand has for a domain's name in its paths.
type lookup struct {
	send     *send
	data     path
	resource *resource
	take     path
}

// paging says how a brand divides a list.
type paging struct {
	whole              bool
	page, offset, size string
	cursor             string
	first, most        int
	next, total        path
	totalHeader        string
}

// ParseFile reads the table in a file.
func ParseFile(name string) (*Table, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

// Parse reads a table: JSON as schema.json beside this package describes it. What
// is wrong with it comes as one error that wraps an [*Error] for each problem, with
// the line and the column; file is the name that they show.
func Parse(file string, text []byte) (*Table, error) {
	s := &source{file: file, text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))}
	root := s.parse()
	if root != nil {
		if _, ok := root.value.(map[string]*node); !ok {
			root.wrong("expected an object")
		}
	}
	if len(s.problems) > 0 {
		return nil, errors.Join(s.problems...)
	}
	t := &Table{
		data:      path{"data"},
		headers:   map[string]string{},
		resources: map[string]*resource{}, lookups: map[string]*lookup{}, operations: map[string]*operation{},
	}
	version := false
	// Resources and lookups are named by what may stand before them.
	var lookups, operations *node
	root.fields(map[string]func(*node){
		"$schema":    func(n *node) { n.text() },
		"dialect":    func(n *node) { version = n.number(1) == 1 },
		"name":       func(n *node) { t.Name = n.text() },
		"source":     func(n *node) { t.Source = n.text() },
		"base":       func(n *node) { t.base = basePath(n) },
		"data":       func(n *node) { t.data = plainPath(n) },
		"etags":      func(n *node) { t.untagged = !n.truth() },
		"errors":     func(n *node) { t.failures = parseFailures(n) },
		"paging":     func(n *node) { t.paging = parsePaging(n) },
		"headers":    func(n *node) { parseHeaders(n, t.headers) },
		"resources":  func(n *node) { t.parseResources(n) },
		"lookups":    func(n *node) { lookups = n },
		"operations": func(n *node) { operations = n },
	})
	if !version {
		root.wrong(`expected "dialect": 1, the version of this format`)
	}
	if t.Name == "" {
		root.wrong(`expected a "name"`)
	}
	if lookups != nil {
		lookups.members(func(name string, _ int, n *node) { t.lookups[name] = t.parseLookup(n) })
	}
	if operations != nil {
		t.parseOperations(operations)
	}
	if len(s.problems) > 0 {
		return nil, errors.Join(s.problems...)
	}
	return t, nil
}

func basePath(n *node) string {
	base := strings.TrimSuffix(n.text(), "/")
	if base != "" && !strings.HasPrefix(base, "/") {
		n.wrong("expected the path of the base URL, such as /v1")
	}
	return base
}

// memberPath reads a path that may lead into lists.
func memberPath(n *node) path {
	p := parsePath(n.text())
	for i, name := range p {
		bare := strings.TrimSuffix(strings.TrimSuffix(name, "[]"), "#")
		if bare == "" || strings.ContainsAny(bare, "[]#") || bare != name && slices.ContainsFunc(p[i+1:], isMany) {
			n.wrong("%q is no path to a member: names with dots between them, of which one may end with [] or #", n.value)
			return path{"?"}
		}
	}
	if len(p) == 0 {
		n.wrong("expected the name of a member")
		return path{"?"}
	}
	return p
}

func isMany(name string) bool { return strings.HasSuffix(name, "[]") || strings.HasSuffix(name, "#") }

// plainPath reads a path to one place, which may be the whole.
func plainPath(n *node) path {
	if n.value == "" {
		return nil
	}
	p := memberPath(n)
	if slices.ContainsFunc(p, isMany) {
		n.wrong("expected the path to one place, without [] and #")
	}
	return p
}

func parseFailures(n *node) *failures {
	f := &failures{codes: map[string]string{}}
	n.fields(map[string]func(*node){
		"code":       func(n *node) { f.code = plainPath(n) },
		"message":    func(n *node) { f.message = plainPath(n) },
		"fields":     func(n *node) { f.fields = plainPath(n) },
		"request_id": func(n *node) { f.requestID = plainPath(n) },
		"codes": func(n *node) {
			n.members(func(name string, _ int, code *node) { f.codes[name] = code.text() })
		},
	})
	return f
}

func parsePaging(n *node) *paging {
	if n.value == "whole" {
		return &paging{whole: true}
	}
	p := &paging{first: 1}
	n.fields(map[string]func(*node){
		"page":         func(n *node) { p.page = n.text() },
		"offset":       func(n *node) { p.offset = n.text() },
		"cursor":       func(n *node) { p.cursor = n.text() },
		"size":         func(n *node) { p.size = n.text() },
		"first":        func(n *node) { p.first = n.number(0) },
		"most":         func(n *node) { p.most = n.number(1) },
		"next":         func(n *node) { p.next = plainPath(n) },
		"total":        func(n *node) { p.total = plainPath(n) },
		"total_header": func(n *node) { p.totalHeader = n.text() },
	})
	kinds := 0
	for _, name := range []string{p.page, p.offset, p.cursor} {
		if name != "" {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		n.wrong(`expected "whole", or one of page, offset and cursor`)
	case p.cursor != "" && p.next == nil:
		n.wrong("a cursor needs next, the place in an answer where the next one stands")
	case p.offset != "" && p.size == "":
		n.wrong("an offset needs size, the parameter for the number of items")
	}
	return p
}

// parseHeaders reads by which header of the brand's each of the API's is sent.
func parseHeaders(n *node, into map[string]string) {
	n.members(func(name string, _ int, theirs *node) {
		into[textproto.CanonicalMIMEHeaderKey(theirs.text())] = textproto.CanonicalMIMEHeaderKey(name)
	})
}

func (t *Table) parseResources(n *node) {
	n.members(func(name string, _ int, n *node) {
		r := &resource{}
		n.members(func(name string, at int, n *node) {
			if name == "$each" {
				r.each = n.text()
				return
			}
			if strings.Count(name, ".") > 1 || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || name == "" {
				n.problem(at, "%q is no member, or member of a member", name)
			}
			r.members = append(r.members, parseMember(name, n))
		})
		r.compile()
		t.resources[name] = r
	})
}

func parseMember(name string, n *node) *member {
	m := &member{name: name, apex: "@"}
	switch n.value.(type) {
	case nil:
		m.hidden = true
		return m
	case string:
		m.from = []path{memberPath(n)}
		return m
	case map[string]*node:
	default:
		n.wrong("expected a member's name, an object, or null where the brand has none")
		return m
	}
	n.fields(map[string]func(*node){
		"member": func(n *node) { m.from = append(m.from, memberPath(n)) },
		"join": func(n *node) {
			for _, part := range n.items() {
				m.from = append(m.from, plainPath(part))
			}
		},
		"with":   func(n *node) { m.with = n.text() },
		"values": func(n *node) { m.values = parseValues(n) },
		"rdata":  func(n *node) { m.rdata = n.truth() },
		"absolute": func(n *node) {
			m.absolute = true
			switch n.value {
			case "dot":
				m.dot = "."
			case true:
			default:
				n.wrong(`expected true, or "dot" for names with a final dot`)
			}
		},
		"apex":    func(n *node) { m.apex = n.text() },
		"derived": func(n *node) { m.derived = n.truth() },
	})
	switch {
	case m.derived:
		if name != "id" || len(m.from) > 0 {
			n.wrong("only the id of a record is derived, and from nothing but the record")
		}
	case len(m.from) == 0:
		n.wrong("expected a member, or a join of members")
		m.from = []path{{"?"}}
	case len(m.from) > 1 && m.with == "":
		n.wrong("a join needs with, the text between its parts")
	}
	return m
}

// parseValues reads words of the brand's with the API's for each.
func parseValues(n *node) (pairs []pair) {
	n.members(func(theirs string, _ int, n *node) {
		ours, _ := encode(n.plain()) // it was JSON
		switch n.value.(type) {
		case map[string]*node, []*node:
			n.wrong("expected a text, a number, true, false or null")
		}
		pairs = append(pairs, pair{theirs, string(ours)})
	})
	return pairs
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == "" && (text == "0" || text[0] != '0')
}

// known is the resource of a name.
func (t *Table) known(n *node) *resource {
	r := t.resources[n.text()]
	if r == nil {
		n.wrong("there is no resource %q", n.value)
	}
	return r
}

// Base is the path of the client's base URL, such as /v2; "" for none.
func (t *Table) Base() string { return t.base }

// String is the table's name.
func (t *Table) String() string { return fmt.Sprintf("dialect %s", t.Name) }
