package hoster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
)

// entryPoint is a method of a service, called with arguments that are good. The
// tests below change one text of them, or the spelling of all.
type entryPoint struct {
	name   string
	method reflect.Value
}

// entryPoints are all methods of the services that send something they are given.
func entryPoints(client *hoster.Client) (all []entryPoint) {
	for name, service := range services(client) {
		for i := range service.NumMethod() {
			method := service.Type().Method(i).Name
			// Plans are tested for themselves, and so are workflows over tokens.
			if !slices.Contains([]string{"Format", "Snapshot", "Writer", "Apply", "Rotate", "Audit"}, method) {
				all = append(all, entryPoint{name + "." + method, service.Method(i)})
			}
		}
	}
	writer := reflect.ValueOf(client.DNS.Writer("example.com"))
	for i := range writer.NumMethod() {
		if method := writer.Type().Method(i).Name; method != "Format" {
			all = append(all, entryPoint{"DNS.Writer." + method, writer.Method(i)})
		}
	}
	slices.SortFunc(all, func(a, b entryPoint) int { return strings.Compare(a.name, b.name) })
	return all
}

// arguments are good ones, fresh for each call.
func (e entryPoint) arguments() (args []reflect.Value) {
	for i := range e.method.Type().NumIn() {
		switch t := e.method.Type().In(i); {
		case t == reflect.TypeFor[context.Context](), e.method.Type().IsVariadic() && i == e.method.Type().NumIn()-1:
		default:
			arg := reflect.New(t).Elem()
			arg.Set(goodValue(t, nil, "domain"))
			args = append(args, arg)
		}
	}
	return args
}

// call makes the call, and walks what it returns.
func (e entryPoint) call(ctx context.Context, args []reflect.Value) (err error) {
	results := e.method.Call(append([]reflect.Value{reflect.ValueOf(ctx)}, args...))
	last := results[len(results)-1]
	if last.Kind() == reflect.Func {
		last.Call([]reflect.Value{reflect.MakeFunc(last.Type().In(0), func(pair []reflect.Value) []reflect.Value {
			last = pair[1]
			return []reflect.Value{reflect.ValueOf(true)}
		})})
	}
	err, _ = last.Interface().(error)
	return err
}

var goodTexts = map[string]string{
	"domain": "example.com", "Domain": "example.com", "Nameservers": "ns1.example.net", "Search": "example.com", "Value": "mail.example.net",
	"Name": "www", "Names": "www", "IPAllowlist": "127.0.0.1", "Email": "someone@example.com",
}

// goodValue makes a value of a type, for a field of a struct. Options that only
// one page takes, and settings of waits, are left out.
func goodValue(t reflect.Type, parent reflect.Type, field string) reflect.Value {
	v := reflect.New(t).Elem()
	if fill, ok := v.Addr().Interface().(interface {
		Fill(func(reflect.Type) any)
	}); ok {
		fill.Fill(func(inner reflect.Type) any { return goodValue(inner, parent, field).Interface() })
		return v
	}
	switch value := v.Addr().Interface().(type) {
	case *hoster.Secret:
		*value = hoster.NewSecret("Code-1")
	case *hoster.Amount:
		*value = testPrice
	case *time.Time:
		*value = time.Date(2040, 1, 2, 3, 4, 5, 0, time.UTC)
	case *dnszone.Data:
		*value = dnszone.MX{Preference: 10, Host: "mail.example.net"}
	case *dnszone.Key:
		*value, _ = dnszone.ParseKey("example.com/www/MX")
	case *hoster.RecordType:
		*value = dnszone.TypeMX
	case *hoster.InvoiceType:
		*value = hoster.InvoiceTypeTax
	case *hoster.InvoiceStatus:
		*value = hoster.InvoiceStatusPaid
	case *hoster.BillingCycle:
		*value = hoster.BillingCycleAnnual
	case *hoster.CancelWhen:
		*value = hoster.CancelWhenImmediate
	case *[]string: // a name twice is refused
		*value = []string{goodTexts[field]}
		if field == "Nameservers" || field == "domain" {
			*value = append(*value, "ns2.example.org")
		}
	default:
		switch t.Kind() {
		case reflect.String:
			if field == "Currency" { // of a price that is looked up
				break
			}
			v.SetString("active")
			if text := goodTexts[field]; text != "" && t.Name() == "string" {
				v.SetString(text)
			}
		case reflect.Int:
			switch field {
			case "Years":
				v.SetInt(5)
			case "TTL":
				v.SetInt(300)
			}
		case reflect.Uint16:
			v.SetUint(10)
		case reflect.Pointer:
			if t != reflect.TypeFor[*hoster.WaitOptions]() {
				v.Set(reflect.New(t.Elem()))
				v.Elem().Set(goodValue(t.Elem(), parent, field))
			}
		case reflect.Slice:
			v = reflect.Append(v, goodValue(t.Elem(), parent, field))
		case reflect.Struct:
			for i := range t.NumField() {
				if t.Field(i).IsExported() && v.Field(i).Kind() != reflect.Func && v.Field(i).Kind() != reflect.Bool {
					v.Field(i).Set(goodValue(t.Field(i).Type, t, t.Field(i).Name))
				}
			}
		}
	}
	return v
}

// texts calls change with each text in a value, the struct and the field that
// hold it, and its place on the wire. It returns how many there are.
func texts(v reflect.Value, parent reflect.Type, field, place string, change func(parent reflect.Type, field, place, text string) string) (n int) {
	at := func(inner string) string { return strings.TrimPrefix(place+"."+inner, ".") }
	if option, ok := v.Addr().Interface().(interface{ Change(func(any) any) }); ok {
		option.Change(func(value any) any {
			inner := reflect.New(reflect.TypeOf(value)).Elem()
			inner.Set(reflect.ValueOf(value))
			n = texts(inner, parent, field, place, change)
			return inner.Interface()
		})
		return n
	}
	switch secret, isSecret := v.Interface().(hoster.Secret); {
	case isSecret:
		v.Set(reflect.ValueOf(hoster.NewSecret(change(parent, field, place, secret.Reveal()))))
		return 1
	case v.Type() == reflect.TypeFor[time.Time](), v.Type() == reflect.TypeFor[hoster.Amount](), v.Type() == reflect.TypeFor[dnszone.Key]():
		return 0
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(change(parent, field, place, v.String()))
		return 1
	case reflect.Pointer:
		if !v.IsNil() {
			n = texts(v.Elem(), parent, field, place, change)
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += texts(v.Index(i), parent, field, at(fmt.Sprint(i)), change)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json")+f.Tag.Get("url"), ",")
			inner := at(name)
			switch name {
			case "":
				inner = place
			case "-": // it is held against the answer, and not sent
				inner = at(strings.ToLower(f.Name))
			}
			n += texts(v.Field(i), v.Type(), f.Name, inner, change)
		}
	}
	return n
}

// recorder refuses all requests, and writes them down.
type recorder struct{ requests []string }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body := []byte{}
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	r.requests = append(r.requests, fmt.Sprintf("%s %s %s", req.Method, req.URL.RequestURI(), body))
	return &http.Response{StatusCode: 403, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"status":"error","code":"IP_NOT_ALLOWED","message":"no"}`)), Request: req}, nil
}

func recording(t *testing.T) (*recorder, []entryPoint) {
	r := &recorder{}
	return r, entryPoints(newTestClient(t, "https://api.example.com/v1", "token", hoster.WithHTTPClient(&http.Client{Transport: r})))
}

// TestTextThatIsNotUTF8 is refused before anything is sent, wherever it stands in
// whatever argument, by an error that names its place. TXT values are the one
// exception.
func TestTextThatIsNotUTF8(t *testing.T) {
	sent, points := recording(t)
	for _, point := range points {
		args := point.arguments()
		total := 0
		count := func(_ reflect.Type, _, _, text string) string { total++; return text }
		for _, arg := range args {
			texts(arg, nil, "", "", count)
		}
		sent.requests = nil
		if err := point.call(t.Context(), args); len(sent.requests) == 0 {
			t.Errorf("%s: nothing was sent: %v", point.name, err)
		}
		for target := range total {
			args, i, where, holder := point.arguments(), 0, "", ""
			for _, arg := range args {
				texts(arg, nil, "", "", func(parent reflect.Type, _, place, text string) string {
					if i++; i-1 != target {
						return text
					}
					if where = place; parent != nil {
						holder = parent.Name()
					}
					return text + "\xfc"
				})
			}
			sent.requests = nil
			err := point.call(t.Context(), args)
			if holder == "RecordUpdate" && strings.HasSuffix(where, "value") {
				if len(sent.requests) != 1 || !strings.Contains(sent.requests[0], `"value":"\"mail.example.net\\252\""`) {
					t.Errorf("%s: sent %q, %v", point.name, sent.requests, err)
				}
				continue
			}
			argument, ok := errors.AsType[*hoster.ArgumentError](err)
			if !ok || len(sent.requests) != 0 || !strings.Contains(argument.Field, where[strings.LastIndexByte(where, '.')+1:]) || strings.Contains(argument.Error(), "\xfc") {
				t.Errorf("%s, text %d at %q: %d requests, %v", point.name, target, where, len(sent.requests), err)
			}
		}
	}
}

// TestTextOfCallersThatIsNotUTF8 is refused in the same way, in what a brand adds
// to the API.
func TestTextOfCallersThatIsNotUTF8(t *testing.T) {
	type body struct {
		Name string            `json:"name"`
		Tags map[string]string `json:"tags,omitempty"`
	}
	for field, spec := range map[string]hoster.CallSpec{
		"segment":        {Method: "POST", Segments: []string{"things", "a\xfc"}},
		"q":              {Method: "POST", Segments: []string{"things"}, Query: url.Values{"a": {"b"}, "q": {"c", "d\xfc"}}},
		"q\uFFFD":        {Method: "POST", Segments: []string{"things"}, Query: url.Values{"q\xfc": {"c"}}},
		"name":           {Method: "POST", Segments: []string{"things"}, Body: body{Name: "a\xfc"}},
		"tags.key":       {Method: "POST", Segments: []string{"things"}, Body: &body{Tags: map[string]string{"key": "a\xfc"}}},
		"tags.key\uFFFD": {Method: "POST", Segments: []string{"things"}, Body: body{Tags: map[string]string{"key\xfc": "a"}}},
		"list.1":         {Method: "POST", Segments: []string{"things"}, Body: map[string]any{"list": []any{"a", "b\xfc"}}},
		"body":           {Method: "POST", Segments: []string{"things"}, Body: "b\xfc"},
	} {
		sent := &recorder{}
		client := newTestClient(t, "https://api.example.com/v1", "token", hoster.WithHTTPClient(&http.Client{Transport: sent}))
		err := client.Call(t.Context(), spec, nil)
		if argument, ok := errors.AsType[*hoster.ArgumentError](err); !ok || argument.Field != field || len(sent.requests) != 0 {
			t.Errorf("%s: sent %q, %v", field, sent.requests, err)
		}
	}
}

// TestEverySpellingIsTheSameRequest: types, names, hosts, domains, nameservers,
// known words and pasted codes go out in one form, whatever the caller's.
func TestEverySpellingIsTheSameRequest(t *testing.T) {
	odd := func(parent reflect.Type, field, _, text string) string {
		inRecord := parent != nil && (strings.HasPrefix(parent.Name(), "Record") || parent.Name() == "PlanOptions" || parent.Name() == "MX")
		switch {
		case parent == nil && text == "example.com", field == "Domain", field == "Search":
			return "EXAMPLE.com."
		case parent == nil && text == "ns2.example.org", field == "Nameservers", field == "Host", field == "Value" && parent.Name() == "RecordCreate":
			return strings.ToUpper(text) + "."
		case inRecord && (field == "Name" || field == "Names"):
			return "WWW.Example.COM."
		case inRecord && (field == "Type" || field == "Types"):
			return "mX"
		case field == "AuthCode":
			return "\ufeff " + text + "\r\n"
		case field == "Status", field == "Type", field == "BillingCycle", field == "When":
			return strings.ToUpper(text)
		}
		return text
	}
	sent, points := recording(t)
	changed := 0
	for _, point := range points {
		sent.requests = nil
		_ = point.call(t.Context(), point.arguments())
		want := sent.requests
		args := point.arguments()
		before := fmt.Sprint(shown(args))
		for _, arg := range args {
			texts(arg, nil, "", "", odd)
		}
		given := fmt.Sprint(shown(args))
		if given != before {
			changed++
		}
		sent.requests = nil
		err := point.call(t.Context(), args)
		if !slices.Equal(sent.requests, want) || !errors.Is(err, hoster.ErrForbidden) {
			t.Errorf("%s: sent %q, want %q: %v", point.name, sent.requests, want, err)
		}
		if after := fmt.Sprint(shown(args)); after != given {
			t.Errorf("%s: the caller's arguments were changed from %s to %s", point.name, given, after)
		}
	}
	if changed < 20 {
		t.Errorf("only %d entry points have something to spell", changed)
	}
}

func shown(args []reflect.Value) (all []any) {
	for _, arg := range args {
		if arg.Kind() == reflect.Pointer && !arg.IsNil() {
			arg = arg.Elem()
		}
		all = append(all, arg.Interface())
	}
	return all
}

// respell writes the texts of an answer as another provider does.
func respell(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = respell(value[i])
		}
	case map[string]any:
		_, isRecord := value["ttl"]
		_, isDomain := value["auto_renew"]
		for name, member := range value {
			text, isText := member.(string)
			switch {
			case name == "nameservers":
				for i, host := range member.([]any) {
					member.([]any)[i] = strings.ToUpper(host.(string)) + "."
				}
			case !isText:
				value[name] = respell(member)
			case name == "domain", name == "hostname", name == "name" && isDomain, name == "value" && isRecord:
				value[name] = strings.ToUpper(text) + "."
			case name == "name" && isRecord:
				value[name] = strings.ToUpper(text) + ".Example.COM."
			case name == "type" && isRecord, name == "currency":
				value[name] = strings.ToLower(text)
			case slices.Contains([]string{"type", "status", "change_status", "delivery", "billing_cycle", "control_panel"}, name):
				value[name] = strings.ToUpper(text)
			}
		}
	}
	return value
}

// TestEverySpellingIsTheSameAnswer: a result does not show how the provider
// spells.
func TestEverySpellingIsTheSameAnswer(t *testing.T) {
	respelled := 0
	for _, row := range hoster.Table() {
		recorded := readExchange(t, row.Name)
		var results, bodies []string
		for _, odd := range []bool{false, true} {
			body := strings.ReplaceAll(recorded.answer, "{secret}", testSecret)
			var envelope map[string]any
			if err := json.Unmarshal([]byte(body), &envelope); odd && err == nil {
				envelope["data"] = respell(envelope["data"])
				encoded, _ := json.Marshal(envelope)
				body = string(encoded)
			}
			client := newTestClient(t, "https://api.example.com/v1", "token", hoster.WithHTTPClient(&http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: recorded.status, Header: recorded.header, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
			})}))
			result, err := calls[row.Name](t.Context(), client)
			if err != nil {
				t.Fatalf("%s: %v", row.Name, err)
			}
			shown, _ := json.Marshal(result)
			results, bodies = append(results, string(shown)), append(bodies, strings.ToLower(body))
		}
		if results[0] != results[1] {
			t.Errorf("%s: got %s\nwant %s", row.Name, results[1], results[0])
		}
		if strings.Contains(bodies[1], "example.com.\"") {
			respelled++
		}
	}
	if respelled < 10 {
		t.Errorf("only %d answers were respelled", respelled)
	}
}

// TestUnknownWordsStay as the provider has them.
func TestUnknownWordsStay(t *testing.T) {
	client := newTestClient(t, "https://api.example.com/v1", "token", hoster.WithHTTPClient(&http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		body := `{"status":"success","data":{"id":"svc_1","domain":"Not A Domain","status":"On Hold","billing_cycle":"WEEKLY","currency":"Points","server":{"hostname":"-","nameservers":["Host 1"]}}}`
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	})}))
	got, err := client.Hosting.Get(t.Context(), "svc_1")
	if err != nil || got.Domain != "Not A Domain" || got.Status != "On Hold" || got.BillingCycle != "WEEKLY" || got.Currency != "Points" || got.Server.Hostname != "-" || got.Server.Nameservers[0] != "Host 1" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestMXIsFoundAsMX by all that reads a zone, and by all that writes to it.
func TestMXIsFoundAsMX(t *testing.T) {
	zone := []hoster.RecordCreate{hoster.NewRecord("post", dnszone.MX{Preference: 10, Host: "mail.example.net"}), record("TXT", "post", "kept")}
	onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := t.Context()
		filter := &hoster.RecordListOptions{Type: "mx", Name: "Post.EXAMPLE.com."}
		listed, listErr := client.DNS.List(ctx, "Example.com.", filter)
		page, pageErr := client.DNS.ListPage(ctx, "EXAMPLE.COM", filter)
		var walked []hoster.Record
		for r, err := range client.DNS.All(ctx, "example.com", filter) {
			if err != nil {
				t.Fatal(err)
			}
			walked = append(walked, r)
		}
		key, _ := dnszone.ParseKey("example.com/post/mx/10 MAIL.example.net")
		key.Type = "mX"
		found, findErr := client.DNS.Find(ctx, key)
		looked, lookErr := client.DNS.Snapshot("Example.COM").Lookup(ctx, "POST", "mx")
		if err := errors.Join(listErr, pageErr, findErr, lookErr); err != nil || len(listed) != 1 || len(page.Items) != 1 || len(walked) != 1 || len(found) != 1 || len(looked) != 1 {
			t.Errorf("%v, %v, %v, %v, %v, %v", listed, page.Items, walked, found, looked, err)
		}
		set := hoster.RecordSet{Name: "POST", Type: "mx", Values: []dnszone.Data{dnszone.MX{Preference: 10, Host: "MAIL.Example.net."}}}
		change, err := client.DNS.AppendValues(ctx, "EXAMPLE.com", set)
		if err != nil || change.Written || len(change.After) != 1 {
			t.Errorf("appended: %+v, %v", change, err)
		}
		desired := []hoster.RecordCreate{{Type: "mx", Name: "Post", Value: "10 MAIL.example.NET"}}
		plan, err := client.DNS.PlanZone(ctx, "example.COM.", desired, &hoster.ZonePlanOptions{Types: []hoster.RecordType{"Mx"}, Names: []string{"POST"}})
		if err != nil || !plan.IsEmpty() {
			t.Errorf("planned: %v, %v", plan, err)
		}
		before := len(srv.Writes())
		if created, err := client.DNS.Create(ctx, "example.com", desired[0]); !errors.Is(err, hoster.ErrConflict) || len(srv.Writes()) != before {
			t.Errorf("created: %+v, %v", created, err)
		}
		change, err = client.DNS.RemoveValues(ctx, "example.com", set)
		if err != nil || !change.Written || len(values(srv, "post", "MX")) != 0 || len(values(srv, "post", "TXT")) != 1 {
			t.Errorf("removed: %+v, %v", change, err)
		}
	})
}
