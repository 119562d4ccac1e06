package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

func TestDefaultSeed(t *testing.T) {
	seed := sandbox.DefaultSeedAt(start)
	if err := seed.Validate(); err != nil {
		t.Fatal(err)
	}
	statuses, types := make(map[string]bool), make(map[string]bool)
	for _, d := range seed.Domains {
		statuses[d.Status] = true
		if d.Name == "example.com" {
			for _, r := range d.Records {
				types[r.Type] = true
			}
		}
	}
	if len(seed.Domains) != 30 || len(statuses) != 8 || len(types) != 8 {
		t.Errorf("%d domains, statuses %v, types %v", len(seed.Domains), statuses, types)
	}

	// What it says as JSON says the same when it is read again.
	text, err := json.Marshal(seed)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := sandbox.LoadSeed(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	one, two := newAPI(t, sandbox.WithSeed(seed)), newAPI(t, sandbox.WithSeed(loaded))
	for _, path := range []string{"/domains?per_page=100", "/domains/example.com", zone + "?per_page=100", "/account/profile"} {
		if a, b := one.do("GET", path, ""), two.do("GET", path, ""); a.Body.String() != b.Body.String() {
			t.Errorf("%s\n%s\n%s", path, a.Body, b.Body)
		}
	}
}

func TestAnswersHoldTheContractsFields(t *testing.T) {
	a := newAPI(t, sandbox.WithSeed(sandbox.Seed{
		Profile: sandbox.Profile{ID: "cust_1", Name: "Sample Account", Email: "account@example.com"},
		Domains: []sandbox.Domain{{Name: "example.com", UsesProviderDNS: true, Records: []*sandbox.Record{{ID: "rec_1", Type: "A", Name: "@", Value: "192.0.2.1", CreatedAt: start}}}},
	}))
	for path, want := range map[string]string{
		"/account/profile": `{"status":"success","data":{"id":"cust_1","name":"Sample Account","email":"account@example.com","company":null,"phone":null,"address":null,"tax_id":null}}`,
		"/domains":         `"status":"active","registered_at":null,"expires_at":null,"auto_renew":false,"locked":false,"nameservers":[]}],"meta":{"pagination":{"total":1,"current_page":1,"per_page":25,"total_pages":1}}}`,
		zone + "/rec_1":    `{"status":"success","data":{"id":"rec_1","type":"A","name":"@","value":"192.0.2.1","ttl":3600,"priority":null,"weight":null,"port":null,"created_at":"2030-01-02T03:04:05Z","updated_at":"2030-01-02T03:04:05Z"}}`,
	} {
		if r := a.do("GET", path, ""); !strings.Contains(r.Body.String(), want) || r.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %s", path, r.Body)
		}
	}
	domain := decode[map[string]any](t, a.do("GET", "/domains/example.com", ""))
	for _, field := range []string{"id", "name", "status", "registered_at", "expires_at", "auto_renew", "locked", "nameservers", "whois_privacy", "uses_provider_dns", "contacts", "created_at", "updated_at"} {
		if _, ok := domain[field]; !ok {
			t.Errorf("a domain has no %s", field)
		}
		delete(domain, field)
	}
	if len(domain) != 0 {
		t.Errorf("and besides: %v", domain)
	}
}

func TestSeedTokensAndLimit(t *testing.T) {
	seed, err := sandbox.LoadSeed(strings.NewReader(`{"profile":{"email":"account@example.com"},"rate_limit":{"limit":7,"window_seconds":2.5},
		"tokens":[{"name":"known","scopes":["account:read"],"secret":"hst_0123456789abcdef"},{"name":"old","status":"expired","scopes":["account:read"],"secret":"hst_old0123456789ab"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, sandbox.WithSeed(seed))
	r := a.as("hst_0123456789abcdef").do("GET", "/account/profile", "").expect(t, 200, "")
	if r.Header().Get("X-RateLimit-Limit") != "7" {
		t.Errorf("header %v", r.Header())
	}
	a.as("hst_old0123456789ab").do("GET", "/account/profile", "").expect(t, 401, "TOKEN_EXPIRED")
	if tokens := decode[[]tokenReply](t, a.do("GET", "/account/tokens", "")); len(tokens) != 3 || tokens[0].Name != "root" || len(tokens[0].Scopes) != 8 {
		t.Errorf("tokens %+v", tokens)
	}
}

func TestLoadSeedNamesTheField(t *testing.T) {
	for input, want := range map[string]string{
		`{`:                                    "unexpected EOF",
		`{} {}`:                                "behind the JSON object",
		`{"profil":{}}`:                        `"profil"`,
		`{"rate_limit":{"limits":1}}`:          `rate_limit: json: unknown field "limits"`,
		`{"rate_limit":{"limit":-1}}`:          "rate_limit.limit",
		`{"domains":[{"name":"EXAMPLE.com"}]}`: "domains[0].name",
		`{"domains":[{"name":"example.com"},{"name":"foo"}]}`:                              "seed: domains[1].name: must be a domain name",
		`{"domains":[{"name":"example.com","nameservers":["ns1.example","NS2.example"]}]}`: "seed: domains[0].nameservers[1]: must be a host name",
		`[]`:             "seed: must be an object",
		`{"domains":{}}`: "seed: domains: must be a list",
		`{"domains":[{"name":"example.com"},{"name":7}]}`:                                                      "seed: domains[1].name: must be a string",
		`{"domains":[{"name":"example.com","expires_at":"tomorrow"}]}`:                                         "seed: domains[0].expires_at: must be an RFC 3339 time",
		`{"domains":[{"name":"example.com","Created_At":"2026-02-30T00:00:00Z"}]}`:                             "seed: domains[0].Created_At: must be an RFC 3339 time",
		`{"domains":[{"name":"example.com","records":[{"updated_at":1}]}]}`:                                    "seed: domains[0].records[0].updated_at: must be an RFC 3339 time",
		`{"domains":[{"name":"example.com","records":[{"ttl":"1"}]}]}`:                                         "seed: domains[0].records[0].ttl: must be an integer",
		`{"domains":[{"name":"example.com","records":[{"priority":true}]}]}`:                                   "seed: domains[0].records[0].priority: must be an integer",
		`{"domains":[{"name":"example.com","nameservers":["a.example",1]}]}`:                                   "seed: domains[0].nameservers[1]: must be a string",
		`{"domains":[{"name":"example.com","records":[{"kind":"A"}]}]}`:                                        `seed: domains[0].records[0]: unknown field "kind"`,
		`{"domains":[{"name":"example.com","contacts":{"owner":""}}]}`:                                         `seed: domains[0].contacts: unknown field "owner"`,
		`{"invoices":[{"total":"1.234"}]}`:                                                                     "seed: invoices[0].total: must be a decimal string",
		`{"invoices":[{"items":[{"period_end":""}]}]}`:                                                         "seed: invoices[0].items[0].period_end: must be an RFC 3339 time",
		`{"services":[{"usage":{"disk":{"limit":"big"}}}]}`:                                                    "seed: services[0].usage.disk.limit: must be an integer",
		`{"tokens":[{"name":"x","expires_at":"soon"}]}`:                                                        "seed: tokens[0].expires_at: must be an RFC 3339 time",
		`{"domains":[{"name":"example.com"},{"name":"example.com"}]}`:                                          "domains[1].name",
		`{"domains":[{"name":"example.com","status":"sold"}]}`:                                                 "domains[0].status",
		`{"domains":[{"name":"example.com","auto_renew":"yes"}]}`:                                              "auto_renew",
		`{"domains":[{"name":"example.com","records":[null]}]}`:                                                "domains[0].records[0]: ",
		`{"domains":[{"name":"example.com","records":[{"type":"X","name":"@"}]}]}`:                             "domains[0].records[0].type",
		`{"domains":[{"name":"example.com","records":[{"type":"A","name":"@"}]}]}`:                             "domains[0].records[0].value",
		`{"domains":[{"name":"example.com","records":[{"type":"A","value":"192.0.2.1"}]}]}`:                    "domains[0].records[0].name",
		`{"domains":[{"name":"example.com","records":[{"type":"MX","name":"@","value":"a.example"}]}]}`:        "domains[0].records[0].priority",
		`{"domains":[{"name":"example.com","records":[{"type":"A","name":"@","value":"192.0.2.1","ttl":1}]}]}`: "domains[0].records[0].ttl",
		`{"tokens":[{"scopes":["dns:read"]}]}`:                                                                 "tokens[0].name",
		`{"tokens":[{"name":"x","scopes":["dns:all"]}]}`:                                                       "tokens[0].scopes[0]",
		`{"tokens":[{"name":"x","scopes":["dns:read"],"status":"lost"}]}`:                                      "tokens[0].status",
		`{"tokens":[{"name":"x","scopes":["dns:read"],"secret":"short"}]}`:                                     "tokens[0].secret",
		`{"tokens":[{"name":"x","scopes":["dns:read"],"ip_allowlist":["everyone"]}]}`:                          "tokens[0].ip_allowlist[0]",
	} {
		if _, err := sandbox.LoadSeed(strings.NewReader(input)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", input, err, want)
		}
	}
}

func TestViewAndUpdate(t *testing.T) {
	a := newAPI(t)
	tag := func(domain string) string {
		return a.do("GET", "/domains/"+domain+"/dns/records", "").Header().Get("ETag")
	}
	mine, other := tag("example.com"), tag("example.net")
	a.Update(func(st *sandbox.State) {
		st.Domain("example.com").Records[2].TTL = 120
		st.Domains = append(st.Domains, nil, &sandbox.Domain{Name: "aaa.example"})
	})
	if tag("example.com") == mine || tag("example.net") != other {
		t.Error("the versions did not follow the records")
	}
	if first := decode[[]sandbox.Domain](t, a.do("GET", "/domains?per_page=1", ""))[0]; first.Name != "aaa.example" || first.ID == "" || first.Status != "active" {
		t.Errorf("new domain %+v", first)
	}
	a.View(func(st *sandbox.State) {
		if st.Domain("none.example") != nil || st.Records("none.example") != nil || st.Token("none") != nil || len(st.Records("example.com")) != 15 {
			t.Error("the helpers find what is not there")
		}
	})
}

func TestSeededNameserversAreRecords(t *testing.T) {
	hosts := []string{"ns1.provider.example", "ns2.provider.example"}
	a := &sandbox.Record{Type: "A", Name: "@", Value: "192.0.2.1", CreatedAt: start.Add(-time.Hour)}
	own := &sandbox.Record{Type: "NS", Name: "@", Value: "ns9.provider.example"}
	for _, test := range []struct {
		local   bool
		records []*sandbox.Record
		want    string
	}{
		{true, nil, "NS ns1.provider.example, NS ns2.provider.example"},
		{true, []*sandbox.Record{a}, "A 192.0.2.1, NS ns1.provider.example, NS ns2.provider.example"},
		{true, []*sandbox.Record{own}, "NS ns9.provider.example"},
		{false, []*sandbox.Record{a}, "A 192.0.2.1"},
	} {
		seed := sandbox.WithSeed(sandbox.Seed{Domains: []sandbox.Domain{{Name: "example.com", UsesProviderDNS: test.local, Nameservers: hosts, Records: test.records}}})
		one, two := newAPI(t, seed), newAPI(t, seed)
		list := one.do("GET", zone, "").expect(t, 200, "")
		var said []string
		for _, r := range decode[[]sandbox.Record](t, list) {
			said = append(said, r.Type+" "+r.Value)
		}
		if got := strings.Join(said, ", "); got != test.want {
			t.Errorf("the zone has %s, not %s", got, test.want)
		}
		if again := two.do("GET", zone, ""); again.Body.String() != list.Body.String() {
			t.Errorf("another server with the same seed has\n%s, not\n%s", again.Body, list.Body)
		}
	}
}
