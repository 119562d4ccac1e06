package jsonread

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// found is a field as encoding/json finds it.
type found struct {
	name   string
	index  []int
	tagged bool
	quoted bool // the option string
	rules  string
}

// fieldsOf finds the fields of a struct and of what is embedded in it, by the
// rules of encoding/json: the one that is least deep counts, among those the
// one whose tag names it, and where two are left neither.
func fieldsOf(t reflect.Type) []found {
	type level struct {
		typ   reflect.Type
		index []int
	}
	var all []found
	next := []level{{typ: t}}
	visited := map[reflect.Type]bool{}
	var count, nextCount map[reflect.Type]int
	for len(next) > 0 {
		current := next
		next, count, nextCount = nil, nextCount, map[reflect.Type]int{}
		for _, l := range current {
			if visited[l.typ] {
				continue
			}
			visited[l.typ] = true
			for i := range l.typ.NumField() {
				sf := l.typ.Field(i)
				inner := sf.Type
				if inner.Kind() == reflect.Pointer && (sf.Anonymous || inner.Name() == "") {
					inner = inner.Elem()
				}
				tag := sf.Tag.Get("json")
				embeds := sf.Anonymous && inner.Kind() == reflect.Struct
				if tag == "-" || !sf.IsExported() && !embeds {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				if !validName(name) {
					name = ""
				}
				index := append(slices.Clone(l.index), i)
				if name == "" && embeds {
					if nextCount[inner]++; nextCount[inner] == 1 {
						next = append(next, level{inner, index})
					}
					continue
				}
				f := found{name: cmp.Or(name, sf.Name), index: index, tagged: name != "", rules: sf.Tag.Get("read"),
					quoted: slices.Contains(strings.Split(options, ","), "string")}
				all = append(all, f)
				if count[l.typ] > 1 {
					all = append(all, f) // so that both cancel each other out
				}
			}
		}
	}
	return dominant(all)
}

// dominant leaves the fields that count, in the order of the struct.
func dominant(all []found) []found {
	byName := map[string][]found{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	var left []found
	for _, same := range byName {
		slices.SortStableFunc(same, func(a, b found) int {
			if c := cmp.Compare(len(a.index), len(b.index)); c != 0 {
				return c
			}
			switch {
			case a.tagged == b.tagged:
				return 0
			case a.tagged:
				return -1
			}
			return 1
		})
		if len(same) == 1 || len(same[0].index) != len(same[1].index) || same[0].tagged != same[1].tagged {
			left = append(left, same[0])
		}
	}
	slices.SortFunc(left, func(a, b found) int { return slices.Compare(a.index, b.index) })
	return left
}

// validName reports a name that encoding/json takes from a tag.
func validName(name string) bool {
	return !strings.ContainsFunc(name, func(c rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// field plans one field of a struct.
func (b builder) field(t reflect.Type, f found) field {
	rules := strings.Split(f.rules, ",")
	planned := field{name: f.name, required: slices.Contains(rules, "required"), empty: slices.Contains(rules, "empty")}
	for i, at := range f.index {
		sf := t.Field(at)
		planned.from += sf.Offset
		t = sf.Type
		if i+1 < len(f.index) && t.Kind() == reflect.Pointer {
			t = t.Elem()
			planned.hops = append(planned.hops, hop{planned.from, t, !sf.IsExported()})
			planned.from = 0
		}
	}
	switch {
	case f.quoted:
		planned.plan = b.quoted(t)
	case slices.Contains(rules, "size") && t == sizeType:
		planned.plan = &plan{typ: t, read: readSize}
	default:
		planned.plan = b.plan(t)
	}
	return planned
}

// quoted plans a scalar with the option string, in whose string there may be
// null or another string.
func (b builder) quoted(t reflect.Type) *plan {
	scalar := t
	if t.Kind() == reflect.Pointer {
		scalar = t.Elem()
	}
	plain := b.plan(t)
	switch kind := scalar.Kind(); {
	case kind == reflect.String, kind >= reflect.Bool && kind <= reflect.Float64:
	default:
		return plain // where encoding/json knows no such option
	}
	return &plan{typ: t, read: func(r *Reader, to place) error {
		from := r.at
		said, err := r.scalar()
		switch {
		case err == nil && r.data[from] == '"' && said == "null":
			return nil
		case err == nil && scalar.Kind() == reflect.String && strings.HasPrefix(said, `"`) && json.Valid([]byte(said)):
			inner := Reader{}
			inner.Reset(r.ctx, []byte(said), r.limits)
			_, err = inner.Into(reflect.NewAt(t, to).Interface(), "")
			return err
		}
		r.at = from
		return plain.read(r, to)
	}}
}
