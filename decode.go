package hoster

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/go-hoster/hoster/internal/envelope"
	"github.com/go-hoster/hoster/internal/errbody"
	"github.com/go-hoster/hoster/internal/jsonread"
)

// paged is a page of a list.
type paged interface {
	items() any
	count(*envelope.Reader)
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
func (a *answer) success(ctx context.Context, f *envelope.Reader, op *operation, zone string, target any) error {
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
	err := a.decode(ctx, f, op, target)
	switch {
	case err == nil:
	case err == envelope.ErrFailed:
		return a.fail(op)
	case errors.Is(err, jsonread.ErrMemory):
		return a.failure(op, errbody.Body{}, err, ErrBodyTooLarge)
	default:
		return a.failure(op, errbody.Body{}, err, ErrDecode)
	}
	if target != nil && !op.foreign {
		canonicalForm.Write(target)
	}
	if s, ok := target.(settler); ok {
		s.settle(zone)
	}
	return nil
}

// decode reads what is in the envelope.
func (a *answer) decode(ctx context.Context, f *envelope.Reader, op *operation, target any) error {
	defer f.Release(maxKept / 16)
	page, isPage := target.(paged)
	want := envelope.Want{Data: target, None: op.noData, List: isPage, Foreign: op.foreign}
	if isPage {
		want.Data = page.items()
	}
	_, want.Optional = target.(optional)
	err := f.Read(ctx, a.Body, readLimits, want)
	if v, ok := target.(verified); ok && err == nil {
		if err = v.verify(); err != nil {
			reflect.ValueOf(target).Elem().SetZero()
		}
	}
	if isPage && err == nil {
		page.count(f)
	}
	return err
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
