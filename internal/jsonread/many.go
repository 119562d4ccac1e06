package jsonread

import (
	"encoding"
	"reflect"
	"strconv"
)

// slicePlan reads a list. null among its items is passed over, unless an item
// can hold it.
type slicePlan struct {
	typ    reflect.Type
	size   uintptr
	octets bool // base64 is a list too
	item   *plan
}

// maxGuess is how many items a list is expected to have at most, by the first.
const maxGuess = 1000

func (p *slicePlan) read(r *Reader, to place) error {
	switch c := r.peek(); {
	case c == '"' && p.octets:
		return readBytes(r, to)
	case c == '"' && r.emptyText():
		return nil
	case c != '[':
		return expected("a list")
	}
	outer := !r.inList
	r.inList = true
	if err := r.enter(); err != nil {
		return err
	}
	l := at[list](to)
	var err error
	if r.peek() == ']' {
		err = r.leave()
	} else {
		err = p.items(r, to, l, outer)
	}
	l.settle()
	r.inList = !outer
	return err
}

func (p *slicePlan) items(r *Reader, to place, l *list, outer bool) error {
	begin := r.at
	for n := 0; ; n++ {
		switch c := r.peek(); {
		case c == 'n' && p.item.typ.Kind() != reflect.Interface:
			if err := r.literal("null"); err != nil {
				return err
			}
		default:
			if l.len == l.cap {
				if err := p.grow(r, to, l, begin, outer); err != nil {
					return err
				}
			}
			l.len++
			if c == 'n' && !p.item.null {
				if err := r.literal("null"); err != nil {
					return err
				}
			} else if err := p.item.read(r, beside(l.items, uintptr(l.len-1)*p.size)); err != nil {
				return within(err, "["+strconv.Itoa(n)+"]")
			}
			if outer && p.item.object {
				if err := r.flush(); err != nil {
					return err
				}
			}
		}
		if more, err := r.more(']'); !more {
			return err
		}
	}
}

// grow makes room for more items: of the outermost list for as many as will
// probably come, by the extent of those that came.
func (p *slicePlan) grow(r *Reader, to place, l *list, begin int, outer bool) error {
	more := max(4, l.len)
	if outer {
		likely, err := p.likely(r, l.len, begin)
		if err != nil {
			return err
		}
		more = likely
		if l.len > 0 {
			more = max(likely, l.len/4)
		}
	}
	size := max(1, int(p.size))
	least := 1 + l.len/4
	more = max(least, min(more, r.left/size-l.len))
	if err := r.spend((l.len + more) * size); err != nil {
		return err
	}
	if moved := reserve(p.typ, to, more); moved != nil {
		for i := range r.texts {
			r.texts[i].to = moved.follow(r.texts[i].to)
		}
	}
	return nil
}

// likely is how many more items there probably are.
func (p *slicePlan) likely(r *Reader, have, begin int) (int, error) {
	rest := len(r.data) - r.at
	if have > 0 {
		return 1 + rest/max(1, (r.at-begin)/have)*17/16, nil
	}
	from, depth := r.at, r.depth
	if err := r.skip(); err != nil {
		return 0, err
	}
	guess := rest / (1 + r.at - from)
	r.at, r.depth = from, depth
	return 1 + min(guess+guess/8, maxGuess-1), nil
}

// arrayPlan reads a list into an array: what is too much is passed over, and what
// is missing stays zero.
type arrayPlan struct {
	typ  reflect.Type
	size uintptr
	item *plan
}

func (p *arrayPlan) read(r *Reader, to place) error {
	if r.peek() != '[' {
		return expected("a list")
	}
	if err := r.enter(); err != nil {
		return err
	}
	if r.peek() == ']' {
		return r.leave()
	}
	for n := 0; ; n++ {
		switch c := r.peek(); {
		case n >= p.typ.Len():
			if err := r.skip(); err != nil {
				return err
			}
		case c == 'n' && !p.item.null:
			if err := r.literal("null"); err != nil {
				return err
			}
		default:
			if err := p.item.read(r, beside(to, uintptr(n)*p.size)); err != nil {
				return within(err, "["+strconv.Itoa(n)+"]")
			}
		}
		if more, err := r.more(']'); !more {
			return err
		}
	}
}

// mapPlan reads an object into a map.
type mapPlan struct {
	typ  reflect.Type
	item *plan
}

// entrySize is about what an entry of a map costs beside key and value.
const entrySize = 48

func (p *mapPlan) read(r *Reader, to place) error {
	if r.peek() != '{' {
		if r.emptyObject() {
			return nil
		}
		return expected("an object")
	}
	err := r.flush()
	if err == nil {
		err = r.spend(entrySize)
	}
	if err != nil {
		return err
	}
	made := reflect.MakeMap(p.typ)
	reflect.NewAt(p.typ, to).Elem().Set(made)
	return r.Object(func(name []byte) error {
		text := string(name)
		if err := r.spend(len(text) + entrySize + int(p.typ.Key().Size()+p.typ.Elem().Size())); err != nil {
			return err
		}
		key, err := p.key(text)
		if err != nil {
			return within(err, "."+text)
		}
		fresh := reflect.New(p.typ.Elem())
		if r.peek() == 'n' && !p.item.null {
			err = r.literal("null")
		} else if err = p.item.read(r, fresh.UnsafePointer()); err == nil {
			err = r.flush()
		}
		if err != nil {
			return within(err, "."+text)
		}
		made.SetMapIndex(key, fresh.Elem())
		return nil
	})
}

// key reads the name of a member as a key of the map.
func (p *mapPlan) key(name string) (reflect.Value, error) {
	t := p.typ.Key()
	key := reflect.New(t)
	if unmarshaler, ok := key.Interface().(encoding.TextUnmarshaler); ok {
		if err := unmarshaler.UnmarshalText([]byte(name)); err != nil {
			return key, &Error{Err: err}
		}
		return key.Elem(), nil
	}
	key = key.Elem()
	switch n, ok := parseWhole(name); {
	case t.Kind() == reflect.String:
		key.SetString(name)
	case key.CanInt() && ok && n.fits(uint(t.Bits()), true):
		key.SetInt(int64(n.value()))
	case key.CanUint() && ok && n.fits(uint(t.Bits()), false):
		key.SetUint(n.value())
	default:
		return key, expected("a name that is a " + t.String())
	}
	return key, nil
}

// readAny reads any value as encoding/json does.
func readAny(r *Reader, to place) error {
	v, err := r.any()
	*at[any](to) = v
	return err
}

// What a value of an interface costs beside its text.
const (
	numberCost = 8
	textCost   = 16
	listCost   = 24
)

func (r *Reader) any() (any, error) {
	switch c := r.peek(); {
	case c == '{':
		return r.anyObject()
	case c == '[':
		return r.anyList()
	case c == '"':
		from := r.at
		if err := r.skipString(); err != nil {
			return nil, err
		}
		raw := r.data[from:r.at]
		r.at = from
		if err := r.spend(textCost); err != nil {
			return nil, err
		}
		return r.own(raw)
	case c == 't':
		return true, r.literal("true")
	case c == 'f':
		return false, r.literal("false")
	case c == 'n':
		return nil, r.literal("null")
	case isNumber(c):
		digits, err := r.number()
		if err == nil {
			err = r.spend(numberCost)
		}
		if err != nil {
			return nil, err
		}
		f, err := strconv.ParseFloat(string(digits), 64)
		if err != nil {
			return nil, expected("a number in the range of float64")
		}
		return f, nil
	}
	return nil, r.broken()
}

func (r *Reader) anyObject() (any, error) {
	if err := r.spend(entrySize); err != nil {
		return nil, err
	}
	made := map[string]any{}
	err := r.Object(func(name []byte) error {
		text := string(name)
		if err := r.spend(len(text) + entrySize + 2*textCost); err != nil {
			return err
		}
		v, err := r.any()
		made[text] = v
		return err
	})
	return made, err
}

func (r *Reader) anyList() (any, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	made := []any{}
	if err := r.spend(listCost); err != nil {
		return nil, err
	}
	if r.peek() == ']' {
		return made, r.leave()
	}
	for {
		if len(made) == cap(made) {
			more := max(4, len(made))
			if err := r.spend((len(made) + more) * textCost); err != nil {
				return nil, err
			}
			made = append(make([]any, 0, len(made)+more), made...)
		}
		v, err := r.any()
		if err != nil {
			return nil, err
		}
		made = append(made, v)
		if more, err := r.more(']'); !more {
			return made, err
		}
	}
}
