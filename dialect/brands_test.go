package dialect

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// answers serves an answer for each method and URI; any other is 404 in the brand's
// form.
func answers(t *testing.T, notFound string, all map[string]string) *brand {
	return newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		answer, ok := all[r.Method+" "+r.URL.RequestURI()]
		if !ok {
			t.Logf("not there: %s %s", r.Method, r.URL.RequestURI())
			w.WriteHeader(http.StatusNotFound)
			answer = notFound
		}
		if answer == "" {
			w.WriteHeader(http.StatusNoContent)
		}
		fmt.Fprint(w, answer)
	})
}

// recordTexts shows records on one line each.
func recordTexts(records []hoster.Record) (texts []string) {
	for _, r := range records {
		data, err := r.Data()
		texts = append(texts, fmt.Sprint(r.ID, " ", r.Name, " ", r.TTL, " ", r.Type, " ", data, " ", err))
	}
	return texts
}

func wantsRecords(t *testing.T, records []hoster.Record, err error, want ...string) {
	t.Helper()
	if got := recordTexts(records); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

// Test101domain: the table against answers made from the documentation.
func Test101domain(t *testing.T) {
	b := answers(t, `{"status":"error","code":"NOT_FOUND","message":"No such domain.","errors":null}`, map[string]string{
		"GET /v1/domains?page=1&per_page=100": `{"status":"success","data":[
			{"domain_name":"ONE.EXAMPLE","status":"ACTIVE","registered_at":"2020-01-02T03:04:05Z","expires_at":"2030-01-02T03:04:05Z","auto_renew":true,"registry_statuses":["clientTransferProhibited"],"nameservers":["NS1.EXAMPLE.NET","NS2.EXAMPLE.NET"]},
			{"domain_name":"two.example","status":"XFER_AWAY","registered_at":null,"expires_at":null,"auto_renew":false,"nameservers":[]}],
			"meta":{"pagination":{"current_page":1,"total_pages":1,"per_page":100,"total":2}}}`,
		"GET /v1/domains/one.example":         `{"status":"success","data":{"domain_name":"one.example","status":"ACTIVE","auto_renew":true,"nameservers":[]}}`,
		"POST /v1/domains/bulk-search":        `{"status":"success","data":[{"domain_name":"a.example","available":true,"pricing":[{"register":"9.99","currency":"USD","term_years":1}]},{"domain_name":"b.example","available":false,"pricing":null}],"invalid":[]}`,
		"GET /v1/dns/one.example/nameservers": `{"status":"success","data":["ns1.example.net","ns2.example.net"]}`,
		"PUT /v1/dns/one.example/nameservers": `{"status":"success","data":{"change_status":"pending"}}`,
		"GET /v1/dns/one.example/records": `{"status":"success","data":[
			{"id":"r1","name":"","type":"MX","value":"10 mx.example.net.","ttl":3600},
			{"id":"r2","name":"www","type":"TXT","value":"\"two words\"","ttl":300},
			{"id":"r3","name":"_sip._tcp","type":"SRV","value":"1 2 5060 sip.example.net.","ttl":300}]}`,
		"POST /v1/dns/one.example/records":   `{"status":"success","data":[]}`,
		"DELETE /v1/dns/one.example/records": `{"status":"success","data":null}`,
	})
	client := clientOf(t, tableOf(t, "101domain"), b.url+"/v1")
	ctx := t.Context()
	domains, err := client.Domains.List(ctx, nil)
	if err != nil || len(domains) != 2 || domains[0].Name != "one.example" || domains[0].Status != hoster.DomainStatusActive || domains[0].ExpiresAt.Year() != 2030 ||
		domains[0].Nameservers[0] != "ns1.example.net" || domains[1].Status != hoster.DomainStatusTransferredAway {
		t.Errorf("%+v, %v", domains, err)
	}
	if d, err := client.Domains.Get(ctx, "one.example"); err != nil || d.Name != "one.example" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := client.Domains.Get(ctx, "other.example"); !errors.Is(err, hoster.ErrNotFound) {
		t.Error(err)
	}
	b.took()
	free, err := client.Domains.Availability(ctx, []string{"a.example", "b.example"})
	if err != nil || len(free) != 2 || free[0].Domain != "a.example" || !free[0].Available || free[1].Available {
		t.Errorf("%+v, %v", free, err)
	}
	b.wants(t, `POST /v1/domains/bulk-search {"domains":["a.example","b.example"],"pricing_term":1}`)
	ns, err := client.Domains.SetNameservers(ctx, "one.example", []string{"ns1.example.net", "ns2.example.net"})
	if err != nil || len(ns.Nameservers) != 2 {
		t.Errorf("%+v, %v", ns, err)
	}
	records, err := client.DNS.List(ctx, "one.example", nil)
	wantsRecords(t, records, err, "r1 @ 3600 MX 10 mx.example.net. <nil>", `r2 www 300 TXT "two words" <nil>`, "r3 _sip._tcp 300 SRV 1 2 5060 sip.example.net. <nil>")
	if r, err := client.DNS.Get(ctx, "one.example", "r2"); err != nil || r.Value != "two words" {
		t.Errorf("%+v, %v", r, err)
	}
	b.took()
	made, err := client.DNS.Create(ctx, "one.example", hoster.NewRecord("@", dnszone.MX{Preference: 10, Host: "mx.example.net"}))
	if err != nil || made.ID != "r1" {
		t.Errorf("%+v, %v", made, err)
	}
	if err := client.DNS.Delete(ctx, "one.example", "r2"); err != nil {
		t.Error(err)
	}
	b.wants(t, `POST /v1/dns/one.example/records {"records":[{"name":"","priority":10,"target":"mx.example.net","type":"MX"}]}`, "GET /v1/dns/one.example/records",
		`DELETE /v1/dns/one.example/records {"ids":["r2"]}`)
	if _, err := client.DNS.Create(ctx, "one.example", hoster.NewRecord("@", dnszone.CAA{Tag: "issue", Value: "ca.example"})); !errors.Is(err, hoster.ErrValidation) {
		t.Error(err)
	}
	if _, err := client.Domains.AuthCode(ctx, "one.example"); !errors.Is(err, hoster.ErrNotSupported) {
		t.Error(err)
	}
	b.wants(t)
}

// TestInfomaniak: the table against answers made from the documentation.
func TestInfomaniak(t *testing.T) {
	b := answers(t, `{"result":"error","error":{"code":"object_not_found","description":"Not found"}}`, map[string]string{
		"GET /2/domains/domains?page=1&per_page=100":     `{"result":"success","data":[{"name":"One.example","tld":"example","created_at":1704067200,"expires_at":1798761600,"status":["ok","clientTransferProhibited"],"options":{"domain_privacy":"true"}}],"page":1,"pages":1}`,
		"GET /2/domains/domains?page=2&per_page=100":     `{"result":"success","data":[],"page":2,"pages":1}`,
		"GET /2/domains/domains?page=3&per_page=100":     `{"result":"success","data":[],"page":3,"pages":1}`,
		"GET /2/domains/domains/one.example":             `{"result":"success","data":{"name":"one.example","expires_at":1798761600,"status":["ok"]}}`,
		"GET /2/zones/one.example":                       `{"result":"success","data":{"id":1,"fqdn":"one.example","nameservers":["NS11.EXAMPLE.NET.","ns12.example.net"]}}`,
		"PUT /2/domains/domains/one.example/nameservers": `{"result":"success","data":true}`,
		"GET /2/zones/one.example/records": `{"result":"success","data":[
			{"id":11,"source":".","type":"MX","target":"10 mx.example.net.","ttl":3600,"updated_at":1700000000},
			{"id":12,"source":"www","type":"TXT","target":"\"two words\"","ttl":300},
			{"id":13,"source":"","type":"A","target":"192.0.2.1","ttl":300}]}`,
		"GET /2/zones/one.example/records/11":    `{"result":"success","data":{"id":11,"source":".","type":"MX","target":"10 mx.example.net.","ttl":3600}}`,
		"POST /2/zones/one.example/records":      `{"result":"success","data":{"id":14,"source":".","type":"TXT","target":"\"v=spf1 -all\"","ttl":3600}}`,
		"PUT /2/zones/one.example/records/11":    `{"result":"success","data":{"id":11,"source":".","type":"MX","target":"20 mx.example.net.","ttl":3600}}`,
		"DELETE /2/zones/one.example/records/11": `{"result":"success","data":true}`,
	})
	client := clientOf(t, tableOf(t, "infomaniak"), b.url)
	ctx := t.Context()
	domains, err := client.Domains.List(ctx, nil)
	if err != nil || len(domains) != 1 || domains[0].Name != "one.example" || domains[0].ExpiresAt.Year() != 2027 || !domains[0].WhoisPrivacy {
		t.Errorf("%+v, %v", domains, err)
	}
	if d, err := client.Domains.Get(ctx, "one.example"); err != nil || d.Name != "one.example" {
		t.Errorf("%+v, %v", d, err)
	}
	var answered *hoster.Error
	if _, err := client.Domains.Get(ctx, "other.example"); !errors.Is(err, hoster.ErrNotFound) || !errors.As(err, &answered) || answered.Message != "Not found" {
		t.Error(err)
	}
	ns, err := client.Domains.SetNameservers(ctx, "one.example", []string{"ns11.example.net", "ns12.example.net"})
	if err != nil || !slices.Equal(ns.Nameservers, []string{"ns11.example.net", "ns12.example.net"}) {
		t.Errorf("%+v, %v", ns, err)
	}
	records, err := client.DNS.List(ctx, "one.example", nil)
	wantsRecords(t, records, err, "11 @ 3600 MX 10 mx.example.net. <nil>", `12 www 300 TXT "two words" <nil>`, "13 @ 300 A 192.0.2.1 <nil>")
	if r, err := client.DNS.Get(ctx, "one.example", "11"); err != nil || *r.Priority != 10 {
		t.Errorf("%+v, %v", r, err)
	}
	b.took()
	if made, err := client.DNS.Create(ctx, "one.example", hoster.NewRecord("@", dnszone.TXT{Text: "v=spf1 -all"})); err != nil || made.Value != "v=spf1 -all" || made.ID != "14" {
		t.Errorf("%+v, %v", made, err)
	}
	if changed, err := client.DNS.Update(ctx, "one.example", "11", hoster.RecordUpdate{Priority: hoster.Set(uint16(20))}); err != nil || *changed.Priority != 20 {
		t.Errorf("%+v, %v", changed, err)
	}
	if err := client.DNS.Delete(ctx, "one.example", "11"); err != nil {
		t.Error(err)
	}
	b.wants(t, `POST /2/zones/one.example/records {"source":".","target":"\"v=spf1 -all\"","type":"TXT"}`,
		"GET /2/zones/one.example/records",
		`PUT /2/zones/one.example/records/11 {"source":".","target":"20 mx.example.net.","ttl":3600,"type":"MX"}`,
		"DELETE /2/zones/one.example/records/11")
}

// TestMuumuu: the table against answers made from the documentation.
func TestMuumuu(t *testing.T) {
	const domain = `{"id":"MU00000001","sld":"one","tld":"example","fqdn":"one.example","state":"active","setup-state":"done","whois-proxy-enabled":true,"auto-renew-enabled":true,"contract":{"id":"c1","state":"active","term":1,"start-date":"2025-01-02","end-date":"2027-01-02"}}`
	const records = "/api/v2/me/domains/MU00000001/dns-records"
	record := func(id int, fqdn, kind, value, more string) string {
		return fmt.Sprintf(`{"id":%d,"fqdn":%q,"type":%q,"value":%q,"ttl":3600,"created-at":"2026-01-02T03:04:05+09:00"%s}`, id, fqdn, kind, value, more)
	}
	list := `{"data":[` + record(1, "one.example.", "MX", "mx.example.net.", `,"priority":10`) + "," + record(2, "www.one.example.", "A", "192.0.2.1", "") + `],"meta":{"total":2,"page":1,"page-size":100}}`
	b := answers(t, `{"error":{"code":"not_found","message":"Not found"}}`, map[string]string{
		"GET /api/v2/me/domains?page=1&page-size=100":                           `{"data":[` + domain + `],"meta":{"total":1,"page":1,"page-size":100}}`,
		"GET /api/v2/me/domains?fqdn=one.example":                               `{"data":[` + domain + `],"meta":{"total":1,"page":1,"page-size":20}}`,
		"GET /api/v2/me/domains?fqdn=other.example":                             `{"data":[],"meta":{"total":0,"page":1,"page-size":20}}`,
		"GET /api/v2/me/domains/MU00000001":                                     `{"data":` + domain + `}`,
		"GET /api/v2/me/domains/MU00000001/nameservers":                         `{"data":{"domain-id":"MU00000001","setup-type":"muumuu_dns","nameservers":["dns01.muumuu-domain.com","dns02.muumuu-domain.com"]}}`,
		"GET " + records + "?page=1&page-size=100":                              list,
		"GET " + records + "?fqdn=www.one.example.&page=1&page-size=100&type=A": `{"data":[` + record(2, "www.one.example.", "A", "192.0.2.1", "") + `],"meta":{"total":1,"page":1,"page-size":100}}`,
		"POST " + records:          `{"data":` + record(3, "_acme-challenge.one.example.", "TXT", "token", "") + `}`,
		"PATCH " + records + "/1":  `{"data":` + record(1, "one.example.", "MX", "mx.example.net.", `,"priority":20`) + `}`,
		"DELETE " + records + "/2": ``,
	})
	client := clientOf(t, tableOf(t, "muumuu"), b.url+"/api/v2")
	ctx := t.Context()
	domains, err := client.Domains.List(ctx, nil)
	if err != nil || len(domains) != 1 || domains[0].Name != "one.example" || domains[0].ID != "MU00000001" || !domains[0].AutoRenew || domains[0].ExpiresAt.Year() != 2027 {
		t.Errorf("%+v, %v", domains, err)
	}
	if d, err := client.Domains.Get(ctx, "one.example"); err != nil || d.Name != "one.example" || d.Status != hoster.DomainStatusActive {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := client.Domains.Get(ctx, "other.example"); !errors.Is(err, hoster.ErrNotFound) {
		t.Error(err)
	}
	if ns, err := client.Domains.Nameservers(ctx, "one.example"); err != nil || len(ns.Nameservers) != 2 {
		t.Errorf("%+v, %v", ns, err)
	}
	all, err := client.DNS.List(ctx, "one.example", nil)
	wantsRecords(t, all, err, "1 @ 3600 MX 10 mx.example.net. <nil>", "2 www 3600 A 192.0.2.1 <nil>")
	some, err := client.DNS.List(ctx, "one.example", &hoster.RecordListOptions{Type: dnszone.TypeA, Name: "www"})
	wantsRecords(t, some, err, "2 www 3600 A 192.0.2.1 <nil>")
	if r, err := client.DNS.Get(ctx, "one.example", "1"); err != nil || *r.Priority != 10 {
		t.Errorf("%+v, %v", r, err)
	}
	b.took()
	made, err := client.DNS.Create(ctx, "one.example", hoster.NewRecord("_acme-challenge", dnszone.TXT{Text: "token"}))
	if err != nil || made.Name != "_acme-challenge" || made.Value != "token" || made.ID != "3" {
		t.Errorf("%+v, %v", made, err)
	}
	if changed, err := client.DNS.Update(ctx, "one.example", "1", hoster.RecordUpdate{Priority: hoster.Set(uint16(20))}); err != nil || *changed.Priority != 20 {
		t.Errorf("%+v, %v", changed, err)
	}
	if err := client.DNS.Delete(ctx, "one.example", "2"); err != nil {
		t.Error(err)
	}
	const number = "GET /api/v2/me/domains?fqdn=one.example"
	b.wants(t, number, "POST "+records+` {"fqdn":"_acme-challenge.one.example.","type":"TXT","value":"token"}`,
		number, "PATCH "+records+`/1 {"priority":20}`, number, "DELETE "+records+"/2")
	if _, err := client.DNS.Create(ctx, "one.example", hoster.NewRecord("_sip._tcp", dnszone.SRV{Port: 1, Target: "sip.example.net"})); !errors.Is(err, hoster.ErrValidation) {
		t.Error(err)
	}
	for _, line := range b.took() {
		if !strings.HasPrefix(line, "GET") {
			t.Error(line)
		}
	}
}
