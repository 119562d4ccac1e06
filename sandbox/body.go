package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

const (
	maxBody = 1 << 20
	// maxDrain is how much of a body that is too large is still read, so that
	// the client sees the answer instead of a broken connection.
	maxDrain = 16 << 20
)

// bodyRule says whether an operation reads a body.
type bodyRule int

const (
	bodyIgnored bodyRule = iota
	bodyRequired
	bodyOptional // no body at all is an empty object
)

func (x *exchange) readBody() {
	if x.r.Body == nil {
		return
	}
	x.body, x.bodyErr = io.ReadAll(io.LimitReader(x.r.Body, maxBody+1))
	if len(x.body) > maxBody {
		x.body, x.tooLarge = x.body[:maxBody], true
		_, _ = io.CopyN(io.Discard, x.r.Body, maxDrain)
	}
}

// readFields makes the checks of the body: 413, 415, 400.
func (c *call) readFields() *answer {
	c.fields = &fields{patch: c.route.Method == http.MethodPatch}
	if c.tooLarge {
		return fail(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB.")
	}
	if c.route.body == bodyIgnored {
		return nil
	}
	if c.route.body == bodyOptional && len(c.body) == 0 && c.bodyErr == nil {
		return nil
	}
	if !isJSON(c.r.Header) {
		return fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.")
	}
	if c.bodyErr != nil || !c.fields.parse(c.body) {
		return badRequest("The body is not a JSON object.")
	}
	return nil
}

func isJSON(h http.Header) bool {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return false
	}
	charset, named := params["charset"]
	return (!named || strings.EqualFold(charset, "utf-8")) && h.Get("Content-Encoding") == ""
}

// parse reports whether the body is one JSON object in UTF-8.
func (f *fields) parse(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 || body[0] != '{' || !utf8.Valid(body) {
		return false
	}
	return json.Unmarshal(body, &f.raw) == nil
}
