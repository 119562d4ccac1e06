package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dialect"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// examine runs the doctor and returns its report.
func (s account) examine(code int, args ...string) report {
	s.t.Helper()
	got := s.want(code, append([]string{"doctor", "-o", "json"}, args...)...)
	var r report
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		s.t.Fatalf("%v in %s", err, got.out)
	}
	return r
}

func (r report) of(name string) check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return check{Name: name}
}

func TestDoctorFindsNothingAtTheSandbox(t *testing.T) {
	s := open(t)
	r := s.examine(exitOK)
	for _, c := range r.Checks {
		if c.Part == "call" && (c.Result != resultWorks || c.Detail != "" && c.Name != "Domains.TransferStatus") {
			t.Errorf("%+v", c)
		}
	}
	calls := 0
	for _, info := range hoster.Operations() {
		if info.Replay == hoster.ReplayAlways {
			calls++
			if r.of(string(info.Name)).Result == "" {
				t.Errorf("%s is not tried", info.Name)
			}
		}
	}
	if r.Limit != 600 || r.Remaining == 0 || r.Requests < calls || len(s.Writes()) != 0 {
		t.Errorf("%d requests, budget %d of %d, %d writes", r.Requests, r.Remaining, r.Limit, len(s.Writes()))
	}
	for _, form := range []string{"table", "csv", "yaml"} {
		if got := s.want(exitOK, "doctor", "-o", form).out; !strings.Contains(got, "DNS.List") {
			t.Errorf("%s: %s", form, got)
		}
	}
}

func TestDoctorTellsTokensApart(t *testing.T) {
	s := open(t)
	_, expired := s.MintToken(sandbox.TokenSpec{Name: "old", Scopes: []string{"dns:read"}, ExpiresAt: time.Now().Add(-time.Hour)})
	_, elsewhere := s.MintToken(sandbox.TokenSpec{Name: "far", Scopes: []string{"dns:read"}, IPAllowlist: []string{"192.0.2.1"}})
	revokedID, revoked := s.MintToken(sandbox.TokenSpec{Name: "gone", Scopes: []string{"dns:read"}})
	s.want(exitOK, "tokens", "revoke", revokedID, "-yes")
	for token, advice := range map[string]string{
		expired:   "has expired",
		elsewhere: "allowlist",
		revoked:   "was revoked",
		"unknown": "does not know the token",
	} {
		t.Setenv("API_TOKEN", token)
		r := s.examine(exitError)
		if c := r.of("token"); c.Result != resultFailed || !strings.Contains(c.Advice, advice) || len(r.Checks) != 3 {
			t.Errorf("%+v", r)
		}
	}
	_, dns := s.MintToken(sandbox.TokenSpec{Name: "dns", Scopes: []string{"dns:read"}})
	t.Setenv("API_TOKEN", dns)
	r := s.examine(exitOK, "-domain", "example.com")
	if c := r.of("Domains.List"); c.Result != resultNotPermitted || c.Detail != "needs domains:read" {
		t.Errorf("%+v", c)
	}
	if c := r.of("DNS.Get"); c.Result != resultWorks {
		t.Errorf("%+v", c)
	}
	if len(r.Lacks) != 3 {
		t.Errorf("lacks %v", r.Lacks)
	}
	if c := s.examine(exitOK).of("DNS.List"); c.Result != resultSkipped || !strings.Contains(c.Detail, "-domain") {
		t.Errorf("%+v", c)
	}
}

func TestDoctorAtABrandThatLacksThings(t *testing.T) {
	s := open(t, sandbox.Without(sandbox.Features()...), sandbox.WithRateLimit(0, 0))
	r := s.examine(exitOK)
	if c := r.of("Tokens.List"); c.Result != resultNotSupported {
		t.Errorf("%+v", c)
	}
	if r.of("token").Result != resultWorks || r.of("DNS.Get").Result != resultWorks {
		t.Errorf("%+v", r)
	}
	r = s.examine(exitOK, "-write", "-domain", "example.com", "-yes")
	if c := r.of("DNS.Batch"); c.Result != resultNotSupported {
		t.Errorf("%+v", c)
	}
}

// TestDoctorSeesDifferences changes one thing in the answers of the sandbox at a time.
func TestDoctorSeesDifferences(t *testing.T) {
	rewrite := func(change func(item map[string]any)) sandbox.Fault {
		return sandbox.Fault{Times: -1, Rewrite: func(items []map[string]any) []map[string]any {
			for _, item := range items {
				change(item)
			}
			return items
		}}
	}
	answer := func(status int, body string) sandbox.Fault {
		return sandbox.Fault{Times: -1, Status: status, Body: body}
	}
	tests := []struct {
		name, operation string
		fault           sandbox.Fault
		result, detail  string
	}{
		{"a member is renamed", "Domains.Get", rewrite(func(i map[string]any) { i["lock"] = i["locked"]; delete(i, "locked") }), resultDiffers, "lock is not documented; locked is missing"},
		{"a number as text", "DNS.List", rewrite(func(i map[string]any) { i["ttl"] = "300" }), resultDiffers, "ttl is text, not a number"},
		{"money as a number", "Invoices.Get", rewrite(func(i map[string]any) { i["total"] = 1.5 }), resultDiffers, "total is a number, not text"},
		{"no identity", "DNS.List", rewrite(func(i map[string]any) { delete(i, "name") }), resultDiffers, "name"},
		{"no envelope", "Domains.Nameservers", answer(200, `{"nameservers":["a.example","b.example"],"change_status":"completed"}`), resultDiffers, `has no "data"`},
		{"another envelope", "Domains.Nameservers", answer(200, `{"success":true,"data":{"nameservers":["a.example","b.example"],"change_status":"completed"}}`), resultDiffers, "no \"status\""},
		{"flat meta", "Orders.List", answer(200, `{"status":"success","data":[],"meta":{"total":0,"current_page":1,"per_page":25,"total_pages":0}}`), resultDiffers, "without pagination"},
		{"no meta", "Orders.List", answer(200, `{"status":"success","data":[]}`), resultDiffers, "how many pages"},
		{"other error shape", "Domains.Get", answer(404, `{"error":{"code":"NOT_FOUND","message":"no"}}`), resultDiffers, "lacks status, code, message, request_id"},
		{"a page", "Hosting.List", answer(503, "<html><h1>Maintenance</h1></html>"), resultFailed, "503"},
		{"broken off", "Hosting.List", sandbox.Fault{Times: -1, Truncate: 5}, resultFailed, "EOF"},
		{"reset", "Hosting.List", sandbox.Fault{Times: -1, Reset: true}, resultFailed, "connection failed"},
		{"not there", "Hosting.List", answer(404, "<html>nothing here</html>"), resultNotSupported, "no such path"},
		{"no PDF", "Invoices.PDF", sandbox.Fault{Times: -1, Status: 200, Header: http.Header{"Content-Type": {"application/pdf"}}, Body: "hello world"}, resultDiffers, "no PDF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			tt.fault.Operation = tt.operation
			s.Inject(tt.fault)
			code := exitError
			if tt.result == resultNotSupported {
				code = exitOK
			}
			r := s.examine(code)
			name := tt.operation
			if tt.name == "other error shape" {
				name = "errors"
			}
			if c := r.of(name); c.Result != tt.result || !strings.Contains(c.Detail, tt.detail) {
				t.Errorf("%+v", c)
			}
			if c := r.of("Tokens.Current"); c.Result != resultWorks {
				t.Errorf("what is behind it is not looked at: %+v", c)
			}
		})
	}
}

func TestDoctorBeforeOtherServers(t *testing.T) {
	api := hostertest.New(t)
	html := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html><body>Welcome</body></html>")
		}
	}
	tests := []struct {
		name    string
		handler http.Handler
		path    string
		advice  string
	}{
		{"HTML for everything", html(200), "/v1", "is no such API"},
		{"HTML, not found", html(404), "/v1", "is no such API"},
		{"a firewall before everything", html(403), "/v1", "firewall"},
		{"a plain foreign API", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"hello":"world"}`)
		}), "/v1", "is no such API"},
		{"the wrong path", api, "/api/v2", "answers at http://"},
		{"the API below a website", http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if strings.HasPrefix(req.URL.Path, "/v1/") {
				api.ServeHTTP(w, req)
				return
			}
			html(404)(w, req)
		}), "", "answers at http://"},
		{"a firewall before the token", http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Header.Get("Authorization") != "" {
				html(403)(w, req)
				return
			}
			api.ServeHTTP(w, req)
		}), "/v1", "something in front of it"},
		{"another address", http.RedirectHandler("https://www.example.com/", http.StatusMovedPermanently), "/v1", "leads elsewhere"},
		{"a server in trouble", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }), "/v1", "try again later"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			web := httptest.NewServer(tt.handler)
			defer web.Close()
			t.Setenv("API_BASE_URL", web.URL+tt.path)
			t.Setenv("API_TOKEN", api.RootToken())
			r := s.examine(exitError)
			if c := r.of("token"); c.Result != resultFailed || !strings.Contains(c.Advice, tt.advice) {
				t.Errorf("%+v", c)
			}
			if r.of("Domains.List").Result != "" {
				t.Error("it went on")
			}
		})
	}
	s := open(t)
	t.Setenv("API_BASE_URL", "https://no-such-host.invalid/v1")
	if c := s.examine(exitError).of("name resolution"); c.Result != resultFailed {
		t.Errorf("%+v", c)
	}
	secure, _ := api.TLS() // a certificate that nobody vouches for
	t.Setenv("API_BASE_URL", secure)
	if c := s.examine(exitError).of("TLS"); c.Result != resultFailed || !strings.Contains(c.Detail, "certificate") {
		t.Errorf("%+v", c)
	}
}

func TestDoctorLooksForPlainHTTP(t *testing.T) {
	s := open(t)
	secure := httptest.NewServer(http.RedirectHandler("https://api.example.com/", http.StatusMovedPermanently))
	defer secure.Close()
	for base, want := range map[string]string{s.URL(): resultDiffers, secure.URL: resultWorks, "http://127.0.0.1:1": resultWorks} {
		d := &doctor{report: report{Counts: map[string]int{}}}
		d.plainHTTP(t.Context(), base)
		if c := d.report.of("plain http"); c.Result != want {
			t.Errorf("%s: %+v", base, c)
		}
	}
}

func TestDoctorWritesUnderItsOwnNameAndCleansUp(t *testing.T) {
	zone := func(s account) string { return s.want(exitOK, "dns", "export", "example.com", "-format", "json").out }
	for name, faults := range map[string][]sandbox.Fault{
		"nothing":        nil,
		"update fails":   {{Operation: "DNS.Update", Status: 500, Times: -1}},
		"create is lost": {{Operation: "DNS.Create", After: true, Reset: true}},
		"delete fails":   {{Operation: "DNS.Delete", Status: 500, Times: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			before := zone(s)
			for _, fault := range faults {
				s.Inject(fault)
			}
			want := exitError
			if faults == nil {
				want = exitOK
			}
			r := s.examine(want, "-write", "-domain", "example.com", "-yes")
			if c := r.of("clean up"); c.Result != resultWorks {
				t.Errorf("%+v", c)
			}
			if after := zone(s); after != before {
				t.Errorf("the zone is another:\n%s", after)
			}
			if len(s.Writes()) == 0 {
				t.Error("nothing was written")
			}
		})
	}

	s := open(t)
	s.want(exitUsage, "doctor", "-write")
	if got := s.says("n\n", "doctor", "-write", "-domain", "example.com"); got.code != exitError || len(s.Requests()) != 0 {
		t.Errorf("%+v", got)
	}
	before := zone(s)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var once sync.Once
	s.Inject(sandbox.Fault{Operation: "DNS.Update", Hook: func() { once.Do(stop) }, Times: -1})
	code := run(ctx, []string{"doctor", "-write", "-domain", "example.com", "-yes"}, streams{nil, io.Discard, io.Discard})
	if code == exitOK || zone(s) != before {
		t.Errorf("interrupted: exit code %d, zone:\n%s", code, zone(s))
	}
}

// TestDoctorBehindADialect: a brand with other names fails the examination, and
// with its table passes it.
func TestDoctorBehindADialect(t *testing.T) {
	s := open(t)
	path := file(t, "brand.json", `{"dialect": 1, "name": "brand", "base": "/v2",
		"resources": {"domain": {"name": "fqdn"}, "record": {"value": "content"}},
		"operations": {"Domains.List": {"send": "GET /names", "resource": "domain"}, "Domains.Get": {"send": "GET /names/{domain}", "resource": "domain"},
			"DNS.List": {"resource": "record"}, "DNS.Get": {"resource": "record"}}}`)
	table, err := dialect.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := dialect.NewHandler(table, "/v1", s.Server)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	defer web.Close()
	t.Setenv("API_BASE_URL", web.URL+"/v2")
	r := s.examine(exitError, "-domain", "example.com")
	for _, name := range []string{"Domains.List", "Domains.Get", "DNS.List"} {
		if c := r.of(name); c.Result == resultWorks || c.Result == "" {
			t.Errorf("without the table: %+v", c)
		}
	}
	for _, operation := range []string{"Tokens.Current", "Account.Profile"} { // a brand that has neither
		s.Inject(sandbox.Fault{Operation: operation, Status: 404, Body: "<html>nothing here</html>", Times: -1})
	}
	r = s.examine(exitOK, "-dialect", path)
	if r.of("token").Result != resultWorks || r.of("Account.Profile").Result != resultNotSupported {
		t.Errorf("%+v", r)
	}
	for _, name := range []string{"Domains.List", "Domains.Get", "DNS.List"} {
		if c := r.of(name); c.Result != resultWorks {
			t.Errorf("with the table: %+v", c)
		}
	}
}
