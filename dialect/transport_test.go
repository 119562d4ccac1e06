package dialect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// brand is a server of a test's that keeps what it was asked.
type brand struct {
	mu    sync.Mutex
	asked []string // method, URI and body
	serve func(w http.ResponseWriter, r *http.Request, body string)
	url   string
}

func newBrand(t *testing.T, serve func(w http.ResponseWriter, r *http.Request, body string)) *brand {
	b := &brand{serve: serve}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *brand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	b.asked = append(b.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
	b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	b.serve(w, r, string(body))
}

// took returns what was asked since the last call.
func (b *brand) took() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := b.asked
	b.asked = nil
	return asked
}

func (b *brand) wants(t *testing.T, want ...string) {
	t.Helper()
	if got := b.took(); !slices.Equal(got, want) {
		t.Errorf("asked\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func parse(t *testing.T, text string) *Table {
	t.Helper()
	table, err := Parse("table", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func tableOf(t *testing.T, name string) *Table {
	t.Helper()
	table, err := ParseFile("tables/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func clientOf(t *testing.T, table *Table, base string, options ...hoster.Option) *hoster.Client {
	t.Helper()
	client, err := hoster.NewClient(append([]hoster.Option{
		hoster.WithBaseURL(base), hoster.WithToken("secret-token"), hoster.WithHTTPClient(Client(table)),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const plainHead = `{"dialect": 1, "name": "test", "base": "/v1", `

// TestMembers: members have the brand's names on the wire and the API's in the SDK;
// what the table does not name passes as it is.
func TestMembers(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, body string) {
		if r.Method == "PATCH" {
			fmt.Fprintf(w, `{"status":"success","data":{"domain_name":"a.example","autorenew":"off","id":1,"name":"not the domain"}}`)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"domain_name":"a.example","name":"not the domain","state":{"is":"LIVE","since":1},
			"autorenew":"on","ns":{"ns1":"x.example","ns2":"y.example"},"id":7,"contacts":{"tech":"con_2"},"people":{"owner":"con_1"},"locked":true}}`)
	})
	client := clientOf(t, parse(t, plainHead+`
		"resources": {"domain": {
			"name": "domain_name", "status": {"member": "state.is", "values": {"LIVE": "active"}},
			"auto_renew": {"member": "autorenew", "values": {"on": true, "off": false}},
			"nameservers": "ns.ns#", "contacts.registrant": "people.owner"}},
		"operations": {"Domains.Get": {"resource": "domain"}, "Domains.Update": {"resource": "domain"}}}`), b.url+"/v1")
	d, err := client.Domains.Get(t.Context(), "a.example")
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "a.example" || d.Status != hoster.DomainStatusActive || !d.AutoRenew || d.ID != "7" || !d.Locked ||
		!slices.Equal(d.Nameservers, []string{"x.example", "y.example"}) || d.Contacts.Registrant != "con_1" || d.Contacts.Tech != "con_2" {
		t.Errorf("%+v", d)
	}
	d, err = client.Domains.Update(t.Context(), "a.example", hoster.DomainUpdate{AutoRenew: hoster.Set(false), Locked: hoster.Set(true)})
	if err != nil || d.AutoRenew || d.Name != "a.example" {
		t.Errorf("%+v, %v", d, err)
	}
	b.wants(t, "GET /v1/domains/a.example", `PATCH /v1/domains/a.example {"autorenew":"off","locked":true}`)
}

// TestIdentityIsNotInvented: a member that the table names and the answer does not
// have is absent, also where the answer has one of the API's name.
func TestIdentityIsNotInvented(t *testing.T) {
	for _, body := range []string{
		`{"data":{"name":"a.example"}}`, `{"data":{"domain_name":null,"name":"a.example"}}`, `{"data":{}}`, `{"name":"a.example"}`, `{"data":{"domain":{"name":"a"}}}`,
	} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) { fmt.Fprint(w, body) })
		for _, from := range []string{`"domain_name"`, `{"join": ["domain.name", "domain.extension"], "with": "."}`} {
			client := clientOf(t, parse(t, plainHead+`"resources": {"domain": {"name": `+from+`}}, "operations": {"Domains.Get": {"resource": "domain"}}}`), b.url+"/v1")
			if d, err := client.Domains.Get(t.Context(), "a.example"); !errors.Is(err, hoster.ErrDecode) {
				t.Errorf("%s with %s: %+v, %v", body, from, d, err)
			}
		}
	}
}

// TestListElsewhere: a list that is not where the table says is no empty list.
func TestListElsewhere(t *testing.T) {
	for _, body := range []string{`{"data":null}`, `{"data":[]}`, `{"data":{}}`, `{"results":[]}`, `{"data":{"results":{}}}`, `null`} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) { fmt.Fprint(w, body) })
		for _, data := range []string{"data.results", "items", "items.all"} {
			client := clientOf(t, parse(t, plainHead+`"operations": {"Domains.List": {"data": "`+data+`"}}}`), b.url+"/v1")
			if list, err := client.Domains.List(t.Context(), nil); !errors.Is(err, hoster.ErrDecode) {
				t.Errorf("%s in %s: %+v, %v", data, body, list, err)
			}
		}
	}
}

// TestPagings walks a list of 7 domains in each way that a brand can divide it.
func TestPagings(t *testing.T) {
	names := strings.Split("a b c d e f g", " ")
	for _, test := range []struct {
		paging string
		want   []string
	}{
		{`{"page": "p", "size": "n", "most": 3, "first": 0, "total": "total"}`, []string{"n=3&p=0", "n=3&p=1", "n=3&p=2"}},
		{`{"page": "p", "size": "n", "most": 3, "total_header": "X-Total"}`, []string{"n=3&p=1", "n=3&p=2", "n=3&p=3"}},
		{`{"offset": "from", "size": "n", "most": 3, "total": "total"}`, []string{"from=0&n=3", "from=3&n=3", "from=6&n=3"}},
		{`{"offset": "from", "size": "n", "most": 3}`, []string{"from=0&n=3", "from=3&n=3", "from=6&n=3", "from=9&n=3", "from=12&n=3"}},
		{`{"cursor": "after", "size": "n", "most": 3, "next": "next"}`, []string{"n=3", "after=at-3&n=3", "after=at-6&n=3"}},
		{`"whole"`, []string{""}},
	} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
			q := r.URL.Query()
			var from, size int
			fmt.Sscan(q.Get("n"), &size)
			switch {
			case strings.Contains(test.paging, `"first": 0`):
				fmt.Sscan(q.Get("p"), &from)
				from *= size
			case q.Has("p"):
				fmt.Sscan(q.Get("p"), &from)
				from = (from - 1) * size
			case q.Has("from"):
				fmt.Sscan(q.Get("from"), &from)
			case q.Has("after"):
				fmt.Sscanf(q.Get("after"), "at-%d", &from)
			}
			if size == 0 {
				size = len(names)
			}
			end := min(from+size, len(names))
			answer := map[string]any{"total": len(names), "next": nil, "items": []any{}}
			items := []any{}
			for _, name := range names[min(from, end):end] {
				items = append(items, map[string]any{"id": name, "name": name + ".example"})
			}
			answer["items"] = items
			if end < len(names) {
				answer["next"] = fmt.Sprintf("at-%d", end)
			}
			w.Header().Set("X-Total", fmt.Sprint(len(names)))
			json.NewEncoder(w).Encode(answer)
		})
		client := clientOf(t, parse(t, plainHead+`"data": "items", "paging": `+test.paging+`, "operations": {"Domains.List": {}}}`), b.url+"/v1")
		for range 2 {
			list, err := client.Domains.List(t.Context(), nil)
			if err != nil || len(list) != len(names) {
				t.Errorf("%s: %d domains, %v", test.paging, len(list), err)
			}
			got := b.took()
			for i := range got {
				got[i] = strings.TrimPrefix(strings.TrimPrefix(got[i], "GET /v1/domains"), "?")
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%s: asked %q, want %q", test.paging, got, test.want)
			}
		}
	}
}

// TestCursorOfAnother: a page whose begin no page before it told is not asked for.
func TestCursorOfAnother(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		fmt.Fprint(w, `{"data":[{"id":1,"name":"a.example"}],"next":"secret"}`)
	})
	table := parse(t, plainHead+`"paging": {"cursor": "after", "next": "next"}, "operations": {"Domains.List": {}}}`)
	transport := Client(table)
	one := clientOf(t, table, b.url+"/v1", hoster.WithHTTPClient(transport))
	other, err := one.WithToken(hoster.NewSecret("another-token"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Domains.ListPage(t.Context(), &hoster.DomainListOptions{Page: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Domains.ListPage(t.Context(), &hoster.DomainListOptions{Page: 2}); err != nil {
		t.Fatal(err)
	}
	for client, page := range map[*hoster.Client]int{other: 2, one: 7} {
		if _, err := client.Domains.ListPage(t.Context(), &hoster.DomainListOptions{Page: page}); !errors.Is(err, hoster.ErrValidation) {
			t.Error(err)
		}
	}
	if n := len(b.took()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// TestWhatTheBrandLacks: a call, a filter, a member or a word that the brand does not
// have is refused, and nothing is sent.
func TestWhatTheBrandLacks(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {})
	client := clientOf(t, parse(t, plainHead+`
		"resources": {"domain": {"whois_privacy": null, "auto_renew": {"member": "renewal", "values": {"on": true}}}},
		"operations": {
			"Domains.List": {"query": {"search": null, "status": {"member": "state", "values": {"LIVE": "active"}}}},
			"Domains.Update": {"resource": "domain"}, "DNS.Batch": "unsupported"}}`), b.url+"/v1")
	for name, test := range map[string]struct {
		call func(ctx context.Context) error
		want error
	}{
		"an operation": {func(ctx context.Context) error {
			_, err := client.DNS.Batch(ctx, "a.example", hoster.RecordBatch{Delete: []hoster.RecordID{"rec_1"}})
			return err
		}, hoster.ErrNotSupported},
		"a filter": {func(ctx context.Context) error {
			_, err := client.Domains.List(ctx, &hoster.DomainListOptions{Search: "x"})
			return err
		}, hoster.ErrValidation},
		"a filter's word": {func(ctx context.Context) error {
			_, err := client.Domains.List(ctx, &hoster.DomainListOptions{Status: hoster.DomainStatusExpired})
			return err
		}, hoster.ErrValidation},
		"a member": {func(ctx context.Context) error {
			_, err := client.Domains.Update(ctx, "a.example", hoster.DomainUpdate{WhoisPrivacy: hoster.Set(true)})
			return err
		}, hoster.ErrValidation},
		"a member's word": {func(ctx context.Context) error {
			_, err := client.Domains.Update(ctx, "a.example", hoster.DomainUpdate{AutoRenew: hoster.Set(false)})
			return err
		}, hoster.ErrValidation},
	} {
		err := test.call(t.Context())
		if !errors.Is(err, test.want) || errors.Is(err, hoster.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.wants(t)
}

// TestErrors: a brand's error is one of the API's where it shows the brand's own
// marks, and a stranger's is none.
func TestErrors(t *testing.T) {
	table := parse(t, plainHead+`
		"errors": {"code": "fault.no", "message": "fault.text", "fields": "fault.where", "request_id": "trace", "codes": {"17": "NOT_FOUND", "18": "TOKEN_EXPIRED"}},
		"operations": {"Domains.Get": {}}}`)
	for _, test := range []struct {
		status int
		body   string
		want   error
		none   error
	}{
		{404, `{"fault":{"no":17,"text":"gone"},"trace":"t-1"}`, hoster.ErrNotFound, hoster.ErrIntermediary},
		{200, `{"fault":{"no":17,"text":"gone"},"trace":"t-1"}`, hoster.ErrNotFound, hoster.ErrIntermediary},
		{200, `{"fault":{"no":18}}`, hoster.ErrUnauthorized, hoster.ErrIntermediary},
		{422, `{"fault":{"no":99,"text":"bad","where":{"years":["too many"]}}}`, hoster.ErrValidation, hoster.ErrIntermediary},
		{404, `{"message":"no Route matched with those values"}`, hoster.ErrIntermediary, hoster.ErrNotFound},
		{404, `<html>not here</html>`, hoster.ErrIntermediary, hoster.ErrNotFound},
	} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
			w.WriteHeader(test.status)
			fmt.Fprint(w, test.body)
		})
		_, err := clientOf(t, table, b.url+"/v1").Domains.Get(t.Context(), "a.example")
		var answered *hoster.Error
		if !errors.Is(err, test.want) || errors.Is(err, test.none) || !errors.As(err, &answered) {
			t.Errorf("%d %s: %v", test.status, test.body, err)
			continue
		}
		if strings.Contains(test.body, "t-1") && (answered.RequestID != "t-1" || answered.Message != "gone" || answered.Code != "NOT_FOUND") {
			t.Errorf("%+v", answered)
		}
	}
}

// TestHeaders: rate headers come under the API's names.
func TestHeaders(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		w.Header().Set("X-Quota-Left", "41")
		w.Header().Set("X-Quota", "60")
		fmt.Fprint(w, `{"data":{"name":"a.example"}}`)
	})
	client := clientOf(t, parse(t, plainHead+`"headers": {"X-RateLimit-Remaining": "X-Quota-Left", "X-RateLimit-Limit": "X-Quota"}, "operations": {"Domains.Get": {}}}`), b.url+"/v1")
	var meta hoster.Response
	if _, err := client.Domains.Get(t.Context(), "a.example", hoster.WithResponse(&meta)); err != nil {
		t.Fatal(err)
	}
	if meta.RateLimit.Remaining != 41 || meta.RateLimit.Limit != 60 {
		t.Errorf("%+v", meta.RateLimit)
	}
}

// TestETags: a write depends on an ETag only where the table lets it.
func TestETags(t *testing.T) {
	for _, test := range []struct{ table, want string }{{`"etags": false, `, ""}, {`"etags": true, `, `"v1"`}, {``, `"v1"`}} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
			w.Header().Set("ETag", `"v1"`)
			fmt.Fprint(w, `{"data":{"name":"a.example"}}`)
		})
		var meta hoster.Response
		client := clientOf(t, parse(t, plainHead+test.table+`"operations": {"Domains.Get": {}}}`), b.url+"/v1")
		if _, err := client.Domains.Get(t.Context(), "a.example", hoster.WithResponse(&meta)); err != nil || meta.ETag != test.want {
			t.Errorf("%s: %q, %v", test.table, meta.ETag, err)
		}
	}
}

// TestValuesByType: a value in presentation form is read by the type in the API's
// words, wherever the table names it.
func TestValuesByType(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		fmt.Fprint(w, `{"data":[{"id":1,"name":"@","kind":{"is":"mail"},"rdata":"10 mx.example.net."}]}`)
	})
	client := Client(parse(t, plainHead+`"resources": {"record": {"value": {"member": "rdata", "rdata": true}, "type": {"member": "kind.is", "values": {"mail": "MX"}}}},
		"operations": {"DNS.List": {"resource": "record", "paging": "whole"}}}`))
	resp, err := client.Get(b.url + "/v1/domains/a.example/dns/records")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(body), `"type":"MX","value":"mx.example.net","priority":10}`) {
		t.Errorf("%s, %v", body, err)
	}
}

// TestFilteredHere: a list of pages is read whole for a filter that the brand lacks,
// and no page is asked for behind its end.
func TestFilteredHere(t *testing.T) {
	for _, paging := range []string{`"total": "total"`, `"total_header": "X-Total"`} {
		b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
			w.Header().Set("X-Total", "3")
			page := map[string]string{"1": `{"id":1,"name":"a.example","status":"active"},{"id":2,"name":"b.example","status":"expired"}`, "2": `{"id":3,"name":"c.example","status":"active"}`}
			fmt.Fprintf(w, `{"data":[%s],"total":3}`, page[r.URL.Query().Get("p")])
		})
		client := clientOf(t, parse(t, plainHead+`"paging": {"page": "p", "size": "n", "most": 2, `+paging+`},
			"operations": {"Domains.List": {"query": {"status": "local"}}}}`), b.url+"/v1")
		list, err := client.Domains.List(t.Context(), &hoster.DomainListOptions{Status: hoster.DomainStatusActive})
		if err != nil || len(list) != 2 || list[1].Name != "c.example" {
			t.Errorf("%+v, %v", list, err)
		}
		b.wants(t, "GET /v1/domains?n=2&p=1", "GET /v1/domains?n=2&p=2")
	}
}

// TestAWriteThatFailedUnder200: what fails under a status of success is an error, and
// no read after it says otherwise.
func TestAWriteThatFailedUnder200(t *testing.T) {
	b := newBrand(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.Method == "PUT" {
			fmt.Fprint(w, `{"code":196,"desc":"not allowed","data":""}`)
			return
		}
		fmt.Fprint(w, `{"code":0,"data":{"nameservers":["ns1.example.net","ns2.example.net"]}}`)
	})
	client := clientOf(t, parse(t, plainHead+`"errors": {"code": "code", "message": "desc"}, "operations": {"Domains.Nameservers": {}, "Domains.SetNameservers": {"then": "Domains.Nameservers"}}}`), b.url+"/v1")
	if ns, err := client.Domains.SetNameservers(t.Context(), "a.example", []string{"ns1.example.net", "ns2.example.net"}); err == nil || !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("%+v, %v", ns, err)
	}
	if n := len(b.took()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// zoneOfSets is a brand whose zone is record sets, and that keeps what is written.
type zoneOfSets struct{ sets []map[string]any }

func (z *zoneOfSets) find(name, kind any) int {
	return slices.IndexFunc(z.sets, func(s map[string]any) bool { return s["name"] == name && s["type"] == kind })
}

func (z *zoneOfSets) serve(w http.ResponseWriter, r *http.Request, body string) {
	var in struct {
		Overwrite bool
		Zone      []map[string]any
		Filters   []map[string]any
	}
	_ = json.Unmarshal([]byte(body), &in)
	switch r.Method {
	case "GET":
		_ = json.NewEncoder(w).Encode(z.sets)
		return
	case "PUT":
		for _, set := range in.Zone {
			switch i := z.find(set["name"], set["type"]); {
			case i < 0:
				z.sets = append(z.sets, set)
			case in.Overwrite:
				z.sets[i] = set
			default:
				z.sets[i]["records"] = append(z.sets[i]["records"].([]any), set["records"].([]any)...)
			}
		}
	case "DELETE":
		for _, f := range in.Filters {
			z.sets = slices.DeleteFunc(z.sets, func(s map[string]any) bool { return s["name"] == f["name"] && s["type"] == f["type"] })
		}
	}
	fmt.Fprint(w, `{"message":"Request accepted"}`)
}

// TestRecordSets: single records are read, made, changed and deleted at a brand that
// only has record sets, and the other values of a set stay.
func TestRecordSets(t *testing.T) {
	zone := &zoneOfSets{}
	if err := json.Unmarshal([]byte(`[
		{"name":"@","type":"MX","ttl":3600,"records":[{"content":"10 mx1.example.net.","is_disabled":false},{"content":"20 mx2.example.net.","is_disabled":true}]},
		{"name":"@","type":"TXT","ttl":300,"records":[{"content":"\"v=spf1 -all\"","is_disabled":false}]},
		{"name":"www","type":"A","ttl":300,"records":[{"content":"192.0.2.1"}]}]`), &zone.sets); err != nil {
		t.Fatal(err)
	}
	b := newBrand(t, zone.serve)
	client := clientOf(t, tableOf(t, "hostinger"), b.url+"/api")
	ctx := t.Context()
	records, err := client.DNS.List(ctx, "a.example", nil)
	if err != nil || len(records) != 4 {
		t.Fatal(records, err)
	}
	mx := records[1]
	if mx.Type != dnszone.TypeMX || *mx.Priority != 20 || mx.Value != "mx2.example.net" || mx.TTL != 3600 || mx.ID == "" || mx.Name != "@" {
		t.Errorf("%+v", mx)
	}
	if txt := records[2]; txt.Value != "v=spf1 -all" {
		t.Errorf("%+v", txt)
	}
	if got, err := client.DNS.Get(ctx, "a.example", mx.ID); err != nil || got.Value != mx.Value {
		t.Errorf("%+v, %v", got, err)
	}
	if filtered, err := client.DNS.List(ctx, "a.example", &hoster.RecordListOptions{Type: dnszone.TypeA, Name: "www"}); err != nil || len(filtered) != 1 {
		t.Errorf("%+v, %v", filtered, err)
	}

	b.took()
	made, err := client.DNS.Create(ctx, "a.example", hoster.NewRecord("www", dnszone.A{Addr: addr("192.0.2.2")}))
	if err != nil || made.Value != "192.0.2.2" || made.TTL != 300 || made.ID == "" {
		t.Errorf("%+v, %v", made, err)
	}
	b.wants(t, `PUT /api/dns/v1/zones/a.example {"overwrite":false,"zone":[{"name":"www","records":[{"content":"192.0.2.2"}],"type":"A"}]}`,
		`GET /api/dns/v1/zones/a.example`)

	changed, err := client.DNS.Update(ctx, "a.example", mx.ID, hoster.RecordUpdate{Priority: hoster.Set(uint16(30)), TTL: hoster.Set(600)})
	if err != nil || *changed.Priority != 30 || changed.TTL != 600 || changed.ID == mx.ID {
		t.Errorf("%+v, %v", changed, err)
	}
	b.wants(t, `GET /api/dns/v1/zones/a.example`,
		`PUT /api/dns/v1/zones/a.example {"overwrite":true,"zone":[{"name":"@","records":[{"content":"10 mx1.example.net.","is_disabled":false},{"content":"30 mx2.example.net."}],"ttl":600,"type":"MX"}]}`,
		`GET /api/dns/v1/zones/a.example`)
	if _, err := client.DNS.Update(ctx, "a.example", changed.ID, hoster.RecordUpdate{Name: hoster.Set("mail")}); !errors.Is(err, hoster.ErrValidation) {
		t.Error(err)
	}
	b.took()

	for _, id := range []hoster.RecordID{changed.ID, records[0].ID} {
		if err := client.DNS.Delete(ctx, "a.example", id); err != nil {
			t.Error(err)
		}
	}
	b.wants(t, `GET /api/dns/v1/zones/a.example`,
		`PUT /api/dns/v1/zones/a.example {"overwrite":true,"zone":[{"name":"@","records":[{"content":"10 mx1.example.net.","is_disabled":false}],"ttl":600,"type":"MX"}]}`,
		`GET /api/dns/v1/zones/a.example`,
		`DELETE /api/dns/v1/zones/a.example {"filters":[{"name":"@","type":"MX"}]}`)
	if err := client.DNS.Delete(ctx, "a.example", changed.ID); !errors.Is(err, hoster.ErrNotFound) {
		t.Error(err)
	}

	// The first value of a set goes, and the one after it stays.
	first, err := client.DNS.List(ctx, "a.example", &hoster.RecordListOptions{Type: dnszone.TypeA})
	if err != nil || len(first) != 2 {
		t.Fatal(first, err)
	}
	if err := client.DNS.Delete(ctx, "a.example", first[0].ID); err != nil {
		t.Error(err)
	}
	if left, err := client.DNS.List(ctx, "a.example", &hoster.RecordListOptions{Type: dnszone.TypeA}); err != nil || len(left) != 1 || left[0].ID != first[1].ID {
		t.Errorf("%+v, %v", left, err)
	}

	// The verbs of the SDK stand on these calls.
	if _, err := client.DNS.AppendValues(ctx, "a.example", hoster.RecordSet{Name: "_acme-challenge", Values: []dnszone.Data{dnszone.TXT{Text: "one"}, dnszone.TXT{Text: "two words"}}}); err != nil {
		t.Error(err)
	}
	if _, err := client.DNS.ReplaceSet(ctx, "a.example", hoster.RecordSet{Name: "www", Values: []dnszone.Data{dnszone.A{Addr: addr("192.0.2.9")}}}); err != nil {
		t.Error(err)
	}
	records, err = client.DNS.List(ctx, "a.example", nil)
	var values []string
	for _, r := range records {
		values = append(values, fmt.Sprint(r.Type, " ", r.Name, " ", r.Value))
	}
	slices.Sort(values)
	if want := []string{"A www 192.0.2.9", "TXT @ v=spf1 -all", "TXT _acme-challenge one", "TXT _acme-challenge two words"}; err != nil || !slices.Equal(values, want) {
		t.Errorf("%q, %v", values, err)
	}
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }
