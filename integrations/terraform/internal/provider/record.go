package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

type recordModel struct {
	ID       types.String `tfsdk:"id"`
	Domain   types.String `tfsdk:"domain"`
	Name     types.String `tfsdk:"name"`
	Type     types.String `tfsdk:"type"`
	Value    types.String `tfsdk:"value"`
	Priority types.Int64  `tfsdk:"priority"`
	Weight   types.Int64  `tfsdk:"weight"`
	Port     types.Int64  `tfsdk:"port"`
	TTL      types.Int64  `tfsdk:"ttl"`
	FQDN     types.String `tfsdk:"fqdn"`
	limits
}

func newRecord() resource.Resource {
	return &kind[recordModel]{
		name: "hoster_dns_record", title: "DNS record", identity: "key", identify: (*recordModel).key,
		text: "One DNS record: a single value of a name and type. Other values of the same name and type stay as they are. A record that is there already is taken over.",
		uses: []hoster.Operation{"DNS.List", "DNS.Batch"},
		attributes: map[string]schema.Attribute{
			"id":       schema.StringAttribute{Computed: true, Description: "The id of the record. The API may give a changed record another one."},
			"domain":   schema.StringAttribute{Required: true, Description: "The domain whose zone holds the record, such as example.com. Another domain makes a new record."},
			"name":     schema.StringAttribute{Required: true, Description: "The name, relative to the domain or in full; @ is the domain itself."},
			"type":     schema.StringAttribute{Required: true, Description: "The type, such as A, AAAA, CNAME, MX, TXT, NS, SRV or CAA. Another type makes a new record."},
			"value":    schema.StringAttribute{Required: true, Description: "The value. TXT is the text itself, without quotes and of any length up to 4096 octets. The numbers of MX and SRV stand in front of the value or in their own attributes."},
			"priority": schema.Int64Attribute{Optional: true, Computed: true, Description: "The priority of MX and SRV, 0 to 65535."},
			"weight":   schema.Int64Attribute{Optional: true, Computed: true, Description: "The weight of SRV, 0 to 65535."},
			"port":     schema.Int64Attribute{Optional: true, Computed: true, Description: "The port of SRV, 0 to 65535."},
			"ttl":      schema.Int64Attribute{Optional: true, Computed: true, Description: "The TTL in seconds, 60 to 604800. It holds for all values of the name and type. Default: that of the values that are there, or 3600."},
			"fqdn":     schema.StringAttribute{Computed: true, Description: "The name in full, without the final dot."},
		},
		check:  func(m *recordModel) error { _, err := m.parse(); return err },
		plan:   planRecord,
		create: writeRecord,
		read:   readRecord,
		update: writeRecord,
		remove: func(ctx context.Context, c *change[recordModel]) error {
			rec, err := c.state.parse()
			if err != nil {
				return err
			}
			return c.zones.of(rec.Name).take(ctx, c.state.ID.ValueString(), rec)
		},
		key: importRecord,
	}
}

// parse reads the record in whatever spelling it has.
func (m *recordModel) parse() (rec dnszone.Record, err error) {
	rec.Data = dnszone.Raw{} // also where it cannot be read
	key, err := parseKey(m.Domain, m.Name, m.Type)
	if err != nil {
		return rec, err
	}
	rec.Name, rec.TTL = key.Name, int(m.TTL.ValueInt64())
	data, err := parseData(key.Type, m.Value, m.Priority, m.Weight, m.Port)
	if err != nil {
		return rec, err
	}
	rec.Data = data
	return rec, checkTTL(m.TTL)
}

// setNumbers fills in what follows from the record.
func (m *recordModel) setNumbers(rec dnszone.Record) {
	f := dnszone.ToFields(rec.Data)
	m.Priority, m.Weight, m.Port, m.FQDN = int64Of(f.Priority), int64Of(f.Weight), int64Of(f.Port), fqdnOf(rec.Name)
}

// planRecord keeps the state's spelling where the configuration has another one of
// the same record, and fills in what follows from the configuration.
func planRecord(_ context.Context, c *change[recordModel]) error {
	want, err := c.config.parse()
	if err != nil {
		return err
	}
	c.plan.setNumbers(want)
	if c.isNew {
		return nil
	}
	now, err := c.state.parse()
	if !c.newKey(err, now.Key(), want.Key(), false) && now.Name == want.Name && dnszone.Equal(now.Data, want.Data) {
		c.plan.Domain, c.plan.Name, c.plan.Type, c.plan.Value = c.state.Domain, c.state.Name, c.state.Type, c.state.Value
		if c.config.TTL.IsNull() {
			c.plan.TTL = c.state.TTL
		}
		if c.plan.TTL.Equal(c.state.TTL) {
			c.plan.ID = c.state.ID
		}
	}
	return nil
}

// writeRecord makes the zone hold the planned record, and not the old one.
func writeRecord(ctx context.Context, c *change[recordModel]) error {
	want, err := c.plan.parse()
	if err != nil {
		return err
	}
	old := want
	if !c.isNew {
		if old, err = c.state.parse(); err != nil {
			return err
		}
	}
	got, err := c.zones.of(want.Name).put(ctx, c.state.ID.ValueString(), old, want)
	if err != nil {
		return err
	}
	c.plan.setNumbers(want)
	c.plan.ID = types.StringValue(got.ID)
	c.plan.TTL = c.noteStored(ctx, c.plan.TTL, got)
	return nil
}

// readRecord looks for the record by its id, which another writer's change keeps, and
// else by what it is.
func readRecord(ctx context.Context, c *change[recordModel]) error {
	old, err := c.state.parse()
	if err != nil {
		return err
	}
	got, err := c.zones.of(old.Name).find(ctx, c.state.ID.ValueString(), old)
	if err != nil {
		return err
	}
	was := c.stored(ctx)
	if got.Name != old.Name || !dnszone.Equal(got.Data, old.Data) && !was.holds(got.Data) {
		old.Name, old.Data = got.Name, got.Data
		c.state.Name, c.state.Value = types.StringValue(got.Name.Relative()), types.StringValue(got.Fields.Value)
	}
	c.state.setNumbers(old)
	c.state.ID, c.state.TTL = types.StringValue(got.ID), was.ttlOf(c.state.TTL, got.TTL)
	return nil
}
