package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

type tokenModel struct {
	ID            types.String `tfsdk:"id"`
	Name          types.String `tfsdk:"name"`
	Scopes        types.Set    `tfsdk:"scopes"`
	ExpiresAt     types.String `tfsdk:"expires_at"`
	IPAllowlist   types.Set    `tfsdk:"ip_allowlist"`
	SecretFile    types.String `tfsdk:"secret_file"`
	SecretInState types.Bool   `tfsdk:"secret_in_state"`
	Secret        types.String `tfsdk:"secret"`
	Prefix        types.String `tfsdk:"prefix"`
	limits
}

func newToken() resource.Resource {
	return &kind[tokenModel]{
		name: "hoster_api_token", title: "API token", identity: "id",
		text: "An API token. Its secret is shown once, when it is made: it goes into a file of mode 0600, or into the state if that is asked for. A token cannot be changed: every change makes a new one, best with create_before_destroy. A token that expired or was revoked is made anew. For a token that only one run needs see the ephemeral resource hoster_api_token. The token that Terraform uses needs all scopes that the new one gets.",
		uses: []hoster.Operation{"Tokens.Get", "Tokens.Create", "Tokens.Revoke"},
		attributes: map[string]schema.Attribute{
			"id":              schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The id."},
			"name":            schema.StringAttribute{Required: true, PlanModifiers: replaceString, Description: "The name, 1 to 100 characters."},
			"scopes":          schema.SetAttribute{Required: true, ElementType: types.StringType, PlanModifiers: replaceSet, Description: "The scopes, such as dns:read. A write scope does not include the read scope."},
			"expires_at":      schema.StringAttribute{Optional: true, Description: "When the token expires, RFC 3339. Default: never."},
			"ip_allowlist":    schema.SetAttribute{Optional: true, ElementType: types.StringType, PlanModifiers: replaceSet, Description: "The addresses and CIDR ranges that may use it. Default: all."},
			"secret_file":     schema.StringAttribute{Optional: true, PlanModifiers: replaceString, Description: "The file on the machine that runs Terraform into which the secret is written, readable by its owner alone."},
			"secret_in_state": schema.BoolAttribute{Optional: true, Description: "Whether the secret is stored in the state, as the attribute secret. Everybody who can read the state has the token then. Default: false. A change makes a new token."},
			"secret":          schema.StringAttribute{Computed: true, Sensitive: true, PlanModifiers: keepString, Description: "The secret, where secret_in_state is true."},
			"prefix":          schema.StringAttribute{Computed: true, PlanModifiers: keepString, Description: "The first characters of the secret, to recognise it by."},
		},
		check:  checkToken,
		plan:   planToken,
		create: createToken,
		read:   readToken,
		update: func(context.Context, *change[tokenModel]) error { return nil }, // of timeouts alone
		remove: func(ctx context.Context, c *change[tokenModel]) error {
			return c.client.Tokens.Revoke(ctx, hoster.TokenID(c.state.ID.ValueString()))
		},
		key: func(id string) (map[string]any, error) { return map[string]any{"id": id}, nil },
	}
}

func checkToken(m *tokenModel) error {
	if known(m.SecretFile, m.SecretInState) && m.SecretFile.ValueString() == "" && !m.SecretInState.ValueBool() {
		return &dnszone.FieldError{Field: "secret_file", Problem: "must be set, or secret_in_state be true: else nobody has the secret"}
	}
	if !m.ExpiresAt.IsNull() && known(m.ExpiresAt) {
		if _, err := time.Parse(time.RFC3339, m.ExpiresAt.ValueString()); err != nil {
			return &dnszone.FieldError{Field: "expires_at", Problem: "must be a time such as 2030-12-31T23:59:59Z"}
		}
	}
	return nil
}

// planToken makes a new token of every change, but not of another spelling of the same
// time.
func planToken(_ context.Context, c *change[tokenModel]) error {
	if c.isNew {
		return nil
	}
	if sameTime(c.plan.ExpiresAt, c.state.ExpiresAt) {
		c.plan.ExpiresAt = c.state.ExpiresAt
	} else {
		c.replace.Append(path.Root("expires_at"))
	}
	if c.plan.SecretInState.ValueBool() != c.state.SecretInState.ValueBool() {
		c.replace.Append(path.Root("secret_in_state"))
	}
	return nil
}

// createToken makes the token and stores its secret. One whose secret is lost or cannot
// be stored is revoked.
func createToken(ctx context.Context, c *change[tokenModel]) error {
	want := tokenOf(c.plan.Name, c.plan.Scopes, c.plan.IPAllowlist)
	if at, err := time.Parse(time.RFC3339, c.plan.ExpiresAt.ValueString()); err == nil {
		want.ExpiresAt = hoster.Set(at)
	}
	made, err := c.makeToken(ctx, want)
	if err != nil {
		return err
	}
	if file := c.plan.SecretFile.ValueString(); file != "" {
		if err := hoster.WriteTokenFile(file, made.Secret); err != nil {
			return errors.Join(fmt.Errorf("the secret could not be stored, so the token was revoked: %w", err), c.client.Tokens.Revoke(ctx, made.ID))
		}
	}
	c.plan.ID, c.plan.Prefix, c.plan.Secret = types.StringValue(string(made.ID)), types.StringValue(made.Prefix), types.StringNull()
	if c.plan.SecretInState.ValueBool() {
		c.plan.Secret = types.StringValue(made.Secret.Reveal())
	}
	return nil
}

// readToken takes a token that expired or was revoked for gone.
func readToken(ctx context.Context, c *change[tokenModel]) error {
	token, err := c.client.Tokens.Get(ctx, hoster.TokenID(c.state.ID.ValueString()))
	if err != nil {
		return err
	}
	if token.Status == hoster.TokenStatusExpired || token.Status == hoster.TokenStatusRevoked {
		return fmt.Errorf("%w: the token %s is %s", hoster.ErrNotFound, token.ID, token.Status)
	}
	m := &c.state
	m.Name, m.Scopes, m.Prefix = types.StringValue(token.Name), setOfStrings(token.Scopes), types.StringValue(token.Prefix)
	if at := timeOf(token.ExpiresAt); !sameTime(m.ExpiresAt, at) {
		m.ExpiresAt = at
	}
	if len(token.IPAllowlist) > 0 || len(stringsOf(m.IPAllowlist)) > 0 {
		m.IPAllowlist = setOfStrings(token.IPAllowlist)
	}
	return nil
}

// makeToken makes a token. After a call of unknown outcome it revokes what the call may
// have made, since nobody has its secret.
func (a *api) makeToken(ctx context.Context, want hoster.TokenCreate) (hoster.CreatedToken, error) {
	begun := time.Now().Add(-time.Minute) // clocks differ
	made, err := a.client.Tokens.Create(ctx, want)
	if err == nil || !mayBeOrdered(err) {
		return made, err
	}
	all, lookErr := a.client.Tokens.List(ctx, nil)
	err = errors.Join(err, lookErr)
	for _, t := range all {
		if t.Name == want.Name && t.Status == hoster.TokenStatusActive && t.LastUsedAt == nil && t.CreatedAt.After(begun) && len(t.Scopes) == len(want.Scopes) && !slices.ContainsFunc(t.Scopes, func(s hoster.Scope) bool { return !slices.Contains(want.Scopes, s) }) {
			err = errors.Join(fmt.Errorf("the secret of %s is lost, so the token was revoked: apply again. %w", t.ID, err), a.client.Tokens.Revoke(ctx, t.ID))
		}
	}
	return made, err
}
