package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

type recordSetModel struct {
	ID     types.String `tfsdk:"id"`
	Domain types.String `tfsdk:"domain"`
	Name   types.String `tfsdk:"name"`
	Type   types.String `tfsdk:"type"`
	Values types.Set    `tfsdk:"values"`
	TTL    types.Int64  `tfsdk:"ttl"`
	FQDN   types.String `tfsdk:"fqdn"`
	limits
}

func newRecordSet() resource.Resource {
	return &kind[recordSetModel]{
		name: "hoster_dns_record_set", title: "DNS record set", identity: "key",
		text: "All values of one name and type. Values that are not listed are removed. A set that holds other values already has to be imported.",
		uses: []hoster.Operation{"DNS.List", "DNS.Batch"},
		attributes: map[string]schema.Attribute{
			"id":     schema.StringAttribute{Computed: true, Description: "DOMAIN/NAME/TYPE."},
			"domain": schema.StringAttribute{Required: true, Description: "The domain whose zone holds the set, such as example.com. Another domain makes a new set."},
			"name":   schema.StringAttribute{Required: true, Description: "The name, relative to the domain or in full; @ is the domain itself. Another name makes a new set."},
			"type":   schema.StringAttribute{Required: true, Description: "The type, such as A, AAAA, CNAME, MX, TXT, NS, SRV or CAA. Another type makes a new set."},
			"values": schema.SetAttribute{Required: true, ElementType: types.StringType, Description: "The values, at least one. The numbers of MX and SRV stand in front: \"10 mail.example.com\". TXT is the text itself, without quotes."},
			"ttl":    schema.Int64Attribute{Optional: true, Computed: true, Description: "The TTL in seconds, 60 to 604800. Default: as it is, or 3600 for a new set."},
			"fqdn":   schema.StringAttribute{Computed: true, Description: "The name in full, without the final dot."},
		},
		check:  func(m *recordSetModel) error { _, err := m.parse(); return err },
		plan:   planRecordSet,
		create: writeRecordSet,
		read:   readRecordSet,
		update: writeRecordSet,
		remove: func(ctx context.Context, c *change[recordSetModel]) error {
			goal, err := c.state.parse()
			if err != nil {
				return err
			}
			return c.zones.of(goal.Key.Name).remove(ctx, goal)
		},
		key: importRecordSet,
	}
}

// parse reads the set in whatever spelling it has.
func (m *recordSetModel) parse() (goal dnszone.Goal, err error) {
	if goal.Key, err = parseKey(m.Domain, m.Name, m.Type); err != nil {
		return goal, err
	}
	if m.Values.IsUnknown() {
		return goal, errUnknown
	}
	for _, v := range m.Values.Elements() {
		data, err := parseData(goal.Key.Type, v.(types.String), types.Int64Null(), types.Int64Null(), types.Int64Null())
		if errors.Is(err, errUnknown) {
			return goal, err
		} else if err != nil {
			return goal, &dnszone.FieldError{Field: "values", Problem: fmt.Sprintf("hold %s: %v", v, err)}
		}
		goal.Want = append(goal.Want, data)
	}
	goal.Replace, goal.TTL = true, int(m.TTL.ValueInt64())
	return goal, checkTTL(m.TTL)
}

// planRecordSet keeps the state's spelling where the configuration has another one of
// the same set.
func planRecordSet(_ context.Context, c *change[recordSetModel]) error {
	want, err := c.config.parse()
	if err == nil && len(want.Want) == 0 {
		err = &dnszone.FieldError{Field: "values", Problem: "must hold at least one value: remove the resource to remove the set"}
	}
	if err != nil {
		return err
	}
	c.plan.FQDN = fqdnOf(want.Key.Name)
	c.plan.ID = types.StringValue(dnszone.Key{Name: want.Key.Name, Type: want.Key.Type}.String())
	if c.isNew {
		return nil
	}
	now, err := c.state.parse()
	if c.newKey(err, now.Key, want.Key, true) {
		return nil
	}
	c.plan.Domain, c.plan.Name, c.plan.Type = c.state.Domain, c.state.Name, c.state.Type
	if sameValues(now.Want, want.Want) {
		c.plan.Values = c.state.Values
	}
	if c.config.TTL.IsNull() {
		c.plan.TTL = c.state.TTL
	}
	return nil
}

// writeRecordSet makes the zone hold the planned set.
func writeRecordSet(ctx context.Context, c *change[recordSetModel]) error {
	goal, err := c.plan.parse()
	if err != nil {
		return err
	}
	set, err := c.zones.of(goal.Key.Name).replace(ctx, goal, c.isNew)
	if err != nil {
		return err
	}
	c.plan.TTL = c.noteStored(ctx, c.plan.TTL, set...)
	return nil
}

// readRecordSet reads the set, and keeps the spelling of what is as it was.
func readRecordSet(ctx context.Context, c *change[recordSetModel]) error {
	old, err := c.state.parse()
	if err != nil {
		return err
	}
	set, err := c.zones.of(old.Key.Name).set(ctx, old.Key)
	if err != nil {
		return err
	}
	was := c.stored(ctx)
	if len(set) == 0 {
		return fmt.Errorf("%w: %s", hoster.ErrNotFound, old.Key.Name.FQDN())
	}
	if !sameValues(old.Want, dataOf(set)) && !was.holdAll(set) {
		values, problems := types.SetValueFrom(ctx, types.StringType, spellings(set))
		c.diags.Append(problems...)
		c.state.Values = values
	}
	c.state.ID, c.state.FQDN = types.StringValue(dnszone.Key{Name: old.Key.Name, Type: old.Key.Type}.String()), fqdnOf(old.Key.Name)
	c.state.TTL = was.ttlOf(c.state.TTL, set[0].TTL)
	return nil
}
