package hoster

import (
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-hoster/hoster/dnszone"
)

// canonicalType is a record type in upper case.
func canonicalType(t RecordType) RecordType { return RecordType(inCase(string(t), strings.ToUpper)) }

// inCase is s in upper or lower case. What is not UTF-8 stays as it is.
func inCase(s string, write func(string) string) string {
	if !utf8.ValidString(s) {
		return s
	}
	return write(s)
}

// canonicalForms are the forms that the struct tag canon names. What they cannot
// read they leave as the provider sent it.
var canonicalForms = map[string]func(string) string{
	"domain": func(s string) string {
		if domain, err := dnszone.ParseDomain(s); err == nil {
			return domain
		}
		return s
	},
	"host": func(s string) string {
		if host, err := dnszone.ParseHost(s); err == nil {
			return host
		}
		return s
	},
	"search": func(s string) string { // a part of a domain's name
		if domain, err := dnszone.ParseDomain(s); err == nil {
			return domain
		}
		return inCase(s, strings.ToLower)
	},
	"currency": func(s string) string {
		if len(s) == 3 {
			return inCase(s, strings.ToUpper)
		}
		return s
	},
}

// canonicalize brings what target points to into canonical form: texts with a tag
// canon, and words of enumerations that are known in lower case. Unknown words
// stay as they are. Records have a zone, and settle by themselves.
func canonicalize(target any) {
	v := reflect.ValueOf(target)
	if form := formOf(v.Type()); form != nil {
		form(v)
	}
}

// canonicalCopy is a request in canonical form, which leaves the caller's as it
// is.
func canonicalCopy(request any) any {
	v := reflect.Indirect(reflect.ValueOf(request))
	form := formOf(v.Type())
	if v.Kind() != reflect.Struct || form == nil {
		return request
	}
	fresh := reflect.New(v.Type()).Elem()
	fresh.Set(v)
	form(fresh)
	return fresh.Interface()
}

// form brings a value into canonical form.
type form func(reflect.Value)

var forms sync.Map // of form by reflect.Type, nil where a type has none

func formOf(t reflect.Type) form {
	if known, ok := forms.Load(t); ok {
		return known.(form)
	}
	f := newForm(t)
	forms.Store(t, f)
	return f
}

func newForm(t reflect.Type) form {
	switch t.Kind() {
	case reflect.String:
		if t.Implements(reflect.TypeFor[interface{ Known() bool }]()) {
			return foldValue
		}
	case reflect.Pointer:
		if inner := formOf(t.Elem()); inner != nil {
			return func(v reflect.Value) {
				if !v.IsNil() {
					inner(v.Elem())
				}
			}
		}
	case reflect.Slice:
		if inner := formOf(t.Elem()); inner != nil {
			return eachItem(inner)
		}
	case reflect.Struct:
		switch {
		case reflect.PointerTo(t).Implements(reflect.TypeFor[amendable]()):
			return func(v reflect.Value) { v.Addr().Interface().(amendable).amend() }
		case t != reflect.TypeFor[Record]():
			return formOfStruct(t)
		}
	}
	return nil
}

// amendable is an Opt.
type amendable interface{ amend() }

func formOfStruct(t reflect.Type) form {
	type field struct {
		index int
		form  form
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		own := formOf(f.Type)
		if write := canonicalForms[f.Tag.Get("canon")]; write != nil {
			own = textForm(write)
			if f.Type.Kind() == reflect.Slice {
				own = eachItem(own)
			}
		}
		if own != nil {
			fields = append(fields, field{i, own})
		}
	}
	if fields == nil {
		return nil
	}
	return func(v reflect.Value) {
		for _, f := range fields {
			f.form(v.Field(f.index))
		}
	}
}

func eachItem(inner form) form {
	return func(v reflect.Value) {
		for i := range v.Len() {
			inner(v.Index(i))
		}
	}
}

func textForm(write func(string) string) form {
	return func(v reflect.Value) {
		text := v.String()
		if canonical := write(text); canonical != text {
			v.SetString(canonical)
		}
	}
}

// foldValue takes the known word that is meant by one in another case.
func foldValue(v reflect.Value) {
	word := v.String()
	lower := inCase(word, strings.ToLower)
	if lower == word {
		return
	}
	folded := reflect.New(v.Type()).Elem()
	folded.SetString(lower)
	if folded.Interface().(interface{ Known() bool }).Known() {
		v.Set(folded)
	}
}
