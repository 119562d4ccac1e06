package api_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/go-hoster/hoster"
)

// sdkTypes are the SDK's types for the objects of the document.
var sdkTypes = map[string]any{
	"Address": hoster.Address{}, "Profile": hoster.Profile{}, "ProfileUpdate": hoster.ProfileUpdate{},
	"Contact": hoster.Contact{}, "ContactCreate": hoster.ContactCreate{}, "ContactUpdate": hoster.ContactUpdate{},
	"Invoice": hoster.Invoice{}, "InvoiceItem": hoster.InvoiceItem{}, "InvoiceTax": hoster.InvoiceTaxLine{},
	"Order": hoster.Order{}, "OrderItem": hoster.OrderItem{},
	"Domain": hoster.Domain{}, "DomainContacts": hoster.DomainContacts{}, "DomainContactsChoice": hoster.DomainContacts{},
	"DomainPrices": hoster.DomainPrices{}, "Availability": hoster.Availability{}, "DomainRegistration": hoster.DomainRegistrationOrder{},
	"DomainRenewal": hoster.DomainRenewalOrder{}, "DomainTransferOrder": hoster.DomainTransferOrder{}, "DomainUpdate": hoster.DomainUpdate{},
	"Nameservers": hoster.Nameservers{}, "AuthCode": hoster.AuthCode{}, "Transfer": hoster.Transfer{},
	"DomainPurchase": hoster.DomainPurchase{}, "TransferPurchase": hoster.TransferPurchase{}, "ServicePurchase": hoster.HostingPurchase{},
	"Record": hoster.Record{}, "RecordCreate": hoster.RecordCreate{}, "RecordUpdate": hoster.RecordUpdate{},
	"RecordBatchUpdate": hoster.BatchUpdate{}, "RecordBatch": hoster.RecordBatch{}, "RecordBatchResult": hoster.BatchResult{},
	"PlanRef": hoster.HostingPlanRef{}, "Server": hoster.HostingServer{}, "Service": hoster.HostingAccount{}, "PlanPrice": hoster.HostingPlanPrice{},
	"Plan": hoster.HostingPlan{}, "Quota": hoster.HostingQuota{}, "Usage": hoster.HostingUsage{}, "ServiceOrder": hoster.HostingOrder{},
	"ServiceRenewal": hoster.HostingRenewalOrder{}, "ServiceUpgrade": hoster.HostingUpgradeOrder{}, "ServiceCancellation": hoster.HostingCancellation{},
	"ServicePasswordChange": hoster.HostingPassword{}, "ServicePassword": hoster.HostingPassword{}, "LoginLink": hoster.HostingLoginLink{},
	"Token": hoster.Token{}, "TokenCreate": hoster.TokenCreate{}, "CreatedToken": hoster.CreatedToken{},
}

// withoutType are objects that the SDK has no type for, and why.
var withoutType = map[string]string{
	"DomainSummary": "a Domain of which a list fills a part", "ServiceSummary": "a Service of which a list fills a part",
	"NameserversUpdate": "a parameter of SetNameservers", "Error": "decoded by hand", "Meta": "becomes a Page", "Pagination": "becomes a Page",
}

// TestFieldsAgree compares the members of every object of the document with the
// fields of the SDK's type, by name and by what they hold.
func TestFieldsAgree(t *testing.T) {
	for name, schema := range loadDocument(t).Components.Schemas {
		document := members(schema, name)
		if len(document) == 0 {
			continue
		}
		value, ok := sdkTypes[name]
		if !ok {
			if withoutType[name] == "" {
				t.Errorf("%s has no type of the SDK", name)
			}
			continue
		}
		sdk := jsonFields(reflect.TypeOf(value))
		for _, member := range slices.Sorted(maps.Keys(document)) {
			field, ok := sdk[member]
			if !ok {
				t.Errorf("%T has no field %s", value, member)
				continue
			}
			if have, want := kindOf(field), typeOf(document[member].schema); have != want {
				t.Errorf("%T: %s holds %s, the document says %s", value, member, have, want)
			}
			delete(sdk, member)
		}
		for member := range sdk {
			t.Errorf("%T has a field %s that the document does not name", value, member)
		}
	}
}

// jsonFields are the members that encoding/json would write, by name.
func jsonFields(typ reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			maps.Copy(fields, jsonFields(field.Type))
		case name != "-" && field.IsExported():
			fields[name] = field.Type
		}
	}
	return fields
}

// kindOf is the JSON type that a Go type becomes.
func kindOf(typ reflect.Type) string {
	if get, ok := typ.MethodByName("Get"); ok && get.Type.NumOut() == 2 { // Opt
		return kindOf(get.Type.Out(0))
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return kindOf(typ.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	case reflect.Struct:
		if typ.String() == "time.Time" || typ == reflect.TypeFor[hoster.Secret]() || typ == reflect.TypeFor[hoster.Amount]() {
			return "string"
		}
		return "object"
	default:
		return "integer"
	}
}

// typeOf is the JSON type that a schema describes, null aside.
func typeOf(schema *openapi3.SchemaRef) string {
	for _, part := range parts(schema) {
		for _, name := range part.Value.Type.Slice() {
			if name != "null" {
				return name
			}
		}
	}
	return ""
}
