package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/go-hoster/hoster"
)

// kind is a resource whose model is M. It does what all resources do alike: it moves
// models in and out, bounds the time, reports errors at their attributes, and takes a
// resource out of the state if, and only if, the API itself says that it is not there.
type kind[M any] struct {
	*api
	name       string // "hoster_dns_record"
	title      string // "DNS record"
	text       string // what it is, for the documentation
	uses       []hoster.Operation
	attributes map[string]schema.Attribute

	// identity is the attribute that identifies a resource, for Terraform 1.12 and
	// later; it is what an import by id takes. identify makes it; without it, it is the
	// attribute id.
	identity string
	identify func(m *M) string

	check  func(config *M) error                                  // of the configuration; optional
	plan   func(ctx context.Context, c *change[M]) error          // not called for what is to be deleted; optional
	create func(ctx context.Context, c *change[M]) error          // completes c.plan
	read   func(ctx context.Context, c *change[M]) error          // completes c.state; hoster.ErrNotFound: it is gone
	update func(ctx context.Context, c *change[M]) error          // completes c.plan
	remove func(ctx context.Context, c *change[M]) error          // hoster.ErrNotFound is success
	key    func(id string) (attributes map[string]any, err error) // what an import knows of its id
}

// change is what a resource is asked to do.
type change[M any] struct {
	*api
	config, plan, state M
	isNew               bool // there is no state
	private             privateState
	setPrivate          privateWriter
	diags               *diag.Diagnostics
	replace             path.Paths // attributes whose change makes a new resource
}

// errUnknown says that something is not known while the configuration is checked or
// planned, so that nothing can be said.
var errUnknown = errors.New("not known yet")

// limits is embedded in every model.
type limits struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (l limits) timeouts() timeouts.Value { return l.Timeouts }

// defaultTimeout is how long an operation may take, unless the resource says
// otherwise.
const defaultTimeout = 20 * time.Minute

func (k *kind[M]) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = k.name
	resp.ResourceBehavior.MutableIdentity = k.identify != nil // a natural key changes with the resource
}

func (k *kind[M]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		k.identity: identityschema.StringAttribute{RequiredForImport: true, Description: "What identifies the resource, as for an import."},
	}}
}

// save stores a model and what identifies it.
func (k *kind[M]) save(ctx context.Context, diags *diag.Diagnostics, state *tfsdk.State, identity *tfsdk.ResourceIdentity, m *M) {
	if diags.Append(state.Set(ctx, m)...); identity == nil {
		return
	}
	var id string
	if k.identify != nil {
		id = k.identify(m)
	} else {
		diags.Append(state.GetAttribute(ctx, path.Root("id"), &id)...)
	}
	diags.Append(identity.SetAttribute(ctx, path.Root(k.identity), id)...)
}

func (k *kind[M]) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	all := maps.Clone(k.attributes)
	all["timeouts"] = timeoutsAttribute(ctx)
	resp.Schema = schema.Schema{Description: withScopes(k.text, k.uses), Attributes: all}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	const text = "A duration such as 30s or 2h45m."
	a := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: text, Read: true, ReadDescription: text, Update: true, UpdateDescription: text, Delete: true, DeleteDescription: text,
	}).(schema.SingleNestedAttribute)
	a.Description = "How long each operation may take, waits for the rate limit included. Default: 20m each."
	return a
}

func (k *kind[M]) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if shared, ok := req.ProviderData.(*api); ok { // nil while the configuration is validated
		k.api = shared
	}
}

func (k *kind[M]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config M
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() || k.check == nil {
		return
	}
	k.report(&resp.Diagnostics, "not valid", k.check(&config))
}

func (k *kind[M]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || k.plan == nil {
		return
	}
	c := change[M]{api: k.api, isNew: req.State.Raw.IsNull(), private: req.Private, diags: &resp.Diagnostics}
	resp.Diagnostics.Append(req.Config.Get(ctx, &c.config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &c.plan)...)
	k.load(ctx, &c, req.State)
	if resp.Diagnostics.HasError() {
		return
	}
	k.report(&resp.Diagnostics, "not valid", k.plan(ctx, &c))
	resp.RequiresReplace = append(resp.RequiresReplace, c.replace...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &c.plan)...)
}

func (k *kind[M]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	c := change[M]{api: k.api, isNew: true, setPrivate: resp.Private, diags: &resp.Diagnostics}
	resp.Diagnostics.Append(req.Config.Get(ctx, &c.config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &c.plan)...)
	if k.run(ctx, &c, "not created", k.create, &c.plan, timeouts.Value.Create) == nil && !resp.Diagnostics.HasError() {
		k.save(ctx, &resp.Diagnostics, &resp.State, resp.Identity, &c.plan)
	}
}

func (k *kind[M]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	c := change[M]{api: k.api, private: req.Private, setPrivate: resp.Private, diags: &resp.Diagnostics}
	k.load(ctx, &c, req.State)
	err := k.run(ctx, &c, "not read", k.read, &c.state, timeouts.Value.Read)
	switch {
	case errors.Is(err, hoster.ErrNotFound):
		k.save(ctx, &resp.Diagnostics, &resp.State, resp.Identity, &c.state) // what is gone has an identity too
		resp.State.RemoveResource(ctx)
	case err == nil && !resp.Diagnostics.HasError():
		k.save(ctx, &resp.Diagnostics, &resp.State, resp.Identity, &c.state)
	}
}

func (k *kind[M]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	c := change[M]{api: k.api, private: req.Private, setPrivate: resp.Private, diags: &resp.Diagnostics}
	resp.Diagnostics.Append(req.Config.Get(ctx, &c.config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &c.plan)...)
	k.load(ctx, &c, req.State)
	if k.run(ctx, &c, "not updated", k.update, &c.plan, timeouts.Value.Update) == nil && !resp.Diagnostics.HasError() {
		k.save(ctx, &resp.Diagnostics, &resp.State, resp.Identity, &c.plan)
	}
}

func (k *kind[M]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	c := change[M]{api: k.api, private: req.Private, diags: &resp.Diagnostics}
	k.load(ctx, &c, req.State)
	_ = k.run(ctx, &c, "not deleted", k.remove, &c.state, timeouts.Value.Delete) // reported
}

// ImportState takes what the id says. What is read then has to be complete.
func (k *kind[M]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := req.ID
	if id == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(k.identity), &id)...)
	}
	attributes, err := k.key(id)
	if err != nil {
		resp.Diagnostics.AddError(k.title+" not imported", err.Error())
		return
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), attributes[name])...)
	}
}

// load reads the state, if there is one.
func (k *kind[M]) load(ctx context.Context, c *change[M], state tfsdk.State) {
	if !state.Raw.IsNull() {
		c.diags.Append(state.Get(ctx, &c.state)...)
	}
}

// run does one of the operations and reports its error.
func (k *kind[M]) run(ctx context.Context, c *change[M], failed string, do func(context.Context, *change[M]) error, m *M, limit func(timeouts.Value, context.Context, time.Duration) (time.Duration, diag.Diagnostics)) error {
	if c.diags.HasError() {
		return nil
	}
	if timed, ok := any(m).(interface{ timeouts() timeouts.Value }); ok {
		d, problems := limit(timed.timeouts(), ctx, defaultTimeout)
		if c.diags.Append(problems...); problems.HasError() {
			return nil
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, fmt.Errorf("the timeout of the resource, %s, has passed", d))
		defer cancel()
	}
	err := do(ctx, c)
	if !errors.Is(err, hoster.ErrNotFound) || failed != "not read" && failed != "not deleted" {
		k.report(c.diags, failed, err)
	}
	return err
}

func (k *kind[M]) report(diags *diag.Diagnostics, failed string, err error) {
	if err != nil && !errors.Is(err, errUnknown) {
		report(diags, k.title+" "+failed, err, slices.Sorted(maps.Keys(k.attributes))...)
	}
}
