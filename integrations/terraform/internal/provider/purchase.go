package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// What buys has a consent and the highest price, and looks before it orders whether an
// earlier run ordered it already.

// consent is embedded in the models of what buys.
type consent struct {
	Confirm  types.Bool   `tfsdk:"confirm_purchase"`
	MaxPrice types.String `tfsdk:"max_price"`
	Currency types.String `tfsdk:"currency"`
}

// consentAttributes adds the attributes of a consent.
func consentAttributes(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes["confirm_purchase"] = schema.BoolAttribute{Required: true, Description: "Must be true: an apply may order, which costs money. The invoice is paid by hand in the provider's portal."}
	attributes["max_price"] = schema.StringAttribute{Required: true, Description: "The most that one order may cost before tax, such as \"12.99\". At a higher price nothing is ordered."}
	attributes["currency"] = schema.StringAttribute{Required: true, Description: "The currency of max_price, ISO 4217. In another one nothing is ordered."}
	return attributes
}

// check refuses a configuration without consent.
func (c consent) check() error {
	if !c.Confirm.IsUnknown() && !c.Confirm.ValueBool() {
		return &dnszone.FieldError{Field: "confirm_purchase", Problem: "must be true, since this resource buys"}
	}
	if c.MaxPrice.IsUnknown() {
		return nil
	}
	_, err := c.most()
	return err
}

// most is the highest price.
func (c consent) most() (hoster.Amount, error) {
	most, err := hoster.ParseAmount(c.MaxPrice.ValueString())
	if err != nil || strings.HasPrefix(c.MaxPrice.ValueString(), "-") {
		return most, &dnszone.FieldError{Field: "max_price", Problem: "must be a decimal amount such as \"12.99\""}
	}
	return most, nil
}

// accepts compares the currency of an offer.
func (c consent) accepts(currency string) error {
	if currency != "" && !strings.EqualFold(currency, c.Currency.ValueString()) {
		return &dnszone.FieldError{Field: "currency", Problem: fmt.Sprintf("is %s, but the price is in %s: nothing was ordered", c.Currency.ValueString(), currency)}
	}
	return nil
}

// mayBeOrdered reports an error after which the order may have been placed all the same.
func mayBeOrdered(err error) bool {
	answered, ok := errors.AsType[*hoster.Error](err)
	return errors.Is(err, hoster.ErrOutcomeUnknown) || ok && answered.Applied
}

// pendingOrder looks for an order that is not yet done and holds such an item.
func (a *api) pendingOrder(ctx context.Context, is func(hoster.OrderItem) bool) (hoster.Order, bool, error) {
	orders, err := a.client.Orders.List(ctx, &hoster.OrderListOptions{Status: hoster.OrderStatusPending})
	for _, o := range orders {
		if slices.ContainsFunc(o.Items, is) {
			return o, true, err
		}
	}
	return hoster.Order{}, false, err
}

// isHeld reports a domain that has not left the account.
func isHeld(d hoster.Domain) bool {
	return d.Status != hoster.DomainStatusCancelled && d.Status != hoster.DomainStatusTransferredAway
}

// offer checks the currency in which a domain is sold, and returns the highest price.
func (a *api) offer(ctx context.Context, domain string, c consent) (hoster.Amount, error) {
	most, err := c.most()
	if err != nil {
		return most, err
	}
	offers, err := a.client.Domains.Availability(ctx, []string{domain})
	if err != nil {
		return most, err
	}
	for _, o := range offers {
		if err := c.accepts(o.Currency); err != nil {
			return most, err
		}
	}
	return most, nil
}

// paidYears is for how many years a domain is paid since its registration, those of a
// pending renewal included; math.MaxInt where the provider does not say.
func (a *api) paidYears(ctx context.Context, d hoster.Domain) (int, error) {
	if d.RegisteredAt == nil || d.ExpiresAt == nil {
		return math.MaxInt, nil
	}
	years := int(math.Round(d.ExpiresAt.Sub(*d.RegisteredAt).Hours() / 24 / 365.25))
	renewal := func(item hoster.OrderItem) bool {
		return item.Domain == d.Name && item.Type == hoster.OrderItemTypeDomainRenewal
	}
	order, pending, err := a.pendingOrder(ctx, renewal)
	if pending {
		years += order.Items[slices.IndexFunc(order.Items, renewal)].Years
	}
	return years, err
}

// announce says what is to be paid by hand.
func (c *change[M]) announce(order *hoster.Order, invoice *hoster.Invoice) {
	if order == nil || order.Status != hoster.OrderStatusPending {
		return
	}
	text := fmt.Sprintf("Order %s over %s %s is pending until its invoice is paid by hand in the provider's portal.", order.Number, order.Total, order.Currency)
	if invoice != nil && invoice.PaymentURL != "" {
		text += " Pay it at " + invoice.PaymentURL
	}
	c.diags.AddWarning("Order to be paid", text)
}

// planPrice compares what a hosting plan costs with the highest price, and returns that.
func (a *api) planPrice(ctx context.Context, plan, cycle string, c consent) (hoster.Amount, error) {
	most, err := c.most()
	if err != nil {
		return most, err
	}
	plans, err := a.client.HostingPlans.List(ctx, nil)
	if err != nil {
		return most, err
	}
	for _, p := range plans {
		for _, price := range p.Prices {
			if string(p.ID) != plan || string(price.BillingCycle) != cycle {
				continue
			}
			if price.Amount.Cmp(most) > 0 {
				return most, &dnszone.FieldError{Field: "max_price", Problem: fmt.Sprintf("is less than the price of %s %s: nothing was ordered", price.Amount, price.Currency)}
			}
			return most, c.accepts(price.Currency)
		}
	}
	return most, &dnszone.FieldError{Field: "plan_id", Problem: fmt.Sprintf("is no plan that is sold %s: nothing was ordered", cycle)}
}

// hostingOf looks for the account of a domain that is not cancelled, nor about to be.
func (a *api) hostingOf(ctx context.Context, domain string) (hoster.HostingAccount, bool, error) {
	name, err := dnszone.ParseDomain(domain)
	if err != nil {
		return hoster.HostingAccount{}, false, err
	}
	all, err := a.client.Hosting.List(ctx, nil)
	if err != nil {
		return hoster.HostingAccount{}, false, err
	}
	for _, s := range all {
		if s.Domain != name || s.Status == hoster.HostingStatusCancelled {
			continue
		}
		s, err := a.client.Hosting.Get(ctx, s.ID)
		if err != nil || s.CancelsAt == nil {
			return s, err == nil, err
		}
	}
	return hoster.HostingAccount{}, false, nil
}

// pendingUpgrade looks for the order of an upgrade of an account to a plan.
func (a *api) pendingUpgrade(ctx context.Context, id hoster.HostingID, plan hoster.HostingPlanID) (hoster.Order, bool, error) {
	return a.pendingOrder(ctx, func(item hoster.OrderItem) bool {
		return item.Type == hoster.OrderItemTypeHostingUpgrade && item.ServiceID == id && item.PlanID == plan
	})
}

// ensureHosting orders an account, unless the domain has one of that plan and cycle.
func (a *api) ensureHosting(ctx context.Context, order hoster.HostingOrder) (hoster.Ensured[hoster.HostingAccount], error) {
	domain, _ := order.Domain.Get()
	service, found, err := a.hostingOf(ctx, domain)
	if err == nil && found && (service.Plan.ID != order.PlanID || service.BillingCycle != order.BillingCycle) {
		err = fmt.Errorf("the account %s of %s has the plan %s, %s: import it as %s", service.ID, service.Domain, service.Plan.ID, service.BillingCycle, service.ID)
	}
	if err != nil {
		return hoster.Ensured[hoster.HostingAccount]{}, err
	}
	ensured, err := a.client.Hosting.EnsureProvisioned(ctx, order)
	if err == nil { // a list and an answer have fewer fields
		ensured.Item, err = a.client.Hosting.Get(ctx, ensured.Item.ID)
	}
	return ensured, err
}

// ensureUpgrade orders another plan or cycle, unless that is ordered. After an answer that
// was lost it looks for the order until it is there, or the provider had time enough.
func (a *api) ensureUpgrade(ctx context.Context, id hoster.HostingID, order hoster.HostingOrder) (hoster.Purchase, error) {
	look := func(ctx context.Context) (hoster.Order, error) {
		o, pending, err := a.pendingUpgrade(ctx, id, order.PlanID)
		if err == nil && !pending {
			err = hoster.ErrNotFound
		}
		return o, err
	}
	if o, err := look(ctx); !errors.Is(err, hoster.ErrNotFound) {
		return hoster.Purchase{Order: o}, err
	}
	purchase, err := a.client.Hosting.Upgrade(ctx, id, hoster.HostingUpgradeOrder{PlanID: order.PlanID, BillingCycle: hoster.Set(order.BillingCycle), MaxPrice: order.MaxPrice})
	if err == nil || !mayBeOrdered(err) {
		return purchase.Purchase, err
	}
	o, lookErr := hoster.Settle(ctx, 0, look)
	if lookErr != nil {
		lookErr = fmt.Errorf("%w. Apply again: the upgrade is looked for before anything is ordered: %w", err, lookErr)
	}
	return hoster.Purchase{Order: o}, lookErr
}

// findHosting returns an account by its id, or by its domain where there is none.
func (a *api) findHosting(ctx context.Context, id, domain string) (hoster.HostingAccount, error) {
	if id != "" {
		return a.client.Hosting.Get(ctx, hoster.HostingID(id))
	}
	service, found, err := a.hostingOf(ctx, domain)
	if err == nil && !found {
		err = fmt.Errorf("%w: %s has no hosting account", hoster.ErrNotFound, domain)
	}
	return service, err
}

// cancelHosting ends an account. One that is not paid yet cannot be cancelled: it lapses.
func (a *api) cancelHosting(ctx context.Context, id hoster.HostingID, when hoster.CancelWhen) (lapses bool, err error) {
	_, err = a.client.Hosting.Cancel(ctx, id, hoster.HostingCancellation{When: when})
	if !errors.Is(err, hoster.ErrConflict) {
		return false, err
	}
	now, readErr := a.client.Hosting.Get(ctx, id)
	if readErr == nil && (now.Status == hoster.HostingStatusPending || now.Status == hoster.HostingStatusCancelled) {
		return now.Status == hoster.HostingStatusPending, nil
	}
	return false, errors.Join(err, readErr)
}

// hostingOrder is what a model orders, at a price that is not too high.
func (a *api) hostingOrder(ctx context.Context, m hostingModel) (hoster.HostingOrder, error) {
	most, err := a.planPrice(ctx, m.PlanID.ValueString(), m.BillingCycle.ValueString(), m.consent)
	return hoster.HostingOrder{
		PlanID: hoster.HostingPlanID(m.PlanID.ValueString()), Domain: hoster.Set(m.Domain.ValueString()),
		BillingCycle: hoster.BillingCycle(m.BillingCycle.ValueString()), MaxPrice: hoster.Set(most),
	}, err
}
