package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// handler is a server of the API that is spoken to as a brand is.
type handler struct {
	table *Table
	base  string // of the API below it
	next  http.Handler
}

// NewHandler makes a server of the API, such as the sandbox, speak as the table says:
// the other end of a [Transport]. base is the path of the API that next serves, such
// as /v1. It is an error where a table asks for more than other names, words, paths,
// places and pages: lookups, templates of bodies, record sets and derived ids.
func NewHandler(table *Table, base string, next http.Handler) (http.Handler, error) {
	for _, o := range table.routes {
		r := o.resource
		if len(o.needs) > 0 || o.body != nil || o.then != nil || o.editsRecord || o.byType != nil || o.last != nil ||
			r != nil && (r.each != "" || r.derived != nil) {
			return nil, fmt.Errorf("%v: %s asks for more than other names, and cannot be served", table, o.info.Name)
		}
	}
	return &handler{table: table, base: base, next: next}, nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o, params := h.match(r)
	if o == nil {
		if known, _ := h.table.match(r); known != nil { // which has another path here
			http.NotFound(w, r)
			return
		}
		if location, ok := strings.CutPrefix(r.URL.EscapedPath(), h.table.base); ok {
			r = withTarget(r, r.Method, h.base+location, r.URL.RawQuery)
		}
		h.next.ServeHTTP(w, r)
		return
	}
	s := &serving{handler: h, operation: o, params: params, page: 1}
	if err := s.serve(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// match finds the call that a brand's request is, the one with the fewest
// parameters where there are several.
func (h *handler) match(r *http.Request) (best *operation, params map[string]string) {
	location, ok := strings.CutPrefix(r.URL.EscapedPath(), h.table.base)
	if !ok {
		return nil, nil
	}
	for _, o := range h.table.routes {
		method, path := o.info.Method, o.pieces()
		if o.send != nil {
			method, path = o.send.method, o.send.path
		}
		if o.unsupported || method != r.Method {
			continue
		}
		if found, ok := matchPieces(path, location); ok && (best == nil || len(found) < len(params)) {
			best, params = o, found
		}
	}
	return best, params
}

// pieces are those of the API's own path.
func (o *operation) pieces() (pieces []piece) {
	for text := o.info.Path; ; {
		before, rest, found := strings.Cut(text, "{")
		if !found {
			return append(pieces, piece{text: before})
		}
		param, after, _ := strings.Cut(rest, "}")
		pieces = append(pieces, piece{before, param})
		text = after
	}
}

// matchPieces reads the parameters of a path.
func matchPieces(pieces []piece, location string) (params map[string]string, ok bool) {
	params = map[string]string{}
	for _, p := range pieces {
		if location, ok = strings.CutPrefix(location, p.text); !ok {
			return nil, false
		}
		if p.param == "" {
			continue
		}
		value := location
		if end := strings.IndexByte(location, '/'); end >= 0 {
			value = location[:end]
		}
		location = location[len(value):]
		plain, err := url.PathUnescape(value)
		if err != nil || plain == "" {
			return nil, false
		}
		params[p.param] = plain
	}
	return params, location == ""
}

// serving is one request on its way.
type serving struct {
	*handler
	operation *operation
	params    map[string]string
	page      int
	body      []byte
}

func (s *serving) serve(w http.ResponseWriter, r *http.Request) error {
	query, err := s.query(r.URL.Query())
	if err != nil {
		return err
	}
	if s.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		return err
	}
	if value, ok := jsonread.Parse(s.body, limits); ok && s.operation.resource != nil {
		m := mapper{resource: s.operation.resource, zone: s.params["domain"]}
		s.body = m.append(nil, value)
	}
	answer := s.ask(r, query)
	if p := s.operation.paging; p != nil && p.whole && answer.status == http.StatusOK {
		answer = s.whole(r, query, answer)
	}
	s.write(w, answer)
	return nil
}

// query is the query in the API's form.
func (s *serving) query(theirs url.Values) (url.Values, error) {
	query := maps.Clone(theirs)
	for name, f := range s.operation.query {
		if f.local || f.hidden {
			continue
		}
		param := strings.Join(f.from[0], ".")
		values := query[param]
		delete(query, param)
		for _, value := range values {
			value = textOf(json.RawMessage(f.ours(quote(value))))
			if f.absolute {
				value = relative(value, s.params["domain"])
			}
			query.Add(name, value)
		}
	}
	p := s.operation.paging
	if p == nil || p.whole {
		return query, nil
	}
	size := positive(query.Get(p.size), 0)
	switch {
	case p.page != "":
		if text := query.Get(p.page); text != "" {
			number, err := strconv.Atoi(text)
			if err != nil {
				return nil, fmt.Errorf("%s: expected a number", p.page)
			}
			s.page = number - p.first + 1
		}
	case p.cursor != "":
		s.page = positive(query.Get(p.cursor), 1)
	case p.offset != "":
		from := positive(query.Get(p.offset), 0)
		if size == 0 || from%size != 0 {
			return nil, fmt.Errorf("%s: expected a multiple of %s", p.offset, p.size)
		}
		s.page = from/size + 1
	}
	for _, name := range []string{p.page, p.cursor, p.offset, p.size} {
		delete(query, name)
	}
	query.Set("page", strconv.Itoa(s.page))
	if size > 0 {
		query.Set("per_page", strconv.Itoa(size))
	}
	return query, nil
}

// answer is what the API answered.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// ask makes the call.
func (s *serving) ask(r *http.Request, query url.Values) *answer {
	target := s.base
	for _, p := range s.operation.pieces() {
		target += p.text
		if p.param != "" {
			target += url.PathEscape(s.params[p.param])
		}
	}
	r = withTarget(r, s.operation.info.Method, target, query.Encode())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(s.body)), int64(len(s.body))
	a := &answer{status: http.StatusOK, header: http.Header{}}
	s.next.ServeHTTP(a, r)
	return a
}

// withTarget is a request for another path.
func withTarget(r *http.Request, method, location, query string) *http.Request {
	out := r.Clone(r.Context())
	out.Method = method
	out.URL.RawPath, out.URL.RawQuery = location, query
	out.URL.Path, _ = url.PathUnescape(location) // it was escaped here or by the client
	out.RequestURI = out.URL.RequestURI()
	return out
}

// whole is a list of all pages.
func (s *serving) whole(r *http.Request, query url.Values, first *answer) *answer {
	object, ok := decode(first.body.Bytes())
	list, isList := object["data"].([]any)
	for number := 2; ok && isList; number++ {
		query = maps.Clone(query)
		query.Set("page", strconv.Itoa(number))
		next := s.ask(r, query)
		page, _ := decode(next.body.Bytes())
		more, _ := page["data"].([]any)
		if next.status != http.StatusOK || len(more) == 0 {
			break
		}
		list = append(list, more...)
	}
	if object["data"] = list; isList {
		first.body.Reset()
		text, _ := encode(object) // it was JSON
		first.body.Write(text)
	}
	return first
}

// write writes the answer in the brand's form.
func (s *serving) write(w http.ResponseWriter, a *answer) {
	header := w.Header()
	maps.Copy(header, a.header)
	for theirs, ours := range s.table.headers {
		if values, ok := header[ours]; ok {
			delete(header, ours)
			header[theirs] = values
		}
	}
	if header.Del("Location"); s.table.untagged {
		header.Del("Etag")
	}
	body := a.body.Bytes()
	if object, ok := decode(body); ok && strings.Contains(header.Get("Content-Type"), "json") {
		header.Del("Content-Length")
		if theirs, err := encode(s.theirs(a.status, object, header)); err == nil {
			body = theirs
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}

// theirs is the body of an answer in the brand's form.
func (s *serving) theirs(status int, object map[string]any, header http.Header) any {
	if status >= 300 {
		return s.table.failures.theirs(object)
	}
	data := s.data(object["data"])
	if len(s.operation.data) == 0 {
		return data
	}
	out := maps.Clone(object)
	delete(out, "data")
	p := s.operation.paging
	if p != nil {
		meta, _ := object["meta"].(map[string]any)
		pagination, _ := meta["pagination"].(map[string]any)
		total, _ := pagination["total"].(json.Number)
		pages, _ := pagination["total_pages"].(json.Number)
		delete(out, "meta")
		if p.total != nil {
			_ = p.total.put(out, total) // a place beside others
		}
		if p.totalHeader != "" {
			header.Set(p.totalHeader, total.String())
		}
		if last, err := pages.Int64(); p.cursor != "" && err == nil && int64(s.page) < last {
			_ = p.next.put(out, strconv.Itoa(s.page+1)) // a place beside others
		}
	}
	_ = s.operation.data.put(out, data) // a place beside others
	return out
}

// data is the data in the brand's form.
func (s *serving) data(data any) any {
	switch data := data.(type) {
	case []any:
		items := make([]any, len(data))
		for i, item := range data {
			items[i] = s.data(item)
		}
		return items
	case map[string]any:
		if s.operation.wrap != "" {
			return data[s.operation.wrap]
		}
		if s.operation.resource != nil {
			return s.operation.resource.theirs(data, s.params["domain"])
		}
	}
	return data
}

// theirs is an object of an answer in the brand's form. What the brand has no place for
// is left out.
func (r *resource) theirs(object map[string]any, zone string) map[string]any {
	object = maps.Clone(object)
	for _, m := range r.members {
		if m.hidden {
			delete(object, m.name)
		}
	}
	for range len(r.members) {
		out, refused := r.write(object, zone, true)
		if refused == nil {
			return out
		}
		outer, _, _ := strings.Cut(refused.field, ".")
		delete(object, outer)
	}
	return object
}

// theirs is an error in the brand's form.
func (f *failures) theirs(object map[string]any) map[string]any {
	if f == nil {
		return object
	}
	out := map[string]any{}
	for _, part := range []struct {
		name string
		at   path
	}{{"code", f.code}, {"message", f.message}, {"errors", f.fields}, {"request_id", f.requestID}} {
		value := object[part.name]
		for theirs, ours := range f.codes {
			if part.name == "code" && value == any(ours) {
				value = theirs
			}
		}
		if part.at != nil && value != nil {
			_ = part.at.put(out, value) // a place beside others
		}
	}
	return out
}
