package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster/dnszone"
)

// What hoster_dns_record, hoster_dns_record_set and hoster_dns_zone have in common.

// known reports values that all are known: during a plan some may not be.
func known(values ...interface{ IsUnknown() bool }) bool {
	for _, v := range values {
		if v.IsUnknown() {
			return false
		}
	}
	return true
}

// parseKey reads the name of a record set in any spelling. The problems stand at the
// attributes.
func parseKey(domain, name, rrtype types.String) (dnszone.SetKey, error) {
	if !known(domain, name, rrtype) {
		return dnszone.SetKey{}, errUnknown
	}
	parsed, err := dnszone.ParseName(name.ValueString(), domain.ValueString())
	if err == nil && parsed.DoubledSuffix() {
		err = &dnszone.FieldError{Field: "name", Problem: fmt.Sprintf("holds the domain twice: write %q, or a name relative to the domain", parsed.Relative())}
	}
	if err != nil {
		return dnszone.SetKey{}, err
	}
	data, err := dnszone.FromFields(dnszone.Fields{Type: dnszone.Type(rrtype.ValueString()), Value: "x"})
	if data != nil {
		return dnszone.SetKey{Name: parsed, Type: data.Type()}, nil
	}
	return dnszone.SetKey{Name: parsed, Type: dnszone.Type(strings.ToUpper(rrtype.ValueString()))}, typeError(err)
}

// typeError keeps what an error says of the type alone.
func typeError(err error) error {
	if field, ok := err.(*dnszone.FieldError); ok && field.Field == "type" {
		return field
	}
	return nil
}

// newKey reports a record or a set that has to be made anew, since it cannot become
// another. readErr is that of reading the old key.
func (c *change[M]) newKey(readErr error, old, want dnszone.SetKey, nameStays bool) bool {
	switch {
	case readErr != nil || old.Name.Zone() != want.Name.Zone():
		c.replace.Append(path.Root("domain"))
	case old.Type != want.Type:
		c.replace.Append(path.Root("type"))
	case nameStays && old.Name != want.Name:
		c.replace.Append(path.Root("name"))
	}
	return len(c.replace) > 0
}

// key is the natural key of a record.
func (m *recordModel) key() string {
	rec, err := m.parse()
	if err != nil {
		return ""
	}
	return dnszone.Key{Name: rec.Name, Type: rec.Data.Type(), Data: rec.Data}.String()
}

// importRecord reads the natural key of a record.
func importRecord(id string) (map[string]any, error) {
	key, err := dnszone.ParseKey(id)
	if err != nil || key.Data == nil {
		return nil, fmt.Errorf("the id of a record is DOMAIN/NAME/TYPE/VALUE, such as example.com/www/A/192.0.2.1 or example.com/@/MX/10 mail.example.com (%v)", err)
	}
	f := dnszone.ToFields(key.Data)
	return map[string]any{
		"domain": key.Name.Zone(), "name": key.Name.Relative(), "type": string(f.Type), "value": f.Value,
		"priority": int64Of(f.Priority), "weight": int64Of(f.Weight), "port": int64Of(f.Port),
	}, nil
}

// importRecordSet reads the natural key of a record set.
func importRecordSet(id string) (map[string]any, error) {
	key, err := dnszone.ParseKey(id)
	if err != nil || key.Data != nil {
		return nil, fmt.Errorf("the id of a record set is DOMAIN/NAME/TYPE, such as example.com/www/A (%v)", err)
	}
	return map[string]any{"domain": key.Name.Zone(), "name": key.Name.Relative(), "type": string(key.Type)}, nil
}

// parseData reads a value with its numbers and checks it.
func parseData(rrtype dnszone.Type, value types.String, priority, weight, port types.Int64) (dnszone.Data, error) {
	if !known(value, priority, weight, port) {
		return nil, errUnknown
	}
	f := dnszone.Fields{Type: rrtype, Value: value.ValueString()}
	for _, n := range []struct {
		field string
		from  types.Int64
		to    **uint16
	}{{"priority", priority, &f.Priority}, {"weight", weight, &f.Weight}, {"port", port, &f.Port}} {
		if n.from.IsNull() || n.from.IsUnknown() {
			continue
		}
		v := n.from.ValueInt64()
		if v < 0 || v > 65535 {
			return nil, &dnszone.FieldError{Field: n.field, Problem: "must be a number from 0 to 65535"}
		}
		*n.to = new(uint16(v))
	}
	data, err := dnszone.FromFields(f)
	if err == nil {
		err = dnszone.Validate(data)
	}
	if err != nil {
		return nil, err
	}
	return dnszone.Canonical(data), nil
}

// checkTTL checks a TTL that is set.
func checkTTL(ttl types.Int64) error {
	if ttl.IsNull() || ttl.IsUnknown() {
		return nil
	}
	return dnszone.ValidateTTL(int(ttl.ValueInt64()))
}

func int64Of(n *uint16) types.Int64 {
	if n == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*n))
}

// stored is what the provider made of a record when it was last written. It stands in
// the private state, so that a TTL that was raised is told from one that somebody
// changed.
type stored struct {
	TTL    int      `json:"ttl"`
	Values []string `json:"values"` // in presentation form
}

const storedKey = "stored"

// privateState is the private state of a request or an answer.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// stored reads it; of a new resource nothing is known.
func (c *change[M]) stored(ctx context.Context) (s stored) {
	if c.private != nil {
		text, problems := c.private.GetKey(ctx, storedKey)
		c.diags.Append(problems...)
		_ = json.Unmarshal(text, &s) // written by this provider, or not there
	}
	return s
}

func (s stored) write(ctx context.Context, private privateWriter) diag.Diagnostics {
	text, err := json.Marshal(s)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state", err.Error())}
	}
	return private.SetKey(ctx, storedKey, text)
}

// ttlOf is the TTL for the state: the one that was asked for, where the provider
// still has what it made of that, and else the one that it has.
func (s stored) ttlOf(asked types.Int64, has int) types.Int64 {
	if !asked.IsNull() && !asked.IsUnknown() && has == s.TTL {
		return asked
	}
	return types.Int64Value(int64(has))
}

// holds reports a value that the provider stored instead of what it was sent.
func (s stored) holds(data dnszone.Data) bool {
	return data != nil && slices.Contains(s.Values, data.String())
}

// noteStored remembers what the provider stores, warns where it is not the TTL that was
// asked for, and returns the TTL for the state.
func (c *change[M]) noteStored(ctx context.Context, asked types.Int64, got ...dnszone.Held) types.Int64 {
	s := stored{TTL: got[0].TTL}
	for _, h := range got {
		if h.Data != nil {
			s.Values = append(s.Values, h.Data.String())
		}
	}
	c.diags.Append(s.write(ctx, c.setPrivate)...)
	ttl := s.ttlOf(asked, s.TTL)
	if ttl.ValueInt64() != int64(s.TTL) {
		c.diags.AddAttributeWarning(path.Root("ttl"), "TTL changed by the provider", fmt.Sprintf("The provider stores a TTL of %d seconds instead of %d.", s.TTL, ttl.ValueInt64()))
	}
	return ttl
}

// holdAll reports a set that is what the provider stored.
func (s stored) holdAll(set []dnszone.Held) bool {
	return len(set) == len(s.Values) && !slices.ContainsFunc(set, func(h dnszone.Held) bool { return !s.holds(h.Data) })
}

// sameValues compares values, in any order, each counted once.
func sameValues(a, b []dnszone.Data) bool {
	set := func(values []dnszone.Data) map[dnszone.Data]bool {
		all := map[dnszone.Data]bool{}
		for _, v := range values {
			all[dnszone.Canonical(v)] = true
		}
		return all
	}
	return maps.Equal(set(a), set(b))
}

// dataOf are the values of a set.
func dataOf(set []dnszone.Held) (values []dnszone.Data) {
	for _, h := range set {
		values = append(values, h.Data)
	}
	return values
}

// spellings are the values of a set, each as one string with its numbers in front.
func spellings(set []dnszone.Held) (values []string) {
	for _, h := range set {
		values = append(values, spelling(h))
	}
	return values
}

func spelling(h dnszone.Held) string {
	text := ""
	for _, n := range []*uint16{h.Fields.Priority, h.Fields.Weight, h.Fields.Port} {
		if n != nil {
			text += strconv.Itoa(int(*n)) + " "
		}
	}
	return text + h.Fields.Value
}

// readZone returns the records of a domain.
func (a *api) readZone(ctx context.Context, domain string) ([]dnszone.Held, error) {
	apex, err := dnszone.ParseName("", domain)
	if err != nil {
		return nil, err
	}
	records, err := a.zones.of(apex).Records(ctx)
	return heldsOf(records, apex.Zone()), err
}

// fqdnOf is the name in full, without the final dot.
func fqdnOf(name dnszone.Name) types.String {
	return types.StringValue(strings.TrimSuffix(name.FQDN(), "."))
}
