package provider

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// report adds an error to the diagnostics. What it says of a field stands at the
// attribute of the same name, if attributes has it.
func report(diags *diag.Diagnostics, summary string, err error, attributes ...string) {
	problems := fieldProblems(err)
	at := 0
	for _, p := range problems {
		name := attributeOf(p.Field, attributes)
		if name == "" {
			continue
		}
		at++
		diags.AddAttributeError(path.Root(name), summary, strings.Join(p.Messages, "; ")+"\n\n"+err.Error())
	}
	if at > 0 {
		return
	}
	if forbidden, ok := errors.AsType[*hoster.ForbiddenError](err); ok && len(forbidden.MissingScopes) > 0 {
		missing := make([]string, len(forbidden.MissingScopes))
		for i, s := range forbidden.MissingScopes {
			missing[i] = string(s)
		}
		summary += ": the token lacks " + strings.Join(missing, ", ")
	}
	diags.AddError(summary, err.Error())
}

// fieldProblems is what an error says of single fields.
func fieldProblems(err error) []hoster.FieldProblem {
	if argument, ok := errors.AsType[*hoster.ArgumentError](err); ok {
		text := "expected " + argument.Expected
		if cause := errors.Unwrap(argument); cause != nil {
			text += " (" + cause.Error() + ")"
		}
		return []hoster.FieldProblem{{Field: argument.Field, Messages: []string{text}}}
	}
	if field, ok := errors.AsType[*dnszone.FieldError](err); ok {
		return []hoster.FieldProblem{{Field: field.Field, Messages: []string{field.Error()}}}
	}
	if answered, ok := errors.AsType[*hoster.Error](err); ok {
		return answered.Fields
	}
	return nil
}

// batchPlace is what a batch writes in front of a field's name.
var batchPlace = regexp.MustCompile(`^(create|update|delete)\.[0-9]+\.?`)

// attributeOf is the attribute that a field of the API stands for: that of its name,
// of its first part for one inside a list or an object, or "".
func attributeOf(field string, attributes []string) string {
	field = batchPlace.ReplaceAllString(field, "")
	first, _, _ := strings.Cut(field, ".")
	if slices.Contains(attributes, first) {
		return first
	}
	return ""
}
