package jsonread

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"sync"
	"time"
)

// plan says how a value of one type is read. It is made once for each type.
type plan struct {
	typ    reflect.Type
	read   func(r *Reader, to place) error // the value, which is not null unless null is set
	null   bool                            // read takes null too
	object bool                            // a struct, or a pointer to one
}

var plans sync.Map // of *plan, by reflect.Type

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	b := builder{}
	p := b.plan(t)
	for t, made := range b {
		plans.LoadOrStore(t, made)
	}
	return p
}

// builder makes plans. Those it has begun stand in it, for types that hold
// themselves.
type builder map[reflect.Type]*plan

var (
	timeType      = reflect.TypeFor[time.Time]()
	numberType    = reflect.TypeFor[json.Number]()
	sizeType      = reflect.TypeFor[*int64]()
	jsonInterface = reflect.TypeFor[json.Unmarshaler]()
	textInterface = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func (b builder) plan(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	if p := b[t]; p != nil {
		return p
	}
	p := &plan{typ: t}
	b[t] = p
	switch pointer := reflect.PointerTo(t); {
	case t == timeType:
		p.read = readTime
	case t == numberType:
		p.read = readNumber
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		b.indirect(p)
	case pointer.Implements(jsonInterface):
		p.null, p.read = true, func(r *Reader, to place) error { return r.unmarshalJSON(t, to) }
	case pointer.Implements(textInterface):
		p.read = func(r *Reader, to place) error { return r.unmarshalText(t, to) }
	default:
		b.byKind(p)
	}
	return p
}

func (b builder) byKind(p *plan) {
	switch t := p.typ; t.Kind() {
	case reflect.Struct:
		p.object = true
		p.read = b.object(t).read
	case reflect.Slice:
		p.read = (&slicePlan{typ: t, size: t.Elem().Size(), octets: t.Elem().Kind() == reflect.Uint8, item: b.plan(t.Elem())}).read
	case reflect.Array:
		p.read = (&arrayPlan{typ: t, size: t.Elem().Size(), item: b.plan(t.Elem())}).read
	case reflect.Map:
		p.read = (&mapPlan{typ: t, item: b.plan(t.Elem())}).read
	case reflect.String:
		p.read = readText
	case reflect.Bool:
		p.read = readBool
	case reflect.Int8:
		p.read = readInteger[int8]
	case reflect.Int16:
		p.read = readInteger[int16]
	case reflect.Int32:
		p.read = readInteger[int32]
	case reflect.Int64:
		p.read = readInteger[int64]
	case reflect.Uint8:
		p.read = readInteger[uint8]
	case reflect.Uint16:
		p.read = readInteger[uint16]
	case reflect.Uint32:
		p.read = readInteger[uint32]
	case reflect.Uint64:
		p.read = readInteger[uint64]
	case reflect.Int:
		p.read = readInteger[int64]
		if strconv.IntSize == 32 {
			p.read = readInteger[int32]
		}
	case reflect.Uint, reflect.Uintptr:
		p.read = readInteger[uint64]
		if t.Size() == 4 {
			p.read = readInteger[uint32]
		}
	case reflect.Float32:
		p.read = readFloat32
	case reflect.Float64:
		p.read = readFloat64
	default:
		p.read = func(*Reader, place) error { return expected("a type that JSON can be read into, not " + t.String()) }
	}
}

// indirect plans pointers and interfaces.
func (b builder) indirect(p *plan) {
	t := p.typ
	switch {
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		p.read = readAny
	case t.Kind() == reflect.Interface:
		p.read = func(*Reader, place) error { return expected("a type that JSON can be read into, not " + t.String()) }
	default:
		to := b.plan(t.Elem())
		p.object = t.Elem().Kind() == reflect.Struct && t.Elem() != timeType && !reflect.PointerTo(t.Elem()).Implements(jsonInterface)
		end := t.Elem()
		for end.Kind() == reflect.Pointer {
			end = end.Elem()
		}
		p.read = (&pointerPlan{to: to, size: int(t.Elem().Size()), text: end.Kind() == reflect.String}).read
	}
}

// pointerPlan reads into fresh memory. A time of zeros and "" leave nil, but for
// a string.
type pointerPlan struct {
	to   *plan
	size int
	text bool
}

func (p *pointerPlan) read(r *Reader, to place) error {
	if r.peek() == '"' && !p.text && r.emptyText() {
		return nil
	}
	if err := r.spend(p.size); err != nil {
		return err
	}
	fresh := reflect.New(p.to.typ).UnsafePointer()
	if err := p.to.read(r, fresh); err != nil {
		return err
	}
	if p.to.typ != timeType || !at[time.Time](fresh).IsZero() {
		*at[place](to) = fresh
	}
	return nil
}

// unmarshalJSON leaves the value to its own method.
func (r *Reader) unmarshalJSON(t reflect.Type, to place) error {
	raw, err := r.Value()
	if err != nil {
		return err
	}
	if err := reflect.NewAt(t, to).Interface().(json.Unmarshaler).UnmarshalJSON(raw); err != nil {
		return &Error{Err: err}
	}
	return nil
}

// unmarshalText leaves the value's text to its own method.
func (r *Reader) unmarshalText(t reflect.Type, to place) error {
	if c := r.peek(); c != '"' && !isNumber(c) {
		return expected("a string")
	}
	var text []byte
	var err error
	if r.data[r.at] == '"' {
		text, err = r.appendString(nil)
	} else {
		text, err = r.number()
	}
	if err != nil {
		return err
	}
	if err := reflect.NewAt(t, to).Interface().(encoding.TextUnmarshaler).UnmarshalText(text); err != nil {
		return &Error{Err: err}
	}
	return nil
}
