package jsonread

import (
	"bytes"
	"reflect"
	"unicode/utf8"
)

// field is a member of a struct.
type field struct {
	name string
	plan *plan
	hops []hop // to the struct that holds it, where pointers lie on the way
	from uintptr

	required bool
	empty    bool // required, but may be ""
}

// hop is a pointer to an embedded struct.
type hop struct {
	from    uintptr
	to      reflect.Type
	blocked bool // of a type whose name is not exported: nobody can set it
}

// objectPlan reads a struct.
type objectPlan struct {
	fields   []field
	required []uint64 // a bit for each field that must be there
}

func (b builder) object(t reflect.Type) *objectPlan {
	found := fieldsOf(t)
	p := &objectPlan{fields: make([]field, len(found)), required: make([]uint64, (len(found)+63)/64)}
	for i, f := range found {
		p.fields[i] = b.field(t, f)
		if p.fields[i].required {
			p.required[i/64] |= 1 << (i % 64)
		}
	}
	return p
}

func (p *objectPlan) read(r *Reader, to place) error {
	c := r.peek()
	if c != '{' {
		if (c == '"' || c == '[') && r.emptyObject() {
			return p.missing(make([]uint64, len(p.required)))
		}
		return expected("an object")
	}
	top := r.depth == r.outer
	if top {
		r.found = 0
	}
	if err := r.enter(); err != nil {
		return err
	}
	base := len(r.seen)
	for range p.required {
		r.seen = append(r.seen, 0)
	}
	if r.peek() == '}' {
		_ = r.leave()
	} else if err := p.members(r, to, base, top); err != nil {
		return err
	}
	err := p.missing(r.seen[base:])
	r.seen = r.seen[:base]
	return err
}

func (p *objectPlan) members(r *Reader, to place, base int, top bool) error {
	for next := 0; ; {
		var name []byte
		i := next
		if next == len(p.fields) || !r.memberIs(p.fields[next].name) {
			var err error
			if name, err = r.member(); err != nil {
				return err
			}
			i = p.find(name, next)
		}
		switch {
		case i >= 0:
			next = i + 1
			if err := p.member(r, to, base, i); err != nil {
				return within(err, "."+p.fields[i].name)
			}
			if top {
				r.found++
			}
		case top && r.Unknown != nil:
			value, err := r.Value()
			if err != nil {
				return err
			}
			r.Unknown(name, value)
		default:
			if err := r.skip(); err != nil {
				return err
			}
		}
		if more, err := r.more('}'); !more {
			return err
		}
	}
}

// member reads the value of one field.
func (p *objectPlan) member(r *Reader, to place, base, i int) error {
	f := &p.fields[i]
	for _, hop := range f.hops {
		slot := at[place](beside(to, hop.from))
		if *slot == nil {
			if hop.blocked {
				return expected("a field that can be set, not one of an unexported type that is embedded by pointer")
			}
			if err := r.spend(int(hop.to.Size())); err != nil {
				return err
			}
			*slot = reflect.New(hop.to).UnsafePointer()
		}
		to = *slot
	}
	to = beside(to, f.from)
	seen, bit := &r.seen[base+i/64], uint64(1)<<(i%64)
	if *seen&bit != 0 { // a member twice: nothing of the first remains
		if err := r.flush(); err != nil {
			return err
		}
		zero(f.plan.typ, to)
		*seen &^= bit
	}
	switch c := r.data[min(r.at, len(r.data)-1)]; {
	case c == 'n' && !f.plan.null:
		return r.literal("null")
	case f.plan.object && (c == '"' || c == '[') && r.emptyObject():
		return nil
	case f.required && (c == 'n' || c == '"' && !f.empty && len(r.data) > r.at+1 && r.data[r.at+1] == '"'):
		return f.plan.read(r, to)
	}
	if err := f.plan.read(r, to); err != nil {
		return err
	}
	r.seen[base+i/64] |= bit
	return nil
}

// missing is the error of an object that lacks a field.
func (p *objectPlan) missing(seen []uint64) error {
	for w, bits := range p.required {
		if bits&^seen[w] == 0 {
			continue
		}
		for i, f := range p.fields {
			if f.required && seen[i/64]&(1<<(i%64)) == 0 {
				if f.empty {
					return &Error{Path: "." + f.name, Problem: "it is missing"}
				}
				return &Error{Path: "." + f.name, Problem: "it is missing or empty"}
			}
		}
	}
	return nil
}

// find returns the field with a name, -1 if there is none.
func (p *objectPlan) find(name []byte, next int) int {
	for i := next; i < len(p.fields); i++ {
		if string(name) == p.fields[i].name {
			return i
		}
	}
	for i := range next {
		if string(name) == p.fields[i].name {
			return i
		}
	}
	ascii := isASCII(name)
	for i := range p.fields { // as encoding/json does
		f := p.fields[i].name
		if ascii && len(f) == len(name) && (f == "" || f[0]|0x20 != name[0]|0x20) {
			continue
		}
		if (len(f) == len(name) || !ascii) && bytes.EqualFold([]byte(f), name) {
			return i
		}
	}
	return -1
}

func isASCII(name []byte) bool {
	for _, c := range name {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
