package hoster_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestScopesForTakesEveryMethod, with or without a row of its own.
func TestScopesForTakesEveryMethod(t *testing.T) {
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"))
	if err != nil {
		t.Fatal(err)
	}
	for name, service := range services(client) {
		for i := range service.NumMethod() {
			method := hoster.Operation(name + "." + service.Type().Method(i).Name)
			if _, err := hoster.ScopesFor(method); err != nil && method != hoster.Operation(name+".Format") {
				t.Error(err)
			}
		}
	}
	for _, none := range []hoster.Operation{"", "DNS", "DNS.", ".List", "DNS.ListAll", "Domains.ListPage.", "Account.All", "Domains.Get with CheckPrice"} {
		if scopes, err := hoster.ScopesFor(none); !errors.Is(err, hoster.ErrInvalidArgument) {
			t.Errorf("%q needs %v, %v", none, scopes, err)
		}
	}
}

// TestScopesOfVerbs: a token with what ScopesFor says is enough, and none of its
// scopes can be missing.
func TestScopesOfVerbs(t *testing.T) {
	set := hoster.RecordSet{Name: "verb", Type: "A", Values: []dnszone.Data{must(dnszone.Parse("A", "192.0.2.9"))}}
	max := hoster.Set(must(hoster.ParseAmount("500.00")))
	verbs := map[hoster.Operation]func(context.Context, *hoster.Client) error{
		"DNS.AppendValues": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.AppendValues(ctx, "example.com", set)
			return err
		},
		"DNS.RemoveValues": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.RemoveValues(ctx, "example.com", set)
			return err
		},
		"DNS.ReplaceSet": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.ReplaceSet(ctx, "example.com", set)
			return err
		},
		"DNS.Find": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Find(ctx, must(dnszone.ParseKey("example.com/@/NS")))
			return err
		},
		"DNS.PlanZone": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.PlanZone(ctx, "example.com", []hoster.RecordCreate{{Type: "A", Name: "verb", Value: "192.0.2.8"}}, &hoster.ZonePlanOptions{Names: []string{"verb"}})
			return err
		},
		"Domains.Register with CheckPrice": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "verb-example.com", Years: 1, MaxPrice: max, CheckPrice: true})
			return err
		},
		"Domains.Renew with CheckPrice": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Renew(ctx, "example.com", hoster.DomainRenewalOrder{Years: 1, MaxPrice: max, CheckPrice: true})
			return err
		},
	}
	for name, verb := range verbs {
		t.Run(string(name), func(t *testing.T) {
			srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.Batch))
			root, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
			if err != nil {
				t.Fatal(err)
			}
			with := func(scopes []hoster.Scope) *hoster.Client {
				token, err := root.Tokens.Create(t.Context(), hoster.TokenCreate{Name: "verb", Scopes: scopes})
				if err != nil {
					t.Fatal(err)
				}
				return must(root.WithToken(token.Secret))
			}
			needed, err := hoster.ScopesFor(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, missing := range needed {
				others := slices.Delete(slices.Clone(needed), i, i+1)
				if len(others) == 0 {
					others = []hoster.Scope{hoster.ScopeAccountRead}
				}
				if name == "DNS.RemoveValues" { // something must be there to be removed
					if _, err := root.DNS.AppendValues(t.Context(), "example.com", set); err != nil {
						t.Fatal(err)
					}
				}
				if err := verb(t.Context(), with(others)); !errors.Is(err, hoster.ErrForbidden) {
					t.Errorf("without %s: %v", missing, err)
				}
			}
			if err := verb(t.Context(), with(needed)); err != nil {
				t.Errorf("with %v: %v", needed, err)
			}
		})
	}
}

// must is for values that a test writes itself.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
