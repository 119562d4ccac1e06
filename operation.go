package hoster

import (
	"net/http"
	"strings"
	"sync"

	"github.com/go-hoster/hoster/internal/route"
)

// Operation names one call of the API by its service and method, such as
// "DNS.Create". Errors, hooks, logs and the OpenAPI document use this name.
type Operation string

// Replay says on what grounds a call may be sent a second time. Every
// operation of the SDK has its own; a [CallSpec] chooses one.
type Replay uint8

const (
	// ReplayOnEvidence repeats a call only when the first one provably was not
	// processed, or under an idempotency key that the provider is known to
	// honour. Proof is that it was never sent, or an answer of the API itself, not of
	// a proxy: 429, 503 with SERVICE_UNAVAILABLE and Retry-After, or a 401 after which
	// there is another token. It is the zero value, and right for everything that
	// creates, changes or buys.
	ReplayOnEvidence Replay = iota
	// ReplayHarmless repeats a PUT or DELETE that leads to the same state
	// however often it runs. A 404 that answers a repeated DELETE is success.
	ReplayHarmless
	// ReplayAlways repeats a call that only reads.
	ReplayAlways
)

// absence says which answers to an extension mean that this provider lacks it.
type absence uint8

const (
	neverAbsent  absence = iota // documented: every provider has it
	absentUnless                // 405, 501, or a 404 that is not the API's own NOT_FOUND
	absentAny404                // those, and any 404: the path names no object that could be missing
)

// operation is a row of the table: an API call as data. Methods, retries,
// error hints, logs, scope reports and the tests of the wire all read it, and
// nothing else in the package knows a path.
type operation struct {
	name   Operation
	method string
	path   string // template below the base URL
	scope  Scope  // "" where a valid token is enough
	replay Replay

	buys      bool    // places an order that costs money
	mints     bool    // makes a secret that is shown once
	versioned bool    // a list whose pages carry the version of the whole as ETag
	perPage   int     // the largest page of a list; 0 for other calls
	ifMatch   bool    // takes If-Match
	lacking   absence // extensions: how a provider says that it has none
	noData    bool    // the answer carries nothing to decode
	foreign   bool    // a call of the caller's own, not a row of the table
	lookUp    string  // writes: how to find out what became of one whose answer was lost
}

// The operations of the API, in the order of its document. They are variables, so
// that a misspelt one does not compile. Nothing changes them.
var (
	opAccountProfile       = &operation{name: "Account.Profile", method: http.MethodGet, path: "/account/profile", scope: ScopeAccountRead, replay: ReplayAlways}
	opAccountUpdateProfile = &operation{name: "Account.UpdateProfile", method: http.MethodPatch, path: "/account/profile", scope: ScopeAccountWrite, ifMatch: true,
		lookUp: "Account.Profile"}

	opContactsList   = &operation{name: "Contacts.List", method: http.MethodGet, path: "/account/contacts", scope: ScopeAccountRead, replay: ReplayAlways, perPage: 100}
	opContactsCreate = &operation{name: "Contacts.Create", method: http.MethodPost, path: "/account/contacts", scope: ScopeAccountWrite,
		lookUp: "Contacts.List, by name and email"}
	opContactsGet    = &operation{name: "Contacts.Get", method: http.MethodGet, path: "/account/contacts/{id}", scope: ScopeAccountRead, replay: ReplayAlways}
	opContactsUpdate = &operation{name: "Contacts.Update", method: http.MethodPatch, path: "/account/contacts/{id}", scope: ScopeAccountWrite, ifMatch: true,
		lookUp: "Contacts.Get with the contact's id"}
	opContactsDelete = &operation{name: "Contacts.Delete", method: http.MethodDelete, path: "/account/contacts/{id}", scope: ScopeAccountWrite, replay: ReplayHarmless, ifMatch: true, noData: true,
		lookUp: "Contacts.Get with the contact's id: not found means deleted"}

	opInvoicesList = &operation{name: "Invoices.List", method: http.MethodGet, path: "/account/invoices", scope: ScopeAccountRead, replay: ReplayAlways, perPage: 100}
	opInvoicesGet  = &operation{name: "Invoices.Get", method: http.MethodGet, path: "/account/invoices/{id}", scope: ScopeAccountRead, replay: ReplayAlways}
	opInvoicesPDF  = &operation{name: "Invoices.PDF", method: http.MethodGet, path: "/account/invoices/{id}/pdf", scope: ScopeAccountRead, replay: ReplayAlways}

	opOrdersList = &operation{name: "Orders.List", method: http.MethodGet, path: "/orders", scope: ScopeAccountRead, replay: ReplayAlways, perPage: 100}
	opOrdersGet  = &operation{name: "Orders.Get", method: http.MethodGet, path: "/orders/{id}", scope: ScopeAccountRead, replay: ReplayAlways}

	opDomainsList         = &operation{name: "Domains.List", method: http.MethodGet, path: "/domains", scope: ScopeDomainsRead, replay: ReplayAlways, perPage: 100}
	opDomainsGet          = &operation{name: "Domains.Get", method: http.MethodGet, path: "/domains/{domain}", scope: ScopeDomainsRead, replay: ReplayAlways}
	opDomainsAvailability = &operation{name: "Domains.Availability", method: http.MethodGet, path: "/domains/availability", scope: ScopeDomainsRead, replay: ReplayAlways}
	opDomainsRegister     = &operation{name: "Domains.Register", method: http.MethodPost, path: "/domains", scope: ScopeDomainsWrite, buys: true,
		lookUp: "Domains.Get with the name, and Orders.List for an order of it"}
	opDomainsRenew = &operation{name: "Domains.Renew", method: http.MethodPost, path: "/domains/{domain}/renew", scope: ScopeDomainsWrite, buys: true,
		lookUp: "Orders.List, for a pending renewal of the domain"}
	opDomainsTransfer = &operation{name: "Domains.Transfer", method: http.MethodPost, path: "/domains/transfers", scope: ScopeDomainsWrite, buys: true,
		lookUp: "Domains.TransferStatus with the name"}
	opDomainsTransferStatus = &operation{name: "Domains.TransferStatus", method: http.MethodGet, path: "/domains/{domain}/transfer", scope: ScopeDomainsRead, replay: ReplayAlways}
	opDomainsUpdate         = &operation{name: "Domains.Update", method: http.MethodPatch, path: "/domains/{domain}", scope: ScopeDomainsWrite, ifMatch: true,
		lookUp: "Domains.Get with the name"}
	opDomainsNameservers    = &operation{name: "Domains.Nameservers", method: http.MethodGet, path: "/domains/{domain}/nameservers", scope: ScopeDomainsRead, replay: ReplayAlways}
	opDomainsSetNameservers = &operation{name: "Domains.SetNameservers", method: http.MethodPut, path: "/domains/{domain}/nameservers", scope: ScopeDomainsWrite, replay: ReplayHarmless, ifMatch: true,
		lookUp: "Domains.Nameservers with the name"}
	opDomainsContacts    = &operation{name: "Domains.Contacts", method: http.MethodGet, path: "/domains/{domain}/contacts", scope: ScopeDomainsRead, replay: ReplayAlways}
	opDomainsSetContacts = &operation{name: "Domains.SetContacts", method: http.MethodPut, path: "/domains/{domain}/contacts", scope: ScopeDomainsWrite, replay: ReplayHarmless, ifMatch: true,
		lookUp: "Domains.Contacts with the name"}
	opDomainsAuthCode = &operation{name: "Domains.AuthCode", method: http.MethodPost, path: "/domains/{domain}/auth-code", scope: ScopeDomainsWrite, mints: true,
		lookUp: "Domains.AuthCode again, which gives a code that is valid"}

	opDNSList   = &operation{name: "DNS.List", method: http.MethodGet, path: "/domains/{domain}/dns/records", scope: ScopeDNSRead, replay: ReplayAlways, perPage: 1000, versioned: true}
	opDNSGet    = &operation{name: "DNS.Get", method: http.MethodGet, path: "/domains/{domain}/dns/records/{id}", scope: ScopeDNSRead, replay: ReplayAlways}
	opDNSCreate = &operation{name: "DNS.Create", method: http.MethodPost, path: "/domains/{domain}/dns/records", scope: ScopeDNSWrite, ifMatch: true,
		lookUp: "DNS.List with the record's type and name, and compare values"}
	opDNSUpdate = &operation{name: "DNS.Update", method: http.MethodPatch, path: "/domains/{domain}/dns/records/{id}", scope: ScopeDNSWrite, ifMatch: true,
		lookUp: "DNS.List with the record's type and name: its id may have changed"}
	opDNSDelete = &operation{name: "DNS.Delete", method: http.MethodDelete, path: "/domains/{domain}/dns/records/{id}", scope: ScopeDNSWrite, replay: ReplayHarmless, ifMatch: true, noData: true,
		lookUp: "DNS.Get with the record's id: not found means deleted"}
	opDNSBatch = &operation{name: "DNS.Batch", method: http.MethodPost, path: "/domains/{domain}/dns/records/batch", scope: ScopeDNSWrite, ifMatch: true, lacking: absentUnless,
		lookUp: "DNS.List: all of the batch was done, or nothing"}

	opHostingList      = &operation{name: "Hosting.List", method: http.MethodGet, path: "/hosting", scope: ScopeHostingRead, replay: ReplayAlways, perPage: 100}
	opHostingGet       = &operation{name: "Hosting.Get", method: http.MethodGet, path: "/hosting/{id}", scope: ScopeHostingRead, replay: ReplayAlways}
	opHostingUsage     = &operation{name: "Hosting.Usage", method: http.MethodGet, path: "/hosting/{id}/usage", scope: ScopeHostingRead, replay: ReplayAlways}
	opHostingProvision = &operation{name: "Hosting.Provision", method: http.MethodPost, path: "/hosting", scope: ScopeHostingWrite, buys: true,
		lookUp: "Orders.List, for a pending order of the plan, and Hosting.List"}
	opHostingRenew = &operation{name: "Hosting.Renew", method: http.MethodPost, path: "/hosting/{id}/renew", scope: ScopeHostingWrite, buys: true,
		lookUp: "Orders.List, for a pending renewal of the service"}
	opHostingUpgrade = &operation{name: "Hosting.Upgrade", method: http.MethodPost, path: "/hosting/{id}/upgrade", scope: ScopeHostingWrite, buys: true,
		lookUp: "Orders.List, for a pending upgrade of the service"}
	opHostingCancel = &operation{name: "Hosting.Cancel", method: http.MethodPost, path: "/hosting/{id}/cancel", scope: ScopeHostingWrite,
		lookUp: "Hosting.Get with the service's id"}
	opHostingSetPassword = &operation{name: "Hosting.SetPassword", method: http.MethodPost, path: "/hosting/{id}/password", scope: ScopeHostingWrite, mints: true,
		lookUp: "a sign-in, or set it again"}
	opHostingLoginLink = &operation{name: "Hosting.LoginLink", method: http.MethodPost, path: "/hosting/{id}/login-link", scope: ScopeHostingWrite, mints: true,
		lookUp: "Hosting.LoginLink again: a link that was lost expires by itself"}

	opHostingPlansList = &operation{name: "HostingPlans.List", method: http.MethodGet, path: "/hosting/plans", scope: ScopeHostingRead, replay: ReplayAlways, perPage: 100}

	opTokensList    = &operation{name: "Tokens.List", method: http.MethodGet, path: "/account/tokens", scope: ScopeAccountRead, replay: ReplayAlways, perPage: 100, lacking: absentAny404}
	opTokensGet     = &operation{name: "Tokens.Get", method: http.MethodGet, path: "/account/tokens/{id}", scope: ScopeAccountRead, replay: ReplayAlways, lacking: absentUnless}
	opTokensCurrent = &operation{name: "Tokens.Current", method: http.MethodGet, path: "/account/tokens/current", replay: ReplayAlways, lacking: absentAny404}
	opTokensCreate  = &operation{name: "Tokens.Create", method: http.MethodPost, path: "/account/tokens", scope: ScopeAccountWrite, mints: true, lacking: absentAny404,
		lookUp: "Tokens.List, by name: revoke a token that was made but whose secret was lost"}
	opTokensRevoke = &operation{name: "Tokens.Revoke", method: http.MethodDelete, path: "/account/tokens/{id}", scope: ScopeAccountWrite, replay: ReplayHarmless, lacking: absentUnless, ifMatch: true, noData: true,
		lookUp: "Tokens.Get with the token's id, and its status"}
)

// table is every operation. Tests walk it, so that none escapes a rule.
var table = []*operation{
	opAccountProfile, opAccountUpdateProfile,
	opContactsList, opContactsCreate, opContactsGet, opContactsUpdate, opContactsDelete,
	opInvoicesList, opInvoicesGet, opInvoicesPDF,
	opOrdersList, opOrdersGet,
	opDomainsList, opDomainsGet, opDomainsAvailability, opDomainsRegister, opDomainsRenew, opDomainsTransfer,
	opDomainsTransferStatus, opDomainsUpdate, opDomainsNameservers, opDomainsSetNameservers,
	opDomainsContacts, opDomainsSetContacts, opDomainsAuthCode,
	opDNSList, opDNSGet, opDNSCreate, opDNSUpdate, opDNSDelete, opDNSBatch,
	opHostingList, opHostingGet, opHostingUsage, opHostingProvision, opHostingRenew, opHostingUpgrade,
	opHostingCancel, opHostingSetPassword, opHostingLoginLink,
	opHostingPlansList,
	opTokensList, opTokensGet, opTokensCurrent, opTokensCreate, opTokensRevoke,
}

// verbs are the methods that make calls of other methods, and which.
var verbs = map[Operation][]*operation{
	"DNS.Find":         {opDNSList},
	"DNS.Zones":        {opDomainsList},
	"DNS.ZoneOf":       {opDomainsList},
	"DNS.Snapshot":     {opDNSList},
	"DNS.PlanZone":     {opDNSList},
	"DNS.Apply":        zoneWrites,
	"DNS.AppendValues": zoneWrites,
	"DNS.RemoveValues": zoneWrites,
	"DNS.ReplaceSet":   zoneWrites,
	"DNS.CreateSet":    zoneWrites,
	"DNS.DeleteSet":    zoneWrites,
	"DNS.EditSets":     zoneWrites,
	"DNS.Writer":       zoneWrites,

	"Domains.WaitTransfer":    {opDomainsTransferStatus},
	"Domains.WaitNameservers": {opDomainsNameservers},
	"Hosting.Wait":            {opHostingGet},
	"Orders.Wait":             {opOrdersGet},
	"Tokens.RevokeAny":        {opTokensRevoke},

	"Domains.EnsureRegistered":  {opDomainsGet, opOrdersList, opOrdersGet, opDomainsRegister},
	"Domains.EnsureRenewed":     {opDomainsGet, opOrdersList, opOrdersGet, opDomainsRenew},
	"Domains.EnsureTransferred": {opDomainsGet, opOrdersList, opOrdersGet, opDomainsTransfer},
	"Hosting.EnsureProvisioned": {opHostingList, opHostingGet, opOrdersList, opOrdersGet, opHostingProvision},
	"Hosting.EnsureRenewed":     {opHostingGet, opOrdersList, opOrdersGet, opHostingRenew},

	"Domains.Register" + withCheck:  {opDomainsAvailability, opDomainsRegister},
	"Domains.Renew" + withCheck:     {opDomainsAvailability, opDomainsRenew},
	"Domains.Transfer" + withCheck:  {opDomainsAvailability, opDomainsTransfer},
	"Hosting.Provision" + withCheck: {opHostingPlansList, opHostingProvision},
}

var zoneWrites = []*operation{opDNSList, opDNSCreate, opDNSUpdate, opDNSDelete, opDNSBatch}

// withCheck names a purchase whose order has CheckPrice.
const withCheck = " with CheckPrice"

// callsOf are the rows that a method uses, nil if there is no such method.
func callsOf(method Operation) []*operation {
	if calls, ok := verbs[method]; ok {
		return calls
	}
	service, name, _ := strings.Cut(string(method), ".")
	if name == "All" || name == "ListPage" {
		method = Operation(service + ".List")
	}
	if op := byName()[method]; op != nil {
		return []*operation{op}
	}
	return nil
}

// byName finds a row. The index is built when it is first asked for.
var byName = sync.OnceValue(func() map[Operation]*operation {
	index := make(map[Operation]*operation, len(table))
	for _, op := range table {
		index[op.name] = op
	}
	return index
})

// templates are the paths of the table, taken apart at the first call.
var templates = sync.OnceValue(func() map[*operation]route.Template {
	var paths []string
	for _, op := range table {
		paths = append(paths, op.path)
	}
	words := route.WordsOf(paths)
	parts := make(map[*operation]route.Template, len(table))
	for _, op := range table {
		parts[op] = route.New(op.path, words)
	}
	return parts
})

// template is the path of the operation, taken apart.
func (op *operation) template() route.Template {
	if op.foreign {
		return route.New(op.path, nil)
	}
	return templates()[op]
}

func (op *operation) isWrite() bool { return op.replay != ReplayAlways }

// OperationInfo is what the operation table says of a call.
type OperationInfo struct {
	Name   Operation
	Method string
	Path   string // template below the base URL
	Scope  Scope  // empty where a valid token is enough
	Replay Replay
	Buys   bool // places an order that costs money
}

// Operations lists every call of this package, for tools that compare it with
// a document or a server.
func Operations() []OperationInfo {
	all := make([]OperationInfo, len(table))
	for i, op := range table {
		all[i] = OperationInfo{op.name, op.method, op.path, op.scope, op.replay, op.buys}
	}
	return all
}
