package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

type recordsModel struct {
	Domain  types.String  `tfsdk:"domain"`
	Name    types.String  `tfsdk:"name"`
	Type    types.String  `tfsdk:"type"`
	Records []recordEntry `tfsdk:"records"`
}

type recordEntry struct {
	ID       types.String `tfsdk:"id"`
	Name     types.String `tfsdk:"name"`
	Type     types.String `tfsdk:"type"`
	Value    types.String `tfsdk:"value"`
	TTL      types.Int64  `tfsdk:"ttl"`
	Priority types.Int64  `tfsdk:"priority"`
	Weight   types.Int64  `tfsdk:"weight"`
	Port     types.Int64  `tfsdk:"port"`
}

func newRecordsSource() datasource.DataSource {
	return &source[recordsModel]{
		name:  "hoster_dns_records",
		title: "DNS records",
		text:  "The DNS records of a domain.",
		uses:  []hoster.Operation{"DNS.List"},
		attributes: map[string]schema.Attribute{
			"domain": schema.StringAttribute{Required: true, Description: "The domain, such as example.com."},
			"name":   schema.StringAttribute{Optional: true, Description: "Only records of this name, relative to the domain or in full."},
			"type":   schema.StringAttribute{Optional: true, Description: "Only records of this type."},
			"records": schema.ListNestedAttribute{Computed: true, Description: "The records, oldest first.", NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id":       schema.StringAttribute{Computed: true, Description: "The id."},
				"name":     schema.StringAttribute{Computed: true, Description: "The name relative to the domain, @ for the domain itself."},
				"type":     schema.StringAttribute{Computed: true, Description: "The type."},
				"value":    schema.StringAttribute{Computed: true, Description: "The value in canonical form."},
				"ttl":      schema.Int64Attribute{Computed: true, Description: "The TTL in seconds."},
				"priority": schema.Int64Attribute{Computed: true, Description: "The priority of MX and SRV."},
				"weight":   schema.Int64Attribute{Computed: true, Description: "The weight of SRV."},
				"port":     schema.Int64Attribute{Computed: true, Description: "The port of SRV."},
			}}},
		},
		read: readRecords,
	}
}

func readRecords(ctx context.Context, a *api, m *recordsModel) error {
	name, err := dnszone.ParseName(m.Name.ValueString(), m.Domain.ValueString())
	if err != nil {
		return err
	}
	all, err := a.readZone(ctx, name.Zone())
	m.Records = []recordEntry{}
	for _, h := range all {
		if !m.Name.IsNull() && h.Name != name || !m.Type.IsNull() && !strings.EqualFold(m.Type.ValueString(), string(h.Fields.Type)) {
			continue
		}
		m.Records = append(m.Records, recordEntry{
			ID: types.StringValue(h.ID), Name: types.StringValue(h.Name.Relative()), Type: types.StringValue(string(h.Fields.Type)),
			Value: types.StringValue(h.Fields.Value), TTL: types.Int64Value(int64(h.TTL)),
			Priority: int64Of(h.Fields.Priority), Weight: int64Of(h.Fields.Weight), Port: int64Of(h.Fields.Port),
		})
	}
	return err
}
