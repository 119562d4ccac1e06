package hoster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestAPlanTellsWhatApplyWouldMeet, for every domain of the account.
func TestAPlanTellsWhatApplyWouldMeet(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client := newTestClient(t, srv.URL(), srv.RootToken())
	ctx := context.Background()
	domains, err := client.Domains.List(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	met := map[hoster.ErrorCode]int{}
	for _, d := range domains {
		desired := []hoster.RecordCreate{record("TXT", "_warned", "x")}
		plan, err := client.DNS.PlanZone(ctx, d.Name, desired, &hoster.ZonePlanOptions{Names: []string{"_warned"}})
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(plan.Warnings(), func(text string) bool { return strings.HasPrefix(text, d.Name+" is ") })
		if warned != (plan.Blocked != "") || warned != strings.Contains(plan.String(), "\n! "+d.Name+" is ") {
			t.Errorf("%s: blocked %q, warnings %q:\n%s", d.Name, plan.Blocked, plan.Warnings(), plan)
		}
		stored, err := json.Marshal(plan)
		if err != nil || strings.Contains(string(stored), `"blocked"`) != warned {
			t.Errorf("%s: %s, %v", d.Name, stored, err)
		}
		_, err = client.DNS.Apply(ctx, plan, nil)
		if code := hoster.CodeOf(err); code != plan.Blocked || (err != nil) != warned {
			t.Errorf("%s: Apply met %v, the plan says %q", d.Name, err, plan.Blocked)
		}
		met[plan.Blocked]++
	}
	for _, code := range []hoster.ErrorCode{"", hoster.ErrorCodeNameserversNotLocal, hoster.ErrorCodeDomainStateProhibits} {
		if met[code] == 0 {
			t.Errorf("no domain for %q: %v", code, met)
		}
	}
}

// TestAPlanNeedsNoWarning: an empty plan asks nothing, and a token without the
// scope, a provider that does not say, or one that fails, do no harm.
func TestAPlanNeedsNoWarning(t *testing.T) {
	ctx := context.Background()
	srv := hostertest.New(t)
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "dns", Scopes: []string{"dns:read"}})
	client := newTestClient(t, srv.URL(), secret)
	options := &hoster.ZonePlanOptions{Names: []string{"_warned"}, AllowEmpty: true}
	desired := []hoster.RecordCreate{record("TXT", "_warned", "x")}
	plan, err := client.DNS.PlanZone(ctx, "example.org", desired, options)
	if err != nil || len(plan.Creates) != 1 || plan.Blocked != "" || srv.Count("Domains.Get") != 1 {
		t.Errorf("without the scope: %+v, %v", plan, err)
	}
	if used := client.UsedScopes(); !slices.Equal(used, []hoster.Scope{hoster.ScopeDNSRead}) {
		t.Errorf("a plan is said to need %v", used)
	}
	if _, err := client.DNS.PlanZone(ctx, "example.org", nil, options); err != nil || srv.Count("Domains.Get") != 1 {
		t.Errorf("an empty plan asked for the domain: %v", err)
	}
	for _, answer := range []string{`500`, `200 {"status":"success","data":{"name":"example.com"}}`, `200 {"status":"success","data":{"status":"active","uses_provider_dns":null}}`, `200 {"status":"success","data":{"status":null,"uses_provider_dns":true}}`, `200 <html>`, `200 {"status":"success","data":{"status":"expired","uses_provider_dns":1}}`} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if strings.HasSuffix(r.URL.Path, "/dns/records") {
				fmt.Fprint(w, `{"status":"success","data":[{"id":"1","type":"NS","name":"@","value":"ns1.example.net","ttl":300}],"meta":{"total":1,"per_page":100,"current_page":1}}`)
				return
			}
			asked++
			status, body, _ := strings.Cut(answer, " ")
			if status == "500" {
				w.WriteHeader(500)
			}
			fmt.Fprint(w, body)
		}))
		plan, err := newTestClient(t, server.URL+"/v1", "token").DNS.PlanZone(ctx, "example.com", desired, options)
		if err != nil || plan.Blocked != "" || len(plan.Creates) != 1 || asked != 1 {
			t.Errorf("%s: asked %d times: %+v, %v", answer, asked, plan, err)
		}
		server.Close()
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := client.DNS.PlanZone(ended, "example.com", desired, options); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestAPlanWarnsOfOneLabel: a zone file would read it below the domain.
func TestAPlanWarnsOfOneLabel(t *testing.T) {
	ten := hoster.Set[uint16](10)
	for _, test := range []struct {
		record hoster.RecordCreate
		target string // that is warned of
	}{
		{record("CNAME", "a", "www"), "www."},
		{record("CNAME", "a", "WWW."), "www."},
		{record("CNAME", "a", "www.example.com"), ""},
		{record("CNAME", "a", "_x"), "_x."},
		{hoster.RecordCreate{Type: "MX", Name: "a", Value: "mail", Priority: ten}, "mail."},
		{hoster.RecordCreate{Type: "MX", Name: "a", Value: ".", Priority: ten}, ""},
		{hoster.RecordCreate{Type: "SRV", Name: "_s._tcp", Value: "sip", Priority: ten, Weight: ten, Port: ten}, "sip."},
		{hoster.RecordCreate{Type: "SRV", Name: "_s._tcp", Value: "sip.example.com", Priority: ten, Weight: ten, Port: ten}, ""},
		{record("NS", "a", "ns1"), "ns1."},
		{record("PTR", "a", "host"), "host."},
		{record("DNAME", "a", "other."), "other."},
		{record("TXT", "a", "the end."), ""},
		{record("A", "a", "192.0.2.1"), ""},
		{record("CAA", "a", `0 issue "ca."`), ""},
	} {
		for _, plan := range []*hoster.ZonePlan{
			{Domain: "example.com", Creates: []hoster.RecordCreate{test.record}},
			{Domain: "example.com", Updates: []hoster.ZonePlanUpdate{{To: test.record}}},
		} {
			warnings := plan.Warnings()
			if len(warnings) > 1 || (len(warnings) == 1) != (test.target != "") || strings.Contains(plan.String(), "! ") != (test.target != "") {
				t.Errorf("%s %s: %q\n%s", test.record.Type, test.record.Value, warnings, plan)
			}
			if test.target != "" && !strings.HasSuffix(warnings[0], fmt.Sprintf("points to %q itself, not to %sexample.com", test.target, test.target)) {
				t.Errorf("%q", warnings)
			}
		}
	}
}
