package provider

import (
	"cmp"
	"context"
	"fmt"
	"strings"

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
		name: "hoster_hosting", title: "Hosting account", identity: "id",
		text: "Orders a hosting account for a domain, and another plan or billing cycle later. An account of the same domain, plan and cycle that is there already is taken over and nothing is ordered. Destroying the resource cancels the account.",
		uses: []hoster.Operation{"Hosting.List", "Hosting.Provision", "Hosting.Upgrade", "Hosting.Cancel", "HostingPlans.List", "Orders.List"},
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
			if when := hoster.CancelWhen(m.CancelWhen.ValueString()); when != "" && when != hoster.CancelWhenEndOfTerm && when != hoster.CancelWhenImmediate {
				return &dnszone.FieldError{Field: "cancel_when", Problem: "must be end_of_term or immediate"}
			}
			return cmp.Or(m.consent.check(), checkDomain(m.Domain))
		},
		plan: func(_ context.Context, c *change[hostingModel]) error {
			_, _, err := c.planName(c.config.Domain, c.state.Domain, &c.plan.Domain)
			return err
		},
		create: createHosting,
		read:   readHosting,
		update: upgradeHosting,
		remove: func(ctx context.Context, c *change[hostingModel]) error {
			lapses, err := c.cancelHosting(ctx, hoster.HostingID(c.state.ID.ValueString()), hoster.CancelWhen(c.state.CancelWhen.ValueString()))
			if lapses {
				c.diags.AddWarning("Order not cancelled", "The account is not paid yet. Its order lapses by itself if its invoice is not paid.")
			}
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
	order, err := c.hostingOrder(ctx, c.plan)
	if err != nil {
		return err
	}
	ensured, err := c.ensureHosting(ctx, order)
	if err != nil {
		return err
	}
	c.announce(ensured.Order, ensured.Invoice)
	c.plan.take(ensured.Item)
	return nil
}

// upgradeHosting orders another plan or cycle, unless that is ordered.
func upgradeHosting(ctx context.Context, c *change[hostingModel]) error {
	if c.plan.PlanID.Equal(c.state.PlanID) && c.plan.BillingCycle.Equal(c.state.BillingCycle) {
		return nil
	}
	order, err := c.hostingOrder(ctx, c.plan)
	if err != nil {
		return err
	}
	purchase, err := c.ensureUpgrade(ctx, hoster.HostingID(c.plan.ID.ValueString()), order)
	c.announce(&purchase.Order, &purchase.Invoice)
	return err
}

// readHosting takes a cancelled account for gone. What an unpaid upgrade will change
// counts as changed.
func readHosting(ctx context.Context, c *change[hostingModel]) error {
	m := &c.state
	service, err := c.findHosting(ctx, m.ID.ValueString(), m.Domain.ValueString())
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
