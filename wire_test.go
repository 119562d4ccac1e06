package hoster_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// exchange is a file of testdata/wire: what the contract expects on the wire
// for one operation, written by hand.
type exchange struct {
	request *http.Request
	sent    string // body of the request
	status  int
	header  http.Header
	answer  string // body of the response
}

// readExchange reads the file of an operation. "{secret}" in a body stands for
// a secret, so that none is ever stored.
func readExchange(t *testing.T, op hoster.Operation) exchange {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "wire", string(op)+".http"))
	if err != nil {
		t.Fatalf("every operation has a file in testdata/wire: %v", err)
	}
	first, second, ok := strings.Cut(string(content), "\n----\n")
	if !ok {
		t.Fatalf("%s: no line ---- between request and response", op)
	}
	head, body, _ := strings.Cut(first, "\n\n")
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	response, answer, _ := strings.Cut(strings.TrimLeft(second, "\n"), "\n\n")
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(strings.ReplaceAll(strings.TrimSpace(response), "\n", "\r\n")+"\r\n\r\n")), nil)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	return exchange{request: request, sent: strings.TrimSpace(body), status: resp.StatusCode, header: resp.Header, answer: strings.TrimSpace(answer)}
}

// testToken stands where a token is needed that nobody checks.
const testToken = "wire-test-token"

func newTestClient(t testing.TB, baseURL, token string, options ...hoster.Option) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(append([]hoster.Option{hoster.WithBaseURL(baseURL), hoster.WithToken(token)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// wireSandbox is a sandbox that holds the objects of testdata/wire.
func wireSandbox(t testing.TB, options ...sandbox.Option) *hostertest.Server {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "wire", "seed.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seed, err := sandbox.LoadSeed(file)
	if err != nil {
		t.Fatal(err)
	}
	return hostertest.New(t, append([]sandbox.Option{sandbox.WithSeed(seed)}, options...)...)
}

// TestWire serves each operation the contract's own answer: the request must be
// the contract's to the letter, and no field of the result may be lost.
func TestWire(t *testing.T) {
	for _, row := range hoster.Table() {
		t.Run(string(row.Name), func(t *testing.T) {
			want := readExchange(t, row.Name)
			var got *http.Request
			var sent []byte
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = r
				sent, _ = io.ReadAll(r.Body)
				maps.Copy(w.Header(), want.header)
				w.WriteHeader(want.status)
				_, _ = io.WriteString(w, strings.ReplaceAll(want.answer, "{secret}", testSecret))
			}))
			defer server.Close()
			client := newTestClient(t, server.URL+"/v1", testToken)
			result, err := calls[row.Name](context.Background(), client)
			if err != nil {
				t.Fatal(err)
			}
			checkRequest(t, want, got.Method, got.URL.EscapedPath(), got.URL.RawQuery, got.Header, sent)
			if auth := got.Header.Get("Authorization"); auth != "Bearer "+testToken {
				t.Errorf("Authorization is %q", auth)
			}
			if result != nil {
				checkNonZero(t, string(row.Name), reflect.ValueOf(result))
			}
		})
	}
}

func checkRequest(t *testing.T, want exchange, method, path, query string, header http.Header, sent []byte) {
	t.Helper()
	if method != want.request.Method {
		t.Errorf("method %s, want %s", method, want.request.Method)
	}
	if path != want.request.URL.EscapedPath() {
		t.Errorf("path %s, want %s", path, want.request.URL.EscapedPath())
	}
	if query != want.request.URL.RawQuery {
		t.Errorf("query %s\n want %s", query, want.request.URL.RawQuery)
	}
	if body := strings.ReplaceAll(want.sent, "{secret}", testSecret); string(sent) != body {
		t.Errorf("body %s\nwant %s", sent, body)
	}
	for name, values := range want.request.Header {
		switch got := header.Get(name); {
		case name == "Authorization":
		case name == "Idempotency-Key":
			if got == "" {
				t.Error("no Idempotency-Key")
			}
		case got != values[0]:
			t.Errorf("%s is %q, want %q", name, got, values[0])
		}
	}
	for name := range header {
		if want.request.Header.Get(name) == "" && !slices.Contains([]string{"User-Agent", "Accept-Encoding", "Content-Length", "Connection"}, name) {
			t.Errorf("header %s is not in the contract's exchange", name)
		}
	}
}

// listOnly are fields that only the full object has, not a list's item.
var listOnly = map[string]bool{
	"Domains.List[0].WhoisPrivacy": true, "Domains.List[0].UsesProviderDNS": true, "Domains.List[0].Contacts": true,
	"Domains.List[0].CreatedAt": true, "Domains.List[0].UpdatedAt": true,
	"Hosting.List[0].ControlPanel": true, "Hosting.List[0].Username": true, "Hosting.List[0].Server": true,
	"Hosting.List[0].SuspensionReason": true, "Hosting.List[0].CancelsAt": true,
}

// checkNonZero finds fields of a result that decoding lost.
func checkNonZero(t *testing.T, where string, v reflect.Value) {
	t.Helper()
	if listOnly[where] {
		return
	}
	if v.IsZero() {
		t.Errorf("%s is zero: the fixture has every field", where)
		return
	}
	if _, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return // time.Time, Secret, Amount: looked at as a whole
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct {
			checkNonZero(t, where, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				checkNonZero(t, where+"."+field.Name, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkNonZero(t, fmt.Sprintf("%s[%d]", where, i), v.Index(i))
		}
	}
}

// TestSandboxSpeaksTheWire runs each exchange against the sandbox over a
// socket: its request is the contract's, the answer has its status and exactly
// its fields, and without a token, or with every scope but the one needed, the
// typed errors say so.
func TestSandboxSpeaksTheWire(t *testing.T) {
	for _, row := range hoster.Table() {
		t.Run(string(row.Name), func(t *testing.T) {
			t.Run("success", func(t *testing.T) { wireSuccess(t, row) })
			t.Run("unauthorized", func(t *testing.T) { wireUnauthorized(t, row) })
			t.Run("forbidden", func(t *testing.T) { wireForbidden(t, row) })
		})
	}
}

func wireSuccess(t *testing.T, row hoster.Row) {
	want := readExchange(t, row.Name)
	srv := wireSandbox(t)
	client := newTestClient(t, srv.URL(), srv.RootToken())
	var meta hoster.Response
	if _, err := calls[row.Name](context.Background(), client, hoster.WithResponse(&meta)); err != nil {
		t.Fatal(err)
	}
	if meta.Status != want.status {
		t.Errorf("status %d, want %d", meta.Status, want.status)
	}
	for _, name := range []string{"ETag", "X-Zone-ETag"} {
		got := map[string]string{"ETag": meta.ETag, "X-Zone-ETag": meta.ZoneETag}[name]
		if (got == "") != (want.header.Get(name) == "") {
			t.Errorf("%s is %q, the contract's exchange has %q", name, got, want.header.Get(name))
		}
	}
	requests := srv.Requests()
	got := requests[len(requests)-1]
	checkRequest(t, want, got.Method, got.Path, got.RawQuery, got.Header, got.Body)
	if got.Operation != string(row.Name) {
		t.Errorf("the sandbox took it for %s", got.Operation)
	}
	if !strings.Contains(want.header.Get("Content-Type"), "json") {
		want.answer = "" // a document has no fields
	}
	if gotFields, wantFields := fieldsOf(t, meta.Body()), fieldsOf(t, []byte(want.answer)); !slices.Equal(gotFields, wantFields) {
		t.Errorf("fields of the sandbox's answer %v\nof the contract's %v", gotFields, wantFields)
	}
	if isWrite := row.Method != http.MethodGet; isWrite != (len(srv.Writes()) == 1) {
		t.Errorf("%d writes were done", len(srv.Writes()))
	}
}

func wireUnauthorized(t *testing.T, row hoster.Row) {
	srv := wireSandbox(t)
	client := newTestClient(t, srv.URL(), testToken, hoster.WithHTTPClient(&http.Client{Transport: withoutToken{}}))
	_, err := calls[row.Name](context.Background(), client)
	var unauthorized *hoster.UnauthorizedError
	if !errors.Is(err, hoster.ErrUnauthorized) || !errors.As(err, &unauthorized) {
		t.Fatalf("got %v, want an UnauthorizedError", err)
	}
	if unauthorized.Reason != hoster.UnauthorizedReasonMissing || unauthorized.Err.Status != http.StatusUnauthorized {
		t.Errorf("reason %s, status %d", unauthorized.Reason, unauthorized.Err.Status)
	}
	if len(srv.Writes()) != 0 {
		t.Error("a call without a token was carried out")
	}
}

// withoutToken removes the token, as a careless proxy would.
type withoutToken struct{}

func (withoutToken) RoundTrip(req *http.Request) (*http.Response, error) {
	bare := req.Clone(req.Context())
	bare.Header.Del("Authorization")
	return http.DefaultTransport.RoundTrip(bare)
}

func wireForbidden(t *testing.T, row hoster.Row) {
	srv := wireSandbox(t)
	var others []string
	for _, s := range hoster.AllScopes() {
		if s != row.Scope {
			others = append(others, string(s))
		}
	}
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "all but one", Scopes: others})
	client := newTestClient(t, srv.URL(), secret)
	_, err := calls[row.Name](context.Background(), client)
	if row.Scope == "" || row.Name == "Orders.List" { // without its scope the list holds the token's own orders
		if err != nil {
			t.Errorf("refused without a scope: %v", err)
		}
		return
	}
	var forbidden *hoster.ForbiddenError
	if !errors.Is(err, hoster.ErrForbidden) || !errors.As(err, &forbidden) {
		t.Fatalf("got %v, want a ForbiddenError", err)
	}
	if forbidden.Reason != hoster.ForbiddenReasonScope || !slices.Equal(forbidden.MissingScopes, []hoster.Scope{row.Scope}) {
		t.Errorf("reason %s, missing %v, want %s", forbidden.Reason, forbidden.MissingScopes, row.Scope)
	}
	if !strings.Contains(err.Error(), string(row.Scope)) {
		t.Errorf("the error does not name %s: %v", row.Scope, err)
	}
	if len(srv.Writes()) != 0 {
		t.Error("a call without its scope was carried out")
	}
}

// fieldsOf lists the paths of all members of a JSON document, in their order.
func fieldsOf(t *testing.T, document []byte) []string {
	t.Helper()
	if len(bytes.TrimSpace(document)) == 0 {
		return nil
	}
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	var paths []string
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				paths = append(paths, at+"."+name)
				walk(at+"."+name, v[name])
			}
		case []any:
			if len(v) > 0 {
				walk(at+"[]", v[0])
			}
		}
	}
	walk("", value)
	return paths
}

// TestRoutesAgree holds the sandbox's routes against the table.
func TestRoutesAgree(t *testing.T) {
	routes := map[string]sandbox.Route{}
	for _, r := range sandbox.New().Routes() {
		routes[r.Operation] = r
	}
	for _, row := range hoster.Table() {
		r, ok := routes[string(row.Name)]
		if !ok {
			t.Errorf("the sandbox has no %s", row.Name)
			continue
		}
		if r.Method != row.Method || r.Template != row.Path || r.Scope != string(row.Scope) {
			t.Errorf("%s: table %s %s %s, sandbox %s %s %s", row.Name, row.Method, row.Path, row.Scope, r.Method, r.Template, r.Scope)
		}
		delete(routes, string(row.Name))
	}
	for name := range routes {
		t.Errorf("the SDK has no %s", name)
	}
}

// TestWireFilesAreUsed finds files that belong to no operation.
func TestWireFilesAreUsed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "wire", "*.http"))
	if err != nil || len(files) != len(hoster.Table()) {
		t.Errorf("%d files for %d operations (%v)", len(files), len(hoster.Table()), err)
	}
}
