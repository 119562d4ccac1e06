package dialect

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// limits bound what is read of an answer. Values are not copied while they are
// looked at.
var limits = jsonread.Limits{Depth: 100, Factor: 5, Floor: 1 << 20}

// answered turns the answer to out into one of the API's.
func (c *call) answered(resp *http.Response, out *http.Request) (*http.Response, error) {
	resp.Request = c.req
	c.translateHeader(resp.Header, out.URL)
	if !isJSON(resp) {
		return resp, nil
	}
	if c.operation.then != nil && resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return c.followed(resp)
	}
	resp.Body = &answerBody{call: c, status: resp.StatusCode, header: resp.Header, under: resp.Body}
	resp.ContentLength = -1
	resp.Header.Del("Content-Length")
	return resp, nil
}

// isJSON reports an answer that can be turned: one whose body is JSON, or said to
// be nothing else.
func isJSON(resp *http.Response) bool {
	media := resp.Header.Get("Content-Type")
	return resp.StatusCode != http.StatusNoContent && resp.ContentLength != 0 && resp.Header.Get("Content-Encoding") == "" &&
		(media == "" || strings.Contains(media, "json"))
}

// translateHeader gives headers the API's names, and makes a place that is
// relative to the brand's URL absolute.
func (c *call) translateHeader(header http.Header, sent *url.URL) {
	for theirs, ours := range c.table.headers {
		if values, ok := header[theirs]; ok {
			header[ours] = values
		}
	}
	if location := header.Get("Location"); location != "" {
		if absolute, err := sent.Parse(location); err == nil {
			header.Set("Location", absolute.String())
		}
	}
}

// answerBody is a body that is turned when it is read.
type answerBody struct {
	call   *call
	status int
	header http.Header
	under  io.ReadCloser
	text   []byte
	err    error // after the text
	turned bool
}

func (b *answerBody) Read(p []byte) (int, error) {
	if !b.turned {
		b.turned = true
		b.text, b.err = io.ReadAll(io.LimitReader(b.under, maxBody+1))
		if b.err == nil {
			if b.err = io.EOF; len(b.text) <= maxBody { // a longer one is cut off by the SDK
				b.text = b.call.translate(b.status, b.header, b.text)
			}
		}
	}
	if len(b.text) == 0 {
		return 0, b.err
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func (b *answerBody) Close() error { return b.under.Close() }

// translate turns the body of an answer. One that the table does not know stays.
func (c *call) translate(status int, header http.Header, body []byte) []byte {
	root, ok := jsonread.Parse(body, limits)
	if !ok {
		return body
	}
	if failed := c.table.failures.translate(status, root); failed != nil {
		return failed
	}
	if status < 200 || status > 299 {
		return body
	}
	o := c.operation
	data := o.data.find(root)
	if o.info.Method == http.MethodDelete {
		return body
	}
	if data == nil {
		return withoutData(root, o.data)
	}
	out := make([]byte, 0, len(body)+len(body)/4+256)
	out = append(out, '{')
	if len(o.data) > 0 {
		for name, value := range root.Members() {
			if n := string(name); n != "data" && n != o.data[0] && (n != "meta" || o.paging == nil) {
				out = appendMember(out, n, value)
			}
		}
	} else {
		out = appendMember(out, "status", jsonread.Value(`"success"`))
	}
	out = append(appendComma(out), `"data":`...)
	count := -1
	if data.Kind() == '[' {
		out, count = c.appendItems(out, data)
		c.learnCursor(root)
	} else {
		out = o.resource.answer(out, data, c.domain())
	}
	if o.paging != nil && count >= 0 {
		out = c.appendMeta(out, root, header, count)
	}
	return append(out, '}')
}

// withoutData is an answer in which the data is not where the table says. A member
// that is called data holds something else.
func withoutData(root jsonread.Value, data path) []byte {
	if root.Kind() != '{' || len(data) == 1 && data[0] == "data" {
		return root
	}
	out := []byte{'{'}
	for name, value := range root.Members() {
		if string(name) != "data" {
			out = appendMember(out, string(name), value)
		}
	}
	return append(out, '}')
}

// appendItems appends a list in the API's form, and counts its items.
func (c *call) appendItems(out []byte, list jsonread.Value) ([]byte, int) {
	count := 0
	seen := map[string]bool{}
	out = append(out, '[')
	for item := range list.Items() {
		var n int
		out, n = c.appendItem(out, item, seen)
		count += n
	}
	return append(out, ']'), count
}

// appendItem appends what one item of the brand's list stands for, and counts it.
func (c *call) appendItem(out []byte, item jsonread.Value, seen map[string]bool) (list []byte, count int) {
	r := c.operation.resource
	for single := range r.split(item) {
		before := len(out)
		out = appendComma(out)
		from := len(out)
		out = r.answer(out, single, c.domain())
		if !c.passes(out[from:]) || r.repeated(seen, out[from:]) {
			out = out[:before]
			continue
		}
		count++
	}
	return out, count
}

// repeated reports a record that the list had already.
func (r *resource) repeated(seen map[string]bool, item jsonread.Value) bool {
	if r == nil || r.derived == nil {
		return false
	}
	id := string(child(item, "id"))
	if id == "" || !seen[id] {
		seen[id] = true
		return false
	}
	return true
}

// passes reports that an item fits the filters that the brand does not have.
func (c *call) passes(item jsonread.Value) bool {
	for _, f := range c.page.local {
		value := child(item, f.name)
		text := value.Text(maxText)
		if value.Kind() == 't' || value.Kind() == 'f' {
			text = string(value)
		}
		if f.name == "name" && c.domain() != "" {
			text = canonicalName(text, c.domain())
		}
		if !strings.EqualFold(text, f.value) {
			return false
		}
	}
	return true
}

// appendMeta appends what is known of the whole list.
func (c *call) appendMeta(out []byte, root jsonread.Value, header http.Header, count int) []byte {
	p := c.operation.paging
	total, size := -1, c.page.size
	switch {
	case p.whole:
		total, size = count, max(count, c.page.size)
	case p.total != nil:
		total = positive(p.total.find(root).Text(20), -1)
	case p.totalHeader != "":
		total = positive(header.Get(p.totalHeader), -1)
	}
	if total < 0 {
		return out
	}
	return append(append(out, `,"meta":`...), metaOf(total, c.page.number, size)...)
}

func metaOf(total, number, size int) []byte {
	out := append([]byte(nil), `{"pagination":{"total":`...)
	out = strconv.AppendInt(out, int64(total), 10)
	out = strconv.AppendInt(append(out, `,"current_page":`...), int64(number), 10)
	out = strconv.AppendInt(append(out, `,"per_page":`...), int64(size), 10)
	out = strconv.AppendInt(append(out, `,"total_pages":`...), int64((total+size-1)/size), 10)
	return append(out, "}}"...)
}

// translate turns an error into the API's form, nil if it is none of the brand's.
// A body that has neither the code nor the request id that the table names may be
// a stranger's, and is left to the SDK.
func (f *failures) translate(status int, root jsonread.Value) []byte {
	if f == nil || root.Kind() != '{' {
		return nil
	}
	code, id := f.find(root, f.code), f.find(root, f.requestID)
	word, known := f.codes[code.Text(maxText)]
	if code == nil {
		known = false
	}
	if status >= 200 && status <= 299 && !known || code == nil && id == nil {
		return nil
	}
	out := []byte(`{"status":"error"`)
	if known {
		out = appendMember(out, "code", quote(word))
	} else if code != nil {
		out = appendMember(out, "code", code)
	}
	for _, part := range []struct {
		name string
		at   path
	}{{"message", f.message}, {"errors", f.fields}, {"request_id", f.requestID}} {
		if value := f.find(root, part.at); value != nil {
			out = appendMember(out, part.name, value)
		}
	}
	return append(out, '}')
}

// find is the value at a path, nil without a path.
func (f *failures) find(root jsonread.Value, at path) jsonread.Value {
	if at == nil {
		return nil
	}
	return at.find(root)
}
