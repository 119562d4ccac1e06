// Package api_test holds the SDK, the sandbox and openapi.yaml together: one
// document, read once, judges every request that the SDK sends and every answer
// that the sandbox gives, and says what was never seen.
package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

func init() {
	openapi3filter.RegisterBodyDecoder("application/pdf", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
}

// document is openapi.yaml, loaded and validated once.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

func loadDocument(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// described is an operation of the document.
type described struct {
	*openapi3.Operation
	method, path string
	params       openapi3.Parameters
}

func (d *described) scope() string {
	if d.Security == nil || len(*d.Security) != 1 || len((*d.Security)[0]["bearerAuth"]) != 1 {
		return ""
	}
	return (*d.Security)[0]["bearerAuth"][0]
}

func (d *described) extension(name string) string {
	text, _ := d.Extensions[name].(string)
	return text
}

// codes are the error codes that the operation has beside the usual ones.
func (d *described) codes() []string {
	var codes []string
	listed, _ := d.Extensions["x-error-codes"].([]any)
	for _, code := range listed {
		codes = append(codes, fmt.Sprint(code))
	}
	return codes
}

// describedOperations are the document's, by operationId.
func describedOperations(t testing.TB) map[string]*described {
	t.Helper()
	all := map[string]*described{}
	for path, item := range loadDocument(t).Paths.Map() {
		for method, op := range item.Operations() {
			if all[op.OperationID] != nil {
				t.Fatalf("operationId %s stands twice in the document", op.OperationID)
			}
			all[op.OperationID] = &described{op, method, path, slices.Concat(item.Parameters, op.Parameters)}
		}
	}
	return all
}

// judge checks exchanges against the document and keeps what it saw.
type judge struct {
	doc        *openapi3.T
	operations map[string]*described
	router     routers.Router
	front      *front // what stands between the SDK and the sandboxes; nil: nothing

	mu   sync.Mutex
	seen map[string]bool // "schema Record.ttl", "status DNS.Get 404", and so on
}

func newJudge(t testing.TB) *judge {
	t.Helper()
	doc := *loadDocument(t)
	doc.Servers = nil // paths are compared below the base URL
	router, err := gorillamux.NewRouter(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return &judge{doc: &doc, operations: describedOperations(t), router: router, seen: map[string]bool{}}
}

// exchange is a request and its answer, read to the end.
type exchange struct {
	base     string // what the request's path has before the document's
	method   string
	url      *url.URL
	sent     http.Header
	sentBody []byte
	status   int
	got      http.Header
	gotBody  []byte
}

func (j *judge) mark(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen[fmt.Sprintf(format, args...)] = true
}

func (j *judge) saw(what string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seen[what]
}

// route finds the operation that a request is.
func (j *judge) route(x *exchange) (*openapi3filter.RequestValidationInput, error) {
	path, ok := strings.CutPrefix(x.url.EscapedPath(), x.base)
	if !ok {
		return nil, fmt.Errorf("path %s is not below %s", x.url.EscapedPath(), x.base)
	}
	req, err := http.NewRequest(x.method, "http://contract.test"+path+"?"+x.url.RawQuery, bytes.NewReader(x.sentBody))
	if err != nil {
		return nil, err
	}
	req.Header = x.sent.Clone()
	if len(x.sentBody) == 0 {
		req.Body = http.NoBody
	}
	found, params, err := j.router.FindRoute(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", x.method, path, err)
	}
	return &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: found,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true, SkipSettingDefaults: true,
			RejectWhenRequestBodyNotSpecified: true, AuthenticationFunc: checkBearer,
		},
	}, nil
}

// checkBearer wants the token as the contract has it: one space, nothing else.
func checkBearer(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	values := in.RequestValidationInput.Request.Header.Values("Authorization")
	if len(values) != 1 {
		return fmt.Errorf("%d Authorization headers", len(values))
	}
	token, ok := strings.CutPrefix(values[0], "Bearer ")
	if !ok || token == "" || strings.ContainsAny(token, " \t\r\n") {
		return errors.New("the Authorization header is malformed")
	}
	return nil
}

// exchange judges a request and its answer. It returns the operation's name and
// what is wrong.
func (j *judge) exchange(x *exchange) (operation string, problems []error) {
	input, err := j.route(x)
	if err != nil {
		return "", []error{err}
	}
	op := j.operations[input.Route.Operation.OperationID]
	where := func(err error) error {
		return fmt.Errorf("%s, %s %s, status %d: %w", op.OperationID, x.method, x.url.EscapedPath(), x.status, err)
	}
	wrong := func(err error) { problems = append(problems, where(err)) }
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		wrong(fmt.Errorf("request: %w", err))
	}
	for _, err := range j.request(op, x) {
		wrong(err)
	}
	if err := openapi3filter.ValidateResponse(context.Background(), (&openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: x.status, Header: x.got, Options: input.Options,
	}).SetBodyBytes(x.gotBody)); err != nil {
		wrong(fmt.Errorf("answer: %w", err))
	}
	for _, err := range j.answer(op, x) {
		wrong(err)
	}
	return op.OperationID, problems
}

// plainHeaders of a request are not for the document to name.
var plainHeaders = []string{"Accept", "Accept-Encoding", "Authorization", "Content-Type", "Content-Length", "User-Agent"}

// request finds parameters and members that the document does not name.
func (j *judge) request(op *described, x *exchange) (problems []error) {
	named := func(in, name string) bool {
		for _, p := range op.params {
			if p.Value.In == in && (p.Value.Name == name || in == "header" && strings.EqualFold(p.Value.Name, name)) {
				j.mark("parameter %s %s %s", op.OperationID, in, p.Value.Name)
				return true
			}
		}
		return false
	}
	for name := range x.url.Query() {
		if !named("query", name) {
			problems = append(problems, fmt.Errorf("query parameter %s is not in the document", name))
		}
	}
	for name := range x.sent {
		if !slices.Contains(plainHeaders, http.CanonicalHeaderKey(name)) && !named("header", name) {
			problems = append(problems, fmt.Errorf("request header %s is not in the document", name))
		}
	}
	if len(x.sentBody) > 0 && op.RequestBody != nil {
		media := op.RequestBody.Value.Content.Get("application/json")
		problems = append(problems, j.body(media, x.sentBody, "request of "+op.OperationID)...)
	}
	return problems
}

// carried are headers of an answer that HTTP itself explains.
var carried = []string{"Content-Type", "Content-Length", "Date", "Connection", "Keep-Alive"}

// answer finds headers and members of the answer that the document does not
// name, and checks what the contract says of every answer of the API.
func (j *judge) answer(op *described, x *exchange) (problems []error) {
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	response := op.Responses.Status(x.status)
	if response == nil {
		return nil // reported by the validation
	}
	j.mark("status %s %d", op.OperationID, x.status)
	for name := range x.got {
		if slices.Contains(carried, name) {
			continue
		}
		declared := ""
		for header := range response.Value.Headers {
			if strings.EqualFold(header, name) {
				declared = header
			}
		}
		if declared == "" {
			wrong("header %s of the answer is not in the document", name)
		}
		j.mark("header %s %d %s", op.OperationID, x.status, declared)
		j.mark("header * %d %s", x.status, declared)
	}
	if !isJSON(x.got) {
		return problems
	}
	where := fmt.Sprintf("%d of %s", x.status, op.OperationID)
	problems = append(problems, j.body(response.Value.Content.Get("application/json"), x.gotBody, where)...)
	var said struct {
		Code      string `json:"code"`
		RequestID string `json:"request_id"`
	}
	if x.status >= 400 && json.Unmarshal(x.gotBody, &said) == nil {
		if said.RequestID != x.got.Get("X-Request-Id") {
			wrong("request_id %q is not the header's %q", said.RequestID, x.got.Get("X-Request-Id"))
		}
		if !slices.Contains(slices.Concat(usualCodes(op, x.status), op.codes()), said.Code) {
			wrong("error code %s is not in x-error-codes", said.Code)
		}
		j.mark("code %s %s", op.OperationID, said.Code)
		j.mark("code * %s", said.Code)
	}
	return problems
}

func isJSON(h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "application/json")
}

// usualCodes are the codes of a status that every operation may have; nil where
// the operation has to name its own.
func usualCodes(op *described, status int) []string {
	usual := map[int][]string{
		400: {"BAD_REQUEST"},
		401: {"UNAUTHORIZED", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"},
		402: {"PAYMENT_REQUIRED"},
		403: {"INSUFFICIENT_PERMISSIONS", "IP_NOT_ALLOWED"},
		404: {"NOT_FOUND"},
		405: {"METHOD_NOT_ALLOWED"},
		412: {"PRECONDITION_FAILED"},
		413: {"PAYLOAD_TOO_LARGE"},
		415: {"UNSUPPORTED_MEDIA_TYPE"},
		422: {"VALIDATION_ERROR"},
		429: {"TOO_MANY_REQUESTS"},
		500: {"INTERNAL_ERROR"},
		501: {"NOT_IMPLEMENTED"},
		502: {"BAD_GATEWAY"},
		503: {"SERVICE_UNAVAILABLE"},
		504: {"GATEWAY_TIMEOUT"},
	}[status]
	switch {
	case op.method == http.MethodPost && status == 409:
		usual = append(usual, "IDEMPOTENCY_IN_PROGRESS")
	case op.method == http.MethodPost && status == 422:
		usual = append(usual, "IDEMPOTENCY_KEY_REUSED")
	case op.extension("x-status") == "extension" && status == 404:
		usual = append(usual, "ROUTE_NOT_FOUND")
	}
	return usual
}

// body finds members that the document does not name.
func (j *judge) body(media *openapi3.MediaType, body []byte, where string) (problems []error) {
	if media == nil || media.Schema == nil {
		return []error{fmt.Errorf("%s: the document describes no JSON", where)}
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return []error{fmt.Errorf("%s: %w", where, err)}
	}
	j.walk(media.Schema, value, where, &problems)
	return problems
}

// member is a property and the schema that declares it.
type member struct {
	owner  string
	schema *openapi3.SchemaRef
}

// nameOf is a schema's own name, or where it stands.
func nameOf(schema *openapi3.SchemaRef, where string) string {
	if name, ok := strings.CutPrefix(schema.Ref, "#/components/schemas/"); ok {
		return name
	}
	return where
}

// members are the properties of a schema, with those of its parts.
func members(schema *openapi3.SchemaRef, where string) map[string]member {
	where = nameOf(schema, where)
	all := map[string]member{}
	for name, property := range schema.Value.Properties {
		all[name] = member{where, property}
	}
	for _, part := range slices.Concat(schema.Value.AllOf, schema.Value.OneOf) {
		maps.Copy(all, members(part, where))
	}
	return all
}

// parts are a schema and what it is made of.
func parts(schema *openapi3.SchemaRef) []*openapi3.SchemaRef {
	all := []*openapi3.SchemaRef{schema}
	for _, part := range slices.Concat(schema.Value.AllOf, schema.Value.OneOf) {
		all = append(all, parts(part)...)
	}
	return all
}

func (j *judge) walk(schema *openapi3.SchemaRef, value any, where string, problems *[]error) {
	switch value := value.(type) {
	case map[string]any:
		known := members(schema, where)
		for name, inner := range value {
			property, ok := known[name]
			switch {
			case ok:
				if inner != nil {
					j.mark("schema %s.%s", property.owner, name)
				}
				j.walk(property.schema, inner, property.owner+"."+name, problems)
			case schema.Value.AdditionalProperties.Schema == nil:
				*problems = append(*problems, fmt.Errorf("%s: member %q is not in the document", nameOf(schema, where), name))
			}
		}
	case []any:
		for _, part := range parts(schema) {
			if part.Value.Items != nil {
				for _, item := range value {
					j.walk(part.Value.Items, item, where+"[]", problems)
				}
			}
		}
	}
}

// everything lists what the document names and a full run has to see.
func (j *judge) everything() []string {
	all := map[string]bool{}
	add := func(format string, args ...any) { all[fmt.Sprintf(format, args...)] = true }
	done := map[string]bool{}
	var schemas func(schema *openapi3.SchemaRef, where string)
	schemas = func(schema *openapi3.SchemaRef, where string) {
		if schema.Ref != "" {
			if done[schema.Ref] {
				return
			}
			done[schema.Ref] = true
		}
		for name, property := range members(schema, where) {
			add("schema %s.%s", property.owner, name)
			schemas(property.schema, property.owner+"."+name)
		}
		for _, part := range parts(schema) {
			if part.Value.Items != nil {
				schemas(part.Value.Items, where+"[]")
			}
		}
	}
	for name, op := range j.operations {
		for _, p := range op.params {
			if p.Value.In != "path" {
				add("parameter %s %s %s", name, p.Value.In, p.Value.Name)
			}
		}
		if op.RequestBody != nil {
			schemas(op.RequestBody.Value.Content.Get("application/json").Schema, "request of "+name)
		}
		for _, code := range op.codes() {
			add("code %s %s", name, code)
		}
		for status, response := range op.Responses.Map() {
			add("status %s %s", name, status)
			number, _ := strconv.Atoi(status)
			for header := range response.Value.Headers {
				if number < 300 {
					add("header %s %s %s", name, status, header)
				} else {
					add("header * %s %s", status, header)
				}
			}
			for _, code := range usualCodes(op, number) {
				add("code * %s", code)
			}
			if media := response.Value.Content.Get("application/json"); media != nil && !isFile(response.Value.Content) {
				schemas(media.Schema, status+" of "+name)
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func isFile(content openapi3.Content) bool { return content["application/pdf"] != nil }
