package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

type zoneModel struct {
	ID        types.String  `tfsdk:"id"`
	Domain    types.String  `tfsdk:"domain"`
	Records   types.Set     `tfsdk:"records"`
	Share     types.Float64 `tfsdk:"max_delete_share"`
	Deletions types.List    `tfsdk:"deletions"`
	limits
}

func newZone() resource.Resource {
	return &kind[zoneModel]{
		name: "hoster_dns_zone", title: "DNS zone", identity: "domain",
		text: "All records of a domain, but for the nameservers of the domain itself and records of types that the provider adds to the usual ones. Records that are not listed are deleted; the plan shows which.",
		uses: []hoster.Operation{"DNS.List", "DNS.Batch"},
		attributes: map[string]schema.Attribute{
			"id":     schema.StringAttribute{Computed: true, Description: "The domain."},
			"domain": schema.StringAttribute{Required: true, Description: "The domain, such as example.com. Another domain makes a new zone, and empties this one."},
			"records": schema.SetNestedAttribute{Required: true, Description: "The records, at least one.", NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":  schema.StringAttribute{Required: true, Description: "The name, relative to the domain or in full; @ is the domain itself."},
				"type":  schema.StringAttribute{Required: true, Description: "The type, such as A or MX."},
				"value": schema.StringAttribute{Required: true, Description: "The value. The numbers of MX and SRV stand in front: \"10 mail.example.com\". TXT is the text itself, without quotes."},
				"ttl":   schema.Int64Attribute{Optional: true, Description: "The TTL in seconds, 60 to 604800, the same for all values of a name and type. Default: as it is, or 3600."},
			}}},
			"max_delete_share": schema.Float64Attribute{Optional: true, Description: "The share of the records that one apply may delete, from 0 to 1. Default: 0.5."},
			"deletions":        schema.ListAttribute{Computed: true, ElementType: types.StringType, Description: "The values that the apply deletes or replaces, known when it is planned. If there are others by the time it is applied, nothing is written, and Terraform says that the final plan is inconsistent: plan again."},
		},
		check:  func(m *zoneModel) error { _, err := m.parse(context.Background()); return err },
		plan:   planZone,
		create: applyZone,
		read:   readZone,
		update: applyZone,
		remove: removeZone,
		key: func(id string) (map[string]any, error) {
			name, err := dnszone.ParseDomain(id)
			return map[string]any{"domain": name}, err
		},
	}
}

// planZone shows what would be deleted.
func planZone(ctx context.Context, c *change[zoneModel]) error {
	want, err := c.plan.parse(ctx)
	if err == nil && want != nil && len(want) == 0 {
		err = &dnszone.FieldError{Field: "records", Problem: "must hold at least one record: remove the resource to delete them all"}
	}
	if err != nil || want == nil {
		return err
	}
	name, same, err := c.planName(c.plan.Domain, c.state.Domain, &c.plan.Domain)
	if err != nil {
		return err
	}
	c.plan.ID = types.StringValue(name)
	if now, err := c.state.parse(ctx); same && err == nil && sameZone(now, want) {
		c.plan.Records, c.plan.Deletions = c.state.Records, c.state.Deletions
		return nil
	}
	plan, err := c.planZone(ctx, name, want, c.plan.Share)
	if err != nil {
		return err
	}
	c.plan.Deletions = setDeletions(types.ListUnknown(types.StringType), plan)
	if n := len(c.plan.Deletions.Elements()); n > 0 {
		c.diags.AddAttributeWarning(path.Root("records"), fmt.Sprintf("%d values of %s are deleted or replaced", n, name), plan.String())
	}
	return nil
}

// applyZone makes the zone as planned, unless that would delete something that the plan
// did not show.
func applyZone(ctx context.Context, c *change[zoneModel]) error {
	want, err := c.plan.parse(ctx)
	if err != nil {
		return err
	}
	plan, err := c.planZone(ctx, c.plan.ID.ValueString(), want, c.plan.Share)
	if err != nil {
		return err
	}
	shown, err := c.plan.shown(ctx, c.state)
	if err != nil {
		return err
	}
	for _, d := range deletions(plan) {
		if !slices.Contains(shown, d) {
			return fmt.Errorf("%s would be deleted, which the plan did not show. The zone has changed since, or the records were not known then: plan again", d)
		}
	}
	c.plan.Deletions = setDeletions(c.plan.Deletions, plan)
	return c.applyZone(ctx, plan)
}

// readZone keeps the entries whose records are there, drops the others, and adds what
// else the zone holds.
func readZone(ctx context.Context, c *change[zoneModel]) error {
	name, err := dnszone.ParseDomain(c.state.Domain.ValueString())
	if err != nil {
		return err
	}
	old, err := c.state.parse(ctx)
	if err != nil {
		return err
	}
	now, err := c.readZone(ctx, name)
	if err != nil {
		return err
	}
	var problems diag.Diagnostics
	c.state.Records, problems = types.SetValueFrom(ctx, zoneEntryType, entriesOf(old, now, c.storedTTLs(ctx)))
	c.diags.Append(problems...)
	c.state.ID = types.StringValue(name)
	return nil
}

// removeZone deletes the records of the state.
func removeZone(ctx context.Context, c *change[zoneModel]) error {
	old, err := c.state.parse(ctx)
	if err != nil {
		return err
	}
	owned := map[string]bool{}
	for _, r := range old {
		owned[r.text()] = true
	}
	plan, err := c.client.DNS.PlanZone(ctx, c.state.ID.ValueString(), nil, &hoster.ZonePlanOptions{
		AllowEmpty: true, Owned: func(r hoster.Record) bool { return owned[textOf(r)] },
	})
	if err != nil {
		return err
	}
	return c.applyZone(ctx, plan)
}
