package hoster

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/go-hoster/hoster/internal/errbody"
	"github.com/go-hoster/hoster/internal/jsonread"
)

// frame is what stands around the data of an answer with a status of success.
// Data and meta are read where they stand, straight into the result.
type frame struct {
	reader  jsonread.Reader
	unknown func(name, value []byte) // inside, once for all answers

	op     *operation
	target any
	says   errbody.Envelope

	data    jsonread.Value // the text of the last member of that name
	hasData bool
	found   int   // members of the target's type that data has; -1 where it is no object
	failed  bool  // data holds an error
	problem error // what does not fit in it

	meta        pageMeta
	metaProblem error
}

// paged is a page of a list.
type paged interface {
	items() any
	count(pageMeta)
}

// optional is a result that an answer may leave out.
type optional interface{ optional() }

// verified is a result with a rule that goes beyond its tags.
type verified interface{ verify() error }

// settler is an answer whose names are made canonical inside a zone.
type settler interface{ settle(zone string) }

// success reads the answer into target, a pointer to a zero value, or nil where
// the answer carries nothing. It returns an *Error or a typed error around one,
// and then target is zero.
func (f *frame) success(ctx context.Context, a *answer, op *operation, zone string, target any) error {
	switch {
	case a.Status < 200 || a.Status >= 300:
		return a.fail(op)
	case a.Broken != nil:
		return a.failure(op, errbody.Body{}, a.Broken, ErrDecode)
	case a.Cut:
		return a.failure(op, errbody.Body{}, nil, ErrBodyTooLarge)
	case op.noData && (a.Status == http.StatusNoContent || a.saysNothing()):
		return nil
	}
	if op.noData {
		target = nil
	}
	err := a.read(ctx, f, op, target)
	f.forget()
	if err != nil {
		if target != nil {
			if v := reflect.ValueOf(target); v.Kind() == reflect.Pointer && !v.IsNil() {
				v.Elem().SetZero()
			}
		}
		return err
	}
	if target != nil && !op.foreign {
		canonicalForm.Write(target)
	}
	if s, ok := target.(settler); ok {
		s.settle(zone)
	}
	return nil
}

// saysNothing reports a body that says no more than that something was done. An
// accepted request without a body can be a firewall's.
func (a *answer) saysNothing() bool {
	switch body := bytes.TrimSpace(a.Body); string(body) {
	case "":
		return a.Status != http.StatusAccepted
	case "null", "true":
		return true
	}
	return false
}

// read reads the envelope and judges it.
func (a *answer) read(ctx context.Context, f *frame, op *operation, target any) error {
	f.op, f.target, f.meta = op, target, pageMeta{noPagination, noPagination}
	f.reader.Reset(ctx, a.Body, readLimits)
	err := f.reader.Object(f.member)
	switch {
	case errors.Is(err, jsonread.ErrMemory):
		return a.failure(op, errbody.Body{}, err, ErrBodyTooLarge)
	case isFatal(err):
		return a.failure(op, errbody.Body{}, err, ErrDecode)
	case err != nil && !op.noData && errbody.IsJSON(a.Body, readLimits):
		return a.failure(op, errbody.Body{}, err, ErrDecode)
	case err != nil:
		return a.fail(op)
	}
	if f.saysError() {
		return a.fail(op)
	}
	if rest := bytes.TrimSpace(f.reader.Rest()); len(rest) > 0 && (rest[0] == '{' || rest[0] == '[') {
		// A notice or comment does not matter; another answer may say the opposite.
		return a.failure(op, errbody.Body{}, errors.New("more JSON follows behind the answer"), ErrDecode)
	}
	if err := f.result(); err != nil {
		return a.failure(op, errbody.Body{}, err, ErrDecode)
	}
	return nil
}

// member takes one member of the envelope.
func (f *frame) member(name []byte) error {
	switch string(name) {
	case "data":
		return f.readData()
	case "meta":
		if _, ok := f.target.(paged); ok {
			return f.readMeta()
		}
	}
	value, err := f.reader.Value()
	if err == nil && string(value) != `"success"` {
		f.says.Note(name, value)
	}
	return err
}

func (f *frame) readData() error {
	if f.hasData && f.target != nil { // a member twice: the last one wins
		reflect.ValueOf(f.target).Elem().SetZero()
	}
	f.hasData, f.found, f.failed, f.problem = true, -1, false, nil
	if f.target == nil {
		var err error
		f.data, err = f.reader.Value()
		return err
	}
	into := f.target
	if page, ok := into.(paged); ok {
		into = page.items()
	}
	if !f.op.foreign {
		if f.unknown == nil {
			f.unknown = f.inside
		}
		f.reader.Unknown = f.unknown
	}
	f.reader.Kind()
	before := f.reader.Rest()
	found, err := f.reader.Into(into, "data")
	f.reader.Unknown = nil
	if isFatal(err) {
		return err
	}
	f.data, f.found, f.problem = before[:len(before)-len(f.reader.Rest())], found, err
	return nil
}

// inside looks at a member of data that its type does not have.
func (f *frame) inside(name, value []byte) {
	f.failed = f.failed || errbody.IsError(name, value)
}

func (f *frame) readMeta() error {
	f.meta, f.metaProblem = pageMeta{noPagination, noPagination}, nil
	if f.reader.Kind() != '{' {
		_, err := f.reader.Value()
		return err
	}
	_, err := f.reader.Into(&f.meta, "meta")
	if isFatal(err) {
		return err
	}
	f.metaProblem = err
	return nil
}

// saysError reports an error under a status of success.
func (f *frame) saysError() bool {
	switch {
	case f.says.Failed, f.failed:
		return true
	case f.says.Unsure && f.isEmpty():
		return true
	}
	// Data that is no result can be an error in its place.
	return (f.target == nil || !f.op.foreign && (f.problem != nil || f.found == 0)) && errbody.SaysError(f.data)
}

// isEmpty reports that there is no data. A list without items is some.
func (f *frame) isEmpty() bool {
	if _, ok := f.target.(paged); ok && f.data.Kind() == '[' {
		return false
	}
	return errbody.IsEmpty(f.data)
}

// result is what is wrong with the result.
func (f *frame) result() error {
	_, isOptional := f.target.(optional)
	page, isPage := f.target.(paged)
	switch {
	case f.op.noData:
		return nil
	case f.target == nil:
		return errors.New("expected a document, not JSON")
	case !f.hasData:
		return errNoData
	case f.problem != nil:
		return f.problem
	case isPage:
		page.count(f.meta)
		return f.metaProblem
	case f.op.foreign || isOptional:
	case f.found < 0 && errbody.IsEmpty(f.data) && f.data.Kind() != '[' || f.found == 0 && errbody.IsEmpty(f.data):
		return errNoData
	case f.found == 0:
		return errors.New("data: it has none of the members that were expected")
	}
	if v, ok := f.target.(verified); ok {
		return v.verify()
	}
	return nil
}

// forget drops what was read, but for memory that the next answer can have.
func (f *frame) forget() {
	f.reader.Release(maxKept / 16)
	*f = frame{reader: f.reader, unknown: f.unknown}
}

var errNoData = errors.New(`the answer has no "data"`)

func isFatal(err error) bool {
	problem, ok := errors.AsType[*jsonread.Error](err)
	return ok && problem.Fatal()
}
