package envelope

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/internal/jsonread"
)

type thing struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

var limits = jsonread.Limits{Depth: 100, Factor: 8, Floor: 1 << 20}

// TestRead: what an envelope says in every form, and what is left in the target.
func TestRead(t *testing.T) {
	one := func() Want { return Want{Data: new(thing)} }
	none := func() Want { return Want{None: true} }
	list := func() Want { return Want{Data: new([]thing), List: true} }
	maybe := func() Want { return Want{Data: new(thing), Optional: true} }
	foreign := func() Want { return Want{Data: new(thing), Foreign: true} }
	document := func() Want { return Want{} }
	good := errors.New("good")
	other := errors.New("unreadable")
	for _, test := range []struct {
		want func() Want
		body string
		is   error
	}{
		{one, `{"status":"success","data":{"name":"a","size":1}}`, good},
		{one, `{"status":"ok","success":true,"error":null,"errors":[],"code":200,"data":{"name":"a"}}`, good},
		{one, `{"data":{"name":"a"}} // a notice`, good},
		{one, `{"data":{"name":"first","size":7},"data":{"name":"a"}}`, good},
		{one, `{"data":{"name":"a"}}{"status":"error"}`, other},
		{one, `{"data":{"name":"a","size":"x"}}`, other},
		{one, `{"data":{"other":1}}`, other},
		{one, `{"data":{}}`, ErrNoData},
		{one, `{"data":null}`, ErrNoData},
		{one, `{"data":""}`, ErrNoData},
		{one, `{}`, ErrNoData},
		{one, `{"status":"error","data":{"name":"a"}}`, ErrFailed},
		{one, `{"success":false,"data":{"name":"a"}}`, ErrFailed},
		{one, `{"data":{"error":"no such thing"}}`, ErrFailed},
		{one, `{"code":196,"desc":"no","data":""}`, ErrFailed},
		{one, `<html>blocked</html>`, ErrFailed},
		{one, `[]`, other},
		{one, `{"data":{"name":"a"`, other},
		{none, `{"status":"success"}`, good},
		{none, `{"data":{"anything":[1]}}`, good},
		{none, `{"ok":false}`, ErrFailed},
		{none, `{"data":{"error":"no"}}`, ErrFailed},
		{list, `{"data":[]}`, good},
		{list, `{"data":[{"name":"a"}],"meta":{"total":"x"}}`, other},
		{list, `{"data":null}`, good},
		{list, `{}`, ErrNoData},
		{maybe, `{"data":{}}`, good},
		{maybe, `{"data":null}`, good},
		{maybe, `{}`, ErrNoData},
		{foreign, `{"data":{"error":"a member of the caller's"}}`, good},
		{document, `{"data":{"name":"a"}}`, other},
	} {
		want := test.want()
		err := new(Reader).Read(t.Context(), []byte(test.body), limits, want)
		switch {
		case test.is == good && err == nil, test.is == other && err != nil && err != ErrFailed && err != ErrNoData, err == test.is:
		default:
			t.Errorf("%+v of %s: %v, want %v", want, test.body, err, test.is)
		}
		switch got := want.Data.(type) {
		case *thing:
			if *got != (thing{}) && err != nil || err == nil && strings.Contains(test.body, `"a"`) && *got != (thing{"a", got.Size}) {
				t.Errorf("%s: %+v", test.body, *got)
			}
		case *[]thing:
			if *got != nil && err != nil {
				t.Errorf("%s: %+v", test.body, *got)
			}
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := new(Reader).Read(ended, []byte(`{"data":[`+strings.Repeat(`{"name":"a"},`, 1<<16)+`{}]}`), limits, list()); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	small := jsonread.Limits{Depth: 100, Factor: 1, Floor: 1}
	if err := new(Reader).Read(t.Context(), []byte(`{"data":[`+strings.Repeat(`{},`, 1<<10)+`{}]}`), small, list()); !errors.Is(err, jsonread.ErrMemory) {
		t.Errorf("beyond its memory: %v", err)
	}
}

// TestCount: nested or flat, the last one counts, and what is not said is not made
// up.
func TestCount(t *testing.T) {
	var r Reader
	for body, want := range map[string]Count{
		`"meta":{"pagination":{"total":3,"current_page":1,"per_page":2,"total_pages":2}}`: {3, 1, 2, 2},
		`"meta":{"total":3,"current_page":1,"per_page":2}`:                                {3, 1, 2, 2},
		`"meta":{"total":0,"current_page":1,"per_page":2,"total_pages":0}`:                {-1, 1, 2, -1},
		`"meta":{"total":9,"per_page":9},"meta":{"total":1}`:                              {1, 0, 0, -1},
		`"meta":{"total":9},"meta":[]`:                                                    {-1, 0, 0, -1},
		`"meta":{"total":-7,"current_page":-1}`:                                           {-1, 0, 0, -1},
		`"meta":null`:                                                                     {-1, 0, 0, -1},
		`"x":1`:                                                                           {-1, 0, 0, -1},
	} {
		items := new([]thing)
		if err := r.Read(t.Context(), []byte(`{"data":[{"name":"a"}],`+body+`}`), limits, Want{Data: items, List: true}); err != nil {
			t.Fatal(err)
		}
		if got := r.Count(len(*items)); got != want {
			t.Errorf("%s: %+v, want %+v", body, got, want)
		}
		r.Release(1 << 10)
	}
}
