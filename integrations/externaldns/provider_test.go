package externaldnshoster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	externaldnshoster "github.com/go-hoster/hoster/integrations/externaldns"
	"github.com/go-hoster/hoster/sandbox"
)

type (
	Endpoint = externaldnshoster.Endpoint
	Changes  = externaldnshoster.Changes
)

func start(t *testing.T, options ...sandbox.Option) (*hostertest.Server, *externaldnshoster.Provider) {
	srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0), sandbox.WithRecordTypes("PTR", "DNAME")}, options...)...)
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	return srv, &externaldnshoster.Provider{Client: client, Domains: []string{"example.com"}}
}

func held(srv *hostertest.Server, name string) (held []string) {
	srv.View(func(st *sandbox.State) {
		for _, r := range st.Records("example.com") {
			if r.Name == name {
				held = append(held, fmt.Sprintf("%d %s %s", r.TTL, r.Type, r.Value))
			}
		}
	})
	slices.Sort(held)
	return held
}

// TestWhatOthersAddedStays when a set is created or deleted; an update owns it.
func TestWhatOthersAddedStays(t *testing.T) {
	srv, p := start(t)
	ctx := context.Background()
	a := func(targets ...string) []*Endpoint {
		return []*Endpoint{{DNSName: "set.example.com", RecordType: "A", Targets: targets, RecordTTL: 300}}
	}
	for _, step := range []struct {
		changes *Changes
		want    []string
	}{
		{&Changes{Create: a("192.0.2.1")}, []string{"300 A 192.0.2.1"}},
		{&Changes{Create: a("192.0.2.2")}, []string{"300 A 192.0.2.1", "300 A 192.0.2.2"}},
		{&Changes{Delete: a("192.0.2.1", "192.0.2.9")}, []string{"300 A 192.0.2.2"}},
		{&Changes{UpdateOld: a("192.0.2.1"), UpdateNew: a("192.0.2.3")}, []string{"300 A 192.0.2.3"}},
		{&Changes{Delete: a("192.0.2.3"), Create: []*Endpoint{{DNSName: "set.example.com", RecordType: "CNAME", Targets: []string{"x.example.net"}}}}, []string{"3600 CNAME x.example.net"}},
		{&Changes{}, []string{"3600 CNAME x.example.net"}},
	} {
		if err := p.ApplyChanges(ctx, step.changes); err != nil || !slices.Equal(held(srv, "set"), step.want) {
			t.Errorf("%v: %v, %v", step.want, held(srv, "set"), err)
		}
	}
}

// TestAdjust brings endpoints to the form of Records, and leaves out what cannot be
// stored.
func TestAdjust(t *testing.T) {
	srv, p := start(t)
	var log bytes.Buffer
	p.Log = slog.New(slog.NewTextHandler(&log, nil))
	desired := []*Endpoint{
		{DNSName: "x.example.com", RecordType: "AAAA", Targets: []string{"2001:DB8:0::1"}, RecordTTL: 1, Labels: map[string]string{"owner": "me"}, ProviderSpecific: []externaldnshoster.Property{{Name: "alias", Value: "false"}}},
		{DNSName: "m.example.com", RecordType: "MX", Targets: []string{"10 Mail.example.net."}, RecordTTL: 1 << 40},
		{DNSName: "s.example.com", RecordType: "SRV", Targets: []string{"1 2 3 Sip.example.net"}},
		{DNSName: "p.example.com", RecordType: "PTR", Targets: []string{"Www.example.net."}},
		{DNSName: "t.example.com", RecordType: "TXT", Targets: []string{`"quoted"`, `say "hi"`, `"\"both\""`}},
	}
	want := []*Endpoint{
		{DNSName: "x.example.com", RecordType: "AAAA", Targets: []string{"2001:db8::1"}, RecordTTL: 60, Labels: map[string]string{"owner": "me"}},
		{DNSName: "m.example.com", RecordType: "MX", Targets: []string{"10 mail.example.net"}, RecordTTL: 604800},
		{DNSName: "s.example.com", RecordType: "SRV", Targets: []string{"1 2 3 sip.example.net."}},
		{DNSName: "p.example.com", RecordType: "PTR", Targets: []string{"www.example.net"}},
		{DNSName: "t.example.com", RecordType: "TXT", Targets: []string{"quoted", `say "hi"`, `"\"both\""`}},
	}
	broken := []*Endpoint{
		{DNSName: "b1.example.com", RecordType: "A", Targets: []string{"host.example.net"}},
		{DNSName: "b2.example.com", RecordType: "A"},
		{DNSName: "b3.example.com", RecordType: "A", Targets: []string{"192.0.2.1"}, SetIdentifier: "blue"},
		{DNSName: "b4.example.com", RecordType: "PTR", Targets: []string{"a b"}},
	}
	got := p.AdjustEndpoints(append(desired, broken...))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", asJSON(got))
	}
	if n := strings.Count(log.String(), "cannot be stored"); n != len(broken) {
		t.Errorf("%d are logged:\n%s", n, log.String())
	}
	// What is applied comes back as it was adjusted.
	if err := p.ApplyChanges(context.Background(), &Changes{Create: got}); err != nil {
		t.Fatal(err)
	}
	all, err := p.Records(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		i := slices.IndexFunc(all, func(e *Endpoint) bool { return e.DNSName == w.DNSName && e.RecordType == w.RecordType })
		if i < 0 || !reflect.DeepEqual(all[i].Targets, w.Targets) || w.RecordTTL != 0 && all[i].RecordTTL != w.RecordTTL {
			t.Errorf("%s is not among %s", asJSON(w), asJSON(all))
		}
	}
	if got := held(srv, "p"); !slices.Equal(got, []string{"3600 PTR www.example.net."}) {
		t.Error(got)
	}
}

func asJSON(v any) string { text, _ := json.Marshal(v); return string(text) }

// TestZones: without domains all that can be written, and names outside are left.
func TestZones(t *testing.T) {
	srv, p := start(t)
	ctx := context.Background()
	outside := []*Endpoint{{DNSName: "www.elsewhere.test", RecordType: "A", Targets: []string{"192.0.2.1"}}, {DNSName: "notexample.com", RecordType: "A", Targets: []string{"192.0.2.1"}}}
	if err := p.ApplyChanges(ctx, &Changes{Create: outside}); err != nil || len(srv.Writes()) > 0 {
		t.Error(err, srv.Writes())
	}
	p.Domains = nil
	all, err := p.Records(ctx)
	if err != nil || !slices.ContainsFunc(all, func(e *Endpoint) bool { return e.DNSName == "example.com" }) {
		t.Error(asJSON(all), err)
	}
	p.Domains = []string{"no domain"}
	if _, err := p.Records(ctx); err == nil {
		t.Error("no domain is one")
	}
}

// TestTheApexNameserversAreTheProviders: the other changes are made.
func TestTheApexNameserversAreTheProviders(t *testing.T) {
	srv, p := start(t)
	err := p.ApplyChanges(context.Background(), &Changes{Create: []*Endpoint{
		{DNSName: "example.com", RecordType: "NS", Targets: []string{"ns9.example.net"}}, {DNSName: "with.example.com", RecordType: "A", Targets: []string{"192.0.2.1"}},
	}})
	if err == nil || !strings.Contains(err.Error(), "NS") || len(held(srv, "with")) != 1 {
		t.Error(err, held(srv, "with"))
	}
}

// TestHandler: the protocol, and which errors external-dns may repeat.
func TestHandler(t *testing.T) {
	srv, p := start(t)
	web := httptest.NewServer(p.Handler())
	defer web.Close()
	do := func(method, path, body string) (int, string, string) {
		request, _ := http.NewRequest(method, web.URL+path, strings.NewReader(body))
		response, err := web.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		content, _ := io.ReadAll(response.Body)
		return response.StatusCode, response.Header.Get("Content-Type"), string(content)
	}
	if status, kind, body := do("GET", "/", ""); status != 200 || kind != externaldnshoster.MediaType || !strings.Contains(body, `{"include":["example.com"]}`) {
		t.Error(status, kind, body)
	}
	if status, kind, body := do("GET", "/records", ""); status != 200 || kind != externaldnshoster.MediaType || !strings.Contains(body, `"dnsName":"mail1.example.com"`) {
		t.Error(status, kind, body)
	}
	if status, kind, body := do("POST", "/adjustendpoints", `[]`); status != 200 || kind != externaldnshoster.MediaType || strings.TrimSpace(body) != "[]" {
		t.Error(status, kind, body)
	}
	const change = `{"create":[{"dnsName":"h.example.com","recordType":"A","targets":["192.0.2.1"]}]}`
	if status, _, body := do("POST", "/records", change); status != 204 || body != "" || len(held(srv, "h")) != 1 {
		t.Error(status, body, held(srv, "h"))
	}
	for path, want := range map[string]int{"/records": 400, "/adjustendpoints": 400, "/nowhere": 404} {
		if status, _, _ := do("POST", path, "{"); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _, _ := do("POST", "/records", `{"create":[{"dnsName":"h.example.com","recordType":"A","targets":["x"]}]}`); status != 422 {
		t.Error(status)
	}
	for apiStatus, want := range map[int]int{403: 422, 500: 500} {
		body := fmt.Sprintf(`{"status":"error","code":"X","message":"status %d"}`, apiStatus)
		remove := srv.Inject(sandbox.Fault{Operation: "DNS.List", Status: apiStatus, Body: body, Times: -1})
		for method, sent := range map[string]string{"GET": "", "POST": change} {
			if status, _, text := do(method, "/records", sent); status != want || len(text) == 0 || len(text) > 1000 {
				t.Errorf("%s after %d: %d %s", method, apiStatus, status, text)
			}
		}
		remove()
	}
}

func TestMetrics(t *testing.T) {
	srv := hostertest.New(t)
	metrics := &externaldnshoster.Metrics{}
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()), hoster.WithHooks(metrics.Hooks()))
	if err != nil {
		t.Fatal(err)
	}
	handler := metrics.Count((&externaldnshoster.Provider{Client: client, Domains: []string{"example.com"}}).Handler())
	for _, path := range []string{"/", "/records", "/records", "/etc/passwd"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	answer := httptest.NewRecorder()
	metrics.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		"# TYPE externaldns_hoster_requests_total counter\n", `externaldns_hoster_requests_total{path="/records",status="200"} 2` + "\n",
		`externaldns_hoster_requests_total{path="other",status="404"} 1` + "\n", `externaldns_hoster_api_calls_total{operation="DNS.List",status="200"} 2` + "\n",
	} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s is not among\n%s", want, answer.Body.String())
		}
	}
}
