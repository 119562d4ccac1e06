// Package provider is the Terraform provider "hoster": its configuration,
// resources, data sources, ephemeral resources and functions.
package provider

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
)

// New returns a function that makes the provider, as providerserver wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &hosterProvider{version: version} }
}

type hosterProvider struct{ version string }

type providerModel struct {
	BaseURL   types.String `tfsdk:"base_url"`
	Brand     types.String `tfsdk:"brand"`
	Token     types.String `tfsdk:"token"`
	TokenFile types.String `tfsdk:"token_file"`
}

func (p *hosterProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "hoster"
	resp.Version = p.version
}

func (p *hosterProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "Manages domains, DNS records, hosting accounts and API tokens of a white-label hosting provider.",
		Attributes: map[string]schema.Attribute{
			"base_url":   schema.StringAttribute{Optional: true, Description: "The base URL of the API, such as https://api.brand.com/v1. Default: API_BASE_URL of the environment. Conflicts with brand."},
			"brand":      schema.StringAttribute{Optional: true, Description: "The brand, for the base URL https://api.BRAND.com/v1. Default: API_BRAND of the environment."},
			"token":      schema.StringAttribute{Optional: true, Sensitive: true, Description: "The API token. Default: API_TOKEN of the environment. Conflicts with token_file."},
			"token_file": schema.StringAttribute{Optional: true, Description: "A file that holds the API token. It is read when the token is needed. Default: API_TOKEN_FILE of the environment."},
		},
	}
}

// Configure makes the client. It sends no request: a wrong token is an error of the
// first resource that is read.
func (p *hosterProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	for name, v := range map[string]types.String{"base_url": m.BaseURL, "brand": m.Brand, "token": m.Token, "token_file": m.TokenFile} {
		if v.IsUnknown() {
			resp.Diagnostics.AddAttributeError(path.Root(name), "Value not known yet",
				"The provider is configured before other resources are created, so this must not depend on one. Use a variable, or apply in two steps with -target.")
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	options := []hoster.Option{hoster.WithUserAgent(fmt.Sprintf("terraform-provider-hoster/%s Terraform/%s", p.version, req.TerraformVersion))}
	switch base, brand := m.BaseURL.ValueString(), m.Brand.ValueString(); {
	case base != "" && brand != "":
		resp.Diagnostics.AddAttributeError(path.Root("brand"), "Two base URLs", "Set either base_url or brand.")
	case base != "":
		options = append(options, hoster.WithBaseURL(base))
	case brand != "":
		options = append(options, hoster.WithBrand(brand))
	case os.Getenv("API_BASE_URL") != "":
		options = append(options, hoster.WithBaseURL(os.Getenv("API_BASE_URL")))
	case os.Getenv("API_BRAND") != "":
		options = append(options, hoster.WithBrand(os.Getenv("API_BRAND")))
	default:
		resp.Diagnostics.AddAttributeError(path.Root("base_url"), "No base URL", "Set base_url or brand, or API_BASE_URL or API_BRAND in the environment.")
	}
	switch token, file := m.Token.ValueString(), m.TokenFile.ValueString(); {
	case token != "" && file != "":
		resp.Diagnostics.AddAttributeError(path.Root("token_file"), "Two tokens", "Set either token or token_file.")
	case token != "":
		options = append(options, hoster.WithToken(token))
	case file != "":
		options = append(options, hoster.WithTokenSource(hoster.TokenFromFile(file)))
	case os.Getenv("API_TOKEN") != "":
		options = append(options, hoster.WithToken(os.Getenv("API_TOKEN")))
	case os.Getenv("API_TOKEN_FILE") != "":
		options = append(options, hoster.WithTokenSource(hoster.TokenFromFile(os.Getenv("API_TOKEN_FILE"))))
	default:
		resp.Diagnostics.AddAttributeError(path.Root("token"), "No API token", "Set token or token_file, or API_TOKEN or API_TOKEN_FILE in the environment. A token is created in the provider's portal under Account Settings > API Access.")
	}
	if resp.Diagnostics.HasError() {
		return
	}
	client, err := hoster.NewClient(options...)
	if err != nil {
		report(&resp.Diagnostics, "Provider configuration", err, "base_url", "brand", "token")
		return
	}
	shared := &api{client: client, zones: zones{client: client}}
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData, resp.ListResourceData = shared, shared, shared, shared
}

// Resources lists the resources.
func (p *hosterProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newRecord, newRecordSet, newZone, newDomain, newRegistration, newContact, newHosting, newToken}
}

// DataSources lists the data sources.
func (p *hosterProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newAccountSource, newAvailabilitySource, newCurrentTokenSource, newDomainsSource, newInvoicesSource, newOrdersSource, newPlansSource, newRecordsSource}
}

// EphemeralResources lists the ephemeral resources.
func (p *hosterProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newEphemeralToken}
}

// ListResources lists what can be listed by "terraform query".
func (p *hosterProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newRecordList, newDomainList}
}

// Functions lists the functions.
func (p *hosterProvider) Functions(context.Context) []func() function.Function {
	return providerFunctions()
}

// api is what all resources share: one client, so that its rate limit holds for all
// of them, and the zones that were read.
type api struct {
	client *hoster.Client
	zones  zones
}
