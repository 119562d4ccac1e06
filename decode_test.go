package hoster

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/internal/jsonread"

	"github.com/go-hoster/hoster/internal/envelope"
)

func mustTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// decodeInto reads data into v, without an envelope.
func decodeInto(data []byte, v any) error {
	var r jsonread.Reader
	r.Reset(context.Background(), data, readLimits)
	_, err := r.Into(v, "data")
	if r.Kind(); err == nil && len(r.Rest()) > 0 {
		err = errors.New("data: more follows")
	}
	return err
}

type openText string

// everything has a member of every kind that answers hold.
type everything struct {
	Text     string          `json:"text"`
	Open     openText        `json:"open"`
	Whole    int             `json:"whole"`
	Long     int64           `json:"long"`
	Small    int8            `json:"small"`
	Short    uint16          `json:"short"`
	Huge     uint64          `json:"huge"`
	Truth    bool            `json:"truth"`
	Ratio    float64         `json:"ratio"`
	When     time.Time       `json:"when"`
	Maybe    *time.Time      `json:"maybe"`
	MaybeNum *uint16         `json:"maybe_num"`
	MaybeStr *string         `json:"maybe_str"`
	Money    Amount          `json:"money"`
	MaybeAmt *Amount         `json:"maybe_amt"`
	Hidden   Secret          `json:"hidden"`
	Texts    []string        `json:"texts"`
	Numbers  []int           `json:"numbers"`
	Items    []item          `json:"items"`
	Item     item            `json:"item"`
	MaybeObj *item           `json:"maybe_obj"`
	Raw      json.RawMessage `json:"raw"`
	Skipped  string          `json:"-"`
	nested
}

type item struct {
	ID openText  `json:"id"`
	At time.Time `json:"at"`
}

type nested struct {
	Inner string `json:"inner"`
}

// TestDecodeTolerance: one member with one JSON text, and what it becomes.
func TestDecodeTolerance(t *testing.T) {
	ref := func(text string) *time.Time { at := mustTime(text); return &at }
	number := uint16(5)
	amount := func(text string) Amount { return Amount{text: text} }
	tests := []struct {
		member, json string
		want         everything
	}{
		{"text", `"a"`, everything{Text: "a"}},
		{"text", `17`, everything{Text: "17"}},
		{"text", `12345678901234567890123`, everything{Text: "12345678901234567890123"}},
		{"text", `-1.50`, everything{Text: "-1.50"}},
		{"text", `null`, everything{}},
		{"text", `""`, everything{}},
		{"text", "\"a\xffb\"", everything{Text: "a\ufffdb"}},
		{"text", `"\ud800"`, everything{Text: "\ufffd"}},
		{"open", `"never seen"`, everything{Open: "never seen"}},
		{"open", `4`, everything{Open: "4"}},
		{"whole", `17`, everything{Whole: 17}},
		{"whole", `"17"`, everything{Whole: 17}},
		{"whole", `" 17 "`, everything{Whole: 17}},
		{"whole", `"-17"`, everything{Whole: -17}},
		{"whole", `17.0`, everything{Whole: 17}},
		{"whole", `1.7e1`, everything{Whole: 17}},
		{"whole", `""`, everything{}},
		{"whole", `" "`, everything{}},
		{"whole", `null`, everything{}},
		{"long", `9223372036854775807`, everything{Long: math.MaxInt64}},
		{"long", `"-9223372036854775808"`, everything{Long: math.MinInt64}},
		{"long", `1591550213.0`, everything{Long: 1591550213}},
		{"huge", `18446744073709551615`, everything{Huge: math.MaxUint64}},
		{"short", `65535`, everything{Short: 65535}},
		{"short", `"0"`, everything{}},
		{"small", `-128`, everything{Small: -128}},
		{"truth", `true`, everything{Truth: true}},
		{"truth", `1`, everything{Truth: true}},
		{"truth", `"1"`, everything{Truth: true}},
		{"truth", `"true"`, everything{Truth: true}},
		{"truth", `"TRUE"`, everything{Truth: true}},
		{"truth", `false`, everything{}},
		{"truth", `0`, everything{}},
		{"truth", `"0"`, everything{}},
		{"truth", `""`, everything{}},
		{"truth", `null`, everything{}},
		{"ratio", `1.5`, everything{Ratio: 1.5}},
		{"when", `"2026-01-02T03:04:05Z"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02T03:04:05.678901Z"`, everything{When: mustTime("2026-01-02T03:04:05.678901Z")}},
		{"when", `"2026-01-02T05:04:05+02:00"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02T05:04:05\u002B02:00"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02T05:04:05+0200"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02T03:04:05"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02T03:04:05.5"`, everything{When: mustTime("2026-01-02T03:04:05.5Z")}},
		{"when", `"2026-01-02 03:04:05"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02 05:04:05+02:00"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02"`, everything{When: mustTime("2026-01-02T00:00:00Z")}},
		{"when", `" 2026-01-02 "`, everything{When: mustTime("2026-01-02T00:00:00Z")}},
		{"when", `1767323045`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"1767323045"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `1767323045.0`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `1767323045678`, everything{When: mustTime("2026-01-02T03:04:05.678Z")}},
		{"when", `"2026-01-02t03:04:05z"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-02T03:04:60Z"`, everything{When: mustTime("2026-01-02T03:05:00Z")}},
		{"when", `"2016-12-31T23:59:60.5+00:00"`, everything{When: mustTime("2017-01-01T00:00:00.5Z")}},
		{"when", `"2026-01-02T03:04:05.1234567891Z"`, everything{When: mustTime("2026-01-02T03:04:05.123456789Z")}},
		{"when", `"2026-01-02T03:04:05-00:00"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `"2026-01-01T21:34:05.5-05:30"`, everything{When: mustTime("2026-01-02T03:04:05.5Z")}},
		{"when", `"2026-01-02 03:04:05z"`, everything{When: mustTime("2026-01-02T03:04:05Z")}},
		{"when", `0`, everything{}},
		{"when", `""`, everything{}},
		{"when", `null`, everything{}},
		{"when", `"0000-00-00"`, everything{}},
		{"when", `"0000-00-00 00:00:00"`, everything{}},
		{"maybe", `"2026-01-02"`, everything{Maybe: ref("2026-01-02T00:00:00Z")}},
		{"maybe", `null`, everything{}},
		{"maybe", `""`, everything{}},
		{"maybe", `"0000-00-00"`, everything{}},
		{"maybe_num", `5`, everything{MaybeNum: &number}},
		{"maybe_num", `"5"`, everything{MaybeNum: &number}},
		{"maybe_num", `0`, everything{MaybeNum: new(uint16)}},
		{"maybe_num", `""`, everything{}},
		{"maybe_num", `null`, everything{}},
		{"maybe_str", `null`, everything{}},
		{"money", `"12.90"`, everything{Money: amount("12.90")}},
		{"money", `12.90`, everything{Money: amount("12.90")}},
		{"money", `0.1`, everything{Money: amount("0.1")}},
		{"money", `99999999999999999999.99`, everything{Money: amount("99999999999999999999.99")}},
		{"money", `1.29e1`, everything{Money: amount("12.9")}},
		{"money", `5e-3`, everything{Money: amount("0.005")}},
		{"money", `""`, everything{}},
		{"money", `null`, everything{}},
		{"maybe_amt", `null`, everything{}},
		{"maybe_amt", `""`, everything{}},
		{"texts", `["a",7]`, everything{Texts: []string{"a", "7"}}},
		{"texts", `[null,"a",null]`, everything{Texts: []string{"a"}}},
		{"texts", `[]`, everything{Texts: []string{}}},
		{"texts", `null`, everything{}},
		{"texts", `""`, everything{}},
		{"numbers", `[1,"2",3.0]`, everything{Numbers: []int{1, 2, 3}}},
		{"items", `[null,{"id":7},{}]`, everything{Items: []item{{ID: "7"}, {}}}},
		{"items", `[{"id":"a","at":""},{"id":"b","at":"2026-01-02"}]`, everything{Items: []item{{ID: "a"}, {ID: "b", At: mustTime("2026-01-02T00:00:00Z")}}}},
		{"item", `{"id":"a","unknown":{"deep":[1]}}`, everything{Item: item{ID: "a"}}},
		{"item", `{"id":"a","id":"b"}`, everything{Item: item{ID: "b"}}},
		{"item", `[]`, everything{}},
		{"item", `""`, everything{}},
		{"item", `null`, everything{}},
		{"maybe_obj", `{"id":"a"}`, everything{MaybeObj: &item{ID: "a"}}},
		{"maybe_obj", `null`, everything{}},
		{"raw", `{"a": 1}`, everything{Raw: json.RawMessage(`{"a": 1}`)}},
		{"inner", `"a"`, everything{nested: nested{Inner: "a"}}},
		{"Skipped", `"a"`, everything{}},
		{"unknown", `{"a":[1,2,{}]}`, everything{}},
	}
	for _, test := range tests {
		var got everything
		if err := decodeInto([]byte(`{"`+test.member+`": `+test.json+` }`), &got); err != nil {
			t.Errorf("%s %s: %v", test.member, test.json, err)
		} else if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s %s:\ngot  %+v\nwant %+v", test.member, test.json, got, test.want)
		}
	}
}

// TestDecodeSecret is apart, because a Secret holds a func, which no two
// values compare by.
func TestDecodeSecret(t *testing.T) {
	var got everything
	if err := decodeInto([]byte(`{"hidden":"shown-once"}`), &got); err != nil || got.Hidden.Reveal() != "shown-once" {
		t.Errorf("%q, %v", got.Hidden.Reveal(), err)
	}
	for _, empty := range []string{`null`, `""`} {
		var got everything
		if err := decodeInto([]byte(`{"hidden":`+empty+`}`), &got); err != nil || !got.Hidden.IsZero() {
			t.Errorf("%s: %v", empty, err)
		}
	}
}

// TestDecodeRefuses: what does not fit is an error that names the member, and
// shows nothing of a secret.
func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ json, member string }{
		{`{"text":{}}`, "data.text"},
		{`{"text":[]}`, "data.text"},
		{`{"text":true}`, "data.text"},
		{`{"whole":"many"}`, "data.whole"},
		{`{"whole":1.5}`, "data.whole"},
		{`{"whole":1e30}`, "data.whole"},
		{`{"whole":"0x10"}`, "data.whole"},
		{`{"whole":"0x1p4"}`, "data.whole"},
		{`{"whole":"Inf"}`, "data.whole"},
		{`{"whole":true}`, "data.whole"},
		{`{"small":128}`, "data.small"},
		{`{"short":65536}`, "data.short"},
		{`{"short":-1}`, "data.short"},
		{`{"huge":18446744073709551616}`, "data.huge"},
		{`{"long":9223372036854775808}`, "data.long"},
		{`{"maybe_num":70000}`, "data.maybe_num"},
		{`{"truth":2}`, "data.truth"},
		{`{"truth":"maybe"}`, "data.truth"},
		{`{"ratio":"x"}`, "data.ratio"},
		{`{"when":{}}`, "data.when"},
		{`{"when":[]}`, "data.when"},
		{`{"when":false}`, "data.when"},
		{`{"when":"tomorrow"}`, "data.when"},
		{`{"when":1e300}`, "data.when"},
		{`{"when":"2026-13-02T03:04:05Z"}`, "data.when"},
		{`{"when":"2026-02-29T03:04:05Z"}`, "data.when"},
		{`{"when":"2026-01-02T24:04:05Z"}`, "data.when"},
		{`{"when":"2026-01-02T03:04:61Z"}`, "data.when"},
		{`{"when":"2026-01-02T03:04:05.Z"}`, "data.when"},
		{`{"when":"02.01.2026"}`, "data.when"},
		{`{"maybe":"never"}`, "data.maybe"},
		{`{"items":[{"id":"a"},null,{"id":"b","at":"31/31/2026"}]}`, "data.items[2].at"},
		{`{"money":"twelve"}`, "data.money"},
		{`{"money":{}}`, "data.money"},
		{`{"money":"0x1e2"}`, "data.money"},
		{`{"money":"1/3e1"}`, "data.money"},
		{`{"money":1e999}`, "data.money"},
		{`{"hidden":"[redacted]"}`, "data.hidden"},
		{`{"hidden":{"x":"shown-once"}}`, "data.hidden"},
		{`{"texts":{}}`, "data.texts"},
		{`{"texts":"a"}`, "data.texts"},
		{`{"texts":[{}]}`, "data.texts[0]"},
		{`{"numbers":[1,"x"]}`, "data.numbers[1]"},
		{`{"items":[{},{"id":{}}]}`, "data.items[1].id"},
		{`{"item":"x"}`, "data.item"},
		{`{"item":[1]}`, "data.item"},
		{`[]x`, "data"},
		{`{"text":"a"`, "data"},
	}
	for _, test := range tests {
		var got everything
		err := decodeInto([]byte(test.json), &got)
		if err == nil || !strings.HasPrefix(err.Error(), test.member+":") || strings.Contains(err.Error(), "shown-once") {
			t.Errorf("%s: %v; want an error of %s", test.json, err, test.member)
		}
	}
	for _, target := range []any{nil, everything{}, (*everything)(nil)} {
		if err := decodeInto([]byte(`{}`), target); err == nil {
			t.Errorf("%T is no target", target)
		}
	}
}

// TestDecodeAnswers: the same tolerance in whole answers, through the envelope.
func TestDecodeAnswers(t *testing.T) {
	get := byName()["Domains.Get"]
	open := func(body string) (d Domain, err error) {
		a := &answer{Status: 200, Body: []byte(body)}
		err = a.success(t.Context(), new(envelope.Reader), get, "example.com", &d)
		return d, err
	}
	for _, body := range []string{
		`{"status":"success","data":{"id":"dom_1","name":"example.com","status":"parked","auto_renew":1}}`,
		"\ufeff" + `{"status":"success","data":{"id":"dom_1","name":"example.com","status":"parked","auto_renew":"true","new_field":[{}]}}`,
		`{"status":"SUCCESS","success":true,"errors":[],"error":null,"data":{"id":"x","id":"dom_1","name":"example.com","status":"parked","auto_renew":true}}`,
		`{"data":null,"data":{"id":"dom_1","name":"example.com","status":"parked","auto_renew":true,"expires_at":"0000-00-00","contacts":[]}}`,
	} {
		d, err := open(body)
		if err != nil || d.ID != "dom_1" || d.Name != "example.com" || d.Status != "parked" || !d.AutoRenew || d.ExpiresAt != nil {
			t.Errorf("%s: %+v, %v", body, d, err)
		}
	}
	for _, body := range []string{`{"data":null}`, `{"data":{}}`, `{"data":[]}`, `{"data":[ ]}`, `{"data":""}`, `{"data":false}`, `{"status":"success"}`, `{"data":[{"id":"dom_1"}]}`} {
		if d, err := open(body); err == nil {
			t.Errorf("%s is a domain: %+v", body, d)
		}
	}
}
