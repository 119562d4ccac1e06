package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

type hostingModel struct {
	ID           types.String `tfsdk:"id"`
	Domain       types.String `tfsdk:"domain"`
	PlanID       types.String `tfsdk:"plan_id"`
	BillingCycle types.String `tfsdk:"billing_cycle"`
	CancelWhen   types.String `tfsdk:"cancel_when"`
	Status       types.String `tfsdk:"status"`
	Username     types.String `tfsdk:"username"`
	ControlPanel types.String `tfsdk:"control_panel"`
	Hostname     types.String `tfsdk:"server_hostname"`
	IPAddress    types.String `tfsdk:"server_ip_address"`
	consent
	limits
}

func newHosting() resource.Resource {
	return &kind[hostingModel]{
		name:  "hoster_hosting",
		title: "Hosting account",
		text:  "Orders a hosting account for a domain, and another plan or billing cycle later. An account of the same domain, plan and cycle that is there already is taken over and nothing is ordered. Destroying the resource cancels the account. Needs the scopes hosting:read, hosting:write and account:read.",
		attributes: consentAttributes(map[string]schema.Attribute{
			"id":                schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The id."},
			"domain":            schema.StringAttribute{Required: true, Description: "The domain of the account. Another domain orders a new account."},
			"plan_id":           schema.StringAttribute{Required: true, Description: "The id of the plan; see hoster_hosting_plans."},
			"billing_cycle":     schema.StringAttribute{Required: true, Description: "How often it is paid, such as monthly or annual."},
			"cancel_when":       schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString(string(hoster.CancelWhenEndOfTerm)), Description: "When it ends after it is destroyed: end_of_term or immediate. Default: end_of_term."},
			"status":            schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The status: pending until the invoice is paid."},
			"username":          schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The name of the user of the control panel."},
			"control_panel":     schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The control panel, such as cpanel."},
			"server_hostname":   schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The host name of the server."},
			"server_ip_address": schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The IP address of the server."},
		}),
		check: func(m *hostingModel) error {
			if when := hoster.CancelWhen(m.CancelWhen.ValueString()); when != "" && !when.Known() {
				return &dnszone.FieldError{Field: "cancel_when", Problem: "must be end_of_term or immediate"}
			}
			if err := m.consent.check(); err != nil {
				return err
			}
			return checkDomain(m.Domain)
		},
		plan: func(_ context.Context, c *change[hostingModel]) error {
			name, err := dnszone.ParseDomain(c.config.Domain.ValueString())
			if err != nil || c.config.Domain.IsUnknown() || c.isNew {
				return checkDomain(c.config.Domain)
			}
			if old, err := dnszone.ParseDomain(c.state.Domain.ValueString()); err != nil || old != name {
				c.replace.Append(path.Root("domain"))
				return nil
			}
			c.plan.Domain = c.state.Domain
			return nil
		},
		create: createHosting,
		read:   readHosting,
		update: upgradeHosting,
		remove: func(ctx context.Context, c *change[hostingModel]) error {
			_, err := c.client.Hosting.Cancel(ctx, hoster.HostingID(c.state.ID.ValueString()), hoster.HostingCancellation{When: hoster.CancelWhen(c.state.CancelWhen.ValueString())})
			return err
		},
		key: func(id string) (map[string]any, error) {
			if strings.Contains(id, ".") {
				return domainKey(id)
			}
			return map[string]any{"id": id}, nil
		},
	}
}

// createHosting orders an account, unless there is one or its order is pending.
func createHosting(ctx context.Context, c *change[hostingModel]) error {
	most, err := c.planPrice(ctx, c.plan.PlanID.ValueString(), c.plan.BillingCycle.ValueString(), c.plan.consent)
	if err != nil {
		return err
	}
	plan, cycle := hoster.HostingPlanID(c.plan.PlanID.ValueString()), hoster.BillingCycle(c.plan.BillingCycle.ValueString())
	service, found, err := c.hostingOf(ctx, c.plan.Domain.ValueString())
	if err == nil && found && (service.Plan.ID != plan || service.BillingCycle != cycle) {
		err = fmt.Errorf("the account %s of %s has the plan %s, %s: import it as %s", service.ID, service.Domain, service.Plan.ID, service.BillingCycle, service.ID)
	}
	if err != nil {
		return err
	}
	if !found {
		purchase, err := c.client.Hosting.Provision(ctx, hoster.HostingOrder{PlanID: plan, Domain: hoster.Set(c.plan.Domain.ValueString()), BillingCycle: cycle, MaxPrice: hoster.Set(most)})
		if err != nil && !mayBeOrdered(err) {
			return err
		}
		var lookErr error
		if service, found, lookErr = c.hostingOf(ctx, c.plan.Domain.ValueString()); lookErr != nil || !found {
			return unseen(err, lookErr, "the account")
		}
		c.announce(purchase.Purchase)
	}
	c.plan.take(service)
	return nil
}

// upgradeHosting orders another plan or cycle, unless that is ordered.
func upgradeHosting(ctx context.Context, c *change[hostingModel]) error {
	p := c.plan
	if p.PlanID.Equal(c.state.PlanID) && p.BillingCycle.Equal(c.state.BillingCycle) {
		return nil
	}
	id, plan := hoster.HostingID(p.ID.ValueString()), hoster.HostingPlanID(p.PlanID.ValueString())
	if _, pending, err := c.pendingUpgrade(ctx, id, plan); err != nil || pending {
		return err
	}
	most, err := c.planPrice(ctx, string(plan), p.BillingCycle.ValueString(), p.consent)
	if err != nil {
		return err
	}
	purchase, err := c.client.Hosting.Upgrade(ctx, id, hoster.HostingUpgradeOrder{PlanID: plan, BillingCycle: hoster.Set(hoster.BillingCycle(p.BillingCycle.ValueString())), MaxPrice: hoster.Set(most)})
	if err != nil && mayBeOrdered(err) {
		_, pending, lookErr := c.pendingUpgrade(ctx, id, plan)
		if pending {
			return nil
		}
		return unseen(err, lookErr, "the upgrade")
	}
	c.announce(purchase.Purchase)
	return err
}

// readHosting takes a cancelled account for gone. What an unpaid upgrade will change
// counts as changed.
func readHosting(ctx context.Context, c *change[hostingModel]) error {
	m := &c.state
	var service hoster.HostingAccount
	var err error
	if m.ID.IsNull() {
		var found bool
		if service, found, err = c.hostingOf(ctx, m.Domain.ValueString()); err == nil && !found {
			err = fmt.Errorf("%w: %s has no hosting account", hoster.ErrNotFound, m.Domain.ValueString())
		}
	} else {
		service, err = c.client.Hosting.Get(ctx, hoster.HostingID(m.ID.ValueString()))
	}
	if err != nil {
		return err
	}
	if service.Status == hoster.HostingStatusCancelled {
		return fmt.Errorf("%w: the account %s is cancelled", hoster.ErrNotFound, service.ID)
	}
	plan := hoster.HostingPlanID(m.PlanID.ValueString())
	if differs := service.Plan.ID != plan || string(service.BillingCycle) != m.BillingCycle.ValueString(); differs {
		_, pending, err := c.pendingUpgrade(ctx, service.ID, plan)
		if err != nil {
			return err
		}
		if !pending {
			m.PlanID, m.BillingCycle = types.StringValue(string(service.Plan.ID)), types.StringValue(string(service.BillingCycle))
		}
	}
	if m.CancelWhen.IsNull() {
		m.CancelWhen = types.StringValue(string(hoster.CancelWhenEndOfTerm))
	}
	m.take(service)
	return nil
}

// take brings what was read into a model.
func (m *hostingModel) take(s hoster.HostingAccount) {
	m.ID, m.Status = types.StringValue(string(s.ID)), types.StringValue(string(s.Status))
	if old, err := dnszone.ParseDomain(m.Domain.ValueString()); err != nil || old != s.Domain {
		m.Domain = types.StringValue(s.Domain)
	}
	m.Username, m.ControlPanel = types.StringValue(s.Username), types.StringValue(string(s.ControlPanel))
	var server hoster.HostingServer
	if s.Server != nil {
		server = *s.Server
	}
	m.Hostname, m.IPAddress = types.StringValue(server.Hostname), types.StringValue(server.IPAddress)
}
