package shop

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// Seed is what the books begin with. Plans and prices that are nil are the usual
// ones.
type Seed struct {
	Invoices  []Invoice
	Orders    []Order
	Services  []Service
	Transfers []Transfer
	Plans     []Plan
	Prices    []TLDPrice
	Taken     []string
}

// Books returns the books that the seed describes.
func (s Seed) Books() Books {
	if s.Plans == nil {
		s.Plans = defaultPlans()
	}
	if s.Prices == nil {
		s.Prices = defaultPrices()
	}
	return Books{
		Invoices:  cloned(s.Invoices, (*Invoice).clone),
		Orders:    cloned(s.Orders, (*Order).clone),
		Services:  cloned(s.Services, (*Service).clone),
		Transfers: cloned(s.Transfers, (*Transfer).clone),
		Plans:     cloned(s.Plans, (*Plan).clone),
		Prices:    slices.Clone(s.Prices),
		Taken:     slices.Clone(s.Taken),
	}
}

func cloned[T any](items []T, clone func(*T) *T) []*T {
	made := make([]*T, 0, len(items))
	for i := range items {
		made = append(made, clone(&items[i]))
	}
	return made
}

// Check calls fail for everything in the seed that the API itself would never
// hold.
func (s Seed) Check(fail func(field, problem string)) {
	p := problems(fail)
	for _, each := range []func(Seed){p.invoices, p.orders, p.services, p.plans, p.prices, p.transfers} {
		each(s)
	}
	for i, name := range s.Taken {
		p.unless(isName(name), fmt.Sprintf("taken[%d]", i), nameProblem)
	}
}

type problems func(field, problem string)

func (p problems) unless(ok bool, field, problem string) {
	if !ok {
		p(field, problem)
	}
}

const nameProblem = "must be a domain name in lower-case A-labels"

func isName(name string) bool {
	canonical, problem := zone.CanonicalHost(name)
	return problem == "" && canonical == name
}

// uniqueIDs returns a check that no id comes twice.
func (p problems) uniqueIDs() func(at, id string) {
	seen := make(map[string]bool)
	return func(at, id string) {
		p.unless(id == "" || !seen[id], at+".id", "is there twice")
		seen[id] = true
	}
}

// known checks a value that may also be left out.
func (p problems) known(at, value, what string, values []string) {
	p.unless(value == "" || slices.Contains(values, value), at, "is not a "+what+" of the contract")
}

func (p problems) currency(at, currency string) {
	ok := currency == "" || len(currency) == 3 && strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	p.unless(ok, at+".currency", "must be three capital letters")
}

func (p problems) invoices(s Seed) {
	unique := p.uniqueIDs()
	for i, inv := range s.Invoices {
		at := fmt.Sprintf("invoices[%d]", i)
		unique(at, inv.ID)
		p.known(at+".type", inv.Type, "type", InvoiceTypes)
		p.known(at+".status", inv.Status, "status", InvoiceStatuses)
		p.currency(at, inv.Currency)
		for k, tax := range inv.Taxes {
			_, ok := AtMost(tax.Rate)
			p.unless(ok, fmt.Sprintf("%s.taxes[%d].rate", at, k), "must be a decimal string")
		}
	}
}

func (p problems) orders(s Seed) {
	unique := p.uniqueIDs()
	for i, o := range s.Orders {
		at := fmt.Sprintf("orders[%d]", i)
		unique(at, o.ID)
		p.known(at+".status", o.Status, "status", OrderStatuses)
		p.currency(at, o.Currency)
		for k, item := range o.Items {
			at := fmt.Sprintf("%s.items[%d]", at, k)
			p.unless(slices.Contains(orderItemTypes, item.Type), at+".type", "is not a type of the contract")
			p.known(at+".billing_cycle", item.BillingCycle, "billing cycle", BillingCycles)
		}
	}
}

func (p problems) services(s Seed) {
	unique := p.uniqueIDs()
	for i, service := range s.Services {
		at := fmt.Sprintf("services[%d]", i)
		unique(at, service.ID)
		p.unless(service.Name != "", at+".name", "is required")
		p.unless(service.Plan.ID != "", at+".plan.id", "is required")
		p.known(at+".status", service.Status, "status", ServiceStatuses)
		p.known(at+".billing_cycle", service.BillingCycle, "billing cycle", BillingCycles)
		p.currency(at, service.Currency)
		if panel := service.ControlPanel; panel != nil {
			p.unless(slices.Contains(controlPanels, *panel), at+".control_panel", "is not a control panel of the contract")
		}
		if u := service.Usage; u != nil {
			p.unless(u.Disk.Used >= 0, at+".usage.disk.used", "must not be negative")
			p.unless(u.Bandwidth.Used >= 0, at+".usage.bandwidth.used", "must not be negative")
		}
	}
}

func (p problems) plans(s Seed) {
	unique := p.uniqueIDs()
	for i, plan := range s.Plans {
		at := fmt.Sprintf("plans[%d]", i)
		unique(at, plan.ID)
		p.unless(plan.Name != "", at+".name", "is required")
		cycles := make(map[string]bool)
		for k, price := range plan.Prices {
			at := fmt.Sprintf("%s.prices[%d]", at, k)
			p.unless(slices.Contains(BillingCycles, price.BillingCycle), at+".billing_cycle", "is not a billing cycle of the contract")
			p.unless(!cycles[price.BillingCycle], at+".billing_cycle", "is there twice")
			cycles[price.BillingCycle] = true
			p.currency(at, price.Currency)
		}
	}
}

func (p problems) prices(s Seed) {
	seen := make(map[string]bool)
	for i, price := range s.Prices {
		at := fmt.Sprintf("prices[%d]", i)
		p.unless(isName(price.TLD), at+".tld", nameProblem)
		p.unless(!seen[price.TLD], at+".tld", "is there twice")
		seen[price.TLD] = true
		p.currency(at, price.Currency)
	}
}

func (p problems) transfers(s Seed) {
	seen := make(map[string]bool)
	for i, t := range s.Transfers {
		at := fmt.Sprintf("transfers[%d]", i)
		p.unless(isName(t.Domain), at+".domain", nameProblem)
		p.unless(!seen[t.Domain], at+".domain", "is there twice")
		seen[t.Domain] = true
		p.known(at+".status", t.Status, "status", transferStatuses)
	}
}
