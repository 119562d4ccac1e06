package dialect

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-hoster/hoster"
)

func (t *Table) parseLookup(n *node) *lookup {
	l := &lookup{data: t.data}
	n.fields(map[string]func(*node){
		"send":     func(n *node) { l.send = t.parseSend(n, "{domain}") },
		"data":     func(n *node) { l.data = plainPath(n) },
		"resource": func(n *node) { l.resource = t.known(n) },
		"take":     func(n *node) { l.take = plainPath(n) },
	})
	if l.send == nil || l.take == nil || l.resource == nil {
		n.wrong("a lookup needs send, resource and take")
	} else if l.send.method != http.MethodGet {
		n.wrong("a lookup is a GET")
	}
	return l
}

// parseSend reads "GET /path/{param}?query={param}". Parameters are those of the
// API's path, with .label or .rest for the two parts of a domain, and lookups.
func (t *Table) parseSend(n *node, apiPath string) *send {
	method, target, ok := strings.Cut(n.text(), " ")
	if !ok || !strings.HasPrefix(target, "/") || !slices.Contains(methods, method) {
		n.wrong("expected a method and a path, such as GET /zones/{domain}")
		return nil
	}
	location, query, _ := strings.Cut(target, "?")
	s := &send{method: method}
	s.path, s.query = t.parsePieces(n, location, apiPath), t.parsePieces(n, query, apiPath)
	return s
}

// parsePieces takes a text with parameters apart.
func (t *Table) parsePieces(n *node, text, params string) (pieces []piece) {
	for {
		before, rest, found := strings.Cut(text, "{")
		if !found {
			return append(pieces, piece{text: before})
		}
		param, after, closed := strings.Cut(rest, "}")
		bare := strings.TrimSuffix(strings.TrimSuffix(param, ".label"), ".rest")
		if !closed || !strings.Contains(params, "{"+bare+"}") && t.lookups[param] == nil {
			n.wrong("there is no parameter %q here", param)
			return nil
		}
		pieces = append(pieces, piece{before, param})
		text = after
	}
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (t *Table) parseOperations(n *node) {
	known := map[string]hoster.OperationInfo{}
	for _, info := range hoster.Operations() {
		known[string(info.Name)] = info
	}
	n.members(func(name string, at int, n *node) {
		info, ok := known[name]
		if !ok {
			n.problem(at, "there is no operation %q", name)
			return
		}
		o := &operation{info: info, steps: strings.Split(info.Path, "/"), data: t.data}
		if listed(name) {
			o.paging = t.paging
		}
		t.operations[name] = o
		t.routes = append(t.routes, o)
		if n.value == "unsupported" {
			o.unsupported = true
			return
		}
		t.parseOperation(n, o)
	})
	for _, o := range t.routes {
		if o.thenName == "" {
			continue
		}
		if o.then = t.operations[o.thenName]; o.then == nil || o.then.unsupported || o.then.info.Method != http.MethodGet {
			o.thenNode.wrong("expected a read that this table has")
		}
	}
	for _, o := range t.routes {
		list := t.operations["DNS.List"]
		if !o.editsRecord {
			continue
		}
		derived := o.resource != nil && o.resource.derived != nil
		if list == nil || list.paging == nil || derived && (list.resource == nil || list.resource.derived == nil) {
			n.wrong("%s finds a record by its id, and so DNS.List needs paging, and a resource with that id", o.info.Name)
		}
	}
}

// listed reports the operations that answer with pages.
func listed(name string) bool {
	switch name {
	case "Contacts.List", "Invoices.List", "Orders.List", "Domains.List", "DNS.List", "Hosting.List", "HostingPlans.List", "Tokens.List":
		return true
	}
	return false
}

func (t *Table) parseOperation(n *node, o *operation) {
	n.fields(map[string]func(*node){
		"send":     func(n *node) { o.send = t.parseSend(n, o.info.Path) },
		"data":     func(n *node) { o.data = plainPath(n) },
		"resource": func(n *node) { o.resource = t.known(n) },
		"query":    func(n *node) { o.query = parseQuery(n) },
		"paging":   func(n *node) { o.paging = parsePaging(n) },
		"body":     func(n *node) { o.body = t.parseTemplate(n, o) },
		"wrap":     func(n *node) { o.wrap = n.text() },
		"find":     func(n *node) { o.editsRecord = n.truth() },
		"by_type":  func(n *node) { o.byType = t.parseByType(n) },
		"then":     func(n *node) { o.thenName, o.thenNode = n.text(), n },
		"last": func(n *node) {
			n.fields(map[string]func(*node){
				"send": func(n *node) { o.last = t.parseSend(n, o.info.Path) },
				"body": func(n *node) { o.lastBody = t.parseTemplate(n, o) },
			})
		},
	})
	if o.paging != nil && !listed(string(o.info.Name)) {
		n.wrong("%s has no pages", o.info.Name)
	}
	for _, s := range []*send{o.send, o.last} {
		if s != nil {
			o.need(t, s.path)
			o.need(t, s.query)
		}
	}
	record := strings.HasSuffix(o.info.Path, "/records/{id}")
	if o.editsRecord && !record {
		n.wrong("%s names no record", o.info.Name)
	}
	if o.resource != nil && o.resource.derived != nil {
		o.editsRecord = record
	}
	for _, template := range []any{o.body, o.lastBody} {
		for word := range wordsIn(template) {
			switch {
			case o.resource == nil:
				n.wrong("%s needs a resource", word)
			case word == "$set" && (o.resource.each == "" || !o.editsRecord):
				n.wrong("$set needs a record that is found, and a resource with $each")
			case word != "$body" && word != "$new" && !o.editsRecord:
				n.wrong("%s needs a record that is found", word)
			}
		}
	}
}

// wordsIn gives the words that a template holds.
func wordsIn(template any) iter.Seq[string] {
	return func(yield func(string) bool) {
		var walk func(any) bool
		walk = func(inner any) bool {
			switch inner := inner.(type) {
			case string:
				return !slices.Contains(words, inner) || yield(inner)
			case []any:
				return !slices.ContainsFunc(inner, func(item any) bool { return !walk(item) })
			case map[string]any:
				for _, name := range slices.Sorted(maps.Keys(inner)) {
					if !walk(inner[name]) {
						return false
					}
				}
			}
			return true
		}
		walk(template)
	}
}

// parseByType reads what records of some types are called when they are written.
func (t *Table) parseByType(n *node) map[string]*resource {
	types := map[string]*resource{}
	n.members(func(name string, _ int, n *node) {
		if types[name] = nil; n.value != nil {
			types[name] = t.known(n)
		}
	})
	return types
}

// need notes the lookups among parameters.
func (o *operation) need(t *Table, pieces []piece) {
	for _, p := range pieces {
		if t.lookups[p.param] != nil && !slices.Contains(o.needs, p.param) {
			o.needs = append(o.needs, p.param)
		}
	}
}

// parseTemplate reads the body of a request. A text in it can hold parameters, or be
// one of words.
func (t *Table) parseTemplate(n *node, o *operation) any {
	t.checkTemplate(n, o, "{domain}"+o.info.Path)
	return n.plain()
}

func (t *Table) checkTemplate(n *node, o *operation, params string) {
	switch value := n.value.(type) {
	case string:
		if strings.HasPrefix(value, "$") {
			if !slices.Contains(words, value) {
				n.wrong("%q is not known here; known are %s", value, strings.Join(words, ", "))
			}
			return
		}
		o.need(t, t.parsePieces(n, value, params))
	case []*node:
		for _, item := range value {
			t.checkTemplate(item, o, params)
		}
	case map[string]*node:
		if each := value["$each"]; each != nil {
			if value["do"] == nil || len(value) != 2 {
				n.wrong(`expected "$each", the name of a parameter, and "do", what is made for each value`)
				return
			}
			t.checkTemplate(value["do"], o, params+"{"+each.text()+"}")
			return
		}
		for _, name := range n.names {
			t.checkTemplate(value[name], o, params)
		}
	}
}

func parseQuery(n *node) map[string]*filter {
	query := map[string]*filter{}
	n.members(func(name string, at int, n *node) {
		if n.value == "local" {
			if !slices.Contains([]string{"type", "name", "status", "auto_renew"}, name) {
				n.problem(at, "%s is more than an equal member, and cannot be told here", name)
			}
			query[name] = &filter{local: true}
			return
		}
		m := parseMember(name, n)
		if len(m.from) > 1 || len(m.from) == 1 && isMany(m.from[0][0]) {
			n.wrong("expected one parameter")
		}
		query[name] = &filter{member: *m}
	})
	return query
}
