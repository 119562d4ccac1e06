package provider

import (
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Plan modifiers: what is computed stays as it is in the state, and what cannot be
// changed makes a new resource.
var (
	keepString    = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	keepBool      = []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()}
	replaceString = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	replaceSet    = []planmodifier.Set{setplanmodifier.RequiresReplace()}
)

// checkDomain checks a domain that is known.
func checkDomain(domain types.String) error {
	if domain.IsUnknown() {
		return errUnknown
	}
	_, err := dnszone.ParseDomain(domain.ValueString())
	return err
}

// planName compares the domain of a configuration with that of the state, whose spelling
// stays. same is false for a new resource, and for another domain, which makes a new one.
func (c *change[M]) planName(config, state types.String, plan *types.String) (name string, same bool, err error) {
	if config.IsUnknown() {
		return "", false, errUnknown
	}
	if name, err = dnszone.ParseDomain(config.ValueString()); err != nil || c.isNew {
		return name, false, err
	}
	if old, err := dnszone.ParseDomain(state.ValueString()); err != nil || old != name {
		c.replace.Append(path.Root("domain"))
		return name, false, nil
	}
	*plan = state
	return name, true, nil
}

// stays says what the end of a resource does not change.
func (c *change[M]) stays(domain types.String) error {
	c.diags.AddWarning("Domain stays in the account", domain.ValueString()+" is no longer managed by Terraform. Nothing was changed or cancelled at the provider: to let it expire, set auto_renew of hoster_domain to false before.")
	return nil
}

// textOr is an optional text: where it is empty, null or "" as it was.
func textOr(was types.String, now string) types.String {
	if now == "" && was.ValueString() == "" {
		return was
	}
	return types.StringValue(now)
}

// sameTime compares times in any spelling.
func sameTime(a, b types.String) bool {
	if a.Equal(b) {
		return true
	}
	at, err := time.Parse(time.RFC3339, a.ValueString())
	bt, other := time.Parse(time.RFC3339, b.ValueString())
	return err == nil && other == nil && at.Equal(bt)
}

// tokenOf describes a token to be made.
func tokenOf(name types.String, scopes, allowlist types.Set) hoster.TokenCreate {
	want := hoster.TokenCreate{Name: name.ValueString()}
	for _, s := range stringsOf(scopes) {
		want.Scopes = append(want.Scopes, hoster.Scope(s))
	}
	if list := stringsOf(allowlist); len(list) > 0 {
		want.IPAllowlist = hoster.Set(list)
	}
	return want
}

// domainKey imports by a domain.
func domainKey(id string) (map[string]any, error) {
	name, err := dnszone.ParseDomain(id)
	return map[string]any{"domain": name}, err
}

// changed is a setting that is planned and not as it is.
func changed(plan types.Bool, now bool) (to hoster.Opt[bool]) {
	if known(plan) && !plan.IsNull() && plan.ValueBool() != now {
		to = hoster.Set(plan.ValueBool())
	}
	return to
}

// keepPlanned keeps a value that was known when it was planned: an apply must not end
// with another.
func keepPlanned[T attr.Value](to *T, planned T) {
	if !planned.IsUnknown() && !planned.IsNull() {
		*to = planned
	}
}

// stringsOf are the known strings of a set.
func stringsOf(set types.Set) (all []string) {
	for _, v := range set.Elements() {
		if s, ok := v.(types.String); ok && known(s) {
			all = append(all, s.ValueString())
		}
	}
	return all
}

func setOfStrings[T ~string](all []T) types.Set {
	values := make([]attr.Value, len(all))
	for i, s := range all {
		values[i] = types.StringValue(string(s))
	}
	return types.SetValueMust(types.StringType, values)
}

// sameHosts compares host names in any spelling and order.
func sameHosts(a, b []string) bool {
	set := func(hosts []string) map[dnszone.Data]bool {
		all := map[dnszone.Data]bool{}
		for _, h := range hosts {
			all[dnszone.Canonical(dnszone.NS{Host: h})] = true
		}
		return all
	}
	return maps.Equal(set(a), set(b))
}
