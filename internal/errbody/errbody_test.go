package errbody

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-hoster/hoster/internal/jsonread"
)

const maxText = 512

var limits = Limits{Messages: 100, Text: 4 << 10, JSON: jsonread.Limits{Depth: 100, Factor: 5, Floor: 1 << 20}}

// TestReadErrorBody: every shape that brands send, and nothing invented.
func TestReadErrorBody(t *testing.T) {
	tests := []struct {
		name, body string
		want       Body
	}{
		{"contract", `{"status":"error","code":"NOT_FOUND","message":"no","errors":null,"request_id":"req_1"}`, Body{Code: "NOT_FOUND", Message: "no", RequestID: "req_1", Shaped: true, Marked: true}},
		{"byte order mark", "\ufeff" + `{"error":"no"}`, Body{Message: "no", Shaped: true}},
		{"nested", `{"error":{"code":"X","message":"no"}}`, Body{Code: "X", Message: "no", Shaped: true, Marked: true}},
		{"error text", `{"error":"no"}`, Body{Message: "no", Shaped: true}},
		{"OAuth", `{"error":"invalid_request","error_description":"no state"}`, Body{Message: "no state", Shaped: true}},
		{"message and nested", `{"code":403,"message":"Forbidden","error":{"description":"no main dns"}}`, Body{Code: "403", Message: "Forbidden; no main dns", Shaped: true}},
		{"number as code", `{"code":404,"message":"no"}`, Body{Code: "404", Message: "no", Shaped: true}},
		{"status as code", `{"code":"401 Unauthorized","message":"no"}`, Body{Code: "401 Unauthorized", Message: "no", Shaped: true}},
		{"fields with lists", `{"message":"no","errors":{"b":["x","y"],"a":["z"]}}`, Body{Message: "no", Shaped: true, Fields: []Field{{"b", []string{"x", "y"}}, {"a", []string{"z"}}}}},
		{"fields with texts", `{"message":"no","errors":{"b":"x"}}`, Body{Message: "no", Shaped: true, Fields: []Field{{"b", []string{"x"}}}}},
		{"list of objects", `{"errors":[{"field":"b","message":"x"}]}`, Body{Message: "x", FromFields: true, Shaped: true, Fields: []Field{{"b", []string{"x"}}}}},
		{"list of texts", `{"errors":["x","y"]}`, Body{Message: "x; y", Shaped: true}},
		{"errors as one object", `{"errors":{"code":"X","message":"no"}}`, Body{Code: "X", Message: "no", Shaped: true, Marked: true}},
		{"errors with a message alone", `{"errors":{"message":"no"}}`, Body{Message: "no", Shaped: true}},
		{"a field called message", `{"errors":{"message":"too long","name":"too short"}}`, Body{Message: "too long; too short", FromFields: true, Shaped: true, Fields: []Field{{"message", []string{"too long"}}, {"name", []string{"too short"}}}}},
		{"problem details", `{"type":"about:blank","title":"Bad","status":400,"detail":"no"}`, Body{Message: "no", Shaped: true}},
		{"array", `[{"code":"X","message":"no"},{"message":"never"}]`, Body{Code: "X", Message: "no; never", Shaped: true, Marked: true}},
		{"wrapper", `{"unauthorized":{"message":"no"}}`, Body{Message: "no", Shaped: true}},
		{"scopes", `{"code":"X","required_scopes":["a:read",7,null,"b:write"]}`, Body{Code: "X", Shaped: true, Marked: true, Scopes: []string{"a:read", "7", "b:write"}}},
		{"member twice", `{"code":"X","code":"Y","message":"a","message":"b"}`, Body{Code: "Y", Message: "b", Shaped: true, Marked: true}},
		{"broken UTF-8", "{\"message\":\"a\xffb\"}", Body{Message: "a\ufffdb", Shaped: true}},
		{"a resource", `{"data":{"message":"hello","code":"X"}}`, Body{}},
		{"empty object", `{}`, Body{}},
		{"nulls", `{"code":null,"message":null,"errors":null,"error":null}`, Body{}},
		{"wrong types", `{"code":{},"message":[],"errors":true,"error":false}`, Body{}},
		{"truncated", `{"code":"X","message":"n`, Body{}},
		{"text after", `{"message":"no"} <p>more</p>`, Body{Message: "no", Shaped: true}},
		{"text", `Not Found`, Body{}},
		{"empty", ``, Body{}},
		{"page", `<html>{"message":"no"}</html>`, Body{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Read([]byte(test.body), limits); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s\ngot  %+v\nwant %+v", test.body, got, test.want)
			}
		})
	}
}

func TestReadErrorBodyDeep(t *testing.T) {
	deep := strings.Repeat(`{"error":`, 5000) + `"no"` + strings.Repeat(`}`, 5000)
	Read([]byte(deep), limits)
	Read([]byte(strings.Repeat("[", 60000)), limits)
	Read([]byte(`{"errors":`+strings.Repeat(`[`, 20000)+strings.Repeat(`]`, 20000)+`}`), limits)
}

func TestSpokenByAPI(t *testing.T) {
	challenge := http.Header{"Www-Authenticate": {`Bearer realm="api"`}}
	basic := http.Header{"Www-Authenticate": {`Basic realm="api"`}}
	requestID := http.Header{"X-Request-Id": {"req_1"}}
	tests := []struct {
		status int
		body   string
		header http.Header
		want   bool
	}{
		{400, `{"message":"no"}`, nil, true},
		{400, `<p>no</p>`, nil, false},
		{400, `<p>no</p>`, challenge, true},
		{400, `<p>no</p>`, basic, false},
		{400, `<p>no</p>`, requestID, false},
		{200, `<p>Welcome</p>`, challenge, false},
		{404, `{"message":"no route"}`, nil, false},
		{404, `{"code":404,"message":"no route"}`, nil, false},
		{404, `{"message":"no"}`, requestID, true},
		{404, `{"message":"no"}`, challenge, true},
		{404, `{"status":"error","message":"no"}`, nil, true},
		{404, `{"code":"NOT_FOUND","message":"no"}`, nil, true},
		{404, `{"errors":[{"code":"not_found"}]}`, nil, true},
		{404, `<p>no</p>`, requestID, false},
		{404, ``, requestID, false},
	}
	for _, test := range tests {
		if got := SpokenByAPI(test.status, Read([]byte(test.body), limits), test.header); got != test.want {
			t.Errorf("%d %s %v: %v", test.status, test.body, test.header, got)
		}
	}
}

func TestBearerChallenge(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  map[string]string // nil: no Bearer challenge
	}{
		{"none", nil, nil},
		{"scheme alone", []string{`Bearer`}, map[string]string{}},
		{"lower case", []string{`bearer realm=api`}, map[string]string{"realm": "api"}},
		{"contract", []string{`Bearer realm="api", error="invalid_token", error_description="It expired"`}, map[string]string{"realm": "api", "error": "invalid_token", "error_description": "It expired"}},
		{"quoted comma", []string{`Bearer realm="a, b", error="insufficient_scope",scope="dns:read dns:write"`}, map[string]string{"realm": "a, b", "error": "insufficient_scope", "scope": "dns:read dns:write"}},
		{"quoted pair", []string{`Bearer error_description="the \"old\" \\ one\""`}, map[string]string{"error_description": `the "old" \ one"`}},
		{"after another", []string{`Basic realm="x", Bearer error="invalid_token"`}, map[string]string{"error": "invalid_token"}},
		{"before another", []string{`Bearer error="invalid_token", Basic realm="x", charset="UTF-8"`}, map[string]string{"error": "invalid_token"}},
		{"alone before another", []string{`Bearer, Basic realm="x"`}, map[string]string{}},
		{"on another line", []string{`Basic realm="x"`, `Digest nonce="Bearer"`, `Bearer scope="a:b"`}, map[string]string{"scope": "a:b"}},
		{"inside a quoted string", []string{`Basic realm="a, Bearer error=b"`}, nil},
		{"inside and then real", []string{`Basic realm="a, Bearer b", Bearer error="c"`}, map[string]string{"error": "c"}},
		{"part of a word", []string{`BearerToken realm="x"`}, nil},
		{"spaces", []string{`  Bearer   realm = "x" ,, error = "y" `}, map[string]string{"realm": "x", "error": "y"}},
		{"upper case names", []string{`Bearer Error="y"`}, map[string]string{"error": "y"}},
		{"quote that never ends", []string{`Bearer error="y`}, map[string]string{}},
		{"empty value", []string{`Bearer error=""`}, map[string]string{"error": ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Challenge(http.Header{"Www-Authenticate": test.lines})
			if ok != (test.want != nil) || ok && !reflect.DeepEqual(got, test.want) {
				t.Errorf("%q: %v, %q", test.lines, ok, got)
			}
		})
	}
}

func TestPlainText(t *testing.T) {
	tests := map[string]string{
		"":                                   "",
		" \r\n\t ":                           "",
		"plain\n text":                       "plain text",
		"<p>a</p><p>b</p>":                   "a b",
		"<script>if (1 < 2) x()</script>a":   "a",
		"<style>p{}</style >a<!-- <b>c -->d": "a d",
		"<script>never ends":                 "",
		"a <never ends":                      "a",
		"1 &lt; 2 &amp;&nbsp;3":              "1 2 & 3",
		"&lt;script&gt;x":                    "scriptx",
		"bell\x07 and\x1b[31m":               "bell and[31m",
		"bad \xff byte":                      "bad \ufffd byte",
		"\ufeffmark":                         "mark",
		"<HTML><TITLE>502 Bad Gateway</TITLE><IMG SRC=\"data:image/png;base64,AAAA\"></HTML>": "502 Bad Gateway",
	}
	for body, want := range tests {
		if got := PlainText([]byte(body), maxText); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
	for _, unit := range []string{"a", "ä", "€", "\U0001f600"} {
		for shift := range 4 {
			got := PlainText([]byte(strings.Repeat("x", shift)+strings.Repeat(unit, 600)), maxText)
			if len(got) > maxText || len(got) < maxText-8 || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
				t.Errorf("%d bytes of %s: %q", len(got), unit, got)
			}
		}
	}
}

// TestShapesNearThoseListed: capitals, lists, errors where data would be, RFC
// 9457, and fields alone.
func TestShapesNearThoseListed(t *testing.T) {
	for body, want := range map[string]Body{
		`{"error":["a","b"]}`:                                          {Message: "a; b", Shaped: true},
		`{"error":[{"code":"X","message":"a"}]}`:                       {Code: "X", Message: "a", Shaped: true, Marked: true},
		`{"errors":[{"reason":"a","field":"f"}]}`:                      {Message: "a", FromFields: true, Fields: []Field{{"f", []string{"a"}}}, Shaped: true},
		`{"Code":"X","Message":"a","Request_ID":"r","Status":"ERROR"}`: {Code: "X", Message: "a", RequestID: "r", Shaped: true, Marked: true},
		`{"Errors":[{"Field":"f","Message":"a"}],"ErrorMessage":"b"}`:  {Message: "b", Fields: []Field{{"f", []string{"a"}}}, Shaped: true},
		`{"title":"t","detail":"d","errors":[{"detail":"a","pointer":"#/years"},{"detail":"b","pointer":"/address/post~1code"}]}`: {Message: "d", Fields: []Field{{"years", []string{"a"}}, {"address.post/code", []string{"b"}}}, Shaped: true},
		`{"errors":[{"title":"a","source":{"pointer":"/data/name"}}]}`:                                                            {Message: "a", FromFields: true, Fields: []Field{{"data.name", []string{"a"}}}, Shaped: true},
		`{"errors":{"f":{"message":"a","code":1},"g":[{"message":"b"},"c",null,5]}}`:                                              {Message: "a; b; c; 5", FromFields: true, Fields: []Field{{"f", []string{"a"}}, {"g", []string{"b", "c", "5"}}}, Shaped: true},
		`{"errors":{"f":["a"],"f":["b"]}}`:                                                                                        {Message: "b", FromFields: true, Fields: []Field{{"f", []string{"b"}}}, Shaped: true},
		`{"errors":{"f":["a"],"f":[]},"message":"m"}`:                                                                             {Message: "m", Fields: []Field{}, Shaped: true},
		`{"status":"error","data":{"code":"X","message":"a"}}`:                                                                    {Code: "X", Message: "a", Shaped: true, Marked: true},
		`{"data":{"error":"a"}}`:                                                  {Message: "a", Shaped: true},
		`{"data":{"errors":{"f":"a"}}}`:                                           {Message: "a", FromFields: true, Fields: []Field{{"f", []string{"a"}}}, Shaped: true},
		`{"status":"fail","data":{"title":"a"}}`:                                  {Message: "a", Shaped: true},
		`{"status":"fail","data":{"years":"a"}}`:                                  {Message: "a", FromFields: true, Fields: []Field{{"years", []string{"a"}}}, Shaped: true},
		`{"success":false,"data":"a"}`:                                            {Message: "a", Shaped: true},
		`{"success":false,"data":["a","b"]}`:                                      {Message: "a; b", Shaped: true},
		`{"ok":false}`:                                                            {Shaped: true},
		`{"message":"This needs the dns:write scope, not account:read."}`:         {Message: "This needs the dns:write scope, not account:read.", Scopes: []string{"dns:write", "account:read"}, Shaped: true},
		`{"code":"X","message":"needs dns:write","required_scopes":["dns:read"]}`: {Code: "X", Message: "needs dns:write", Scopes: []string{"dns:read"}, Shaped: true, Marked: true},
		`{"message":"see https://x/dns:writers or http:read2"}`:                   {Message: "see https://x/dns:writers or http:read2", Shaped: true},
	} {
		got := Read([]byte(body), limits)
		if len(got.Fields)+len(want.Fields) == 0 {
			got.Fields, want.Fields = nil, nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", body, got, want)
		}
	}
}

// TestWhatIsKeptHasBounds: a hundred texts and fields, each of 4 KiB, however
// many come and however long they are.
func TestWhatIsKeptHasBounds(t *testing.T) {
	many := func(item string) string { // # is another number in each
		var all strings.Builder
		for i := range 5000 {
			all.WriteString(strings.ReplaceAll(item, "#", strconv.Itoa(i)) + ",")
		}
		return all.String() + item
	}
	long := strings.Repeat("é", 5000)
	for _, body := range []string{
		`{"errors":[` + many(`"a#"`) + `]}`,
		`{"errors":[` + many(`"`+strings.Repeat("a", 300)+`#"`) + `]}`,
		`{"errors":[` + many(`{"field":"f","message":"a#"}`) + `]}`,
		`{"errors":[` + many(`{"field":"f#","message":"a#"}`) + `]}`,
		`{"errors":[` + many(`{"field":"f#","message":"a"}`) + `],"error":{"errors":{` + many(`"g#":["b"]`) + `}}}`,
		`{"errors":[` + many(`{"field":"f#","message":"a"}`) + `],"error":[` + many(`{"field":"g#","message":"b"}`) + `]}`,
		`{"errors":{"f":[` + many(`"a#"`) + `]}}`,
		`{"errors":{"f":[[` + many(`"a"`) + `],` + many(`{"message":"b#"}`) + `]}}`,
		`{"errors":{` + many(`"f#":"a"`) + `,"g":"a"}}`,
		`{"errors":{"` + long + `":"` + long + `"}}`,
		`{"error":[` + many(`"`+long+`"`) + `]}`,
		`{"message":"` + long + `","code":"` + long + `","request_id":"` + long + `"}`,
		`{"status":"fail","data":{` + many(`"f#":"a"`) + `}}`,
		`{"required_scopes":[` + many(`"a#:read"`) + `],"code":"X"}`,
		`{"message":"` + many("dns:read") + `"}`,
		`{"a":{` + many(`"b":{"c":1}`) + `},"d":{"message":"x"}}`,
	} {
		e := Read([]byte(body), limits)
		texts := 0
		for _, f := range e.Fields {
			texts += len(f.Messages)
			for _, m := range append(f.Messages, f.Field) {
				if len(m) > limits.Text || !utf8.ValidString(m) {
					t.Errorf("%.40s: a text of %d octets", body, len(m))
				}
			}
		}
		if strings.Count(e.Message, "a") > limits.Text || strings.Count(e.Message, "; ") >= limits.Messages {
			t.Errorf("%.40s: %d texts in the message", body, strings.Count(e.Message, "; ")+1)
		}
		if texts > limits.Messages || len(e.Fields) > limits.Messages || len(e.Scopes) > limits.Messages || len(e.Message) > limits.Text || len(e.Code) > limits.Text || len(e.RequestID) > limits.Text {
			t.Errorf("%.40s: %d texts, %d fields, %d scopes, a message of %d", body, texts, len(e.Fields), len(e.Scopes), len(e.Message))
		}
		if !e.Shaped {
			t.Errorf("%.40s: nothing was read", body)
		}
	}
}

// TestEnvelope: what says under a success that nothing was done.
func TestEnvelope(t *testing.T) {
	for member, want := range map[string]Envelope{
		`"status":"error"`: {Failed: true}, `"Status":"FAIL"`: {Failed: true}, `"status":"failure"`: {Failed: true}, `"status":false`: {Failed: true}, `"status":"false"`: {Failed: true}, `"status":500`: {Failed: true}, `"status":"404"`: {Failed: true},
		`"status":"failed"`: {Unsure: true}, `"status":"success"`: {}, `"status":"pending"`: {}, `"status":200`: {}, `"status":0`: {}, `"status":null`: {}, `"status":true`: {},
		`"success":false`: {Failed: true}, `"ok":0`: {Failed: true}, `"success":"No"`: {Failed: true}, `"success":true`: {}, `"ok":"yes"`: {}, `"success":null`: {},
		`"error":"x"`: {Failed: true}, `"errors":["x"]`: {Failed: true}, `"error":{"a":1}`: {Failed: true}, `"error":true`: {Failed: true}, `"error":1`: {Failed: true}, `"error":-1`: {Failed: true},
		`"error":null`: {}, `"error":false`: {}, `"error":0`: {}, `"error":""`: {}, `"error":" "`: {}, `"errors":[]`: {}, `"errors":{ }`: {},
		`"code":196`: {Unsure: true}, `"code":"196"`: {Unsure: true}, `"error_code":"NOPE"`: {Unsure: true}, `"code":404`: {Failed: true, Unsure: true}, `"code":200`: {}, `"code":0`: {}, `"code":1001`: {}, `"code":"OK"`: {}, `"code":"RECORD_DELETED"`: {}, `"code":null`: {},
		`"other":{"status":"error"}`: {Failed: true}, `"other":{"success":false}`: {Failed: true}, `"other":{"errors":["x"]}`: {Failed: true}, `"other":{"status":"ok","code":5}`: {}, `"message":"error"`: {},
	} {
		var got Envelope
		v, _ := jsonread.Parse([]byte(`{`+member+`}`), limits.JSON)
		for name, value := range v.Members() {
			got.Note(name, value)
		}
		if got != want {
			t.Errorf("%s: %+v", member, got)
		}
	}
}
