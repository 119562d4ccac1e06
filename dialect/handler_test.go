package dialect

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/sandbox"
)

// bothEnds is a table that gives much another name.
const bothEnds = `{"dialect": 1, "name": "both ends", "base": "/api/v9", "data": "result.items",
	"errors": {"code": "fault.no", "message": "fault.text", "fields": "fault.where", "request_id": "trace", "codes": {"17": "NOT_FOUND"}},
	"headers": {"X-RateLimit-Remaining": "X-Quota-Left"},
	"paging": {"page": "p", "size": "n", "most": 2, "first": 0, "total": "result.count"},
	"resources": {
		"domain": {
			"name": {"join": ["sld", "tld"], "with": "."}, "status": {"member": "state.is", "values": {"LIVE": "active"}}, "auto_renew": {"member": "renewal", "values": {"on": true, "off": false}},
			"nameservers": "ns.ns#", "contacts.registrant": "people.owner", "contacts.admin": "people.boss"},
		"nameservers": {"nameservers": "hosts[].host"},
		"record": {"name": {"member": "fqdn", "absolute": "dot"}, "value": {"member": "rdata", "rdata": true}, "type": "kind"}},
	"operations": {
		"Domains.List": {"send": "GET /names", "resource": "domain", "query": {"status": {"member": "state", "values": {"LIVE": "active"}}}},
		"Domains.Availability": {"send": "GET /names/free"},
		"Domains.Get": {"send": "GET /names/{domain}", "data": "result", "resource": "domain"},
		"Domains.Update": {"send": "POST /names/{domain}/edit", "data": "result", "resource": "domain"},
		"Domains.Nameservers": {"send": "GET /names/{domain}/hosts", "data": "", "resource": "nameservers"},
		"Domains.SetNameservers": {"send": "POST /names/{domain}/hosts", "data": "", "resource": "nameservers"},
		"DNS.List": {"send": "GET /zones/{domain}", "data": "", "resource": "record", "paging": "whole"},
		"DNS.Get": {"send": "GET /zones/{domain}/{id}", "data": "one", "resource": "record"},
		"DNS.Create": {"send": "PUT /zones/{domain}", "data": "one", "resource": "record"},
		"DNS.Delete": {"send": "DELETE /zones/{domain}/{id}"},
		"Orders.List": {"send": "GET /bought", "paging": {"cursor": "after", "next": "next"}},
		"DNS.Batch": "unsupported"}}`

// TestBothEnds: what the sandbox says through both ends of a table is what it says
// without.
func TestBothEnds(t *testing.T) {
	server := sandbox.New()
	table := parse(t, bothEnds)
	behind, err := NewHandler(table, "/v1", server)
	if err != nil {
		t.Fatal(err)
	}
	foreign := httptest.NewServer(behind)
	t.Cleanup(foreign.Close)
	plain := httptest.NewServer(server)
	t.Cleanup(plain.Close)
	client := func(url string, options ...hoster.Option) *hoster.Client {
		client, err := hoster.NewClient(append(options, hoster.WithBaseURL(url), hoster.WithToken(server.RootToken()))...)
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	direct, through := client(plain.URL+"/v1"), client(foreign.URL+"/api/v9", hoster.WithHTTPClient(Client(table)))
	domains, err := direct.Domains.List(t.Context(), nil)
	if err != nil || len(domains) < 3 {
		t.Fatalf("%d domains, %v", len(domains), err)
	}
	name := ""
	for _, d := range domains {
		if d.UsesProviderDNS || name == "" && d.Status == hoster.DomainStatusActive {
			name = d.Name
		}
	}
	say := func(v any, err error) string {
		text := fmt.Sprintf("%+v %v", v, err)
		if err != nil {
			text, _, _ = strings.Cut(err.Error(), "(request")
			text = strings.ReplaceAll(text, "NOT_FOUND", "17")
		}
		return text
	}
	for label, call := range map[string]func(ctx context.Context, c *hoster.Client) string{
		"list": func(ctx context.Context, c *hoster.Client) string {
			all, err := c.Domains.List(ctx, nil)
			var names []string
			for _, d := range all {
				names = append(names, fmt.Sprint(d.Name, d.ID, d.Status, d.AutoRenew, d.Nameservers))
			}
			return say(names, err)
		},
		"filter": func(ctx context.Context, c *hoster.Client) string {
			all, err := c.Domains.List(ctx, &hoster.DomainListOptions{Status: hoster.DomainStatusActive})
			return say(len(all), err)
		},
		"get": func(ctx context.Context, c *hoster.Client) string {
			d, err := c.Domains.Get(ctx, name)
			if d.Contacts == nil {
				return say(d, err)
			}
			return say([]any{d.Name, *d.Contacts, d.CreatedAt, d.Nameservers, d.AutoRenew, d.Status}, err)
		},
		"update": func(ctx context.Context, c *hoster.Client) string {
			d, err := c.Domains.Update(ctx, name, hoster.DomainUpdate{AutoRenew: hoster.Set(false)})
			return say([]any{d.Name, d.AutoRenew}, err)
		},
		"not found": func(ctx context.Context, c *hoster.Client) string {
			_, err := c.Domains.Get(ctx, "not-there.example")
			return say(fmt.Sprint(hoster.ErrNotFound), err)
		},
		"nameservers": func(ctx context.Context, c *hoster.Client) string {
			ns, err := c.Domains.Nameservers(ctx, name)
			return say(ns.Nameservers, err)
		},
		"records": func(ctx context.Context, c *hoster.Client) string {
			records, err := c.DNS.List(ctx, name, nil)
			return say(recordTexts(records), err)
		},
		"availability": func(ctx context.Context, c *hoster.Client) string {
			free, err := c.Domains.Availability(ctx, []string{"free-name.example"})
			return say(len(free), err)
		},
		"orders": func(ctx context.Context, c *hoster.Client) string {
			all, err := c.Orders.List(ctx, nil)
			return say(len(all), err)
		},
		"profile": func(ctx context.Context, c *hoster.Client) string {
			p, err := c.Account.Profile(ctx)
			return say(p.Email, err)
		},
	} {
		want, got := call(t.Context(), direct), call(t.Context(), through)
		if got != want {
			t.Errorf("%s:\n%s\nwithout the table\n%s", label, got, want)
		}
	}
	for i := range 60 { // more than a page of the sandbox
		if _, err := direct.DNS.Create(t.Context(), name, hoster.NewRecord("many", dnszone.TXT{Text: fmt.Sprint(i)})); err != nil {
			t.Fatal(err)
		}
	}
	want, _ := direct.DNS.List(t.Context(), name, nil)
	if got, err := through.DNS.List(t.Context(), name, nil); err != nil || len(got) != len(want) || len(got) < 60 {
		t.Errorf("%d records, not %d: %v", len(got), len(want), err)
	}
	made, err := through.DNS.Create(t.Context(), name, hoster.NewRecord("both", dnszone.MX{Preference: 7, Host: "mx.example.net"}))
	if err != nil || made.Name != "both" || *made.Priority != 7 {
		t.Fatalf("%+v, %v", made, err)
	}
	if got, err := direct.DNS.Get(t.Context(), name, made.ID); err != nil || got.Value != "mx.example.net" || got.Name != "both" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := through.DNS.Delete(t.Context(), name, made.ID); err != nil {
		t.Error(err)
	}
	if resp, err := foreign.Client().Get(foreign.URL + "/api/v9/domains"); err != nil || resp.StatusCode != 404 {
		t.Errorf("the API's own path: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	for _, name := range []string{"openprovider", "hostinger"} {
		if _, err := NewHandler(tableOf(t, name), "/v1", server); err == nil {
			t.Errorf("%s is served", name)
		}
	}
}
