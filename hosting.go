package hoster

import (
	"context"
	"iter"
	"time"
)

// HostingService reads and manages hosting services.
type HostingService struct{ service }

// List returns all hosting services that match, oldest first. It needs
// [ScopeHostingRead].
func (s *HostingService) List(ctx context.Context, options *ServiceListOptions, opts ...CallOption) ([]Service, error) {
	return list[Service](ctx, s.client, "Hosting.List", request{query: options}, opts)
}

// All walks the services page by page. It needs [ScopeHostingRead].
func (s *HostingService) All(ctx context.Context, options *ServiceListOptions, opts ...CallOption) iter.Seq2[Service, error] {
	return listAll[Service](ctx, s.client, "Hosting.List", request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeHostingRead].
func (s *HostingService) ListPage(ctx context.Context, options *ServiceListOptions, opts ...CallOption) (Page[Service], error) {
	return listPage[Service](ctx, s.client, "Hosting.List", request{query: options}, opts)
}

// Get returns one service with all of its fields. It needs [ScopeHostingRead].
func (s *HostingService) Get(ctx context.Context, id ServiceID, opts ...CallOption) (Service, error) {
	return do[Service](ctx, s.client, "Hosting.Get", request{path: []string{string(id)}}, opts)
}

// Plans returns all plans that can be provisioned, with their prices. It needs
// [ScopeHostingRead].
func (s *HostingService) Plans(ctx context.Context, options *PlanListOptions, opts ...CallOption) ([]Plan, error) {
	return list[Plan](ctx, s.client, "Hosting.Plans", request{query: options}, opts)
}

// AllPlans walks the plans page by page. It needs [ScopeHostingRead].
func (s *HostingService) AllPlans(ctx context.Context, options *PlanListOptions, opts ...CallOption) iter.Seq2[Plan, error] {
	return listAll[Plan](ctx, s.client, "Hosting.Plans", request{query: options}, opts)
}

// PlansPage returns one page of plans. It needs [ScopeHostingRead].
func (s *HostingService) PlansPage(ctx context.Context, options *PlanListOptions, opts ...CallOption) (Page[Plan], error) {
	return listPage[Plan](ctx, s.client, "Hosting.Plans", request{query: options}, opts)
}

// Usage returns what a service uses of its limits. It needs [ScopeHostingRead].
func (s *HostingService) Usage(ctx context.Context, id ServiceID, opts ...CallOption) (Usage, error) {
	return do[Usage](ctx, s.client, "Hosting.Usage", request{path: []string{string(id)}}, opts)
}

// Provision orders a service. It buys: see [Purchase] for what happens next. It
// needs [ScopeHostingWrite]. A price above MaxPrice matches [ErrPriceChanged]. It
// is never repeated unless the first request provably was not processed.
func (s *HostingService) Provision(ctx context.Context, order ServiceOrder, opts ...CallOption) (ServicePurchase, error) {
	return buy[ServicePurchase](ctx, s.client, "Hosting.Provision", request{body: order}, opts, s.priceOf(order))
}

// Renew orders another term of an active or suspended service. It buys: see
// [Purchase]. It needs [ScopeHostingWrite]. A renewal that is still unpaid, or
// another state, match [ErrConflict].
func (s *HostingService) Renew(ctx context.Context, id ServiceID, renewal ServiceRenewal, opts ...CallOption) (ServicePurchase, error) {
	return do[ServicePurchase](ctx, s.client, "Hosting.Renew", request{path: []string{string(id)}, body: renewal}, opts)
}

// Upgrade orders another plan, or another billing cycle, for an active or
// suspended service. It buys: see [Purchase]. It needs [ScopeHostingWrite].
func (s *HostingService) Upgrade(ctx context.Context, id ServiceID, upgrade ServiceUpgrade, opts ...CallOption) (ServicePurchase, error) {
	return do[ServicePurchase](ctx, s.client, "Hosting.Upgrade", request{path: []string{string(id)}, body: upgrade}, opts)
}

// Cancel ends a service, at once or at the end of the term that is paid. It
// needs [ScopeHostingWrite].
func (s *HostingService) Cancel(ctx context.Context, id ServiceID, cancellation ServiceCancellation, opts ...CallOption) (Service, error) {
	return do[Service](ctx, s.client, "Hosting.Cancel", request{path: []string{string(id)}, body: cancellation}, opts)
}

// SetPassword sets the password of an active service's control panel. A zero
// [ServicePassword] lets the server make one, which the answer holds; otherwise
// the answer holds none. It needs [ScopeHostingWrite].
func (s *HostingService) SetPassword(ctx context.Context, id ServiceID, password ServicePassword, opts ...CallOption) (ServicePassword, error) {
	req := request{path: []string{string(id)}, body: password}
	if password.Password.IsZero() {
		made, err := do[madePassword](ctx, s.client, "Hosting.SetPassword", req, opts)
		return ServicePassword(made), err
	}
	return do[ServicePassword](ctx, s.client, "Hosting.SetPassword", req, opts)
}

// LoginLink makes a link that signs in to an active service's control panel:
// whoever has it is in. It needs [ScopeHostingWrite].
func (s *HostingService) LoginLink(ctx context.Context, id ServiceID, opts ...CallOption) (LoginLink, error) {
	return do[LoginLink](ctx, s.client, "Hosting.LoginLink", request{path: []string{string(id)}}, opts)
}

// ServiceID names a hosting service.
type ServiceID string

// PlanID names a hosting plan.
type PlanID string

// ServiceStatus is the state of a service. New values can appear at any time.
type ServiceStatus string

// The states of the contract.
const (
	ServicePending   ServiceStatus = "pending"
	ServiceActive    ServiceStatus = "active"
	ServiceSuspended ServiceStatus = "suspended"
	ServiceCancelled ServiceStatus = "cancelled"
)

// Known reports whether s is a state of the contract.
func (s ServiceStatus) Known() bool {
	return s == ServicePending || s == ServiceActive || s == ServiceSuspended || s == ServiceCancelled
}

// BillingCycle is how often a service is billed. New values can appear.
type BillingCycle string

// The cycles of the contract.
const (
	Monthly    BillingCycle = "monthly"
	Quarterly  BillingCycle = "quarterly"
	SemiAnnual BillingCycle = "semi_annual"
	Annual     BillingCycle = "annual"
	Biennial   BillingCycle = "biennial"
	Triennial  BillingCycle = "triennial"
)

// Known reports whether c is a cycle of the contract.
func (c BillingCycle) Known() bool {
	switch c {
	case Monthly, Quarterly, SemiAnnual, Annual, Biennial, Triennial:
		return true
	}
	return false
}

// ControlPanel is the software that manages a service. New values can appear.
type ControlPanel string

// The control panels of the contract.
const (
	CPanel      ControlPanel = "cpanel"
	DirectAdmin ControlPanel = "directadmin"
	Plesk       ControlPanel = "plesk"
)

// Known reports whether p is a control panel of the contract.
func (p ControlPanel) Known() bool { return p == CPanel || p == DirectAdmin || p == Plesk }

// Service is a hosting service. A list fills the fields up to CreatedAt; the
// others come with Get and with changes.
type Service struct {
	ID           ServiceID     `json:"id" read:"required"`
	Name         string        `json:"name"`
	Plan         PlanRef       `json:"plan"`
	Domain       string        `json:"domain" canon:"domain"`
	Status       ServiceStatus `json:"status"`
	BillingCycle BillingCycle  `json:"billing_cycle"`
	NextDueAt    *time.Time    `json:"next_due_at"`
	Amount       Amount        `json:"amount"`                    // for each billing cycle
	Currency     string        `json:"currency" canon:"currency"` // ISO 4217
	CreatedAt    time.Time     `json:"created_at"`

	ControlPanel     ControlPanel `json:"control_panel"`
	Username         string       `json:"username"`
	Server           *Server      `json:"server"`
	SuspensionReason string       `json:"suspension_reason"`
	CancelsAt        *time.Time   `json:"cancels_at"` // when a cancellation takes effect
}

func (s Service) key() string { return string(s.ID) }

// PlanRef names the plan of a service.
type PlanRef struct {
	ID   PlanID `json:"id"`
	Name string `json:"name"`
}

// Server is where a service runs.
type Server struct {
	Hostname    string   `json:"hostname" canon:"host"`
	IPAddress   string   `json:"ip_address"`
	Nameservers []string `json:"nameservers" canon:"host"`
}

// Plan is what can be provisioned.
type Plan struct {
	ID          PlanID      `json:"id" read:"required"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Prices      []PlanPrice `json:"prices"`
}

func (p Plan) key() string { return string(p.ID) }

// PlanPrice is the price of a plan for one billing cycle.
type PlanPrice struct {
	BillingCycle BillingCycle `json:"billing_cycle"`
	Amount       Amount       `json:"amount"`
	Currency     string       `json:"currency" canon:"currency"` // ISO 4217
}

// Usage is what a service uses of its limits.
type Usage struct {
	Disk       Quota     `json:"disk"`
	Bandwidth  Quota     `json:"bandwidth"`
	MeasuredAt time.Time `json:"measured_at"`
}

// Quota is a use and its limit, in bytes. A nil Limit is unlimited.
type Quota struct {
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit" read:"size"`
}

// ServicePurchase is a [Purchase] with the service that it is about.
type ServicePurchase struct {
	Purchase
	Service *Service `json:"service"` // nil where the provider does not name it
}

// ServiceOrder describes a new service. MaxPrice is the most that the order may
// cost before tax: a higher price is refused and nothing is ordered. With
// CheckPrice the plan's price is looked up and held to MaxPrice first, by a walk
// of Plans: for providers that ignore MaxPrice.
type ServiceOrder struct {
	PlanID       PlanID       `json:"plan_id"`
	Domain       Opt[string]  `json:"domain,omitzero"`
	BillingCycle BillingCycle `json:"billing_cycle"`
	MaxPrice     Opt[Amount]  `json:"max_price,omitzero"`
	CheckPrice   bool         `json:"-"`
}

func (o ServiceOrder) prepare(op Operation, _ string) (any, error) {
	switch {
	case o.PlanID == "":
		return nil, &ArgumentError{Operation: op, Field: "plan_id", Expected: "a plan's id"}
	case o.BillingCycle == "":
		return nil, &ArgumentError{Operation: op, Field: "billing_cycle", Expected: "a billing cycle such as annual"}
	}
	if given, ok := o.Domain.Get(); ok {
		name, err := canonicalDomain(op, "domain", given)
		if err != nil {
			return nil, err
		}
		o.Domain = Set(name)
	}
	return o, checkMaxPrice(op, o.MaxPrice, o.CheckPrice)
}

// ServiceRenewal renews a service for its billing cycle.
type ServiceRenewal struct {
	MaxPrice Opt[Amount] `json:"max_price,omitzero"`
}

// ServiceUpgrade changes the plan, and the billing cycle where it is set.
type ServiceUpgrade struct {
	PlanID       PlanID            `json:"plan_id"`
	BillingCycle Opt[BillingCycle] `json:"billing_cycle,omitzero"`
	MaxPrice     Opt[Amount]       `json:"max_price,omitzero"`
}

func (u ServiceUpgrade) prepare(op Operation, _ string) (any, error) {
	if u.PlanID == "" {
		return nil, &ArgumentError{Operation: op, Field: "plan_id", Expected: "a plan's id"}
	}
	return u, checkMaxPrice(op, u.MaxPrice, false)
}

func (r ServiceRenewal) prepare(op Operation, _ string) (any, error) {
	return r, checkMaxPrice(op, r.MaxPrice, false)
}

// CancelWhen is when a cancellation takes effect.
type CancelWhen string

// The times of the contract.
const (
	CancelImmediately CancelWhen = "immediate"
	CancelAtEndOfTerm CancelWhen = "end_of_term"
)

// Known reports whether w is a time of the contract.
func (w CancelWhen) Known() bool { return w == CancelImmediately || w == CancelAtEndOfTerm }

// ServiceCancellation ends a service.
type ServiceCancellation struct {
	When   CancelWhen  `json:"when"`
	Reason Opt[string] `json:"reason,omitzero"`
}

func (c ServiceCancellation) prepare(op Operation, _ string) (any, error) {
	if c.When == "" {
		return nil, &ArgumentError{Operation: op, Field: "when", Expected: "immediate or end_of_term"}
	}
	return c, nil
}

// ServicePassword is the password of a control panel.
type ServicePassword struct {
	Password Secret `json:"password,omitzero"`
}

func (*ServicePassword) optional() {}

// madePassword is one that the server made, and tells this one time.
type madePassword struct {
	Password Secret `json:"password,omitzero" read:"required"`
}

func (p ServicePassword) wire() any {
	return struct {
		Password string `json:"password,omitempty"`
	}{p.Password.Reveal()}
}

// LoginLink signs in to a control panel until it expires.
type LoginLink struct {
	URL       Secret    `json:"url" read:"required"`
	ExpiresAt time.Time `json:"expires_at"`
}

// ServiceListOptions filter a list of services. The zero value lists all.
type ServiceListOptions struct {
	Status ServiceStatus `url:"status,omitempty"`

	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}

// PlanListOptions page through plans.
type PlanListOptions struct {
	Page    int `url:"page,omitempty"`     // from 1; for PlansPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; the walks ask for 100 without it
}
