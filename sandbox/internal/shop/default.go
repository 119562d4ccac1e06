package shop

import (
	"fmt"
	"time"
)

// defaultPlans are the plans of a seed without any.
func defaultPlans() []Plan {
	const gigabyte = 1 << 30
	plans := []struct {
		id, name, description string
		monthly               Money
		disk, bandwidth       int64 // in gigabytes; 0: unlimited
	}{
		{"plan_3a51c0d2", "Starter", "One site", 599, 10, 100},
		{"plan_7be29f14", "Business", "Ten sites", 1299, 50, 500},
		{"plan_c4d8065e", "Unlimited", "Sites, disk and bandwidth without limits", 2499, 0, 0},
	}
	made := make([]Plan, 0, len(plans))
	for _, p := range plans {
		plan := Plan{ID: p.id, Name: p.name, Description: new(p.description)}
		for _, cycle := range BillingCycles {
			plan.Prices = append(plan.Prices, PlanPrice{cycle, p.monthly * Money(paidMonths[cycle]), usualCurrency})
		}
		if p.disk > 0 {
			plan.DiskLimit, plan.BandwidthLimit = new(p.disk*gigabyte), new(p.bandwidth*gigabyte)
		}
		made = append(made, plan)
	}
	return made
}

// paidMonths is how many months of a billing cycle are paid for: longer terms
// are cheaper.
var paidMonths = map[string]int{
	"monthly": 1, "quarterly": 3, "semi_annual": 6, "annual": 10, "biennial": 20, "triennial": 28,
}

// DefaultSeed returns what was bought by that time: orders and invoices in every
// status, services in every status, and the transfer that goes with the domains.
// What is overdue is disputed, so that it stops no purchase.
func DefaultSeed(now time.Time) Seed {
	seed := &Seed{Plans: defaultPlans(), Prices: defaultPrices(), Taken: []string{"example.example", "wanted.example"}}
	d := &defaults{now: now, seed: seed}
	seed.Services = d.services()
	seed.Transfers = []Transfer{{
		Domain: "delta.example", Status: "in_progress", UpdatedAt: daysFrom(now, -2), OrderID: "ord_90d4e61a",
	}}

	renewal := domainOrderItem("domain_renewal", "example.com", 1, 1499)
	d.order("ord_1f6c20b7", "active", -140, renewal)
	d.invoice("inv_04a7be19", "proforma", "paid", -140, "ord_1f6c20b7", renewal)
	d.invoice("inv_19c3d52e", "tax", "paid", -139, "ord_1f6c20b7", renewal)

	stolen := domainOrderItem("domain_registration", "kettle.example", 1, 999)
	d.order("ord_2b97a3e5", "fraud", -500, stolen)
	d.invoice("inv_2e8f6017", "proforma", "refunded", -500, "ord_2b97a3e5", stolen)
	d.invoice("inv_33b1c9d4", "tax", "refunded", -499, "ord_2b97a3e5", stolen)

	forgotten := domainOrderItem("domain_renewal", "feather.example", 1, 999)
	d.order("ord_5d30c8f1", "cancelled", -90, forgotten)
	d.invoice("inv_47d0a2f6", "proforma", "cancelled", -90, "ord_5d30c8f1", forgotten)

	incoming := domainOrderItem("domain_transfer", "delta.example", 1, 899)
	d.order("ord_90d4e61a", "active", -2, incoming)
	d.invoice("inv_5fa81c03", "proforma", "paid", -2, "ord_90d4e61a", incoming)
	d.invoice("inv_62e95b7d", "tax", "paid", -2, "ord_90d4e61a", incoming)

	wanted := domainOrderItem("domain_registration", "copper.example", 1, 999)
	d.order("ord_a17e52c6", "pending", -1, wanted)
	d.invoice("inv_78c4f0e1", "proforma", "unpaid", -1, "ord_a17e52c6", wanted)

	site := serviceOrderItem("hosting", seed.Services[3])
	d.order("ord_c6f2910b", "pending", -1, site)
	d.invoice("inv_8d16b3a9", "proforma", "payment_pending", -1, "ord_c6f2910b", site)

	late := serviceOrderItem("hosting_renewal", seed.Services[2])
	d.order("ord_e3805d7a", "pending", -35, late)
	d.invoice("inv_9b72e4c8", "proforma", "overdue", -35, "ord_e3805d7a", late)
	d.invoice("inv_a6d9017f", "tax", "overdue", -35, "", late)
	for i, status := range []string{"unpaid", "payment_pending", "cancelled"} {
		fee := OrderItem{Description: "Support, one hour", Amount: 4500}
		d.invoice(fmt.Sprintf("inv_b%d51c08e", i), "tax", status, -3-i, "", fee)
	}
	// What is overdue, or will be, is disputed: otherwise the account could buy
	// nothing before it is paid.
	for i := range seed.Invoices {
		inv := &seed.Invoices[i]
		inv.Disputed = inv.Status == "overdue" || inv.Status == "unpaid" && inv.OrderID == nil
	}
	return *seed
}

// defaults puts orders and invoices into a seed.
type defaults struct {
	now  time.Time
	seed *Seed
}

func (d *defaults) order(id, status string, day int, item OrderItem) {
	d.seed.Orders = append(d.seed.Orders, Order{
		ID: id, Number: fmt.Sprint(firstOrderNumber + len(d.seed.Orders)), Status: status,
		CreatedAt: daysFrom(d.now, day), Items: []OrderItem{item}, Total: item.Amount, Currency: usualCurrency,
	})
}

func (d *defaults) invoice(id, kind, status string, day int, order string, item OrderItem) {
	issued := daysFrom(d.now, day)
	number := fmt.Sprintf("%s%d-%04d", numberPrefixes[kind], issued.Year(), len(d.seed.Invoices)+1)
	inv := newInvoice(id, number, kind, issued, usualCurrency, InvoiceItem{Description: item.Description, Amount: item.Amount})
	inv.Status = status
	switch status {
	case "paid", "refunded":
		inv.AmountPaid, inv.PaidAt = inv.Total, new(issued.Add(time.Hour))
	case "unpaid", "overdue", "payment_pending":
		inv.open()
	}
	if order != "" {
		inv.OrderID = &order
		last := &d.seed.Orders[len(d.seed.Orders)-1]
		last.InvoiceIDs = append(last.InvoiceIDs, id)
	}
	d.seed.Invoices = append(d.seed.Invoices, *inv)
}

func domainOrderItem(kind, name string, n int, amount Money) OrderItem {
	return OrderItem{Type: kind, Description: name + ", " + countYears(n), Domain: &name, Years: &n, Amount: amount}
}

func serviceOrderItem(kind string, s Service) OrderItem {
	return OrderItem{
		Type: kind, Description: s.describe(s.Plan.Name, s.BillingCycle), Domain: s.Domain,
		ServiceID: &s.ID, PlanID: &s.Plan.ID, Amount: s.Amount,
	}
}

// services are one near its limits, one without limits, a suspended one below
// its limits, a pending one and a cancelled one.
func (d *defaults) services() []Service {
	const gigabyte = 1 << 30
	rows := []struct {
		id, domain, status, cycle string
		plan                      int
		age, due                  int // days
		disk, bandwidth           int64
	}{
		{"svc_0b5e7c31", "example.com", "active", "annual", 0, 400, 330, 9 * gigabyte, 96 * gigabyte},
		{"svc_4d92a6f0", "example.net", "active", "monthly", 2, 95, 26, 180 * gigabyte, 910 * gigabyte},
		{"svc_83c1f5e7", "alpha.example", "suspended", "quarterly", 1, 112, -21, 12 * gigabyte, 45 * gigabyte},
		{"svc_b7640d2a", "copper.example", "pending", "annual", 1, 1, 0, 0, 0},
		{"svc_e29f81c5", "kettle.example", "cancelled", "monthly", 0, 500, 0, gigabyte, 0},
	}
	made := make([]Service, 0, len(rows))
	for i, r := range rows {
		plan := d.seed.Plans[r.plan]
		s := Service{
			ID: r.id, Name: plan.Name, Plan: PlanRef{plan.ID, plan.Name}, Domain: &r.domain, Status: r.status,
			BillingCycle: r.cycle, Amount: PriceOf(&plan, r.cycle).Amount, Currency: usualCurrency, CreatedAt: daysFrom(d.now, -r.age),
			ControlPanel: new(controlPanels[i%len(controlPanels)]), Username: new(fmt.Sprintf("sample%d", i+1)), Server: defaultServer(),
		}
		if r.due != 0 {
			s.NextDueAt = new(daysFrom(d.now, r.due))
		}
		switch r.status {
		case "suspended":
			s.SuspensionReason = new("payment overdue")
		case "cancelled":
			s.CancelsAt = new(daysFrom(d.now, -135))
		}
		s.Usage = newUsage(&plan)
		s.Usage.Disk.Used, s.Usage.Bandwidth.Used, s.Usage.MeasuredAt = r.disk, r.bandwidth, d.now.Add(-time.Hour)
		made = append(made, s)
	}
	return made
}

func daysFrom(now time.Time, days int) time.Time { return now.AddDate(0, 0, days) }
