// Package canon brings the texts inside a value into canonical form, by struct
// tags and by the known words of their types.
package canon

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Rules say what is canonical. They do not change once a [Writer] has them.
type Rules struct {
	// Forms are what a struct tag canon can name, as in canon:"domain" on a field
	// that is a text or a list of texts. What a form cannot read it returns as it
	// is.
	Forms map[string]func(string) string
	// Words are the known values of enumerations, each of a string type of its own.
	// A value of such a type is written in lower case where that is a known word.
	Words []any
	// Inside returns a pointer to the value that a container holds, given a
	// pointer to the container, and nil for other types.
	Inside func(any) any
	// Skip are types to leave alone.
	Skip []reflect.Type
}

// Writer writes values in canonical form. What its rules do not name stays as it
// is. It is safe for concurrent use.
type Writer struct {
	rules Rules
	words map[reflect.Type][]string
	forms sync.Map // of form by reflect.Type, nil where a type has none
}

// New returns a writer by these rules.
func New(rules Rules) *Writer {
	w := &Writer{rules: rules, words: map[reflect.Type][]string{}}
	for _, word := range rules.Words {
		t := reflect.TypeOf(word)
		w.words[t] = append(w.words[t], reflect.ValueOf(word).String())
	}
	return w
}

// Write changes what target points to.
func (w *Writer) Write(target any) {
	v := reflect.ValueOf(target)
	if f := w.formOf(v.Type()); f != nil {
		f(v)
	}
}

// Copy returns a struct, or the one that a pointer points to, in canonical form.
// What it is given stays as it is, but for lists of texts and what pointers in it
// point to. Other values are returned as they are.
func (w *Writer) Copy(value any) any {
	v := reflect.Indirect(reflect.ValueOf(value))
	f := w.formOf(v.Type())
	if v.Kind() != reflect.Struct || f == nil {
		return value
	}
	fresh := reflect.New(v.Type()).Elem()
	fresh.Set(v)
	f(fresh)
	return fresh.Interface()
}

// form writes one value.
type form func(reflect.Value)

func (w *Writer) formOf(t reflect.Type) form {
	if known, ok := w.forms.Load(t); ok {
		return known.(form)
	}
	f := w.newForm(t)
	w.forms.Store(t, f)
	return f
}

func (w *Writer) newForm(t reflect.Type) form {
	switch t.Kind() {
	case reflect.String:
		if words := w.words[t]; words != nil {
			return wordForm(words)
		}
	case reflect.Pointer:
		if inner := w.formOf(t.Elem()); inner != nil {
			return func(v reflect.Value) {
				if !v.IsNil() {
					inner(v.Elem())
				}
			}
		}
	case reflect.Slice:
		if inner := w.formOf(t.Elem()); inner != nil {
			return eachItem(inner)
		}
	case reflect.Struct:
		return w.newStruct(t)
	}
	return nil
}

func (w *Writer) newStruct(t reflect.Type) form {
	for _, skipped := range w.rules.Skip {
		if t == skipped {
			return nil
		}
	}
	if inside := w.rules.Inside(reflect.New(t).Interface()); inside != nil {
		if inner := w.formOf(reflect.TypeOf(inside)); inner != nil {
			return func(v reflect.Value) { inner(reflect.ValueOf(w.rules.Inside(v.Addr().Interface()))) }
		}
		return nil
	}
	type field struct {
		index int
		form  form
	}
	var fields []field
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			if own := w.newField(f); own != nil {
				fields = append(fields, field{i, own})
			}
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

func (w *Writer) newField(f reflect.StructField) form {
	write := w.rules.Forms[f.Tag.Get("canon")]
	switch {
	case write == nil:
		return w.formOf(f.Type)
	case f.Type.Kind() == reflect.Slice:
		return eachItem(textForm(write))
	}
	return textForm(write)
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

// wordForm takes the known word that is meant by one in another case.
func wordForm(words []string) form {
	return textForm(func(word string) string {
		if lower := Lower(word); lower != word && slices.Contains(words, lower) {
			return lower
		}
		return word
	})
}

// Lower is s in lower case. What is not UTF-8 stays as it is, and does not become
// other text.
func Lower(s string) string { return inCase(s, strings.ToLower) }

// Upper is s in upper case, as [Lower] is in lower case.
func Upper(s string) string { return inCase(s, strings.ToUpper) }

func inCase(s string, write func(string) string) string {
	if !utf8.ValidString(s) {
		return s
	}
	return write(s)
}
