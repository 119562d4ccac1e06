package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/go-hoster/hoster/dnszone"
)

// textFunction is a provider function of texts to a text. An error is that of its first
// parameter, unless it is about the domain, which is the second.
type textFunction struct {
	name, summary, description string
	parameters                 []function.Parameter
	run                        func(args []string) (string, error)
}

func (f *textFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f *textFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{Summary: f.summary, Description: f.description, Parameters: f.parameters, Return: function.StringReturn{}}
}

func (f *textFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	args := make([]string, len(f.parameters))
	targets := make([]any, len(args))
	for i := range args {
		targets[i] = &args[i]
	}
	if resp.Error = req.Arguments.Get(ctx, targets...); resp.Error != nil {
		return
	}
	result, err := f.run(args)
	if err != nil {
		var at int64
		if field, ok := err.(*dnszone.FieldError); ok && field.Field == "domain" && len(args) > 1 {
			at = 1
		}
		resp.Error = function.NewArgumentFuncError(at, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

var (
	nameParameter   = function.StringParameter{Name: "name", Description: "A name, relative to the domain or in full."}
	domainParameter = function.StringParameter{Name: "domain", Description: "The domain."}
)

func providerFunctions() []func() function.Function {
	var all []func() function.Function
	for _, f := range []textFunction{
		{
			name: "canonical_name", summary: "The canonical name of a record, relative to its domain",
			description: "Brings a name in any spelling to the form that the API uses: relative to the domain, in lower case and A-labels, @ for the domain itself.",
			parameters:  []function.Parameter{nameParameter, domainParameter},
			run: func(args []string) (string, error) {
				name, err := dnszone.ParseName(args[0], args[1])
				return name.Relative(), err
			},
		},
		{
			name: "fqdn", summary: "The name of a record in full",
			description: "Brings a name in any spelling to its full form, without the final dot.",
			parameters:  []function.Parameter{nameParameter, domainParameter},
			run: func(args []string) (string, error) {
				name, err := dnszone.ParseName(args[0], args[1])
				if err != nil {
					return "", err
				}
				return fqdnOf(name).ValueString(), nil
			},
		},
		{
			name: "canonical_domain", summary: "The canonical form of a domain",
			description: "Brings a domain to lower case and A-labels, without the final dot.",
			parameters:  []function.Parameter{domainParameter},
			run:         func(args []string) (string, error) { return dnszone.ParseDomain(args[0]) },
		},
		{
			name: "txt_quote", summary: "The presentation form of a TXT record",
			description: "Writes a text as in a zone file: in quoted strings of at most 255 octets, with escapes.",
			parameters:  []function.Parameter{function.StringParameter{Name: "text", Description: "The text."}},
			run:         func(args []string) (string, error) { return dnszone.QuoteTXT(args[0]), nil },
		},
		{
			name: "txt_unquote", summary: "The text of a TXT record",
			description: "Reads the presentation form of a TXT record, as in a zone file, and joins its strings.",
			parameters:  []function.Parameter{function.StringParameter{Name: "presentation", Description: "The presentation form."}},
			run:         func(args []string) (string, error) { return dnszone.UnquoteTXT(args[0]) },
		},
	} {
		all = append(all, func() function.Function { return &f })
	}
	return all
}
