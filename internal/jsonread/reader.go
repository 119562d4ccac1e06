// Package jsonread reads JSON into Go values by their types and struct tags, in
// one pass, with the tolerance that the answers of many servers need.
//
// A value is read as encoding/json reads it, and more is accepted: a number or
// its digits in a string, 0 and 1 as booleans, times in many layouts, null and
// "" for nothing, [] and "" for an empty object, null among the items of a list,
// a member twice (the last one wins). A struct tag read:"required" makes an error
// of a member that is absent, null or empty; read:"required,empty" allows "";
// read:"size" on a *int64 leaves nil what is not a whole number from 0 up.
package jsonread

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strconv"
)

// Limits bound what reading one text costs.
type Limits struct {
	// Depth is how deep arrays and objects may be nested.
	Depth int
	// Factor bounds the memory of what is read: Factor times the length of the
	// text, or Floor octets if that is more.
	Factor, Floor int
}

// ErrMemory is what an [Error] wraps when the values of a text would need more
// memory than [Limits] allow.
var ErrMemory = errors.New("the values would need too much memory")

// Error says what does not fit, and where.
type Error struct {
	Path    string // such as data[3].name
	Problem string
	Err     error // what ended the reading, or an error of the value's own method

	fatal bool // nothing behind this place can be read
}

// Error returns path and problem.
func (e *Error) Error() string {
	switch {
	case e.Problem == "" && e.Path == "":
		return e.Err.Error()
	case e.Problem == "":
		return e.Path + ": " + e.Err.Error()
	case e.Path == "":
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Fatal reports that nothing behind this place was read: the JSON is broken, a
// limit was met, or the context ended.
func (e *Error) Fatal() bool { return e.fatal }

func expected(what string) error { return &Error{Problem: "expected " + what} }

// within puts a step in front of an error's path.
func within(err error, step string) error {
	if e, ok := err.(*Error); ok && !e.fatal {
		e.Path = step + e.Path
		return e
	}
	return err
}

// Reader reads one text after the other. Its memory is used again; nothing that
// was read points into it or into the text. The zero value is ready for
// [Reader.Reset].
type Reader struct {
	// Unknown, if it is not nil, is called with each member of the outermost
	// object that its type does not have. Both arguments are valid during the
	// call only.
	Unknown func(name, value []byte)

	ctx    context.Context
	limits Limits
	data   []byte
	at     int
	ask    int // the place from which on the context is asked again
	left   int // octets that may still be allocated
	depth  int
	outer  int  // the depth of the value that Into reads
	found  int  // members of its type that it has
	inList bool // an array is open

	text  []byte // strings on their way to their places
	texts []pending
	name  []byte   // of a member, where it has escapes
	seen  []uint64 // the members that were read of each object that is open
}

// Reset begins a new text, without the byte order mark that may stand before it.
// The context is asked now and then while it is read.
func (r *Reader) Reset(ctx context.Context, data []byte, limits Limits) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r.ctx, r.limits, r.data = ctx, limits, data
	r.at, r.ask, r.depth = 0, askEvery, 0
	r.left = max(limits.Floor, limits.Factor*len(data))
	r.Unknown = nil
}

// Release forgets the text and everything that was read, and memory above keep
// octets.
func (r *Reader) Release(keep int) {
	clear(r.texts[:cap(r.texts)])
	r.texts = r.texts[:0]
	r.ctx, r.data, r.Unknown = nil, nil, nil
	if cap(r.text)+cap(r.name) > keep {
		r.text, r.name = nil, nil
	}
}

// Kind returns the first octet of the next value or sign, 0 at the end.
func (r *Reader) Kind() byte { return r.peek() }

// Rest returns what was not read yet.
func (r *Reader) Rest() []byte { return r.data[r.at:] }

// Object reads an object and calls member with each name, which is valid until
// Into is called. member must read the value, with Into or Value.
func (r *Reader) Object(member func(name []byte) error) error {
	if r.peek() != '{' {
		return expected("an object")
	}
	if err := r.enter(); err != nil {
		return err
	}
	if r.peek() == '}' {
		return r.leave()
	}
	for {
		name, err := r.member()
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
		if more, err := r.more('}'); !more {
			return err
		}
	}
}

// Value reads any value and returns its text, which was checked.
func (r *Reader) Value() (Value, error) {
	r.peek()
	from := r.at
	if err := r.skip(); err != nil {
		return nil, err
	}
	return r.data[from:r.at], nil
}

// Into reads the next value into what v points to, which should be zero. It
// reports how many members of v's type the outermost object has, or -1 where
// there is no object. After an error v is undefined; the value was passed over,
// unless the JSON itself is broken or a limit was met. where begins the path in
// errors.
func (r *Reader) Into(v any, where string) (found int, err error) {
	target := reflect.ValueOf(v)
	for target.Kind() == reflect.Pointer && !target.IsNil() && target.Elem().Kind() == reflect.Interface &&
		!target.Elem().IsNil() && target.Elem().Elem().Kind() == reflect.Pointer {
		target = target.Elem().Elem() // as encoding/json does
	}
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return -1, &Error{Problem: "the target must be a pointer that is not nil", fatal: true}
	}
	c := r.peek()
	from, depth := r.at, r.depth
	r.outer, r.found, r.inList, r.seen = depth, -1, false, r.seen[:0]
	if p := planOf(target.Type().Elem()); c == 'n' && !p.null {
		err = r.literal("null")
	} else if err = p.read(r, target.UnsafePointer()); err == nil {
		err = r.flush()
	}
	if err == nil {
		return r.found, nil
	}
	e, _ := within(err, where).(*Error)
	r.text, r.texts = r.text[:0], r.texts[:0]
	if !e.fatal {
		r.at, r.depth = from, depth
		if broken := r.skip(); broken != nil {
			e, _ = broken.(*Error)
		}
	}
	if e.fatal {
		e.Path = where
	}
	return -1, e
}

// spend counts memory that is about to be allocated.
func (r *Reader) spend(octets int) error {
	if r.left -= octets; r.left < 0 {
		return &Error{Err: ErrMemory, fatal: true}
	}
	return nil
}

// enter passes over the sign that opens an array or object.
func (r *Reader) enter() error {
	if r.depth == r.limits.Depth {
		return &Error{Problem: "nested deeper than " + strconv.Itoa(r.limits.Depth), fatal: true}
	}
	r.depth++
	r.at++
	return nil
}

// leave passes over the sign that closes it.
func (r *Reader) leave() error {
	r.depth--
	r.at++
	return nil
}

// askEvery is how many octets are read before the context is asked again.
const askEvery = 64 << 10

// more passes over the comma before another item or member, or over the sign
// that closes the list or object.
func (r *Reader) more(end byte) (bool, error) {
	switch r.peek() {
	case ',':
		r.at++
		if r.at >= r.ask {
			r.ask = r.at + askEvery
			if err := r.ctx.Err(); err != nil {
				return false, &Error{Err: err, fatal: true}
			}
		}
		return true, nil
	case end:
		return false, r.leave()
	}
	return false, r.broken()
}

// broken is the error of text that is no JSON.
func (r *Reader) broken() error {
	if r.at >= len(r.data) {
		return &Error{Problem: "the JSON ends too early", fatal: true}
	}
	return &Error{Problem: "the JSON is broken at octet " + strconv.Itoa(r.at), fatal: true}
}
