package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// recorder is a transport that judges every exchange which passes. spoil, when
// set, changes a request after it was recorded, on its way to the sandbox: so
// the SDK meets answers that its own requests would never get.
type recorder struct {
	t      *testing.T
	judge  *judge
	base   string
	spoil  func(*http.Request)
	via    string // the sandbox's name behind the front
	prefer string // which answer Prism is to give
	last   *exchange
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	x := &exchange{base: r.base, method: req.Method, url: req.URL, sent: req.Header.Clone()}
	if req.Body != nil {
		x.sentBody, _ = io.ReadAll(req.Body)
		req.Body.Close()
	}
	onward := req.Clone(req.Context())
	setBody(onward, x.sentBody)
	if r.spoil != nil {
		r.spoil(onward)
	}
	if r.prefer != "" {
		onward.Header.Set("Prefer", r.prefer)
	}
	if r.via != "" {
		onward.Header.Set(frontHeader, r.via)
	}
	resp, err := http.DefaultTransport.RoundTrip(onward)
	if err != nil {
		return nil, err
	}
	for _, violation := range violations(resp) {
		if r.spoil == nil || violation.of("response") {
			r.t.Errorf("Prism: %s %s, status %d: %s", req.Method, req.URL.Path, resp.StatusCode, violation)
		}
	}
	x.gotBody, err = io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.gotBody))
	x.status, x.got = resp.StatusCode, resp.Header
	_, problems := r.judge.exchange(x)
	for _, problem := range problems {
		r.t.Error(problem)
	}
	r.last = x
	return resp, nil
}

func setBody(req *http.Request, body []byte) {
	req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, int64(len(body))
	if len(body) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
}

// setup is a sandbox with the objects of testdata/wire and a client of it whose
// exchanges are judged.
type setup struct {
	*recorder
	srv    *hostertest.Server
	url    string // the base URL
	client *hoster.Client
}

func wireSeed(t *testing.T) sandbox.Seed {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "testdata", "wire", "seed.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seed, err := sandbox.LoadSeed(file)
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

func newSetup(t *testing.T, j *judge, options ...sandbox.Option) *setup {
	t.Helper()
	srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithSeed(wireSeed(t))}, options...)...)
	s := &setup{recorder: &recorder{t: t, judge: j, base: "/v1"}, srv: srv, url: srv.URL()}
	if j.front != nil {
		s.base, s.url = "", j.front.url
		s.via = j.front.add(srv.Server)
	}
	s.client = s.as(srv.RootToken())
	return s
}

// as is a client of the sandbox with another token.
func (s *setup) as(token string) *hoster.Client {
	s.t.Helper()
	client, err := hoster.NewClient(
		hoster.WithBaseURL(s.url), hoster.WithToken(token),
		hoster.WithHTTPClient(&http.Client{Transport: s.recorder}),
		hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}),
	)
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

// fails makes the call and wants this error, from this status.
func (s *setup) fails(client *hoster.Client, op hoster.Operation, status int, want error, opts ...hoster.CallOption) {
	s.t.Helper()
	s.wants(calls[op](context.Background(), client, opts...), op, status, want)
}

func (s *setup) wants(err error, op hoster.Operation, status int, want error) {
	s.t.Helper()
	var api *hoster.Error
	if !errors.Is(err, want) || !errors.As(err, &api) || api.Status != status || api.Operation != op {
		s.t.Errorf("got %v, want %v with status %d", err, want, status)
	}
}

// TestSandbox drives every operation of the SDK against the sandbox, to success
// and into every class of error, and then asks whether anything that the
// document names was never seen.
func TestSandbox(t *testing.T) { driveAll(t, newJudge(t)) }

func driveAll(t *testing.T, j *judge) {
	t.Run("operations", func(t *testing.T) {
		for _, op := range hoster.Operations() {
			t.Run(string(op.Name), func(t *testing.T) {
				t.Parallel()
				if calls[op.Name] == nil || j.operations[string(op.Name)] == nil {
					t.Fatal("no call, or not in the document")
				}
				drive(t, j, op, j.operations[string(op.Name)])
			})
		}
	})
	t.Run("states", func(t *testing.T) { driveStates(t, j) })
	if t.Failed() {
		t.Log("what was never seen is not reported while exchanges fail")
		return
	}
	if j.front != nil {
		return // what Prism cannot carry stays unseen
	}
	for _, what := range j.everything() {
		if !j.saw(what) {
			t.Errorf("never seen: %s", what)
		}
	}
}

// drive takes one operation through everything that holds for all of them.
func drive(t *testing.T, j *judge, info hoster.OperationInfo, op *described) {
	do := func(name string, f func(*testing.T, *setup), options ...sandbox.Option) {
		t.Run(name, func(t *testing.T) { f(t, newSetup(t, j, options...)) })
	}
	// Prism cannot carry some things: it answers malformed JSON itself, mends a
	// malformed query, and takes a 501 for an order to mock.
	direct := func(name string, f func(*testing.T, *setup)) {
		if j.front == nil {
			do(name, f)
		}
	}
	has := func(status int) bool { return op.Responses.Status(status) != nil }
	ctx := context.Background()

	do("success", func(t *testing.T, s *setup) {
		if err := calls[info.Name](ctx, s.client); err != nil {
			t.Fatal(err)
		}
		if s.last.got.Get("X-Request-Id") == "" || s.last.got.Get("X-RateLimit-Limit") == "" {
			t.Error("no request id or no rate limit")
		}
	})
	for i, call := range more[info.Name] {
		do(fmt.Sprintf("success %d", i+2), func(t *testing.T, s *setup) {
			if err := call(ctx, s.client); err != nil {
				t.Fatal(err)
			}
		})
	}
	if op.method == http.MethodPost {
		do("the same key again", func(t *testing.T, s *setup) {
			for range 2 {
				if err := calls[info.Name](ctx, s.client, hoster.WithIdempotencyKey("sample-key")); err != nil {
					t.Fatal(err)
				}
			}
			if s.last.got.Get("Idempotent-Replayed") != "true" {
				t.Error("the second answer is not the first again")
			}
		})
		do("another request with the key", func(t *testing.T, s *setup) {
			if err := calls[info.Name](ctx, s.client, hoster.WithIdempotencyKey("sample-key")); err != nil {
				t.Fatal(err)
			}
			s.spoil = func(req *http.Request) { req.URL.RawQuery = "another=1" }
			s.fails(s.client, info.Name, 422, hoster.ErrConflict, hoster.WithIdempotencyKey("sample-key"))
		})
		do("while the first runs", func(t *testing.T, s *setup) {
			arrived := make(chan struct{})
			s.srv.Inject(sandbox.Fault{Operation: string(info.Name), Delay: time.Minute, Match: func(*http.Request) bool {
				close(arrived)
				return true
			}})
			first, cancel := context.WithCancel(ctx)
			done := make(chan struct{})
			slow := s.plain(s.srv.RootToken())
			go func() {
				defer close(done)
				_ = calls[info.Name](first, slow, hoster.WithIdempotencyKey("sample-key"))
			}()
			select {
			case <-arrived:
			case <-time.After(10 * time.Second):
				t.Fatal("the first request never reached its operation")
			}
			time.Sleep(50 * time.Millisecond) // until the sandbox has claimed the key
			s.fails(s.client, info.Name, 409, hoster.ErrConflict, hoster.WithIdempotencyKey("sample-key"))
			cancel()
			<-done
		})
	}

	do("401 without a token", func(t *testing.T, s *setup) {
		s.spoil = func(req *http.Request) { req.Header.Del("Authorization") }
		s.fails(s.client, info.Name, 401, hoster.ErrUnauthorized)
	})
	do("401 unknown token", func(t *testing.T, s *setup) {
		s.fails(s.as("sample-token-unknown"), info.Name, 401, hoster.ErrUnauthorized)
	})
	do("401 expired token", func(t *testing.T, s *setup) {
		_, old := s.srv.MintToken(sandbox.TokenSpec{Name: "old", Scopes: scopes(), ExpiresAt: time.Now().Add(-time.Hour)})
		s.fails(s.as(old), info.Name, 401, hoster.ErrUnauthorized)
	})
	do("401 revoked token", func(t *testing.T, s *setup) {
		id, gone := s.srv.MintToken(sandbox.TokenSpec{Name: "gone", Scopes: scopes()})
		if err := s.client.Tokens.Revoke(ctx, hoster.TokenID(id)); err != nil {
			t.Fatal(err)
		}
		s.fails(s.as(gone), info.Name, 401, hoster.ErrUnauthorized)
	})
	if info.Scope != "" {
		do("403 scope", func(t *testing.T, s *setup) {
			others := slices.DeleteFunc(scopes(), func(scope string) bool { return scope == string(info.Scope) })
			_, lacking := s.srv.MintToken(sandbox.TokenSpec{Name: "all but one", Scopes: others})
			err := calls[info.Name](ctx, s.as(lacking))
			if info.Name == "Orders.List" { // it holds the token's own orders then, of which there are none
				if err != nil || !bytes.Contains(s.last.gotBody, []byte(`"data":[]`)) {
					t.Errorf("%s, %v", s.last.gotBody, err)
				}
				return
			}
			s.wantsForbidden(err, info)
		})
	}
	do("403 address", func(t *testing.T, s *setup) {
		_, elsewhere := s.srv.MintToken(sandbox.TokenSpec{Name: "elsewhere", Scopes: scopes(), IPAllowlist: []string{"203.0.113.0/24"}})
		s.fails(s.as(elsewhere), info.Name, 403, hoster.ErrForbidden)
	})
	do("429", func(t *testing.T, s *setup) {
		if _, err := s.client.Tokens.Current(ctx); err != nil {
			t.Fatal(err)
		}
		s.fails(s.as(s.srv.RootToken()), info.Name, 429, hoster.ErrRateLimited)
	}, sandbox.WithRateLimit(1, time.Hour))
	direct("400 query", func(t *testing.T, s *setup) {
		s.spoil = func(req *http.Request) { req.URL.RawQuery = "%zz" }
		s.fails(s.client, info.Name, 400, hoster.ErrBadRequest)
	})
	for _, p := range op.params {
		if schema := p.Value.Schema.Value; p.Value.In == "query" && (len(schema.Enum) > 0 || schema.Max != nil || schema.Min != nil || schema.Format != "") {
			do("400 "+p.Value.Name, func(t *testing.T, s *setup) {
				s.spoil = func(req *http.Request) { req.URL.RawQuery = url.Values{p.Value.Name: {"nonsense"}}.Encode() }
				s.fails(s.client, info.Name, 400, hoster.ErrBadRequest)
			})
		}
	}
	if op.method == http.MethodPost {
		do("400 key", func(t *testing.T, s *setup) {
			s.spoil = func(req *http.Request) {
				req.Header.Del("idempotency-key")
				delete(req.Header, "idempotency-key")
				req.Header.Set("Idempotency-Key", "not visible")
			}
			s.fails(s.client, info.Name, 400, hoster.ErrBadRequest)
		})
	}
	if strings.Contains(info.Path, "{") {
		do("404", func(t *testing.T, s *setup) {
			s.spoil = func(req *http.Request) { req.URL.Path = elsewhere(req.URL.Path, s.base+info.Path) }
			s.fails(s.client, info.Name, 404, hoster.ErrNotFound)
		})
	}
	if op.RequestBody != nil {
		direct("400 body", func(t *testing.T, s *setup) {
			s.spoil = func(req *http.Request) { setBody(req, []byte(`{"`)) }
			s.fails(s.client, info.Name, 400, hoster.ErrBadRequest)
		})
		do("400 no object", func(t *testing.T, s *setup) {
			s.spoil = func(req *http.Request) { setBody(req, []byte(`[]`)) }
			s.fails(s.client, info.Name, 400, hoster.ErrBadRequest)
		})
		do("413", func(t *testing.T, s *setup) {
			s.spoil = func(req *http.Request) { setBody(req, []byte(`{"padding":"`+strings.Repeat("x", 1<<20)+`"}`)) }
			s.fails(s.client, info.Name, 413, hoster.ErrBadRequest)
		})
		do("415", func(t *testing.T, s *setup) {
			s.spoil = func(req *http.Request) { req.Header.Set("Content-Type", "text/plain") }
			s.fails(s.client, info.Name, 415, hoster.ErrBadRequest)
		})
		for name := range members(op.RequestBody.Value.Content.Get("application/json").Schema, "request") {
			do("422 "+name, func(t *testing.T, s *setup) {
				s.spoil = func(req *http.Request) { setBody(req, spoilMember(req, name)) }
				err := calls[info.Name](ctx, s.client)
				s.wants(err, info.Name, 422, hoster.ErrValidation)
				var invalid *hoster.ValidationError
				if errors.As(err, &invalid) && !slices.ContainsFunc(invalid.Err.Fields, func(f hoster.FieldProblem) bool {
					return f.Field == name || strings.HasPrefix(f.Field, name+".") || strings.HasPrefix(f.Field, name+"[")
				}) {
					t.Errorf("the field is not named: %v", invalid.Err.Fields)
				}
			})
		}
	}
	if has(412) {
		do("412", func(t *testing.T, s *setup) {
			s.fails(s.client, info.Name, 412, hoster.ErrPreconditionFailed, hoster.WithIfMatch(`"none"`))
			if len(s.srv.Writes()) != 0 {
				t.Error("something was done")
			}
		})
	}
	for _, status := range []int{500, 502, 503, 504} {
		do(fmt.Sprint(status), func(t *testing.T, s *setup) {
			s.srv.Inject(s.exampleOf(op, status))
			s.fails(s.client, info.Name, status, hoster.ErrServer)
		})
		do(fmt.Sprint(status, " from a proxy"), func(t *testing.T, s *setup) {
			s.srv.Inject(sandbox.Fault{Status: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html><body>Bad gateway</body></html>"})
			s.fails(s.client, info.Name, status, hoster.ErrServer)
		})
	}
	if op.extension("x-status") == "extension" {
		do("405 not offered", func(t *testing.T, s *setup) {
			s.srv.Inject(s.exampleOf(op, 405))
			s.fails(s.client, info.Name, 405, hoster.ErrNotSupported)
		})
		direct("501 not offered", func(t *testing.T, s *setup) {
			s.srv.Inject(s.exampleOf(op, 501))
			s.fails(s.client, info.Name, 501, hoster.ErrNotSupported)
		})
		do("not offered", func(t *testing.T, s *setup) {
			err := calls[info.Name](ctx, s.client)
			s.wants(err, info.Name, s.last.status, hoster.ErrNotSupported)
		}, sandbox.Without(sandbox.TokenEndpoints, sandbox.Batch))
	}
}

// plain is a client whose exchanges nobody judges.
func (s *setup) plain(token string) *hoster.Client {
	client, err := hoster.NewClient(hoster.WithBaseURL(s.srv.URL()), hoster.WithToken(token), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(client.CloseIdleConnections)
	return client
}

func (s *setup) wantsForbidden(err error, info hoster.OperationInfo) {
	s.t.Helper()
	s.wants(err, info.Name, 403, hoster.ErrForbidden)
	var forbidden *hoster.ForbiddenError
	if errors.As(err, &forbidden) && !slices.Equal(forbidden.MissingScopes, []hoster.Scope{info.Scope}) {
		s.t.Errorf("missing scopes %v, want %s", forbidden.MissingScopes, info.Scope)
	}
	if want := fmt.Sprintf(`Bearer error="insufficient_scope", scope="%s"`, info.Scope); s.last.got.Get("WWW-Authenticate") != want {
		s.t.Errorf("challenge %q, want %q", s.last.got.Get("WWW-Authenticate"), want)
	}
}

func scopes() []string {
	var all []string
	for _, scope := range hoster.AllScopes() {
		all = append(all, string(scope))
	}
	return all
}

// elsewhere replaces the last parameter of a path by one that names nothing.
func elsewhere(path, template string) string {
	have, want := strings.Split(path, "/"), strings.Split(template, "/")
	for i := len(want) - 1; i >= 0; i-- {
		switch want[i] {
		case "{domain}":
			have[i] = "no-such-name.example"
		case "{id}":
			have[i] = have[i][:strings.Index(have[i], "_")+1] + "none"
		default:
			continue
		}
		break
	}
	return strings.Join(have, "/")
}

// spoilMember gives one member of the body a type that no member has: a list of
// lists of lists.
func spoilMember(req *http.Request, name string) []byte {
	body, _ := io.ReadAll(req.Body)
	members := map[string]any{}
	_ = json.Unmarshal(body, &members)
	members[name] = [][][]int{{{}}}
	spoiled, _ := json.Marshal(members)
	return spoiled
}

// exampleOf is the document's own example of an answer, as a fault.
func (s *setup) exampleOf(op *described, status int) sandbox.Fault {
	s.t.Helper()
	response := op.Responses.Status(status).Value
	fault := sandbox.Fault{Operation: op.OperationID, Status: status, Header: http.Header{"Content-Type": {"application/json"}}}
	for name, header := range response.Headers {
		switch example := header.Value.Schema.Value.Examples[0].(type) {
		case float64:
			fault.Header.Set(name, strconv.FormatFloat(example, 'f', -1, 64))
		default:
			fault.Header.Set(name, fmt.Sprint(example))
		}
	}
	for _, example := range response.Content["application/json"].Examples {
		body, err := json.Marshal(example.Value.Value)
		if err != nil {
			s.t.Fatal(err)
		}
		fault.Body = string(body)
	}
	return fault
}
