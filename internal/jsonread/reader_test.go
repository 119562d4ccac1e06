package jsonread

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

var limits = Limits{Depth: 1000, Factor: 5, Floor: 1 << 20}

// read reads text into v and wants nothing behind it.
func read(text string, v any) error {
	var r Reader
	r.Reset(context.Background(), []byte(text), limits)
	_, err := r.Into(v, "data")
	if r.Kind(); err == nil && len(r.Rest()) > 0 {
		err = errors.New("data: more follows")
	}
	return err
}

type named string

type embedded struct {
	Deep  string
	Same  string
	Twice string
}

type other struct{ Twice string }

type Pointed struct {
	Far  string `json:"far"`
	More []named
}

type level int8

func (l *level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = 1
	case "high":
		*l = 2
	default:
		return errors.New("neither low nor high")
	}
	return nil
}

type doubled int

func (d *doubled) UnmarshalJSON(text []byte) error {
	var n int
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	*d = doubled(2 * n)
	return nil
}

// all has a field of every kind that encoding/json reads.
type all struct {
	Untagged string
	Word     named  `json:"word"`
	Odd      string `json:"a b-c/d"`
	//lint:ignore SA5008 encoding/json passes over a tag that is no name
	Invalid  string          `json:"in\"valid"`
	Bool     bool            `json:"bool"`
	Int      int             `json:"int"`
	Int8     int8            `json:"int8"`
	Int16    int16           `json:"int16"`
	Int32    int32           `json:"int32"`
	Int64    int64           `json:"int64"`
	Uint     uint            `json:"uint"`
	Uint8    uint8           `json:"uint8"`
	Uint16   uint16          `json:"uint16"`
	Uint32   uint32          `json:"uint32"`
	Uint64   uint64          `json:"uint64"`
	Uintptr  uintptr         `json:"uintptr"`
	Float32  float32         `json:"float32"`
	Float64  float64         `json:"float64"`
	Time     time.Time       `json:"time"`
	Number   json.Number     `json:"number"`
	Raw      json.RawMessage `json:"raw"`
	Octets   []byte          `json:"octets"`
	Array    [3]int8         `json:"array"`
	Texts    []string        `json:"texts"`
	Deeper   [][]named       `json:"deeper"`
	Items    []Pointed       `json:"items"`
	Pointers []*Pointed      `json:"pointers"`
	Map      map[string]int  `json:"map"`
	Numbered map[int8]string `json:"numbered"`
	Leveled  map[level]bool  `json:"leveled"`
	Nested   map[string]all2 `json:"nested"`
	Any      any             `json:"any"`
	Anys     []any           `json:"anys"`
	Level    level           `json:"level"`
	Doubled  doubled         `json:"doubled"`
	MaybeDbl *doubled        `json:"maybe_dbl"`
	Address  netip.Addr      `json:"address"`
	Maybe    *int16          `json:"maybe"`
	MaybeStr *string         `json:"maybe_str"`
	Far      **named         `json:"far_away"`
	Self     *all            `json:"self"`
	QuotedN  int             `json:"quoted_n,string"`
	QuotedS  string          `json:"quoted_s,string"`
	QuotedP  *bool           `json:"quoted_p,string"`
	Skipped  string          `json:"-"`
	//lint:ignore SA5008 encoding/json names this member "-"
	Dash string `json:"-,"`
	//lint:ignore U1000 encoding/json leaves it alone
	hidden string
	embedded
	other
	*Pointed
	Same string
}

type all2 struct {
	A string
	B int `json:"b,omitempty"`
}

// texts is JSON for the fields of all, and what is not.
var texts = []string{
	`null`, `true`, `false`, `0`, `-0`, `1`, `-1`, `127`, `128`, `-128`, `-129`, `255`, `256`, `65535`, `65536`, `2147483647`, `2147483648`, `4294967295`, `4294967296`,
	`9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `18446744073709551615`, `18446744073709551616`, `1.5`, `1e2`, `1E+2`, `1e-2`, `-1.25e1`, `3.5e38`, `1e400`, `01`, `1.`, `.5`, `-`, `+1`, `1e`, `0x1`,
	`""`, `" "`, `"a"`, `"low"`, `"high"`, `"12"`, `"\"x\""`, `"null"`, `"true"`, `"é"`, "\"\xff\"", "\"a\xc3\"", "\"\xe2\x82\"", `"\u00e9\ud83d\ude00"`, `"\ud800"`, `"\ud800\u0041"`, `"\udc00x"`, `"\b\f\n\r\t\"\\\/"`, `"\x"`, `"\u12"`, "\"a\nb\"", "\"\x00\"", `"`, `"a`,
	`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.678901+02:00"`, `"192.0.2.1"`, `"YWJj"`, `"YW Jj"`, `"YQ=="`,
	`[]`, `[1,2,3]`, `[1,2,3,4]`, `[ "a" , "b" ]`, `["YQ==",null]`, `[[],["a"],["b","c"]]`, `[null]`, `[1,]`, `[,1]`, `[1 2]`, `[`, `]`, `[[[[1]]]]`, `[{"far":"x","More":["a","b","c","d","e","f"]},{"FAR":"y"}]`, `[{},{"a":[]}]`,
	`{}`, `{"a":1}`, `{"1":"x","-128":"y"}`, `{"low":true,"high":false}`, `{"low":true,"low":false}`, `{"x":{"A":"v","b":3},"y":{"a":"w","B":4}}`, `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":{"b":{"c":[1,{"d":null}]}}}`,
	`{"Untagged":"x","untagged":"y","UNTAGGED":"z"}`, `{"Deep":"d","Same":"s","Twice":"t","far":"f","word":"w"}`, `{"\u0077ord":"w"}`, `{"self":{"word":"w","self":{"int":1}}}`, ``, ` `, `nul`, `tru`, `nulll`, `[true,false,null,"x",1.5,{"a":[]}]`,
}

// bodies puts each of the texts at each field, and alone.
func bodies(texts []string) []string {
	list := append([]string{}, texts...)
	for i := range reflect.TypeFor[all]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[all]().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			name = reflect.TypeFor[all]().Field(i).Name
		}
		for _, text := range texts {
			list = append(list, `{"`+name+`":`+text+`,"word":"after"}`)
		}
	}
	return list
}

// agree holds what is read against encoding/json: what that takes is read, and
// becomes the same; what is no JSON is refused. Tolerances are taken out of the
// comparison by same.
func agree[T any](t *testing.T, text string) {
	t.Helper()
	var got, want T
	wanted := json.Unmarshal([]byte(text), &want)
	err := read(text, &got)
	switch {
	case err == nil && !json.Valid([]byte(text)):
		t.Errorf("%T: %q is no JSON, and was read as %+v", got, text, got)
	case wanted != nil:
	case err != nil:
		t.Errorf("%T: %q: %v, want %+v", got, text, err, want)
	case !reflect.DeepEqual(settled(got), settled(want)):
		t.Errorf("%T: %q:\ngot  %+v\nwant %+v", got, text, got, want)
	}
}

// settled makes times comparable, which encoding/json keeps in their zone.
func settled(v any) any {
	if a, ok := v.(all); ok {
		a.Time = a.Time.UTC()
		if a.Self != nil {
			inner := settled(*a.Self).(all)
			a.Self = &inner
		}
		return a
	}
	if at, ok := v.(time.Time); ok {
		return at.UTC()
	}
	return v
}

// tolerated reports texts that are read otherwise than encoding/json reads them,
// on purpose.
func tolerated(text string) bool {
	return strings.Contains(text, "[null") || strings.Contains(text, ",null") // an item of a list, which is passed over
}

func TestAgreesWithEncodingJSON(t *testing.T) {
	for _, text := range bodies(texts) {
		if tolerated(text) {
			continue
		}
		agree[all](t, text)
		agree[any](t, text)
		agree[map[string]any](t, text)
		agree[[]any](t, text)
		agree[[]string](t, text)
		agree[[]Pointed](t, text)
		agree[[2]map[string]*int](t, text)
		agree[string](t, text)
		agree[bool](t, text)
		agree[float64](t, text)
		agree[int](t, text)
		agree[*uint8](t, text)
		agree[[]byte](t, text)
		agree[json.RawMessage](t, text)
		agree[time.Time](t, text)
		agree[struct{ *Pointed }](t, text)
		agree[struct {
			*embedded
			Word string
		}](t, text)
	}
}

// FuzzAgreesWithEncodingJSON looks for texts that are read otherwise.
func FuzzAgreesWithEncodingJSON(f *testing.F) {
	for _, text := range bodies(texts[:]) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if hasRepeats(text) || strings.Contains(text, `""`) { // the last one wins whole; "" is none
			_ = read(text, new(all))
			return
		}
		agree[all](t, text)
		agree[any](t, text)
		agree[map[string]all](t, text)
		agree[[]all](t, text)
	})
}

// hasRepeats reports a member that stands twice, and null in a list.
func hasRepeats(text string) bool {
	d := json.NewDecoder(strings.NewReader(text))
	type open struct {
		list  bool
		key   bool
		names map[string]bool
	}
	var stack []open
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		top := len(stack) - 1
		if top >= 0 && !stack[top].list && stack[top].key {
			if name, ok := token.(string); ok {
				name = strings.ToLower(name)
				if stack[top].names[name] {
					return true
				}
				stack[top].names[name], stack[top].key = true, false
				continue
			}
		}
		switch {
		case token == json.Delim('{'):
			stack = append(stack, open{key: true, names: map[string]bool{}})
			continue
		case token == json.Delim('['):
			stack = append(stack, open{list: true})
			continue
		case token == json.Delim('}') || token == json.Delim(']'):
			stack = stack[:top]
		case token == nil && top >= 0 && stack[top].list:
			return true
		}
		if top = len(stack) - 1; top >= 0 {
			stack[top].key = true
		}
	}
}

type thing struct {
	ID    named    `json:"id" read:"required"`
	Name  string   `json:"name" read:"required,empty"`
	Size  *int64   `json:"size" read:"size"`
	Inner part     `json:"inner"`
	Maybe *part    `json:"maybe"`
	Parts []part   `json:"parts"`
	Texts []string `json:"texts"`
}

type part struct {
	Key  string `json:"key" read:"required"`
	Note string `json:"note"`
}

// TestRequired: what must be there is missed, wherever the item stands, and the
// error names it.
func TestRequired(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":"a","name":""}`:                                     "",
		`{"id":7,"name":8}`:                                        "",
		`{"ID":"a","NAME":"b"}`:                                    "",
		`{"id":"a","name":"b","inner":{"key":"k"}}`:                "",
		`{"id":"a","name":"b","inner":"","maybe":[],"parts":null}`: "",
		`{"id":"a","name":"b","inner":null,"maybe":"","parts":""}`: "",
		`{"id":"a","name":"b","id":"c"}`:                           "",
		`{}`:                                                       "data.id: it is missing or empty",
		`""`:                                                       "data.id: it is missing or empty",
		`[]`:                                                       "data.id: it is missing or empty",
		`{"id":"","name":""}`:                                      "data.id: it is missing or empty",
		`{"id":null,"name":""}`:                                    "data.id: it is missing or empty",
		`{"id":"a","name":"b","id":""}`:                            "data.id: it is missing or empty",
		`{"id":"a","name":"b","id":null}`:                          "data.id: it is missing or empty",
		`{"id":"a"}`:                                               "data.name: it is missing",
		`{"id":"a","name":null}`:                                   "data.name: it is missing",
		`{"id":"a","name":"b","inner":{}}`:                         "data.inner.key: it is missing or empty",
		`{"id":"a","name":"b","maybe":{"note":"n"}}`:               "data.maybe.key: it is missing or empty",
		`{"id":"a","name":"b","parts":[{"key":"k"},null,{"note":1}]}`: "data.parts[2].key: it is missing or empty",
		`{"id":"a","name":"b","parts":[[]]}`:                          "data.parts[0].key: it is missing or empty",
	} {
		if err := read(text, new(thing)); fmt.Sprint(err) != cmpOr(want, "<nil>") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func cmpOr(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// TestSizes: what is no size is none.
func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		`5`: 5, `"5"`: 5, `5.0`: 5, `0`: 0, `9223372036854775807`: math.MaxInt64,
		`null`: -1, `-1`: -1, `"-1"`: -1, `""`: -1, `"none"`: -1, `"unlimited"`: -1, `false`: -1, `1.5`: -1, `9223372036854775808`: -1, `1e300`: -1,
	} {
		var got thing
		err := read(`{"id":"a","name":"b","size":`+text+`}`, &got)
		if err != nil || (got.Size == nil) != (want < 0) || got.Size != nil && *got.Size != want {
			t.Errorf("%s: %v, %v", text, got.Size, err)
		}
	}
	if err := read(`{"size":{}}`, new(thing)); err == nil || !strings.HasPrefix(err.Error(), "data.size: ") {
		t.Error(err)
	}
}

// TestTheLastOneWins: nothing of a member that comes again remains, whatever its
// kind.
func TestTheLastOneWins(t *testing.T) {
	first := map[string]string{
		"Untagged": `"first"`, "bool": `true`, "int": `7`, "uint64": `7`, "float64": `1.5`, "time": `"2026-01-02T03:04:05Z"`, "number": `"7"`, "raw": `[1]`, "octets": `"YWJj"`,
		"array": `[1,2,3]`, "texts": `["a","b","c"]`, "items": `[{"far":"x"},{"far":"y"}]`, "pointers": `[{"far":"x"}]`, "map": `{"a":1,"b":2}`, "any": `{"a":[1]}`, "level": `"low"`,
		"doubled": `2`, "address": `"192.0.2.1"`, "maybe": `3`, "maybe_str": `"s"`, "far_away": `"s"`, "self": `{"word":"x","texts":["a"],"map":{"a":1}}`, "far": `"f"`, "Deep": `"d"`,
	}
	second := map[string]string{"array": `[9]`, "texts": `["d"]`, "items": `[{}]`, "map": `{"c":3}`, "self": `{"int":1}`, "Untagged": `""`, "any": `7`}
	for name, text := range first {
		again := []string{"null"}
		if s := second[name]; s != "" {
			again = append(again, s)
		}
		for _, last := range again {
			var got, want all
			if err := read(`{"`+name+`":`+text+`,"`+name+`":`+last+`}`, &got); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := read(`{"`+name+`":`+last+`}`, &want); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s and %s:\ngot  %+v\nwant %+v, %v", name, text, last, got, want, err)
			}
		}
	}
	var got struct{ Inner, Next struct{ A, B string } }
	if err := read(`{"inner":{"a":"1","b":"2"},"next":{"a":"3"},"inner":{"b":"4"}}`, &got); err != nil || got.Inner.A != "" || got.Inner.B != "4" || got.Next.A != "3" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestTextsReachTheirPlaces, however often the lists that hold them grow and move.
func TestTextsReachTheirPlaces(t *testing.T) {
	for _, n := range []int{1, 3, 4, 5, 9, 100, maxGuess + 1, 3000} {
		want := make([]thing, n)
		for i := range want {
			want[i] = thing{ID: named(fmt.Sprint("id", i)), Name: strings.Repeat("n", i%50), Inner: part{Key: "k"}}
			for j := range i % 19 {
				want[i].Texts = append(want[i].Texts, fmt.Sprint(i, "-", j))
				want[i].Parts = append(want[i].Parts, part{Key: fmt.Sprint(j), Note: "é\n"})
			}
		}
		text, _ := json.Marshal(want)
		var got []thing
		if err := read(string(text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%d items: %v", n, err)
		}
		var wide struct{ All []thing }
		if err := read(`{"all":`+string(text)+`}`, &wide); err != nil || !reflect.DeepEqual(wide.All, want) {
			t.Fatalf("%d items in an object: %v", n, err)
		}
	}
	long := strings.Repeat("a", maxTogether+1)
	for _, said := range []string{long, long + "é", long + "\n", "\n" + long, strings.Repeat("€\"", maxTogether)} {
		text, _ := json.Marshal([]string{"x", said, "y", said})
		var got []string
		if err := read(string(text), &got); err != nil || len(got) != 4 || got[1] != said || got[3] != said || got[2] != "y" {
			t.Errorf("%.10q: %d items, %v", said, len(got), err)
		}
	}
	bad := strings.Repeat("\xff", maxTogether)
	var got []string
	if err := read(`["`+bad+`"]`, &got); err != nil || got[0] != strings.Repeat("\ufffd", len(bad)) {
		t.Error(err)
	}
}

// TestNothingPointsIntoTheText, and a target can be read while the next text is.
func TestNothingPointsIntoTheText(t *testing.T) {
	text := []byte(`[{"id":"a","name":"\u0062","texts":["c","d"]},{"id":"` + strings.Repeat("x", 2*maxTogether) + `","name":"e"}]`)
	var r Reader
	var got []thing
	r.Reset(t.Context(), text, limits)
	if _, err := r.Into(&got, "data"); err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(got)
	clear(text)
	r.Reset(t.Context(), []byte(`[{"id":"ZZZZ","name":"ZZZZ","texts":["ZZZZ","ZZZZ"]}]`), limits)
	if _, err := r.Into(new([]thing), "data"); err != nil {
		t.Fatal(err)
	}
	r.Release(0)
	if after := fmt.Sprint(got); after != before {
		t.Errorf("%s\n%s", before, after)
	}
}

// TestLimits: depth, memory, and the context's end.
func TestLimits(t *testing.T) {
	deep := func(n int) string {
		return strings.Repeat(`{"self":`, n) + `{}` + strings.Repeat(`}`, n)
	}
	for _, target := range []any{new(all), new(any), new(struct{}), new(json.RawMessage), new(map[string]any)} {
		if err := read(deep(limits.Depth-1), target); err != nil {
			t.Errorf("%T: %v", target, err)
		}
		var e *Error
		if err := read(deep(limits.Depth), target); !errors.As(err, &e) || !e.Fatal() {
			t.Errorf("%T: %v", target, err)
		}
	}
	if err := read(strings.Repeat("[", 1<<20), new(any)); err == nil {
		t.Error("a million lists in each other")
	}
	items := "[" + strings.Repeat("{},", 1<<20) + "{}]"
	for _, target := range []any{new([]all), new([]*all), new([]map[string]int), new(any), new([][300]int), new([]any)} {
		if err := read(items, target); !errors.Is(err, ErrMemory) && !strings.Contains(fmt.Sprint(err), "expected") {
			t.Errorf("%T: %v", target, err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("stop"))
	for _, target := range []any{new([]struct{}), new(any), new(json.RawMessage), new([1]int), new([]int)} {
		var r Reader
		r.Reset(ctx, []byte("["+strings.Repeat("{},", askEvery)+"{}]"), Limits{Depth: 9, Floor: 1 << 30})
		_, err := r.Into(target, "data")
		var e *Error
		if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || !e.Fatal() {
			if !strings.Contains(fmt.Sprint(err), "expected") {
				t.Errorf("%T: %v", target, err)
			}
		}
	}
}

// TestEnvelope: members of an object one by one, some of them read into values,
// and those that a type does not have.
func TestEnvelope(t *testing.T) {
	var r Reader
	var unknown []string
	text := "\ufeff" + ` {"a":[1,2], "data" :{"id":"x","name":"","extra":{"id":1},"inner":{"key":"k","more":2}},"data":{"id":{}},"\u0062":7} tail`
	r.Reset(t.Context(), []byte(text), limits)
	var rest []string
	var got thing
	var found []int
	var problems []error
	err := r.Object(func(name []byte) error {
		if string(name) != "data" {
			value, err := r.Value()
			rest = append(rest, string(name)+"="+string(value))
			return err
		}
		r.Unknown = func(name, value []byte) { unknown = append(unknown, string(name)+"="+string(value)) }
		n, err := r.Into(&got, "data")
		found, problems = append(found, n), append(problems, err)
		return nil
	})
	if err != nil || fmt.Sprint(rest) != "[a=[1,2] b=7]" || fmt.Sprint(unknown) != `[extra={"id":1}]` || fmt.Sprint(found) != "[3 -1]" || string(bytes.TrimSpace(r.Rest())) != "tail" {
		t.Errorf("%v, %v, %v, %v, %q", err, rest, unknown, found, r.Rest())
	}
	if problems[0] != nil || fmt.Sprint(problems[1]) != "data.id: expected a string" {
		t.Error(problems)
	}
}

func TestValues(t *testing.T) {
	v, ok := Parse([]byte(` {"a":"x","b":[1,"two",{"c":"é"}],"a":" y "} rest`), limits)
	if !ok || v.Kind() != '{' {
		t.Fatal(string(v), ok)
	}
	var said []string
	for name, value := range v.Members() {
		said = append(said, string(name)+value.Text(9))
		for item := range value.Items() {
			said = append(said, item.Text(9))
		}
	}
	if fmt.Sprint(said) != "[ax b 1 two  ay]" {
		t.Errorf("%q", said)
	}
	long, _ := Parse([]byte(`"`+strings.Repeat("é", 99)+`"`), limits)
	if got := long.Text(5); got != "éé" {
		t.Errorf("%q", got)
	}
	for _, text := range []string{``, `x`, `{`, `{"a"`, `"`} {
		if v, ok := Parse([]byte(text), limits); ok {
			t.Errorf("%s: %s", text, v)
		}
	}
	for range Value(nil).Members() {
		t.Error("a member of nothing")
	}
}

// TestTimesAreReadAsByPackageTime: all days of leap years and others, and what no
// calendar has is refused.
func TestTimesAreReadAsByPackageTime(t *testing.T) {
	for _, year := range []int{1, 4, 1600, 1899, 1900, 1969, 1970, 1972, 2000, 2023, 2024, 2100, 9999} {
		for at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == year; at = at.Add(25*time.Hour + 61*time.Second) {
			text := at.Format(rfc3339)
			if got, size := inRFC3339([]byte(text + `"`)); size != len(text) || got != at {
				t.Fatalf("%s: %v, %d", at, got, size)
			}
		}
	}
	for _, text := range []string{
		"2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2024-04-31T00:00:00Z", "2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z",
		"2024-01-00T00:00:00Z", "2024-01-32T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z",
		"2o24-01-01T00:00:00Z", "2024/01-01T00:00:00Z", "2024-01-01T00:00:00+", "2024-01-01T0:00:000Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+0:00", "2024-01-01T00:00:00+00:60", "20240101", "1.5", "-",
	} {
		if text != "20240101" && text != "2024-01-01T00:00:00+00:60" && read(`"`+text+`"`, new(time.Time)) == nil {
			t.Errorf("%q is a time", text)
		}
		if got, size := inRFC3339([]byte(text + `"`)); size != 0 {
			t.Errorf("%q: %v", text, got)
		}
	}
	for _, text := range []string{"2024-01-02T03:04:05Z", "2024-01-02T03:04:05.67+08:09"} { // any octet in any place
		for i := range text {
			for c := range 256 {
				changed := []byte(text + `"`)
				changed[i] = byte(c)
				got, size := inRFC3339(changed)
				want, err := time.Parse(time.RFC3339Nano, string(changed[:len(text)]))
				if size != 0 && (err != nil || size != len(text) || got != want.UTC()) {
					t.Fatalf("%q: %v, %d; want %v, %v", changed, got, size, want, err)
				}
			}
		}
	}
	for _, text := range []string{"2024-01-02T03:04:05.6Z", "2024-01-02T03:04:05.123456789+05:30", "2024-01-02T03:04:05-23:59", "2024-01-02T03:04:05.000000Z"} {
		want, _ := time.Parse(time.RFC3339Nano, text)
		if got, size := inRFC3339([]byte(text + `"`)); size != len(text) || got != want.UTC() {
			t.Errorf("%s: %v, %d", text, got, size)
		}
	}
}
