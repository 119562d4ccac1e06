// Package shop sells: it takes orders, writes invoices, delivers what is paid
// and lets the time pass over all of that.
package shop

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// Shop sells from the books at one moment. It never changes an object that the
// books hold but puts a changed copy in its place.
type Shop struct {
	*Books
	Domains Domains
	Now     time.Time

	Review bool // paid orders wait for their fraud review
	Manual bool // paid orders wait for their activation by hand, after the review
}

// Domains is what the shop asks of the domains that it sells.
type Domains interface {
	// Register makes the domain active for so many years from at.
	Register(name string, years int, at time.Time) bool
	// Renew makes the domain active for so many more years. Both report whether
	// there is such a domain still.
	Renew(name string, years int, at time.Time) bool
	// GiveUp cancels a domain that waits for its registration or its transfer.
	GiveUp(name string, at time.Time)
	// Arrive ends the transfer of a domain into the account.
	Arrive(name string, at time.Time)
}

// Refusal says why something cannot be bought or done now.
type Refusal struct{ Code, Message string }

func conflict(format string, args ...any) *Refusal {
	return &Refusal{"CONFLICT", fmt.Sprintf(format, args...)}
}

// Sale is what a purchase makes.
type Sale struct {
	Order   *Order
	Invoice *Invoice
	Service *Service // that it is about, or nil
}

// Buyer is who buys, and at which price at most.
type Buyer struct {
	TokenID string
	Most    *Money // before tax; nil: at any price
}

// Solvent refuses a purchase while an invoice is overdue.
func (s *Shop) Solvent() *Refusal {
	if slices.ContainsFunc(s.Invoices, func(inv *Invoice) bool { return inv.Status == "overdue" && !inv.Disputed }) {
		return &Refusal{"PAYMENT_REQUIRED", "An invoice of the account is overdue."}
	}
	return nil
}

// Affords refuses a purchase that costs more than it may.
func (b Buyer) Affords(total Money, currency string) *Refusal {
	if b.Most == nil || total <= *b.Most {
		return nil
	}
	return &Refusal{"PRICE_CHANGED", "The price is " + total.String() + " " + currency + ", more than max_price."}
}

// Unordered refuses a purchase while another one of the same domain or service
// is open; "" is none.
func (s *Shop) Unordered(domain, service string) *Refusal {
	if slices.ContainsFunc(s.Orders, func(o *Order) bool { return o.concerns(domain, service) }) {
		return conflict("An order for this is still open.")
	}
	return nil
}

// SellDomain sells years of a domain, which begin at that time.
func (s *Shop) SellDomain(by Buyer, kind, name string, years int, total Money, currency string, from time.Time) *Sale {
	words := map[string]string{
		"domain_registration": ", registration for ", "domain_renewal": ", renewal for ", "domain_transfer": ", transfer with ",
	}
	return s.sell(by, OrderItem{
		Type: kind, Description: name + words[kind] + countYears(years),
		Domain: &name, Years: &years, Amount: total,
	}, currency, from, AddMonths(from, 12*years))
}

// Provision sells a new service.
func (s *Shop) Provision(by Buyer, plan *Plan, price *PlanPrice, domain *string) (*Sale, *Refusal) {
	if refused := s.Solvent(); refused != nil {
		return nil, refused
	}
	if refused := by.Affords(price.Amount, price.Currency); refused != nil {
		return nil, refused
	}
	service := s.newService(plan, price, domain)
	s.Services = append(s.Services, service)
	return s.sellService(by, "hosting", service, plan.ID, price, s.Now, service.describe(plan.Name, price.BillingCycle)), nil
}

// RenewService sells one more term of a service.
func (s *Shop) RenewService(by Buyer, service *Service) (*Sale, *Refusal) {
	price := &PlanPrice{service.BillingCycle, service.Amount, service.Currency}
	if refused := s.orderable(by, service, price); refused != nil {
		return nil, refused
	}
	from := s.Now
	if service.NextDueAt != nil {
		from = *service.NextDueAt
	}
	text := service.describe(service.Plan.Name, service.BillingCycle) + ", renewal"
	return s.sellService(by, "hosting_renewal", service, service.Plan.ID, price, from, text), nil
}

// UpgradeService sells another plan for a service.
func (s *Shop) UpgradeService(by Buyer, service *Service, plan *Plan, price *PlanPrice) (*Sale, *Refusal) {
	if refused := s.orderable(by, service, price); refused != nil {
		return nil, refused
	}
	text := service.describe(plan.Name, price.BillingCycle) + ", upgrade"
	return s.sellService(by, "hosting_upgrade", service, plan.ID, price, s.Now, text), nil
}

// orderable makes the checks of an order for a service that is there.
func (s *Shop) orderable(by Buyer, service *Service, price *PlanPrice) *Refusal {
	if refused := s.Solvent(); refused != nil {
		return refused
	}
	if refused := InState(service, "active", "suspended"); refused != nil {
		return refused
	}
	if refused := s.Unordered("", service.ID); refused != nil {
		return refused
	}
	return by.Affords(price.Amount, price.Currency)
}

func (s *Shop) sellService(by Buyer, kind string, service *Service, planID string, price *PlanPrice, from time.Time, text string) *Sale {
	item := OrderItem{
		Type: kind, Description: text, Domain: object.Copied(service.Domain),
		ServiceID: new(service.ID), PlanID: &planID, Amount: price.Amount,
	}
	if kind == "hosting_upgrade" {
		item.BillingCycle = price.BillingCycle
	}
	sale := s.sell(by, item, price.Currency, from, AddMonths(from, cycleMonths[price.BillingCycle]))
	sale.Service = service
	return sale
}

// newService is a service that waits for its payment. Its server is known
// already.
func (s *Shop) newService(plan *Plan, price *PlanPrice, domain *string) *Service {
	id := object.RandomID("svc_")
	usage := newUsage(plan)
	usage.MeasuredAt = s.Now
	return &Service{
		ID: id, Name: plan.Name, Plan: PlanRef{plan.ID, plan.Name}, Domain: object.Copied(domain), Status: "pending",
		BillingCycle: price.BillingCycle, Amount: price.Amount, Currency: price.Currency, CreatedAt: s.Now,
		ControlPanel: new("cpanel"), Username: new("u" + strings.TrimPrefix(id, "svc_")[:8]),
		Server: defaultServer(), Usage: usage,
	}
}

func defaultServer() *HostingServer {
	return &HostingServer{"server1.provider.example", "192.0.2.80", zone.ProviderNameservers()}
}

// describe is the line of an order about the service.
func (s *Service) describe(plan, cycle string) string {
	text := plan + ", " + strings.ReplaceAll(cycle, "_", "-")
	if s.Domain != nil {
		text += ", for " + *s.Domain
	}
	return text
}

// countYears says how long something is: "1 year", "2 years".
func countYears(n int) string {
	if n == 1 {
		return "1 year"
	}
	return strconv.Itoa(n) + " years"
}

// sell places the order of one item, paid for from start to end, and its
// proforma invoice.
func (s *Shop) sell(by Buyer, item OrderItem, currency string, start, end time.Time) *Sale {
	o := &Order{
		ID:        object.RandomID("ord_"),
		Number:    s.nextOrderNumber(),
		Status:    "pending",
		CreatedAt: s.Now,
		Items:     []OrderItem{item},
		Total:     item.Amount,
		Currency:  currency,
		PlacedBy:  by.TokenID,
	}
	inv := newInvoice(object.RandomID("inv_"), s.nextInvoiceNumber("proforma"), "proforma", s.Now, currency,
		InvoiceItem{item.Description, &start, &end, item.Amount})
	inv.Status, inv.OrderID = "unpaid", &o.ID
	inv.open()
	o.InvoiceIDs = []string{inv.ID}
	s.Orders = append(s.Orders, o)
	s.Invoices = append(s.Invoices, inv)
	return &Sale{Order: o, Invoice: inv}
}

const (
	daysToPay        = 14
	firstOrderNumber = 1001
	portalURL        = "https://portal.example.com"
)

var numberPrefixes = map[string]string{"proforma": "PI-", "tax": "INV-"}

// newInvoice is an invoice about one item and the tax on it. Its status, and
// what is paid, is for the caller to say.
func newInvoice(id, number, kind string, issued time.Time, currency string, item InvoiceItem) *Invoice {
	tax := item.Amount.tax()
	return &Invoice{
		ID: id, Number: number, Type: kind, IssuedAt: issued, DueAt: issued.AddDate(0, 0, daysToPay), Currency: currency,
		Items: []InvoiceItem{item}, Subtotal: item.Amount,
		Taxes: []TaxLine{{taxName, strconv.Itoa(taxPercent), tax}}, TaxTotal: tax, Total: item.Amount + tax,
	}
}

// open lets the invoice be paid in the portal.
func (inv *Invoice) open() {
	inv.BalanceDue, inv.PaymentURL = inv.Total, new(portalURL+"/invoices/"+inv.ID)
}

func (s *Shop) nextOrderNumber() string {
	last := firstOrderNumber - 1
	for _, o := range s.Orders {
		if n, err := strconv.Atoi(o.Number); err == nil {
			last = max(last, n)
		}
	}
	return strconv.Itoa(last + 1)
}

// nextInvoiceNumber counts the invoices of a type within a year.
func (s *Shop) nextInvoiceNumber(kind string) string {
	prefix, last := fmt.Sprintf("%s%d-", numberPrefixes[kind], s.Now.Year()), 0
	for _, inv := range s.Invoices {
		digits, ours := strings.CutPrefix(inv.Number, prefix)
		if n, err := strconv.Atoi(digits); ours && err == nil {
			last = max(last, n)
		}
	}
	return fmt.Sprintf("%s%04d", prefix, last+1)
}

// InState refuses what a service in another state does not allow.
func InState(s *Service, statuses ...string) *Refusal {
	if slices.Contains(statuses, s.Status) {
		return nil
	}
	return conflict("The service is %s.", s.Status)
}

// CancelService cancels the service, now or at the end of the term that is
// paid. It returns the service as it is then, and whether that is a change.
func (s *Shop) CancelService(old *Service, atEnd bool, reason string) (*Service, bool) {
	want := *old
	want.CancelReason = reason
	if atEnd && old.NextDueAt != nil && old.NextDueAt.After(s.Now) {
		want.CancelsAt = object.Copied(old.NextDueAt)
	} else {
		want.end(s.Now)
	}
	if want.CancelReason == old.CancelReason && want.Status == old.Status && old.CancelsAt != nil && old.CancelsAt.Equal(*want.CancelsAt) {
		return old, false
	}
	return s.changeService(old, func(service *Service) { *service = want }), true
}

// end cancels the service. Nothing is due any more.
func (s *Service) end(now time.Time) {
	s.Status, s.CancelsAt = "cancelled", &now
	s.NextDueAt, s.SuspensionReason = nil, nil
}
