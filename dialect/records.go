package dialect

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/errbody"
	"github.com/go-hoster/hoster/internal/jsonread"
)

// entry is a record that was found by its derived id.
type entry struct {
	ours   []byte         // in the API's form
	theirs jsonread.Value // the item of the brand's list
	place  int            // of the record in a set
	others int            // records that the set has beside it
}

// isLast reports that the record is all of its set.
func (e *entry) isLast() bool { return e != nil && e.others == 0 }

// findRecord reads the zone, and finds the record with the id of the request.
func (c *call) findRecord() (*entry, *http.Response, error) {
	return c.findEntry(func(record jsonread.Value) bool {
		return child(record, "id").Text(maxText) == c.params["id"]
	})
}

func (c *call) findEntry(wanted func(record jsonread.Value) bool) (found *entry, resp *http.Response, err error) {
	list := c.table.operations["DNS.List"]
	reading := *c
	reading.operation = list
	if resp, err = reading.findParams(); resp != nil || err != nil {
		return nil, resp, err
	}
	m := reading.mapper()
	resp, err = reading.walk(list, url.Values{}, func(item jsonread.Value) {
		if found != nil {
			return
		}
		place := 0
		look := func(element jsonread.Value) {
			if ours, _ := m.appendAt(nil, item, 0, element); found == nil && wanted(ours) {
				found = &entry{ours: ours, theirs: item, place: place}
			}
			place++
		}
		if m.resource == nil || m.resource.each == "" {
			look(nil)
		} else {
			for element := range items(child(item, m.resource.each)) {
				look(element)
			}
		}
		if found != nil {
			found.others = place - 1
		}
	})
	switch {
	case err != nil:
		return nil, nil, err
	case resp != nil:
		resp.Request = c.req
		return nil, resp, nil
	case found == nil:
		resp, err = c.notFound("record with the id " + c.params["id"])
		return nil, resp, err
	}
	return found, nil, nil
}

// request puts the body of a request into the brand's form. zone is the domain of
// its path, "" without one.
func (r *resource) request(body map[string]any, zone string) (map[string]any, *refusal) {
	return r.write(body, zone, false)
}

// write puts an object into the brand's form. Words that the table does not name are
// kept, or refused.
func (r *resource) write(body map[string]any, zone string, keepsWords bool) (map[string]any, *refusal) {
	out := map[string]any{}
	body = maps.Clone(body)
	if refused := r.requestRData(body); refused != nil {
		return nil, refused
	}
	for _, m := range r.members {
		outer, inner, isNested := strings.Cut(m.name, ".")
		object := body
		if isNested {
			within, ok := body[outer].(map[string]any)
			if !ok {
				continue
			}
			object = maps.Clone(within)
			body[outer] = object
		} else {
			inner = outer
		}
		value, there := object[inner]
		if !there {
			continue
		}
		delete(object, inner)
		if isNested && len(object) == 0 {
			delete(body, outer)
		}
		if m.hidden && value == nil {
			continue // which is what it is at the brand
		}
		if name, isText := value.(string); isText && inner == "name" && (m.absolute || m.apex != "@") {
			value = m.recordName(name, zone)
		}
		if err := m.write(out, value, keepsWords); err != nil {
			return nil, &refusal{m.name, err.Error()}
		}
	}
	for name, value := range body { // what the table does not name
		if _, taken := out[name]; !taken {
			out[name] = value
		}
	}
	if r.each != "" {
		if value, ok := out[r.each]; ok {
			out[r.each] = []any{value}
		}
	}
	return out, nil
}

// recordName is the name of a record as the brand writes it.
func (m *member) recordName(name, zone string) string {
	apex := name == "@" || name == ""
	switch {
	case apex && m.absolute:
		return zone + m.dot
	case apex:
		return m.apex
	case m.absolute:
		return name + "." + zone + m.dot
	}
	return name
}

// requestRData makes one text of a record's value and its numbers, where the brand
// has it so.
func (r *resource) requestRData(body map[string]any) *refusal {
	for _, m := range r.members {
		if !m.rdata || body["value"] == nil {
			continue
		}
		text, err := encode(body)
		if err != nil {
			return &refusal{"value", err.Error()}
		}
		_, fields, ok := recordOf(text, "", nil)
		if !ok && body["name"] != nil {
			return &refusal{"type", "a value is written by its type"}
		}
		data, err := dnszone.FromFields(fields)
		if err != nil {
			return &refusal{"value", err.Error()}
		}
		body[m.name] = data.String()
		for _, number := range numbersOf(&fields) {
			delete(body, number.name)
		}
	}
	return nil
}

// recordMembers are what a record says.
var recordMembers = []string{"type", "name", "value", "ttl", "priority", "weight", "port"}

// changed is the record that was found, with what the request changes.
func (e *entry) changed(body map[string]any) (before, after map[string]any) {
	whole, _ := decode(e.ours)
	before, after = map[string]any{}, map[string]any{}
	for _, name := range recordMembers {
		if value := whole[name]; value != nil {
			before[name], after[name] = value, value
		}
		if value, there := body[name]; there {
			if after[name] = value; value == nil {
				delete(after, name)
			}
		}
	}
	return before, after
}

// set is the brand's record set as it is to be: with record in place of the one that
// was found, or without it if record is nil.
func (e *entry) set(r *resource, record map[string]any) map[string]any {
	set, _ := decode(e.theirs)
	values, _ := set[r.each].([]any)
	rest := append([]any{}, values[:e.place]...)
	if record != nil {
		inner, _ := record[r.each].([]any)
		rest = append(rest, inner...)
		for name, value := range record {
			if name != r.each {
				set[name] = value
			}
		}
	}
	set[r.each] = append(rest, values[e.place+1:]...)
	return set
}

// followed answers a write that succeeded with what the brand says of its object
// afterwards. Where it says nothing, the answer is a success without data.
func (c *call) followed(resp *http.Response) (*http.Response, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	resp.Header.Del("Content-Length")
	answer := func(body []byte, err error) (*http.Response, error) {
		resp.Body, resp.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err})), -1
		return resp, nil
	}
	if err != nil {
		return answer(body, err)
	}
	translated := c.translate(resp.StatusCode, resp.Header, body, new([]byte))
	if saysFailure(translated) {
		return answer(translated, io.EOF)
	}
	data := c.after()
	if data == nil {
		return answer([]byte(`{"status":"success"}`), io.EOF)
	}
	return answer(append(append([]byte(`{"status":"success","data":`), data...), '}'), io.EOF)
}

// failing is the end of a body.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// saysFailure reports an error under a status of success, as the SDK sees it.
func saysFailure(body []byte) bool {
	root, ok := jsonread.Parse(body, limits)
	if !ok {
		return len(bytes.TrimSpace(body)) > 0
	}
	var envelope errbody.Envelope
	walkMembers(root, 0, envelope.Note)
	return envelope.Failed || envelope.Unsure
}

// after reads the object that was written, nil if the brand does not show it.
func (c *call) after() jsonread.Value {
	then := c.operation.then
	if then.info.Name == "DNS.List" {
		wanted, err := encode(c.written)
		if err != nil {
			return nil
		}
		id := derive(wanted, c.domain())
		found, _, _ := c.findEntry(func(record jsonread.Value) bool { return derive(record, c.domain()) == id })
		if id == "" || found == nil {
			return nil
		}
		return found.ours
	}
	resp, err := c.besides(then, c.params, url.Values{}).do()
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil || resp.StatusCode != http.StatusOK || saysFailure(body) {
		return nil
	}
	root, _ := jsonread.Parse(body, limits)
	return child(root, "data")
}

// text is what a string says, white space around it included; "" of other values.
func text(value jsonread.Value) string {
	if value.Kind() != '"' {
		return ""
	}
	inner := value[1 : len(value)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c == '\\' && i+1 < len(inner) && (inner[i+1] == '"' || inner[i+1] == '\\' || inner[i+1] == '/') {
			i++
			c = inner[i]
		} else if c == '\\' || c >= utf8.RuneSelf {
			var whole string
			_ = json.Unmarshal(value, &whole) // it was checked
			return whole
		}
		out = append(out, c)
	}
	return string(out)
}

// number is what a number or a text of digits says, nil of other values.
func number(value jsonread.Value) *uint16 {
	n, err := strconv.ParseUint(value.Text(8), 10, 16)
	if err != nil {
		return nil
	}
	short := uint16(n)
	return &short
}
