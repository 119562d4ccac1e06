package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestFieldsOf: every error of a call names its fields in the caller's terms.
func TestFieldsOf(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client := must(hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken())))
	cheap := hoster.Set(amount(t, "0.01"))
	create := func(r hoster.RecordCreate) func(context.Context) error {
		return func(ctx context.Context) error { return second(client.DNS.Create(ctx, "example.com", r)) }
	}
	register := func(o hoster.DomainRegistrationOrder) func(context.Context) error {
		return func(ctx context.Context) error { return second(client.Domains.Register(ctx, o)) }
	}
	for name, test := range map[string]struct {
		call   func(context.Context) error
		fields []string // and what must stand in the message, behind a colon
	}{
		"an argument":           {create(hoster.RecordCreate{Type: "A", Name: "www", Value: "192.0.2.1", TTL: hoster.Set(1)}), []string{"ttl: from 60 to 604800"}},
		"with dnszone's reason": {create(hoster.RecordCreate{Type: "A", Name: "www", Value: "not an address"}), []string{"value: not an address"}},
		"a name":                {create(hoster.RecordCreate{Type: "A", Name: "a..b", Value: "192.0.2.1"}), []string{"name: inside example.com"}},
		"the outer of two": {func(ctx context.Context) error {
			_, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "x", Values: []dnszone.Data{dnszone.MX{Preference: 1, Host: "mail.example.com"}, dnszone.MX{Preference: 1, Host: "bad host"}}})
			return err
		}, []string{"values.1: value"}},
		"a price found too high": {register(hoster.DomainRegistrationOrder{Domain: "dear.com", Years: 1, MaxPrice: cheap, CheckPrice: true}), []string{"max_price: more than the 0.01"}},
		"and by the provider":    {register(hoster.DomainRegistrationOrder{Domain: "dear.com", Years: 1, MaxPrice: cheap}), []string{"max_price: price"}},
		"a name that is taken":   {register(hoster.DomainRegistrationOrder{Domain: "taken.com", Years: 1}), []string{"domain: not available"}},
		"a 422": {func(ctx context.Context) error {
			return second(client.Contacts.Create(ctx, hoster.ContactCreate{Name: "x", Email: "no address"}))
		}, []string{"email: ", "phone: ", "address.street: "}},
		"a conflict of no field": {func(ctx context.Context) error {
			twice := create(hoster.NewRecord("twice", dnszone.TXT{Text: "x"}))
			return errors.Join(twice(ctx), twice(ctx))
		}, nil},
		"not found": {func(ctx context.Context) error { return second(client.DNS.Get(ctx, "example.com", "rec_none")) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.call(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			for _, err := range []error{err, fmt.Errorf("apply: %w", err), errors.Join(nil, err)} {
				got := hoster.FieldsOf(err)
				for i, want := range test.fields {
					field, text, _ := strings.Cut(want, ": ")
					if i >= len(got) || !namesField(got, field, text) {
						t.Errorf("%v\nhas no %s: %v", err, want, got)
					}
				}
				if len(test.fields) == 0 && len(got) > 0 {
					t.Errorf("%v: %v", err, got)
				}
			}
		})
	}
}

func namesField(fields []hoster.FieldProblem, field, text string) bool {
	for _, f := range fields {
		if f.Field == field && strings.Contains(strings.Join(f.Messages, "; "), text) {
			return true
		}
	}
	return false
}

// TestFieldsOfOthers: errors that are made elsewhere, joined or of a gateway.
func TestFieldsOfOthers(t *testing.T) {
	_, options := hoster.NewClient(hoster.WithBaseURL("ftp://x"), hoster.WithToken("two words"))
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"nothing":              {nil, nil},
		"a stranger":           {errors.New("no field"), nil},
		"options, all of them": {options, []string{"WithBaseURL", "token"}},
		"dnszone's":            {second(dnszone.ParseName("a..b", "example.com")), []string{"name"}},
		"a record of several":  {&dnszone.RecordError{Place: 3, FieldError: dnszone.FieldError{Field: "ttl", Problem: "is low"}}, []string{"ttl"}},
		"the order is kept":    {errors.Join(&hoster.ArgumentError{Field: "b"}, &hoster.ArgumentError{Field: "a"}), []string{"b", "a"}},
		"a gateway's 409":      {&hoster.Error{Status: 409, Code: hoster.ErrorCodePriceChanged}, nil},
		"the API's, with code": {&hoster.Error{Status: 409, Code: hoster.ErrorCodePriceChanged, FromAPI: true}, []string{"max_price"}},
		"its own field counts": {&hoster.Error{Status: 409, Code: hoster.ErrorCodePriceChanged, FromAPI: true, Fields: []hoster.FieldProblem{{Field: "years"}}}, []string{"years"}},
		"a caller's own 422":   {&hoster.ValidationError{Fields: []hoster.FieldProblem{{Field: "name"}}}, []string{"name"}},
	} {
		var got []string
		for _, f := range hoster.FieldsOf(test.err) {
			got = append(got, f.Field)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	answered := cannedClient(t, roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("down") }))
	if got := hoster.FieldsOf(second(answered.Domains.Get(t.Context(), "example.com"))); got != nil {
		t.Errorf("no answer: %v", got)
	}
}
