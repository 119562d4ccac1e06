package sandbox

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// answer is an answer of the API, before and after it is encoded.
type answer struct {
	status  int
	header  http.Header
	payload any       // of a success: what stands in the envelope
	err     *apiError // of a failure
	body    []byte
	file    *file // instead of body: what is streamed

	requestID string // of the first answer, where this repeats one
	bare      bool   // a fault made it: nothing is added
	truncate  int
	reset     bool
}

type envelope struct {
	Status string `json:"status"`
	Data   any    `json:"data"`
	Meta   *meta  `json:"meta,omitempty"`
}

// apiError is the body of a failure.
type apiError struct {
	Status         string              `json:"status"`
	Code           string              `json:"code"`
	Message        string              `json:"message"`
	Errors         map[string][]string `json:"errors"`
	RequestID      string              `json:"request_id"`
	RequiredScopes []string            `json:"required_scopes,omitempty"`
}

func fail(status int, code, message string) *answer {
	return &answer{
		status: status,
		header: make(http.Header),
		err:    &apiError{Status: "error", Code: code, Message: message},
	}
}

func badRequest(message string) *answer {
	return fail(http.StatusBadRequest, "BAD_REQUEST", message)
}

func notFound(what string) *answer {
	return fail(http.StatusNotFound, "NOT_FOUND", "There is no such "+what+".")
}

func conflict(code, message string) *answer {
	return fail(http.StatusConflict, code, message)
}

func ok(data any) *answer {
	return &answer{status: http.StatusOK, header: make(http.Header), payload: envelope{Status: "success", Data: data}}
}

// created answers 201; segments lead to the new object, below /v1.
func created(data any, segments ...string) *answer {
	a := ok(data)
	a.status = http.StatusCreated
	a.header.Set("Location", location(segments))
	return a
}

func noContent() *answer {
	return &answer{status: http.StatusNoContent, header: make(http.Header)}
}

// seal encodes the answer and gives it its request id. Doing so again changes
// nothing.
func (a *answer) seal(requestID string) *answer {
	if a.bare || a.reset {
		return a
	}
	if a.requestID == "" {
		a.requestID = requestID
	}
	switch {
	case a.err != nil:
		a.err.RequestID = a.requestID
		a.body = encodeJSON(a.err)
	case a.payload != nil:
		a.body = encodeJSON(a.payload)
	}
	a.err, a.payload = nil, nil
	a.header.Set("X-Request-Id", a.requestID)
	if len(a.body) > 0 {
		a.header.Set("Content-Type", "application/json")
	}
	return a
}

// encodeJSON cannot fail for the types of this package.
func encodeJSON(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return buf.Bytes()
}

// size is how long the whole body is.
func (a *answer) size() int64 {
	if a.file != nil {
		return a.file.size()
	}
	return int64(len(a.body))
}

// deliver sends the answer, or the part of it that a fault left.
func (s *Server) deliver(w http.ResponseWriter, a *answer) {
	if a.reset {
		cut(w)
		return
	}
	w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
	maps.Copy(w.Header(), a.header)
	noBody := a.status == http.StatusNoContent || a.status == http.StatusNotModified
	if !noBody && a.header.Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.FormatInt(a.size(), 10))
	}
	body := a.body
	if a.truncate > 0 && a.truncate < len(body) {
		body = body[:a.truncate]
	}
	if noBody {
		a.truncate = 0
	}
	w.WriteHeader(a.status)
	if a.file != nil {
		a.file.writeTo(w, int64(a.truncate))
	}
	_, _ = w.Write(body) // a client that has gone away is its own affair
	if a.truncate > 0 {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: net/http resets the stream
	}
	inner := conn
	if secure, isTLS := conn.(*tls.Conn); isTLS {
		inner = secure.NetConn() // closing the inner one sends no close_notify
	}
	if tcp, isTCP := inner.(*net.TCPConn); isTCP {
		_ = tcp.SetLinger(0)
	}
	_ = inner.Close()
}

// tagOf is the strong entity tag of a resource: two states of it that look the
// same have the same one.
func tagOf(shown any) string {
	sum := sha256.Sum256(encodeJSON(shown))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// tagged gives the answer the entity tag of its resource.
func (c *call) tagged(a *answer, tag string) *answer {
	if !c.srv.lacking[ETags] {
		a.header.Set("ETag", tag)
	}
	return a
}

// zoned gives the answer to a DNS write the zone's version.
func (c *call) zoned(a *answer, d *Domain) *answer {
	if !c.srv.lacking[ETags] {
		a.header.Set("X-Zone-ETag", c.st.zoneTag(d))
	}
	return a
}

// ifMatch refuses the call when it has an If-Match that none of the tags meets.
func (c *call) ifMatch(tags ...string) *answer {
	sent := c.r.Header.Values("If-Match")
	if len(sent) == 0 || c.srv.lacking[ETags] {
		return nil
	}
	for want := range strings.SplitSeq(strings.Join(sent, ","), ",") {
		want = strings.TrimSpace(want)
		if want == "*" || slices.Contains(tags, want) {
			return nil
		}
	}
	return fail(http.StatusPreconditionFailed, "PRECONDITION_FAILED", "The resource is no longer what If-Match names.")
}
