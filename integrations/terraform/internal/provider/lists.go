package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// listed lists what is there and could be imported, for "terraform query" of Terraform
// 1.14 and later. M is the model of its configuration.
type listed[M any] struct {
	*api
	name, title, text, identity string
	uses                        []hoster.Operation
	attributes                  map[string]schema.Attribute
	all                         func(ctx context.Context, a *api, m *M) ([]listedOne, error)
}

// listedOne is one of them: what identifies it, and the attributes of the resource.
type listedOne struct {
	id         string
	attributes map[string]any
}

func (l *listed[M]) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = l.name
}

func (l *listed[M]) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{Description: withScopes(l.text, l.uses), Attributes: l.attributes}
}

func (l *listed[M]) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if shared, ok := req.ProviderData.(*api); ok {
		l.api = shared
	}
}

// List reads everything first: an error is better than a list that looks complete.
func (l *listed[M]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var m M
	diags := req.Config.Get(ctx, &m)
	var all []listedOne
	if !diags.HasError() {
		var err error
		if all, err = l.all(ctx, l.api, &m); err != nil {
			report(&diags, l.title+" not listed", err, slices.Sorted(maps.Keys(l.attributes))...)
		}
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for i, one := range all {
			if req.Limit > 0 && int64(i) >= req.Limit || !push(l.result(ctx, req, one)) {
				return
			}
		}
	}
}

func (l *listed[M]) result(ctx context.Context, req list.ListRequest, one listedOne) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = one.id
	var diags diag.Diagnostics
	diags.Append(result.Identity.SetAttribute(ctx, path.Root(l.identity), one.id)...)
	if req.IncludeResource {
		for _, name := range slices.Sorted(maps.Keys(one.attributes)) {
			diags.Append(result.Resource.SetAttribute(ctx, path.Root(name), one.attributes[name])...)
		}
	}
	result.Diagnostics = diags
	return result
}

func newRecordList() list.ListResource {
	type model struct {
		Domain types.String `tfsdk:"domain"`
	}
	return &listed[model]{
		name: "hoster_dns_record", title: "DNS records", identity: "key", text: "The DNS records of a domain, but for the nameservers of the domain itself.", uses: []hoster.Operation{"DNS.List"},
		attributes: map[string]schema.Attribute{"domain": schema.StringAttribute{Required: true, Description: "The domain, such as example.com."}},
		all: func(ctx context.Context, a *api, m *model) (all []listedOne, err error) {
			records, err := a.readZone(ctx, m.Domain.ValueString())
			for _, h := range records {
				if h.Data == nil || h.Name.IsApex() && h.Fields.Type == dnszone.TypeNS {
					continue
				}
				all = append(all, listedOne{dnszone.Key{Name: h.Name, Type: h.Fields.Type, Data: h.Data}.String(), map[string]any{
					"id": h.ID, "domain": h.Name.Zone(), "name": h.Name.Relative(), "type": string(h.Fields.Type), "value": h.Fields.Value, "fqdn": fqdnOf(h.Name), "ttl": int64(h.TTL),
					"priority": int64Of(h.Fields.Priority), "weight": int64Of(h.Fields.Weight), "port": int64Of(h.Fields.Port),
				}})
			}
			return all, err
		},
	}
}

func newDomainList() list.ListResource {
	type model struct {
		Status types.String `tfsdk:"status"`
	}
	return &listed[model]{
		name: "hoster_domain", title: "Domains", identity: "domain", text: "The domains of the account.", uses: []hoster.Operation{"Domains.List"},
		attributes: map[string]schema.Attribute{"status": schema.StringAttribute{Optional: true, Description: "Only domains with this status, such as active."}},
		all: func(ctx context.Context, a *api, m *model) (all []listedOne, err error) {
			domains, err := a.client.Domains.List(ctx, &hoster.DomainListOptions{Status: hoster.DomainStatus(m.Status.ValueString())})
			for _, d := range domains {
				all = append(all, listedOne{d.Name, map[string]any{
					"id": d.Name, "domain": d.Name, "auto_renew": d.AutoRenew, "locked": d.Locked, "nameservers": setOfStrings(d.Nameservers), "status": string(d.Status), "expires_at": timeOf(d.ExpiresAt),
				}})
			}
			return all, err
		},
	}
}
