package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/object"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// plan reads the plan that is wanted. usual is the billing cycle where none is
// sent; "" makes one required.
func (c *call) plan(usual string) (*Plan, *PlanPrice) {
	f := c.fields
	id, how := f.Text("plan_id")
	plan := c.st.Plan(id)
	switch {
	case how == input.Absent:
		f.Fail("plan_id", "is required")
	case how == input.Given && plan == nil:
		f.Fail("plan_id", "is no plan")
	}
	cycle, how := f.Text("billing_cycle")
	switch {
	case how == input.Absent && usual == "":
		f.Fail("billing_cycle", "is required")
	case how == input.Given && !slices.Contains(billingCycles, cycle):
		f.Fail("billing_cycle", "must be one of "+strings.Join(billingCycles, ", "))
		return nil, nil
	}
	if plan == nil || how == input.Invalid {
		return nil, nil
	}
	price := plan.price(cmp.Or(cycle, usual))
	if price == nil && cmp.Or(cycle, usual) != "" {
		f.Fail("billing_cycle", "has no price in this plan")
	}
	return plan, price
}

func provisionService(c *call) *answer {
	f := c.fields
	plan, price := c.plan("")
	var domain *string
	if sent, how := f.Text("domain"); how == input.Given {
		name, problem := zone.CanonicalHost(sent)
		if problem != "" || !strings.Contains(name, ".") {
			f.Fail("domain", "must be a domain name in A-labels")
		}
		domain = &name
	}
	most := f.maxPrice()
	if refused := f.refused(); refused != nil {
		return refused
	}
	if refused := c.solvent(); refused != nil {
		return refused
	}
	if refused := affordable(price.Amount, most, price.Currency); refused != nil {
		return refused
	}
	s := c.newService(plan, price, domain)
	c.st.Services = append(c.st.Services, s)
	p := c.sell(OrderItem{
		Type: "hosting", Description: s.describe(plan.Name, price.BillingCycle), Domain: object.Copied(domain),
		ServiceID: new(s.ID), PlanID: new(plan.ID), Amount: price.Amount,
	}, price.Currency, term{c.now, addMonths(c.now, cycleMonths[price.BillingCycle])})
	p.Service = new(s.shown())
	return p.answer()
}

// describe is the line of an order about the service.
func (s *Service) describe(plan, cycle string) string {
	text := plan + ", " + strings.ReplaceAll(cycle, "_", "-")
	if s.Domain != nil {
		text += ", for " + *s.Domain
	}
	return text
}

// newService is a service that waits for its payment. Its place is known
// already.
func (c *call) newService(plan *Plan, price *PlanPrice, domain *string) *Service {
	id := object.RandomID("svc_")
	usage := newUsage(plan)
	usage.MeasuredAt = c.now
	return &Service{
		ID: id, Name: plan.Name, Plan: PlanRef{plan.ID, plan.Name}, Domain: domain, Status: "pending",
		BillingCycle: price.BillingCycle, Amount: price.Amount, Currency: price.Currency, CreatedAt: c.now,
		ControlPanel: new("cpanel"), Username: new("u" + strings.TrimPrefix(id, "svc_")[:8]),
		Server: defaultServer(), Usage: usage,
	}
}

func defaultServer() *HostingServer {
	return &HostingServer{"server1.provider.example", "192.0.2.80", slices.Clone(providerNameservers)}
}

func renewService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	most := c.fields.maxPrice()
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := c.serviceOrderable(s, s.Amount, most, s.Currency); refused != nil {
		return refused
	}
	from := c.now
	if s.NextDueAt != nil {
		from = *s.NextDueAt
	}
	p := c.sell(OrderItem{
		Type: "hosting_renewal", Description: s.describe(s.Plan.Name, s.BillingCycle) + ", renewal", Domain: object.Copied(s.Domain),
		ServiceID: new(s.ID), PlanID: new(s.Plan.ID), Amount: s.Amount,
	}, s.Currency, term{from, addMonths(from, cycleMonths[s.BillingCycle])})
	p.Service = new(s.shown())
	return p.answer()
}

// serviceOrderable makes the checks of an order for a service that is there.
func (c *call) serviceOrderable(s *Service, total Money, most *Money, currency string) *answer {
	if refused := c.solvent(); refused != nil {
		return refused
	}
	if refused := s.in("active", "suspended"); refused != nil {
		return refused
	}
	if refused := c.unordered("", s.ID); refused != nil {
		return refused
	}
	return affordable(total, most, currency)
}

func upgradeService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	plan, price := c.plan(s.BillingCycle)
	most := c.fields.maxPrice()
	if price != nil && plan.ID == s.Plan.ID && price.BillingCycle == s.BillingCycle {
		c.fields.Fail("plan_id", "is what the service has already")
	}
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := c.serviceOrderable(s, price.Amount, most, price.Currency); refused != nil {
		return refused
	}
	p := c.sell(OrderItem{
		Type: "hosting_upgrade", Description: s.describe(plan.Name, price.BillingCycle) + ", upgrade", Domain: object.Copied(s.Domain),
		ServiceID: new(s.ID), PlanID: new(plan.ID), Amount: price.Amount, BillingCycle: price.BillingCycle,
	}, price.Currency, term{c.now, addMonths(c.now, cycleMonths[price.BillingCycle])})
	p.Service = new(s.shown())
	return p.answer()
}
