package canon

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

type status string

type box[T any] struct{ value T }

func (b *box[T]) inside() any { return &b.value }

type left struct {
	Status status
}

type item struct {
	Status status
	Title  string
}

type thing struct {
	Host   string   `canon:"upper"`
	Hosts  []string `canon:"upper"`
	Plain  string
	Items  []item
	Next   *item
	Boxed  box[status]
	Odd    box[int]
	Left   left
	Others []left
	hidden status
}

func writer() *Writer {
	return New(Rules{
		Forms: map[string]func(string) string{"upper": strings.ToUpper},
		Words: []any{status("active"), status("on_hold")},
		Inside: func(v any) any {
			if b, ok := v.(interface{ inside() any }); ok {
				return b.inside()
			}
			return nil
		},
		Skip: []reflect.Type{reflect.TypeFor[left]()},
	})
}

func given() thing {
	return thing{
		Host: "a", Hosts: []string{"b", "C"}, Plain: "d", Items: []item{{"ACTIVE", "E"}, {"Unknown", "F"}}, Next: &item{"On_Hold", "G"},
		Boxed: box[status]{"Active"}, Left: left{"ACTIVE"}, Others: []left{{"ACTIVE"}}, hidden: "ACTIVE",
	}
}

func TestWrite(t *testing.T) {
	w := writer()
	for range 2 {
		got := given()
		w.Write(&got)
		want := thing{
			Host: "A", Hosts: []string{"B", "C"}, Plain: "d", Items: []item{{"active", "E"}, {"Unknown", "F"}}, Next: &item{"on_hold", "G"},
			Boxed: box[status]{"active"}, Left: left{"ACTIVE"}, Others: []left{{"ACTIVE"}}, hidden: "ACTIVE",
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
	}
	list := []*item{nil, {"ACTIVE", "H"}}
	if w.Write(&list); list[0] != nil || list[1].Status != "active" {
		t.Errorf("got %+v", list)
	}
	var none *thing
	w.Write(&none)
	for _, other := range []any{new(int), new(map[string]status), &[]string{"X"}, new(json.Number), new(struct{}), &struct{ Next *thing }{}} {
		w.Write(other)
	}
}

func TestCopy(t *testing.T) {
	w := writer()
	original := given()
	before, _ := json.Marshal(original.Items)
	for _, value := range []any{item{"ACTIVE", "E"}, &item{"ACTIVE", "E"}} {
		if got := w.Copy(value); got != (item{"active", "E"}) || reflect.Indirect(reflect.ValueOf(value)).Field(0).String() != "ACTIVE" {
			t.Errorf("got %+v of %+v", got, value)
		}
	}
	if after, _ := json.Marshal(original.Items); string(after) != string(before) {
		t.Errorf("the original is %s", after)
	}
	list := []item{{"ACTIVE", "E"}}
	if w.Copy(list); list[0].Status != "ACTIVE" {
		t.Errorf("the original is %v", list)
	}
	for _, value := range []any{"ACTIVE", 7, left{"ACTIVE"}} {
		if got := w.Copy(value); got != value {
			t.Errorf("got %v of %v", got, value)
		}
	}
}

func TestCaseKeepsWhatIsNotUTF8(t *testing.T) {
	for s, want := range map[string][2]string{"aB": {"ab", "AB"}, "Ä": {"ä", "Ä"}, "aB\xfc": {"aB\xfc", "aB\xfc"}} {
		if got := [2]string{Lower(s), Upper(s)}; got != want {
			t.Errorf("%q: got %q", s, got)
		}
	}
}
