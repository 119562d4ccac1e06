package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
)

type domainModel struct {
	ID           types.String `tfsdk:"id"`
	Domain       types.String `tfsdk:"domain"`
	AutoRenew    types.Bool   `tfsdk:"auto_renew"`
	Locked       types.Bool   `tfsdk:"locked"`
	WhoisPrivacy types.Bool   `tfsdk:"whois_privacy"`
	Nameservers  types.Set    `tfsdk:"nameservers"`
	Registrant   types.String `tfsdk:"registrant"`
	Admin        types.String `tfsdk:"admin"`
	Tech         types.String `tfsdk:"tech"`
	Billing      types.String `tfsdk:"billing"`
	Status       types.String `tfsdk:"status"`
	ExpiresAt    types.String `tfsdk:"expires_at"`
	limits
}

func newDomain() resource.Resource {
	return &kind[domainModel]{
		name: "hoster_domain", title: "Domain", identity: "domain",
		text: "The settings of a domain that is in the account. It never buys: see hoster_domain_registration. A setting that is left out stays as it is. Destroying the resource changes nothing at the provider.",
		uses: []hoster.Operation{"Domains.Get", "Domains.Update", "Domains.SetNameservers", "Domains.SetContacts"},
		attributes: map[string]schema.Attribute{
			"id":            schema.StringAttribute{Computed: true, Description: "The domain in lower case and A-labels."},
			"domain":        schema.StringAttribute{Required: true, Description: "The domain, such as example.com."},
			"auto_renew":    schema.BoolAttribute{Optional: true, Computed: true, PlanModifiers: keepBool, Description: "Whether the domain is renewed by itself."},
			"locked":        schema.BoolAttribute{Optional: true, Computed: true, PlanModifiers: keepBool, Description: "Whether the domain is locked against transfer."},
			"whois_privacy": schema.BoolAttribute{Optional: true, Computed: true, PlanModifiers: keepBool, Description: "Whether the registrant is hidden in whois."},
			"nameservers":   schema.SetAttribute{Optional: true, Computed: true, ElementType: types.StringType, Description: "The nameservers, 2 to 13."},
			"registrant":    schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: keepString, Description: "The id of the contact that owns the domain."},
			"admin":         schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: keepString, Description: "The id of the administrative contact."},
			"tech":          schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: keepString, Description: "The id of the technical contact."},
			"billing":       schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: keepString, Description: "The id of the billing contact."},
			"status":        schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The status, such as active."},
			"expires_at":    schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "When the domain expires, RFC 3339."},
		},
		check:  func(m *domainModel) error { return checkDomain(m.Domain) },
		plan:   planDomain,
		create: writeDomain,
		read: func(ctx context.Context, c *change[domainModel]) error {
			d, err := c.client.Domains.Get(ctx, c.state.Domain.ValueString())
			if err == nil {
				c.state.take(d)
			}
			return err
		},
		update: writeDomain,
		remove: func(_ context.Context, c *change[domainModel]) error { return c.stays(c.state.ID) },
		key:    domainKey,
	}
}

// planDomain keeps what is equal in another spelling.
func planDomain(_ context.Context, c *change[domainModel]) error {
	name, same, err := c.planName(c.config.Domain, c.state.Domain, &c.plan.Domain)
	if err != nil {
		return err
	}
	if c.plan.ID = types.StringValue(name); !same {
		return nil
	}
	if c.config.Nameservers.IsNull() || known(c.plan.Nameservers) && sameHosts(stringsOf(c.plan.Nameservers), stringsOf(c.state.Nameservers)) {
		c.plan.Nameservers = c.state.Nameservers
	}
	return nil
}

// writeDomain changes the settings that are not as planned.
func writeDomain(ctx context.Context, c *change[domainModel]) error {
	now, err := c.client.Domains.Get(ctx, c.plan.Domain.ValueString())
	if err != nil {
		return err
	}
	plan := c.plan
	update := hoster.DomainUpdate{AutoRenew: changed(plan.AutoRenew, now.AutoRenew), Locked: changed(plan.Locked, now.Locked), WhoisPrivacy: changed(plan.WhoisPrivacy, now.WhoisPrivacy)}
	if update != (hoster.DomainUpdate{}) {
		if _, err := c.client.Domains.Update(ctx, now.Name, update); err != nil {
			return err
		}
	}
	if hosts := stringsOf(plan.Nameservers); len(hosts) > 0 && !sameHosts(hosts, now.Nameservers) {
		if _, err := c.client.Domains.SetNameservers(ctx, now.Name, hosts); err != nil {
			return err
		}
	}
	if contacts, differ := plan.contacts(now.Contacts); differ {
		if _, err := c.client.Domains.SetContacts(ctx, now.Name, contacts); err != nil {
			return err
		}
	}
	if now, err = c.client.Domains.Get(ctx, now.Name); err != nil {
		return err
	}
	c.plan.take(now)
	// What was planned stays as it was planned; the next plan tells what is otherwise.
	for _, s := range [][2]*types.String{
		{&c.plan.Registrant, &plan.Registrant}, {&c.plan.Admin, &plan.Admin}, {&c.plan.Tech, &plan.Tech}, {&c.plan.Billing, &plan.Billing}, {&c.plan.Status, &plan.Status}, {&c.plan.ExpiresAt, &plan.ExpiresAt},
	} {
		keepPlanned(s[0], *s[1])
	}
	keepPlanned(&c.plan.AutoRenew, plan.AutoRenew)
	keepPlanned(&c.plan.Locked, plan.Locked)
	keepPlanned(&c.plan.WhoisPrivacy, plan.WhoisPrivacy)
	keepPlanned(&c.plan.Nameservers, plan.Nameservers)
	return nil
}

// contacts are the planned ones, and where none is planned those that the domain has.
func (m *domainModel) contacts(now *hoster.DomainContacts) (want hoster.DomainContacts, differ bool) {
	if now != nil {
		want = *now
	}
	for _, role := range []struct {
		to   *hoster.ContactID
		from types.String
	}{{&want.Registrant, m.Registrant}, {&want.Admin, m.Admin}, {&want.Tech, m.Tech}, {&want.Billing, m.Billing}} {
		if id := role.from.ValueString(); id != "" {
			*role.to = hoster.ContactID(id)
		}
	}
	return want, now == nil || want != *now
}

// take brings what was read into a model, and keeps the spelling of what is equal.
func (m *domainModel) take(d hoster.Domain) {
	m.ID = types.StringValue(d.Name)
	m.AutoRenew, m.Locked, m.WhoisPrivacy = types.BoolValue(d.AutoRenew), types.BoolValue(d.Locked), types.BoolValue(d.WhoisPrivacy)
	if !known(m.Nameservers) || !sameHosts(stringsOf(m.Nameservers), d.Nameservers) {
		m.Nameservers = setOfStrings(d.Nameservers)
	}
	var contacts hoster.DomainContacts
	if d.Contacts != nil {
		contacts = *d.Contacts
	}
	m.Registrant, m.Admin = types.StringValue(string(contacts.Registrant)), types.StringValue(string(contacts.Admin))
	m.Tech, m.Billing = types.StringValue(string(contacts.Tech)), types.StringValue(string(contacts.Billing))
	m.Status, m.ExpiresAt = types.StringValue(string(d.Status)), timeOf(d.ExpiresAt)
}
