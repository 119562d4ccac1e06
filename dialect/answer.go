package dialect

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

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
	resp.Body = &answerBody{call: c, status: resp.StatusCode, header: resp.Header, length: resp.ContentLength, under: resp.Body}
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
	if c.table.untagged {
		header.Del("Etag")
	}
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
	length int64 // -1 where it is not known
	under  io.ReadCloser
	state  atomic.Int32
	memory *memory
	text   []byte
	err    error // after the text
}

// The states of a body. Close can come while it is read: the memory is nobody
// else's then.
const (
	idle int32 = iota
	reading
	closed
)

// memory is what one answer is read and turned in, and another one afterwards.
type memory struct{ raw, turned []byte }

var memories = sync.Pool{New: func() any { return new(memory) }}

// keptMemory is the largest that is kept.
const keptMemory = 4 << 20

func (b *answerBody) Read(p []byte) (int, error) {
	if !b.state.CompareAndSwap(idle, reading) {
		return 0, http.ErrBodyReadAfterClose
	}
	defer b.state.CompareAndSwap(reading, idle)
	if b.memory == nil {
		b.memory = memories.Get().(*memory)
		b.turn()
	}
	if len(b.text) == 0 {
		return 0, b.err
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

// turn reads the whole body. One that breaks off stays as it is, and so does one
// that is longer than the SDK reads.
func (b *answerBody) turn() {
	raw := b.memory.raw[:0]
	if more := min(b.length, maxBody) + 1; more > int64(cap(raw)) {
		raw = make([]byte, 0, more)
	}
	for b.err == nil && len(raw) <= maxBody {
		if len(raw) == cap(raw) {
			raw = slices.Grow(raw, max(4096, len(raw)))
		}
		var n int
		n, b.err = b.under.Read(raw[len(raw):cap(raw)])
		raw = raw[:len(raw)+n]
	}
	b.memory.raw, b.text = raw, raw
	if b.err == io.EOF {
		b.text = b.call.translate(b.status, b.header, raw, &b.memory.turned)
	}
}

// Close closes the brand's body. The memory is another answer's then.
func (b *answerBody) Close() error {
	if b.state.Swap(closed) == idle && b.memory != nil && cap(b.memory.raw)+cap(b.memory.turned) <= keptMemory {
		memories.Put(b.memory)
	}
	return b.under.Close()
}

// translate turns the body of an answer, in the memory of into. One that the table
// does not know stays.
func (c *call) translate(status int, header http.Header, body []byte, into *[]byte) []byte {
	var reader jsonread.Reader
	reader.Reset(c.req.Context(), body, limits)
	root, err := reader.Value()
	if err != nil {
		return body
	}
	if failed := c.table.failures.translate(status, root); failed != nil {
		return failed
	}
	if status < 200 || status > 299 {
		return body
	}
	o := c.operation
	if o.info.Method == http.MethodDelete {
		return body
	}
	t := turning{call: c, root: root, header: header, out: append(slices.Grow((*into)[:0], len(body)+len(body)/4+256), '{')}
	switch {
	case len(o.data) == 0:
		t.out = append(t.out, `"status":"success"`...)
		t.data(root, 0)
	case root.Kind() != '{':
		return body
	default:
		t.members()
	}
	*into = append(append(t.out, '}'), reader.Rest()...)
	return *into
}

// turning is an answer on its way into the API's form.
type turning struct {
	call   *call
	root   jsonread.Value
	header http.Header
	out    []byte
}

// members appends the members of the answer. What only looks like the data or what
// is said of its pages is left out.
func (t *turning) members() {
	o := t.call.operation
	walk(t.root, 0, func(name []byte, begin, i int) (end int) {
		switch {
		case string(name) == o.data[0] && len(o.data) == 1:
			return t.data(t.root, i)
		case string(name) == o.data[0]:
			end = skipValue(t.root, i)
			if data := o.data[1:].find(t.root[i:end:end]); data != nil {
				t.data(data, 0)
			}
		default:
			end = skipValue(t.root, i)
			if string(name) != "data" && (string(name) != "meta" || o.paging == nil) {
				t.out = append(appendComma(t.out), t.root[begin:end]...)
			}
		}
		return end
	})
}

// data appends the data that begins at i, and what is known of its pages. It returns
// where the data ends.
func (t *turning) data(text []byte, i int) (end int) {
	c := t.call
	t.out = append(appendComma(t.out), `"data":`...)
	if wrap := c.operation.wrap; wrap != "" {
		end = skipValue(text, i)
		t.out = append(appendMember(append(t.out, '{'), wrap, text[i:end]), '}')
		return end
	}
	m := c.mapper()
	if i >= len(text) || text[i] != '[' {
		t.out, end = m.appendAt(t.out, text, i, nil)
		return end
	}
	count := 0
	t.out = append(t.out, '[')
	end = walkItems(text, i, func(i int) (end int) {
		var n int
		t.out, n, end = c.appendItem(m, t.out, text, i)
		count += n
		return end
	})
	t.out = append(t.out, ']')
	c.learnCursor(t.root)
	if c.operation.paging != nil {
		t.out = c.appendMeta(t.out, t.root, t.header, count)
	}
	return end
}

// mapper turns the objects of an answer to the call.
func (c *call) mapper() *mapper {
	return &mapper{resource: c.operation.resource, zone: c.domain()}
}

// appendItem appends what the item stands for that begins at i, counts it, and
// returns where it ends.
func (c *call) appendItem(m *mapper, out []byte, list jsonread.Value, i int) (into []byte, count, end int) {
	each := func(element jsonread.Value) {
		before := len(out)
		out = appendComma(out)
		from := len(out)
		if out, end = m.appendAt(out, list, i, element); c.passes(out[from:]) && !m.repeated() {
			count++
		} else {
			out = out[:before]
		}
	}
	if m.resource == nil || m.resource.each == "" {
		each(nil)
		return out, count, end
	}
	end = skipValue(list, i)
	for element := range items(child(list[i:end], m.resource.each)) {
		each(element)
	}
	return out, count, end
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
