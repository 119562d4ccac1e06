package hoster

import (
	"context"
	"iter"
	"time"
)

// DomainsService reads and manages domains. A domain is addressed by its name,
// in Unicode or as A-labels, in any case, with or without the final dot.
type DomainsService struct{ service }

// DomainID names a domain inside the API. Calls take the domain's name instead.
type DomainID string

// ContactID names a contact of the account.
type ContactID string

// DomainStatus is the state of a domain. New values can appear at any time.
type DomainStatus string

// The states of the contract.
const (
	DomainActive          DomainStatus = "active"
	DomainPending         DomainStatus = "pending"
	DomainPendingTransfer DomainStatus = "pending_transfer"
	DomainExpired         DomainStatus = "expired"
	DomainRedemption      DomainStatus = "redemption"
	DomainPendingDelete   DomainStatus = "pending_delete"
	DomainTransferredAway DomainStatus = "transferred_away"
	DomainCancelled       DomainStatus = "cancelled"
)

// Known reports whether s is a state of the contract.
func (s DomainStatus) Known() bool {
	switch s {
	case DomainActive, DomainPending, DomainPendingTransfer, DomainExpired,
		DomainRedemption, DomainPendingDelete, DomainTransferredAway, DomainCancelled:
		return true
	}
	return false
}

// Domain is a domain of the account. A list fills the fields up to
// Nameservers; the others come with Get and with changes.
type Domain struct {
	ID           DomainID     `json:"id"`
	Name         string       `json:"name"` // lower-case A-labels
	Status       DomainStatus `json:"status"`
	RegisteredAt *time.Time   `json:"registered_at"`
	ExpiresAt    *time.Time   `json:"expires_at"`
	AutoRenew    bool         `json:"auto_renew"`
	Locked       bool         `json:"locked"` // against transfer
	Nameservers  []string     `json:"nameservers"`

	WhoisPrivacy    bool            `json:"whois_privacy"`
	UsesProviderDNS bool            `json:"uses_provider_dns"`
	Contacts        *DomainContacts `json:"contacts"`
	CreatedAt       time.Time       `json:"created_at"`
	UpdatedAt       time.Time       `json:"updated_at"`
}

func (d Domain) key() string { return string(d.ID) }

// DomainContacts are the contacts of a domain in their roles.
type DomainContacts struct {
	Registrant ContactID `json:"registrant"`
	Admin      ContactID `json:"admin"`
	Tech       ContactID `json:"tech"`
	Billing    ContactID `json:"billing"`
}

// DomainListOptions filter a list of domains. The zero value lists all.
type DomainListOptions struct {
	Status        DomainStatus   `url:"status,omitempty"`
	Search        string         `url:"search,omitempty"` // in the name
	AutoRenew     Opt[bool]      `url:"auto_renew,omitempty"`
	ExpiresBefore Opt[time.Time] `url:"expires_before,omitempty"`

	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}

// List returns all domains that match, over all pages, by name. It needs
// [ScopeDomainsRead]. Errors of the walk itself match [ErrPagination].
func (s *DomainsService) List(ctx context.Context, options *DomainListOptions, opts ...CallOption) ([]Domain, error) {
	return list[Domain](ctx, s.client, "Domains.List", request{query: options}, opts)
}

// All walks the domains that match, page by page. It needs [ScopeDomainsRead].
// An error ends the walk; domains before it were good.
func (s *DomainsService) All(ctx context.Context, options *DomainListOptions, opts ...CallOption) iter.Seq2[Domain, error] {
	return listAll[Domain](ctx, s.client, "Domains.List", request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeDomainsRead].
func (s *DomainsService) ListPage(ctx context.Context, options *DomainListOptions, opts ...CallOption) (Page[Domain], error) {
	return listPage[Domain](ctx, s.client, "Domains.List", request{query: options}, opts)
}

// Get returns one domain with all of its fields. It needs [ScopeDomainsRead].
// A domain that is not in the account matches [ErrNotFound].
func (s *DomainsService) Get(ctx context.Context, domain string, opts ...CallOption) (Domain, error) {
	return do[Domain](ctx, s.client, "Domains.Get", request{path: []string{domain}}, opts)
}
