package sandbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

const someDomain = "/domains/example.com"

func tagAt(a *api, path string) string { return a.do("GET", path, "").Header().Get("ETag") }

func TestDomainWriteRules(t *testing.T) {
	hosts := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = `"ns` + strings.Repeat("x", i) + `.example.net"`
		}
		return `{"nameservers":[` + strings.Join(list, ",") + `]}`
	}
	const known = "con_e06a3f18"
	for _, tt := range []struct {
		rule, method, path, body string
		fields                   string // of a 422
		holds                    string
		writes                   int
	}{
		{"any of the switches", "PATCH", "", `{"auto_renew":false}`, "", `"auto_renew":false,"locked":true`, 1},
		{"all of them", "PATCH", "", `{"auto_renew":false,"locked":false,"whois_privacy":false}`, "", `"locked":false`, 1},
		{"unknown fields are ignored", "PATCH", "", `{"status":"cancelled","name":"x"}`, "", `"status":"active"`, 0},
		{"switches cannot be cleared", "PATCH", "", `{"auto_renew":null,"locked":null,"whois_privacy":null}`, "auto_renew locked whois_privacy", "", 0},
		{"switches are booleans", "PATCH", "", `{"locked":1}`, "locked", "", 0},
		{"nothing changed", "PATCH", "", `{"auto_renew":true,"locked":true,"whois_privacy":true}`, "", "", 0},

		{"2 nameservers", "PUT", "/nameservers", hosts(2), "", `"change_status":"pending"`, 1},
		{"13 nameservers", "PUT", "/nameservers", hosts(13), "", "", 1},
		{"not 14", "PUT", "/nameservers", hosts(14), "nameservers", "", 0},
		{"not 1", "PUT", "/nameservers", hosts(1), "nameservers", "", 0},
		{"not absent", "PUT", "/nameservers", `{}`, "nameservers", "", 0},
		{"null is absent", "PUT", "/nameservers", `{"nameservers":null}`, "nameservers", "", 0},
		{"a list of strings", "PUT", "/nameservers", `{"nameservers":["ns1.example.net",null]}`, "nameservers", "", 0},
		{"distinct", "PUT", "/nameservers", `{"nameservers":["ns1.example.net","NS1.example.net."]}`, "nameservers.1", "", 0},
		{"hosts", "PUT", "/nameservers", `{"nameservers":["ns1.example.net","192.0.2.1"]}`, "nameservers.1", "", 0},
		{"hosts without underscores", "PUT", "/nameservers", `{"nameservers":["_ns.example.net","ns2.example.net"]}`, "nameservers.0", "", 0},
		{"hosts with a domain", "PUT", "/nameservers", `{"nameservers":["ns1.example.net","ns2"]}`, "nameservers.1", "", 0},
		{"canonical", "PUT", "/nameservers", `{"nameservers":["NS1.Example.NET.","ns2.example.net"]}`, "", `["ns1.example.net","ns2.example.net"]`, 1},
		{"the same ones", "PUT", "/nameservers", `{"nameservers":["ns1.provider.example","NS2.provider.example."]}`, "", `"change_status":"completed"`, 0},
		{"in another order", "PUT", "/nameservers", `{"nameservers":["ns2.provider.example","ns1.provider.example"]}`, "", `"change_status":"completed"`, 1},

		{"all four roles", "PUT", "/contacts", `{"registrant":"` + known + `","admin":"` + known + `","tech":"` + known + `","billing":"` + known + `"}`, "", `{"registrant":"` + known, 1},
		{"no role left out", "PUT", "/contacts", `{"registrant":"` + known + `","tech":null}`, "admin billing tech", "", 0},
		{"ids that exist", "PUT", "/contacts", `{"registrant":"` + known + `","admin":"con_none","tech":"` + known + `","billing":""}`, "admin billing", "", 0},
		{"the same contacts", "PUT", "/contacts", `{"registrant":"con_7d31e0b4","admin":"con_7d31e0b4","tech":"con_2c86f9a3","billing":"con_91b4d5e7"}`, "", "", 0},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			a := newAPI(t)
			a.now = start.Add(time.Minute)
			path := someDomain + tt.path
			domain, before := tagAt(a, someDomain), tagAt(a, path)
			a.do(tt.method, path, tt.body, "If-Match", `"old"`).expect(t, 412, "PRECONDITION_FAILED")
			r := a.do(tt.method, path, tt.body, "If-Match", before)
			if tt.fields != "" {
				checkRefusal(t, r, 422, "VALIDATION_ERROR", strings.Fields(tt.fields)...)
			} else if r.expect(t, 200, ""); !strings.Contains(r.Body.String(), tt.holds) {
				t.Errorf("not %s in %s", tt.holds, r.Body)
			}
			again := a.do("GET", path, "")
			tag := again.Header().Get("ETag")
			if (tag != before) != (tt.writes == 1) || (tagAt(a, someDomain) != domain) != (tt.writes == 1) {
				t.Errorf("tag %s, then %s", before, tag)
			}
			if r.Code == 200 && (r.Header().Get("ETag") != tag || r.Body.String() != again.Body.String()) {
				t.Errorf("GET: %s after %s", again.Body, r.Body)
			}
			if w := a.Writes(); len(w) != tt.writes || tt.writes == 1 && w[0].Object != "example.com" {
				t.Errorf("writes %v", w)
			}
			a.View(func(st *sandbox.State) {
				if moved := st.Domain("example.com").UpdatedAt.Equal(a.now); moved != (tt.writes == 1) {
					t.Errorf("updated_at moved: %v", moved)
				}
			})
		})
	}
}

func TestDomainStates(t *testing.T) {
	a := newAPI(t)
	for _, domain := range []struct{ name, code string }{
		{"alpha.example", ""}, {"autumn.example", ""}, {"candle.example", "DOMAIN_STATE_PROHIBITS"},
		{"copper.example", "DOMAIN_STATE_PROHIBITS"}, {"delta.example", "DOMAIN_STATE_PROHIBITS"},
		{"feather.example", "DOMAIN_STATE_PROHIBITS"}, {"island.example", "DOMAIN_STATE_PROHIBITS"},
		{"kettle.example", "DOMAIN_STATE_PROHIBITS"}, {"nowhere.example", "NOT_FOUND"},
	} {
		status := map[string]int{"": 200, "NOT_FOUND": 404}[domain.code]
		if status == 0 {
			status = 409
		}
		path := "/domains/" + domain.name
		for _, call := range []struct{ method, path, body string }{
			{"PATCH", path, `{"whois_privacy":true}`},
			{"PUT", path + "/nameservers", `{"nameservers":["ns1.example.net","ns2.example.net"]}`},
			{"PUT", path + "/contacts", `{"registrant":"con_7d31e0b4","admin":"con_7d31e0b4","tech":"con_7d31e0b4","billing":"con_7d31e0b4"}`},
		} {
			if domain.code == "NOT_FOUND" {
				a.do("GET", call.path, "").expect(t, 404, "NOT_FOUND")
			}
			a.do(call.method, call.path, call.body).expect(t, status, domain.code)
			if status == 409 { // 422 comes first
				a.do(call.method, call.path, `{"locked":1,"nameservers":1,"registrant":1}`).expect(t, 422, "VALIDATION_ERROR")
			}
		}
	}
}

func TestNameserversAndProviderDNS(t *testing.T) {
	a := newAPI(t)
	const foreign, own = `{"nameservers":["ns1.example.net","ns2.example.net"]}`, `{"nameservers":["ns1.provider.example","ns2.provider.example"]}`
	const path = someDomain + "/nameservers"
	status := func() string {
		t.Helper()
		shown := decode[map[string]any](t, a.do("GET", path, ""))
		return shown["change_status"].(string)
	}
	uses := func() (uses bool) {
		a.View(func(st *sandbox.State) { uses = st.Domain("example.com").UsesProviderDNS })
		return uses
	}
	apex := func() string {
		var values []string
		for _, r := range decode[[]sandbox.Record](t, a.do("GET", zone+"?type=NS&name=@", "")) {
			values = append(values, r.Value)
		}
		slices.Sort(values)
		return strings.Join(values, " ")
	}
	if status() != "completed" {
		t.Error("pending from the start")
	}
	a.do("PUT", path, foreign).expect(t, 200, "")
	tag := tagAt(a, path)
	if uses() || status() != "pending" {
		t.Error("the domain did not leave")
	}
	a.do("POST", zone, `{"type":"A","name":"x","value":"192.0.2.1"}`).expect(t, 409, "NAMESERVERS_NOT_LOCAL")
	a.now = start.Add(time.Hour - time.Second)
	if status() != "pending" {
		t.Error("completed too early")
	}
	a.now = start.Add(time.Hour)
	if status() != "completed" || tagAt(a, path) != tag {
		t.Error("not completed after an hour, or the change status is part of the tag")
	}
	a.do("PUT", path, `{"nameservers":["ns1.provider.example","ns3.example.net"]}`).expect(t, 200, "")
	if uses() || status() != "completed" {
		t.Error("one foreign nameserver is one too many")
	}

	// The apex NS follow when it joins.
	a.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		d.Records[0].Value = "ns1.gone.example"
		d.Records = slices.Delete(d.Records, 1, 2)
	})
	version := tagAt(a, zone)
	a.do("PUT", path, own).expect(t, 200, "")
	if !uses() || status() != "pending" || apex() != "ns1.provider.example ns2.provider.example" || tagAt(a, zone) == version {
		t.Errorf("joined: %v %s %s", uses(), status(), apex())
	}
	a.do("POST", zone, `{"type":"A","name":"x","value":"192.0.2.1"}`).expect(t, 201, "")
	version = tagAt(a, zone)
	a.do("PUT", path, foreign).expect(t, 200, "")
	a.do("PUT", path, own).expect(t, 200, "")
	if tagAt(a, zone) != version {
		t.Error("a zone that needs no change got another version")
	}
}

func TestAuthCode(t *testing.T) {
	day := 24 * time.Hour
	for _, tt := range []struct {
		rule, domain string
		change       func(*sandbox.Domain)
		status       int
	}{
		{"active, unlocked, old", "alpha.example", nil, 200},
		{"unknown", "nowhere.example", nil, 404},
		{"locked", "example.com", nil, 409},
		{"expired", "orchard.example", nil, 409},
		{"expired, though its status lags", "alpha.example", func(d *sandbox.Domain) { d.ExpiresAt = new(start) }, 409},
		{"pending", "copper.example", nil, 409},
		{"in redemption", "candle.example", nil, 409},
		{"registered 59 days ago", "alpha.example", func(d *sandbox.Domain) { d.RegisteredAt = new(start.Add(-60*day + time.Second)) }, 409},
		{"registered 60 days ago", "alpha.example", func(d *sandbox.Domain) { d.RegisteredAt = new(start.Add(-60 * day)) }, 200},
		{"transferred 59 days ago", "alpha.example", func(d *sandbox.Domain) { d.TransferredAt = new(start.Add(-60*day + time.Second)) }, 409},
		{"transferred 60 days ago", "alpha.example", func(d *sandbox.Domain) { d.TransferredAt = new(start.Add(-60 * day)) }, 200},
		{"by email", "alpha.example", func(d *sandbox.Domain) { d.AuthCodeByEmail = true }, 200},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			a := newAPI(t)
			if tt.change != nil {
				a.Update(func(st *sandbox.State) { tt.change(st.Domain(tt.domain)) })
			}
			r := a.do("POST", "/domains/"+tt.domain+"/auth-code", "")
			if tt.status != 200 {
				r.expect(t, tt.status, map[int]string{404: "NOT_FOUND", 409: "DOMAIN_STATE_PROHIBITS"}[tt.status])
				if len(a.Writes()) != 0 {
					t.Errorf("writes %v", a.Writes())
				}
				return
			}
			r.expect(t, 200, "")
			got := decode[struct {
				Delivery  string
				AuthCode  *string   `json:"auth_code"`
				ExpiresAt time.Time `json:"expires_at"`
			}](t, r)
			email := tt.rule == "by email"
			if !got.ExpiresAt.Equal(start.Add(14*day)) || got.Delivery != map[bool]string{true: "email", false: "inline"}[email] || (got.AuthCode == nil) != email {
				t.Errorf("%s", r.Body)
			}
			a.View(func(st *sandbox.State) {
				code := st.Domain(tt.domain).AuthCode
				if code == nil || len(code.Code) < 16 || !email && code.Code != *got.AuthCode {
					t.Errorf("kept %+v", code)
				}
			})
			if w := a.Writes(); len(w) != 1 || w[0].Operation != "Domains.AuthCode" || w[0].Object != tt.domain {
				t.Errorf("writes %v", w)
			}
			if again := a.do("POST", "/domains/"+tt.domain+"/auth-code", ""); !email && again.Body.String() == r.Body.String() {
				t.Error("the same code again")
			}
		})
	}
	a := newAPI(t)
	post := func() *reply { return a.do("POST", "/domains/alpha.example/auth-code", "", "Idempotency-Key", "one") }
	if first, again := post(), post(); string(first.body.Data) != string(again.body.Data) || len(a.Writes()) != 1 {
		t.Errorf("with a key: %s, then %s", first.Body, again.Body)
	}
}

func TestStaleReadsOfDomains(t *testing.T) {
	a := newAPI(t)
	before := a.do("GET", someDomain, "").body.Data
	a.do("PUT", someDomain+"/nameservers", `{"nameservers":["ns1.example.net","ns2.example.net"]}`).expect(t, 200, "")
	a.Inject(sandbox.Fault{Operation: "Domains.Get", Stale: true})
	if r := a.do("GET", someDomain, ""); string(r.body.Data) != string(before) {
		t.Errorf("the state before the write was changed: %s", r.Body)
	}
}
