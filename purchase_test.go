package hoster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

func amount(t *testing.T, s string) hoster.Amount {
	t.Helper()
	a, err := hoster.ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// shop answers price questions and counts what was ordered, as a provider does
// that ignores max_price.
func shop(t *testing.T, prices string) (*hoster.Client, func() int) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	ordered := 0
	answer := func(status int, body string) httpmock.Responder {
		return func(*http.Request) (*http.Response, error) {
			if status == http.StatusAccepted {
				ordered++
			}
			return httpmock.NewStringResponse(status, `{"status":"success","data":`+body+`}`), nil
		}
	}
	purchase := answer(http.StatusAccepted, `{"order":{"id":"ord_1","status":"pending"},"invoice":{"id":"inv_1","status":"unpaid"}}`)
	const base = "https://api.acme.com/v1"
	mock.RegisterResponder("GET", base+"/domains/availability", answer(200, `[{"domain":"example.com","available":true,"currency":"USD","prices":`+prices+`}]`))
	mock.RegisterResponder("GET", base+"/hosting/plans", answer(200, `[{"id":"plan_1","prices":[{"billing_cycle":"annual","amount":"50.00","currency":"USD"}]}]`))
	for _, path := range []string{"/domains", "/domains/example.com/renew", "/domains/transfers", "/hosting"} {
		mock.RegisterResponder("POST", base+path, purchase)
	}
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: mock}))
	if err != nil {
		t.Fatal(err)
	}
	return client, func() int { return ordered }
}

func TestCheckPriceHoldsProvidersThatIgnoreMaxPrice(t *testing.T) {
	buy := map[string]func(*hoster.Client, hoster.Opt[hoster.Amount]) error{
		"register": func(c *hoster.Client, most hoster.Opt[hoster.Amount]) error {
			_, err := c.Domains.Register(context.Background(), hoster.DomainRegistrationOrder{Domain: "example.com", Years: 2, MaxPrice: most, CheckPrice: true})
			return err
		},
		"renew": func(c *hoster.Client, most hoster.Opt[hoster.Amount]) error {
			_, err := c.Domains.Renew(context.Background(), "example.com", hoster.DomainRenewalOrder{Years: 2, MaxPrice: most, CheckPrice: true})
			return err
		},
		"transfer": func(c *hoster.Client, most hoster.Opt[hoster.Amount]) error {
			_, err := c.Domains.Transfer(context.Background(), hoster.DomainTransferOrder{Domain: "example.com", AuthCode: hoster.NewSecret("code"), MaxPrice: most, CheckPrice: true})
			return err
		},
		"provision": func(c *hoster.Client, most hoster.Opt[hoster.Amount]) error {
			_, err := c.Hosting.Provision(context.Background(), hoster.HostingOrder{PlanID: "plan_1", BillingCycle: hoster.BillingCycleAnnual, MaxPrice: most, CheckPrice: true})
			return err
		},
	}
	const prices = `{"register":"25.00","renew":"25.00","transfer":"50.00"}`
	for name, call := range buy {
		for most, want := range map[string]error{"50.00": nil, "50": nil, "49.99": hoster.ErrPriceChanged} {
			t.Run(fmt.Sprintf("%s at most %s", name, most), func(t *testing.T) {
				client, ordered := shop(t, prices)
				err := call(client, hoster.Set(amount(t, most)))
				if !errors.Is(err, want) || (want == nil) != (err == nil) {
					t.Fatalf("got %v", err)
				}
				if wantOrders := map[bool]int{true: 1, false: 0}[want == nil]; ordered() != wantOrders {
					t.Errorf("%d orders", ordered())
				}
				var refused *hoster.PriceError
				if want != nil && (!errors.As(err, &refused) || refused.Price.Cmp(amount(t, "50")) != 0) {
					t.Errorf("the error does not tell the price: %v", err)
				}
			})
		}
		t.Run(name+" without a price to hold to", func(t *testing.T) {
			client, ordered := shop(t, prices)
			if err := call(client, hoster.Opt[hoster.Amount]{}); !errors.Is(err, hoster.ErrInvalidArgument) && !errors.Is(err, hoster.ErrPriceChanged) || ordered() != 0 {
				t.Errorf("got %v, %d orders", err, ordered())
			}
		})
	}
	t.Run("a price that nobody names", func(t *testing.T) {
		client, ordered := shop(t, `null`)
		for _, name := range []string{"register", "renew", "transfer"} {
			if err := buy[name](client, hoster.Set(amount(t, "99"))); !errors.Is(err, hoster.ErrPriceChanged) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if ordered() != 0 {
			t.Error("ordered all the same")
		}
	})
}

func TestAPIRefusesAHigherPrice(t *testing.T) {
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", "https://api.acme.com/v1/domains", httpmock.NewStringResponder(409, `{"status":"error","code":"PRICE_CHANGED","message":"costs more"}`))
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: mock}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Domains.Register(context.Background(), hoster.DomainRegistrationOrder{Domain: "example.com", Years: 1, MaxPrice: hoster.Set(amount(t, "1"))})
	if !errors.Is(err, hoster.ErrPriceChanged) || !errors.Is(err, hoster.ErrConflict) {
		t.Errorf("got %v", err)
	}
}

// TestPricesAreAskedForLast: whatever is wrong with the order is told before the
// price is looked up, and a price is that of the domain that was asked for.
func TestPricesAreAskedForLast(t *testing.T) {
	most, negative, none := hoster.Set(amount(t, "50")), hoster.Set(amount(t, "-0.01")), hoster.Opt[hoster.Amount]{}
	register := func(domain string, years int, price hoster.Opt[hoster.Amount], opts ...hoster.CallOption) func(context.Context, *hoster.Client) error {
		return func(ctx context.Context, c *hoster.Client) error {
			return second(c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: domain, Years: years, MaxPrice: price, CheckPrice: true}, opts...))
		}
	}
	renew := func(domain string, years int, price hoster.Opt[hoster.Amount]) func(context.Context, *hoster.Client) error {
		return func(ctx context.Context, c *hoster.Client) error {
			return second(c.Domains.Renew(ctx, domain, hoster.DomainRenewalOrder{Years: years, MaxPrice: price, CheckPrice: true}))
		}
	}
	transfer := func(code string, price hoster.Opt[hoster.Amount]) func(context.Context, *hoster.Client) error {
		return func(ctx context.Context, c *hoster.Client) error {
			return second(c.Domains.Transfer(ctx, hoster.DomainTransferOrder{Domain: "example.com", AuthCode: hoster.NewSecret(code), MaxPrice: price, CheckPrice: true}))
		}
	}
	provision := func(plan hoster.HostingPlanID, cycle hoster.BillingCycle, price hoster.Opt[hoster.Amount]) func(context.Context, *hoster.Client) error {
		return func(ctx context.Context, c *hoster.Client) error {
			return second(c.Hosting.Provision(ctx, hoster.HostingOrder{PlanID: plan, BillingCycle: cycle, MaxPrice: price, CheckPrice: true}))
		}
	}
	for what, test := range map[string]struct {
		call  func(context.Context, *hoster.Client) error
		field string
	}{
		"register for no price":         {register("example.com", 1, none), "max_price"},
		"register for less than none":   {register("example.com", 1, negative), "max_price"},
		"register for null":             {register("example.com", 1, hoster.Null[hoster.Amount]()), "max_price"},
		"register for 0 years":          {register("example.com", 0, most), "years"},
		"register for 20 million years": {register("example.com", 20_000_000, most), "years"},
		"register a name of one label":  {register("example", 1, most), "domain"},
		"register with a bad option":    {register("example.com", 1, most, hoster.WithIdempotencyKey("a b")), "WithIdempotencyKey"},
		"renew for no price":            {renew("example.com", 1, none), "max_price"},
		"renew for 11 years":            {renew("example.com", 11, most), "years"},
		"renew nothing":                 {renew("", 1, most), "domain"},
		"transfer for no price":         {transfer("code", none), "max_price"},
		"transfer without a code":       {transfer(" \n", most), "auth_code"},
		"transfer with two codes":       {transfer("code code", most), "auth_code"},
		"provision for no price":        {provision("plan_1", hoster.BillingCycleAnnual, none), "max_price"},
		"provision no plan":             {provision("", hoster.BillingCycleAnnual, most), "plan_id"},
		"provision for no time":         {provision("plan_1", "", most), "billing_cycle"},
	} {
		asked := 0
		client := newTestClient(t, "https://api.example.com/v1", "token", hoster.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, errors.New("no network")
		})}))
		argument, ok := errors.AsType[*hoster.ArgumentError](test.call(t.Context(), client))
		if !ok || argument.Field != test.field || asked != 0 {
			t.Errorf("%s: %d requests, %v", what, asked, argument)
		}
	}
	client, ordered := shop(t, `{"register":"25.00","renew":"25.00","transfer":"50.00"}`)
	if err := register("example.net", 1, most)(t.Context(), client); !errors.Is(err, hoster.ErrPriceChanged) || ordered() != 0 {
		t.Errorf("the price of another domain: %v, %d orders", err, ordered())
	}
	if err := provision("plan_1", "ANNUAL", most)(t.Context(), client); err != nil || ordered() != 1 {
		t.Errorf("a billing cycle in another case: %v, %d orders", err, ordered())
	}
}

// TestContactsAreMissedInTheirOrder: the first role that is missing is named, and
// it is always the same.
func TestContactsAreMissedInTheirOrder(t *testing.T) {
	client, _ := shop(t, `null`)
	for want, contacts := range map[string]hoster.DomainContacts{
		"registrant": {}, "admin": {Registrant: "con_1"}, "tech": {Registrant: "con_1", Admin: "con_1"}, "billing": {Registrant: "con_1", Admin: "con_1", Tech: "con_1"},
	} {
		for range 20 {
			_, err := client.Domains.SetContacts(t.Context(), "example.com", contacts)
			if argument, ok := errors.AsType[*hoster.ArgumentError](err); !ok || argument.Field != want {
				t.Fatalf("%s: got %v", want, err)
			}
		}
	}
}

// TestArgumentsOfPurchases refuses what cannot be right before any request.
func TestArgumentsOfPurchases(t *testing.T) {
	negative := hoster.Set(amount(t, "-1"))
	for field, call := range map[string]func(context.Context, *hoster.Client) error{
		"domain": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "no domain", Years: 1})
			return err
		},
		"years": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "example.com"})
			return err
		},
		"contacts.registrant": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "example.com", Years: 1, Contacts: &hoster.DomainContacts{}})
			return err
		},
		"nameservers": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "example.com", Years: 1, Nameservers: []string{"ns1.example.net"}})
			return err
		},
		"nameservers.1": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.SetNameservers(ctx, "example.com", []string{"ns1.example.net", "NS1.example.net."})
			return err
		},
		"nameservers.0": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.SetNameservers(ctx, "example.com", []string{"not a host", "ns1.example.net"})
			return err
		},
		"max_price": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Renew(ctx, "example.com", hoster.DomainRenewalOrder{Years: 1, MaxPrice: negative})
			return err
		},
		"auth_code": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Transfer(ctx, hoster.DomainTransferOrder{Domain: "example.com"})
			return err
		},
		"domains": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Availability(ctx, nil)
			return err
		},
		"domains.0": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.Availability(ctx, []string{""})
			return err
		},
		"tech": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Domains.SetContacts(ctx, "example.com", hoster.DomainContacts{Registrant: "con_1", Admin: "con_1", Billing: "con_1"})
			return err
		},
		"plan_id": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Hosting.Provision(ctx, hoster.HostingOrder{BillingCycle: hoster.BillingCycleAnnual})
			return err
		},
		"billing_cycle": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Hosting.Provision(ctx, hoster.HostingOrder{PlanID: "plan_1"})
			return err
		},
		"when": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Hosting.Cancel(ctx, "svc_1", hoster.HostingCancellation{})
			return err
		},
		"batch": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{})
			return err
		},
		"delete.0": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{Delete: []hoster.RecordID{""}})
			return err
		},
		"update.0.id": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{Update: []hoster.BatchUpdate{{}}})
			return err
		},
		"update.0.ttl": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{Update: []hoster.BatchUpdate{{ID: "rec_1", RecordUpdate: hoster.RecordUpdate{TTL: hoster.Set(0)}}}})
			return err
		},
		"create.1.priority": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{Create: []hoster.RecordCreate{
				{Type: dnszone.TypeA, Value: "192.0.2.1"}, {Type: dnszone.TypeMX, Value: "mail.example.com"},
			}})
			return err
		},
		"id": func(ctx context.Context, c *hoster.Client) error {
			_, err := c.Hosting.Get(ctx, "plans")
			return err
		},
	} {
		t.Run(field, func(t *testing.T) {
			client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: httpmock.NewMockTransport()}))
			if err != nil {
				t.Fatal(err)
			}
			err = call(context.Background(), client)
			var argument *hoster.ArgumentError
			if !errors.As(err, &argument) || argument.Field != field {
				t.Errorf("got %v, want an ArgumentError about %s", err, field)
			}
		})
	}
}

func TestBatchWhereThereIsNone(t *testing.T) {
	for _, status := range []int{404, 405, 501} {
		mock := httpmock.NewMockTransport()
		mock.RegisterNoResponder(httpmock.NewStringResponder(status, `<html>no such page</html>`))
		client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithHTTPClient(&http.Client{Transport: mock}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.DNS.Batch(context.Background(), "example.com", hoster.RecordBatch{Delete: []hoster.RecordID{"rec_1"}})
		if !errors.Is(err, hoster.ErrNotSupported) {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestSecretsOfRequestsAreRedactedInDumps(t *testing.T) {
	for _, v := range []any{
		hoster.DomainTransferOrder{Domain: "example.com", AuthCode: hoster.NewSecret(canary)},
		hoster.HostingPassword{Password: hoster.NewSecret(canary)},
	} {
		findCanary(t, fmt.Sprintf("%T", v), prints(v))
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		back := map[string]any{}
		if json.Unmarshal(encoded, &back) != nil || len(back) == 0 {
			t.Errorf("%T: %s", v, encoded)
		}
	}
}

// TestPriceBoundHasACurrency: the same number in another currency, or in one that is
// not named, is not the price that was allowed.
func TestPriceBoundHasACurrency(t *testing.T) {
	most := hoster.Set(amount(t, "60"))
	for name, call := range map[string]func(c *hoster.Client, currency string, check bool) error{
		"register": func(c *hoster.Client, currency string, check bool) error {
			return second(c.Domains.Register(t.Context(), hoster.DomainRegistrationOrder{Domain: "example.com", Years: 2, MaxPrice: most, Currency: currency, CheckPrice: check}))
		},
		"renew": func(c *hoster.Client, currency string, check bool) error {
			return second(c.Domains.Renew(t.Context(), "example.com", hoster.DomainRenewalOrder{Years: 2, MaxPrice: most, Currency: currency, CheckPrice: check}))
		},
		"transfer": func(c *hoster.Client, currency string, check bool) error {
			return second(c.Domains.Transfer(t.Context(), hoster.DomainTransferOrder{Domain: "example.com", AuthCode: hoster.NewSecret("code"), MaxPrice: most, Currency: currency, CheckPrice: check}))
		},
		"provision": func(c *hoster.Client, currency string, check bool) error {
			return second(c.Hosting.Provision(t.Context(), hoster.HostingOrder{PlanID: "plan_1", BillingCycle: hoster.BillingCycleAnnual, MaxPrice: most, Currency: currency, CheckPrice: check}))
		},
	} {
		for currency, want := range map[string]error{"": nil, "USD": nil, "usd": nil, "EUR": hoster.ErrPriceChanged, "dollars": hoster.ErrInvalidArgument} {
			client, ordered := shop(t, `{"register":"25.00","renew":"25.00","transfer":"50.00"}`)
			err := call(client, currency, true)
			if !errors.Is(err, want) || (err == nil) != (want == nil) || ordered() > 0 != (want == nil) {
				t.Errorf("%s in %q: %v, %d orders", name, currency, err, ordered())
			}
			if refused, ok := errors.AsType[*hoster.PriceError](err); ok && (refused.Currency != "USD" || refused.MaxCurrency != "EUR" || refused.Price == nil) {
				t.Errorf("%s in %q: %+v", name, currency, refused)
			}
		}
		client, ordered := shop(t, `null`)
		if err := call(client, "USD", false); !errors.Is(err, hoster.ErrInvalidArgument) || ordered() > 0 {
			t.Errorf("%s without a look at the price: %v", name, err)
		}
	}
}
