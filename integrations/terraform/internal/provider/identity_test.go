package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestImportByIdentity imports by identity, which Terraform 1.12 and later do, over the
// provider's protocol: what is read has the same identity.
func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	a, server, identities := overProtocol(t)
	ctx := t.Context()
	a.addRecords(t)
	for name, identity := range map[string][2]string{
		"hoster_dns_record":          {"key", `example.net/mx/MX/10 mail.example.com.`},
		"hoster_dns_record_set":      {"key", "example.net/@/A"},
		"hoster_dns_zone":            {"domain", "example.net"},
		"hoster_domain":              {"domain", "example.com"},
		"hoster_domain_registration": {"domain", "example.com"},
	} {
		typ := identities.IdentitySchemas[name].ValueType()
		value, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, map[string]tftypes.Value{identity[0]: tftypes.NewValue(tftypes.String, identity[1])}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		imported, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: name, Identity: &tfprotov6.ResourceIdentityData{IdentityData: &value}})
		if err != nil || len(imported.Diagnostics) > 0 {
			t.Fatalf("%s: %v %+v", name, err, imported)
		}
		one := imported.ImportedResources[0]
		read, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: name, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private})
		if err != nil || len(read.Diagnostics) > 0 || read.NewIdentity == nil {
			t.Fatalf("%s: %v %+v", name, err, read)
		}
		got, err := read.NewIdentity.IdentityData.Unmarshal(typ)
		var attributes map[string]tftypes.Value
		var text string
		if err == nil && got.As(&attributes) == nil {
			err = attributes[identity[0]].As(&text)
		}
		if err != nil || text != identity[1] {
			t.Errorf("%s: the identity is %q, want %q (%v)", name, text, identity[1], err)
		}
	}
}

// overProtocol is the provider, configured, as Terraform talks to it.
func overProtocol(t *testing.T) (*account, tfprotov6.ProviderServer, *tfprotov6.GetResourceIdentitySchemasResponse) {
	t.Helper()
	a := newAccount(t)
	ctx := t.Context()
	server := providerserver.NewProtocol6(New("test")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil || len(identities.IdentitySchemas) != len(schemas.ResourceSchemas) {
		t.Fatalf("%d of %d resources have an identity: %v", len(identities.IdentitySchemas), len(schemas.ResourceSchemas), err)
	}
	provider := schemas.Provider.ValueType()
	null := tftypes.NewValue(tftypes.String, nil)
	config, err := tfprotov6.NewDynamicValue(provider, tftypes.NewValue(provider, map[string]tftypes.Value{
		"base_url": tftypes.NewValue(tftypes.String, a.url), "token": tftypes.NewValue(tftypes.String, a.RootToken()), "brand": null, "token_file": null,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: &config}); err != nil {
		t.Fatal(err)
	}
	return a, server, identities
}

// TestListResources lists what Terraform 1.14 and later find by "terraform query".
func TestListResources(t *testing.T) {
	t.Parallel()
	_, server, identities := overProtocol(t)
	lister := server.(interface {
		ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error)
	})
	for name, one := range map[string]struct {
		config map[string]tftypes.Value
		want   int
	}{
		"hoster_domain":     {map[string]tftypes.Value{"status": tftypes.NewValue(tftypes.String, "expired")}, 2},
		"hoster_dns_record": {map[string]tftypes.Value{"domain": tftypes.NewValue(tftypes.String, "EXAMPLE.net")}, 1},
	} {
		attributes := map[string]tftypes.Type{}
		for attribute := range one.config {
			attributes[attribute] = tftypes.String
		}
		typ := tftypes.Object{AttributeTypes: attributes}
		config, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, one.config))
		if err != nil {
			t.Fatal(err)
		}
		stream, err := lister.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: name, Config: &config, IncludeResource: true, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for result := range stream.Results {
			if len(result.Diagnostics) > 0 {
				t.Fatalf("%s: %+v", name, result.Diagnostics[0])
			}
			if _, err := result.Identity.IdentityData.Unmarshal(identities.IdentitySchemas[name].ValueType()); err != nil || result.Resource == nil {
				t.Errorf("%s: %v", name, err)
			}
			found++
		}
		if found != one.want {
			t.Errorf("%s: %d are listed, want %d", name, found, one.want)
		}
	}
}
