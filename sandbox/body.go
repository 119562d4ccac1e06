package sandbox

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-hoster/hoster/sandbox/internal/input"
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
	c.fields = &fields{input.New(c.route.Method == http.MethodPatch)}
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
	if c.bodyErr != nil || !c.fields.Parse(c.body) {
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

// fields are the members of the request's body.
type fields struct{ *input.Fields }

// refused returns the validation error, or nil when nothing is wrong.
func (f *fields) refused() *answer {
	if len(f.Wrong()) == 0 {
		return nil
	}
	return invalid(f.Wrong())
}

func invalid(problems map[string][]string) *answer {
	a := fail(http.StatusUnprocessableEntity, "VALIDATION_ERROR", "Some fields are not valid.")
	a.err.Errors = problems
	return a
}
