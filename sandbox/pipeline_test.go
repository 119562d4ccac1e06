package sandbox_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

func TestUnauthorized(t *testing.T) {
	a := newAPI(t)
	_, expired := a.MintToken(sandbox.TokenSpec{Name: "expired", ExpiresAt: start})
	id, revoked := a.MintToken(sandbox.TokenSpec{Name: "revoked"})
	a.do("DELETE", "/account/tokens/"+id, "").expect(t, 204, "")
	for _, tt := range []struct{ name, header, code, challenge string }{
		{"no credentials: no error attribute", "", "UNAUTHORIZED", `Bearer realm="api"`},
		{"another scheme", "Basic eDp5", "UNAUTHORIZED", "malformed"},
		{"lower-case scheme", "bearer " + a.token, "UNAUTHORIZED", "malformed"},
		{"exactly one space", "Bearer  " + a.token, "UNAUTHORIZED", "malformed"},
		{"no whitespace in the token", "Bearer " + a.token + " x", "UNAUTHORIZED", "malformed"},
		{"no control character in the token", "Bearer " + a.token + "\t", "UNAUTHORIZED", "malformed"},
		{"no token", "Bearer ", "UNAUTHORIZED", "malformed"},
		{"unknown token", "Bearer hst_unknown", "TOKEN_INVALID", "not known"},
		{"expired token", "Bearer " + expired, "TOKEN_EXPIRED", "expired"},
		{"revoked token", "Bearer " + revoked, "TOKEN_REVOKED", "revoked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := a.do("GET", "/account/profile", "", "Authorization", tt.header).expect(t, 401, tt.code)
			got := r.Header().Get("WWW-Authenticate")
			want := tt.challenge
			if tt.header != "" {
				want = `Bearer realm="api", error="invalid_token", error_description="`
			}
			if !strings.HasPrefix(got, want) || !strings.Contains(got, tt.challenge) || tt.header == "" && got != want {
				t.Errorf("challenge %s", got)
			}
			if r.Header().Get("X-RateLimit-Limit") != "" {
				t.Error("a 401 carries rate limit headers")
			}
		})
	}
	req := httptest.NewRequest("GET", "/v1/domains", nil)
	req.Header["Authorization"] = []string{"Bearer " + a.token, "Bearer " + a.token}
	a.send(req).expect(t, 401, "UNAUTHORIZED")
}

func TestScopesAreExact(t *testing.T) {
	a := newAPI(t)
	var id string
	a.View(func(st *sandbox.State) { id = st.Records("example.com")[0].ID })
	paths := strings.NewReplacer("{domain}", "example.com", "{id}", id)
	for _, route := range a.Routes() {
		t.Run(route.Operation, func(t *testing.T) {
			path := paths.Replace(route.Template)
			var others []string
			for _, scope := range []string{"domains:read", "domains:write", "dns:read", "dns:write", "hosting:read", "hosting:write", "account:read", "account:write"} {
				if scope != route.Scope {
					others = append(others, scope)
				}
			}
			if route.Scope == "" || route.Operation == "Orders.List" { // which holds the token's own without it
				a.mint().do(route.Method, path, "").expect(t, 200, "")
				return
			}
			r := a.mint(others...).do(route.Method, path, "").expect(t, 403, "INSUFFICIENT_PERMISSIONS")
			if got := r.Header().Get("WWW-Authenticate"); got != `Bearer error="insufficient_scope", scope="`+route.Scope+`"` {
				t.Errorf("challenge %s", got)
			}
			if len(r.body.Scopes) != 1 || r.body.Scopes[0] != route.Scope {
				t.Errorf("required_scopes %v", r.body.Scopes)
			}
			if r := a.mint(route.Scope).do(route.Method, path, ""); r.Code == 403 {
				t.Errorf("refused with its scope: %s", r.Body)
			}
		})
	}
}

func TestAllowlist(t *testing.T) {
	a := newAPI(t)
	for _, tt := range []struct {
		name, entry, remote string
		status              int
	}{
		{"address", "198.51.100.7", "198.51.100.7:1", 200},
		{"another address", "198.51.100.7", "198.51.100.8:1", 403},
		{"range", "198.51.100.0/24", "198.51.100.8:1", 200},
		{"IPv6 range", "2001:db8::/32", "[2001:db8::1]:1", 200},
		{"IPv4 in IPv6", "198.51.100.7", "[::ffff:198.51.100.7]:1", 200},
		{"no address", "198.51.100.7", "pipe", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, secret := a.MintToken(sandbox.TokenSpec{Name: "x", IPAllowlist: []string{tt.entry}})
			req := httptest.NewRequest("GET", "/v1/account/tokens/current", nil)
			req.Header.Set("Authorization", "Bearer "+secret)
			req.Header.Set("X-Forwarded-For", "198.51.100.7")
			req.RemoteAddr = tt.remote
			r := a.send(req)
			if code := map[int]string{403: "IP_NOT_ALLOWED"}[tt.status]; r.Code != tt.status || r.body.Code != code {
				t.Errorf("%d %s", r.Code, r.Body)
			}
		})
	}
}

// TestOrderOfChecks has one request that is wrong in every way, and takes the
// wrongs away one by one.
func TestOrderOfChecks(t *testing.T) {
	a := newAPI(t, sandbox.WithRateLimit(1, time.Minute))
	nowhere, elsewhere := "/domains/nowhere.example/dns/records", "/domains/example.org/dns/records"
	_, fenced := a.MintToken(sandbox.TokenSpec{Name: "fenced", IPAllowlist: []string{"127.0.0.1"}})
	large := `{"type":"` + strings.Repeat("A", 1<<20) + `"}`
	bad := `{"type":"A","name":"x","value":"nonsense"}`
	fine := `{"type":"A","name":"x","value":"192.0.2.1"}`
	key := []string{"Idempotency-Key", "not visible"}
	stale := []string{"If-Match", `"old"`}
	narrow := a.mint("dns:read")

	a.do("GET", "/nothing", "", "Authorization", "Bearer x").expect(t, 401, "TOKEN_INVALID")
	a.as(fenced).do("GET", "/nothing", "").expect(t, 403, "IP_NOT_ALLOWED")
	a.do("GET", "/domains", "").expect(t, 200, "")
	a.as(fenced).do("GET", "/nothing", "").expect(t, 403, "IP_NOT_ALLOWED")
	a.do("GET", "/nothing", "").expect(t, 429, "TOO_MANY_REQUESTS")
	step := func() { a.now = a.now.Add(time.Minute); narrow.now = a.now }
	step()
	narrow.do("PUT", zone, large).expect(t, 405, "METHOD_NOT_ALLOWED")
	step()
	narrow.do("POST", zone, large).expect(t, 403, "INSUFFICIENT_PERMISSIONS")
	step()
	a.do("POST", nowhere, large, "Content-Type", "text/plain").expect(t, 413, "PAYLOAD_TOO_LARGE")
	step()
	a.do("POST", nowhere, "{", "Content-Type", "text/plain").expect(t, 415, "UNSUPPORTED_MEDIA_TYPE")
	step()
	a.do("POST", nowhere, "{", key...).expect(t, 400, "BAD_REQUEST")
	step()
	a.do("POST", nowhere, bad, append(stale, key...)...).expect(t, 400, "BAD_REQUEST")
	step()
	a.do("POST", nowhere, bad, stale...).expect(t, 404, "NOT_FOUND")
	step()
	a.do("POST", elsewhere, bad, stale...).expect(t, 412, "PRECONDITION_FAILED")
	step()
	a.do("POST", elsewhere, bad).expect(t, 422, "VALIDATION_ERROR")
	step()
	a.do("POST", elsewhere, fine).expect(t, 409, "NAMESERVERS_NOT_LOCAL")
	if len(a.Writes()) != 0 {
		t.Errorf("a refused request wrote: %v", a.Writes())
	}
}

func TestPathsAndMethods(t *testing.T) {
	a := newAPI(t)
	for _, tt := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "", 404, "ROUTE_NOT_FOUND", ""},
		{"GET", "/domains/", 404, "ROUTE_NOT_FOUND", ""},
		{"GET", "/domains//dns/records", 404, "ROUTE_NOT_FOUND", ""},
		{"GET", "/domains/../account/profile", 404, "ROUTE_NOT_FOUND", ""},
		{"GET", "/domains/..", 404, "NOT_FOUND", ""},
		{"GET", "/domains/a%2Fb", 404, "NOT_FOUND", ""},
		{"GET", "/domains/EXAMPLE.com", 404, "NOT_FOUND", ""},
		{"GET", "/domains/example.com.", 404, "NOT_FOUND", ""},
		{"GET", "/domains/ex%61mple.com", 200, "", ""},
		{"GET", zone + "/rec_none", 404, "NOT_FOUND", ""},
		{"GET", "/account/tokens/tok_none", 404, "NOT_FOUND", ""},
		{"DELETE", "/account/tokens/current", 405, "METHOD_NOT_ALLOWED", "GET"},
		{"PATCH", zone, 405, "METHOD_NOT_ALLOWED", "GET, POST"},
		{"PUT", zone + "/rec_none", 405, "METHOD_NOT_ALLOWED", "DELETE, GET, PATCH"},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			r := a.do(tt.method, tt.path, "").expect(t, tt.status, tt.code)
			if got := r.Header().Get("Allow"); got != tt.allow {
				t.Errorf("Allow %q", got)
			}
		})
	}
	bare := newAPI(t, sandbox.Without(sandbox.TokenEndpoints))
	bare.do("GET", "/account/tokens/current", "").expect(t, 404, "ROUTE_NOT_FOUND")
}

func TestBodies(t *testing.T) {
	a := newAPI(t)
	fine := `{"type":"A","name":"b","value":"192.0.2.1","unknown":1,"priority":null,"ttl":null}`
	for _, tt := range []struct {
		name, body, mediaType string
		status                int
		field                 string
	}{
		{"unknown fields are ignored, null means absent", fine, "application/json; charset=UTF-8", 201, ""},
		{"no media type", fine, "", 415, ""},
		{"another media type", fine, "application/merge-patch+json", 415, ""},
		{"another charset", fine, "application/json; charset=latin1", 415, ""},
		{"empty", " ", "application/json", 400, ""},
		{"malformed", `{"type":`, "application/json", 400, ""},
		{"two values", `{} {}`, "application/json", 400, ""},
		{"an array", `[]`, "application/json", 400, ""},
		{"null", `null`, "application/json", 400, ""},
		{"not UTF-8", "{\"name\":\"\xff\"}", "application/json", 400, ""},
		{"wrong type of a string", `{"type":"A","name":1,"value":"192.0.2.1"}`, "application/json", 422, "name"},
		{"wrong type of a number", `{"type":"A","name":"x","value":"192.0.2.1","ttl":"60"}`, "application/json", 422, "ttl"},
		{"a fraction", `{"type":"A","name":"x","value":"192.0.2.1","ttl":60.5}`, "application/json", 422, "ttl"},
		{"a huge number", `{"type":"A","name":"x","value":"192.0.2.1","ttl":99999999999999999999}`, "application/json", 422, "ttl"},
		{"wrong type of a type", `{"type":{},"name":"x","value":"192.0.2.1"}`, "application/json", 422, "type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := a.do("POST", zone, tt.body, "Content-Type", tt.mediaType)
			if r.Code != tt.status || len(r.body.Errors) > 1 || tt.field != "" && len(r.body.Errors[tt.field]) != 1 {
				t.Errorf("%d %s", r.Code, r.Body)
			}
		})
	}
	a.do("POST", zone, fine, "Content-Encoding", "gzip").expect(t, 415, "UNSUPPORTED_MEDIA_TYPE")
}

func TestRateLimit(t *testing.T) {
	a := newAPI(t, sandbox.WithRateLimit(2, time.Minute))
	a.now = start.Add(500 * time.Millisecond)
	b := a.mint("dns:read")
	for want := 1; want >= 0; want-- {
		r := b.do("GET", "/domains", "").expect(t, 403, "INSUFFICIENT_PERMISSIONS")
		h := r.Header()
		if h.Get("X-RateLimit-Limit") != "2" || h.Get("X-RateLimit-Remaining") != strconv.Itoa(want) ||
			h.Get("X-RateLimit-Reset") != strconv.FormatInt(start.Unix()+61, 10) {
			t.Errorf("header %v", h)
		}
	}
	r := a.do("GET", "/domains", "").expect(t, 429, "TOO_MANY_REQUESTS") // another token of the account
	if r.Header().Get("Retry-After") != "60" || r.Header().Get("X-RateLimit-Limit") != "" {
		t.Errorf("header %v", r.Header())
	}
	a.now = a.now.Add(time.Minute)
	a.do("GET", "/domains", "").expect(t, 200, "")

	free := newAPI(t, sandbox.WithRateLimit(0, 0))
	for range 700 {
		if r := free.do("GET", "/account/profile", ""); r.Code != 200 || r.Header().Get("X-RateLimit-Limit") != "" {
			t.Fatalf("%d %v", r.Code, r.Header())
		}
	}
}

func TestLists(t *testing.T) {
	a := newAPI(t)
	for _, tt := range []struct {
		path   string
		status int
		shown  int
		meta   [4]int // total, current_page, per_page, total_pages
	}{
		{"/domains", 200, 25, [4]int{30, 1, 25, 2}},
		{"/domains?page=2", 200, 5, [4]int{30, 2, 25, 2}},
		{"/domains?page=3", 200, 0, [4]int{30, 3, 25, 2}},
		{"/domains?page=2147483647&per_page=100", 200, 0, [4]int{30, 2147483647, 100, 1}},
		{"/domains?page=&per_page=&status=&unknown=1", 200, 25, [4]int{30, 1, 25, 2}},
		{"/domains?search=none", 200, 0, [4]int{0, 1, 25, 0}},
		{"/domains?search=EXAMPLE.", 200, 3, [4]int{3, 1, 25, 1}},
		{"/domains?status=expired", 200, 2, [4]int{2, 1, 25, 1}},
		{"/domains?status=expired&auto_renew=true", 200, 0, [4]int{0, 1, 25, 0}},
		{"/domains?status=expired&auto_renew=false", 200, 2, [4]int{2, 1, 25, 1}},
		{"/domains?expires_before=2030-01-02T03:04:05Z", 200, 5, [4]int{5, 1, 25, 1}},
		{zone + "?per_page=1000", 200, 15, [4]int{15, 1, 1000, 1}},
		{zone + "?type=MX", 200, 2, [4]int{2, 1, 25, 1}},
		{zone + "?name=@&type=NS", 200, 2, [4]int{2, 1, 25, 1}},
		{zone + "?name=none", 200, 0, [4]int{0, 1, 25, 0}},
		{"/account/tokens?per_page=2&page=3", 200, 1, [4]int{5, 3, 2, 3}},
		{"/domains?page=0", 400, 0, [4]int{}},
		{"/domains?page=-1", 400, 0, [4]int{}},
		{"/domains?page=x", 400, 0, [4]int{}},
		{"/domains?page=99999999999999999999", 400, 0, [4]int{}},
		{"/domains?per_page=101", 400, 0, [4]int{}},
		{zone + "?per_page=1001", 400, 0, [4]int{}},
		{"/domains?status=unheard_of", 400, 0, [4]int{}},
		{"/domains?auto_renew=1", 400, 0, [4]int{}},
		{"/domains?expires_before=2030-01-02", 400, 0, [4]int{}},
		{zone + "?type=SOA", 400, 0, [4]int{}},
		{"/domains?search=%zz", 400, 0, [4]int{}},
	} {
		t.Run(tt.path, func(t *testing.T) {
			r := a.do("GET", tt.path, "")
			if r.Code != tt.status {
				t.Fatalf("%d %s", r.Code, r.Body)
			}
			if tt.status == 400 {
				r.expect(t, 400, "BAD_REQUEST")
				return
			}
			m := r.body.Meta.Pagination
			if got := [4]int{m["total"], m["current_page"], m["per_page"], m["total_pages"]}; got != tt.meta {
				t.Errorf("meta %v, want %v", got, tt.meta)
			}
			if got := len(decode[[]any](t, r)); got != tt.shown || r.body.Data[0] != '[' {
				t.Errorf("%d items, want %d: %s", got, tt.shown, r.body.Data)
			}
		})
	}
}
