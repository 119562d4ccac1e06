package hoster_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
)

// calls makes each operation's call with the arguments that its file in
// testdata/wire expects. Tests that hold for every operation walk the table
// and find the call here: an operation without one fails them.
var calls = map[hoster.Operation]func(context.Context, *hoster.Client, ...hoster.CallOption) (any, error){
	"Account.Profile": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Account.Profile(ctx, o...)
	},
	"Domains.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Domains.ListPage(ctx, &hoster.DomainListOptions{
			Status: hoster.DomainActive, Search: "example", AutoRenew: hoster.Set(true),
			ExpiresBefore: hoster.Set(time.Date(2032, 1, 1, 1, 0, 0, 0, time.FixedZone("CET", 3600))), Page: 1, PerPage: 50,
		}, o...)
		return page.Items, err
	},
	"Domains.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Domains.Get(ctx, "Example.COM.", o...)
	},
	"DNS.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.DNS.ListPage(ctx, "example.com", &hoster.RecordListOptions{
			Type: hoster.RecordSRV, Name: "_SIP._tcp.example.com.", Page: 1, PerPage: 500,
		}, o...)
		return page.Items, err
	},
	"DNS.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.DNS.Get(ctx, "example.com", "rec_01", o...)
	},
	"DNS.Create": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.DNS.Create(ctx, "example.com", hoster.RecordCreate{
			Type: hoster.RecordSRV, Name: "_xmpp._tcp.example.com", Value: "XMPP.example.com.",
			TTL: hoster.Set(7200), Priority: hoster.Set[uint16](10), Weight: hoster.Set[uint16](20), Port: hoster.Set[uint16](5222),
		}, o...)
	},
	"DNS.Update": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.DNS.Update(ctx, "example.com", "rec_01", hoster.RecordUpdate{
			Name: hoster.Set("_sips._tcp"), Value: hoster.Set("sip2.example.com"), TTL: hoster.Set(300),
			Priority: hoster.Set[uint16](0), Weight: hoster.Set[uint16](1), Port: hoster.Set[uint16](5061),
		}, o...)
	},
	"DNS.Delete": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return nil, c.DNS.Delete(ctx, "example.com", "rec_01", o...)
	},
	"Tokens.List": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		page, err := c.Tokens.ListPage(ctx, &hoster.TokenListOptions{Page: 1, PerPage: 50}, o...)
		return page.Items, err
	},
	"Tokens.Get": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Tokens.Get(ctx, "tok_01", o...)
	},
	"Tokens.Current": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Tokens.Current(ctx, o...)
	},
	"Tokens.Create": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return c.Tokens.Create(ctx, hoster.TokenCreate{
			Name: "DNS updates", Scopes: []hoster.Scope{hoster.ScopeDNSRead},
			ExpiresAt:   hoster.Set(time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)),
			IPAllowlist: hoster.Set([]string{"127.0.0.1", "10.0.0.0/8"}),
		}, o...)
	},
	"Tokens.Revoke": func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) (any, error) {
		return nil, c.Tokens.Revoke(ctx, "tok_01", o...)
	},
}

// composed are the methods that make their calls through other methods.
var composed = map[string]bool{}

// services are the services of a client by the names of its fields.
func services(client *hoster.Client) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	v := reflect.ValueOf(client).Elem()
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			found[field.Name] = v.Field(i)
		}
	}
	return found
}

// operationOf is the row that a method belongs to: AllContacts and
// ContactsPage walk the same list as Contacts, All and ListPage that of List.
func operationOf(service, method string) hoster.Operation {
	switch {
	case method == "All" || method == "ListPage":
		method = "List"
	case strings.HasPrefix(method, "All"):
		method = strings.TrimPrefix(method, "All")
	case strings.HasSuffix(method, "Page"):
		method = strings.TrimSuffix(method, "Page")
	}
	return hoster.Operation(service + "." + method)
}

func TestEveryMethodHasARowAndEveryRowAMethod(t *testing.T) {
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"))
	if err != nil {
		t.Fatal(err)
	}
	left := map[hoster.Operation]bool{}
	for _, row := range hoster.Table() {
		if left[row.Name] {
			t.Errorf("%s stands twice in the table", row.Name)
		}
		left[row.Name] = true
	}
	rows := len(left)
	for name, service := range services(client) {
		for i := range service.NumMethod() {
			method := service.Type().Method(i).Name
			if method == "Format" || composed[name+"."+method] {
				continue
			}
			op := operationOf(name, method)
			if !slices.ContainsFunc(hoster.Table(), func(r hoster.Row) bool { return r.Name == op }) {
				t.Errorf("method %s.%s has no row in the operation table", name, method)
			}
			delete(left, op)
		}
	}
	for op := range left {
		t.Errorf("row %s has no method", op)
	}
	if rows == 0 {
		t.Error("the table is empty")
	}
}

func TestListsComeInThreeForms(t *testing.T) {
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"))
	if err != nil {
		t.Fatal(err)
	}
	found := services(client)
	for _, row := range hoster.Table() {
		if !row.IsList {
			continue
		}
		service, list, _ := strings.Cut(string(row.Name), ".")
		all, page := "All"+list, list+"Page"
		if list == "List" {
			all, page = "All", "ListPage"
		}
		for _, method := range []string{list, all, page} {
			if !found[service].MethodByName(method).IsValid() {
				t.Errorf("%s.%s is missing", service, method)
			}
		}
	}
}

func TestEveryWriteSaysHowToFindOut(t *testing.T) {
	for _, row := range hoster.Table() {
		if row.Replay != hoster.ReplayAlways && row.LookUp == "" {
			t.Errorf("%s: the row does not say how to find out what became of it", row.Name)
		}
		if (row.Buys || row.Mints) && row.Replay != hoster.ReplayOnEvidence {
			t.Errorf("%s: what buys or mints is repeated on evidence only", row.Name)
		}
	}
}
