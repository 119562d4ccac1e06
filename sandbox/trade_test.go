package sandbox_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

// purchase is the answer to one.
type purchase struct {
	Order    sandbox.Order
	Invoice  sandbox.Invoice
	Domain   *sandbox.Domain
	Transfer *sandbox.Transfer
	Service  *sandbox.Service
}

func (a *api) buy(path, body string) purchase {
	a.t.Helper()
	r := a.do("POST", path, body)
	if r.Code != 202 {
		a.t.Fatalf("POST %s %s: %d %s", path, body, r.Code, r.Body)
	}
	return decode[purchase](a.t, r)
}

func (a *api) pay(p purchase) {
	a.t.Helper()
	if err := a.PayInvoice(p.Invoice.ID); err != nil {
		a.t.Fatal(err)
	}
}

func get[T any](a *api, path string) T {
	a.t.Helper()
	return decode[T](a.t, a.do("GET", path, "").expect(a.t, 200, ""))
}

func (a *api) order(p purchase) sandbox.Order { return get[sandbox.Order](a, "/orders/"+p.Order.ID) }

func (a *api) domain(name string) sandbox.Domain { return get[sandbox.Domain](a, "/domains/"+name) }

func (a *api) service(id string) sandbox.Service { return get[sandbox.Service](a, "/hosting/"+id) }

func (a *api) invoice(id string) sandbox.Invoice {
	return get[sandbox.Invoice](a, "/account/invoices/"+id)
}

func (a *api) after(d time.Duration) { a.now = a.now.Add(d) }

const (
	day       = 24 * time.Hour
	activeSvc = "svc_0b5e7c31"
	lateSvc   = "svc_83c1f5e7"
	starter   = "plan_3a51c0d2"
	business  = "plan_7be29f14"
)

// TestPurchasesAreRefused lists what a purchase is refused for, in the order of
// the checks. None of it leaves a trace.
func TestPurchasesAreRefused(t *testing.T) {
	register, transfer, renew := "/domains", "/domains/transfers", "/domains/example.com/renew"
	upgrade := "/hosting/" + activeSvc + "/upgrade"
	tests := []struct {
		name, path, body string
		status           int
		code, field      string
	}{
		{"nothing sent", register, `{}`, 422, "VALIDATION_ERROR", "domain"},
		{"years missing", register, `{"domain":"new.com"}`, 422, "VALIDATION_ERROR", "years"},
		{"no years", register, `{"domain":"new.com","years":0}`, 422, "VALIDATION_ERROR", "years"},
		{"years too many", register, `{"domain":"new.com","years":11}`, 422, "VALIDATION_ERROR", "years"},
		{"years as text", register, `{"domain":"new.com","years":"1"}`, 422, "VALIDATION_ERROR", "years"},
		{"not A-labels", register, `{"domain":"bücher.com","years":1}`, 422, "VALIDATION_ERROR", "domain"},
		{"one label", register, `{"domain":"com","years":1}`, 422, "VALIDATION_ERROR", "domain"},
		{"not offered", register, `{"domain":"new.invalid","years":1}`, 422, "VALIDATION_ERROR", "domain"},
		{"too deep", register, `{"domain":"a.new.com","years":1}`, 422, "VALIDATION_ERROR", "domain"},
		{"one nameserver", register, `{"domain":"new.com","years":1,"nameservers":["ns1.example.net"]}`, 422, "VALIDATION_ERROR", "nameservers"},
		{"unknown contact", register, `{"domain":"new.com","years":1,"contacts":{"tech":"con_none"}}`, 422, "VALIDATION_ERROR", "contacts.tech"},
		{"contacts as list", register, `{"domain":"new.com","years":1,"contacts":[]}`, 422, "VALIDATION_ERROR", "contacts"},
		{"max_price as number", register, `{"domain":"new.com","years":1,"max_price":99}`, 422, "VALIDATION_ERROR", "max_price"},
		{"negative max_price", register, `{"domain":"new.com","years":1,"max_price":"-1"}`, 422, "VALIDATION_ERROR", "max_price"},
		{"empty max_price", register, `{"domain":"new.com","years":1,"max_price":""}`, 422, "VALIDATION_ERROR", "max_price"},
		{"in the account", register, `{"domain":"example.com","years":1}`, 409, "DOMAIN_UNAVAILABLE", ""},
		{"taken by the seed", register, `{"domain":"wanted.example","years":1}`, 409, "DOMAIN_UNAVAILABLE", ""},
		{"taken by its name", register, `{"domain":"taken-name.com","years":1}`, 409, "DOMAIN_UNAVAILABLE", ""},
		{"transferred away", register, `{"domain":"island.example","years":1}`, 409, "DOMAIN_UNAVAILABLE", ""},
		{"a cent too dear", register, `{"domain":"new.com","years":2,"max_price":"25.97"}`, 409, "PRICE_CHANGED", ""},
		{"a fraction too dear", register, `{"domain":"new.com","years":1,"max_price":"12.989999"}`, 409, "PRICE_CHANGED", ""},
		{"a premium name", register, `{"domain":"premium-new.com","years":1,"max_price":"12.99"}`, 409, "PRICE_CHANGED", ""},

		{"renewal of nothing", "/domains/nothing.com/renew", `{"years":1}`, 404, "NOT_FOUND", ""},
		{"renewal without years", renew, `{}`, 422, "VALIDATION_ERROR", "years"},
		{"renewal too dear", renew, `{"years":1,"max_price":"14.98"}`, 409, "PRICE_CHANGED", ""},
		{"renewal of a pending one", "/domains/copper.example/renew", `{"years":1}`, 409, "DOMAIN_STATE_PROHIBITS", ""},
		{"renewal of a pending_delete one", "/domains/feather.example/renew", `{"years":1}`, 409, "DOMAIN_STATE_PROHIBITS", ""},

		{"transfer without a code", transfer, `{"domain":"moving.com"}`, 422, "VALIDATION_ERROR", "auth_code"},
		{"transfer with an empty code", transfer, `{"domain":"moving.com","auth_code":""}`, 422, "VALIDATION_ERROR", "auth_code"},
		{"transfer of an unregistered name", transfer, `{"domain":"new.com","auth_code":"sample"}`, 422, "VALIDATION_ERROR", "domain"},
		{"transfer of an own name", transfer, `{"domain":"example.com","auth_code":"sample"}`, 409, "CONFLICT", ""},
		{"transfer under way", transfer, `{"domain":"delta.example","auth_code":"sample"}`, 409, "CONFLICT", ""},
		{"transfer too dear", transfer, `{"domain":"moving.com","auth_code":"sample","max_price":"10.98"}`, 409, "PRICE_CHANGED", ""},

		{"no plan", "/hosting", `{"billing_cycle":"annual"}`, 422, "VALIDATION_ERROR", "plan_id"},
		{"unknown plan", "/hosting", `{"plan_id":"plan_none","billing_cycle":"annual"}`, 422, "VALIDATION_ERROR", "plan_id"},
		{"no cycle", "/hosting", `{"plan_id":"` + starter + `"}`, 422, "VALIDATION_ERROR", "billing_cycle"},
		{"unknown cycle", "/hosting", `{"plan_id":"` + starter + `","billing_cycle":"daily"}`, 422, "VALIDATION_ERROR", "billing_cycle"},
		{"site without a name", "/hosting", `{"plan_id":"` + starter + `","billing_cycle":"annual","domain":"a b"}`, 422, "VALIDATION_ERROR", "domain"},
		{"plan too dear", "/hosting", `{"plan_id":"` + starter + `","billing_cycle":"annual","max_price":"59.89"}`, 409, "PRICE_CHANGED", ""},

		{"renewal of no service", "/hosting/svc_none/renew", `{}`, 404, "NOT_FOUND", ""},
		{"renewal of a pending service", "/hosting/svc_b7640d2a/renew", `{}`, 409, "CONFLICT", ""},
		{"renewal of a cancelled service", "/hosting/svc_e29f81c5/renew", `{}`, 409, "CONFLICT", ""},
		{"renewal of a service with an open one", "/hosting/" + lateSvc + "/renew", `{}`, 409, "CONFLICT", ""},
		{"service renewal too dear", "/hosting/" + activeSvc + "/renew", `{"max_price":"1"}`, 409, "PRICE_CHANGED", ""},
		{"upgrade to nothing", upgrade, `{}`, 422, "VALIDATION_ERROR", "plan_id"},
		{"upgrade to the same", upgrade, `{"plan_id":"` + starter + `"}`, 422, "VALIDATION_ERROR", "plan_id"},
		{"upgrade too dear", upgrade, `{"plan_id":"` + business + `","max_price":"129.89"}`, 409, "PRICE_CHANGED", ""},
	}
	a := newAPI(t)
	orders, invoices := a.do("GET", "/orders?per_page=100", "").Body.String(), a.do("GET", "/account/invoices?per_page=100", "").Body.String()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := a.do("POST", tt.path, tt.body).expect(t, tt.status, tt.code)
			if tt.field != "" && len(r.body.Errors[tt.field]) == 0 {
				t.Errorf("no error of %s: %v", tt.field, r.body.Errors)
			}
		})
	}
	if a.do("GET", "/orders?per_page=100", "").Body.String() != orders || a.do("GET", "/account/invoices?per_page=100", "").Body.String() != invoices || len(a.Writes()) != 0 {
		t.Error("a refused purchase left something behind")
	}
}

// TestPurchase follows each kind of purchase from its order to its delivery.
func TestPurchase(t *testing.T) {
	type state struct{ item, order string }
	domainState := func(name string) func(*api) state {
		return func(a *api) state {
			d := a.domain(name)
			return state{d.Status + " " + day10(d.ExpiresAt), ""}
		}
	}
	serviceState := func(id string) func(*api) state {
		return func(a *api) state {
			if id == "" { // the youngest
				all := get[[]sandbox.Service](a, "/hosting?per_page=100")
				id = all[len(all)-1].ID
			}
			s := a.service(id)
			return state{s.Status + " " + s.Plan.Name + " " + s.BillingCycle + " " + s.Amount.String() + " " + day10(s.NextDueAt), ""}
		}
	}
	tests := []struct {
		name, path, body string
		total, gross     string
		look             func(*api) state
		before, paid     string
	}{
		{"register", "/domains", `{"domain":"New.com","years":2,"max_price":"25.98"}`, "25.98", "31.18", domainState("new.com"), "pending -", "active 2032-01-02"},
		{"register premium", "/domains", `{"domain":"premium.net","years":1}`, "299.80", "359.76", domainState("premium.net"), "pending -", "active 2031-01-02"},
		{"register a cancelled one", "/domains", `{"domain":"kettle.example","years":1}`, "9.99", "11.99", domainState("kettle.example"), "pending -", "active 2031-01-02"},
		{"renew active", "/domains/example.com/renew", `{"years":3}`, "44.97", "53.96", domainState("example.com"), "active 2030-08-15", "active 2033-08-15"},
		{"renew expired", "/domains/autumn.example/renew", `{"years":1}`, "9.99", "11.99", domainState("autumn.example"), "expired 2029-12-23", "active 2030-12-23"},
		{"renew redemption", "/domains/candle.example/renew", `{"years":1}`, "9.99", "11.99", domainState("candle.example"), "redemption 2029-11-13", "active 2030-11-13"},
		{"transfer", "/domains/transfers", `{"domain":"moving.com","auth_code":"sample"}`, "10.99", "13.19", domainState("moving.com"), "pending_transfer -", "pending_transfer -"},
		{"transfer back", "/domains/transfers", `{"domain":"island.example","auth_code":"sample"}`, "8.99", "10.79", domainState("island.example"), "pending_transfer -", "pending_transfer -"},
		{"provision", "/hosting", `{"plan_id":"` + starter + `","domain":"new.com","billing_cycle":"quarterly"}`, "17.97", "21.56", serviceState(""), "pending Starter quarterly 17.97 -", "active Starter quarterly 17.97 2030-04-02"},
		{"renew service", "/hosting/" + activeSvc + "/renew", ``, "59.90", "71.88", serviceState(activeSvc), "active Starter annual 59.90 2030-11-28", "active Starter annual 59.90 2031-11-28"},
		{"upgrade", "/hosting/" + activeSvc + "/upgrade", `{"plan_id":"` + business + `"}`, "129.90", "155.88", serviceState(activeSvc), "active Starter annual 59.90 2030-11-28", "active Business annual 129.90 2031-01-02"},
		{"change the cycle", "/hosting/" + activeSvc + "/upgrade", `{"plan_id":"` + starter + `","billing_cycle":"monthly"}`, "5.99", "7.19", serviceState(activeSvc), "active Starter annual 59.90 2030-11-28", "active Starter monthly 5.99 2030-02-02"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAPI(t)
			p := a.buy(tt.path, tt.body)
			inv := p.Invoice
			if p.Order.Status != "pending" || p.Order.Total.String() != tt.total || !slices.Equal(p.Order.InvoiceIDs, []string{inv.ID}) {
				t.Errorf("order %+v", p.Order)
			}
			if inv.Type != "proforma" || inv.Status != "unpaid" || !strings.HasPrefix(inv.Number, "PI-2030-") || !inv.DueAt.Equal(start.AddDate(0, 0, 14)) || inv.PaymentURL == nil {
				t.Errorf("invoice %+v", inv)
			}
			if inv.Subtotal.String() != tt.total || inv.Total.String() != tt.gross || inv.BalanceDue != inv.Total || inv.AmountPaid != 0 {
				t.Errorf("invoice over %s, %s, due %s", inv.Subtotal, inv.Total, inv.BalanceDue)
			}
			if w := a.Writes(); len(w) != 1 || w[0].Object != p.Order.ID {
				t.Errorf("writes %+v", w)
			}
			if got := tt.look(a).item; got != tt.before {
				t.Errorf("before the payment %q, want %q", got, tt.before)
			}
			a.pay(p)
			if got := tt.look(a).item; got != tt.paid {
				t.Errorf("after the payment %q, want %q", got, tt.paid)
			}
			o := a.order(p)
			if o.Status != "active" || len(o.InvoiceIDs) != 2 || o.InvoiceIDs[0] != inv.ID {
				t.Fatalf("order %+v", o)
			}
			paid, tax := a.invoice(inv.ID), a.invoice(o.InvoiceIDs[1])
			if paid.Type != "proforma" || paid.Status != "paid" || paid.PaidAt == nil || paid.BalanceDue != 0 || paid.AmountPaid != inv.Total {
				t.Errorf("proforma %+v", paid)
			}
			if tax.Type != "tax" || tax.Status != "paid" || !strings.HasPrefix(tax.Number, "INV-2030-") || len(tax.Taxes) != 1 || tax.Taxes[0].Rate != "20" || tax.TaxTotal != inv.Total-inv.Subtotal {
				t.Errorf("tax invoice %+v", tax)
			}
			if err := a.PayInvoice(inv.ID); err == nil {
				t.Error("it could be paid twice")
			}
		})
	}
}

func day10(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(time.DateOnly)
}

func TestPurchaseNamesItsItem(t *testing.T) {
	a := newAPI(t)
	r := a.buy("/domains", `{"domain":"new.com","years":1,"nameservers":["ns1.example.net","ns2.example.net"],"contacts":{"registrant":"con_7d31e0b4"},"auto_renew":false,"whois_privacy":true}`)
	if d := r.Domain; d == nil || r.Transfer != nil || r.Service != nil || d.AutoRenew || !d.WhoisPrivacy || d.UsesProviderDNS || d.Contacts.Billing != "con_7d31e0b4" {
		t.Errorf("%+v", r)
	}
	tr := a.buy("/domains/transfers", `{"domain":"moving.com","auth_code":"sample"}`)
	if tr.Domain != nil || tr.Transfer == nil || tr.Transfer.Status != "pending_payment" {
		t.Errorf("%+v", tr)
	}
	s := a.buy("/hosting", `{"plan_id":"`+starter+`","billing_cycle":"annual"}`)
	if s.Service == nil || s.Domain != nil || s.Service.Usage != nil || s.Service.Server == nil {
		t.Errorf("%+v", s)
	}
	usage := get[sandbox.Usage](a, "/hosting/"+s.Service.ID+"/usage")
	if usage.Disk.Limit == nil || *usage.Disk.Limit != 10<<30 || usage.Disk.Used != 0 {
		t.Errorf("%+v", usage)
	}
}

func TestOverdueStopsPurchases(t *testing.T) {
	a := newAPI(t)
	a.Update(func(st *sandbox.State) { st.Invoice("inv_9b72e4c8").Disputed = false })
	a.do("POST", "/domains", `{"domain":"new.com","years":1,"max_price":"1"}`).expect(t, 402, "PAYMENT_REQUIRED")
	a.do("POST", "/domains", `{"domain":"new.com","years":0}`).expect(t, 422, "VALIDATION_ERROR")
	if err := a.PayInvoice("inv_9b72e4c8"); err != nil {
		t.Fatal(err)
	}
	if s := a.service(lateSvc); s.Status != "active" || s.SuspensionReason != nil || !s.NextDueAt.After(a.now) {
		t.Errorf("not reactivated: %+v", s)
	}
	a.do("POST", "/domains", `{"domain":"new.com","years":1}`).expect(t, 202, "")
}

func TestSecondRenewalWaits(t *testing.T) {
	for _, path := range []string{"/domains/example.com/renew", "/hosting/" + activeSvc + "/renew"} {
		a := newAPI(t)
		p := a.buy(path, `{"years":1}`)
		a.do("POST", path, `{"years":1}`).expect(t, 409, "CONFLICT")
		a.pay(p)
		a.do("POST", path, `{"years":1}`).expect(t, 202, "")
		a.after(14 * day)
		a.do("POST", path, `{"years":1}`).expect(t, 202, "")
	}
}

// TestUnpaidLapses lets the due date of a purchase pass.
func TestUnpaidLapses(t *testing.T) {
	a := newAPI(t)
	name := a.buy("/domains", `{"domain":"new.com","years":1}`)
	moving := a.buy("/domains/transfers", `{"domain":"moving.com","auth_code":"sample"}`)
	site := a.buy("/hosting", `{"plan_id":"`+starter+`","billing_cycle":"annual"}`)
	renewal := a.buy("/domains/example.com/renew", `{"years":1}`)
	a.after(14*day - time.Second)
	if o := a.order(name); o.Status != "pending" {
		t.Fatalf("too early: %+v", o)
	}
	a.after(time.Second)
	for _, p := range []purchase{name, moving, site, renewal} {
		if o, inv := a.order(p), a.invoice(p.Invoice.ID); o.Status != "cancelled" || inv.Status != "cancelled" || inv.BalanceDue != 0 {
			t.Errorf("order %s, invoice %s", o.Status, inv.Status)
		}
		if err := a.PayInvoice(p.Invoice.ID); err == nil {
			t.Error("it could still be paid")
		}
	}
	for name, want := range map[string]string{"new.com": "cancelled", "moving.com": "cancelled", "example.com": "active"} {
		if d := a.domain(name); d.Status != want {
			t.Errorf("%s is %s, want %s", name, d.Status, want)
		}
	}
	if tr := get[sandbox.Transfer](a, "/domains/moving.com/transfer"); tr.Status != "cancelled" || tr.Reason == nil {
		t.Errorf("%+v", tr)
	}
	if s := a.service(site.Service.ID); s.Status != "cancelled" {
		t.Errorf("%+v", s)
	}
	a.buy("/domains", `{"domain":"new.com","years":1}`)
	a.buy("/domains/transfers", `{"domain":"moving.com","auth_code":"sample"}`)
}

func TestReviewAndActivation(t *testing.T) {
	both := []sandbox.Option{sandbox.WithFraudReview(), sandbox.WithManualActivation()}
	review := func(ok bool) func(*api, string) error {
		return func(a *api, id string) error { return a.ReviewOrder(id, ok) }
	}
	activate := func(a *api, id string) error { return a.ActivateOrder(id) }
	tests := []struct {
		name    string
		options []sandbox.Option
		steps   []func(*api, string) error
		fails   bool // the last step
		want    string
	}{
		{"waits for its review", both[:1], nil, false, "pending pending paid"},
		{"passes", both[:1], []func(*api, string) error{review(true)}, false, "active active paid"},
		{"is fraud", both[:1], []func(*api, string) error{review(false)}, false, "fraud cancelled refunded"},
		{"waits for activation", both[1:], nil, false, "pending pending paid"},
		{"is activated", both[1:], []func(*api, string) error{activate}, false, "active active paid"},
		{"passes and waits", both, []func(*api, string) error{review(true)}, false, "pending pending paid"},
		{"passes and is activated", both, []func(*api, string) error{review(true), activate}, false, "active active paid"},
		{"activation before review", both, []func(*api, string) error{activate}, true, "pending pending paid"},
		{"review twice", both, []func(*api, string) error{review(true), review(true)}, true, "pending pending paid"},
		{"activation twice", nil, []func(*api, string) error{activate}, true, "active active paid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAPI(t, tt.options...)
			p := a.buy("/domains", `{"domain":"new.com","years":1}`)
			if a.ReviewOrder(p.Order.ID, true) == nil || a.ActivateOrder(p.Order.ID) == nil || a.ActivateOrder("ord_none") == nil || a.PayInvoice("inv_none") == nil {
				t.Error("an unpaid or unknown order went on")
			}
			a.pay(p)
			for i, step := range tt.steps {
				if err := step(a, p.Order.ID); (err != nil) != (tt.fails && i == len(tt.steps)-1) {
					t.Errorf("step %d: %v", i, err)
				}
			}
			a.after(20 * day) // a paid order does not lapse
			got := a.order(p).Status + " " + a.domain("new.com").Status + " " + a.invoice(p.Invoice.ID).Status
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTransferTakesItsTime(t *testing.T) {
	steps := []struct {
		after           time.Duration
		right, wrong    string
		domain, domain2 string
	}{
		{0, "pending_approval", "pending_approval", "pending_transfer", "pending_transfer"},
		{time.Hour - time.Second, "pending_approval", "pending_approval", "pending_transfer", "pending_transfer"},
		{time.Second, "in_progress", "failed", "pending_transfer", "cancelled"},
		{5*day - time.Second, "in_progress", "failed", "pending_transfer", "cancelled"},
		{time.Second, "completed", "failed", "active", "cancelled"},
	}
	a := newAPI(t)
	right := a.buy("/domains/transfers", `{"domain":"moving.com","auth_code":"sample"}`)
	wrong := a.buy("/domains/transfers", `{"domain":"moving.net","auth_code":"wrong-code"}`)
	a.pay(right)
	a.pay(wrong)
	for i, step := range steps {
		a.after(step.after)
		for name, want := range map[string]string{"moving.com": step.right + " " + step.domain, "moving.net": step.wrong + " " + step.domain2} {
			if got := get[sandbox.Transfer](a, "/domains/"+name+"/transfer").Status + " " + a.domain(name).Status; got != want {
				t.Errorf("step %d: %s is %q, want %q", i, name, got, want)
			}
		}
	}
	if o, inv := a.order(wrong), a.invoice(wrong.Invoice.ID); o.Status != "cancelled" || inv.Status != "refunded" {
		t.Errorf("order %s, invoice %s", o.Status, inv.Status)
	}
	if d := a.domain("moving.com"); d.ExpiresAt == nil || !d.Locked {
		t.Errorf("%+v", d)
	}
	a.do("POST", "/domains/moving.com/auth-code", "").expect(t, 409, "DOMAIN_STATE_PROHIBITS")
	a.do("GET", "/domains/example.com/transfer", "").expect(t, 404, "NOT_FOUND")
	a.buy("/domains/transfers", `{"domain":"moving.net","auth_code":"sample"}`) // after the failure
}

// TestClock lets the time pass in one leap and in many steps: the end is one.
func TestClock(t *testing.T) {
	whole, steps := newAPI(t), newAPI(t)
	whole.after(400 * day)
	for range 400 {
		steps.after(day)
		steps.do("GET", "/account/profile", "")
		if h := steps.do("GET", "/account/profile", ""); h.Code != 200 {
			t.Fatal(h.Body)
		}
	}
	for _, path := range []string{"/domains?per_page=100", "/hosting?per_page=100", "/domains/alpha.example", "/domains/delta.example/transfer", "/hosting/" + activeSvc} {
		if one, two := whole.do("GET", path, "").body.Data, steps.do("GET", path, "").body.Data; string(one) != string(two) {
			t.Errorf("%s:\n%s\n%s", path, one, two)
		}
	}
}

func TestDomainsExpire(t *testing.T) {
	a := newAPI(t)
	for _, step := range []struct {
		days int
		want string
	}{{29, "active"}, {30, "expired"}, {59, "expired"}, {60, "redemption"}, {89, "redemption"}, {90, "pending_delete"}, {300, "pending_delete"}} {
		a.now = start.AddDate(0, 0, step.days)
		if got := a.domain("alpha.example").Status; got != step.want {
			t.Errorf("day %d: %s, want %s", step.days, got, step.want)
		}
	}
}

func TestServiceIsSuspendedAndReactivated(t *testing.T) {
	a := newAPI(t)
	due := *a.service(activeSvc).NextDueAt
	a.now = due.Add(-time.Second)
	if s := a.service(activeSvc); s.Status != "active" {
		t.Fatalf("%+v", s)
	}
	a.now = due
	if s := a.service(activeSvc); s.Status != "suspended" || s.SuspensionReason == nil {
		t.Fatalf("%+v", s)
	}
	a.do("POST", "/hosting/"+activeSvc+"/password", "").expect(t, 409, "CONFLICT")
	a.pay(a.buy("/hosting/"+activeSvc+"/renew", ""))
	if s := a.service(activeSvc); s.Status != "active" || s.SuspensionReason != nil || !s.NextDueAt.Equal(due.AddDate(1, 0, 0)) {
		t.Errorf("%+v", s)
	}
}

func TestOrdersOfOneToken(t *testing.T) {
	a := newAPI(t)
	buyer, other := a.mint("domains:write"), a.mint("domains:write", "dns:read")
	if list := get[[]sandbox.Order](buyer, "/orders"); len(list) != 0 {
		t.Errorf("orders of others: %+v", list)
	}
	p := buyer.buy("/domains", `{"domain":"new.com","years":1}`)
	r := buyer.do("GET", "/orders", "")
	if list := decode[[]sandbox.Order](t, r); len(list) != 1 || r.body.Meta.Pagination["total"] != 1 || list[0].ID != p.Order.ID || list[0].PlacedBy != "" {
		t.Errorf("%+v", list)
	}
	if list := get[[]sandbox.Order](buyer, "/orders?status=fraud"); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	buyer.do("GET", "/orders/"+p.Order.ID, "").expect(t, 200, "")
	buyer.do("GET", "/orders/ord_1f6c20b7", "").expect(t, 403, "INSUFFICIENT_PERMISSIONS")
	buyer.do("GET", "/orders/ord_none", "").expect(t, 403, "INSUFFICIENT_PERMISSIONS")
	other.do("GET", "/orders/"+p.Order.ID, "").expect(t, 403, "INSUFFICIENT_PERMISSIONS")
	if r := other.do("GET", "/orders?status=pending", "").expect(t, 200, ""); len(decode[[]sandbox.Order](t, r)) != 0 || r.body.Meta.Pagination["total"] != 0 {
		t.Errorf("orders of another token: %s", r.Body)
	}
	buyer.do("GET", "/account/invoices/"+p.Invoice.ID, "").expect(t, 403, "INSUFFICIENT_PERMISSIONS")
	a.do("GET", "/orders/ord_none", "").expect(t, 404, "NOT_FOUND")
	reader := a.mint("account:read")
	if list := get[[]sandbox.Order](reader, "/orders?per_page=100"); len(list) != 8 {
		t.Errorf("%d orders", len(list))
	}
}

func TestPurchaseIsReplayed(t *testing.T) {
	a := newAPI(t)
	first := a.do("POST", "/domains", `{"domain":"new.com","years":1}`, "Idempotency-Key", "k").expect(t, 202, "")
	again := a.do("POST", "/domains", `{"domain":"new.com","years":1}`, "Idempotency-Key", "k").expect(t, 202, "")
	if first.Body.String() != again.Body.String() || again.Header().Get("Idempotent-Replayed") != "true" || len(a.Writes()) != 1 {
		t.Error("bought twice")
	}
}

func TestAvailability(t *testing.T) {
	type row struct {
		Domain    string
		Available bool
		Premium   bool
		Prices    *struct{ Register, Renew, Transfer string }
		Currency  *string
		Reason    *string
	}
	a := newAPI(t)
	names := []string{"zeta.com", "example.com", "taken.net", "premium-x.org", "new.invalid", "kettle.example", "ZETA.com", "a.b.com"}
	want := []string{
		"zeta.com true false 12.99 14.99 10.99 -",
		"example.com false false 12.99 14.99 10.99 in this account",
		"taken.net false false 14.99 16.99 12.99 registered",
		"premium-x.org true true 239.80 279.80 239.80 -",
		"new.invalid false false - not offered",
		"kettle.example true false 9.99 9.99 8.99 -",
		"zeta.com true false 12.99 14.99 10.99 -",
		"a.b.com false false - not offered",
	}
	got := get[[]row](a, "/domains/availability?domain="+strings.Join(names, "&domain=")+"&domain=")
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, r := range got {
		text := fmt.Sprint(r.Domain, " ", r.Available, " ", r.Premium, " ")
		if r.Prices != nil {
			text += r.Prices.Register + " " + r.Prices.Renew + " " + r.Prices.Transfer + " "
		} else {
			text += "- "
		}
		if r.Reason != nil {
			text += *r.Reason
		} else {
			text += "-"
		}
		if text != want[i] || (r.Currency == nil) != (r.Prices == nil) {
			t.Errorf("got  %s\nwant %s", text, want[i])
		}
	}
	for query, status := range map[string]int{
		"": 400, "?domain=": 400, "?domain=a%20b": 400, "?domain=b%C3%BCcher.com": 400,
		"?" + strings.Repeat("domain=a.com&", 50): 200, "?" + strings.Repeat("domain=a.com&", 51): 400,
	} {
		if r := a.do("GET", "/domains/availability"+query, ""); r.Code != status {
			t.Errorf("%.40s: %d, want %d", query, r.Code, status)
		}
	}
}

// TestPaymentOverHTTP pays as "hoster sandbox pay" does.
func TestPaymentOverHTTP(t *testing.T) {
	a := newAPI(t)
	p := a.buy("/domains", `{"domain":"new.com","years":1}`)
	before := len(a.Requests())
	for _, tt := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/_sandbox/invoices/" + p.Invoice.ID + "/pay", 405, "METHOD_NOT_ALLOWED"},
		{"POST", "/_sandbox/invoices/inv_none/pay", 404, "NOT_FOUND"},
		{"POST", "/_sandbox/invoices/" + p.Invoice.ID + "/pay", 200, ""},
		{"POST", "/_sandbox/invoices/" + p.Invoice.ID + "/pay", 409, "CONFLICT"},
	} {
		a.send(httptest.NewRequest(tt.method, tt.path, nil)).expect(t, tt.status, tt.code)
	}
	if len(a.Requests()) != before || a.domain("new.com").Status != "active" {
		t.Error("it was recorded, or did nothing")
	}
}

// TestSeededTransfersWithoutOrders go on as well, and bring their domain.
func TestSeededTransfersWithoutOrders(t *testing.T) {
	a := newAPI(t, sandbox.WithSeed(sandbox.Seed{
		Domains: []sandbox.Domain{{Name: "moving.org", Status: "pending_transfer"}},
		Transfers: []sandbox.Transfer{
			{Domain: "moving.com", Status: "in_progress"},
			{Domain: "moving.org", Status: "pending_approval", WrongCode: true},
		},
	}))
	a.after(5 * day)
	if d := a.domain("moving.com"); d.Status != "active" || d.ExpiresAt == nil {
		t.Errorf("%+v", d)
	}
	if d, tr := a.domain("moving.org"), get[sandbox.Transfer](a, "/domains/moving.org/transfer"); d.Status != "cancelled" || tr.Status != "failed" {
		t.Errorf("%+v %+v", d, tr)
	}
}

// TestTermsEndWithTheMonth finds the last day of a shorter month.
func TestTermsEndWithTheMonth(t *testing.T) {
	a := newAPI(t)
	a.now = time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC)
	p := a.buy("/hosting", `{"plan_id":"`+starter+`","billing_cycle":"monthly"}`)
	a.pay(p)
	if s := a.service(p.Service.ID); day10(s.NextDueAt) != "2030-02-28" {
		t.Errorf("%+v", s)
	}
}

// TestInvoicesBecomeOverdue: without an order nothing lapses.
func TestInvoicesBecomeOverdue(t *testing.T) {
	a := newAPI(t, sandbox.WithSeed(sandbox.Seed{Invoices: []sandbox.Invoice{{ID: "inv_01", Total: 1200, BalanceDue: 1200}}}))
	a.do("POST", "/domains", `{"domain":"new.com","years":1}`).expect(t, 202, "")
	a.after(14 * day)
	if inv := a.invoice("inv_01"); inv.Status != "overdue" {
		t.Errorf("%+v", inv)
	}
	a.do("POST", "/domains", `{"domain":"new.com","years":1}`).expect(t, 402, "PAYMENT_REQUIRED")
	if err := a.PayInvoice("inv_01"); err != nil {
		t.Fatal(err)
	}
	a.do("POST", "/domains", `{"domain":"new.com","years":1}`).expect(t, 202, "")
}
