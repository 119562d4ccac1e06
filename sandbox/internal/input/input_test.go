package input

import (
	"encoding/json"
	"reflect"
	"testing"
)

func parsed(t *testing.T, patch bool, body string) *Fields {
	t.Helper()
	f := New(patch)
	if !f.Parse([]byte(body)) {
		t.Fatalf("%s is no JSON object", body)
	}
	return f
}

func TestParse(t *testing.T) {
	for _, body := range []string{"", " ", "null", "[]", `"a"`, "{", `{"a":1}x`, "{\"a\":\"\xff\"}"} {
		if New(false).Parse([]byte(body)) {
			t.Errorf("%q passes as an object", body)
		}
	}
	parsed(t, false, " \t\r\n{} ")
}

func TestPresence(t *testing.T) {
	for _, test := range []struct {
		patch bool
		body  string
		want  Presence
	}{
		{false, `{}`, Absent},
		{false, `{"a":null}`, Absent},
		{true, `{}`, Absent},
		{true, `{"a":null}`, Cleared},
		{true, `{"a":""}`, Given},
		{false, `{"a":1}`, Invalid},
	} {
		f := parsed(t, test.patch, test.body)
		if _, how := f.Text("a"); how != test.want || (how == Invalid) != (f.Wrong() != nil) {
			t.Errorf("patch %t, %s: %d, wrong %v", test.patch, test.body, how, f.Wrong())
		}
	}
}

func TestProblems(t *testing.T) {
	f := parsed(t, false, `{"i":1.5,"n":99999999999999999999,"l":["a",null],"b":1,"t":"noon","at":"2026-01-02T03:04:05+01:00","o":{"x":1,"y":{"z":2}}}`)
	f.Integer("i")
	f.Texts("l")
	f.Boolean("b")
	f.Timestamp("t")
	if n, how := f.Integer("n"); how != Given || n != int(^uint(0)>>1) {
		t.Errorf("a number beyond every int is %d", n)
	}
	if at, how := f.Timestamp("at"); how != Given || at.Format("15:04 MST") != "02:04 UTC" {
		t.Errorf("the time is %v", at)
	}
	o, _ := f.Object("o")
	o.Text("x")
	y, _ := o.Object("y")
	y.Text("z")
	e, isObject := f.Element("list.3", json.RawMessage(`{"x":true,"y":null}`))
	e.Text("x")
	if _, how := e.Text("y"); !isObject || how != Absent {
		t.Errorf("the element is an object: %t, its y %d", isObject, how)
	}
	if _, isObject := f.Element("list.4", json.RawMessage(`null`)); isObject {
		t.Error("null is taken for an object")
	}
	want := map[string][]string{
		"i": {"must be an integer"}, "l": {"must be a list of strings"}, "b": {"must be true or false"}, "t": {"must be an RFC 3339 time"},
		"o.x": {"must be a string"}, "o.y.z": {"must be a string"}, "list.3.x": {"must be a string"},
	}
	if !reflect.DeepEqual(f.Wrong(), want) {
		t.Errorf("wrong are %v", f.Wrong())
	}
}
