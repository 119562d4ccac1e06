package sandbox

import (
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
	perPage int      // the largest page of a list; 0 for anything else
	filters []filter // of a list
	feature Feature  // the part of the API that it belongs to, if a brand may lack that

	segments []string // of Template
}

// table lists the operations; where a fixed word and a parameter share a place,
// the fixed word stands first.
func table() []*route {
	return []*route{
		{Route: Route{"Account.Profile", http.MethodGet, "/account/profile", "account:read", "D"}, handle: getProfile},

		{Route: Route{"Domains.List", http.MethodGet, "/domains", "domains:read", "D"}, handle: listDomains, perPage: 100, filters: domainFilters},
		{Route: Route{"Domains.Get", http.MethodGet, "/domains/{domain}", "domains:read", "C"}, handle: getDomain},

		{Route: Route{"DNS.List", http.MethodGet, "/domains/{domain}/dns/records", "dns:read", "C"}, handle: listRecords, perPage: 1000, filters: recordFilters},
		{Route: Route{"DNS.Create", http.MethodPost, "/domains/{domain}/dns/records", "dns:write", "C"}, handle: createRecord, body: bodyRequired},
		{Route: Route{"DNS.Get", http.MethodGet, "/domains/{domain}/dns/records/{id}", "dns:read", "C"}, handle: getRecord},
		{Route: Route{"DNS.Update", http.MethodPatch, "/domains/{domain}/dns/records/{id}", "dns:write", "C"}, handle: updateRecord, body: bodyRequired},
		{Route: Route{"DNS.Delete", http.MethodDelete, "/domains/{domain}/dns/records/{id}", "dns:write", "C"}, handle: deleteRecord},

		{Route: Route{"Tokens.List", http.MethodGet, "/account/tokens", "account:read", "X"}, handle: listTokens, perPage: 100, feature: TokenEndpoints},
		{Route: Route{"Tokens.Create", http.MethodPost, "/account/tokens", "account:write", "X"}, handle: createToken, body: bodyRequired, feature: TokenEndpoints},
		{Route: Route{"Tokens.Current", http.MethodGet, "/account/tokens/current", "", "X"}, handle: currentToken, feature: TokenEndpoints},
		{Route: Route{"Tokens.Get", http.MethodGet, "/account/tokens/{id}", "account:read", "X"}, handle: getToken, feature: TokenEndpoints},
		{Route: Route{"Tokens.Revoke", http.MethodDelete, "/account/tokens/{id}", "account:write", "X"}, handle: revokeToken, feature: TokenEndpoints},
	}
}

// availableRoutes returns the table without what the brand lacks.
func availableRoutes(lacking map[Feature]bool) []*route {
	routes := slices.DeleteFunc(table(), func(r *route) bool { return lacking[r.feature] })
	for _, r := range routes {
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
