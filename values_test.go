package hoster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-querystring/query"

	"github.com/go-hoster/hoster"
)

const emptyAddress = `{"street":"","city":"","state":"","postal_code":"","country":""}`

// requests is every exported request struct, with each of its required fields
// filled and each Opt absent, and that as JSON.
var requests = map[string]struct {
	value any
	json  string
}{
	"RecordCreate": {hoster.RecordCreate{Type: "MX", Name: "www", Value: "mail.example.com"}, `"type":"MX","name":"www","value":"mail.example.com"`},
	"RecordUpdate": {hoster.RecordUpdate{}, ``},
	"RecordBatch":  {hoster.RecordBatch{Delete: []hoster.RecordID{"rec_1"}}, `"delete":["rec_1"]`},

	"ProfileUpdate": {hoster.ProfileUpdate{}, ``},
	"ContactCreate": {hoster.ContactCreate{Name: "n", Email: "e", Phone: "p"}, `"name":"n","email":"e","phone":"p","address":` + emptyAddress},
	"ContactUpdate": {hoster.ContactUpdate{}, ``},

	"DomainRegistrationOrder": {hoster.DomainRegistrationOrder{Domain: "example.com", Years: 1}, `"domain":"example.com","years":1`},
	"DomainRenewalOrder":      {hoster.DomainRenewalOrder{Years: 2}, `"years":2`},
	"DomainTransferOrder":     {hoster.DomainTransferOrder{Domain: "example.com", AuthCode: hoster.Secret{}}, `"domain":"example.com","auth_code":""`},
	"DomainUpdate":            {hoster.DomainUpdate{}, ``},
	"DomainContacts":          {hoster.DomainContacts{Registrant: "con_1"}, `"registrant":"con_1"`},

	"HostingOrder":        {hoster.HostingOrder{PlanID: "plan_1", BillingCycle: "annual"}, `"plan_id":"plan_1","billing_cycle":"annual"`},
	"HostingRenewalOrder": {hoster.HostingRenewalOrder{}, ``},
	"HostingUpgradeOrder": {hoster.HostingUpgradeOrder{PlanID: "plan_1"}, `"plan_id":"plan_1"`},
	"HostingCancellation": {hoster.HostingCancellation{When: "immediate"}, `"when":"immediate"`},
	"HostingPassword":     {hoster.HostingPassword{}, ``},

	"TokenCreate": {hoster.TokenCreate{Name: "ci", Scopes: []hoster.Scope{"dns:read"}}, `"name":"ci","scopes":["dns:read"]`},
}

// optGolden is how each Opt field goes on the wire: its zero value, and a value.
var optGolden = map[string]struct{ zero, value, valueJSON string }{
	"ProfileUpdate.Name":                   {`""`, `"text"`, `"text"`},
	"ProfileUpdate.Company":                {`""`, `"text"`, `"text"`},
	"ProfileUpdate.Phone":                  {`""`, `"text"`, `"text"`},
	"ProfileUpdate.TaxID":                  {`""`, `"text"`, `"text"`},
	"ContactCreate.Company":                {`""`, `"text"`, `"text"`},
	"ContactUpdate.Name":                   {`""`, `"text"`, `"text"`},
	"ContactUpdate.Email":                  {`""`, `"text"`, `"text"`},
	"ContactUpdate.Phone":                  {`""`, `"text"`, `"text"`},
	"ContactUpdate.Company":                {`""`, `"text"`, `"text"`},
	"HostingOrder.Domain":                  {`""`, `"text"`, `"text"`},
	"HostingUpgradeOrder.BillingCycle":     {`""`, `"text"`, `"text"`},
	"HostingCancellation.Reason":           {`""`, `"text"`, `"text"`},
	"ProfileUpdate.Address":                {`{"street":"","city":"","state":"","postal_code":"","country":""}`, `{"street":"1 Example Street","city":"","state":"","postal_code":"","country":"US"}`, `{"street":"1 Example Street","city":"","state":"","postal_code":"","country":"US"}`},
	"ContactUpdate.Address":                {`{"street":"","city":"","state":"","postal_code":"","country":""}`, `{"street":"1 Example Street","city":"","state":"","postal_code":"","country":"US"}`, `{"street":"1 Example Street","city":"","state":"","postal_code":"","country":"US"}`},
	"DomainRegistrationOrder.AutoRenew":    {`false`, `true`, `true`},
	"DomainRegistrationOrder.WhoisPrivacy": {`false`, `true`, `true`},
	"DomainUpdate.AutoRenew":               {`false`, `true`, `true`},
	"DomainUpdate.Locked":                  {`false`, `true`, `true`},
	"DomainUpdate.WhoisPrivacy":            {`false`, `true`, `true`},
	"DomainRegistrationOrder.MaxPrice":     {`"0"`, `12.99`, `"12.99"`},
	"DomainRenewalOrder.MaxPrice":          {`"0"`, `12.99`, `"12.99"`},
	"DomainTransferOrder.MaxPrice":         {`"0"`, `12.99`, `"12.99"`},
	"HostingOrder.MaxPrice":                {`"0"`, `12.99`, `"12.99"`},
	"HostingRenewalOrder.MaxPrice":         {`"0"`, `12.99`, `"12.99"`},
	"HostingUpgradeOrder.MaxPrice":         {`"0"`, `12.99`, `"12.99"`},
	"RecordCreate.TTL":                     {`0`, `3600`, `3600`},
	"RecordCreate.Priority":                {`0`, `10`, `10`},
	"RecordCreate.Weight":                  {`0`, `65535`, `65535`},
	"RecordCreate.Port":                    {`0`, `443`, `443`},
	"RecordUpdate.Name":                    {`""`, `"@"`, `"@"`},
	"RecordUpdate.Value":                   {`""`, `"<a & b>"`, `"\u003ca \u0026 b\u003e"`},
	"RecordUpdate.TTL":                     {`0`, `60`, `60`},
	"RecordUpdate.Priority":                {`0`, `1`, `1`},
	"RecordUpdate.Weight":                  {`0`, `2`, `2`},
	"RecordUpdate.Port":                    {`0`, `3`, `3`},
	"TokenCreate.ExpiresAt":                {`"0001-01-01T00:00:00Z"`, `"2026-01-02T05:04:05+02:00"`, `"2026-01-02T03:04:05Z"`},
	"TokenCreate.IPAllowlist":              {`[]`, `["192.0.2.1","2001:db8::/32"]`, `["192.0.2.1","2001:db8::/32"]`},
}

// TestRequestsAreComplete finds the request structs in the methods of the
// services, so that a new one cannot escape the golden JSON.
func TestRequestsAreComplete(t *testing.T) {
	found := map[string]bool{}
	client := reflect.TypeFor[hoster.Client]()
	for i := range client.NumField() {
		service := client.Field(i)
		if !service.IsExported() {
			continue
		}
		for method := range service.Type.Methods() {
			for p := 1; p < method.Type.NumIn(); p++ {
				if in := method.Type.In(p); in.Kind() == reflect.Struct && in.PkgPath() == client.PkgPath() && in.NumField() > 0 && in.Field(0).Tag.Get("json") != "" {
					found[in.Name()] = true
				}
			}
		}
	}
	for name := range found {
		if _, ok := requests[name]; !ok {
			t.Errorf("%s has no golden JSON", name)
		}
	}
	if len(found) != len(requests) {
		t.Errorf("%d requests in the services, %d here", len(found), len(requests))
	}
}

// isOpt reports a field that has three states.
func isOpt(field reflect.StructField) bool { return strings.HasPrefix(field.Type.Name(), "Opt[") }

// TestOptGolden writes every Opt field of every request in its four states:
// absent, null, zero and a value; and reads each back.
func TestOptGolden(t *testing.T) {
	seen := map[string]bool{}
	for name, request := range requests {
		encodes(t, name+" absent", request.value, "{"+request.json+"}")
		kind := reflect.TypeOf(request.value)
		for i := range kind.NumField() {
			field := kind.Field(i)
			if !isOpt(field) {
				continue
			}
			key := name + "." + field.Name
			golden, ok := optGolden[key]
			seen[key] = true
			if !ok {
				t.Errorf("%s has no golden JSON", key)
				continue
			}
			member, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			if options != "omitzero" {
				t.Errorf("%s: tag %q would send what is absent", key, field.Tag)
			}
			comma := ""
			if request.json != "" {
				comma = ","
			}
			for state, test := range map[string]struct{ in, out string }{
				"null": {`null`, `null`}, "zero": {"", golden.zero}, "value": {golden.value, golden.valueJSON},
			} {
				fresh := reflect.New(kind).Elem()
				fresh.Set(reflect.ValueOf(request.value))
				opt := fresh.Field(i).Addr()
				if state == "zero" {
					setZero(t, opt.Interface())
				} else if err := json.Unmarshal([]byte(test.in), opt.Interface()); err != nil {
					t.Fatal(err)
				}
				if opt.Interface().(interface{ IsNull() bool }).IsNull() != (state == "null") {
					t.Errorf("%s %s: IsNull", key, state)
				}
				text := fmt.Sprintf(`{%s%s"%s":%s}`, request.json, comma, member, test.out)
				encodes(t, key+" "+state, fresh.Interface(), text)
				back := reflect.New(kind)
				if err := json.Unmarshal([]byte(text), back.Interface()); err != nil {
					t.Errorf("%s %s: %v", key, state, err)
				}
				encodes(t, key+" "+state+" round trip", back.Elem().Interface(), text)
			}
		}
	}
	for key := range optGolden {
		if !seen[key] {
			t.Errorf("%s is no field", key)
		}
	}
}

func encodes(t *testing.T, what string, v any, want string) {
	t.Helper()
	got, err := json.Marshal(v)
	if err != nil || !sameJSON(got, []byte(want)) {
		t.Errorf("%s: %s, %v\nwant %s", what, got, err, want)
	}
}

// sameJSON compares documents; the order of members does not matter.
func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// setZero makes an Opt hold the zero value of its type, which is not absent.
func setZero(t *testing.T, opt any) {
	t.Helper()
	switch o := opt.(type) {
	case *hoster.Opt[string]:
		*o = hoster.Set("")
	case *hoster.Opt[int]:
		*o = hoster.Set(0)
	case *hoster.Opt[uint16]:
		*o = hoster.Set(uint16(0))
	case *hoster.Opt[time.Time]:
		*o = hoster.Set(time.Time{})
	case *hoster.Opt[[]string]:
		*o = hoster.Set([]string(nil))
	case *hoster.Opt[bool]:
		*o = hoster.Set(false)
	case *hoster.Opt[hoster.Amount]:
		*o = hoster.Set(hoster.Amount{})
	case *hoster.Opt[hoster.Address]:
		*o = hoster.Set(hoster.Address{})
	case *hoster.Opt[hoster.BillingCycle]:
		*o = hoster.Set(hoster.BillingCycle(""))
	default:
		t.Fatalf("%T is not known here", opt)
	}
}

// TestOptOnTheWire: the four states reach the server as they were set.
func TestOptOnTheWire(t *testing.T) {
	tests := map[string]struct {
		change hoster.RecordUpdate
		want   string
	}{
		"absent": {hoster.RecordUpdate{}, `{}`},
		"null":   {hoster.RecordUpdate{Priority: hoster.Null[uint16]()}, `{"priority":null}`},
		"zero":   {hoster.RecordUpdate{Priority: hoster.Set(uint16(0)), Value: hoster.Set("")}, `{"value":"","priority":0}`},
		"value":  {hoster.RecordUpdate{Name: hoster.Set("WWW.example.com."), TTL: hoster.Set(300)}, `{"name":"www","ttl":300}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var sent []byte
			client := cannedClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
				sent, _ = io.ReadAll(req.Body)
				return alwaysText(200, `{"status":"success","data":{"id":"rec_2","type":"TXT","name":"www","value":"x","ttl":300}}`)(req)
			}))
			record, err := client.DNS.Update(context.Background(), "example.com", "rec_1", test.change)
			if err != nil || record.ID != "rec_2" || string(sent) != test.want {
				t.Errorf("sent %s, want %s; %+v, %v", sent, test.want, record, err)
			}
		})
	}
	// A list that is set but nil means "none", and null would mean "absent".
	var sent []byte
	client := cannedClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
		sent, _ = io.ReadAll(req.Body)
		return alwaysText(201, `{"status":"success","data":{"id":"tok_1","secret":"shown-once"}}`)(req)
	}))
	token := hoster.TokenCreate{Name: "ci", Scopes: []hoster.Scope{hoster.ScopeDNSRead}, IPAllowlist: hoster.Set([]string{})}
	if _, err := client.Tokens.Create(context.Background(), token); err != nil || !strings.Contains(string(sent), `"ip_allowlist":[]`) {
		t.Errorf("%s, %v", sent, err)
	}
}

// roundTrip is a transport that reads the body itself.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestOpt(t *testing.T) {
	var absent hoster.Opt[int]
	tests := []struct {
		opt               hoster.Opt[int]
		zero, null, there bool
		text              string
	}{
		{absent, true, false, false, "absent"},
		{hoster.Null[int](), false, true, false, "null"},
		{hoster.Set(0), false, false, true, "0"},
		{hoster.Set(7), false, false, true, "7"},
	}
	for _, test := range tests {
		value, there := test.opt.Get()
		if test.opt.IsZero() != test.zero || test.opt.IsNull() != test.null || there != test.there || test.opt.String() != test.text || there && fmt.Sprint(value) != test.text {
			t.Errorf("%s: %v, %v, %v, %v", test.text, test.opt.IsZero(), test.opt.IsNull(), value, there)
		}
	}
	kept := hoster.Set(7)
	if err := json.Unmarshal([]byte(`"x"`), &kept); err == nil || kept != hoster.Set(7) {
		t.Errorf("%v after %v", kept, err)
	}
	if err := json.Unmarshal([]byte(` null `), &kept); err != nil || !kept.IsNull() {
		t.Errorf("%v, %v", kept, err)
	}
}

func TestListQueries(t *testing.T) {
	when := time.Date(2026, 1, 2, 5, 4, 5, 0, time.FixedZone("", 2*3600))
	tests := []struct {
		options any
		want    string
	}{
		{hoster.DomainListOptions{}, ``},
		{&hoster.DomainListOptions{AutoRenew: hoster.Set(false)}, `auto_renew=false`},
		{&hoster.DomainListOptions{AutoRenew: hoster.Set(true)}, `auto_renew=true`},
		{&hoster.DomainListOptions{ExpiresBefore: hoster.Set(when)}, `expires_before=2026-01-02T03:04:05Z`},
		{&hoster.DomainListOptions{Status: hoster.DomainStatusActive, Search: "a&b=c", Page: 2, PerPage: 50}, `page=2&per_page=50&search=a&b=c&status=active`},
		{hoster.RecordListOptions{}, ``},
		{&hoster.RecordListOptions{Type: "NEW", Name: "@", Page: 1, PerPage: 1000}, `name=@&page=1&per_page=1000&type=NEW`},
	}
	for _, test := range tests {
		values, err := query.Values(test.options)
		want, _ := url.ParseQuery(strings.ReplaceAll(test.want, "a&b=c", "a%26b%3Dc"))
		if err != nil || values.Encode() != want.Encode() {
			t.Errorf("%+v: %s, %v; want %s", test.options, values.Encode(), err, want.Encode())
		}
	}
}

// TestNullFilter: a null in a filter is refused before anything is sent.
func TestNullFilter(t *testing.T) {
	client := cannedClient(t, canned(func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, io.EOF
	}))
	for field, options := range map[string]*hoster.DomainListOptions{
		"auto_renew":     {AutoRenew: hoster.Null[bool]()},
		"expires_before": {ExpiresBefore: hoster.Null[time.Time]()},
	} {
		_, err := client.Domains.ListPage(context.Background(), options)
		var argument *hoster.ArgumentError
		if !errors.As(err, &argument) || argument.Field != field || argument.Operation != "Domains.List" {
			t.Errorf("%s: %v", field, err)
		}
		checkSentinels(t, err, "ErrInvalidArgument")
		_, err = client.Domains.List(context.Background(), options)
		checkSentinels(t, err, "ErrInvalidArgument")
	}
}

const valuesCanary = "valuesCanary-do-not-print"

// vault holds secrets in every way that a struct can.
type vault struct {
	Plain   hoster.Secret
	Pointer *hoster.Secret
	List    []hoster.Secret
	Map     map[string]hoster.Secret
	Any     any
	Opt     hoster.Opt[hoster.Secret]
	Created hoster.CreatedToken
	hidden  hoster.Secret
	deep    *vault
}

func newVault() *vault {
	s := hoster.NewSecret(valuesCanary)
	v := vault{Plain: s, Pointer: &s, List: []hoster.Secret{s}, Map: map[string]hoster.Secret{"k": s}, Any: s,
		Opt: hoster.Set(s), Created: hoster.CreatedToken{Secret: s}, hidden: s}
	v.deep = &v
	outer := v
	outer.deep = &vault{Plain: s, hidden: s}
	return &outer
}

// TestSecretIsNotPrinted: no verb, encoder or logger shows it, however deep it
// stands.
func TestSecretIsNotPrinted(t *testing.T) {
	s := hoster.NewSecret(valuesCanary)
	v := newVault()
	things := []any{s, &s, v, *v, []any{s, v}, map[string]any{"a": s, "b": v}, v.List, v.Map, v.Opt, [2]hoster.Secret{s, s}, func() any { p := &s; return &p }()}
	check := func(how, text string) {
		t.Helper()
		for _, form := range []string{valuesCanary, valuesCanary[:6], fmt.Sprintf("%x", valuesCanary), fmt.Sprintf("%X", valuesCanary), "Y2FuYXJ5"} {
			if strings.Contains(text, form) {
				t.Errorf("%s shows the secret: %s", how, text)
			}
		}
	}
	for _, thing := range things {
		for _, verb := range []string{"v", "s", "q", "x", "X", "d", "p", "t", "c", "U", "e", "b", "o", "w"} {
			for _, flags := range []string{"", "+", "#", " ", "-40", "0", "+#", ".3", "10.3"} {
				check("%"+flags+verb, fmt.Sprintf("%"+flags+verb, thing))
			}
		}
		check("Sprint", fmt.Sprint(thing)+fmt.Sprintln(thing))
		check("Errorf", fmt.Errorf("wrapped: %v", thing).Error())
		encoded, err := json.Marshal(thing)
		if err != nil {
			t.Errorf("%T: %v", thing, err)
		}
		check("json", string(encoded))
		var buf bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&buf, nil), slog.NewJSONHandler(&buf, nil)} {
			log := slog.New(handler)
			log.Info("m", "thing", thing, slog.Group("g", "thing", thing))
			log.With("thing", thing).Info("m")
		}
		check("slog", buf.String())
	}
	for how, text := range map[string]string{
		"%v": fmt.Sprintf("%v", s), "%+v": fmt.Sprintf("%+v", s), "%#v": fmt.Sprintf("%#v", s), "%s": fmt.Sprintf("%s", s),
		"%q": fmt.Sprintf("%q", s), "%x": fmt.Sprintf("%x", s), "%X": fmt.Sprintf("%X", s), "%d": fmt.Sprintf("%d", s),
		"String": s.String(),
	} {
		if text != "[redacted]" {
			t.Errorf("%s prints %q", how, text)
		}
	}
	if text, err := s.MarshalText(); err != nil || string(text) != "[redacted]" {
		t.Errorf("text: %s, %v", text, err)
	}
	if s.Reveal() != valuesCanary {
		t.Error("Reveal is the way out")
	}
}

func TestSecret(t *testing.T) {
	var none hoster.Secret
	if !none.IsZero() || none.Reveal() != "" || fmt.Sprintf("%v%s%#v", none, none, none) != "" || !hoster.NewSecret("").IsZero() {
		t.Error("the zero secret holds and prints nothing")
	}
	a := hoster.NewSecret("a")
	if a.IsZero() || !a.Equal(hoster.NewSecret("a")) || a.Equal(hoster.NewSecret("b")) || a.Equal(none) || !none.Equal(hoster.Secret{}) {
		t.Error("Equal compares what is held")
	}
	for text, want := range map[string]string{`"abc"`: "abc", `""`: "", `null`: "", `"\u0061"`: "a"} {
		var s hoster.Secret
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.Reveal() != want {
			t.Errorf("%s: %q, %v", text, s.Reveal(), err)
		}
	}
	for _, text := range []string{`"[redacted]"`, `7`, `{}`, `["` + valuesCanary + `"]`} {
		s := hoster.NewSecret("before")
		if err := json.Unmarshal([]byte(text), &s); err == nil || strings.Contains(err.Error(), valuesCanary) || s.Reveal() != "before" {
			t.Errorf("%s: %v, %q", text, err, s.Reveal())
		}
	}
	dump, err := json.Marshal(hoster.CreatedToken{Token: hoster.Token{ID: "tok_1"}, Secret: a})
	if err != nil || !strings.Contains(string(dump), `"secret":"[redacted]"`) {
		t.Fatalf("%s, %v", dump, err)
	}
	var back hoster.CreatedToken
	if err := json.Unmarshal(dump, &back); err == nil {
		t.Errorf("a dump was read back as %+v", back)
	}
	var s hoster.Secret
	if err := s.UnmarshalText([]byte("abc")); err != nil || s.Reveal() != "abc" {
		t.Errorf("%q, %v", s.Reveal(), err)
	}
	if err := s.UnmarshalText([]byte("[redacted]")); err == nil {
		t.Error("the print of a secret is none")
	}
}

func parse(t *testing.T, text string) hoster.Amount {
	t.Helper()
	a, err := hoster.ParseAmount(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return a
}

func TestAmount(t *testing.T) {
	nines := strings.Repeat("9", 60)
	ordered := []string{"-" + nines, "-10", "-3.50", "-0.01", "0", "0.001", "0.01", "9.99", "10", "10.0000000001", nines}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := parse(t, a).Cmp(parse(t, b)); got != want {
				t.Errorf("%s against %s: %d", a, b, got)
			}
		}
		if got := parse(t, a).String(); got != a {
			t.Errorf("%s became %s", a, got)
		}
	}
	for _, pair := range [][2]string{{"1", "1.00"}, {"0", "-0.00"}, {"0012.9", "12.90"}} {
		if parse(t, pair[0]).Cmp(parse(t, pair[1])) != 0 {
			t.Errorf("%s is not %s", pair[0], pair[1])
		}
	}
	for _, sum := range [][3]string{
		{"0.1", "0.2", "0.3"}, {"12.99", "0.01", "13.00"}, {"-3", "3.00", "0.00"}, {"1.005", "2", "3.005"}, {"-0.5", "0.25", "-0.25"},
		{nines, "1", "1" + strings.Repeat("0", 60)},
	} {
		if got := parse(t, sum[0]).Add(parse(t, sum[1])); got.String() != sum[2] {
			t.Errorf("%s + %s = %s, want %s", sum[0], sum[1], got, sum[2])
		}
	}
	var zero hoster.Amount
	if !zero.IsZero() || zero.String() != "0" || zero.Cmp(parse(t, "0.00")) != 0 || zero.Add(parse(t, "1.50")).String() != "1.50" {
		t.Error("the zero amount is zero")
	}
	for text, want := range map[string]bool{"0": true, "0.00": true, "-0": true, "000": true, "0.01": false, "-1": false, "10": false} {
		if parse(t, text).IsZero() != want {
			t.Errorf("%s: IsZero is %v", text, !want)
		}
	}
	for _, text := range []string{"", "-", "+1", ".5", "5.", "1,50", "1.2.3", "--1", "1 ", " 1", "1e3", "0x10", "1/3", "NaN", "Inf", "12 EUR", "\u0661", "1_000", strings.Repeat("9", 65)} {
		if a, err := hoster.ParseAmount(text); err == nil {
			t.Errorf("%q is %s", text, a)
		}
	}
}

func TestAmountJSON(t *testing.T) {
	for text, want := range map[string]string{
		`"12.90"`: "12.90", `12.90`: "12.90", `"-3"`: "-3", `-3`: "-3", `1e2`: "100", `1E+2`: "100", `1.299e1`: "12.99", `125e-2`: "1.25", `-1.5e-3`: "-0.0015",
		`0.1`: "0.1", `null`: "0", `""`: "0", `" 7.5 "`: "7.5", `9007199254740993`: "9007199254740993", `0e0`: "0",
	} {
		var a hoster.Amount
		if err := json.Unmarshal([]byte(text), &a); err != nil || a.String() != want {
			t.Errorf("%s: %s, %v", text, a, err)
		}
		back, err := json.Marshal(a)
		if err != nil || string(back) != `"`+want+`"` {
			t.Errorf("%s goes out as %s, %v", text, back, err)
		}
	}
	for _, text := range []string{`"x"`, `true`, `{}`, `[]`, `"0x1e2"`, `"1/3e1"`, `"1_0e1"`, `"1e"`, `"e5"`, `1e999999999`, `1e-999999999`, `"1e1e1"`, `"+1e1"`, `"Infinity"`} {
		a := parse(t, "1.00")
		if err := json.Unmarshal([]byte(text), &a); err == nil || a.String() != "1.00" {
			t.Errorf("%s is %s", text, a)
		}
	}
}

// TestOpenEnumerations: a value that is not known survives.
func TestOpenEnumerations(t *testing.T) {
	scopes := hoster.AllScopes()
	scopes[0] = "changed"
	if slices.Contains(hoster.AllScopes(), "changed") || len(scopes) != 8 {
		t.Error("AllScopes is the caller's own copy")
	}
	client := cannedClient(t, alwaysText(200, `{"status":"success","data":{"id":"tok_1","scopes":["vps:read","dns:read"],"status":"suspended"}}`))
	token, err := client.Tokens.Get(context.Background(), "tok_1")
	if err != nil || token.Status != "suspended" || !slices.Equal(token.Scopes, []hoster.Scope{"vps:read", "dns:read"}) {
		t.Errorf("%+v, %v", token, err)
	}
}
