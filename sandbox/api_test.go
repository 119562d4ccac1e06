package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

// api is a server with a clock that stands still, and a token to talk to it.
type api struct {
	*sandbox.Server
	t     *testing.T
	token string
	now   time.Time
}

var start = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func newAPI(t *testing.T, opts ...sandbox.Option) *api {
	t.Helper()
	a := &api{t: t, now: start}
	a.Server = sandbox.New(append([]sandbox.Option{sandbox.WithClock(func() time.Time { return a.now })}, opts...)...)
	a.token = a.RootToken()
	return a
}

// reply is an answer with its decoded body.
type reply struct {
	*httptest.ResponseRecorder
	body struct {
		Status    string
		Code      string
		Data      json.RawMessage
		Errors    map[string][]string
		RequestID string   `json:"request_id"`
		Scopes    []string `json:"required_scopes"`
		Meta      struct {
			Pagination map[string]int
		}
	}
}

// do sends a request below /v1. The pairs are headers; an empty value removes one.
func (a *api) do(method, path, body string, pairs ...string) *reply {
	a.t.Helper()
	req := httptest.NewRequest(method, "/v1"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+a.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(pairs); i += 2 {
		req.Header.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			req.Header.Del(pairs[i])
		}
	}
	return a.send(req)
}

func (a *api) send(req *http.Request) *reply {
	a.t.Helper()
	r := &reply{ResponseRecorder: httptest.NewRecorder()}
	a.ServeHTTP(r.ResponseRecorder, req)
	if r.Body.Len() > 0 {
		if err := json.Unmarshal(r.Body.Bytes(), &r.body); err != nil {
			a.t.Fatalf("%s %s: %v in %q", req.Method, req.URL, err, r.Body)
		}
	}
	if id := r.Header().Get("X-Request-Id"); !strings.HasPrefix(id, "req_") || r.body.Status == "error" && id != r.body.RequestID {
		a.t.Errorf("%s %s: X-Request-Id %q, request_id %q", req.Method, req.URL, id, r.body.RequestID)
	}
	return r
}

// as returns the same server, reached with another token.
func (a *api) as(token string) *api {
	other := *a
	other.token = token
	return &other
}

func (a *api) mint(scopes ...string) *api {
	_, secret := a.MintToken(sandbox.TokenSpec{Name: "test", Scopes: scopes})
	return a.as(secret)
}

func (a *api) record(body string) sandbox.Record {
	a.t.Helper()
	r := a.do("POST", zone, body)
	if r.Code != 201 {
		a.t.Fatalf("POST %s: %d %s", body, r.Code, r.Body)
	}
	return decode[sandbox.Record](a.t, r)
}

func decode[T any](t *testing.T, r *reply) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(r.body.Data, &v); err != nil {
		t.Fatalf("%v in %s", err, r.Body)
	}
	return v
}

// expect checks status and code; the code of a success is "".
func (r *reply) expect(t *testing.T, status int, code string) *reply {
	t.Helper()
	if r.Code != status || r.body.Code != code {
		t.Errorf("got %d %s, want %d %s: %s", r.Code, r.body.Code, status, code, r.Body)
	}
	return r
}

const zone = "/domains/example.com/dns/records"
