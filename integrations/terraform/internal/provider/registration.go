package provider

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

type registrationModel struct {
	ID         types.String `tfsdk:"id"`
	Domain     types.String `tfsdk:"domain"`
	Years      types.Int64  `tfsdk:"years"`
	Registrant types.String `tfsdk:"registrant"`
	AuthCode   types.String `tfsdk:"auth_code"`
	Status     types.String `tfsdk:"status"`
	ExpiresAt  types.String `tfsdk:"expires_at"`
	OrderID    types.String `tfsdk:"order_id"`
	consent
	limits
}

func newRegistration() resource.Resource {
	return &kind[registrationModel]{
		name: "hoster_domain_registration", title: "Domain registration", identity: "domain",
		text: "Orders a domain: its registration, with auth_code its transfer, and more years later. A domain that is in the account already, or whose order is pending, is taken over and nothing is ordered. Destroying the resource cancels nothing.",
		uses: []hoster.Operation{"Domains.Get", "Domains.Availability", "Domains.Register", "Domains.Transfer", "Domains.Renew", "Orders.List"},
		attributes: consentAttributes(map[string]schema.Attribute{
			"id":         schema.StringAttribute{Computed: true, Description: "The domain in lower case and A-labels."},
			"domain":     schema.StringAttribute{Required: true, Description: "The domain, such as example.com."},
			"years":      schema.Int64Attribute{Optional: true, Computed: true, Default: int64default.StaticInt64(1), Description: "For how many years the domain is paid, counted from its registration. More years than now order a renewal. Default: 1."},
			"registrant": schema.StringAttribute{Optional: true, Description: "The id of the contact that the registration is ordered for. Later it is set by hoster_domain. Default: the contact of the account."},
			"auth_code":  schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true, Description: "The auth code of the former provider: orders a transfer instead of a registration. It is not stored."},
			"status":     schema.StringAttribute{Computed: true, Description: "The status of the domain: pending until the invoice is paid."},
			"expires_at": schema.StringAttribute{Computed: true, Description: "When the domain expires, RFC 3339."},
			"order_id":   schema.StringAttribute{Computed: true, Description: "The id of the last order; empty where nothing was ordered."},
		}),
		check: func(m *registrationModel) error { return cmp.Or(m.consent.check(), checkDomain(m.Domain)) },
		plan: func(_ context.Context, c *change[registrationModel]) error {
			name, same, err := c.planName(c.config.Domain, c.state.Domain, &c.plan.Domain)
			if err != nil {
				return err
			}
			if c.plan.ID = types.StringValue(name); !same {
				return nil
			}
			if c.plan.Years.Equal(c.state.Years) {
				c.plan.Status, c.plan.ExpiresAt, c.plan.OrderID = c.state.Status, c.state.ExpiresAt, c.state.OrderID
			} else if c.plan.Years.ValueInt64() < c.state.Years.ValueInt64() {
				return &dnszone.FieldError{Field: "years", Problem: fmt.Sprintf("is less than the %d that are ordered", c.state.Years.ValueInt64())}
			}
			return nil
		},
		create: orderDomain,
		read:   readRegistration,
		update: renewDomain,
		remove: func(_ context.Context, c *change[registrationModel]) error { return c.stays(c.state.ID) },
		key:    domainKey,
	}
}

// orderDomain places the order, unless the domain is held or ordered.
func orderDomain(ctx context.Context, c *change[registrationModel]) error {
	name := c.plan.ID.ValueString()
	most, err := c.offer(ctx, name, c.plan.consent)
	if err != nil {
		return err
	}
	var ensured hoster.Ensured[hoster.Domain]
	if code := c.config.AuthCode.ValueString(); code != "" {
		ensured, err = c.client.Domains.EnsureTransferred(ctx, hoster.DomainTransferOrder{Domain: name, AuthCode: hoster.NewSecret(code), MaxPrice: hoster.Set(most), CheckPrice: true})
	} else {
		order := hoster.DomainRegistrationOrder{Domain: name, Years: int(c.plan.Years.ValueInt64()), MaxPrice: hoster.Set(most), CheckPrice: true}
		if id := c.plan.Registrant.ValueString(); id != "" {
			order.Contacts = &hoster.DomainContacts{Registrant: hoster.ContactID(id)}
		}
		ensured, err = c.client.Domains.EnsureRegistered(ctx, order)
	}
	if err != nil {
		return err
	}
	return c.plan.complete(ctx, c, ensured)
}

// renewDomain orders the years that are missing, unless they are ordered.
func renewDomain(ctx context.Context, c *change[registrationModel]) error {
	var ensured hoster.Ensured[hoster.Domain]
	d, err := c.client.Domains.Get(ctx, c.plan.ID.ValueString())
	if err != nil {
		return err
	}
	paid, err := c.paidYears(ctx, d)
	if missing := int(c.plan.Years.ValueInt64()) - paid; err == nil && missing > 0 {
		var most hoster.Amount
		if most, err = c.offer(ctx, d.Name, c.plan.consent); err == nil {
			until := d.ExpiresAt.AddDate(missing, 0, -7) // some days less, for years of 365 days
			ensured, err = c.client.Domains.EnsureRenewed(ctx, d.Name, until, hoster.DomainRenewalOrder{Years: missing, MaxPrice: hoster.Set(most), CheckPrice: true})
		}
	}
	if err != nil {
		return err
	}
	return c.plan.complete(ctx, c, ensured)
}

// complete fills in what an order made of the domain.
func (m *registrationModel) complete(ctx context.Context, c *change[registrationModel], ensured hoster.Ensured[hoster.Domain]) error {
	d, err := c.client.Domains.Get(ctx, m.ID.ValueString())
	if m.OrderID = types.StringValue(""); ensured.Order != nil {
		m.OrderID = types.StringValue(string(ensured.Order.ID))
		c.announce(ensured.Order, ensured.Invoice)
	}
	m.Status, m.ExpiresAt = types.StringValue(string(d.Status)), timeOf(d.ExpiresAt)
	return err
}

// readRegistration takes a domain that has left the account for gone. Years are fewer
// than before where an order has lapsed.
func readRegistration(ctx context.Context, c *change[registrationModel]) error {
	m := &c.state
	d, err := c.client.Domains.Get(ctx, m.Domain.ValueString())
	if err != nil {
		return err
	}
	if !isHeld(d) {
		return fmt.Errorf("%w: %s is %s", hoster.ErrNotFound, d.Name, d.Status)
	}
	paid, err := c.paidYears(ctx, d)
	if err != nil {
		return err
	}
	if m.Years.IsNull() || paid < math.MaxInt && int64(paid) < m.Years.ValueInt64() {
		m.Years = types.Int64Value(int64(min(max(paid, 1), 100)))
	}
	m.ID, m.Status, m.ExpiresAt = types.StringValue(d.Name), types.StringValue(string(d.Status)), timeOf(d.ExpiresAt)
	return nil
}
