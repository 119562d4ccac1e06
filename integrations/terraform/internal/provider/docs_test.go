package provider

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var update = flag.Bool("update", false, "write the documentation anew")

const root = "../.."

// described is an attribute of any schema.
type described interface {
	IsRequired() bool
	IsOptional() bool
	IsSensitive() bool
	IsWriteOnly() bool
	GetDescription() string
	GetType() attr.Type
}

// TestDocumentation compares the pages with the schemas and the examples that they are
// made of: go test -run TestDocumentation -update writes them.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	pages := documentation(t)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		path := filepath.Join(root, "docs", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(pages[name]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != pages[name] {
			t.Errorf("docs/%s is not what the schema says: run go test -run TestDocumentation -update (%v)", name, err)
		}
	}
	_ = filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(filepath.Join(root, "docs"), path)
		if err == nil && !entry.IsDir() && pages[name] == "" {
			t.Errorf("docs/%s describes nothing", name)
		}
		return nil
	})
}

// documentation makes the pages, by their names below docs.
func documentation(t *testing.T) map[string]string {
	ctx := context.Background()
	pages := map[string]string{}
	p := New("test")().(*hosterProvider)
	var all provider.SchemaResponse
	p.Schema(ctx, provider.SchemaRequest{}, &all)
	index := new(page)
	index.front("hoster Provider", all.Schema.Description)
	index.example(t, "provider/provider.tf")
	schemaOf(index, "", all.Schema.Attributes)
	pages["index.md"] = index.String()

	for _, make := range p.Resources(ctx) {
		r := make()
		var meta resource.MetadataResponse
		var s resource.SchemaResponse
		r.Metadata(ctx, resource.MetadataRequest{}, &meta)
		r.Schema(ctx, resource.SchemaRequest{}, &s)
		one := new(page)
		one.front(meta.TypeName+" (Resource)", s.Schema.Description)
		one.example(t, "resources/"+meta.TypeName+"/resource.tf")
		schemaOf(one, "", s.Schema.Attributes)
		one.section("Import", "")
		one.code(t, "shell", "resources/"+meta.TypeName+"/import.sh")
		pages["resources/"+strings.TrimPrefix(meta.TypeName, "hoster_")+".md"] = one.String()
	}
	for _, make := range p.DataSources(ctx) {
		d := make()
		var meta datasource.MetadataResponse
		var s datasource.SchemaResponse
		d.Metadata(ctx, datasource.MetadataRequest{}, &meta)
		d.Schema(ctx, datasource.SchemaRequest{}, &s)
		one := new(page)
		one.front(meta.TypeName+" (Data Source)", s.Schema.Description)
		one.example(t, "data-sources/"+meta.TypeName+"/data-source.tf")
		schemaOf(one, "", s.Schema.Attributes)
		pages["data-sources/"+strings.TrimPrefix(meta.TypeName, "hoster_")+".md"] = one.String()
	}
	for _, make := range p.EphemeralResources(ctx) {
		e := make()
		var meta ephemeral.MetadataResponse
		var s ephemeral.SchemaResponse
		e.Metadata(ctx, ephemeral.MetadataRequest{}, &meta)
		e.Schema(ctx, ephemeral.SchemaRequest{}, &s)
		one := new(page)
		one.front(meta.TypeName+" (Ephemeral Resource)", s.Schema.Description)
		one.example(t, "ephemeral-resources/"+meta.TypeName+"/ephemeral-resource.tf")
		schemaOf(one, "", s.Schema.Attributes)
		pages["ephemeral-resources/"+strings.TrimPrefix(meta.TypeName, "hoster_")+".md"] = one.String()
	}
	for _, make := range p.Functions(ctx) {
		f := make()
		var meta function.MetadataResponse
		var d function.DefinitionResponse
		f.Metadata(ctx, function.MetadataRequest{}, &meta)
		f.Definition(ctx, function.DefinitionRequest{}, &d)
		one := new(page)
		one.front(meta.Name+" (Function)", d.Definition.Summary+". "+d.Definition.Description)
		one.example(t, "functions/"+meta.Name+"/function.tf")
		one.section("Arguments", "")
		for i, parameter := range d.Definition.Parameters {
			fmt.Fprintf(one, "%d. `%s` (String) %s\n", i+1, parameter.GetName(), parameter.GetDescription())
		}
		pages["functions/"+meta.Name+".md"] = one.String()
	}
	return pages
}

// page is a page of the documentation.
type page struct{ bytes.Buffer }

func (p *page) front(title, text string) {
	fmt.Fprintf(p, "---\npage_title: %q\ndescription: |-\n  %s\n---\n\n# %s\n\n%s\n", title, text, title, text)
}

func (p *page) section(title, text string) { fmt.Fprintf(p, "\n## %s\n\n%s", title, text) }

func (p *page) example(t *testing.T, name string) {
	p.section("Example Usage", "")
	p.code(t, "terraform", name)
}

func (p *page) code(t *testing.T, language, name string) {
	text, err := os.ReadFile(filepath.Join(root, "examples", name))
	if err != nil {
		t.Errorf("there is no example: %v", err)
	}
	fmt.Fprintf(p, "```%s\n%s```\n", language, text)
}

// schemaOf writes the attributes of a schema, and below it those of nested ones.
func schemaOf[A described](p *page, title string, attributes map[string]A) {
	if title == "" {
		p.section("Schema", "")
	} else {
		fmt.Fprintf(p, "\n### Nested Schema for `%s`\n\n", title)
	}
	heading := map[int]string{0: "Required", 1: "Optional", 2: "Read-Only"}
	names := slices.Sorted(maps.Keys(attributes))
	for group := range 3 {
		written := false
		for _, name := range names {
			a := attributes[name]
			if groupOf(a) != group {
				continue
			}
			if !written {
				fmt.Fprintf(p, "**%s**\n\n", heading[group])
				written = true
			}
			notes := typeName(a.GetType())
			if a.IsSensitive() {
				notes += ", Sensitive"
			}
			if a.IsWriteOnly() {
				notes += ", Write-only"
			}
			fmt.Fprintf(p, "- `%s` (%s) %s\n", name, notes, a.GetDescription())
		}
		if written {
			p.WriteString("\n")
		}
	}
	p.Truncate(p.Len() - 1)
	for _, name := range names {
		below := strings.TrimPrefix(title+"."+name, ".")
		switch a := any(attributes[name]).(type) {
		case schema.SetNestedAttribute:
			schemaOf(p, below, a.NestedObject.Attributes)
		case schema.SingleNestedAttribute:
			schemaOf(p, below, a.Attributes)
		case dataschema.ListNestedAttribute:
			schemaOf(p, below, a.NestedObject.Attributes)
		}
	}
}

func groupOf(a described) int {
	switch {
	case a.IsRequired():
		return 0
	case a.IsOptional():
		return 1
	}
	return 2
}

func typeName(t attr.Type) string {
	switch t := t.(type) {
	case types.ListType:
		return "List of " + typeName(t.ElemType)
	case types.SetType:
		return "Set of " + typeName(t.ElemType)
	case types.ObjectType:
		return "Object"
	}
	switch t {
	case types.StringType:
		return "String"
	case types.BoolType:
		return "Boolean"
	case types.Int64Type, types.Float64Type:
		return "Number"
	}
	return "Object"
}

// TestExamplesAreValid validates each example by the real binary.
func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	count := 0
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".tf" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		c := a.cli("")
		c.write("example.tf", string(text))
		if strings.Contains(string(text), "required_providers") {
			c.write("main.tf", "")
		}
		if out, err := c.run("validate"); err != nil || strings.Contains(out, "Warning") && !strings.Contains(out, "Provider development overrides") {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
		if out, err := c.run("fmt", "-check", "-diff", "example.tf"); err != nil {
			t.Errorf("%s is not formatted: %s", path, out)
		}
		count++
		return nil
	})
	if err != nil || count < 20 {
		t.Errorf("%d examples were validated: %v", count, err)
	}
	if len(a.Requests()) != 0 {
		t.Errorf("validate made %d requests", len(a.Requests()))
	}
}
