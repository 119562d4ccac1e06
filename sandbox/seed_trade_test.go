package sandbox_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

const tradeJSON = `{
  "profile": {"id":"cust_01"},
  "domains": [],
  "invoices": [{"id":"inv_01","number":"PI-2026-0001","type":"proforma","status":"paid","issued_at":"2026-01-02T03:04:05Z","due_at":"2026-01-16T03:04:05Z","paid_at":"2026-01-03T03:04:05Z","currency":"USD","items":[{"description":"example.com","period_start":"2026-02-03T04:05:06Z","period_end":"2027-02-03T04:05:06Z","amount":"12.99"}],"subtotal":"12.99","taxes":[{"name":"VAT","rate":"20","amount":"2.60"}],"tax_total":"2.60","total":"15.59","amount_paid":"15.59","balance_due":"0.00","order_id":"ord_01","payment_url":"https://portal.example.com/invoices/inv_01"}],
  "orders": [{"id":"ord_01","number":"1001","status":"active","created_at":"2026-01-02T03:04:05Z","items":[{"type":"domain_renewal","description":"example.com","domain":"example.com","service_id":"svc_01","plan_id":"plan_01","years":1,"amount":"12.99"}],"total":"12.99","currency":"USD","invoice_ids":["inv_01"]}],
  "services": [{"id":"svc_01","name":"Web hosting","plan":{"id":"plan_01","name":"Starter"},"domain":"example.com","status":"active","billing_cycle":"annual","next_due_at":"2041-02-03T04:05:06Z","amount":"59.88","currency":"USD","created_at":"2020-02-03T04:05:06Z","control_panel":"cpanel","username":"sample","server":{"hostname":"server1.example.net","ip_address":"192.0.2.10","nameservers":["ns1.example.net"]},"suspension_reason":"none","cancels_at":"2041-02-03T04:05:06Z"}],
  "transfers": [{"domain":"moving.net","status":"failed","reason":"sample","updated_at":"2026-01-02T03:04:05Z"}],
  "plans": [{"id":"plan_01","name":"Starter","description":"One site","prices":[{"billing_cycle":"annual","amount":"59.88","currency":"USD"}]}],
  "prices": [{"tld":"com","register":"1.00","renew":"2.00","transfer":"3.00","currency":"EUR"}],
  "taken": ["gone.com"]
}`

// TestSeedIsKept finds every field of a seeded object in the API's answer.
func TestSeedIsKept(t *testing.T) {
	seed, err := sandbox.LoadSeed(strings.NewReader(tradeJSON))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal([]byte(tradeJSON), &raw); err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, sandbox.WithSeed(seed))
	for path, list := range map[string]string{
		"/account/invoices/inv_01": "invoices", "/orders/ord_01": "orders", "/hosting/svc_01": "services", "/domains/moving.net/transfer": "transfers",
	} {
		if got, want := get[any](a, path), raw[list].([]any)[0]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%v\n%v", path, got, want)
		}
	}
	if got := get[any](a, "/hosting/plans"); !reflect.DeepEqual(got, raw["plans"]) {
		t.Errorf("%v", got)
	}
	p := a.buy("/domains", `{"domain":"new.com","years":2}`)
	if p.Order.Total != 200 || p.Order.Currency != "EUR" || p.Order.Number != "1002" || p.Invoice.Currency != "EUR" {
		t.Errorf("%+v", p)
	}
	a.do("POST", "/domains", `{"domain":"gone.com","years":1}`).expect(t, 409, "DOMAIN_UNAVAILABLE")
	a.do("POST", "/domains", `{"domain":"new.net","years":1}`).expect(t, 422, "VALIDATION_ERROR")
}

func TestSeedOfTradeIsStrict(t *testing.T) {
	for body, want := range map[string]string{
		`"invoices":[{"type":"gift"}]`:                                                            "invoices[0].type",
		`"invoices":[{"status":"lost"}]`:                                                          "invoices[0].status",
		`"invoices":[{"id":"a"},{"id":"a"}]`:                                                      "invoices[1].id",
		`"invoices":[{"total":12}]`:                                                               "total",
		`"invoices":[{"taxes":[{"rate":"x"}]}]`:                                                   "invoices[0].taxes[0].rate",
		`"invoices":[{"color":"red"}]`:                                                            "color",
		`"orders":[{"status":"lost"}]`:                                                            "orders[0].status",
		`"orders":[{"items":[{"type":"gift"}]}]`:                                                  "orders[0].items[0].type",
		`"orders":[{"currency":"usd"}]`:                                                           "orders[0].currency",
		`"services":[{"plan":{"id":"p"}}]`:                                                        "services[0].name",
		`"services":[{"name":"s"}]`:                                                               "services[0].plan.id",
		`"services":[{"name":"s","plan":{"id":"p"},"status":"lost"}]`:                             "services[0].status",
		`"services":[{"name":"s","plan":{"id":"p"},"billing_cycle":"daily"}]`:                     "services[0].billing_cycle",
		`"services":[{"name":"s","plan":{"id":"p"},"control_panel":"none"}]`:                      "services[0].control_panel",
		`"services":[{"name":"s","plan":{"id":"p"},"usage":{"disk":{"used":-1}}}]`:                "services[0].usage.disk.used",
		`"plans":[{"name":""}]`:                                                                   "plans[0].name",
		`"plans":[{"name":"p","prices":[{"billing_cycle":"daily"}]}]`:                             "plans[0].prices[0].billing_cycle",
		`"plans":[{"name":"p","prices":[{"billing_cycle":"annual"},{"billing_cycle":"annual"}]}]`: "plans[0].prices[1].billing_cycle",
		`"prices":[{"tld":"COM"}]`:                                                                "prices[0].tld",
		`"prices":[{"tld":"com"},{"tld":"com"}]`:                                                  "prices[1].tld",
		`"transfers":[{"domain":"a.com","status":"lost"}]`:                                        "transfers[0].status",
		`"transfers":[{"domain":"A.com"}]`:                                                        "transfers[0].domain",
		`"taken":["A.com"]`:                                                                       "taken[0]",
	} {
		if _, err := sandbox.LoadSeed(strings.NewReader("{" + body + "}")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
	if err := sandbox.DefaultSeed().Validate(); err != nil {
		t.Error(err)
	}
}

// TestSeedWithoutLists gets the usual plans and prices; empty ones stay empty.
func TestSeedWithoutLists(t *testing.T) {
	for body, plans := range map[string]int{`{}`: 3, `{"plans":null,"prices":null}`: 3, `{"plans":[],"prices":[]}`: 0} {
		seed, err := sandbox.LoadSeed(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		a := newAPI(t, sandbox.WithSeed(seed))
		if got := get[[]sandbox.Plan](a, "/hosting/plans"); len(got) != plans {
			t.Errorf("%s: %d plans", body, len(got))
		}
		if r := a.do("POST", "/domains", `{"domain":"new.com","years":1}`); (r.Code == 202) != (plans > 0) {
			t.Errorf("%s: %d", body, r.Code)
		}
	}
	// A seed is not changed by the server that it started.
	seed := sandbox.DefaultSeedAt(start)
	a := newAPI(t, sandbox.WithSeed(seed))
	a.pay(a.buy("/hosting/"+activeSvc+"/renew", ""))
	a.Update(func(st *sandbox.State) { st.Service(activeSvc).Server.Hostname = "changed.example" })
	if !reflect.DeepEqual(seed, sandbox.DefaultSeedAt(start)) {
		t.Error("the seed was changed")
	}
	// A state behind the last write is kept as it was.
	a.Inject(sandbox.Fault{Operation: "Hosting.Get", Stale: true})
	if s := a.service(activeSvc); s.Server.Hostname == "changed.example" {
		t.Error("no stale state")
	}
}
