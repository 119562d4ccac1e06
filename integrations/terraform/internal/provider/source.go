package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// source is a data source whose model is M.
type source[M any] struct {
	*api
	name, title, text string
	attributes        map[string]schema.Attribute
	read              func(ctx context.Context, a *api, m *M) error
}

func (s *source[M]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = s.name
}

func (s *source[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Description: s.text, Attributes: s.attributes}
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
