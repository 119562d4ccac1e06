package provider

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// text is a record without its TTL, as a person reads it.
func (r zoneRecord) text() string {
	return r.Record.Name.Relative() + " " + r.Data.Type() + " " + r.Data.String()
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
func (r zoneRecord) set() string { return r.Record.Name.Relative() + " " + r.Data.Type() }

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
