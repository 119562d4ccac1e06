package dialect

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// page says which part of a list is asked for.
type page struct {
	number, size int
	beyond       bool // the list came whole with the first page
	gathered     bool // it is read whole, and filtered here
	local        []localFilter
}

// localFilter is an equal member that the brand cannot be asked for.
type localFilter struct{ name, value string }

// defaultSize is how many items a page has where the request does not say.
const defaultSize = 25

// planQuery is the query in the brand's form.
func (c *call) planQuery() (url.Values, *refusal) {
	o := c.operation
	out := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		values := c.query[name]
		if o.paging != nil && (name == "page" || name == "per_page") || o.body != nil && o.info.Method == http.MethodGet {
			continue
		}
		f := o.query[name]
		switch {
		case f == nil:
			out[name] = values
		case f.local:
			for _, value := range values {
				if value != "" {
					c.page.local = append(c.page.local, localFilter{name, value})
				}
			}
		case f.hidden:
			return nil, &refusal{name, "the brand has no such filter"}
		default:
			for _, value := range values {
				theirs, err := f.theirs(value)
				if err != nil {
					return nil, &refusal{name, err.Error()}
				}
				text := value
				if theirs != any(value) {
					text = textOf(theirs)
				}
				if f.absolute || f.apex != "@" {
					text = f.recordName(text, c.domain())
				}
				out.Add(strings.Join(f.from[0], "."), text)
			}
		}
	}
	if o.paging != nil {
		return out, c.planPage(out)
	}
	return out, nil
}

// planPage puts the page into the brand's form.
func (c *call) planPage(out url.Values) *refusal {
	p := c.operation.paging
	c.page.number = positive(c.query.Get("page"), 1)
	c.page.size = positive(c.query.Get("per_page"), defaultSize)
	if p.most > 0 {
		c.page.size = min(c.page.size, p.most)
	}
	c.page.gathered = len(c.page.local) > 0 && !p.whole
	c.page.beyond = c.page.number > 1 && (p.whole || c.page.gathered)
	if p.size != "" {
		out.Set(p.size, strconv.Itoa(c.page.size))
	}
	switch {
	case p.page != "":
		out.Set(p.page, strconv.Itoa(c.page.number-1+p.first))
	case p.offset != "":
		out.Set(p.offset, strconv.Itoa((c.page.number-1)*c.page.size))
	case p.cursor != "" && c.page.number > 1:
		cursor, known := c.transport.cursors.get(c.cursorKey(), c.page.number)
		if !known {
			return &refusal{"page", "the brand's pages can be had one after the other, from the first"}
		}
		if cursor != "" {
			out.Set(p.cursor, cursor)
			return nil
		}
		c.page.beyond = true
		c.transport.cursors.set(c.cursorKey(), c.page.number+1, "")
	}
	return nil
}

func positive(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1<<30 {
		return n
	}
	return otherwise
}

// param is the text of a parameter of a table's path or template.
func (c *call) param(name string) (string, *refusal) {
	bare, part, _ := strings.Cut(name, ".")
	value, ok := c.params[bare]
	if !ok {
		values := c.query[bare]
		if len(values) != 1 {
			return "", &refusal{bare, "the brand takes one at a time"}
		}
		value = values[0]
	}
	label, rest, _ := strings.Cut(value, ".")
	switch part {
	case "label":
		return label, nil
	case "rest":
		return rest, nil
	}
	return value, nil
}

// request makes the brand's request. found is the record that it changes, if it
// changes one.
func (c *call) request(query url.Values, found *entry) (*http.Request, error) {
	o := c.operation
	send, template := o.send, o.body
	if found.isLast() && o.last != nil && o.info.Method == http.MethodDelete {
		send, template = o.last, o.lastBody
	}
	out := c.req.WithContext(c.req.Context())
	out.Header = maps.Clone(c.req.Header)
	out.Method = o.info.Method
	target := *c.req.URL
	if send != nil {
		out.Method = send.method
		location, err := c.fill(send.path, url.PathEscape)
		if err != nil {
			return nil, err
		}
		if target.Path, err = url.PathUnescape(c.table.base + location); err != nil {
			return nil, err
		}
		target.RawPath = c.table.base + location
	}
	target.RawQuery = query.Encode()
	if send != nil {
		fixed, err := c.fill(send.query, url.QueryEscape)
		if err != nil {
			return nil, err
		}
		target.RawQuery = strings.Trim(fixed+"&"+target.RawQuery, "&")
	}
	out.URL = &target
	return out, c.setBody(out, template, found)
}

func (c *call) fill(pieces []piece, escape func(string) string) (string, error) {
	var text strings.Builder
	for _, piece := range pieces {
		text.WriteString(piece.text)
		if piece.param == "" {
			continue
		}
		value, refused := c.param(piece.param)
		if refused != nil {
			return "", refused
		}
		text.WriteString(escape(value))
	}
	return text.String(), nil
}

// setBody gives the request its body.
func (c *call) setBody(out *http.Request, template any, found *entry) error {
	o := c.operation
	content, err := c.content()
	if err != nil {
		return err
	}
	object, isObject := decode(content)
	if c.written = object; found != nil {
		_, c.written = found.changed(object)
	}
	if template == nil && (o.resource == nil || !isObject) {
		if o.send != nil && out.Method == http.MethodGet && len(content) == 0 {
			out.Body, out.ContentLength = nil, 0 // of a write that is a read at the brand
		}
		return nil // as it is
	}
	var value any
	if template == nil {
		r, refused := o.writes(c.written)
		if refused == nil {
			value, refused = r.request(object, c.domain())
		}
		if refused != nil {
			return refused
		}
	} else {
		x := expansion{call: c, body: object, found: found}
		if value, err = x.expand(template); err != nil {
			return err
		}
	}
	text, err := encode(value)
	if err != nil {
		return err
	}
	body := &translatedBody{text: text, under: c.req.Body}
	out.Body, out.GetBody, out.ContentLength = body, nil, int64(len(text))
	if out.Header["Content-Type"] == nil {
		out.Header["Content-Type"] = []string{"application/json"}
	}
	return nil
}

// content is the body of the SDK's request.
func (c *call) content() ([]byte, error) {
	if c.req.Body == nil || c.req.Body == http.NoBody {
		return nil, nil
	}
	if whole, ok := c.req.Body.(interface{ Content() []byte }); ok {
		return whole.Content(), nil // and it still shows whether a transport read it
	}
	content, err := io.ReadAll(c.req.Body)
	if err == nil && c.operation.resource == nil && c.operation.body == nil {
		c.req.Body = io.NopCloser(strings.NewReader(string(content)))
	}
	return content, err
}

// translatedBody is a body in the brand's form. What is done with it is done with
// the SDK's own below it as well, from which the SDK learns what was sent.
type translatedBody struct {
	text  []byte
	under io.ReadCloser
}

func (b *translatedBody) Read(p []byte) (int, error) {
	if b.under != nil {
		if _, err := b.under.Read(make([]byte, 512)); err != nil && err != io.EOF {
			return 0, err
		}
	}
	if len(b.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func (b *translatedBody) Close() error {
	if b.under != nil {
		return b.under.Close()
	}
	return nil
}

// textOf is a word as a query has it.
func textOf(value any) string {
	text, _ := encode(value)
	return strings.Trim(string(text), `"`)
}
