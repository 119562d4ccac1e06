package shop

import (
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// The contract's values, in its order.
var (
	ServiceStatuses = []string{"pending", "active", "suspended", "cancelled"}
	BillingCycles   = []string{"monthly", "quarterly", "semi_annual", "annual", "biennial", "triennial"}
	controlPanels   = []string{"cpanel", "directadmin", "plesk"}
)

// cycleMonths is how long each billing cycle is.
var cycleMonths = map[string]int{
	"monthly": 1, "quarterly": 3, "semi_annual": 6, "annual": 12, "biennial": 24, "triennial": 36,
}

// AddMonths moves a time by whole months. A day that the month does not have
// becomes its last one.
func AddMonths(t time.Time, months int) time.Time {
	moved := t.AddDate(0, months, 0)
	if moved.Day() != t.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// Service is a hosting service.
type Service struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Plan         PlanRef    `json:"plan"`
	Domain       *string    `json:"domain"`
	Status       string     `json:"status"`
	BillingCycle string     `json:"billing_cycle"`
	NextDueAt    *time.Time `json:"next_due_at"`
	Amount       Money      `json:"amount"` // for each billing cycle
	Currency     string     `json:"currency"`
	CreatedAt    time.Time  `json:"created_at"`

	ControlPanel     *string        `json:"control_panel"`
	Username         *string        `json:"username"`
	Server           *HostingServer `json:"server"`
	SuspensionReason *string        `json:"suspension_reason"`
	CancelsAt        *time.Time     `json:"cancels_at"`

	// CancelReason is what a cancellation gave as its reason. The API shows it
	// nowhere, and Usage on its own.
	CancelReason string `json:"cancel_reason,omitempty"`
	Usage        *Usage `json:"usage,omitempty"`
}

// PlanRef names the plan of a service.
type PlanRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// HostingServer is where a service runs.
type HostingServer struct {
	Hostname    string   `json:"hostname"`
	IPAddress   string   `json:"ip_address"`
	Nameservers []string `json:"nameservers"`
}

// Usage is what a service uses of its limits.
type Usage struct {
	Disk       Quota     `json:"disk"`
	Bandwidth  Quota     `json:"bandwidth"`
	MeasuredAt time.Time `json:"measured_at"`
}

// Quota is a use and its limit, in bytes. A nil limit is none.
type Quota struct {
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit"`
}

// Plan is what can be provisioned.
type Plan struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	Prices      []PlanPrice `json:"prices"`

	// The limits of the plan's services, in bytes; nil is none. The API shows
	// them as part of a service's usage.
	DiskLimit      *int64 `json:"disk_limit,omitempty"`
	BandwidthLimit *int64 `json:"bandwidth_limit,omitempty"`
}

// PlanPrice is the price of a plan for one billing cycle.
type PlanPrice struct {
	BillingCycle string `json:"billing_cycle"`
	Amount       Money  `json:"amount"`
	Currency     string `json:"currency"`
}

// PriceOf returns the plan's price for the billing cycle, or nil.
func PriceOf(p *Plan, cycle string) *PlanPrice {
	if i := slices.IndexFunc(p.Prices, func(price PlanPrice) bool { return price.BillingCycle == cycle }); i >= 0 {
		return &p.Prices[i]
	}
	return nil
}

// ShowService returns the service as the API shows it.
func ShowService(s *Service) Service {
	shown := *s
	shown.CancelReason, shown.Usage = "", nil
	return shown
}

// ServiceItem is a service as the list shows it.
type ServiceItem struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Plan         PlanRef    `json:"plan"`
	Domain       *string    `json:"domain"`
	Status       string     `json:"status"`
	BillingCycle string     `json:"billing_cycle"`
	NextDueAt    *time.Time `json:"next_due_at"`
	Amount       Money      `json:"amount"`
	Currency     string     `json:"currency"`
	CreatedAt    time.Time  `json:"created_at"`
}

// ListService returns the service as the list shows it.
func ListService(s *Service) ServiceItem {
	return ServiceItem{s.ID, s.Name, s.Plan, s.Domain, s.Status, s.BillingCycle, s.NextDueAt, s.Amount, s.Currency, s.CreatedAt}
}

// ShowPlan returns the plan as the API shows it.
func ShowPlan(p *Plan) Plan {
	shown := *p
	shown.DiskLimit, shown.BandwidthLimit = nil, nil
	return shown
}

// newUsage is what a service uses that nobody has used yet.
func newUsage(plan *Plan) *Usage {
	usage := new(Usage)
	if plan != nil {
		usage.Disk.Limit, usage.Bandwidth.Limit = object.Copied(plan.DiskLimit), object.Copied(plan.BandwidthLimit)
	}
	return usage
}
