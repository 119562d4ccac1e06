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
func (s *HostingService) List(ctx context.Context, options *HostingListOptions, opts ...CallOption) ([]HostingAccount, error) {
	return list[HostingAccount](ctx, s.client, opHostingList, request{query: options}, opts)
}

// All walks the services page by page. It needs [ScopeHostingRead].
// An error ends the walk and comes as the second variable; what came before it is
// good.
func (s *HostingService) All(ctx context.Context, options *HostingListOptions, opts ...CallOption) iter.Seq2[HostingAccount, error] {
	return listAll[HostingAccount](ctx, s.client, opHostingList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeHostingRead].
func (s *HostingService) ListPage(ctx context.Context, options *HostingListOptions, opts ...CallOption) (Page[HostingAccount], error) {
	return listPage[HostingAccount](ctx, s.client, opHostingList, request{query: options}, opts)
}

// Get returns one service with all of its fields. It needs [ScopeHostingRead].
func (s *HostingService) Get(ctx context.Context, id HostingID, opts ...CallOption) (HostingAccount, error) {
	return do[HostingAccount](ctx, s.client, opHostingGet, request{path: []string{string(id)}}, opts)
}

// Usage returns what a service uses of its limits. It needs [ScopeHostingRead].
func (s *HostingService) Usage(ctx context.Context, id HostingID, opts ...CallOption) (HostingUsage, error) {
	return do[HostingUsage](ctx, s.client, opHostingUsage, request{path: []string{string(id)}}, opts)
}

// Provision orders a service. It buys: see [Purchase] for what happens next and for
// when it is repeated. It needs [ScopeHostingWrite], with CheckPrice also
// [ScopeHostingRead]. A price above MaxPrice matches [ErrPriceChanged].
func (s *HostingService) Provision(ctx context.Context, order HostingOrder, opts ...CallOption) (HostingPurchase, error) {
	return buy[HostingPurchase](ctx, s.client, opHostingProvision, request{body: order}, opts, s.priceOf(order))
}

// Renew orders another term of an active or suspended service. It buys: see
// [Purchase]. It needs [ScopeHostingWrite]. A renewal that is still unpaid, or
// another state, match [ErrConflict].
func (s *HostingService) Renew(ctx context.Context, id HostingID, renewal HostingRenewalOrder, opts ...CallOption) (HostingPurchase, error) {
	return do[HostingPurchase](ctx, s.client, opHostingRenew, request{path: []string{string(id)}, body: renewal}, opts)
}

// Upgrade orders another plan, or another billing cycle, for an active or
// suspended service. It buys: see [Purchase]. It needs [ScopeHostingWrite]. An order
// for the service that is still unpaid, or another state, match [ErrConflict].
func (s *HostingService) Upgrade(ctx context.Context, id HostingID, upgrade HostingUpgradeOrder, opts ...CallOption) (HostingPurchase, error) {
	return do[HostingPurchase](ctx, s.client, opHostingUpgrade, request{path: []string{string(id)}, body: upgrade}, opts)
}

// Cancel ends a service, at once or at the end of the term that is paid. It
// needs [ScopeHostingWrite]. A service that is neither active nor suspended matches
// [ErrConflict].
func (s *HostingService) Cancel(ctx context.Context, id HostingID, cancellation HostingCancellation, opts ...CallOption) (HostingAccount, error) {
	return do[HostingAccount](ctx, s.client, opHostingCancel, request{path: []string{string(id)}, body: cancellation}, opts)
}

// SetPassword sets the password of an active service's control panel. A zero
// [HostingPassword] lets the server make one, which the answer holds; otherwise
// the answer holds none. It needs [ScopeHostingWrite].
func (s *HostingService) SetPassword(ctx context.Context, id HostingID, password HostingPassword, opts ...CallOption) (HostingPassword, error) {
	req := request{path: []string{string(id)}, body: password}
	if password.Password.IsZero() {
		made, err := do[madePassword](ctx, s.client, opHostingSetPassword, req, opts)
		return HostingPassword(made), err
	}
	return do[HostingPassword](ctx, s.client, opHostingSetPassword, req, opts)
}

// LoginLink makes a link that signs in to an active service's control panel:
// whoever has it is in. It needs [ScopeHostingWrite].
func (s *HostingService) LoginLink(ctx context.Context, id HostingID, opts ...CallOption) (HostingLoginLink, error) {
	return do[HostingLoginLink](ctx, s.client, opHostingLoginLink, request{path: []string{string(id)}}, opts)
}

// HostingPlansService lists the plans that [HostingService.Provision] takes. The
// API has no call for a single plan.
type HostingPlansService struct{ service }

// List returns all plans with their prices, over all pages. It needs
// [ScopeHostingRead]. Errors of the walk itself match [ErrPagination].
func (s *HostingPlansService) List(ctx context.Context, options *HostingPlanListOptions, opts ...CallOption) ([]HostingPlan, error) {
	return list[HostingPlan](ctx, s.client, opHostingPlansList, request{query: options}, opts)
}

// All walks the plans page by page. It needs [ScopeHostingRead].
// An error ends the walk and comes as the second variable; what came before it is
// good.
func (s *HostingPlansService) All(ctx context.Context, options *HostingPlanListOptions, opts ...CallOption) iter.Seq2[HostingPlan, error] {
	return listAll[HostingPlan](ctx, s.client, opHostingPlansList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeHostingRead].
func (s *HostingPlansService) ListPage(ctx context.Context, options *HostingPlanListOptions, opts ...CallOption) (Page[HostingPlan], error) {
	return listPage[HostingPlan](ctx, s.client, opHostingPlansList, request{query: options}, opts)
}

// HostingID names a hosting service.
type HostingID string

// HostingPlanID names a hosting plan.
type HostingPlanID string

// HostingStatus is the state of a service.
type HostingStatus string

// Known values; new ones can appear.
const (
	HostingStatusPending   HostingStatus = "pending"
	HostingStatusActive    HostingStatus = "active"
	HostingStatusSuspended HostingStatus = "suspended"
	HostingStatusCancelled HostingStatus = "cancelled"
)

// BillingCycle is how often a service is billed.
type BillingCycle string

// Known values; new ones can appear.
const (
	BillingCycleMonthly    BillingCycle = "monthly"
	BillingCycleQuarterly  BillingCycle = "quarterly"
	BillingCycleSemiAnnual BillingCycle = "semi_annual"
	BillingCycleAnnual     BillingCycle = "annual"
	BillingCycleBiennial   BillingCycle = "biennial"
	BillingCycleTriennial  BillingCycle = "triennial"
)

// ControlPanel is the software that manages a service.
type ControlPanel string

// Known values; new ones can appear.
const (
	ControlPanelCPanel      ControlPanel = "cpanel"
	ControlPanelDirectAdmin ControlPanel = "directadmin"
	ControlPanelPlesk       ControlPanel = "plesk"
)

// Service is a hosting service. A list fills the fields up to CreatedAt; the
// others come with Get and with changes.
type HostingAccount struct {
	ID           HostingID      `json:"id" read:"required"`
	Name         string         `json:"name"`
	Plan         HostingPlanRef `json:"plan"`
	Domain       string         `json:"domain" canon:"domain"`
	Status       HostingStatus  `json:"status"`
	BillingCycle BillingCycle   `json:"billing_cycle"`
	NextDueAt    *time.Time     `json:"next_due_at"`
	Amount       Amount         `json:"amount"`                    // for each billing cycle
	Currency     string         `json:"currency" canon:"currency"` // ISO 4217
	CreatedAt    time.Time      `json:"created_at"`

	ControlPanel     ControlPanel   `json:"control_panel"`
	Username         string         `json:"username"`
	Server           *HostingServer `json:"server"`
	SuspensionReason string         `json:"suspension_reason"`
	CancelsAt        *time.Time     `json:"cancels_at"` // when a cancellation takes effect
}

func (s HostingAccount) key() string { return string(s.ID) }

// HostingPlanRef names the plan of a service.
type HostingPlanRef struct {
	ID   HostingPlanID `json:"id"`
	Name string        `json:"name"`
}

// Server is where a service runs.
type HostingServer struct {
	Hostname    string   `json:"hostname" canon:"host"`
	IPAddress   string   `json:"ip_address"`
	Nameservers []string `json:"nameservers" canon:"host"`
}

// Plan is what can be provisioned.
type HostingPlan struct {
	ID          HostingPlanID      `json:"id" read:"required"`
	Name        string             `json:"name"`
	Description string             `json:"description"`
	Prices      []HostingPlanPrice `json:"prices"`
}

func (p HostingPlan) key() string { return string(p.ID) }

// HostingPlanPrice is the price of a plan for one billing cycle.
type HostingPlanPrice struct {
	BillingCycle BillingCycle `json:"billing_cycle"`
	Amount       Amount       `json:"amount"`
	Currency     string       `json:"currency" canon:"currency"` // ISO 4217
}

// Usage is what a service uses of its limits.
type HostingUsage struct {
	Disk       HostingQuota `json:"disk"`
	Bandwidth  HostingQuota `json:"bandwidth"`
	MeasuredAt time.Time    `json:"measured_at"`
}

// Quota is a use and its limit, in bytes. A nil Limit is unlimited.
type HostingQuota struct {
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit" read:"size"`
}

// HostingPurchase is a [Purchase] with the service that it is about.
type HostingPurchase struct {
	Purchase
	Service *HostingAccount `json:"service"` // nil where the provider does not name it
}

// HostingOrder describes a new service. MaxPrice is the most that the order may
// cost before tax: a higher price is refused and nothing is ordered. With
// CheckPrice the plan's price is looked up and held to MaxPrice first, by a walk
// of Plans: for providers that ignore MaxPrice. Currency is that of MaxPrice: the API
// compares numbers only, so it needs CheckPrice, and a price in another currency is
// refused as one that is too high.
type HostingOrder struct {
	PlanID       HostingPlanID `json:"plan_id"`
	Domain       Opt[string]   `json:"domain,omitzero"`
	BillingCycle BillingCycle  `json:"billing_cycle"`
	MaxPrice     Opt[Amount]   `json:"max_price,omitzero"`
	Currency     string        `json:"-"` // ISO 4217; without it whichever the provider charges
	CheckPrice   bool          `json:"-"`
}

func (o HostingOrder) prepare(op Operation, _ string) (any, error) {
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
	return o, checkMaxPrice(op, o.MaxPrice, o.Currency, o.CheckPrice)
}

// HostingRenewalOrder renews a service for its billing cycle.
type HostingRenewalOrder struct {
	MaxPrice Opt[Amount] `json:"max_price,omitzero"`
}

// HostingUpgradeOrder changes the plan, and the billing cycle where it is set.
type HostingUpgradeOrder struct {
	PlanID       HostingPlanID     `json:"plan_id"`
	BillingCycle Opt[BillingCycle] `json:"billing_cycle,omitzero"`
	MaxPrice     Opt[Amount]       `json:"max_price,omitzero"`
}

func (u HostingUpgradeOrder) prepare(op Operation, _ string) (any, error) {
	if u.PlanID == "" {
		return nil, &ArgumentError{Operation: op, Field: "plan_id", Expected: "a plan's id"}
	}
	return u, checkMaxPrice(op, u.MaxPrice, "", false)
}

func (r HostingRenewalOrder) prepare(op Operation, _ string) (any, error) {
	return r, checkMaxPrice(op, r.MaxPrice, "", false)
}

// CancelWhen is when a cancellation takes effect.
type CancelWhen string

// The values that the API takes.
const (
	CancelWhenImmediate CancelWhen = "immediate"
	CancelWhenEndOfTerm CancelWhen = "end_of_term"
)

// HostingCancellation ends a service.
type HostingCancellation struct {
	When   CancelWhen  `json:"when"`
	Reason Opt[string] `json:"reason,omitzero"`
}

func (c HostingCancellation) prepare(op Operation, _ string) (any, error) {
	if c.When == "" {
		return nil, &ArgumentError{Operation: op, Field: "when", Expected: "immediate or end_of_term"}
	}
	return c, nil
}

// HostingPassword is the password of a control panel.
type HostingPassword struct {
	Password Secret `json:"password,omitzero"`
}

func (*HostingPassword) optional() {}

// madePassword is one that the server made, and tells this one time.
type madePassword struct {
	Password Secret `json:"password,omitzero" read:"required"`
}

func (p HostingPassword) wire() any {
	return struct {
		Password string `json:"password,omitempty"`
	}{p.Password.Reveal()}
}

// LoginLink signs in to a control panel until it expires.
type HostingLoginLink struct {
	URL       Secret    `json:"url" read:"required"`
	ExpiresAt time.Time `json:"expires_at"`
}

// ServiceListOptions filter a list of services. The zero value lists all.
type HostingListOptions struct {
	Status HostingStatus `url:"status,omitempty"`

	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}

// HostingPlanListOptions page through plans.
type HostingPlanListOptions struct {
	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}
