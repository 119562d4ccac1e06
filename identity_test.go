package hoster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
)

// identities are the members of each answer without which nobody can tell which
// thing it is about. [] stands for the second item of a list.
var identities = map[hoster.Operation]string{
	"Contacts.List": "[].id", "Contacts.Get": "id", "Contacts.Create": "id", "Contacts.Update": "id",
	"Invoices.List": "[].id", "Invoices.Get": "id",
	"Orders.List": "[].id", "Orders.Get": "id",
	"Domains.List": "[].name", "Domains.Get": "name", "Domains.Update": "name", "Domains.Availability": "[].domain",
	"Domains.Register": "order order.id invoice.id domain.name", "Domains.Renew": "order order.id invoice.id domain.name",
	"Domains.Transfer": "order order.id invoice.id transfer.domain", "Domains.TransferStatus": "domain", "Domains.AuthCode": "auth_code",
	"DNS.List": "[].type [].name [].value", "DNS.Get": "type name value", "DNS.Create": "type name value", "DNS.Update": "type name value",
	"DNS.Batch":    "created[].type created[].name created[].value updated[].type updated[].name updated[].value",
	"Hosting.List": "[].id", "Hosting.Get": "id", "HostingPlans.List": "[].id", "Hosting.Cancel": "id",
	"Hosting.Provision": "order order.id invoice.id service.id", "Hosting.Renew": "order order.id invoice.id service.id", "Hosting.Upgrade": "order order.id invoice.id service.id",
	"Hosting.LoginLink": "url",
	"Tokens.List":       "[].id", "Tokens.Get": "id", "Tokens.Current": "id", "Tokens.Create": "id secret",
}

// isEmptyAllowed are members that may be "".
var isEmptyAllowed = map[string]bool{"name": true, "value": true}

// TestIdentityIsNeverInvented: an answer without such a member is ErrDecode that
// names it and its item, on every call; a write says that it was done.
func TestIdentityIsNeverInvented(t *testing.T) {
	for _, row := range hoster.Table() {
		for path := range strings.FieldsSeq(identities[row.Name]) {
			member := path[strings.LastIndex(path, ".")+1:]
			for what, value := range map[string]any{"absent": nil, "null": json.RawMessage("null"), "empty": ""} {
				if what == "empty" && isEmptyAllowed[member] && strings.HasPrefix(string(row.Name), "DNS.") {
					continue
				}
				want := readExchange(t, row.Name)
				var answer map[string]any
				if err := json.Unmarshal([]byte(want.answer), &answer); err != nil {
					t.Fatal(err)
				}
				answer["data"] = changed(t, answer["data"], path, value)
				body, _ := json.Marshal(answer)
				_, err := calls[row.Name](context.Background(), cannedClient(t, alwaysText(want.status, string(body))))
				named := "data." + path
				if strings.HasPrefix(path, "[") {
					named = "data" + path
				}
				named = strings.ReplaceAll(named, "[]", "[1]")
				var e *hoster.Error
				if !errors.As(err, &e) || !errors.Is(err, hoster.ErrDecode) || !strings.Contains(err.Error(), named+": ") || e.Applied != (row.Method != http.MethodGet) {
					t.Errorf("%s, %s %s: %v", row.Name, path, what, err)
				}
			}
		}
	}
}

// changed is data with a member replaced, or removed where value is nil.
func changed(t *testing.T, data any, path string, value any) any {
	t.Helper()
	if rest, ok := strings.CutPrefix(path, "[]"); ok {
		items, ok := data.([]any)
		if !ok || len(items) == 0 {
			t.Fatalf("%s: no list in %v", path, data)
		}
		copied, _ := json.Marshal(items[0])
		var second any
		_ = json.Unmarshal(copied, &second)
		return []any{items[0], changed(t, second, strings.TrimPrefix(rest, "."), value)}
	}
	object, ok := data.(map[string]any)
	if !ok {
		t.Fatalf("%s: no object in %v", path, data)
	}
	name, rest := path, ""
	if i := strings.IndexAny(path, ".["); i >= 0 {
		name, rest = path[:i], strings.TrimPrefix(path[i:], ".")
	}
	if _, ok := object[name]; !ok {
		t.Fatalf("%s: no %q in %v", path, name, data)
	}
	switch {
	case rest != "":
		object[name] = changed(t, object[name], rest, value)
	case value == nil:
		delete(object, name)
	default:
		object[name] = value
	}
	return object
}

// TestIDsAreRequired walks the types of all answers: a member called id is
// required by its tag, unless it stands in this list.
func TestIDsAreRequired(t *testing.T) {
	optional := map[string]string{
		"Profile": "there is one", "Domain": "it is addressed by name", "Record": "name, type and value tell it", "HostingPlanRef": "it says what a service is, and nothing is asked with it",
	}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Slice, reflect.Pointer:
			walk(typ.Elem())
		case reflect.Struct:
			if seen[typ] || typ.PkgPath() != reflect.TypeFor[hoster.Domain]().PkgPath() {
				return
			}
			seen[typ] = true
			for i := range typ.NumField() {
				field := typ.Field(i)
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				required := strings.HasPrefix(field.Tag.Get("read"), "required")
				if name == "id" && required == (optional[typ.Name()] != "") {
					t.Errorf("%s.%s: required %v", typ.Name(), field.Name, required)
				}
				walk(field.Type)
			}
		}
	}
	for _, row := range hoster.Table() {
		want := readExchange(t, row.Name)
		result, err := calls[row.Name](context.Background(), cannedClient(t, alwaysText(want.status, want.answer, "Content-Type", want.header.Get("Content-Type"))))
		if err != nil {
			t.Errorf("%s: %v", row.Name, err)
		}
		if result != nil {
			walk(reflect.TypeOf(result))
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d types", len(seen))
	}
}

// TestAnswersThatSayNothing: data that is absent, empty, or holds nothing that
// anybody knows, is no result of any call.
func TestAnswersThatSayNothing(t *testing.T) {
	for _, row := range hoster.Table() {
		if row.NoData || row.Name == "Invoices.PDF" {
			continue
		}
		want := readExchange(t, row.Name)
		for _, data := range []string{`{}`, `{"data":{}}`, `{"data":""}`, `{"data":null}`, `{"data":false}`, `{"data":0}`, `{"data":"done"}`, `{"data":{"anything":[{"else":1}]}}`, `{"data":[{}]}`, `{"data":[{"anything":1}]}`, `{"data":[""]}`, `{"data":[[]]}`, `{"data":[1]}`} {
			if row.IsList && (data == `{"data":null}` || data == `{"data":""}`) || row.Name == "Domains.Availability" && (data == `{"data":null}` || data == `{"data":""}`) {
				continue
			}
			_, err := calls[row.Name](context.Background(), cannedClient(t, alwaysText(want.status, data)))
			var e *hoster.Error
			if !errors.Is(err, hoster.ErrDecode) || !errors.As(err, &e) || e.Applied != (row.Method != http.MethodGet) {
				if row.Name != "Hosting.SetPassword" {
					t.Errorf("%s: %s: %v", row.Name, data, err)
				}
			}
		}
	}
}

// TestSetPasswordTellsWhatItMade: a password that was given need not come back,
// one that the server made must.
func TestSetPasswordTellsWhatItMade(t *testing.T) {
	for body, known := range map[string]bool{`{"data":{}}`: false, `{"data":{"password":null}}`: false, `{"data":{"password":""}}`: false, `{"data":null}`: false, `{"data":{"password":"made"}}`: true} {
		client := cannedClient(t, alwaysText(200, body))
		if _, err := client.Hosting.SetPassword(context.Background(), "svc_1", hoster.HostingPassword{Password: hoster.NewSecret("given")}); err != nil {
			t.Errorf("given, %s: %v", body, err)
		}
		made, err := client.Hosting.SetPassword(context.Background(), "svc_1", hoster.HostingPassword{})
		if errors.Is(err, hoster.ErrDecode) == known || known && made.Password.Reveal() != "made" {
			t.Errorf("made, %s: %v", body, err)
		}
	}
}

// TestAuthCodeIsInTheAnswer, unless it was sent some other way.
func TestAuthCodeIsInTheAnswer(t *testing.T) {
	for data, ok := range map[string]bool{
		`{"delivery":"inline","auth_code":"x"}`: true, `{"auth_code":"x"}`: true, `{"delivery":"email"}`: true, `{"delivery":"sms","auth_code":null}`: true,
		`{"delivery":"inline"}`: false, `{"delivery":"INLINE","auth_code":""}`: false, `{"expires_at":"2026-01-02"}`: false,
	} {
		_, err := cannedClient(t, alwaysText(200, `{"data":`+data+`}`)).Domains.AuthCode(context.Background(), "example.com")
		if ok != (err == nil) || !ok && !errors.Is(err, hoster.ErrDecode) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

// TestEveryErrorUnder200: whatever call it answers, an error under a status of
// success is one, in every shape, and keeps its code and text.
func TestEveryErrorUnder200(t *testing.T) {
	for body, want := range map[string]struct{ code, text string }{
		`{"status":"error","code":"SOMETHING","message":"why"}`:                                   {"SOMETHING", "why"},
		`{"status":"Fail","message":"why"}`:                                                       {"", "why"},
		`{"status":"FAILURE","data":{"reason":"why"}}`:                                            {"", "why"},
		`{"status":"fail","data":{"years":"why"}}`:                                                {"", "why"},
		`{"status":false,"message":"why"}`:                                                        {"", "why"},
		`{"status":500,"message":"why","data":[]}`:                                                {"", "why"},
		`{"code":196,"desc":"why","data":""}`:                                                     {"196", "why"},
		`{"code":"196","desc":"why"}`:                                                             {"196", "why"},
		`{"code":"RECORD_LOCKED","message":"why","data":null}`:                                    {"RECORD_LOCKED", "why"},
		`{"Code":"X","Message":"why","Status":"Error"}`:                                           {"X", "why"},
		`{"ok":false,"error":"why"}`:                                                              {"", "why"},
		`{"ok":false}`:                                                                            {"", ""},
		`{"success":false}`:                                                                       {"", ""},
		`{"success":0,"msg":"why"}`:                                                               {"", "why"},
		`{"success":"false","data":"why"}`:                                                        {"", "why"},
		`{"error":["why"]}`:                                                                       {"", "why"},
		`{"error":true,"message":"why"}`:                                                          {"", "why"},
		`{"errors":[{"reason":"why","field":"f"}],"data":{"id":"x","name":"y"}}`:                  {"", "why"},
		`{"errors":{"f":["why"]},"data":{}}`:                                                      {"", "why"},
		`{"data":{"error":{"code":"X","message":"why"}}}`:                                         {"X", "why"},
		`{"data":{"errors":["why"],"id":"x","name":"y"}}`:                                         {"", "why"},
		`{"data":{"status":"error","message":"why"}}`:                                             {"", "why"},
		`{"data":{"success":false,"message":"why"}}`:                                              {"", "why"},
		`{"response":{"status":"error","code":"X","message":"why"}}`:                              {"X", "why"},
		`{"result":{"success":false,"message":"why"},"data":null}`:                                {"", "why"},
		`{"title":"why","status":422,"detail":"why","errors":[{"pointer":"#/a","detail":"why"}]}`: {"", "why"},
		"\ufeff" + `{"status":"success","status":"error","message":"why"}`:                        {"", "why"},
	} {
		for _, row := range hoster.Table() {
			for _, status := range []int{200, 202} {
				_, err := calls[row.Name](context.Background(), cannedClient(t, alwaysText(status, body), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1})))
				var e *hoster.Error
				if !errors.As(err, &e) || errors.Is(err, hoster.ErrDecode) || errors.Is(err, hoster.ErrIntermediary) || e.Applied || !e.FromAPI ||
					e.Status != status || string(e.Code) != want.code || want.text != "" && !strings.Contains(e.Message, want.text) {
					t.Errorf("%s: %s: %v", row.Name, body, err)
				}
			}
		}
	}
}

// TestCodesUnder200 decide as the status that they stand for.
func TestCodesUnder200(t *testing.T) {
	for code, want := range map[string]error{
		"PRECONDITION_FAILED": hoster.ErrPreconditionFailed, "RECORD_CONFLICT": hoster.ErrConflict, "record_conflict": hoster.ErrConflict, "409": hoster.ErrConflict,
		"METHOD_NOT_ALLOWED": hoster.ErrNotSupported, "not_supported": hoster.ErrNotSupported, "NOT_SUPPORTED": hoster.ErrNotSupported, "501": hoster.ErrNotSupported, "401": hoster.ErrUnauthorized,
	} {
		for _, body := range []string{`{"status":"error","code":"` + code + `","message":"why"}`, `{"code":"` + code + `","message":"why","data":[]}`} {
			_, err := cannedClient(t, alwaysText(200, body)).DNS.Batch(context.Background(), "example.com", hoster.RecordBatch{Delete: []hoster.RecordID{"rec_1"}})
			if !errors.Is(err, want) {
				t.Errorf("%s: %v", body, err)
			}
		}
	}
	if err := getDomain(cannedClient(t, alwaysText(200, `{"code":404,"message":"no route"}`))); errors.Is(err, hoster.ErrNotFound) || err == nil {
		t.Error(err)
	}
	for _, status := range []int{400, 403, 404, 409, 422, 500} {
		for _, row := range []hoster.Operation{"Domains.Get", "DNS.Batch", "Tokens.Get", "Hosting.Renew"} {
			_, err := calls[row](context.Background(), cannedClient(t, alwaysText(status, `{"error":{"code":"Not_Supported","message":"no"}}`), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1})))
			if !errors.Is(err, hoster.ErrNotSupported) || errors.Is(err, hoster.ErrNotFound) {
				t.Errorf("%s, %d: %v", row, status, err)
			}
		}
	}
}

// TestEnvelopesOfSuccess: words and members that say no error change nothing.
func TestEnvelopesOfSuccess(t *testing.T) {
	const data = `"data":{"id":"dom_1","name":"example.com","status":"failed"}`
	for _, beside := range []string{
		`"status":"created"`, `"status":"pending"`, `"status":201`, `"status":null`, `"status":"rejected"`, `"code":200`, `"code":0`, `"code":1000`, `"code":"196"`, `"code":"QUEUED"`, `"success":true`, `"success":"yes"`, `"ok":1`,
		`"error":null`, `"error":false`, `"errors":[]`, `"errors":{}`, `"error":""`, `"message":"Done"`, `"meta":{"took":3}`, `"warnings":["old"]`, `"links":{"self":"/"}`,
	} {
		d, err := cannedClient(t, alwaysText(200, `{`+beside+`,`+data+`}`)).Domains.Get(context.Background(), "example.com")
		if err != nil || d.ID != "dom_1" || d.Status != "failed" {
			t.Errorf("%s: %+v, %v", beside, d, err)
		}
	}
	list, err := cannedClient(t, alwaysText(200, `{"code":196,"data":[],"meta":{"total":0,"current_page":1,"per_page":100,"total_pages":0}}`)).Domains.List(context.Background(), nil)
	if err != nil || len(list) != 0 {
		t.Error(list, err)
	}
}

// TestDeletionsThatAreDone, and answers that do not say so.
func TestDeletionsThatAreDone(t *testing.T) {
	for body, want := range map[string]error{
		"": nil, " \n": nil, "null": nil, "true": nil, "{}": nil, `{"status":"success"}`: nil, `{"status":"deleted","message":"Record deleted"}`: nil, `{"data":null}`: nil, `{"data":{"id":"rec_1","status":"active"}}`: nil,
		`{"code":"RECORD_DELETED"}`: nil, `{"code":200}`: nil, `{"success":true}`: nil, "\ufeff{}": nil,
		"<p>Log in</p>": hoster.ErrIntermediary, "OK": hoster.ErrIntermediary, "false": hoster.ErrIntermediary, `{"status":`: hoster.ErrDecode, `{}{"status":"error"}`: hoster.ErrDecode,
	} {
		for _, status := range []int{200, 202, 203} {
			want := want
			if status == 202 && strings.TrimSpace(body) == "" {
				want = hoster.ErrIntermediary
			}
			err := deleteRecord(cannedClient(t, alwaysText(status, body)))
			if want == nil && err != nil || want != nil && !errors.Is(err, want) {
				t.Errorf("%s %q: %v, want %v", strconv.Itoa(status), body, err, want)
			}
		}
	}
}

// TestScopeThatOnlyTheMessageNames is what the token lacks; without one nothing
// is blamed.
func TestScopeThatOnlyTheMessageNames(t *testing.T) {
	for body, want := range map[string]string{
		`{"message":"This token needs dns:write."}`:      "[dns:write]",
		`{"error":"Missing scope: domains:read"}`:        "[domains:read]",
		`{"errors":["hosting:write is required"]}`:       "[hosting:write]",
		`{"message":"Forbidden"}`:                        "[]",
		`{"message":"see http://example.com/a:readme"}`:  "[]",
		`{"code":"IP_NOT_ALLOWED","message":"dns:read"}`: "[]",
	} {
		err := createRecord(cannedClient(t, alwaysText(403, body)))
		var forbidden *hoster.ForbiddenError
		if !errors.As(err, &forbidden) || fmt.Sprint(forbidden.MissingScopes) != want || (forbidden.Reason == hoster.ForbiddenReasonScope) != (want != "[]") {
			t.Errorf("%s: %+v, %v", body, forbidden, err)
		}
	}
}
