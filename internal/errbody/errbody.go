// Package errbody finds out what an answer that is no success says, in every
// shape that servers give to errors, and who said it.
package errbody

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// Limits bound what is kept of an error.
type Limits struct {
	Messages int // texts, and fields
	Text     int // octets of one text
	JSON     jsonread.Limits
}

// Body is what could be read of an error. Nothing in it is invented: what was
// not found is empty.
type Body struct {
	Code    string
	Message string
	// FromFields is true where only fields have texts, of which the message is made.
	FromFields bool
	Fields     []Field
	RequestID  string
	Scopes     []string // that are missing
	Shaped     bool     // a JSON error of a known shape
	Marked     bool     // it says "status":"error" or has a textual code: an API wrote it
}

// Field is a field of the request that is not valid.
type Field struct {
	Field    string
	Messages []string
}

// Read understands the shapes that errors have: one object, with the error in it
// or in a wrapper, problem details of RFC 9457, lists of errors, fields with
// their texts.
func Read(body []byte, limits Limits) Body {
	r := reader{limits: limits}
	if v, ok := jsonread.Parse(body, limits.JSON); ok {
		switch v.Kind() {
		case '{':
			r.object(v, 0)
		case '[':
			r.list(v)
		}
	}
	if r.Message == "" && len(r.Fields) > 0 {
		r.FromFields = true
		for _, f := range r.Fields {
			for _, text := range f.Messages {
				r.join(text)
			}
		}
	}
	if r.Scopes == nil {
		r.Scopes = namedScope.FindAllString(r.Message, limits.Messages)
	}
	return r.Body
}

// namedScope is a scope in a sentence.
var namedScope = regexp.MustCompile(`\b[a-z][a-z_-]*:(?:read|write)\b`)

type reader struct {
	Body
	limits Limits
	kept   int // texts of fields
}

// messageNames are the members that hold the text for a person, the best first,
// and codeNames those that hold the code. All names are compared in lower case
// and without underscores.
var (
	messageNames = ranks("message", "errordescription", "detail", "title", "reason", "description", "errortext", "errormessage", "errormsg", "desc", "statusdescription", "longmessage", "shortmessage", "msg")
	codeNames    = ranks("code", "errorcode")
	fieldNames   = ranks("field", "pointer", "path", "property", "parameter", "param", "attribute", "name")
)

func ranks(names ...string) map[string]int {
	by := make(map[string]int, len(names))
	for i, name := range names {
		by[name] = len(names) - i
	}
	return by
}

func fold(name []byte) string {
	return strings.ReplaceAll(strings.ToLower(string(name)), "_", "")
}

// best is the text of the best member so far.
type best struct {
	text string
	rank int
}

func (b *best) offer(rank int, text string) {
	if rank > 0 && rank >= b.rank && text != "" {
		b.text, b.rank = text, rank
	}
}

// object is one object of an error, taken apart. Of a member that stands twice
// the last one counts.
type object struct {
	message, code, field, status best
	requestID                    string
	scopes, err, errors, data    jsonread.Value
	others                       []jsonread.Value // members that are objects
	members                      int
	failed                       bool // it says so by a word or boolean
}

// maxOthers is how many members are looked into for an error in a wrapper.
const maxOthers = 8

func (r *reader) take(v jsonread.Value) object {
	var o object
	for name, value := range v.Members() {
		o.members++
		folded := fold(name)
		text := ""
		if messageNames[folded]+codeNames[folded]+fieldNames[folded] > 0 {
			text = value.Text(r.limits.Text)
			o.message.offer(messageNames[folded], text)
			o.code.offer(codeNames[folded], text)
			if folded == "pointer" {
				text = pointed(text)
			}
			o.field.offer(fieldNames[folded], text)
		}
		switch folded {
		case "status":
			o.status.offer(1, value.Text(r.limits.Text))
		case "requestid":
			o.requestID = value.Text(r.limits.Text)
		case "requiredscopes":
			o.scopes = value
		case "error":
			o.err = value
		case "errors":
			o.errors = value
		case "data":
			o.data = value
		case "source": // JSON:API
			for name, value := range value.Members() {
				if fold(name) == "pointer" {
					o.field.offer(1, pointed(value.Text(r.limits.Text)))
				}
			}
		default:
			if value.Kind() == '{' && len(o.others) < maxOthers {
				o.others = append(o.others, value)
			}
		}
		o.failed = o.failed || saysFailure(folded, value)
	}
	return o
}

// pointed is a field that a JSON pointer names, such as #/address/city.
func pointed(pointer string) string {
	pointer = strings.TrimPrefix(pointer, "#")
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", "."))
}

// object reads what one object says. One that is nested fills what is still
// empty.
func (r *reader) object(v jsonread.Value, depth int) {
	o := r.take(v)
	fill(&r.Code, o.code.text)
	r.join(o.message.text)
	fill(&r.RequestID, o.requestID)
	if r.Scopes == nil {
		for item := range o.scopes.Items() {
			if s := item.Text(r.limits.Text); s != "" && len(r.Scopes) < r.limits.Messages {
				r.Scopes = append(r.Scopes, s)
			}
		}
	}
	if strings.EqualFold(o.status.text, "error") {
		r.Marked = true
	}
	r.errors(o.errors)
	r.error(o.err, depth)
	r.inData(o, depth)
	r.Shaped = r.Shaped || r.says() || o.failed
	if isTextual(r.Code) {
		r.Marked = true
	}
	if r.Shaped || depth > 0 {
		return
	}
	// {"unauthorized":{"message":…}}: an error in a single wrapper.
	for _, other := range o.others {
		if !r.Shaped {
			r.object(other, depth+1)
		}
	}
}

func (r *reader) says() bool {
	return r.Message != "" || r.Code != "" || len(r.Fields) > 0 || r.Marked
}

// error takes "error": an object, a list or a text.
func (r *reader) error(v jsonread.Value, depth int) {
	switch {
	case v.Kind() == '[':
		r.list(v)
	case v.Kind() == '{' && depth < maxDepth:
		r.object(v, depth+1)
	default:
		if text := v.Text(r.limits.Text); text != "" {
			// Beside a message, a short word in "error" is a code.
			fill(&r.Message, text)
			r.Shaped = true
		}
	}
}

// maxDepth is how deep errors are nested in errors.
const maxDepth = 2

// inData takes an error that stands where the data of a success would.
func (r *reader) inData(o object, depth int) {
	if depth >= maxDepth || !o.failed && !SaysError(o.data) {
		return
	}
	switch o.data.Kind() {
	case '[':
		r.list(o.data)
	case '"':
		fill(&r.Message, o.data.Text(r.limits.Text))
	case '{':
		before := r.says()
		r.object(o.data, depth+1)
		if !before && !r.says() { // JSend: fields with their texts
			r.fields(o.data)
		}
	}
}

// errors takes "errors": fields with one text or several, a list of objects or
// texts, or one object {code, message}.
func (r *reader) errors(v jsonread.Value) {
	switch v.Kind() {
	case '[':
		r.list(v)
	case '{':
		o := r.take(v)
		if o.message.rank == messageNames["message"] && (o.members == 1 || o.code.text != "") {
			fill(&r.Code, o.code.text)
			fill(&r.Message, o.message.text)
			return
		}
		r.fields(v)
	default:
		fill(&r.Message, v.Text(r.limits.Text))
	}
}

func (r *reader) fields(v jsonread.Value) {
	for name, value := range v.Members() {
		if r.kept >= r.limits.Messages {
			break
		}
		field := strings.ToValidUTF8(string(name[:min(len(name), r.limits.Text)]), "") // the cut may divide a character
		for i := range r.Fields {                                                      // a member twice: the last one counts
			if r.Fields[i].Field == field {
				r.Fields[i].Messages = nil
			}
		}
		r.texts(field, value)
	}
	r.Fields = slices.DeleteFunc(r.Fields, func(f Field) bool { return f.Messages == nil })
}

// list takes a list of errors: objects with or without a field, or texts.
func (r *reader) list(v jsonread.Value) {
	taken := 0
	for item := range v.Items() {
		if taken++; taken > r.limits.Messages {
			break
		}
		if item.Kind() != '{' {
			r.join(item.Text(r.limits.Text))
			continue
		}
		o := r.take(item)
		fill(&r.Code, o.code.text)
		if o.field.text != "" && o.message.text != "" {
			r.addField(o.field.text, o.message.text)
		} else {
			r.join(o.message.text)
		}
	}
	r.Shaped = r.Shaped || r.says()
	r.Marked = r.Marked || isTextual(r.Code)
}

// texts adds the texts of a value to a field: itself, or those of its items.
func (r *reader) texts(field string, v jsonread.Value) {
	switch v.Kind() {
	case '[':
		for item := range v.Items() {
			if r.kept >= r.limits.Messages {
				return
			}
			if item.Kind() != '[' {
				r.texts(field, item)
			}
		}
	case '{':
		r.addField(field, r.take(v).message.text)
	default:
		r.addField(field, v.Text(r.limits.Text))
	}
}

func (r *reader) addField(name, text string) {
	if text == "" || r.kept >= r.limits.Messages {
		return
	}
	r.kept++
	for i := range r.Fields {
		if r.Fields[i].Field == name {
			r.Fields[i].Messages = append(r.Fields[i].Messages, text)
			return
		}
	}
	r.Fields = append(r.Fields, Field{name, []string{text}})
}

func fill(where *string, what string) {
	if *where == "" {
		*where = what
	}
}

// join adds one more sentence to the message.
func (r *reader) join(text string) {
	switch {
	case text == "" || strings.Contains(r.Message, text):
	case r.Message == "":
		r.Message = text
	case len(r.Message)+len("; ")+len(text) <= r.limits.Text:
		r.Message += "; " + text
	}
}

// isTextual reports a code that an API chose, not the status said again.
func isTextual(code string) bool {
	return strings.ContainsFunc(code, unicode.IsLetter) && (code[0] < '0' || code[0] > '9')
}

// IsJSON tells a JSON answer that is broken from a page or nothing.
func IsJSON(body []byte, limits jsonread.Limits) bool {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 || body[0] == '{' || body[0] == '[' {
		return len(body) > 0
	}
	v, ok := jsonread.Parse(body, limits)
	return ok && len(v) == len(body)
}
