package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/go-hoster/hoster"
)

// source is a data source whose model is M.
type source[M any] struct {
	*api
	name, title, text string
	uses              []hoster.Operation
	attributes        map[string]schema.Attribute
	read              func(ctx context.Context, a *api, m *M) error
}

func (s *source[M]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = s.name
}

func (s *source[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Description: withScopes(s.text, s.uses), Attributes: s.attributes}
}

func (s *source[M]) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	if shared, ok := req.ProviderData.(*api); ok { // nil while the configuration is validated
		s.api = shared
	}
}

func (s *source[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m M
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	if err := s.read(ctx, s.api, &m); err != nil {
		report(&resp.Diagnostics, s.title+" not read", err, slices.Sorted(maps.Keys(s.attributes))...)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// withScopes ends a description with the scopes that the operations need.
func withScopes(text string, uses []hoster.Operation) string {
	scopes, err := hoster.ScopesFor(uses...)
	if err != nil {
		panic(err) // an operation that does not exist: seen by the first test
	}
	if len(scopes) == 0 {
		return text + " Needs no scope."
	}
	names := texts(scopes)
	last := names[len(names)-1]
	if len(names) == 1 {
		return text + " Needs the scope " + last + "."
	}
	return text + " Needs the scopes " + strings.Join(names[:len(names)-1], ", ") + " and " + last + "."
}
