package jsonread

import (
	"reflect"
	"unsafe"
)

// This file is the only one that uses package unsafe. A place is the address of
// a value whose type the plan knows: plans take it from a pointer of the caller's,
// from memory that package reflect allocated for the type, or from such a place
// and the offset that reflect gives for a field or item. Setting the fields of a
// DNS record takes 12 ns so, and 89 ns through reflect.Value (BenchmarkPlaces),
// where reading the whole record takes 345 ns (BenchmarkPage).

// place is where a value goes.
type place = unsafe.Pointer

// at is the value in a place.
func at[T any](p place) *T { return (*T)(p) }

// beside is the place that lies offset octets behind another.
func beside(p place, offset uintptr) place { return unsafe.Add(p, offset) }

// list is the head of a slice.
type list struct {
	items    place
	len, cap int
}

var nothing struct{}

// settle tells an empty list from none.
func (l *list) settle() {
	if l.items == nil {
		l.items = place(&nothing)
	}
}

// zero clears the value of a type.
func zero(t reflect.Type, p place) { reflect.NewAt(t, p).Elem().SetZero() }

// reserve makes a slice of type t hold more items behind its length, and returns
// by how much its items moved, if they did.
func reserve(t reflect.Type, p place, more int) (moved *move) {
	l := at[list](p)
	before, slice := *l, reflect.NewAt(t, p).Elem()
	if before.len == 0 {
		slice.Grow(more)
		return nil
	}
	larger := reflect.MakeSlice(t, before.len, before.len+more) // Grow would add a quarter
	reflect.Copy(larger, slice)
	slice.Set(larger)
	return &move{from: before.items, to: l.items, size: uintptr(before.len) * t.Elem().Size()}
}

// textOf is what octets say that nobody changes any more.
func textOf(octets []byte) string { return unsafe.String(unsafe.SliceData(octets), len(octets)) }

// move is where the items of a slice were and where they are.
type move struct {
	from, to place
	size     uintptr
}

// follow returns where a place is after the move.
func (m *move) follow(p *string) *string {
	if offset := uintptr(unsafe.Pointer(p)) - uintptr(m.from); offset < m.size {
		return (*string)(unsafe.Add(m.to, offset))
	}
	return p
}

// pending is a string on its way: a piece of the reader's text, and its place.
type pending struct {
	to        *string
	from, end int
}

const (
	// maxPending is how many strings wait at most.
	maxPending = 1024
	// maxTogether is how much text lies in one piece of memory at most.
	maxTogether = 64 << 10
)

// flush gives the strings of an item to their places. They share one piece of
// memory, which lives as long as one of them.
func (r *Reader) flush() error {
	if len(r.texts) == 0 {
		return nil
	}
	if err := r.spend(len(r.text)); err != nil {
		return err
	}
	all := string(r.text)
	for _, t := range r.texts {
		*t.to = all[t.from:t.end]
	}
	r.text, r.texts = r.text[:0], r.texts[:0]
	return nil
}
