package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
)

type domainsModel struct {
	Status  types.String  `tfsdk:"status"`
	Search  types.String  `tfsdk:"search"`
	Domains []domainEntry `tfsdk:"domains"`
}

type domainEntry struct {
	Name         types.String `tfsdk:"name"`
	Status       types.String `tfsdk:"status"`
	RegisteredAt types.String `tfsdk:"registered_at"`
	ExpiresAt    types.String `tfsdk:"expires_at"`
	AutoRenew    types.Bool   `tfsdk:"auto_renew"`
	Locked       types.Bool   `tfsdk:"locked"`
	Nameservers  []string     `tfsdk:"nameservers"`
}

func newDomainsSource() datasource.DataSource {
	return &source[domainsModel]{
		name:  "hoster_domains",
		title: "Domains",
		text:  "The domains of the account.",
		uses:  []hoster.Operation{"Domains.List"},
		attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{Optional: true, Description: "Only domains with this status, such as active or expired."},
			"search": schema.StringAttribute{Optional: true, Description: "Only domains whose name holds this text."},
			"domains": schema.ListNestedAttribute{Computed: true, Description: "The domains, by name.", NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":          schema.StringAttribute{Computed: true, Description: "The name, in lower case and A-labels."},
				"status":        schema.StringAttribute{Computed: true, Description: "The status."},
				"registered_at": schema.StringAttribute{Computed: true, Description: "When it was registered, RFC 3339."},
				"expires_at":    schema.StringAttribute{Computed: true, Description: "When it expires, RFC 3339."},
				"auto_renew":    schema.BoolAttribute{Computed: true, Description: "Whether it is renewed by itself."},
				"locked":        schema.BoolAttribute{Computed: true, Description: "Whether it is locked against transfer."},
				"nameservers":   schema.ListAttribute{Computed: true, ElementType: types.StringType, Description: "The nameservers."},
			}}},
		},
		read: func(ctx context.Context, a *api, m *domainsModel) error {
			all, err := a.client.Domains.List(ctx, &hoster.DomainListOptions{Status: hoster.DomainStatus(m.Status.ValueString()), Search: m.Search.ValueString()})
			m.Domains = []domainEntry{}
			for _, d := range all {
				m.Domains = append(m.Domains, domainEntry{
					Name: types.StringValue(d.Name), Status: types.StringValue(string(d.Status)),
					RegisteredAt: timeOf(d.RegisteredAt), ExpiresAt: timeOf(d.ExpiresAt),
					AutoRenew: types.BoolValue(d.AutoRenew), Locked: types.BoolValue(d.Locked), Nameservers: d.Nameservers,
				})
			}
			return err
		},
	}
}

// timeOf is a time as RFC 3339, null where there is none.
func timeOf(t *time.Time) types.String {
	if t == nil || t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}
