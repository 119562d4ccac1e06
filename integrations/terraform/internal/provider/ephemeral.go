package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// ephemeralToken is a token that lives as long as a run of Terraform.
type ephemeralToken struct{ *api }

func newEphemeralToken() ephemeral.EphemeralResource { return new(ephemeralToken) }

type ephemeralTokenModel struct {
	Name        types.String `tfsdk:"name"`
	Scopes      types.Set    `tfsdk:"scopes"`
	Lifetime    types.String `tfsdk:"lifetime"`
	IPAllowlist types.Set    `tfsdk:"ip_allowlist"`
	ID          types.String `tfsdk:"id"`
	Secret      types.String `tfsdk:"secret"`
	ExpiresAt   types.String `tfsdk:"expires_at"`
}

var ephemeralTokenUses = []hoster.Operation{"Tokens.Current", "Tokens.List", "Tokens.Create", "Tokens.Revoke"}

const tokenIDKey = "token_id"

func (e *ephemeralToken) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "hoster_api_token"
}

func (e *ephemeralToken) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: withScopes("An API token for one run of Terraform: it is made when it is needed and revoked at the end, and its secret is in no state and no plan. The token that Terraform uses needs all scopes that this one gets.", ephemeralTokenUses),
		Attributes: map[string]schema.Attribute{
			"name":         schema.StringAttribute{Required: true, Description: "The name, 1 to 100 characters."},
			"scopes":       schema.SetAttribute{Required: true, ElementType: types.StringType, Description: "The scopes, such as dns:read."},
			"lifetime":     schema.StringAttribute{Optional: true, Description: "After which time it expires, should the run not end properly, such as 30m. Default: 1h."},
			"ip_allowlist": schema.SetAttribute{Optional: true, ElementType: types.StringType, Description: "The addresses and CIDR ranges that may use it. Default: all."},
			"id":           schema.StringAttribute{Computed: true, Description: "The id."},
			"secret":       schema.StringAttribute{Computed: true, Sensitive: true, Description: "The secret."},
			"expires_at":   schema.StringAttribute{Computed: true, Description: "When it expires, RFC 3339."},
		},
	}
}

func (e *ephemeralToken) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	if shared, ok := req.ProviderData.(*api); ok {
		e.api = shared
	}
}

// Open makes the token.
func (e *ephemeralToken) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m ephemeralTokenModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	lifetime := time.Hour
	if text := m.Lifetime.ValueString(); text != "" {
		var err error
		if lifetime, err = time.ParseDuration(text); err != nil || lifetime <= 0 {
			report(&resp.Diagnostics, "API token not made", &dnszone.FieldError{Field: "lifetime", Problem: "must be a duration such as 30m"}, "lifetime")
			return
		}
	}
	want := tokenOf(m.Name, m.Scopes, m.IPAllowlist)
	want.ExpiresAt = hoster.Set(time.Now().Add(lifetime))
	made, err := e.makeToken(ctx, want)
	if err != nil {
		report(&resp.Diagnostics, "API token not made", err, "name", "scopes", "ip_allowlist")
		return
	}
	m.ID, m.Secret, m.ExpiresAt = types.StringValue(string(made.ID)), types.StringValue(made.Secret.Reveal()), timeOf(made.ExpiresAt)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, tokenIDKey, []byte(`"`+string(made.ID)+`"`))...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// Close revokes the token.
func (e *ephemeralToken) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	text, problems := req.Private.GetKey(ctx, tokenIDKey)
	if resp.Diagnostics.Append(problems...); len(text) < 3 {
		return
	}
	if err := e.client.Tokens.Revoke(ctx, hoster.TokenID(text[1:len(text)-1])); err != nil {
		report(&resp.Diagnostics, "API token not revoked", err)
	}
}
