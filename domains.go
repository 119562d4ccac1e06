package hoster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/tokens"
)

// DomainsService reads, buys and manages domains. A domain is addressed by its
// name, in Unicode or as A-labels, in any case, with or without the final dot.
type DomainsService struct{ service }

// List returns all domains that match, over all pages, by name. It needs
// [ScopeDomainsRead]. Errors of the walk itself match [ErrPagination].
func (s *DomainsService) List(ctx context.Context, options *DomainListOptions, opts ...CallOption) ([]Domain, error) {
	return list[Domain](ctx, s.client, opDomainsList, request{query: options}, opts)
}

// All walks the domains that match, page by page. It needs [ScopeDomainsRead].
// An error ends the walk and comes as the second variable; what came before it is
// good.
func (s *DomainsService) All(ctx context.Context, options *DomainListOptions, opts ...CallOption) iter.Seq2[Domain, error] {
	return listAll[Domain](ctx, s.client, opDomainsList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeDomainsRead].
func (s *DomainsService) ListPage(ctx context.Context, options *DomainListOptions, opts ...CallOption) (Page[Domain], error) {
	return listPage[Domain](ctx, s.client, opDomainsList, request{query: options}, opts)
}

// Get returns one domain with all of its fields. It needs [ScopeDomainsRead].
// A domain that is not in the account matches [ErrNotFound].
func (s *DomainsService) Get(ctx context.Context, domain string, opts ...CallOption) (Domain, error) {
	return do[Domain](ctx, s.client, opDomainsGet, request{path: []string{domain}}, opts)
}

// Availability says of 1 to 50 names whether they can be registered, and at
// which prices for a year. It needs [ScopeDomainsRead].
func (s *DomainsService) Availability(ctx context.Context, domains []string, opts ...CallOption) ([]Availability, error) {
	return do[[]Availability](ctx, s.client, opDomainsAvailability, request{query: availabilityQuery{domains}}, opts)
}

// Register orders a domain. It buys: see [Purchase] for what happens next and for
// when it is repeated. It needs [ScopeDomainsWrite], with CheckPrice also
// [ScopeDomainsRead]. A name that is taken matches [ErrConflict] with
// [ErrorCodeDomainUnavailable], a price above MaxPrice [ErrPriceChanged], and an
// account with an overdue invoice [ErrPaymentRequired].
//
// After an error that matches [ErrOutcomeUnknown] look by [Settle] for the domain and
// its order before you try again; [DomainsService.EnsureRegistered] does.
func (s *DomainsService) Register(ctx context.Context, order DomainRegistrationOrder, opts ...CallOption) (DomainPurchase, error) {
	check := s.priceOf(order.CheckPrice, priceCheck{opDomainsRegister.name, order.Domain, order.MaxPrice, order.Currency, order.Years}, func(p DomainPrices) *Amount { return p.Register })
	return buy[DomainPurchase](ctx, s.client, opDomainsRegister, request{body: order}, opts, check)
}

// Renew orders more years for a domain that is active, expired or in
// redemption. It buys: see [Purchase]. It needs [ScopeDomainsWrite], with CheckPrice
// also [ScopeDomainsRead]. A renewal that is still unpaid matches [ErrConflict].
func (s *DomainsService) Renew(ctx context.Context, domain string, renewal DomainRenewalOrder, opts ...CallOption) (DomainPurchase, error) {
	check := s.priceOf(renewal.CheckPrice, priceCheck{opDomainsRenew.name, domain, renewal.MaxPrice, renewal.Currency, renewal.Years}, func(p DomainPrices) *Amount { return p.Renew })
	return buy[DomainPurchase](ctx, s.client, opDomainsRenew, request{path: []string{domain}, body: renewal}, opts, check)
}

// Transfer orders the transfer of a domain from another provider, with its auth
// code. It buys: see [Purchase]. It needs [ScopeDomainsWrite], with CheckPrice also
// [ScopeDomainsRead]. The domain is listed as pending_transfer at once;
// [DomainsService.TransferStatus] tells how far it is.
func (s *DomainsService) Transfer(ctx context.Context, order DomainTransferOrder, opts ...CallOption) (TransferPurchase, error) {
	check := s.priceOf(order.CheckPrice, priceCheck{opDomainsTransfer.name, order.Domain, order.MaxPrice, order.Currency, 1}, func(p DomainPrices) *Amount { return p.Transfer })
	return buy[TransferPurchase](ctx, s.client, opDomainsTransfer, request{body: order}, opts, check)
}

// TransferStatus tells how far a transfer is. It needs [ScopeDomainsRead].
func (s *DomainsService) TransferStatus(ctx context.Context, domain string, opts ...CallOption) (Transfer, error) {
	return do[Transfer](ctx, s.client, opDomainsTransferStatus, request{path: []string{domain}}, opts)
}

// Update changes the settings that are set. It needs [ScopeDomainsWrite].
func (s *DomainsService) Update(ctx context.Context, domain string, change DomainUpdate, opts ...CallOption) (Domain, error) {
	return do[Domain](ctx, s.client, opDomainsUpdate, request{path: []string{domain}, body: change}, opts)
}

// Nameservers returns the domain's nameservers. It needs [ScopeDomainsRead].
func (s *DomainsService) Nameservers(ctx context.Context, domain string, opts ...CallOption) (Nameservers, error) {
	return do[Nameservers](ctx, s.client, opDomainsNameservers, request{path: []string{domain}}, opts)
}

// SetNameservers replaces the domain's nameservers with 2 to 13 others. It
// needs [ScopeDomainsWrite]. The change may take its time: see ChangeStatus.
// On other nameservers than the provider's own, records here have no effect and
// cannot be changed.
func (s *DomainsService) SetNameservers(ctx context.Context, domain string, nameservers []string, opts ...CallOption) (Nameservers, error) {
	return do[Nameservers](ctx, s.client, opDomainsSetNameservers, request{path: []string{domain}, body: nameserverList{nameservers}}, opts)
}

// Contacts returns the domain's contacts. It needs [ScopeDomainsRead].
func (s *DomainsService) Contacts(ctx context.Context, domain string, opts ...CallOption) (DomainContacts, error) {
	return do[DomainContacts](ctx, s.client, opDomainsContacts, request{path: []string{domain}}, opts)
}

// SetContacts replaces the domain's contacts, all four of them. It needs
// [ScopeDomainsWrite].
func (s *DomainsService) SetContacts(ctx context.Context, domain string, contacts DomainContacts, opts ...CallOption) (DomainContacts, error) {
	return do[DomainContacts](ctx, s.client, opDomainsSetContacts, request{path: []string{domain}, body: contacts}, opts)
}

// AuthCode has the code made with which the domain can be transferred away,
// and returns it or has it sent by email. It needs [ScopeDomainsWrite]. A domain
// that is locked, expired, or younger than 60 days matches [ErrConflict] with
// [ErrorCodeDomainStateProhibits]: this call never unlocks it.
func (s *DomainsService) AuthCode(ctx context.Context, domain string, opts ...CallOption) (AuthCode, error) {
	return do[AuthCode](ctx, s.client, opDomainsAuthCode, request{path: []string{domain}}, opts)
}

// DomainStatus is the state of a domain.
type DomainStatus string

// Known values; new ones can appear.
const (
	DomainStatusActive          DomainStatus = "active"
	DomainStatusPending         DomainStatus = "pending"
	DomainStatusPendingTransfer DomainStatus = "pending_transfer"
	DomainStatusExpired         DomainStatus = "expired"
	DomainStatusRedemption      DomainStatus = "redemption"
	DomainStatusPendingDelete   DomainStatus = "pending_delete"
	DomainStatusTransferredAway DomainStatus = "transferred_away"
	DomainStatusCancelled       DomainStatus = "cancelled"
)

// Domain is a domain of the account. A list fills the fields up to
// Nameservers; the others come with Get and with changes.
type Domain struct {
	ID           string       `json:"id"`                                  // inside the API; calls take the name
	Name         string       `json:"name" read:"required" canon:"domain"` // lower-case A-labels
	Status       DomainStatus `json:"status"`
	RegisteredAt *time.Time   `json:"registered_at"`
	ExpiresAt    *time.Time   `json:"expires_at"`
	AutoRenew    bool         `json:"auto_renew"`
	Locked       bool         `json:"locked"` // against transfer
	Nameservers  []string     `json:"nameservers" canon:"host"`

	WhoisPrivacy    bool            `json:"whois_privacy"`
	UsesProviderDNS bool            `json:"uses_provider_dns"`
	Contacts        *DomainContacts `json:"contacts"`
	CreatedAt       time.Time       `json:"created_at"`
	UpdatedAt       time.Time       `json:"updated_at"`
}

// key is the domain's id, or its name where it has none: a name that was lost
// and registered again can stand in a list twice.
func (d Domain) key() string {
	if d.ID != "" {
		return d.ID
	}
	return d.Name
}

// DomainContacts are the contacts of a domain in their roles. In a registration
// roles that are left out follow the registrant; SetContacts needs all four.
type DomainContacts struct {
	Registrant ContactID `json:"registrant"`
	Admin      ContactID `json:"admin,omitempty"`
	Tech       ContactID `json:"tech,omitempty"`
	Billing    ContactID `json:"billing,omitempty"`
}

// prepare is asked when the contacts are a request of their own.
func (c DomainContacts) prepare(op Operation, _ string) (any, error) {
	for _, role := range []struct {
		name string
		id   ContactID
	}{{"registrant", c.Registrant}, {"admin", c.Admin}, {"tech", c.Tech}, {"billing", c.Billing}} {
		if role.id == "" {
			return nil, &ArgumentError{Operation: op, Field: role.name, Expected: "a contact's id: all four roles are replaced"}
		}
	}
	return c, nil
}

// DomainListOptions filter a list of domains. The zero value lists all.
type DomainListOptions struct {
	Status        DomainStatus   `url:"status,omitempty"`
	Search        string         `url:"search,omitempty" canon:"search"` // in the name
	AutoRenew     Opt[bool]      `url:"auto_renew,omitempty"`
	ExpiresBefore Opt[time.Time] `url:"expires_before,omitempty"`

	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}

// Availability is what can be said of a name before it is bought.
type Availability struct {
	Domain    string        `json:"domain" read:"required" canon:"domain"`
	Available bool          `json:"available"`
	Premium   bool          `json:"premium"`                   // with prices of its own
	Prices    *DomainPrices `json:"prices"`                    // nil where the name cannot be had
	Currency  string        `json:"currency" canon:"currency"` // ISO 4217
	Reason    string        `json:"reason"`                    // why it is not available
}

// DomainPrices are prices for one year. Nil is a price that the provider does
// not name.
type DomainPrices struct {
	Register *Amount `json:"register"`
	Renew    *Amount `json:"renew"`
	Transfer *Amount `json:"transfer"`
}

// availabilityQuery repeats its parameter for each name.
type availabilityQuery struct {
	Domain []string `url:"domain"`
}

func (q availabilityQuery) prepare(op Operation, _ string) (any, error) {
	if n := len(q.Domain); n < 1 || n > 50 {
		return nil, &ArgumentError{Operation: op, Field: "domains", Expected: "1 to 50 names"}
	}
	names := make([]string, len(q.Domain))
	for i, domain := range q.Domain {
		name, err := canonicalDomain(op, fmt.Sprintf("domains.%d", i), domain)
		if err != nil {
			return nil, err
		}
		names[i] = name
	}
	return availabilityQuery{names}, nil
}

func canonicalDomain(op Operation, field, domain string) (string, error) {
	name, err := dnszone.ParseDomain(domain)
	if err != nil {
		return "", &ArgumentError{Operation: op, Field: field, Expected: "a domain name such as example.com", err: err}
	}
	return name, nil
}

// DomainRegistrationOrder orders a new domain. MaxPrice is the most that the order
// may cost before tax: a higher price is refused and nothing is ordered. With
// CheckPrice the price is looked up and held to MaxPrice first, by a call of
// Availability: for providers that ignore MaxPrice. Currency is that of MaxPrice: the
// API compares numbers only, so it needs CheckPrice, and a price in another currency is
// refused as one that is too high.
type DomainRegistrationOrder struct {
	Domain       string          `json:"domain"`
	Years        int             `json:"years"`                // 1 to 10
	Nameservers  []string        `json:"nameservers,omitzero"` // 2 to 13; without them the provider's own
	Contacts     *DomainContacts `json:"contacts,omitzero"`    // without them the account's
	AutoRenew    Opt[bool]       `json:"auto_renew,omitzero"`
	WhoisPrivacy Opt[bool]       `json:"whois_privacy,omitzero"`
	MaxPrice     Opt[Amount]     `json:"max_price,omitzero"`
	Currency     string          `json:"-"` // ISO 4217; without it whichever the provider charges
	CheckPrice   bool            `json:"-"`
}

func (r DomainRegistrationOrder) prepare(op Operation, _ string) (any, error) {
	var err error
	if r.Domain, err = canonicalDomain(op, "domain", r.Domain); err != nil {
		return nil, err
	}
	if r.Nameservers != nil {
		if r.Nameservers, err = canonicalNameservers(op, r.Nameservers); err != nil {
			return nil, err
		}
	}
	if r.Contacts != nil && r.Contacts.Registrant == "" {
		return nil, &ArgumentError{Operation: op, Field: "contacts.registrant", Expected: "a contact's id"}
	}
	if err := checkYears(op, r.Years); err != nil {
		return nil, err
	}
	return r, checkMaxPrice(op, r.MaxPrice, r.Currency, r.CheckPrice)
}

// DomainRenewalOrder orders more years. MaxPrice, Currency and CheckPrice
// are as in [DomainRegistrationOrder].
type DomainRenewalOrder struct {
	Years      int         `json:"years"` // 1 to 10
	MaxPrice   Opt[Amount] `json:"max_price,omitzero"`
	Currency   string      `json:"-"` // ISO 4217
	CheckPrice bool        `json:"-"`
}

func (r DomainRenewalOrder) prepare(op Operation, _ string) (any, error) {
	if err := checkYears(op, r.Years); err != nil {
		return nil, err
	}
	return r, checkMaxPrice(op, r.MaxPrice, r.Currency, r.CheckPrice)
}

// DomainTransferOrder orders a transfer from another provider. MaxPrice,
// Currency and CheckPrice are as in [DomainRegistrationOrder].
type DomainTransferOrder struct {
	Domain     string      `json:"domain"`
	AuthCode   Secret      `json:"auth_code"`
	MaxPrice   Opt[Amount] `json:"max_price,omitzero"`
	Currency   string      `json:"-"` // ISO 4217
	CheckPrice bool        `json:"-"`
}

func (t DomainTransferOrder) prepare(op Operation, _ string) (any, error) {
	var err error
	if t.Domain, err = canonicalDomain(op, "domain", t.Domain); err != nil {
		return nil, err
	}
	if t.AuthCode, err = canonicalAuthCode(op, t.AuthCode); err != nil {
		return nil, err
	}
	return t, checkMaxPrice(op, t.MaxPrice, t.Currency, t.CheckPrice)
}

// canonicalAuthCode drops the white space that copying leaves around a code. The
// error never shows the code.
func canonicalAuthCode(op Operation, given Secret) (Secret, error) {
	code := strings.TrimFunc(given.Reveal(), tokens.IsSpace)
	switch {
	case code == "":
		return Secret{}, &ArgumentError{Operation: op, Field: "auth_code", Expected: "the code from the present provider"}
	case strings.ContainsFunc(code, func(r rune) bool { return tokens.IsSpace(r) || unicode.IsControl(r) }):
		return Secret{}, &ArgumentError{Operation: op, Field: "auth_code", Expected: "one word: there is white space or a control character inside"}
	}
	return NewSecret(code), nil
}

func (t DomainTransferOrder) wire() any {
	return struct {
		Domain   string      `json:"domain"`
		AuthCode string      `json:"auth_code"`
		MaxPrice Opt[Amount] `json:"max_price,omitzero"`
	}{t.Domain, t.AuthCode.Reveal(), t.MaxPrice}
}

func checkYears(op Operation, years int) error {
	if years < 1 || years > 10 {
		return &ArgumentError{Operation: op, Field: "years", Expected: "1 to 10"}
	}
	return nil
}

// checkMaxPrice refuses a price check without a price to hold to.
func checkMaxPrice(op Operation, most Opt[Amount], currency string, checked bool) error {
	if currency != "" && (len(currency) != 3 || !checked) {
		return &ArgumentError{Operation: op, Field: "currency", Expected: "an ISO 4217 code such as USD, with CheckPrice"}
	}
	price, ok := most.Get()
	if checked && !ok || ok && price.Cmp(Amount{}) < 0 || most.IsNull() {
		return &ArgumentError{Operation: op, Field: "max_price", Expected: "the most that it may cost, 0 or more"}
	}
	return nil
}

// DomainPurchase is a [Purchase] with the domain that it is about.
type DomainPurchase struct {
	Purchase
	Domain *Domain `json:"domain"` // nil where the provider does not name it
}

// TransferPurchase is a [Purchase] with the transfer that it is about.
type TransferPurchase struct {
	Purchase
	Transfer *Transfer `json:"transfer"` // nil where the provider does not name it
}

// TransferStatus is the state of a transfer.
type TransferStatus string

// Known values; new ones can appear.
const (
	TransferStatusPendingPayment  TransferStatus = "pending_payment"
	TransferStatusPendingApproval TransferStatus = "pending_approval"
	TransferStatusInProgress      TransferStatus = "in_progress"
	TransferStatusCompleted       TransferStatus = "completed"
	TransferStatusFailed          TransferStatus = "failed"
	TransferStatusCancelled       TransferStatus = "cancelled"
)

// Transfer tells how far a transfer is.
type Transfer struct {
	Domain    string         `json:"domain" read:"required" canon:"domain"`
	Status    TransferStatus `json:"status"`
	Reason    string         `json:"reason"` // of a failure
	UpdatedAt time.Time      `json:"updated_at"`
}

// DomainUpdate changes the settings that are set.
type DomainUpdate struct {
	AutoRenew    Opt[bool] `json:"auto_renew,omitzero"`
	Locked       Opt[bool] `json:"locked,omitzero"` // against transfer
	WhoisPrivacy Opt[bool] `json:"whois_privacy,omitzero"`
}

// ChangeStatus tells whether a change has taken effect.
type ChangeStatus string

// Known values; new ones can appear.
const (
	ChangeStatusCompleted ChangeStatus = "completed"
	ChangeStatusPending   ChangeStatus = "pending"
)

// Nameservers are the nameservers of a domain, and whether the last change of
// them has taken effect.
type Nameservers struct {
	Nameservers  []string     `json:"nameservers" canon:"host"`
	ChangeStatus ChangeStatus `json:"change_status"`
}

// nameserverList is the request of SetNameservers.
type nameserverList struct {
	Nameservers []string `json:"nameservers"`
}

func (l nameserverList) prepare(op Operation, _ string) (any, error) {
	hosts, err := canonicalNameservers(op, l.Nameservers)
	return nameserverList{hosts}, err
}

func canonicalNameservers(op Operation, given []string) ([]string, error) {
	if len(given) < 2 || len(given) > 13 {
		return nil, &ArgumentError{Operation: op, Field: "nameservers", Expected: "2 to 13 host names"}
	}
	hosts := make([]string, len(given))
	for i, host := range given {
		name, err := dnszone.ParseHost(host)
		if err != nil || name == "." {
			return nil, &ArgumentError{Operation: op, Field: fmt.Sprintf("nameservers.%d", i), Expected: "a host name such as ns1.example.net", err: err}
		}
		if slices.Contains(hosts[:i], name) {
			return nil, &ArgumentError{Operation: op, Field: fmt.Sprintf("nameservers.%d", i), Expected: "distinct host names"}
		}
		hosts[i] = name
	}
	return hosts, nil
}

// CodeDelivery is how an auth code comes.
type CodeDelivery string

// Known values; new ones can appear.
const (
	CodeDeliveryInline CodeDelivery = "inline" // in the answer
	CodeDeliveryEmail  CodeDelivery = "email"  // to the registrant
)

// AuthCode is the code with which a domain can be transferred away. Code is
// zero where it was sent by email.
type AuthCode struct {
	Delivery  CodeDelivery `json:"delivery"`
	Code      Secret       `json:"auth_code"`
	ExpiresAt *time.Time   `json:"expires_at"`
}

// verify finds a code where one is said to be.
func (c *AuthCode) verify() error {
	if c.Code.IsZero() && (c.Delivery == "" || strings.EqualFold(string(c.Delivery), string(CodeDeliveryInline))) {
		return errors.New("data.auth_code: it is missing or empty")
	}
	return nil
}
