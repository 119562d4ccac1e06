// Package envelope reads answers with a status of success: data and meta straight
// into what they are for, and whether the rest says that it is an error after all.
package envelope

import (
	"bytes"
	"context"
	"errors"
	"reflect"

	"github.com/go-hoster/hoster/internal/errbody"
	"github.com/go-hoster/hoster/internal/jsonread"
)

// Want is what an answer is to hold.
type Want struct {
	Data     any  // a pointer to a zero value; nil where nothing is to be decoded
	None     bool // the answer carries no data: what stands there only tells errors
	List     bool // data is an array, of which an empty one is a result, and meta counts it
	Optional bool // data can be left out, or hold none of the members
	Foreign  bool // the type is the caller's own: what its members mean is not known
}

// ErrNoData is an answer without data.
var ErrNoData = errors.New(`the answer has no "data"`)

// ErrFailed is an answer that is an error in spite of its status.
var ErrFailed = errors.New("the answer says that it is an error")

// Count is what a list says of itself; -1 is what it does not say.
type Count struct {
	Total      int `json:"total"`
	Page       int `json:"current_page"`
	PerPage    int `json:"per_page"`
	TotalPages int `json:"total_pages"`
}

// meta counts a list, nested or flat.
type meta struct {
	Count
	Nested Count `json:"pagination"`
}

var unsaid = Count{-1, -1, -1, -1}

// Count is what the list that was read last says of itself, where items are its
// items. Total and TotalPages are -1 where nothing tells them, the others are 0.
func (r *Reader) Count(items int) Count {
	c := r.meta.Count
	if r.meta.Nested != unsaid {
		c = r.meta.Nested
	}
	if c.Total == 0 && items > 0 {
		c.Total, c.TotalPages = -1, -1 // zeros beside items count nothing
	}
	if c.TotalPages < 0 && c.Total >= 0 && c.PerPage > 0 {
		c.TotalPages = (c.Total + c.PerPage - 1) / c.PerPage
	}
	return Count{max(-1, c.Total), max(0, c.Page), max(0, c.PerPage), max(-1, c.TotalPages)}
}

// Reader reads one answer after the other, in the same memory. The zero Reader is
// ready.
type Reader struct {
	reader  jsonread.Reader
	unknown func(name, value []byte) // inside, once for all answers

	want Want
	says errbody.Envelope

	data        jsonread.Value // the text of the last member of that name
	hasData     bool
	found       int   // members of the target's type that data has; -1 where it is no object
	failed      bool  // data holds an error
	problem     error // what does not fit in it
	meta        meta
	metaProblem error
}

// Read reads a body. Its error is [ErrFailed], what makes the answer unreadable, or
// matches jsonread.ErrMemory; then Data is zero.
func (r *Reader) Read(ctx context.Context, body []byte, limits jsonread.Limits, want Want) error {
	r.want, r.meta = want, meta{unsaid, unsaid}
	if want.None {
		r.want.Data = nil
	}
	r.reader.Reset(ctx, body, limits)
	err := r.read(body, limits)
	if v := reflect.ValueOf(want.Data); err != nil && v.Kind() == reflect.Pointer && !v.IsNil() {
		v.Elem().SetZero()
	}
	return err
}

func (r *Reader) read(body []byte, limits jsonread.Limits) error {
	err := r.reader.Object(r.member)
	switch {
	case isFatal(err):
		return err
	case err != nil && !r.want.None && errbody.IsJSON(body, limits):
		return err
	case err != nil, r.saysError():
		return ErrFailed
	}
	if rest := bytes.TrimSpace(r.reader.Rest()); len(rest) > 0 && (rest[0] == '{' || rest[0] == '[') {
		// A notice or comment does not matter; another answer may say the opposite.
		return errors.New("more JSON follows behind the answer")
	}
	return r.result()
}

// Release drops what was read, but for memory up to so many octets that the next
// answer can have.
func (r *Reader) Release(most int) {
	r.reader.Release(most)
	*r = Reader{reader: r.reader, unknown: r.unknown}
}

// member takes one member of the envelope.
func (r *Reader) member(name []byte) error {
	switch string(name) {
	case "data":
		return r.readData()
	case "meta":
		if r.want.List {
			return r.readMeta()
		}
	}
	value, err := r.reader.Value()
	if err == nil && string(value) != `"success"` {
		r.says.Note(name, value)
	}
	return err
}

func (r *Reader) readData() error {
	if r.hasData && r.want.Data != nil { // a member twice: the last one wins
		reflect.ValueOf(r.want.Data).Elem().SetZero()
	}
	r.hasData, r.found, r.failed, r.problem = true, -1, false, nil
	if r.want.Data == nil {
		var err error
		r.data, err = r.reader.Value()
		return err
	}
	if !r.want.Foreign {
		if r.unknown == nil {
			r.unknown = r.inside
		}
		r.reader.Unknown = r.unknown
	}
	r.reader.Kind()
	before := r.reader.Rest()
	found, err := r.reader.Into(r.want.Data, "data")
	r.reader.Unknown = nil
	if isFatal(err) {
		return err
	}
	r.data, r.found, r.problem = before[:len(before)-len(r.reader.Rest())], found, err
	return nil
}

// inside looks at a member of data that its type does not have.
func (r *Reader) inside(name, value []byte) {
	r.failed = r.failed || errbody.IsError(name, value)
}

func (r *Reader) readMeta() error {
	r.meta, r.metaProblem = meta{unsaid, unsaid}, nil
	if r.reader.Kind() != '{' {
		_, err := r.reader.Value()
		return err
	}
	_, err := r.reader.Into(&r.meta, "meta")
	if isFatal(err) {
		return err
	}
	r.metaProblem = err
	return nil
}

// saysError reports an error under a status of success.
func (r *Reader) saysError() bool {
	switch {
	case r.says.Failed, r.failed:
		return true
	case r.says.Unsure && r.isEmpty():
		return true
	}
	// Data that is no result can be an error in its place.
	return (r.want.Data == nil || !r.want.Foreign && (r.problem != nil || r.found == 0)) && errbody.SaysError(r.data)
}

// isEmpty reports that there is no data. A list without items is some.
func (r *Reader) isEmpty() bool {
	return !(r.want.List && r.data.Kind() == '[') && errbody.IsEmpty(r.data)
}

// result is what is wrong with the result.
func (r *Reader) result() error {
	switch {
	case r.want.None:
		return nil
	case r.want.Data == nil:
		return errors.New("expected a document, not JSON")
	case !r.hasData:
		return ErrNoData
	case r.problem != nil:
		return r.problem
	case r.want.List:
		return r.metaProblem
	case r.want.Foreign || r.want.Optional:
	case r.found < 0 && errbody.IsEmpty(r.data) && r.data.Kind() != '[' || r.found == 0 && errbody.IsEmpty(r.data):
		return ErrNoData
	case r.found == 0:
		return errors.New("data: it has none of the members that were expected")
	}
	return nil
}

func isFatal(err error) bool {
	problem, ok := errors.AsType[*jsonread.Error](err)
	return ok && problem.Fatal()
}
