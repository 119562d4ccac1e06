package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/sandbox"
)

// onSandbox gives an example a client of the embedded sandbox.
func onSandbox(do func(ctx context.Context, client *hoster.Client)) {
	api := sandbox.New()
	server := httptest.NewServer(api)
	defer server.Close()
	client, err := hoster.NewClient(hoster.WithBaseURL(server.URL+"/v1"), hoster.WithToken(api.RootToken()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()
	do(context.Background(), client)
}

func ExampleNewClient() {
	_, err := hoster.NewClient(
		hoster.WithBaseURL("http://api.example.com/v1"),
		hoster.WithToken("Bearer abc"),
	)
	fmt.Println(err)
	// Output:
	// hoster: token: expected the token as the provider showed it, but it begins with "Bearer": give the token alone
	// hoster: WithBaseURL: expected https: over plain http everybody on the way can read the token (WithInsecureHTTP allows it)
}

func ExampleDomainsService_All() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		for domain, err := range client.Domains.All(ctx, &hoster.DomainListOptions{Search: "example.com"}) {
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(domain.Name, domain.Status)
		}
	})
	// Output: example.com active
}

func ExampleDNSService_Create() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		record, err := client.DNS.Create(ctx, "example.com",
			hoster.NewRecord("_hello.example.com", dnszone.TXT{Text: "hello"}))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(record.Name, record.Type, record.Value, record.TTL)
		_, err = client.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: dnszone.TypeTXT, Name: "_hello", Value: "hello"})
		fmt.Println("again:", errors.Is(err, hoster.ErrConflict))
	})
	// Output:
	// _hello TXT hello 3600
	// again: true
}

func ExampleForbiddenError() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		_, err := client.Tokens.Create(ctx, hoster.TokenCreate{Name: "reader", Scopes: []hoster.Scope{"dns:read", "made:up"}})
		var forbidden *hoster.ForbiddenError
		var invalid *hoster.ValidationError
		switch {
		case errors.As(err, &forbidden):
			fmt.Println(forbidden.Reason)
		case errors.As(err, &invalid):
			fmt.Println(invalid.Fields[0].Field)
		}
	})
	// Output: scopes
}

func ExampleTokensService_Create() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		created, err := client.Tokens.Create(ctx, hoster.TokenCreate{
			Name:      "DNS updates",
			Scopes:    []hoster.Scope{hoster.ScopeDNSRead, hoster.ScopeDNSWrite},
			ExpiresAt: hoster.Set(time.Now().Add(90 * 24 * time.Hour)),
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(created.Name, created.Scopes, created.Secret) // store created.Secret.Reveal()
	})
	// Output: DNS updates [dns:read dns:write] [redacted]
}

func ExampleWithResponse() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		var meta hoster.Response
		if _, err := client.Domains.Get(ctx, "EXAMPLE.com.", hoster.WithResponse(&meta)); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(meta.Status, meta.Attempts, meta.ETag != "", meta.RequestID != "")
	})
	// Output: 200 1 true true
}

func ExampleClient_Call() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		var profile struct {
			Name string `json:"name"`
		}
		err := client.Call(ctx, hoster.CallSpec{
			Method:   "GET",
			Segments: []string{"account", "profile"},
			Scope:    hoster.ScopeAccountRead,
			Replay:   hoster.ReplayAlways,
		}, &profile)
		fmt.Println(profile.Name != "", err)
	})
	// Output: true <nil>
}

func ExampleOpt() {
	change := hoster.RecordUpdate{
		Value:    hoster.Set(""),        // sent, although it is empty
		Priority: hoster.Null[uint16](), // sent as null: clears
		Weight:   hoster.Opt[uint16]{},  // absent: stays as it is
	}
	fmt.Println(change.Value, change.Priority, change.Weight)
	// Output: null absent
}

func ExampleAmount() {
	price, _ := hoster.ParseAmount("12.99")
	tax, _ := hoster.ParseAmount("2.4681")
	fmt.Println(price.Add(tax), price.Cmp(tax))
	// Output: 15.4581 1
}

func ExampleDNSService_AppendValues() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		for _, value := range []string{"for the apex", "for the wildcard", "for the apex"} {
			change, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{
				Name: "_acme-challenge", Values: []dnszone.Data{dnszone.TXT{Text: value}},
			})
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(len(change.After), change.Written)
		}
	})
	// Output:
	// 1 true
	// 2 true
	// 2 false
}

func ExampleDNSService_PlanZone() {
	onSandbox(func(ctx context.Context, client *hoster.Client) {
		desired := []hoster.RecordCreate{{Type: dnszone.TypeA, Name: "app", Value: "192.0.2.1", TTL: hoster.Set(300)}}
		plan, err := client.DNS.PlanZone(ctx, "example.com", desired, &hoster.ZonePlanOptions{Names: []string{"app"}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(plan)
		result, err := client.DNS.Apply(ctx, plan, nil)
		fmt.Println(result.Applied, err)
	})
	// Output:
	// + app 300 A 192.0.2.1
	// example.com: 1 to create, 0 to change, 0 to delete
	// [app A] <nil>
}

func ExampleScopesFor() {
	scopes, err := hoster.ScopesFor("DNS.List", "DNS.Create", "Tokens.Current")
	fmt.Println(scopes, err)
	// Output: [dns:read dns:write] <nil>
}
