package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// basePath is where every path of the API begins.
const basePath = "/v1"

// Route is one operation as a client sees it.
type Route struct {
	Operation string // its name, such as "DNS.Create"
	Method    string
	Template  string // its path below /v1, such as "/domains/{domain}/dns/records/{id}"
	Scope     string // "" where a valid token is enough
	Mark      string // the contract's: "D" documented, "C" by its reading, "X" extension
}

// route is a Route and how it is answered.
type route struct {
	Route
	handle  func(*call) *answer
	body    bodyRule
	perPage int                          // the largest page of a list; 0 for anything else
	filters []filter                     // of a list
	admits  func(*State, *exchange) bool // lets a token in that lacks Scope; nil: none
	feature Feature                      // the part of the API that it belongs to, if a brand may lack that

	segments []string // of Template
	lacking  bool     // the brand has nothing at this path
}

// table lists the operations; where a fixed word and a parameter share a place,
// the fixed word stands first.
func table() []*route {
	return []*route{
		{Route: Route{"Account.Profile", http.MethodGet, "/account/profile", "account:read", "D"}, handle: getProfile},
		{Route: Route{"Account.UpdateProfile", http.MethodPatch, "/account/profile", "account:write", "C"}, handle: updateProfile, body: bodyRequired},
		{Route: Route{"Contacts.List", http.MethodGet, "/account/contacts", "account:read", "C"}, handle: listContacts, perPage: 100},
		{Route: Route{"Contacts.Create", http.MethodPost, "/account/contacts", "account:write", "C"}, handle: createContact, body: bodyRequired},
		{Route: Route{"Contacts.Get", http.MethodGet, "/account/contacts/{id}", "account:read", "C"}, handle: getContact},
		{Route: Route{"Contacts.Update", http.MethodPatch, "/account/contacts/{id}", "account:write", "C"}, handle: updateContact, body: bodyRequired},
		{Route: Route{"Contacts.Delete", http.MethodDelete, "/account/contacts/{id}", "account:write", "C"}, handle: deleteContact},
		{Route: Route{"Invoices.List", http.MethodGet, "/account/invoices", "account:read", "D"}, handle: listInvoices, perPage: 100, filters: invoiceFilters},
		{Route: Route{"Invoices.Get", http.MethodGet, "/account/invoices/{id}", "account:read", "D"}, handle: getInvoice},
		{Route: Route{"Invoices.PDF", http.MethodGet, "/account/invoices/{id}/pdf", "account:read", "C"}, handle: getInvoicePDF},

		{Route: Route{"Orders.List", http.MethodGet, "/orders", "account:read", "C"}, handle: listOrders, perPage: 100, filters: orderFilters, admits: readsOrders},
		{Route: Route{"Orders.Get", http.MethodGet, "/orders/{id}", "account:read", "C"}, handle: getOrder, admits: readsOrders},

		{Route: Route{"Domains.List", http.MethodGet, "/domains", "domains:read", "D"}, handle: listDomains, perPage: 100, filters: domainFilters},
		{Route: Route{"Domains.Availability", http.MethodGet, "/domains/availability", "domains:read", "C"}, handle: checkAvailability},
		{Route: Route{"Domains.Register", http.MethodPost, "/domains", "domains:write", "C"}, handle: registerDomain, body: bodyRequired},
		{Route: Route{"Domains.Renew", http.MethodPost, "/domains/{domain}/renew", "domains:write", "C"}, handle: renewDomain, body: bodyRequired},
		{Route: Route{"Domains.Transfer", http.MethodPost, "/domains/transfers", "domains:write", "C"}, handle: transferDomain, body: bodyRequired},
		{Route: Route{"Domains.TransferStatus", http.MethodGet, "/domains/{domain}/transfer", "domains:read", "C"}, handle: getTransfer},
		{Route: Route{"Domains.Get", http.MethodGet, "/domains/{domain}", "domains:read", "C"}, handle: getDomain},
		{Route: Route{"Domains.Update", http.MethodPatch, "/domains/{domain}", "domains:write", "C"}, handle: updateDomain, body: bodyRequired},
		{Route: Route{"Domains.Nameservers", http.MethodGet, "/domains/{domain}/nameservers", "domains:read", "C"}, handle: getNameservers},
		{Route: Route{"Domains.SetNameservers", http.MethodPut, "/domains/{domain}/nameservers", "domains:write", "C"}, handle: setNameservers, body: bodyRequired},
		{Route: Route{"Domains.Contacts", http.MethodGet, "/domains/{domain}/contacts", "domains:read", "C"}, handle: getDomainContacts},
		{Route: Route{"Domains.SetContacts", http.MethodPut, "/domains/{domain}/contacts", "domains:write", "C"}, handle: setDomainContacts, body: bodyRequired},
		{Route: Route{"Domains.AuthCode", http.MethodPost, "/domains/{domain}/auth-code", "domains:write", "C"}, handle: createAuthCode},

		{Route: Route{"DNS.List", http.MethodGet, "/domains/{domain}/dns/records", "dns:read", "C"}, handle: listRecords, perPage: 1000, filters: recordFilters},
		{Route: Route{"DNS.Create", http.MethodPost, "/domains/{domain}/dns/records", "dns:write", "C"}, handle: createRecord, body: bodyRequired},
		{Route: Route{"DNS.Batch", http.MethodPost, "/domains/{domain}/dns/records/batch", "dns:write", "X"}, handle: batchRecords, body: bodyRequired, feature: Batch},
		{Route: Route{"DNS.Get", http.MethodGet, "/domains/{domain}/dns/records/{id}", "dns:read", "C"}, handle: getRecord},
		{Route: Route{"DNS.Update", http.MethodPatch, "/domains/{domain}/dns/records/{id}", "dns:write", "C"}, handle: updateRecord, body: bodyRequired},
		{Route: Route{"DNS.Delete", http.MethodDelete, "/domains/{domain}/dns/records/{id}", "dns:write", "C"}, handle: deleteRecord},

		{Route: Route{"Hosting.List", http.MethodGet, "/hosting", "hosting:read", "C"}, handle: listServices, perPage: 100, filters: serviceFilters},
		{Route: Route{"HostingPlans.List", http.MethodGet, "/hosting/plans", "hosting:read", "C"}, handle: listPlans, perPage: 100},
		{Route: Route{"Hosting.Get", http.MethodGet, "/hosting/{id}", "hosting:read", "C"}, handle: getService},
		{Route: Route{"Hosting.Usage", http.MethodGet, "/hosting/{id}/usage", "hosting:read", "C"}, handle: getUsage},
		{Route: Route{"Hosting.Provision", http.MethodPost, "/hosting", "hosting:write", "C"}, handle: provisionService, body: bodyRequired},
		{Route: Route{"Hosting.Renew", http.MethodPost, "/hosting/{id}/renew", "hosting:write", "C"}, handle: renewService, body: bodyOptional},
		{Route: Route{"Hosting.Upgrade", http.MethodPost, "/hosting/{id}/upgrade", "hosting:write", "C"}, handle: upgradeService, body: bodyRequired},
		{Route: Route{"Hosting.Cancel", http.MethodPost, "/hosting/{id}/cancel", "hosting:write", "C"}, handle: cancelService, body: bodyRequired},
		{Route: Route{"Hosting.SetPassword", http.MethodPost, "/hosting/{id}/password", "hosting:write", "C"}, handle: setPassword, body: bodyOptional},
		{Route: Route{"Hosting.LoginLink", http.MethodPost, "/hosting/{id}/login-link", "hosting:write", "C"}, handle: createLoginLink},

		{Route: Route{"Tokens.List", http.MethodGet, "/account/tokens", "account:read", "X"}, handle: listTokens, perPage: 100, feature: TokenEndpoints},
		{Route: Route{"Tokens.Create", http.MethodPost, "/account/tokens", "account:write", "X"}, handle: createToken, body: bodyRequired, feature: TokenEndpoints},
		{Route: Route{"Tokens.Current", http.MethodGet, "/account/tokens/current", "", "X"}, handle: currentToken, feature: TokenEndpoints},
		{Route: Route{"Tokens.Get", http.MethodGet, "/account/tokens/{id}", "account:read", "X"}, handle: getToken, feature: TokenEndpoints},
		{Route: Route{"Tokens.Revoke", http.MethodDelete, "/account/tokens/{id}", "account:write", "X"}, handle: revokeToken, feature: TokenEndpoints},
	}
}

// Operations returns the names of the API's operations, in the contract's order,
// those included that a server built with [Without] lacks.
func Operations() []string {
	routes := table()
	names := make([]string, 0, len(routes))
	for _, r := range routes {
		names = append(names, r.Operation)
	}
	return names
}

// mustKnow panics where the name is neither "" nor that of an operation: a fault
// that never hits, and a count that stays 0, would hide the mistake.
func mustKnow(operation string) {
	if known := Operations(); operation != "" && !slices.Contains(known, operation) {
		panic(fmt.Sprintf("sandbox: there is no operation %q; there are %s", operation, strings.Join(known, ", ")))
	}
}

// brandRoutes returns the table with a mark on what the brand lacks. A path that
// it lacks is unknown even where a parameter of another template would take it.
func brandRoutes(lacking map[Feature]bool) []*route {
	routes := table()
	for _, r := range routes {
		r.lacking = lacking[r.feature]
		r.segments = strings.Split(r.Template, "/")[1:]
	}
	return routes
}

// target is what a request's method and path lead to.
type target struct {
	route  *route            // nil where nothing answers
	params map[string]string // the path's parameters, unescaped
	allow  []string          // the methods of a path that exists without this one
}

// find looks an escaped path up. The first template that fits decides: DELETE
// of /account/tokens/current is a method that path lacks, not a token's id.
func (s *Server) find(method, escapedPath string) target {
	segments, ok := split(escapedPath)
	if !ok {
		return target{}
	}
	var t target
	template := ""
	for _, r := range s.routes {
		if template != "" && r.Template != template {
			continue
		}
		params, fits := r.match(segments)
		if !fits {
			continue
		}
		if r.lacking {
			return target{}
		}
		template = r.Template
		if r.Method == method {
			return target{route: r, params: params}
		}
		t.allow = append(t.allow, r.Method)
	}
	slices.Sort(t.allow)
	return t
}

// split cuts a path below /v1 into unescaped segments. It resolves nothing: an
// empty segment fits no template, and "..", "." or an escaped slash are text.
func split(escapedPath string) ([]string, bool) {
	rest, ok := strings.CutPrefix(escapedPath, basePath+"/")
	if !ok {
		return nil, false
	}
	segments := strings.Split(rest, "/")
	for i, segment := range segments {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain == "" {
			return nil, false
		}
		segments[i] = plain
	}
	return segments, true
}

func (r *route) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	for i, want := range r.segments {
		if want[0] != '{' && want != segments[i] {
			return nil, false
		}
	}
	var params map[string]string
	for i, want := range r.segments {
		if want[0] != '{' {
			continue
		}
		if params == nil {
			params = make(map[string]string, 2)
		}
		params[strings.Trim(want, "{}")] = segments[i]
	}
	return params, true
}
