package hoster

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-hoster/hoster/internal/printable"
)

// errorBody is what could be read of an error in any of the shapes that brands
// send. Nothing in it is invented: what was not found is empty.
type errorBody struct {
	code      string
	message   string
	fields    []FieldError
	requestID string
	scopes    []Scope
	shaped    bool // a JSON error of a tolerated shape
	marked    bool // it says "status":"error" or has a textual code: an API wrote it
}

// jsonObject keeps the order of an object's members. Of a member that stands
// twice the last counts.
type jsonObject struct {
	keys   []string
	values map[string]json.RawMessage
	end    int // where it ends
}

func parseObject(data []byte) (jsonObject, bool) {
	obj := jsonObject{values: map[string]json.RawMessage{}}
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return obj, false
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return obj, false
		}
		name, _ := key.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return obj, false
		}
		if _, seen := obj.values[name]; !seen {
			obj.keys = append(obj.keys, name)
		}
		obj.values[name] = value
	}
	_, err := dec.Token()
	obj.end = int(dec.InputOffset())
	return obj, err == nil
}

// text returns the first of the members that is a string, or a number where
// one stands in its place.
func (o jsonObject) text(names ...string) string {
	for _, name := range names {
		if s := scalarText(o.values[name]); s != "" {
			return s
		}
	}
	return ""
}

func scalarText(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return ""
	}
	if raw[0] == '"' {
		var s string
		_ = json.Unmarshal(raw, &s)
		return strings.TrimSpace(s)
	}
	if raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9') {
		return string(raw)
	}
	return ""
}

// readErrorBody understands the contract's error, the shapes of its tolerance
// list, RFC 9457 problem details, and lists of errors.
func readErrorBody(body []byte) errorBody {
	var e errorBody
	body = trimBOM(body)
	if obj, ok := parseObject(body); ok {
		e.readObject(obj, 0)
	} else if items := rawList(body); len(items) > 0 {
		e.readList(items)
	}
	return e
}

var messageNames = []string{"message", "error_description", "detail", "title", "reason", "description", "error_text", "errorMessage", "error_message", "errormsg", "desc", "statusDescription", "longmessage", "shortmessage", "msg"}

// readObject takes what one object says; an object nested in a member that
// other APIs wrap their errors in is read too, and fills what is still empty.
func (e *errorBody) readObject(obj jsonObject, depth int) {
	e.fill(&e.code, obj.text("code", "error_code", "errorCode"))
	e.join(obj.text(messageNames...))
	e.fill(&e.requestID, obj.text("request_id", "requestId"))
	if list := rawList(obj.values["required_scopes"]); list != nil && e.scopes == nil {
		for _, raw := range list {
			if s := scalarText(raw); s != "" {
				e.scopes = append(e.scopes, Scope(s))
			}
		}
	}
	if strings.EqualFold(obj.text("status"), "error") {
		e.marked = true
	}
	e.readErrors(obj.values["errors"])
	if raw, ok := obj.values["error"]; ok {
		if nested, ok := parseObject(raw); ok && depth < 2 {
			e.readObject(nested, depth+1)
		} else if s := scalarText(raw); s != "" {
			// Beside a message, a short word in "error" is a code.
			if e.message == "" {
				e.message = s
			}
			e.shaped = true
		}
	}
	if e.message != "" || e.code != "" || len(e.fields) > 0 || e.marked {
		e.shaped = true
	}
	if isTextual(e.code) {
		e.marked = true
	}
	if e.shaped || depth > 0 {
		return
	}
	// {"unauthorized":{"message":…}}: an error in a single wrapper.
	for _, name := range obj.keys {
		if nested, ok := parseObject(obj.values[name]); ok && name != "data" && !e.shaped {
			e.readObject(nested, depth+1)
		}
	}
}

// readErrors takes "errors": fields with one text or several, a list of
// objects or texts, or one object {code, message}.
func (e *errorBody) readErrors(raw json.RawMessage) {
	if list := rawList(raw); list != nil {
		e.readList(list)
		return
	}
	obj, ok := parseObject(raw)
	if !ok {
		e.fill(&e.message, scalarText(raw))
		return
	}
	_, hasMessage := obj.values["message"]
	if hasMessage && scalarText(obj.values["message"]) != "" && (len(obj.keys) == 1 || obj.text("code") != "") {
		e.fill(&e.code, obj.text("code"))
		e.fill(&e.message, obj.text("message"))
		return
	}
	for _, name := range obj.keys {
		e.addField(name, textsOf(obj.values[name])...)
	}
}

// readList takes a list of errors: objects with or without a field, or texts.
func (e *errorBody) readList(items []json.RawMessage) {
	for _, item := range items {
		obj, ok := parseObject(item)
		if !ok {
			if s := scalarText(item); s != "" {
				e.join(s)
			}
			continue
		}
		text := obj.text(messageNames...)
		e.fill(&e.code, obj.text("code", "errorCode", "error_code"))
		if field := obj.text("field", "path", "property", "name"); field != "" && text != "" {
			e.addField(field, text)
		} else if text != "" {
			e.join(text)
		}
	}
	e.shaped = e.shaped || e.message != "" || e.code != "" || len(e.fields) > 0
	e.marked = e.marked || isTextual(e.code)
}

func (e *errorBody) fill(where *string, what string) {
	if *where == "" {
		*where = what
	}
}

// join adds one more sentence to the message.
func (e *errorBody) join(text string) {
	switch {
	case e.message == "":
		e.message = text
	case !strings.Contains(e.message, text):
		e.message += "; " + text
	}
}

func (e *errorBody) addField(name string, messages ...string) {
	if len(messages) == 0 {
		return
	}
	for i := range e.fields {
		if e.fields[i].Field == name {
			e.fields[i].Messages = append(e.fields[i].Messages, messages...)
			return
		}
	}
	e.fields = append(e.fields, FieldError{Field: name, Messages: messages})
}

// textsOf collects the texts of a value: itself, or those of its list.
func textsOf(raw json.RawMessage) []string {
	if list := rawList(raw); list != nil {
		var texts []string
		for _, item := range list {
			if obj, ok := parseObject(item); ok {
				if s := obj.text(messageNames...); s != "" {
					texts = append(texts, s)
				}
			} else if s := scalarText(item); s != "" {
				texts = append(texts, s)
			}
		}
		return texts
	}
	if obj, ok := parseObject(raw); ok {
		if s := obj.text(messageNames...); s != "" {
			return []string{s}
		}
		return nil
	}
	if s := scalarText(raw); s != "" {
		return []string{s}
	}
	return nil
}

func rawList(raw json.RawMessage) []json.RawMessage {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' {
		return nil
	}
	list := []json.RawMessage{}
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// isTextual reports a code that an API chose, not the status said again.
func isTextual(code string) bool {
	return strings.ContainsFunc(code, unicode.IsLetter) && (code[0] < '0' || code[0] > '9')
}

func trimBOM(body []byte) []byte {
	return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
}

// spokenByAPI tells an answer of the API from one of a proxy in front of it:
// the body is a JSON error of a tolerated shape, or the answer carries a Bearer
// challenge. Gateways say {"message":"…"} of a missing route, so a 404 needs
// more: "status":"error", a code, or the API's request id.
func spokenByAPI(status int, body errorBody, header http.Header) bool {
	if _, ok := bearerChallenge(header); ok && status >= 400 {
		return true
	}
	if !body.shaped {
		return false
	}
	return status != http.StatusNotFound || body.marked || header.Get("X-Request-Id") != ""
}

// bearerChallenge finds the RFC 6750 challenge among the others, and returns
// its attributes.
func bearerChallenge(header http.Header) (map[string]string, bool) {
	for _, line := range header.Values("WWW-Authenticate") {
		// A scheme inside a quoted string is none: blank those to find it.
		at := bearerScheme.FindStringIndex(quotedString.ReplaceAllStringFunc(line, func(s string) string {
			return strings.Repeat("_", len(s))
		}))
		if at == nil {
			continue
		}
		attributes := map[string]string{}
		rest := line[at[1]:]
		for rest != "" {
			m := authParameter.FindStringSubmatch(rest)
			if m == nil {
				break
			}
			value := m[2]
			if strings.HasPrefix(value, `"`) {
				value = quotedPair.ReplaceAllString(value[1:len(value)-1], "$1")
			}
			attributes[strings.ToLower(m[1])] = value
			rest = rest[len(m[0]):]
		}
		return attributes, true
	}
	return nil, false
}

var (
	bearerScheme  = regexp.MustCompile(`(?i)(?:^|,)\s*Bearer(?:\s+|,|$)`)
	quotedString  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	authParameter = regexp.MustCompile(`^[\s,]*([A-Za-z0-9_-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)`)
	quotedPair    = regexp.MustCompile(`\\(.)`)
	invisible     = regexp.MustCompile(`(?is)<!--.*?(?:-->|$)|<(script|style)\b.*?(?:</(?:script|style)\s*>|$)`)
	anyTag        = regexp.MustCompile(`(?s)<[^>]*(?:>|$)`)
)

// maxText bounds what an error shows of a foreign page.
const maxText = 512

// plainText makes a foreign answer readable: without tags, scripts, entities,
// control characters and runs of white space, cut at 512 bytes.
func plainText(body []byte) string {
	text := strings.ToValidUTF8(string(trimBOM(body)), "\ufffd")
	text = invisible.ReplaceAllString(text, " ")
	text = anyTag.ReplaceAllString(text, " ")
	text = html.UnescapeString(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == '<' || r == '>':
			return -1
		}
		return r
	}, text)
	return cutText(strings.Join(strings.Fields(text), " "))
}

func cutText(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// quoted shows a piece of input in an error.
func quoted(s string) string { return strconv.Quote(printable.Cut(s, printable.MaxPiece)) }
