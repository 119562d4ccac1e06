package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// zoneEntry is a record inside a zone.
type zoneEntry struct {
	Name  types.String `tfsdk:"name"`
	Type  types.String `tfsdk:"type"`
	Value types.String `tfsdk:"value"`
	TTL   types.Int64  `tfsdk:"ttl"`
}

var zoneEntryType = types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType, "type": types.StringType, "value": types.StringType, "ttl": types.Int64Type}}

// zoneRecord is an entry and what it means.
type zoneRecord struct {
	zoneEntry
	dnszone.Record
}

// parse reads the records in whatever spelling they have; none while something is not
// known.
func (m *zoneModel) parse(ctx context.Context) (all []zoneRecord, err error) {
	if !known(m.Domain, m.Records) {
		return nil, nil
	}
	all = []zoneRecord{}
	for _, element := range m.Records.Elements() {
		var e zoneEntry
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() || object.As(ctx, &e, basetypes.ObjectAsOptions{}).HasError() || !known(e.Name, e.Type, e.Value, e.TTL) {
			return nil, nil
		}
		key, err := parseKey(m.Domain, e.Name, e.Type)
		if err == nil && key.Type == "NS" && key.Name.IsApex() {
			err = fmt.Errorf("the nameservers of the domain itself are set by hoster_domain")
		}
		var data dnszone.Data
		if err == nil {
			data, err = parseData(key.Type, e.Value, types.Int64Null(), types.Int64Null(), types.Int64Null())
		}
		if err == nil {
			err = checkTTL(e.TTL)
		}
		if err != nil {
			return nil, &dnszone.FieldError{Field: "records", Problem: fmt.Sprintf("hold %s %s %s: %v", e.Name, e.Type, e.Value, err)}
		}
		all = append(all, zoneRecord{e, dnszone.Record{Name: key.Name, Data: data, TTL: int(e.TTL.ValueInt64())}})
	}
	records := make([]dnszone.Record, len(all))
	for i, r := range all {
		records[i] = r.Record
	}
	for _, problem := range dnszone.ValidateRecords(records) {
		return nil, &dnszone.FieldError{Field: "records", Problem: fmt.Sprintf("hold %s %s: %v", all[problem.Place].zoneEntry.Name, all[problem.Place].Type, problem)}
	}
	return all, nil
}

// text is a record without its TTL, as a person reads it.
func (r zoneRecord) text() string {
	return r.Record.Name.Relative() + " " + string(r.Data.Type()) + " " + r.Data.String()
}

// textOf is the same of a record of the API.
func textOf(r hoster.Record) string {
	value := r.Value
	if data, err := r.Data(); err == nil {
		value = dnszone.Canonical(data).String()
	}
	return r.Name + " " + string(r.Type) + " " + value
}

// set names the record set.
func (r zoneRecord) set() string { return r.Record.Name.Relative() + " " + string(r.Data.Type()) }

// sameZone compares records; a TTL that is not wanted is as it is.
func sameZone(now, want []zoneRecord) bool {
	ttls := map[string]int{}
	for _, r := range now {
		ttls[r.text()] = r.Record.TTL
	}
	for _, r := range want {
		if ttl, ok := ttls[r.text()]; !ok || r.Record.TTL != 0 && r.Record.TTL != ttl {
			return false
		}
	}
	return len(now) == len(want)
}

// planZone reads the zone and compares it with what is wanted.
func (c *change[M]) planZone(ctx context.Context, domain string, want []zoneRecord, share types.Float64) (*hoster.ZonePlan, error) {
	desired := make([]hoster.RecordCreate, len(want))
	for i, r := range want {
		desired[i] = createOf(r.Record)
	}
	return c.client.DNS.PlanZone(ctx, domain, desired, &hoster.ZonePlanOptions{MaxDeleteShare: share.ValueFloat64()})
}

// deletions are the values that a plan deletes or replaces.
func deletions(plan *hoster.ZonePlan) []string {
	gone := []string{}
	for _, r := range plan.Deletes {
		gone = append(gone, textOf(r))
	}
	for _, u := range plan.Updates {
		to := hoster.Record{Type: u.To.Type, Name: u.To.Name, Value: u.To.Value, Priority: numberOf(u.To.Priority), Weight: numberOf(u.To.Weight), Port: numberOf(u.To.Port)}
		if textOf(to) != textOf(u.From) {
			gone = append(gone, textOf(u.From))
		}
	}
	return gone
}

func numberOf(n hoster.Opt[uint16]) *uint16 {
	if v, ok := n.Get(); ok {
		return &v
	}
	return nil
}

const storedTTLsKey = "stored_ttls"

// applyZone writes what a plan says, and remembers the TTLs that the provider changed.
func (c *change[M]) applyZone(ctx context.Context, plan *hoster.ZonePlan) error {
	result, err := c.client.DNS.Apply(ctx, plan, nil)
	if err != nil || c.setPrivate == nil {
		return err
	}
	ttls := c.storedTTLs(ctx)
	for _, a := range result.Adjusted {
		if got, err := strconv.Atoi(a.Got); err == nil && a.Field == "ttl" {
			ttls[a.Name+" "+string(a.Type)] = got
			c.diags.AddWarning("TTL changed by the provider", "The provider stores "+a.Got+" seconds for "+a.Name+" "+string(a.Type)+" instead of "+a.Want+".")
		}
	}
	text, err := json.Marshal(ttls)
	if err != nil {
		return err
	}
	c.diags.Append(c.setPrivate.SetKey(ctx, storedTTLsKey, text)...)
	return nil
}

// storedTTLs are the TTLs that the provider stored instead of others, by record set.
func (c *change[M]) storedTTLs(ctx context.Context) map[string]int {
	ttls := map[string]int{}
	if c.private != nil {
		var text []byte
		var problems diag.Diagnostics
		text, problems = c.private.GetKey(ctx, storedTTLsKey)
		c.diags.Append(problems...)
		_ = json.Unmarshal(text, &ttls) // written by applyZone, or not there
	}
	return ttls
}

// shown are the deletions that a plan showed. Where some records were not known then,
// those are the records of the state.
func (m *zoneModel) shown(ctx context.Context, state zoneModel) (shown []string, err error) {
	if !m.Deletions.IsUnknown() {
		for _, v := range m.Deletions.Elements() {
			shown = append(shown, v.(types.String).ValueString())
		}
		return shown, nil
	}
	old, err := state.parse(ctx)
	for _, r := range old {
		shown = append(shown, r.text())
	}
	return shown, err
}

// setDeletions fills in the deletions of a plan where they are not known.
func setDeletions(list types.List, plan *hoster.ZonePlan) types.List {
	if !list.IsUnknown() {
		return list
	}
	values := []attr.Value{}
	for _, d := range deletions(plan) {
		values = append(values, types.StringValue(d))
	}
	return types.ListValueMust(types.StringType, values)
}

// entriesOf are the old entries whose records are there, in their own spelling, and what
// else the zone holds. was are TTLs that the provider stored instead of others.
func entriesOf(old []zoneRecord, now []dnszone.Held, was map[string]int) []zoneEntry {
	entries, kept := []zoneEntry{}, map[string]bool{}
	for _, r := range old {
		for _, h := range now {
			if h.Key() == r.Key() && h.Data == r.Data && (r.Record.TTL == 0 || r.Record.TTL == h.TTL || was[r.set()] == h.TTL) {
				entries, kept[h.ID] = append(entries, r.zoneEntry), true
			}
		}
	}
	for _, h := range now {
		if !kept[h.ID] && hoster.RecordType(h.Fields.Type).Known() && !(h.Fields.Type == "NS" && h.Name.IsApex()) {
			entries = append(entries, zoneEntry{types.StringValue(h.Name.Relative()), types.StringValue(string(h.Fields.Type)), types.StringValue(spelling(h)), types.Int64Value(int64(h.TTL))})
		}
	}
	return entries
}
