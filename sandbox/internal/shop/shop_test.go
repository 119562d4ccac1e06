package shop

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// domains notes what is asked of it.
type domains struct {
	asked []string
	gone  bool // there is no domain to deliver
}

func (d *domains) note(format string, args ...any) {
	d.asked = append(d.asked, fmt.Sprintf(format, args...))
}

func (d *domains) Register(name string, years int, at time.Time) bool {
	d.note("register %s %d %s", name, years, at.Format(time.DateOnly))
	return !d.gone
}

func (d *domains) Renew(name string, years int, at time.Time) bool {
	d.note("renew %s %d %s", name, years, at.Format(time.DateOnly))
	return !d.gone
}

func (d *domains) GiveUp(name string, at time.Time) { d.note("give up %s", name) }

func (d *domains) Arrive(name string, at time.Time) {
	d.note("arrive %s %s", name, at.Format(time.DateOnly))
}

func open() (*Shop, *domains) {
	d := new(domains)
	books := Seed{}.Books()
	Settle(&books, start)
	return &Shop{Books: &books, Domains: d, Now: start}, d
}

// pass lets the time pass, and returns when something is due next.
func (s *Shop) pass(d time.Duration) time.Time {
	s.Now = s.Now.Add(d)
	clock := &Clock{Now: s.Now}
	s.Tick(clock)
	return clock.Next
}

const day = 24 * time.Hour

func register(s *Shop) *Sale {
	return s.SellDomain(Buyer{TokenID: "tok_1"}, "domain_registration", "a.com", 2, 2598, "USD", s.Now)
}

func statuses(s *Shop, sale *Sale) string {
	var words []string
	o := s.Order(sale.Order.ID)
	for _, id := range o.InvoiceIDs {
		inv := s.Invoice(id)
		words = append(words, inv.Type+" "+inv.Status)
	}
	return o.Status + ": " + strings.Join(words, ", ")
}

func TestPayment(t *testing.T) {
	for _, test := range []struct {
		review, manual, gone bool
		then                 func(*Shop, string) error
		want, asked          string
	}{
		{want: "active: proforma paid, tax paid", asked: "register a.com 2 2026-01-31"},
		{gone: true, want: "cancelled: proforma refunded, tax refunded", asked: "register a.com 2 2026-01-31; give up a.com"},
		{review: true, want: "pending: proforma paid, tax paid"},
		{review: true, then: func(s *Shop, id string) error { return s.EndReview(id, true) }, want: "active: proforma paid, tax paid", asked: "register a.com 2 2026-01-31"},
		{review: true, then: func(s *Shop, id string) error { return s.EndReview(id, false) }, want: "fraud: proforma refunded, tax refunded", asked: "give up a.com"},
		{manual: true, then: (*Shop).Activate, want: "active: proforma paid, tax paid", asked: "register a.com 2 2026-01-31"},
		{review: true, manual: true, then: func(s *Shop, id string) error {
			if s.Activate(id) == nil {
				return errors.New("activated before its review")
			}
			if err := s.EndReview(id, true); err != nil {
				return err
			}
			if s.EndReview(id, true) == nil {
				return errors.New("reviewed twice")
			}
			return nil
		}, want: "pending: proforma paid, tax paid"},
	} {
		s, d := open()
		s.Review, s.Manual, d.gone = test.review, test.manual, test.gone
		sale := register(s)
		before := *sale.Invoice
		if err := s.Activate(sale.Order.ID); err == nil {
			t.Error("an unpaid order is activated")
		}
		if err := s.Pay(sale.Invoice.ID); err != nil {
			t.Fatal(err)
		}
		if sale.Invoice.Status != before.Status {
			t.Error("payment changes an invoice in place")
		}
		if test.then != nil {
			if err := test.then(s, sale.Order.ID); err != nil {
				t.Error(err)
			}
		}
		if got := statuses(s, sale); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
		if got := strings.Join(d.asked, "; "); got != test.asked {
			t.Errorf("asked of the domains: %s, not %s", got, test.asked)
		}
		if err := s.Pay(sale.Invoice.ID); err == nil {
			t.Error("an invoice is paid twice")
		}
	}
	s, _ := open()
	if err := s.Pay("inv_none"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestInvoice(t *testing.T) {
	s, _ := open()
	first, second := register(s), register(s)
	inv := first.Invoice
	if inv.Subtotal != 2598 || inv.TaxTotal != 520 || inv.Total != 3118 || inv.BalanceDue != 3118 || inv.PaymentURL == nil {
		t.Errorf("%+v", inv)
	}
	if inv.Number != "PI-2026-0001" || second.Invoice.Number != "PI-2026-0002" || second.Order.Number != "1002" {
		t.Error(inv.Number, second.Invoice.Number, second.Order.Number)
	}
	if end := *inv.Items[0].PeriodEnd; end.Format(time.DateOnly) != "2028-01-31" {
		t.Error("the term ends", end)
	}
}

func TestUnpaidLapses(t *testing.T) {
	s, d := open()
	sale := register(s)
	if refused := s.Unordered("a.com", ""); refused == nil || refused.Code != "CONFLICT" {
		t.Errorf("a second order is answered %v", refused)
	}
	if next := s.pass(14*day - time.Second); !next.Equal(start.Add(14 * day)) {
		t.Error("the next change is at", next)
	}
	if got := statuses(s, sale); got != "pending: proforma unpaid" {
		t.Error(got)
	}
	s.pass(time.Second)
	if got := statuses(s, sale); got != "cancelled: proforma cancelled" || len(d.asked) != 1 {
		t.Error(got, d.asked)
	}
	if s.Unordered("a.com", "") != nil {
		t.Error("the lapsed order is open still")
	}
}

func TestNextChangeIsTheEarliest(t *testing.T) {
	s, _ := open()
	for _, due := range []time.Duration{3 * day, day, 2 * day} {
		s.Invoices = append(s.Invoices, &Invoice{Status: "unpaid", DueAt: start.Add(due)})
	}
	if next := s.pass(0); !next.Equal(start.Add(day)) {
		t.Error("the next change is at", next)
	}
}

func TestRenewalOfALongSuspendedService(t *testing.T) {
	s, _ := open()
	s.Services = append(s.Services, &Service{ID: "svc_1", Status: "suspended", BillingCycle: "monthly", NextDueAt: new(start.AddDate(0, -5, 0)), Currency: "USD"})
	sale, refused := s.RenewService(Buyer{}, s.Services[0])
	if refused != nil {
		t.Fatal(refused)
	}
	if err := s.Pay(sale.Invoice.ID); err != nil {
		t.Fatal(err)
	}
	if next := s.Service("svc_1").NextDueAt; !next.Equal(AddMonths(start, 1)) {
		t.Error("the new term ends", next)
	}
}

func TestOverdueStopsPurchases(t *testing.T) {
	s, _ := open()
	s.Invoices = append(s.Invoices, &Invoice{ID: "inv_1", Type: "tax", Status: "unpaid", DueAt: start})
	s.pass(0)
	if refused := s.Solvent(); refused == nil || refused.Code != "PAYMENT_REQUIRED" {
		t.Errorf("an overdue invoice: %v", refused)
	}
	s.changeInvoice(s.Invoices[0], func(inv *Invoice) { inv.Disputed = true })
	if s.Solvent() != nil {
		t.Error("a disputed invoice stops purchases")
	}
}

func TestMost(t *testing.T) {
	for most, refused := range map[Money]bool{999: true, 1000: false, 1001: false} {
		if got := (Buyer{Most: &most}).Affords(1000, "USD"); (got != nil) != refused {
			t.Errorf("at most %v: %v", most, got)
		}
	}
	if (Buyer{}).Affords(1000, "USD") != nil {
		t.Error("any price is too much")
	}
}

func TestServiceOfItsLife(t *testing.T) {
	s, _ := open()
	starter, business := s.Plans[0], s.Plans[1]
	sale, refused := s.Provision(Buyer{}, starter, PriceOf(starter, "monthly"), nil)
	if refused != nil {
		t.Fatal(refused)
	}
	id := sale.Service.ID
	status := func() string {
		service := s.Service(id)
		text := service.Status + " " + service.Plan.Name
		if service.NextDueAt != nil {
			text += " " + service.NextDueAt.Format(time.DateOnly)
		}
		return text
	}
	pay := func(sale *Sale, refused *Refusal) {
		t.Helper()
		if refused != nil {
			t.Fatal(refused)
		}
		if err := s.Pay(sale.Invoice.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, refused := s.RenewService(Buyer{}, s.Service(id)); refused == nil {
		t.Error("a pending service is renewed")
	}
	pay(sale, nil)
	if got := status(); got != "active Starter 2026-02-28" {
		t.Error(got)
	}
	pay(s.RenewService(Buyer{}, s.Service(id)))
	if got := status(); got != "active Starter 2026-03-28" {
		t.Error(got)
	}
	s.pass(60 * day)
	if got := status(); got != "suspended Starter 2026-03-28" {
		t.Error(got)
	}
	pay(s.UpgradeService(Buyer{}, s.Service(id), business, PriceOf(business, "annual")))
	if got := status(); got != "active Business 2027-04-01" {
		t.Error(got)
	}
	if usage := s.Service(id).Usage; *usage.Disk.Limit != *business.DiskLimit {
		t.Error("the limits are those of the old plan")
	}
	if service, changed := s.CancelService(s.Service(id), true, "moved"); !changed || service.Status != "active" {
		t.Errorf("%t, %+v", changed, service)
	}
	if _, changed := s.CancelService(s.Service(id), true, "moved"); changed {
		t.Error("the same cancellation is a change")
	}
	s.pass(365 * day)
	if got := status(); got != "cancelled Business" {
		t.Error(got)
	}
}

func TestTransfers(t *testing.T) {
	for _, test := range []struct {
		wrong               bool
		order, status, last string
	}{
		{false, "active: proforma paid, tax paid", "completed", "arrive b.com 2026-02-05"},
		{true, "cancelled: proforma refunded, tax refunded", "failed", "give up b.com"},
	} {
		s, d := open()
		sale, _ := s.BeginTransfer(Buyer{}, "b.com", s.Offer("b.com"), test.wrong)
		s.pass(day)
		if got := s.Transfer("b.com"); got.Status != "pending_payment" || !s.Transferring("b.com") {
			t.Errorf("before the payment: %+v", got)
		}
		s.Now = start
		if err := s.Pay(sale.Invoice.ID); err != nil {
			t.Fatal(err)
		}
		if next := s.pass(0); !next.Equal(start.Add(time.Hour)) {
			t.Error("the next change is at", next)
		}
		s.pass(10 * day)
		if got := s.Transfer("b.com"); got.Status != test.status || s.Transferring("b.com") {
			t.Errorf("wrong code %t: %+v", test.wrong, got)
		}
		if got := statuses(s, sale); got != test.order {
			t.Errorf("wrong code %t: %s", test.wrong, got)
		}
		if got := d.asked[len(d.asked)-1]; got != test.last {
			t.Errorf("wrong code %t: %s", test.wrong, got)
		}
	}
}

func TestOffers(t *testing.T) {
	s, _ := open()
	for name, want := range map[string]Money{"a.com": 1299, "premium.com": 25980, "a.b.com": 0, "a.unknown": 0, "com": 0} {
		offer := s.Offer(name)
		if (offer == nil) != (want == 0) || offer != nil && offer.Register != want {
			t.Errorf("%s: %+v", name, offer)
		}
	}
}

func TestMoney(t *testing.T) {
	for text, want := range map[string]string{"12.99": "12.99", "12": "12.00", "0.5": "0.50", "1.999": "!", "-1": "!", "": "!", ".5": "!", "1.": "!", "1e3": "!", "99999999999999999999": "!"} {
		var m Money
		err := m.UnmarshalText([]byte(text))
		if (err != nil) != (want == "!") || err == nil && m.String() != want {
			t.Errorf("%q: %v, %v", text, m, err)
		}
	}
	if most, ok := AtMost("12.999"); !ok || most != 1299 {
		t.Error("at most 12.999 is", most)
	}
	if Money(-5).String() != "-0.05" || Money(102).tax() != 20 || Money(103).tax() != 21 {
		t.Error("amounts are wrong")
	}
}

func TestAddMonths(t *testing.T) {
	for months, want := range map[int]string{1: "2026-02-28", 2: "2026-03-31", 13: "2027-02-28", -12: "2025-01-31", 25: "2028-02-29"} {
		if got := AddMonths(start, months).Format(time.DateOnly); got != want {
			t.Errorf("%d months: %s", months, got)
		}
	}
}

func TestDefaultSeed(t *testing.T) {
	seed := DefaultSeed(start)
	seed.Check(func(field, problem string) { t.Errorf("%s %s", field, problem) })
	bad := Seed{
		Invoices:  []Invoice{{Type: "x", Currency: "usd", Taxes: []TaxLine{{Rate: "a"}}}},
		Orders:    []Order{{ID: "ord_1"}, {ID: "ord_1", Status: "x", Items: []OrderItem{{Type: "x"}}}},
		Services:  []Service{{Usage: &Usage{Disk: Quota{Used: -1}}}},
		Plans:     []Plan{{Prices: []PlanPrice{{BillingCycle: "x"}}}},
		Prices:    []TLDPrice{{TLD: "COM"}},
		Transfers: []Transfer{{Domain: "a.com"}, {Domain: "a.com", Status: "x"}},
		Taken:     []string{"a..b"},
	}
	var fields []string
	bad.Check(func(field, _ string) { fields = append(fields, field) })
	want := "invoices[0].type invoices[0].currency invoices[0].taxes[0].rate orders[1].id orders[1].status orders[1].items[0].type " +
		"services[0].name services[0].plan.id services[0].usage.disk.used plans[0].name plans[0].prices[0].billing_cycle " +
		"prices[0].tld transfers[1].domain transfers[1].status taken[0]"
	if got := strings.Join(fields, " "); got != want {
		t.Errorf("wrong are %s", got)
	}
}

func TestForkAndClone(t *testing.T) {
	s, _ := open()
	sale := register(s)
	fork, clone := Fork(s.Books), Clone(s.Books)
	if err := s.Pay(sale.Invoice.ID); err != nil {
		t.Fatal(err)
	}
	s.Plans[0].Prices[0].Amount, s.Order(sale.Order.ID).Items[0].Description = 1, "changed"
	if fork.Order(sale.Order.ID).Status != "pending" || len(fork.Invoices) != 1 {
		t.Error("a write shows in the fork")
	}
	if clone.Plans[0].Prices[0].Amount == 1 || clone.Order(sale.Order.ID).Items[0].Description == "changed" {
		t.Error("a change in place shows in the clone")
	}
}
